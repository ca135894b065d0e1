"""Make the README's pictures from a real report, in the installed Chromium.

``python tools/make_picture.py REPORT.html`` writes ``docs/images/report.png`` (top of the page, down
to the verdicts), ``docs/images/frontier.png`` (the cyber frontier) and ``docs/images/path.png`` (the
path between two published lags), light, English; the report must answer all questions. With
``--variants DIR`` it also writes whole pages as they look in light and dark mode and on a phone.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def open_page(
    browser: Browser, report: Path, size: ViewportSize, scheme: Literal["light", "dark"]
) -> Page:
    context = browser.new_context(viewport=size, color_scheme=scheme, offline=True)
    page = context.new_page()
    page.goto(report.resolve().as_uri())
    return page


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--variants", type=Path)
    asked = parser.parse_args()
    path = next((p for name in BROWSERS if (p := shutil.which(name))), None)
    if path is None:
        print("Chromium is not installed", file=sys.stderr)
        return 1
    images = ROOT / "docs" / "images"
    images.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = open_page(browser, asked.report, {"width": 960, "height": 1000}, "light")
        box = page.locator("#answer .brief").last.bounding_box()
        assert box is not None, "the report states its verdicts"
        bottom = box["y"] + box["height"] + 12
        clip = {"x": 0, "y": 0, "width": 960, "height": bottom}
        page.screenshot(path=images / "report.png", full_page=True, clip=clip)
        for name, figure in (("frontier", "frontier-cyber"), ("path", "path")):
            page.locator(f"#figure-{figure} svg:visible").first.screenshot(
                path=images / f"{name}.png"
            )
        if asked.variants is not None:
            asked.variants.mkdir(parents=True, exist_ok=True)
            wide: ViewportSize = {"width": 1200, "height": 900}
            phone: ViewportSize = {"width": 390, "height": 844}
            open_page(browser, asked.report, wide, "light").screenshot(
                path=asked.variants / "light.png", full_page=True
            )
            open_page(browser, asked.report, wide, "dark").screenshot(
                path=asked.variants / "dark.png", full_page=True
            )
            open_page(browser, asked.report, phone, "light").screenshot(
                path=asked.variants / "phone.png", full_page=True
            )
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
