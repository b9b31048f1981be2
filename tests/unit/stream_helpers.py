"""What the tests of the link share: samples, patience for machines that are busy, and the native board."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from codegen.board import load_board
from codegen.ir import SpikeFrames
from hostctl.samples import Sample
from hostctl.stream import Device, Patience

sys.path.insert(0, str(Path(__file__).parents[1]))

from fake_device import FakeDevice, Faults, conv_network, frame_network, make_samples, random_network, unreliable

__all__ = [
    "BOARD",
    "NETWORK",
    "QUICK",
    "FakeDevice",
    "Faults",
    "busy",
    "conv_network",
    "frame_network",
    "image_samples",
    "make_samples",
    "open_device",
    "random_network",
    "unreliable",
]

NETWORK = random_network()
BOARD = load_board("native")
QUICK = Patience(greeting_s=0.4, reply_s=0.3, reopen_s=5, greetings=3, pings=2, attempts=6)


def image_samples(count, steps=5):
    """Random 7x7 images."""
    images = np.random.default_rng(2).integers(0, 256, (count, 7, 7)).astype(np.uint8)
    coding = SpikeFrames(1, 7, 7)
    return [
        Sample(i, f"MNIST/Test/{i}", {"digit": i % 10}, image=image, encoding=coding, number=i, steps=steps)
        for i, image in enumerate(images)
    ]


def open_device(fake, network=NETWORK, patience=QUICK, notes=None):
    """Open and greet a fake device."""
    return Device.open(fake.port, network, patience=patience, note=(lambda _: None) if notes is None else notes.append)


@contextlib.contextmanager
def busy():
    """More processes that want a processor than there are processors."""
    spin = [sys.executable, "-c", "while True: pass"]
    load = [subprocess.Popen(spin) for _ in range(2 * len(os.sched_getaffinity(0)))]
    try:
        yield
    finally:
        for process in load:
            process.kill()
            process.wait()
