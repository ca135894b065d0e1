"""Dates of known precision: as in the package."""

from headway.tables.harmonise.dates import last_day, parse

__all__ = ["last_day", "parse"]
