"""The command that makes the report's pictures: what it asks the browser for, by a stand-in, and what it cannot do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from report_run import make_run

from hostctl.report import write_report
from hostctl.results import summarise

SCRIPT = Path(__file__).parents[2] / "scripts" / "screenshots.py"
BROWSER = """#!/bin/sh
for word; do
  case $word in
    --screenshot=*) target=${word#--screenshot=};;
    file://*) page=${word#file://};;
  esac
done
{ echo "$@"; cat "$page"; } > "$target"
"""


def screenshots(*words, path):
    command = [sys.executable, SCRIPT, *words]
    return subprocess.run(command, env={**os.environ, "PATH": str(path)}, capture_output=True, text=True, check=False)


@pytest.fixture
def browser(tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "chromium"
    program.write_text(BROWSER)
    program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_four_pictures(tmp_path, browser):
    run = make_run(tmp_path / "run", samples=5)
    text = write_report(run, summarise(run)).read_text(encoding="utf-8")
    made = screenshots(run, "--out", tmp_path / "out", path=browser)
    assert made.returncode == 0, made.stderr
    pictures = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()}
    assert set(pictures) == {"report.png", "report-dark.png", "report-narrow.png", "report-print.png"}
    words = {name: content.partition("\n")[0] for name, content in pictures.items()}
    pages = {name: content.partition("\n")[2] for name, content in pictures.items()}
    assert pages["report.png"] == pages["report-narrow.png"] == text
    assert "--window-size=500," in words["report-narrow.png"]
    assert [name for name in words if "preferredColorScheme=0" in words[name]] == ["report-dark.png"]
    assert "@media print" not in pages["report-print.png"]
    assert pages["report-dark.png"].count('class="all" checked') == text.count('class="all"') > 0
    assert 'class="play" checked' not in pages["report-dark.png"]


def test_what_is_missing_is_named(tmp_path, browser):
    made = screenshots(tmp_path / "nowhere", path=browser)
    assert (made.returncode, "nowhere is not there" in made.stderr) == (2, True)
    page = tmp_path / "page.html"
    page.write_text("")
    made = screenshots(page, path=tmp_path / "empty")
    assert (made.returncode, "install the package 'chromium'" in made.stderr) == (2, True)
