"""Objects below an address, through fsspec: whole reads, whole writes, exclusive creation.

Every failure of a backend comes out as one of our errors. Their texts name the address without a
user and the kind of failure, never the backend's own message, which may quote a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from headway.errors import HeadwayError, MissingExtra, NotFound, Refused, TryLater
from headway.problems import problem
from headway.stores.address import Address

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["Objects", "Patience"]

#: Extras of Headway that bring a backend.
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}
#: Backends whose fsspec layer passes "only if absent" on to the server in the one request that
#: writes. Elsewhere fsspec asks first and writes then, which is no promise.
_CREATES = frozenset({"s3", "s3a", "gs", "gcs"})
#: A whole object appears at once, and folders need not be made.
_OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory"})
#: What servers answer to "only if absent" when it is not: S3 and its likes, Google.
_IS_THERE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a server is asked.

    Parameters
    ----------
    connect_s, read_s : float
        Until a connection stands; between two pieces of an answer.
    attempts : int
        Of one request, after connection errors and 5xx; with growing waits between them.
    """

    connect_s: float = 10.0
    read_s: float = 20.0
    attempts: int = 3


class Objects:
    """The objects below one address.

    Parameters
    ----------
    address : Address
    patience : Patience, optional
    """

    def __init__(self, address: Address, *, patience: Patience | None = None) -> None:
        self.address = address
        self._patience = patience or Patience()

    @cached_property
    def _fs(self) -> AbstractFileSystem:
        import fsspec

        protocol = self.address.protocol
        try:
            kind = fsspec.get_filesystem_class(protocol)
        except ImportError as e:
            raise problem(
                MissingExtra,
                "store-extra" if protocol in _EXTRAS else "store-backend",
                protocol=protocol,
                extra=_EXTRAS.get(protocol, ""),
            ) from e
        options = {**kind._get_kwargs_from_urls(self.address.root), **self._options(protocol)}
        with self._told():
            made = kind(skip_instance_cache=True, use_listings_cache=False, **options)
            if protocol in {"s3", "s3a"}:
                # s3fs asks again around botocore, which repeats requests but not broken bodies
                made.retries = 2
        return made

    def _options(self, protocol: str) -> dict[str, Any]:
        """Timeouts, beside what the user's fsspec configuration says."""
        import fsspec

        if protocol not in {"s3", "s3a"}:
            return {}
        own = fsspec.config.conf.get(protocol, {}).get("config_kwargs", {})
        limits = {
            "connect_timeout": self._patience.connect_s,
            "read_timeout": self._patience.read_s,
            "retries": {"mode": "standard", "total_max_attempts": self._patience.attempts},
        }
        # with more than one piece at a time s3fs asks for the size before each read
        return {"config_kwargs": {**limits, **own}, "max_concurrency": 1}

    def _path(self, name: str) -> str:
        return str(self._fs._strip_protocol(f"{self.address.root}/{name}"))

    # Reading ----------------------------------------------------------------------------------

    def get(self, name: str) -> bytes | None:
        """The bytes of an object; ``None`` if there is none."""
        with self._told():
            try:
                return bytes(self._fs.cat_file(self._path(name)))
            except FileNotFoundError as e:
                self._need_bucket(e)
                return None

    def get_many(self, names: Iterable[str]) -> dict[str, bytes]:
        """The bytes of those of the objects that are there, fetched side by side."""
        paths = {self._path(name): name for name in names}
        out = {}
        if not paths:
            return {}
        with self._told():
            found: Mapping[str, Any] = self._fs.cat(list(paths), on_error="return")
            for path, data in found.items():
                if isinstance(data, FileNotFoundError):
                    continue
                if isinstance(data, BaseException):
                    raise data
                out[paths[path]] = bytes(data)
        return out

    def children(self, folder: str) -> dict[str, bool]:
        """Names directly below a folder, and whether each is a folder; empty if it is not there."""
        with self._told():
            path = self._path(folder)
            try:
                rows = self._fs.ls(path, detail=True)
            except FileNotFoundError as e:
                self._need_bucket(e)
                return {}
        out = {}
        for row in rows:
            before, _, name = row["name"].rstrip("/").rpartition("/")
            # the folder itself may be listed too, as an object without a name
            if name and before.strip("/") == path.strip("/"):
                out[name] = row["type"] == "directory"
        return out

    def size(self, name: str) -> int | None:
        """Bytes of an object; ``None`` if there is none."""
        with self._told():
            try:
                return int(self._fs.info(self._path(name))["size"])
            except FileNotFoundError as e:
                self._need_bucket(e)
                return None

    # Writing ----------------------------------------------------------------------------------

    def put(self, name: str, data: bytes) -> None:
        """Write an object, whatever was there."""
        with self._told():
            path = self._path(name)
            self._make_folder(path)
            try:
                self._fs.pipe_file(path, data)
            except FileNotFoundError as e:
                self._need_bucket(e)
                raise

    def create(self, name: str, data: bytes) -> bool:
        """Write an object if there is none of this name; was it written?

        Only as good as :meth:`creates_exclusively` says. After a failure on the way, an object
        that is refused may be our own: compare it.
        """
        with self._told():
            path = self._path(name)
            self._make_folder(path)
            try:
                self._fs.pipe_file(path, data, mode="create")
            except FileExistsError:
                return False
            except FileNotFoundError as e:
                self._need_bucket(e)
                raise
            except Exception as e:  # what a backend raises for a refused condition is its own
                if _codes(e) & _IS_THERE:
                    return False
                raise
        return True

    def creates_exclusively(self, name: str, data: bytes) -> bool:
        """Does the server refuse to create an object that is there?

        Parameters
        ----------
        name, data
            An object that is there, and its bytes: a server that does not refuse writes them again.
        """
        return self.address.protocol in _CREATES and not self.create(name, data)

    def _make_folder(self, path: str) -> None:
        if self.address.protocol not in _OBJECT_STORES:
            self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)

    # Errors -----------------------------------------------------------------------------------

    def _need_bucket(self, error: FileNotFoundError) -> None:
        """An object may be absent; the bucket may not."""
        text = f"{error} {error.__cause__}".lower()
        if "NoSuchBucket" in _codes(error) or ("bucket" in text and "not exist" in text):
            raise problem(NotFound, "store-bucket", shown=self.address.shown) from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Every failure of a backend as one of our errors."""
        shown = self.address.shown
        try:
            yield
        except HeadwayError:
            raise
        except Exception as e:  # each backend has classes of its own, below no common base
            kinds = {kind.__name__ for one in _chain(e) for kind in type(one).__mro__}
            if kinds & {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError",
                        "ProfileNotFound", "CredentialRetrievalError", "TokenRetrievalError"}:  # fmt: skip
                raise problem(Refused, "store-credentials", shown=shown) from e
            if isinstance(e, PermissionError) or _codes(e) & {"401", "403", "AccessDenied"}:
                raise problem(Refused, "store-denied", shown=shown) from e
            why = next(iter(sorted(_codes(e))), type(e).__name__)
            raise problem(TryLater, "store-unreachable", shown=shown, why=why) from e


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and its causes."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__


def _codes(error: BaseException) -> set[str]:
    """Codes that a server's answer had: of botocore's ``response``, of gcsfs' ``code``."""
    out = set()
    for one in _chain(error):
        answer = getattr(one, "response", None)
        if isinstance(answer, dict):
            out.add(str(answer.get("Error", {}).get("Code", "")))
        code = getattr(one, "code", None)
        if isinstance(code, int | str):
            out.add(str(code))
    return out - {""}
