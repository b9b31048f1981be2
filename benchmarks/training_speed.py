"""How much faster is the vectorised training loop than stepping sample by sample?

Trains the same network, from the same weights, on the same samples, in both ways, in one run: ``stepwise`` takes one
sample and one time step after the other and lets autograd follow; ``online`` does so with an update after each sample;
``vectorised`` is the trainer's own step. Stepwise and vectorised make the same spikes and, to rounding, the same
gradients: that is checked before anything is timed. The fastest of many repeats counts. Run it on an idle machine all
the same: other load slows the two in different measure.

    python benchmarks/training_speed.py [--sizes 1156-256-256-12] [--batch 64] [--threads 2] [--device cpu] [--gain 3]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from codegen.ir import Head
from trainer.loss import spike_scores, squared_hinge
from trainer.model import SpikingNetwork
from trainer.precision import exact_products
from trainer.spikelist import SpikeStore
from trainer.ste import spike

DENSITY = 0.032
"""Share of inputs that spike in a step: what real N-MNIST recordings have (ON events, first saccade)."""
RATE = 0.5


def stepwise(model: SpikingNetwork, spikes: Tensor) -> Tensor:
    """Output spikes (steps, batch, out) of the equations as they are written: a sample, a step, a layer at a time."""
    return torch.stack([one_sample(model, spikes[:, i]) for i in range(spikes.shape[1])], dim=1)


def one_sample(model: SpikingNetwork, spikes: Tensor) -> Tensor:
    """Output spikes (steps, out) of one sample (steps, in)."""
    grids = [
        layer.parameters_on_grid() for layer in model.synapses()
    ]  # Once a sample: a fair loop would not round more.
    membranes = [torch.zeros_like(grid.bias) for grid in grids]
    out = []
    for frame in spikes:
        x = frame
        for i, grid in enumerate(grids):
            v = grid.weight @ x + grid.bias
            if model.kind == "snn_ct":
                v = membranes[i] + v
            x = spike(v, grid.theta)
            membranes[i] = v - x * grid.theta
        out.append(x)
    return torch.stack(out)


def whole_batch(model: SpikingNetwork, optimiser: torch.optim.Optimizer, store: SpikeStore, labels: Tensor) -> None:
    """One training step of the trainer: the batch is put together, then all its samples and time steps go at once."""
    optimiser.zero_grad()
    spikes = store.take(np.arange(len(labels)))
    batch = spikes if labels.device.type == "cpu" else spikes.dense().to(labels.device)
    with exact_products(model):
        loss_of(model, model(batch), labels).backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def one_by_one(model: SpikingNetwork, optimiser: torch.optim.Optimizer, spikes: Tensor, labels: Tensor) -> None:
    """The same training step: forwards and backwards for each sample, gradients summed up, then one update."""
    optimiser.zero_grad()
    for i in range(spikes.shape[1]):
        backwards(model, spikes, labels, i, spikes.shape[1])
    optimiser.step()


def online(model: SpikingNetwork, optimiser: torch.optim.Optimizer, spikes: Tensor, labels: Tensor) -> None:
    """Training with batches of one: an update after each sample."""
    for i in range(spikes.shape[1]):
        optimiser.zero_grad()
        backwards(model, spikes, labels, i, 1)
        optimiser.step()


def backwards(model: SpikingNetwork, spikes: Tensor, labels: Tensor, i: int, share: int) -> None:
    """Add one sample's share to the gradients."""
    out = one_sample(model, spikes[:, i])[:, None]
    (loss_of(model, out, labels[i : i + 1]) / share).backward()  # type: ignore[no-untyped-call]


def loss_of(model: SpikingNetwork, out: Tensor, labels: Tensor) -> Tensor:
    """The trainer's loss on spike counts."""
    return squared_hinge(spike_scores(out, RATE), heads_of(model), {"class": labels})


def heads_of(model: SpikingNetwork) -> tuple[Head, ...]:
    """One head over all outputs."""
    size = model.synapses()[-1].bias.shape[0]
    return (Head("class", 0, size, tuple(map(str, range(size)))),)


def seconds(work: Callable[[], None], device: str, repeats: int) -> float:
    """Shortest time of one call, after one that is not counted: other load can only make it longer."""
    times = []
    for _ in range(repeats + 1):
        synchronise(device)
        start = time.perf_counter()
        work()
        synchronise(device)
        times.append(time.perf_counter() - start)
    return min(times[1:])


