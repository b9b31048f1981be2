"""The sceptic's benchmark: dense kernels that are right and fast, spikes that are counted, and what is made of both."""

import csv
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from cmsis_stand_in import write_checkout
from train_helpers import write_images

import benchmarks.dense.board as counted
from benchmarks import sceptic
from benchmarks.dense import mnist, page, sweep
from benchmarks.dense.arithmetic import (
    DenseLayer,
    DenseNetwork,
    load_dense,
    multiplier_of,
    pixels,
    quantize,
    requantized,
    save_dense,
)
from benchmarks.dense.board import CMSIS_NN, PACKED, TWO_ROWS, count_dense, count_spikes
from benchmarks.dense.cmsis import HEADERS, SOURCES, open_checkout
from benchmarks.dense.pack import doubled_biases, packable, packed_weights
from codegen.ir import Affine, Head, Layer, Network, SnnCt, SnnDc, SpikecError, SpikeFrames, simulate_batch
from codegen.ir.images import downsampled, read_mnist

ROOT = Path(sceptic.__file__).parent.parent
SHAPES = [
    (1, 1),
    (2, 3),
    (3, 5, 2),
    (4, 4),
    (7, 9),
    (8, 4, 8),
    (15, 17, 1),
    (33, 6),
    (63, 2, 5),
    (64, 65),
    (71, 10, 13),
]


def random_dense(shape, seed=0, weights=(-127, 127), **constants):
    """A dense network of random numbers; its scales spread the sums over the bytes, and beyond."""
    random = np.random.default_rng([seed, *shape])
    layers = []
    for inputs, outputs in pairwise(shape):
        weight = random.integers(weights[0], weights[1] + 1, (outputs, inputs)).astype(np.int8)
        bias = random.integers(-3000, 3000, outputs).astype(np.int32)
        multiplier, shift = multiplier_of(float(random.uniform(0.5, 3)) / (127 * max(1.0, np.sqrt(inputs))))
        values = {"multiplier": multiplier, "shift": shift, "offset": int(random.integers(-128, 128))}
        values |= {"low": int(random.integers(-128, -60)), "high": int(random.integers(60, 128))} | constants
        layers.append(DenseLayer(weight, bias, **values))
    return DenseNetwork("random", tuple(layers))


def random_bytes(network, count=6, low=-127, seed=0):
    """Inputs, the extreme ones among them."""
    random = np.random.default_rng(seed)
    inputs = random.integers(low, 128, (count, network.sizes[0]))
    inputs[:3] = [[low], [0], [127]]
    return inputs.astype(np.int8)


# ---- arithmetic ------------------------------------------------------------------------------------------------------


def by_the_book(value, multiplier, shift):
    """Jacob et al. 2018 and gemmlowp, in whole numbers: round half up, then half away from zero."""
    high = (2 * value * multiplier + 2**31) // 2**32
    whole, rest = divmod(abs(high), 2**shift)
    rounded = whole + (2 * rest >= 2**shift and shift > 0)
    return -rounded if high < 0 else rounded


@pytest.mark.parametrize("shift", [0, 1, 2, 7, 20, 31])
def test_requantizing_is_what_the_book_says(shift):
    random = np.random.default_rng(shift)
    halves = np.arange(-9, 10) * 2**shift  # with a multiplier of 2**30 the odd ones end in a half
    halves = halves[np.abs(halves) < 2**31]
    sums = np.concatenate([random.integers(-(2**26), 2**26, 500), halves, [0, 1, -1, 2**31 - 1, -(2**31)]])
    for multiplier in (2**30, 2**31 - 1, int(random.integers(2**30, 2**31))):
        wanted = [by_the_book(int(value), multiplier, shift) for value in sums]
        assert requantized(sums, multiplier, shift).tolist() == wanted


def test_a_factor_becomes_a_multiplier():
    for factor in (0.49, 1 / 3, 1 / 1024, 0.0001234):
        multiplier, shift = multiplier_of(factor)
        assert 2**30 <= multiplier < 2**31
        assert multiplier / 2**31 / 2**shift == pytest.approx(factor, rel=1e-9)
    for factor in (0.5, 2.0, 1e-12):
        with pytest.raises(SpikecError, match="scales its sums by"):
            multiplier_of(factor)


