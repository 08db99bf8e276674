"""Groups of persons on lists: how many there are in all, how many of the register have left, and what cannot be said.

Groups are estimated each for itself, since persons of one group are more alike than all; their sum is the total. A
group that tells too little is put together with others until they tell enough, and has no figure of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

from sdmxmig.demography.capture import (
    LEAST_OVERLAP,
    NO_FAULTS,
    Estimate,
    Faults,
    Share,
    TwoLists,
    dual_system,
    estimate_of,
    summed,
)
from sdmxmig.demography.multiple_systems import BIC, Histories, multiple_systems
from sdmxmig.demography.signs_of_life import PERFECT, OverCoverage, Reliability, over_coverage
from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import np

if TYPE_CHECKING:
    from numpy.typing import NDArray


PAIR = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Persons with the same codes: how many have which history, and how many of the register are silent.

    Bit i of the index of `counts` says whether they are on list i; list 0 is the register. `silent` are those of the
    register whose index of residence is below the threshold; None where no signs of life are known.
    """

    codes: tuple[str, ...]
    counts: NDArray[np.int64]
    _: KW_ONLY
    silent: int | None = None

    @property
    def registered(self) -> int:
        """How many are in the register."""
        return int(self.counts[1::2].sum())

    @property
    def seen(self) -> int:
        """How many are on any list."""
        return int(self.counts[1:].sum())


