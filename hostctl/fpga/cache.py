"""Results of synthesis by what they were made of: an equal design is not placed twice."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from codegen.resources import cache_folder
from hostctl.fpga.result import SynthesisResult

_FORMAT = 1
"""Raised when the flow itself changes what comes out."""

_INPUTS = ("*.vh", "*.hex", "*.lpf", "*.pcf", "*.cst", "*.xdc", "*.sdc")
_KEPT = ("result.json", "netlist.v", "cells.v", "*.log", "report-*.json")


def key(project: Path, sources: Sequence[str], rest: Mapping[str, Any]) -> str:
    """The digest of a project's files and of everything else that decides the result."""
    sha = hashlib.sha256(json.dumps({"format": _FORMAT, **rest}, sort_keys=True).encode())
    inputs = [path.name for pattern in _INPUTS for path in project.glob(pattern)]
    for name in sorted({*sources, *inputs}):
        data = (project / name).read_bytes()
        sha.update(f"{name}\0{len(data)}\0".encode())
        sha.update(data)
    return sha.hexdigest()


def fetch(found: str, output: Path) -> SynthesisResult | None:
    """Bring a kept result into ``output``; None when there is none."""
    folder = _folder(found)
    try:
        result = SynthesisResult.from_json(
            json.loads((folder / "result.json").read_text(encoding="utf-8")) | {"cached": True}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    shutil.rmtree(output, ignore_errors=True)
    shutil.copytree(folder, output)
    result = result.moved_to(output)
    (output / "result.json").write_text(json.dumps(result.to_json(), indent=1) + "\n", encoding="utf-8")
    return result


def store(found: str, output: Path, result: SynthesisResult) -> None:
    """Keep a result: it appears whole or not at all."""
    folder = _folder(found)
    folder.parent.mkdir(parents=True, exist_ok=True)
    files = {path for pattern in _KEPT for path in output.glob(pattern)}
    files |= {result.bitstream} if result.bitstream is not None else set()
    with tempfile.TemporaryDirectory(dir=folder.parent) as partial:
        made = Path(partial) / "result"
        made.mkdir()
        for path in files:
            shutil.copy2(path, made)
        if not folder.exists():
            made.rename(folder)


def _folder(found: str) -> Path:
    return cache_folder() / "synthesis" / found[:32]
