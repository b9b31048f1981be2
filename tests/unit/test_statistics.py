"""The statistics of reports against published figures, and against plain counting."""

from itertools import product
from math import comb, isnan

import pytest

from hostctl.results.statistics import mcnemar, mean_interval, t95, wilson


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.706), (5, 2.571), (10, 2.228), (11, 2.201), (20, 2.086), (120, 1.980)]
)
def test_students_t_is_as_in_tables(freedom: int, t: float) -> None:
    assert t95(freedom) == pytest.approx(t, abs=6e-4)


def test_wilsons_interval_is_as_published() -> None:
    """Newcombe (1998), table I, method 3."""
    for right, samples, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        assert wilson(right, samples) == pytest.approx((low, high), abs=6e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_mcnemars_exact_test_is_the_binomial() -> None:
    for a, b in product(range(12), repeat=2):
        n = a + b
        tail = sum(comb(n, k) for k in range(min(a, b) + 1)) / 2**n
        assert mcnemar(a, b) == pytest.approx(min(1.0, 2 * tail) if n else 1.0)


def test_mean_and_its_interval() -> None:
    mean, deviation, low, high = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (mean, deviation) == pytest.approx((3.0, 1.5811), abs=1e-4)
    assert (low, high) == pytest.approx((3 - 1.9632, 3 + 1.9632), abs=1e-3)
    assert isnan(mean_interval([1.0])[1])
