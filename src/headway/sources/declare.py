"""What a source is, and what reading one of its bodies gives.

A connector is a :class:`Source` and a function ``parse(body: bytes, resource: str) -> Parsed``. It reports and does
not interpret: a name, a unit, a date stay as the source states them, an unknown stays ``None``, and a
row that cannot be read is a :class:`Failure` that says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Cadence",
    "DownloadsClaim",
    "Failure",
    "ModelClaim",
    "Parsed",
    "PriceClaim",
    "RepositoryClaim",
    "Resource",
    "ScoreClaim",
    "Source",
]

Cadence = Literal["daily", "weekly", "monthly", "irregular", "frozen"]

#: A body larger than this is refused unless its resource says otherwise.
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Resource:
    """One address of a source.

    Parameters
    ----------
    name : str
        Unique within the source; letters, digits, ``-`` and ``_`` only (it names folders).
    url : str
        May hold ``{date}`` (ISO day).
    media : tuple of str
        Content types that are accepted; anything else is refused before it is parsed.
    max_bytes : int
        Larger bodies are refused, whatever their header says.
    days_back : int
        With ``{date}``: how many earlier days are tried where the newest one is not out yet.
    """

    name: str
    url: str
    media: tuple[str, ...]
    max_bytes: int = MAX_BYTES
    days_back: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A public source and the terms under which it is read.

    Parameters
    ----------
    key : str
        The key of ``licences.toml`` where the source has one; letters, digits and ``-`` only.
    title, publisher, licence, cite : str
    redistributable : bool
        May the rows ship in a release? Facts cited one by one may, under another decision.
    cadence : str
        How often the source changes.
    resources : tuple of Resource
    shape_seen : str or None
        The real body that the parse was tried on (origin and day); ``None`` is "shape unverified"
        until a body from the declared address was read on this machine.
    quirks : tuple of str
        Message keys of what a reader of its numbers should know.
    """

    key: str
    title: str
    publisher: str
    licence: str
    cite: str
    redistributable: bool
    cadence: Cadence
    resources: tuple[Resource, ...]
    shape_seen: str | None = None
    quirks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreClaim:
    """One score as a source states it; see the table ``scores`` for what harmonising adds.

    ``score`` is in ``unit`` as stated (``percent`` is not divided here); ``raw`` holds the identity of
    the row in the body (a path such as ``results[3]``) so that a reader finds it again. ``unit`` is
    ``unknown`` where the source does not say. ``evaluator_relationship`` is the source's own label,
    which harmonising checks and may overrule.
    """

    model: str
    benchmark: str
    score: float
    unit: str
    raw: str
    effort: str | None = None
    scaffold: str | None = None
    harness_version: str | None = None
    attempts: int | None = None
    n: int | None = None
    stderr: float | None = None
    evaluated_on: str | None = None
    published_at: str | None = None
    evaluator: str | None = None
    source_url: str | None = None
    #: the source's word for what was counted: a column, a metric, a scenario
    metric: str | None = None
    #: a subset, budget or format within the benchmark, as stated
    variant: str | None = None
    benchmark_version: str | None = None
    #: the ends of a stated interval, in ``unit``
    low: float | None = None
    high: float | None = None
    #: set where the row is one outcome of one task and not a benchmark's total
    task: str | None = None
    task_family: str | None = None
    human_minutes: float | None = None
    #: tokens used, as stated; some sources state means
    tokens: float | None = None
    #: the key of ``licences.toml`` where it is not the source's own
    licence_key: str | None = None
    token_budget: float | None = None
    developer: str | None = None
    evaluator_relationship: str | None = None
    note: str | None = None
    #: one standard deviation of a number that a person read off a picture, in ``unit``
    read_error_sd: float | None = None
    #: where it stands and who read it how
    how_read: str | None = None


@dataclass(frozen=True, slots=True)
class ModelClaim:
    """One model as a source states it."""

    model: str
    raw: str
    developer: str | None = None
    country: str | None = None
    released: str | None = None
    access: str | None = None
    licence: str | None = None
    total_params_b: float | None = None
    active_params_b: float | None = None
    training_flop: float | None = None
    source_url: str | None = None
    #: a name for people and a family, where the source gives them beside the id
    name: str | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class RepositoryClaim:
    """One repository of weights as its host states it; nothing here is a release by itself.

    ``created_at`` is the day on which the repository was made, which may lie before or after the
    release. ``formats`` and ``parameters`` hold ``(format, files, bytes)`` and ``(type of number,
    parameters)``; bytes are ``None`` where one file's size is not stated.
    """

    repository: str
    raw: str
    #: the name that was asked for; another one than ``repository`` if it was renamed
    asked: str
    created_at: str | None = None
    modified_at: str | None = None
    revision: str | None = None
    licence: str | None = None
    #: ``none``, or the host's word for how access is given
    gated: str | None = None
    disabled: bool | None = None
    formats: tuple[tuple[str, int, int | None], ...] = ()
    parameters: tuple[tuple[str, int], ...] = ()
    total_parameters: int | None = None
    downloads_30d: int | None = None


@dataclass(frozen=True, slots=True)
class DownloadsClaim:
    """How often a repository was downloaded, as its host counts: an upper proxy for its use."""

    repository: str
    raw: str
    downloads_30d: int | None = None
    downloads_all_time: int | None = None


@dataclass(frozen=True, slots=True)
class PriceClaim:
    """One price of one model at one provider as a source states it.

    ``kind`` says what is paid for (``input``, ``output``, ``cache_read``, ...) and ``per`` for how much
    of it (``mtok``: a million tokens). Prices of different kinds or services are different claims.
    """

    model: str
    provider: str
    kind: str
    price_usd: float
    per: str
    raw: str
    #: ``standard``, or the condition of another service as stated (``processing=batch``)
    service: str = "standard"
    #: holds for requests with more input tokens than this
    above_tokens: int | None = None
    #: first day, and the first day on which it no longer holds; ``None``: not stated
    starts: str | None = None
    ends: str | None = None
    #: hours of the day (UTC) outside which it does not hold
    hours: str | None = None
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that could not be read: where it stands, a stable reason, and what stood there."""

    raw: str
    reason: str
    value: str = ""


@dataclass(frozen=True)
class Parsed:
    """Everything that one body states, row by row.

    Parameters
    ----------
    scores, models, repositories, downloads, prices : tuples of claims
    failures : tuple of Failure
    present : int
        Rows in the body, counted apart from reading them: claims and failures add up to it.
    drift : tuple of str
        Columns or fields that the declaration does not know (a warning; missing ones raise
        :class:`~headway.errors.SchemaDrift`).
    draws : mapping of str to tuple of float
        Bootstrap draws of an index, by the name of the model; they are no rows of their own.
    """

    scores: tuple[ScoreClaim, ...] = ()
    models: tuple[ModelClaim, ...] = ()
    failures: tuple[Failure, ...] = ()
    present: int = 0
    drift: tuple[str, ...] = field(default=())
    draws: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    repositories: tuple[RepositoryClaim, ...] = ()
    downloads: tuple[DownloadsClaim, ...] = ()
    prices: tuple[PriceClaim, ...] = ()

    @property
    def rows(self) -> int:
        """Claims of any kind."""
        beside = len(self.repositories) + len(self.downloads) + len(self.prices)
        return len(self.scores) + len(self.models) + beside

    def __post_init__(self) -> None:
        read = self.rows + len(self.failures)
        assert read == self.present, f"{read} rows accounted for of {self.present} in the body"
