"""Check the message catalogues against each other and against the code.

    python tools/check_messages.py [ROOT]

Fails (exit 1) if a key is missing in a language, if the languages use other fields, if code or a
template asks for a key that does not exist or leaves out a field, or if nothing uses a key.
Keys built at run time are known by their constant part (``f"domain-{name}"`` stands for
``domain-*``), and :data:`FAMILIES` lists the members that each of them must have.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

LANGS = ("en", "ja")

#: Fields that only a language with plural forms needs.
PLURAL_FIELDS = frozenset({"count", "many"})

_DOMAINS = ("cyber", "coding", "general")
_STAGES = (
    "find_reproduce",
    "exploit",
    "range",
    "ctf_mixed",
    "command_line",
    "knowledge",
    "defensive",
)
_DEFINITIONS = ("lag_mean_12m", "lag_now", "lag_at_record", "headway_months", "lag_trend", "gap")
_EVIDENCE = ("all", "independent", "held_out", "first_party")
_STATES = ("estimated", "open_leads", "censored", "not_estimable")
_QUESTIONS = (
    "test",
    "reconcile",
    "forecast",
    "backtest",
    "effects",
    "sauce",
    "harness",
    "density",
)
_GROUPS = ("open_weight", "closed_public", "closed_restricted", "closed_any", "unknown")

#: Keys that are built from a word of the design: prefix to the words that may follow.
FAMILIES: dict[str, tuple[str, ...]] = {
    "domain-": _DOMAINS,
    "stage-": ("all", *_STAGES),
    "definition-": _DEFINITIONS,
    "about-": _DEFINITIONS,
    "evidence-": _EVIDENCE,
    "about-evidence-": _EVIDENCE,
    "state-": _STATES,
    "about-state-": _STATES,
    "card-": _STATES,
    "group-": _GROUPS,
    "frontier-": ("public", "restricted"),
    "frontier-short-": ("public", "restricted"),
    "unit-": (
        "log_odds",
        "logits",
        "months",
        "months_per_year",
        "points",
        "probability",
        "proportion",
        "ratio",
    ),
    "decision-": ("ship", "cite_facts", "connector_only"),
    "lagtest-short-": ("lag_mean_12m", "lag_now", "lag_at_record", "headway_months"),
    "section-": _QUESTIONS,
    "question-": _QUESTIONS,
}

#: First words of keys; a literal with one of them in front must be a key.
STRICT_PREFIXES = ("caveat-", "finding-")


@dataclass
class Used:
    """What the code asks for."""

    exact: dict[str, list[str]] = field(default_factory=dict)
    patterns: dict[str, list[str]] = field(default_factory=dict)
    literals: set[str] = field(default_factory=set)
    #: key, given fields, where
    calls: list[tuple[str, set[str], str]] = field(default_factory=list)

    def key(self, key: str, where: str) -> None:
        self.exact.setdefault(key, []).append(where)

    def pattern(self, pattern: str, where: str) -> None:
        self.patterns.setdefault(pattern, []).append(where)


class _Fields(Visitor):
    """Names of the fields of one message."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:
        self.names.add(node.id.name)


def read_catalogue(folder: Path) -> tuple[dict[str, set[str]], list[str]]:
    """Keys with their fields, and what is wrong with the files themselves."""
    keys: dict[str, set[str]] = {}
    problems: list[str] = []
    for file in sorted(folder.glob("*.ftl")):
        resource = FluentParser().parse(file.read_text(encoding="utf-8"))
        for entry in resource.body:
            if isinstance(entry, ftl.Junk):
                problems.append(f"{file.parent.name}/{file.name}: not Fluent: {entry.content!r}")
            elif isinstance(entry, ftl.Message):
                key = entry.id.name
                if key in keys:
                    problems.append(f"{file.parent.name}/{file.name}: {key} exists twice")
                visitor = _Fields()
                visitor.visit(entry)
                keys[key] = visitor.names
    return keys, problems


