"""Power meters: what each driver makes of its instrument's real protocol, with known waveforms and with faults."""

from __future__ import annotations

import csv
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from instruments import InaBoard, JoulescopeDriver, PowerShield, Ppk2Kit, Waveform, closing
from report_run import make_run

from codegen.ir import SpikecError
from hostctl.meters import Capture, Chunk, Fault, Integrator, kinds, open_meter, parse_meter
from hostctl.meters.energy import assess, group
from hostctl.meters.kinds.joulescope import Joulescope
from hostctl.meters.table import read_csv
from hostctl.results import read_run

WAVE = Waveform()
LONG = Waveform(inferences=9, seconds=0.11)


def record(meter, wave):
    """Meter the whole waveform."""
    capture = Capture(meter)
    capture.start(rest_s=0.0)
    deadline = time.monotonic() + 30
    while capture.reading and not capture.integrator.last > wave.length + 0.1 and time.monotonic() < deadline:
        time.sleep(0.01)
    capture.stop()
    return capture


def metered(text, wave):
    return record(open_meter(parse_meter(text)), wave)


def assert_right(capture, wave):
    """Integral and idle power within 0.1 %, one interval an inference, no fault."""
    intervals = capture.integrator.intervals
    assert len(intervals) == wave.inferences
    assert all(part.sound for part in intervals)
    assert np.mean([part.joules for part in intervals]) == pytest.approx(wave.joules, rel=1e-3)
    assert np.mean([part.seconds for part in intervals]) == pytest.approx(wave.seconds, rel=1e-3)
    assert capture.integrator.idle_watts == pytest.approx(wave.idle, rel=1e-3)
    assert capture.integrator.lost == 0
    assert capture.meter.faults == []


def test_ppk2() -> None:
    with closing(Ppk2Kit(WAVE)) as kit:
        capture = metered(f"ppk2:{kit.port},volts=3.3,source=1", WAVE)
        assert_right(capture, WAVE)
    assert bytes([0x0D, 3300 >> 8, 3300 & 255]) in kit.heard  # The voltage,
    assert bytes([0x11, 2]) in kit.heard  # the source, and
    assert bytes([0x0C, 1]) in kit.heard  # its switch.


def test_ppk2_finds_what_its_counter_skips_and_bytes_that_are_missing() -> None:
    inside = int((WAVE.rest + 0.02) * 100_000)
    with closing(Ppk2Kit(WAVE, drop=(inside, 37), cut=inside + 20_000)) as kit:
        capture = metered(f"ppk2:{kit.port},volts=3.3", WAVE)
    assert Fault("garbled", "bytes in the middle of a sample") in capture.meter.faults
    assert sum(f.count for f in capture.meter.faults if f.kind == "lost") >= 37
    sound = [part.joules for part in capture.integrator.intervals if part.sound]
    assert WAVE.inferences - 4 <= len(sound) < WAVE.inferences
    assert np.mean(sound) == pytest.approx(WAVE.joules, rel=2e-3)


@pytest.mark.parametrize(("hz", "wave"), [(10_000, LONG), (100_000, WAVE)])
def test_lpm01a_as_text_and_as_words(hz: int, wave: Waveform) -> None:
    with closing(PowerShield(wave)) as shield:
        capture = metered(f"lpm01a:{shield.port},edge=0.01,hz={hz}", wave)
    assert_right(capture, wave)
    assert shield.heard.startswith(b"htc\n")
    assert shield.heard.endswith(b"stop\nhrc\n")
    assert shield.words == (hz > 10_000)