def synchronise(device: str) -> None:
    """Wait for a GPU to finish."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def store_of(spikes: Tensor) -> SpikeStore:
    """Samples (steps, batch, in) as the trainer keeps them."""
    packed = np.packbits(spikes.transpose(0, 1).cpu().numpy().astype(bool), axis=2, bitorder="little")
    return SpikeStore(packed, spikes.shape[2])


def check_equal(make: Callable[[], SpikingNetwork], spikes: Tensor, labels: Tensor) -> None:
    """Both ways must compute the same, or the comparison means nothing."""
    gradients, outs = [], []
    store = store_of(spikes)
    for run in (stepwise, lambda model, _: model(store.take(np.arange(spikes.shape[1])))):
        model = make()
        outs.append(run(model, spikes))
        loss_of(model, outs[-1], labels).backward()  # type: ignore[no-untyped-call]
        gradients.append([p.grad for p in model.parameters()])
    if not torch.equal(*outs):
        raise SystemExit("the two loops make different spikes")
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Both rates, and their ratio."""
    sizes = [int(size) for size in options.sizes.split("-")]

    def make() -> SpikingNetwork:
        torch.manual_seed(0)
        network = SpikingNetwork(sizes, options.neuron, bits=options.bits or None, gain=options.gain)
        return network.to(options.device)

    random = torch.Generator().manual_seed(1)
    spikes = (torch.rand((options.steps, options.batch, sizes[0]), generator=random) < DENSITY).float()
    labels = torch.randint(0, sizes[-1], (options.batch,), generator=random).to(options.device)
    spikes = spikes.to(options.device)
    few = min(options.batch, options.few)
    check_equal(make, spikes[:, :few], labels[:few])
    result: dict[str, object] = {**vars(options), "torch": torch.__version__}
    with torch.no_grad():
        hidden = make().activity(store_of(spikes).take(np.arange(options.batch)), membranes=False).spikes[:-1]
    result["hidden_activity"] = [round(float(layer.mean()), 4) for layer in hidden]
    ways = (("stepwise", one_by_one, few), ("online", online, few), ("vectorised", whole_batch, options.batch))
    for name, step, count in ways:
        model = make()
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
        part, right = store_of(spikes) if step is whole_batch else spikes[:, :count], labels[:count]

        def work(step=step, model=model, optimiser=optimiser, part=part, right=right) -> None:  # type: ignore[no-untyped-def]
            step(model, optimiser, part, right)

        result[f"{name}_samples_per_s"] = count / seconds(work, options.device, options.repeats)
    for name in ("stepwise", "online"):
        result[f"ratio_{name}"] = result["vectorised_samples_per_s"] / result[f"{name}_samples_per_s"]  # type: ignore[operator]
    return result


def main() -> None:
    """Measure and print, as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1156-256-256-12", help="inputs, hidden layers, outputs")
    parser.add_argument("--neuron", default="snn_ct", choices=["snn_ct", "snn_dc"])
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--bits", type=int, default=7, help="weights of 2 to 8 bits; 0 trains in floats")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument(
        "--gain", type=float, default=3.0, help="of the weights: 3 makes hidden neurons spike as trained ones"
    )
    parser.add_argument("--few", type=int, default=8, help="samples of a stepwise batch: it is slow")
    parser.add_argument("--repeats", type=int, default=30, help="the fastest counts")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    result = measure(options)
    if options.json:
        print(json.dumps(result, indent=1))
        return
    print(f"{options.sizes}, {options.neuron}, {options.steps} steps, {options.bits} bits, on {options.device}")
    print(f"hidden neurons that spike in a step: {', '.join(f'{share:.1%}' for share in result['hidden_activity'])}")  # type: ignore[attr-defined]
    print(f"vectorised  {result['vectorised_samples_per_s']:12,.1f} samples/s, batches of {options.batch}")
    for name, what in (("stepwise", "one update a batch"), ("online", "one update a sample")):
        rate, ratio = result[f"{name}_samples_per_s"], result[f"ratio_{name}"]
        print(f"{name:<12}{rate:12,.1f} samples/s, {what}: the vectorised loop is {ratio:.0f} times faster")


if __name__ == "__main__":
    main()
