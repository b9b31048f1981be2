"""Train the dense networks that the sceptic's benchmark compares with, and quantize them to 8 bits after that.

    python benchmarks/dense/train.py --data DATA
    python benchmarks/dense/train.py --data DATA --keep-better   # once more: a better network that is there stays

All learn at once from the same batches: cross-entropy, Adam, a cosine schedule, MNIST's training images distorted as
those of the zoo's networks are. They lie in ``benchmarks/dense/networks``: the benchmark takes minutes, training them
takes longer, and networks that are the same everywhere make figures that can be compared. These are the better of two
trainings, the first one of the six shapes ``--shape 196-16-10 196-32-10 784-32-10 784-64-64-10 784-128-128-10
784-256-256-10``, the second one of all. Better on the test images, that is: this choice favours the opponents.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from benchmarks.dense.arithmetic import DenseNetwork, load_dense, pixels, quantize, save_dense  # noqa: E402
from codegen.ir import SpikecError  # noqa: E402
from codegen.ir.images import downsampled, read_mnist  # noqa: E402
from trainer.augment import distort_images  # noqa: E402
from trainer.recipe import load_recipe  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(__file__).resolve().parent / "networks"
SHAPES = (
    "196-16-10",
    "196-32-10",
    "196-64-10",
    "196-64-64-10",
    "196-128-128-10",
    "784-32-10",
    "784-64-64-10",
    "784-128-128-10",
    "784-256-256-10",
)
"""Those of 196 inputs see blocks of 2 x 2 pixels, as the zoo's ``mnist-tiny`` does."""
CALIBRATED_ON = 5000
WHITE = 255.0


def block_of(shape: str) -> int:
    """Side of the blocks of pixels that a network sees."""
    return 2 if shape.startswith("196-") else 1


def make(shape: str) -> nn.Sequential:
    """An untrained network of so many inputs, hidden neurons and outputs."""
    parts: list[nn.Module] = []
    for inputs, outputs in pairwise(map(int, shape.split("-"))):
        parts += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


def seen(images: Tensor, shape: str) -> Tensor:
    """Images (n, rows, columns) of 0 to 255 as a network's inputs (n, in), from 0 to 1."""
    return functional.avg_pool2d(images[:, None], block_of(shape)).flatten(1) / WHITE


def learn(models: dict[str, nn.Sequential], chosen: argparse.Namespace) -> None:
    """Train all networks."""
    images, labels = (torch.tensor(array) for array in read_mnist(chosen.data, "Train"))
    augment = load_recipe(ROOT / "recipes" / "mnist_dc_256.toml").augment
    weights = [weight for model in models.values() for weight in model.parameters()]
    optimiser = torch.optim.Adam(weights, lr=chosen.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, chosen.epochs)
    for epoch in range(chosen.epochs):
        total = 0.0
        for part in torch.split(torch.randperm(len(images))[: chosen.limit or None], chosen.batch):
            distorted, wanted = distort_images(images[part], augment), labels[part]
            losses = [functional.cross_entropy(model(seen(distorted, name)), wanted) for name, model in models.items()]
            optimiser.zero_grad()
            torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            total += float(torch.stack([loss.detach() for loss in losses]).mean()) * len(part)
        schedule.step()
        mean = total / (chosen.limit or len(images))
        print(f"epoch {epoch + 1} of {chosen.epochs}, loss {mean:.4f}", file=sys.stderr, flush=True)


@torch.no_grad()
def quantized(shape: str, model: nn.Sequential, chosen: argparse.Namespace) -> DenseNetwork:
    """A trained network in 8 bits."""
    images, _ = read_mnist(chosen.data, "Train")
    inputs = seen(torch.tensor(images[:CALIBRATED_ON]).float(), shape).numpy()
    layers = [part for part in model if isinstance(part, nn.Linear)]
    return quantize(shape, [(layer.weight.numpy(), layer.bias.numpy()) for layer in layers], inputs)


def per_cent(named: NDArray[Any], labels: NDArray[Any]) -> float:
    """How many images were named rightly."""
    return 100 * float(np.mean(named == labels))


@torch.no_grad()
def main(arguments: Sequence[str] | None = None) -> int:
    """Train, quantize, write; prints the accuracies in float and in 8 bits. Returns the exit code."""
    data = os.environ.get("SPIKEC_DATA")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data, required=not data, help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write to [benchmarks/dense/networks]")
    parser.add_argument("--epochs", type=int, default=40, help="of the training [40]")
    parser.add_argument("--batch", type=int, default=128, help="images in a batch [128]")
    parser.add_argument("--learning-rate", type=float, default=2e-3, help="at the start [0.002]")
    parser.add_argument("--limit", type=int, default=0, help="so many images an epoch [all]")
    parser.add_argument("--shape", nargs="+", default=SHAPES, help=f"networks to train [{' '.join(SHAPES)}]")
    parser.add_argument("--keep-better", action="store_true", help="keep networks there that read more test images")
    chosen = parser.parse_args(arguments)
    torch.manual_seed(0)
    try:
        models = {shape: make(shape) for shape in chosen.shape}
        with torch.enable_grad():
            learn(models, chosen)
        images, labels = read_mnist(chosen.data, "Test")
        for shape, model in models.items():
            network, path = quantized(shape, model, chosen), chosen.out / f"{shape}.npz"
            floats = model(seen(torch.tensor(images).float(), shape)).argmax(dim=1).numpy()
            inputs = pixels(downsampled(images, block_of(shape)))
            right = per_cent(network.answers(inputs), labels)
            print(f"{shape}: {per_cent(floats, labels):.2f} % in float, {right:.2f} % in 8 bits, of {len(labels):,}")
            if chosen.keep_better and path.exists() and per_cent(load_dense(path).answers(inputs), labels) >= right:
                print(f"{path} is as good, and stays")
            else:
                save_dense(network, path)
    except SpikecError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
