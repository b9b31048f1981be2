"""Training as a whole: it learns, repeats, goes on where it stopped, and says what is wrong."""

import csv
import shutil

import numpy as np
import pytest
import torch
from train_helpers import SMALL, write_bars

from codegen.ir import SpikecError, simulate_batch
from codegen.ir.recordings import encode_recordings, find_recordings
from trainer.batches import load_split, training_set
from trainer.checkpoint import load_checkpoint
from trainer.model import drop
from trainer.quantize import quantize_checkpoint
from trainer.recipe import parse_recipe
from trainer.train import CHECKPOINT, LOG, accuracy, train


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPIKEC_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    return write_bars(tmp_path_factory.mktemp("bars"))


def recipe_with(*changes, quick=False):
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_recipe(text, "small.toml", quick=quick)


def rows(folder):
    """Read the log without the times."""
    with (folder / LOG).open() as stream:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(stream)]


def assert_equal_states(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        if isinstance(value, dict):
            assert_equal_states(value, other[name])
        else:
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(other[name])), name


def assert_equal_checkpoints(one, other):
    one, other = load_checkpoint(one), load_checkpoint(other)
    assert one.epoch == other.epoch
    assert_equal_states(one.model, other.model)
    assert_equal_states(one.optimiser["state"], other.optimiser["state"])
    assert torch.equal(one.random, other.random)


# ---- learning --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["snn_ct", "snn_dc"])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_a_tiny_problem_is_learned_and_survives_quantization(bars, tmp_path, kind, bits):
    longer = [("epochs = 3", "epochs = 40"), ("shift = 1", "shift = 0"), ("hidden = [16]", "hidden = [64]")]
    longer += [("5e-3", "1e-2"), ("gain = 2.0", "gain = 1.0"), ("epochs = 40", "epochs = 40\nquantize_from = 20")]
    recipe = recipe_with(*longer, ("bits = 4", f"bits = {bits}"), ('"snn_ct"', f'"{kind}"'))
    result = train(recipe, tmp_path, data=bars)
    assert result.metrics["test_digit"] >= 0.9
    network = quantize_checkpoint(result.checkpoint)
    recordings = find_recordings(bars, "Test")
    batch = simulate_batch(network, encode_recordings(recordings, network.encoding, network.steps))
    labels = np.array([recording.label for recording in recordings])
    measured = np.mean(batch.answers["digit"][:, -1] == labels)
    assert measured == pytest.approx(result.metrics["test_digit"])  # What was trained is what is deployed.


def test_anytime_accuracy_is_the_reference_s_after_every_step(bars, tmp_path):
    recipe = recipe_with(('"nmnist"', '"nmnist"\nreverse = true'))
    result = train(recipe, tmp_path, data=bars)
    network = quantize_checkpoint(result.checkpoint)
    samples = load_split(recipe, bars, "Test")
    spikes = samples.fixed(np.arange(len(samples))).dense().transpose(0, 1).numpy().astype(bool)
    answers = simulate_batch(network, spikes).answers
    model = recipe.build()
    model.load_state_dict(load_checkpoint(result.checkpoint).model)
    curves = accuracy(model, recipe, samples)
    assert set(curves) == {"digit", "motion"}
    for head, curve in curves.items():
        assert curve == pytest.approx((answers[head] == samples.labels[head][:, None]).mean(axis=0).tolist())


def test_float_first_then_quantized(bars, tmp_path):
    recipe = recipe_with(("bits = 4", "bits = 4\nquantize_from = 2"))
    stops = []

    def stop(done, *_):
        stops.append(done)
        if done == 1:
            shutil.copy(tmp_path / CHECKPOINT, tmp_path / "float.pt")

    result = train(recipe, tmp_path, data=bars, progress=stop)
    assert stops == [1, 2, 3]
    assert load_checkpoint(tmp_path / "float.pt").model["layers.0.theta"].unique().tolist() == [1.0]
    early = quantize_checkpoint(tmp_path / "float.pt")  # A checkpoint without a grid gets one.
    late = quantize_checkpoint(result.checkpoint)
    for network in (early, late):
        assert all(layer.connection.bits == 4 and layer.neuron.theta.min() > 1 for layer in network.layers)
        assert all(np.count_nonzero(layer.connection.weight) > 0 for layer in network.layers)


def test_a_model_of_floats_is_quantized_to_eight_bits_unless_told(bars, tmp_path):
    result = train(recipe_with(("bits = 4", "bits = 0")), tmp_path, data=bars)
    assert [layer.connection.bits for layer in quantize_checkpoint(result.checkpoint).layers] == [8, 8]
    assert [layer.connection.bits for layer in quantize_checkpoint(result.checkpoint, 3).layers] == [3, 3]


# ---- repeating and going on ------------------------------------------------------------------------------------------


