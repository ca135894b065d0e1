"""A newcomer's first hour with live data, as one story on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from headway.cli.app import app
from tests.sources.mirror import mirrored
from tests.sources.server import Server
from tests.sources.test_formats import header, log, summaries
from tests.sources.test_update import bodies, line


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, (words, done.stdout, done.stderr, done.exception)
    return done.stdout


def told(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--json"))
    return found


def lag() -> tuple[str, float]:
    found = told("lag", "--domain", "cyber", "--definition", "lag_now", "--as-of", "2026-11-20")
    return found["data_release"], found["results"][0]["lag"]["value"]


def lag_own() -> tuple[str, float]:
    question = ("--domain", "cyber", "--definition", "lag_now", "--as-of", "2026-11-20")
    found = told("lag", *question, "--own", "include")
    return found["data_release"], found["results"][0]["lag"]["value"]


def test_sync_status_diff_release_add_and_another_lag(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped, at_first = lag()

    card = {
        "name": "SWE-Bench Verified",
        "metric": "resolved",
        "score": 96.0,
        "source": "https://example.org/card",
        "date": "2026-11-20",
    }
    content = bodies(line("Zeta 5", 0.97), scores=(card,))
    with mirrored(server, content):
        synced = told("data", "sync")
        assert synced["release"]["new_models"] == ["zeta-5"]
        status = told("data", "status")
        assert {row["source"] for row in status["results"]} == {"cybergym-page", "models-dev"}
    updated = synced["release"]["after"]

    changed = told("data", "diff", "shipped", updated, "--results", "none")
    scores = next(row for row in changed["tables"] if row["table"] == "scores")
    assert scores["added"] == 2
    release, with_zeta = lag()
    assert (release, release.startswith(shipped)) == (updated, True)
    assert with_zeta < at_first

    cut = Path(run("data", "release", "--name", "my-first-release").strip())
    assert (cut / "croissant.json").is_file()
    run("data", "release", "--verify", "my-first-release")
    run("data", "list", "--data-release", "my-first-release")

    # results of one's own: a table and a log, each dry at first
    (tmp_path / "mine.csv").write_text(
        "model,benchmark,score,n\n"
        "zeta-5,cybench,0.97,39\n"
        "zeta-5,exploitgym-v1-userspace,0.45,502\n"
        "zeta-5,exploitgym-v1-v8,0.45,181\n"
        "zeta-5,cybergym-level1,0.99,1507\n"
    )
    assert told("data", "add", "mine.csv")["summary"]["written"] is False
    assert told("data", "add", "mine.csv", "--yes")["summary"]["stored_afterwards"] == 4
    inspect = log(tmp_path / "mine.eval", header(), summaries(samples=40, epochs=1))
    names = ("--name", "openai/gpt-5=zeta-5", "--name", "cybench=cybench")
    assert told("data", "add", inspect.name, *names)["summary"]["written"] is False
    assert told("data", "add", inspect.name, *names, "--yes")["summary"]["stored_afterwards"] == 5
    release, with_own = lag_own()
    assert release == f"{updated}+own"
    assert with_own != with_zeta
    assert lag() == (updated, with_zeta)
