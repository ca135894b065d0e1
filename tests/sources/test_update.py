"""A sync ends with a release of what the sources state; readers see the old one or the new one."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import headway
from headway.api.sync import data_sync
from headway.errors import HeadwayError
from headway.paths import releases_dir
from headway.tables.choice import find_release, stored_releases
from headway.tables.store import load_release
from tests.api.test_api import valid
from tests.sources.conftest import QUICK
from tests.sources.mirror import mirrored
from tests.sources.server import Server, status

ROOT = Path(__file__).resolve().parents[2]

Bodies = dict[tuple[str, str], bytes]


def line(model: str, score: float, **more: Any) -> dict[str, Any]:
    stated = {"agent": "New agent", "date": "2026-11-20", "source": "CyberGym Team", "trials": 1}
    return {"model": model, "model_release_date": "2026-11-10", "score_10": score, **stated, **more}


def bodies(*lines: dict[str, Any], scores: tuple[dict[str, Any], ...] = ()) -> Bodies:
    """A board with these lines, and a list of models that dates a new one."""
    modalities = {"input": ["text"], "output": ["text"]}
    zeta = {
        "name": "Zeta 5",
        "family": "zeta",
        "release_date": "2026-11-10",
        "last_updated": "2026-11-10",
        "open_weights": True,
        "limit": {"context": 1, "output": 1},
        "modalities": modalities,
        "benchmarks": list(scores),
    }
    return {
        ("cybergym-page", "cybergym"): json.dumps({"level1": list(lines)}).encode(),
        ("models-dev", "models"): json.dumps({"zetalab/zeta-5": zeta}).encode(),
    }


def sync(server: Server, content: Bodies, **more: Any) -> Any:
    with mirrored(server, content):
        return data_sync(limits=QUICK, **more)


def test_an_updated_release_is_in_use_and_says_what_it_was_made_from(server: Server) -> None:
    found = sync(server, bodies(line("Zeta 5", 0.93), line("Nobody's model", 0.5)))

    update = found.update
    assert update.before == load_release(find_release("shipped")).data_release
    assert update.after == found.data_release == headway.load().data_release
    assert (update.total("new"), update.total("no_model")) == (1, 1)
    assert update.models == ("zeta-5",)
    assert headway.load().scores["model_version"].is_in(["zeta-5"]).sum() == 1
    told = json.loads((update.folder / "release.json").read_text())
    assert told["base"]["data_release"] == update.before
    assert {one["source"] for one in told["snapshots"]} == {"cybergym-page", "models-dev"}
    changes = (update.folder / "changes.csv").read_text().splitlines()
    assert any("no_model" in row and "No source tells" in row for row in changes)
    assert valid(found.to_json())["release"]["changed"] is True
    assert "zeta-5" in found.text("en")
    assert "zeta-5" in found.text("ja")


def test_the_same_bodies_again_make_no_other_release(server: Server) -> None:
    content = bodies(line("Zeta 5", 0.93))
    first = sync(server, content).update
    again = sync(server, content).update
    offline = sync(server, content, offline=True).update
    assert first.after == again.after == offline.after
    assert again.before == again.after
    assert stored_releases() == (first.after,)


def test_updates_build_on_each_other_and_the_older_release_stays(server: Server) -> None:
    first = sync(server, bodies(line("Zeta 5", 0.93))).update
    kept = (first.folder / "scores.parquet").read_bytes()
    second = sync(server, bodies(line("Zeta 5", 0.94), line("GPT-5", 0.4))).update
    assert (second.before, second.total("revised"), second.total("new")) == (first.after, 1, 1)
    assert (first.folder / "scores.parquet").read_bytes() == kept
    assert set(stored_releases()) == {first.after, second.after}
    # the first one can be pinned, and the shipped one is there under its date
    with headway.data_choice(first.after):
        assert headway.load().data_release == first.after
    assert find_release(first.before) == find_release("shipped")


def test_a_newer_shipped_release_is_what_an_update_begins_with(server: Server) -> None:
    first = sync(server, bodies(line("Zeta 5", 0.93), line("GPT-5", 0.4))).update
    told = first.folder / "release.json"
    old = json.loads(told.read_text())
    told.write_text(json.dumps({**old, "base": {**old["base"], "data_release": "2020-01-01"}}))
    second = sync(server, bodies(line("Zeta 5", 0.94))).update
    assert second.before == first.after
    made = json.loads((second.folder / "release.json").read_text())
    assert made["made_from"]["data_release"] == load_release(find_release("shipped")).data_release
    assert (second.total("new"), second.total("revised")) == (1, 0)


def test_an_update_without_any_body_says_so(server: Server) -> None:
    with mirrored(server, bodies()):
        found = data_sync(limits=QUICK, offline=True)
    assert "no source with scores" in found.text("en")
    assert found.update.before == found.update.after


def test_no_update_leaves_the_release_in_use(server: Server) -> None:
    found = sync(server, bodies(line("Zeta 5", 0.93)), update=False)
    assert found.update is None
    assert valid(found.to_json())["release"] is None
    assert stored_releases() == ()
    assert sync(server, bodies(line("Zeta 5", 0.93)), offline=True).update.total("new") == 1


def test_a_source_that_fails_leaves_its_rows_and_stops_no_other(server: Server) -> None:
    first = sync(server, bodies(line("Zeta 5", 0.93))).update
    content = bodies(line("Zeta 5", 0.93), line("GPT-5", 0.4))
    with mirrored(server, content):
        server.on("/models-dev/models", status(500))
        found = data_sync(limits=QUICK)
    assert found.exit_status == 75
    assert found.update.total("new") == 1
    assert "zeta-5" in set(headway.load().scores["model_version"])
    assert found.update.before == first.after


def test_a_body_that_cannot_be_read_is_left_and_said(server: Server) -> None:
    sync(server, bodies(line("Zeta 5", 0.93)))
    broken = {**bodies(), ("cybergym-page", "cybergym"): b'{"level1": [{"model":'}
    found = sync(server, broken)
    assert found.exit_status == 65
    assert found.update.left == ("cybergym-page/cybergym",)
    assert "zeta-5" in set(headway.load().scores["model_version"])


def test_hostile_names_stay_text(server: Server) -> None:
    names = [
        "../../etc/passwd",
        "=HYPERLINK(1)",
        "\x1b[2Jx",
        "<script>alert(1)</script>",
        "a" * 5000,
    ]
    found = sync(server, bodies(*(line(name, 0.5) for name in names)))
    assert found.update.total("new") == 0
    assert found.update.before == found.update.after
    found = sync(server, bodies(*(line(name, 0.5) for name in names), line("Zeta 5", 0.9)))
    text = (found.update.folder / "changes.csv").read_text()
    assert "\x1b" not in text
    assert not any(cell.startswith("=") for row in text.splitlines() for cell in row.split(","))


def test_a_folder_that_cannot_be_written_is_said_and_the_release_stays(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    import headway.tables.write as write

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "write_folder", full)
    found = sync(server, bodies(line("Zeta 5", 0.93)))
    assert found.exit_status != 0
    assert found.update.error["code"] == HeadwayError.code
    assert headway.load().path == find_release("shipped")
    monkeypatch.undo()
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(releases_dir().parent))


def test_the_lag_moves_with_a_strong_open_model(server: Server) -> None:
    day = date(2026, 11, 20)
    before = headway.lag("cyber", definition="lag_now", as_of=day)
    solved = {"name": "SWE-Bench Verified", "metric": "resolved", "score": 96.0}
    card = {**solved, "source": "https://example.org/card", "date": "2026-11-20"}
    sync(server, bodies(line("Zeta 5", 0.97), scores=(card,)))
    after = headway.lag("cyber", definition="lag_now", as_of=day)
    assert after.data_release != before.data_release
    assert after.rows[0].open_model == "zeta-5"
    assert after.rows[0].lag.value < before.rows[0].lag.value


def start(folder: Path, data: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "HEADWAY_DATA_DIR": str(data), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    words = [sys.executable, "-m", "tests.sources.mirror", str(folder), "--offline"]
    return subprocess.Popen(
        words, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def killed(server: Server, tmp_path: Path, times: int) -> None:
    """Kill updates at random points; what is in use is always whole, and the next run completes."""
    data = Path(os.environ["HEADWAY_DATA_DIR"])
    content = bodies(line("Zeta 5", 0.93), line("GPT-5", 0.4))
    sync(server, content, update=False)
    folder = tmp_path / "bodies"
    for (source, resource), body in content.items():
        (folder / source).mkdir(parents=True, exist_ok=True)
        (folder / source / resource).write_bytes(body)
    began = time.monotonic()
    assert start(folder, data).wait() == 0
    whole = time.monotonic() - began
    (name,) = stored_releases()
    rng = random.Random(20261125)
    for _ in range(times):
        (data / "releases" / "current").unlink(missing_ok=True)
        for one in stored_releases():
            for file in (data / "releases" / one).iterdir():
                file.unlink()
            (data / "releases" / one).rmdir()
        process = start(folder, data)
        time.sleep(rng.uniform(0.4, 1.1) * whole)
        process.kill()
        process.wait()
        in_use = load_release(find_release(None))  # checks every hash
        assert in_use.data_release in (name, name.split("+")[0])
        for one in stored_releases():
            load_release(releases_dir() / one)
    assert start(folder, data).wait() == 0
    assert stored_releases() == (name,)
    assert load_release(find_release(None)).data_release == name
    left = {p.name for p in releases_dir().iterdir()}
    assert left == {name, "current", "writing.lock"}


def test_an_update_that_is_killed_leaves_a_whole_release(server: Server, tmp_path: Path) -> None:
    killed(server, tmp_path, 4)


@pytest.mark.slow
def test_an_update_that_is_killed_a_hundred_times(server: Server, tmp_path: Path) -> None:
    killed(server, tmp_path, 100)
