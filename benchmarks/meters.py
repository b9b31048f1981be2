"""How right the integrals are: each driver against its simulated instrument, whose energy is known.

Run ``python benchmarks/meters.py``; about half a minute. The instruments (``tests/instruments.py``) speak their real
protocols in real time; the board that they meter rests at 12 mW and takes 55 mW and a ripple of 20 mW while it works,
at times that have nothing to do with the sampling.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from instruments import InaBoard, JoulescopeDriver, PowerShield, Ppk2Kit, Waveform, closing  # noqa: E402

from hostctl.meters import Capture, Meter, open_meter, parse_meter  # noqa: E402
from hostctl.meters.kinds.joulescope import Joulescope  # noqa: E402

LENGTHS = (0.05, 0.11)
"""Seconds of an inference."""


def record(meter: Meter, wave: Waveform) -> Capture:
    """Meter the whole waveform."""
    capture = Capture(meter)
    capture.start(rest_s=0.0)
    while capture.reading and not capture.integrator.last > wave.length + 0.1:
        time.sleep(0.01)
    capture.stop()
    return capture


def captures(wave: Waveform) -> Iterator[tuple[str, Capture]]:
    """Every driver's capture of the waveform."""
    yield "Joulescope JS220", record(Joulescope("", 0, 500_000, JoulescopeDriver(wave)), wave)
    with closing(Ppk2Kit(wave)) as kit:
        yield "Nordic PPK2", record(open_meter(parse_meter(f"ppk2:{kit.port},volts=3.3")), wave)
    for hz in (100_000, 10_000):
        with closing(PowerShield(wave)) as shield:
            yield "ST LPM01A", record(open_meter(parse_meter(f"lpm01a:{shield.port},edge=0.01,hz={hz}")), wave)
    for chip in ("ina226", "ina228"):
        with closing(InaBoard(wave, chip)) as board:
            yield chip.upper(), record(open_meter(parse_meter(f"{chip}:{board.port},shunt=1,hz=4000")), wave)


def main() -> None:
    """Print the table of docs/energy.md."""
    print("| meter | samples/s | an inference takes | energy, error | worst inference | idle power, error | lost |")
    print("|---|---|---|---|---|---|---|")
    for seconds in LENGTHS:
        wave = Waveform(inferences=12, seconds=seconds)
        for name, capture in captures(wave):
            joules = np.array([part.joules for part in capture.integrator.intervals])
            assert len(joules) == wave.inferences
            mean, worst = joules.mean() / wave.joules - 1, np.abs(joules / wave.joules - 1).max()
            idle = (capture.integrator.idle_watts or 0.0) / wave.idle - 1
            rate = f"{1 / capture.meter.period:,.0f}"
            cells = (name, rate, f"{1e3 * seconds:.0f} ms", f"{mean:+.3%}", f"{worst:.3%}", f"{idle:+.3%}")
            print("| " + " | ".join(cells) + f" | {capture.integrator.lost} |", flush=True)


if __name__ == "__main__":
    main()
