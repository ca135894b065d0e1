"""Where Headway keeps things: the shipped release, the user's own data, the cache.

``HEADWAY_DATA_DIR`` and ``HEADWAY_CACHE_DIR`` override the folders of the platform (XDG on Linux).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = [
    "RELEASE_NAME",
    "cache_dir",
    "data_dir",
    "package_release_dir",
    "release_dir",
    "releases_dir",
]

#: What a stored release may be called; never a path.
RELEASE_NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}"


def package_release_dir() -> Path:
    """Folder of the tables that ship inside the package."""
    return Path(__file__).parent / "tables" / "release"


def data_dir() -> Path:
    """Folder of the user's own data; it need not exist."""
    chosen = os.environ.get("HEADWAY_DATA_DIR")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("headway"))


def cache_dir() -> Path:
    """Folder of the cache; it need not exist."""
    chosen = os.environ.get("HEADWAY_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("headway"))


def releases_dir() -> Path:
    """Folder of the user's releases, one folder per name; it need not exist."""
    return data_dir() / "releases"


def release_dir() -> Path:
    """Folder of the release in use: the one that ``releases/current`` names, else the shipped one.

    Raises
    ------
    Unreadable
        The pointer names a release that is not there.
    """
    from headway.errors import Unreadable
    from headway.problems import problem

    try:
        told = (releases_dir() / "current").read_bytes()
    except FileNotFoundError:
        return package_release_dir()
    except OSError as e:
        raise problem(Unreadable, "release-current", name="?", why=type(e).__name__) from e
    name = told.decode(errors="replace").strip()
    if name == "shipped":
        return package_release_dir()
    folder = releases_dir() / name
    if not re.fullmatch(RELEASE_NAME, name) or not (folder / "release.json").is_file():
        raise problem(Unreadable, "release-current", name=name[:80], why="not there")
    return folder
