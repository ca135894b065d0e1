"""Make the README's picture from a real report, in the installed Chromium.

``python tools/make_picture.py REPORT.html`` writes ``docs/images/report.png`` (light, English).
With ``--variants DIR`` it also writes whole pages as they look in dark mode and on a phone.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--variants", type=Path)
    asked = parser.parse_args()
    path = next((p for name in BROWSERS if (p := shutil.which(name))), None)
    if path is None:
        print("Chromium is not installed", file=sys.stderr)
        return 1
    views = [("report", {"width": 1200, "height": 1180}, "light", False)]
    if asked.variants is not None:
        asked.variants.mkdir(parents=True, exist_ok=True)
        views += [
            ("light", {"width": 1200, "height": 900}, "light", True),
            ("dark", {"width": 1200, "height": 900}, "dark", True),
            ("phone", {"width": 390, "height": 844}, "light", True),
        ]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, size, scheme, whole in views:
            context = browser.new_context(viewport=size, color_scheme=scheme, offline=True)
            page = context.new_page()
            page.goto(asked.report.resolve().as_uri())
            folder = ROOT / "docs" / "images" if name == "report" else asked.variants
            page.screenshot(path=folder / f"{name}.png", full_page=whole)
            context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
