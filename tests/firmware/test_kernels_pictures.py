"""Every variant of the kernels of pictures on 1,000 random convolutions and poolings: bit-equal to the reference.

A variant is a row of ``VARIANTS``: what it runs on (``bare.TARGETS``), and the flags that choose its kernels.
"""

from dataclasses import replace

import numpy as np
import pytest
from bare import CORE, DRIVER, TARGETS, build, run
from ladder import STRICT
from picture_layers import described, differences, encoded, expected, random_case

from codegen.ir import Conv2d, MaxPool2d, SnnDc

LAYERS = 1_000
SANITIZE = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
PORTABLE = ("-DSPIKEC_PORTABLE_KERNELS", "-DSPIKEC_PORTABLE_BITS")
ARM, RISCV, BIG_ENDIAN = pytest.mark.arm, pytest.mark.riscv, pytest.mark.bigendian

VARIANTS = [
    pytest.param("host", ("-O3",), id="host"),
    pytest.param("host", SANITIZE, id="host-sanitized"),
    pytest.param("host", (*SANITIZE, *PORTABLE), id="host-portable-sanitized"),
    pytest.param("big-endian", ("-O2",), id="big-endian", marks=BIG_ENDIAN),
    pytest.param("cortex-m0", ("-O2",), id="m0", marks=ARM),
    pytest.param("cortex-m0", ("-Os",), id="m0-small", marks=ARM),
    pytest.param("cortex-m0", ("-O3",), id="m0-fast", marks=ARM),
    pytest.param("cortex-m3", ("-O2",), id="m3", marks=ARM),
    pytest.param("cortex-m3", ("-Os",), id="m3-small", marks=ARM),
    pytest.param("cortex-m3", ("-O3",), id="m3-fast", marks=ARM),
    pytest.param("cortex-m4", ("-O2",), id="m4-dsp", marks=ARM),
    pytest.param("cortex-m55", ("-Os",), id="m55-mve", marks=ARM),
    pytest.param("rv32imc", ("-O2",), id="rv32imc", marks=RISCV),
    pytest.param("rv32imc", ("-Os",), id="rv32imc-small", marks=RISCV),
    pytest.param("rv32imc", ("-O3",), id="rv32imc-fast", marks=RISCV),
]


@pytest.fixture(scope="module")
def cases():
    return [random_case(seed) for seed in range(LAYERS)]


@pytest.fixture(scope="module")
def given(cases):
    return b"".join(map(encoded, cases))


@pytest.fixture(scope="module")
def rights(cases):
    return list(map(expected, cases))


def said_by(name, flags, given, folder):
    sources = [DRIVER / "pictures.c", *sorted(CORE.glob("spikec_*.c"))]
    build(TARGETS[name], sources, folder / "pictures.elf", (*STRICT, *flags))
    return run(TARGETS[name], folder / "pictures.elf", given)


@pytest.mark.parametrize(("name", "flags"), VARIANTS)
def test_a_variant_computes_what_the_reference_does(name, flags, cases, given, rights, tmp_path, bare_tools):
    bare_tools(TARGETS[name].tools)
    assert differences(cases, rights, said_by(name, flags, given, tmp_path)) == []


def test_the_layers_are_as_odd_as_they_should_be(cases):
    convolutions = [case for case in cases if isinstance(case.layer.connection, Conv2d)]
    assert {case.form for case in convolutions} == {"s8", "u7", "u8"}
    assert {case.layer.connection.bits for case in convolutions} == set(range(2, 9))
    assert {case.layer.connection.stride for case in convolutions} == {1, 2, 3}
    kinds = {(type(case.layer.neuron), case.bits, case.theta_period > 1, case.form) for case in convolutions}
    assert len(kinds) == 24, "both neurons, both widths, one threshold and many, every form"
    full = [case for case in convolutions if case.spikes.reshape(len(case.spikes), -1, _inputs(case)).all(axis=2).any()]
    assert len(full) > 100, "pixels with all spikes"
    assert any(not case.spikes.any() for case in convolutions)
    pools = [case for case in cases if isinstance(case.layer.connection, MaxPool2d)]
    assert {case.layer.connection.kernel for case in pools} == {1, 2, 3, 4}
    assert {case.layer.connection.stride for case in pools} == {1, 2, 3}


def _inputs(case):
    return case.layer.connection.in_shape[2]


def test_a_single_changed_weight_is_seen(cases, rights, tmp_path):
    """Proof that the comparison can fail: one weight of one layer is another."""
    number = next(
        i
        for i, case in enumerate(cases)
        if case.form == "u7" and case.spikes.all() and isinstance(case.layer.neuron, SnnDc)
    )
    case = cases[number]
    weight = case.layer.connection.weight.copy()
    middle = tuple(side // 2 for side in weight.shape)
    weight[middle] -= int(np.sign(weight[middle])) or 1
    other = replace(case, layer=replace(case.layer, connection=replace(case.layer.connection, weight=weight)))
    given = b"".join(encoded(other if i == number else case) for i, case in enumerate(cases))
    assert differences(cases, rights, said_by("host", ("-O2",), given, tmp_path)) == [described(number, cases[number])]
