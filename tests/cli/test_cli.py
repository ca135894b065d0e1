"""The command line: data on stdout, talk on stderr, documented exit codes, examples that run."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import polars as pl
import pytest
from click.testing import CliRunner, Result

import headway
from headway.cli.app import COMMANDS, app
from tests.api.test_api import INDEX, valid
from tests.diff.worlds import edited, small, write
from tests.sources.fakes import registered, resource, rows, source
from tests.sources.server import ok, serving

ROOT = Path(__file__).resolve().parents[2]


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its full name."""
    context = click.Context(app)
    for name in COMMANDS:
        found = app.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            for part, sub in found.commands.items():
                yield f"{name} {part}", sub
        else:
            yield name, found


def examples(command: click.Command) -> list[str]:
    """Lines of the command's help that are commands themselves."""
    lines = (command.epilog or "").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("headway ")]


ALL = dict(commands())


@pytest.fixture(scope="session")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stored releases that differ in a few scores."""
    folder = tmp_path_factory.mktemp("two")
    write(folder / "2026-11-24", small())
    corrected = pl.col("benchmark") == "coding-0-0"
    write(folder / "2026-12-01", edited(small(), corrected, lambda score: score * 0.9))
    return folder


@pytest.fixture(scope="session")
def cut_release(small_release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that was cut from the small one."""
    folder = tmp_path_factory.mktemp("cut")
    origin = small_release_folder / "releases" / "small"
    with headway.data_choice(origin):
        return headway.data_release(name="my-release", out=folder, since=origin).path


@pytest.fixture(autouse=True)
def place(
    small_release: Path,
    two_releases: Path,
    cut_release: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A working folder with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(cut_release, tmp_path / "my-release")
    # a data folder of its own: some examples store rows in it
    shutil.copytree(small_release.parent, tmp_path / "data" / "releases")
    shutil.copytree(two_releases, tmp_path / "data" / "releases", dirs_exist_ok=True)
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "my-index.csv").write_text(INDEX)
    (tmp_path / "my-model.csv").write_text(
        "model,benchmark,score,n\n"
        + "".join(
            f"My Model,{domain}-{i}-0,0.{6 - i},150\n"
            for domain in ("coding", "general")
            for i in range(4)
        )
        + "".join(f"My Model,cyber-exploit-{i},0.5,150\n" for i in range(2))
    )
    (tmp_path / "my-scores.csv").write_text("model,benchmark,score\ngpt-5,coding-0-0,0.5\n")
    (tmp_path / "my-points.csv").write_text(
        "model,hardware,n_gpus,precision,phase,isl,osl,concurrency,tok_s_gpu,unit\n"
        "deepseek-v3,h200,8,fp8,agg,1024,1024,64,250,output tok/s/GPU\n"
    )
    return tmp_path


