"""The firmware of a small board that reads an INA226 or INA228, on simulated AVRs with a simulated chip on the bus."""

import time

import numpy as np
import pytest
from meter_board import listen, schedule, wave_rows
from meter_instruments import instrument
from meter_waves import Wave

from codegen.backends.meter import meter_plan
from codegen.ir import SpikecError
from codegen.plan import write
from hostctl.build import build
from hostctl.cli.main import run as spikec
from hostctl.meters import measure, open_meter
from hostctl.meters.kinds.ina import CHIPS, decode

pytestmark = pytest.mark.avr
EXACT = 1e-3
EDGE_S = 20e-6
"""What another interrupt of the board may take when an edge comes."""
WAVE = Wave(count=20, high_s=0.1, low_s=0.0137)
PERIODS = {"ina226": 728e-6, "ina228": 1102e-6}


@pytest.fixture(scope="module")
def programs(board_tools, tmp_path_factory):
    """Gives the firmware of a chip and a board, built once."""
    folder, built = tmp_path_factory.mktemp("meters"), {}

    def program(chip, board_id):
        if (chip, board_id) not in built:
            board, target = board_tools(board_id), folder / f"{chip}-{board_id}"
            write(meter_plan(chip, board), target)
            said = []
            built[chip, board_id] = build(target, board, log=said.append).elf
            assert not [line for line in said if "warning" in line.lower()]
        return built[chip, board_id]

    return program


@pytest.mark.parametrize(
    ("chip", "board_id", "speed"),
    [
        ("ina226", "atmega328p", 1.0),
        ("ina226", "atmega328p", 0.9),
        ("ina226", "atmega2560", 1.1),
        ("ina228", "atmega328p", 1.1),
        ("ina228", "atmega2560", 1.0),
    ],
)
def test_energy_by_a_board_that_reads_the_chip(programs, tmp_path, chip, board_id, speed):
    """The chip's clock may be a tenth off: its conversions are awaited, not timed."""
    rows, joules, edges = wave_rows(WAVE)
    said = listen(programs(chip, board_id), chip, board_id, schedule(tmp_path / "rows", rows), speed)
    recording = decode(b"cut\n" + said + b"cut", CHIPS[chip], 1.0, chip)
    assert recording.faults == ()
    assert len(recording.edge_times) == 2 * WAVE.count
    assert np.diff(recording.edge_times) == pytest.approx(np.diff(edges), abs=EDGE_S)
    result = measure(recording, np.full(WAVE.count, WAVE.high_s))
    assert result.warnings == ()
    assert result.joules == pytest.approx(joules.mean(), rel=EXACT)
    assert result.idle_watts == pytest.approx(WAVE.idle_w, rel=EXACT)
    assert result.sampling_hz == pytest.approx(speed / PERIODS[chip], rel=0.01)


def test_the_driver_reads_the_board_over_its_line(programs, tmp_path):
    rows, joules, _ = wave_rows(Wave(count=4, high_s=0.1))
    said = listen(programs("ina226", "atmega328p"), "ina226", "atmega328p", schedule(tmp_path / "rows", rows))
    with instrument(lambda _, write_out: write_out(b"cut\n" + said)) as port:
        meter = open_meter(f"ina226:{port},shunt=1.0")
        meter.start()
        meter._port.send(b"\n")
        time.sleep(0.5)
        recording = meter.stop()
        meter.close()
    assert measure(recording, np.full(4, 0.1)).joules == pytest.approx(joules.mean(), rel=EXACT)


@pytest.mark.parametrize(("speed", "match"), [(0, "no chip answers on SDA and SCL"), (-1, "ALERT does not fall")])
def test_a_board_says_what_is_not_wired(programs, tmp_path, speed, match):
    rows = schedule(tmp_path / "rows", [(0, 0, 0), (900_000, 0, 0)])
    said = listen(programs("ina226", "atmega328p"), "ina226", "atmega328p", rows, speed)
    with pytest.raises(SpikecError, match=f"its board says '.*{match}"):
        decode(b"\n" + said, CHIPS["ina226"], 1.0, "ina226")


def test_a_marker_that_is_too_fast_is_told(programs, tmp_path):
    """A burst of 1,000 edges 20 us apart: more than are kept, and than the line can tell."""
    burst = [(50_000 + 20 * i, i % 2 == 0, 20e6) for i in range(1000)]
    rows = [(0, 0, 2e6), *burst, (100_000, 1, 20e6), (200_000, 0, 2e6), (250_000, 0, 2e6)]
    said = listen(programs("ina226", "atmega328p"), "ina226", "atmega328p", schedule(tmp_path / "rows", rows))
    recording = decode(b"\n" + said, CHIPS["ina226"], 1.0, "ina226")
    assert [fault.kind for fault in recording.faults] == ["edge"]
    assert "too fast for the meter's board" in recording.faults[0].text
    assert recording.edge_times[-2:] - recording.edge_times[-1] == pytest.approx([-0.1, 0], abs=EDGE_S)
    steps = np.diff(recording.times) / PERIODS["ina226"]
    assert steps == pytest.approx(np.rint(steps), abs=0.05)  # What is not told is left out, and nothing is told late.


def test_the_command_builds_and_flashes(board_tools, tmp_path, monkeypatch, capsys):
    board_tools("atmega328p")
    called = tmp_path / "called"
    avrdude = tmp_path / "avrdude"
    avrdude.write_text(f'#!/bin/sh\necho "$@" > {called}\ntest "$6" != /dev/gone || {{ echo no such port; exit 1; }}\n')
    avrdude.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    words = ["meter", "ina228", "--board", "atmega328p", "--address", "0x45", "--out", str(tmp_path / "project")]
    assert spikec([*words, "--port", "/dev/ttyACM7"]) == 0
    assert "flashed     /dev/ttyACM7" in capsys.readouterr().out
    image = tmp_path / "project/.pio/build/atmega328p/firmware.hex"
    line = called.read_text().strip()
    assert line == f"-p atmega328p -c arduino -P /dev/ttyACM7 -b 115200 -D -U flash:w:{image}:i"
    assert image.read_text().startswith(":10")
    assert "-DADDRESS=0x45u" in (tmp_path / "project/platformio.ini").read_text()
    assert spikec([*words, "--port", "/dev/gone"]) == 2
    assert "no such port" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["ina226", "--board", "mps2_an386"], "Boards: atmega2560, atmega328p"),
        (["ina226", "--board", "atmega328p", "--address", "0x20"], "is 0x20, which no INA226 can have"),
        (["ina226", "--board", "atmega328p", "--address", "forty"], "is 'forty', which is no number"),
    ],
)
def test_the_command_says_what_cannot_be(words, match, capsys):
    assert spikec(["meter", *words]) == 2
    assert match in capsys.readouterr().err
