"""``headway deploy`` as text: one sentence, one table, and what the table cannot say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headway.api.deploy import DeployResult

__all__ = ["deploy_text"]

Row = Mapping[str, Any]
#: A column: key of its head, and its cell from a row.
Column = tuple[str, Callable[[Row], str]]
#: Points that the text shows; the JSON has all.
_SHOWN = 40


def deploy_text(found: DeployResult, lang: str) -> str:
    """The answer for people."""
    from headway.i18n import message

    words = _Words(lang)
    if found.command == "deploy-validate":
        return _validate(found, words)
    columns = {
        "deploy-fit": words.fit,
        "deploy-speed": words.speed,
        "deploy-frontier": words.speed,
        "deploy-cost": words.cost,
        "deploy-hypothetical": words.hypothetical,
    }[found.command]()
    lines = [_title(found, lang), "", words.table(columns, found.documents)]
    if found.command == "deploy-cost":
        lines += ["", *_prices(found, lang)]
    if found.command == "deploy-hypothetical":
        lines += ["", *(words.sensitivity(row) for row in found.documents)]
    notes = words.notes(found.documents)
    if notes:
        lines += ["", *(message("deploy-note", lang, text=text) for text in notes)]
    return "\n".join(lines)


def _title(found: DeployResult, lang: str) -> str:
    from headway.i18n import message, number
    from headway.textsafe import clip

    o = found.options
    model, chip = clip(o.get("model", ""), 80), clip(o["hardware"], 40)
    if found.command == "deploy-fit":
        context = number(o["context"], lang)
        if o["gpus"] is None:
            return message(
                "deploy-title-fit",
                lang,
                model=model,
                hardware=chip,
                context=context,
                release=found.data_release,
            )
        return message(
            "deploy-title-gpus",
            lang,
            model=model,
            hardware=chip,
            gpus=o["gpus"],
            context=context,
            release=found.data_release,
        )
    if found.command == "deploy-hypothetical":
        return message(
            "deploy-title-hypothetical",
            lang,
            params=clip(o["params"], 40),
            active=clip(o["active"], 40),
            hardware=chip,
        )
    if found.command == "deploy-cost":
        return message(
            "deploy-title-cost",
            lang,
            model=model,
            hardware=chip,
            gpus=o["gpus"],
            precision=o["precision"],
            speed=f"{o['min_speed']:g}",
        )
    return message(
        "deploy-title-speed",
        lang,
        model=model,
        hardware=chip,
        gpus=o["gpus"],
        precision=o["precision"],
        isl=number(o["isl"], lang),
        osl=number(o["osl"], lang),
    )


def _prices(found: DeployResult, lang: str) -> list[str]:
    """Where the rents are from, once per source."""
    from headway.i18n import message
    from headway.textsafe import clip

    told: dict[str, list[str]] = {}
    for row in found.documents:
        if row["price_source"]:
            told.setdefault(row["price_source"], []).append(_Words(lang).tier(row))
    joined = message("list-separator", lang)
    return [
        message("deploy-reason-price", lang, tier=joined.join(tiers), source=clip(source, 240))
        for source, tiers in told.items()
    ]


def _validate(found: DeployResult, words: _Words) -> str:
    from headway.i18n import message, number, percent
    from headway.textsafe import clip

    lang = words.lang
    if found.options["points"] is None:
        title = message("deploy-title-validate", lang)
        return "\n".join([title, "", words.table(words.study(), found.documents)])
    s = found.extra["summary"]
    lines = [
        message(
            "deploy-title-validate-own",
            lang,
            n=s["n"],
            file=clip(found.options["points"], 60),
            median=number(s["median_factor"], lang, 2),
            p90=number(s["p90_factor"], lang, 2),
            bias=percent(s["bias"], lang),
            coverage=percent(s["coverage_90"], lang),
            cell_median=number(s["cell_median_factor"], lang, 2),
            cell_p90=number(s["cell_p90_factor"], lang, 2),
        )
    ]
    lost = found.extra["unusable"]
    if lost:
        joined = message("list-separator", lang)
        reasons = joined.join(f"{reason} {count}" for reason, count in lost.items())
        lines.append(message("deploy-unusable", lang, reasons=reasons))
    lines += ["", words.table(words.points(), found.documents[:_SHOWN])]
    if len(found.documents) > _SHOWN:
        more = len(found.documents) - _SHOWN
        lines += ["", message("deploy-more", lang, more=more)]
    return "\n".join(lines)


class _Words:
    """Cells and columns in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def table(self, columns: Sequence[Column], rows: Sequence[Row]) -> str:
        from headway.i18n import message
        from headway.textsafe import plain_table

        header = [message(key, self.lang) for key, _ in columns]
        cells = [[cell(row) for _, cell in columns] for row in rows]
        return plain_table(header, cells, right=range(1, len(header)))

    def number(self, value: float) -> str:
        """Three significant digits."""
        import math

        from headway.i18n import number

        if value == 0:
            return "0"
        places = max(0, 2 - math.floor(math.log10(abs(value))))
        return number(float(f"{value:.3g}"), self.lang, min(places, 4))

    def exact(self, value: float) -> str:
        """A whole number as it is, another with three significant digits."""
        from headway.i18n import number

        whole = float(value).is_integer() and abs(value) < 1e9
        return number(value, self.lang) if whole else self.number(value)

    def quantity(self, name: str) -> Callable[[Row], str]:
        def cell(row: Row) -> str:
            from headway.i18n import message

            told = row[name]
            if told["value"] is None:
                return message("deploy-unknown", self.lang)
            ends = told["interval"]
            if ends is None:
                return self.exact(told["value"])
            value = self.number(told["value"])
            low, high = self.number(ends["low"]), self.number(ends["high"])
            return message("deploy-with-interval", self.lang, value=value, low=low, high=high)

        return cell

    def plain(self, name: str) -> Callable[[Row], str]:
        from headway.textsafe import clip

        def cell(row: Row) -> str:
            value = row[name]
            if value is None:
                return self.unknown()
            if isinstance(value, int | float) and not isinstance(value, bool):
                return self.exact(value)
            return clip(value, 60)

        return cell

    def unknown(self) -> str:
        from headway.i18n import message

        return message("deploy-unknown", self.lang)

    def yes(self, name: str) -> Callable[[Row], str]:
        def cell(row: Row) -> str:
            from headway.i18n import message

            return message("deploy-yes" if row[name] else "deploy-no", self.lang)

        return cell

    def layout(self, row: Row) -> str:
        from headway.i18n import message

        if row["tensor"] is None:
            return self.unknown()
        told = {
            "tensor": row["tensor"],
            "data": row["data"],
            "instances": row.get("instances", 1),
        }
        before = row.get("prefill_gpus", 0)
        if before:
            return message("deploy-layout-apart", self.lang, before=before, **told)
        return message("deploy-layout", self.lang, **told)

    def tier(self, row: Row) -> str:
        from headway.i18n import message

        return message(f"deploy-tier-{row['tier']}", self.lang)

    def dated(self, row: Row) -> str:
        from headway.i18n import message

        day = row["price_as_of"]
        if day is None:
            return "-"
        if row["price_verified"]:
            return str(day)
        return message("deploy-unverified", self.lang, date=day)

    def fit(self) -> list[Column]:
        return [
            ("deploy-column-precision", self.plain("precision")),
            ("deploy-column-published", self.yes("is_checkpoint")),
            ("deploy-column-fits", self.yes("fits")),
            ("deploy-column-gpus", self.quantity("gpus")),
            ("deploy-column-layout", self.layout),
            ("deploy-column-weights", self.quantity("weights_gib")),
            ("deploy-column-cache", self.quantity("cache_gib_per_sequence")),
            ("deploy-column-usable", self.quantity("usable_gib")),
            ("deploy-column-sequences", self.quantity("sequences")),
            ("deploy-column-power", self.quantity("power_kw")),
        ]

    def speed(self) -> list[Column]:
        return [
            ("deploy-column-load", self.plain("concurrency")),
            ("deploy-column-layout", self.layout),
            ("deploy-column-per_user", self.quantity("tokens_per_s_per_user")),
            ("deploy-column-total", self.quantity("tokens_per_s")),
            ("deploy-column-per_gpu", self.quantity("tokens_per_s_per_gpu")),
        ]

    def cost(self) -> list[Column]:
        return [
            ("deploy-column-tier", self.tier),
            ("deploy-column-rent", self.plain("usd_per_gpu_hour")),
            ("deploy-column-dated", self.dated),
            ("deploy-column-day", self.quantity("usd_per_day")),
            ("deploy-column-load", self.plain("concurrency")),
            ("deploy-column-in", self.quantity("usd_per_mtok_in")),
            ("deploy-column-out", self.quantity("usd_per_mtok_out")),
            ("deploy-column-power", self.quantity("power_kw")),
            ("deploy-column-kwh", self.quantity("kwh_per_mtok_out")),
        ]

    def hypothetical(self) -> list[Column]:
        return [
            ("deploy-column-precision", self.plain("precision")),
            ("deploy-column-gpus", self.quantity("gpus")),
            ("deploy-column-day", self.quantity("usd_per_day")),
            ("deploy-column-alone", self.quantity("tokens_per_s_alone")),
            ("deploy-column-users", self.quantity("users")),
            ("deploy-column-total", self.quantity("tokens_per_s")),
            ("deploy-column-in", self.quantity("usd_per_mtok_in")),
            ("deploy-column-out", self.quantity("usd_per_mtok_out")),
            ("deploy-column-power", self.quantity("power_kw")),
        ]

    def points(self) -> list[Column]:
        return [
            ("deploy-column-model", self.plain("model")),
            ("deploy-column-hardware", self.plain("hardware")),
            ("deploy-column-gpus", self.plain("gpus")),
            ("deploy-column-precision", self.plain("precision")),
            ("deploy-column-phase", self.plain("phase")),
            ("deploy-column-predicted", self.quantity("predicted")),
            ("deploy-column-measured", self.plain("measured")),
            ("deploy-column-ratio", self.plain("ratio")),
            ("deploy-column-inside", self.yes("inside_90")),
        ]

    def study(self) -> list[Column]:
        from headway.i18n import message, percent

        def left(row: Row) -> str:
            return message(f"deploy-left-{row['left_out']}", self.lang)

        def which(row: Row) -> str:
            return message(f"deploy-set-{row['points']}", self.lang)

        def share(name: str) -> Callable[[Row], str]:
            return lambda row: percent(row[name], self.lang, 1)

        return [
            ("deploy-column-left_out", left),
            ("deploy-column-points", which),
            ("deploy-column-n", self.plain("n")),
            ("deploy-column-median", self.plain("median_factor")),
            ("deploy-column-p90", self.plain("p90_factor")),
            ("deploy-column-cell_median", self.plain("cell_median_factor")),
            ("deploy-column-cell_p90", self.plain("cell_p90_factor")),
            ("deploy-column-bias", share("bias")),
            ("deploy-column-coverage", share("coverage_90")),
        ]

    def sensitivity(self, row: Row) -> str:
        from headway.i18n import message, number

        names = {
            "total": "deploy-input-params",
            "active": "deploy-input-active",
            "shape": "deploy-input-shape",
            "error": "deploy-input-error",
        }
        parts = [
            message(names[name], self.lang, value=number(value, self.lang, 2))
            for name, value in row["sensitivity"].items()
            if value is not None
        ]
        joined = message("list-separator", self.lang).join(parts)
        return message(
            "deploy-sensitivity", self.lang, precision=row["precision"], parts=joined or "-"
        )

    def notes(self, rows: Sequence[Row]) -> list[str]:
        """Every note of every quantity, once each."""
        from headway.i18n import note

        found: dict[str, None] = {}
        for row in rows:
            for value in row.values():
                if isinstance(value, Mapping) and "notes" in value:
                    found.update(dict.fromkeys(value["notes"]))
        return [note(key, self.lang) for key in found if not key.startswith("deploy_not_all")]
