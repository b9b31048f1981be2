"""A run folder as the host tool writes it, made by the reference simulator: a small two-headed network, fitted on the
spot, over synthetic recordings; differences are put in where a test wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen import __version__
from codegen.board import load_board
from codegen.ir import Affine, Batch, EventBinning, Head, Layer, Network, SnnCt, check, simulate_batch
from hostctl.results import FILE, Header, SampleRecord, SessionRecord, WorstRecord
from hostctl.results.films import Keeper, input_record
from hostctl.results.records import Writer
from hostctl.results.run import describe_board

STEPS, SIDE, CLASSES = 12, 14, 10
Frames = NDArray[np.bool_]


def recordings(count: int, seed: int) -> tuple[Frames, NDArray[np.int64], NDArray[np.int64]]:
    """Spikes (count, steps, inputs), digits and directions: ten blobby patterns that drift left or right."""
    shapes = np.random.default_rng(5).random((CLASSES, SIDE, SIDE))
    for _ in range(2):  # Blobs, not specks.
        shapes = sum(np.roll(shapes, shift, axis) for shift in (-1, 0, 1) for axis in (1, 2)) / 6
    shapes = shapes > np.quantile(shapes, 0.8, axis=(1, 2), keepdims=True)
    rng = np.random.default_rng(seed)
    digit, direction = rng.integers(0, CLASSES, count), rng.integers(0, 2, count)
    bell = 0.5 * np.exp(-(((np.arange(STEPS) - 5) / 3.2) ** 2))
    frames = np.zeros((count, STEPS, SIDE, SIDE), np.bool_)
    for i in range(count):
        for step in range(STEPS):
            shape = np.roll(shapes[digit[i]], step // 3 * (2 * direction[i] - 1), 1)
            frames[i, step] = rng.random((SIDE, SIDE)) < np.where(shape, bell[step], 0.02)
    return frames.reshape(count, STEPS, SIDE * SIDE), digit, direction


@cache
def network() -> Network:
    """Two layers of random features, and an output layer fitted to them by least squares."""
    rng = np.random.default_rng(1)
    hidden = [
        _layer("hidden1", rng.integers(-7, 8, (64, SIDE * SIDE)), 24),
        _layer("hidden2", rng.integers(-7, 8, (48, 64)), 20),
    ]
    binning = EventBinning(width=SIDE, height=SIDE, bin_us=1000)
    probe = Network("probe", binning, STEPS, tuple(hidden), (Head("all", 0, 48, tuple(map(str, range(48)))),))
    frames, digit, direction = recordings(400, 2)
    counts = simulate_batch(probe, frames).counts[:, -1].astype(float)
    targets = np.hstack([digit[:, None] == np.arange(CLASSES), direction[:, None] == np.arange(2)]) * 2.0 - 1
    features_mean = counts.mean(axis=0)
    features = counts - features_mean
    fit = np.linalg.solve(features.T @ features + 20 * np.eye(48), features.T @ targets).T
    weight = np.clip(np.rint(fit / np.abs(fit).max() * 60), -63, 63)
    bias = np.rint(-(features_mean @ fit.T) / np.abs(fit).max() * 60 / STEPS + 8)
    out = _layer("answer", weight, 60, bits=7, bias=bias)
    heads = (Head("digit", 0, 10, tuple("0123456789")), Head("motion", 10, 12, ("left", "right")))
    return check(replace(probe, name="blobs", layers=(*hidden, out), heads=heads))


def _layer(name: str, weight: NDArray[Any], theta: int, bits: int = 4, bias: Any = 0) -> Layer:
    size = weight.shape[0]
    connection = Affine(weight.astype(np.int8), np.full(size, bias, np.int32), bits)
    return Layer(name, connection, SnnCt(np.full(size, theta, np.int32)))


def header(board_id: str, samples: int, trace: bool) -> Header:
    """The first line of such a run."""
    net, board = network(), load_board(board_id)
    layers = [
        {
            "name": x.name,
            "size": x.size,
            "shape": list(x.connection.out_shape),
            "inputs": x.connection.in_size,
            "label": x.connection.label,
            "neuron": x.neuron.kind,
            "bits": x.connection.fields()["bits"],
            "most_synops": x.size * x.connection.in_size * STEPS,
        }
        for x in net.layers
    ]
    return Header(
        tool=__version__,
        network={
            "name": net.name, "digest": net.digest, "steps": STEPS, "inputs": net.in_size, "shape": [net.in_size],
            "readout": net.readout, "layers": layers, "heads": [asdict(head) for head in net.heads],
        },
        board=describe_board(board),
        greeting={
            "board": board.id, "network": net.name, "digest": net.digest, "tool": __version__,
            "counter": board.counter.name, "counter_hz": 25_000_000, "rx_bytes": 4096, "max_payload": 1024,
            "features": ["EVENTS", "FRAMES", "TRACE"],
            "steps": STEPS, "inputs": net.in_size, "outputs": 12, "layers": 3, "heads": 2,
        },
        data={"folder": "blobs", "split": "Test", "samples": samples, "digest": "ab" * 32},
        options={"trace": trace, "seed": 0, "reversed": False, "all_events": False},
        build={"flash": 31_416, "ram": 5_124},
    )  # fmt: skip


def make_run(
    folder: Path,
    *,
    samples: int = 60,
    planned: int | None = None,
    board: str = "mps2_an386",
    trace: bool = True,
    labelled: bool = True,
    faults: Mapping[int, str] | None = None,
    changes: Mapping[str, Any] | None = None,
    names: Sequence[str] | None = None,
    worst: bool = False,
) -> Path:
    """Write a run's results. ``faults``: sample index to the first difference in words (three spikes and four membranes
    of it differ, and its digit is answered as the next one). ``changes``: fields of the header to replace."""
    frames, digit, direction = recordings(samples, 3)
    batch = simulate_batch(network(), frames)
    keeper = Keeper()
    with Writer(folder / FILE) as writer:
        writer.add(replace(header(board, planned or samples, trace), **dict(changes or {})))
        for i in range(samples):
            labels = (
                {"digit": int(digit[i]), "motion": int(direction[i])} if labelled else {"digit": None, "motion": None}
            )
            name = names[i] if names else f"Test/{digit[i]}/{i + 601}.bin"
            record = _sample(batch, i, name, labels, trace=trace, fault=(faults or {}).get(i))
            kept = input_record(i, frames[i]) if keeper.wants(record) else None
            if kept:
                writer.add(kept)
            writer.add(record)
        if worst:
            writer.add(_all_ones())
        writer.add(SessionRecord(0, samples, 2.5, True, {"frames_sent": 12 * samples, "frames_resent": 0}))
    return folder


def _layer_ticks(synops: NDArray[np.int64]) -> list[int]:
    return [round(1.6 * (1.1 * float(n) + 14 * STEPS * size)) for n, size in zip(synops, (64, 48, 12), strict=True)]


def _all_ones() -> WorstRecord:
    synops = simulate_batch(network(), np.ones((1, STEPS, SIDE * SIDE), np.bool_)).synops[0]
    ticks = _layer_ticks(synops)
    return WorstRecord(sum(ticks) + 900, ticks, synops.tolist(), None)


def _sample(
    batch: Batch, i: int, name: str, labels: dict[str, int | None], *, trace: bool, fault: str | None
) -> SampleRecord:
    reference = {head: [int(a) for a in answers[i]] for head, answers in batch.answers.items()}
    answers = {head: list(values) for head, values in reference.items()}
    if fault:
        answers["digit"][-1] = (answers["digit"][-1] + 1) % CLASSES
    layer_ticks = _layer_ticks(batch.synops[i])
    return SampleRecord(
        index=i, id=name, labels=labels, answers=dict(answers), reference_answers=reference,
        counts=[int(n) for n in batch.counts[i, -1]], layer_spikes=batch.layer_spikes[i].tolist(),
        mismatching_spikes=3 if fault else 0, mismatching_counts=1 if fault else 0,
        mismatching_membranes=(4 if fault else 0) if trace else None, mismatching_final_membranes=1 if fault else 0,
        mismatching_synops=0, mismatching_answers=1 if fault else 0, first_difference=fault,
        ticks=sum(layer_ticks) + 900, layer_ticks=layer_ticks, synops=batch.synops[i].tolist(),
        wall_s=0.02, at_s=0.04 * (i + 1),
    )  # fmt: skip
