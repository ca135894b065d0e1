"""Every source has a page, and its page states its licence, addresses and quirks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.sources.bodies import CONNECTORS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "sources"
CODE = Path(__file__).resolve().parents[2] / "src" / "headway" / "sources"


@pytest.mark.parametrize("module", CONNECTORS, ids=lambda module: module.SOURCE.key)
def test_every_source_has_a_page(module):
    page = (DOCS / f"{module.SOURCE.key}.md").read_text(encoding="utf-8")

    assert f"`{module.__name__}`" in page
    assert "## Quirks" in page
    assert module.SOURCE.cadence in page
    assert ("unverified" in page) == (module.SOURCE.shape_seen is None)


def test_every_reason_is_documented():
    """The page of reasons lists exactly the words that the code gives."""
    code = "".join(file.read_text(encoding="utf-8") for file in CODE.glob("*.py"))
    pattern = r'(?:Refused\(\s*|fail\([^()]*?(?:\([^()]*\))?[^()]*?, )"([a-z_]+)"'
    given = set(re.findall(pattern, code)) | {"name_missing", "name_not_text", "negative"}
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    part = text.partition("**Reasons of failures**")[2].partition("**Units**")[0]

    assert set(re.findall(r"`([a-z_]+)`", part)) == given | {"out_of_range"}
