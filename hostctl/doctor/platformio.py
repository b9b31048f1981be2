"""PlatformIO: does it run, and where does its build engine come from?"""

from __future__ import annotations

import importlib.metadata
import os
import sys
import threading
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path

from hostctl.doctor.ask import ask
from hostctl.doctor.check import Check

GROUP = "PlatformIO"
REGISTRY = "https://api.registry.platformio.org"
REGISTRY_TIMEOUT_S = 2.0


def checks() -> list[Check]:
    """The core, and the source of its build engine."""
    return [core(), build_engine(probe_registry=True)]


def core() -> Check:
    """Whether PlatformIO Core runs."""
    answer = ask([sys.executable, "-m", "platformio", "--version"])
    fix = "" if answer.ok else f"{sys.executable} -m pip install platformio"
    found = answer.first_line if answer.ok else f"does not run: {_last_line(answer.text)}"
    return Check("PlatformIO Core", answer.ok, found, "building for every board", fix, GROUP)


def build_engine(*, probe_registry: bool) -> Check:
    """Whether PlatformIO's SCons is installed, or can be staged from PyPI's, or can be fetched from the registry."""
    found = _staged() or _pypi_scons()
    if probe_registry and registry_answers():
        found = f"{found}; the registry answers" if found else "the registry answers: fetched on the first build"
    elif probe_registry:
        found = f"{found}; the registry cannot be reached" if found else ""
    fix = "" if found else f"{sys.executable} -m pip install 'spikec[offline]'"
    problem = "not installed" if not probe_registry else "not installed, and the registry cannot be reached"
    return Check("PlatformIO's SCons", bool(found), found or problem, "building for every board", fix, GROUP)


def core_dir() -> Path:
    """PlatformIO's folder, as PlatformIO itself finds it."""
    return Path(os.environ.get("PLATFORMIO_CORE_DIR") or Path.home() / ".platformio").expanduser()


@cache
def registry_answers() -> bool:
    """Whether PlatformIO's registry can be reached; any HTTP answer counts. Asked once, with a timeout."""
    reached = threading.Event()
    thread = threading.Thread(target=_probe, args=(reached,), daemon=True)
    thread.start()
    thread.join(REGISTRY_TIMEOUT_S)  # Name resolution knows no timeout of its own.
    return reached.is_set()


def _probe(reached: threading.Event) -> None:
    try:
        with urllib.request.urlopen(REGISTRY, timeout=REGISTRY_TIMEOUT_S):
            reached.set()
    except urllib.error.HTTPError as error:
        with error:
            reached.set()
    except (OSError, ValueError):
        return


def _staged() -> str:
    package = core_dir() / "packages" / "tool-scons"
    return "installed in PlatformIO's folder" if (package / "package.json").is_file() else ""


def _pypi_scons() -> str:
    try:
        return f"PyPI's SCons {importlib.metadata.version('scons')} can be staged"
    except importlib.metadata.PackageNotFoundError:
        return ""


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no output"
