"""A simulated board that reads an INA226 or INA228: its firmware on an AVR, the chip on its bus (``ina_bench.c``)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from meter_instruments import VOLTS
from meter_waves import Wave

from codegen.board import load_board
from hostctl.transport.program import compiled

BENCH = Path(__file__).parent / "firmware" / "driver" / "ina_bench.c"
GRID_S = 20e-6
Rows = Iterable[tuple[float, bool, float]]


def schedule(path: Path, rows: Rows) -> Path:
    """Microseconds, marker, and nanovolts over a shunt of 1 ohm, from then on."""
    path.write_text("".join(f"{at:.3f} {int(high)} {nanovolts:.1f}\n" for at, high, nanovolts in rows))
    return path


def wave_rows(wave: Wave) -> tuple[Rows, np.ndarray, np.ndarray]:
    """A wave of power in steps of 20 us, the energy of each of its pulses, and its edges."""
    edges = np.add.outer(wave.low_s + np.arange(wave.count) * (wave.high_s + wave.low_s), [0, wave.high_s]).ravel()
    times = np.unique(np.concatenate([np.arange(0, wave.length_s, GRID_S), edges]))
    middles = np.append((times[:-1] + times[1:]) / 2, times[-1] + GRID_S / 2)
    watts, high = wave.at(middles)
    rows = list(zip(times * 1e6, high, watts / VOLTS * 1e9, strict=True))
    spent = watts[:-1] * np.diff(times) * high[:-1]
    owner = np.searchsorted(edges[::2], times[:-1], side="right") - 1
    return rows, np.bincount(owner[owner >= 0], spent[owner >= 0]), edges


def listen(program: Path, chip: str, board_id: str, path: Path, speed: float = 1.0) -> bytes:
    """What the board says while the schedule goes by."""
    board = load_board(board_id)
    bench = compiled(board, BENCH, "the bench", ["-lsimavr"], packages=board.emulator_package)
    words = [str(bench), board_id, str(board.clock_hz), str(program), chip[3:], str(speed), str(path)]
    done = subprocess.run(words, capture_output=True, check=True)
    return b"".join(line for line in done.stdout.splitlines(True) if not line.startswith(b"Loaded "))  # simavr's own
