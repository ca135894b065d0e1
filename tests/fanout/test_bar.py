"""The progress bar of a terminal is drawn on stderr and cleared."""

from __future__ import annotations

import sys

import pytest

from headway.fanout.bar import _Bar


def test_the_bar_counts_before_and_after_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    bar = _Bar("fits [red]", 3)
    bar.advance()
    bar.start()
    bar.advance()
    bar.stop()
    assert bar.progress.tasks[0].completed == 2
    assert sys.stdout is not sys.stderr
    assert capsys.readouterr().out == ""
