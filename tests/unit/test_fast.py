"""Weights in fast memory: whom the user may ask for, whether they fit, and what is generated."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from codegen.backends.c import library_plan, network_files, project_plan
from codegen.board import FastMemory, board_ids, load_board
from codegen.ir import Affine, Conv2d, Head, Layer, MaxPool2d, Network, SnnCt, SpikecError, SpikeFrames
from codegen.passes.fast import fast_layers
from codegen.passes.footprint import check_fit, estimate
from codegen.passes.formats import choose
from codegen.passes.layouts import lay_out

M4, AVR, TCM = load_board("mps2_an386"), load_board("atmega2560"), load_board("mps3_an547")


def dense(*sizes, bits=4, names=None):
    layers = [
        Layer(name, Affine(np.ones((n, m), np.int8), np.zeros(n, np.int32), bits), SnnCt(np.full(n, 3, np.int32)))
        for name, (m, n) in zip(names or [f"fc{i}" for i in range(1, len(sizes))], pairwise(sizes), strict=True)
    ]
    return Network("net", SpikeFrames(1, 1, sizes[0]), 4, tuple(layers), (Head("h", 0, 1, ("x",)),))


def pooled():
    """A convolution, pooling and a dense layer."""
    weight = np.ones((4, 3, 3, 1), np.int8)
    conv = Conv2d(weight, np.zeros(4, np.int32), 4, 6, 6)
    fc = Affine(np.ones((5, 16), np.int8), np.zeros(5, np.int32), 4)
    layers = (
        Layer("conv", conv, SnnCt(np.full(64, 3, np.int32))),
        Layer("pool", MaxPool2d(4, 4, 4, 2, 2), None),
        Layer("fc", fc, SnnCt(np.full(5, 3, np.int32))),
    )
    return Network("net", SpikeFrames(1, 6, 6), 4, layers, (Head("h", 0, 1, ("x",)),))


def weight_bytes(network, name, form):
    layer = next(layer for layer in network.layers if layer.name == name)
    return lay_out(layer, 16, form).tables[0].values.nbytes


# ---- names -----------------------------------------------------------------------------------------------------------


def test_layers_come_in_the_networks_order_and_once():
    assert fast_layers(dense(4, 5, 6), ["fc2", "fc1", "fc2"]) == ("fc1", "fc2")
    assert fast_layers(dense(4, 5, 6), []) == ()


def test_all_means_every_layer_with_weights():
    assert fast_layers(pooled(), ["all"], M4) == ("conv", "fc")


def test_a_layer_may_be_called_all():
    net = dense(4, 5, 6, names=["first", "all"])
    assert fast_layers(net, ["all"]) == ("all",)


def test_every_wrong_name_is_told_with_those_that_are_right():
    with pytest.raises(SpikecError) as caught:
        fast_layers(pooled(), ["fc", "pool", "fc9"], M4)
    first, second = caught.value.problems
    assert first.what == "network 'net' has no layer 'fc9' with weights"
    assert "no layer 'pool' with weights" in second.what
    assert first.hint == "It has conv, fc; 'all' names every one"


def test_a_board_without_fast_memory_names_those_that_have_it():
    with pytest.raises(SpikecError, match=r"--fast: native has no fast memory.*take one of atmega2560, .*mps3_an547"):
        fast_layers(dense(4, 5), ["fc1"], load_board("native"))
    assert fast_layers(dense(4, 5), [], load_board("native")) == ()


def test_every_emulated_chip_says_where_fast_weights_go():
    assert {board_id for board_id in board_ids() if load_board(board_id).fast is None} == {"native"}


# ---- whether they fit ------------------------------------------------------------------------------------------------


def test_weights_in_the_boards_ram_are_counted_in_flash_and_ram():
    net, forms = dense(64, 64, 10), {"fc1": "u7", "fc2": "u7"}
    without, fast = (estimate(net, TCM, forms, fast=names) for names in ((), ("fc1",)))
    assert fast.flash == without.flash
    assert fast.fast == fast.ram - without.ram == weight_bytes(net, "fc1", "u7") == 65 * 64
    assert [layer.fast for layer in fast.layers] == [True, False]


def test_weights_in_memory_of_their_own_leave_the_ram_alone():
    net, forms = dense(64, 64, 10), {"fc1": "u7", "fc2": "u7"}
    without, fast = (estimate(net, M4, forms, fast=names) for names in ((), ("fc1", "fc2")))
    assert (fast.flash, fast.ram) == (without.flash, without.ram)
    assert ("block RAM", 65 * 64 + 65 * 16, 16_384) in fast.compared(M4)


def test_weights_that_are_copied_need_no_pointers_into_flash():
    net, small = dense(64, 64, 10, bits=7), replace(AVR, weights=2000)
    assert not estimate(net, small).fits(small)
    assert estimate(net, small, fast=("fc1",)).fits(small)


def test_what_does_not_fit_names_what_would():
    net = dense(784, 64, 64, 10, bits=7)
    with pytest.raises(SpikecError) as caught:
        check_fit(net, M4, choose(net, M4), fast=("fc1", "fc2", "fc3"))
    (problem,) = caught.value.problems
    assert problem.where == "--fast"
    assert (
        problem.what
        == "55,440 bytes of weights do not fit the 16,384 that mps2_an386 has left for them in its block RAM"
    )
    assert problem.hint == "--fast fc2 --fast fc3 would fit (5,200 bytes)"
    check_fit(net, M4, choose(net, M4), fast=("fc2", "fc3"))


def test_ram_that_is_left_is_what_the_rest_does_not_take():
    net = dense(64, 64, 64, 10, bits=7)
    left = AVR.ram - estimate(net, AVR).ram
    with pytest.raises(SpikecError, match=rf"8,320 bytes .* the {left:,} .* its RAM\. --fast fc1 would fit"):
        check_fit(net, AVR, choose(net, AVR), fast=("fc1", "fc2"))


def test_where_nothing_fits_the_smallest_is_told():
    net = dense(64, 64, 64, 10, bits=8)
    tight = replace(M4, fast=FastMemory("TCM", 1000))
    with pytest.raises(SpikecError, match=r"Leave it out: the smallest, fc3, has 1,040 bytes"):
        check_fit(net, tight, choose(net, tight), fast=("fc1", "fc3"))


def test_a_network_that_is_too_large_in_any_case_is_told_as_ever():
    net = dense(1156, 256, 10, bits=7)
    with pytest.raises(SpikecError, match=r"board microbit: network 'net' needs about .* bytes of flash"):
        check_fit(net, load_board("microbit"), choose(net, load_board("microbit")), fast=("fc2",))


def test_formats_get_smaller_until_weights_fit_fast_memory():
    net = dense(200, 80, 10, bits=4)
    assert choose(net, M4) == {"fc1": "u4", "fc2": "u4"}
    assert choose(net, M4, ("fc1",)) == {"fc1": "u4", "fc2": "u4"}, "16,080 bytes"
    net = dense(210, 80, 10, bits=4)
    assert choose(net, M4, ("fc1",)) == {"fc1": "p4", "fc2": "u4"}
    assert choose(net, M4, ("fc2",)) == {"fc1": "u4", "fc2": "u4"}


def test_on_an_avr_the_fastest_format_in_ram_is_its_own():
    assert choose(dense(64, 64, 10, bits=4), AVR, ("fc1",)) == {"fc1": "p4", "fc2": "p4"}


# ---- what is generated -----------------------------------------------------------------------------------------------


def test_only_named_layers_are_variables_and_call_other_kernels():
    files = network_files(dense(4, 5, 6), fast=("fc2",))
    assert "SPIKEC_WEIGHTS static const uint8_t fc1_weight[" in files["network_tables.h"]
    assert "SPIKEC_ALIGNED SPIKEC_FAST static uint8_t fc2_weight[" in files["network_tables.h"]
    assert "spikec_integrate_u7_i16(fc1_membrane" in files["network.c"]
    assert "spikec_integrate_fast_u7_i16(fc2_membrane" in files["network.c"]


def test_convolutions_too():
    files = network_files(pooled(), fast=("conv",))
    assert "spikec_conv_fast_quads_i16(&conv_conv" in files["network.c"]
    assert "SPIKEC_FAST static int8_t conv_weight[" in files["network_tables.h"]


def test_a_project_takes_the_formats_that_suit_fast_memory():
    net = dense(210, 80, 10, bits=4)
    files = project_plan(net, M4, fast=("fc1",)).files
    assert "spikec_integrate_fast_p4_i16(fc1_membrane" in files["src/network.c"]


def test_a_library_says_how_its_user_names_his_memory():
    plain, fast = library_plan(dense(4, 5)).files, library_plan(dense(4, 5), fast=("fc1",)).files
    assert "SPIKEC_FAST" not in plain["README.md"]
    assert "SPIKEC_FAST" in fast["README.md"]
    assert "fc1" in fast["README.md"]
    assert "SPIKEC_FAST static uint8_t fc1_weight" in fast["src/net_network_tables.h"]
