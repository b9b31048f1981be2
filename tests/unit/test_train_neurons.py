"""The straight-through estimator and the recursion over the steps: hand numbers, and loops under autograd."""

import numpy as np
import pytest
import torch

from codegen.ir import neurons as integer_neurons
from trainer.layers.max_pool2d import MaxPool2d
from trainer.neurons import dynamics
from trainer.ste import round_through, spike, surrogate

V = [-0.5, 0.0, 0.25, 1.0, 1.0001, 2.0, 2.0001]


def test_kinds_are_those_of_the_integer_network():
    assert set(dynamics()) == set(integer_neurons.models())


def test_spike_is_strict_and_its_gradient_is_equation_4():
    v = torch.tensor(V, requires_grad=True)
    out = spike(v, torch.tensor(1.0))
    assert out.tolist() == [0, 0, 0, 0, 1, 1, 1]  # v = theta does not fire.
    out.backward(torch.tensor([10.0] * len(V)))
    assert v.grad.tolist() == [0, 5, 5, 5, 5, 5, 0]  # 0.5 on 0 <= v <= 2, both ends included.


def test_gradient_on_another_grid_is_the_same_slope_in_its_units():
    v = torch.tensor(V, dtype=torch.float64)
    theta = torch.tensor(100.0, dtype=torch.float64)
    assert surrogate(v * 100, theta).tolist() == [0, *[0.005] * 5, 0]


@pytest.mark.parametrize("theta", [0.0, -3.0])
def test_no_gradient_without_a_positive_threshold(theta):
    assert surrogate(torch.tensor([-6.0, -3.0, 0.0, 1.0]), torch.tensor(theta)).tolist() == [0, 0, 0, 0]


def test_rounding_passes_the_gradient():
    x = torch.tensor([0.4, 0.5, 1.5, -2.6], requires_grad=True)
    out = round_through(x)
    assert out.tolist() == [0, 0, 2, -3]
    out.backward(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    assert x.grad.tolist() == [1, 2, 3, 4]


def test_snn_ct_by_hand():
    current = torch.tensor([0.6, 0.4, 0.1, 2.5, 0.0, -5.0]).reshape(6, 1, 1)
    spikes, membranes = dynamics()["snn_ct"](current, torch.tensor([1.0]))
    assert spikes.flatten().tolist() == [0, 0, 1, 1, 1, 0]
    assert np.allclose(membranes.flatten().numpy(), [0.6, 1.0, 0.1, 1.6, 0.6, -4.4])


def naive(kind, current, theta):
    """The equations, step by step, for autograd to differentiate."""
    v = torch.zeros_like(current[0])
    spikes, membranes = [], []
    for x in current:
        v = x if kind == "snn_dc" else v + x
        s = spike(v, theta)
        if kind == "snn_ct":
            v = v - s * theta
        spikes.append(s)
        membranes.append(v)
    return torch.stack(spikes), torch.stack(membranes)


@pytest.mark.parametrize("kind", sorted(dynamics()))
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("uses", ["spikes", "membranes", "both"])
def test_forward_and_backward_are_those_of_the_loop(kind, seed, uses):
    random = torch.Generator().manual_seed(seed)
    shape = (1 + 4 * seed, 3, 5)
    start = torch.randn(shape, generator=random, dtype=torch.float64)
    theta = torch.rand(5, generator=random, dtype=torch.float64) + 0.5
    weights = [torch.randn(shape, generator=random, dtype=torch.float64) for _ in range(2)]
    grads, outs = [], []
    for run in (dynamics()[kind], lambda c, t: naive(kind, c, t)):
        current = start.clone().requires_grad_()
        spikes, membranes = run(current, theta)
        parts = {"spikes": [weights[0] * spikes], "membranes": [weights[1] * membranes]}
        parts["both"] = parts["spikes"] + parts["membranes"]
        sum(part.sum() for part in parts[uses]).backward()
        outs.append((spikes.detach(), membranes.detach()))
        grads.append(current.grad)
    assert torch.equal(outs[0][0], outs[1][0])
    assert torch.equal(outs[0][1], outs[1][1])
    assert grads[1].abs().max() > 0
    torch.testing.assert_close(grads[0], grads[1], rtol=1e-12, atol=1e-12)


def test_pooling_spreads_its_gradient_over_what_could_change_it():
    spikes = torch.zeros(1, 1, 5, 5)
    spikes[0, 0, 0, 0] = 1  # Alone in its window.
    spikes[0, 0, 0, 2] = spikes[0, 0, 1, 3] = 1  # Two in one window; the windows below are silent.
    spikes[0, 0, 4, 4] = 1  # In no window.
    flat = spikes.reshape(1, 1, 25).requires_grad_()
    out = MaxPool2d((5, 5, 1), 2, 2)(flat)
    assert out.tolist() == [[[1, 1, 0, 0]]]
    (out * torch.tensor([10.0, 20.0, 30.0, 40.0])).sum().backward()
    assert flat.grad.reshape(5, 5).tolist() == [
        [10, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [30, 30, 40, 40, 0],
        [30, 30, 40, 40, 0],
        [0, 0, 0, 0, 0],
    ]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 3, 7), (16, 33, 200)])
def test_compiled_loops_give_the_same_bits_as_torch_s_operations(dtype, shape):
    random = torch.Generator().manual_seed(1)
    values = torch.randint(-90, 110, (2, *shape), generator=random).to(dtype)
    theta = torch.randint(-3, 80, shape[2:], generator=random).to(dtype)
    found = []
    for membranes in (False, True):  # With membranes, torch does it.
        one, other = (part.transpose(0, 1).contiguous().transpose(0, 1) for part in values)  # Any order in memory.
        current = one.requires_grad_()
        spikes, _ = dynamics()["snn_ct"](current, theta, membranes=membranes)
        spikes.backward(other)
        found.append((spikes.detach(), current.grad))
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))
    assert found[0][0].dtype == dtype
