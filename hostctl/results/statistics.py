"""The few statistics that reports give, each with its source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

Z95 = NormalDist().inv_cdf(0.975)

_T95 = (12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.30600, 2.26216, 2.22814)
"""Student's t, two-sided 95 %, of 1 to 10 degrees of freedom (any table)."""


def t95(freedom: int) -> float:
    """Student's t, two-sided 95 %: a table, then Abramowitz and Stegun 26.7.5."""
    if freedom <= len(_T95):
        return _T95[freedom - 1]
    z, n = Z95, float(freedom)
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3


def mean_interval(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Mean, standard deviation (n - 1), and the 95 % interval of the mean by Student's t; NaN where n is too small."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, math.nan, math.nan, math.nan
    deviation = float(np.std(values, ddof=1))
    half = t95(len(values) - 1) * deviation / math.sqrt(len(values))
    return mean, deviation, mean - half, mean + half


def wilson(right: int, samples: int) -> tuple[float, float]:
    """The 95 % interval of a share, after Wilson (1927); (0, 1) for no samples."""
    if not samples:
        return 0.0, 1.0
    share, z = right / samples, Z95
    middle = share + z * z / (2 * samples)
    half = z * math.sqrt(share * (1 - share) / samples + z * z / (4 * samples**2))
    scale = 1 + z * z / samples
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def mcnemar(only_a: int, only_b: int) -> float:
    """How probable a difference as large as this is when both are equally good: McNemar's exact test, two-sided.

    ``only_a``, ``only_b``: samples that only the one, and only the other, gets right.
    """
    n, least = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return 1.0
    logs = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2) for k in range(least + 1)
    ]
    return min(1.0, 2 * math.fsum(math.exp(term) for term in logs))
