"""Networks and programs for the device tests: the generated project, compiled with every check that gcc has."""

import os
import shutil
import subprocess

import numpy as np
import pytest

from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import (
    Affine,
    Conv2d,
    EventBinning,
    Head,
    Layer,
    MaxPool2d,
    Network,
    SnnCt,
    SnnDc,
    SpikeFrames,
    make_events,
)
from codegen.plan import write

WARNED = ["-std=c99", "-O1", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
CHECKED = [*WARNED, "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
CHECKED_FOR_RACES = [*WARNED, "-fsanitize=thread", "-pthread", "-DSPIKEC_CORES=2"]


def _layer(rng, name, inputs, outputs, *, neuron=SnnCt, bias=3, theta=15):
    weight = rng.integers(-7, 8, (outputs, inputs)).astype(np.int8)
    biases = rng.integers(-bias, bias + 1, outputs).astype(np.int32)
    return Layer(name, Affine(weight, biases, 4), neuron(np.full(outputs, theta, np.int32)))


def event_network():
    """9 x 7 pixels of both polarities, 6 steps, two layers, two heads; membranes of 16 bits."""
    rng = np.random.default_rng(5)
    encoding = EventBinning(width=9, height=7, polarity="both", start_us=500, bin_us=1000)
    layers = (_layer(rng, "hidden", encoding.size, 40), _layer(rng, "last", 40, 11, neuron=SnnDc, theta=4))
    heads = (Head("digit", 0, 9, tuple("abcdefghi")), Head("motion", 9, 11, ("left", "right")))
    return Network("events_net", encoding, 6, layers, heads)


def frame_network():
    """19 inputs that come as frames, 5 steps, more outputs than a frame can trace; membranes of 32 bits."""
    rng = np.random.default_rng(6)
    layers = (_layer(rng, "first", 19, 30), _layer(rng, "wide", 30, 700, bias=90_000, theta=100_000))
    return Network("frames_net", SpikeFrames(columns=19), 5, layers, (Head("all", 0, 700, ("x",) * 700),), "membrane")


def conv_network():
    """9 x 7 pixels of both polarities, 4 steps: two convolutions (channels in fours, and not), pooling between them."""
    rng = np.random.default_rng(7)
    encoding = EventBinning(width=9, height=7, polarity="both", start_us=500, bin_us=1000)
    first = Conv2d(rng.integers(-7, 8, (8, 3, 3, 2)).astype(np.int8), rng.integers(-3, 4, 8).astype(np.int32), 4, 7, 9)
    pool = MaxPool2d(5, 7, 8, 2, 2)
    weight, bias = rng.integers(-7, 8, (5, 2, 2, 8)).astype(np.int8), rng.integers(-3, 4, 5).astype(np.int32)
    second = Conv2d(weight, bias, 4, 2, 3, stride=1, padding=1)
    layers = (
        Layer("conv1", first, SnnCt(np.full(first.out_size, 20, np.int32))),
        Layer("pool1", pool, None),
        Layer("conv2", second, SnnDc(np.full(second.out_size, 8, np.int32))),
    )
    return Network("conv_net", encoding, 4, layers, (Head("all", 0, 60, tuple(map(str, range(60)))),))


def recording(seed, count=300, network=None):
    """A random recording on the network's sensor, some events before and behind its window."""
    rng = np.random.default_rng(seed)
    encoding = (network or event_network()).encoding
    x, y, p = (rng.integers(0, high, count) for high in (encoding.width, encoding.height, 2))
    return make_events(x, y, np.sort(rng.integers(0, 8000, count)), p)


def compile_device(folder, network, extra=(), leave_out=(), shares=None):
    """Compile the generated native project into ``folder``/device; ``leave_out`` names sources not to take.

    With ``shares`` it has two threads, and what is checked is that they do not race.
    """
    plan = project_plan(network, load_board("native"), shares=shares)
    write(plan, folder)
    sources = [path for path in plan.files if path.startswith("src/") and path.endswith(".c") and path not in leave_out]
    includes = [f"-Isrc/{name}" for name in (".", "core", "protocol", "hal", "board")]
    command = [
        "gcc",
        *(CHECKED_FOR_RACES if shares else CHECKED),
        *includes,
        *sources,
        *map(str, extra),
        "-o",
        "device",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "device"


def need_arm_tools():
    """Without cross compiler and emulator: a failure in continuous integration, a loud skip elsewhere."""
    missing = [name for name in ("arm-none-eabi-gcc", "qemu-system-arm") if shutil.which(name) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must have {' and '.join(missing)}: apt-get install gcc-arm-none-eabi qemu-system-arm")
    if missing:
        pytest.skip(f"NOT TESTED: {' and '.join(missing)} missing (apt-get install gcc-arm-none-eabi qemu-system-arm)")
