"""How near each meter's driver comes to the true energy: simulated instruments with a known waveform of power.

    python benchmarks/meters.py

Prints the tables of docs/energy.md. The instruments are those of the tests: they speak the real protocols and round as
the real converters do; noise and the calibration of a real instrument come on top.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from meter_board import listen, schedule, wave_rows
from meter_instruments import (
    CALIBRATION,
    PPK2_OHMS,
    VOLTS,
    JoulescopeDriver,
    ppk2_words,
    shield_ascii,
    shield_binary,
)
from meter_waves import Wave, stepped

from codegen.backends.meter import meter_plan
from codegen.board import load_board
from codegen.plan import write
from hostctl.build import build
from hostctl.meters import Recording, measure, read_csv
from hostctl.meters.energy import integral, pulses
from hostctl.meters.kinds.ina import CHIPS
from hostctl.meters.kinds.ina import decode as decode_ina
from hostctl.meters.kinds.joulescope import Joulescope
from hostctl.meters.kinds.lpm01a import decode_ascii, decode_binary
from hostctl.meters.kinds.ppk2 import decode as decode_ppk2
from hostctl.meters.kinds.ppk2 import read_metadata

WAVE = Wave(count=20, high_s=0.1)


def main() -> None:
    """Measure with every driver, and print what each is off."""
    print(f"{WAVE.count} inferences of {WAVE.high_s:g} s, {WAVE.joules.mean() * 1e3:.4f} mJ each, mean\n")
    print("| meter | samples a second | mJ an inference | error |\n|---|---|---|---|")
    for name, record in METERS.items():
        result = measure(record())
        error = result.joules / WAVE.joules.mean() - 1
        print(f"| {name} | {result.sampling_hz:,.0f} | {result.joules * 1e3:.4f} | {100 * error:+.3f} % |")
    print("\n| samples are | edges are | samples a pulse | error | spread | error by lines over the steps |")
    print("|---|---|---|---|---|---|")
    for mean, exact in ((False, False), (True, False), (True, True)):
        for samples in (10.3, 50.3, 500.3):
            _steps(samples, mean, exact)


def _steps(samples: float, mean: bool, exact: bool) -> None:
    """A power that steps with the marker: how it is measured, and what straight lines between samples would give."""
    recording, joules = stepped(samples, mean=mean, exact=exact)
    held = measure(recording)
    starts, ends, _ = pulses(recording)
    lines = integral(recording.times, recording.watts, ends) - integral(recording.times, recording.watts, starts)
    errors = [100 * (found / joules - 1) for found in (held.joules, float(lines.mean()))]
    words = "means" if mean else "moments", "known" if exact else "sampled", f"{samples:.0f}", f"{errors[0]:+.2f} %"
    print(f"| {' | '.join(words)} | {100 * (held.std or 0.0) / joules:.1f} % | {errors[1]:+.2f} % |")


def _csv() -> Recording:
    recording = WAVE.recording(20_000.0)
    high = WAVE.at(recording.times)[1]
    rows = zip(recording.times, recording.watts, high, strict=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scope.csv"
        path.write_text("Time (s),Power (W),D0\n" + "\n".join(f"{t:.9f},{p:.9f},{int(m)}" for t, p, m in rows))
        return read_csv(path, "D0")


def _ppk2() -> Recording:
    lines = [f"{key}{i}: {value}" for key, value in CALIBRATION for i in range(5)]
    text = "\n".join([*lines, *(f"R{i}: {ohms}" for i, ohms in enumerate(PPK2_OHMS))])
    return decode_ppk2(ppk2_words(WAVE), read_metadata(text), VOLTS, 0)


def _shield(rate: int) -> Recording:
    """Its edges are the true ones: in use they come by another serial line, with the host's jitter."""
    times = np.arange(round(WAVE.length_s * rate)) / rate
    amps = WAVE.at(times)[0] / VOLTS
    found = decode_ascii(shield_ascii(amps, rate)) if rate <= 10_000 else decode_binary(shield_binary(amps, rate))
    starts = WAVE.low_s + np.arange(WAVE.count) * (WAVE.high_s + WAVE.low_s)
    edges = np.stack([starts, starts + WAVE.high_s], 1).ravel()
    return Recording("ST LPM01A", times, found[0] * VOLTS, edges, np.arange(len(edges)) % 2 == 0)


def _joulescope() -> Recording:
    meter = Joulescope(driver=JoulescopeDriver(WAVE))
    meter.start()
    return meter.stop()


def _ina(kind: str) -> Recording:
    """Read by the firmware of `spikec meter` on a simulated AVR; the chip averages over its conversions."""
    board = load_board("atmega328p")
    with tempfile.TemporaryDirectory() as place:
        write(meter_plan(kind, board), Path(place) / "firmware")
        elf = build(Path(place) / "firmware", board).elf
        rows = schedule(Path(place) / "rows", wave_rows(WAVE)[0])
        said = listen(elf, kind, board.id, rows)
    return decode_ina(b"\n" + said, CHIPS[kind], 1.0, kind)


METERS: dict[str, Callable[[], Recording]] = {
    "CSV file": _csv,
    "Nordic PPK2": _ppk2,
    "ST LPM01A, text": lambda: _shield(10_000),
    "ST LPM01A, two bytes": lambda: _shield(100_000),
    "Joulescope JS220": _joulescope,
    "TI INA226, 1 ohm, by `spikec meter`": lambda: _ina("ina226"),
    "TI INA228, 1 ohm, by `spikec meter`": lambda: _ina("ina228"),
}


if __name__ == "__main__":
    main()
