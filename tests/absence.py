"""What a test does that lacks something of this machine."""

from __future__ import annotations

import os

import pytest


def absent(what: str) -> None:
    """Skip, saying why; in CI nothing may be absent, so there it is a failure."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
