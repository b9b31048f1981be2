"""Samples for a network from a data folder: N-MNIST recordings for event networks, coded images for frame networks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codegen.ir import (
    EventBinning,
    Events,
    Head,
    Network,
    Problem,
    SpikecError,
    SpikeFrames,
    fail,
    make_events,
    read_nmnist,
    reverse_time,
)
from codegen.ir.images import downsampled, encode, read_mnist
from codegen.ir.recordings import Recording, find_recordings

MOTION_HEAD = "motion"
"""A head of this name tells forwards (class 0) from backwards (class 1): Yin et al. 2017, section III-B."""
FORWARDS, BACKWARDS = 0, 1
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Sample:
    """One input with its right answers: class index by head, None where there is none.

    One of ``events`` (a recording), ``image`` (uint8 pixels, made spikes by ``encoding`` when asked for) and ``frames``
    (ready-made spikes, bool (steps, inputs)) is given.
    """

    index: int
    id: str
    labels: dict[str, int | None]
    events: Events | None = None
    image: NDArray[np.uint8] | None = None
    encoding: SpikeFrames | None = None
    seed: int = 0
    number: int = 0
    steps: int = 0
    frames: NDArray[np.bool_] | None = None

    def inputs(self, network: Network) -> NDArray[np.bool_]:
        """Make the input spikes, bool (steps, inputs), for the reference simulator."""
        if self.events is not None:
            assert isinstance(network.encoding, EventBinning)
            return network.encoding.encode(self.events, network.steps)
        return self._frames()

    def least_bytes(self, network: Network) -> int:
        """Give about how many bytes the input takes on the line: three an event, or the packed spikes."""
        if self.events is not None:
            return 3 * len(self.events)
        return network.steps * -(-network.in_size // 8)

    def packed_frames(self) -> NDArray[np.uint8]:
        """Make the input spikes of an image, or the ready-made ones, packed: uint8 (steps, ceil(inputs / 8))."""
        return np.packbits(self._frames(), axis=-1, bitorder="little")

    def _frames(self) -> NDArray[np.bool_]:
        if self.frames is not None:
            return self.frames
        assert self.image is not None
        assert self.encoding is not None
        spikes: NDArray[np.bool_] = encode(self.image[None], self.encoding, self.steps, self.seed, self.number)[0]
        return spikes


def load_samples(
    network: Network,
    folder: Path | str,
    *,
    split: str = "Test",
    limit: int | None = None,
    seed: int = 0,
    reversed_too: bool | None = None,
    all_events: bool = False,
    dataset: str | None = None,
    progress: Progress | None = None,
) -> list[Sample]:
    """Make samples for ``network`` from a data folder, in a fixed order; ``limit`` bounds how many.

    Event networks take N-MNIST folders, frame networks images in MNIST's format (``dataset`` names the set; by default
    it is the one that the network was trained on), coded as the network says (``seed`` is for random coding).
    ``reversed_too`` adds each recording played backwards behind it (default: when the network has a head called
    'motion'). Without ``all_events``, events that cannot matter (outside the window, of a polarity that does not count)
    are left out. Raises SpikecError with the problems of all files at once.
    """
    if not isinstance(network.encoding, EventBinning):
        dataset = dataset or str(network.annotations.get("dataset", "MNIST"))
        return _image_samples(network, Path(folder), split, limit, seed=seed, dataset=dataset)
    if reversed_too is None:
        reversed_too = any(head.name == MOTION_HEAD for head in network.heads)
    recordings = find_recordings(folder, split)
    if limit is not None:
        recordings = recordings[: -(-limit // 2) if reversed_too else limit]
    samples = _event_samples(network, recordings, reversed_too, all_events, progress=progress)
    return samples[:limit]


def sample_of_spikes(network: Network, spikes: NDArray[np.bool_], index: int = 0, id_: str = "spikes") -> Sample:
    """Make a sample without labels whose input is exactly ``spikes``, bool (steps, inputs)."""
    labels: dict[str, int | None] = {head.name: None for head in network.heads}
    encoding = network.encoding
    if not isinstance(encoding, EventBinning):
        return Sample(index, id_, labels, frames=spikes)
    _, columns, channels = encoding.shape
    step, active = np.nonzero(spikes)
    pixel, channel = active // channels, active % channels
    polarity = channel if encoding.polarity == "both" else np.full_like(channel, encoding.polarity != "off")
    row, column = pixel // columns * encoding.downsample, pixel % columns * encoding.downsample
    times = encoding.start_us + step * encoding.bin_us
    return Sample(index, id_, labels, events=make_events(column, row, times, polarity))


def samples_digest(samples: Sequence[Sample]) -> str:
    """SHA-256, hex, of the samples' ids in order: whether two runs are over the same data."""
    sha = hashlib.sha256()
    for sample in samples:
        sha.update(f"{sample.id}\n".encode())
    return sha.hexdigest()


def _event_samples(
    network: Network,
    recordings: Iterable[Recording],
    reversed_too: bool,
    all_events: bool,
    *,
    progress: Progress | None,
) -> list[Sample]:
    recordings = list(recordings)
    samples, problems = list[Sample](), list[Problem]()
    for done, recording in enumerate(recordings, 1):
        try:
            for id_, motion, events in _readings(network, recording, reversed_too, all_events):
                labels = _labels(network, recording.label, motion)
                samples.append(Sample(len(samples), id_, labels, events=events))
        except SpikecError as error:
            problems.extend(error.problems)
        if progress is not None:
            progress(done, len(recordings), "recordings read")
    if problems:
        raise SpikecError(problems)
    return samples


def _readings(
    network: Network, recording: Recording, reversed_too: bool, all_events: bool
) -> Iterable[tuple[str, int, Events]]:
    """Name, motion and events of a recording, and of its reverse if that is wanted."""
    encoding, steps = network.encoding, network.steps
    assert isinstance(encoding, EventBinning)
    whole = read_nmnist(recording.path, (encoding.width, encoding.height))
    yield recording.id, FORWARDS, whole if all_events else encoding.relevant(whole, steps)
    if reversed_too:
        back = reverse_time(whole, encoding.start_us, encoding.start_us + steps * encoding.bin_us)
        yield f"{recording.id} reversed", BACKWARDS, back if all_events else encoding.relevant(back, steps)


def _image_samples(
    network: Network, folder: Path, split: str, limit: int | None, *, seed: int, dataset: str
) -> list[Sample]:
    images, labels = read_mnist(folder, split, dataset)
    assert isinstance(network.encoding, SpikeFrames)
    if downsampled(images[:1], network.encoding.downsample).size != network.in_size:
        shape = "x".join(str(n) for n in images.shape[1:])
        what = f"its images have {shape} pixels, network '{network.name}' takes {network.in_size} inputs"
        raise fail(str(folder), what, "Give the data that the network was trained for")
    return [
        Sample(
            index=i,
            id=f"{dataset}/{split}/{i}",
            labels=_labels(network, int(labels[i]), None),
            image=images[i],
            encoding=network.encoding,
            seed=seed,
            number=i,
            steps=network.steps,
        )
        for i in range(min(len(images), limit or len(images)))
    ]


def _labels(network: Network, digit: int, motion: int | None) -> dict[str, int | None]:
    return {h.name: motion if h.name == MOTION_HEAD else _class_of(h, digit) for h in network.heads}


def _class_of(head: Head, digit: int) -> int | None:
    """Find a class by its name ('3'), or by its place where classes have other names; None where there is none."""
    if str(digit) in head.labels:
        return head.labels.index(str(digit))
    named = any(label.isdigit() for label in head.labels)
    return digit if not named and digit < len(head.labels) else None
