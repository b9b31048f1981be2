"""Bare C programs on simulated AVRs, which say words of 32 bits: what kernels are tested and counted with.

A program includes ``firmware/driver/avr_says.h``.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from codegen.board import load_board
from codegen.resources import folder
from hostctl.transport.emulator import run_board

DRIVER = Path(__file__).parent / "firmware" / "driver"
CORE = folder("firmware") / "core"
COMPILER = "avr-gcc"


def compile_only(source: Path, made: Path, part: str, flags: Sequence[str]) -> Path:
    """One source to an object."""
    _run(part, [*flags, "-c", str(source), "-o", str(made)])
    return made


def core_objects(where: Path, part: str, flags: Sequence[str]) -> list[Path]:
    """The runtime's sources, compiled."""
    return [compile_only(one, where / f"{one.stem}.o", part, flags) for one in sorted(CORE.glob("spikec_*.c"))]


def link(sources: Sequence[Path], elf: Path, part: str, flags: Sequence[str]) -> None:
    """Sources and objects to a program."""
    _run(part, [*flags, *map(str, sources), "-Wl,--gc-sections", "-o", str(elf)])


def _run(part: str, words: Sequence[str]) -> None:
    command = [COMPILER, f"-mmcu={part}", "-std=c99", "-ffunction-sections", "-fdata-sections"]
    command += ["-DF_CPU=16000000u", f"-I{DRIVER}", f"-I{CORE}", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"avr-gcc failed with {done.returncode}:\n{done.stderr[-4000:]}")


def run(elf: Path, part: str, timeout: float = 120.0) -> list[int]:
    """The words that the program says until it says "end"."""
    said, deadline = b"", time.monotonic() + timeout
    with run_board(load_board(part), elf) as running:
        line = os.open(running.port, os.O_RDWR | os.O_NOCTTY)
        try:
            while not said.endswith(b"end\n"):
                if not said:  # Until it listens, bytes are lost.
                    os.write(line, b"!")
                if select.select([line], [], [], 0.05)[0]:
                    said += os.read(line, 65_536)
                elif time.monotonic() > deadline:
                    raise AssertionError(f"the program has not ended after {timeout} s; it said:\n{said[-400:]!r}")
        finally:
            os.close(line)
    return [int(word, 16) for word in said.split()[:-1]]
