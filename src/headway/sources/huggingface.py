"""Hugging Face Hub: what it states about the repositories of open-weight models (JSON).

The Hub has one answer per repository and question, so there is no one body to fetch. :func:`gather`
asks for those of ``hub_repositories.csv`` and binds the answers, byte for byte, into one body; the
store keeps it like any other, and :func:`parse` reads it again whenever it is asked to. Questions go
through the client, the address and the headers of ``huggingface_hub`` (extra ``hub``), bounded by the
package's own fetcher. Its ``HfApi.model_info`` asks the same two addresses, but gives an object and
no bytes; a test holds this reading against it. No account of the user is used.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from headway._version import __version__
from headway.errors import BadBody, HeadwayError, MissingExtra, Offline, TryLater
from headway.errors import Refused as ServerRefused
from headway.problems import problem
from headway.sources.declare import DownloadsClaim, Parsed, RepositoryClaim, Resource, Source
from headway.sources.fetch import Fetched, Limits, fetch_in, user_agent
from headway.sources.reading import (
    Reading,
    Refused,
    day,
    json_body,
    label,
    listed,
    mapped,
    name,
    whole,
)

if TYPE_CHECKING:
    import httpx2

__all__ = ["HUB", "SOURCE", "HubRepository", "gather", "hub_repositories", "parse"]

HUB = "https://huggingface.co"

SOURCE = Source(
    key="huggingface",
    title="Hugging Face Hub",
    publisher="Hugging Face, Inc., quoting the owners of repositories",
    licence="none stated",
    cite="Hugging Face Hub, answers of its public interface by repository.",
    redistributable=False,
    cadence="weekly",
    resources=(
        Resource("models", f"{HUB}/api/models", ("application/json",), max_bytes=256 * 2**20),
    ),
    quirks=(
        "quirk-huggingface-created",
        "quirk-huggingface-downloads",
        "quirk-huggingface-parameters",
    ),
)

#: Names the shape of the bound body; another word is another shape.
_FORMAT = "headway-hub-answers/1"
#: Asked at once. Without an account the Hub allows 500 questions in five minutes.
_AT_ONCE = 4
#: Answers that may be missing before the rest is left for another day.
_PATIENCE = 5
#: One answer; the largest repositories list some thousand files.
_ANSWER_BYTES = 8 * 2**20

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_QUESTIONS = {
    "files": "?blobs=true",
    "downloads": "?expand=downloads&expand=downloadsAllTime",
}
#: Why a question has no answer. A refusal may only mean "not there" (the Hub says 401 for both).
_NO_ANSWER = frozenset(
    {
        *("repository_not_found", "repository_gated", "refused"),
        *("rate_limited", "not_answered", "not_asked"),
        *("answer_too_large", "answer_unusable"),
    }
)

_FILES_NEEDED = ("id", "createdAt", "sha", "siblings")
_FILES_KNOWN = (
    *("_id", "modelId", "author", "lastModified", "private", "gated", "disabled", "downloads"),
    *("likes", "library_name", "pipeline_tag", "tags", "mask_token", "widgetData", "model-index"),
    *("config", "cardData", "transformersInfo", "spaces", "safetensors", "gguf", "usedStorage"),
    *("inference", "inferenceProviderMapping", "trendingScore", "baseModels", "evalResults"),
    *("childrenModelCount", "securityRepoStatus", "xetEnabled", "resourceGroup", "region"),
    *("downloadsAllTime",),
)
_DOWNLOADS_NEEDED = ("id", "downloadsAllTime")
_DOWNLOADS_KNOWN = ("_id", "modelId", "downloads", "private", "gated")

#: The Hub began to keep dates of creation then; older repositories all carry this moment.
_CREATED_BEFORE = "2022-03-02T23:29:04"
_WEIGHTS = (
    ("safetensors", re.compile(r"\.safetensors$", re.IGNORECASE)),
    ("gguf", re.compile(r"\.gguf$", re.IGNORECASE)),
    # other files of these endings are tokenisers, optimisers and arguments of a training run
    ("pytorch", re.compile(r"(?:^|/)(?:pytorch_model|consolidated|model)[^/]*\.(?:bin|pth?)$")),
)


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository that a source names as holding a model's weights."""

    model_version: str
    repository: str
    stated_by: str
    source_url: str
    named_as: str


