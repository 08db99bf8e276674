"""Crude rates and shares in exact decimals, not rounded."""

from __future__ import annotations

from decimal import Decimal

PER_THOUSAND = Decimal(1000)
PER_CENT = Decimal(100)
PER_100_000 = Decimal(100_000)


def average_population(start: Decimal, end: Decimal) -> Decimal:
    """Average of start and end populations, in persons.

    Source: United Nations, Principles and Recommendations for a Vital Statistics System, rev. 3 (person-years
    approximated by the mean of two populations).

    >>> average_population(Decimal(10_000_000), Decimal(10_044_500))
    Decimal('10022250')
    """
    return (start + end) / 2


def compute_crude_rate(events: Decimal, average: Decimal) -> Decimal:
    return PER_THOUSAND * events / average


def compute_per_100000(events: Decimal, population: Decimal) -> Decimal:
    return PER_100_000 * events / population


def compute_share(part: Decimal, whole: Decimal) -> Decimal:
    return PER_CENT * part / whole
