"""Where things lie: templates, firmware and recipes (beside the packages, in a wheel inside them), and the cache."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder ``templates``, ``firmware`` or ``recipes``. Raises FileNotFoundError in a broken installation."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        if (root / name).is_dir():
            return root / name
    raise FileNotFoundError(f"spikec's folder '{name}' is missing: install spikec again")


def cache_folder() -> Path:
    """``$SPIKEC_CACHE``, else ``$XDG_CACHE_HOME/spikec``, else ``~/.cache/spikec``."""
    own = os.environ.get("SPIKEC_CACHE")
    if own:
        return Path(own).expanduser()
    xdg = os.environ.get("XDG_CACHE_HOME")
    return (Path(xdg) if xdg else Path.home() / ".cache") / "spikec"
