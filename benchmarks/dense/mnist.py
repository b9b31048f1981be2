"""Accuracy against instructions on MNIST: the zoo's networks by number of steps, and dense networks in 8 bits."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.dense.arithmetic import DenseNetwork, load_dense, pixels
from benchmarks.dense.board import count_dense, count_spikes
from benchmarks.dense.cmsis import Checkout
from codegen import zoo
from codegen.ir import load, simulate_batch
from codegen.ir.images import downsampled, read_mnist
from hostctl.samples import load_samples

FOLDER = Path(__file__).resolve().parent / "networks"
NETWORKS = ("mnist-tiny", "mnist-dc-256", "mnist-dc-threshold", "mnist-dc-1024", "mnist-dc-conv")
STEPS = (1, 2, 4, 8, 16)
DENSE_SAMPLES = 10
"""Images that dense networks are counted on: what they take does not depend on the image."""
Row = Mapping[str, Any]


def dense_networks() -> list[DenseNetwork]:
    """Those that ``train.py`` made, the smallest first. Raises SpikecError for a damaged file."""
    return sorted(map(load_dense, FOLDER.glob("*.npz")), key=lambda network: network.macs)


def spiking_rows(name: str, data: Path, samples: int) -> list[Row]:
    """One of the zoo's networks: instructions over the first test images, accuracy by its card (all test images).

    Raises ArithmeticError when the board says something else than the reference.
    """
    network, card = load(zoo.network_path(name)), zoo.card(name)
    inputs = np.stack([one.inputs(network) for one in load_samples(network, data, limit=samples, dataset="MNIST")])
    test = card.tests[0]
    with tempfile.TemporaryDirectory(prefix="spikec-sceptic-") as folder:
        count = count_spikes(network, inputs, Path(folder))
    synops = simulate_batch(network, inputs).synops.sum(axis=1).mean()
    rows: list[Row] = []
    for steps in (steps for steps in STEPS if steps <= network.steps):
        whole = count.whole[:, steps - 1]
        row = {
            "network": name,
            "kind": "spikes",
            "shape": card.network["shape"],
            "steps": steps,
            "accuracy": 100 * test["heads"]["digit"]["quantized"][steps - 1],
            "tested_on": test["what"],
            "samples": len(inputs),
            "instructions": float(whole.mean()),
            "least": float(whole.min()),
            "most": float(whole.max()),
            "layers": float(count.layers[:, steps - 1].mean()),
        }
        rows.append(row | ({"synops": float(synops)} if steps == network.steps else {}))
    return rows


def dense_rows(network: DenseNetwork, data: Path, cmsis: Checkout | None) -> list[Row]:
    """A dense network: instructions by each kernel, accuracy by its arithmetic in numpy (all test images).

    Raises ArithmeticError when the board gives another byte than numpy.
    """
    images, labels = read_mnist(data, "Test")
    inputs = pixels(downsampled(images, 1 if network.sizes[0] == images[0].size else 2))
    accuracy = 100 * float(np.mean(network.answers(inputs) == labels))
    with tempfile.TemporaryDirectory(prefix="spikec-sceptic-") as folder:
        counts = count_dense(network, inputs[:DENSE_SAMPLES], Path(folder), cmsis)
    return [
        {
            "network": network.name,
            "kind": f"dense, {kernel}",
            "shape": network.name,
            "steps": 1,
            "accuracy": accuracy,
            "tested_on": f"MNIST test, {len(labels):,} images",
            "samples": DENSE_SAMPLES,
            "instructions": float(count.whole.mean()),
            "least": float(count.whole.min()),
            "most": float(count.whole.max()),
            "layers": float(count.layers.sum(axis=1).mean()),
            "macs": network.macs,
            "first_layer": float(count.layers[:, 0].mean() / network.layers[0].macs),
        }
        for kernel, count in counts.items()
    ]


# ---- what was to be reached ------------------------------------------------------------------------------------------

EARLIER = 530_000
"""Instructions of CMSIS-NN's ``arm_fully_connected_s8`` for 784-256-256-10, measured earlier (built with -Ofast)."""
LEAST_ACCURACY = 98.0
TIMES = {"CMSIS-NN, measured earlier": 10.0, "our best dense kernel": 5.0}
"""How many times fewer instructions it has to be."""
SHAPE = "784-256-256-10"


def targets(rows: Sequence[Row]) -> list[Row]:
    """MNIST, SNN-DC, one step: each network of ``SHAPE`` that reads well enough against dense ones of equal shape."""
    dense = {row["kind"]: row["instructions"] for row in rows if row["kind"] != "spikes" and row["shape"] == SHAPE}
    against = {"CMSIS-NN, measured earlier": float(EARLIER), "our best dense kernel": dense["dense, packed"]}
    wanted = dict(TIMES)
    if "dense, CMSIS-NN" in dense:
        against["CMSIS-NN, this run"] = dense["dense, CMSIS-NN"]
        wanted["CMSIS-NN, this run"] = TIMES["CMSIS-NN, measured earlier"]
    found: list[Row] = []
    for row in rows:
        if row["kind"] == "spikes" and (row["shape"], row["steps"]) == (SHAPE, 1) and row["accuracy"] >= LEAST_ACCURACY:
            for name, instructions in against.items():
                times = instructions / row["instructions"]
                values = {"times": times, "wanted": wanted[name], "reached": times >= wanted[name]}
                found.append({**row, "opponent": name, "opponent_instructions": instructions} | values)
    return found