def test_equal_seeds_equal_bits(bars, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(recipe_with(("per_output", f"seed = {seed}\nper_output")), tmp_path / name, data=bars)
        torch.rand(7)  # What happened before must not matter.
    assert_equal_checkpoints(tmp_path / "a" / CHECKPOINT, tmp_path / "b" / CHECKPOINT)
    assert rows(tmp_path / "a") == rows(tmp_path / "b")
    assert rows(tmp_path / "a") != rows(tmp_path / "c")


@pytest.mark.parametrize("start", [0, 2])
def test_resuming_ends_where_an_uninterrupted_run_ends(bars, tmp_path, start):
    recipe = recipe_with(("epochs = 3", "epochs = 4"), ("bits = 4", f"bits = 4\nquantize_from = {start}"))
    train(recipe, tmp_path / "whole", data=bars)

    def interrupt(done, *_):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, tmp_path / "parts", data=bars, progress=interrupt)
    assert load_checkpoint(tmp_path / "parts" / CHECKPOINT).epoch == 2
    torch.rand(7)
    result = train(recipe, tmp_path / "parts", data=bars, resume=True)
    assert_equal_checkpoints(tmp_path / "whole" / CHECKPOINT, tmp_path / "parts" / CHECKPOINT)
    assert rows(tmp_path / "whole") == rows(tmp_path / "parts")
    assert [row["epoch"] for row in rows(tmp_path / "parts")] == ["1", "2", "3", "4"]
    again = train(recipe, tmp_path / "parts", data=bars, resume=True)  # Nothing is left to do.
    assert again.metrics == result.metrics


def test_training_anew_puts_the_earlier_one_aside(bars, tmp_path):
    train(recipe_with(quick=True), tmp_path, data=bars)
    before = (tmp_path / CHECKPOINT).read_bytes()
    train(recipe_with(("shift = 1", "shift = 0"), quick=True), tmp_path, data=bars)
    assert (tmp_path / "model.old.pt").read_bytes() == before
    assert (tmp_path / CHECKPOINT).read_bytes() != before
    assert (tmp_path / "training.old.csv").exists()


def test_another_recipe_is_not_resumed(bars, tmp_path):
    train(recipe_with(quick=True), tmp_path, data=bars)
    before = (tmp_path / CHECKPOINT).read_bytes()
    with pytest.raises(SpikecError, match="another recipe"):
        train(recipe_with(("batch = 16", "batch = 8")), tmp_path, data=bars, resume=True)
    assert (tmp_path / CHECKPOINT).read_bytes() == before


# ---- checkpoints and errors ------------------------------------------------------------------------------------------


