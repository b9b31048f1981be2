"""ANN to SNN: rates that approach activations, and integers that are the reference's."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from codegen.ir import Conv2d, SpikecError, simulate_batch
from trainer.convert import convert, integer_network, simulate
from trainer.recipe import parse_recipe
from trainer.relu import ReluNetwork, pooled, train_relu

MNIST = """
name = "ann"
[data]
kind = "mnist"
limit = 2000
[network]
neuron = "snn_dc"
hidden = [{hidden}]
steps = 16
[train]
epochs = 2
learning_rate = 3e-3
dropout_hidden = 0.1
[augment]
shift = 1
"""


def recipe_of(hidden):
    return parse_recipe(MNIST.format(hidden=hidden), "ann")


def model_of(hidden, seed=0):
    recipe = recipe_of(hidden)
    torch.manual_seed(seed)
    model = ReluNetwork(recipe).eval()
    with torch.no_grad():
        for layer in model.layers:
            layer.bias.normal_(0, 0.1)
    return recipe, model, torch.rand(20, 784) * (torch.rand(20, 784) < 0.3)


def test_a_relu_network_is_what_torch_would_write():
    _, model, pixels = model_of('"3c5", "mp2", "4c3p1", "mp2", 20')
    first, second, third, last = model.layers
    x = pixels.reshape(-1, 1, 28, 28)
    x = functional.relu(functional.conv2d(x, first.weight.permute(0, 3, 1, 2), first.bias))
    x = functional.avg_pool2d(x, 2)
    x = functional.relu(functional.conv2d(x, second.weight.permute(0, 3, 1, 2), second.bias, padding=1))
    x = functional.avg_pool2d(x, 2).permute(0, 2, 3, 1).flatten(1)
    x = functional.linear(functional.relu(functional.linear(x, third.weight, third.bias)), last.weight, last.bias)
    assert torch.allclose(model(pixels), x, atol=1e-5)


def test_pooling_sums_integers():
    values = torch.arange(2 * 4 * 4 * 3, dtype=torch.float32).reshape(1, 2, -1)
    sums = pooled(values, (4, 4, 3), 2)
    assert sums.shape == (1, 2, 12)
    assert sums[0, 1, 2] == sum(48 + (row * 4 + column) * 3 + 2 for row in (0, 1) for column in (0, 1))
    assert pooled(values, (4, 4, 3), 1) is values


@pytest.mark.parametrize(
    "hidden", ["30, 20", '"3c5", "mp2", "4c3", "mp2", 20', '"3c5", "mp2", "4c5p2", 12', '"mp2", 9']
)
@pytest.mark.parametrize("bits", [1, 4, 8])
def test_integers_are_the_references(hidden, bits):
    recipe, model, pixels = model_of(hidden)
    stages = convert(model, pixels, bits=bits)
    inputs = np.random.default_rng(1).random((6, 40, 784)) < 0.3
    network = integer_network(stages, recipe, 40)
    batch = simulate_batch(network, inputs)
    spikes, total = simulate(stages, torch.from_numpy(inputs).transpose(0, 1).float())
    assert np.array_equal(spikes.transpose(0, 1).numpy() > 0, batch.spikes)
    assert batch.spikes.any()
    theta = network.layers[-1].theta
    wanted = batch.counts + batch.membranes / theta
    assert np.allclose(total.transpose(0, 1).numpy(), wanted, rtol=0, atol=1e-4)
    assert all(layer.connection.bits == max(2, bits) for layer in network.layers)


def test_pooling_costs_no_layer():
    recipe, model, pixels = model_of('"3c5", "mp2", "4c3", "mp2", 20')
    network = integer_network(convert(model, pixels), recipe, 8)
    assert [layer.name for layer in network.layers] == ["conv1", "conv2", "fc1", "fc2"]
    behind = network.layers[1].connection
    assert isinstance(behind, Conv2d)
    assert (behind.kernel, behind.stride, behind.out_shape) == ((6, 6), 2, (10, 10, 4))


def test_rates_approach_the_activations():
    _, model, pixels = model_of("30, 20")
    stages = convert(model, pixels, bits=None, percentile=100)
    scores = model(pixels).detach()
    wanted = (scores / scores.max()).clamp(min=0)

    def error(steps):
        spikes, _ = simulate(stages, pixels.expand(steps, -1, -1))  # Currents instead of random spikes.
        return float((spikes.mean(dim=0) - wanted).abs().max())

    assert error(1000) < 0.02 < error(10)


def test_what_reaches_beyond_the_percentile_is_clipped():
    _, model, pixels = model_of("30, 20")
    high = [float(convert(model, pixels, bits=None, percentile=p)[0].weight.abs().max()) for p in (50, 99.9)]
    assert high[0] > high[1]


def test_a_silent_layer_is_told():
    _, model, pixels = model_of("30, 20")
    with torch.no_grad():
        model.layers[1].bias.fill_(-1e3)
    with pytest.raises(SpikecError, match="layer 2: has no positive value"):
        convert(model, pixels)


def test_floats_are_no_integer_network():
    recipe, model, pixels = model_of("8")
    with pytest.raises(SpikecError, match="converted to floats"):
        integer_network(convert(model, pixels, bits=None), recipe, 4)


def test_windows_must_divide_the_picture():
    recipe, model, pixels = model_of('"3c6", "mp2", 8')
    with pytest.raises(SpikecError, match="leave out rows of 23x23"):
        integer_network(convert(model, pixels), recipe, 4)


def test_numbers_that_float32_could_round_stop_it():
    _, model, pixels = model_of("8")
    stages = convert(model, pixels)
    with torch.no_grad():
        stages[0].bias.fill_(2.0**20)
    with pytest.raises(ArithmeticError, match="may exceed"):
        simulate(stages, torch.zeros(16, 1, 784))


def test_recordings_have_no_images(tmp_path):
    text = MNIST.replace('"mnist"', '"nmnist"').format(hidden="8").replace("limit = 2000", "")
    with pytest.raises(SpikecError, match="has no images"):
        train_relu(parse_recipe(text, "ann"), tmp_path)


@pytest.mark.real_data
def test_digits_are_learned_and_survive_conversion(real_data):
    recipe = recipe_of("64")
    told = []
    model = train_relu(recipe, real_data, lambda *step: told.append(step))
    assert [step[:2] for step in told] == [(1, 2), (2, 2)]
    from trainer.datasets.images import load_images

    images = load_images(real_data, "Test")
    pixels = torch.tensor(images.images[:500]).flatten(1) / 255
    labels = torch.from_numpy(images.labels["digit"][:500])
    right = float((model(pixels).argmax(dim=1) == labels).float().mean())
    spikes, total = simulate(convert(model, pixels), (torch.rand(64, *pixels.shape) < pixels).float())
    converted = float((spikes.sum(dim=0).argmax(dim=1) == labels).float().mean())
    early = float((total[0].argmax(dim=1) == labels).float().mean())
    assert right > 0.8
    assert right - 0.05 < converted
    assert early < converted
