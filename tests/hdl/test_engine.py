"""The engine: every spike and membrane as the reference has them, in two simulators; Verilog that no linter minds."""

from dataclasses import replace

import numpy as np
import pytest
from engine_ladder import LARGEST, MAKE, climb, random_design
from ladder import random_network, random_sample

from benchmarks.fpga.bench import IcarusBench, VerilatorBench, differences, run_verilator
from codegen import zoo
from codegen.backends.verilog import block_files, engine_files
from codegen.ir import SpikecError, load
from codegen.passes.hardware import full_design, make_design

DENSE, CONV = range(7000, 7012), range(7000, 7008)
LINTED = ("nmnist-ct-256", "mnist-dc-conv", "mnist-tiny", "nmnist-ct-conv")


@pytest.mark.parametrize("seed", DENSE)
def test_dense_networks_under_icarus(seed, tmp_path):
    assert climb("dense", seed, tmp_path, IcarusBench) == []


@pytest.mark.parametrize("seed", CONV)
def test_convolutions_and_pooling_under_icarus(seed, tmp_path):
    assert climb("conv", seed, tmp_path, IcarusBench) == []


@pytest.mark.parametrize(
    ("kind", "seed"), [("dense", 7100), ("conv", 7100), ("conv", 1)]
)  # conv 1: lanes without neurons
def test_networks_under_verilator(kind, seed, tmp_path):
    make = lambda network, design, folder: VerilatorBench(network, design, folder, optimise="-O0")  # noqa: E731
    assert climb(kind, seed, tmp_path, make) == []


def test_the_comparison_sees_a_single_changed_weight(tmp_path):
    network = random_network(7200, 24)
    inputs = np.ones((network.steps, network.in_size), np.bool_)
    first = network.layers[0]
    weight = first.connection.weight.copy()
    weight[-1, -1] += 1 if weight[-1, -1] < 1 else -1
    changed = replace(first, connection=replace(first.connection, weight=weight))
    bench = IcarusBench(replace(network, layers=(changed, *network.layers[1:])), random_design(network, 7200), tmp_path)
    (outcome,) = bench.run([inputs], trace=True)
    found = differences(network, inputs, outcome, traced=True)
    assert any(f"{first.name} membranes" in text for text in found), found


def test_samples_back_to_back_leave_nothing_behind(tmp_path):
    network = random_network(7200, 24)
    bench = IcarusBench(network, full_design(network), tmp_path)
    inputs = [random_sample(network, seed).spikes for seed in range(3)]
    once = bench.run(inputs)
    again = bench.run(inputs, repeats=2)
    for spikes, one, three in zip(inputs, once, again, strict=True):
        assert differences(network, spikes, one, traced=False) == []
        assert np.array_equal(one.spikes, three.spikes)
        assert np.array_equal(one.membranes, three.membranes)
        assert np.array_equal(3 * one.synops, three.synops)  # they are counted over all repeats
        assert one.cycles < three.cycles < 3 * one.cycles + 3 * 40


@pytest.mark.parametrize("name", LINTED)
@pytest.mark.parametrize("short", [True, False])
def test_verilator_has_nothing_to_say(name, short, tmp_path):
    network = load(zoo.network_path(name))
    design = make_design(
        network, lanes=None if short else 8, short=short, rom_latency=1 if short else 3, cut=0 if short else 1024
    )
    lint(engine_files(network, design), tmp_path)


@pytest.mark.parametrize("kind", list(MAKE))
def test_verilator_has_nothing_to_say_of_random_designs(kind, tmp_path):
    for seed in range(7300, 7304):
        network = MAKE[kind](seed, LARGEST[kind])
        lint(engine_files(network, random_design(network, seed)), tmp_path / str(seed))


def lint(files, folder):
    folder.mkdir(exist_ok=True)
    for name, text in (block_files() | files).items():
        (folder / name).write_text(text)
    (folder / "greeting.hex").write_text("00\n")
    blocks = sorted(name for name in files if name.endswith(".v"))
    run_verilator(
        ["--lint-only", "-Wall", "-Wno-MULTITOP", "--top-module", "spikec_engine", *blocks, "-y", "."], folder
    )


def test_verilog_is_the_same_each_time():
    network = random_network(7400, 40)
    design = random_design(network, 7400)
    assert engine_files(network, design) == engine_files(network, design)


def test_designs_that_cannot_be_built_are_refused_with_all_reasons():
    network = load(zoo.network_path("mnist-dc-conv"))
    design = full_design(network)
    layers = list(design.layers)
    layers[0] = replace(layers[0], lanes=5)  # of 12 channels
    layers[1] = replace(layers[1], lanes=6)  # pooling
    layers[2] = replace(layers[2], banks=2)  # a convolution
    layers[4] = replace(layers[4], lanes=0)
    layers[5] = replace(layers[5], banks=3)
    with pytest.raises(SpikecError) as caught:
        engine_files(network, replace(design, layers=tuple(layers)))
    texts = [str(problem) for problem in caught.value.problems]
    assert len(texts) == 5
    assert "5 lanes for 12 channels" in texts[0]
    assert "1, 2, 3, 4, 6, 12" in texts[0]
    assert "Pooling takes all 12 channels" in texts[1]
    assert "A conv2d layer takes one" in texts[2]
    assert "0 lanes" in texts[3]
    assert "Use 1, 2, 4 or 8" in texts[4]


def test_banks_need_lanes_in_front_of_them():
    network = load(zoo.network_path("mnist-tiny"))
    with pytest.raises(SpikecError, match="multiple of 4 lanes"):
        make_design(network, lanes={"fc1": 6}, banks={"fc2": 4})
    assert make_design(network, lanes=1000, banks=8).layers[0].lanes == 64
