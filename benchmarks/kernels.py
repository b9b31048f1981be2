"""Instructions a synaptic operation on an emulated core, for dense layers, convolutions and max-pooling.

Run ``python benchmarks/kernels.py``, or with ``--core`` for another core than the Cortex-M4, and ``--only`` for some of
the cases. The figures are emulated instruction counts (QEMU -icount), not cycles.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bare import CORE, TARGETS, Target, build, run  # noqa: E402

from codegen.backends.c import Options, network_files  # noqa: E402
from codegen.ir import (  # noqa: E402
    Affine,
    Conv2d,
    Head,
    Layer,
    MaxPool2d,
    Network,
    SnnCt,
    SnnDc,
    SpikeFrames,
    simulate_batch,
)

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


def dense(bits: int, steps: int = 1) -> Network:
    """One SNN-CT layer with membranes of 16 bits, or of 32 where there are many steps."""
    largest = min(15, 2 ** (bits - 1) - 1)
    weight = np.random.default_rng(0).integers(-largest, largest + 1, (256, 1156)).astype(np.int8)
    layer = Layer("layer", Affine(weight, np.zeros(256, np.int32), bits), SnnCt(np.full(256, 100, np.int32)))
    return replace(_network(layer, SpikeFrames(1, 1, 1156)), steps=steps)


def conv(side: int, channels: int, out: int, stride: int, neuron: type[SnnCt | SnnDc], bits: int) -> Network:
    """One convolution of 5 x 5 with 7-bit weights and membranes of ``bits``."""
    weight = np.random.default_rng(0).integers(-15, 16, (out, 5, 5, channels)).astype(np.int8)
    bias = np.full(out, -40_000 if bits == 32 else 0, np.int32)
    connection = Conv2d(weight, bias, 7, side, side, stride)
    layer = Layer("layer", connection, neuron(np.full(connection.out_size, 100, np.int32)))
    return _network(layer, SpikeFrames(channels, side, side))


def pool(side: int, channels: int) -> Network:
    """Pooling of 2 x 2, and a dense layer, as pooling is no network's last one."""
    pooling = Layer("layer", MaxPool2d(side, side, channels, 2, 2), None)
    dense = Affine(np.zeros((2, pooling.size), np.int8), np.zeros(2, np.int32), 7)
    network = _network(pooling, SpikeFrames(channels, side, side))
    return replace(network, layers=(pooling, Layer("after", dense, SnnDc(np.zeros(2, np.int32)))))


def _network(layer: Layer, encoding: SpikeFrames) -> Network:
    return Network("bench", encoding, 1, (layer,), (Head("class", 0, 2, ("a", "b")),))


def conv_defines(
    side: int, channels: int, out: int, stride: int, neuron: type[SnnCt | SnnDc], bits: int, form: str
) -> tuple[str, ...]:
    """What count_conv.c must know: the picture, and the calls."""
    order, has_memory = {"s8": "quads"}.get(form, "words"), neuron is SnnCt
    fill = "(void)0" if has_memory else f"spikec_fill_i{bits}(layer_membrane, BENCH_OUTPUTS, layer_bias, {out}u)"
    biases = f"layer_bias, {out}u, " if has_memory else ""
    fire = f"spikec_fire_{'ct' if has_memory else 'dc'}_i{bits}(layer_membrane, BENCH_OUTPUTS, {biases}100, out)"
    shape = (f"-DIN_WIDTH={side}u", f"-DIN_CHANNELS={channels}u", "-DKERNEL=5u", f"-DSTRIDE={stride}u")
    calls = (f"-DFILL={fill}", f"-DCONVOLVE=spikec_conv_{order}_i{bits}", f"-DFIRE={fire}")
    return (*shape, f"-DMEMBRANE=int{bits}_t", *calls)


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
    *(
        Case(
            f"convolution {side}x{side}x{channels} -> {(side - 5) // stride + 1}x{(side - 5) // stride + 1}x{out}, "
            f"{neuron.kind}, weights as {form}, membranes of {bits} bits",
            partial(conv, side, channels, out, stride, neuron, bits),
            "count_conv.c",
            CONV_PARTS,
            conv_defines(side, channels, out, stride, neuron, bits, form),
            form,
        )
        for side, channels, out, stride, neuron, bits, forms in (
            (28, 1, 12, 1, SnnDc, 16, ("s8", "u7")),
            (12, 12, 64, 1, SnnDc, 16, ("s8", "u7")),
            (34, 2, 16, 2, SnnCt, 16, ("s8", "u7")),
            (15, 16, 32, 2, SnnCt, 32, ("s8", "u7")),
        )
        for form in forms
    ),
    *(
        Case(
            f"pooling {side}x{side}x{channels} by 2",
            partial(pool, side, channels),
            "count_pool.c",
            ("whole step",),
            (f"-DPOOLED={(side // 2) ** 2 * channels}u",),
        )
        for side, channels in ((24, 12), (8, 64))
    ),
)
WIDE = Case(
    "dense 1156 -> 256, 7-bit weights as u7, membranes of 32 bits",
    partial(dense, 7, 16),
    "count.c",
    DENSE_PARTS,
    ("-DINTEGRATE=spikec_integrate_u7_i32", "-DFIRE=spikec_fire_ct_i32", "-DMEMBRANE=int32_t"),
    "u7",
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
    parser.add_argument("--dense", action="store_true", help="a dense layer of 7-bit weights only")
    parser.add_argument("--only", default="", metavar="WORD", help="cases with this in their names, such as 'pooling'")
    arguments = parser.parse_args()
    for case in (CASES[0], WIDE) if arguments.dense else [case for case in CASES if arguments.only in case.name]:
        network = case.make()
        spikes = np.zeros(network.in_size, np.bool_)
        active = round(DENSITY * network.in_size)
        spikes[np.random.default_rng(1).choice(network.in_size, active, replace=False)] = True
        synops = int(simulate_batch(replace(network, steps=1), spikes[None, None]).synops[0, 0])
        each = f"{synops:,} synaptic operations" if synops else f"{network.layers[0].size:,} outputs"
        print(f"{case.name}: {active} active inputs, {each}; emulated instruction counts")
        print(f"{'build':<28}" + "".join(f"{part:>22}" for part in case.parts))
        for flags in BUILDS:
            counts = measure(TARGETS[arguments.core], case, network, spikes, flags)
            each_of = [f"{n:>12,.0f} ({n / (synops or network.layers[0].size):6.3f})" for n in counts]
            print(f"{' '.join(flags):<28}" + "".join(each_of), flush=True)
        print()


if __name__ == "__main__":
    main()
