"""Results released: the self-contained HTML report."""

from __future__ import annotations

from headway.publish.content import ReportContent
from headway.publish.html import render, write

__all__ = ["ReportContent", "render", "write"]
