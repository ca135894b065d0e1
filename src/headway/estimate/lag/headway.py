r"""Headway: how long a closed model stays ahead of everything that can be downloaded.

For each closed record-setter :math:`c` at its launch

.. math:: L_c = \max\bigl(0,\ \inf\{t : F_{open}(t) \ge \theta_c - m\} - \mathrm{entered}_c\bigr),

right-censored at ``as_of`` while unmatched. Record-setters differ between draws, so each draw has
its own Kaplan-Meier curve.

Closed models matched by one open release are one cluster; those still unmatched wait for the same
next release and are one cluster too. A cluster bootstrap, one replicate per draw, gives the band of
the curve. Clusters of one history are not independent of each other (a lab's strength lasts), so
``interval_process`` of the median is the outer one of the cluster bootstrap and of the release
replicates of :mod:`headway.estimate.lag.process`.

References
----------
.. [1] Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from headway.estimate.lag.definitions import refused
from headway.estimate.lag.entrants import (
    BoolArray,
    Entrants,
    FloatArray,
    FrontierName,
    IntArray,
    date_of,
    day_number,
)
from headway.estimate.lag.frontier import FrontierPair, frontier_pair
from headway.estimate.lag.km import (
    ProductLimit,
    before_any_event,
    loglog_bounds,
    median_interval,
    product_limit,
)
from headway.estimate.lag.process import process_interval, release_replicates
from headway.estimate.lag.rows import ANYWHERE, Cell, LagRow, make_row
from headway.estimate.lag.states import DrawStates, interval_of, summarise
from headway.result import DAYS_PER_MONTH, Interval, Quantity

__all__ = [
    "EraHeadway",
    "HeadwayRecord",
    "Headways",
    "headway_by_era",
    "headway_months",
    "headway_records",
    "headways",
    "survival_curve",
]


@dataclass(frozen=True, slots=True)
class Headways:
    """Every closed entry date of a pair, per draw: a record-setter, and when it was matched.

    Parameters
    ----------
    entered : array, shape (1, K) or (n_draws, K), days
        Closed entry dates.
    record : array of bool, shape (n_draws, K)
        Whether the closed frontier rose on that date.
    months : array, shape (n_draws, K)
        Headway, or time under observation where not matched.
    matched : array of bool, shape (n_draws, K)
        Whether an open model had reached the level by ``as_of``.
    open_step : int array, shape (n_draws, K)
        Open entry date that matched it; the number of open dates where none did.
    """

    entered: FloatArray
    record: BoolArray
    months: FloatArray
    matched: BoolArray
    open_step: IntArray

    def launched(self, begin: float, end: float) -> Headways:
        """Record-setters launched on days ``begin <= day < end``."""
        inside = (self.entered >= begin) & (self.entered < end)
        return Headways(
            self.entered, self.record & inside, self.months, self.matched, self.open_step
        )

    def curve(self) -> ProductLimit:
        """Kaplan-Meier per draw, every record-setter counted once."""
        return product_limit(self.months, self.matched, self.record.astype(np.float64))

    def resampled(self, rng: np.random.Generator) -> ProductLimit:
        """Kaplan-Meier of one cluster-bootstrap replicate per draw."""
        return product_limit(self.months, self.matched, self.bootstrap_weights(rng))

    def bootstrap_weights(self, rng: np.random.Generator) -> FloatArray:
        """How often each entry counts in one cluster-bootstrap replicate per draw, (n_draws, K)."""
        weight = np.zeros(self.months.shape)
        for row in range(len(weight)):
            at = np.flatnonzero(self.record[row])
            if not len(at):
                continue
            _, cluster = np.unique(self.open_step[row, at], return_inverse=True)
            count = int(cluster.max()) + 1
            drawn = np.bincount(rng.integers(count, size=count), minlength=count)
            weight[row, at] = drawn[cluster]
        return weight

    def cluster_count(self) -> int:
        """Median number of clusters over draws."""
        counts = [
            len(np.unique(step[record]))
            for step, record in zip(self.open_step, self.record, strict=True)
        ]
        return int(np.median(counts))


@dataclass(frozen=True, slots=True)
class HeadwayRecord:
    """One closed model that set a record, and its headway.

    ``probability``: share of draws in which it set a record at its launch; the headway is over
    those draws. ``matched_by`` is the commonest open match in them (``matched_probability``).
    """

    model_version: str
    entered: date
    probability: float
    headway: Quantity
    matched_by: str | None
    matched_probability: float


@dataclass(frozen=True, slots=True)
class EraHeadway:
    """Median headway of the closed record-setters launched on days ``begin <= day < end``."""

    begin: date
    end: date
    headway: Quantity


def headways(pair: FrontierPair) -> Headways:
    """Headway of every closed entry date of a pair that misses nothing."""
    open_, closed = pair.both
    entered = closed.dates
    wanted = closed.level - pair.margin
    step = open_.first_step_at(wanted)
    day = open_.day_of(step)
    matched = np.isfinite(day)
    now = day_number(pair.as_of)
    days = np.where(matched, np.maximum(day - entered, 0.0), now - entered)
    return Headways(entered, closed.records(), days / DAYS_PER_MONTH, matched, step)


def headway_months(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    margin: float = 0.0,
    min_open: int = 3,
    min_closed: int = 3,
    cell: Cell = ANYWHERE,
    rng: np.random.Generator | None = None,
    process_reps: int = 500,
) -> LagRow:
    """Median headway of closed record-setters by Kaplan-Meier, in months.

    Parameters
    ----------
    entrants, frontier, as_of, level, margin, min_open, min_closed, cell
        As in :func:`~headway.estimate.lag.definitions.lag_now`.
    rng : Generator, optional
        For ``interval_process``; without it that interval is ``None``.
    process_reps : int
        Release replicates.

    Returns
    -------
    LagRow
        ``censored`` with the longest time observed as bound where the curve of the median draw
        does not fall to one half. With a single draw the interval is Kaplan-Meier's own
        (``km_loglog``), which treats record-setters as independent.
    """
    pair = frontier_pair(
        entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
    )
    found = None if pair.missing else headways(pair)
    process = None
    if found is not None and rng is not None:
        for_releases, for_clusters = rng.spawn(2)
        replicate, _ = release_replicates(pair, reps=process_reps, rng=for_releases)
        process = headway_process(found, replicate, level, for_clusters)
    return headway_row(pair, found, level, cell, process)


def headway_row(
    pair: FrontierPair,
    found: Headways | None,
    level: float,
    cell: Cell,
    process: Interval | None = None,
) -> LagRow:
    """``headway_months`` of a pair whose headways are already known."""
    if found is None:
        return refused(pair, "headway_months", cell)
    quantity = _median(pair, found, level, process)
    return make_row(cell, "headway_months", pair.frontier, pair.as_of, quantity)


def headway_process(
    found: Headways, replicate: FrontierPair, level: float, rng: np.random.Generator
) -> Interval | None:
    """Outer interval of the cluster bootstrap and of release replicates."""
    states = found.curve().median()
    releases = process_interval(states, headways(replicate).curve().median(), level=level)
    if len(states.code) == 1:
        return releases
    clusters = found.resampled(rng).median().ordered()
    if releases is None or not len(clusters.code):
        return releases
    other = interval_of(clusters, level, "bootstrap")
    return Interval(
        min(releases.low, other.low), max(releases.high, other.high), level, "bootstrap"
    )


def headway_records(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    margin: float = 0.0,
    at_least: float = 0.05,
    min_open: int = 3,
    min_closed: int = 3,
) -> tuple[HeadwayRecord, ...]:
    """Closed models that set a record in at least a share ``at_least`` of the draws, by launch.

    Parameters
    ----------
    entrants, frontier, as_of, level, margin, min_open, min_closed
        As in :func:`headway_months`.
    at_least : float

    Returns
    -------
    tuple of HeadwayRecord
        Empty if the pair of frontiers misses something.
    """
    pair = frontier_pair(
        entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
    )
    if pair.missing:
        return ()
    found = headways(pair)
    closed_holders, open_holders = pair.holders("closed"), pair.holders("open")
    names = pair.entrants.model_version
    out = []
    for k, members in enumerate(pair.closed_steps):
        for member in members:
            here = found.record[:, k] & (closed_holders[:, k] == member)
            probability = float(here.mean())
            if not here.any() or probability < at_least:
                continue
            states = DrawStates.build(found.months[here, k], bound=~found.matched[here, k])
            quantity = summarise(states, level=level, n=pair.n, n_clusters=pair.n_clusters)
            hit = here & found.matched[:, k]
            matchers = open_holders[np.flatnonzero(hit), found.open_step[hit, k]]
            counts = np.bincount(matchers, minlength=len(names))
            best = int(np.argmax(counts))
            out.append(
                HeadwayRecord(
                    model_version=names[member],
                    entered=date_of(float(found.entered[0, k])),
                    probability=probability,
                    headway=quantity,
                    matched_by=names[best] if hit.any() else None,
                    matched_probability=float(counts[best] / here.sum()),
                )
            )
    return tuple(out)


def headway_by_era(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    margin: float = 0.0,
    starts: Sequence[date] | None = None,
    min_open: int = 3,
    min_closed: int = 3,
) -> tuple[EraHeadway, ...]:
    """Median headway per era of launch.

    Parameters
    ----------
    starts : sequence of date, optional
        First day of each era; by default the calendar years that hold closed entries. Launches
        before the first start are left out.
    entrants, frontier, as_of, level, margin, min_open, min_closed
        As in :func:`headway_months`.

    Returns
    -------
    tuple of EraHeadway
        An era in which the draws have fewer than three record-setters (median) is
        ``not_estimable``.
    """
    pair = frontier_pair(
        entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
    )
    if pair.missing:
        return ()
    found = headways(pair)
    if starts is None:
        years = sorted({date_of(float(day)).year for day in found.entered[0]})
        starts = [date(year, 1, 1) for year in years]
    begins = sorted(starts)
    last = date.fromordinal(as_of.toordinal() + 1)
    ends = [*begins[1:], max(last, begins[-1])] if begins else []
    out = []
    for begin, end in zip(begins, ends, strict=True):
        part = found.launched(day_number(begin), day_number(end))
        count = int(np.median(part.record.sum(axis=1)))
        if count < 3:
            quantity = Quantity.not_estimable(
                "months",
                f"too_few_record_setters:{count}<3",
                n=pair.n,
                n_clusters=pair.n_clusters,
            )
        else:
            quantity = _median(pair, part, level, None)
        out.append(EraHeadway(begin, end, quantity))
    return tuple(out)


def survival_curve(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    margin: float = 0.0,
    step: float = 0.25,
    min_open: int = 3,
    min_closed: int = 3,
    cell: Cell = ANYWHERE,
    rng: np.random.Generator | None = None,
) -> pl.DataFrame:
    """The Kaplan-Meier curve of headway for display.

    Parameters
    ----------
    step : float, months
        Spacing of the times, from 0 to the longest time observed.
    entrants, frontier, as_of, level, margin, min_open, min_closed, cell
        As in :func:`headway_months`.
    rng : Generator, optional
        With several draws the band is the cluster bootstrap over open releases x draws and needs
        it; without it the band shows the draws alone. A single draw has log-log bounds.

    Returns
    -------
    frame
        ``domain``, ``stage``, ``months``, ``survival`` (mean over draws of the share not yet
        matched), ``low``, ``high``, ``at_risk`` (mean number of record-setters still observed),
        ``band`` (``bootstrap``, ``eti`` or ``km_loglog``). No rows if something is missing.
    """
    schema = {
        "domain": pl.String(),
        "stage": pl.String(),
        "months": pl.Float64(),
        "survival": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "at_risk": pl.Float64(),
        "band": pl.String(),
    }
    pair = frontier_pair(
        entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
    )
    if pair.missing:
        return pl.DataFrame(schema=schema)
    found = headways(pair)
    curve = found.curve()
    longest = float(np.max(np.where(np.isfinite(curve.time), curve.time, 0.0)))
    grid = np.arange(0.0, longest + step, step)
    survival, risk = curve.at(grid)
    if entrants.n_draws == 1:
        bounds = loglog_bounds(curve, 0, level)
        before = before_any_event(float(curve.at_risk[0, 0]), level)
        place = np.searchsorted(curve.time[0], grid, side="right")
        low = np.append(before, bounds[0])[place]
        high = np.append(1.0, bounds[1])[place]
        band = "km_loglog"
    else:
        shown = survival if rng is None else found.resampled(rng).at(grid)[0]
        low, high = np.quantile(shown, [(1 - level) / 2, (1 + level) / 2], axis=0)
        band = "eti" if rng is None else "bootstrap"
    size = len(grid)
    return pl.DataFrame(
        {
            "domain": [cell.domain] * size,
            "stage": [cell.stage] * size,
            "months": grid,
            "survival": survival.mean(axis=0),
            "low": low,
            "high": high,
            "at_risk": risk.mean(axis=0),
            "band": [band] * size,
        },
        schema=schema,
    )


def _median(
    pair: FrontierPair, found: Headways, level: float, process: Interval | None
) -> Quantity:
    """Median headway over draws with its intervals and counts."""
    curve = found.curve()
    setters = int(np.median(found.record.sum(axis=1)))
    quantity = summarise(
        curve.median(),
        level=level,
        n=pair.n,
        n_clusters=pair.n_clusters,
        notes=(
            f"record_setters:{setters}",
            f"open_release_clusters:{found.cluster_count()}",
        ),
        interval_process=process,
    )
    if len(found.months) > 1 or quantity.value is None:
        return quantity
    return replace(quantity, interval=median_interval(curve, 0, level))
