"""Real logs of inspect-ai: what it wrote is what either reader finds (extra ``eval``)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headway.errors import BadOption, MissingExtra, Unreadable
from headway.sources import formats
from headway.sources.declare import ScoreClaim
from headway.sources.formats import inspect_log
from headway.tables.store import load_release
from tests.sources.inspect_runs import FORMATS, RUNS, SAMPLES
from tests.sources.test_formats import header, log, summaries

ROOT = Path(__file__).resolve().parents[2]
ENDED = [name for name, status in RUNS.items() if status == "success"]


def child(*words: str, timeout: float = 600) -> str:
    """Standard output of a Python process with this source tree."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, *words], env=env, cwd=ROOT, capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of real logs, one per run and format."""
    pytest.importorskip("inspect_ai")
    folder = tmp_path_factory.mktemp("logs")
    child("-m", "tests.sources.inspect_runs", str(folder))
    return folder


@pytest.fixture(scope="session")
def told(logs: Path) -> dict[str, Any]:
    """What inspect-ai itself says about every log (in a process of its own)."""
    script = """
import json, sys
from pathlib import Path
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries
out = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    log = read_eval_log(str(path), header_only=True)
    summaries = read_eval_log_sample_summaries(str(path))
    out[path.name] = {
        "status": log.status,
        "metrics": [
            [score.name, score.reducer, name, metric.value]
            for score in (log.results.scores if log.results else [])
            for name, metric in score.metrics.items()
        ],
        "scored": len({s.id for s in summaries if s.scores}),
        "model": log.eval.model,
        "task": log.eval.task,
        "completed_at": log.stats.completed_at,
    }
print(json.dumps(out))
"""
    found: dict[str, Any] = json.loads(child("-c", script, str(logs)))
    return found


def claims(path: Path, reader: str) -> tuple[ScoreClaim, ...]:
    return inspect_log.parse(path, reader=reader).scores


def test_every_run_left_a_log_in_both_formats(logs: Path, told: dict[str, Any]) -> None:
    assert sorted(told) == sorted(f"{name}.{form}" for name in RUNS for form in FORMATS)
    for name, status in RUNS.items():
        assert {told[f"{name}.{form}"]["status"] for form in FORMATS} == {status}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", RUNS)
def test_both_readers_find_the_same(logs: Path, name: str, form: str) -> None:
    path = logs / f"{name}.{form}"

    assert formats.format_of(path) == "inspect_log"
    assert inspect_log.parse(path, reader="own") == inspect_log.parse(path, reader="inspect_ai")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ENDED)
def test_the_claims_are_the_metrics_that_inspect_states(
    logs: Path, told: dict[str, Any], name: str, form: str
) -> None:
    said = told[f"{name}.{form}"]
    stated = {
        (
            f"{scorer}/{reducer}/{metric}"
            if reducer not in (None, "mean")
            else f"{scorer}/{metric}"
        ): value
        for scorer, reducer, metric, value in said["metrics"]
        if metric not in ("std", "stderr")
    }
    found = claims(logs / f"{name}.{form}", "own")

    assert {c.metric: c.score for c in found} == stated
    assert {(c.model, c.benchmark, c.evaluated_on, c.n) for c in found} <= {
        (said["model"], said["task"], said["completed_at"], said["scored"])
    }


def test_epochs_are_no_independent_trials_and_the_best_of_two_says_so(logs: Path) -> None:
    mean, best = claims(logs / "epochs.eval", "own")

    assert (mean.attempts, best.attempts) == (None, 2)
    assert mean.n == best.n == SAMPLES


def test_settings_of_the_task_and_samples_that_failed_are_seen(logs: Path) -> None:
    (settings,) = claims(logs / "settings.eval", "own")
    (errors,) = claims(logs / "some_errors.eval", "own")
    (limited,) = claims(logs / "limited.eval", "own")

    assert (settings.effort, settings.token_budget) == ("high", 50_000)
    assert (errors.n, errors.note) == (SAMPLES - 1, "part_of_the_items")
    assert (limited.n, limited.note) == (4, "part_of_the_items")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("reader", inspect_log.READERS)
