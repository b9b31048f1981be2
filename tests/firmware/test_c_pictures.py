"""Convolution, firing and pooling in the shapes that their kernels treat apart, against the reference."""

import numpy as np
import pytest
from ladder import Sample, arm_rung, compare, host_rung, in_batches

from codegen.ir import Affine, Conv2d, Head, Layer, MaxPool2d, Network, SnnCt, SnnDc, SpikeFrames, find_problems
from codegen.passes.widths import prove_width

SANITIZE = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
STEPS = 4


def samples(random, size, row):
    """All silent; all spiking; sparse; and rows of the picture that are silent among others that are not."""
    rows = np.zeros((STEPS, size), bool)
    for step in range(STEPS):
        rows[step, step * row : (step + 1) * row] = random.random(row) < 0.5
    sparse = random.random((STEPS, size)) < 0.05
    return [Sample(spikes) for spikes in (np.zeros((STEPS, size), bool), np.ones((STEPS, size), bool), sparse, rows)]


def network(name, encoding, layers):
    found = Network(name, encoding, STEPS, tuple(layers), (Head("class", 0, 1, ("a",)),))
    assert not find_problems(found)
    return found


def conv_case(number, channels, kernel, stride, padding, bits, wide, neuron=SnnCt, inputs=5, extreme=False):
    """One convolution of a picture of 9 x 11; `wide`: with membranes of 32 bits."""
    random = np.random.default_rng([number, 17])
    limit = 2 ** (bits - 1) - 1
    if not wide:
        limit = min(limit, 30_000 // (kernel**2 * inputs * STEPS))
    weight = random.integers(-limit, limit + 1, (channels, kernel, kernel, inputs)).astype(np.int8)
    if extreme:
        weight[:] = np.where(np.arange(channels) % 2 == 0, limit, -limit)[:, None, None, None]
    bias = random.integers(-9, 10, channels).astype(np.int32)
    if wide:
        bias[-1] = -40_000  # The other channels spike as they did.
    conv = Conv2d(weight, bias, bits, 9, 11, stride, padding)
    layer = Layer("layer", conv, neuron(np.full(conv.out_size, 90, np.int32)))
    assert prove_width(layer, STEPS).bits == (32 if wide else 16)
    encoding = SpikeFrames(inputs, 9, 11)
    return network(f"conv{number}", encoding, [layer]), samples(random, encoding.size, 11 * inputs)


def conv_cases():
    """Runs of every length up to 16 quads, of one turn of the routines' loop and of more; one, few and many inputs."""
    shapes = [
        *((channels, 1, 1, 0) for channels in range(4, 68, 4)),
        *((channels, 5, 1, 0) for channels in (4, 12, 16, 20, 24, 28, 36, 52)),
        *((channels, 5, 2, 2) for channels in (4, 8, 12, 16, 32)),
        *((channels, 3, 3, 1) for channels in (4, 12, 20)),
        *((channels, 2, 3, 0) for channels in (4, 16)),
        *((channels, 3, 1, 1) for channels in (1, 3, 5, 6)),
    ]
    cases = []
    for shape in shapes:
        for wide in (False, True):
            inputs, neuron = (1, 2, 5, 12, 35)[len(cases) % 5], (SnnCt, SnnDc)[len(cases) % 3 == 2]
            bits, extreme = (7, 8, 4)[len(cases) % 4 % 3], len(cases) % 7 == 0
            cases.append(conv_case(len(cases), *shape, bits, wide, neuron, inputs, extreme and inputs < 5))
    return cases


def pool_case(number, channels, rows, columns, kernel, stride):
    """Pooling of the input; a dense layer behind shows what it says."""
    random = np.random.default_rng([number, 19])
    pooling = MaxPool2d(rows, columns, channels, kernel, stride)
    weight = random.integers(-7, 8, (3, pooling.out_size)).astype(np.int8)
    dense = Layer("dense", Affine(weight, np.zeros(3, np.int32), 4), SnnDc(np.zeros(3, np.int32)))
    encoding = SpikeFrames(channels, rows, columns)
    layers = [Layer("pool", pooling, None), dense]
    return network(f"pool{number}", encoding, layers), samples(random, encoding.size, columns * channels)


def pool_cases():
    """Rows of whole words and others; pixels of less than a word, of whole words, and neither."""
    channels = (1, 2, 3, 4, 8, 12, 16, 17, 20, 31, 32, 33, 40, 64, 96)
    windows = ((2, 2), (2, 1), (3, 2), (3, 3), (2, 3))
    shapes = [(each, 7, columns) for each in channels for columns in (5, 8, 32 if each < 9 else 16)]
    return [pool_case(i, *shape, *windows[i % len(windows)]) for i, shape in enumerate(shapes)]


@pytest.fixture(scope="module", params=[conv_cases, pool_cases], ids=["conv", "pool"])
def cases(request):
    return request.param()


def test_this_computer_with_sanitizers(cases, tmp_path):
    assert compare(cases, host_rung(tmp_path, SANITIZE)(cases)) == []


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize("board_id", ["mps2_an386", "mps3_an547"], ids=["m4-dsp", "m55-mve"])
def test_emulated_arm(cases, tmp_path, board_id):
    rung = in_batches(lambda target: arm_rung(target, ("-O2",), board_id), tmp_path, weights=100_000)
    assert compare(cases, rung(cases)) == []
