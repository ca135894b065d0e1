"""Where Headway keeps things: the shipped release, the user's own data, the cache.

``HEADWAY_DATA_DIR`` and ``HEADWAY_CACHE_DIR`` override the folders of the platform (XDG on Linux).
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cache_dir", "data_dir", "package_release_dir", "release_dir"]


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


def release_dir() -> Path:
    """Folder of the release in use: the user's own if there is one, else the shipped one."""
    own = data_dir() / "release"
    return own if (own / "release.json").is_file() else package_release_dir()
