"""What the hardware's tests share. It puts the folder of the C device's tests on the path, too: the same wire."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "firmware"))


@pytest.fixture(scope="session", autouse=True)
def icarus(bare_tools) -> None:
    """The simulator of all these tests."""
    bare_tools(("iverilog", "vvp", "gcc"))
