"""Emigration with late and unregistered exits.

Some registered exits belong to earlier years, and some leavers are still registered. A sample shows how many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from sdmxmig.statistics.demography.distributions import compute_normal_quantile
from sdmxmig.statistics.demography.signs_of_life import OverCoverage

CONFIDENCE, HALF = 0.95, 0.5
SAMPLE, SIGNS = "sample", "signs"
MIN_IN_CLASS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SignClass:
    registered: int
    sampled: int
    left: int


NOBODY_OF_CLASS = SignClass(registered=0, sampled=0, left=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateExits:
    count: float = 0.0
    chance: float = 0.0
    moved: tuple[float, float] = (0.0, 0.0)
    known_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedExits:
    registered: int
    late: LateExits
    unregistered: float
    chance: float

    @property
    def value(self) -> float:
        return self.registered - self.late.count + self.unregistered

    @property
    def variance(self) -> float:
        return self.chance + self.late.chance + sum(reach**2 for reach in self.late.moved)

    @property
    def interval(self) -> tuple[float, float]:
        reach = compute_normal_quantile((1 + CONFIDENCE) / 2) * math.sqrt(self.variance)
        return max(self.value - reach, 0.0), self.value + reach


def merge_small_classes(classes: Sequence[SignClass], least: int) -> list[SignClass]:
    """Merge adjacent classes until each has enough sampled persons.

    >>> first, second = SignClass(registered=90, sampled=9, left=1), SignClass(registered=50, sampled=5, left=4)
    >>> merge_small_classes([first, second], 10)
    [SignClass(registered=140, sampled=14, left=5)]
    """
    whole: list[SignClass] = []
    rest = NOBODY_OF_CLASS
    for part in classes:
        rest = add_classes(rest, part)
        if rest.sampled >= least:
            whole.append(rest)
            rest = NOBODY_OF_CLASS
    if rest.registered:
        whole = [*whole[:-1], add_classes(whole[-1], rest)] if whole else [rest]
    return whole


def add_classes(first: SignClass, second: SignClass) -> SignClass:
    return SignClass(
        registered=first.registered + second.registered,
        sampled=first.sampled + second.sampled,
        left=first.left + second.left,
    )


def sum_classes(classes: Sequence[SignClass]) -> SignClass:
    return reduce(add_classes, classes, NOBODY_OF_CLASS)


def estimate_leavers(classes: Sequence[SignClass]) -> tuple[float, float]:
    """Estimate leavers by two-phase sampling.

    J. Neyman, Contribution to the theory of sampling human populations, Journal of the American Statistical Association
    33, 1938; W. G. Cochran, Sampling techniques, 1977, sections 12.2 and 3.2. Classes with fewer than ten persons are
    combined for the variance.

    >>> value, variance = estimate_leavers([SignClass(registered=1000, sampled=100, left=10)])
    >>> round(value), round(math.sqrt(variance), 1)
    (100, 28.6)
    """
    known = [part for part in merge_small_classes(classes, 1) if part.sampled]
    value = sum(part.registered * part.left / part.sampled for part in known)
    parts = [part for part in merge_small_classes(classes, MIN_IN_CLASS) if part.sampled]
    variance = sum(estimate_variance(part) for part in parts)
    if parts and not variance:
        whole = sum_classes(parts)
        softened = HALF / (whole.sampled + 2 * HALF)
        variance = (whole.registered - whole.sampled) * whole.registered / whole.sampled * softened * (1 - softened)
    return value, variance


def estimate_variance(part: SignClass) -> float:
    """Estimate the variance of leavers in a class without bias.

    >>> round(math.sqrt(estimate_variance(SignClass(registered=3042, sampled=200, left=38))))
    82
    """
    share = part.left / part.sampled
    others = part.registered * (part.registered - part.sampled)
    return others * share * (1 - share) / max(part.sampled - 1, 1)


def estimate_late_by_signs(over: OverCoverage) -> LateExits:
    return LateExits(count=over.absent, chance=over.chance, moved=over.moved, known_by=SIGNS)


def estimate_late_by_sample(classes: Sequence[SignClass]) -> LateExits:
    left, variance = estimate_leavers(classes)
    return LateExits(count=sum(part.registered for part in classes) - left, chance=variance, known_by=SAMPLE)


def correct_exits(registered: int, late: LateExits, classes: Sequence[SignClass]) -> CorrectedExits:
    """Compute the emigrants of a year from registered and late exits and unregistered leavers.

    >>> exits = correct_exits(60, LateExits(), [SignClass(registered=1000, sampled=100, left=10)])
    >>> round(exits.value), [round(end) for end in exits.interval]
    (160, [104, 216])
    """
    unregistered, variance = estimate_leavers(classes)
    return CorrectedExits(registered=registered, late=late, unregistered=unregistered, chance=variance)


def add_exits(parts: Sequence[CorrectedExits]) -> CorrectedExits:
    """Add the exits of groups: chance errors are independent; errors of rates are shared."""
    late = [part.late for part in parts]
    return CorrectedExits(
        registered=sum(part.registered for part in parts),
        late=LateExits(
            count=sum(part.count for part in late),
            chance=sum(part.chance for part in late),
            moved=(sum(part.moved[0] for part in late), sum(part.moved[1] for part in late)),
            known_by=", ".join(sorted({part.known_by for part in late} - {""})),
        ),
        unregistered=sum(part.unregistered for part in parts),
        chance=sum(part.chance for part in parts),
    )
