"""Dual system estimation: from two lists of one population to how many are on neither.

It rests on four things that nobody can see in the lists themselves: nobody joins or leaves the population in between,
who is on the first list is neither more nor less likely to be on the second, all persons of a group are equally likely,
and every record belongs to the population and is linked rightly. What is known of wrong records and wrong links is
corrected; the rest is said with the figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.statistics.demography.distributions import normal_quantile

LEAST_OVERLAP = 7
"""With so many persons on both lists the bias is negligible (D. S. Robson, H. A. Regier, Sample size in Petersen
mark-recapture experiments, Transactions of the American Fisheries Society 93, 1964)."""
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimated number of persons, its variance, and the ends of its 95 % interval.

    `unseen` of the persons are on no list; `chance` is the part of the variance that is theirs.
    """

    value: float
    variance: float
    low: float
    high: float
    unseen: float = 0.0
    chance: float = 0.0

    @property
    def error(self) -> float:
        """The standard error."""
        return math.sqrt(self.variance)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoLists:
    """How many persons are on the first list, on the second, and on both."""

    first: float
    second: float
    both: float

    @property
    def seen(self) -> float:
        """How many persons are on at least one list."""
        return self.first + self.second - self.both


@dataclass(frozen=True, slots=True)
class Share:
    """A share that was measured in a sample, between 0 and 1, with its variance (0: it is known)."""

    value: float
    variance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is known of the faults of two lists and of the links between them.

    `precision` is the share of links that join records of one person, `recall` the share of persons on both lists whose
    records are linked; `wrong_first` and `wrong_second` are the shares of records that belong to nobody in the
    population, such as persons who have left.
    """

    precision: Share = Share(1.0)
    recall: Share = Share(1.0)
    wrong_first: Share = Share(0.0)
    wrong_second: Share = Share(0.0)


NO_FAULTS = Faults()


def lincoln_petersen(lists: TwoLists) -> float:
    """How many persons there are if the second list has the same share of the first as of the whole population.

    Source: C. G. J. Petersen 1896; F. C. Lincoln 1930. Raises `SdmxmigError` as `dual_system` does.

    >>> round(lincoln_petersen(TwoLists(first=346, second=184, both=49)))
    1299
    """
    check_lists(lists, least=1)
    return lists.first * lists.second / lists.both


def dual_system(lists: TwoLists, faults: Faults = NO_FAULTS) -> Estimate:
    """How many persons there are, on the two lists or on neither, with its 95 % interval.

    Chapman's estimate, which has next to no bias, and its variance (D. G. Chapman, Some properties of the
    hypergeometric distribution, University of California Publications in Statistics 1, 1951; G. A. F. Seber, The
    estimation of animal abundance, 1982, section 3.1). Links are corrected by their precision and recall: the persons
    on both lists are the links, times the precision, by the recall. That is the correction by moments of Y. Ding and
    S. E. Fienberg (Dual system estimation of census undercount in the presence of matching error, Survey Methodology
    20, 1994), which L. Di Consiglio and T. Tuoto take further (Journal of Official Statistics 31, 2015). Wrong records
    are taken off before, and count as linked to nobody. In the interval the persons on no list are a log-normal
    variable with their mean and variance (K. P. Burnham and others, Design and analysis methods for fish survival
    experiments, 1987; A. Chao, Estimating the population size for capture-recapture data with unequal catchability,
    Biometrics 43, 1987): so it never falls below the persons that are on a list if nothing is corrected.

    Raises `SdmxmigError` where nothing can be said: counts that contradict each other, no person on both lists or fewer
    than seven, and faults that leave no such counts.

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
    """The lists without wrong records, and with as many persons on both as there would be if links were right.

    Raises `SdmxmigError` for faults that contradict the lists, if that `is_checked`.
    """
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
    """How many persons there are if the odds of being on the second list depend on the first.

    They are `odds_ratio` times as high for those on the first list as for others: with 1 this is Chapman's estimate.
    Two lists cannot tell it; persons who avoid both, or one office that hands its records to the other, make it larger
    than 1. Source: S. C. Gerritse and others, Sensitivity of population size estimation for violating parametric
    assumptions in log-linear models, Journal of Official Statistics 31, 2015.

    >>> lists = TwoLists(first=346, second=184, both=49)
    >>> [round(under_dependence(lists, odds), 1) for odds in (0.5, 1, 2)]
    [882.0, 1282.9, 2084.8]
    """
    return lists.seen + odds_ratio * (lists.first - lists.both) * (lists.second - lists.both) / (lists.both + 1)


def relative(share: Share) -> float:
    """The variance of a share relative to its square."""
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
    """The total of groups that were estimated each for itself: values and variances add up."""
    parts = list(estimates)
    return estimate_of(
        sum(part.value for part in parts),
        sum(part.variance for part in parts),
        unseen=sum(part.unseen for part in parts),
        chance=sum(part.chance for part in parts),
    )


def check_lists(lists: TwoLists, *, least: int = LEAST_OVERLAP) -> None:
    """Refuse counts that contradict each other, and an overlap from which nothing follows."""
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
    """Refuse shares that are none, and links or lists in which nothing is right."""
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
