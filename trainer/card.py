"""Measuring a trained network for its model card: accuracy after every step, in integers and in floats; activity."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from codegen.ir import Batch, Network, Problem, SpikecError, answers, simulate_batch
from trainer.checkpoint import Checkpoint, load_checkpoint
from trainer.model import SpikingNetwork

Labels = Mapping[str, NDArray[np.int64]]
Part = tuple[NDArray[np.bool_], Labels]
"""Some samples: input spikes bool (samples, steps, in), and class indices (samples,) by head, -1 where unknown."""
_Curves = Mapping[str, NDArray[np.float64]]
PROBE = 200
"""So many samples at the beginning of a test set are written down exactly: anyone can repeat them bit by bit."""
DIGITS = 6
"""Decimal places of the figures in a card."""


@dataclass(frozen=True)
class FloatModel:
    """What the float column is measured with, and the words that say so."""

    model: SpikingNetwork
    how: str


def float_model(checkpoint: Path, other: Path | None = None) -> FloatModel:
    """The checkpoint's own weights before rounding, or those of another model, run in floats with a threshold of 1.

    Raises SpikecError for damaged checkpoints, or another model that does not take the same input for the same answers.
    """
    mine = load_checkpoint(checkpoint)
    if other is None:
        how = "the same weights before they are rounded, run in float32 with a threshold of 1"
        return FloatModel(_in_floats(mine), how)
    theirs = load_checkpoint(other)
    pairs = {
        "encoding": (theirs.recipe.encoding, mine.recipe.encoding),
        "steps": (theirs.recipe.network.steps, mine.recipe.network.steps),
        "heads": (theirs.recipe.heads, mine.recipe.heads),
    }
    hint = "Give a float model of the same task"
    problems = [
        Problem(f"--float {other}: {name}", f"is {was}, not {now}", hint)
        for name, (was, now) in pairs.items()
        if was != now
    ]
    if problems:
        raise SpikecError(problems)
    way = f"for {theirs.recipe.train.bits} bits, run" if theirs.recipe.train.bits else "and run"
    return FloatModel(_in_floats(theirs), f"a model of its own ('{theirs.recipe.name}'), trained {way} in float32")


def _in_floats(checkpoint: Checkpoint) -> SpikingNetwork:
    """The checkpoint's weights in a model that is built to round nothing: all its thresholds are 1."""
    recipe = checkpoint.recipe
    model = replace(recipe, train=replace(recipe.train, bits=0)).build()
    state = checkpoint.model.items()
    model.load_state_dict({name: torch.ones_like(x) if name.endswith(".theta") else x for name, x in state})
    return model.eval()


@torch.no_grad()
def float_answers(network: Network, model: SpikingNetwork, spikes: NDArray[np.bool_]) -> dict[str, NDArray[np.int64]]:
    """What the float model names after each step, by the readout of ``network``: (samples, steps) by head."""
    activity = model.activity(torch.from_numpy(spikes).transpose(0, 1).to(torch.float32))
    fired, membranes = (layers[-1].transpose(0, 1).numpy() for layers in (activity.spikes, activity.membranes))
    return answers(network, fired > 0, membranes)


@dataclass
class _Hits:
    """Right answers of one draw: (steps,) by head."""

    right: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    def add(self, named: Labels, labels: Labels) -> None:
        for head, truth in labels.items():
            known = truth >= 0
            hits = (named[head][known] == truth[known, None]).sum(axis=0)
            self.right[head] = self.right.get(head, 0) + hits
            self.known[head] = self.known.get(head, 0) + int(known.sum())

    def curves(self) -> dict[str, NDArray[np.float64]]:
        """Accuracy after each step by head; heads that no sample has a label for are left out."""
        return {head: right / self.known[head] for head, right in self.right.items() if self.known[head]}


@dataclass
class _Activity:
    """Sums over samples: spikes of the inputs and of each layer, synaptic operations of each layer."""

    network: Network
    samples: int = 0
    inputs: int = 0
    spikes: NDArray[np.int64] | int = 0
    synops: NDArray[np.int64] | int = 0

    def add(self, spikes: NDArray[np.bool_], batch: Batch) -> None:
        self.samples += len(spikes)
        self.inputs += int(np.count_nonzero(spikes))
        self.spikes = self.spikes + batch.layer_spikes.sum(axis=(0, 2), dtype=np.int64)
        self.synops = self.synops + batch.synops.sum(axis=0)

    def to_json(self) -> dict[str, Any]:
        names = [layer.name for layer in self.network.layers]
        turns = self.samples * self.network.steps
        rates = np.asarray(self.spikes) / [turns * layer.size for layer in self.network.layers]
        synops = np.asarray(self.synops) / self.samples
        return {
            "input_rate": round(self.inputs / (turns * self.network.in_size), DIGITS),
            "rates": dict(zip(names, _rounded(rates), strict=True)),
            "synops": dict(zip(names, synops.round(1).tolist(), strict=True)),
        }


def measure(
    network: Network,
    model: SpikingNetwork,
    draws: Sequence[Callable[[], Iterable[Part]]],
    *,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Run integer network and float model over the same spikes, one pass for each draw of the coding.

    JSON values: ``heads`` (head to ``quantized``, ``quantized_std``, ``float``, ``float_std``: one fraction a step, the
    mean over the draws and their standard deviation, None for a single draw), ``input_rate``, ``rates`` (layer to
    spikes a neuron and step), ``synops`` (layer to synaptic operations an inference). ``progress`` hears of the samples
    as they are done.
    """
    curves: dict[str, list[_Curves]] = {"quantized": [], "float": []}
    activity = _Activity(network)
    # Several BLAS threads on busy cores wait for each other for whole time slices; torch has threads of its own.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(1) as other:
        for draw in draws:
            hits = {"quantized": _Hits(), "float": _Hits()}
            for spikes, labels in draw():
                floats = other.submit(float_answers, network, model, spikes)
                batch = simulate_batch(network, spikes)
                activity.add(spikes, batch)
                hits["quantized"].add(batch.answers, labels)
                hits["float"].add(floats.result(), labels)
                if progress is not None:
                    progress(len(spikes))
            for column, found in hits.items():
                curves[column].append(found.curves())
    return {"heads": _heads(curves), **activity.to_json()}


def _heads(curves: Mapping[str, Sequence[_Curves]]) -> dict[str, Any]:
    """Mean and standard deviation over the draws, by head and column."""
    heads: dict[str, Any] = {head: {} for head in curves["quantized"][0]}
    for column, draws in curves.items():
        for head, entry in heads.items():
            each = np.stack([curve[head] for curve in draws])
            entry[column] = _rounded(each.mean(axis=0))
            entry[f"{column}_std"] = _rounded(each.std(axis=0, ddof=1)) if len(each) > 1 else None
    return heads


def probe(network: Network, part: Part) -> dict[str, Any]:
    """The first samples exactly, for anyone to repeat: how many, the SHA-256 of their spikes, right answers by head.

    JSON values: ``samples``, ``inputs`` (hex), ``right`` (head to one count a step).
    """
    spikes, labels = part
    hits = _Hits()
    hits.add(simulate_batch(network, spikes).answers, labels)
    digest = hashlib.sha256(np.packbits(spikes).tobytes()).hexdigest()
    return {"samples": len(spikes), "inputs": digest, "right": {head: n.tolist() for head, n in hits.right.items()}}


def _rounded(values: NDArray[np.float64]) -> list[float]:
    rounded: list[float] = np.round(values, DIGITS).tolist()
    return rounded
