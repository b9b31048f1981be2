"""Every driver against a simulated instrument with its real protocol: the integral within 0.1 %, and its faults."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from meter_instruments import (
    CALIBRATION,
    PPK2_OHMS,
    VOLTS,
    FakeCts,
    JoulescopeDriver,
    PowerShield,
    Ppk2Device,
    ina_lines,
    instrument,
    ppk2_words,
    shield_ascii,
    shield_binary,
    shield_stamp,
)
from meter_waves import Wave

from codegen.ir import SpikecError
from hostctl.meters import Recording, measure, open_meter, parse_meter
from hostctl.meters.kinds.ina import CHIPS, Ina
from hostctl.meters.kinds.ina import decode as decode_ina
from hostctl.meters.kinds.joulescope import Joulescope
from hostctl.meters.kinds.lpm01a import Lpm01a, decode_ascii, decode_binary
from hostctl.meters.kinds.ppk2 import Ppk2, decode, read_metadata
from hostctl.meters.marker_line import MarkerLine
from hostctl.meters.port import InstrumentPort

ONE_RANGE = Wave(idle_w=0.03)
WAVE = Wave(high_s=0.05)
EXACT = 1e-3


def kinds(recording: Recording) -> set[str]:
    return {fault.kind for fault in recording.faults}


def calibration() -> dict[str, np.ndarray]:
    flat = [f"{key}{i}: {value}" for key, value in CALIBRATION for i in range(5)]
    return read_metadata("\n".join([*flat, *(f"R{i}: {ohms}" for i, ohms in enumerate(PPK2_OHMS))]))


@pytest.mark.parametrize("wave", [ONE_RANGE, WAVE], ids=["one range", "ranges change"])
def test_ppk2(wave: Wave) -> None:
    device = Ppk2Device(ppk2_words(wave, channel=3))
    with instrument(device) as port:
        meter = open_meter(f"ppk2:{port},volts=3.3,channel=3")
        meter.start()
        assert device.done.wait(10)
        recording = meter.stop()
        meter.close()
        meter.close()
    result = measure(recording, np.full(wave.count, wave.high_s))
    assert result.joules == pytest.approx(wave.joules.mean(), rel=EXACT)
    assert result.instrument == "Nordic PPK2"
    assert result.sampling_hz == pytest.approx(100_000)
    assert bytes(device.commands) == bytes([7, 0x19, 0x11, 2, 0x0D, 12, 228, 0x0C, 1, 6, 7])


def test_ppk2_finds_lost_samples_by_its_counter() -> None:
    words = ppk2_words(ONE_RANGE)
    recording = decode(np.delete(words, slice(3000, 3020)), calibration(), VOLTS, 0)
    assert "20 samples or more were lost" in recording.faults[0].text
    result = measure(recording)
    assert result.inferences == ONE_RANGE.count - 1
    assert result.joules == pytest.approx(np.delete(ONE_RANGE.joules, 0).mean(), rel=EXACT)


def test_ppk2_finds_lost_bytes() -> None:
    raw = ppk2_words(ONE_RANGE).astype("<u4").tobytes()
    raw = raw[:40_001] + raw[40_002:]
    recording = decode(np.frombuffer(raw[: len(raw) // 4 * 4], "<u4"), calibration(), VOLTS, 0)
    with pytest.raises(SpikecError, match="bytes were lost"):
        measure(recording)


def test_ppk2_finds_overflow_and_drift() -> None:
    words = ppk2_words(ONE_RANGE)
    full = words.copy()
    full[5000:5010] |= 0x3FFF | 4 << 14
    full[5000:5010] &= ~np.uint32(3 << 14)
    with pytest.raises(SpikecError, match="10 samples are at the end of the meter's range"):
        measure(decode(full, calibration(), VOLTS, 0))
    long = ppk2_words(Wave(count=40))
    assert kinds(decode(long, calibration(), VOLTS, 0, host_s=2.4)) == {"drift"}
    assert kinds(decode(long, calibration(), VOLTS, 0, host_s=2.0)) == set()


def _shield(wave: Wave, rate: int) -> tuple[np.ndarray, bytes]:
    times = (np.arange(round(wave.length_s * rate)) + 0.37) / rate
    amps = wave.at(times)[0] / VOLTS
    return amps, shield_ascii(amps, rate) if rate <= 10_000 else shield_binary(amps, rate)


@pytest.mark.parametrize("rate", [10_000, 100_000])
def test_lpm01a(rate: int) -> None:
    """The marker is a line that changes in real time, so the edges carry the host's jitter: here they are exact."""
    wave = Wave(count=4, high_s=0.1, low_s=0.05)
    amps, data = _shield(wave, rate)
    shield, line = PowerShield(data), FakeCts(wave)
    with instrument(shield) as port:
        meter = Lpm01a(port, volts=VOLTS, rate_hz=rate, marker=MarkerLine(line))
        line.zero = time.monotonic()
        meter.start()
        line.zero = meter._port.started
        assert shield.done.wait(10)
        time.sleep(wave.length_s + 0.02)
        recording = meter.stop()
        meter.close()
    assert line.closed
    assert recording.watts == pytest.approx(amps * VOLTS, rel=5e-4)
    assert list(recording.edge_levels) == [True, False] * 4
    true = np.array([wave.low_s + i * (wave.high_s + wave.low_s) + d for i in range(4) for d in (0, wave.high_s)])
    assert recording.edge_times == pytest.approx(true, abs=0.02)
    result = measure(replace(recording, edge_times=true))
    assert result.joules == pytest.approx(wave.joules.mean(), rel=EXACT)
    style = "ascii_dec" if rate == 10_000 else "bin_hexa"
    assert shield.lines[:4] == ["htc", "volt 3300m", f"freq {rate // 1000}k", f"format {style}"]
    assert shield.lines[-3:] == ["start", "stop", "hrc"]


