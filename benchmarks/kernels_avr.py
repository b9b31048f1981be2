"""Cycles a synaptic operation on AVRs, for dense layers, by part.

Run ``python benchmarks/kernels_avr.py``. The figures are cycles of simavr, which takes the datasheet's for every
instruction; timer 1 counts them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bare_avr import core_objects, link, run  # noqa: E402

from codegen.backends.c import Options, network_files  # noqa: E402
from codegen.ir import Affine, Head, Layer, Network, SnnCt, SpikeFrames, simulate_batch  # noqa: E402
from codegen.passes.layouts.affine import lay_out  # noqa: E402

DENSITY = 0.05
PARTS = ("whole step", "scan", "integrate", "fire")
FORMATS = (("u7", 7), ("u8", 8), ("u4", 4), ("p4", 4), ("p2", 2))
LAYERS = (
    ("atmega2560", 784, 32, FORMATS),
    ("atmega2560", 400, 80, FORMATS),
    ("atmega2560", 784, 80, (("p4", 4), ("p2", 2))),
    ("atmega2560", 784, 160, (("p2", 2),)),
    ("atmega328p", 400, 64, (*FORMATS[:1], *FORMATS[3:])),
)
"""Part, inputs, outputs, and the formats in which so many weights fit an array (32,767 bytes)."""


def dense(inputs: int, outputs: int, bits: int) -> Network:
    """One SNN-CT layer with membranes of 16 bits."""
    largest = min(15, 2 ** (bits - 1) - 1)
    weight = np.random.default_rng(0).integers(-largest, largest + 1, (outputs, inputs)).astype(np.int8)
    layer = Layer("layer", Affine(weight, np.zeros(outputs, np.int32), bits), SnnCt(np.full(outputs, 100, np.int32)))
    return Network("bench", SpikeFrames(1, 1, inputs), 1, (layer,), (Head("class", 0, 2, ("a", "b")),))


def measure(part: str, network: Network, spikes: np.ndarray, form: str, flags: list[str]) -> list[int]:
    """Cycles of each of PARTS."""
    layer = network.layers[0]
    layout = lay_out(layer, 16, form)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = Options("bench_network", "bench_network")
        for path, text in network_files(network, options=options, formats={"layer": form}).items():
            (folder / path).write_text(text)
        whole = np.zeros(-(-network.in_size // 32) * 32, np.bool_)
        whole[: network.in_size] = spikes
        numbers = ", ".join(map(str, np.packbits(whole, bitorder="little").tolist()))
        (folder / "bench_input.h").write_text(f"static const uint8_t bench_input[] PROGMEM = {{{numbers}}};\n")
        defines = [f"-DINTEGRATE=spikec_integrate_{form}_i16", f"-DPADDED={layout.membranes}u"]
        defines += [f"-DROW_BYTES={layout.numbers['row_bytes']}u", f"-I{folder}"]
        objects = core_objects(folder, part, flags)
        program = ROOT / "benchmarks" / "kernels" / "count_avr.c"
        link([program, *objects], folder / "count.elf", part, [*flags, *defines])
        cycles = run(folder / "count.elf", part)
    return [value - cycles[0] for value in cycles[1:]]


def main() -> None:
    """Print a table for each layer: cycles for each part, and for each synaptic operation."""
    for part, inputs, outputs, forms in LAYERS:
        active = round(DENSITY * inputs)
        spikes = np.zeros(inputs, np.bool_)
        spikes[np.random.default_rng(1).choice(inputs, active, replace=False)] = True
        synops = active * outputs
        print(f"{part}, dense {inputs} -> {outputs}: {active} active inputs, {synops:,} synaptic operations; cycles")
        print(f"{'format':<16}" + "".join(f"{part:>22}" for part in PARTS))
        for form, bits in forms:
            network = dense(inputs, outputs, bits)
            assert int(simulate_batch(network, spikes[None, None]).synops[0, 0]) == synops
            for flags in (["-O2"], ["-O2", "-DSPIKEC_PORTABLE_KERNELS"]):
                counts = measure(part, network, spikes, form, flags)
                build = form + (", portable" if len(flags) > 1 else "")
                print(f"{build:<16}" + "".join(f"{n:>12,} ({n / synops:6.3f})" for n in counts), flush=True)
        print()


if __name__ == "__main__":
    main()
