"""The smallest part of a sample's input that the device still gets wrong, found by asking the device again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Network, fail
from hostctl.protocol import Feature
from hostctl.results.ahead import ReferenceAhead
from hostctl.results.cause import cause
from hostctl.results.compare import Comparison, compare
from hostctl.samples import Sample, sample_of_spikes
from hostctl.stream import Device, stream

Spikes = NDArray[np.int64]
"""Input spikes: (n, 2), step and input."""
Progress = Callable[[int, int, str], None]
BLOCK = 64
"""So many inputs are given to the device before its results are looked at."""


@dataclass(frozen=True)
class Smallest:
    """What is left of a sample. ``spikes``: pairs of (step, input); ``before``: how many it had.

    ``least``: no part of the sample with fewer spikes differs (all were tried); else no single spike can be left out.
    ``runs``: how many inputs the device was given. ``place``, ``cause``: as in the sample lines of a run.
    """

    index: int
    id: str
    before: int
    spikes: tuple[tuple[int, int], ...]
    least: bool
    runs: int
    first_difference: str
    place: dict[str, Any] | None
    cause: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def find_smallest(network: Network, device: Device, sample: Sample, *, progress: Progress | None = None) -> Smallest:
    """Take spikes out of the sample's input as long as the device's numbers still differ from the reference's.

    The empty input and every single spike are tried first; then parts are left out (delta debugging: Zeller and
    Hildebrandt, IEEE TSE 28, 2002) until no single spike can be. Everything is compared with its trace where the device
    can give one. Raises SpikecError when the device agrees with the reference this time.
    """
    search = _Search(network, device, progress)
    whole = np.argwhere(sample.inputs(network))
    if search.first([whole]) is None:
        hint = "The difference does not come back: look at the line and the supply, or run all samples again"
        raise fail(sample.id, "gives the reference's numbers this time", hint)
    few = [whole[:0], *(whole[i : i + 1] for i in range(len(whole)))]
    one = search.first(few)
    spikes = _reduce(whole, search) if one is None else few[one]
    found = search.differences(spikes)
    if found.first_difference is None:
        hint = "Look at the line and the supply: a difference that comes and goes has no smallest input"
        raise fail(sample.id, f"differed with {len(spikes)} of its spikes, and then it did not", hint)
    return Smallest(
        index=sample.index,
        id=sample.id,
        before=len(whole),
        spikes=tuple((int(step), int(source)) for step, source in spikes),
        least=len(spikes) <= 2,
        runs=search.runs,
        first_difference=found.first_difference,
        place=None if found.place is None else found.place.to_json(network),
        cause=None if found.place is None else cause(network, _frames(network, spikes), found.place),
    )


def _reduce(spikes: Spikes, search: _Search) -> Spikes:
    """Delta debugging: leave out one of ever more parts."""
    parts = 2
    while len(spikes) > 2:
        cuts = np.array_split(np.arange(len(spikes)), min(parts, len(spikes)))
        rest = [np.delete(spikes, cut, axis=0) for cut in cuts]
        smaller = search.first(rest)
        if smaller is not None:
            spikes, parts = rest[smaller], max(parts - 1, 2)
        elif len(cuts) == len(spikes):
            break
        else:
            parts *= 2
    return spikes


def _frames(network: Network, spikes: Spikes) -> NDArray[np.bool_]:
    frames = np.zeros((network.steps, network.in_size), np.bool_)
    frames[spikes[:, 0], spikes[:, 1]] = True
    return frames


class _Search:
    """Gives inputs to the device, and counts them."""

    def __init__(self, network: Network, device: Device, progress: Progress | None) -> None:
        self._network = network
        self._device = device
        self._progress = progress
        self._trace = Feature.TRACE in device.greeting.features
        self.runs = 0

    def differences(self, spikes: Spikes) -> Comparison:
        """What differs for one input."""
        return self._compare([spikes])[0]

    def first(self, candidates: Sequence[Spikes]) -> int | None:
        """The place of the first of these inputs that differs, or None."""
        for start in range(0, len(candidates), BLOCK):
            block = candidates[start : start + BLOCK]
            found = [comparison.first_difference is not None for comparison in self._compare(block)]
            if self._progress is not None:
                self._progress(min(start + BLOCK, len(candidates)), len(candidates), f"of {len(block[0])} spikes")
            if any(found):
                return start + found.index(True)
        return None

    def _compare(self, block: Sequence[Spikes]) -> list[Comparison]:
        samples = [sample_of_spikes(self._network, _frames(self._network, x), i) for i, x in enumerate(block)]
        ahead = ReferenceAhead(self._network, samples, trace=self._trace)
        found: dict[int, Comparison] = {}
        try:
            for result in stream(self._device, ahead.samples(), trace=self._trace):
                found[result.index] = compare(self._network, result, ahead.take(result.index))
        finally:
            ahead.close()
        self.runs += len(block)
        return [found[i] for i in range(len(block))]
