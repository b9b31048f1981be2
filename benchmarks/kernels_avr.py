"""Cycles a synaptic operation on AVRs, for dense layers, by part.

Run ``python benchmarks/kernels_avr.py``. The figures are cycles of simavr, which takes the datasheet's for every
instruction; timer 1 counts them.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bare_avr import core_objects, link, run  # noqa: E402

from codegen.backends.c import Options, network_files  # noqa: E402
from codegen.ir import Affine, Head, Layer, Network, SnnCt, SnnDc, SpikeFrames, simulate_batch  # noqa: E402
from codegen.ir.neurons.base import Neuron  # noqa: E402
from codegen.passes.layouts.affine import lay_out  # noqa: E402

PARTS = ("whole step", "scan", "integrate", "fire")
BITS = {"u7": 7, "u8": 8, "u4": 4, "p4": 4, "p2": 2}
FORMATS = tuple(BITS)
BUILDS = (["-O2"], ["-O2", "-DSPIKEC_PORTABLE_KERNELS"])


@dataclass(frozen=True)
class Case:
    """A dense layer, the share of its inputs that are active, and the formats that so many weights can have there.

    ``fast``: the weights are in RAM.
    """

    part: str
    inputs: int
    outputs: int
    forms: tuple[str, ...] = FORMATS
    density: float = 0.05
    fast: bool = False
    neuron: type[Neuron] = SnnCt

    @property
    def active(self) -> int:
        """How many inputs are."""
        return round(self.density * self.inputs)

    @property
    def title(self) -> str:
        """In words."""
        where = "RAM" if self.fast else "flash"
        what = f"{self.part}, weights in {where}, {self.neuron.kind} {self.inputs} -> {self.outputs}"
        synops = self.active * self.outputs
        return f"{what}: {self.active} active inputs ({self.density:.0%}), {synops:,} synaptic operations; cycles"


CASES = (
    Case("atmega2560", 784, 32),
    Case("atmega2560", 400, 80),
    Case("atmega2560", 784, 80, ("p4", "p2")),
    Case("atmega2560", 784, 160, ("p2",)),
    Case("atmega328p", 400, 64, ("u7", "p4", "p2")),
    Case("atmega2560", 80, 64, density=0.2),
    Case("atmega2560", 80, 64, density=0.2, fast=True),
    Case("atmega2560", 80, 64, density=0.05, fast=True),
    Case("atmega2560", 64, 80, density=0.2, fast=True),
    Case("atmega2560", 140, 40, ("u7", "u8"), density=0.2),
    Case("atmega2560", 140, 40, ("u7", "u8"), density=0.2, fast=True),
    Case("atmega2560", 140, 40, ("u7", "u8"), density=0.2, fast=True, neuron=SnnDc),
    Case("atmega2560", 170, 64, ("p4", "p2"), density=0.2),
    Case("atmega2560", 170, 64, ("p4", "p2"), density=0.2, fast=True),
    Case("atmega2560", 170, 64, ("p4", "p2"), density=0.2, fast=True, neuron=SnnDc),
)
"""An array has 32,767 bytes at most, and the RAM 8 KiB."""


def dense(inputs: int, outputs: int, bits: int, neuron: type[Neuron]) -> Network:
    """One layer with membranes of 16 bits."""
    largest = min(15, 2 ** (bits - 1) - 1)
    weight = np.random.default_rng(0).integers(-largest, largest + 1, (outputs, inputs)).astype(np.int8)
    layer = Layer("layer", Affine(weight, np.zeros(outputs, np.int32), bits), neuron(np.full(outputs, 100, np.int32)))
    return Network("bench", SpikeFrames(1, 1, inputs), 1, (layer,), (Head("class", 0, 2, ("a", "b")),))


def measure(case: Case, network: Network, spikes: np.ndarray, form: str, flags: list[str]) -> list[int]:
    """Cycles of each of PARTS."""
    layer = network.layers[0]
    layout, fast = lay_out(layer, 16, form), ("layer",) if case.fast else ()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = Options("bench_network", "bench_network")
        for path, text in network_files(network, options=options, formats={"layer": form}, fast=fast).items():
            (folder / path).write_text(text)
        whole = np.zeros(-(-network.in_size // 32) * 32, np.bool_)
        whole[: network.in_size] = spikes
        numbers = ", ".join(map(str, np.packbits(whole, bitorder="little").tolist()))
        (folder / "bench_input.h").write_text(f"static const uint8_t bench_input[] PROGMEM = {{{numbers}}};\n")
        kernel = f"spikec_integrate_{'fast_' if case.fast else ''}{form}_i16"
        defines = [f"-DINTEGRATE={kernel}", f"-DPADDED={layout.membranes}u", f"-I{folder}"]
        defines += [f"-DROW_BYTES={layout.numbers['row_bytes']}u", f"-DMEMORY={int(case.neuron.has_memory)}"]
        objects = core_objects(folder, case.part, flags)
        program = ROOT / "benchmarks" / "kernels" / "count_avr.c"
        link([program, *objects], folder / "count.elf", case.part, [*flags, *defines])
        cycles = run(folder / "count.elf", case.part)
    return [value - cycles[0] for value in cycles[1:]]


def main() -> None:
    """Print a table for each layer: cycles for each part, and for each synaptic operation."""
    for case in CASES:
        spikes = np.zeros(case.inputs, np.bool_)
        spikes[np.random.default_rng(1).choice(case.inputs, case.active, replace=False)] = True
        synops = case.active * case.outputs
        print(case.title)
        print(f"{'format':<16}" + "".join(f"{part:>22}" for part in PARTS))
        for form in case.forms:
            network = dense(case.inputs, case.outputs, BITS[form], case.neuron)
            assert int(simulate_batch(network, spikes[None, None]).synops[0, 0]) == synops
            for flags in BUILDS:
                counts = measure(case, network, spikes, form, flags)
                build = form + (", portable" if len(flags) > 1 else "")
                print(f"{build:<16}" + "".join(f"{n:>12,} ({n / synops:6.3f})" for n in counts), flush=True)
        print()


if __name__ == "__main__":
    main()
