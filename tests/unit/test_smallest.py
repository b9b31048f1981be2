"""``compare --bisect``: the smallest input that still differs, on devices and builds with a weight that is wrong."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stream_helpers import (
    BOARD,
    NETWORK,
    QUICK,
    FakeDevice,
    Faults,
    conv_network,
    image_samples,
    make_samples,
    open_device,
)

from codegen.backends.c import project_plan
from codegen.ir import SpikecError, save, simulate, write_nmnist
from codegen.plan import write
from hostctl.results.smallest import find_smallest


def with_weight(network, layer, place, by):
    """The same network with one weight changed."""
    layers = list(network.layers)
    weight = layers[layer].connection.weight.copy()
    weight[place] += by
    layers[layer] = replace(layers[layer], connection=replace(layers[layer].connection, weight=weight))
    return replace(network, layers=tuple(layers))


def pretender(network, other, tmp_path, **options):
    """A device that computes ``other`` and says that it is ``network``."""
    return FakeDevice(other, tmp_path, Faults(greeting={"digest": network.digest}), **options)


def test_one_spike_is_enough_for_a_changed_weight_of_the_first_layer(tmp_path):
    other = with_weight(NETWORK, 0, (3, 17), 1 if NETWORK.layers[0].connection.weight[3, 17] < 63 else -1)
    (sample,) = make_samples(1)
    assert sample.inputs(NETWORK)[:, 17].any()
    told = []
    with pretender(NETWORK, other, tmp_path) as fake, open_device(fake) as device:
        found = find_smallest(NETWORK, device, sample, progress=lambda *args: told.append(args))
        assert found.runs == fake.computed
    assert found.before == sample.inputs(NETWORK).sum() > 80
    assert [source for _, source in found.spikes] == [17]
    assert found.least
    step = found.spikes[0][0]
    assert (found.place["layer"], found.place["step"], found.place["neuron"]) == ("l0", step, 3)
    assert found.cause["arrived"] == [[17, int(NETWORK.layers[0].connection.weight[3, 17])]]
    assert told


def test_a_difference_deep_inside_needs_several_spikes_and_none_can_be_left_out(tmp_path):
    weight = NETWORK.layers[1].connection.weight
    quiet = replace(NETWORK.layers[0].neuron, theta=np.full(20, 70, np.int32))
    bias = replace(NETWORK.layers[0].connection, bias=np.zeros(20, np.int32))
    network = replace(NETWORK, layers=(replace(NETWORK.layers[0], neuron=quiet, connection=bias), NETWORK.layers[1]))
    other = with_weight(network, 1, (2, 5), 1 if weight[2, 5] < 63 else -1)
    (sample,) = make_samples(1)

    def differs(spikes):
        inputs = np.zeros((network.steps, network.in_size), bool)
        inputs[tuple(np.array(spikes).reshape(-1, 2).T)] = True
        a, b = simulate(network, inputs), simulate(other, inputs)
        return any(np.any(x != y) for x, y in zip(a.membranes + a.spikes, b.membranes + b.spikes, strict=True))

    with pretender(network, other, tmp_path) as fake, open_device(fake, network) as device:
        found = find_smallest(network, device, sample)
    assert len(found.spikes) >= 2, "no weight of one spike reaches the threshold"
    assert differs(found.spikes)
    assert not any(differs(found.spikes[:i] + found.spikes[i + 1 :]) for i in range(len(found.spikes)))
    assert found.least == (len(found.spikes) == 2)


def test_no_spike_at_all_is_enough_for_a_changed_bias(tmp_path):
    first = NETWORK.layers[0]
    bias = first.connection.bias.copy()
    bias[4] += 1
    changed = replace(first, connection=replace(first.connection, bias=bias))
    other = replace(NETWORK, layers=(changed, *NETWORK.layers[1:]))
    with pretender(NETWORK, other, tmp_path) as fake, open_device(fake) as device:
        found = find_smallest(NETWORK, device, make_samples(1)[0])
    assert (found.spikes, found.least) == ((), True)
    assert found.place["neuron"] == 4
    assert found.cause["arrived_in_all"] == 0


def test_a_weight_of_a_convolution(tmp_path):
    network = conv_network()
    other = with_weight(network, 0, (2, 1, 1, 0), -1)
    (sample,) = image_samples(1)
    with pretender(network, other, tmp_path) as fake, open_device(fake, network) as device:
        found = find_smallest(network, device, sample)
    assert len(found.spikes) == 1
    assert found.place["layer"] == "conv1"
    assert found.place["neuron"] % 4 == 2


def test_a_difference_that_does_not_come_back_is_told(tmp_path):
    with (
        FakeDevice(NETWORK, tmp_path) as fake,
        open_device(fake) as device,
        pytest.raises(SpikecError, match="gives the reference's numbers this time"),
    ):
        find_smallest(NETWORK, device, make_samples(1)[0])


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch):
    monkeypatch.setattr("hostctl.results.run.Patience", lambda **_: QUICK)


@pytest.fixture
def files(tmp_path):
    """A network's file and a folder with recordings that it takes."""
    save(NETWORK, tmp_path / "tiny.spk")
    for sample in make_samples(4):
        path = tmp_path / "data" / "Test" / str(sample.index) / "1.bin"
        path.parent.mkdir(parents=True)
        write_nmnist(path, sample.events)
    return ["-n", tmp_path / "tiny.spk", "-d", tmp_path / "data"]


