"""What all tests share. It also puts this folder on the path, so that tests can import ``ladder`` and its like."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def absent(what: str) -> None:
    """Skip, saying why; in CI nothing may be absent, so there it is a failure."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real recordings and images."""
    name = os.environ.get("SPIKEC_DATA")
    if not name:
        absent("SPIKEC_DATA is not set: this test needs real recordings")
    return Path(str(name)).resolve()


@pytest.fixture(scope="session")
def arm_tools() -> None:
    """The Arm cross compiler and QEMU."""
    for tool in ("arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(tool) is None:
            absent(f"{tool} is not installed ('spikec doctor' says how): this test needs it")
