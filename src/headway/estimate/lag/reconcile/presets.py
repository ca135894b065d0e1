"""Each published lag as choices: its own data and rule, as far as they are public.

A preset is never tuned. Where its author's data or rule is not public, the nearest public data set
is evaluated by the stated rule and the preset says so (``own`` is false); where there is nothing to
evaluate, ``why`` says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from headway.estimate.lag.reconcile.choices import Choices
from headway.estimate.lag.reconcile.datasets import HEADWAY

__all__ = ["PRESETS", "Preset", "own_presets"]


@dataclass(frozen=True, slots=True)
class Preset:
    """How one published lag is computed again.

    Parameters
    ----------
    name : str
        The ``estimate_id`` of the published figure.
    choices : Choices or None
        Data and rule; ``None`` where nothing can be evaluated.
    own : bool
        Data and rule are the author's and public, so the figure may count as reproduced.
    also : tuple of Choices
        Other readings of what the author states; they widen the range that is shown.
    span : str or None
        For a published range: what its ends are. ``ends``: the least and greatest of ``choices`` and
        ``also``; ``records``: of the lags at the followers' records in the window; ``percentiles``: 5 %
        and 95 % of the months until match.
    reading_error : float or None
        Scores were read off a chart to within this: the range is that of the level moved by it.
    why : str or None
        Why the author's inputs are not public, as a message key.
    """

    name: str
    choices: Choices | None = None
    own: bool = False
    also: tuple[Choices, ...] = ()
    span: str | None = None
    reading_error: float | None = None
    why: str | None = None


def _epoch(**changed: object) -> Choices:
    """Epoch's index of September 2026 with its own dates and flags."""
    return Choices(data="eci-2026-09", domain="general", as_of=date(2026, 9, 30)).with_(**changed)


def _bayesian(**changed: object) -> Choices:
    """The Bayesian index of 2026-09-08, restricted models among the leaders as its author counts."""
    base = Choices(
        data="ecih-2026-09-08",
        domain="general",
        as_of=date(2026, 9, 11),
        frontier="restricted",
        average="mean_records",
    )
    return base.with_(**changed)


def _lines(key: str, rule: str, at: date) -> Choices:
    return Choices(
        data=f"ecih-{key}-lines",
        domain="general",
        as_of=at,
        frontier="restricted",
        rule=rule,
        average="now",
    )


def _aisi(data: str, domain: str, model: str) -> Choices:
    """UK AISI's own evaluation of one model, restricted models among the leaders."""
    return Choices(
        data=data,
        domain=domain,
        as_of=date(2026, 7, 17),
        frontier="restricted",
        average="at_model",
        model=model,
    )


def _pair(leader: str, follower: str, **changed: object) -> Choices:
    """Two models that the author calls level, by their days alone."""
    base = Choices(
        data=f"pair:{leader}/{follower}",
        domain="general",
        as_of=date(2026, 9, 30),
        frontier="restricted",
        average="at_model",
        model=follower,
    )
    return base.with_(**changed)


_NARROW_GLM = _aisi("aisi-narrow", "cyber.ctf_mixed", "glm-5.2")
_NARROW_V4 = _aisi("aisi-narrow", "cyber.ctf_mixed", "deepseek-v4-pro")
_RANGE_GLM = _aisi("aisi-range", "cyber.range", "glm-5.2")
_RANGE_V4 = _aisi("aisi-range", "cyber.range", "deepseek-v4-pro")
#: One step of the range's 32 as a share, and a point of the narrow tasks: what reading off the chart
#: may hide (two readers of the range differ by 0.08 steps; one standard deviation is 0.005 in the release).
_READING = 0.005

_EPOCH_2025 = Choices(
    data="eci-2026-03",
    domain="general",
    as_of=date(2025, 10, 30),
    since=date(2023, 1, 1),
    matching="exceed",
)
_EPOCH_2026 = _epoch(since=date(2026, 1, 1), as_of=date(2026, 5, 28), matching="exceed")
_CHINA = Choices(
    data="eci-2026-03",
    domain="general",
    as_of=date(2025, 12, 31),
    since=date(2023, 3, 14),
    groups="china_us",
    matching="exceed",
    margin=1.0,
)
_GPU = Choices(
    data="gpqa-diamond",
    domain="general",
    as_of=date(2025, 8, 15),
    groups="consumer_all",
    rule="trend_closed",
)
_ARENA = _GPU.with_(data="lmarena-text", as_of=date(2025, 2, 27))
_PANEL = Choices(
    data="epoch-2024",
    domain="general",
    as_of=date(2024, 11, 4),
    average="mean_forward",
    margin=0.02,
)
_CAISI = Choices(
    data="caisi-index",
    domain="general",
    as_of=date(2026, 5, 1),
    irt="1pl",
    rule="trend_closed",
    average="at_model",
    model="deepseek-v4-pro",
)
_CAISI_CYBER = Choices(
    data=HEADWAY,
    domain="cyber",
    as_of=date(2026, 9, 30),
    irt="1pl",
    dates="launch",
    frontier="restricted",
    rule="trend_closed",
    average="at_model",
    model="glm-5.3",
)
_LYPTUS = Choices(
    data="lyptus-horizon",
    domain="cyber",
    as_of=date(2026, 3, 23),
    rule="trend_closed",
    average="at_model",
    model="glm-5",
)
_THRESHOLDS = Choices(
    data=HEADWAY,
    domain="general",
    as_of=date(2026, 5, 28),
    items="public",
    average="mean_records",
    since=date(2024, 1, 1),
    dates="launch",
)
_K3 = _epoch(average="at_model", model="kimi-k3")
_LATER = date(2026, 9, 29)

