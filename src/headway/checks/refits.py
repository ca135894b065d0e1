"""One fit of any part of a release: filters, an earlier day, something left out, other priors.

Robustness runs, back-tests and placebos are all refits. Each starts from the fit of everything,
which makes it several times cheaper and does not change where it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from headway.errors import BadOption
from headway.estimate.capability import (
    AbilitySample,
    CapabilityFit,
    Evidence,
    Priors,
    fit_capability,
    select_evidence,
)
from headway.estimate.capability.design import Cell
from headway.estimate.lag import FRONTIERS, Entrants, entrants_from_access

__all__ = ["DROPPABLE", "Refit", "Refitted", "refit", "select_rows"]

#: What may be left out, and the column of the scores (joined with benchmarks and models) it is.
DROPPABLE: Mapping[str, str] = {
    "lab": "lab",
    "benchmark": "benchmark",
    "family": "family",
    "evaluator": "evaluator",
    "scaffold": "scaffold",
    "panel": "panel",
    "source": "source",
    "country": "country",
    "model_version": "model_version",
}


@dataclass(frozen=True)
class Refit:
    """Which rows and priors a fit sees.

    Parameters
    ----------
    name : str
        For tables and progress; changes nothing.
    evidence : {"all", "independent", "held_out", "first_party"}
    as_of : date, optional
        Rows known, and entries made, by this day. ``None`` takes all.
    strict : bool
        Only rows that carry a date of their own (publication or evaluation). A row whose knowledge
        date was put together from the releases of model and benchmark (``pseudo_vintage``) may in
        truth have been published later, and is left out.
    stated_only : bool
        Only models whose access is stated, not inferred from a family's name.
    drop : mapping of str to tuple of str
        Key of :data:`DROPPABLE` to the values whose rows are left out: ``lab``, ``country`` and
        ``model_version`` of the model, ``benchmark`` or benchmark ``family``, ``evaluator``,
        ``scaffold``, ``panel``, ``source`` of the row. A value that no row has drops nothing.
    priors : mapping of str to float
        Fields of :class:`~headway.estimate.capability.Priors` that differ from the default.

    Raises
    ------
    BadOption
        A key of ``drop`` or ``priors`` that does not exist.
    """

    name: str
    evidence: str = "all"
    as_of: date | None = None
    strict: bool = False
    stated_only: bool = False
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    priors: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = [key for key in self.drop if key not in DROPPABLE]
        if unknown:
            raise BadOption(
                f"refit '{self.name}': cannot drop by {', '.join(unknown)}",
                hint=f"one of {', '.join(DROPPABLE)}",
            )
        # a bare string would be read letter by letter and drop nothing
        given: Mapping[str, object] = self.drop
        bare = [key for key, values in given.items() if isinstance(values, str)]
        if bare:
            raise BadOption(
                f"refit '{self.name}': drop[{bare[0]!r}] must be a tuple of values, not a string"
            )
        names = set(Priors.__dataclass_fields__)
        wrong = [key for key in self.priors if key not in names]
        if wrong:
            raise BadOption(
                f"refit '{self.name}': no prior is called {', '.join(wrong)}",
                hint=f"one of {', '.join(sorted(names))}",
            )


@dataclass(frozen=True)
class Refitted:
    """A fit of a part of the release with joint draws, and the entry dates that go with it.

    ``spec`` is what was asked for; ``access`` and ``model_versions`` are the tables whose dates
    :meth:`entrants` reads.
    """

    spec: Refit
    fit: CapabilityFit
    sample: AbilitySample
    access: pl.DataFrame = field(repr=False)
    model_versions: pl.DataFrame = field(repr=False)
    results_published: Mapping[str, date] = field(repr=False, default_factory=dict)

    @cached_property
    def _dates(self) -> Entrants:
        """Entry days of every model of the fit; abilities are filled in per cell."""
        count = len(self.fit.models)
        return entrants_from_access(
            self.access,
            self.model_versions,
            self.fit.models,
            np.zeros((1, count)),
            np.ones(count, dtype=bool),
            stated_only=self.spec.stated_only,
            as_of=self.spec.as_of,
            results_published=self.results_published,
        )

    @cached_property
    def _entrants(self) -> dict[Cell, Entrants]:
        return {}

    def has(self, cell: Cell) -> bool:
        """Whether any row of the fit lies in the cell."""
        return cell in self.fit.cells

    def entrants(self, cell: Cell) -> Entrants:
        """Dates, abilities (draws, models) and informative flags of one domain or stage.

        Raises
        ------
        NotFound
            No row of the fit lies in the cell (:meth:`missing` says so without raising).
        """
        if cell not in self._entrants:
            theta = self.sample.theta(cell)
            informative = self.sample.summary(cell, theta)["informative"].to_numpy()
            self._entrants[cell] = self._dates.with_ability(theta, informative)
        return self._entrants[cell]

    def missing(self, cell: Cell, frontier: str = "public") -> tuple[str, ...]:
        """Why no lag can be given for the cell, as message keys; empty if one can.

        Raises
        ------
        BadOption
            Unknown frontier.
        """
        if frontier not in FRONTIERS:
            raise BadOption(f"frontier must be one of {', '.join(FRONTIERS)}, got {frontier!r}")
        if not self.has(cell):
            return ("no_open_models", "no_closed_models")
        entrants = self.entrants(cell)
        _, notes = self.sample.estimable(
            cell,
            entrants.informative,
            np.isfinite(entrants.open_from),
            np.isfinite(entrants.closed_from(frontier)),
        )
        return notes


def select_rows(tables: Mapping[str, pl.DataFrame], spec: Refit) -> Evidence:
    """The rows that a refit sees, and why it does not see the others.

    Parameters
    ----------
    tables : mapping
        ``scores``, ``benchmarks`` and ``model_versions`` of a release.
    spec : Refit

    Returns
    -------
    Evidence
        ``dropped`` does not list what ``drop`` and ``strict`` leave out.
    """
    scores = tables["scores"]
    if spec.strict:
        scores = scores.filter(~pl.col("pseudo_vintage"))
    if spec.drop:
        own = [c for c in DROPPABLE.values() if c in scores.columns]
        named = (
            scores.select("score_id", pl.col(own).cast(pl.String))
            .join(tables["benchmarks"].select("benchmark", "family"), on="benchmark", how="left")
            .join(
                tables["model_versions"].select("model_version", "lab", "country"),
                on="model_version",
                how="left",
            )
        )
        gone = pl.any_horizontal(
            pl.col(DROPPABLE[key]).is_in(list(values)).fill_null(value=False)
            for key, values in sorted(spec.drop.items())
        )
        scores = scores.join(named.filter(gone).select("score_id"), on="score_id", how="anti")
    return select_evidence(
        scores,
        tables["benchmarks"],
        tables["model_versions"],
        evidence=spec.evidence,
        as_of=spec.as_of,
        stated_only=spec.stated_only,
    )


def refit(
    tables: Mapping[str, pl.DataFrame],
    spec: Refit,
    *,
    start: CapabilityFit | None = None,
    draws: int = 600,
    seed: int,
) -> Refitted:
    """Fit what the spec describes and draw from it.

    Parameters
    ----------
    tables : mapping
        ``scores``, ``benchmarks``, ``model_versions`` and ``access`` of a release.
    spec : Refit
    start : CapabilityFit, optional
        Warm start, as a rule the fit of everything. It is used where it saw the same kind of
        evidence, and passed over otherwise: few rows can have a second optimum, and which of the
        two is found must not depend on where the caller came from.
    draws : int
        Joint posterior draws.
    seed : int
        Of the draws alone: the fit itself has no random number in it. One seed for two specs of
        the same models gives draws with common random numbers.

    Returns
    -------
    Refitted

    Raises
    ------
    EmptyTable
        No row is left.
    BadOption, ColumnsMissing
        The evidence filter does not exist, or a table lacks a column.
    """
    evidence = select_rows(tables, spec)
    usable = start is not None and start.evidence.filter == spec.evidence
    fit = fit_capability(
        evidence,
        priors=Priors(**dict(spec.priors)) if spec.priors else None,
        start=start if usable else None,
    )
    sample = fit.sample(draws, np.random.default_rng(seed))
    first = tables["scores"].group_by("model_version").agg(pl.col("known_on").min()).drop_nulls()
    return Refitted(
        spec,
        fit,
        sample,
        tables["access"],
        tables["model_versions"],
        dict(first.iter_rows()),
    )