def test_pixels_keep_black_and_white():
    found = pixels(np.arange(256, dtype=np.uint8).reshape(1, 16, 16))
    assert found.shape == (1, 256)
    assert (found[0, 0], found[0, 255]) == (-127, 127)
    assert (np.diff(found.astype(int)) >= 0).all()


def test_a_quantized_network_computes_about_the_same():
    random = np.random.default_rng(0)
    floats = [(random.normal(size=(20, 30)) / 5, random.normal(size=20) / 5), (random.normal(size=(5, 20)), np.ones(5))]
    images = random.random((200, 30))
    hidden = np.maximum(images @ floats[0][0].T + floats[0][1], 0)
    wanted = hidden @ floats[1][0].T + floats[1][1]
    inputs = (np.rint(images * 254) - 127).astype(np.int8)
    found = quantize("small", floats, images).forward(inputs) * (np.abs(wanted).max() / 127)
    assert np.abs(found - wanted).max() < 0.03 * np.abs(wanted).max()


def test_a_network_survives_its_file(tmp_path):
    network = random_dense((7, 5, 3))
    save_dense(network, tmp_path / "some" / "random.npz")
    again = load_dense(tmp_path / "some" / "random.npz")
    assert np.array_equal(network.forward(random_bytes(network)), again.forward(random_bytes(network)))
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    for name in ("bad.npz", "none.npz"):
        with pytest.raises(SpikecError, match=r"cannot be read .* Train it again"):
            load_dense(tmp_path / name)


# ---- dense kernels on the emulated board -----------------------------------------------------------------------------


def test_packed_weights_are_the_same_weights():
    weight = np.random.default_rng(0).integers(-127, 128, (6, 13)).astype(np.int8)
    layer = DenseLayer(weight, np.arange(6, dtype=np.int32), 2**30, 8, 0, -127, 127)
    halves = packed_weights(layer).view("<i2").reshape(2, 4, 4, 2)  # blocks, words of a row, rows, halves
    low = halves.astype(np.int8)
    high = (halves.astype(int) - low) // 256
    found = np.stack([low, high], axis=-1).transpose(0, 2, 1, 3, 4).reshape(8, 16)
    assert np.array_equal(found[:6, :13], weight)
    assert not found[6:].any()
    assert not found[:, 13:].any()
    assert doubled_biases(layer).tolist() == [0, 2, 4, 6, 8, 10, 0, 0]


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_dense_kernels_give_every_byte_of_numpy(tmp_path, shape):
    network = random_dense(shape)
    found = count_dense(network, random_bytes(network), tmp_path)
    assert list(found) == [TWO_ROWS, PACKED]
    assert len(np.unique(network.forward(random_bytes(network, 50)))) > 1


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize("sign", [-1, 1])
def test_dense_kernels_take_the_extremes(tmp_path, sign):
    """Sums just below the packed kernel's bound, all of one sign, biases and shifts at theirs."""
    network = random_dense((520, 5), weights=(127 * sign, 127 * sign), low=-128, high=127, offset=-128)
    layer = replace(network.layers[0], bias=np.array([2**28 - 1, -(2**28) + 1, 0, 1, -1], np.int32))
    for shift in (1, 20):
        case = DenseNetwork("extreme", (replace(layer, shift=shift, multiplier=2**31 - 1),))
        (tmp_path / str(shift)).mkdir()
        assert PACKED in count_dense(case, random_bytes(case), tmp_path / str(shift))


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_the_lowest_byte_is_for_two_rows_alone(tmp_path):
    network = random_dense((21, 6, 3), weights=(-128, -120))
    assert not packable(network.layers[0])
    assert list(count_dense(network, random_bytes(network, low=-128), tmp_path)) == [TWO_ROWS]


