"""Curated figures: numbers that stand only in prose or pictures, read by people, twice.

==============  =========================================================================
``document``    the format (TOML with CSV rows) and what it states
``agreement``   does a second reading agree with the first, within their stated errors?
==============  =========================================================================
"""

from __future__ import annotations

from headway.sources.curated.agreement import Agreement, agreements
from headway.sources.curated.document import HOW, Document, Reading, Row, parse

__all__ = ["HOW", "Agreement", "Document", "Reading", "Row", "agreements", "parse"]