@cache
def hub_repositories() -> tuple[HubRepository, ...]:
    """The repositories that are asked for, with who says that they hold which model."""
    text = resources.files("headway.sources").joinpath("hub_repositories.csv").read_text("utf-8")
    found = tuple(HubRepository(**row) for row in csv.DictReader(text.splitlines()))
    assert all(_is_repository(one.repository) for one in found)
    return found


def _is_repository(text: str) -> bool:
    return bool(_REPOSITORY.fullmatch(text)) and ".." not in text


# Asking ---------------------------------------------------------------------------------------


async def gather(resource: Resource, limits: Limits, few: int | None = None) -> Fetched:
    """Ask the Hub about every repository of the table (or the first ``few``), as one body.

    Parameters
    ----------
    resource : Resource
    limits : Limits
        Per question; a question that has no answer is a row that says why.
    few : int, optional

    Raises
    ------
    MissingExtra
        ``huggingface_hub`` is not installed.
    Offline, TryLater, Refused, BadBody
        Not one question was answered; the first reason.
    """
    endpoint, made = _client(limits)
    asked = list(dict.fromkeys(one.repository for one in hub_repositories()))[:few]
    async with made:
        answers, first = await _Asking(made, endpoint, resource, limits).every(asked)
    if first is not None and all(one["error"] is not None for one in answers):
        raise first
    bound = {"format": _FORMAT, "endpoint": endpoint, "answers": answers}
    body = json.dumps(bound, ensure_ascii=True, separators=(",", ":")).encode()
    if len(body) > resource.max_bytes:
        limit = f"{resource.max_bytes / 2**20:.4g}"
        raise problem(BadBody, "fetch-too-large", resource=resource.name, limit=limit)
    url = f"{endpoint}/api/models"
    return Fetched(
        url=url,
        final_url=url,
        status=200,
        retrieved_at=datetime.now(UTC).replace(microsecond=0),
        etag=None,
        last_modified=None,
        content_type="application/json",
        content_length=None,
        body=body,
        attempts=1,
    )


def _client(limits: Limits) -> tuple[str, httpx2.AsyncClient]:
    """The Hub's address (``HF_ENDPOINT``) and client, with our timeouts and without an account."""
    try:
        import httpx2
        from huggingface_hub import constants, get_async_session
        from huggingface_hub.utils import build_hf_headers
    except ImportError as error:
        raise problem(
            MissingExtra, "extra-missing", module="huggingface_hub", extra="hub"
        ) from error
    if constants.is_offline_mode():
        raise problem(Offline, "hub-offline")
    made = get_async_session()
    made.timeout = httpx2.Timeout(limits.read_s, connect=limits.connect_s)
    # the fetcher follows redirects itself, and never from https to http
    made.follow_redirects = False
    made.headers.update(
        build_hf_headers(
            token=False,
            library_name="headway",
            library_version=__version__,
            user_agent=user_agent(),
        )
    )
    return constants.ENDPOINT, made


