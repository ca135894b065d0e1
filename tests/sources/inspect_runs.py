"""Real Inspect logs, written by inspect-ai with its mock model, as a process of its own.

    python -m tests.sources.inspect_runs FOLDER

One log per entry of :data:`RUNS` and format (``NAME.eval``, ``NAME.json``). A run that is cancelled
gets the interrupt of a keyboard, one that is killed leaves a log without an end.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

#: Name of a run, and the status that its log ends with.
RUNS = {
    "plain": "success",
    "epochs": "success",
    "scorers": "success",
    "settings": "success",
    "some_errors": "success",
    "limited": "success",
    "unscored": "success",
    "nothing": "success",
    "failed": "error",
    "cancelled": "cancelled",
    "killed": "started",
}
FORMATS = ("eval", "json")
SAMPLES = 6


def run(name: str, form: str, folder: str) -> None:
    """One evaluation of a tiny task with the mock model."""
    from inspect_ai import Epochs, Task
    from inspect_ai import eval as evaluate
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import GenerateConfig, ModelOutput, ModelUsage, get_model
    from inspect_ai.scorer import Score, accuracy, match, mean, metric, scorer, std, stderr
    from inspect_ai.solver import generate, solver

    @metric
    def share_above_half() -> Any:
        def compute(scores: Any) -> float:
            return sum(s.as_float() > 0.5 for s in scores) / max(1, len(scores))

        return compute

    @scorer(metrics=[mean(), std(), stderr()])
    def length() -> Any:
        async def score(state: Any, target: Any) -> Score:
            return Score(value=len(state.output.completion) / 10)

        return score

    @scorer(metrics={"found": [accuracy(), stderr()], "depth": [mean(), share_above_half()]})
    def parts() -> Any:
        async def score(state: Any, target: Any) -> Score:
            right = state.output.completion == target.text
            return Score(value={"found": "C" if right else "I", "depth": 0.25 + 0.5 * right})

        return score

    @solver
    def stumble() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            if state.sample_id == 2:
                raise RuntimeError("the tool of sample 2 is broken")
            return await generate(state)

        return solve

    @solver
    def stop(number: int) -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            import anyio

            if state.sample_id == 3:
                os.kill(os.getpid(), number)
                await anyio.sleep(30)
            return await generate(state)

        return solve

    answers = ["1", "2", "no", "4", "no", "6"]
    outputs = [
        ModelOutput.from_content("mockllm/model", answers[i % SAMPLES]) for i in range(10 * SAMPLES)
    ]
    for output in outputs:
        # a stated usage: without one it would be counted with an encoding from the network
        output.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)
    dataset = MemoryDataset(
        [Sample(id=i + 1, input=f"Say {i + 1}.", target=str(i + 1)) for i in range(SAMPLES)],
        name="tiny",
    )
    task: dict[str, Any] = {
        "dataset": dataset,
        "solver": generate(),
        "scorer": match(),
        "name": "tiny",
    }
    options: dict[str, Any] = {"max_samples": 1}
    if name == "epochs":
        task["epochs"] = Epochs(3, ["mean", "pass_at_2"])
    elif name == "scorers":
        task["scorer"] = [match(), length(), parts()]
    elif name == "settings":
        task["config"] = GenerateConfig(reasoning_effort="high", temperature=0.5)
        options["token_limit"] = 50_000
    elif name == "some_errors":
        task["solver"] = stumble()
        options["fail_on_error"] = False
    elif name == "limited":
        options["limit"] = 4
    elif name == "unscored":
        options["score"] = False
    elif name == "nothing":
        task["scorer"] = None
    elif name == "failed":
        task["solver"] = stumble()
        options["fail_on_error"] = True
    elif name == "cancelled":
        task["solver"] = stop(signal.SIGINT)
    elif name == "killed":
        task["solver"] = stop(signal.SIGKILL)
        options["log_buffer"] = 1
    evaluate(
        Task(**task),
        model=get_model("mockllm/model", custom_outputs=outputs),
        log_dir=folder,
        log_format=form,
        display="none",
        log_level="error",
        **options,
    )


def main(folder: Path) -> None:
    for name in RUNS:
        for form in FORMATS:
            with tempfile.TemporaryDirectory(dir=folder) as logs:
                words = [sys.executable, "-m", "tests.sources.inspect_runs", name, form, logs]
                subprocess.run(words, check=False, stdout=subprocess.DEVNULL, timeout=120)
                for written in Path(logs).glob(f"*.{form}"):
                    shutil.move(written, folder / f"{name}.{form}")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:
        run(*sys.argv[1:])
