"""The Hub: its own client against a loopback Hub, every question accounted for."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headway
from headway.api.data import load
from headway.api.sync import Synced, data_sync
from headway.api.sync_status import data_status
from headway.errors import HeadwayError, MissingExtra, Offline, SchemaDrift, TryLater
from headway.snapshots.contacts import contacts
from headway.snapshots.store import SnapshotStore
from headway.sources import huggingface
from headway.sources.declare import Parsed
from headway.sources.fetch import Fetched, Limits
from headway.sources.huggingface import HubRepository, gather, hub_repositories, parse
from headway.sources.registry import CONNECTORS
from headway.tables.registry import Registry
from headway.tables.repositories import hub_book
from tests.api.test_api import valid
from tests.sources.conftest import QUICK
from tests.sources.fakes import registered, resource, rows, source
from tests.sources.hub import DOWNLOADS, answer_both, model, question, serve
from tests.sources.server import Server, drip, hang_up, headers_only, ok, redirect, status

ROOT = Path(__file__).resolve().parents[2]
RESOURCE = huggingface.SOURCE.resources[0]
NAMES = [f"lab/Model-{i}B" for i in range(6)]

hub_client = pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")


@pytest.fixture
def hub(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Server:
    """Six repositories, all well, behind the real client."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.url)
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))
    asked = tuple(
        HubRepository(f"m{i}", name, "somebody", "-", name) for i, name in enumerate(NAMES)
    )
    monkeypatch.setattr(huggingface, "hub_repositories", lambda: asked)
    for name in NAMES:
        serve(server, name)
    return server


def ask(limits: Limits = QUICK, few: int | None = None) -> Fetched:
    return asyncio.run(gather(RESOURCE, limits, few))


def read(fetched: Fetched) -> Parsed:
    assert fetched.body is not None
    return parse(fetched.body, "models")


def reasons(parsed: Parsed) -> dict[str, int]:
    return dict(Counter(one.reason for one in parsed.failures))


# Asking ----------------------------------------------------------------------------------------


def test_every_repository_is_asked_twice_and_read(hub: Server) -> None:
    parsed = read(ask())

    assert parsed.failures == ()
    assert parsed.drift == ()
    assert parsed.present == 2 * len(NAMES) == parsed.rows
    first, counted = parsed.repositories[0], parsed.downloads[0]
    assert (first.repository, first.asked) == (NAMES[0], NAMES[0])
    assert (first.created_at, first.modified_at) == ("2025-01-20", "2025-03-27")
    assert (first.licence, first.gated, first.disabled) == ("mit", "none", False)
    # a tokeniser of the same ending is no weights
    assert first.formats == (("safetensors", 2, 9_000_000_000),)
    assert first.parameters == (("BF16", 7_000_000_000), ("F32", 1024))
    assert first.total_parameters == 7_000_001_024
    assert first.downloads_30d == counted.downloads_30d == 1_234_567
    assert counted.downloads_all_time == 45_678_901


def test_our_reading_agrees_with_the_libraries_own(hub: Server) -> None:
    """What ``HfApi.model_info`` makes of the same answers, field by field."""
    api = hub_client.HfApi(endpoint=hub.url, token=False)
    info = api.model_info(NAMES[0], files_metadata=True)
    counted = api.model_info(NAMES[0], expand=["downloads", "downloadsAllTime"])

    parsed = read(ask(few=1))
    mine, downloads = parsed.repositories[0], parsed.downloads[0]

    assert mine.repository == info.id
    assert mine.created_at == info.created_at.astimezone(UTC).date().isoformat()
    assert mine.modified_at == info.last_modified.astimezone(UTC).date().isoformat()
    assert mine.revision == info.sha
    assert mine.licence == info.card_data.license
    assert (mine.gated == "none") == (info.gated is False)
    assert dict(mine.parameters) == info.safetensors.parameters
    assert mine.total_parameters == info.safetensors.total
    sizes = [one.size for one in info.siblings if one.rfilename.endswith(".safetensors")]
    assert mine.formats[0][1:] == (len(sizes), sum(sizes))
    assert mine.downloads_30d == info.downloads
    assert downloads.downloads_all_time == counted.downloads_all_time


