"""How deep the stack gets on the emulated boards, beside the bound that ``spikec size`` computes.

Run ``python benchmarks/stack_depth.py`` (``--board ID`` for one). The emulator fills the stack's memory with a mark
before the firmware starts; what is overwritten after samples with their traces was used. The firmware is the product's,
byte for byte. Exits with 1 where more was used than the bound says, with 2 when something is missing.
"""

from __future__ import annotations

import argparse
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from elftools.elf.elffile import ELFFile

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from codegen.backends.c import project_plan  # noqa: E402
from codegen.board import Board, board_ids, load_board  # noqa: E402
from codegen.ir import (  # noqa: E402
    Affine,
    EventBinning,
    Head,
    Layer,
    Network,
    SnnCt,
    SpikecError,
    fail,
    load,
    make_events,
)
from codegen.plan import write  # noqa: E402
from codegen.resources import folder  # noqa: E402
from codegen.zoo import network_path  # noqa: E402
from hostctl.build import build  # noqa: E402
from hostctl.doctor import missing_for  # noqa: E402
from hostctl.results import run_stream  # noqa: E402
from hostctl.samples import Sample  # noqa: E402
from hostctl.size import Image, stack_kept  # noqa: E402
from hostctl.size.account import STACK, STACK_SYMBOL  # noqa: E402
from hostctl.transport.emulator import run_board  # noqa: E402

MARK = 0xA5
WATCH = Path(__file__).resolve().parent / "stack_depth_avr.c"
SAMPLES = 4
SECONDS = 10.0
REST = 1.0
"""Seconds after which a chip that has sent its last result sleeps."""
MEMORY_SIZE, NO_SEGMENT = 20, 0
"""In a program header of 32 bits: where the size in memory is, and the type of one that does not count."""
Watched = tuple[Board, Path, Callable[[], bytes]]
"""A board with its emulator's command, the program to give it, and what gives the stack's memory afterwards."""


@dataclass(frozen=True)
class Depth:
    """Of one network on one board, in bytes: the bound, what was used, and what is kept for the stack."""

    board: str
    network: str
    bound: int
    used: int
    kept: int
    different: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--board", action="append", help="board to run on [all that keep a stack]")
    options = parser.parse_args(arguments)
    print(f"{'board':<18}{'network':<14}{'used':>8}{'bound':>8}{'kept':>8}")
    missed = 0
    try:
        for board in map(load_board, options.board or measured_boards()):
            for network in (event_network(), load(network_path("mnist-tiny"))):
                with tempfile.TemporaryDirectory() as name:
                    depth = measure(board, network, Path(name))
                print(f"{depth.board:<18}{depth.network:<14}{depth.used:>8,}{depth.bound:>8,}{depth.kept:>8,}")
                missed += depth.used > depth.bound or depth.different > 0
    except SpikecError as error:
        print(f"stack_depth: {error}", file=sys.stderr)
        return 2
    return 1 if missed else 0


def measured_boards() -> list[str]:
    """The emulated boards whose firmware keeps memory for its stack: all but this computer."""
    return [board_id for board_id in board_ids() if load_board(board_id).emulated and board_id != "native"]


def event_network() -> Network:
    """A small network that takes events: their way into the layers is the deepest."""
    random = np.random.default_rng(3)
    sizes, layers = (63, 16, 5), []
    for i, (inputs, size) in enumerate(pairwise(sizes)):
        weight = random.integers(-7, 8, (size, inputs)).astype(np.int8)
        layers.append(Layer(f"fc{i}", Affine(weight, np.zeros(size, np.int32), 4), SnnCt(np.full(size, 9, np.int32))))
    encoding = EventBinning(width=9, height=7, polarity="on", bin_us=1000)
    return Network("events", encoding, 4, tuple(layers), (Head("digit", 0, 5, tuple("abcde")),))


def samples_for(network: Network) -> list[Sample]:
    """Random inputs, the same every time."""
    random, found = np.random.default_rng(4), list[Sample]()
    for i in range(SAMPLES):
        one = Sample(i, str(i), {"digit": None}, steps=network.steps, number=i)
        if isinstance(network.encoding, EventBinning):
            x, y = random.integers(0, 9, 200), random.integers(0, 7, 200)
            events = make_events(x, y, np.sort(random.integers(0, 5000, 200)), np.ones(200, int))
            found.append(replace(one, events=events))
        else:
            rows, columns = (side * network.encoding.downsample for side in network.encoding.shape[:2])
            image = random.integers(0, 256, (rows, columns)).astype(np.uint8)
            found.append(replace(one, image=image, encoding=network.encoding))
    return found


