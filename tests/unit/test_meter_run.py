"""A run's energy: measured by a recording, bound to the run, told as measured in summary, text, page and schema."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from report_run import header, make_run, network

from codegen.board import load_board
from codegen.ir import SpikecError
from hostctl import report
from hostctl.cli.job import Job
from hostctl.cli.main import run as spikec
from hostctl.cli.metering import Metering, check_meter
from hostctl.meters import Meter, Recording
from hostctl.meters.base import edges_of
from hostctl.report import summary_text, write_report
from hostctl.results import ENERGY, FILE, SessionRecord, measure_run, read_run, summarise
from hostctl.results.energy import forget_energy

SAMPLES, ACTIVE_W, IDLE_W = 12, 0.05, 0.004


def real_run(target: Path) -> Path:
    """A run of a real board: as far as a meter is concerned, one that is not emulated."""
    target.mkdir()
    board = {**header("mps2_an386", SAMPLES, True).board, "emulated": False}
    return make_run(target, samples=SAMPLES, changes={"board": board})


def kind_of(run: Path) -> str:
    energy = summarise(run).energy
    assert energy is not None
    return energy.kind


def recorded(run: Path, hz: float = 200_000.0) -> Recording:
    """What a meter sees of it: two pulses a sample, together as long as the sample's ticks."""
    ticks = np.array([sample.ticks for sample in read_run(run).samples]) / 25e6
    lengths = np.stack([ticks * 0.25, ticks * 0.75], 1).ravel()
    starts = 0.001 + np.concatenate([[0], np.cumsum(lengths + 0.001)[:-1]])
    times = np.arange(round((starts[-1] + lengths[-1] + 0.002) * hz)) / hz
    at = np.searchsorted(starts, times, side="right") - 1
    high = (at >= 0) & (times < starts[at] + lengths[at])
    return Recording("test meter", times, np.where(high, ACTIVE_W, IDLE_W), *edges_of(times, high))


def test_measured_energy_is_in_summary_text_and_page(tmp_path: Path) -> None:
    run = real_run(tmp_path / "run")
    assert kind_of(run) == "estimated"
    result = measure_run(run, recorded(run), idle="keep")
    ticks = np.mean([sample.ticks for sample in read_run(run).samples])
    assert result.inferences == SAMPLES
    assert result.joules == pytest.approx(ticks / 25e6 * ACTIVE_W, rel=1e-2)
    summary = summarise(run)
    assert summary.energy is not None
    assert (summary.energy.kind, summary.energy.source) == ("measured", "test meter")
    text = summary_text(summary)
    assert "an inference, measured" in text
    assert "by test meter: mean of 12 inferences, 95 % confidence" in text
    page = write_report(run, summary)
    assert "test meter: mean of 12 inferences" in page.read_text()
    assert "Energy by layer" not in page.read_text()
    schema = json.loads((Path(report.__file__).parent / "schema.json").read_text())
    value = json.loads((run / "report.json").read_text())
    jsonschema.validate(value, schema)
    assert value["energy"]["kind"] == "measured"


def test_a_new_run_forgets_the_old_energy(tmp_path: Path) -> None:
    run = real_run(tmp_path / "run")
    measure_run(run, recorded(run), idle="keep")
    forget_energy(run)
    assert not (run / ENERGY).exists()
    assert kind_of(run) == "estimated"


def test_a_meter_never_saw_an_emulated_board(tmp_path: Path) -> None:
    run = make_run(tmp_path, samples=SAMPLES)
    with pytest.raises(SpikecError, match="emulated: no meter can have seen it"):
        measure_run(run, recorded(run), idle="keep")


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    run = real_run(tmp_path / "run")
    (run / ENERGY).write_text("{")
    with pytest.raises(SpikecError, match="measure again"):
        summarise(run)


