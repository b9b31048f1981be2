"""The main job by the command line: data, training, quantization, evaluation, and the demo as a whole."""

import json

import numpy as np
import pytest

from codegen.ir import load, make_events, write_nmnist

RECIPE = """
name = "tiny_ct"
[data]
kind = "nmnist"
reverse = true
[network]
neuron = "snn_ct"
hidden = [16]
steps = 8
[encoding]
bin_us = 12500
[train]
epochs = 3
batch = 16
learning_rate = 0.01
gain = 2.0
"""


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch, tmp_path):
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def data(tmp_path):
    """Recordings that are easy to tell apart: digit d lights row d, one pixel after the other."""
    for split, count in (("Train", 80), ("Test", 20)):
        for i in range(count):
            digit = i % 10
            folder = tmp_path / "data" / split / str(digit)
            folder.mkdir(parents=True, exist_ok=True)
            columns = np.arange(34)
            rows = np.full(34, 3 * digit + i // 10 % 2)
            write_nmnist(folder / f"{i:05}.bin", make_events(columns, rows, columns * 2900, np.ones(34, int)))
    return tmp_path / "data"


def test_train_resume_quantize_and_eval(spikec, tmp_path, data):
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE)
    status, out, err = spikec("train", recipe, "--data", data, "-o", "model")
    assert status == 0, err
    assert "test_digit" in out
    assert "training tiny_ct: 3/3" in err
    recipe.write_text(RECIPE.replace("epochs = 3", "epochs = 4"))
    status, _, err = spikec("train", recipe, "--data", data, "-o", "model", "--resume")
    assert status == 2
    assert "another recipe" in err
    status, out, _ = spikec("quantize", "model/model.pt", "-o", "tiny.spk", "--bits", "4", "--json")
    assert status == 0
    answer = json.loads(out)["result"]
    network = load(tmp_path / "tiny.spk")
    assert answer["digest"] == network.digest
    assert answer["bits"] == [4]
    assert [head.name for head in network.heads] == ["digit", "motion"]
    for model in ("tiny.spk", "model/model.pt"):
        status, out, _ = spikec("eval", model, "--data", data, "--json")
        assert status == 0
        assert json.loads(out)["result"]["samples"] == 40


def test_a_recipe_is_found_by_its_name_and_wants_its_data(spikec, tmp_path):
    status, _, err = spikec("train", "mnist_dc_256", "--data", tmp_path)
    assert status == 2
    assert "MNIST" in err
    status, _, err = spikec("train", "nmnist_ct")
    assert status == 2
    assert "--data: is missing, and 'nmnist_ct' trains on nmnist" in err
    assert spikec("train", "no_such_recipe")[0] == 2


def test_digits_can_be_made_anywhere(spikec, tmp_path, monkeypatch):
    from trainer.datasets import digits

    small = digits.Plan(train_images=20, test_images=10, train_copies=1, test_copies=1)
    monkeypatch.setattr(digits, "Plan", lambda: small)
    status, out, _ = spikec("data", "digits", "-o", tmp_path / "digits")
    assert status == 0
    assert str(tmp_path / "digits") in out
    assert "Test" in spikec("data", "show", tmp_path / "digits")[1]


def test_nmnist_is_not_downloaded_again(spikec, data, monkeypatch):
    def never(*_, **__):
        raise AssertionError("downloaded")

    monkeypatch.setattr("trainer.datasets.nmnist._from_tonic", never)
    status, out, _ = spikec("data", "nmnist", "-o", data)
    assert status == 0
    assert "Train  80 recordings" in out


@pytest.mark.slow
@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_the_demo_on_the_emulated_cortex_m4(spikec):
    status, out, err = spikec("demo", "--quick", "--limit", "25", "--trace")
    assert status == 0, err
    assert "0 mismatching spikes" in out
    assert "every layer, every step, every neuron" in out
    assert "mps2_an386" in out
    assert "estimated" in out
    assert "report.html" in out
    status, _, err = spikec("demo", "--quick", "--limit", "5", "--board", "native")
    assert status == 0, err


def test_the_demo_falls_back_to_this_computer(monkeypatch):
    from codegen.ir import Problem
    from hostctl.cli import pipeline
    from hostctl.cli.output import Output

    monkeypatch.setattr("hostctl.doctor.missing_for", lambda _: [Problem("qemu-system-arm", "is missing")])
    said = []
    monkeypatch.setattr(Output, "note", lambda _, text: said.append(text))
    assert pipeline.usable_board(Output("demo", json=False), "mps2_an386").id == "native"
    assert "cannot be used here, so this runs on 'native' instead: qemu-system-arm: is missing" in said[0]
