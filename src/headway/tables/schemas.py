"""The tables of Headway as code: columns, units, ranges, vocabularies, keys.

Each class is one table; a frame is valid when :func:`headway.tables.validate.check` says so.
Units live in column names; proportions are 0-1 everywhere. An unknown is ``null``.
Foreign keys are listed in :data:`FOREIGN_KEYS` and checked over the whole release.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

__all__ = [
    "ACCESS",
    "BASIS",
    "CYBER_HEADLINE_STAGES",
    "DOMAINS",
    "EVALUATOR_RELATIONSHIPS",
    "FOREIGN_KEYS",
    "INDEPENDENT",
    "ITEM_ACCESS",
    "SCHEMAS",
    "STAGES",
    "Access",
    "Benchmarks",
    "IndexLines",
    "IndexScores",
    "ModelAliases",
    "ModelVersions",
    "Precedents",
    "PublishedEstimates",
    "Scores",
    "Sources",
    "TaskRuns",
    "Tasks",
]

ACCESS = ("open_weight", "api", "hosted", "restricted", "unreleased", "unknown")
DOMAINS = ("cyber", "coding", "general")
#: Stages of the cyber domain; the first four make the cyber headline (equal weights).
STAGES = (
    "find_reproduce",
    "exploit",
    "range",
    "ctf_mixed",
    "command_line",
    "knowledge",
    "defensive",
)
CYBER_HEADLINE_STAGES = STAGES[:4]
EVALUATOR_RELATIONSHIPS = (
    "first_party",
    "competitor",
    "third_party",
    "academic",
    "government",
    "own",
    "unknown",
)
INDEPENDENT = ("third_party", "academic", "government")
ITEM_ACCESS = ("public", "semi_private", "private", "open_problems", "unknown")
#: ``stated``: a source says so; ``inferred``: read off the family name (can be excluded).
BASIS = ("stated", "inferred", "unknown")
PRECISION = ("day", "month", "year")
CONFIDENCE = (
    "primary_file",
    "primary_text",
    "secondary_corroborated",
    "secondary_single",
    "digitised_figure",
)
#: What a score row is for: ``fit`` may enter the likelihood; ``index`` is an aggregate of
#: benchmarks already in; ``duplicate`` repeats another row; ``not_comparable`` and
#: ``quarantined`` say so in ``use_reason``.
USE = ("fit", "index", "duplicate", "not_comparable", "quarantined")
UNITS = ("proportion", "elo", "minutes", "index", "count", "points")
#: What the value of a published estimate is, in its author's own account.
SUMMARIES = ("point", "mean", "median", "range", "percentiles", "ordinal")


class Sources(dy.Schema):
    """One source of rows and what its licence lets us ship (from ``licences.toml``)."""

    source = dy.String(primary_key=True)
    title = dy.String()
    publisher = dy.String()
    url = dy.String()
    retrieved_from = dy.String(nullable=True)
    licence = dy.String()
    decision = dy.Enum(["ship", "cite_facts", "connector_only"])
    reason = dy.String()
    cite = dy.String()
    rows = dy.Integer(min=0)


class ModelVersions(dy.Schema):
    """An exact model version. ``released`` is the public launch, not the weights' date."""

    model_version = dy.String(primary_key=True, regex=r"^[a-z0-9][a-z0-9._+\-]*$")
    name = dy.String()
    family = dy.String(nullable=True)
    lab = dy.String(nullable=True)
    developer = dy.String(nullable=True)
    country = dy.String(nullable=True)
    released = dy.Date(nullable=True)
    released_precision = dy.Enum(PRECISION, nullable=True)
    released_source = dy.String(nullable=True)
    open_weight = dy.Bool(nullable=True)
    open_weight_basis = dy.Enum(BASIS)
    open_weight_source = dy.String(nullable=True)
    licence = dy.String(nullable=True)
    licence_class = dy.String(nullable=True)
    total_params_b = dy.Float(nullable=True, min_exclusive=0)
    active_params_b = dy.Float(nullable=True, min_exclusive=0)
    params_source = dy.String(nullable=True)
    training_flop = dy.Float(nullable=True, min_exclusive=0)
    training_flop_source = dy.String(nullable=True)
    distilled = dy.Bool(nullable=True)
    distilled_from = dy.String(nullable=True)
    distilled_confidence = dy.String(nullable=True)
    distilled_source = dy.String(nullable=True)

    @dy.rule()
    def released_has_precision_and_source(cls) -> pl.Expr:
        return pl.col("released").is_null() | (
            pl.col("released_precision").is_not_null() & pl.col("released_source").is_not_null()
        )

    @dy.rule()
    def active_at_most_total(cls) -> pl.Expr:
        return (pl.col("active_params_b") <= pl.col("total_params_b")) | pl.any_horizontal(
            pl.col("active_params_b", "total_params_b").is_null()
        )

    @dy.rule()
    def flag_has_basis(cls) -> pl.Expr:
        return pl.col("open_weight").is_null() == (pl.col("open_weight_basis") == "unknown")