def test_the_packed_kernel_is_only_given_what_it_can_do():
    layer = random_dense((100, 4)).layers[0]
    assert packable(layer)
    wide = np.full((1, 521), 127, np.int8)
    one = np.zeros(1, np.int32)
    for bad in (
        replace(layer, weight=np.full_like(layer.weight, -128)),
        replace(layer, weight=wide, bias=one),
        replace(layer, bias=np.full(4, 2**28, np.int32)),
        replace(layer, shift=0),
        replace(layer, shift=21),
        replace(layer, offset=128),
    ):
        assert not packable(bad)
    assert packable(replace(layer, weight=wide[:, 1:], bias=one))


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_a_wrong_byte_is_found(tmp_path, monkeypatch):
    network = random_dense((9, 4))
    monkeypatch.setattr(DenseNetwork, "forward", lambda *_: np.full((6, 4), 3, np.int8))
    with pytest.raises(ArithmeticError, match=r"random, two rows: outputs are .*, not \[3, 3, 3, 3\]"):
        count_dense(network, random_bytes(network), tmp_path)


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_the_opponent_is_strong(tmp_path):
    """Two rows are no worse than CMSIS-NN's 1.94 a multiply-accumulate, and our best kernel takes half of that."""
    layer = sweep.dense_layer(784, 256)
    found = count_dense(layer, random_bytes(layer), tmp_path)
    assert found[TWO_ROWS].layers.mean() / layer.macs <= 1.94
    assert found[PACKED].layers.mean() / layer.macs <= 0.89


# ---- CMSIS-NN --------------------------------------------------------------------------------------------------------


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_a_checkout_of_cmsis_nn_is_built_and_counted(tmp_path):
    checkout = open_checkout(write_checkout(tmp_path / "checkout"))
    network = random_dense((33, 6, 5))
    found = count_dense(network, random_bytes(network), tmp_path, checkout)
    assert list(found) == [TWO_ROWS, PACKED, CMSIS_NN]
    assert (found[CMSIS_NN].layers.sum(axis=1) > found[TWO_ROWS].layers.sum(axis=1)).all()  # the stand-in is slow


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("value + offset", "value + offset + 1", ArithmeticError, "random, CMSIS-NN: outputs are"),
        ("return ARM_CMSIS_NN_SUCCESS", "return ARM_CMSIS_NN_ARG_ERROR", ArithmeticError, "refuses the layer"),
        ('#include "arm_nnfunctions.h"', '#include "not_there.h"', SpikecError, r"does not build: .*not_there\.h"),
    ],
)
def test_a_checkout_that_is_not_right_is_told(tmp_path, old, new, error, words):
    root = write_checkout(tmp_path / "checkout")
    for name in SOURCES:
        text = (root / name).read_text()
        (root / name).write_text(text.replace(old, new))
    network = random_dense((9, 4))
    with pytest.raises(error, match=words):
        count_dense(network, random_bytes(network), tmp_path, open_checkout(root))


def test_a_checkout_that_lacks_files_is_told(tmp_path):
    with pytest.raises(SpikecError, match="is no folder"):
        open_checkout(tmp_path / "none")
    root = write_checkout(tmp_path / "checkout")
    for name in (HEADERS[0], SOURCES[1]):
        (root / name).unlink()
    with pytest.raises(SpikecError) as caught:
        open_checkout(root)
    assert [problem.what for problem in caught.value.problems] == [f"lacks {HEADERS[0]}", f"lacks {SOURCES[1]}"]


# ---- spikes on the emulated board ------------------------------------------------------------------------------------


def spiking(neuron=SnnDc, sizes=(40, 20, 9), steps=5):
    random = np.random.default_rng(0)
    layers = []
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        weight = random.integers(-15, 16, (outputs, inputs)).astype(np.int8)
        bias = random.integers(-9, 9, outputs).astype(np.int32)
        layers.append(Layer(f"fc{i}", Affine(weight, bias, 7), neuron(np.full(outputs, 12, np.int32))))
    head = Head("digit", 0, sizes[-1], tuple(map(str, range(sizes[-1]))))
    return Network("small", SpikeFrames(1, 1, sizes[0]), steps, tuple(layers), (head,))


def some_spikes(network, samples=3, density=0.3):
    return np.random.default_rng(1).random((samples, network.steps, network.in_size)) < density


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize("neuron", [SnnDc, SnnCt])
def test_spikes_are_counted_step_by_step(tmp_path, neuron):
    network = spiking(neuron)
    inputs = np.concatenate([some_spikes(network, 1, density) for density in (0.05, 0.3, 0.9)])
    found = count_spikes(network, inputs, tmp_path, plain=True)
    for counts in (found.whole, found.layers, found.plain):
        assert counts.shape == (3, 5)
        assert (np.diff(counts, axis=1) > 0).all()
        assert (np.diff(counts[:, -1]) > 0).all()  # more spikes take more
    assert (found.whole > found.layers).all()
    assert found.plain[2, -1] > 2 * found.plain[0, -1]
    assert found.plain[2, -1] > found.layers[2, -1]


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_what_differs_from_the_reference_is_found(tmp_path, monkeypatch):
    network = spiking()
    inputs = some_spikes(network)
    other = simulate_batch(network, inputs[::-1])
    monkeypatch.setattr(counted, "simulate_batch", lambda *_: other)
    with pytest.raises(ArithmeticError, match="small: sample 0 differs from the reference"):
        count_spikes(network, inputs, tmp_path)


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_a_plain_loop_that_does_other_work_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(counted, "_plain_parts", lambda layer: (layer.connection.weight, layer.connection.bias, -999))
    with pytest.raises(ArithmeticError, match="the plain loop has another number of spikes"):
        count_spikes(spiking(), some_spikes(spiking()), tmp_path, plain=True)


