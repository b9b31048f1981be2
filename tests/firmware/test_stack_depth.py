"""The bound of the stack against what emulated boards use of it, one of each instruction set."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def depths():
    """The benchmark that measures them."""
    spec = importlib.util.spec_from_file_location("stack_depth", ROOT / "benchmarks" / "stack_depth.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "board_id",
    [
        pytest.param("microbit", marks=pytest.mark.arm),
        pytest.param("mps2_an386", marks=pytest.mark.arm),
        pytest.param("virt_rv32", marks=pytest.mark.riscv),
        pytest.param("atmega328p", marks=pytest.mark.avr),
        pytest.param("atmega2560", marks=pytest.mark.avr),
    ],
)
def test_no_more_is_used_than_the_bound_says_and_not_much_less(depths, board_tools, tmp_path, board_id):
    depth = depths.measure(board_tools(board_id), depths.event_network(), tmp_path)
    assert depth.different == 0
    assert depth.bound * 3 // 4 <= depth.used <= depth.bound <= depth.kept