@dataclass(frozen=True, slots=True)
class Method:
    """How groups are estimated: the lists by name, how well signs tell, what is known of links, and the criterion."""

    lists: tuple[str, ...]
    _: KW_ONLY
    reliability: Reliability = PERFECT
    links: Faults = NO_FAULTS
    criterion: str = BIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of a group: its over-coverage, the estimated population, or why there is none."""

    group: Group
    over: OverCoverage | None = None
    estimate: Estimate | None = None
    model: str = ""
    refused: str = ""

    @property
    def coverage(self) -> float | None:
        """The share of the estimated population that is rightly in the register."""
        if self.estimate is None or not self.estimate.value:
            return None
        rate = self.over.rate if self.over else 0.0
        return self.group.registered * (1 - rate) / self.estimate.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """All groups with an estimate of their own, those put together, why groups have none, and the total."""

    groups: tuple[Measured, ...]
    together: Measured | None
    refused: tuple[Measured, ...]
    total: Estimate


def measured(group: Group, method: Method) -> Measured:
    """What the lists and the signs of life say of a group; where they say nothing, why."""
    over = None
    try:
        if group.silent is not None:
            over = over_coverage(group.registered, group.silent, method.reliability)
        estimate, model = estimated(group, over, method)
    except SdmxmigError as error:
        return Measured(group=group, over=over, refused=error.message)
    return Measured(group=group, over=over, estimate=estimate, model=model)


def estimated(group: Group, over: OverCoverage | None, method: Method) -> tuple[Estimate, str]:
    """The population of a group and the model that it comes from; raises `SdmxmigError` where there is none."""
    lists = len(method.lists)
    if lists == 1:
        return register_estimate(over), "signs of life"
    if lists == PAIR:
        wrong = Share(over.rate, over.error**2) if over else Share(0.0)
        counts = TwoLists(
            first=group.registered, second=int(group.counts[2] + group.counts[3]), both=int(group.counts[3])
        )
        return dual_system(counts, replace(method.links, wrong_first=wrong)), "Chapman"
    if method.links != NO_FAULTS:
        raise SdmxmigError(
            "Errors of links are corrected between two lists only.",
            hint="Name two lists, or leave precision and recall out.",
        )
    return several_lists(group, over, method)


def register_estimate(over: OverCoverage | None) -> Estimate:
    """The registered persons without those who have left; nothing is known of persons whom the register misses."""
    if over is None:
        raise SdmxmigError(
            "One list says nothing of who is not on it, nor of who has left.",
            hint="Name a second list, or signs of life.",
        )
    if over.registered < LEAST_OVERLAP:
        raise SdmxmigError(f"Fewer than {LEAST_OVERLAP} persons are registered.", hint="Put groups together.")
    return estimate_of(over.registered * (1 - over.rate), (over.registered * over.error) ** 2)


def several_lists(group: Group, over: OverCoverage | None, method: Method) -> tuple[Estimate, str]:
    """Three lists or more: those who have left are taken off the persons on the register alone.

    Their number is uncertain: by how much the estimate moves with its standard error goes into the variance, and into
    the interval at right angles to its own width.
    """
    if over is None:
        result = multiple_systems(Histories(method.lists, group.counts), criterion=method.criterion)
        return result.estimate, dependence(result.chosen.pairs, method.lists)
    absent, error = over.absent, over.registered * over.error
    result = multiple_systems(without(group, absent, method.lists), criterion=method.criterion)
    pairs = result.chosen.pairs
    moved = [
        multiple_systems(without(group, max(other, 0.0), method.lists), pairs=pairs).estimate.value
        for other in (absent - error, absent + error)
    ]
    spread = abs(moved[0] - moved[1]) / 2
    middle = result.estimate
    reach = 1.96 * spread
    estimate = Estimate(
        value=middle.value,
        variance=middle.variance + spread**2,
        low=middle.value - float(np.hypot(middle.value - middle.low, reach)),
        high=middle.value + float(np.hypot(middle.high - middle.value, reach)),
    )
    return estimate, dependence(pairs, method.lists)


def without(group: Group, absent: float, lists: tuple[str, ...]) -> Histories:
    """Histories without so many persons who are on the register alone."""
    counts = group.counts.astype(np.float64)
    if absent > counts[1]:
        raise SdmxmigError(
            "More persons of the register have left than are on no other list.",
            hint="Check the signs of life and the links between the lists.",
        )
    counts[1] -= absent
    return Histories(lists, counts)


def dependence(pairs: Sequence[tuple[int, int]], lists: Sequence[str]) -> str:
    """Which lists depend on each other in a model, in words.

    >>> dependence([(0, 2)], ["register", "census", "health"])
    'log-linear, register and health dependent'
    """
    listed = "; ".join(f"{lists[first]} and {lists[second]}" for first, second in pairs)
    return f"log-linear, {listed} dependent" if listed else "log-linear, lists independent"


def population_of(groups: Sequence[Group], method: Method) -> Population:
    """The population by groups and in all.

    Groups without an estimate are put together, with the smallest of the others besides if that is not enough or if it
    is one group alone, whose figure the total would tell. Raises `SdmxmigError` where not even all groups together have
    an estimate.
    """
    present = [group for group in groups if group.seen]
    if not present:
        raise SdmxmigError("Nobody is on the lists.", hint="Name lists with persons.")
    results = [measured(group, method) for group in sorted(present, key=lambda group: group.codes)]
    whole = sorted((result for result in results if not result.refused), key=lambda result: result.group.seen)
    refused = [result for result in results if result.refused]
    together = None
    pool = list(refused)
    while pool and together is None:
        if len(pool) > 1 or len(results) == 1:
            joined = measured(merged([result.group for result in pool]), method)
            together = None if joined.refused else joined
        if together is None:
            if not whole:
                raise SdmxmigError(
                    f"There is no estimate: {refused[0].refused}",
                    hint="Check the lists, how they are linked, and the signs of life.",
                )
            pool.append(whole.pop(0))
    own = sorted(whole, key=lambda result: result.group.codes)
    parts = [result.estimate for result in (*own, *([together] if together else [])) if result.estimate]
    return Population(
        groups=tuple(own),
        together=together,
        refused=tuple(sorted(pool, key=lambda result: result.group.codes)),
        total=summed(parts) if len(parts) > 1 else parts[0],
    )


def merged(groups: Sequence[Group]) -> Group:
    """Several groups as one."""
    silent = [group.silent for group in groups]
    return Group(
        ("together",) * len(groups[0].codes),
        np.sum([group.counts for group in groups], axis=0),
        silent=None if None in silent else sum(number for number in silent if number is not None),
    )