class _Asking:
    """One round of questions."""

    def __init__(
        self, made: httpx2.AsyncClient, endpoint: str, resource: Resource, limits: Limits
    ) -> None:
        self._made = made
        self._endpoint = endpoint
        self._limits = limits
        self._resource = replace(resource, max_bytes=_ANSWER_BYTES)
        self._missing = 0
        self._first: HeadwayError | None = None

    async def every(self, asked: Sequence[str]) -> tuple[list[dict[str, Any]], HeadwayError | None]:
        """All answers in the order asked, and the first reason why one is missing."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(repository: str) -> list[dict[str, Any]]:
            async with gate:
                answers = []
                for question in _QUESTIONS:
                    answers.append(await self._answer(repository, question))
                    if answers[-1]["error"] is not None:
                        break  # what is not there has no downloads either
                return answers

        found = await asyncio.gather(*(one(repository) for repository in asked))
        return [answer for answers in found for answer in answers], self._first

    async def _answer(self, repository: str, question: str) -> dict[str, Any]:
        """One question and its answer: the text as it came, or the reason why there is none."""
        told: dict[str, Any] = {
            "repository": repository,
            "question": question,
            "error": None,
            "sha256": None,
            "body": None,
        }
        if self._missing >= _PATIENCE:
            return told | {"error": "not_asked"}
        url = f"{self._endpoint}/api/models/{repository}{_QUESTIONS[question]}"
        try:
            fetched = await fetch_in(
                self._made, replace(self._resource, url=url), limits=self._limits
            )
        except HeadwayError as error:
            self._first = self._first or error
            self._missing += isinstance(error, TryLater)
            return told | {"error": _reason(error)}
        assert fetched.body is not None  # nothing conditional was asked
        try:
            text = fetched.body.decode("utf-8")
        except UnicodeDecodeError:
            return told | {"error": "answer_unusable"}
        return told | {"sha256": hashlib.sha256(fetched.body).hexdigest(), "body": text}


def _reason(error: HeadwayError) -> str:
    """Why a question has no answer, in one word of :data:`_NO_ANSWER`."""
    status = error.context.get("status")
    if isinstance(error, TryLater):
        return "rate_limited" if status == 429 else "not_answered"
    if isinstance(error, ServerRefused):
        words = {401: "repository_not_found", 404: "repository_not_found", 403: "repository_gated"}
        return words.get(status, "refused") if isinstance(status, int) else "refused"
    too_large = error.context.get("message_key") == "fetch-too-large"
    return "answer_too_large" if too_large else "answer_unusable"


# Reading --------------------------------------------------------------------------------------


def parse(body: bytes, resource: str) -> Parsed:
    """Every answer of a bound body; a question without one is a failure that says why."""
    reading = Reading(SOURCE.key, resource)
    bound = reading.expect(resource, json_body(body, SOURCE.key, resource), dict)
    reading.columns(resource, [str(key) for key in bound], ("format", "endpoint", "answers"), ())
    if bound["format"] != _FORMAT:
        reading.unknown(f"{resource}: format", [bound["format"]])
    answers = reading.expect(f"{resource}.answers", bound["answers"], list)
    whole_answers = []
    for raw, row in reading.records(f"{resource}.answers", answers):
        found = _opened(reading, raw, row)
        if found is not None:
            whole_answers.append((raw, *found))
    _shapes(reading, resource, whole_answers)
    for raw, asked, question, answer in whole_answers:
        if question == "files":
            reading.take(f"{raw} {asked}", _repository, raw, asked, answer)
        else:
            reading.take(f"{raw} {asked}", _downloads, raw, answer)
    renamed = (f"{one.asked} -> {one.repository}" for one in reading.repositories if _moved(one))
    reading.unknown(f"{resource}: renamed", renamed)
    return reading.finish(len(answers))


def _moved(claim: RepositoryClaim) -> bool:
    return claim.asked.casefold() != claim.repository.casefold()


def _opened(
    reading: Reading, raw: str, row: Mapping[str, Any]
) -> tuple[str, str, dict[str, Any]] | None:
    """What was asked of which repository, and the answer's object; or a failure."""
    asked, question, error, text = (
        row.get(key) for key in ("repository", "question", "error", "body")
    )
    is_known = isinstance(asked, str) and _is_repository(asked) and question in [*_QUESTIONS]
    if not is_known or not isinstance(error, str | None):
        reading.fail(raw, "row_shape", row)
    elif error is not None:
        reason = error if error in _NO_ANSWER else "row_shape"
        reading.fail(f"{raw} {asked}", reason, f"{asked}: {question}")
    elif not isinstance(text, str) or _hash(text) != row.get("sha256"):
        reading.fail(f"{raw} {asked}", "answer_damaged", question)
    else:
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            answer = None
        if isinstance(answer, dict):
            return str(asked), str(question), answer
        reading.fail(f"{raw} {asked}", "row_shape", text)
    return None


