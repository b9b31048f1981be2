"""What every emulated board's firmware takes: lines that add up, a bounded stack, no heap, and a fair estimate."""

import subprocess

import pytest

from codegen.backends.c import project_plan
from codegen.board import board_ids, load_board
from codegen.ir import SpikecError, load
from codegen.passes.footprint import estimate
from codegen.plan import write
from codegen.zoo import network_path
from hostctl.build import build
from hostctl.size import account, heap_functions, stack_bound, stack_kept
from hostctl.size.machine import UnknownCode

MARKS = {"arm-none-eabi-": pytest.mark.arm, "riscv64-unknown-elf-": pytest.mark.riscv, "avr-": pytest.mark.avr}
BOARDS = [
    pytest.param(board_id, marks=MARKS[load_board(board_id).toolchain_prefix])
    for board_id in board_ids()
    if load_board(board_id).toolchain_prefix in MARKS
]
NOT_LOADED = (".comment", ".debug", ".note", ".ARM.attributes", ".riscv.attributes")
VARIABLES = (".data", ".bss", ".noinit", ".stack")
FLASH_ALLOWED, RAM_ALLOWED = 5120, 512
"""Bytes that the estimate may lie above what is built: it counts all kernels, and this network takes few of them."""


@pytest.fixture(scope="module")
def tiny():
    return load(network_path("mnist-tiny"))


@pytest.mark.parametrize("board_id", BOARDS)
def test_every_byte_is_accounted_for_and_the_stack_is_bounded(board_tools, tiny, tmp_path, board_id):
    board = board_tools(board_id)
    write(project_plan(tiny, board), tmp_path)
    built = build(tmp_path, board)
    taken = account(built.image, tiny)

    command = [f"{board.toolchain_prefix}size", "-A", built.elf]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    sizes = {line.split()[0]: int(line.split()[1]) for line in told.splitlines() if line.startswith(".")}
    loaded = {name: count for name, count in sizes.items() if not name.startswith(NOT_LOADED)}
    assert taken.ram.total == sum(count for name, count in loaded.items() if name in VARIABLES)
    assert taken.flash.total == sum(n for name, n in loaded.items() if name == ".data" or name not in VARIABLES)
    for memory in (taken.flash, taken.ram):
        assert sum(line.bytes for line in (*memory.minimum, *memory.on_top)) == memory.total
        on_top = {line.key: line.bytes for line in memory.on_top}
        assert on_top["unknown"] == 0
        assert all(count >= 0 for count in on_top.values())

    assert heap_functions(built.image) == ()
    assert built.stack.outside == (), "there is no library that the bound does not cover"
    assert 200 < built.stack.bytes <= stack_kept(built.image)
    handler = [frame.function for frame in built.stack.interrupt][-1:]
    expected = {"avr-": "__vector_", "arm-none-eabi-": "halt"}.get(board.toolchain_prefix)
    assert [name.rstrip("0123456789") for name in handler] == ([expected] if expected else [])

    need = estimate(tiny, board)
    assert built.flash <= need.flash <= built.flash + FLASH_ALLOWED
    assert built.ram <= need.ram <= built.ram + RAM_ALLOWED

    for path in tmp_path.rglob("*.su"):
        path.unlink()  # Without the compiler's figures, the pushes must say the same; an AVR's frames have none.
    if board.toolchain_prefix == "avr-":
        with pytest.raises(UnknownCode, match="spikec_device_run: out 0x3"):
            stack_bound(built.image, board.toolchain_prefix)
    else:
        assert stack_bound(built.image, board.toolchain_prefix) == built.stack


@pytest.mark.arm
def test_a_stack_that_is_too_small_is_said_when_it_is_built(board_tools, tiny, tmp_path):
    board = board_tools("microbit")
    write(project_plan(tiny, board), tmp_path)
    script = tmp_path / "src" / "board" / "link.ld"
    script.write_text(script.read_text().replace("STACK_BYTES = 2K", "STACK_BYTES = 512"))
    with pytest.raises(SpikecError, match=r"bytes deep, 512 are kept for it\. Raise STACK_BYTES.*main \d+ ->"):
        build(tmp_path, board)
