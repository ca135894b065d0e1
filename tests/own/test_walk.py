"""Questions in a terminal lead a newcomer to a file that can be stored; elsewhere a table says the same."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import headway
from headway.tables.own import own_path, own_rows
from tests.sources.test_formats import HARNESS, HUB

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def folder(small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(small_release.parent, tmp_path / "data" / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def command(*words: str, answers: str | None = None) -> tuple[str, str, int]:
    """The command line as a process; with ``answers`` its standard input is a terminal."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    line = [sys.executable, "-m", "headway", *words]
    if answers is None:
        done = subprocess.run(
            line, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        return done.stdout, done.stderr, done.returncode
    master, slave = os.openpty()
    try:
        process = subprocess.Popen(
            line, env=env, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        # more empty lines than there are questions: nothing waits for ever
        os.write(master, (answers + 6 * "\n").encode())
        out, err = process.communicate(timeout=60)
    finally:
        os.close(master)
        os.close(slave)
    return out, err, process.returncode


def test_a_newcomer_maps_columns_units_and_names_and_gets_the_command(folder: Path) -> None:
    path = folder / "theirs.csv"
    path.write_text("System,Task,Acc (%)\nMy best,coding 0-0,97\nMy best,T1,45\n")
    # model, benchmark, score; percent; a wrong name, the benchmark, the right name; go on
    out, err, code = command(
        "data", "add", str(path), answers="1\nTask\n7\n1\ny\nopen-99\ncoding-1-0\nopen-13\ny\n"
    )

    assert code == 0, err
    assert [(r["model_version"], r["benchmark"], r["score"]) for r in own_rows()] == [
        ("open-13", "coding-0-0", 0.97),
        ("open-13", "coding-1-0", 0.45),
    ]
    assert "2 rows were stored" in out
    # the command that it names gives the same, with nobody asked
    said = re.search(r"headway (data add .*--yes)", err)
    assert said is not None
    stored = own_path().read_bytes()
    own_path().unlink()
    assert command(*shlex.split(said[1]))[2] == 0
    assert own_path().read_bytes() == stored


def test_one_of_several_metrics_is_asked_for(folder: Path) -> None:
    path = folder / "results.json"
    path.write_text(json.dumps(HARNESS))
    names = ["--model", "gpt-5", "--name", "gpqa=coding-0-0"]
    out, err, code = command("data", "add", str(path), *names, answers="acc,none\ny\n")
    assert code == 0, err
    (row,) = own_rows()
    assert (row["benchmark"], row["score"]) == ("coding-0-0", 0.41)

    _, err, code = command("data", "add", str(path), *names)
    assert code == 2
    assert "acc_norm,none" in err
    assert "--metric" in err
    out, _, code = command("data", "add", str(path), *names, "--metric", "acc_norm,none", "--yes")
    assert code == 0
    assert "1 rows were stored" in out


def test_a_file_that_names_no_model_is_asked_for_it(folder: Path) -> None:
    path = folder / "gpqa.yaml"
    path.write_bytes(HUB.split(b"- dataset: {id")[0])
    _, err, code = command(
        "data",
        "add",
        str(path),
        "--name",
        "Idavidrein/gpqa:gpqa_diamond=coding-0-0",
        answers="gpt-5\ny\ny\n",
    )
    assert code == 0, err
    assert [(r["model_version"], r["score"]) for r in own_rows()] == [("gpt-5", 0.633)]


def test_no_answer_leaves_things_as_they_are(folder: Path) -> None:
    path = folder / "x.csv"
    path.write_text("model,benchmark,score\nnobody-7,coding-0-0,0.5\n")
    out, _, code = command("data", "add", str(path), answers="\n")
    assert code == 65
    assert "Nothing was written" in out
    path.write_text("a,b\nnobody-7,coding-0-0\n")
    assert command("data", "add", str(path), answers="\n")[2] == 65
    assert own_rows() == []


def test_without_a_terminal_a_table_says_what_each_name_could_be(folder: Path) -> None:
    path = folder / "x.csv"
    path.write_text("model,benchmark,score\nGPT 5x,coding-0-0,0.5\ngpt-5,codin-1-0,0.5\n")
    out, _, code = command("data", "add", str(path), "--yes")

    assert code == 65
    assert "--name codin-1-0=coding-1-0" in out
    assert headway.data_add(path).unknown_names["codin-1-0"] == "coding-1-0"
    assert "次の名前" in headway.data_add(path).text("ja")
