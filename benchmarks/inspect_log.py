"""A large Inspect log: is it imported in bounded memory, and how fast, by either reader?

    python benchmarks/inspect_log.py write LOG [MIB]
    python benchmarks/inspect_log.py read LOG {own,inspect_ai}

``write`` makes a synthetic log of MIB mebibytes (default 1024) that inspect-ai accepts: samples of
128 KiB each, stored as they are, with summaries and a header. ``read`` prints one line of JSON: seconds
of the import of the log, peak resident memory of this process before and after it, what was read.
"""

from __future__ import annotations

import json
import random
import sys
import time
import zipfile
from pathlib import Path

MIB = 1024
SAMPLE_KIB = 128
MODEL, TASK, SCORER = "mockllm/model", "large", "match"


def write(path: Path, mib: int = MIB) -> int:
    """Write a log of about ``mib`` mebibytes; the number of samples in it."""
    rng = random.Random(20261125)
    filler = rng.randbytes(SAMPLE_KIB * 512).hex()  # no compression would shrink it much
    count = max(2, mib * 1024 // SAMPLE_KIB)
    started, ended = "2026-11-01T10:00:00+00:00", "2026-11-02T10:00:00+00:00"
    spec = {
        "run_id": "run",
        "task_id": "task",
        "created": started,
        "task": TASK,
        "dataset": {"name": TASK, "samples": count, "sample_ids": list(range(1, count + 1))},
        "model": MODEL,
        "config": {"epochs": 1},
        "packages": {"inspect_ai": "0.3.285"},
    }
    summaries = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(
            "_journal/start.json", json.dumps({"version": 2, "eval": spec, "plan": {}})
        )
        for i in range(1, count + 1):
            score = {SCORER: {"value": "C" if i % 2 else "I"}}
            turn = i % len(filler)
            text = filler[turn:] + filler[:turn]
            sample = {
                "id": i,
                "epoch": 1,
                "input": f"Say {i}.",
                "target": str(i),
                "messages": [{"role": "assistant", "content": text}],
                "scores": score,
            }
            archive.writestr(f"samples/{i}_epoch_1.json", json.dumps(sample))
            summaries.append(
                {
                    "id": i,
                    "epoch": 1,
                    "input": text[:1000],
                    "target": str(i),
                    "scores": score,
                    "completed": True,
                }
            )
        archive.writestr("summaries.json", json.dumps(summaries))
        right = (count + 1) // 2
        results = {
            "total_samples": count,
            "completed_samples": count,
            "scores": [
                {
                    "name": SCORER,
                    "scorer": SCORER,
                    "params": {},
                    "scored_samples": count,
                    "unscored_samples": 0,
                    "metrics": {
                        "accuracy": {"name": "accuracy", "value": right / count, "params": {}}
                    },
                }
            ],
        }
        header = {
            "version": 2,
            "status": "success",
            "eval": spec,
            "plan": {"name": "plan", "steps": []},
            "results": results,
            "stats": {"started_at": started, "completed_at": ended, "model_usage": {}},
        }
        archive.writestr("header.json", json.dumps(header))
    return count


def peak_mib() -> float:
    """Peak resident memory of this process; ``ru_maxrss`` is in KiB, on macOS in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def read(path: Path, reader: str) -> dict[str, object]:
    """Import the log with one reader."""
    from headway.sources.formats import inspect_log

    before, begun = peak_mib(), time.perf_counter()
    parsed = inspect_log.parse(path, reader=reader)
    seconds = time.perf_counter() - begun
    (claim,) = parsed.scores
    return {
        "reader": reader,
        "log_mib": round(path.stat().st_size / 2**20),
        "seconds": round(seconds, 2),
        "peak_mib_before": round(before, 1),
        "peak_mib": round(peak_mib(), 1),
        "n": claim.n,
        "score": claim.score,
    }


if __name__ == "__main__":
    what, file, *rest = sys.argv[1:]
    if what == "write":
        print(json.dumps({"samples": write(Path(file), *map(int, rest))}))
    else:
        print(json.dumps(read(Path(file), *rest)))
