"""Run slow studies on the shipped release; store their results in the package and in the docs.

Usage: ``python tools/run_studies.py [NAME ...] [--workers N] [--seed 20261123] [--worlds N]``

Without a name: those whose stored result is not of this data and method. ``--list`` says which
these are, ``--page-only`` rewrites the page of the coverage study and runs nothing. Work that was
interrupted goes on where it stopped; a cluster can be given in ``HEADWAY_CLUSTER``.

Results go to ``src/headway/checks/stored_results/NAME.json``; the coverage study also writes
``docs/methods/calibration.md`` and ``docs/images/published-index.svg``, the agreement study
``docs/methods/agreement.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from headway.checks.stored import Study, load_stored, save_stored
from headway.checks.studies import STUDIES_FILE
from headway.tables.store import load_release

#: Name of a study and its module, in an order in which later ones may read earlier ones.
MODULES = {
    "coverage": "headway.checks.studies",
    "robustness": "headway.checks.robustness",
    "effects": "headway.checks.effects",
    "sauce": "headway.checks.sauce",
    "harness": "headway.checks.harness",
    "density": "headway.checks.density",
    "backtest": "headway.checks.backtest",
    "reconcile": "headway.checks.reconcile",
    # needs the extra "bayes" and most of an hour
    "agreement": "headway.checks.agreement",
}
DOCS = Path(__file__).resolve().parents[1] / "docs"

PRIORS = {
    "default": "the shipped priors",
    "parallel_trends": "open and closed trends forced parallel",
    "no_domain_offsets": "no access-specific domain or stage offsets",
    "trends_twice_as_free": "trends and offsets twice as free",
    "trends_half_as_free": "trends and offsets half as free",
    "scales_less_informed": "variance components almost without prior",
    "knots_every_half_year": "a bend of the trend every half year",
}


def write(path: Path, text: str) -> None:
    """Replace a file in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(name, 0o644)
    os.replace(name, path)


