"""Where PlatformIO's build engine (its package ``tool-scons``) comes from.

A user's PlatformIO is left as it is. Only where it lacks the engine, and the registry cannot be reached or is not to be
asked, PyPI's SCons is laid out as that package in a core folder of our own.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from codegen.ir.errors import fail
from codegen.resources import cache_folder
from hostctl.doctor.platformio import core_dir, registry_answers

OFFLINE_VARIABLE = "SPIKEC_OFFLINE"
_PACKAGE = "tool-scons"
_START = "from SCons.Script.Main import main\n\nmain()\n"


def core_folder(offline: bool, log: Callable[[str], None]) -> Path | None:
    """Choose the core folder to build with: None for the user's own, else ours with the engine staged in it.

    Raises SpikecError when the engine is neither installed nor can be had.
    """
    offline = offline or os.environ.get(OFFLINE_VARIABLE, "") not in ("", "0")
    if any((core_dir() / "packages").glob(f"{_PACKAGE}*/package.json")):
        return None
    if not offline and registry_answers():
        return None
    why = "offline, as asked" if offline else "PlatformIO's registry cannot be reached"
    log(f"{why}: building with PyPI's SCons instead of the registry's")
    return stage(log)


def stage(log: Callable[[str], None]) -> Path:
    """Make (once) the core folder with PyPI's SCons as its engine. Raises SpikecError when SCons is missing."""
    version = wanted_version()
    try:
        scons = importlib.metadata.version("scons")
    except importlib.metadata.PackageNotFoundError:
        hint = "Connect once, or install it: pip install 'spikec[offline]'"
        raise fail("PlatformIO", "its build engine is not installed and the registry cannot be reached", hint) from None
    if scons != pypi_version(version):
        log(f"note: PlatformIO asks for SCons {pypi_version(version)}, {scons} is installed")
    core = cache_folder() / f"platformio-{version}"
    package = core / "packages" / _PACKAGE
    if not (package / "scons.py").is_file():
        _lay_out(package, version)
    return core


def wanted_version() -> str:
    """Read the version of ``tool-scons`` that the installed PlatformIO pins, such as 4.41101.0."""
    from platformio.dependencies import get_core_dependencies  # noqa: PLC0415 (takes a while to import)

    return str(get_core_dependencies()[_PACKAGE]).lstrip("~^=> ")


def pypi_version(version: str) -> str:
    """SCons's own number for that of the package: 4.41101.0 is 4.11.1."""
    match = re.fullmatch(r"\d+\.(\d)(\d\d)(\d\d)\.\d+", version)
    return ".".join(str(int(part)) for part in match.groups()) if match else version


def _lay_out(package: Path, version: str) -> None:
    """Write the package, which appears whole or not at all, also when two builds do this at once."""
    spec = {"owner": "platformio", "id": None, "name": _PACKAGE, "requirements": None, "uri": None}
    files = {
        "package.json": json.dumps({"name": _PACKAGE, "version": version, "description": "SCons, from PyPI"}),
        ".piopm": json.dumps({"type": "tool", "name": _PACKAGE, "version": version, "spec": spec}),
        "scons.py": _START,
    }
    try:
        package.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=package.parent.parent) as partial:
            made = Path(partial) / _PACKAGE
            made.mkdir()
            for name, text in files.items():
                (made / name).write_text(text)
            if not package.exists():
                made.rename(package)
    except OSError as error:
        if not (package / "scons.py").is_file():
            hint = "Make it writable, or set SPIKEC_CACHE to another folder"
            raise fail(str(package), f"cannot be written ({error.strerror})", hint) from error
