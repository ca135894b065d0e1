"""A Hugging Face Hub on loopback: as much of its API as publishing a data set needs.

Repositories, tags, the LFS batch API and commits are kept in memory as a client left them. The shapes
are those that ``huggingface_hub`` sends and reads.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_a-token-that-must-show-nowhere"


@dataclass
class Repository:
    """A repository: the files of its newest commit, all commits, and tags."""

    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[dict[str, Any]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def head(self) -> str:
        return self.commits[-1]["oid"] if self.commits else "0" * 40


@dataclass
class Hub:
    """What the server holds, what it was asked, and how it should fail."""

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    seen: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, token
    #: part of a path to the status that it is answered with
    fails: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(length)
        path = unquote(urlsplit(self.path).path)
        with self.hub.lock:
            self.hub.seen.append((self.command, path, self.headers.get("Authorization") or ""))
            status, answer = self._answer(path, body)
        told = json.dumps(answer).encode()
        self.send_response(status)
        if status >= 400:
            # a hostile server that repeats what it was sent
            self.send_header("X-Error-Message", f"no; you sent {self.headers['Authorization']}")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline(), 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def _answer(self, path: str, body: bytes) -> tuple[int, Any]:
        for part, status in self.hub.fails.items():
            if part in path:
                return status, {"error": "no"}
        is_storage = path.startswith("/storage/")
        if not is_storage and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "Invalid username or password."}
        if is_storage:
            oid = path.rpartition("/")[2]
            assert hashlib.sha256(body).hexdigest() == oid
            self.hub.objects[oid] = body
            return 200, {}
        if path == "/api/repos/create":
            told = json.loads(body)
            assert told["type"] == "dataset"
            name = f"{told['organization']}/{told['name']}"
            if name in self.hub.repositories:
                return 409, {"error": "You already created this dataset repo", "url": name}
            self.hub.repositories[name] = Repository()
            return 200, {"url": f"{self.hub.url}/datasets/{name}", "name": name, "id": "1"}
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        return self._repository(path, body)

    def _repository(self, path: str, body: bytes) -> tuple[int, Any]:
        for name, repository in self.hub.repositories.items():
            if path == f"/datasets/{name}.git/info/lfs/objects/batch":
                return 200, self._batch(json.loads(body))
            start = f"/api/datasets/{name}"
            if not path.startswith(start):
                continue
            rest = path.removeprefix(start).strip("/").split("/")
            if rest[0] == "refs":
                tags = [
                    {"name": t, "ref": f"refs/tags/{t}", "targetCommit": oid}
                    for t, oid in repository.tags.items()
                ]
                return 200, {"branches": [], "converts": [], "tags": tags}
            if rest[0] == "preupload":
                files = [
                    {
                        "path": f["path"],
                        "uploadMode": "lfs" if f["path"].endswith(".parquet") else "regular",
                        "shouldIgnore": False,
                        "oid": None,
                    }
                    for f in json.loads(body)["files"]
                ]
                return 200, {"files": files}
            if rest[0] == "commit":
                return 200, self._commit(name, repository, body)
            if rest[0] == "tag":
                tag = json.loads(body)["tag"]
                if tag in repository.tags:
                    return 409, {"error": "exists"}
                repository.tags[tag] = rest[1]
                return 200, {}
            if rest[0] in ("tree", "revision", ""):
                listed = [
                    {"type": "file", "path": p, "size": len(b), "oid": "0" * 40}
                    for p, b in repository.files.items()
                ]
                if rest[0] == "tree":
                    return 200, listed
                siblings = [{"rfilename": p} for p in repository.files]
                return 200, {"id": name, "sha": repository.head, "siblings": siblings}
        return 404, {"error": f"nothing at {path}"}

    def _batch(self, told: dict[str, Any]) -> dict[str, Any]:
        assert told["hash_algo"] == "sha256"
        objects = []
        for one in told["objects"]:
            entry: dict[str, Any] = {"oid": one["oid"], "size": one["size"]}
            if one["oid"] not in self.hub.objects:
                href = f"{self.hub.url}/storage/{one['oid']}"
                entry["actions"] = {"upload": {"href": href}}
            objects.append(entry)
        return {"transfer": "basic", "objects": objects}

    def _commit(self, name: str, repository: Repository, body: bytes) -> dict[str, Any]:
        files = dict(repository.files)
        summary = ""
        for line in body.decode().splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "header":
                summary = value["summary"]
            elif entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.hub.objects[value["oid"]]
            elif entry["key"] == "deletedFile":
                del files[value["path"]]
        repository.files = files
        oid = hashlib.sha1(body + str(len(repository.commits)).encode()).hexdigest()
        repository.commits.append({"oid": oid, "summary": summary, "files": dict(files)})
        url = f"{self.hub.url}/datasets/{name}/commit/{oid}"
        return {"success": True, "commitOid": oid, "commitUrl": url}

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving_hub() -> Iterator[Hub]:
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