def _hash(text: str) -> str:
    """Of the bytes as they came; text that no bytes give has a hash that fits nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _shapes(
    reading: Reading, resource: str, answers: Sequence[tuple[str, str, str, dict[str, Any]]]
) -> None:
    """Raise if the Hub's answers are no longer of the declared shape."""
    files, downloads = (
        [answer for *_, asked, answer in answers if asked == question] for question in _QUESTIONS
    )
    reading.fields(f"{resource}: files", files, _FILES_NEEDED, _FILES_KNOWN)
    reading.fields(f"{resource}: downloads", downloads, _DOWNLOADS_NEEDED, _DOWNLOADS_KNOWN)
    reading.dates(f"{resource}: createdAt", [row.get("createdAt") for row in files])


def _repository(raw: str, asked: str, row: Mapping[str, Any]) -> RepositoryClaim:
    tensors = mapped(row.get("safetensors"))
    created = row.get("createdAt")
    is_before = isinstance(created, str) and created.startswith(_CREATED_BEFORE)
    counts = (
        (name(kind), whole(count, "parameters"))
        for kind, count in mapped(tensors.get("parameters")).items()
    )
    return RepositoryClaim(
        repository=_named(row),
        raw=raw,
        asked=asked,
        created_at=None if is_before else day(created),
        modified_at=day(row.get("lastModified")),
        revision=label(row.get("sha")),
        licence=_licence(row),
        gated=_gated(row.get("gated")),
        disabled=_flag(row.get("disabled")),
        formats=tuple(_formats(listed(row.get("siblings")))),
        parameters=tuple((kind, count) for kind, count in counts if count is not None),
        total_parameters=whole(tensors.get("total"), "parameters"),
        downloads_30d=whole(row.get("downloads")),
    )


def _downloads(raw: str, row: Mapping[str, Any]) -> DownloadsClaim:
    return DownloadsClaim(
        repository=_named(row),
        raw=raw,
        downloads_30d=whole(row.get("downloads")),
        downloads_all_time=whole(row.get("downloadsAllTime")),
    )


def _named(row: Mapping[str, Any]) -> str:
    found = name(row.get("id"))
    if not _is_repository(found):
        raise Refused("not_a_repository", found)
    return found


def _flag(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise Refused("not_a_boolean", value)
    return value


def _gated(value: object) -> str | None:
    """``none`` for false; the Hub's words else (``auto``, ``manual``)."""
    return "none" if value is False else label(value)


def _licence(row: Mapping[str, Any]) -> str | None:
    """The card's licence, with its own name if it is "other"; else the Hub's tag."""
    card = mapped(row.get("cardData"))
    stated, own = label(card.get("license")), label(card.get("license_name"))
    if stated is None:
        tags = (label(tag) or "" for tag in listed(row.get("tags")))
        return next((tag.partition(":")[2] for tag in tags if tag.startswith("license:")), None)
    return f"{stated}: {own}" if stated == "other" and own else stated


def _formats(files: Sequence[object]) -> Iterator[tuple[str, int, int | None]]:
    """Per format of weights: how many files, and their bytes if each one's size is stated."""
    stated = [(str(mapped(one).get("rfilename")), mapped(one).get("size")) for one in files]
    for kind, pattern in _WEIGHTS:
        sizes = [size for path, size in stated if pattern.search(path)]
        counted = [whole(size, "bytes") for size in sizes]
        known = [size for size in counted if size is not None]
        if sizes:
            yield kind, len(sizes), sum(known) if len(known) == len(sizes) else None
