"""The README's own checks: two commands, links that exist, numbers that are compared."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_readme", ROOT / "tools/check_readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_has_exactly_two_set_up_commands(tool: ModuleType) -> None:
    first, second = tool.setup_commands((ROOT / "README.md").read_text(encoding="utf-8"))
    assert first.endswith("headway report")
    assert second.endswith("python -m pytest")


def test_a_third_command_is_refused(tool: ModuleType) -> None:
    block = "```bash\nx\n```\n"
    with pytest.raises(ValueError, match="exactly|expected two"):
        tool.setup_commands(f"{tool.BEGIN}\n{block * 3}{tool.END}")


def test_links_of_the_readme_exist(tool: ModuleType) -> None:
    for target in tool.local_links((ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_numbers_may_differ_by_rounding_only(tool: ModuleType) -> None:
    assert not tool.differs("| cyber | 8.1 | gpt-5.5", "| cyber | 8.4 | gpt-5.5")
    assert tool.differs("| cyber | 8.1 |", "| cyber | 9.9 |")
    assert tool.differs("| cyber | 8.1 |", "| cyber | open models lead |")
