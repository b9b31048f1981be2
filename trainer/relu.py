"""Networks of rectified linear units (ANNs): what is converted to spikes, to compare direct training with."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from codegen.ir import SpikeFrames, fail
from trainer.architecture import Pool, Shape, parse, shapes
from trainer.augment import distort_images
from trainer.batches import training_set
from trainer.datasets.images import load_images
from trainer.layers import kinds
from trainer.layers.base import Synapses
from trainer.model import drop
from trainer.recipe import IMAGE_SETS, Recipe

WHITE = 255.0
Progress = Callable[[int, int, str], None]


class ReluNetwork(nn.Module):
    """The layers of a recipe with ReLU behind each, and none behind the last; pooling takes means, not the OR.

    ``layers``: connections with weights; in front of each, windows of ``pools`` x ``pools`` values are averaged (1: no
    pooling), which come in the shapes ``before``. Raises SpikecError for a recipe that is not about images.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        if not isinstance(recipe.encoding, SpikeFrames) or recipe.encoding.downsample > 1:
            raise fail(f"recipe '{recipe.name}'", "has no images in full size", "Only networks of images are converted")
        makers = {cls.spec: cls for cls in kinds().values()}
        self.layers, self.pools, self.before = nn.ModuleList(), list[int](), list[Shape]()
        self.dropout = recipe.train.dropout_hidden
        pool = 1
        unpooled: Shape = recipe.encoding.shape
        words = [*recipe.network.hidden, recipe.heads[-1].stop]
        for spec, shape, out in shapes(recipe.encoding.shape, [parse(word) for word in words]):
            if isinstance(spec, Pool):
                pool, unpooled = pool * spec.kernel, unpooled if pool > 1 else shape
                continue
            cls = makers[type(spec)]
            assert issubclass(cls, Synapses)
            self.layers.append(cls.make(spec, shape, bits=None, gain=math.sqrt(2), per_output=False))
            self.pools.append(pool)
            self.before.append(unpooled if pool > 1 else shape)
            pool, unpooled = 1, out

    def activations(self, pixels: Tensor) -> list[Tensor]:
        """What each layer gives for images (n, inputs) of values from 0 to 1; the last layer's are not rectified."""
        found: list[Tensor] = []
        for layer, pool, shape in zip(self.layers, self.pools, self.before, strict=True):
            assert isinstance(layer, Synapses)
            x = pooled(functional.relu(found[-1]) if found else pixels, shape, pool) / pool**2
            if self.training and self.dropout and found and layer.weight.dim() == 2:
                dropped = drop(x[None], self.dropout)
                assert isinstance(dropped, Tensor)
                x = dropped[0]
            found.append(layer.product(x[None], layer.weight, layer.bias)[0])
        return [*map(functional.relu, found[:-1]), found[-1]]

    def forward(self, pixels: Tensor) -> Tensor:
        """Scores (n, outputs) of images (n, inputs)."""
        return self.activations(pixels)[-1]


def pooled(values: Tensor, shape: Shape, kernel: int) -> Tensor:
    """Sums over windows of values (..., n) that have the ``shape`` (rows, columns, channels); integers stay exact."""
    if kernel == 1:
        return values
    pictures = values.reshape(-1, *shape).permute(0, 3, 1, 2)
    sums = functional.avg_pool2d(pictures, kernel, divisor_override=1)
    return sums.permute(0, 2, 3, 1).reshape(*values.shape[:-1], -1)


def train_relu(recipe: Recipe, data: Path, progress: Progress | None = None) -> ReluNetwork:
    """Train on the images themselves (no spikes): cross-entropy and Adam, all else (epochs, ...) as the recipe says.

    Raises SpikecError for missing or damaged data.
    """
    torch.manual_seed(recipe.train.seed)
    model = ReluNetwork(recipe)
    images = load_images(data, "Train", IMAGE_SETS[recipe.data.kind])
    pictures, labels = torch.tensor(images.images), torch.from_numpy(images.classes)
    chosen = torch.from_numpy(training_set(recipe, data).always)
    train = recipe.train
    optimiser = torch.optim.Adam(model.parameters(), lr=train.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, train.epochs)
    for epoch in range(train.epochs):
        model.train()
        losses = []
        for part in torch.split(chosen[torch.randperm(len(chosen))], train.batch):
            pixels = distort_images(pictures[part], recipe.augment).flatten(1) / WHITE
            loss = functional.cross_entropy(model(pixels), labels[part])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses.append(loss.detach())
        schedule.step()
        if progress is not None:
            progress(epoch + 1, train.epochs, f"loss {float(torch.stack(losses).mean()):.4f}")
    return model.eval()
