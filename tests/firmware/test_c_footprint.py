"""The estimate made before a build, against what the linker says: never too low, and little too high."""

import subprocess
from itertools import pairwise

import numpy as np
import pytest
from ladder import random_network

from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import Affine, Head, Layer, Network, SnnCt, SpikeFrames
from codegen.passes.footprint import estimate
from codegen.plan import write

CPU = ["-std=c99", "-O2", "-mcpu=cortex-m4", "-mthumb", "-nostdlib", "-ffreestanding"]
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


def linked(folder):
    """Bytes of flash (code, constants, initial values) and RAM (variables, stack) of the linked firmware."""
    includes = [f"-I{folder / 'src' / part}" for part in ("", "core", "protocol", "hal", "board")]
    script = ["-T", str(folder / "src" / "board" / "link.ld")]
    files = sorted(map(str, (folder / "src").rglob("*.c")))
    elf = str(folder / "firmware.elf")
    subprocess.run(["arm-none-eabi-gcc", *CPU, *script, *includes, *files, "-lgcc", "-o", elf], check=True)
    done = subprocess.run(["arm-none-eabi-size", "-A", elf], check=True, capture_output=True, text=True)
    size = {line.split()[0]: int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith(".")}
    return size[".text"] + size[".data"], size[".data"] + size[".bss"] + size[".stack"]


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize("make", [paper_sized, lambda: random_network(3), lambda: random_network(8)])
def test_estimate_and_linker_agree(make, tmp_path):
    network, board = make(), load_board("mps2_an386")
    write(project_plan(network, board), tmp_path)
    flash, ram = linked(tmp_path)
    need = estimate(network, board)
    assert flash <= need.flash <= flash + ALLOWED
    assert ram <= need.ram <= ram + ALLOWED
