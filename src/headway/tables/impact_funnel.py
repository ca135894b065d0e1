"""What the words of the disclosure dashboard mean: stage and severity filter of each figure.

Press and dashboard give several figures for what sounds like one stage; each keeps its filter, and a
figure that is of no stage (projects, entries of the ledger) is listed without one.
"""

from __future__ import annotations

__all__ = ["MEANING", "STAGELESS"]

#: The source's figure -> (stage, severities that it counts).
#:
#: ``true_positives`` of May is of the reviewed ones claimed high or critical (90.6 % of 1,752), so
#: its filter is the reviewers', not that of ``confirmed_high_critical``.
MEANING = {
    "candidates": ("candidates", "all"),
    "candidates_claude_high_critical": ("candidates", "high_critical"),
    "reviewed_by_firms": ("reviewed", "all"),
    "reviewed_high_critical": ("reviewed", "high_critical"),
    "confirmed_valid": ("true_positives", "all"),
    "true_positives": ("true_positives", "high_critical"),
    "disclosed_all": ("disclosed", "all"),
    "disclosed_high_critical": ("disclosed", "high_critical"),
    "acknowledged": ("acknowledged", "all"),
    "patched_all": ("patched", "all"),
    "patched_high_critical": ("patched", "high_critical"),
    "identifiers": ("published", "all"),
    "advisories_high_critical": ("published", "high_critical"),
}
#: Figures that are part of another one, or counts of something else.
STAGELESS = (
    "advisories",
    "confirmed_awaiting_disclosure",
    "confirmed_high_critical",
    "cves",
    "fixed_public_total_fixed",
    "ghsas",
    "ledger_entries",
    "projects",
    "reported_after_triage",
    "reported_direct",
    "revealed",
)
