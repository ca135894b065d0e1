"""Publishing on Hugging Face: its own client, against a hub on loopback."""

from __future__ import annotations

import builtins
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import headway
from headway.api.data_release import CutRelease
from headway.cli.app import app
from headway.errors import BadOption, HeadwayError, MissingExtra, Offline, Refused, TryLater
from headway.paths import releases_dir
from tests.api.test_api import valid
from tests.dataset.conftest import DAY, made_here
from tests.dataset.hub_server import TOKEN, Hub, serving_hub

huggingface_hub = pytest.importorskip("huggingface_hub")

#: The client uploads in a way that its own HTTP library calls old.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def hub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub, and a token for it."""
    for name in (
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    # the older protocol: the newer one is a service of its own behind the hub
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    with serving_hub() as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield served


def whole(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_one_commit_with_every_file_and_a_tag(hub: Hub) -> None:
    found = headway.data_release(push="someone/data", today=DAY)
    repository = hub.repositories["someone/data"]

    assert len(repository.commits) == 1
    assert repository.files == whole(found.path)
    assert repository.tags == {"2026-08-03": repository.head}
    assert found.pushed is not None
    assert found.pushed.commit == repository.head
    document = valid(found.to_json())
    assert document["pushed"]["url"] == f"{hub.url}/datasets/someone/data"
    assert repository.commits[0]["summary"] == "Headway data release 2026-08-03"
    croissant = json.loads(repository.files["croissant.json"])
    assert croissant["url"] == f"{hub.url}/datasets/someone/data"
    uploads = [path for method, path, _ in hub.seen if method == "PUT"]
    assert len(uploads) == sum(name.endswith(".parquet") for name in repository.files)


def test_a_published_copy_is_in_order(hub: Hub, tmp_path: Path) -> None:
    headway.data_release(push="someone/data", today=DAY)
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, body in hub.repositories["someone/data"].files.items():
        (copy / name).write_bytes(body)
    assert headway.data_release(verify=copy).is_valid


def test_the_next_release_is_a_commit_of_its_own_and_strangers_files_stay(hub: Hub) -> None:
    headway.data_release(push="someone/data", today=DAY)
    repository = hub.repositories["someone/data"]
    repository.files |= {"notes.md": b"mine", "gone.parquet": b"of an older release"}
    second = headway.data_release(push="someone/data", today=DAY)

    assert len(repository.commits) == 2
    assert repository.tags.keys() == {"2026-08-03", "2026-08-03-2"}
    assert repository.files == {**whole(second.path), "notes.md": b"mine"}


def test_a_tag_is_never_moved(hub: Hub, cut: CutRelease) -> None:
    headway.data_release(verify=cut.path, push="someone/data")
    repository = hub.repositories["someone/data"]
    before = dict(repository.tags)
    with pytest.raises(Refused, match="already"):
        headway.data_release(verify=cut.path, push="someone/data")
    assert repository.tags == before
    assert len(repository.commits) == 1


@pytest.mark.parametrize(
    ("part", "status", "error"),
    [
        ("/api/repos/create", 403, Refused),
        ("/refs", 401, Refused),
        ("/preupload", 403, Refused),
        ("/objects/batch", 403, Refused),
        ("/storage/", 403, Refused),
        ("/commit/", 403, Refused),
        ("/tag/", 403, Refused),
        ("/api/repos/create", 500, TryLater),
        ("/commit/", 503, TryLater),
        ("/storage/", 500, TryLater),
        ("/refs", 429, TryLater),
    ],
)
def test_a_failed_upload_leaves_the_release_and_says_how_to_go_on(
    hub: Hub, part: str, status: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the client waits between its own attempts
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    hub.fails[part] = status
    with pytest.raises(error) as caught:
        headway.data_release(push="someone/data", today=DAY)
    assert isinstance(caught.value, HeadwayError)
    path = releases_dir() / "2026-08-03"

    assert headway.data_release(verify=path).is_valid
    assert f"HTTP {status}" in caught.value.what
    retry = f"headway data release --verify {path} --push someone/data"
    assert retry in caught.value.hint
    assert TOKEN not in f"{caught.value.what} {caught.value.hint} {caught.value.context}"

    hub.fails.clear()
    again = CliRunner().invoke(app, retry.split()[1:])
    assert again.exit_code == 0, again.output
    assert hub.repositories["someone/data"].files == whole(path)
    assert hub.repositories["someone/data"].tags.keys() == {"2026-08-03"}


def test_a_hub_that_is_not_there(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(TryLater, match="ConnectError"):
        headway.data_release(push="someone/data", today=DAY)
    assert headway.data_release(verify="2026-08-03").is_valid


def test_the_token_is_shown_nowhere(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        found = CliRunner().invoke(app, ["data", "release", "--push", "someone/data", "--json"])
    assert found.exit_code == 0, found.output
    assert all(token == f"Bearer {TOKEN}" for _, path, token in hub.seen if "/storage/" not in path)
    assert TOKEN not in found.output
    assert TOKEN not in caplog.text
    for path in releases_dir().glob("*/*"):
        assert TOKEN.encode() not in path.read_bytes()

    hub.fails["/api/repos/create"] = 403
    found = CliRunner().invoke(app, ["data", "release", "--push", "someone/more", "--json"])
    assert found.exit_code == 65
    assert "you sent Bearer ***" in found.output
    assert TOKEN not in found.output


def test_a_damaged_release_is_not_published(hub: Hub, cut: CutRelease) -> None:
    (cut.path / "README.md").write_text("mine")
    found = headway.data_release(verify=cut.path, push="someone/data")

    assert not found.is_valid
    assert found.pushed is None
    assert hub.seen == []


def test_offline_refuses_before_anything_is_done(hub: Hub) -> None:
    with pytest.raises(Offline, match="--push"):
        headway.data_release(push="someone/data", offline=True)
    assert made_here() == set()
    assert hub.seen == []


def test_without_the_extra_nothing_is_done(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "huggingface_hub":
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtra) as caught:
        headway.data_release(push="someone/data")
    assert "headway[hub]" in caught.value.hint
    assert made_here() == set()


def test_without_a_token_nothing_is_done(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(HeadwayError, match="token"):
        headway.data_release(push="someone/data")
    assert made_here() == set()


@pytest.mark.parametrize("name", ["data", "a/b/c", "a b/c", "/c", "a/", "--x/y", "a/../b"])
def test_a_repository_is_org_and_name(hub: Hub, name: str) -> None:
    with pytest.raises(BadOption):
        headway.data_release(push=name)
    assert made_here() == set()
