"""How weights are stored on a board: what is chosen, and what a file of ``spikec tune`` may say."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from codegen.board import load_board
from codegen.ir import Affine, Conv2d, Head, Layer, Network, SnnCt, SpikecError, SpikeFrames
from codegen.passes import lower
from codegen.passes.footprint import estimate
from codegen.passes.formats import choose, choose_by
from codegen.passes.layouts import formats
from codegen.tuning import Measured, Storage, Tuning, read_tuning

M4 = load_board("mps2_an386")


def network(bits=4, sizes=(64, 64, 10)):
    layers = [
        Layer(
            f"fc{i}",
            Affine(np.ones((size, n), np.int8), np.zeros(size, np.int32), bits),
            SnnCt(np.ones(size, np.int32)),
        )
        for i, (n, size) in enumerate(pairwise(sizes), 1)
    ]
    return Network("net", SpikeFrames(1, 1, sizes[0]), 4, tuple(layers), (Head("h", 0, 1, ("x",)),))


def with_flash(network, forms):
    """A board that has just the flash for these formats."""
    return replace(M4, flash=estimate(network, M4, forms).flash)


@pytest.mark.parametrize(
    ("bits", "known"),
    [(8, "u8"), (7, "u7 u8"), (5, "u7 u8"), (4, "u7 u8 u4 p4"), (3, "u7 u8 u4 p4"), (2, "u7 u8 u4 p4 p2")],
)
def test_formats_are_those_that_hold_the_weights(bits, known):
    assert formats(network(bits).layers[0]) == tuple(known.split())


def test_the_fastest_format_depends_on_the_core():
    assert choose(network(4), M4) == {"fc1": "u4", "fc2": "u4"}
    assert choose(network(7), M4) == {"fc1": "u7", "fc2": "u7"}
    assert choose(network(4), load_board("microbit")) == {"fc1": "u4", "fc2": "u4"}
    assert choose(network(2), load_board("microbit")) == {"fc1": "p2", "fc2": "p2"}
    assert choose(network(2), M4) == {"fc1": "u4", "fc2": "u4"}


@pytest.mark.parametrize(
    ("board", "channels", "form"),
    [("mps2_an386", 64, "s8"), ("mps2_an385", 12, "u7"), ("virt_rv32", 32, "s8"), ("virt_rv32", 64, "u7")],
)
def test_convolution_goes_by_words_where_that_is_faster(board, channels, form):
    connection = Conv2d(np.ones((channels, 3, 3, 1), np.int8), np.zeros(channels, np.int32), 7, 6, 6)
    layer = Layer("conv", connection, SnnCt(np.ones(connection.out_size, np.int32)))
    net = Network("net", SpikeFrames(1, 6, 6), 1, (layer,), (Head("h", 0, 1, ("x",)),))
    assert choose(net, load_board(board)) == {"conv": form}


def test_where_flash_is_short_the_layer_that_pays_least_for_a_byte_is_packed_first():
    net = network(4)
    assert choose(net, with_flash(net, {"fc1": "u4", "fc2": "u4"})) == {"fc1": "u4", "fc2": "u4"}
    short = choose(net, with_flash(net, {"fc1": "u4", "fc2": "p4"}))
    assert short == {"fc1": "u4", "fc2": "p4"}
    assert choose(network(2), with_flash(network(2), {"fc1": "p2", "fc2": "p2"})) == {"fc1": "p2", "fc2": "p2"}


def test_what_fits_in_no_way_gets_the_smallest():
    assert choose(network(4), replace(M4, flash=100)) == {"fc1": "p4", "fc2": "p4"}


def test_a_format_of_unknown_cost_is_not_chosen():
    costs = {("fc1", "u8"): 1.0, ("fc1", "p4"): 2.0}
    assert choose_by(network(4), M4, lambda layer, form: costs.get((layer.name, form))) == {"fc1": "u8", "fc2": "u7"}


@pytest.mark.parametrize("form", ["u7", "u8", "u4", "p4", "p2"])
def test_bytes_of_a_table(form):
    (weight, *_) = lower(network(2), {"fc1": form}).layers[0].layout.tables
    assert weight.values.nbytes == 65 * 64 // {"p4": 2, "p2": 4}.get(form, 1)


@pytest.fixture
def tuned(tmp_path):
    """A file for the network."""
    net = network(4)
    found = {"fc1": "p4", "fc2": "u8"}
    rows = (Measured("fc1", "p4", 12.5, 2080),)
    path = tmp_path / "folder" / "net.tuning.json"
    Tuning("mps2_an386", net.name, net.digest, found, (), "instructions", "a counter", 3, rows).save(path)
    return path


def test_a_tuning_comes_back_as_it_was_saved(tuned):
    assert read_tuning(tuned, network(4), M4) == Storage({"fc1": "p4", "fc2": "u8"}, ())


def edited(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": "other"}, "schema: is 'other', this spikec reads 'spikec-tuning-1'"),
        ({"digest": "0" * 64}, "digest: is 000000000000, network 'net' has"),
        ({"board": "microbit"}, "board: is 'microbit', not 'mps2_an386'. Tune for this board"),
        ({"formats": {"fc1": "u4"}}, "formats.fc2: is ''; these weights can be u7, u8, u4, p4"),
        ({"formats": {"fc1": "p2", "fc2": "u4"}}, "formats.fc1: is 'p2'; these weights can be"),
        ({"formats": [1]}, "is not a file of 'spikec tune'"),
    ],
)
def test_a_tuning_that_does_not_suit_is_refused(tuned, changes, said):
    with pytest.raises(SpikecError, match=said.replace(".", r"\.")):
        read_tuning(edited(tuned, **changes), network(4), M4)


def test_all_that_is_wrong_with_a_tuning_is_said_at_once(tuned):
    with pytest.raises(SpikecError) as caught:
        read_tuning(edited(tuned, board="microbit", digest="x"), network(4), M4)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}"])
def test_no_tuning_at_all(tmp_path, text):
    path = tmp_path / "none.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SpikecError, match="spikec tune"):
        read_tuning(path, network(4), M4)
