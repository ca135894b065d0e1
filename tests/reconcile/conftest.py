"""The shipped release and its reconciliation, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.checks.reconcile import Reconciliation
from headway.estimate.lag.reconcile.datasets import Abilities
from headway.estimate.lag.reconcile.rules import Infeasible
from headway.tables.store import Release, load_release

SHIPPED = Path(__file__).resolve().parents[2] / "src" / "headway" / "tables" / "release"
SEED = 20261123


@pytest.fixture(scope="session")
def shipped_release() -> Release:
    return load_release(SHIPPED)


def no_fit(irt: str, items: str, evaluator: str, domain: str) -> Abilities:
    """Tests of published series need no ability fit."""
    raise Infeasible("no_scores")


@pytest.fixture(scope="session")
def work(shipped_release: Release) -> Reconciliation:
    """Published series only: combinations on the ability model cannot be computed here."""
    return Reconciliation(shipped_release, seed=SEED, abilities=no_fit)