def test_the_client_says_who_it_is_and_sends_no_account(
    hub: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_invented_token_of_somebody")
    ask(few=1)
    headers = {k.lower(): v for k, v in hub.requests(question(NAMES[0])[0])[0].items()}
    assert "headway/" in headers["user-agent"]
    assert "authorization" not in headers


def test_the_answers_are_kept_byte_for_byte(hub: Server) -> None:
    odd = (
        b'{ "id":"lab/Model-0B",\n "sha":"s", "createdAt":"2025-01-20T00:00:00.000Z","siblings":[]}'
    )
    hub.on(question(NAMES[0])[0], ok(odd))
    body = ask().body
    assert body is not None
    kept = json.loads(body)["answers"][0]
    assert kept["body"].encode() == odd
    assert kept["sha256"] == hashlib.sha256(odd).hexdigest()
    # equal answers are equal bytes, so the store keeps them once
    assert ask().body == body


def test_at_most_four_are_asked_at_once(hub: Server) -> None:
    import threading
    import time

    at_once, most, lock = 0, 0, threading.Lock()

    def counted(answer: Any) -> Any:
        def late(h: Any) -> None:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.05)
            with lock:
                at_once -= 1
            answer(h)

        return late

    for name in NAMES:
        hub.on(question(name)[0], counted(ok(json.dumps(model(name)).encode())))
    ask()
    assert 2 <= most <= 4