def test_runs_without_an_end_or_a_score_give_none(logs: Path, form: str, reader: str) -> None:
    found = {
        name: [f.reason for f in inspect_log.parse(logs / f"{name}.{form}", reader=reader).failures]
        for name in ("failed", "cancelled", "killed", "unscored", "nothing")
    }
    assert found == {
        "failed": ["run_error"],
        "cancelled": ["run_cancelled"],
        "killed": ["run_started"],
        "unscored": ["no_scores"],
        "nothing": ["no_scores"],
    }


@pytest.mark.parametrize("reader", inspect_log.READERS)
def test_one_of_several_metrics_is_chosen_by_name(logs: Path, reader: str) -> None:
    (claim,) = inspect_log.parse(
        logs / "scorers.eval", metric="found/accuracy", reader=reader
    ).scores
    assert (claim.metric, claim.n) == ("found/accuracy", SAMPLES)
    with pytest.raises(BadOption, match="depth/mean"):
        inspect_log.parse(logs / "scorers.eval", metric="found", reader=reader)


def test_logs_of_the_first_shape_need_the_package(tmp_path: Path) -> None:
    """Results of one scorer, before there were several: inspect-ai knows them, ours says it does not."""
    pytest.importorskip("inspect_ai")
    old = {
        "scorer": {"name": "match", "params": {}},
        "metrics": {"accuracy": {"name": "accuracy", "value": 0.5, "options": {}}},
    }
    path = log(tmp_path / "old.eval", header(results=old), summaries())
    (claim,) = inspect_log.parse(path, reader="inspect_ai").scores

    assert (claim.score, claim.metric) == (0.5, "match/accuracy")
    ours = inspect_log.parse(path, reader="own")
    assert [f.reason for f in ours.failures] == ["no_scores"]