def test_lpm01a_says_what_it_refuses() -> None:
    with instrument(PowerShield(b"", refuse="freq")) as port, pytest.raises(SpikecError, match="err freq 100k"):
        Lpm01a(port, volts=VOLTS, marker=MarkerLine(FakeCts(WAVE)))


def test_lpm01a_finds_overflow_in_both_formats() -> None:
    sample = b"\x51\x23" * 4
    for data, words in [
        (sample + b"\xf0\xf5\xff\xff" + sample, "overcurrent"),
        (sample + b"\xf0\xf1buffer overflow\xff\xff" + sample, "buffer overflow"),
        (sample + shield_stamp(100, 100), "buffer was full"),
    ]:
        amps, (fault,), _ = decode_binary(data)
        assert fault.fatal
        assert words in fault.text
        assert amps == pytest.approx(np.full(len(amps), 0x123 / 16.0**5))
        assert len(amps) in {4, 8}
    _, (fault,), _ = decode_ascii(b"6409-07\r\nTimeStamp: 001s 000ms, buff 100%\r\nerror: stuck\r\n"[:-15])
    assert "buffer was full" in fault.text


def test_lpm01a_finds_damage() -> None:
    amps, faults, stamp = decode_ascii(b"6409-07\r\n64x9-07\r\nTimeStamp: 001s 020ms, buff 07%\r\n1234+01\r\n")
    assert amps == pytest.approx([640.9e-6, 12340.0])
    assert stamp == pytest.approx(1.02)
    assert "1 samples were damaged" in faults[0].text
    _, (fault,), _ = decode_binary(b"\x51\x23\xf0\xf3\x00\x00")
    assert "has no end" in fault.text
    assert fault.fatal


