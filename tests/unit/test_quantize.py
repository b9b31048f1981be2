"""From torch to integers: the grid, and torch's numbers = the reference's, every spike and every membrane."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder import random_conv_network, random_network, random_sample
from train_helpers import SMALL

from codegen.ir import (
    Affine,
    Head,
    Layer,
    Network,
    SnnCt,
    SnnDc,
    SpikecError,
    SpikeFrames,
    check,
    load,
    save,
    simulate,
    simulate_batch,
)
from trainer.grid import choose_theta, exact_dtype, limit, to_grid
from trainer.quantize import fake_quant, quantize
from trainer.recipe import parse_recipe


def assert_same(network, inputs, spikes, membranes):
    """Torch's spikes and membranes of all layers are the reference's."""
    for i, sample in enumerate(inputs):
        trace = simulate(network, sample)
        for layer in range(len(network.layers)):
            assert np.array_equal(spikes[layer][i], trace.spikes[layer])
            assert np.array_equal(membranes[layer][i], trace.membranes[layer])


# ---- torch = reference, for integer networks -------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_fake_quant_is_the_reference(seed, convolutions):
    network = random_conv_network(seed, largest=300) if convolutions else random_network(seed, largest=60)
    inputs = np.stack([random_sample(network, seed + i).spikes for i in range(3)])
    spikes, membranes = fake_quant(network, inputs)
    assert_same(network, inputs, spikes, membranes)
    batch = simulate_batch(network, inputs)
    assert np.array_equal(batch.spikes, spikes[-1])
    assert np.array_equal(batch.membranes, membranes[-1])


@pytest.mark.parametrize("neuron", [SnnDc, SnnCt])
def test_fake_quant_at_the_edges_of_32_bits(neuron):
    theta = np.array([0, -1, 2**31 - 1, -(2**24) - 1, 1, 2**24 + 1], np.int32)
    bias = np.array([1, -1, 2**28 + 1, 3, -(2**28) - 1, 2**24 - 1], np.int32)
    weight = np.array([[1, -1, 127]] * 6, np.int8)
    layer = Layer("fc1", Affine(weight, bias, 8), neuron(theta))
    heads = (Head("digit", 0, 6, tuple("012345")),)
    network = check(Network("edges", SpikeFrames(1, 1, 3), 5, (layer,), heads))
    inputs = np.random.default_rng(0).random((8, 5, 3)) < 0.5
    assert_same(network, inputs, *fake_quant(network, inputs))


# ---- the grid --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", range(1, 9))
@pytest.mark.parametrize("per_output", [False, True])
def test_grid_is_symmetric_and_integer(bits, per_output):
    random = torch.Generator().manual_seed(bits)
    weight = torch.randn((6, 40), generator=random) * torch.logspace(-3, 1, 6)[:, None]
    bias = torch.randn(6, generator=random)
    theta = choose_theta(weight, bits, per_output=per_output)
    grid = to_grid(weight, bias, theta, bits)
    for values in (grid.weight, grid.bias, grid.theta):
        assert torch.equal(values, values.round())
    assert grid.weight.abs().max() <= limit(bits) == max(1, 2 ** (bits - 1) - 1)
    assert theta.min() >= 1
    assert (len(theta.unique()) > 1) == per_output


def test_a_grid_of_its_own_loses_less_where_outputs_differ():
    weight = torch.randn((4, 100), generator=torch.Generator().manual_seed(1)) * torch.tensor(
        [[0.01], [0.1], [1], [0.3]]
    )

    def loss(per_output):
        theta = choose_theta(weight, 4, per_output=per_output)
        return (to_grid(weight, torch.zeros(4), theta, 4).weight / theta[:, None] - weight).square().sum()

    assert loss(True) < loss(False)


def test_clipping_an_outlier_can_lose_less():
    weight = torch.cat([torch.linspace(-0.1, 0.1, 400), torch.tensor([0.4])])[None]
    theta = choose_theta(weight, 3)
    assert float(theta) > limit(3) / 0.4  # Finer than what just fits the outlier.


def test_weights_of_zero_have_a_grid():
    assert torch.isfinite(choose_theta(torch.zeros(3, 4), 8)).all()


def test_gradient_passes_the_rounding_and_stops_at_clipped_weights():
    weight = torch.tensor([[0.26, -0.9]], requires_grad=True)
    grid = to_grid(weight, torch.zeros(1), torch.tensor([4.0]), 2)
    assert grid.weight.tolist() == [[1.0, -1.0]]
    grid.weight.sum().backward()
    assert weight.grad.tolist() == [[4.0, 0.0]]


def test_one_bit_is_the_sign_on_the_scale_that_loses_least():
    weight = torch.tensor([[0.25, -0.05, 0.0, -0.1], [0.02, -0.02, 0.02, -0.02]], requires_grad=True)
    theta = choose_theta(weight, 1, per_output=True)
    assert theta.tolist() == [10.0, 50.0]  # 1 / mean(|w|) of each.
    assert choose_theta(weight, 1).tolist() == [17.0, 17.0]  # 1 / 0.06.
    grid = to_grid(weight, torch.tensor([0.1, -0.1]), theta, 1)
    assert grid.weight.tolist() == [[1, -1, 1, -1], [1, -1, 1, -1]]
    assert grid.bias.tolist() == [1, -5]
    grid.weight.sum().backward()
    assert weight.grad.tolist() == [[10.0] * 4, [50.0] * 4]  # Large weights go on learning, too.


@pytest.mark.parametrize("kind", ["snn_dc", "snn_ct"])
def test_one_bit_is_stored_in_two_and_computes_the_same(kind, tmp_path):
    recipe, model = model_of(1, 5, kind)
    network = quantize(model, recipe)
    save(network, tmp_path / "signs.spk")
    network = load(tmp_path / "signs.spk")
    for layer in network.layers:
        assert layer.connection.bits == 2
        assert set(np.unique(layer.connection.weight)) == {-1, 1}
    inputs = np.random.default_rng(1).random((8, network.steps, network.in_size)) < 0.2
    assert_same(network, inputs, *fake_quant(network, inputs))
    assert any(trace.any() for trace in fake_quant(network, inputs)[0])


def test_exact_dtype_changes_where_float32_ends():
    grid = to_grid(torch.ones(1, 1), torch.tensor([1000.0]), torch.tensor([1000.0]), 8)
    assert exact_dtype(grid, 16) == torch.float32  # 16 (127 + 10^6) + 1000 < 2^24
    assert exact_dtype(grid, 17) == torch.float64


# ---- trained model -> integer network --------------------------------------------------------------------------------


def model_of(bits, seed, kind="snn_ct", per_output=False, spread=1.0):
    """A recipe and a model with random weights and biases on its own grid."""
    text = SMALL.replace('neuron = "snn_ct"', f'neuron = "{kind}"').replace("bits = 4", f"bits = {bits}")
    recipe = parse_recipe(text.replace("per_output = false", f"per_output = {str(per_output).lower()}"), "small")
    torch.manual_seed(seed)
    model = recipe.build()
    with torch.no_grad():
        for layer in model.synapses():
            layer.bias.normal_(0, spread)
            layer.fit_grid()
    return recipe, model.eval()


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 8),
    st.integers(0, 10**6),
    st.sampled_from(["snn_dc", "snn_ct"]),
    st.booleans(),
    st.sampled_from([0.0, 1.0, 100.0, 1e5]),
)
def test_training_forward_is_the_quantized_network(bits, seed, kind, per_output, spread):
    recipe, model = model_of(bits, seed, kind, per_output, spread)
    network = quantize(model, recipe)
    inputs = np.random.default_rng(seed).random((4, network.steps, network.in_size)) < 0.2
    with torch.no_grad():
        activity = model.activity(torch.from_numpy(inputs).transpose(0, 1).float())
    spikes = [s.transpose(0, 1).numpy().astype(bool) for s in activity.spikes]
    membranes = [v.transpose(0, 1).numpy().astype(np.int64) for v in activity.membranes]
    assert_same(network, inputs, spikes, membranes)


@pytest.mark.parametrize("bits", range(1, 9))
def test_quantizing_after_training_gives_any_width_and_leaves_the_model_alone(bits):
    recipe, model = model_of(4, 0)
    before = copy.deepcopy(model.state_dict())
    network = quantize(model, recipe, bits)
    assert all(layer.connection.bits == max(2, bits) for layer in network.layers)
    assert max(int(np.abs(layer.connection.weight).max()) for layer in network.layers) <= limit(bits)
    assert [layer.bits for layer in model.synapses()] == [4, 4]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_more_bits_follow_the_float_model_more_closely():
    recipe, model = model_of(4, 3)
    inputs = np.random.default_rng(0).random((64, recipe.network.steps, recipe.encoding.size)) < 0.1
    exact = copy.deepcopy(model)
    for layer in exact.synapses():
        layer.bits = None
        layer.theta.fill_(1.0)
    with torch.no_grad():
        wanted = exact(torch.from_numpy(inputs).transpose(0, 1).float()).transpose(0, 1).numpy() > 0
    wrong = [np.count_nonzero(simulate_batch(quantize(model, recipe, b), inputs).spikes != wanted) for b in (2, 5, 8)]
    assert wrong[0] > wrong[1] > wrong[2]


def test_what_the_network_says_of_itself(tmp_path):
    recipe, model = model_of(4, 0)
    network = quantize(model, recipe, notes={"test_digit": 0.5})
    save(network, tmp_path / "small.spk")
    again = load(tmp_path / "small.spk")
    assert again.digest == network.digest
    assert (again.name, again.heads, again.encoding) == (recipe.name, recipe.heads, recipe.encoding)
    assert again.annotations["training"] == {"test_digit": 0.5}
    for layer in again.layers:
        assert again.annotations["scales"][layer.name] == pytest.approx((1 / np.unique(layer.neuron.theta)).tolist())


@pytest.mark.parametrize("bits", [9, 0, -3])
def test_bits_that_no_network_has(bits):
    recipe, model = model_of(4, 0)
    with pytest.raises(SpikecError, match="1 to 8"):
        quantize(model, recipe, bits)