def _constant(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _as_pattern(node: ast.JoinedStr) -> str:
    """A regular expression for a text with placeholders."""
    parts = [
        re.escape(str(value.value)) if isinstance(value, ast.Constant) else "[a-z0-9_-]+"
        for value in node.values
    ]
    return "".join(parts)


def _keys_in(node: ast.AST) -> Iterator[ast.AST]:
    """The texts that an expression may become: itself, or the branches of a choice."""
    if isinstance(node, ast.IfExp):
        yield from _keys_in(node.body)
        yield from _keys_in(node.orelse)
    else:
        yield node


def _name(call: ast.Call) -> str:
    """The last part of what is called."""
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


class _Code(ast.NodeVisitor):
    """Calls that ask for texts, notes and warnings in one module."""

    def __init__(self, used: Used, where: str) -> None:
        self.used = used
        self.where = where

    def _ask(self, node: ast.AST, prefix: str, call: ast.Call | None) -> None:
        where = f"{self.where}:{getattr(node, 'lineno', 0)}"
        for found in _keys_in(node):
            text = _constant(found)
            if text is not None:
                key = prefix + text
                self.used.key(key, where)
                if call is not None and all(k.arg is not None for k in call.keywords):
                    given = {k.arg for k in call.keywords if k.arg is not None}
                    self.used.calls.append((key, given, where))
            elif isinstance(found, ast.JoinedStr):
                self.used.pattern(re.escape(prefix) + _as_pattern(found), where)

    def _notes(self, node: ast.AST) -> None:
        """Note keys in an expression: texts, tuples of them, f-strings up to the colon."""
        where = f"{self.where}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.JoinedStr):
            self.used.pattern("note-" + _as_pattern(node).split(":")[0], where)
        elif isinstance(node, ast.Compare):
            return  # a condition, not a note
        elif (text := _constant(node)) is not None:
            if re.fullmatch(r"[a-z0-9_]+(:.*)?", text):
                self.used.key("note-" + text.partition(":")[0], where)
        else:
            for child in ast.iter_child_nodes(node):
                self._notes(child)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            text = node.value.lstrip("#")
            self.used.literals.add(text)
            if text.startswith(STRICT_PREFIXES) and re.fullmatch(r"[a-z0-9_-]+", text):
                self.used.key(text, f"{self.where}:{node.lineno}")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        pattern = _as_pattern(node)
        if re.match(r"[a-z]+(?:\\?-[a-z_]+)*\\?-\[", pattern):
            self.used.patterns.setdefault(pattern, [])
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node)
        if name in ("message", "t") and node.args:
            self._ask(node.args[0], "", node)
        elif name == "_counted" and node.args:
            self._ask(node.args[0], "", None)
        elif name == "problem" and len(node.args) > 1:
            self._ask(node.args[1], "error-", None)
            for part in _keys_in(node.args[1]):
                text = _constant(part)
                if text is not None:
                    self.used.key(f"error-{text}-hint", f"{self.where}:{node.lineno}")
        elif name in ("Warned", "ReportWarning") and node.args:
            self._ask(node.args[0], "warning-", None)
        elif name == "not_estimable":
            for argument in node.args[1:]:
                if not isinstance(argument, ast.Starred):
                    self._notes(argument)
        elif name == "note" and node.args and _constant(node.args[0]) is not None:
            self._notes(node.args[0])
        elif name in ("append", "insert") and isinstance(node.func, ast.Attribute):
            target = getattr(node.func.value, "id", "")
            if target == "notes" or (target == "missing" and "/estimate/" in self.where):
                self._notes(node.args[-1])
        for keyword in node.keywords:
            if keyword.arg == "notes" and isinstance(keyword.value, ast.Tuple):
                self._notes(keyword.value)
        self.generic_visit(node)

    def _assigned(self, target: ast.AST, value: ast.AST | None) -> None:
        if value is None or not isinstance(target, ast.Name):
            return
        if target.id == "notes" or (target.id.isupper() and "NOTE" in target.id):
            self._notes(value)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._assigned(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._assigned(node.target, node.value)
        self.generic_visit(node)


def read_code(package: Path) -> Used:
    """Everything that modules and templates ask for."""
    used = Used()
    for file in sorted(package.rglob("*.py")):
        where = "/" + file.relative_to(package).as_posix()
        _Code(used, where).visit(ast.parse(file.read_text(encoding="utf-8")))
    for file in sorted(package.rglob("*.j2")):
        text = file.read_text(encoding="utf-8")
        where = "/" + file.relative_to(package).as_posix()
        for match in re.finditer(r"\bt\(\s*(['\"])([a-z0-9_-]+)\1\s*(~)?", text):
            if match.group(3):
                used.pattern(re.escape(match.group(2)) + "[a-z0-9_-]+", where)
            else:
                used.key(match.group(2), where)
    return used


def check(root: Path) -> list[str]:
    """What is wrong, one sentence each; empty if all is well."""
    package = root / "src" / "headway"
    problems: list[str] = []
    catalogues: dict[str, dict[str, set[str]]] = {}
    for lang in LANGS:
        catalogues[lang], found = read_catalogue(package / "i18n" / lang)
        problems += found
    first = catalogues[LANGS[0]]
    for lang in LANGS[1:]:
        other = catalogues[lang]
        problems += [f"{key}: missing in {lang}" for key in sorted(first.keys() - other.keys())]
        problems += [f"{key}: only in {lang}" for key in sorted(other.keys() - first.keys())]
        for key in sorted(first.keys() & other.keys()):
            if (first[key] ^ other[key]) - PLURAL_FIELDS:
                problems.append(
                    f"{key}: fields differ: {LANGS[0]} {sorted(first[key])}, "
                    f"{lang} {sorted(other[key])}"
                )
    used = read_code(package)
    for key, where in sorted(used.exact.items()):
        if key not in first:
            problems.append(f"{key}: asked for in {where[0]}, but in no catalogue")
    for pattern, where in sorted(used.patterns.items()):
        if where and not any(re.fullmatch(pattern, key) for key in first):
            problems.append(f"{pattern}: asked for in {where[0]}, but no key fits")
    for key, given, at in used.calls:
        needed = set().union(*(c.get(key, set()) for c in catalogues.values()))
        if needed - given:
            problems.append(f"{key}: {at} leaves out {', '.join(sorted(needed - given))}")
    for prefix, members in FAMILIES.items():
        problems += [
            f"{prefix}{member}: a word of the design, but in no catalogue"
            for member in members
            if prefix + member not in first
        ]
    family = {prefix + member for prefix, members in FAMILIES.items() for member in members}
    for key in sorted(first):
        if not (
            key in used.exact
            or key in used.literals
            or key in family
            or any(re.fullmatch(pattern, key) for pattern in used.patterns if _says(pattern))
        ):
            problems.append(f"{key}: nothing uses it")
    return problems


def _says(pattern: str) -> bool:
    """A pattern that starts with a constant word; ``{name}-{value}`` says nothing."""
    return not pattern.startswith("[")


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    problems = check(root)
    for problem in problems:
        print(problem)
    print(f"messages: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
