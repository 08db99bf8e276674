"""Dual system estimation from two lists.

Assumes a closed population, independent lists, equal probabilities within groups, and correct records and links; known
faults are corrected, the rest is reported.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.statistics.demography.distributions import normal_quantile

LEAST_OVERLAP = 7
"""Overlap with negligible bias (D.

S. Robson, H. A. Regier, Sample size in Petersen mark-recapture experiments, Transactions of the American Fisheries
Society 93, 1964).
"""
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate with variance and 95 % interval; `chance` is the part due to `unseen` persons."""

    value: float
    variance: float
    low: float
    high: float
    unseen: float = 0.0
    chance: float = 0.0

    @property
    def error(self) -> float:
        return math.sqrt(self.variance)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoLists:
    """How many persons are on the first list, on the second, and on both."""

    first: float
    second: float
    both: float

    @property
    def seen(self) -> float:
        return self.first + self.second - self.both


@dataclass(frozen=True, slots=True)
class Share:
    """A sampled share with variance (0: known)."""

    value: float
    variance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Faults of lists and links: `precision`, `recall`, and shares of wrong records."""

    precision: Share = Share(1.0)
    recall: Share = Share(1.0)
    wrong_first: Share = Share(0.0)
    wrong_second: Share = Share(0.0)


NO_FAULTS = Faults()


def lincoln_petersen(lists: TwoLists) -> float:
    """Lincoln–Petersen estimate.

    Source: C. G. J. Petersen 1896; F. C. Lincoln 1930. Raises `SdmxmigError` like `dual_system`.

    >>> round(lincoln_petersen(TwoLists(first=346, second=184, both=49)))
    1299
    """
    check_lists(lists, least=1)
    return lists.first * lists.second / lists.both


def dual_system(lists: TwoLists, faults: Faults = NO_FAULTS) -> Estimate:
    """Estimate the population from two lists with 95 % interval.

    Chapman's estimate (D. G. Chapman, Some properties of the hypergeometric distribution, University of California
    Publications in Statistics 1, 1951; G. A. F. Seber, The estimation of animal abundance, 1982, section 3.1). Links
    are corrected by precision and recall (Y. Ding and S. E. Fienberg, Survey Methodology 20, 1994; L. Di Consiglio and
    T. Tuoto, Journal of Official Statistics 31, 2015). Unseen persons are log-normal (K. P. Burnham and others, Design
    and analysis methods for fish survival experiments, 1987; A. Chao, Biometrics 43, 1987), so the interval stays above
    the listed persons if there are no corrections.

    Raises `SdmxmigError` for contradictory counts, overlaps under seven, and impossible faults.

    >>> estimate = dual_system(TwoLists(first=346, second=184, both=49))
    >>> round(estimate.value, 1), round(estimate.error, 1)
    (1282.9, 142.1)
    """
    check_lists(lists)
    precision, recall = faults.precision.value, faults.recall.value
    true = without_faults(lists, faults)
    value = chapman(true)
    chance = (
        (true.first + 1) * (true.second + 1) * (true.first - true.both) * (true.second - true.both)
        / ((true.both + 1) ** 2 * (true.both + 2))
    )  # fmt: skip
    linking = true.both * precision / recall * (precision * (1 - recall) + (1 - precision))
    rates = true.both**2 * (relative(faults.precision) + relative(faults.recall))
    per_person = (value + 1) / (true.both + 1)
    wrong = sum(
        (value * math.sqrt(share.variance) / (1 - share.value)) ** 2
        for share in (faults.wrong_first, faults.wrong_second)
    )
    variance = chance + per_person**2 * (linking + rates) + wrong
    return estimate_of(value, variance, unseen=value - true.seen, chance=chance)


def chapman(lists: TwoLists) -> float:
    """How many persons there are by two lists without faults: Chapman's estimate.

    >>> round(chapman(TwoLists(first=346, second=184, both=49)), 1)
    1282.9
    """
    return (lists.first + 1) * (lists.second + 1) / (lists.both + 1) - 1


def without_faults(lists: TwoLists, faults: Faults, *, is_checked: bool = True) -> TwoLists:
    """The lists without wrong records, and with as many persons on both as there would be if links were right."""
    check_faults(faults)
    true = TwoLists(
        first=lists.first * (1 - faults.wrong_first.value),
        second=lists.second * (1 - faults.wrong_second.value),
        both=lists.both * faults.precision.value / faults.recall.value,
    )
    if is_checked and true.both > min(true.first, true.second):
        raise SdmxmigError(
            "After the correction more persons are on both lists than on one of them.",
            hint="Check the shares of wrong links and wrong records: they do not go with these lists.",
        )
    return true


def under_dependence(lists: TwoLists, odds_ratio: float) -> float:
    """Estimate under dependence of lists.

    `odds_ratio` 1 is Chapman's. Source: S. C. Gerritse and others, Sensitivity of population size estimation for
    violating parametric assumptions in log-linear models, Journal of Official Statistics 31, 2015.

    >>> lists = TwoLists(first=346, second=184, both=49)
    >>> [round(under_dependence(lists, odds), 1) for odds in (0.5, 1, 2)]
    [882.0, 1282.9, 2084.8]
    """
    return lists.seen + odds_ratio * (lists.first - lists.both) * (lists.second - lists.both) / (lists.both + 1)


def relative(share: Share) -> float:
    return share.variance / share.value**2


def estimate_of(value: float, variance: float, *, unseen: float = 0.0, chance: float = 0.0) -> Estimate:
    """An estimate with its 95 % interval.

    `unseen` of the persons are on no list: they are a log-normal variable with the variance `chance`. What else the
    `variance` has is that of a normal one; the two go into each end at right angles.

    >>> estimate = estimate_of(1000.0, 2500.0, unseen=100.0, chance=2500.0)
    >>> round(estimate.low), round(estimate.high)
    (940, 1152)
    >>> estimate = estimate_of(1000.0, 2500.0)
    >>> round(estimate.low), round(estimate.high)
    (902, 1098)
    """
    quantile = normal_quantile((1 + CONFIDENCE) / 2)
    factor = math.exp(quantile * math.sqrt(math.log1p(chance / unseen**2))) if unseen > 0 else 1.0
    spread = quantile * math.sqrt(max(variance - chance, 0.0))
    return Estimate(
        value=value,
        variance=variance,
        low=max(value - math.hypot(unseen - unseen / factor, spread), 0.0),
        high=value + math.hypot(unseen * factor - unseen, spread),
        unseen=unseen,
        chance=chance,
    )


def summed(estimates: Iterable[Estimate]) -> Estimate:
    parts = list(estimates)
    return estimate_of(
        sum(part.value for part in parts),
        sum(part.variance for part in parts),
        unseen=sum(part.unseen for part in parts),
        chance=sum(part.chance for part in parts),
    )


def check_lists(lists: TwoLists, *, least: int = LEAST_OVERLAP) -> None:
    if lists.both < 0 or lists.both > min(lists.first, lists.second):
        raise SdmxmigError(
            "More persons are on both lists than on one of them.",
            hint="Count every person once in each list.",
        )
    if lists.both == 0:
        raise SdmxmigError(
            "No person is on both lists, so that nothing tells how many are on neither.",
            hint="Check whether the lists are linked, and whether they are of the same population.",
        )
    if lists.both < least:
        raise SdmxmigError(
            f"Fewer than {least} persons are on both lists, too few for an estimate.",
            hint="Put groups together.",
        )


def check_faults(faults: Faults) -> None:
    for share in (faults.precision, faults.recall, faults.wrong_first, faults.wrong_second):
        if not (0 <= share.value <= 1 and 0 <= share.variance < math.inf):
            raise SdmxmigError(f"{share.value:g} is no share.", hint="Shares lie between 0 and 1.")
    if not faults.recall.value:
        raise SdmxmigError(
            "No true pair is linked, so that nobody is on two lists; recall is above 0.",
            hint="Write the share of true pairs that are linked, for example --recall 0.95.",
        )
    if not faults.precision.value or 1 in (
        faults.wrong_first.value,
        faults.wrong_second.value,
    ):
        raise SdmxmigError(
            "No link, or no record of a list, is right.", hint="Lists that cannot be matched give no estimate."
        )
