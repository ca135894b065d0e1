"""A Hub on loopback with repositories of the shape that ``huggingface_hub`` reads."""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.sources.server import Answer, Server, ok

#: The shape follows ``huggingface_hub.hf_api.ModelInfo`` of 2.4; all values are invented.
MODEL: dict[str, Any] = {
    "_id": "65a1b2c3d4e5f60718293a4b",
    "id": "lab/Model-7B",
    "modelId": "lab/Model-7B",
    "author": "lab",
    "sha": "0123456789abcdef0123456789abcdef01234567",
    "createdAt": "2025-01-20T03:46:07.000Z",
    "lastModified": "2025-03-27T04:01:59.000Z",
    "private": False,
    "gated": False,
    "disabled": False,
    "downloads": 1_234_567,
    "likes": 12,
    "library_name": "transformers",
    "pipeline_tag": "text-generation",
    "tags": ["transformers", "safetensors", "license:mit"],
    "cardData": {"license": "mit"},
    "config": {"model_type": "invented"},
    "siblings": [
        {"rfilename": "README.md", "size": 100, "blobId": "a"},
        {
            "rfilename": "model-00001-of-00002.safetensors",
            "size": 5_000_000_000,
            "blobId": "b",
            "lfs": {"size": 5_000_000_000, "sha256": "c" * 64, "pointerSize": 135},
        },
        {"rfilename": "model-00002-of-00002.safetensors", "size": 4_000_000_000, "blobId": "d"},
        {"rfilename": "tokenizer.bin", "size": 7, "blobId": "e"},
    ],
    "safetensors": {"parameters": {"BF16": 7_000_000_000, "F32": 1024}, "total": 7_000_001_024},
    "spaces": [],
    "usedStorage": 9_000_000_000,
}
DOWNLOADS: dict[str, Any] = {
    "_id": MODEL["_id"],
    "id": "lab/Model-7B",
    "downloads": 1_234_567,
    "downloadsAllTime": 45_678_901,
}


def model(name: str, **more: Any) -> dict[str, Any]:
    """A repository; a value of ``...`` takes the field away."""
    made = copy.deepcopy(MODEL) | {"id": name, "modelId": name} | more
    return {key: value for key, value in made.items() if value is not ...}


def question(name: str) -> tuple[str, str]:
    """The two addresses that are asked about a repository."""
    base = f"/api/models/{name}"
    return f"{base}?blobs=true", f"{base}?expand=downloads&expand=downloadsAllTime"


def serve(server: Server, name: str, row: Any = None, downloads: Any = None) -> None:
    """Answer both questions about a repository."""
    files, counted = question(name)
    server.on(files, ok(json.dumps(model(name) if row is None else row).encode()))
    stated = DOWNLOADS | {"id": name} if downloads is None else downloads
    server.on(counted, ok(json.dumps(stated).encode()))


def answer_both(server: Server, name: str, answer: Answer) -> None:
    for path in question(name):
        server.on(path, answer)