PRESETS: tuple[Preset, ...] = (
    Preset("epoch-2025-10-avg", _EPOCH_2025, also=(_EPOCH_2025.with_(data="eci-2026-09"),)),
    Preset("epoch-2025-10-ci", _EPOCH_2025, also=(_EPOCH_2025.with_(data="eci-2026-09"),)),
    Preset("epoch-2026-05-avg", _EPOCH_2026),
    Preset("epoch-2026-05-strict", _EPOCH_2026.with_(matching="surpass")),
    Preset(
        "epoch-cn-us-avg",
        _CHINA,
        also=(_CHINA.with_(margin=0.0), _CHINA.with_(data="eci-2026-09")),
    ),
    # a Chinese model of May 2024 at GPT-4's level; both that qualify give the same month
    Preset(
        "epoch-cn-gpt4",
        _pair("gpt-4-mar-2023", "deepseek-v2-moe-236b", groups="china_us"),
        own=True,
        also=(_pair("gpt-4-mar-2023", "yi-large", groups="china_us"),),
    ),
    Preset("epoch-consumer-range", _GPU, also=(_ARENA,), span="ends"),
    Preset("epoch-consumer-gpqa", _GPU, also=(_GPU.with_(average="now"),)),
    Preset("epoch-consumer-mmlupro", why="inputs_not_stored"),
    Preset("epoch-consumer-aaii", why="inputs_licensed"),
    Preset("epoch-consumer-lmarena", _ARENA, also=(_ARENA.with_(rule="step"),)),
    Preset("epoch-2024-11-lag", _PANEL),
    Preset("epoch-2024-11-range", _PANEL, own=True, span="percentiles"),
    Preset("saw-eci-2024-11-tracker", _PANEL, span="percentiles"),
    Preset("caisi-dsv4-lag", _CAISI, also=(_pair("gpt-5", "deepseek-v4-pro"),)),
    Preset(
        "caisi-dsv4-selfreport",
        _pair("gpt-5.4", "deepseek-v4-pro"),
        also=(_pair("claude-opus-4.6", "deepseek-v4-pro"),),
    ),
    # its four tests are not all public: all cyber evidence of the release, one parameter
    Preset("caisi-glm53-cyber", _CAISI_CYBER),
    Preset("aisi-trends-2025", why="inputs_not_named"),
    Preset(
        "aisi-2026-07-cyber",
        _NARROW_GLM,
        own=True,
        also=(_NARROW_V4, _RANGE_GLM, _RANGE_V4),
        span="ends",
    ),
    Preset("aisi-2025-cyber", why="inputs_not_named"),
    Preset("aisi-2026-07-narrow-glm52", _NARROW_GLM, own=True, reading_error=_READING),
    Preset("aisi-2026-07-narrow-v4pro", _NARROW_V4, own=True, reading_error=_READING),
    Preset("aisi-2026-07-range-glm52", _RANGE_GLM, own=True, reading_error=_READING),
    Preset("aisi-2026-07-range-v4pro", _RANGE_V4, own=True, reading_error=_READING),
    Preset(
        "lyptus-glm5-lag",
        _LYPTUS,
        also=(
            _LYPTUS.with_(since=date(2024, 1, 1)),
            _LYPTUS.with_(as_of=date(2026, 5, 31)),
            _LYPTUS.with_(as_of=date(2026, 5, 31), since=date(2024, 1, 1)),
        ),
    ),
    # private items alone leave four general tests here, with abilities known to 0.9 logits
    Preset("ihle-private", _THRESHOLDS.with_(items="held_out")),
    Preset("ihle-public", _THRESHOLDS),
    Preset("ecih-rec-all", _bayesian(), own=True),
    Preset("ecih-rec-public", _bayesian(items="public"), own=True),
    Preset("ecih-rec-semi", _bayesian(items="semi_private"), own=True),
    Preset("ecih-rec-private", _bayesian(items="private"), own=True),
    Preset(
        "ecih-trend-all",
        _lines("2026-09-08-all", "trend_open", date(2026, 9, 11)),
        own=True,
    ),
    Preset(
        "ecih-trend-private",
        _lines("2026-09-08-private", "trend_open", date(2026, 9, 11)),
        own=True,
    ),
    Preset("ecih-k3", _bayesian(average="at_record"), own=True),
    Preset("cn-3-5-lowest", _bayesian(average="at_model", model="DeepSeek-R1"), own=True),
    *(
        Preset(name, _bayesian(items="private", average="at_model", model=model), own=True)
        for name, model in (
            ("ecih-priv-deepseek-v3-0324", "DeepSeek-V3-0324"),
            ("ecih-priv-qwen3-235b-a22b", "qwen3-235b-a22b"),
            ("ecih-priv-qwen3-235b-a22b-thinking-2507", "Qwen3-235B-A22B-Thinking-2507"),
            ("ecih-priv-deepseek-v3-1-terminus", "DeepSeek-V3.1-Terminus"),
            ("ecih-priv-deepseek-v3-2-exp-thinking", "DeepSeek-V3.2-Exp_thinking"),
            ("ecih-priv-qwen3-5-397b-a17b", "qwen3.5-397b-a17b"),
            ("ecih-priv-kimi-k2-6", "kimi-k2.6"),
            ("ecih-priv-deepseek-v4-pro-max", "deepseek-v4-pro_max"),
            ("ecih-priv-glm-5-2-max", "glm-5.2_max"),
            ("ecih-priv-kimi-k3-max", "kimi-k3_max"),
            ("ecih-priv-deepseek-v4-pro-0813-max", "deepseek-v4-pro-0813_max"),
        )
    ),
    Preset("ecih-0929-rec-all", _bayesian(as_of=_LATER)),
    Preset("ecih-0929-rec-public", _bayesian(as_of=_LATER, items="public")),
    Preset("ecih-0929-rec-semi", _bayesian(as_of=_LATER, items="semi_private")),
    Preset("ecih-0929-rec-private", _bayesian(as_of=_LATER, items="private")),
    Preset("ecih-0929-trend-all", _lines("2026-09-29-all", "trend_closed", _LATER), own=True),
    Preset("blog-eci-k3", _K3.with_(as_of=date(2026, 8, 27)), own=True),
    Preset("deepseek-v4-report", why="judgement"),
    Preset("lambert-2026-07", why="judgement"),
    Preset("lambert-before", why="judgement"),
    Preset(
        "interconnects-eci",
        _epoch(average="mean_records", since=date(2025, 1, 1), as_of=date(2026, 5, 16)),
        span="records",
    ),
    Preset("trendforce-k3", _K3, own=True, also=(_K3.with_(matching="surpass"),), span="ends"),
    Preset("trendforce-k3-trend", _K3.with_(rule="trend_closed", as_of=date(2026, 7, 31))),
    Preset("blog-guess-12", why="judgement"),
    Preset(
        "anthropic-glm53-months",
        _pair("claude-mythos-preview", "glm-5.3", domain="cyber", dates="weights"),
        own=True,
        also=(_pair("claude-mythos-preview", "glm-5.3", domain="cyber"),),
    ),
    Preset("tracker-uscn-5", why="inputs_not_named"),
    Preset("semi-era2", _pair("o1-preview", "deepseek-r1-may-2025"), own=True),
    Preset("semi-era3-kimi", _pair("claude-opus-4.5", "kimi-k2.6"), own=True),
    Preset("semi-era3-glm", _pair("gpt-5.2", "glm-5.2"), own=True),
    Preset("semi-forecast", why="forecast"),
    Preset("lambert-2026-09", why="judgement"),
    Preset(
        "interconnects-6-18",
        _epoch(average="mean_records", since=date(2023, 1, 1), as_of=date(2026, 9, 30)),
        span="records",
    ),
    Preset("interconnects-6-9-forecast", why="forecast"),
    Preset("amdur-ssrn", why="cited_from_others"),
    Preset("anthropic-axios-2026-04", why="forecast"),
    Preset("anthropic-2026-06", why="forecast"),
    Preset(
        "aa-glm53-oct",
        _pair("claude-fable-5", "glm-5.3", average="now", as_of=date(2026, 10, 6), dates="launch"),
        own=True,
    ),
    Preset("aa-range-2026", why="inputs_licensed"),
    Preset("boozallen-6-months", why="forecast"),
    Preset("npr-less-than-year", why="judgement"),
    Preset(
        "epoch-cyber-glm52",
        _pair("claude-opus-4.6", "glm-5.2", domain="cyber"),
        own=True,
        also=(_pair("claude-opus-4.5", "glm-5.2", domain="cyber"),),
        span="ends",
    ),
)


def own_presets(as_of: date) -> dict[str, Choices]:
    """Headway's own headline lags: ends of a path like any other."""
    return {
        f"headway-{domain}": Choices(
            data=HEADWAY,
            domain=domain,
            as_of=as_of,
            dates="weights",
            first_match="bound",
        )
        for domain in ("cyber", "coding", "general")
    }
