"""The neurons' arithmetic and the proofs of their ranges, against brute force."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.ir import Affine, SnnCt, SnnDc
from codegen.ir.neurons import models
from codegen.ir.neurons.base import Range

SMALL = st.integers(-4, 4)


def naive_step(kind, v, current, theta):
    """The paper's equations for one neuron, in Python's own integers."""
    if kind == "snn_dc":
        return current > theta, current
    v += current
    return (True, v - theta) if v > theta else (False, v)


def reachable(kind, weights, bias, theta, steps):
    """Every value that a membrane can take, partial sums in any order included."""
    at_rest, seen = {0}, {0}
    for _ in range(steps):
        after = set()
        for v, spikes in product(at_rest, product([0, 1], repeat=len(weights))):
            terms = [w for w, x in zip(weights, spikes, strict=True) if x] + [bias]
            start = v if kind == "snn_ct" else 0
            partial = {start}
            for term in terms:  # any subset of the terms may have been added first
                partial |= {value + term for value in partial}
            seen |= partial
            after.add(naive_step(kind, v, sum(terms), theta)[1])
        seen |= after
        at_rest = after
    return seen


@pytest.mark.parametrize("kind", ["snn_dc", "snn_ct"])
@settings(max_examples=30, deadline=None)
@given(st.lists(SMALL, min_size=1, max_size=3), SMALL, st.integers(-6, 8), st.integers(1, 4))
def test_range_holds_every_value_that_can_be_reached(kind, weights, bias, theta, steps):
    affine = Affine(np.array([weights], np.int8), np.array([bias], np.int32), 4)
    neuron = models()[kind](np.array([theta], np.int32))
    bounds = neuron.membrane_range(affine.current_range(), steps)
    values = reachable(kind, weights, bias, theta, steps)
    assert bounds.low[0] <= min(values)
    assert max(values) <= bounds.high[0]


@settings(max_examples=30, deadline=None)
@given(st.lists(SMALL, min_size=1, max_size=3), SMALL, st.integers(-6, 8))
def test_range_of_dc_is_tight(weights, bias, theta):
    kind = "snn_dc"
    affine = Affine(np.array([weights], np.int8), np.array([bias], np.int32), 4)
    bounds = models()[kind](np.array([theta], np.int32)).membrane_range(affine.current_range(), 1)
    values = reachable(kind, weights, bias, theta, 1)
    assert bounds.low[0] in values
    assert bounds.high[0] in values


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
@pytest.mark.parametrize("kind", ["snn_dc", "snn_ct"])
@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(SMALL, SMALL, SMALL), min_size=1, max_size=8))
def test_step_is_the_papers(kind, dtype, cases):
    v, current, theta = (np.array(column) for column in zip(*cases, strict=True))
    neuron = models()[kind](theta.astype(np.int32))
    spikes, after = neuron.step(v.astype(dtype), current.astype(dtype))
    expected = [naive_step(kind, *map(int, case)) for case in zip(v, current, theta, strict=True)]
    assert spikes.tolist() == [fired for fired, _ in expected]
    assert after.tolist() == [value for _, value in expected]
    assert after.dtype == dtype


def test_range_of_ct_by_hand():
    """Rest 0; before firing 0..5, after it 0..3; then 0..8 and 0..6; then 0..11."""
    neuron = SnnCt(np.array([2], np.int32))
    bounds = neuron.membrane_range(Range(np.array([0]), np.array([5])), 3)
    assert (bounds.low[0], bounds.high[0]) == (0, 11)


def test_models_are_found_by_listing():
    assert models() == {"snn_dc": SnnDc, "snn_ct": SnnCt}


def test_magnitude_of_nothing_is_zero():
    empty = np.zeros(0, np.int64)
    assert Range(empty, empty).magnitude == 0
    assert Range(np.array([-7, 1]), np.array([2, 3])).magnitude == 7
