"""Releases below a URL: whole or not there, checked at every use, offline from the copy."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from headway.cli.app import app
from headway.errors import BadOption, NotFound, Offline, Refused, Unreadable
from headway.stores.address import parse_address
from headway.stores.mirror import mirror_folder
from headway.stores.objects import Objects
from headway.tables.choice import DataChoice, find_release, head_in_use, using
from headway.tables.published import fetched_release, publish_release
from headway.tables.store import load_release, read_head
from tests.stores.places import Place


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    fetched_release.cache_clear()
    yield
    fetched_release.cache_clear()


@pytest.fixture
def releases(place: Place) -> str:
    return f"{place.url}/releases"


def test_what_is_published_is_read_back(small_release: Path, releases: str) -> None:
    address = publish_release(small_release, releases)

    name = read_head(small_release).data_release
    assert address.endswith(f"/releases/{name}")
    for url in (f"{releases}/{name}", f"{releases}/current"):
        found = fetched_release(url) if "://" in url else find_release(Path(releases) / name)
        assert read_head(found).rows_hash == read_head(small_release).rows_hash
        assert load_release(found).data_release == name


def test_publishing_again_changes_nothing_and_another_release_of_the_name_is_refused(
    small_release: Path, releases: str, tmp_path: Path
) -> None:
    publish_release(small_release, releases)
    publish_release(small_release, releases)

    other = tmp_path / "other"
    shutil.copytree(small_release, other)
    told = json.loads((other / "release.json").read_text())
    (other / "release.json").write_text(json.dumps(told, indent=7))  # the same facts, other bytes
    with pytest.raises(Refused, match="with other content"):
        publish_release(other, releases)


def test_a_damaged_release_is_not_published(small_release: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(small_release, other)
    with (other / "scores.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(Unreadable):
        publish_release(other, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.fixture
def objects(s3_place: Place) -> Objects:
    return Objects(parse_address(f"{s3_place.url}/releases"))


def test_a_release_is_there_only_once_it_is_whole(
    small_release: Path, s3_place: Place, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before each write in turn; readers see the old pointer until the new release is whole."""
    url = f"{s3_place.url}/releases"
    name = read_head(small_release).data_release
    objects.put("current", b"before\n")
    done = 0
    real_put, real_create = Objects.put, Objects.create

    class Stopped(Exception):
        pass

    for stop in range(100):
        count = 0

        def step() -> None:
            nonlocal count
            count += 1
            if count > stop:  # noqa: B023
                raise Stopped

        monkeypatch.setattr(Objects, "put", lambda s, n, d: (step(), real_put(s, n, d))[1])
        monkeypatch.setattr(Objects, "create", lambda s, n, d: (step(), real_create(s, n, d))[1])
        try:
            publish_release(small_release, url)
        except Stopped:
            fetched_release.cache_clear()
            pointed = objects.get("current")
            if objects.get(f"{name}/release.json") is None:
                assert pointed == b"before\n"
                with pytest.raises(NotFound, match="no release"):
                    fetched_release(f"{url}/{name}")
            else:
                assert read_head(fetched_release(f"{url}/{name}")).damaged == ()
            done += 1
        else:
            break
    assert done > 5
    assert objects.get("current") == f"{name}\n".encode()


def test_a_table_that_was_changed_is_refused(
    small_release: Path, s3_place: Place, objects: Objects
) -> None:
    address = publish_release(small_release, f"{s3_place.url}/releases")
    name = address.rpartition("/")[2]
    body = objects.get(f"{name}/scores.parquet")
    assert body is not None
    objects.put(f"{name}/scores.parquet", body[:-1])

    with pytest.raises(Unreadable, match=r"scores\.parquet is not what"):
        fetched_release(address)
    copies = mirror_folder(parse_address(address).root)
    assert not list(copies.glob("*/scores.parquet"))


def test_a_damaged_copy_is_mended(small_release: Path, s3_place: Place) -> None:
    address = publish_release(small_release, f"{s3_place.url}/releases")
    folder = fetched_release(address)
    (folder / "scores.parquet").write_bytes(b"x")
    (folder / "tasks.parquet").unlink()

    fetched_release.cache_clear()
    assert read_head(fetched_release(address)).damaged == ()


@pytest.mark.parametrize("strange", [b"../../etc", b"", b"a/b", b"\xff", b"x" * 200])
def test_a_strange_pointer_leads_nowhere(s3_place: Place, objects: Objects, strange: bytes) -> None:
    objects.put("current", strange)
    with pytest.raises(Unreadable):
        fetched_release(f"{s3_place.url}/releases/current")


@pytest.mark.parametrize("strange", [b"[]", b"{", b'{"tables": 3}', b'{"tables": {"scores": 1}}'])
def test_a_strange_release_json_is_said(s3_place: Place, objects: Objects, strange: bytes) -> None:
    objects.put("x/release.json", strange)
    with pytest.raises(Unreadable, match=r"release\.json"):
        fetched_release(f"{s3_place.url}/releases/x")


def test_names_in_release_json_become_no_paths(
    small_release: Path, s3_place: Place, objects: Objects
) -> None:
    """Only the tables we know are files; any other name in there is not looked at."""
    address = publish_release(small_release, f"{s3_place.url}/releases")
    told = json.loads(objects.get(f"{address.rpartition('/')[2]}/release.json") or b"")
    told["tables"]["../../evil"] = {"rows": 1, "sha256": "0" * 64}
    objects.put(f"{address.rpartition('/')[2]}/release.json", json.dumps(told).encode())

    folder = fetched_release(address)
    assert {p.name for p in folder.iterdir()} == {p.name for p in small_release.iterdir()}


def test_offline_the_copy_answers_or_its_absence_is_said(
    small_release: Path, s3_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{s3_place.url}/releases"
    address = publish_release(small_release, url)
    for one in (address, f"{url}/current"):
        with pytest.raises(Offline, match="needs the network"):
            fetched_release(one, offline=True)
        fetched_release(one)

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{closed.getsockname()[1]}")
        fetched_release.cache_clear()
        for one in (address, f"{url}/current"):
            folder = fetched_release(one, offline=True)
            assert read_head(folder).damaged == ()
    (folder / "scores.parquet").write_bytes(b"x")
    fetched_release.cache_clear()
    with pytest.raises(Offline, match=r"scores\.parquet"):
        fetched_release(address, offline=True)


def test_every_verb_takes_the_address(small_release: Path, s3_place: Place) -> None:
    address = publish_release(small_release, f"{s3_place.url}/releases")
    with using(DataChoice(release=address)):
        assert head_in_use().rows_hash == read_head(small_release).rows_hash
    for more in ([], ["--offline"]):
        fetched_release.cache_clear()
        words = ["data", "list", "--json", "--data-release", address, *more]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["data_release"] == read_head(small_release).data_release


def test_a_secret_in_the_address_of_a_release_is_refused() -> None:
    with pytest.raises(BadOption) as told:
        find_release("s3://key:sesame@bucket/releases/x")
    assert "sesame" not in f"{told.value} {told.value.context}"