def test_the_command_asks_the_device_again(spikec, files, tmp_path):
    other = with_weight(NETWORK, 0, (3, 17), -1)
    with pretender(NETWORK, other, tmp_path) as fake:
        status, out, _ = spikec("stream", *files, "-b", "native", "--port", fake.port, "--trace", "-o", "bad")
        assert status == 1
        assert "layer l0, step" in out
        assert "from the input: " in out, "what led to it"
        status, out, err = spikec("compare", "bad", "--bisect", *files, "--port", fake.port)
        assert status == 1, err
        assert "1 of its " in out
        assert "input 17 (row 2, column 5)" in out
        assert "fewer give the reference's numbers" in out
        status, out, _ = spikec("compare", "bad", "--bisect", *files, "--port", fake.port, "--json")
        assert json.loads(out)["result"]["smallest"]["spikes"][0][1] == 17


def test_what_the_command_cannot_do(spikec, files, tmp_path):
    assert "--bisect takes one run folder" in spikec("compare", "a", "--bisect")[2]
    with FakeDevice(NETWORK, tmp_path) as fake:
        assert spikec("stream", *files, "-b", "native", "--port", fake.port, "-o", "good")[0] == 0
    status, _, err = spikec("compare", "good", "--bisect", *files)
    assert (status, "nothing differs" in err) == (2, True)
    other = with_weight(NETWORK, 0, (3, 17), -1)
    with pretender(NETWORK, other, tmp_path) as fake:
        assert spikec("stream", *files, "-b", "native", "--port", fake.port, "--trace", "-o", "bad")[0] == 1
    save(other, tmp_path / "other.spk")
    for words, arguments in (
        ("is another network than the run's", ["-n", "other.spk", *files[2:]]),
        ("Name the firmware by --elf", files),
    ):
        status, _, err = spikec("compare", "bad", "--bisect", *arguments)
        assert (status, words in err) == (2, True), err
    (tmp_path / "data/Test/9").mkdir()
    (tmp_path / "data/Test/0/1.bin").rename(tmp_path / "data/Test/9/1.bin")
    status, _, err = spikec("compare", "bad", "--bisect", *files)
    assert (status, "holds other samples than the run's" in err) == (2, True)


@pytest.mark.slow
def test_a_build_with_one_changed_weight(spikec, files):
    """Firmware whose weights are not those of the network that it claims to be."""
    assert spikec("run", *files, "-b", "native", "--trace", "-o", "run")[0] == 0
    place = np.argwhere(NETWORK.layers[0].connection.weight[:, 17] > -60)[0]
    other = with_weight(NETWORK, 0, (int(place[0]), 17), -1)
    plan = project_plan(other, BOARD)
    files_of = {path: text.replace(other.digest, NETWORK.digest) for path, text in plan.files.items()}
    write(replace(plan, files=files_of), Path("run/firmware"), force=True)
    from hostctl.build import build

    build(Path("run/firmware"), BOARD)
    elf = Path("run/firmware/.pio/build/native/firmware.elf")
    status, out, _ = spikec("stream", *files, "-b", "native", "--trace", "--elf", elf, "-o", "run", "--force")
    assert status == 1
    status, out, err = spikec("compare", "run", "--bisect", *files)
    assert status == 1, err
    assert "1 of its " in out
    assert "input 17 (row 2, column 5)" in out