def measure(board: Board, network: Network, target: Path) -> Depth:
    """Build, run samples with their traces, and look how much of the stack was overwritten. Raises SpikecError."""
    lacking = missing_for(board)
    if lacking:
        raise SpikecError(lacking)
    write(project_plan(network, board), target / "firmware")
    built = build(target / "firmware", board)
    start, stop = stack_place(built.image, board)
    watch = _under_simavr if board.emulator_program else _under_qemu
    with watch(board, built.elf, start, stop, target) as (watched, elf, dump), run_board(watched, elf) as running:
        summary = run_stream(network, board, running.port, samples_for(network), target / "run", trace=True)
        memory = dump()
    used = len(memory) - next((i for i, byte in enumerate(memory) if byte != MARK), len(memory))
    assert built.stack is not None
    return Depth(board.id, network.name, built.stack.bytes, used, stack_kept(built.image) or 0, summary.different)


def stack_place(image: Image, board: Board) -> tuple[int, int]:
    """Where the stack may be: from its lowest address to the one above its first byte."""
    for section in image.sections:
        if section.name == STACK:
            return section.address, section.address + section.size
    for symbol in image.symbols:
        if symbol.name == STACK_SYMBOL:  # an AVR's begins at the end of its RAM
            first = min(section.address for section in image.sections if section.ram)
            return symbol.address, first + board.ram
    raise fail(f"board {board.id}", "keeps no memory for its stack", "Choose another board")


@contextmanager
def _under_qemu(board: Board, elf: Path, start: int, stop: int, target: Path) -> Iterator[Watched]:
    """QEMU loads the marks into RAM, and writes the memory to a file when its monitor is asked to."""
    marks, dumped, line, bare = (target / name for name in ("marks", "dumped", "monitor", "bare.elf"))
    bare.write_bytes(_without_zeros(elf))
    marks.write_bytes(bytes([MARK]) * (stop - start))
    command = list(board.emulator)
    command[command.index("-monitor") + 1] = f"unix:{line},server=on,wait=off"
    command += ["-device", f"loader,file={marks},addr={start:#x},force-raw=on"]

    def dump() -> bytes:
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(line))
            monitor.sendall(f'memsave {start:#x} {stop - start} "{dumped}"\n'.encode())
            return _wait_for(dumped, stop - start)

    yield replace(board, emulator=tuple(command)), bare, dump


def _without_zeros(elf: Path) -> bytes:
    """The program without memory that loaders fill with zeros: start-up code does that, and the stack needs none."""
    data = bytearray(elf.read_bytes())
    with elf.open("rb") as stream:
        file = ELFFile(stream)
        for i, segment in enumerate(file.iter_segments()):
            at, stored = file["e_phoff"] + i * file["e_phentsize"], segment["p_filesz"]
            struct.pack_into("<I", data, at + MEMORY_SIZE, stored)
            if segment["p_type"] == "PT_LOAD" and not stored:
                struct.pack_into("<I", data, at, NO_SEGMENT)
    return bytes(data)


@contextmanager
def _under_simavr(board: Board, elf: Path, start: int, stop: int, target: Path) -> Iterator[Watched]:
    """Our simulator with a wrapper around its step, which marks the memory first and writes it when it has changed."""
    program, dumped = target / "watched", target / "dumped"
    source = folder("firmware") / "emulators" / f"{board.emulator_program}.c"
    libraries = [f"-l{name}" for name in board.emulator_libraries]
    aside = target / "simulator.o"
    subprocess.run(["gcc", "-std=c99", "-O2", "-Davr_run=watched_run", "-c", source, "-o", aside], check=True)
    subprocess.run(["gcc", "-std=c99", "-O2", str(WATCH), aside, "-o", program, *libraries], check=True)
    command = [str(program), *board.emulator[1:]]
    settings = {"WATCH_START": start & 0xFFFF, "WATCH_STOP": stop & 0xFFFF, "WATCH_MARK": MARK, "WATCH_FILE": dumped}
    os.environ.update({name: str(value) for name, value in settings.items()})

    def dump() -> bytes:
        time.sleep(REST)
        return _wait_for(dumped, stop - start)

    try:
        yield replace(board, emulator=tuple(command)), elf, dump
    finally:
        for name in settings:
            del os.environ[name]


def _wait_for(path: Path, size: int) -> bytes:
    """The file's bytes as soon as all of them are there."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if path.exists() and path.stat().st_size == size:
            return path.read_bytes()
        time.sleep(0.05)
    raise fail(str(path), f"was not written within {SECONDS:g} s", "Look at what the emulator says")


if __name__ == "__main__":
    sys.exit(main())
