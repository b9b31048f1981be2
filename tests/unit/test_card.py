"""From a checkpoint to a network with its card: every figure is held to what 'spikec eval' and torch say alone."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from train_helpers import SMALL, write_bars, write_images

from codegen import zoo
from codegen.card import load_card
from codegen.ir import load
from codegen.resources import folder
from hostctl.cli import carding
from hostctl.evaluate import evaluate
from trainer.batches import load_split
from trainer.card import float_model
from trainer.checkpoint import load_checkpoint
from trainer.origin import DATA_SETS, Words, recipe_file, training_facts, training_words
from trainer.recipe import DATA_KINDS, parse_recipe
from trainer.train import accuracy, train

FRAMES = """
name = "pictures"
[data]
kind = "mnist"
limit = 20
[network]
neuron = "snn_dc"
hidden = [24]
steps = 4
[train]
epochs = 4
batch = 8
learning_rate = 5e-3
rate = 1.0
bits = 4
seed = 3
"""
BOTH_WAYS = SMALL.replace('kind = "nmnist"', 'kind = "nmnist"\nreverse = true')


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    return write_bars(tmp_path_factory.mktemp("bars"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory, images, bars):
    """Checkpoints, by name: of images, of recordings, of recordings both ways, and of images in floats."""
    root = tmp_path_factory.mktemp("trained")
    recipes = {
        "frames": (FRAMES, images),
        "events": (SMALL, bars),
        "motion": (BOTH_WAYS, bars),
        "floats": (FRAMES.replace("bits = 4", "bits = 0").replace("pictures", "in_floats"), images),
        "more_steps": (FRAMES.replace("steps = 4", "steps = 5"), images),
    }
    return {
        name: train(parse_recipe(text, name), root / name, data=data).checkpoint
        for name, (text, data) in recipes.items()
    }


def made(spikec, checkpoint, data, *more, name="some-net"):
    """Make a card, and return network and card."""
    status, _, err = spikec("card", checkpoint, "--data", data, "-o", name, *more)
    assert status == 0, err
    return load(f"{name}.spk"), load_card(Path(f"{name}.json"))


# ---- the figures -----------------------------------------------------------------------------------------------------


def test_accuracy_and_activity_are_those_of_spikec_eval(spikec, trained, images):
    network, card = made(spikec, trained["frames"], images, "--draws", "3")
    runs = [evaluate(network, images, seed=seed) for seed in range(3)]
    curves = np.array([one["accuracy"]["digit"] for one in runs])
    test = card.tests[0]
    assert np.allclose(test["heads"]["digit"]["quantized"], curves.mean(axis=0), atol=1e-6)
    assert np.allclose(test["heads"]["digit"]["quantized_std"], curves.std(axis=0, ddof=1), atol=1e-6)
    assert curves.std(axis=0).any(), "the draws must differ, else this shows nothing"
    for layer, size in (("fc1", 24), ("fc2", 10)):
        synops = np.mean([one["synops"][layer] for one in runs])
        rate = np.mean([one["spikes"][layer] for one in runs]) / size
        assert test["synops"][layer] == pytest.approx(synops, abs=0.06)
        assert test["rates"][layer] == pytest.approx(rate, abs=1e-6)
    assert test["input_rate"] == pytest.approx(test["synops"]["fc1"] / (24 * 4 * 784), abs=1e-5)


def test_the_float_column_is_torch_s(spikec, trained, images):
    _, card = made(spikec, trained["frames"], images, "--draws", "1")
    recipe = load_checkpoint(trained["frames"]).recipe
    curve = accuracy(float_model(trained["frames"]).model, recipe, load_split(recipe, images, "Test"))["digit"]
    assert np.allclose(card.tests[0]["heads"]["digit"]["float"], curve, atol=1e-6)
    assert "the same weights before they are rounded" in card.float_model


def test_the_float_model_computes_with_weights_that_are_not_rounded(trained):
    weights = load_checkpoint(trained["frames"]).model
    layers = float_model(trained["frames"]).model.layers
    assert len(layers) == 2
    for i, layer in enumerate(layers):
        grid = layer.parameters_on_grid()
        assert np.array_equal(grid.weight.detach(), weights[f"layers.{i}.weight"])
        assert np.array_equal(grid.theta, np.ones(len(grid.theta)))


def test_a_float_model_of_its_own(spikec, trained, images):
    _, mine = made(spikec, trained["frames"], images, "--draws", "2")
    _, card = made(spikec, trained["frames"], images, "--draws", "2", "--float", trained["floats"], name="other")
    curves = card.tests[0]["heads"]["digit"]
    recipe = load_checkpoint(trained["floats"]).recipe
    alone = accuracy(float_model(trained["floats"]).model, recipe, load_split(recipe, images, "Test"))["digit"]
    _, one = made(spikec, trained["frames"], images, "--draws", "1", "--float", trained["floats"], name="one")
    assert np.allclose(one.tests[0]["heads"]["digit"]["float"], alone, atol=1e-6)
    assert curves["quantized"] == mine.tests[0]["heads"]["digit"]["quantized"]
    assert card.float_model == "a model of its own ('in_floats'), trained and run in float32"


def test_a_float_model_of_another_task_is_refused(spikec, trained, images):
    status, _, err = spikec("card", trained["frames"], "-d", images, "-o", "x", "--float", trained["more_steps"])
    assert status == 2
    assert "steps: is 5, not 4" in err


def test_recordings_are_measured_once_and_both_ways(spikec, trained, bars):
    network, card = made(spikec, trained["motion"], bars, "--draws", "7")
    test, told = card.tests[0], evaluate(network, bars)
    assert (test["samples"], test["draws"]) == (60, 1)
    assert test["what"] == "N-MNIST test, 30 recordings, each forwards and backwards"
    for head in ("digit", "motion"):
        assert np.allclose(test["heads"][head]["quantized"], told["accuracy"][head], atol=1e-6)
        assert test["heads"][head]["quantized_std"] is None
    assert card.data["trained_on"] == "N-MNIST train, 60 recordings"


def test_coding_without_random_numbers_is_measured_once(spikec, images, tmp_path):
    recipe = FRAMES.replace("[train]", '[encoding]\ncoding = "threshold"\n[train]')
    checkpoint = train(parse_recipe(recipe, "thresholds"), tmp_path / "run", data=images).checkpoint
    network, card = made(spikec, checkpoint, images, "--draws", "7")
    test = card.tests[0]
    assert test["what"] == "MNIST test, 23 images, threshold coding without random numbers"
    assert (test["draws"], test["heads"]["digit"]["quantized_std"]) == (1, None)
    told = [evaluate(network, images, seed=seed)["accuracy"]["digit"] for seed in range(2)]
    assert told[0] == told[1]
    assert np.allclose(test["heads"]["digit"]["quantized"], told[0], atol=1e-6)
    assert card.network["encoding"]["coding"] == "threshold"


def test_small_parts_make_the_same_card(spikec, trained, images, monkeypatch):
    _, whole = made(spikec, trained["frames"], images, "--draws", "2")
    monkeypatch.setattr("hostctl.cli.sample_set.PART_SAMPLES", 4)
    _, parts = made(spikec, trained["frames"], images, "--draws", "2", name="parts")
    assert parts.tests == whole.tests


def test_the_probe_can_be_repeated(spikec, trained, images, monkeypatch):
    monkeypatch.setattr(carding, "PROBE", 15)
    network, card = made(spikec, trained["frames"], images, "--draws", "2")
    probe = card.tests[0]["probe"]
    told = evaluate(network, images, limit=15)["accuracy"]["digit"]
    assert probe["samples"] == 15
    assert probe["right"]["digit"] == [round(15 * value) for value in told]
    again = made(spikec, trained["frames"], images, "--draws", "1", "--limit", "15", name="again")[1]
    assert again.tests[0]["probe"] == probe | {"right": again.tests[0]["probe"]["right"]}


# ---- what the card says beside them ----------------------------------------------------------------------------------


def test_the_card_says_what_was_tested_and_where_it_comes_from(spikec, trained, images):
    network, card = made(spikec, trained["frames"], images, "--draws", "2", "--notes", "A note.", name="mnist-dc")
    assert card.name == "mnist-dc"
    assert network.name == card.network["name"] == "mnist_dc"
    assert network.annotations["dataset"] == card.data["set"] == "MNIST"
    assert card.tests[0]["what"] == "MNIST test, 23 images, 2 Bernoulli draws"
    assert card.data["trained_on"] == "MNIST train, 30 images, limited to 20 samples"
    assert card.data["licence"] == "CC BY-SA 3.0"
    assert (card.licence, card.notes, card.task) == ("MIT", "A note.", "reads handwritten digits")
    assert zoo.find_problems(Path()) == []


def test_fashion_is_not_taken_for_mnist(spikec, tmp_path, images):
    """Both sets lie in one folder, in the same format."""
    recipe = FRAMES.replace('kind = "mnist"', 'kind = "fashion-mnist"')
    both = write_images(tmp_path / "both", counts=(30, 9), seed=4, name="FashionMNIST")
    (both / "MNIST").symlink_to(images / "MNIST")
    checkpoint = train(parse_recipe(recipe, "fashion"), tmp_path / "run", data=both).checkpoint
    network, card = made(spikec, checkpoint, both, "--draws", "1")
    assert card.tests[0]["what"] == "Fashion-MNIST test, 9 images, 1 Bernoulli draw"
    assert card.data["trained_on"] == "Fashion-MNIST train, 30 images, limited to 20 samples"
    assert (card.data["set"], card.data["licence"]) == ("FashionMNIST", "MIT")
    told = evaluate(network, both / "FashionMNIST")["accuracy"]["class"]
    assert np.allclose(card.tests[0]["heads"]["class"]["quantized"], told, atol=1e-6)


def test_the_embedded_digits_need_no_folder(spikec, tmp_path, bars, monkeypatch):
    recipe = parse_recipe(SMALL.replace('kind = "nmnist"', 'kind = "digits"'), "digits")
    checkpoint = train(recipe, tmp_path / "run", data=bars).checkpoint
    monkeypatch.setattr(carding, "digits_folder", lambda _: bars)
    status, out, err = spikec("card", checkpoint, "-o", "some-net")
    assert status == 0, err
    assert "embedded digits test, 30 recordings" in out
    assert "E. Alpaydin" in out


def test_a_limit_is_written_down(spikec, trained, images, bars):
    _, card = made(spikec, trained["frames"], images, "--draws", "1", "--limit", "7")
    assert card.tests[0]["what"] == "MNIST test, the first 7 of 23 images, 1 Bernoulli draw"
    assert card.tests[0]["samples"] == 7
    _, card = made(spikec, trained["motion"], bars, "--limit", "7", name="limited")
    assert card.tests[0]["what"] == "N-MNIST test, the first 7 of 60 samples"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('kind = "nmnist"', "N-MNIST train, 60 recordings"),
        ('kind = "nmnist"\nhold_out = 10', "N-MNIST train, 60 recordings, 10 of them held out"),
        (
            'kind = "nmnist"\nsimulated = 5000',
            "N-MNIST train, 60 recordings, and 5,000 simulated ones in every epoch",
        ),
        ('kind = "nmnist-simulated"', "MNIST train from image 701 on, seen by the simulated camera"),
    ],
)
def test_what_a_recipe_trains_on_in_words(bars, table, words):
    recipe = parse_recipe(SMALL.replace('kind = "nmnist"', table), "x")
    assert training_words(recipe, bars) == words
    assert recipe.data.kind in DATA_SETS


def test_every_kind_of_data_has_its_source():
    assert DATA_SETS.keys() == set(DATA_KINDS)


def test_simulated_recordings_are_not_passed_off_as_real(spikec, trained, bars, tmp_path):
    simulated = tmp_path / "simulated"
    shutil.copytree(bars / "Test", simulated / "Test")
    (simulated / "Test" / "manifest.json").write_text("{}")
    _, card = made(spikec, trained["events"], bars, "--also", simulated)
    assert [test["what"] for test in card.tests] == [
        "N-MNIST test, 30 recordings",
        "simulated N-MNIST test, 30 recordings",
    ]


def test_further_test_sets_and_words(spikec, trained, images, tmp_path):
    other = write_images(tmp_path / "other", counts=(1, 11), seed=5)
    words = ("--test-set", "one test", "--test-set", "other test", "--trained-on", "a mix", "--machine", "a big one")
    _, card = made(spikec, trained["frames"], images, "--also", other, "--draws", "1", *words, "--command", "c 1")
    assert [test["what"] for test in card.tests] == [
        "one test, 23 images, 1 Bernoulli draw",
        "other test, 11 images, 1 Bernoulli draw",
    ]
    assert card.tests[0]["probe"] != card.tests[1]["probe"]
    assert (card.data["trained_on"], card.training["machine"]) == ("a mix", "a big one")
    assert card.training["commands"] == ["c 1"]
    status, _, err = spikec("card", trained["frames"], "-d", images, "-o", "y", "--test-set", "a", "--test-set", "b")
    assert status == 2
    assert "--test-set: is given 2 times for 1 folders" in err


def test_another_width(spikec, trained, images):
    network, card = made(spikec, trained["frames"], images, "--draws", "1", "--bits", "3")
    assert card.network["bits"] == [3]
    assert {layer.connection.fields()["bits"] for layer in network.layers} == {3}


def test_training_is_told_from_checkpoint_and_log(trained):
    facts = training_facts(trained["frames"], Words())
    log = trained["frames"].with_name("training.csv").read_text().splitlines()
    seconds = sum(float(line.split(",")[log[0].split(",").index("seconds")]) for line in log[1:])
    assert facts["seconds"] == pytest.approx(seconds, abs=0.06)
    assert (facts["epochs"], facts["seed"], facts["quick"]) == (4, 3, False)
    assert facts["recipe"] is None
    assert facts["recipe_text"] == FRAMES
    assert facts["commands"] == ["spikec train pictures.toml --data DATA"]
    assert {"spikec", "torch", "numpy"} == facts["made_with"].keys()


def test_a_training_without_its_log(trained, tmp_path):
    (tmp_path / "model.pt").write_bytes(trained["frames"].read_bytes())
    assert training_facts(tmp_path / "model.pt", Words())["seconds"] is None


def test_recipes_of_ours_are_known_by_their_text():
    for path in sorted(folder("recipes").glob("*.toml")):
        assert recipe_file(path.read_text()) == f"recipes/{path.name}"
    assert recipe_file(path.read_text() + "\n# edited\n") is None


# ---- what is refused, and what is left alone -------------------------------------------------------------------------


def test_a_network_that_is_there_is_replaced_only_when_asked(spikec, trained, images, tmp_path):
    made(spikec, trained["frames"], images, "--draws", "1")
    before = (tmp_path / "some-net.spk").read_bytes()
    status, _, err = spikec("card", trained["frames"], "-d", images, "-o", "some-net.spk", "--bits", "2")
    assert status == 2
    assert "is there already. Give --force to replace it" in err
    assert (tmp_path / "some-net.spk").read_bytes() == before
    made(spikec, trained["frames"], images, "--draws", "1", "--bits", "2", "--force")
    assert (tmp_path / "some-net.spk").read_bytes() != before


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("-o", "some_net", "-d", "nowhere"), "the name 'some_net' cannot be used"),
        (("-o", "x", "-d", "nowhere"), "nowhere: does not exist"),
        (("-o", "x"), "--data: is missing, and the test set is MNIST"),
    ],
)
def test_what_cannot_be_measured_leaves_nothing(spikec, trained, tmp_path, more, told):
    status, _, err = spikec("card", trained["frames"], *more)
    assert status == 2
    assert told in err
    assert list(tmp_path.iterdir()) == []


def test_the_answer_in_json(spikec, trained, images):
    status, out, _ = spikec("card", trained["frames"], "-d", images, "-o", "z/some-net", "--draws", "1", "--json")
    result = json.loads(out)["result"]
    assert status == 0
    assert result["path"] == "z/some-net.spk"
    assert result["card"]["network"]["digest"] == load("z/some-net.spk").digest
