"""Python and its packages, by spikec's own list of requirements, so that no second list can drift."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

import codegen
from hostctl.doctor.check import Check

GROUP = "Python"
OLDEST = (3, 11)

_PURPOSE = {
    "": "every command",
    "train": "training and the embedded data ('spikec train', 'spikec demo')",
    "nmnist": "downloading the full N-MNIST",
    "offline": "building where PlatformIO's registry cannot be reached",
    "fpga": "boards with an FPGA, and the simulated one",
    "dev": "the tests",
}


def checks() -> list[Check]:
    """Python itself, then every package that spikec or one of its extras asks for."""
    return [_python(), *(_package(Requirement(text), extra) for extra, text in requirements())]


def requirements() -> list[tuple[str, str]]:
    """(extra or '', requirement) of every package: from pyproject.toml in a checkout, else from the metadata."""
    pyproject = Path(codegen.__file__).resolve().parent.parent / "pyproject.toml"
    if pyproject.is_file():
        project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
        extras: dict[str, list[str]] = project.get("optional-dependencies", {})
        found = [("", text) for text in project["dependencies"]]
        return found + [(extra, text) for extra, texts in extras.items() for text in texts]
    return [_split_extra(text) for text in importlib.metadata.requires("spikec") or []]


def _split_extra(text: str) -> tuple[str, str]:
    """``jinja2>=3; extra == "train"`` to ``("train", "jinja2>=3")``."""
    requirement, _, marker = text.partition(";")
    _, _, extra = marker.partition("extra ==")
    return extra.strip(" '\""), requirement.strip()


def _python() -> Check:
    ok = sys.version_info >= OLDEST
    found = f"{platform.python_version()} ({sys.executable})"
    wanted = ".".join(map(str, OLDEST))
    return Check("Python", ok, found, "every command", "" if ok else f"install Python {wanted} or newer", GROUP)


def _package(requirement: Requirement, extra: str) -> Check:
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    ok = bool(version) and requirement.specifier.contains(version, prereleases=True)
    found = version if ok else f"{version or 'not installed'}, needs {requirement.specifier}"
    fix = "" if ok else f"{sys.executable} -m pip install '{requirement.name}{requirement.specifier}'"
    purpose = _PURPOSE.get(extra, f"the extra '{extra}'")
    return Check(requirement.name, ok, found, purpose, fix, GROUP, optional=bool(extra))
