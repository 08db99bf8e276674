"""Probability distributions."""

from __future__ import annotations

import math
from statistics import NormalDist

MAX_HALVINGS = 200


def compute_chi_square_tail(statistic: float, degrees: int) -> float:
    """Compute the upper tail of chi-square.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.4.4 and 26.4.5.

    >>> (round(compute_chi_square_tail(3.841459, 1), 6),
    ...  round(compute_chi_square_tail(9.487729, 4), 6), compute_chi_square_tail(0, 3))
    (0.05, 0.05, 1.0)
    """
    half = statistic / 2
    if half <= 0:
        return 1.0
    start, first = (1.0, 0.0) if degrees % 2 == 0 else (1.5, math.erfc(math.sqrt(half)))
    powers = (start + step - 1 for step in range((degrees - int(2 * (start - 1))) // 2))
    return min(1.0, first + sum(math.exp(power * math.log(half) - half - math.lgamma(power + 1)) for power in powers))


def compute_normal_quantile(probability: float) -> float:
    """Compute quantiles of the standard normal distribution.

    >>> round(compute_normal_quantile(0.975), 4)
    1.96
    """
    return NormalDist().inv_cdf(probability)


def compute_student_quantile(probability: float, degrees: int) -> float:
    """Compute quantiles of Student's t above 0.5 (Abramowitz and Stegun 26.7.3 and 26.7.4).

    >>> [round(compute_student_quantile(0.95, degrees), 3) for degrees in (1, 10, 200)]
    [6.314, 1.812, 1.653]
    """
    low, high = 0.0, 1.0
    while compute_student_cdf(high, degrees) < probability:
        low, high = high, high * 2
    for _ in range(MAX_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if compute_student_cdf(middle, degrees) < probability else (low, middle)
    return high


def compute_student_cdf(value: float, degrees: int) -> float:
    """Compute the distribution function of Student's t for non-negative values."""
    angle = math.atan(value / math.sqrt(degrees))
    cosine = math.cos(angle) ** 2
    if degrees % 2 == 0:
        term, total = 1.0, 1.0
        for step in range(2, degrees, 2):
            term *= cosine * (step - 1) / step
            total += term
        return (1 + math.sin(angle) * total) / 2
    if degrees == 1:
        return 0.5 + angle / math.pi
    term = total = math.cos(angle)
    for step in range(3, degrees, 2):
        term *= cosine * (step - 1) / step
        total += term
    return 0.5 + (angle + math.sin(angle) * total) / math.pi
