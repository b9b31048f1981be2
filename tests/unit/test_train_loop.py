"""Training as a whole: it learns, repeats, goes on where it stopped, and says what is wrong."""

import csv
import shutil

import numpy as np
import pytest
import torch
from train_helpers import SMALL, write_bars

from codegen.ir import SpikecError, simulate_batch
from codegen.ir.recordings import encode_recordings, find_recordings
from trainer.batches import load_split, shifted
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
    longer += [("5e-3", "1e-2"), ("gain = 2.0", "gain = 1.0"), ("shift = 0", "quantize_from = 20")]
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
    spikes = samples.spikes(np.arange(len(samples)), fresh=False).dense().transpose(0, 1).numpy().astype(bool)
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


def test_shift_moves_pictures_and_lets_silence_in():
    torch.manual_seed(0)
    spikes = torch.zeros(40, 2, 25, dtype=torch.uint8)
    spikes[:, :, 12] = 1  # The middle of 5 x 5.
    moved = shifted(spikes, (5, 5, 1), 1)
    assert moved.sum(dim=(1, 2)).unique().tolist() == [2]  # Nothing lost, nothing new, the same move in all steps.
    places = moved[:, 0].argmax(dim=1)
    assert torch.equal(places, moved[:, 1].argmax(dim=1))
    assert set(places.tolist()) == {6, 7, 8, 11, 12, 13, 16, 17, 18}


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