BAD: dict[str, tuple[Any, str]] = {
    "gone": (status(404), "repository_not_found"),
    "missing or private": (status(401), "repository_not_found"),
    "gated": (status(403), "repository_gated"),
    "taken down": (status(451), "refused"),
    "busy": (status(503), "not_answered"),
    "too many questions": (status(429), "rate_limited"),
    "quota": (status(429, RateLimit='"api";r=0;t=280'), "rate_limited"),
    "wait": (status(429, Retry_After="3600"), "rate_limited"),
    "hangs up": (hang_up, "not_answered"),
    "web page": (ok(b"<html>", "text/html"), "answer_unusable"),
    "large": (headers_only(Content_Length=str(2**30)), "answer_too_large"),
    "loop": (redirect(f"/api/models/{NAMES[2]}?blobs=true"), "answer_unusable"),
    "other encoding": (ok(b"\xff\xfe{}"), "answer_unusable"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_repository_without_an_answer_is_one_row_that_says_why(hub: Server, name: str) -> None:
    answer, reason = BAD[name]
    answer_both(hub, NAMES[2], answer)

    parsed = read(ask())

    assert reasons(parsed) == {reason: 1}
    assert NAMES[2] in parsed.failures[0].raw
    assert parsed.present == 2 * len(NAMES) - 1
    assert [one.repository for one in parsed.repositories] == [n for n in NAMES if n != NAMES[2]]


def test_a_quota_is_waited_for_if_it_is_short(hub: Server) -> None:
    good = ok(json.dumps(model(NAMES[1])).encode())
    hub.on(question(NAMES[1])[0], status(429, RateLimit='"api";r=0;t=1'), good)
    assert read(ask()).failures == ()


def test_a_hub_that_is_tired_is_left_alone(hub: Server) -> None:
    """After some answers are missing the rest is not asked for, and each is a row."""
    for name in NAMES[1:]:
        answer_both(hub, name, status(429, Retry_After="3600"))
    parsed = read(ask())
    counts = reasons(parsed)
    assert counts["rate_limited"] <= 5 + 3  # what was already under way
    assert sum(counts.values()) == len(NAMES) - 1
    assert len(parsed.repositories) == 1


def test_a_hub_without_any_answer_is_try_later_and_nothing_is_kept(hub: Server) -> None:
    for name in NAMES:
        answer_both(hub, name, hang_up)
    with pytest.raises(TryLater):
        ask()
    found = sync()
    assert found.exit_status == 75
    assert SnapshotStore().snapshots() == []
    row = data_status(["huggingface"]).rows[0]
    assert (row.state, row.failed_fetches, row.shape.state) == ("missing", 1, "unverified")


def test_a_slow_answer_ends(hub: Server) -> None:
    slow = Limits(connect_s=1, read_s=5, total_s=0.5, attempts=1)
    hub.on(question(NAMES[0])[0], drip(b'{"id": "lab/Model-0B"}' * 20, 0.05))
    parsed = read(ask(slow))
    assert reasons(parsed) == {"not_answered": 1}


def test_a_renamed_repository_keeps_both_names(hub: Server) -> None:
    files, counted = question(NAMES[3])
    to_files, to_counted = question("lab/New-name")
    hub.on(files, redirect(to_files, 307))
    hub.on(counted, redirect(to_counted, 307))
    serve(hub, "lab/New-name")

    parsed = read(ask())

    claim = next(one for one in parsed.repositories if one.asked == NAMES[3])
    assert claim.repository == "lab/New-name"
    assert parsed.failures == ()
    assert any("lab/Model-3B -> lab/New-name" in one for one in parsed.drift)


def test_offline_modes_and_a_missing_extra_are_said(
    hub: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.is_offline_mode", lambda: True)
    with pytest.raises(Offline, match="HF_HUB_OFFLINE"):
        ask()
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtra, match="huggingface_hub"):
        ask()
    assert hub.requests(question(NAMES[0])[0]) == []


def test_a_missing_extra_fails_only_who_asks_for_the_source(
    hub: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A core installation syncs and looks at everything else without an error."""
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    url = hub.on("/other", ok(rows(2)))
    with registered(source("other", resource("index", url))):
        CONNECTORS["huggingface"] = "headway.sources.huggingface"
        found = data_sync(limits=QUICK)
        assert [row.outcome for row in found.rows] == ["new", "needs_extra"]
        assert (found.exit_status, data_sync(["huggingface"]).exit_status) == (0, 65)
        valid(found.to_json())
        assert "headway[hub]" in (found.rows[1].error or {})["hint"]["en"]
        looked = headway.doctor(live=True, limits=QUICK)
        assert looked.live is not None
        assert [one.outcome for one in looked.live.seen] == ["read", "needs_extra"]
        assert looked.exit_status == 0
        assert headway.doctor(["huggingface"], live=True, limits=QUICK).exit_status == 65
        valid(looked.to_json())
    assert contacts(SnapshotStore(), ["huggingface"]) == []


# Keeping ---------------------------------------------------------------------------------------


def sync(**more: Any) -> Synced:
    return data_sync(["huggingface"], limits=QUICK, **more)


def test_a_sync_keeps_the_answers_and_reads_them_again(hub: Server) -> None:
    answer_both(hub, NAMES[5], status(404))
    found = sync()
    row = found.rows[0]
    assert (row.outcome, row.record and row.record.rows, found.exit_status) == ("new", 10, 0)
    assert row.record is not None
    assert row.record.reasons == {"repository_not_found": 1}
    assert SnapshotStore().verify() == []
    assert sync().rows[0].outcome == "unchanged"
    again = data_status(["huggingface"], reparse=True).rows[0]
    assert (again.state, again.total("rows"), again.total("failures")) == ("fresh", 10, 1)
    # a Hub at another address is no proof of the real one's shape
    assert again.shape.state == "unverified"
    # offline: read, not asked
    asked = len(hub.requests(question(NAMES[0])[0]))
    assert sync(offline=True).rows[0].outcome == "offline"
    assert len(hub.requests(question(NAMES[0])[0])) == asked


def test_claims_stand_beside_the_registry_and_overwrite_nothing(hub: Server) -> None:
    sync()
    frame = hub_book().frame
    known = {one.repository for one in hub_repositories()}
    # the invented repositories are none of ours: every claim is unknown, none is guessed
    assert set(frame["repository"]) == known
    assert frame["created_at"].null_count() == len(frame)


def test_what_the_hub_says_is_shown_with_who_says_that_it_is_the_model(
    hub: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_both(hub, NAMES[5], status(403))
    sync()
    monkeypatch.setattr(
        "headway.tables.repositories.hub_repositories", huggingface.hub_repositories
    )
    book = hub_book()
    first, last = (book.frame.row(i, named=True) for i in (0, 5))
    assert first["downloads_all_time"] == 45_678_901
    assert first["weight_bytes"] == "safetensors 2 files 9000000000 bytes"
    assert first["parameters"] == "BF16 7000000000; F32 1024"
    assert first["has_weights"] is True
    assert (last["has_weights"], last["no_answer"]) == (None, "repository_gated")


def test_a_killed_sync_leaves_the_store_whole(hub: Server, tmp_path: Path) -> None:
    """A process that is killed while it asks has kept nothing or everything."""
    answer_both(hub, NAMES[4], headers_only())
    env = {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "HEADWAY_DATA_DIR": str(tmp_path / "killed"),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }
    # every repository of the shipped table is asked for: this Hub knows none of them but one
    serve(hub, hub_names()[0])
    answer_both(hub, hub_names()[1], headers_only())
    words = [sys.executable, "-m", "headway", "data", "sync", "huggingface"]
    process = subprocess.Popen(words, env=env, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        process.wait(4)
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate()
    assert process.returncode == -9
    store = SnapshotStore(tmp_path / "killed" / "snapshots")
    assert store.snapshots() == []
    assert store.verify() == []


def hub_names() -> list[str]:
    text = (ROOT / "src/headway/sources/hub_repositories.csv").read_text(encoding="utf-8")
    return [line.split(",")[1] for line in text.splitlines()[1:]]


def test_the_command_asks_the_hub_that_hf_endpoint_names(hub: Server, tmp_path: Path) -> None:
    """A process of its own, the shipped table, and the library's own variable."""
    for name in dict.fromkeys(hub_names()):
        serve(hub, name)
    env = {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "HEADWAY_DATA_DIR": str(tmp_path / "own"),
        "PYTHONPATH": str(ROOT / "src"),
    }
    words = [sys.executable, "-m", "headway", "data", "sync", "huggingface", "--json"]
    done = subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)["results"][0]
    names = len(dict.fromkeys(hub_names()))
    assert (row["rows"], row["failures"], row["present"]) == (2 * names, 0, 2 * names)


# The table -------------------------------------------------------------------------------------


def test_every_repository_belongs_to_an_open_model_of_the_registry() -> None:
    release = load()
    registry = Registry(release.model_versions, release.model_aliases)
    weights = dict(release.model_versions.select("model_version", "open_weight").iter_rows())
    keys = set()
    for one in hub_repositories():
        assert registry.resolve(one.model_version).model_version == one.model_version
        assert weights[one.model_version] is True
        assert one.stated_by
        assert one.source_url.startswith("https://")
        keys.add((one.model_version, one.repository.casefold()))
    assert len(keys) == len(hub_repositories())


# Reading ---------------------------------------------------------------------------------------


def bound(rows: list[Any], question_: str = "files") -> bytes:
    """A bound body of good questions with these answers."""
    answers = []
    for i, row in enumerate(rows):
        text = row if isinstance(row, str) else json.dumps(row)
        answers.append(
            {
                "repository": f"lab/Model-{i}B",
                "question": question_,
                "error": None,
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "body": text,
            }
        )
    shape = {"format": "headway-hub-answers/1", "endpoint": "http://x", "answers": answers}
    return json.dumps(shape).encode()


def one_of(row: Any) -> Parsed:
    """The row beside two good ones, so that a bad row is not a bad body."""
    return parse(bound([row, model(NAMES[1]), model(NAMES[2])]), "models")


VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"id": None}, "name_missing"),
    "a path": ({"id": "../../etc/passwd"}, "not_a_repository"),
    "a name with a folder up": ({"id": "lab/.."}, "not_a_repository"),
    "three parts": ({"id": "a/b/c"}, "not_a_repository"),
    "date": ({"createdAt": "2025-13-40"}, "not_a_date"),
    "a date of another age": ({"createdAt": "1970-01-01T00:00:00.000Z"}, "date_out_of_range"),
    "downloads below nothing": ({"downloads": -1}, "negative"),
    "downloads in parts": ({"downloads": 1.5}, "not_a_whole_number"),
    "downloads not finite": ({"downloads": 1e400}, "not_finite"),
    "downloads as a list": ({"downloads": [1]}, "not_a_number"),
    "too many parameters": (
        {"safetensors": {"parameters": {"BF16": 10**18}, "total": 1}},
        "out_of_range",
    ),
    "size": ({"siblings": [{"rfilename": "a.safetensors", "size": -5}]}, "negative"),
    "disabled": ({"disabled": "no"}, "not_a_boolean"),
}


