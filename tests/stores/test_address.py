"""Addresses: what is one, what is refused, and what of it is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headway.errors import BadOption
from headway.snapshots.places import snapshots_at
from headway.snapshots.remote import RemoteStore
from headway.snapshots.store import SnapshotStore
from headway.stores.address import chosen_address, parse_address


@pytest.mark.parametrize(
    ("text", "protocol", "root"),
    [
        ("s3://bucket/a/b", "s3", "s3://bucket/a/b"),
        ("s3://bucket/", "s3", "s3://bucket"),
        ("S3://bucket/a/", "s3", "s3://bucket/a"),
        ("gs://bucket/a", "gs", "gs://bucket/a"),
        ("memory://a/b", "memory", "memory://a/b"),
        ("file:///srv/head%20way", "file", "/srv/head way"),
        ("file://localhost/srv/x", "file", "/srv/x"),
        ("/srv/x", "file", "/srv/x"),
        ("relative/x", "file", "relative/x"),
    ],
)
def test_addresses(text: str, protocol: str, root: str) -> None:
    found = parse_address(text)
    assert (found.protocol, found.root, found.shown) == (protocol, root, root)
    assert found.folder == (Path(root) if protocol == "file" else None)
    assert found.needs_network == (protocol in {"s3", "gs"})


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "s3://", "s3:///a", "s3://bucket/../other", "s3://bucket/a/./b", "s3://bucket/a//b",
        "s3://bucket/*", "s3://bucket/[a]", "s3://bucket\\a", "s3://bucket/a\x1b[2J", "file://host/x",
        "file://", "simplecache::s3://bucket/a", "gopher://bucket/a", "s3://bucket/a\nb",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadOption) as told:
        parse_address(text)
    assert "\x1b" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "s3://AKIAKEY:sesame@bucket/a",
        "sftp://me:sesame@host/a",
        "s3://bucket/a?X-Amz-Signature=sesame",
        "s3://bucket/a#sesame",
        "s3://AKIAKEY:ses/ame@bucket/a",
        "gopher://me:sesame@host/a?sesame#sesame",
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadOption) as told:
        parse_address(text)
    everything = f"{told.value} {told.value.hint} {told.value.context}"
    assert "sesame" not in everything
    assert "AKIAKEY" not in everything


def test_a_user_is_taken_and_not_shown() -> None:
    found = parse_address("sftp://me@host/a")
    assert (found.root, found.shown) == ("sftp://me@host/a", "sftp://host/a")
    assert (found / "b").shown == "sftp://host/a/b"


@example("[")
@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        found = parse_address(f"s3://{text}")
    except BadOption:
        return
    assert found.root.startswith("s3://")
    assert not {"", ".", ".."} & set(found.root.removeprefix("s3://").split("/"))


def test_the_option_comes_before_the_environment_and_both_before_the_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEADWAY_STORE", raising=False)
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "own"))
    own = snapshots_at()
    assert isinstance(own, SnapshotStore)
    assert own.root == tmp_path / "own" / "snapshots"
    assert chosen_address(None) is None

    monkeypatch.setenv("HEADWAY_STORE", "s3://bucket/a")
    found = snapshots_at()
    assert isinstance(found, RemoteStore)
    assert found.address.root == "s3://bucket/a/snapshots"

    given_one = snapshots_at(str(tmp_path / "given"))
    assert isinstance(given_one, SnapshotStore)
    assert given_one.root == tmp_path / "given" / "snapshots"
