"""Every recipe that ships, from its data to an integer network: the --quick version, on a handful of samples."""

import numpy as np
import pytest
from train_helpers import write_bars, write_images

from codegen.ir import check, simulate_batch
from codegen.resources import folder
from trainer import batches
from trainer.quantize import quantize_checkpoint
from trainer.recipe import parse_recipe
from trainer.train import train

SHIPPED = sorted(folder("recipes").glob("*.toml"))
STARTS = {"nmnist_ct_256": "nmnist_ct_simulated"}
"""Recipes that fine-tune another's model."""
FEW = 40


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Images and recordings of all kinds; the simulated camera looks at those behind image ``FEW``."""
    root = tmp_path_factory.mktemp("data")
    for name in ("MNIST", "FashionMNIST"):
        write_images(root, counts=(2 * FEW, FEW), name=name)
    return write_bars(root, train=4, test=1)


def short(name):
    """The quick recipe, on fewer samples still."""
    text = (folder("recipes") / f"{name}.toml").read_text(encoding="utf-8")
    recipe = parse_recipe(text, name, quick=True)
    assert recipe.quick
    text = text.split("[quick", 1)[0] + f"[quick.data]\nlimit = {FEW}\n[quick.train]\nepochs = {recipe.train.epochs}\n"
    return parse_recipe(text.replace("simulated = 2400", "simulated = 30"), name, quick=True)


@pytest.mark.parametrize("name", [path.stem for path in SHIPPED])
def test_quick_versions_train_and_quantize(name, data, tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(batches, "REAL_IMAGES", FEW)
    start = None
    if name in STARTS:
        start = train(short(STARTS[name]), tmp_path / "start", data=data).checkpoint
    recipe = short(name)
    result = train(recipe, tmp_path / "run", data=data, start=start)
    assert np.isfinite(list(result.metrics.values())).all()
    network = check(quantize_checkpoint(result.checkpoint))
    answers = simulate_batch(network, np.ones((2, network.steps, network.in_size), np.bool_)).answers
    assert set(answers) == {head.name for head in recipe.heads}
