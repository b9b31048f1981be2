"""Instructions a synaptic operation on an emulated core, for dense layers and for two convolutions.

Run ``python benchmarks/kernels.py``, or with ``--core`` for another core than the Cortex-M4. The figures are emulated
instruction counts (QEMU -icount), not cycles.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bare import CORE, TARGETS, Target, build, run  # noqa: E402

from codegen.backends.c import Options, network_files  # noqa: E402
from codegen.ir import Affine, Conv2d, Head, Layer, Network, SnnCt, SnnDc, SpikeFrames, simulate_batch  # noqa: E402

DENSITY = 0.05
BUILDS = (("-O2",), ("-O3",), ("-Os",), ("-O2", "-DSPIKEC_PORTABLE_KERNELS"))
CORES = ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m55", "cortex-m55-dsp", "rv32imc")


@dataclass(frozen=True)
class Case:
    """A network of one layer called 'layer', the program that counts it, and the names of what the program reports.

    ``form``: the format of the weights, if it is to be another than the usual one.
    """

    name: str
    make: Callable[[], Network]
    program: str
    parts: tuple[str, ...]
    defines: tuple[str, ...] = ()
    form: str = ""


def dense(bits: int) -> Network:
    """One SNN-CT layer with membranes of 16 bits."""
    largest = min(15, 2 ** (bits - 1) - 1)
    weight = np.random.default_rng(0).integers(-largest, largest + 1, (256, 1156)).astype(np.int8)
    layer = Layer("layer", Affine(weight, np.zeros(256, np.int32), bits), SnnCt(np.full(256, 100, np.int32)))
    return _network(layer, SpikeFrames(1, 1, 1156))


def conv(side: int, channels: int, out: int) -> Network:
    """One SNN-DC convolution of 5 x 5 with 7-bit weights and membranes of 16 bits."""
    weight = np.random.default_rng(0).integers(-15, 16, (out, 5, 5, channels)).astype(np.int8)
    connection = Conv2d(weight, np.zeros(out, np.int32), 7, side, side)
    neuron = SnnDc(np.full(connection.out_size, 100, np.int32))
    return _network(Layer("layer", connection, neuron), SpikeFrames(channels, side, side))


def _network(layer: Layer, encoding: SpikeFrames) -> Network:
    return Network("bench", encoding, 1, (layer,), (Head("class", 0, 2, ("a", "b")),))


DENSE_PARTS = ("whole step", "scan", "integrate", "fire", "plain loop")
CONV_PARTS = ("whole step", "fill", "convolve", "fire", "plain loop")
CASES = (
    *(
        Case(
            f"dense 1156 -> 256, {bits}-bit weights as {form}",
            partial(dense, bits),
            "count.c",
            DENSE_PARTS,
            (f"-DINTEGRATE=spikec_integrate_{form}_i16",),
            form,
        )
        for bits, form in ((7, "u7"), (8, "u8"), (4, "u4"), (4, "p4"), (2, "p2"))
    ),
    Case(
        "convolution 28x28x1 -> 24x24x12",
        lambda: conv(28, 1, 12),
        "count_conv.c",
        CONV_PARTS,
        ("-DIN_WIDTH=28u", "-DIN_CHANNELS=1u", "-DKERNEL=5u"),
    ),
    Case(
        "convolution 12x12x12 -> 8x8x64",
        lambda: conv(12, 12, 64),
        "count_conv.c",
        CONV_PARTS,
        ("-DIN_WIDTH=12u", "-DIN_CHANNELS=12u", "-DKERNEL=5u"),
    ),
)


def measure(target: Target, case: Case, network: Network, spikes: np.ndarray, flags: tuple[str, ...]) -> list[float]:
    """Instructions of each of the case's parts."""
    whole = np.zeros(-(-network.in_size // 32) * 32, np.bool_)
    whole[: network.in_size] = spikes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = Options("bench_network", "bench_network")
        for path, text in network_files(network, options=options, formats={"layer": case.form}).items():
            (folder / path).write_text(text)
        files = [ROOT / "benchmarks" / "kernels" / case.program, *sorted(CORE.glob("*.c"))]
        build(target, files, folder / "count.elf", ["-std=c99", *flags, *case.defines, f"-I{folder}"])
        said = run(target, folder / "count.elf", np.packbits(whole, bitorder="little").tobytes())
    ticks = np.frombuffer(said, "<u4").astype(float)
    return [(value - ticks[0]) / target.ticks for value in ticks[1:].tolist()]


def main() -> None:
    """Print a table for each case: instructions for each part, and for each synaptic operation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", choices=CORES, default="cortex-m4")
    parser.add_argument("--dense", action="store_true", help="the dense layer only")
    arguments = parser.parse_args()
    for case in CASES[:1] if arguments.dense else CASES:
        network = case.make()
        spikes = np.zeros(network.in_size, np.bool_)
        active = round(DENSITY * network.in_size)
        spikes[np.random.default_rng(1).choice(network.in_size, active, replace=False)] = True
        synops = int(simulate_batch(network, spikes[None, None]).synops[0, 0])
        print(f"{case.name}: {active} active inputs, {synops:,} synaptic operations; emulated instruction counts")
        print(f"{'build':<28}" + "".join(f"{part:>22}" for part in case.parts))
        for flags in BUILDS:
            counts = measure(TARGETS[arguments.core], case, network, spikes, flags)
            print(f"{' '.join(flags):<28}" + "".join(f"{n:>12,.0f} ({n / synops:6.3f})" for n in counts), flush=True)
        print()


if __name__ == "__main__":
    main()
