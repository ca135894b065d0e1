"""Run the README's commands as a stranger would: in a fresh copy, with a fresh environment.

``python tools/check_readme.py`` copies the files that git tracks (and new ones that it does not
ignore) to a temporary folder and runs the first set-up command there: it must install Headway and
write the report. ``--print-test-command`` prints the second one, which ``.ci/run`` runs last.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- set-up:begin -->", "<!-- set-up:end -->"


def setup_commands(text: str) -> list[str]:
    """The commands between the two markers, one per fenced block.

    Raises
    ------
    ValueError
        There are not exactly two.
    """
    part = text.split(BEGIN)[1].split(END)[0]
    found = re.findall(r"```bash\n(.+?)\n```", part, flags=re.DOTALL)
    if len(found) != 2 or any("\n" in command for command in found):
        raise ValueError(f"README: expected two one-line set-up commands, found {found}")
    return found


def local_links(text: str) -> list[str]:
    """Relative link and image targets of a Markdown text."""
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return [t for t in targets if not re.match(r"[a-z]+:", t)]


def tracked_files() -> list[str]:
    out = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in out.stdout.split("\0") if name and (ROOT / name).is_file()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print-test-command", action="store_true")
    asked = parser.parse_args()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first, second = setup_commands(text)
    if asked.print_test_command:
        print(second)
        return 0
    missing = [t for t in local_links(text) if not (ROOT / t).exists()]
    if missing:
        print(f"README links to files that do not exist: {', '.join(missing)}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "headway"
        for name in tracked_files():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
        env = {
            k: v
            for k, v in os.environ.items()
            if k not in {"VIRTUAL_ENV", "PYTHONHOME"} and not k.startswith("HEADWAY_")
        }
        env["HEADWAY_CACHE_DIR"] = str(Path(folder) / "cache")
        print(f"$ {first}", flush=True)
        subprocess.run(["bash", "-c", first], cwd=copy, env=env, check=True)
        report = copy / "headway-report.html"
        if not report.is_file() or report.stat().st_size < 100_000:
            print("the first README command left no report", file=sys.stderr)
            return 1
        print(f"report: {report.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
