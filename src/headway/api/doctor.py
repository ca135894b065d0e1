"""``headway doctor``: is this installation in order, and what is optional and absent."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway._version import __version__
from headway.api.data import resolve_as_of
from headway.api.envelope import Result, Warned, envelope
from headway.api.offline import offline_if
from headway.errors import BadOption, HeadwayError
from headway.paths import cache_dir, data_dir
from headway.problems import problem
from headway.provenance import Provenance, library_versions
from headway.tables.choice import chosen, find_release, head_in_use, loaded
from headway.tables.store import load_release
from headway.tables.validate import check_release

if TYPE_CHECKING:
    import polars as pl

    from headway.api.doctor_live import Seen
    from headway.sources.fetch import Limits

__all__ = ["Check", "Diagnosis", "Live", "doctor"]

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


@dataclass(frozen=True, slots=True)
class Live:
    """What was seen of the sources, and whose shape is verified by it.

    Parameters
    ----------
    seen : tuple of Seen
    verified : tuple of str
        Sources whose shape was unverified before.
    unverified : tuple of str
        Sources whose shape still is.
    """

    seen: tuple[Seen, ...]
    verified: tuple[str, ...]
    unverified: tuple[str, ...]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        from headway.api.doctor_live import summary

        return {
            "summary": summary(self.seen),
            "verified": list(self.verified),
            "unverified": list(self.unverified),
            "resources": [one.to_json(lang) for one in self.seen],
        }


@dataclass(frozen=True)
class Diagnosis(Result):
    """All checks of :func:`doctor`."""

    checks: tuple[Check, ...]
    live: Live | None = None

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
            extra={
                "healthy": self.is_healthy,
                "live": None if self.live is None else self.live.to_json(lang),
            },
        )

    @property
    def exit_status(self) -> int:
        """1 if Headway is broken; else 65 or 75 for sources, as of ``data sync``."""
        if not self.is_healthy:
            return 1
        if self.live is None:
            return 0
        from headway.api.doctor_live import exit_status

        return exit_status(self.live.seen, self.options["sources"])

    def table(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame([c.to_json() for c in self.checks])

    def live_cells(self, lang: str = "en") -> tuple[list[str], list[list[str]]]:
        """Header and cells of the table of sources."""
        from headway.api.doctor_live import cells

        return cells(() if self.live is None else self.live.seen, lang)

    def live_lines(self, lang: str = "en") -> list[str]:
        """Sentences on sources: what is wrong, and whose shape was verified."""
        from headway.api.doctor_live import problems
        from headway.i18n import message

        if self.live is None:
            return []
        lines = problems(self.live.seen, lang)
        if self.live.verified:
            lines.append(message("live-verified", lang, names=", ".join(self.live.verified)))
        if self.live.unverified:
            lines.append(message("live-unverified", lang, names=", ".join(self.live.unverified)))
        return lines

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

        parts = [plain_table(*self.cells(lang))]
        if self.live is not None:
            parts += ["", plain_table(*self.live_cells(lang)), *self.live_lines(lang)]
        return "\n".join(parts)

    def __repr__(self) -> str:
        bad = [c.check for c in self.checks if c.status == "failed"]
        return f"Diagnosis({len(self.checks)} checks, failed: {', '.join(bad) or 'none'})"


def doctor(
    sources: Sequence[str] = (),
    *,
    live: bool = False,
    full: bool = False,
    as_of: date | None = None,
    seed: int = 0,
    offline: bool = False,
    limits: Limits | None = None,
    progress: str | None = None,
) -> Diagnosis:
    """Look at versions, folders, the data release, optional tools and, if asked to, at the sources.

    Parameters
    ----------
    sources : sequence of str
        With ``live``: keys; all sources if empty.
    live : bool
        Ask every declared source whether it still answers, and in the shape it had.
    full : bool
        With ``live``: read large bodies too.
    as_of : date, optional
        Only reported.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Refuse any network use.
    limits : Limits, optional
        With ``live``: timeouts and repeats.
    progress : str, optional
        With ``live``: label of a progress bar on stderr after two seconds.

    Raises
    ------
    BadOption
        ``sources`` or ``full`` without ``live``.
    Offline
        ``live`` and ``offline`` together.
    NotFound, Unreadable
        With ``live``: no such source; the manifest of the snapshots is damaged.
    """
    if not live and (full or sources):
        raise problem(BadOption, "doctor-live-needed", given="--full" if full else "SOURCE")
    seen = None if not live else _live(sources, full, offline, limits, progress)
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
    if seen is not None and not all(one.is_logged for one in seen.seen):
        warned += (Warned("live_not_logged"),)
    options: dict[str, Any] = {"live": live, "full": full, "sources": list(sources)}
    return Diagnosis(
        data_release=release,
        as_of=day,
        options=options,
        warnings=warned,
        provenance=Provenance(release, rows_hash, options, seed),
        checks=tuple(checks),
        live=seen,
    )


def _live(
    sources: Sequence[str],
    full: bool,
    offline: bool,
    limits: Limits | None,
    progress: str | None,
) -> Live:
    from headway.api.doctor_live import look_at_sources
    from headway.api.sync_status import shapes

    before = {key for key, shape in shapes(sources).items() if not shape.is_verified}
    seen = look_at_sources(sources, full=full, offline=offline, limits=limits, progress=progress)
    after = [key for key, shape in shapes(sources).items() if not shape.is_verified]
    return Live(seen, tuple(sorted(before - set(after))), tuple(after))


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
