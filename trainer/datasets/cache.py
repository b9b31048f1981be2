"""Where made data is kept, and how files and folders appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from codegen.ir.errors import fail

Progress = Callable[[int, int], None]
"""Called now and then with (done, total)."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that takes its name when the block ends well, and goes when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its place (and any old one's) when the block ends well.

    Raises SpikecError when it cannot be made there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        partial.chmod(0o755)
    except OSError as error:
        raise fail(str(path), f"cannot be made ({error.strerror})", "Choose another folder") from error
    try:
        yield partial
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
            path.replace(old)  # An empty folder may be replaced by a full one, so no moment shows half of either.
            partial.replace(path)
            shutil.rmtree(old, ignore_errors=True)
        else:
            partial.replace(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
