"""How sure accuracies are: intervals for one, an exact test for the difference of two."""

from __future__ import annotations

import math

Z = 1.959963984540054
"""The normal distribution's 97.5 % quantile: two-sided intervals of 95 %."""


def wilson(right: int, total: int) -> tuple[float, float] | None:
    """Give Wilson's score interval (JASA 22, 1927) of 95 % for a share of ``right`` in ``total``; None for 0."""
    if not total:
        return None
    share, z2 = right / total, Z * Z
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return (0.0 if right == 0 else middle - half, 1.0 if right == total else middle + half)


def mcnemar(only_a: int, only_b: int) -> float:
    """Exact two-sided p of McNemar's test: samples that only one of two answers right are a fair coin's throws.

    ``only_a``, ``only_b``: how many samples only the first, and only the second, answers right.
    """
    throws = only_a + only_b
    term = tail = 1  # Binomial coefficients, as exact integers.
    for k in range(min(only_a, only_b)):
        term = term * (throws - k) // (k + 1)
        tail += term
    return min(1.0, 2 * tail / (1 << throws))
