"""The version, apart from the package's front door, so that the base imports nothing above it."""

from __future__ import annotations

__version__ = "0.1.0"