@pytest.fixture(autouse=True)
def one_source(small_release_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The source that the examples of ``data sync`` name, invented and on loopback."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as server:
        url = server.on("/index", ok(rows(3)))
        with registered(source("epoch-index", resource("index", url))):
            yield
    shutil.rmtree(small_release_folder / "snapshots", ignore_errors=True)


def call(*args: str) -> Result:
    return CliRunner().invoke(app, list(args))


# The shape of every command --------------------------------------------------------------------


def test_help_lists_every_command_without_importing_it() -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from headway.cli.app import app\n"
        "print(CliRunner().invoke(app, ['--help']).output)\n"
        "heavy = ['numpy', 'polars', 'scipy', 'pyarrow', 'altair', 'rich', 'joblib', 'fluent',\n"
        "         'jinja2', 'dataframely', 'headway.api', 'headway.cli.lag']\n"
        "print([m for m in heavy if m in sys.modules])\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for name in COMMANDS:
        assert f"  {name} " in out.stdout
    assert out.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_the_common_options_and_an_example(name: str) -> None:
    given = {opt for p in ALL[name].params for opt in p.opts}
    assert {"--json", "--as-of", "--seed", "--lang", "--offline"} <= given
    assert examples(ALL[name])
    text = call(*name.split(), "--help").stdout
    assert "Examples:" in text
    for line in examples(ALL[name]):
        assert line in text


@pytest.mark.parametrize(("name", "line"), [(n, e) for n, c in ALL.items() for e in examples(c)])
def test_every_example_runs(name: str, line: str) -> None:
    words = shlex.split(line)
    assert words[: len(name.split()) + 1] == ["headway", *name.split()]
    found = call(*words[1:])
    assert found.exit_code == 0, found.output
    assert found.stdout


@pytest.mark.parametrize("name", ALL)
def test_every_command_and_option_is_in_the_docs(name: str) -> None:
    page = ROOT / "docs" / "commands" / f"{name.replace(' ', '-')}.md"
    text = page.read_text(encoding="utf-8")
    for line in examples(ALL[name]):
        assert line in text, line
    for param in ALL[name].params:
        for option in param.opts:
            assert option in text or not option.startswith("--"), option


ARGUMENTS = {
    "data use": ["shipped"],
    "data diff": ["2026-11-24", "2026-12-01", "--results", "none"],
    "report": [],
    "lag": ["--domain", "coding"],
    "place": ["my-model.csv"],
    "forecast": ["--stage", "exploit"],
    "backtest": [],
    "reconcile": ["--path", "headway-coding", "headway-cyber"],
    "impact funnel": [],
    "impact series": ["kev"],
    "impact study": ["kev"],
    "data list": [],
    "data show": ["gpt-5"],
    "data validate": ["my-scores.csv"],
    "data sync": [],
    "data status": [],
    "data export": ["benchmarks"],
    "data release": [],
    "data add": ["my-scores.csv"],
    "data remove": ["all"],
    "deploy fit": ["kimi-k3", "h100"],
    "deploy speed": ["deepseek-v3", "h200"],
    "deploy cost": ["deepseek-v3", "h200"],
    "deploy frontier": ["deepseek-v3", "h200"],
    "deploy hypothetical": ["--params", "5T..10T", "--active", "100B..400B"],
    "deploy validate": ["my-points.csv"],
    "deploy train": ["deepseek-v3"],
    "deploy actors": ["kimi-k3"],
    "deploy price": ["deepseek-v3", "--output-price", "2"],
    "doctor": [],
}


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("name", ALL)
def test_json_is_all_there_is_on_stdout(name: str, lang: str) -> None:
    found = call(*name.split(), *ARGUMENTS[name], "--json", "--lang", lang, "--offline")
    assert found.exit_code == 0, found.output
    document = valid(json.loads(found.stdout))
    assert document["schema"] == f"headway.{name.replace(' ', '-')}/1"


@pytest.mark.parametrize("name", ALL)
def test_japanese_output_is_japanese(name: str) -> None:
    found = call(*name.split(), *ARGUMENTS[name], "--lang", "ja")
    assert found.exit_code == 0, found.output
    if name not in {"data list"}:  # ids and numbers only
        assert any("\u3040" <= ch <= "\u9fff" for ch in found.output)


def test_version() -> None:
    assert call("--version").stdout.startswith("headway, version 0.1.0")


def test_python_m_headway_is_the_same_command() -> None:
    out = subprocess.run(
        [sys.executable, "-m", "headway", "--version"], capture_output=True, text=True, check=True
    )
    assert out.stdout == call("--version").stdout


def test_shell_completion_is_offered() -> None:
    env = {**os.environ, "_HEADWAY_COMPLETE": "bash_source"}
    code = "from headway.cli import main; main()"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True
    )
    assert "_headway_completion" in out.stdout


