"""The sweeps behind the paper's figures: their charts, their arithmetic, and each of them from end to end, in small."""

import argparse
import csv
import gzip
import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
import torch
from train_helpers import write_bars

from benchmarks.figures import draws, fig2, fig4, fig6, folds, pareto, sweep
from benchmarks.figures.chart import Chart, steps
from benchmarks.figures.frames import Frames
from codegen.ir import SpikecError, save, simulate_batch
from trainer.batches import training_set
from trainer.checkpoint import load_checkpoint
from trainer.convert import convert
from trainer.datasets.images import ImageSet, load_images
from trainer.quantize import quantize, quantize_checkpoint
from trainer.recipe import load_recipe
from trainer.relu import ReluNetwork

MNIST = sweep.ROOT / "recipes" / "mnist_dc_256.toml"


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPIKEC_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def images(tmp_path):
    """MNIST's files, of ten patterns of random pixels, with noise."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    random = np.random.default_rng(0)
    patterns = random.random((10, 28, 28)) < 0.2
    for prefix, count in (("train", 80), ("t10k", 20)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        pictures = (200 * (patterns[labels] ^ (random.random((count, 28, 28)) < 0.02))).astype(np.uint8)
        for kind, array in (("images-idx3", pictures), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (raw / f"{prefix}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))
    return tmp_path / "data"


def network_of(recipe, seed=0):
    torch.manual_seed(seed)
    return quantize(recipe.build(), recipe)


def rows_of(path):
    with path.open() as file:
        return list(csv.DictReader(file))


# ---- charts ----------------------------------------------------------------------------------------------------------


def drawn(chart):
    root = ET.fromstring(chart.svg())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return root, [
        [float(c.get("cx")) for c in g.iter() if c.tag.endswith("circle")] for g in root if g.tag.endswith("g")
    ]


def test_a_chart_is_a_file_of_its_own_that_says_what_it_shows():
    lines = {"one & two": [(1.0, 90.0), (2.0, 95.5)], "three": [(1.0, 80.0)]}
    chart = Chart("Title", "steps", "right (%)", lines, dashed=frozenset({"three"}))
    root, dots = drawn(chart)
    assert root.get("aria-label") == "Title. right (%) by steps: one & two 90 to 95.5; three 80 to 80."
    assert [len(line) for line in dots] == [2, 1]
    tips = [t.text for t in root.iter() if t.tag.endswith("title")]
    assert tips == ["one & two: 90 at 1", "one & two: 95.5 at 2", "three: 80 at 1"]
    assert chart.svg() == chart.svg()


def test_a_logarithmic_axis_gives_each_doubling_the_same_room():
    points = [(float(1 << i), float(i)) for i in range(5)]
    _, [even] = drawn(Chart("T", "x", "y", {"line": points}, x_scale="log"))
    assert np.allclose(np.diff(even), np.diff(even)[0], atol=0.02)
    _, [linear] = drawn(Chart("T", "x", "y", {"line": points}))
    assert np.diff(linear)[-1] > 7 * np.diff(linear)[0]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (94, 99.4), (98.11, 98.14), (0, 12345), (5, 5)])
def test_round_values_lie_within_or_around(low, high):
    around, within = steps(low, high, around=True), steps(low, high)
    assert around[0] <= low
    assert around[-1] >= high
    assert all(low - 1e-6 <= value for value in within)
    assert 2 <= len(around) <= 10


# ---- recipes and measuring -------------------------------------------------------------------------------------------


def test_a_variant_differs_in_what_was_asked_for_alone():
    recipe = sweep.variant(MNIST, "mine", {"train": {"bits": 1, "epochs": 3}, "data": {"limit": 7}})
    plain = load_recipe(MNIST)
    assert (recipe.name, recipe.train.bits, recipe.train.epochs, recipe.data.limit) == ("mine", 1, 3, 7)
    assert replace(recipe.train, bits=plain.train.bits, epochs=plain.train.epochs) == plain.train
    assert (recipe.augment, recipe.network, recipe.encoding) == (plain.augment, plain.network, plain.encoding)


@pytest.mark.parametrize("path", sorted((sweep.ROOT / "recipes").glob("*.toml")), ids=lambda path: path.stem)
def test_every_recipe_survives_being_spelled(path):
    plain = load_recipe(path)
    again = sweep.variant(path, plain.name, {})
    assert replace(again, text=plain.text) == plain


def test_a_variant_of_bad_values_is_told():
    with pytest.raises(SpikecError, match=r"mnist_dc_256\.toml, as mine"):
        sweep.variant(MNIST, "mine", {"train": {"epochs": 0}})


def test_draws_of_images_are_independent_and_measured_alike(images):
    recipe = sweep.variant(MNIST, "mine", {})
    network = network_of(recipe)
    parts = list(sweep.drawn(recipe, images, "Test", draws=3)())
    (spikes, labels), *rest = parts
    assert not rest
    assert spikes.shape == (60, 16, 784)
    assert not np.array_equal(spikes[0], spikes[1])
    assert labels["digit"][:7].tolist() == [0, 0, 0, 1, 1, 1, 2]
    found, batch = sweep.measure(network, iter(parts)), simulate_batch(network, spikes)
    right = batch.answers["digit"] == labels["digit"][:, None]
    assert np.allclose(found.accuracy(), 100 * right.mean(axis=0))
    assert np.allclose(found.operations(), batch.synops.mean(axis=0))


def test_a_limit_stops_measuring(images, monkeypatch):
    monkeypatch.setattr(sweep, "CHUNK", 4)
    recipe = sweep.variant(MNIST, "mine", {})
    assert sweep.measure(network_of(recipe), sweep.drawn(recipe, images, "Test")(), limit=7).samples == 8


def test_what_is_missing_ends_a_sweep_with_two(capsys):
    def main():
        sweep.open_network("no-such-network")

    assert sweep.guarded(main) == 2
    assert "no-such-network" in capsys.readouterr().err


# ---- frame by frame --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [[24], ["5c5", "mp2", "7c3", "mp2", 20], ["4c4s3p1", "6c3s2p2", 9], ["3c2s2", "mp3", "2c1p1"]],
    ids=["dense", "as in the zoo", "stride and padding", "odd pooling"],
)
def test_frames_make_the_spikes_of_the_reference(hidden):
    values = {"network": {"hidden": hidden, "steps": 5}, "train": {"gain": 4.0}}
    network = network_of(sweep.variant(MNIST, "mine", values))
    spikes = np.random.default_rng(1).random((30, 5, 784)) < 0.3
    wanted = simulate_batch(network, spikes).spikes
    assert 0 < wanted.mean() < 1
    assert np.array_equal(Frames(network).run(spikes.reshape(-1, 784)).reshape(wanted.shape), wanted)


def test_frames_hold_membranes_that_16_bits_do_not():
    network = network_of(sweep.variant(MNIST, "mine", {"network": {"hidden": [24], "steps": 5}}))
    first, last = network.layers
    weight = np.full_like(first.connection.weight, 63)
    weight[::2] = -63
    layer = replace(first, connection=replace(first.connection, weight=weight))
    wide = replace(network, layers=(layer, last))
    spikes = np.ones((2, 5, 784), bool)  # 784 * 63 = 49,392: too much for int16.
    fired = Frames(replace(wide, layers=(layer,))).run(spikes.reshape(-1, 784))
    assert fired.any(axis=0).tolist() == [False, True] * 12
    assert np.array_equal(
        Frames(wide).run(spikes.reshape(-1, 784)), simulate_batch(wide, spikes).spikes.reshape(10, -1)
    )


def test_a_draw_is_what_the_reference_makes_of_its_seed(images):
    network = network_of(sweep.variant(MNIST, "mine", {}), seed=3)
    pictures, numbers = load_images(images, "Test"), np.arange(3, 20)
    coded = pictures.fixed_spikes(network.encoding, 40, 7, numbers)
    named = simulate_batch(replace(network, steps=40), coded).answers["digit"]
    wanted = (named == pictures.classes[numbers, None]).sum(axis=0)
    assert np.array_equal(draws.right(network, pictures, numbers, 40, 7), wanted)


def test_draws_from_end_to_end(images, tmp_path, capsys):
    spk = tmp_path / "mine.spk"
    save(network_of(sweep.variant(MNIST, "mine", {})), spk)
    given = ["--data", str(images), "--out", str(tmp_path / "out"), "--network", str(spk), "--steps", "8"]
    assert draws.main([*given, "--draws", "1"]) == 0
    [kept] = (tmp_path / "out" / "draws").iterdir()
    kept.write_text(json.dumps([20] * 8))  # What is measured once is not measured again.
    assert draws.main([*given, "--draws", "2"]) == 0
    rows = rows_of(tmp_path / "out" / "draws_mine.csv")
    assert [(row["draws"], row["steps"], row["highest"]) for row in rows] == [("2", s, "100") for s in "1248"]
    low, mean = float(rows[-1]["lowest"]), float(rows[-1]["accuracy"])
    assert mean == pytest.approx((100 + low) / 2)
    assert "8 steps" in capsys.readouterr().out


def test_loops_that_are_wrong_end_it_with_one(images, tmp_path, capsys, monkeypatch):
    save(network_of(sweep.variant(MNIST, "mine", {})), tmp_path / "mine.spk")
    true = Frames.run
    monkeypatch.setattr(Frames, "run", lambda self, frames: ~true(self, frames))
    given = ["--data", str(images), "--out", str(tmp_path), "--network", str(tmp_path / "mine.spk"), "--draws", "1"]
    assert sweep.guarded(lambda: draws.main([*given, "--steps", "2"])) == 1
    assert "differ from the reference" in capsys.readouterr().err


def test_draws_are_of_images(images):
    network = network_of(load_recipe(sweep.ROOT / "recipes" / "nmnist_ct.toml"))
    with pytest.raises(SpikecError, match="takes events"):
        draws.right(network, load_images(images, "Test"), np.arange(2), 2, 0)


def test_what_is_read_by_membranes_has_no_draws(images):
    network = replace(network_of(sweep.variant(MNIST, "mine", {})), readout="membrane")
    with pytest.raises(SpikecError, match="read by its membranes"):
        draws.right(network, load_images(images, "Test"), np.arange(2), 2, 0)


# ---- fig. 2 ----------------------------------------------------------------------------------------------------------


def test_every_draw_of_a_long_run_counts(images):
    network = network_of(sweep.variant(MNIST, "mine", {}), seed=3)
    found = fig2.direct(network, load_images(images, "Test"), 32)
    pictures = load_images(images, "Test")
    coded = pictures.fixed_spikes(network.encoding, 32, 0, np.arange(20))
    fired = simulate_batch(replace(network, steps=32), coded).spikes
    labels = pictures.labels["digit"]
    assert list(found) == [1, 2, 4, 8, 16, 32]
    for length, accuracy in found.items():
        hits = [
            np.mean(fired[:, start : start + length].sum(axis=1).argmax(axis=1) == labels)
            for start in range(0, 32, length)
        ]
        assert accuracy == pytest.approx(100 * np.mean(hits))


def test_memory_over_steps_cannot_be_cut_into_draws(images):
    recipe = sweep.variant(MNIST, "mine", {"network": {"neuron": "snn_ct"}})
    with pytest.raises(SpikecError, match="has memory"):
        fig2.direct(network_of(recipe), load_images(images, "Test"), 4)


def test_converted_networks_are_read_by_spikes_and_by_sums(images):
    recipe = sweep.variant(MNIST, "mine", {})
    torch.manual_seed(0)
    model, pictures = ReluNetwork(recipe).eval(), load_images(images, "Test")
    stages = convert(model, fig2.pixels(pictures))
    by_spikes, by_sums = fig2.converted(stages, recipe, pictures, 128, draws=2)
    assert by_spikes.shape == by_sums.shape == (128,)
    assert by_spikes[0] == pytest.approx(10)  # Nothing has reached the outputs: all is named 0.
    truth = ImageSet(pictures.images, model(fig2.pixels(pictures)).argmax(dim=1).numpy())
    as_the_ann, _ = fig2.converted(stages, recipe, truth, 256, draws=1)
    assert as_the_ann[-1] > 70
    assert as_the_ann[-1] > as_the_ann[3]


def test_ratios_are_those_of_the_first_step_that_is_as_good():
    converted = {1: 10.0, 2: 60.0, 3: 95.0, 4: 94.0, 5: 97.0}
    rows = fig2.ratios("256", {1: 95.0, 2: 97.0, 4: 99.0}, {"spikes": converted})
    found = [(row["accuracy"], row["direct_steps"], row["converted_steps"], row["ratio"]) for row in rows]
    assert found[:3] == [(95.0, 1, 3, 3.0), (97.0, 2, 5, 2.5), (99.0, 4, None, None)]
    assert found[3:] == [(1.0, 4, 5, 1.25), (0.5, 4, 5, 1.25), (0.2, 4, 5, 1.25), (0.1, 4, 5, 1.25)]
    words = [fig2.told(row, 5) for row in rows]
    assert words[0] == "256, read by spikes: as good as 95.00 % takes 1 steps direct, 3 converted: 3.0 times"
    assert words[2].endswith("as good as 99.00 % takes 4 steps direct; converted, it is not reached in 5")


def test_each_network_is_also_held_to_its_own_last_accuracy():
    converted = {1: 10.0, 2: 96.6, 3: 97.0}
    row = next(r for r in fig2.ratios("256", {1: 98.6, 2: 99.0}, {"sums": converted}) if r["accuracy"] == 0.5)
    assert (row["what"], row["direct_steps"], row["converted_steps"], row["ratio"]) == (fig2.OWN, 1, 2, 2.0)


@pytest.mark.parametrize("given", ["mnist-dc-256", "x/mnist-dc-256.spk", "runs/mnist_dc_256/model.pt", "mnist_dc_256"])
def test_networks_have_one_short_name(given):
    assert fig2.short(given) == "256"


def test_fig2_from_end_to_end(images, tmp_path, capsys):
    spk = tmp_path / "mnist-dc-256.spk"
    save(network_of(sweep.variant(MNIST, "mnist_dc_256", {})), spk)
    given = ["--data", str(images), "--out", str(tmp_path / "out"), "--quick", "--limit", "10", "--network", str(spk)]
    for _ in range(2):
        fig2.main([*given, "--ann", "mnist_dc_256"])
        out, err = capsys.readouterr()
        assert "takes 1 steps direct" in out
    assert "epoch" not in err  # The second time, the ANN is taken from its file.
    rows = rows_of(tmp_path / "out" / "fig2.csv")
    assert {row["way"] for row in rows} == {"direct", "ann", "converted", "converted, read by sums"}
    assert len([row for row in rows if row["way"] == "converted"]) == 64
    assert len(rows_of(tmp_path / "out" / "fig2_ratios.csv")) == 2 * (7 + 4)
    ET.parse(tmp_path / "out" / "fig2.svg")


# ---- fig. 4 ----------------------------------------------------------------------------------------------------------


def test_fig4_from_end_to_end(images, tmp_path):
    write_bars(images)
    recipe = load_recipe(sweep.ROOT / "recipes" / "nmnist_ct.toml")
    network = network_of(recipe)
    save(network, tmp_path / "nmnist.spk")
    given = ["--data", str(images), "--out", str(tmp_path / "out"), "--network", str(tmp_path / "nmnist.spk")]
    fig4.main([*given, "--simulated", "4"])
    rows = rows_of(tmp_path / "out" / "fig4.csv")
    assert [(r["recordings"], r["head"], int(r["samples"])) for r in rows[::16]] == [
        ("real", "digit", 60),
        ("real", "motion", 60),
        ("simulated", "digit", 8),
        ("simulated", "motion", 8),
    ]
    _, real = next(fig4.recordings(network, images, 0))
    batch = simulate_batch(network, real.unpack() > 0)
    wanted = 100 * (batch.answers["motion"] == real.labels["motion"][:, None]).mean(axis=0)
    assert np.allclose([float(row["accuracy"]) for row in rows[16:32]], wanted, atol=1e-3)


def test_fig4_takes_recordings_only(images, tmp_path):
    save(network_of(sweep.variant(MNIST, "mine", {})), tmp_path / "mine.spk")
    with pytest.raises(SpikecError, match="takes images"):
        fig4.main(["--data", str(images), "--out", str(tmp_path), "--network", str(tmp_path / "mine.spk")])


def test_a_limit_takes_samples_of_both_directions(images):
    write_bars(images)
    recipe = load_recipe(sweep.ROOT / "recipes" / "nmnist_ct.toml")
    _, real = next(fig4.recordings(network_of(recipe), images, 0))
    [(spikes, labels)] = fig4.parts(real, 10)
    assert len(spikes) == 10
    assert sorted(labels["motion"].tolist()) == [0] * 5 + [1] * 5


# ---- fig. 6 and the Pareto curve -------------------------------------------------------------------------------------


def test_fig6_from_end_to_end(images, tmp_path, capsys):
    given = ["--data", str(images), "--out", str(tmp_path / "out"), "--epochs", "2", "--bits", "1", "8"]
    fig6.main(given)
    assert "mnist_dc_256_1: epoch 2 of 2" in capsys.readouterr().err
    fig6.main(given)
    assert "epoch" not in capsys.readouterr().err  # Trainings that are complete are not repeated.
    rows = rows_of(tmp_path / "out" / "fig6_mnist_dc_256.csv")
    ways = [(row["way"], row["bits"]) for row in rows]
    assert ways == [("float", "float")] + [(way, bits) for bits in "18" for way in (fig6.AFTER, fig6.AWARE)]
    last = {(row["way"], row["bits"]): float(row["digit_last"]) for row in rows}
    assert last["post-training", "8"] == pytest.approx(last["float", "float"], abs=5)


def test_the_knee_is_the_sparsest_of_what_is_good_enough():
    def row(penalty, digit, synops, test=0.0):
        return {"penalty": penalty, "held_out_digit_last": digit, "held_out_digit_first": 0, "test_digit_last": test,
                "synops_behind": synops}  # fmt: skip

    rows = [row(0.0, 98.0, 100), row(0.1, 97.9, 60), row(0.2, 97.8, 40), row(0.4, 97.7, 20, test=99.0)]
    assert pareto.knee(rows)["penalty"] == 0.2
    both = [entry | {"held_out_motion_last": 100 - 10 * entry["penalty"]} for entry in rows]
    assert pareto.knee(both)["penalty"] == 0.0  # No head may lose more.


def test_the_curve_from_end_to_end(images, tmp_path, capsys):
    given = ["--data", str(images), "--out", str(tmp_path / "out"), "--epochs", "3", "--penalties", "0", "5"]
    pareto.main([*given, "--hold-out", "20"])
    plain, sparse = rows_of(tmp_path / "out" / "pareto_mnist_dc_256.csv")
    assert float(sparse["synops_behind"]) < float(plain["synops_behind"])
    assert sparse["synops_first_layer"] == plain["synops_first_layer"]
    assert float(plain["synops"]) == pytest.approx(float(plain["synops_first_layer"]) + float(plain["synops_behind"]))
    assert "knee: penalty" in capsys.readouterr().out


def test_a_penalty_is_chosen_without_the_test_split(images, tmp_path, capsys):
    given = ["--data", str(images), "--epochs", "1", "--hold-out", "20", "--no-test"]
    pareto.main([*given, "--out", str(tmp_path / "first"), "--penalties", "0"])
    start = tmp_path / "first" / "pareto" / "mnist_dc_256_0" / "model.pt"
    more = ["--start", str(start), "--draws", "3", "--allowed", "100", "--penalties", "0", "0.1"]
    pareto.main([*given, "--out", str(tmp_path / "then"), *more])
    assert "knee: penalty 0.1" in capsys.readouterr().out
    rows = rows_of(tmp_path / "then" / "pareto_mnist_dc_256.csv")
    assert not [key for key in rows[0] if key.startswith("test_")]
    checkpoint = tmp_path / "then" / "pareto" / "mnist_dc_256_0" / "model.pt"
    network, pictures = quantize_checkpoint(checkpoint), load_images(images, "Train")
    held_out = training_set(load_checkpoint(checkpoint).recipe, images).held_out
    hits = [draws.right(network, pictures, held_out, 16, draw)[-1] for draw in range(3)]
    assert float(rows[0]["held_out_digit_last"]) == pytest.approx(100 * sum(hits) / 60, abs=1e-3)


def test_folds_from_end_to_end(images, tmp_path, capsys):
    write_bars(images)
    given = ["--data", str(images), "--out", str(tmp_path / "out"), "--recipe", "nmnist_ct", "--penalty", "0.3"]
    folds.main([*given, "--quick"])
    assert "real_motion" in capsys.readouterr().out
    rows = rows_of(tmp_path / "out" / "folds_nmnist_ct_0_3.csv")
    assert [(row["fold"], row["recordings"], row["penalty"]) for row in rows] == [
        ("0", "30", "0.3"),
        ("1", "30", "0.3"),
    ]
    assert all(0 <= float(row["simulated_digit"]) <= 100 for row in rows)


def test_folds_are_of_real_recordings(images, tmp_path):
    with pytest.raises(SpikecError, match="trains on mnist"):
        folds.main(["--data", str(images), "--out", str(tmp_path), "--recipe", "mnist_dc_256"])


def test_quick_is_the_same_in_small(monkeypatch):
    monkeypatch.setenv("SPIKEC_DATA", "data")
    for module in (fig2, fig6, pareto):
        whole, quick = module.parse([]), module.parse(["--quick"])
        assert isinstance(quick, argparse.Namespace)
        assert quick.epochs < whole.epochs
        assert quick.train_limit == 10000
    assert fig4.parse(["--network", "n", "--quick"]).simulated < fig4.parse(["--network", "n"]).simulated