def test_checkpoints_that_are_none(bars, tmp_path):
    result = train(recipe_with(quick=True), tmp_path / "run", data=bars)
    whole = result.checkpoint.read_bytes()
    damaged = {"empty": b"", "text": b"hello\n", "cut": whole[: len(whole) // 2], "head": whole[:100]}
    for name, content in damaged.items():
        path = tmp_path / f"{name}.pt"
        path.write_bytes(content)
        with pytest.raises(SpikecError, match=r"is not a (whole )?checkpoint"):
            load_checkpoint(path)
    for path, said in ((tmp_path / "none.pt", "does not exist"), (tmp_path, "not a whole checkpoint")):
        with pytest.raises(SpikecError, match=said):
            load_checkpoint(path)
    torch.save({"weights": torch.zeros(3)}, tmp_path / "foreign.pt")
    with pytest.raises(SpikecError, match="not a checkpoint of spikec"):
        load_checkpoint(tmp_path / "foreign.pt")
    torch.save({"format": "spikec-checkpoint", "version": 99}, tmp_path / "newer.pt")
    with pytest.raises(SpikecError, match="format version 99"):
        load_checkpoint(tmp_path / "newer.pt")


class Harmful:
    """What a pickle may carry: a call, run by a careless loader."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_loading_a_checkpoint_runs_nothing(tmp_path):
    torch.save({"format": "spikec-checkpoint", "x": Harmful(tmp_path / "was_here")}, tmp_path / "bad.pt")
    with pytest.raises(SpikecError, match="not a whole checkpoint"):
        load_checkpoint(tmp_path / "bad.pt")
    assert not (tmp_path / "was_here").exists()


def test_errors_before_anything_is_trained(bars, tmp_path):
    with pytest.raises(SpikecError, match="--data"):
        train(recipe_with(), tmp_path / "a", data=None)
    with pytest.raises(SpikecError, match="--device"):
        train(recipe_with(), tmp_path / "b", data=bars, device="abacus")
    with pytest.raises(SpikecError, match="does not exist"):
        train(recipe_with(), tmp_path / "c", data=tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(SpikecError, match="cannot be written"):
        train(recipe_with(), tmp_path / "file", data=bars)


# ---- batches ---------------------------------------------------------------------------------------------------------


def test_what_is_held_out_is_not_trained_on(bars):
    recipe = recipe_with(('"nmnist"', '"nmnist"\nreverse = true\nhold_out = 12\nfold = 2'))
    found = training_set(recipe, bars)
    assert len(found.samples) == 120
    assert len(found.held_out) == 24
    assert sorted([*found.always, *found.held_out]) == list(range(120))
    assert set(found.held_out % 60) == set(found.held_out[:12])  # A recording's two directions stay together.
    folds = [training_set(recipe_with(('"nmnist"', f'"nmnist"\nhold_out = 12\nfold = {k}')), bars) for k in range(5)]
    assert sorted(np.concatenate([fold.held_out for fold in folds])) == list(range(60))
    with pytest.raises(SpikecError, match="fold 5 of 12 cannot be held out of 60"):
        training_set(recipe_with(('"nmnist"', '"nmnist"\nhold_out = 12\nfold = 5')), bars)


def test_held_out_samples_are_measured_every_epoch_and_the_test_split_once(bars, tmp_path):
    train(recipe_with(('"nmnist"', '"nmnist"\nhold_out = 12')), tmp_path, data=bars)
    log = rows(tmp_path)
    assert all(row["valid_digit"] for row in log)
    assert [bool(row["test_digit"]) for row in log] == [False, False, True]


def test_starting_from_another_model(bars, tmp_path):
    train(recipe_with(), tmp_path / "one", data=bars)
    slow = recipe_with(("learning_rate = 5e-3", "learning_rate = 1e-9"), quick=True)
    result = train(slow, tmp_path / "two", data=bars, start=tmp_path / "one" / CHECKPOINT)
    one, two = (
        load_checkpoint(path).model["layers.0.weight"] for path in (tmp_path / "one" / CHECKPOINT, result.checkpoint)
    )
    assert torch.allclose(one, two, atol=1e-6)
    other = recipe_with(("hidden = [16]", "hidden = [17]"))
    with pytest.raises(SpikecError, match=r"differ: .*16-10 and .*17-10"):
        train(other, tmp_path / "three", data=bars, start=tmp_path / "one" / CHECKPOINT)


@pytest.mark.parametrize("kind", ["snn_ct", "snn_dc"])
def test_convolutions_learn_and_survive_quantization(bars, tmp_path, kind):
    changes = [("hidden = [16]", 'hidden = ["6c3", "mp2", 64]'), ("epochs = 3", "epochs = 60"), ("5e-3", "1e-2")]
    changes += [("dropout_input = 0.1", ""), ("dropout_hidden = 0.1", 'schedule = "cosine"')]
    changes += [("shift = 1", "shift = 0"), ('"snn_ct"', f'"{kind}"'), ("gain = 2.0", 'gain = 2.0\nloss = "membrane"')]
    recipe = recipe_with(*changes, ("downsample = 4", 'downsample = 4\npolarity = "both"'))
    result = train(recipe, tmp_path, data=bars)
    assert result.metrics["test_digit"] >= 0.8
    network = quantize_checkpoint(result.checkpoint)
    assert [layer.name for layer in network.layers] == ["conv1", "pool1", "fc1", "fc2"]
    recordings = find_recordings(bars, "Test")
    batch = simulate_batch(network, encode_recordings(recordings, network.encoding, network.steps))
    labels = np.array([recording.label for recording in recordings])
    assert np.mean(batch.answers["digit"][:, -1] == labels) == pytest.approx(result.metrics["test_digit"])


def test_a_penalty_makes_fewer_synaptic_operations(bars, tmp_path):
    longer = (("epochs = 3", "epochs = 20"), ("hidden = [16]", "hidden = [32, 32]"))
    free = train(recipe_with(*longer), tmp_path / "free", data=bars)
    thrifty = train(recipe_with(*longer, ("gain = 2.0", "gain = 2.0\npenalty = 20")), tmp_path / "thrifty", data=bars)
    assert thrifty.metrics["activity"] < free.metrics["activity"] / 2


def test_dropout_silences_whole_samples_neurons_and_keeps_the_mean():
    torch.manual_seed(0)
    out = drop(torch.ones(5, 200, 300), 0.25)
    assert sorted(out.unique().tolist()) == pytest.approx([0, 4 / 3])
    assert torch.equal(out, out[:1].expand_as(out))
    assert float(out.mean()) == pytest.approx(1, abs=0.02)


def test_limit_spreads_over_the_whole_set(bars, tmp_path):
    result = train(recipe_with(('"nmnist"', '"nmnist"\nlimit = 20'), quick=True), tmp_path, data=bars)
    assert result.metrics["loss"] > 0
    with pytest.raises(SpikecError, match="limit"):
        recipe_with(('"nmnist"', '"nmnist"\nlimit = -5'))
