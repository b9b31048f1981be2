"""Random networks: generated C gives the reference's spikes and membranes, on this computer and on emulated Arm cores.

Dense networks, and convolutions with pooling.
"""

from dataclasses import replace

import numpy as np
import pytest
from ladder import (
    BIG_ENDIAN,
    Sample,
    arm_rung,
    big_endian_rung,
    compare,
    compile_host,
    device_rung,
    host_rung,
    in_batches,
    random_cases,
    random_conv_network,
    random_network,
)

from codegen.backends import c
from codegen.ir import Affine, Head, Layer, Network, SnnCt, SpikeFrames

SANITIZE = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-DSPIKEC_PORTABLE_BITS")
PORTABLE = ("-Os", "-DSPIKEC_PORTABLE_KERNELS", "-DSPIKEC_PORTABLE_BITS")


@pytest.fixture(scope="module", params=[random_network, random_conv_network], ids=["dense", "conv"])
def cases(request):
    return random_cases(range(5000, 5025), make=request.param)


def test_this_computer(cases, tmp_path):
    assert compare(cases, host_rung(tmp_path, ("-O3",))(cases)) == []


def test_this_computer_with_sanitizers(cases, tmp_path):
    assert compare(cases, host_rung(tmp_path, SANITIZE)(cases)) == []


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize(
    ("board_id", "flags"),
    [("mps2_an386", ("-O2",)), ("mps2_an385", PORTABLE), ("mps3_an547", ("-O2",))],
    ids=["m4-dsp", "m3-portable", "m55-mve"],
)
def test_emulated_arm(cases, tmp_path, board_id, flags):
    rung = in_batches(lambda target: arm_rung(target, flags, board_id), tmp_path, weights=300_000)
    assert compare(cases, rung(cases)) == []


@pytest.mark.bigendian
@pytest.mark.usefixtures("big_endian_tools")
def test_emulated_big_endian_machine(cases, tmp_path):
    assert compare(cases, big_endian_rung(tmp_path)(cases)) == []


@pytest.mark.bigendian
@pytest.mark.usefixtures("big_endian_tools")
def test_the_whole_device_on_a_big_endian_machine(tmp_path):
    cases = random_cases([5001, 5002]) + random_cases([9, 12], make=random_conv_network)
    assert compare(cases, device_rung(tmp_path, *BIG_ENDIAN)(cases)) == []


def test_the_whole_device_with_traces(tmp_path):
    cases = random_cases([5001], samples=3) + random_cases([9, 12, 21, 40], samples=3, make=random_conv_network)
    assert compare(cases, device_rung(tmp_path)(cases)) == []


def full_network(sign, inputs=700, size=37):
    """Every weight at its limit and every input active: sums of 16 bits would overflow after 258 rows."""
    weight = np.full((size, inputs), sign * 127, np.int8)
    theta = np.full(size, 100_000, np.int32)
    layer = Layer("layer", Affine(weight, np.arange(size, dtype=np.int32), 8), SnnCt(theta))
    frames = SpikeFrames(1, 1, inputs)
    name = "high" if sign > 0 else "low"
    return Network(name, frames, 3, (layer,), (Head("class", 0, 2, ("a", "b")),)), [Sample(np.ones((3, inputs), bool))]


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_sums_of_many_rows_do_not_overflow(tmp_path):
    cases = [full_network(1), full_network(-1)]
    assert compare(cases, host_rung(tmp_path / "host")(cases)) == []
    assert compare(cases, arm_rung(tmp_path / "arm")(cases)) == []


def test_the_comparison_sees_a_single_changed_weight(tmp_path):
    """The ladder must be able to fail: compare the reference of one network with the C of a near relation."""
    ((network, samples),) = random_cases([5003], samples=4)
    seen = host_rung(tmp_path)([(network, samples)])
    assert compare([(network, samples)], seen) == []
    first = network.layers[0]
    weight = first.connection.weight.copy()
    used = int(np.argmax(np.sum([sample.spikes.sum(axis=0) for sample in samples], axis=0)))
    weight[0, used] += 1 if weight[0, used] <= 0 else -1
    changed = Layer(first.name, Affine(weight, first.connection.bias, first.connection.bits), first.neuron)
    other = replace(network, layers=(changed, *network.layers[1:]))
    assert any("membranes differ" in line for line in compare([(other, samples)], seen))


def test_a_runtime_of_another_version_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(c, "RUNTIME_VERSION", 99)
    with pytest.raises(AssertionError, match="needs version 99 of the spikec runtime: generate it again"):
        compile_host([random_network(1, largest=8)], tmp_path)