def test_the_plain_loop_has_one_threshold(tmp_path):
    network = spiking()
    layer = replace(network.layers[0], neuron=SnnDc(np.arange(20, dtype=np.int32)))
    with pytest.raises(SpikecError, match="is none that the plain loop can do"):
        counted._write_plain(replace(network, layers=(layer, network.layers[1])), tmp_path)


# ---- the sweep -------------------------------------------------------------------------------------------------------


def test_inputs_have_the_density_that_was_asked_for():
    for density in (0.005, 0.1, 1.0):
        assert (sweep.random_spikes(density, 784).sum(axis=2) == round(density * 784)).all()
    drawn = sweep.random_spikes(0.1, 784)
    assert not np.array_equal(drawn[0, 0], drawn[0, 1])


@pytest.mark.parametrize("neuron", [SnnDc, SnnCt])
def test_thresholds_are_chosen_by_rates(neuron):
    network = spiking(neuron, (100, 80, 60), sweep.STEPS)
    inputs = sweep.random_spikes(0.2, 100)
    found = sweep.with_rates(network, inputs, (0.15, 0.06))
    rates = simulate_batch(found, inputs).layer_spikes.mean(axis=(0, 2)) / (80, 60)
    assert rates == pytest.approx([0.15, 0.06], abs=0.02)
    assert all(len(set(layer.theta.tolist())) == 1 for layer in found.layers)


def test_all_neurons_can_be_made_to_fire_and_none():
    network = spiking(SnnDc, (100, 80), sweep.STEPS)
    inputs = sweep.random_spikes(0.2, 100)
    for rate in (0.0, 1.0):
        assert simulate_batch(sweep.with_rates(network, inputs, (rate,)), inputs).spikes.mean() == rate


@pytest.mark.parametrize(
    ("dense", "wanted"),
    [(50.0, 0.0), (100.0, 0.0), (150.0, 0.05), (200.0, 0.1), (300.0, 0.3), (400.0, 0.5), (401.0, float("inf"))],
)
def test_the_crossover_lies_between_what_was_measured(dense, wanted):
    assert sweep.crossover([0.0, 0.1, 0.5], [100.0, 200.0, 400.0], dense) == pytest.approx(wanted)


def test_crossovers_are_of_one_network_and_number_of_steps():
    rows = [
        {"network": "a", "hidden": hidden, "steps": steps, "density": density, "spikec": 100 * steps * density * more}
        for hidden, more in (("x", 1), ("y", 2))
        for density in (0.1, 1.0)
        for steps in (1, 4)
    ]
    found = sweep.crossovers(rows, {"a": {"packed": 80.0, "two rows": 160.0}})
    key = {(row["hidden"], row["steps"], row["opponent"]): row["density"] for row in found}
    assert key["x", 1, "packed"] == pytest.approx(0.8)
    assert key["x", 4, "packed"] == pytest.approx(0.2)
    assert key["y", 4, "packed"] == 0.0
    assert key["x", 1, "two rows"] == float("inf")
    assert [page.spoken(value) for value in (0.0, 0.125, float("inf"))] == ["dense always", "12.5 %", "spikes always"]


def test_the_swept_networks_are_those_of_the_zoo():
    network, layer = sweep.cases()
    assert (network.name, network.whole, len(network.rates)) == ("784-256-256-10 (SNN-DC)", True, 3)
    assert (layer.name, layer.whole, len(layer.rates)) == ("1156-256 (SNN-CT)", False, 1)


# ---- MNIST -----------------------------------------------------------------------------------------------------------


