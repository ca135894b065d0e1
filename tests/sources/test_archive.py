"""Zips from outside: what is refused is refused as a whole, and nothing reaches the disk."""

from __future__ import annotations

import io
import os
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.errors import HeadwayError, SchemaDrift, Unreadable
from headway.sources.archive import ZipLimits, member_names, read_members

GOOD = {"a.csv": b"x,y\n1,2\n", "folder/b.json": b"{}", "日本語.csv": b"z"}


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that stands twice
        for name, body in members.items():
            made.writestr(name, body)
    return out.getvalue()


def renamed(body: bytes, old: bytes, new: bytes) -> bytes:
    """Another name of the same length, as a writer that checks nothing would store it."""
    assert len(old) == len(new)
    return body.replace(old, new)


def test_members_come_by_exact_name() -> None:
    body = packed(GOOD)

    assert member_names(body) == tuple(GOOD)
    assert read_members(body, ["a.csv", "日本語.csv"]) == {
        "a.csv": GOOD["a.csv"],
        "日本語.csv": GOOD["日本語.csv"],
    }


@settings(deadline=None)
@given(
    st.dictionaries(st.text("abc/.é", min_size=1, max_size=8), st.binary(max_size=300), max_size=5)
)
def test_a_zip_is_read_back_or_refused(members: dict[str, bytes]) -> None:
    body = packed(members)
    if any(n.startswith("/") or ".." in n.split("/") for n in members):
        with pytest.raises(Unreadable, match="leaves its folder"):
            member_names(body)
        return
    found = read_members(body, member_names(body))
    assert found == {n: b for n, b in members.items() if not n.endswith("/")}


def test_a_missing_member_names_those_that_are_there() -> None:
    with pytest.raises(SchemaDrift, match="no member A.csv. Found: a.csv, folder/b.json"):
        read_members(packed(GOOD), ["A.csv"])


@pytest.mark.parametrize(
    "name", ["../a.csv", "x/../../", "/etc/pas", "..\\a.csv", "C:\\a.csv", "C:/a.csv", "a.csv\0.."]
)
def test_a_name_that_leaves_its_folder_refuses_the_whole_zip(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    placeholder = "12345678"[: len(name)]
    body = renamed(packed({"a.csv": b"x", placeholder: b"y"}), placeholder.encode(), name.encode())

    with pytest.raises(Unreadable, match="leaves its folder"):
        read_members(body, ["a.csv"])
    with pytest.raises(Unreadable, match="leaves its folder"):
        member_names(body)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_stands_twice_is_refused() -> None:
    body = renamed(packed({"a.csv": b"x", "b.csv": b"y"}), b"b.csv", b"a.csv")
    with pytest.raises(Unreadable, match="two members"):
        read_members(body, ["a.csv"])


def test_a_zip_bomb_is_refused_by_its_ratio() -> None:
    body = packed({"a.csv": b"\0" * (8 * 2**20)})
    with pytest.raises(Unreadable, match="more than 200 times"):
        read_members(body, ["a.csv"])


def test_a_large_member_is_refused_by_its_size() -> None:
    limits = ZipLimits(max_member_bytes=1000)
    assert read_members(packed({"a": b"x" * 1000}), ["a"], limits=limits)
    with pytest.raises(Unreadable, match="limit of"):
        read_members(packed({"a": b"x" * 1001}), ["a"], limits=limits)


def test_members_together_are_refused_by_their_size() -> None:
    body = packed({"a": os.urandom(600), "b": os.urandom(600)})
    limits = ZipLimits(max_total_bytes=1000)
    assert len(read_members(body, ["a"], limits=limits)) == 1
    with pytest.raises(Unreadable, match="limit of"):
        read_members(body, ["a", "b"], limits=limits)


def test_a_directory_that_lies_about_a_size_is_found_out() -> None:
    """The directory says 10 bytes, the data are 5 MiB: never more than stated is kept."""
    body = bytearray(packed({"a": b"\0" * (5 * 2**20)}))
    entry = body.index(b"PK\x01\x02")
    body[entry + 24 : entry + 28] = struct.pack("<I", 10)
    with pytest.raises(Unreadable, match="damaged"):
        read_members(bytes(body), ["a"])


def test_too_many_members_are_refused() -> None:
    body = packed({str(i): b"" for i in range(21)}, zipfile.ZIP_STORED)
    assert len(member_names(body, limits=ZipLimits(max_members=21))) == 21
    with pytest.raises(Unreadable, match="more than 20 members"):
        member_names(body, limits=ZipLimits(max_members=20))
    with pytest.raises(Unreadable, match="more than 2 members"):
        member_names(body, limits=ZipLimits(max_members=2))


def test_encrypted_members_are_refused() -> None:
    body = bytearray(packed(GOOD))
    entry = body.index(b"PK\x01\x02")
    body[entry + 8] |= 1
    with pytest.raises(Unreadable, match="encrypted"):
        read_members(bytes(body), ["a.csv"])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_are_decompressed_in_one_go_are_refused(method: int) -> None:
    with pytest.raises(Unreadable, match="method"):
        read_members(packed({"a": b"x" * 1000}, method), ["a"])


@settings(deadline=None)
@given(st.data())
def test_a_truncated_zip_is_an_error_at_every_byte(data: st.DataObject) -> None:
    body = packed(GOOD)
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(Unreadable, match="truncated or damaged"):
        read_members(body[:cut], ["a.csv"])


@settings(deadline=None)
@given(st.data())
def test_a_flipped_byte_is_an_error_or_changes_nothing(data: st.DataObject) -> None:
    """No damage gives other bytes than the right ones, and none gives another kind of error."""
    body = bytearray(packed(GOOD))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    try:
        found = read_members(bytes(body), ["a.csv"])
    except HeadwayError:
        return
    assert found == {"a.csv": GOOD["a.csv"]}


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_no_zip(noise: bytes) -> None:
    with pytest.raises(Unreadable):
        read_members(noise, ["a"])
