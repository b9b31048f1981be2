"""One test for every message of validation: the place, the value, the way out."""

from dataclasses import replace

import numpy as np
import pytest

from codegen.ir import (
    Affine,
    EventBinning,
    Head,
    Layer,
    Network,
    SnnCt,
    SnnDc,
    SpikecError,
    SpikeFrames,
    check,
    find_problems,
)


def layer(name="hidden", inputs=4, size=3, bits=4, neuron=SnnCt, **changes):
    fields = {"weight": np.zeros((size, inputs), np.int8), "bias": np.zeros(size, np.int32), "bits": bits} | changes
    return Layer(name, Affine(**fields), neuron(np.ones(size, np.int32)))


def network(**changes):
    head = Head("digit", 0, 3, ("a", "b", "c"))
    return replace(Network("net", EventBinning(2, 2), 4, (layer(),), (head,)), **changes)


def only_problem(bad):
    problems = find_problems(bad)
    assert len(problems) == 1, problems
    return str(problems[0])


def test_a_sound_network_is_returned():
    sound = network()
    assert find_problems(sound) == []
    assert check(sound) is sound


@pytest.mark.parametrize(
    "name", ["", "9lives", "Upper", "with-dash", "int", "main", "input", "output", "a" * 32, "naïve", "a\n"]
)
def test_names_that_cannot_be_c(name):
    assert "cannot be used. Names go into generated code" in only_problem(network(name=name))


def test_longest_name():
    assert find_problems(network(name="a" * 31)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps: 0 steps. Use 1 to 65535"),
        ({"steps": 65_536, "encoding": SpikeFrames(1, 1, 4)}, "steps: 65536 steps. Use 1 to 65535"),
        ({"readout": "loudest"}, "readout: 'loudest' is unknown. Known: count, first_spike, membrane"),
        ({"layers": ()}, "layers: the network has no layers. Give it at least one"),
        ({"heads": ()}, "heads: the network gives no answer. Add a head over its output neurons"),
        ({"encoding": EventBinning(2, 2, polarity="up")},
         "encoding.polarity: 'up' is unknown. Known: on, off, both, merged"),
        ({"encoding": EventBinning(0, 2)}, "encoding.width: is 0. Use 1 to 16384"),
        ({"encoding": EventBinning(2, 16_385)}, "encoding.height: is 16385. Use 1 to 16384"),
        ({"encoding": EventBinning(2, 2, downsample=0)}, "encoding.downsample: is 0. Use 1 to 1024"),
        ({"encoding": EventBinning(2, 2, bin_us=0)}, "encoding.bin_us: is 0. Use 1 to 2147483647"),
        ({"encoding": EventBinning(2, 2, start_us=-1)}, "encoding.start_us: is -1. Use 0 to 2147483647"),
        (
            {"encoding": EventBinning(2, 2, start_us=2**31 - 4, bin_us=1)},
            "encoding: the window ends at 2147483648 us. Times go up to 2147483647 us",
        ),
        ({"encoding": SpikeFrames(1, 1, 0)}, "encoding: has 0 inputs. Use 1 to 65535"),
        ({"encoding": SpikeFrames(1, 256, 256)}, "encoding: has 65536 inputs. Use 1 to 65535"),
        ({"encoding": EventBinning(3, 2)}, "layer hidden: takes 4 spikes but the input has 6. Make the sizes equal"),
        ({"heads": (Head("d", 0, 3, ("a",)),)}, "head d: has 1 labels for 3 classes. Give one label a class"),
        ({"heads": (Head("d", 2, 2, ()),)}, "head d: covers outputs 2 to 2. The network has outputs 0 to 3"),
        ({"heads": (Head("d", 1, 4, ("a",) * 3),)}, "head d: covers outputs 1 to 4. The network has outputs 0 to 3"),
        ({"heads": (Head("d", -1, 1, ("a",) * 2),)}, "head d: covers outputs -1 to 1. The network has outputs 0 to 3"),
        ({"heads": (Head("d", 0, 1, ("a",)),) * 2}, "head d: 2 heads have this name. Give each its own"),
        ({"layers": (layer(), layer(inputs=3))}, "layer hidden: 2 layers have this name. Give each its own"),
        (
            {"layers": (layer(), layer("out", inputs=5))},
            "layer out: takes 5 spikes but layer hidden has 3. Make the sizes equal",
        ),
        (
            {"layers": (layer(bits=9),)},
            "layer hidden: weights of 9 bits are not supported. Use 2 to 8",
        ),
        ({"layers": (layer(bits=1),)}, "layer hidden: weights of 1 bits are not supported. Use 2 to 8"),
        (
            {"layers": (layer(weight=np.full((3, 4), -8, np.int8)),)},
            "layer hidden: weight[0, 0] = -8 does not fit 4 signed bits (12 such weights). "
            "Symmetric 4-bit weights go from -7 to 7",
        ),
        (
            {"layers": (layer(bits=8, weight=np.full((3, 4), -128, np.int8)),)},
            "layer hidden: weight[0, 0] = -128 does not fit 8 signed bits (12 such weights). "
            "Symmetric 8-bit weights go from -127 to 127",
        ),
        (
            {"layers": (layer(bias=np.zeros(2, np.int32)),)},
            "layer hidden: weight has shape (3, 4) and bias (2,). They must be (out, in) and (out,), neither empty",
        ),
        (
            {"layers": (layer(weight=np.zeros((3, 0), np.int8)),)},
            "layer hidden: weight has shape (3, 0) and bias (3,). They must be (out, in) and (out,), neither empty",
        ),
        (
            {"layers": (Layer("hidden", layer().connection, SnnDc(np.zeros(2, np.int32))),)},
            "layer hidden: 3 outputs but thresholds of shape (2,). Give one threshold for each output",
        ),
        (
            {"layers": (layer(bias=np.array([0, 0, 2**30], np.int32)),)},
            "layer hidden: neuron 2's membrane can reach 0 to 4294967293, beyond 32 bits. "
            "Use fewer than 4 steps, smaller biases or a threshold nearer to zero",
        ),
    ],
)  # fmt: skip
def test_message(changes, message):
    assert only_problem(network(**changes)) == message


def test_too_many_neurons():
    wide = layer("wide", size=65_536)
    assert "layer wide: 65536 neurons. Use at most 65535" in only_problem(network(layers=(wide,)))


def test_all_problems_at_once():
    bad = network(name="Bad", steps=0, readout="x", encoding=EventBinning(0, 0), layers=(layer("no-good", bits=1),))
    with pytest.raises(SpikecError) as caught:
        check(bad)
    text = str(caught.value)
    assert len(caught.value.problems) == 7
    for part in ("Bad", "0 steps", "'x' is unknown", "width", "height", "no-good"):
        assert part in text


def test_problem_without_place_or_hint_is_plain():
    from codegen.ir import Problem

    assert str(Problem("", "broken")) == "broken"
    assert str(Problem("here", "broken")) == "here: broken"
