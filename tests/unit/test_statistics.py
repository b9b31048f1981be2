"""Intervals and tests against published values, and by counting."""

from fractions import Fraction
from itertools import product

import pytest

from hostctl.results.statistics import mcnemar, wilson


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3; the last by hand: z^2 / (n + z^2).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilsons_interval(right, total, low, high):
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-5)


def test_no_samples_have_no_interval():
    assert wilson(0, 0) is None


@pytest.mark.parametrize("throws", range(11))
def test_mcnemar_is_the_share_of_throws_that_are_as_uneven(throws):
    for heads in range(throws + 1):
        uneven = abs(2 * heads - throws)
        as_uneven = sum(abs(2 * sum(coins) - throws) >= uneven for coins in product((0, 1), repeat=throws))
        assert mcnemar(heads, throws - heads) == float(Fraction(as_uneven, 2**throws))


def test_mcnemar_bears_many_samples():
    assert mcnemar(5000, 5000) == 1.0
    assert mcnemar(0, 2000) == 0.0, "smaller than any number"
    assert 0.04 < mcnemar(4902, 5100) < 0.06