def test_committed_dense_networks_are_those_that_training_makes():
    from benchmarks.dense import train

    networks = mnist.dense_networks()
    assert {network.name for network in networks} == set(train.SHAPES)
    for network in networks:
        assert "-".join(map(str, network.sizes)) == network.name
        assert all(map(packable, network.layers))


@pytest.mark.real_data
def test_committed_dense_networks_are_as_good_as_the_docs_say(real_data):
    images, labels = read_mnist(real_data, "Test")
    with (ROOT / "docs" / "figures" / "sceptic_mnist.csv").open() as file:
        said = {
            row["network"]: float(row["accuracy"]) for row in csv.DictReader(file) if row["kind"] == "dense, packed"
        }
    for network in mnist.dense_networks():
        inputs = pixels(downsampled(images, 1 if network.sizes[0] == 784 else 2))
        assert 100 * np.mean(network.answers(inputs) == labels) == pytest.approx(said[network.name], abs=1e-3)


def mnist_rows(instructions=40_000.0, accuracy=98.5):
    spikes = {"network": "net", "kind": "spikes", "shape": mnist.SHAPE, "steps": 1, "accuracy": accuracy}
    dense = {"network": mnist.SHAPE, "kind": "dense, packed", "shape": mnist.SHAPE, "steps": 1, "accuracy": 99.2}
    counts = {"least": 1.0, "most": 50.0, "first_layer": 0.9, "macs": 268_800}
    return [
        {**spikes, **counts, "instructions": instructions},
        {**dense, **counts, "instructions": 240_000.0},
        {**dense, **counts, "instructions": 60_000.0, "shape": "784-64-10", "network": "784-64-10", "accuracy": 98.6},
    ]


def test_targets_are_reached_or_not():
    near, best = mnist.targets(mnist_rows())
    assert (near["opponent"], near["times"], near["reached"]) == ("CMSIS-NN, measured earlier", 13.25, True)
    assert (best["opponent"], best["times"], best["reached"]) == ("our best dense kernel", 6.0, True)
    assert [row["reached"] for row in mnist.targets(mnist_rows(50_000.0))] == [True, False]
    assert mnist.targets(mnist_rows(accuracy=97.9)) == []
    measured = [*mnist_rows(), {**mnist_rows()[1], "kind": "dense, CMSIS-NN", "instructions": 520_000.0}]
    assert mnist.targets(measured)[2]["opponent"] == "CMSIS-NN, this run"


def test_the_cheapest_dense_network_that_is_as_good_is_named():
    rows = mnist_rows()
    assert page.cheapest_dense(rows[0], rows) == "784-64-10: 60,000, 1.5 times as many"
    assert page.cheapest_dense({**rows[0], "accuracy": 99.0}, rows) == f"{mnist.SHAPE}: 240,000, 6.0 times as many"
    assert page.cheapest_dense({**rows[0], "instructions": 90_000.0}, rows) == "784-64-10: 60,000, 1.5 times fewer"
    assert page.cheapest_dense({**rows[0], "accuracy": 98.64}, rows).startswith("784-64-10: 60,000")
    assert page.cheapest_dense({**rows[0], "accuracy": 98.66}, rows).startswith(mnist.SHAPE)
    assert page.cheapest_dense({**rows[0], "accuracy": 99.9}, rows) == "none here"


