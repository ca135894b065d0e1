"""Which source a row belongs to, and whether it ships."""

from __future__ import annotations

import tomllib
from pathlib import Path

from .raw import RawRow

__all__ = ["LICENCES", "load_licences", "source_of"]

LICENCES = Path(__file__).resolve().parents[2] / "src" / "headway" / "tables" / "licences.toml"

_BY_REPO = {
    "lyptus-research/cyber-task-horizons-data": "lyptus",
    "sunblaze-ucb/cybergym-page": "cybergym-page",
    "SEC-bench/sec-bench.github.io": "sec-bench",
    "alibaba/sec-code-bench": "sec-code-bench",
    "Aider-AI/aider": "aider",
    "SWE-bench/swe-bench.github.io": "swe-bench-site",
    "nakasyou/lmarena-history": "lmarena",
}
_BY_TELLER = {
    "artificialanalysis.ai": "artificial-analysis",
    "openrouter.ai": "artificial-analysis",
    "labs.scale.com": "scale-labs",
    "www.swebench.com": "swe-bench-site",
    "swebench.com leaderboard (bash only)": "swe-bench-site",
    "aider.chat": "aider",
    "METR - Measuring AI Ability to Complete Long Tasks": "metr",
}
_BY_PANEL = {
    "aisi-narrow": "uk-aisi",
    "aisi-tlo": "uk-aisi",
    "aisi-ranges-paper": "uk-aisi",
    "aisi-range-mythos": "uk-aisi",
    "aisi-caisi-k3b": "us-caisi",
    "caisi-k3": "us-caisi",
    "caisi-dsv4": "us-caisi",
    "caisi-glm52": "us-caisi",
    "caisi-glm53": "us-caisi",
    "anthropic-glm53": "anthropic",
    "anthropic-cards": "anthropic",
    "xai-cards": "xai",
    "openai-cards": "openai",
    "openai-gpt56": "openai",
    "openai-55cyber": "openai",
    "openai-gpt6-card": "openai",
    "zai-glm53": "zai",
    "deepseek-v4.1-flash": "deepseek",
    "deepseek-v4-flash-0731": "deepseek",
    "mimo-v2.6-pro": "xiaomi",
    "exploitbench-paper": "exploitbench",
    "secbenchpro": "sec-bench",
    "kimi-k25-indep": "arxiv-2604.03121",
    "kimi-k25-indep2": "arxiv-2604.03121",
}


def load_licences() -> dict[str, dict[str, str]]:
    """The committed decisions, one per source."""
    return tomllib.loads(LICENCES.read_text(encoding="utf-8"))


def source_of(row: RawRow) -> str:
    """Source key of a row; a copy of a restricted original stands under the original."""
    if row.origin.startswith("epoch-cyber"):
        return "epoch-cyber"
    if row.panel in _BY_PANEL:
        return _BY_PANEL[row.panel]
    if row.origin in ("academic", "gov"):
        return row.panel
    if row.evaluator in _BY_TELLER:
        return _BY_TELLER[row.evaluator]
    if row.source_repo in _BY_REPO:
        return _BY_REPO[row.source_repo]
    if row.source_repo == "louis0487/LLM-Benchmark-Lifecycle":
        return "epoch-hub" if row.evaluator == "Epoch AI" else "epoch-hub-external"
    if row.source_repo == "peterhurford/metr_graph":
        return "metr" if row.panel.startswith("METR") else "epoch-eci"
    if row.source_repo == "anomalyco/models.dev":
        return "models-dev"
    raise KeyError(f"no source for a row of {row.panel} ({row.source_repo}, {row.evaluator})")
