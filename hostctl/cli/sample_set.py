"""A test set to measure a network on, in parts that memory holds, with its random coding drawn as often as wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codegen.ir import EventBinning, Network, SpikeFrames
from codegen.ir.recordings import data_root
from hostctl.cli.output import Output
from hostctl.samples import MOTION_HEAD, Sample, load_samples

if TYPE_CHECKING:
    from trainer.card import Part
    from trainer.origin import DataSet

PART_SAMPLES, PART_BYTES = 500, 48 << 20


@dataclass(frozen=True)
class SampleSet:
    """The first samples of a test set, coded by seed 0, 1, ... as ``spikec eval --seed`` does.

    ``what``: exactly what they are, for people. ``draws``: how often the coding is drawn (1 where it is not random).
    """

    network: Network
    folder: Path
    dataset: str
    what: str
    samples: int
    draws: int
    first: list[Sample]

    def passes(self) -> list[Callable[[], Iterator[Part]]]:
        """One pass over all samples for each draw."""
        return [lambda seed=seed: self._parts(seed) for seed in range(self.draws)]  # type: ignore[misc]

    def beginning(self, count: int) -> Part:
        """The first samples of the first draw."""
        return as_part(self.network, self.first[:count])

    def _parts(self, seed: int) -> Iterator[Part]:
        samples = self.first if seed == 0 else _load(self.network, self.folder, self.dataset, seed)[: self.samples]
        widest = max([self.network.in_size, *(layer.size for layer in self.network.layers)])
        size = min(PART_SAMPLES, max(1, PART_BYTES // (8 * self.network.steps * widest)))
        for start in range(0, len(samples), size):
            yield as_part(self.network, samples[start : start + size])


def open_samples(
    out: Output,
    network: Network,
    folder: Path,
    source: DataSet,
    *,
    draws: int,
    limit: int | None,
    what: str = "",
) -> SampleSet:
    """Read the Test split of a folder; ``what`` names it in words. Raises SpikecError for missing or damaged data."""
    what = what or _name(network, folder, source)
    with out.progress(f"reading {what}") as advance:
        every = load_samples(network, folder, split="Test", dataset=source.folder, progress=advance)
    first = every[:limit]
    draws = draws if _coding(network) == "bernoulli" else 1
    words = f"{what}, {_count(network, source, len(first), len(every))}{_coded(network, draws)}"
    return SampleSet(network, folder, source.folder, words, len(first), draws, first)


def as_part(network: Network, samples: list[Sample]) -> Part:
    """Input spikes, bool (samples, steps, in), and class indices by head (-1: none)."""
    labels = {head.name: [sample.labels.get(head.name) for sample in samples] for head in network.heads}
    named = {head: np.array([-1 if label is None else label for label in each]) for head, each in labels.items()}
    return np.stack([sample.inputs(network) for sample in samples]), named


def _load(network: Network, folder: Path, dataset: str, seed: int) -> list[Sample]:
    return load_samples(network, folder, split="Test", seed=seed, dataset=dataset)


def _coding(network: Network) -> str:
    """How images become spikes; empty for recordings, which are spikes."""
    return network.encoding.coding if isinstance(network.encoding, SpikeFrames) else ""


def _coded(network: Network, draws: int) -> str:
    """The coding in words."""
    coding = _coding(network)
    if coding == "bernoulli":
        return f", {draws} Bernoulli draw{'s' if draws > 1 else ''}"
    return f", {coding} coding without random numbers" if coding else ""


def _name(network: Network, folder: Path, source: DataSet) -> str:
    """What a test set is called; 'spikec data simulate' leaves a note beside the recordings that it makes."""
    made = isinstance(network.encoding, EventBinning) and (data_root(folder) / "Test" / "manifest.json").is_file()
    return f"{'simulated ' if made else ''}{source.title} test"


def _count(network: Network, source: DataSet, samples: int, every: int) -> str:
    """How many samples, in words; recordings that are played both ways count twice."""
    both = isinstance(network.encoding, EventBinning) and any(head.name == MOTION_HEAD for head in network.heads)
    if samples < every:
        return f"the first {samples:,} of {every:,} {'samples' if both else source.unit}"
    return f"{every // 2:,} {source.unit}, each forwards and backwards" if both else f"{every:,} {source.unit}"
