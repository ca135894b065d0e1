"""Checks that can fail: coverage on simulated truth, comparison with published indices."""

from __future__ import annotations
