"""The estimate made before a build, against what the linker says: never too low, and little too high."""

import subprocess
from itertools import pairwise

import numpy as np
import pytest
from ladder import random_conv_network, random_network

from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import Affine, Conv2d, Head, Layer, MaxPool2d, Network, SnnCt, SnnDc, SpikeFrames
from codegen.passes.footprint import estimate
from codegen.plan import write

CPU = ["-std=c99", "-O2", "-mcpu=cortex-m4", "-mthumb", "-nostdlib", "-ffreestanding"]
LEAN = ["-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]
"""As firmware/platform builds: what is not called is not in it."""
ALLOWED = 4096


def paper_sized():
    random = np.random.default_rng(0)
    sizes = [1156, 256, 256, 12]
    layers = []
    for i, (inputs, size) in enumerate(pairwise(sizes)):
        weight = random.integers(-7, 8, (size, inputs)).astype(np.int8)
        neuron = SnnCt(np.full(size, 20, np.int32))
        layers.append(Layer(f"layer{i}", Affine(weight, np.zeros(size, np.int32), 4), neuron))
    heads = (Head("digit", 0, 12, tuple(map(str, range(12)))),)
    return Network("paper", SpikeFrames(1, 1, 1156), 16, tuple(layers), heads)


def mnist_conv():
    """Convolution, pooling and dense layers for pictures of 28 x 28 (Yin et al. 2017, section III-A)."""
    random = np.random.default_rng(0)

    def weight(*shape):
        return random.integers(-63, 64, shape).astype(np.int8)

    connections = {
        "conv1": Conv2d(weight(12, 5, 5, 1), np.zeros(12, np.int32), 7, 28, 28),
        "pool1": MaxPool2d(24, 24, 12, 2, 2),
        "conv2": Conv2d(weight(64, 5, 5, 12), np.zeros(64, np.int32), 7, 12, 12),
        "pool2": MaxPool2d(8, 8, 64, 2, 2),
        "fc1": Affine(weight(512, 1024), np.zeros(512, np.int32), 7),
        "out": Affine(weight(10, 512), np.zeros(10, np.int32), 7),
    }
    layers = [
        Layer(name, one, None if isinstance(one, MaxPool2d) else SnnDc(np.full(one.out_size, 600, np.int32)))
        for name, one in connections.items()
    ]
    return Network("mnist", SpikeFrames(1, 28, 28), 8, tuple(layers), (Head("digit", 0, 10, tuple("0123456789")),))


def linked(folder):
    """Bytes of flash (code, constants, initial values) and RAM (variables, stack) of the linked firmware."""
    includes = [f"-I{folder / 'src' / part}" for part in ("", "core", "protocol", "hal", "board")]
    script = [f"-L{folder / 'src' / 'board'}", "-T", str(folder / "src" / "board" / "link.ld")]
    files = sorted(map(str, (folder / "src").rglob("*.c")))
    elf = str(folder / "firmware.elf")
    subprocess.run(["arm-none-eabi-gcc", *CPU, *LEAN, *script, *includes, *files, "-lgcc", "-o", elf], check=True)
    done = subprocess.run(["arm-none-eabi-size", "-A", elf], check=True, capture_output=True, text=True)
    size = {line.split()[0]: int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith(".")}
    return size[".text"] + size[".data"], size[".data"] + size[".bss"] + size[".stack"]


MAKE = [
    paper_sized,
    mnist_conv,
    *(lambda seed=seed: random_network(seed) for seed in (3, 8)),
    *(lambda seed=seed: random_conv_network(seed) for seed in (1, 5)),
]


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize("make", MAKE)
def test_estimate_and_linker_agree(make, tmp_path):
    network, board = make(), load_board("mps2_an386")
    write(project_plan(network, board), tmp_path)
    flash, ram = linked(tmp_path)
    need = estimate(network, board)
    assert flash <= need.flash <= flash + ALLOWED
    assert ram <= need.ram <= ram + ALLOWED