def test_lpm01a_finds_lost_samples_by_its_time_stamps() -> None:
    from hostctl.meters.kinds.lpm01a import _clock

    (fault,) = _clock(0.95, 1.0, 0.96)
    assert fault.kind == "dropped"
    assert _clock(0.999, 1.0, 1.0) == []
    assert [fault.kind for fault in _clock(2.0, 2.0, 2.3)] == ["drift"]


def test_lpm01a_records_begin_at_first_bytes_only() -> None:
    """A second byte of a sample may be F0, and be followed by anything."""
    amps, faults, _ = decode_binary(b"\x51\xf0\x5f\xf0" + shield_stamp(0, 1) + b"\x50\xf0\xf0\xf4\xff\xff\r\nPower")
    assert amps == pytest.approx(np.array([0x1F0, 0xFF0, 0x0F0]) / 16.0**5)
    assert faults == []


def test_marker_line_warns_of_rare_looks() -> None:
    line = MarkerLine(FakeCts(Wave(count=20, high_s=0.004, low_s=0.004)))
    line.start(time.monotonic())
    time.sleep(0.2)
    times, levels = line.stop()
    assert len(times) == len(levels) > 10
    (fault,) = line.faults()
    assert fault.kind == "slow"


@pytest.mark.parametrize("path", ["u/js220/001122", "u/js110/004455"])
def test_joulescope(path: str) -> None:
    driver = JoulescopeDriver(WAVE, path)
    meter = Joulescope(path[-6:], driver=driver)
    meter.start()
    result = measure(meter.stop(), np.full(WAVE.count, WAVE.high_s))
    meter.close()
    assert result.joules == pytest.approx(WAVE.joules.mean(), rel=EXACT)
    assert result.instrument == f"Joulescope {path[2:7].upper()}"
    assert result.sampling_hz == pytest.approx(200_000)
    assert driver.subscribed == {}
    assert not driver.opened
    assert driver.published[-2:] == [(f"{path}/s/p/ctrl", 0), (f"{path}/s/gpi/0/ctrl", 0)]


def test_joulescope_finds_lost_blocks_and_lost_samples() -> None:
    meter = Joulescope(driver=JoulescopeDriver(WAVE, lose=lambda block: block == 8))
    meter.start()
    result = measure(meter.stop())
    assert any("1,024 samples are missing" in text for text in result.warnings)
    assert result.inferences == WAVE.count - 1
    driver = JoulescopeDriver(WAVE)
    meter = Joulescope(driver=driver)
    plain = meter._take

    def with_holes(topic: str, value: dict) -> None:
        if topic.endswith("s/p/!data") and value["sample_id"] == 4_000_000 + 10 * 8 * 1024:
            value["data"][5:9] = np.nan
        plain(topic, value)

    meter._take = with_holes  # type: ignore[method-assign]
    meter.start()
    recording = meter.stop()
    assert "4 samples were lost" in recording.faults[0].text
    assert measure(recording).inferences == WAVE.count - 1


def test_joulescope_must_be_the_only_one() -> None:
    with pytest.raises(SpikecError, match="but: none"):
        Joulescope("999999", driver=JoulescopeDriver(WAVE))


@pytest.mark.parametrize("kind", ["ina226", "ina228"])
def test_ina(kind: str) -> None:
    wave = Wave(count=10, high_s=0.1)
    data = ina_lines(wave, kind, 1.0)
    with instrument(lambda _, write: write(data)) as port:
        meter = open_meter(f"{kind}:{port},shunt=1.0")
        assert isinstance(meter, Ina)
        meter.start()
        meter._port.send(b"\n")
        time.sleep(0.5)
        recording = meter.stop()
        meter.close()
    result = measure(recording, np.full(10, wave.high_s))
    assert result.joules == pytest.approx(wave.joules.mean(), rel=EXACT)
    assert result.sampling_hz == pytest.approx(5000)