# Exit codes and errors -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("doctor", 0),
        ("data show nothing-like-this", 1),
        ("report -o nowhere/r.html", 1),
        ("lag --nonsense", 2),
        ("lag --as-of yesterday", 2),
        ("lag --as-of 2026-6-30", 2),
        ("lag --domain law", 2),
        ("lag --level 90", 2),
        ("lag --seed -1", 2),
        ("lag --index my-index.csv --domain cyber", 2),
        ("data add nowhere.csv", 65),
        ("data add my-scores.csv --name gpt-5", 2),
        ("data remove nothing-stored", 1),
        ("lag --index my-index.csv --own include", 2),
        ("data diff 2030-01-01", 1),
        ("data diff my-index.csv", 1),
        ("data diff 2026-11-24 2026-12-01 --results none,lag", 2),
        ("data diff 2026-11-24 2026-12-01 --results none --table score", 2),
        ("data diff 2026-11-24 2026-12-01 --results none --out changes.txt", 2),
        ("data diff 2026-11-24 2026-12-01 --results none --out nowhere/changes.csv", 1),
        ("data diff 2026-11-24 2026-12-01 --results none --seeds 0", 2),
        ("data diff 2026-11-24 2026-12-01 --as-of 1999-01-01", 2),
        ("data diff --results none 2026-11-24 2026-11-24", 0),
        ("data release --name Nope!", 2),
        ("data release --verify nothing-cut", 1),
        ("data release --verify x --name y", 2),
        ("data release --push someone/data --offline", 75),
        ("data release --as-of 1990-01-01", 65),
        ("data export nothing", 2),
        ("data export sources --format eee", 2),
        ("data export scores --where colour=red", 2),
        ("data export scores --where model_version=nobody", 65),
        ("data export scores -o nowhere/x.csv", 1),
        ("impact series nothing", 2),
        ("impact series kev --severity high", 2),
        ("impact series msrc --by week", 2),
        ("impact series --output all.csv", 2),
        ("impact series kev --output kev.xls", 2),
        ("impact series kev --output nowhere/kev.csv", 1),
        ("impact series --by week", 2),
        ("impact series kev --since 2026-10-01", 65),
        ("impact study kev --known-step kev", 2),
        ("impact study kev --known-step curl=2025-01-01", 2),
        ("impact study kev --level 0", 2),
        ("impact funnel --as-of 2026-01-01", 65),
        ("impact study kev --as-of 1990-01-01", 65),
        ("nonsense", 2),
        ("data validate nowhere.csv", 65),
        ("lag --index my-scores.csv", 65),
        ("place nowhere.csv", 65),
        ("place my-index.csv", 65),
        ("place my-model.csv --frontier nobody", 2),
        ("place my-model.csv --domain coding --stage exploit", 2),
    ],
)
def test_exit_codes(line: str, code: int) -> None:
    found = call(*shlex.split(line))
    assert found.exit_code == code, found.output
    if code:
        assert found.stdout == ""
        assert found.stderr


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "score-of-1.4.csv": (b"model,benchmark,score\ngpt-5,coding-0-0,1.4\n", "outside 0 to 1"),
    "percent.csv": (b"model,benchmark,score\ngpt-5,coding-0-0,82\n", "divide by 100"),
    "unknown-model.csv": (b"model,benchmark,score\ngtp-5,coding-0-0,0.5\n", "close names: gpt-5"),
    "duplicate.csv": (
        b"model,benchmark,score\ngpt-5,coding-0-0,0.5\ngpt-5,coding-0-0,0.5\n",
        "repeats line 2",
    ),
    "missing-column.csv": (b"model,score\ngpt-5,0.5\n", "columns are missing: benchmark"),
    "truncated.parquet": (b"PAR1\x15\x00", "truncated"),
    "shift-jis.csv": ("model,benchmark,score\n国産モデル,検証,0.5\n".encode("cp932"), "Shift-JIS"),
    "future.csv": (
        b"model,benchmark,score,evaluated_on\ngpt-5,coding-0-0,0.5,2199-01-01\n",
        "after today",
    ),
    "empty.csv": (b"model,benchmark,score\n", "no rows"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_every_bad_input_is_a_clear_error_with_code_65(name: str, place: Path) -> None:
    body, words = BAD_FILES[name]
    (place / name).write_bytes(body)
    found = call("data", "validate", name)
    assert found.exit_code == 65
    assert words in found.output
    assert "Traceback" not in found.output
    japanese = call("data", "validate", name, "--lang", "ja")
    assert japanese.exit_code == 65
    assert japanese.output != found.output


@pytest.mark.parametrize("name", ["truncated.parquet", "shift-jis.csv", "empty.csv"])
def test_the_same_files_as_an_index_are_refused(name: str, place: Path) -> None:
    (place / name).write_bytes(BAD_FILES[name][0])
    assert call("lag", "--index", name).exit_code == 65


def test_errors_under_json_are_json_on_stderr(place: Path) -> None:
    found = call("data", "show", "nothing-like-this", "--json")
    told = json.loads(found.stderr)["error"]
    assert told["code"] == "not_found"
    assert told["message"]
    assert told["hint"]
    assert found.stdout == ""


def test_validate_under_json_prints_the_rows_and_exits_65(place: Path) -> None:
    (place / "bad.csv").write_text("model,released,access,score\na,2024-01-01,open,x\n")
    found = call("data", "validate", "bad.csv", "--json")
    assert found.exit_code == 65
    (row,) = valid(json.loads(found.stdout))["results"]
    assert (row["line"], row["column"], row["reason"]) == (2, "score", "not_a_number")


def test_a_damaged_release_is_said_and_doctor_fails(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(place))
    (place / "releases" / "small").mkdir(parents=True)
    (place / "releases" / "small" / "release.json").write_text("{}")
    (place / "releases" / "current").write_text("small")
    assert call("lag").exit_code == 65
    found = call("doctor")
    assert found.exit_code == 1
    assert "BROKEN" in found.stdout


# Hostile text ----------------------------------------------------------------------------------

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31mred\u202eevil\u200b"


@pytest.mark.parametrize("extra", [[], ["--json"]])
@pytest.mark.parametrize("command", [["data", "validate"], ["lag", "--index"]])
def test_text_from_files_cannot_steer_the_terminal(
    place: Path, command: list[str], extra: list[str]
) -> None:
    (place / "evil.csv").write_text(
        f"model,released,access,score\n{HOSTILE},2024-01-01,open,1\nb,2024-01-01,{HOSTILE},2\n"
    )
    out = call(*command, "evil.csv", *extra).output
    assert not set("\x1b\x07\x9b\u202e\u200b") & set(out)


def test_a_model_name_in_a_result_is_cleaned(place: Path) -> None:
    (place / "evil.csv").write_text(INDEX.replace("o3", HOSTILE))
    for extra in ([], ["--json"]):
        found = call("lag", "--index", "evil.csv", "--definition", "lag_now", *extra)
        assert found.exit_code == 0, found.output
        assert not set("\x1b\x07\x9b\u202e\u200b") & set(found.output)


# Talk ------------------------------------------------------------------------------------------


def test_warnings_go_to_stderr_and_into_the_json() -> None:
    text = call("lag", "--domain", "coding", "--as-of", "2026-12-31")
    assert "Note:" in text.stderr
    assert "Note:" not in text.stdout
    found = call("lag", "--domain", "coding", "--as-of", "2026-12-31", "--json")
    assert found.stderr == ""
    codes = [w["code"] for w in json.loads(found.stdout)["warnings"]]
    assert "beyond_data" in codes


def test_a_damaged_cache_entry_is_said_and_computed_again(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(place / "cache"))
    first = call("lag", "--domain", "coding", "--json")
    for path in (place / "cache").glob("*.npz"):
        path.write_bytes(path.read_bytes()[:-40])
    again = call("lag", "--domain", "coding", "--json")
    assert again.stdout == first.stdout
    assert "CacheWarning" in again.stderr


def test_report_prints_only_its_path(place: Path) -> None:
    found = call("report", "-o", "mine.html")
    assert found.stdout == "mine.html\n"
    assert (place / "mine.html").read_text(encoding="utf-8").lstrip().startswith("<!")


def test_a_terminal_that_knows_no_japanese_gets_question_marks() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for extra in ([], ["--json"]):
        out = subprocess.run(
            [sys.executable, "-m", "headway", "doctor", "--lang", "ja", *extra],
            capture_output=True,
            env=env,
            check=True,
        )
        out.stdout.decode("ascii")
