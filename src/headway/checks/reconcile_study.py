"""Name of the stored reconciliation and the code it depends on; quick to import."""

from __future__ import annotations

from headway.checks.stored import Study

__all__ = ["STUDY"]

STUDY = Study(
    "reconcile",
    method=(
        "checks/reconcile.py",
        "checks/refits.py",
        "estimate/capability",
        "estimate/lag/entrants.py",
        "estimate/lag/frontier.py",
        "estimate/lag/reconcile",
        "estimate/lag/states.py",
        "estimate/lag/step.py",
    ),
)
