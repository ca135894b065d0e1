"""The catalogue check: clean on this repository, and each of its rules fires."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool():
    path = ROOT / "tools" / "check_messages.py"
    found = importlib.util.spec_from_file_location("check_messages", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["check_messages"] = module
    found.loader.exec_module(module)
    yield module
    del sys.modules["check_messages"]


@pytest.fixture
def tree(tmp_path, tool, monkeypatch):
    """A small package whose catalogues are in order."""
    monkeypatch.setattr(tool, "FAMILIES", {"domain-": ("cyber",)})
    package = tmp_path / "src" / "headway"
    for lang, hello, cyber in (
        ("en", "Hello { $name }", "Cyber"),
        ("ja", "{ $name } さん", "サイバー"),
    ):
        folder = package / "i18n" / lang
        folder.mkdir(parents=True)
        (folder / "a.ftl").write_text(
            f"hello = {hello}\ndomain-cyber = {cyber}\n", encoding="utf-8"
        )
    (package / "a.py").write_text(
        "def f(message, d):\n    return message('hello', name='x') + message(f'domain-{d}')\n",
        encoding="utf-8",
    )
    return tmp_path


def change(tree, file, old, new):
    path = tree / "src" / "headway" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_this_repository_is_clean(tool):
    assert tool.check(ROOT) == []


def test_small_tree_is_clean(tool, tree):
    assert tool.check(tree) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("i18n/ja/a.ftl", "hello = { $name } さん\n", "", "hello: missing in ja"),
        ("i18n/en/a.ftl", "hello = Hello { $name }\n", "", "hello: only in ja"),
        ("i18n/ja/a.ftl", "{ $name }", "{ $who }", "hello: fields differ"),
        ("a.py", "'hello'", "'goodbye'", "goodbye: asked for in /a.py:2, but in no catalogue"),
        ("a.py", "name='x'", "", "hello: /a.py:2 leaves out name"),
        ("a.py", "message('hello', name='x')", "''", "hello: nothing uses it"),
        ("a.py", "f'domain-{d}'", "f'planet-{d}'", "but no key fits"),
        ("i18n/en/a.ftl", "domain-cyber = Cyber\n", "", "domain-cyber: a word of the design"),
        ("i18n/en/a.ftl", "hello = Hello", "hello Hello", "en/a.ftl: not Fluent"),
        ("i18n/en/a.ftl", "domain-cyber = Cyber\n", "hello = again { $name }\n", "exists twice"),
    ],
)
def test_rule_fires(tool, tree, file, old, new, problem):
    change(tree, file, old, new)

    assert any(problem in found for found in tool.check(tree)), tool.check(tree)


def test_note_without_a_text_is_found(tool, tree):
    folder = tree / "src" / "headway" / "estimate"
    folder.mkdir()
    (folder / "b.py").write_text(
        "def f(q, n):\n    missing = []\n    missing.append(f'too_few_moons:{n}<3')\n"
        "    return q.not_estimable('months', 'no_sun', *missing)\n",
        encoding="utf-8",
    )

    found = tool.check(tree)

    assert any("note-too_few_moons" in problem for problem in found)
    assert any("note-no_sun" in problem for problem in found)


def test_template_key_without_a_text_is_found(tool, tree):
    (tree / "src" / "headway" / "p.html.j2").write_text("{{ t('no-such') }}", encoding="utf-8")

    assert tool.check(tree) == ["no-such: asked for in /p.html.j2, but in no catalogue"]


def test_exit_status(tool, tree, capsys):
    assert tool.main([str(tree)]) == 0
    change(tree, "a.py", "'hello'", "'goodbye'")
    assert tool.main([str(tree)]) == 1
    assert "goodbye" in capsys.readouterr().out