def test_a_log_cut_short_is_refused_by_both(logs: Path, tmp_path: Path) -> None:
    for form in FORMATS:
        body = (logs / f"plain.{form}").read_bytes()
        path = tmp_path / f"cut.{form}"
        path.write_bytes(body[: len(body) // 2])
        for reader in inspect_log.READERS:
            with pytest.raises(Unreadable):
                inspect_log.parse(path, reader=reader)


def test_long_summaries_are_streamed_and_missing_ones_taken_from_samples(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zipfile

    whole = inspect_log.parse(logs / "epochs.eval", reader="inspect_ai")
    monkeypatch.setattr(inspect_log, "MAX_LISTED", 0)
    assert inspect_log.parse(logs / "epochs.eval", reader="inspect_ai") == whole

    # the samples alone, packed anew as older versions of Inspect did
    from inspect_ai.log import read_eval_log_sample

    bare = tmp_path / "bare.eval"
    spec = {
        "eval_id": "e",
        "run_id": "r",
        "created": "2026-03-01T10:00:00+00:00",
        "task": "tiny",
        "task_id": "t",
        "dataset": {"sample_ids": list(range(1, SAMPLES + 1)), "samples": SAMPLES},
        "model": "mockllm/model",
        "config": {"epochs": 1},
    }
    score = {
        "name": "match",
        "scorer": "match",
        "metrics": {"accuracy": {"name": "accuracy", "value": 0.5}},
    }
    head = {"version": 2, "status": "success", "eval": spec, "results": {"scores": [score]}}
    with zipfile.ZipFile(bare, "w") as archive:
        for number in range(1, SAMPLES):
            sample = read_eval_log_sample(str(logs / "plain.eval"), number, 1)
            archive.writestr(f"samples/{number}_epoch_1.json", sample.model_dump_json())
        archive.writestr("header.json", json.dumps(head))
    (claim,) = inspect_log.parse(bare, reader="inspect_ai").scores
    assert claim.n == SAMPLES - 1


def test_without_the_extra_ours_reads_and_large_json_logs_ask_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "inspect_ai", None)
    monkeypatch.setattr(inspect_log, "is_installed", lambda: False)
    assert inspect_log.parse(log(tmp_path / "x.eval", header(), summaries())).scores

    plain = tmp_path / "x.json"
    plain.write_text(json.dumps({**header(), "samples": summaries()}))
    assert formats.read(plain).scores == formats.read(tmp_path / "x.eval").scores
    for module in (inspect_log, formats):
        monkeypatch.setattr(module, "MAX_BYTES", 100)
    with pytest.raises(MissingExtra, match="inspect-ai"):
        formats.read(plain)
    with pytest.raises(MissingExtra, match="inspect-ai"):
        inspect_log.parse(plain, reader="inspect_ai")


def test_a_json_log_beyond_the_limit_is_read_by_its_header(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = formats.read(logs / "plain.json")
    for module in (inspect_log, formats):
        monkeypatch.setattr(module, "MAX_BYTES", 10_000)
    assert formats.read(logs / "plain.json") == whole


# Large logs ------------------------------------------------------------------------------------

#: Resident memory that an import may add, in MiB; measured: 6 (own), 133 (inspect-ai, of it 75 its import).
MORE = {"own": 32, "inspect_ai": 256}
#: Of the whole command, with the release in memory; measured: 212 (own), 214 (inspect-ai).
WHOLE = 400


def large(tmp_path: Path, mib: int) -> tuple[Path, int]:
    """A synthetic log of so many MiB, and its number of samples."""
    path = tmp_path / "large.eval"
    said = json.loads(child("benchmarks/inspect_log.py", "write", str(path), str(mib)))
    assert path.stat().st_size >= mib * 2**20
    return path, said["samples"]


def imported(path: Path, samples: int, reader: str) -> None:
    """A child process imports the log and stays within its memory."""
    if reader == "inspect_ai":
        pytest.importorskip("inspect_ai")
    said = json.loads(child("benchmarks/inspect_log.py", "read", str(path), reader))

    assert (said["n"], said["score"]) == (samples, 0.5)
    assert said["peak_mib"] - said["peak_mib_before"] < MORE[reader], said


@pytest.mark.parametrize("reader", inspect_log.READERS)
def test_a_synthetic_log_is_one_for_inspect_too(tmp_path: Path, reader: str) -> None:
    """What the large test imports is a log that inspect-ai reads, samples included."""
    path, samples = large(tmp_path, 4)
    imported(path, samples, reader)
    if reader == "inspect_ai":
        script = """
import sys
from inspect_ai.log import read_eval_log_samples
print(sum(1 for s in read_eval_log_samples(sys.argv[1]) if s.scores["match"].value in "CI"))
"""
        assert int(child("-c", script, str(path))) == samples


@pytest.mark.slow
@pytest.mark.parametrize("reader", inspect_log.READERS)
def test_a_gigabyte_is_imported_in_bounded_memory(tmp_path: Path, reader: str) -> None:
    path, samples = large(tmp_path, 1024)
    imported(path, samples, reader)
    script = """
import json, resource, sys
from headway.sources.formats import inspect_log
if sys.argv[2] == "own":
    inspect_log.is_installed = lambda: False
import headway
names = {"mockllm/model": "gpt-5", "large": sys.argv[3]}
found = headway.data_add(sys.argv[1], names=names, write=True)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
print(json.dumps({"n": found.rows[0]["n"], "written": found.written, "peak_mib": peak}))
"""
    benchmark = load_release().benchmarks.filter(pl.col("unit") == "proportion")["benchmark"][0]
    said = json.loads(child("-c", script, str(path), reader, benchmark))
    assert (said["n"], said["written"]) == (samples, True)
    assert said["peak_mib"] < WHOLE, said
