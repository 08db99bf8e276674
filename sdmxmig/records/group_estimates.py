"""Population estimates of a group from lists, with sensitivity analysis."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import Floats, Integers, np
from sdmxmig.statistics.demography.capture import (
    AIC,
    BIC,
    MIN_OVERLAP,
    NO_FAULTS,
    Estimate,
    Histories,
    LinkErrors,
    Model,
    MultipleSystems,
    TwoLists,
    build_estimate,
    compute_factor,
    compute_factor_error,
    compute_population,
    correct_link_errors,
    correct_lists,
    estimate_chapman,
    estimate_from_lists,
    estimate_from_two_lists,
    estimate_under_dependence,
)
from sdmxmig.statistics.demography.distributions import compute_chi_square_tail
from sdmxmig.statistics.demography.signs_of_life import OverCoverage

LISTS_PER_PAIR = 2
LEAST_NEAR, MOST_NEAR = "least of the models that fit nearly as well", "most of the models that fit nearly as well"
LINKS_RIGHT, NOBODY_LEFT = "links assumed correct", "nobody on the register has left"
NORMAL_QUANTILE = 1.96


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WrongRecords:
    """Listed persons who do not live in the country, by history.

    `moved` and `chance` are changes of `number` by one standard error: of each common rate, and of the group.
    """

    number: Floats
    moved: tuple[Floats, ...]
    chance: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group's counts by history.

    Bit i of an index in `counts` means list i; list 0 is the register. `over` counts absent persons on the register,
    `wrong` on all lists; None without signs.
    """

    codes: tuple[str, ...]
    counts: Integers
    over: OverCoverage | None = None
    wrong: WrongRecords | None = None

    @property
    def registered(self) -> int:
        return int(self.counts[1::2].sum())

    @property
    def seen(self) -> int:
        return int(self.counts[1:].sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Settings of an estimate.

    `links` are linkage errors by list, `order` is the order of linkage, `odds_ratios` are for two lists, and `near` and
    `misfit` limit models.
    """

    lists: tuple[str, ...]
    links: Mapping[int, LinkErrors] = field(default_factory=dict)
    order: tuple[int, ...] = ()
    criterion: str = BIC
    odds_ratios: tuple[float, ...] = ()
    near: float = 0.0
    misfit: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEstimate:
    """A group's population with its model, alternatives and caveats.

    `shifts` are changes of the estimate by one standard error of each common rate.
    """

    group: Group
    estimate: Estimate
    model: str
    others: Mapping[str, float] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    shifts: tuple[float, ...] = ()


def estimate_group(group: Group, method: Method) -> GroupEstimate:
    if group.over is not None and not group.registered:
        raise SdmxmigError("The group has no registered persons.", hint="Merge groups.")
    if len(method.lists) == 1:
        shifts = tuple(-float(reach.sum()) for reach in group.wrong.moved) if group.wrong else ()
        return GroupEstimate(
            group=group, estimate=estimate_from_register(group.over), model="signs of life", shifts=shifts
        )
    return (
        estimate_group_from_two_lists(group, method)
        if len(method.lists) == LISTS_PER_PAIR
        else estimate_group_from_lists(group, method)
    )


def estimate_from_register(over: OverCoverage | None) -> Estimate:
    if over is None:
        raise SdmxmigError(
            "One list cannot show who is missing from it or who has left.", hint="Add a second list, or signs of life."
        )
    if over.registered < MIN_OVERLAP:
        raise SdmxmigError(f"Fewer than {MIN_OVERLAP} persons are registered.", hint="Merge groups.")
    return build_estimate(over.registered - over.absent, over.variance)


def estimate_group_from_two_lists(group: Group, method: Method) -> GroupEstimate:
    """Estimate from two lists (dual system), with alternatives under dependence."""
    faults = next(iter(method.links.values()), NO_FAULTS)
    none = np.zeros(len(group.counts))
    number = group.wrong.number if group.wrong else none
    true = correct_lists(drop_list(group, number), faults)

    def population(number: Floats) -> float:
        return estimate_chapman(correct_lists(drop_list(group, number), faults, is_checked=False))

    estimate = estimate_from_two_lists(drop_list(group, number), faults)
    shifts, own = compute_population_shifts(group.wrong, population)
    variance = estimate.variance + math.hypot(*shifts, *own) ** 2
    others = {
        describe_odds(ratio, method.lists): estimate_under_dependence(true, ratio) for ratio in method.odds_ratios
    }
    if method.links:
        others[LINKS_RIGHT] = estimate_from_two_lists(drop_list(group, number)).value
    if group.wrong:
        others[NOBODY_LEFT] = estimate_from_two_lists(drop_list(group, none), faults).value
    return GroupEstimate(
        group=group,
        estimate=build_estimate(estimate.value, variance, unseen=estimate.unseen, chance=estimate.chance),
        model="Chapman",
        others=others,
        shifts=shifts,
    )


def drop_list(group: Group, number: Floats) -> TwoLists:
    counts = group.counts - number
    return TwoLists(
        first=float(counts[1] + counts[3]), second=float(counts[2] + counts[3]), both=float(max(counts[3], 0.0))
    )


def compute_population_shifts(
    wrong: WrongRecords | None, population: Callable[[Floats], float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if wrong is None:
        return (), ()

    def moved(reach: Floats) -> float:
        low, high = (np.maximum(wrong.number + way * reach, 0.0) for way in (-1, 1))
        return (population(high) - population(low)) / 2 if reach.any() else 0.0

    return tuple(map(moved, wrong.moved)), tuple(map(moved, wrong.chance))


def describe_odds(ratio: float, lists: Sequence[str]) -> str:
    """Describe the assumption of an odds ratio.

    >>> describe_odds(2.0, ("register", "census"))
    'odds of being on census 2 times as high for people on register'
    """
    return f"odds of being on {lists[1]} {ratio:g} times as high for people on {lists[0]}"


def estimate_group_from_lists(group: Group, method: Method) -> GroupEstimate:
    """Estimate from three or more lists, corrected for link errors and absent persons and their uncertainty."""
    none = np.zeros(len(group.counts))
    factors = {number: compute_factor(links) for number, links in method.links.items()}
    wrong = group.wrong.number if group.wrong else none
    result = estimate_from_lists(correct_histories(group, wrong, factors, method), criterion=method.criterion)
    pairs = result.chosen.pairs

    def population(wrong: Floats = wrong, factors: Mapping[int, float] = factors) -> float:
        return compute_population(correct_histories(group, wrong, factors, method), pairs)

    moves = []
    for number, links in method.links.items():
        reach = compute_factor_error(group.counts.astype(np.float64), order_lists(method), number, links)
        if reach:
            low, high = (population(factors={**factors, number: factors[number] + way * reach}) for way in (-1, 1))
            moves.append((low - high) / 2)
    shifts, own = compute_population_shifts(group.wrong, population)
    spread = math.hypot(*shifts, *own, *moves)
    others = index_near_models(result, method)
    if method.links:
        others[LINKS_RIGHT] = population(factors={})
    if group.wrong:
        others[NOBODY_LEFT] = population(none)
    return GroupEstimate(
        group=group,
        estimate=widen_interval(result.estimate, spread),
        model=describe_dependence(pairs, method.lists),
        others=others,
        doubts=list_doubts(result.chosen, group, method),
        shifts=shifts,
    )


def order_lists(method: Method) -> tuple[int, ...]:
    return method.order or tuple(range(len(method.lists)))


def widen_interval(estimate: Estimate, spread: float) -> Estimate:
    reach = NORMAL_QUANTILE * spread
    return replace(
        estimate,
        variance=estimate.variance + spread**2,
        low=estimate.value - float(np.hypot(estimate.value - estimate.low, reach)),
        high=estimate.value + float(np.hypot(estimate.high - estimate.value, reach)),
    )


def correct_histories(group: Group, wrong: Floats, factors: Mapping[int, float], method: Method) -> Histories:
    """Correct histories for link errors (`factors`) and persons not living in the country (`wrong`)."""
    counts = group.counts.astype(np.float64)
    if factors:
        counts = correct_link_errors(counts, order_lists(method), factors)
    if wrong[1] > counts[1]:
        raise SdmxmigError(
            "More registered persons have left than are in the register alone.",
            hint="Check the signs of life and the links between the lists.",
        )
    return Histories(method.lists, np.maximum(counts - wrong, 0.0))


def index_near_models(result: MultipleSystems, method: Method) -> dict[str, float]:
    best = compute_score(result.chosen, method)
    near = [model.population for model in result.models if compute_score(model, method) <= best + method.near]
    return {LEAST_NEAR: min(near), MOST_NEAR: max(near)} if len(near) > 1 else {}


def compute_score(model: Model, method: Method) -> float:
    return model.aic if method.criterion == AIC else model.bic


def list_doubts(model: Model, group: Group, method: Method) -> tuple[str, ...]:
    histories = Histories(method.lists, group.counts)
    lists = range(len(method.lists))
    apart = [
        f"{method.lists[first]} and {method.lists[second]} share no person"
        for first in lists
        for second in lists
        if first < second and histories.on_both((first, second)) == 0
    ]
    chance = compute_chi_square_tail(model.deviance, model.freedom) if model.freedom else 1.0
    if not model.freedom:
        apart.append("the model explains any counts, so that nothing shows whether it is true")
    elif chance < method.misfit:
        apart.append(
            f"the model does not explain the counts (deviance {model.deviance:.1f} on {model.freedom} degrees of "
            "freedom): persons of the group are not equally likely to be listed, or lists depend otherwise"
        )
    return tuple(apart)


def describe_dependence(pairs: Sequence[tuple[int, int]], lists: Sequence[str]) -> str:
    """Describe which lists depend on each other in a model.

    >>> describe_dependence([(0, 2)], ["register", "census", "health"])
    'log-linear, register and health dependent'
    """
    listed = "; ".join(f"{lists[first]} and {lists[second]}" for first, second in pairs)
    return f"log-linear, {listed} dependent" if listed else "log-linear, lists independent"
