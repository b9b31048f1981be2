"""Energy from a recording to the report: summary, page and JSON by its schema, and what a run with a meter leaves."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from instruments import InaBoard, Waveform, closing
from report_run import make_run

from codegen.ir import SpikecError
from hostctl.cli.main import run
from hostctl.meters import metered, open_meter, parse_meter
from hostctl.results import summarise
from hostctl.results.energy import read_energy

WAVE = Waveform(inferences=8)
SCHEMA = json.loads((Path(__file__).parents[2] / "hostctl" / "report" / "schema.json").read_text())


def recording(path: Path) -> Path:
    t = np.arange(0, WAVE.length + 0.1, 1e-4)
    rows = np.stack([t, 1e3 * WAVE.watts(t), WAVE.marker(t)], axis=1)
    np.savetxt(path, rows, "%.6g", ",", header="Time [s],Power [mW],Marker", comments="")
    return path


def test_a_recording_becomes_the_runs_energy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_run(tmp_path / "run", samples=8)
    estimate = summarise(folder).energy
    assert estimate is not None
    assert estimate.kind == "estimated"
    assert run(["energy", str(folder), "--csv", str(recording(tmp_path / "scope.csv"))]) == 0
    text = capsys.readouterr().out
    assert "an inference, measured (95 % of the mean:" in text
    assert "idle power 12 mW subtracted; 8 inferences" in text
    assert "the datasheet's estimate would be" in text
    energy = summarise(folder).energy
    assert energy is not None
    assert energy.measured is not None
    assert energy.joules_per_inference == pytest.approx(WAVE.joules - WAVE.idle * WAVE.seconds, rel=1e-3)
    assert energy.estimate == estimate.joules_per_inference
    assert energy.measured.low < energy.joules_per_inference < energy.measured.high
    report = json.loads((folder / "report.json").read_text())
    jsonschema.validate(report, SCHEMA)
    assert report["energy"]["kind"] == "measured"
    assert sum(report["energy"]["counts"]) == 8
    page = (folder / "report.html").read_text()
    assert '<h2 id="energy">Energy</h2>' in page
    assert "Energy by layer" not in page  # A meter knows no layers.
    assert run(["energy", str(folder), "--csv", str(tmp_path / "scope.csv"), "--idle", "keep"]) == 0
    assert len(read_energy(folder)) == 1  # Read again, not added.
    assert summarise(folder).energy.joules_per_inference == pytest.approx(WAVE.joules, rel=1e-3)


def test_a_meter_beside_a_run_leaves_its_energy_and_its_doubts(tmp_path: Path) -> None:
    said: list[str] = []
    with closing(InaBoard(WAVE, "ina228", faults={1500: "overflow"})) as board:
        meter = open_meter(parse_meter(f"ina228:{board.port},shunt=1,hz=4000"))
        with metered(meter, tmp_path, rest_s=WAVE.length + 0.2, note=said.append):
            make_run(tmp_path, samples=8)
    (record,) = read_energy(tmp_path)
    assert record.faults == [{"kind": "overflow", "text": "the chip's overflow flag", "count": 1}]
    assert record.excluded == 1
    assert "energy: 1 of 8 inferences have lost samples and are left out" in said
    with (tmp_path / "energy.jsonl").open("a") as file:
        file.write('{"torn')
    assert read_energy(tmp_path) == [record]
    (tmp_path / "energy.jsonl").write_text("{}\n")
    with pytest.raises(SpikecError, match=r"energy.jsonl, line 1: is damaged"):
        read_energy(tmp_path)


def test_a_traced_run_cannot_be_metered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "run",
        "-b",
        "atmega328p",
        "-n",
        "mnist-tiny",
        "--meter",
        "ina226,shunt=1,hz=1000",
        "--trace",
        "-o",
        str(tmp_path),
    ]
    assert run(words) == 2
    assert "cannot be used with --trace" in capsys.readouterr().err
