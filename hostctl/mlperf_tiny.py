"""Samples as files for MLPerf Tiny's runner: what firmware of ``--app mlperf_tiny`` takes by ``db``, and the labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from codegen.ir import Network, fail
from hostctl.samples import Sample

LABELS = "y_labels.csv"


def input_bytes(network: Network, sample: Sample) -> bytes:
    """The spikes of all steps: of each step ceil(inputs / 8) bytes, input 8 k + i in bit i of byte k."""
    return np.packbits(sample.inputs(network), axis=-1, bitorder="little").tobytes()


def write_samples(network: Network, samples: Sequence[Sample], target: Path, *, force: bool = False) -> int:
    """Write a file a sample, and ``y_labels.csv`` with file, number of classes and class; returns how many.

    The classes are those of the network's first head, the one whose scores the firmware tells; samples without a label
    for it are left out. Raises SpikecError where no sample has one, and where the folder has files of these names.
    """
    head = network.heads[0]
    labelled = [(sample, label) for sample in samples if (label := sample.labels.get(head.name)) is not None]
    if not labelled:
        raise fail(str(target), f"no sample has a label for '{head.name}'", "Give data with labels")
    table = io.StringIO()
    lines = csv.writer(table, lineterminator="\n")
    target.mkdir(parents=True, exist_ok=True)
    names = [f"sample_{sample.index:05d}.bin" for sample, _ in labelled]
    if not force:
        there = [name for name in (*names, LABELS) if (target / name).exists()]
        if there:
            hint = "Give --force to overwrite it, or another --out folder"
            raise fail(str(target / there[0]), "is there already", hint)
    for name, (sample, label) in zip(names, labelled, strict=True):
        (target / name).write_bytes(input_bytes(network, sample))
        lines.writerow([name, len(head.labels), label])
    (target / LABELS).write_text(table.getvalue())
    return len(labelled)
