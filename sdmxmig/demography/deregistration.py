"""Emigration that nobody registered, or registered late: the emigrants of a year from exits, signs and a sample.

Of those whose exit was registered in a year some had left before: they belong to earlier years. Others left in the year
and are still in the register. Who they are nobody knows; how many there are is known from a sample of the register of
whose persons it was found out whether and when they left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sdmxmig.demography.distributions import normal_quantile
from sdmxmig.demography.signs_of_life import OverCoverage

CONFIDENCE, HALF = 0.95, 0.5
LEAST_IN_CLASS = 10
"""With fewer persons of a sample a class tells too little by itself, and goes with the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignClass:
    """Registered persons with alike last signs of life: how many, how many in the sample, how many of these left."""

    registered: int
    sampled: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedExits:
    """The emigrants of a year: registered exits, those of them that were late, those still in the register, in all.

    `low` and `high` are the ends of a 95 % interval of the `value`.
    """

    registered: int
    late: float
    unregistered: float
    value: float
    variance: float
    low: float
    high: float


def large_enough(classes: Sequence[SignClass]) -> list[SignClass]:
    """Classes in their order, each put together with the next ones until the sample has ten persons of it.

    >>> large_enough([SignClass(registered=90, sampled=9, left=1), SignClass(registered=50, sampled=5, left=4)])
    [SignClass(registered=140, sampled=14, left=5)]
    """
    whole: list[SignClass] = []
    rest = SignClass(registered=0, sampled=0, left=0)
    for part in classes:
        rest = both(rest, part)
        if rest.sampled >= LEAST_IN_CLASS:
            whole.append(rest)
            rest = SignClass(registered=0, sampled=0, left=0)
    if rest.registered:
        whole = [*whole[:-1], both(whole[-1], rest)] if whole else [rest]
    return whole


def both(first: SignClass, second: SignClass) -> SignClass:
    """Two classes as one."""
    return SignClass(
        registered=first.registered + second.registered,
        sampled=first.sampled + second.sampled,
        left=first.left + second.left,
    )


def still_registered(classes: Sequence[SignClass]) -> tuple[float, float]:
    """How many persons of the register left in the year, with the variance: sampling in two phases.

    In each class as large a share left as in the sample of it (J. Neyman, Contribution to the theory of sampling human
    populations, Journal of the American Statistical Association 33, 1938; W. G. Cochran, Sampling techniques, 1977,
    section 12.2). To the variance alone half a person who left, and half who did not, are added.

    >>> value, variance = still_registered([SignClass(registered=1000, sampled=100, left=10)])
    >>> round(value), round(math.sqrt(variance), 1)
    (100, 29.0)
    """
    value, variance = 0.0, 0.0
    for part in large_enough(classes):
        if part.sampled:
            value += part.registered * part.left / part.sampled
            softened = (part.left + HALF) / (part.sampled + 2 * HALF)
            unknown = 1 - part.sampled / part.registered
            variance += part.registered**2 * softened * (1 - softened) / part.sampled * unknown
    return value, variance


def corrected_exits(registered: int, late: OverCoverage | None, classes: Sequence[SignClass]) -> CorrectedExits:
    """The emigrants of a year, of whom so many exits were registered in it.

    `late` says how many of those whose exit was registered had left before the year; None where there are none. The
    interval is that of a normal variable, and not below nothing.

    >>> exits = corrected_exits(60, None, [SignClass(registered=1000, sampled=100, left=10)])
    >>> round(exits.value), round(exits.low), round(exits.high)
    (160, 103, 217)
    """
    unregistered, variance = still_registered(classes)
    before = late.absent if late else 0.0
    if late:
        variance += (late.registered * late.error) ** 2
    return of_parts(registered, before, unregistered, variance)


def of_parts(registered: int, late: float, unregistered: float, variance: float) -> CorrectedExits:
    """The emigrants of a year from what they consist of."""
    value = registered - late + unregistered
    reach = normal_quantile((1 + CONFIDENCE) / 2) * math.sqrt(variance)
    return CorrectedExits(
        registered=registered,
        late=late,
        unregistered=unregistered,
        value=value,
        variance=variance,
        low=max(value - reach, 0.0),
        high=value + reach,
    )


def all_exits(parts: Sequence[CorrectedExits]) -> CorrectedExits:
    """The emigrants of several groups as one."""
    return of_parts(
        sum(part.registered for part in parts),
        sum(part.late for part in parts),
        sum(part.unregistered for part in parts),
        sum(part.variance for part in parts),
    )