@pytest.mark.parametrize("name", VALUES)
def test_one_bad_value_costs_its_row_only(name: str) -> None:
    changed, reason = VALUES[name]
    parsed = one_of(model(NAMES[0], **changed))
    assert reasons(parsed) == {reason: 1}
    assert len(parsed.repositories) == 2
    assert parsed.present == 3


def test_what_is_not_stated_stays_unknown() -> None:
    """No size of one file, no tensors, no licence: unknown, and never nothing."""
    row = model(
        NAMES[0],
        safetensors=...,
        cardData=...,
        tags=[],
        gated=...,
        disabled=...,
        downloads=...,
        siblings=[{"rfilename": "a.gguf"}, {"rfilename": "b.gguf", "size": 1}],
    )
    claim = one_of(row).repositories[0]
    assert claim.formats == (("gguf", 2, None),)
    assert (claim.parameters, claim.total_parameters) == ((), None)
    assert (claim.licence, claim.gated, claim.disabled, claim.downloads_30d) == (None,) * 4


def test_the_day_on_which_the_hub_began_to_count_is_no_day_of_creation() -> None:
    row = model(NAMES[0], createdAt="2022-03-02T23:29:04.000Z")
    assert one_of(row).repositories[0].created_at is None


@pytest.mark.parametrize(
    ("changed", "licence"),
    [
        ({"cardData": {"license": "other", "license_name": "lab-terms"}}, "other: lab-terms"),
        ({"cardData": {"license": "other"}}, "other"),
        ({"cardData": {"license": ["mit", "apache-2.0"]}}, "mit"),
        ({"cardData": None, "tags": ["license:llama3.1"]}, "llama3.1"),
        ({"cardData": "none", "tags": []}, None),
    ],
)
def test_licences(changed: dict[str, Any], licence: str | None) -> None:
    assert one_of(model(NAMES[0], **changed)).repositories[0].licence == licence