def test_the_best_of_the_dense_networks_make_the_line():
    assert page.front([(3, 8.0), (1, 5.0), (2, 4.0), (5, 8.0), (4, 9.0)]) == [(1, 5.0), (3, 8.0), (4, 9.0)]


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_page_has_a_place_for_every_table(tmp_path):
    text = (ROOT / "docs" / "sceptic.md").read_text()
    marks = re.findall(r"<!-- sceptic: (\w+) -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert {name for name, _ in marks} == {"targets", "dense", "crossovers", "densities", "mnist"}
    assert all(part.strip() for _, part in marks)
    docs = tmp_path / "docs"
    for name in ("figures", "images"):
        (docs / name).mkdir(parents=True)
    (docs / "sceptic.md").write_text(text.replace("<!-- sceptic: mnist -->", ""))
    swept = [
        {"network": "1-2 (SNN-CT)", "hidden": "as in the zoo", "density": density, "steps": steps}
        | {"spikec": 9.0, "spikec_layers": 8.0, "plain": 20.0, "rates": "0.1"}
        for density in (0.1, 1.0)
        for steps in (1, 4, 16)
    ]
    dense = {"1-2 (SNN-CT)": {"two rows": 30.0, "packed": 20.0}}
    rows = mnist_rows()
    results = page.Results(swept, dense, sweep.crossovers(swept, dense), rows, mnist.targets(rows))
    with pytest.raises(SpikecError, match="has no place for the table 'mnist'"):
        page.write_docs(results, docs)
    (docs / "sceptic.md").write_text(text)
    page.write_docs(results, docs)
    written = (docs / "sceptic.md").read_text()
    assert "784-64-10: 60,000, 1.5 times as many" in written
    assert "**6.0** | 5 | reached" in written
    page.write_docs(results, docs)
    assert (docs / "sceptic.md").read_text() == written


# ---- end to end ------------------------------------------------------------------------------------------------------


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_what_is_missing_ends_the_benchmark_with_two(monkeypatch, capsys, tmp_path):
    monkeypatch.delenv("SPIKEC_DATA", raising=False)
    assert sceptic.main([]) == 2
    assert "--data: is missing" in capsys.readouterr().err
    assert sceptic.main(["--data", str(tmp_path), "--cmsis-nn", str(tmp_path / "none")]) == 2
    assert "none: is no folder" in capsys.readouterr().err


@pytest.fixture
def small(monkeypatch, tmp_path):
    """The benchmark over a small network, with images that are made up."""
    kept = [network for network in mnist.dense_networks() if network.name in ("196-16-10", mnist.SHAPE)]
    case = sweep.Case(
        "784-256-256-10 (SNN-DC)", spiking(sizes=(784, 16, 10), steps=sweep.STEPS), (0.1, 0.1), ("as in the zoo",), True
    )
    monkeypatch.setattr(mnist, "NETWORKS", ("mnist-tiny",))
    monkeypatch.setattr(mnist, "dense_networks", lambda: kept)
    monkeypatch.setattr(sweep, "cases", lambda: [case])
    return write_images(tmp_path / "data")


@pytest.mark.slow
@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_the_benchmark_from_end_to_end(small, tmp_path, capsys):
    checkout = write_checkout(tmp_path / "checkout")
    arguments = ["--data", str(small), "--quick", "--cmsis-nn", str(checkout), "--out", str(tmp_path / "out")]
    assert sceptic.main(arguments) == 1  # mnist-tiny is not the network that the targets are about
    out = capsys.readouterr().out
    assert out == (tmp_path / "out" / "tables.md").read_text()
    for words in ("| `mnist-tiny` | 196-64-10 | 4 |", "| 196-16-10 | 3,296 | CMSIS-NN |", "spikes always"):
        assert words in out
    with (tmp_path / "out" / "sceptic_densities.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["density"]) for row in rows[:: sweep.STEPS]] == [0.01, 0.1, 1.0]
    assert {path.name for path in (tmp_path / "out").glob("*.svg")} == {
        f"sceptic_{name}.svg" for name in ("crossover", "dc", "mnist")
    }


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_a_difference_ends_the_benchmark_with_one(small, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(DenseLayer, "forward", lambda self, inputs: np.zeros((len(inputs), len(self.weight)), np.int8))
    assert sceptic.main(["--data", str(small), "--quick", "--out", str(tmp_path / "out")]) == 1
    assert "two rows: outputs are" in capsys.readouterr().err


def test_training_makes_networks_of_bytes(tmp_path, capsys):
    from benchmarks.dense import train

    data = write_images(tmp_path / "data")
    arguments = ["--data", str(data), "--out", str(tmp_path / "made"), "--epochs", "2", "--batch", "10"]
    assert train.main([*arguments, "--shape", "784-12-10", "196-8-10"]) == 0
    assert "784-12-10: " in capsys.readouterr().out
    for shape in ("784-12-10", "196-8-10"):
        network = load_dense(tmp_path / "made" / f"{shape}.npz")
        assert "-".join(map(str, network.sizes)) == shape
    made = (tmp_path / "made" / "784-12-10.npz").read_bytes()
    assert train.main([*arguments, "--shape", "784-12-10", "--keep-better", "--limit", "1", "--epochs", "1"]) == 0
    assert "784-12-10.npz is as good, and stays" in capsys.readouterr().out
    assert (tmp_path / "made" / "784-12-10.npz").read_bytes() == made
    assert train.main(["--data", str(tmp_path / "none"), "--out", str(tmp_path)]) == 2
