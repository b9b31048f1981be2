"""The command line's work from Python: every example of docs/examples, and what goes wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.ir import Network
from hostctl import api

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {
    "build": ("bytes of flash", "stack: "),
    "compare": ("0 of 20 samples differ",),
    "generate": ("build/library", "build/verilog"),
    "instructions": ("scan", "1 sample, 0 differences"),
    "run": ("0 of 20 samples differ, 0 membranes", "% right", "instructions an inference"),
    "train": ("runs/example/example.spk",),
}


def test_every_example_is_tested():
    assert {path.stem for path in (ROOT / "docs" / "examples").glob("*.py")} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_does_what_it_says(name, tmp_path, real_data):
    script = ROOT / "docs" / "examples" / f"{name}.py"
    command, env = [sys.executable, str(script), str(real_data)], {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    for words in EXAMPLES[name]:
        assert words in done.stdout
    assert done.stderr == ""


def test_a_network_is_one_however_it_is_named(tmp_path):
    net = api.load("mnist-tiny")
    assert isinstance(net, Network)
    assert api.load(net) is net
    assert api.load(api.save(net, tmp_path / "net.spk")).digest == net.digest


def test_a_network_in_memory_runs(tmp_path, real_data):
    net = api.load("mnist-tiny")
    summary = api.run(net, "native", data=real_data, out=tmp_path, limit=3)
    assert (summary.samples, summary.different) == (3, 0)
    assert (tmp_path / "report.html").is_file()
    assert api.summarise(tmp_path) == summary
    assert api.report(tmp_path) == tmp_path / "report.html"


def test_nothing_is_printed_unless_asked_for(tmp_path, capsys, real_data):
    api.generate("mnist-tiny", out=tmp_path / "library")
    api.evaluate("mnist-tiny", real_data, limit=2)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")
    api.evaluate("mnist-tiny", real_data, limit=2, verbose=True)
    assert "evaluating" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: api.load("mnist-tinny"), "mnist-tinny"),
        (lambda: api.build("mnist-tiny", "nothing"), "'nothing' is unknown"),
        (lambda: api.build("mnist-tiny", "fpga_sim"), "has an FPGA"),
        (lambda: api.build("mnist-tiny", "native", app="mlperf_tiny", energy=True), "has no marker pin"),
        (lambda: api.build("mnist-tiny", "native", model="ic01"), "no meaning with --app stream"),
        (lambda: api.summarise("/nowhere"), "/nowhere"),
        (lambda: api.run("mnist-tiny", "native", data="/nowhere"), "/nowhere"),
    ],
)
def test_what_is_wrong_is_told(call, said):
    with pytest.raises(api.SpikecError, match=said):
        call()
