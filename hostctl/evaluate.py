"""How good a network is on a data set, by the reference simulator: no board needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from codegen.ir import Batch, Network, simulate_batch
from hostctl.samples import Sample, load_samples

CHUNK = 500
"""Samples simulated at a time."""
_MOST_WORKERS = 8
"""Each holds a chunk of samples in memory."""


def evaluate(
    network: Network,
    folder: Path,
    *,
    split: str = "Test",
    limit: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Accuracy after every step by head, and by layer synaptic operations an inference and spikes a step (means).

    JSON values: ``network``, ``digest``, ``samples``, ``accuracy`` (head to one fraction a step), ``synops`` and
    ``spikes`` (layer to number). Raises SpikecError for missing or damaged data.
    """
    samples = load_samples(network, folder, split=split, limit=limit, seed=seed)
    right = {head.name: np.zeros(network.steps) for head in network.heads}
    labelled = dict.fromkeys(right, 0)
    synops, spikes = np.zeros(len(network.layers)), np.zeros(len(network.layers))
    parts, done = [samples[i : i + CHUNK] for i in range(0, len(samples), CHUNK)], 0
    for part, batch in zip(parts, _batches(network, parts), strict=True):
        for name, answers in batch.answers.items():
            known, labels = _labels(part, name)
            right[name] += (answers[known] == labels[:, None]).sum(axis=0)
            labelled[name] += len(labels)
        synops += batch.synops.sum(axis=0)
        spikes += batch.layer_spikes.sum(axis=(0, 2)) / network.steps
        done += len(part)
        if progress is not None:
            progress(done, len(samples))
    names = [layer.name for layer in network.layers]
    return {
        "network": network.name,
        "digest": network.digest,
        "samples": len(samples),
        "accuracy": {name: (right[name] / max(1, labelled[name])).tolist() for name in right if labelled[name]},
        "synops": dict(zip(names, (synops / len(samples)).tolist(), strict=True)),
        "spikes": dict(zip(names, (spikes / len(samples)).tolist(), strict=True)),
    }


def _batches(network: Network, parts: Sequence[Sequence[Sample]]) -> Iterator[Batch]:
    """Simulate chunks side by side, each by one thread, and give them in order.

    As many cores are busy as if one product after the other was shared between BLAS threads; but those wait for each
    other, on a computer with other work for whole time slices.
    """

    def simulate(part: Sequence[Sample]) -> Batch:
        return simulate_batch(network, np.stack([sample.inputs(network) for sample in part]))

    pool = ThreadPoolExecutor(min(_MOST_WORKERS, len(os.sched_getaffinity(0))), "simulate")
    try:
        with threadpool_limits(1):
            yield from pool.map(simulate, parts)
    finally:
        pool.shutdown(cancel_futures=True)


def _labels(samples: list[Sample], head: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Which samples have a label for this head, and the labels."""
    labels = [sample.labels.get(head) for sample in samples]
    known = np.array([label is not None for label in labels])
    return known, np.array([label for label in labels if label is not None], np.int64)