def test_energy_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = real_run(tmp_path / "run")
    seen = recorded(run)
    level = np.searchsorted(seen.edge_times, seen.times) % 2
    rows = [f"{t:.9f},{p:.6f},{m}" for t, p, m in zip(seen.times, seen.watts, level, strict=True)]
    path = tmp_path / "scope.csv"
    path.write_text("\n".join(["Time (s),Power (W),D0", *rows]))
    assert spikec(["energy", str(run), "--csv", str(path), "--marker", "D0", "--idle", "subtract", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    energy = value["result"]["summary"]["energy"]
    assert energy["kind"] == "measured"
    assert energy["meter"]["idle_watts"] == pytest.approx(IDLE_W, rel=1e-6)
    ticks = np.mean([sample.ticks for sample in read_run(run).samples])
    assert energy["joules_per_inference"] == pytest.approx(ticks / 25e6 * (ACTIVE_W - IDLE_W), rel=1e-2)
    assert spikec(["energy", str(run), "--csv", str(path), "--marker", "D9"]) == 2
    assert "D9" in capsys.readouterr().err


class Played(Meter):
    """A meter that hands over what was recorded."""

    instrument = "played"

    def __init__(self, run: Path) -> None:
        self.run, self.calls = run, list[str]()

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> Recording:
        self.calls.append("stop")
        return recorded(self.run)

    def close(self) -> None:
        self.calls.append("close")


def test_metering_measures_a_run_that_ends_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = real_run(tmp_path / "run")
    meter = Played(run)
    monkeypatch.setattr("hostctl.meters.open_meter", lambda words: meter if words == "ppk2:x" else pytest.fail(words))
    with Metering("ppk2:x", run, "keep", pytest.fail):
        assert meter.calls == ["start"]
    assert meter.calls == ["start", "stop", "close"]
    assert kind_of(run) == "measured"
    forget_energy(run)
    with pytest.raises(KeyboardInterrupt), Metering("ppk2:x", run, "keep", pytest.fail):
        raise KeyboardInterrupt
    assert meter.calls[3:] == ["start", "close"]
    assert kind_of(run) == "estimated"


def test_a_resumed_run_with_nothing_left_keeps_its_energy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = real_run(tmp_path / "run")
    measure_run(run, recorded(run), idle="keep")
    before, meter, notes = (run / ENERGY).read_text(), Played(run), list[str]()
    monkeypatch.setattr("hostctl.meters.open_meter", lambda _: meter)
    with Metering("ppk2:x", run, "keep", notes.append), (run / FILE).open("a") as results:
        session = SessionRecord(1, 0, 0.1, True, {"frames_sent": 0, "frames_resent": 0})
        results.write(json.dumps(asdict(session)) + "\n")
    assert notes == ["no sample was left to stream, so nothing was measured"]
    assert meter.calls == ["start", "close"]
    assert (run / ENERGY).read_text() == before
    assert kind_of(run) == "measured"


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"ports": ("/dev/a", "/dev/b")}, "Run each by itself, with its own --port, --meter and --out"),
        ({"ports": ("all",)}, "the samples go to several"),
        ({"worst": True}, "cannot be with --worst"),
        ({"trace": True}, "cannot be with --trace"),
    ],
)
def test_what_cannot_be_metered_is_told(changes: dict[str, Any], match: str) -> None:
    board = replace(load_board("netduinoplus2"), emulated=False)
    job = Job(network(), Path("x.spk"), board, Path("run"), meter="ppk2:/dev/x,volts=3.3", **changes)
    with pytest.raises(SpikecError, match=match):
        check_meter(job)
    check_meter(replace(job, ports=("/dev/a",), worst=False, trace=False))


def test_an_emulated_board_is_refused_before_anything_is_built(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "--board", "mps2_an386", "--network", "mnist-dc-256", "--meter", "ppk2:/dev/x,volts=3.3"]
    assert spikec(words) == 2
    assert "emulated: nothing of it can be measured" in capsys.readouterr().err
