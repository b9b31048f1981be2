"""Is what the device computed what the reference says? Every number is compared; there is no tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Batch, Network, Trace, answers
from hostctl.results.cause import Place
from hostctl.stream.result import DeviceResult

_Found = tuple[str, Place | None]
"""A difference in words, and where it is."""


@dataclass(frozen=True)
class Reference:
    """What the device should have computed for one sample; shapes as in ``DeviceResult``.

    ``spikes`` and ``membranes``: the output layer's, (steps, out); ``answers``: class index after each step, by head;
    ``trace``: every layer, only for comparing with a trace.
    """

    layer_spikes: NDArray[Any]
    synops: NDArray[Any]
    spikes: NDArray[np.bool_]
    membranes: NDArray[np.int32]
    answers: Mapping[str, NDArray[np.int64]]
    trace: Trace | None = None

    @classmethod
    def row(cls, batch: Batch, i: int, trace: Trace | None = None) -> Reference:
        """Sample ``i`` of a simulated batch."""
        return cls(
            layer_spikes=batch.layer_spikes[i],
            synops=batch.synops[i],
            spikes=batch.spikes[i],
            membranes=batch.membranes[i],
            answers={name: value[i] for name, value in batch.answers.items()},
            trace=trace,
        )


@dataclass(frozen=True)
class Comparison:
    """How many numbers differ (see docs/results-format.md), and the first of them; None when all are equal.

    ``first_difference`` is in words; ``place`` is None, too, where it has no layer and step.
    """

    mismatching_spikes: int
    mismatching_counts: int
    mismatching_membranes: int | None
    mismatching_final_membranes: int
    mismatching_synops: int
    mismatching_answers: int
    first_difference: str | None
    place: Place | None = None


def compare(network: Network, device: DeviceResult, reference: Reference) -> Comparison:
    """Compare one sample: output spikes, spike counts of every layer and step, synaptic operations, answers and final
    membranes; with a trace, also every spike and membrane of every layer and step.
    """
    found: list[_Found] = []
    spikes, membranes = _trace_differences(network, device, reference, found)
    last = len(network.layers) - 1
    counts = _count_differences(network, device, reference, found)
    out = np.argwhere(device.spikes != reference.spikes)
    if len(out):
        step, n = (int(k) for k in out[0])
        found.append(_at(network, Place(last, step, n, "spike", *_both(device.spikes, reference.spikes, step, n))))
    final = np.flatnonzero(device.membranes != reference.membranes[-1])
    if final.size:
        n = int(final[0])
        values = int(device.membranes[n]), int(reference.membranes[-1, n])
        text, place = _at(network, Place(last, network.steps - 1, n, "last membrane", *values))
        found.append((text.replace(f"step {network.steps - 1}", "last step"), place))
    synops = np.flatnonzero(np.array(device.synops) != reference.synops)
    found += [(_synops_words(network, device, reference, int(i)), None) for i in synops]
    wrong = [name for name, answer in device.answers.items() if answer != reference.answers[name][-1]]
    for name in wrong:
        mine, right = device.answers[name], reference.answers[name][-1]
        found.append((f"head {name}: answer {mine} on the device, {right} in the reference", None))
    return Comparison(
        mismatching_spikes=len(out) if spikes is None else spikes,
        mismatching_counts=counts,
        mismatching_membranes=membranes,
        mismatching_final_membranes=int(final.size),
        mismatching_synops=int(synops.size),
        mismatching_answers=len(wrong),
        first_difference=found[0][0] if found else None,
        place=found[0][1] if found else None,
    )


def device_answers(network: Network, device: DeviceResult) -> dict[str, list[int | None]]:
    """Give the device's answer after each step by head: from its output spikes, the last one as it said itself.

    None where the device did not tell enough (membrane readout without trace).
    """
    steps = network.steps
    curves: dict[str, list[int | None]]
    if network.readout == "membrane" and device.trace is None:
        curves = {head.name: [None] * steps for head in network.heads}
    else:
        membranes = np.zeros(device.spikes.shape, np.int32) if device.trace is None else device.trace.membranes[-1]
        curves = {name: value.tolist() for name, value in answers(network, device.spikes, membranes).items()}
    return {name: [*curve[:-1], device.answers[name]] for name, curve in curves.items()}


def _trace_differences(
    network: Network, device: DeviceResult, reference: Reference, found: list[_Found]
) -> tuple[int | None, int | None]:
    """Count differing spikes and membranes in the traces; (None, None) when there is none.

    The first in words is the earliest step's in the earliest layer: what comes behind it may be its consequence.
    """
    if device.trace is None or reference.trace is None:
        return None, None
    spikes = membranes = 0
    places: list[Place] = []
    for i in range(len(network.layers)):
        for name, mine, right in (
            ("membrane", device.trace.membranes[i], reference.trace.membranes[i]),
            ("spike", device.trace.spikes[i], reference.trace.spikes[i]),
        ):
            wrong = np.argwhere(mine != right)
            if len(wrong):
                step, n = (int(k) for k in wrong[0])
                places.append(Place(i, step, n, name, *_both(mine, right, step, n)))
            spikes += len(wrong) if name == "spike" else 0
            membranes += len(wrong) if name == "membrane" else 0
    found += [_at(network, place) for place in sorted(places, key=lambda p: (p.step, p.layer, p.quantity))]
    return spikes, membranes


def _both(mine: NDArray[Any], right: NDArray[Any], step: int, neuron: int) -> tuple[int, int]:
    return int(mine[step, neuron]), int(right[step, neuron])


def _at(network: Network, place: Place) -> _Found:
    where = f"layer {network.layers[place.layer].name}, step {place.step}"
    values = f"{place.device} on the device, {place.reference} in the reference"
    return f"{where}, neuron {place.neuron}: {place.quantity} {values}", place


def _count_differences(network: Network, device: DeviceResult, reference: Reference, found: list[_Found]) -> int:
    wrong = np.argwhere((device.layer_spikes != reference.layer_spikes).T)
    if len(wrong):
        step, i = (int(k) for k in wrong[0])
        mine, right = int(device.layer_spikes[i, step]), int(reference.layer_spikes[i, step])
        values = f"{mine} spikes on the device, {right} in the reference"
        place = Place(i, step, None, "spikes", mine, right)
        found.append((f"layer {network.layers[i].name}, step {step}: {values}", place))
    return len(wrong)


def _synops_words(network: Network, device: DeviceResult, reference: Reference, i: int) -> str:
    mine, right = device.synops[i], reference.synops[i]
    return f"layer {network.layers[i].name}: {mine} synaptic operations on the device, {right} in the reference"