class ModelAliases(dy.Schema):
    """One name and the model version it stands for, with the evidence."""

    alias = dy.String(primary_key=True)
    model_version = dy.String()
    effort = dy.String(nullable=True)
    evidence = dy.String()
    source = dy.String()


class Access(dy.Schema):
    """A model's access over an interval of dates (``to`` is exclusive; null = still so)."""

    model_version = dy.String(primary_key=True)
    access = dy.Enum(ACCESS, primary_key=True)
    from_ = dy.Date(alias="from", primary_key=True)
    to = dy.Date(nullable=True)
    basis = dy.Enum(BASIS)
    precision = dy.Enum(PRECISION)
    source = dy.String()

    @dy.rule()
    def interval_is_forward(cls) -> pl.Expr:
        return pl.col("to").is_null() | (pl.col("to") > pl.col("from"))


class Benchmarks(dy.Schema):
    """A benchmark version, its place in the domains with a reason, and its range."""

    benchmark = dy.String(primary_key=True, regex=r"^[a-z0-9][a-z0-9._+\-]*$")
    name = dy.String()
    version = dy.String(nullable=True)
    family = dy.String()
    domain = dy.Enum(DOMAINS)
    stage = dy.Enum(STAGES, nullable=True)
    reason = dy.String()
    items = dy.Integer(nullable=True, min=1)
    chance = dy.Float(min=0, max=1)
    chance_source = dy.String(nullable=True)
    ceiling = dy.Float(min=0, max=1)
    released = dy.Date(nullable=True)
    released_precision = dy.Enum(PRECISION, nullable=True)
    released_source = dy.String(nullable=True)
    item_access = dy.Enum(ITEM_ACCESS)
    item_access_source = dy.String(nullable=True)
    unit = dy.Enum(UNITS)
    higher_is_better = dy.Bool()
    #: benchmark of which this one is an aggregate's part, or the parts' aggregate: see docs
    aggregate_of = dy.String(nullable=True)
    role = dy.Enum(["fit", "index", "not_used"])
    role_reason = dy.String(nullable=True)

    @dy.rule()
    def stage_only_in_cyber(cls) -> pl.Expr:
        return (pl.col("domain") == "cyber") == pl.col("stage").is_not_null()

    @dy.rule()
    def chance_below_ceiling(cls) -> pl.Expr:
        return pl.col("chance") < pl.col("ceiling")

    @dy.rule()
    def unused_says_why(cls) -> pl.Expr:
        return (pl.col("role") == "fit") | pl.col("role_reason").is_not_null()


class Scores(dy.Schema):
    """One published or own result. ``score`` is a proportion; other units stand in ``value``."""

    score_id = dy.String(primary_key=True, regex=r"^[a-z0-9]+$")
    model_version = dy.String()
    model_as_named = dy.String()
    effort = dy.String(nullable=True)
    benchmark = dy.String()
    panel = dy.String()
    scaffold = dy.String(nullable=True)
    harness_version = dy.String(nullable=True)
    token_budget = dy.Float(nullable=True, min_exclusive=0)
    attempts = dy.Integer(nullable=True, min=1)
    score = dy.Float(nullable=True, min=0, max=1)
    value = dy.Float()
    unit = dy.Enum(UNITS)
    n = dy.Integer(nullable=True, min=1)
    stderr = dy.Float(nullable=True, min=0)
    read_error_sd = dy.Float(nullable=True, min=0)
    evaluated_on = dy.Date(nullable=True)
    evaluated_precision = dy.Enum(PRECISION, nullable=True)
    published_at = dy.Date(nullable=True)
    known_on = dy.Date(nullable=True)
    pseudo_vintage = dy.Bool()
    evaluator = dy.String(nullable=True)
    evaluator_lab = dy.String(nullable=True)
    evaluator_relationship = dy.Enum(EVALUATOR_RELATIONSHIPS)
    value_origin = dy.Enum(["reported", "digitised", "computed"])
    confidence = dy.Enum(CONFIDENCE)
    use = dy.Enum(USE)
    use_reason = dy.String(nullable=True)
    duplicate_of = dy.String(nullable=True)
    source = dy.String()
    source_url = dy.String()
    licence = dy.String()

    @dy.rule()
    def proportion_has_score(cls) -> pl.Expr:
        return (pl.col("unit") == "proportion") == pl.col("score").is_not_null()

    @dy.rule()
    def unused_says_why(cls) -> pl.Expr:
        return (pl.col("use") == "fit") | pl.col("use_reason").is_not_null()

    @dy.rule()
    def digitised_has_error(cls) -> pl.Expr:
        return (pl.col("value_origin") != "digitised") | (pl.col("read_error_sd") > 0)


class Tasks(dy.Schema):
    """One task of a suite with its human times; the columns are different measurements, never mixed."""

    task_id = dy.String(primary_key=True)
    benchmark = dy.String(primary_key=True)
    human_minutes = dy.Float(nullable=True, min_exclusive=0)
    human_minutes_2025_06 = dy.Float(nullable=True, min_exclusive=0)
    model_estimate_minutes = dy.Float(nullable=True, min_exclusive=0)
    source = dy.String()
    source_url = dy.String()