@pytest.mark.parametrize("gated", ["auto", "manual"])
def test_gated_repositories_are_said_to_be(gated: str) -> None:
    assert one_of(model(NAMES[0], gated=gated)).repositories[0].gated == gated


@pytest.mark.parametrize("field", ["createdAt", "sha", "siblings", "id"])
def test_a_renamed_field_raises_and_is_named(field: str) -> None:
    rows = [model(name, **{field: ..., "renamed_today": 1}) for name in NAMES]
    with pytest.raises(SchemaDrift, match="renamed_today") as caught:
        parse(bound(rows), "models")
    assert field in str(caught.value)


def test_a_renamed_field_of_the_counts_raises() -> None:
    rows = [{"id": name, "downloadsEver": 1} for name in NAMES]
    with pytest.raises(SchemaDrift, match="downloadsAllTime"):
        parse(bound(rows, "downloads"), "models")


def test_a_new_field_is_drift_and_costs_nothing() -> None:
    parsed = parse(bound([model(name, added_today=1) for name in NAMES]), "models")
    assert len(parsed.repositories) == len(NAMES)
    assert [one for one in parsed.drift if "added_today" in one]


def test_an_answer_that_was_changed_after_it_was_kept_is_not_read() -> None:
    body = json.loads(bound([model(name) for name in NAMES]))
    body["answers"][0]["body"] = body["answers"][0]["body"].replace("mit", "wtf")
    assert reasons(parse(json.dumps(body).encode(), "models")) == {"answer_damaged": 1}


junk = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    row=st.integers(0, 2),
    field=st.sampled_from([*model(NAMES[0]), "extra"]),
    value=junk,
    place=st.sampled_from(["answer", "entry", "counts"]),
)
def test_corruption_never_raises_anything_else_and_every_row_is_accounted_for(
    row: int, field: str, value: Any, place: str
) -> None:
    if place == "counts":
        rows: list[Any] = [copy.deepcopy(DOWNLOADS) for _ in range(3)]
        rows[row]["downloads" if field == "id" else "downloadsAllTime"] = value
        body = bound(rows, "downloads")
    else:
        rows = [model(name) for name in NAMES[:3]]
        if place == "answer":
            rows[row][field] = value
        body = bound(rows)
        if place == "entry":
            shape = json.loads(body)
            keys = ["repository", "question", "error", "sha256", "body"]
            shape["answers"][row][keys[len(field) % 5]] = value
            body = json.dumps(shape).encode()
    try:
        parsed = parse(body, "models")
    except HeadwayError:
        return
    assert parsed.present == 3 == parsed.rows + len(parsed.failures)
