"""The answers about training, actors and prices as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headway.api.deploy_supply import SupplyResult

__all__ = ["supply_text"]

Row = Mapping[str, Any]
#: Countries, inputs of a direction and directions that the text shows; the JSON has all.
_COUNTRIES, _LOADINGS, _DIRECTIONS = 6, 4, 3


def supply_text(found: SupplyResult, lang: str) -> str:
    """The answer for people."""
    words = _Words(lang)
    parts = {
        "deploy-train": words.train,
        "deploy-actors": words.actors,
        "deploy-price": words.price,
    }
    return "\n".join(parts[found.command](found))


class _Words:
    def __init__(self, lang: str) -> None:
        self.lang = lang

    def say(self, key: str, **fields: Any) -> str:
        from headway.i18n import message

        return message(key, self.lang, **fields)

    def number(self, value: float) -> str:
        """Three significant digits; large numbers with a power of ten."""
        import math

        from headway.i18n import number

        if value == 0:
            return "0"
        if abs(value) >= 1e12:
            power = math.floor(math.log10(abs(value)))
            return f"{value / 10**power:.2f}e{power}"
        places = max(0, 2 - math.floor(math.log10(abs(value))))
        return number(float(f"{value:.3g}"), self.lang, min(places, 4))

    def exact(self, value: float) -> str:
        """A whole number as it is, another with three significant digits."""
        from headway.i18n import number

        whole = float(value).is_integer() and abs(value) < 1e9
        return number(value, self.lang) if whole else self.number(value)

    def triple(self, low: float, value: float, high: float) -> str:
        return self.say(
            "deploy-with-interval",
            value=self.number(value),
            low=self.number(low),
            high=self.number(high),
        )

    def quantity(self, told: Row) -> str:
        if told["value"] is None:
            return self.say("deploy-unknown")
        ends = told["interval"]
        if ends is None:
            return self.exact(told["value"])
        if isinstance(ends["high"], str):
            low = self.number(ends["low"])
            return self.say("supply-open-ended", value=self.number(told["value"]), low=low)
        return self.triple(ends["low"], told["value"], ends["high"])

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        from headway.textsafe import plain_table

        return plain_table([self.say(h) for h in head], rows, right=range(1, len(head)))

    def notes(self, quantities: Sequence[Row]) -> list[str]:
        """Every note, once."""
        from headway.i18n import note

        keys = dict.fromkeys(key for q in quantities for key in q["notes"])
        return [self.say("deploy-note", text=note(key, self.lang)) for key in keys]

    # Training ------------------------------------------------------------------------------------

    def train(self, found: SupplyResult) -> list[str]:
        from headway.textsafe import clip

        row = found.documents[0]
        outputs = [
            "flop",
            "gpu_hours",
            "usd",
            "usd_with_research",
            "days",
            "energy_mwh",
            "share_of_public_text",
        ]
        lines = [self.say("train-title", hardware=row["hardware"]), ""]
        cells = [[self.say(f"train-output-{name}"), self.quantity(row[name])] for name in outputs]
        lines.append(self.table(["train-column-what", "train-column-value"], cells))
        told = row["published"]
        if told is not None:
            key = "train-published-inside" if told["inside_90"] else "train-published-outside"
            lines += [
                "",
                self.say(
                    key,
                    hours=self.exact(told["gpu_hours"]),
                    ratio=self.number(told["ratio"]),
                    source=clip(told["source"], 160),
                ),
            ]
        lines += ["", self.table(*self._inputs(row))]
        ranked = [s for s in row["sensitivity"] if s["output"] in ("usd", "gpu_hours")]
        last = "usd" if any(s["output"] == "usd" for s in ranked) else "gpu_hours"
        ranked = sorted(
            (s for s in ranked if s["output"] == last), key=lambda s: -s["total"]["value"]
        )
        if ranked:
            cells = [
                [
                    self.say(f"train-input-{s['input']}"),
                    *(
                        self.triple(s[k]["low"], s[k]["value"], s[k]["high"])
                        for k in ("first", "total")
                    ),
                ]
                for s in ranked
            ]
            head = ["train-column-input", "train-column-first", "train-column-total"]
            lines += ["", self.say(f"train-sensitivity-{last}"), "", self.table(head, cells)]
        checks = found.extra["validation"]
        inside = sum(c["inside_90"] for c in checks)
        developers = len({c["developer"] for c in checks})
        lines += [
            "",
            self.say("train-validation", inside=inside, n=len(checks), developers=developers),
        ]
        return [*lines, "", *self.notes([row[name] for name in outputs])]

    def _inputs(self, row: Row) -> tuple[list[str], list[list[str]]]:
        from headway.textsafe import clip

        cells = []
        for one in row["inputs"]:
            if one["median"] is None:
                value = self.say("deploy-unknown")
            elif one["low"] == one["high"]:
                value = self.exact(one["median"])
            else:
                value = self.triple(one["low"], one["median"], one["high"])
            cells.append([self.say(f"train-input-{one['input']}"), value, clip(one["source"], 70)])
        return ["train-column-input", "train-column-value", "train-column-source"], cells

    # Actors --------------------------------------------------------------------------------------

    def actors(self, found: SupplyResult) -> list[str]:
        from headway.textsafe import clip

        lines = [self.say("actors-title")]
        of = {
            kind: [r for r in found.documents if r["count"] == kind]
            for kind in ("downloaders", "owners", "hosts", "renters")
        }
        asked = bool(of["hosts"])
        if asked:
            row = of["downloaders"][0]
            most = row["at_most"]
            lines += ["", self.say("actors-head-downloaders")]
            cells = [
                [
                    self.say("actors-downloaders"),
                    self.say("actors-at-most", n=self.exact(most))
                    if most
                    else self.say("deploy-unknown"),
                ],
                [self.say("actors-size"), self.quantity(row["size_gb"])],
                [self.say("actors-hours"), self.quantity(row["hours_to_download"])],
                [self.say("actors-storage-cost"), self.quantity(row["storage_usd_per_month"])],
            ]
            lines += ["", self.table(["train-column-what", "train-column-value"], cells)]
        lines += ["", self.say("actors-head-owners"), "", self._owners(of["owners"])]
        lines += ["", self._coverage(found.extra["coverage"])]
        if asked:
            host = of["hosts"][0]
            lines += ["", self.say("actors-head-hosts", value=self.quantity(host["actors"]))]
            if host["names"]:
                told = self.say("list-separator").join(clip(n, 40) for n in host["names"])
                lines += ["", self.say("actors-hosts-named", names=told)]
            lines += ["", self.say("actors-head-renters", gpus=of["renters"][0]["gpus"])]
            cells = [
                [
                    self.say(f"actors-term-{r['term']}"),
                    self.quantity(r["usd"]),
                    self.quantity(r["actors"]),
                ]
                for r in of["renters"]
            ]
            head = ["actors-column-term", "actors-column-usd", "actors-column-renters"]
            lines += ["", self.table(head, cells), "", *self._access(of["renters"][0])]
        return [*lines, "", *self.notes([v for r in found.documents for v in _quantities(r)])]

    def _owners(self, rows: Sequence[Row]) -> str:
        joined = self.say("list-separator")
        cells = []
        for r in rows:
            first = list(r["countries"].items())[:_COUNTRIES]
            unknown = self.say("deploy-unknown")
            cells.append(
                [
                    self.exact(r["h100_equivalents"]),
                    self.quantity(r["named"]),
                    self.quantity(r["with_unnamed_clusters"]),
                    self.quantity(r["if_covered_alike"]),
                    self.quantity(r["by_tail"]),
                    joined.join(f"{unknown if c == 'unknown' else c} {n}" for c, n in first) or "-",
                ]
            )
        names = ("size", "named", "with_unnamed", "alike", "tail", "countries")
        return self.table([f"actors-column-{name}" for name in names], cells)

    def _coverage(self, told: Row) -> str:
        from headway.i18n import percent
        from headway.textsafe import clip

        return self.say(
            "actors-coverage",
            low=percent(told["low"], self.lang),
            high=percent(told["high"], self.lang),
            n=told["clusters"],
            unnamed=told["without_owner"],
            size=told["without_size"],
            country=told["without_country"],
            latest=told["latest_operational"],
            source=clip(told["source"], 60),
        )

    def _access(self, row: Row) -> list[str]:
        from headway.textsafe import clip

        if not row["self_service_known"]:
            return [self.say("actors-access-unknown", hardware=row["hardware"])]
        return [
            self.say(
                "actors-access-self" if t["self_service"] else "actors-access-contract",
                provider=clip(t["provider"], 40),
                what=clip(t["what"], 120),
                source=clip(t["source"], 80),
                date=t["as_of"],
            )
            for t in row["self_service"]
        ]

    # Prices --------------------------------------------------------------------------------------

    def price(self, found: SupplyResult) -> list[str]:
        from headway.i18n import percent
        from headway.textsafe import clip

        row = found.documents[0]
        model = clip(row["model"], 60)
        against = row["against"]
        if against is None:
            lines = [self.say("price-title", model=model)]
        else:
            lines = [self.say("price-title-ratio", model=model, against=clip(against, 60))]
        for p in row["prices"]:
            stated = p["usd_per_mtok"] if against is None else p["ratio"]
            key = f"price-stated-{p['kind']}" if against is None else f"price-ratio-{p['kind']}"
            below = percent(p["share_of_prior_below"], self.lang)
            lines.append(self.say(key, value=self.number(stated), below=below))
        lines += [
            self.say(
                "price-listed",
                model=clip(one["model"], 60),
                provider=clip(one["provider"], 40),
                source=clip(one["stated_by"], 120),
            )
            for one in row["listed"]
            if one is not None
        ]
        cells = []
        for f in (*row["factors"], *row["derived"]):
            before = f["prior"]
            gained = (
                "-" if f["contraction"] is None else percent(max(f["contraction"], 0), self.lang)
            )
            learned = f["is_learned"]
            cells.append(
                [
                    self.say(f"price-factor-{f['factor']}"),
                    self.triple(before["low"], before["median"], before["high"]),
                    self.quantity(f["posterior"]),
                    gained,
                    "-" if learned is None else self.say("deploy-yes" if learned else "deploy-no"),
                ]
            )
        names = ("factor", "prior", "posterior", "contraction", "learned")
        lines += ["", self.table([f"price-column-{name}" for name in names], cells)]
        if row["state"] == "not_estimable":
            draws = self.number(row["effective_draws"])
            return [*lines, "", self.say("price-conflict", draws=draws)]
        lines += [
            "",
            self.say(
                "price-directions",
                all=row["directions"],
                learned=row["directions_learned"],
                same=row["directions_like_prior"],
            ),
        ]
        joined = self.say("list-separator")
        for d in row["learned"][:_DIRECTIONS]:
            top = sorted(d["loadings"].items(), key=lambda item: -abs(item[1]))[:_LOADINGS]
            parts = joined.join(
                self.say(
                    "price-loading", factor=self.say(f"price-factor-{name}"), value=f"{value:+.2f}"
                )
                for name, value in top
            )
            left = percent(d["variance_left"], self.lang)
            lines.append(self.say("price-direction", left=left, parts=parts))
        if row["hardware"]:
            parts = joined.join(
                self.say(
                    "price-hardware",
                    hardware=h["hardware"],
                    prior=percent(h["prior"], self.lang),
                    posterior=percent(h["posterior"], self.lang),
                )
                for h in row["hardware"]
            )
            lines += ["", self.say("price-hardware-all", parts=parts)]
        lines += ["", self.say("price-plain"), self.say("price-assumed")]
        return lines


def _quantities(row: Row) -> list[Row]:
    return [v for v in row.values() if isinstance(v, Mapping) and "notes" in v]
