"""Which samples' inputs are kept, so that a report can play them: the first, the first wrong, the first that differ.

A run that was interrupted keeps at least those that an undisturbed run keeps, and reports choose among them by index.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hostctl.results.records import InputRecord, SampleRecord

EACH = 2
"""So many of each kind."""
MOST_SPIKES = 20_000
"""Inputs with more spikes are not kept: they would make pages slow."""


def kinds(sample: SampleRecord) -> list[str]:
    """Why a sample can be worth looking at: ``first`` (any sample), ``wrong``, ``different``."""
    wrong = any(label is not None and sample.answers[head][-1] != label for head, label in sample.labels.items())
    return ["first", *(["wrong"] if wrong else []), *(["different"] if sample.different else [])]


class Keeper:
    """Decides, while results arrive in any order, whose input is kept."""

    def __init__(self) -> None:
        self._lowest: dict[str, list[int]] = {}

    def wants(self, sample: SampleRecord) -> bool:
        """Whether the sample is, so far, among the first of one of its kinds."""
        wanted = False
        for kind in kinds(sample):
            lowest = self._lowest.setdefault(kind, [])
            place = bisect.bisect_left(lowest, sample.index)
            if place < EACH:
                wanted = True
                lowest.insert(place, sample.index)
        return wanted


def input_record(index: int, spikes: NDArray[np.bool_]) -> InputRecord | None:
    """The line that keeps an input, bool (steps, inputs); None where it has too many spikes."""
    if np.count_nonzero(spikes) > MOST_SPIKES:
        return None
    return InputRecord(index, [np.flatnonzero(step).tolist() for step in spikes])


def chosen(samples: Sequence[SampleRecord]) -> dict[int, str]:
    """The samples of a run that a report plays, in order: index to kind (the most telling one)."""
    found: dict[int, str] = {}
    for kind in ("first", "wrong", "different"):
        found |= {sample.index: kind for sample in [x for x in samples if kind in kinds(x)][:EACH]}
    return dict(sorted(found.items()))
