"""Energy from recordings: integrals of known waveforms, statistics, and every fault that must be found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from meter_waves import IDLE_W, Wave, stepped

from codegen.ir import SpikecError
from hostctl.meters import Recording, measure, read_csv
from hostctl.meters.base import clock_fault
from hostctl.meters.energy import integral, pulse_joules, pulses, t_975

WAVE = Wave()


def test_integral_is_that_of_the_waveform() -> None:
    result = measure(WAVE.recording())
    assert result.joules == pytest.approx(WAVE.joules.mean(), rel=1e-3)
    assert result.inferences == 20
    assert result.seconds == pytest.approx(WAVE.high_s, rel=1e-3)
    assert result.sampling_hz == pytest.approx(100_000)
    assert result.warnings == ()


def test_edges_are_interpolated() -> None:
    """Power 3 + 2 t between uneven samples: the trapezoid is exact for any bounds."""
    times = np.array([0.0, 0.1, 0.35, 0.4, 1.0])
    at = np.array([0.0, 0.05, 0.2, 0.35, 0.99, 1.0])
    assert integral(times, 3 + 2 * times, at) == pytest.approx(3 * at + at**2, abs=1e-14)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("mean", [False, True])
def test_a_power_that_steps_with_the_marker_is_not_misjudged(mean: bool, exact: bool) -> None:
    """By lines over the steps 50 samples a pulse would be 0.4 to 0.8 % too low, whatever the phase."""
    recording, joules = stepped(50.3, mean=mean, exact=exact)
    result = measure(recording)
    assert result.std is not None
    assert result.joules == pytest.approx(joules, rel=1e-3)
    assert result.std < 0.01 * joules
    if exact:
        assert result.std < 0.002 * joules


def test_pulses_without_a_sample_of_their_own_are_interpolated() -> None:
    """Two long pulses, and one between two samples that are both low: what is seen there is idle power."""
    times = np.arange(0.0, 40.0)
    high = ((times > 2) & (times < 15)) | ((times > 25) & (times < 38))
    edges = np.array([2.5, 14.5, 20.2, 20.6, 25.5, 37.5])
    recording = Recording("test", times, np.where(high, 1.0, 0.1), edges, np.arange(6) % 2 == 0)
    assert pulse_joules(recording, edges[::2], edges[1::2]) == pytest.approx([12.0, 0.04, 12.0])


def test_idle_power_is_measured_and_subtracted() -> None:
    kept, taken = measure(WAVE.recording()), measure(WAVE.recording(), idle="subtract")
    assert kept.idle_watts == pytest.approx(IDLE_W, rel=1e-9)
    assert taken.joules == pytest.approx(WAVE.joules.mean() - IDLE_W * WAVE.high_s, rel=1e-3)
    assert (kept.idle, taken.idle) == ("keep", "subtract")


def test_without_idle_time_nothing_is_subtracted() -> None:
    one = Wave(count=1)
    assert measure(one.recording()).idle_watts is None
    with pytest.raises(SpikecError, match="idle power is not known"):
        measure(one.recording(), idle="subtract")


def test_spread_and_confidence_interval() -> None:
    result = measure(WAVE.recording())
    assert result.std == pytest.approx(WAVE.joules.std(ddof=1), rel=1e-2)
    assert result.ci95 is not None
    half = t_975(19) * WAVE.joules.std(ddof=1) / 20**0.5
    assert result.ci95[1] - result.ci95[0] == pytest.approx(2 * half, rel=1e-2)
    assert measure(Wave(count=1).recording()).ci95 is None


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.706), (10, 2.228), (11, 2.201), (19, 2.093), (60, 2.000), (9999, 1.960)]
)
def test_quantiles_of_students_t(freedom: int, t: float) -> None:
    assert t_975(freedom) == pytest.approx(t, abs=1e-3)


def test_pulses_are_joined_to_inferences_by_the_devices_counter() -> None:
    shares = np.array([3, 1, 5, 2, 4, 5])
    result = measure(WAVE.recording(), shares * WAVE.high_s)
    sums = [part.sum() for part in np.split(WAVE.joules, np.cumsum(shares)[:-1])]
    assert result.inferences == 6
    assert result.joules == pytest.approx(np.mean(sums), rel=1e-3)
    assert result.std == pytest.approx(np.std(sums, ddof=1), rel=1e-2)


def test_a_drifting_clock_is_told_and_a_wrong_marker_refused() -> None:
    seconds = np.full(20, WAVE.high_s)
    assert measure(WAVE.recording(), seconds).warnings == ()
    (warning,) = measure(WAVE.recording(), seconds * 1.01).warnings
    assert "drifts" in warning
    assert "-0.99 %" in warning
    with pytest.raises(SpikecError, match="samples were sent twice"):
        measure(WAVE.recording(), seconds[:18])


def test_missing_edges_are_found() -> None:
    whole = WAVE.recording()
    keep = np.arange(len(whole.edge_times)) != 5
    lame = replace(whole, edge_times=whole.edge_times[keep], edge_levels=whole.edge_levels[keep])
    result = measure(lame)
    assert result.inferences == 19
    assert "1 edges of the marker are missing" in result.warnings[0]
    rest = np.delete(WAVE.joules, 2)
    assert result.joules == pytest.approx(rest.mean(), rel=1e-3)


def test_a_marker_that_is_high_at_the_start_is_told() -> None:
    whole = WAVE.recording()
    cut = replace(whole, edge_times=whole.edge_times[1:], edge_levels=whole.edge_levels[1:])
    starts, _, faults = pulses(cut)
    assert len(starts) == 19
    assert "when the recording began" in faults[0].text


def test_without_edges_there_is_no_result() -> None:
    flat = replace(WAVE.recording(), edge_times=np.zeros(0), edge_levels=np.zeros(0, bool))
    with pytest.raises(SpikecError, match="never went high"):
        measure(flat)


def test_dropped_samples_are_counted_and_their_inferences_left_out() -> None:
    result = measure(WAVE.recording(change=lambda t: (t < 0.0301) | (t > 0.0304)))
    assert result.inferences == 19
    assert any("30 samples are missing" in text for text in result.warnings)
    assert any("1 of 20 inferences are left out" in text for text in result.warnings)
    assert result.joules == pytest.approx(WAVE.joules[1:].mean(), rel=1e-3)


def test_slow_sampling_is_told_and_far_too_slow_refused() -> None:
    assert any("sampling is slow" in text for text in measure(WAVE.recording(200.0)).warnings)
    assert not measure(WAVE.recording(1000.0)).warnings
    short = Wave(high_s=0.00005, low_s=0.00005, count=100).recording()
    long = replace(WAVE.recording(), times=WAVE.recording().times + short.times[-1] + 0.001)
    both = replace(
        short,
        times=np.concatenate([short.times, long.times]),
        watts=np.concatenate([short.watts, long.watts]),
        edge_times=np.concatenate([short.edge_times, long.edge_times + short.times[-1] + 0.001]),
        edge_levels=np.concatenate([short.edge_levels, long.edge_levels]),
    )
    assert not any("slow" in text for text in measure(both).warnings), "many short pulses are little of the time"
    with pytest.raises(SpikecError, match="sampling is slow"):
        measure(Wave(high_s=0.015, low_s=0.025).recording(100.0))


@pytest.mark.parametrize(
    ("meter", "host", "found"), [(10.0, 10.05, False), (10.0, 10.4, True), (10.4, 10.0, True), (0.1, 0.4, False)]
)
def test_clocks_are_compared(meter: float, host: float, found: bool) -> None:
    assert (clock_fault(meter, host) is not None) is found


def _csv(path: Path, head: str, columns: list[np.ndarray], separator: str = ",") -> Path:
    lines = [separator.join(f"{value:.9g}" for value in row) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([head, *lines]))
    return path


def _columns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    whole: Recording = WAVE.recording(20_000.0)
    return whole.times, whole.watts, WAVE.at(whole.times)[1].astype(float)


def test_csv_with_power_and_units(tmp_path: Path) -> None:
    times, watts, high = _columns()
    path = _csv(tmp_path / "a.csv", "Time (ms),Power (mW),D0", [times * 1e3, watts * 1e3, high])
    result = measure(read_csv(path, "D0"))
    assert result.joules == pytest.approx(WAVE.joules.mean(), rel=1e-3)
    assert result.instrument == "CSV file a.csv"


def test_csv_with_current_and_a_marker_in_volts(tmp_path: Path) -> None:
    times, watts, high = _columns()
    path = _csv(tmp_path / "a.csv", "t (s);I (uA);pin (V)", [times, watts / 3.3 * 1e6, high * 3.1 + 0.1], ";")
    recording = read_csv(path, "pin (V)", volts=3.3)
    assert measure(recording).joules == pytest.approx(WAVE.joules.mean(), rel=1e-3)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("Time (s),Power (W),M\n0,1,0\n1,x,0\n", "a.csv:3: 'x' in the column 'Power \\(W\\)' is no number"),
        ("Time (s),Power (W),M\n0,1,0\n0,1,0\n", "not later than the one before"),
        ("Time (s),Current (A),M\n0,1,0\n1,1,0\n", "--volts"),
        ("Time (s),Power (W),N\n0,1,0\n1,1,0\n", "no column 'M'"),
        ("Time,Power (W),M\n0,1,0\n1,1,0\n", "that it is the time"),
        ("Time (s),Power (W),M\n", "fewer than two"),
    ],
)
def test_csv_says_what_is_wrong(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(SpikecError, match=match):
        read_csv(path, "M")
