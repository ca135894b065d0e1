"""``headway doctor``: is this installation in order, and what is optional and absent."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway._version import __version__
from headway.api.data import resolve_as_of
from headway.api.envelope import Result, Warned, envelope
from headway.api.offline import offline_if
from headway.errors import HeadwayError
from headway.paths import cache_dir, data_dir
from headway.provenance import Provenance, library_versions
from headway.tables.choice import chosen, find_release, head_in_use, loaded
from headway.tables.store import load_release
from headway.tables.validate import check_release

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Check", "Diagnosis", "doctor"]

#: Names under which Chromium is installed.
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. ``status``: ``ok``, ``failed`` (needed) or ``absent`` (optional)."""

    check: str
    status: str
    found: str

    def to_json(self) -> dict[str, str]:
        return {"check": self.check, "status": self.status, "found": self.found}


@dataclass(frozen=True)
class Diagnosis(Result):
    """All checks of :func:`doctor`."""

    checks: tuple[Check, ...]

    @property
    def is_healthy(self) -> bool:
        """Nothing that Headway needs is broken."""
        return all(c.status != "failed" for c in self.checks)

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "doctor",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[c.to_json() for c in self.checks],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"healthy": self.is_healthy},
        )

    def table(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame([c.to_json() for c in self.checks])

    def cells(self, lang: str = "en") -> tuple[list[str], list[list[str]]]:
        """Header and cells of the text table."""
        from headway.i18n import message

        header = [message(f"doctor-column-{c}", lang) for c in ("status", "check", "found")]
        rows = [
            [
                message(f"doctor-status-{c.status}", lang),
                message(f"doctor-check-{c.check.replace('_', '-')}", lang),
                c.found,
            ]
            for c in self.checks
        ]
        return header, rows

    def text(self, lang: str = "en") -> str:
        from headway.textsafe import plain_table

        return plain_table(*self.cells(lang))

    def __repr__(self) -> str:
        bad = [c.check for c in self.checks if c.status == "failed"]
        return f"Diagnosis({len(self.checks)} checks, failed: {', '.join(bad) or 'none'})"


def doctor(*, as_of: date | None = None, seed: int = 0, offline: bool = False) -> Diagnosis:
    """Look at versions, folders, the data release, and optional tools.

    Parameters
    ----------
    as_of : date, optional
        Only reported.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Refuse any network use.
    """
    with offline_if(offline):
        checks = [
            Check("headway", "ok", __version__),
            _python(),
            *(Check("library", "ok", f"{n} {v}") for n, v in library_versions().items()),
            _check("release", _release),
            _check("tables", _tables),
            _check("data_dir", lambda: str(data_dir())),
            _check("cache_dir", _cache),
            _locale(),
            _fonts(),
            _browser(),
        ]
    warned: tuple[Warned, ...] = ()
    try:
        head = head_in_use()
    except HeadwayError:
        release, rows_hash, day = "unknown", "", as_of or date(1970, 1, 1)
    else:
        release, rows_hash = head.data_release, head.rows_hash
        day, warned = resolve_as_of(head, as_of)
    options: dict[str, Any] = {}
    return Diagnosis(
        data_release=release,
        as_of=day,
        options=options,
        warnings=warned,
        provenance=Provenance(release, rows_hash, options, seed),
        checks=tuple(checks),
    )


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", look())
    except HeadwayError as e:
        return Check(name, "failed", f"{e.code}: {e}")
    except OSError as e:
        return Check(name, "failed", f"{type(e).__name__}: {e.strerror}")


def _python() -> Check:
    found = f"{platform.python_version()} ({sys.platform}, {platform.machine()})"
    return Check("python", "ok" if sys.version_info >= (3, 11) else "failed", found)


def _release() -> str:
    head = head_in_use()
    if head.damaged:
        load_release(head.path)  # raises the error that names the damaged tables
    return f"{head.data_release}, through {head.data_through}, {head.path}"


def _tables() -> str:
    release = check_release(loaded(find_release(chosen().release)))
    return f"{len(release.scores)} scores, {len(release.model_versions)} models"


def _cache() -> str:
    folder = cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder):
        pass
    count = sum(1 for _ in folder.glob("*.npz"))
    return f"{folder} ({count} entries)"


def _locale() -> Check:
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    language = os.environ.get("LC_ALL") or os.environ.get("LANG") or "unset"
    return Check("locale", "ok", f"{language}, stdout {encoding}")


def _fonts() -> Check:
    """A Japanese font, which only static charts in Japanese need from the system."""
    tool = shutil.which("fc-list")
    if tool is None:
        return Check("fonts", "absent", "fc-list")
    try:
        out = subprocess.run(
            [tool, ":lang=ja", "family"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as e:
        return Check("fonts", "absent", type(e).__name__)
    names = sorted({line.split(",")[0].strip() for line in out.splitlines() if line.strip()})
    return Check("fonts", "ok" if names else "absent", ", ".join(names[:3]) or "-")


def _browser() -> Check:
    for name in _BROWSERS:
        path = shutil.which(name)
        if path:
            return Check("browser", "ok", str(Path(path)))
    return Check("browser", "absent", "-")
