"""The squared hinge loss on spike counts and membranes, by hand numbers."""

import pytest
import torch

from codegen.ir import Head
from trainer.loss import membrane_scores, spike_scores, squared_hinge

DIGIT = Head("digit", 0, 3, ("0", "1", "2"))
MOTION = Head("motion", 3, 5, ("forwards", "backwards"))


def counted(*rows, steps=4):
    """Spikes (steps, batch, out) with the given counts."""
    counts = torch.tensor(rows)
    return (torch.arange(steps)[:, None, None] < counts).float()


@pytest.mark.parametrize(
    ("counts", "rate", "wanted"),
    [
        ([4, 0, 0], 1.0, 0.0),  # Scores 1, -1, -1: all as wanted.
        ([0, 0, 0], 1.0, 4 / 3),  # The right one is silent: (1 - (-1))^2 over 3 classes.
        ([2, 1, 0], 1.0, (1.0 + 0.25) / 3),  # Scores 0, -0.5, -1.
        ([0, 4, 4], 1.0, 12 / 3),
        ([2, 0, 0], 0.5, 0.0),  # Half of the steps are enough.
        ([4, 0, 0], 0.5, 0.0),  # More is not punished.
    ],
)
def test_numbers(counts, rate, wanted):
    loss = squared_hinge(spike_scores(counted(counts), rate), (DIGIT,), {"digit": torch.tensor([0])})
    assert float(loss) == pytest.approx(wanted, abs=1e-6)


def test_mean_over_samples_and_sum_over_heads():
    spikes = counted([4, 0, 0, 0, 4], [0, 0, 0, 0, 0])
    labels = {"digit": torch.tensor([0, 0]), "motion": torch.tensor([1, 1])}
    loss = squared_hinge(spike_scores(spikes, 1.0), (DIGIT, MOTION), labels)
    assert float(loss) == pytest.approx((0 + 4 / 3) / 2 + (0 + 4 / 2) / 2)


def test_gradient_pushes_the_right_neuron_up_and_others_down():
    spikes = counted([1, 1, 0]).requires_grad_()
    squared_hinge(spike_scores(spikes, 1.0), (DIGIT,), {"digit": torch.tensor([0])}).backward()
    step = spikes.grad[0, 0]
    # Scores -0.5, -0.5, -1: d/ds = -(2/3)(1.5)(2/4), +(2/3)(0.5)(2/4), 0.
    assert step.tolist() == pytest.approx([-0.5, 1 / 6, 0.0])
    assert torch.equal(spikes.grad, step.expand(4, 1, 3))


def test_membranes_without_memory_are_scored_in_every_step():
    current = torch.tensor([[[5.0, 15.0, 10.0]], [[0.0, 30.0, 11.0]]])
    scores = membrane_scores(current, torch.tensor([10.0, 10.0, 10.0]), 1.0, memory=False)
    assert scores.tolist() == [[[-1, 1, 0]], [[-2, 4, pytest.approx(0.2)]]]


def test_membranes_with_memory_are_scored_by_their_mean_input_so_far():
    current = torch.tensor([[[10.0, 0.0]], [[0.0, 10.0]]])
    scores = membrane_scores(current, torch.tensor([10.0, 20.0]), 0.5, memory=True)
    assert scores.tolist() == [[[3, -1]], [[1, 0]]]
