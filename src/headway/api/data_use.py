"""Which data release answers, for one block or from now on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.api.data import provenance_of
from headway.api.envelope import Result, choices, envelope
from headway.api.offline import offline_if
from headway.tables.choice import (
    SHIPPED,
    DataChoice,
    find_release,
    point_to,
    stored_releases,
    using,
)
from headway.tables.store import read_head

if TYPE_CHECKING:
    import polars as pl

__all__ = ["InUse", "data_choice", "data_use", "release_rows"]

_OWN = ("exclude", "include")


@contextmanager
def data_choice(
    release: str | Path | None = None, *, own: str = "exclude", quarantined: str = "exclude"
) -> Iterator[None]:
    """Let every verb inside the block answer from this data.

    Parameters
    ----------
    release : str or Path, optional
        Folder of a release, name of one in the data folder, or ``shipped``. Default: the release
        in use.
    own, quarantined : {"exclude", "include"}
        Whether results of one's own, and scores that a rule holds to be wrong, are evidence too.

    Raises
    ------
    BadOption, NotFound

    Examples
    --------
    >>> import headway
    >>> with headway.data_choice("shipped", own="include"):  # doctest: +SKIP
    ...     found = headway.lag("cyber")
    """
    (own,) = choices("own", own, _OWN, "data choice")
    (quarantined,) = choices("quarantined", quarantined, _OWN, "data choice")
    if release is not None:
        release = find_release(release)
    with using(DataChoice(release, own == "include", quarantined == "include")):
        yield


@dataclass(frozen=True)
class InUse(Result):
    """The release that answers from now on."""

    name: str
    path: Path

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "data-use",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[{"name": self.name, "folder": str(self.path)}],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
        )

    def table(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame({"name": [self.name], "folder": [str(self.path)]})

    def text(self, lang: str = "en") -> str:
        from headway.i18n import message

        return message(
            "data-in-use",
            lang,
            name=self.name,
            release=self.data_release,
            day=self.as_of.isoformat(),
            folder=str(self.path),
        )

    def __repr__(self) -> str:
        return f"InUse({self.name}: release {self.data_release})"


def data_use(
    name: str, *, as_of: date | None = None, seed: int = 0, offline: bool = False
) -> InUse:
    """Make a release of the data folder, or ``shipped``, the one that answers from now on.

    Parameters
    ----------
    name : str
        As :func:`headway.data_list` of ``releases`` names it.
    as_of : date, optional
        Only reported.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Refuse any network use.

    Raises
    ------
    BadValue
        No stored release is called so.
    Unreadable, BadTable
        The release cannot be used; the one in use stays.
    """
    from headway.tables.choice import loaded

    options = {"name": name}
    with offline_if(offline):
        if name == SHIPPED or name in stored_releases():
            loaded(find_release(name))  # a release that cannot be read is never made the one in use
        folder = point_to(name)
    head = read_head(folder)
    return InUse(
        data_release=head.data_release,
        as_of=as_of or head.data_through,
        options=options,
        warnings=(),
        provenance=provenance_of(head, options, seed),
        name=name,
        path=folder,
    )


def release_rows() -> list[dict[str, Any]]:
    """The shipped release and those of the data folder, one row each; ``in_use`` marks one.

    A release that cannot be read is listed with what is wrong with it.
    """
    from headway.errors import HeadwayError

    current = find_release(None)
    rows: list[dict[str, Any]] = []
    for name in (SHIPPED, *stored_releases()):
        folder = find_release(name)
        row: dict[str, Any] = {"name": name, "in_use": folder == current}
        try:
            head = read_head(folder)
        except HeadwayError as e:
            told: tuple[Any, ...] = (None, None, None, f"{e.code}: {e}")
        else:
            state = "damaged" if head.damaged else "ok"
            told = (head.data_release, head.data_through, head.rows["scores"], state)
        keys = ("data_release", "data_through", "scores", "state")
        rows.append({**row, **dict(zip(keys, told, strict=True)), "folder": str(folder)})
    return rows
