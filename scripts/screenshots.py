"""Pictures of a run's report as a browser shows it: wide and light, wide and dark, narrow, and as it is printed.

``python scripts/screenshots.py RUN [--out docs/images]``. Needs Chromium; nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
DARK = "--blink-settings=preferredColorScheme=0"
PRINTED = ("@media print", "@media all")
FIRST, WIDE, NARROW, PAPER = (1200, 1540), (1200, 3000), (500, 3000), (800, 3000)
"""Sizes of the pictures in pixels."""
TIMEOUT_S = 120


def main() -> int:
    """Make the pictures; exit code 2 where there is no browser or no report."""
    parser = argparse.ArgumentParser(description="Pictures of a run's report.")
    parser.add_argument("run", type=Path, help="folder of a run, or a page")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--name", default="report", help="beginning of the pictures' names")
    options = parser.parse_args()
    page = options.run / "report.html" if options.run.is_dir() else options.run
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None or not page.is_file():
        what = f"{page} is not there" if browser else "no Chromium: install the package 'chromium'"
        print(f"screenshots: {what}", file=sys.stderr)
        return 2
    text = page.read_text(encoding="utf-8")
    all_steps = text.replace('class="play" checked', 'class="play"').replace('class="all"', 'class="all" checked')
    options.out.mkdir(parents=True, exist_ok=True)
    for kind, html, size, more in (
        ("", text, FIRST, []),
        ("-dark", all_steps, WIDE, [DARK]),
        ("-narrow", text, NARROW, []),
        ("-print", text.replace(*PRINTED), PAPER, []),
    ):
        shoot(browser, html, options.out / f"{options.name}{kind}.png", size, more)
    return 0


def shoot(browser: str, html: str, target: Path, size: tuple[int, int], more: list[str]) -> None:
    """Make one picture of a page's text."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        words = ["--headless", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/profile"]
        words += ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to run as root otherwise.
        words += [f"--window-size={size[0]},{size[1]}", f"--screenshot={target.resolve()}", *more, page.as_uri()]
        subprocess.run([browser, *words], check=True, timeout=TIMEOUT_S, capture_output=True)
    print(target)


if __name__ == "__main__":
    raise SystemExit(main())
