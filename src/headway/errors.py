"""One base for every error that Headway raises on purpose.

Each class has a stable ``code`` (documented, never translated) and the process
exit status that the command line uses for it: 1 failed, 2 usage, 65 bad data,
75 try later.
"""

from __future__ import annotations

__all__ = [
    "BadBody",
    "BadOption",
    "BadTable",
    "BadValue",
    "ColumnsMissing",
    "EmptyTable",
    "HeadwayError",
    "IdentityConflict",
    "MissingExtra",
    "NotEnoughData",
    "NotFound",
    "Offline",
    "ParseFailed",
    "Refused",
    "SchemaDrift",
    "TryLater",
    "UnknownModel",
    "Unreadable",
]


class HeadwayError(Exception):
    """Base of all Headway errors.

    Parameters
    ----------
    what : str
        What was expected, what came.
    hint : str
        What to do about it.
    context : object
        Facts for programs (shown by ``--json`` on stderr, never secrets).
    """

    code = "headway"
    exit_status = 1

    def __init__(self, what: str, *, hint: str = "", **context: object) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.context = context


class BadOption(HeadwayError, ValueError):
    """An option has a value that the command does not know."""

    code, exit_status = "bad_option", 2


class NotFound(HeadwayError, LookupError):
    """No row, table or model has the given id."""

    code, exit_status = "not_found", 1


class MissingExtra(HeadwayError, ImportError):
    """An optional dependency is not installed."""

    code, exit_status = "missing_extra", 1


class BadTable(HeadwayError, ValueError):
    """A table breaks its schema; nothing of it was used."""

    code, exit_status = "bad_table", 65


class ColumnsMissing(BadTable):
    """A table lacks columns that are needed."""

    code = "columns_missing"


class EmptyTable(BadTable):
    """A table has no rows."""

    code = "empty_table"


class BadValue(BadTable):
    """A value is impossible: out of range, wrong unit, a date in the future."""

    code = "bad_value"


class UnknownModel(BadTable):
    """A model name does not resolve through the registry."""

    code = "unknown_model"


class IdentityConflict(BadTable):
    """Two models would share one name."""

    code = "identity_conflict"


class SchemaDrift(BadTable):
    """A source changed its shape."""

    code = "schema_drift"


class Unreadable(HeadwayError, ValueError):
    """A file cannot be read: truncated, wrong encoding, not the format it claims."""

    code, exit_status = "unreadable", 65


class NotEnoughData(HeadwayError):
    """An estimate was asked for that the data cannot carry."""

    code, exit_status = "not_enough_data", 65


class TryLater(HeadwayError):
    """Something outside did not answer in time or asked to wait; the same call may work later."""

    code, exit_status = "try_later", 75


class Offline(TryLater):
    """The network is needed, but ``offline`` was asked for."""

    code = "offline"


class Refused(HeadwayError):
    """A server refused a request; asking again would not help."""

    code, exit_status = "refused", 65


class BadBody(HeadwayError, ValueError):
    """What a server sent is not what its source declares; nothing of it was kept."""

    code, exit_status = "bad_body", 65


class ParseFailed(HeadwayError, ValueError):
    """A connector met something that it neither reads nor reports."""

    code, exit_status = "parse_failed", 65