def test_ina_registers_are_scaled_as_the_data_sheets_say() -> None:
    """SBOS547: 80 mV is 7D00h, -80 mV 8300h; 12 V is 2580h. SLYS021: 312.5 nV and 195.3125 uV in the upper 20 bits."""
    ina226, ina228 = CHIPS["ina226"], CHIPS["ina228"]
    watts = ina226.watts(np.array([0x7D00, 0x8300]), np.array([0x2580, 0x2580]), 0.01)
    assert watts == pytest.approx([8 * 12, -8 * 12])
    watts = ina228.watts(np.array([0x3E8 << 4, 0xFFC18 << 4]), np.array([0xF000 << 4] * 2), 0.01)
    assert watts == pytest.approx([312.5e-9 * 1000 / 0.01 * 12, -312.5e-9 * 1000 / 0.01 * 12])


def test_ina_finds_overflow_and_damage() -> None:
    data = ina_lines(Wave(count=4), "ina226", 1.0)
    flagged = data.replace(b" 0008 ", b" 000c ", 3)
    assert "3 samples are beyond the range" in decode_ina(flagged, CHIPS["ina226"], 1.0, "x").faults[0].text
    lines = data.split(b"\n")
    lines[20] = lines[20][:9] + b"7fff" + lines[20][13:]
    assert kinds(decode_ina(b"\n".join(lines), CHIPS["ina226"], 1.0, "x")) == {"overflow"}
    lines[20] = lines[20][:7]
    assert "1 lines" in decode_ina(b"\n".join(lines), CHIPS["ina226"], 1.0, "x").faults[0].text


def test_ina_takes_edges_that_the_board_tells_itself() -> None:
    """Also where its microseconds wrap, and an edge is told before the sample that is older."""
    lines = ["x", "ffffff00 0010 0a50 0008 0", "00000100 1", "00000080 0010 0a50 0008 0", "00000200 0010 0a50 0008 1"]
    lines += ["00000310 0", "00000320 ?", "00000380 0010 0a50 0008 0", "# said", ""]
    recording = decode_ina("\n".join(lines).encode(), CHIPS["ina226"], 1.0, "x")
    assert recording.times * 1e6 == pytest.approx([0, 0x180, 0x300, 0x480])
    assert recording.edge_times * 1e6 == pytest.approx([0x200, 0x410])
    assert recording.edge_levels.tolist() == [True, False]
    assert recording.reach == pytest.approx(0x180 / 2 * 1e-6)
    assert [fault.text for fault in recording.faults] == [
        "its board says 'said'",
        "the marker went up and down too fast for the meter's board: edges are missing",
    ]


def test_ina_without_readings_is_told() -> None:
    for said, match in (
        (b"x\n# nobody there\n# nobody there\n", "its board says 'nobody there'"),
        (b"", "no readings"),
    ):
        with pytest.raises(SpikecError, match=match):
            decode_ina(said, CHIPS["ina226"], 1.0, "x")


def test_a_silent_instrument_is_told() -> None:
    with instrument(lambda _data, _write: None) as port, pytest.raises(SpikecError, match="does not answer"):
        Ppk2(port, volts=3.3)


def test_a_port_that_is_not_there() -> None:
    with pytest.raises(SpikecError, match="cannot be opened"):
        InstrumentPort("/dev/ttyNOWHERE", 115_200)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("multimeter:/dev/x", "'multimeter' is unknown"),
        ("ppk2:/dev/x", "needs volts="),
        ("ppk2:,volts=3", "needs its serial port"),
        ("ppk2:/dev/x,volts=3,colour=red", "no option 'colour'"),
        ("lpm01a:/dev/x,volts=3.3", "needs marker="),
    ],
)
def test_the_words_of_a_meter(text: str, match: str) -> None:
    with pytest.raises(SpikecError, match=match):
        parse_meter(text)
    assert parse_meter("joulescope,channel=1") == ("joulescope", "", {"channel": "1"})
    assert parse_meter("joulescope") == ("joulescope", "", {})
    assert parse_meter("joulescope:001122") == ("joulescope", "001122", {})
