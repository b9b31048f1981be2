"""What a backend hands over: a plan of files. Only ``write`` touches the disk, and never a file edited by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen.ir.errors import Problem, SpikecError, fail

MANIFEST = ".spikec-manifest.json"
"""Beside the files: the digest of each as it was written, so that edits by hand are seen."""


@dataclass(frozen=True)
class OutputPlan:
    """Files to be: relative path (with forward slashes) to text."""

    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256, hex, of all paths and texts: equal plans write equal bytes."""
        sha = hashlib.sha256()
        for path, text in sorted(self.files.items()):
            sha.update(f"{path}\0{len(text.encode())}\0".encode())
            sha.update(text.encode())
        return sha.hexdigest()


@dataclass(frozen=True)
class Written:
    """What ``write`` did (or, in a dry run, would do), as relative paths."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def write(plan: OutputPlan, target: Path, *, force: bool = False, dry_run: bool = False) -> Written:
    """Bring the folder ``target`` to the plan's state; files with equal bytes are not touched.

    Raises SpikecError, and writes nothing, when a file would be lost that a person edited or made (unless ``force``).
    """
    known = _read_manifest(target)
    new, changed, unchanged, lost = [], [], [], []
    for path, text in sorted(plan.files.items()):
        old = _digest_of(target / path)
        if old is None:
            new.append(path)
        elif old == _sha(text.encode()):
            unchanged.append(path)
        else:
            changed.append(path)
            if old != known.get(path):
                lost.append(path)
    if lost and not force:
        hint = "Move it away, choose another folder, or give --force to lose the edits"
        raise SpikecError([Problem(str(target / path), "was edited since spikec wrote it", hint) for path in lost])
    if not dry_run:
        _write_files(plan, target, [*new, *changed])
    return Written(tuple(new), tuple(changed), tuple(unchanged))


def _write_files(plan: OutputPlan, target: Path, paths: list[str]) -> None:
    try:
        for path in paths:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(plan.files[path], encoding="utf-8", newline="\n")
        manifest = {path: _sha(text.encode()) for path, text in sorted(plan.files.items())}
        text = json.dumps({"format": 1, "files": manifest}, indent=1) + "\n"
        if _digest_of(target / MANIFEST) != _sha(text.encode()):
            (target / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise fail(
            str(error.filename or target), f"cannot be written ({error.strerror})", "Choose another folder"
        ) from error


def _read_manifest(target: Path) -> dict[str, str]:
    try:
        files = json.loads((target / MANIFEST).read_text())["files"]
        return {str(path): str(digest) for path, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _digest_of(path: Path) -> str | None:
    try:
        return _sha(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise fail(str(path), f"is in the way ({error.strerror})", "Move it away or choose another folder") from error


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
