"""Run the README's commands as a stranger would: in a fresh copy, with a fresh environment.

``python tools/check_readme.py`` copies the files that git tracks (and new ones that it does not
ignore) to a temporary folder and runs the first set-up command there: it must install Headway and
write the report. ``--print-test-command`` prints the second one, which ``.ci/run`` runs last.
The table of numbers in the README is compared with what the installed command says; ``--update``
writes it anew from the command of this environment.
"""

from __future__ import annotations

import argparse
import json
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


HEADLINE_BEGIN, HEADLINE_END = "<!-- headline:begin -->", "<!-- headline:end -->"


def headline(headway: str, env: dict[str, str] | None = None) -> str:
    """The README's table of numbers, from real output of ``headway lag``."""
    from headway.i18n import note

    out = subprocess.run(
        [headway, "lag", "--json", "--offline"], capture_output=True, text=True, check=True, env=env
    )
    found = json.loads(out.stdout)

    def months(value: float | str | None) -> str:
        if value == "inf":
            return "no upper limit known"
        if value == "-inf":
            return "open models lead"
        return f"{value:.1f}"

    def ends(interval: dict[str, object] | None) -> str:
        if interval is None:
            return "-"
        return f"{months(interval['low'])} to {months(interval['high'])}"

    lines = [
        "| | months behind (mean of the last 12 months) | 90 % interval | with the chance of releases |",
        "|---|---|---|---|",
    ]
    for row in found["results"]:
        lag = row["lag"]
        place = row["domain"] if row["stage"] is None else f"{row['domain']}: {row['stage']}"
        name = f"**{place}**" if row["stage"] is None else f"`{row['stage']}`"
        value = {
            "estimated": lambda q: months(q["value"]),
            "censored": lambda q: f"at least {months(q['value'])}",
            "open_leads": lambda _: "open models lead",
            "not_estimable": lambda q: (
                "not estimable: " + "; ".join(note(n, "en") for n in q["notes"])
            ),
        }[lag["status"]](lag)
        wide = ends(lag.get("interval_process"))
        lines.append(f"| {name} | {value} | {ends(lag['interval'])} | {wide} |")
    lines.append("")
    lines.append(
        f"Output of `headway lag`: data release {found['data_release']}, as of {found['as_of']}, "
        f"public closed frontier, all evidence, Headway {found['headway']}."
    )
    return "\n".join(lines)


def differs(told: str, now: str, tolerance: float = 1.0) -> bool:
    """Whether two tables differ in words, or in a number by more than another machine's rounding."""
    number = re.compile(r"\d+\.\d+(?!\.)")
    if number.sub("#", told) != number.sub("#", now):
        return True
    pairs = zip(number.findall(told), number.findall(now), strict=True)
    return any(abs(float(a) - float(b)) > tolerance for a, b in pairs)


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
    parser.add_argument("--update", action="store_true")
    asked = parser.parse_args()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first, second = setup_commands(text)
    if asked.print_test_command:
        print(second)
        return 0
    if asked.update:
        before, rest = text.split(HEADLINE_BEGIN)
        after = rest.split(HEADLINE_END)[1]
        table = headline(str(Path(sys.executable).with_name("headway")))
        new = f"{before}{HEADLINE_BEGIN}\n{table}\n{HEADLINE_END}{after}"
        (ROOT / "README.md").write_text(new, encoding="utf-8")
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
        told = text.split(HEADLINE_BEGIN)[1].split(HEADLINE_END)[0].strip()
        now = headline(str(copy / ".venv" / "bin" / "headway"), env)
        if differs(told, now):
            print(f"the README's numbers are not those of the command:\n{now}", file=sys.stderr)
            print("python tools/check_readme.py --update writes them", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