@pytest.mark.parametrize("hz", [10_000, 100_000])
def test_lpm01a_finds_lost_samples_full_buffers_and_what_it_says(hz: int) -> None:
    inside = int((LONG.rest + 0.03) * hz)
    faults = {inside: "lost", inside + hz // 5: "full", inside + hz // 4: "error"}
    if hz > 10_000:
        faults[inside + hz // 3] = "over"
    with closing(PowerShield(LONG, faults=faults)) as shield:
        capture = metered(f"lpm01a:{shield.port},edge=0.01,hz={hz}", LONG)
    found = {(fault.kind, fault.text) for fault in capture.meter.faults}
    assert ("overflow", "the PowerShield's buffer is full") in found
    assert any(kind == "error" and "Dynamic range exceeded" in text for kind, text in found)
    assert any(kind == "overflow" and "overcurrent" in text for kind, text in found) == (hz > 10_000)
    lost = sum(fault.count for fault in capture.meter.faults if fault.kind == "lost")
    assert lost == pytest.approx(PowerShield.LOST, abs=hz / 500)


def test_lpm01a_that_refuses_is_told() -> None:
    with closing(PowerShield(WAVE, refuse="volt")) as shield, pytest.raises(SpikecError, match="refuses 'volt 3300m'"):
        metered(f"lpm01a:{shield.port},edge=0.01", WAVE)


@pytest.mark.parametrize("chip", ["ina226", "ina228"])
def test_ina_lines_wrap_their_counters(chip: str) -> None:
    with closing(InaBoard(LONG, chip, start=0xFFFF_0000)) as board:
        capture = metered(f"{chip}:{board.port},shunt=1,hz=4000", LONG)
    assert_right(capture, LONG)


def test_ina_lines_that_the_board_under_test_sends_and_their_faults() -> None:
    meter = open_meter(parse_meter("ina228,shunt=1,hz=4000"))
    meter.start()
    inside = int((LONG.rest + 0.03) * 4000)
    board = InaBoard(LONG, "ina228", faults={inside: "lost", inside + 850: "overflow", inside + 1900: "noise"})
    with closing(board):
        for line in board.lines(0, int(4000 * (LONG.length + 0.1))):
            assert meter.take_line(line)
    assert not meter.take_line("anything else that a board logs")
    integrator = Integrator(meter.period)
    for chunk in meter.stop():
        integrator.feed(chunk)
    kinds_found = {fault.kind: fault.count for fault in meter.faults}
    assert kinds_found == {"lost": 2, "overflow": 1, "garbled": 1}
    assert sum(not part.sound for part in integrator.intervals) == 3
    sound = [part.joules for part in integrator.intervals if part.sound]
    assert np.mean(sound) == pytest.approx(LONG.joules, rel=1e-3)


def test_joulescope() -> None:
    driver = JoulescopeDriver(WAVE)
    capture = record(Joulescope("000415", 0, 500_000, driver), WAVE)
    assert_right(capture, WAVE)
    assert driver.values["s/i/range/mode"] == "auto"
    assert driver.values["s/p/ctrl"] == driver.values["s/gpi/0/ctrl"] == 0
    assert driver.finalized


def test_joulescope_finds_missing_samples_and_jumps() -> None:
    inside = int((WAVE.rest + 0.02) * 200_000)
    start = (inside + 40_000) // 1000 * 1000
    driver = JoulescopeDriver(WAVE, missing=(inside, 50), skip=(start, 2000))
    capture = record(Joulescope("", 0, 200_000, driver), WAVE)
    assert Fault("lost", "samples that the instrument marks as missing", 50) in capture.meter.faults
    assert capture.integrator.lost == pytest.approx(2050, abs=10)
    assert any(not part.sound for part in capture.integrator.intervals)


def test_joulescope_that_is_not_there_is_told() -> None:
    with pytest.raises(SpikecError, match=r"0 Joulescopes fit \(seen: u/js220/000415\)"):
        Joulescope("000999", 0, 1000, JoulescopeDriver(WAVE)).start()


def table_of(path: Path, heading: list[str], columns: list[np.ndarray]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows(zip(*[[f"{x:.9g}" if isinstance(x, float) else x for x in c] for c in columns], strict=True))
    return path


def integrated(chunk: Chunk) -> Integrator:
    integrator = Integrator(float(np.median(np.diff(chunk.times))))
    integrator.feed(chunk)
    return integrator


@pytest.mark.parametrize("style", ["power profiler", "oscilloscope", "joulescope"])
def test_csv_of_several_programs(tmp_path: Path, style: str) -> None:
    t = np.arange(0, LONG.length + 0.1, 1e-4)
    watts, marker = LONG.watts(t), LONG.marker(t)
    amps = watts / 3.3
    if style == "power profiler":
        bits = ["01000000" if m else "00000000" for m in marker]
        path = table_of(tmp_path / "a.csv", ["Timestamp(ms)", "Current(uA)", "D0-D7"], [1e3 * t, 1e6 * amps, bits])
        chunk = read_csv(path, volts=3.3, bit=1)
    elif style == "oscilloscope":
        columns = [t, 1e3 * amps, np.full(len(t), 3.3), 0.1 + 3.1 * marker]
        path = table_of(tmp_path / "b.csv", ["Time [s]", "Current [mA]", "Voltage [V]", "CH2"], columns)
        chunk = read_csv(path, marker="CH2")
    else:
        path = table_of(tmp_path / "c.csv", ["#time", "power", "marker"], [t, watts, 1.0 * marker])
        chunk = read_csv(path)
    found = integrated(chunk)
    assert len(found.intervals) == LONG.inferences
    assert np.mean([part.joules for part in found.intervals]) == pytest.approx(LONG.joules, rel=1e-3)


def test_csv_that_lacks_things_is_told(tmp_path: Path) -> None:
    path = table_of(tmp_path / "a.csv", ["Time [s]", "Current [A]"], [np.arange(3.0), np.ones(3)])
    with pytest.raises(SpikecError) as caught:
        read_csv(path)
    assert [p.what for p in caught.value.problems] == ["has current only", "has no column of the marker"]
    path = table_of(tmp_path / "b.csv", ["Time [s]", "Power [W]", "Marker"], [np.arange(3.0), np.ones(3), np.ones(3)])
    with pytest.raises(SpikecError, match="never changes"):
        read_csv(path)
    path.write_text("Time [s],Power [W],Marker\n0,1,0\n1,x,1\n")
    with pytest.raises(SpikecError, match=r"row 3: power is 'x', which is no number"):
        read_csv(path)


def test_any_division_into_chunks_gives_the_same() -> None:
    t = np.arange(0, WAVE.length, 1e-4)
    watts = WAVE.watts(t)
    watts[3000:3004] = np.nan
    whole = integrated(Chunk(t, watts, WAVE.marker(t).astype(float)))
    cuts = np.sort(np.random.default_rng(1).integers(0, len(t), 300))
    parts = Integrator(1e-4)
    for piece in np.split(np.arange(len(t)), cuts):
        parts.feed(Chunk(t[piece], watts[piece], WAVE.marker(t)[piece].astype(float)))
    assert [(a.samples, a.sound) for a in parts.intervals] == [(a.samples, a.sound) for a in whole.intervals]
    assert [a.joules for a in parts.intervals] == pytest.approx([a.joules for a in whole.intervals], rel=1e-9)
    assert parts.lost == whole.lost == 4
    assert parts.idle_watts == pytest.approx(WAVE.idle)


def test_an_edge_lies_where_the_level_crosses_one_half() -> None:
    t = np.arange(6.0)
    integrator = integrated(Chunk(t, np.array([1, 1, 3, 3, 3, 1.0]), np.array([0, 0.2, 0.8, 1, 1, 0])))
    (part,) = integrator.intervals
    assert (part.start, part.end) == (1.5, 4.5)
    assert part.joules == pytest.approx(3 * 3)


def a_run(tmp_path: Path, wave: Waveform, pieces: int = 1):
    """A run of so many samples whose counter (25 MHz) tells the waveform's time."""
    run = read_run(make_run(tmp_path, samples=wave.inferences // pieces, board="native"))
    ticks = round(25e6 * wave.seconds * pieces)
    return replace(run, samples=[replace(sample, ticks=ticks) for sample in run.samples])


def chunk_of(wave: Waveform, hz: float, stretch: float = 1.0) -> Chunk:
    t = np.arange(0, wave.length + 0.1, 1 / hz)
    return Chunk(t * stretch, wave.watts(t), wave.marker(t).astype(float))


def test_idle_power_is_subtracted_or_kept(tmp_path: Path) -> None:
    run, found = a_run(tmp_path, WAVE), integrated(chunk_of(WAVE, 1e5))
    kept, taken = (assess("m", found, [], run, idle=idle) for idle in ("keep", "subtract"))
    assert kept.warnings == taken.warnings == []
    assert np.mean(list(kept.joules.values())) == pytest.approx(WAVE.joules, rel=1e-3)
    assert np.mean(list(taken.joules.values())) == pytest.approx(WAVE.joules - WAVE.idle * WAVE.seconds, rel=1e-3)


def test_pieces_of_an_inference_are_put_together_by_the_boards_counter(tmp_path: Path) -> None:
    run, found = a_run(tmp_path, WAVE, pieces=3), integrated(chunk_of(WAVE, 1e5))
    groups, problem = group(found.intervals, run.samples, 1 / 25e6)
    assert problem == ""
    assert [len(parts) for parts in groups.values()] == [3] * 4


def test_clocks_that_differ_are_told(tmp_path: Path) -> None:
    run, found = a_run(tmp_path, WAVE), integrated(chunk_of(WAVE, 1e5, stretch=1.05))
    assert any("a clock drifts" in text for text in assess("m", found, [], run).warnings)
    assert any(
        "clock drift or lost samples" in text for text in assess("m", found, [], run, wall_s=WAVE.length - 0.2).warnings
    )


def test_edges_that_are_missing_are_told(tmp_path: Path) -> None:
    run, chunk = a_run(tmp_path, WAVE), chunk_of(WAVE, 1e5)
    dead = integrated(replace(chunk, marker=np.zeros(len(chunk.times))))
    assert assess("m", dead, [], run).warnings == ["0 intervals of the marker for 12 inferences"]
    joined = np.where((chunk.times > 0.33) & (chunk.times < 0.38), 1.0, chunk.marker)  # The pulse between is swallowed.
    assert any(
        "missing edges: 11 intervals" in text
        for text in assess("m", integrated(replace(chunk, marker=joined)), [], run).warnings
    )
    cut = chunk.times < WAVE.length - WAVE.pause - 0.01
    part = integrated(Chunk(chunk.times[cut], chunk.watts[cut], chunk.marker[cut]))
    assert "1 edges have no partner" in assess("m", part, [], run).warnings


def test_sampling_that_is_too_slow_is_told(tmp_path: Path) -> None:
    run, found = a_run(tmp_path, WAVE), integrated(chunk_of(WAVE, 100.0))
    assert any(
        "sampling is too slow: 5 samples between two edges" in text for text in assess("m", found, [], run).warnings
    )


def test_lost_samples_exclude_their_inference(tmp_path: Path) -> None:
    run, chunk = a_run(tmp_path, WAVE), chunk_of(WAVE, 1e4)
    chunk.watts[np.searchsorted(chunk.times, WAVE.rest + 0.02)] = np.nan
    found = assess("m", integrated(chunk), [], run)
    assert found.excluded == 1
    assert 0 not in found.joules
    assert "1 of 12 inferences have lost samples and are left out" in found.warnings


def test_what_is_typed_is_checked() -> None:
    assert kinds() == ["ina226", "ina228", "joulescope", "lpm01a", "ppk2"]
    for text, words in (
        ("ppk3:/dev/x", "'ppk3' is unknown"),
        ("ppk2:/dev/x,watts=3", "has no setting 'watts'"),
        ("ppk2:/dev/x,volts=much", "is no number"),
    ):
        with pytest.raises(SpikecError, match=words):
            parse_meter(text)
    for text, words in (("ppk2:/dev/x", "needs the setting 'volts'"), ("lpm01a:/dev/x", "needs the setting 'edge'")):
        with pytest.raises(SpikecError, match=words):
            open_meter(parse_meter(text))
    with pytest.raises(SpikecError, match="cannot be opened"):
        open_meter(parse_meter("ppk2:/dev/nowhere,volts=3.3")).start()