def number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def coverage_table(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> list[str]:
    lines = [
        f"| {' | '.join(keys)} | answers | coverage | bias, months | allowed | median width | "
        "width / known items | refused |",
        "|" + "---|" * (len(keys) + 7),
    ]
    for row in rows:
        cells = [str(row[k] or "all") for k in keys]
        cells += [
            str(row["n"]),
            number(row["coverage"]),
            number(row["bias"]),
            number(row["allowed_bias"]),
            number(row["width"], 1),
            number(row["width_ratio"]),
            number(row["refused"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def size_table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| claim | definition | domain | stage | worlds | wrong | standard error | draws alone |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if not row["null"] or row["size"] is None:
            continue
        cells = [row["claim"], row["definition"], row["domain"], row["stage"] or "all"]
        cells += [str(row["n"]), number(row["size"], 3), number(row["size_se"], 3)]
        lines.append(f"| {' | '.join([*cells, number(row['size_by_draws'], 3)])} |")
    return lines


def power_table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| claim | domain | truth from | to | worlds | supported | contradicted |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row["definition"] != "lag_mean_12m" or row["claim"] == "widening":
            continue
        cells = [row["claim"], row["domain"], number(row["low"], 0), number(row["high"], 0)]
        cells += [str(row["n"]), number(row["supported"]), number(row["contradicted"])]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def lag_text(lag: dict[str, Any]) -> str:
    if lag["value"] is None:
        return str(lag["status"]).replace("_", " ")
    low, high = lag["interval"]["low"], lag["interval"]["high"]
    ends = [end if isinstance(end, str) else f"{end:.1f}" for end in (low, high)]
    return f"{lag['value']:.1f} [{ends[0]}, {ends[1]}]"


def page(found: dict[str, Any]) -> str:
    coverage = found["coverage"]
    index = found["index"]
    rho = index["rank_correlation"]
    cells = []
    for row in found["sensitivity"]:
        key = row["domain"] if row["stage"] is None else f"{row['domain']}, {row['stage']}"
        if key not in cells:
            cells.append(key)
    by_prior: dict[str, dict[str, str]] = {}
    for row in found["sensitivity"]:
        key = row["domain"] if row["stage"] is None else f"{row['domain']}, {row['stage']}"
        by_prior.setdefault(row["prior"], {})[key] = lag_text(row["lag"])
    lines = [
        "# Calibration",
        "",
        "Generated by `python tools/run_studies.py`; not edited by hand. "
        f"Data release {found['data_release']}, as of {found['as_of']}, seed {found['seed']}.",
        "",
        "## Do the intervals hold the truth?",
        "",
        f"{found['worlds']} simulated worlds keep the real missingness (who was tested on what, by "
        "whom, when); 60 % are drawn from the model itself, 40 % from another generator (unequal "
        "loadings, heavy tails, progress in steps, shifted panels, developers who favour "
        "themselves, benchmarks that get easier with time). Six kinds of world are filled by both: "
        + ", ".join(f"{kind.replace('_', ' ')} ({n})" for kind, n in found["kinds"].items())
        + ". Truth is the same definition applied to the true abilities of the models that may "
        "define a frontier. The target of a 90 % interval is 86 to 94 % per definition, with no "
        "domain or stage under 83 %; bias should stay below the larger of half a month and a fifth "
        "of the median width. *Width / known items* compares the width with that of a fit that "
        "knows every benchmark's discrimination and difficulty, in further plain worlds of the "
        f"model ({max(found['worlds'] // 10, 2)} of them).",
        "",
        *coverage_table(coverage["by_definition"], ("definition",)),
        "",
        "By kind of world:",
        "",
        *coverage_table(coverage["by_kind"], ("kind",)),
        "",
        "By generator:",
        "",
        *coverage_table(coverage["by_definition_and_generator"], ("definition", "generator")),
        "",
        "By domain, its stages included, definitions in months:",
        "",
        *coverage_table(coverage["by_domain_months"], ("domain",)),
        "",
        "By domain and stage, all definitions:",
        "",
        *coverage_table(coverage["by_cell"], ("domain", "stage")),
        "",
        "## Do the tests keep their size?",
        "",
        "Share of worlds in which a claim is called wrongly although its null is true, by the rule "
        "of 95 % (nominal 5 %, target at most 6 %), and what it would be with the draws alone, "
        "without the chance of releases.",
        "",
        *size_table(found["tests"]),
        "",
        "How often a true difference (months) or slope (months per year) is found:",
        "",
        *power_table(found["power"]),
        "",
        "## What other priors would give",
        "",
        "Mean lag over the last 12 months, months, 90 % measurement interval, all evidence, public "
        "closed frontier.",
        "",
        f"| prior | {' | '.join(cells)} |",
        "|" + "---|" * (len(cells) + 1),
        *(
            f"| {PRIORS[prior]} | {' | '.join(values.get(c, '-') for c in cells)} |"
            for prior, values in by_prior.items()
        ),
        "",
        "## Against a published index",
        "",
        "Epoch AI's capabilities index of September 2026 is left out of every fit (it is made of "
        "benchmarks that are in). Held against our ability in the general domain:",
        "",
        f"- {rho['n']} models in common, {rho['n_clusters']} developers;",
        f"- rank correlation {rho['value']:.3f} [{rho['interval']['low']:.3f}, "
        f"{rho['interval']['high']:.3f}] (90 %, bootstrap over developers);",
        f"- calibration line: index = {index['intercept']:.1f} + {index['points_slope']:.3f} x points; "
        f"the index scatters around it with a standard deviation of {index['scatter_sd']:.1f} "
        "index units;",
        f"- {100 * index['covered']:.0f} % of the index values lie inside our 90 % ability interval "
        "carried through that line (the index's own error is not in it).",
        "",
        "![Our ability in the general domain against the published index]"
        "(../images/published-index.svg)",
        "",
    ]
    return "\n".join(lines)


def scatter(index: dict[str, Any]) -> str:
    """The calibrated scatter as SVG."""
    import altair as alt
    import vl_convert

    data = alt.Data(values=index["table"])
    x = alt.X("ability:Q", title="Headway, general domain, points", scale=alt.Scale(zero=False))
    y = alt.Y("value:Q", title="Published index", scale=alt.Scale(zero=False))
    bars = (
        alt.Chart(data)
        .mark_rule(opacity=0.25, color="#0b6a88")
        .encode(x=alt.X("low:Q", scale=alt.Scale(zero=False)), x2="high:Q", y=y)
    )
    dots = alt.Chart(data).mark_circle(size=28, color="#0b6a88").encode(x=x, y=y)
    ends = [min(r["ability"] for r in index["table"]), max(r["ability"] for r in index["table"])]
    line = [{"ability": e, "value": index["intercept"] + index["points_slope"] * e} for e in ends]
    fitted = (
        alt.Chart(alt.Data(values=line))
        .mark_line(color="#b3431a")
        .encode(x="ability:Q", y="value:Q")
    )
    chart = (bars + fitted + dots).properties(width=620, height=420, background="white")
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def agreement_page(release: str, found: dict[str, Any]) -> str:
    """The page of the agreement study."""
    worlds, shipped, size = found["worlds"], found["shipped"], found["world_size"]
    agreed = [row for row in shipped["lags"] if row["agrees"]]
    total = sum(row["n"] for row in worlds["lags_by_definition"])
    agreed_worlds = round(sum(row["n"] * row["agrees"] for row in worlds["lags_by_definition"]))
    tolerance = found["tolerance"]

    def cell(row: dict[str, Any]) -> str:
        return str(row["domain"]) if row["stage"] is None else f"{row['domain']}, {row['stage']}"

    def abilities(rows: list[dict[str, Any]]) -> list[str]:
        out = [
            "| cell | models | unit, fast / sampled | means agree | sds agree | sd, fast / sampled | R-hat |",
            "|" + "---|" * 7,
        ]
        for row in rows:
            cells = [cell(row), str(row["models"]), number(row["unit_ratio"], 3)]
            cells += [number(row["means_agree"]), number(row["sds_agree"])]
            cells += [number(row["sd_ratio_median"]), number(row["worst_r_hat"])]
            out.append(f"| {' | '.join(cells)} |")
        return out

    def lags(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> list[str]:
        out = [
            f"| {' | '.join(keys)} | lags | agree | distance, median | 95 % | Monte-Carlo part | "
            "difference of medians, 90 % | width, fast / sampled |",
            "|" + "---|" * (len(keys) + 7),
        ]
        for row in rows:
            cells = [str(row[k] or "all") for k in keys]
            cells += [str(row["n"]), number(row["agrees"], 3), number(row["distance"])]
            cells += [number(row["distance_p95"]), number(row["monte_carlo"])]
            cells += [number(row["difference_p90"]), number(row["width_ratio"])]
            out.append(f"| {' | '.join(cells)} |")
        return out

    off = [
        f"| {cell(row)} | {row['frontier']} | {row['definition']} | {lag_text(row['fast'])} | "
        f"{lag_text(row['reference'])} | {number(row['distance'])} | "
        f"{number(tolerance['lag_distance'] + row['monte_carlo'])} |"
        for row in shipped["lags"]
        if not row["agrees"]
    ]
    head = "| cell | frontier | definition | fast | sampled | distance | allowed |"
    return "\n".join(
        [
            "# Agreement of the engines",
            "",
            "Generated by `python tools/run_studies.py agreement` (extra `bayes`); not edited by hand. "
            f"Data release {release}.",
            "",
            f"Two posteriors agree if they differ by no more than {tolerance['ability_mean_sd']} posterior "
            f"standard deviations in a mean, {tolerance['ability_log_sd']} in the log of a standard deviation, "
            f"and {tolerance['lag_distance']:.2f} in the distribution function of a lag (the largest difference, "
            "over all states), each beyond Monte-Carlo error. The distance of a lag is stricter than a difference "
            "of medians: a quarter of a standard deviation makes 0.10.",
            "",
            "## The shipped data",
            "",
            f"{len(agreed)} of {len(shipped['lags'])} reported lags agree (every cell, frontier and definition "
            "that is estimable).",
            "",
            *([head, "|" + "---|" * 7, *off, ""] if off else []),
            *abilities(shipped["abilities"]),
            "",
            "## Simulated worlds",
            "",
            f"{worlds['count']} worlds, a third from the generator that is not the model, with the missingness of "
            f"a part of the release ({size['models']} models, {size['benchmarks']} benchmarks, {size['rows']} rows); "
            f"two chains of {size['draws'] // 2} draws each. {agreed_worlds} of {total} lags agree; worst R-hat of a "
            f"lag {number(worlds['worst_lag_r_hat'])}, {worlds['divergences']} divergences in "
            f"{worlds['draws']} draws.",
            "",
            *lags(worlds["lags_by_definition"], ("definition",)),
            "",
            *lags(worlds["lags_by_cell"], ("domain", "stage")),
            "",
            *lags(worlds["lags_by_generator"], ("generator",)),
            "",
            *abilities(worlds["abilities"]),
            "",
            "## What each costs",
            "",
            "CPU seconds of one fit with 1,000 draws, and of what sampling needs for a bulk effective sample size of "
            "400 on every reported lag (one warm-up, compilation left out).",
            "",
            "| data | fast | sampled | fast / sampled |",
            "|---|---|---|---|",
            *(
                f"| {name} | {number(t['fast_cpu_s'])} | {number(t['cpu_s_for_ess_400'], 0)} | "
                f"1/{1 / t['ratio']:.0f} |"
                for name, t in (
                    ("shipped", shipped["timing"]),
                    ("worlds, median", worlds["timing"]),
                )
            ),
            "",
            f"The least favourable world: 1/{1 / worlds['timing_worst_ratio']:.0f}.",
            "",
        ]
    )


def study_of(name: str) -> Study:
    """The declaration of a study; its file must be named as the study is here."""
    study: Study = import_module(MODULES[name]).STUDY
    assert study.name == name, (study.name, name)
    return study


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[[], *MODULES], metavar="NAME")
    parser.add_argument("--worlds", type=int, help="simulated worlds of the coverage study")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--list", action="store_true", help="say what is stale, run nothing")
    parser.add_argument("--page-only", action="store_true", help="rewrite the page, run nothing")
    options = parser.parse_args()
    release = load_release()
    asked = {"as_of": release.data_through.isoformat(), "seed": options.seed}
    stale = [n for n in MODULES if load_stored(study_of(n), release.rows_hash, asked) is None]
    if options.list:
        for name in MODULES:
            print(f"{name}: {'stale' if name in stale else 'current'}")
        return
    names = [] if options.page_only else [n for n in MODULES if n in (options.names or stale)]
    for name in names:
        more = {"worlds": options.worlds} if name == "coverage" and options.worlds else {}
        began, before = time.perf_counter(), study_of(name).method_hash
        told, result = import_module(MODULES[name]).run_study(
            release, seed=options.seed, workers=options.workers, progress=name, **more
        )
        if study_of(name).method_hash != before:
            sys.exit(f"{name}: its code changed while it ran; nothing was stored")
        path = save_stored(study_of(name), release.rows_hash, told, result)
        print(f"{name}: {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1e3:.0f} kB")
    if "agreement" in names or options.page_only:
        found = load_stored(study_of("agreement"), release.rows_hash, asked)
        if found is not None:
            text = agreement_page(str(release.data_release), dict(found))
            write(DOCS / "methods" / "agreement.md", text)
    if "coverage" in names or options.page_only:
        found = json.loads(STUDIES_FILE.read_text(encoding="utf-8"))["result"]
        write(DOCS / "methods" / "calibration.md", page(found))
        write(DOCS / "images" / "published-index.svg", scatter(found["index"]) + "\n")


if __name__ == "__main__":
    main()
