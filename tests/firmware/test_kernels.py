"""Every variant of the dense kernels on 1,000 random layers of odd shapes: equal to the reference, bit for bit.

A variant is a row of ``VARIANTS``: what it runs on (``bare.TARGETS``), and the flags that choose its kernels.
"""

from dataclasses import replace

import numpy as np
import pytest
from bare import CORE, DRIVER, TARGETS, build, run
from kernel_layers import differences, encoded, random_case
from ladder import STRICT

from codegen.ir import Layer
from codegen.passes.layouts.affine import FORMATS

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
    pytest.param("cortex-m0", ("-Os", *PORTABLE), id="m0-portable", marks=ARM),
    pytest.param("cortex-m3", ("-O2",), id="m3", marks=ARM),
    pytest.param("cortex-m3", ("-Os",), id="m3-small", marks=ARM),
    pytest.param("cortex-m4", ("-O2",), id="m4-dsp", marks=ARM),
    pytest.param("cortex-m33", ("-Os",), id="m33-dsp", marks=ARM),
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


def said_by(name, flags, given, folder):
    sources = [DRIVER / "kernels.c", *sorted(CORE.glob("spikec_*.c"))]
    build(TARGETS[name], sources, folder / "kernels.elf", (*STRICT, *flags))
    return run(TARGETS[name], folder / "kernels.elf", given)


@pytest.mark.parametrize(("name", "flags"), VARIANTS)
def test_a_variant_computes_what_the_reference_does(name, flags, cases, given, tmp_path, bare_tools):
    bare_tools(TARGETS[name].tools)
    assert differences(cases, said_by(name, flags, given, tmp_path)) == []


def test_the_layers_are_as_odd_as_they_should_be(cases):
    sizes = {case.layer.size for case in cases}
    assert set(range(1, 71)) <= sizes
    assert {127, 128, 129, 255, 256, 257} <= sizes
    assert {case.layer.connection.bits for case in cases} == set(range(2, 9))
    assert max(case.spikes.sum(axis=1).max() for case in cases) > 1_000
    assert any(not case.spikes.any() for case in cases)
    assert any(case.spikes.all() for case in cases)
    kinds = {(type(case.layer.neuron), case.bits, case.theta_period > 1) for case in cases}
    assert {case.form for case in cases} == {form.name for form in FORMATS}
    assert len(kinds) == 8, "both neurons, both widths, one threshold and many"


def test_a_single_changed_weight_is_seen(cases, tmp_path):
    """Proof that the comparison can fail: one weight of one layer is another."""
    number = next(i for i, case in enumerate(cases) if case.spikes.all() and case.layer.size > 8)
    connection = cases[number].layer.connection
    weight = connection.weight.copy()
    weight[-1, -1] -= int(np.sign(weight[-1, -1])) or 1
    other = replace(connection, weight=weight)
    changed = replace(cases[number], layer=Layer("layer", other, cases[number].layer.neuron))
    given = b"".join(encoded(changed if i == number else case) for i, case in enumerate(cases))
    found = differences(cases, said_by("host", ("-O2",), given, tmp_path))
    assert [line.split(":")[0] for line in found] == [f"layer {number}"]
