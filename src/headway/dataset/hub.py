"""A release sent to a Hugging Face dataset repository: one commit with all files, and a tag.

The token is found by ``huggingface_hub`` itself (its environment variable or its login); it is
passed to nothing else and shown nowhere. ``HF_ENDPOINT`` chooses another server.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headway._version import __version__
from headway.errors import BadOption, HeadwayError, MissingExtra, Refused, TryLater
from headway.problems import problem
from headway.textsafe import clip

__all__ = ["STEPS", "Hub", "Pushed", "hub_for"]

#: Repository, commit, tag.
STEPS = 3
#: Where Hugging Face is, unless ``HF_ENDPOINT`` says otherwise.
_ENDPOINT = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was published."""

    repository: str
    url: str
    commit: str
    tag: str


@dataclass(frozen=True, slots=True)
class Hub:
    """A dataset repository that can be written to, as far as that is known without asking it."""

    repository: str
    endpoint: str
    token: str = field(repr=False)

    @property
    def url(self) -> str:
        return f"{self.endpoint}/datasets/{self.repository}"

    def push(
        self, folder: Path, name: str, retry: str, advance: Callable[[], None] = lambda: None
    ) -> Pushed:
        """Create the repository if need be, then one commit with every file, then the tag ``name``.

        Parameters
        ----------
        folder : Path
        name : str
            Of the release.
        retry : str
            The command that tries again; part of errors.
        advance : callable
            Called after each of :data:`STEPS`.

        Raises
        ------
        Refused
            The server does not let this account do it, or has another release of this name.
        TryLater
            The server did not answer, or failed.
        """
        from huggingface_hub import HfApi

        made = HfApi(
            endpoint=self.endpoint,
            token=self.token,
            library_name="headway",
            library_version=__version__,
        )
        where: dict[str, Any] = {"repo_id": self.repository, "repo_type": "dataset"}
        with self._told(retry), _quietly():
            made.create_repo(**where, exist_ok=True)
            advance()
            if name in {ref.name for ref in made.list_repo_refs(**where).tags}:
                raise problem(Refused, "hub-tag", repository=self.repository, name=name)
            commit = made.upload_folder(
                **where,
                folder_path=folder,
                commit_message=f"Headway data release {name}",
                # of the release before; other files of the repository stay
                delete_patterns="*.parquet",
            )
            advance()
            made.create_tag(**where, tag=name, revision=commit.oid)
            advance()
        return Pushed(self.repository, self.url, str(commit.oid), name)

    @contextmanager
    def _told(self, retry: str) -> Iterator[None]:
        """Errors of the client and the server as our own, without the token."""
        import httpx2
        from huggingface_hub.errors import HfHubHTTPError

        try:
            yield
        except (
            HfHubHTTPError,
            httpx2.HTTPError,
            OSError,
            # the client's own: an upload that failed, an answer that it does not understand
            RuntimeError,
            ValueError,
        ) as e:
            if isinstance(e, HeadwayError):
                raise
            status = _status(e, HfHubHTTPError)
            said = getattr(e, "server_message", None) or ("" if status is not None else str(e))
            why = type(e).__name__ if status is None else f"HTTP {status}"
            if said:
                why += f": {clip(said.replace(self.token, '***'), 200)}"
            fields = {"repository": self.repository, "why": why, "retry": retry}
            if status is not None and 400 <= status < 500 and status not in (408, 429):
                raise problem(Refused, "hub-refused", **fields) from e
            raise problem(TryLater, "hub-failed", **fields) from e


@contextmanager
def _quietly() -> Iterator[None]:
    """No progress bars of the client: what was done is said at the end."""
    from huggingface_hub import utils as bars

    if bars.are_progress_bars_disabled():
        yield
        return
    bars.disable_progress_bars()
    try:
        yield
    finally:
        bars.enable_progress_bars()


def _status(error: BaseException, kind: type[Exception]) -> int | None:
    """The status that the server answered with, also where the client wrapped the error."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, kind):
            response = getattr(at, "response", None)
            return None if response is None else int(response.status_code)
        at = at.__cause__
    return None


def hub_for(repository: str) -> Hub:
    """The repository ``ORG/NAME``, checked as far as that needs no network.

    Raises
    ------
    MissingExtra
        ``huggingface_hub`` is not installed.
    BadOption
        ``repository`` is not of the form ORG/NAME.
    HeadwayError
        There is no token.
    """
    try:
        from huggingface_hub import get_token
        from huggingface_hub.errors import HFValidationError
        from huggingface_hub.utils import validate_repo_id
    except ImportError as e:
        raise problem(MissingExtra, "hub-missing") from e
    try:
        validate_repo_id(repository)
    except HFValidationError as e:
        raise problem(BadOption, "hub-repository", repository=clip(repository)) from e
    if repository.count("/") != 1:
        raise problem(BadOption, "hub-repository", repository=clip(repository))
    token = get_token()
    if not token:
        raise problem(HeadwayError, "hub-no-token")
    endpoint = os.environ.get("HF_ENDPOINT", _ENDPOINT).rstrip("/")
    return Hub(repository, endpoint, token)
