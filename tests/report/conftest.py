"""The rendered reports, made once per session."""

from __future__ import annotations

import pytest

from headway.publish import ReportContent, render
from tests.report.answers_fixture import answers
from tests.report.fixture import content as make_content


@pytest.fixture(scope="session")
def content() -> ReportContent:
    """Sixty invented models in three domains; every state; hostile names."""
    return make_content()


@pytest.fixture(scope="session")
def pages(content: ReportContent) -> dict[str, str]:
    """The report in both languages."""
    return {lang: render(content, lang) for lang in ("en", "ja")}


@pytest.fixture(scope="session")
def full_pages(content: ReportContent) -> dict[str, str]:
    """The report in both languages with all further questions."""
    return {lang: render(content, lang, answers(lang)) for lang in ("en", "ja")}
