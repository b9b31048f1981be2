"""What an inference of a network's hardware might take in energy: its activity, counted, times published energies.

    python benchmarks/fpga_energy.py --data DATA [--samples 200] [--network NAME]

ESTIMATED. The activity is that of the structure with all neurons at once and one spike a cycle (docs/fpga.md), counted
from the reference simulator, whose every spike and membrane the hardware equals: rows of weights that are read, words
of spikes that are looked at, additions (one a row and neuron, one more a step), and bits of membrane registers that
change. The energies are of an integrated circuit, not of an FPGA: M. Horowitz, "Computing's energy problem (and what we
can do about it)", ISSCC 2014, 45 nm, 0.9 V: an addition of 32 bits 0.1 pJ, of 8 bits 0.03 pJ (taken as the line through
both); 64 bits from 8 KiB of memory 10 pJ. Clock tree, registers, wires, leakage, control and the device around the
network are not in it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from codegen import zoo  # noqa: E402
from codegen.ir import Layer, Network, fail, load, simulate  # noqa: E402
from codegen.ir.layers.affine import Affine  # noqa: E402
from codegen.passes.lane_widths import lane_widths  # noqa: E402
from hostctl.samples import load_samples  # noqa: E402

NETWORKS = ("nmnist-ct-256", "mnist-dc-256")
WORD = 32
"""Spikes that the scheduler looks at in a cycle."""

READ_PJ = 10 / 64
"""A bit from 8 KiB of memory."""


def add_pj(bits: int) -> float:
    """An addition of so many bits: the line through Horowitz's two figures."""
    return 0.03 + (0.1 - 0.03) * (bits - 8) / (32 - 8)


@dataclass
class Activity:
    """What one layer did. ``rows``: rows of weights read; ``adds``: additions to membranes, each of ``add_bits``.

    ``read_bits``: of weights; ``word_bits``: of words that hold a spike, and of the maps that find them. ``toggles``:
    bits of the membrane registers that changed, thresholds and biases taken as additions of their own.
    """

    rows: int = 0
    read_bits: int = 0
    word_bits: int = 0
    adds: int = 0
    toggles: int = 0

    def add(self, other: Activity) -> None:
        """Count another sample's as well."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def main(arguments: Sequence[str] | None = None) -> int:
    """Count all, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SPIKEC_DATA"), help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--network", action="append", help=f"name or .spk file [{', '.join(NETWORKS)}]")
    parser.add_argument("--samples", type=int, default=200)
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("give the folder with the data: --data, or SPIKEC_DATA")
    print("an inference: counts are exact, energies ESTIMATED (Horowitz, ISSCC 2014: 45 nm)")
    for name in options.network or NETWORKS:
        network = load(zoo.network_path(name))
        samples = load_samples(network, options.data, split="Test", limit=options.samples)
        show(network, [sample.inputs(network) for sample in samples])
    return 0


def show(network: Network, inputs: Sequence[NDArray[np.bool_]]) -> None:
    """Print a network's table, a mean over its samples."""
    totals = [Activity() for _ in network.layers]
    for spikes in inputs:
        for total, one in zip(totals, activity(network, spikes), strict=True):
            total.add(one)
    head = f"{'layer':<8}{'rows':>8}{'additions':>12}{'weight bits':>14}{'spike bits':>12}{'toggles':>11}"
    print(f"\n{network.name}, {len(inputs)} samples\n{head}{'adding':>12}{'reading':>12}")
    sums = np.zeros(2)
    for layer, total in zip(network.layers, totals, strict=True):
        nj = np.array(energies(layer, total, network.steps)) / len(inputs) / 1000
        sums += nj
        values = [value / len(inputs) for value in vars(total).values()]
        rows, read, words, adds, toggles = values
        print(
            f"{layer.name:<8}{rows:>8,.1f}{adds:>12,.0f}{read:>14,.0f}{words:>12,.0f}{toggles:>11,.0f}"
            f"{nj[0]:>9.2f} nJ{nj[1]:>9.2f} nJ"
        )
    print(f"together {sums.sum():.1f} nJ: additions {sums[0]:.1f} nJ, memories {sums[1]:.1f} nJ; estimated")


def energies(layer: Layer, found: Activity, steps: int) -> tuple[float, float]:
    """Picojoules of the additions and of the memories. Toggles have no published energy here: they are only counted."""
    bits = lane_widths(layer, steps, banks=1, resident=True).v
    return found.adds * add_pj(bits), (found.read_bits + found.word_bits) * READ_PJ


def activity(network: Network, inputs: NDArray[np.bool_]) -> Iterator[Activity]:
    """What each layer does with a sample, bool (steps, inputs). Raises SpikecError for layers that are not dense."""
    truth, spikes = simulate(network, inputs), inputs
    for layer, fired, membranes in zip(network.layers, truth.spikes, truth.membranes, strict=True):
        if not isinstance(layer.connection, Affine):
            hint = "Networks of dense layers alone have an estimate"
            raise fail(f"layer {layer.name}", f"the activity of {layer.connection.label} is not counted", hint)
        yield _dense(layer, layer.connection, spikes, membranes, network.steps)
        spikes = fired


def _dense(
    layer: Layer, connection: Affine, spikes: NDArray[np.bool_], membranes: NDArray[np.int32], steps: int
) -> Activity:
    lanes = lane_widths(layer, steps, banks=1, resident=True)
    assert layer.neuron is not None
    words = -(-spikes.shape[1] // WORD)
    padded = np.zeros((len(spikes), words * WORD), np.bool_)
    padded[:, : spikes.shape[1]] = spikes
    full = int(padded.reshape(len(spikes), words, WORD).any(axis=2).sum())
    rows = int(spikes.sum())
    return Activity(
        rows=rows,
        read_bits=rows * layer.size * lanes.weight,
        word_bits=full * WORD + len(spikes) * words,
        adds=(rows + len(spikes)) * layer.size,
        toggles=_toggles(layer, connection, spikes, membranes, lanes.v),
    )


def _toggles(
    layer: Layer, connection: Affine, spikes: NDArray[np.bool_], membranes: NDArray[np.int32], bits: int
) -> int:
    """Bits of the membranes, held less theta + 1 as in hardware, that change from one addition to the next.

    ``membranes``: the reference's after each step, which the next step begins with where the neuron remembers.
    """
    assert layer.neuron is not None
    weight, held_less = connection.weight.astype(np.int64), layer.theta.astype(np.int64) + 1
    begun = np.zeros((len(spikes), layer.size), np.int64)
    if layer.neuron.has_memory:
        begun[1:] = membranes[:-1]
    held = [-held_less]
    for rows, value in zip(spikes, begun + connection.bias, strict=True):
        held += [value - held_less, *(value + np.cumsum(weight[:, rows].T, axis=0) - held_less)]
    patterns = np.stack(held) & ((1 << bits) - 1)
    return int(np.bitwise_count(patterns[1:] ^ patterns[:-1]).sum())


if __name__ == "__main__":
    sys.exit(main())