class TaskRuns(dy.Schema):
    """One outcome of one model on one task in one run."""

    model_version = dy.String(primary_key=True)
    benchmark = dy.String(primary_key=True)
    task_id = dy.String(primary_key=True)
    run = dy.String(primary_key=True)
    success = dy.Bool()
    tokens = dy.Float(nullable=True, min=0)
    scaffold = dy.String(nullable=True)
    token_budget = dy.Float(nullable=True, min_exclusive=0)
    evaluated_on = dy.Date(nullable=True)
    source = dy.String()
    source_url = dy.String()


class PublishedEstimates(dy.Schema):
    """Somebody's published lag, gap, cost or count, with its definition in a few own words."""

    estimate_id = dy.String(primary_key=True)
    publisher = dy.String()
    quantity = dy.String()
    value = dy.Float(nullable=True)
    low = dy.Float(nullable=True)
    high = dy.Float(nullable=True)
    unit = dy.String()
    domain = dy.String(nullable=True)
    as_of = dy.String(nullable=True)
    published_at = dy.String(nullable=True)
    confidence = dy.String(nullable=True)
    #: what was counted, in our own words
    definition = dy.String(nullable=True)
    #: the models named by the author, separated by semicolons
    models = dy.String(nullable=True)
    #: the author's own summary: what ``value`` is; ``range`` if only an interval is stated
    summary = dy.Enum(SUMMARIES, nullable=True)
    #: name under which ``headway reconcile`` lists it; only lags in months have one
    preset = dy.String(nullable=True)
    source = dy.String()
    source_url = dy.String()

    @dy.rule()
    def a_range_has_no_value(cls) -> pl.Expr:
        return (pl.col("summary") != "range").fill_null(value=True) | pl.col("value").is_null()

    @dy.rule()
    def preset_is_a_lag_in_months(cls) -> pl.Expr:
        return pl.col("preset").is_null() | (pl.col("unit") == "months")


class IndexScores(dy.Schema):
    """A model on somebody's own index or test, with its publisher's dates and flags.

    Facts for reproducing published lags; never evidence of the ability model.
    """

    series = dy.String(primary_key=True, regex=r"^[a-z0-9][a-z0-9.\-]*$")
    model = dy.String(primary_key=True)
    #: the registry's model, where its own files give the name
    model_version = dy.String(nullable=True)
    access = dy.Enum(ACCESS)
    access_as_stated = dy.String(nullable=True)
    released = dy.Date()
    lab = dy.String(nullable=True)
    country = dy.String(nullable=True)
    score = dy.Float()
    score_sd = dy.Float(nullable=True, min=0)
    #: the publisher fitted its trend lines through this point; null where it names no points
    trend_point = dy.Bool(nullable=True)
    source = dy.String()
    source_url = dy.String()


class IndexLines(dy.Schema):
    """Parameters of trend lines as their publisher states them."""

    series = dy.String(primary_key=True)
    quantity = dy.Enum(["slope_closed", "slope_open", "gap"], primary_key=True)
    value = dy.Float()
    low = dy.Float(nullable=True)
    high = dy.Float(nullable=True)
    level = dy.Float(nullable=True, min_exclusive=0, max_exclusive=1)
    unit = dy.String()
    at = dy.Date()
    source = dy.String()
    source_url = dy.String()


class Precedents(dy.Schema):
    """One dated event of an earlier argument about releasing weights."""

    precedent = dy.String(primary_key=True)
    event = dy.String(primary_key=True)
    date = dy.Date()
    precision = dy.Enum(PRECISION)
    #: how the date was confirmed
    evidence = dy.String()
    source = dy.String()
    source_url = dy.String()


SCHEMAS: dict[str, type[dy.Schema]] = {
    "sources": Sources,
    "model_versions": ModelVersions,
    "model_aliases": ModelAliases,
    "access": Access,
    "benchmarks": Benchmarks,
    "scores": Scores,
    "tasks": Tasks,
    "task_runs": TaskRuns,
    "published_estimates": PublishedEstimates,
    "precedents": Precedents,
    "index_scores": IndexScores,
    "index_lines": IndexLines,
}

#: (table, column, table it points to, column there)
FOREIGN_KEYS: tuple[tuple[str, str, str, str], ...] = (
    ("model_aliases", "model_version", "model_versions", "model_version"),
    ("access", "model_version", "model_versions", "model_version"),
    ("scores", "model_version", "model_versions", "model_version"),
    ("scores", "benchmark", "benchmarks", "benchmark"),
    ("scores", "source", "sources", "source"),
    ("scores", "duplicate_of", "scores", "score_id"),
    ("tasks", "benchmark", "benchmarks", "benchmark"),
    ("tasks", "source", "sources", "source"),
    ("task_runs", "model_version", "model_versions", "model_version"),
    ("task_runs", "benchmark", "benchmarks", "benchmark"),
    ("task_runs", "source", "sources", "source"),
    ("published_estimates", "source", "sources", "source"),
    ("precedents", "source", "sources", "source"),
    ("index_scores", "model_version", "model_versions", "model_version"),
    ("index_scores", "source", "sources", "source"),
    ("index_lines", "source", "sources", "source"),
)
