"""The activity of hardware that its energy is estimated from: counted by hand, and held to the reference."""

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))

from golden import golden_conv, golden_ct

from benchmarks.fpga_energy import READ_PJ, activity, add_pj, energies
from codegen.ir import SpikecError, simulate
from codegen.passes.lane_widths import lane_widths

NETWORK = golden_ct()


def inputs(*spikes: tuple[int, int]) -> np.ndarray:
    """Spikes (step, input) of a sample."""
    found = np.zeros((NETWORK.steps, NETWORK.in_size), np.bool_)
    for step, index in spikes:
        found[step, index] = True
    return found


def test_counts_by_hand():
    sample = inputs((0, 0), (0, 5), (2, 3))
    hidden, out = activity(NETWORK, sample)
    assert (hidden.rows, hidden.adds, hidden.read_bits) == (3, (3 + 4) * 2, 3 * 2 * 3), "two neurons, weights of 3 bits"
    assert hidden.word_bits == 2 * 32 + 4 * 1, "two steps have a word with spikes, and each has a map of one word"
    spikes = simulate(NETWORK, sample).spikes[0].sum()
    assert spikes > 0
    assert (out.rows, out.read_bits) == (spikes, spikes * 3 * 4)


def test_toggles_by_hand():
    """Held less theta + 1 = 3, no input: neuron 0 gets +1 a step, neuron 1 gets -1; at 3 > theta it fires, less 2."""
    hidden, _ = activity(NETWORK, inputs())
    values = [[0, 1, 2, 3, 2], [0, -1, -2, -3, -4]]  # in the fourth step neuron 0 has 3 - 2 + 1
    mask = (1 << lane_widths(NETWORK.layers[0], NETWORK.steps, banks=1, resident=True).v) - 1
    pairs = [(a - 3, b - 3) for one in values for a, b in itertools.pairwise(one)]
    assert hidden.toggles == sum(((a ^ b) & mask).bit_count() for a, b in pairs)


def test_energy_is_activity_times_what_was_published():
    assert (add_pj(8), add_pj(32)) == pytest.approx((0.03, 0.1))
    hidden, _ = activity(NETWORK, inputs((0, 0)))
    adding, reading = energies(NETWORK.layers[0], hidden, NETWORK.steps)
    assert reading == pytest.approx((1 * 2 * 3 + 32 + 4) * READ_PJ)
    assert 0.01 * hidden.adds < adding < 0.1 * hidden.adds


def test_a_network_that_is_not_counted():
    network = golden_conv()
    with pytest.raises(SpikecError, match=r"layer conv1: the activity of .* is not counted"):
        list(activity(network, np.zeros((network.steps, network.in_size), np.bool_)))
