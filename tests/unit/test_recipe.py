"""Recipes: those that ship, and everything that can be wrong with one, said at once."""

import pytest
from train_helpers import SMALL

from codegen.ir import EventBinning, SpikecError, SpikeFrames
from codegen.resources import folder
from trainer.recipe import load_recipe, parse_recipe

SHIPPED = sorted(folder("recipes").glob("*.toml"))


def problems_of(text):
    with pytest.raises(SpikecError) as caught:
        parse_recipe(text, "x.toml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("quick", [False, True])
def test_recipes_that_ship_are_sound(path, quick):
    recipe = load_recipe(path, quick=quick)
    assert recipe.name == path.stem
    model = recipe.build()
    assert model.synapses()[-1].weight.shape[0] == recipe.heads[-1].stop
    assert recipe.text.startswith("#")  # Each begins with words for its reader.


def test_the_recipes_that_the_readme_names_ship():
    assert {path.stem for path in SHIPPED} >= {"digits_ct", "nmnist_ct", "nmnist_ct_digits", "mnist_dc_256"}


def test_shapes_of_the_paper():
    shapes = {}
    for name in ("nmnist_ct", "mnist_dc_256"):
        recipe = load_recipe(folder("recipes") / f"{name}.toml")
        shapes[name] = [recipe.encoding.size, *recipe.network.hidden, recipe.heads[-1].stop]
    assert shapes == {"nmnist_ct": [1156, 256, 256, 12], "mnist_dc_256": [784, 256, 256, 10]}


def test_what_is_read():
    recipe = parse_recipe(SMALL, "x.toml")
    assert recipe.encoding == EventBinning(bin_us=1000, downsample=4)
    assert (recipe.network.steps, recipe.network.hidden, recipe.train.bits) == (6, [16], 4)
    assert [head.name for head in recipe.heads] == ["digit"]
    assert (recipe.train.epochs, parse_recipe(SMALL, "x.toml", quick=True).train.epochs) == (3, 1)


def test_reverse_adds_a_head():
    recipe = parse_recipe(SMALL.replace('"nmnist"', '"nmnist"\nreverse = true'), "x.toml")
    assert [(head.name, head.start, head.stop) for head in recipe.heads] == [("digit", 0, 10), ("motion", 10, 12)]


def test_images_have_their_own_encoding_and_names():
    text = SMALL.replace('"nmnist"', '"fashion-mnist"').replace("downsample = 4\nbin_us = 1000\n", "")
    recipe = parse_recipe(text, "x.toml")
    assert recipe.encoding == SpikeFrames(1, 28, 28)
    assert "sneaker" in recipe.heads[0].labels
    coded = parse_recipe(text.replace("[encoding]", '[encoding]\ncoding = "threshold"\ndownsample = 3'), "x.toml")
    assert coded.encoding == SpikeFrames(1, 10, 10, "threshold", 3)
    with pytest.raises(SpikecError, match="no direction of time"):
        parse_recipe(text.replace("[network]", "reverse = true\n[network]"), "x.toml")


def test_all_problems_are_said_at_once():
    text = SMALL.replace("epochs = 3", 'epoch = 3\nepochs = "many"').replace("hidden = [16]", "hiden = [16]")
    text = text.replace('kind = "nmnist"', "").replace("downsample = 4", "downsample = 2.5")
    found = "\n".join(problems_of(text))
    for piece in (
        "'epoch' is unknown. Did you mean 'epochs'?",
        "'epochs' is 'many'",
        "'hiden' is unknown. Did you mean",
    ):
        assert piece in found
    for piece in ("'hidden' is missing", "'kind' is missing", "'downsample' is 2.5"):
        assert piece in found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("epochs = 3", "epochs = 0", "[train] epochs: is 0"),
        ("epochs = 3", "epochs = true", "'epochs' is True"),
        ("batch = 16", "batch = 0", "[train] batch"),
        ("batch = 16", "learning_rat = 1", "Did you mean 'learning_rate'?"),
        ("learning_rate = 5e-3", "learning_rate = nan", "'learning_rate' is nan"),
        ("learning_rate = 5e-3", "learning_rate = -1", "[train] learning_rate"),
        ("batch = 16", "decay = 1.5", "[train] decay"),
        ("batch = 16", "rate = 0", "[train] rate"),
        ("batch = 16", "seed = -1", "[train] seed"),
        ("batch = 16", "quantize_from = -1", "[train] quantize_from"),
        ("gain = 2.0", "gain = 0", "[train] gain"),
        ("dropout_input = 0.1", "dropout_input = 1.0", "[train] dropout_input"),
        ("dropout_hidden = 0.1", "dropout_hidden = -0.1", "[train] dropout_hidden"),
        ("shift = 1", "shift = -1", "[augment] shift"),
        ("bits = 4", "bits = 9", "Use 1 to 8, or 0"),
        ("bits = 4", "bits = -1", "[train] bits: is -1"),
        ('"snn_ct"', '"snn_xx"', "snn_ct, snn_dc"),
        ("hidden = [16]", "hidden = [16, 0]", "[network] hidden"),
        ("hidden = [16]", "hidden = [1.5]", "whole numbers"),
        ("hidden = [16]", 'hidden = ["12x5"]', "'12x5' is no layer"),
        ("hidden = [16]", 'hidden = ["12c5", 16, "mp2"]', "no rows and columns"),
        ("hidden = [16]", 'hidden = ["12c10"]', "leaves nothing of an input of 9x9"),
        ("hidden = [16]", 'hidden = ["1000c1"]', "a layer of 81000 neurons"),
        ("shift = 1", "zoom = 1.0", "[augment] zoom"),
        ("shift = 1", "rotate = 200", "[augment] rotate"),
        ("shift = 1", "sheer = 0.1", "Did you mean 'shear'?"),
        ("batch = 16", 'loss = "count"', "one of: spikes, membrane"),
        ("batch = 16", "penalty = -1", "[train] penalty"),
        ("batch = 16", "steps = 3", "the network's own steps"),
        ('"nmnist"', '"nmnist-simulated"\nsimulated = 5', "Only recordings of kind nmnist"),
        ("steps = 6", "steps = 0", "[network] steps"),
        ("steps = 6", "steps = 70000", "70000 steps"),
        ("downsample = 4", "downsample = 0", "[encoding] downsample"),
        ("downsample = 4", "width = 0", "[encoding] sensor"),
        ("downsample = 4", 'polarity = "up"', "one of: on, off, both, merged"),
        ("bin_us = 1000", "bin_us = 0", "encoding.bin_us"),
        ('"nmnist"', '"imagenet"', "digits, nmnist, nmnist-simulated, mnist, fashion-mnist"),
        ('"nmnist"', '"mnist"', "[encoding]: 'bin_us' is unknown. Known: coding, downsample"),
        ('"nmnist"', '"nmnist"\nlimit = -1', "[data] limit"),
        ('name = "small"', "name = 3", "has no name"),
        ('name = "small"', 'name = "No Name"', "'No Name' cannot be used"),
        ('name = "small"', 'name = "small"\nencoder = 1', "Did you mean 'encoding'?"),
        ("[quick.train]", "[quick.network]", "'network' is unknown"),
        ("[quick.train]\nepochs = 1", "[quick]\ntrain = 1", "Make it a table: [train]"),
        ("[train]", "train = 3\n[other]", "'other' is unknown"),
    ],
)
def test_each_problem(old, new, said):
    assert SMALL.count(old) >= 1
    assert said in "\n".join(problems_of(SMALL.replace(old, new, 1)))


def test_tables_that_are_none():
    text = 'name = "x"\ndata = 3\nnetwork = []\ntrain = "fast"\nencoding = 1\nquick = 2\n'
    found = "\n".join(problems_of(text))
    for name in ("data", "network", "train", "encoding", "quick"):
        assert f"Make it a table: [{name}]" in found


def test_files_that_are_no_recipes(tmp_path):
    with pytest.raises(SpikecError, match="cannot be read"):
        load_recipe(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpikecError, match="cannot be read"):
        load_recipe(tmp_path / "bytes.toml")
    assert "is no TOML" in problems_of("name = ")[0]
