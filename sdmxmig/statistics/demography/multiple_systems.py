"""Multiple systems estimation from three or more lists.

Log-linear models with pairwise dependence (S. E. Fienberg, The multiple recapture census for closed populations and
incomplete 2^k contingency tables, Biometrika 59, 1972). Three-way dependence cannot be observed.

Correction of linkage errors in three or more lists.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import np
from sdmxmig.statistics.demography.capture import Estimate, Faults, check_faults, relative

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


Pair = tuple[int, int]
LEAST_LISTS, MOST_LISTS = 3, 5
STEPS, NEARLY = 100, 1e-10
FARTHEST = 1e-6
DROP = 3.841458820694124 / 2
"""Drop of log-likelihood at the ends of a 95 % interval."""
HALVINGS = 60
AIC, BIC = "AIC", "BIC"


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Counts by history; bit i means list i. The first entry (no list) is ignored."""

    names: tuple[str, ...]
    counts: NDArray[np.int64] | Vector

    @property
    def seen(self) -> float:
        return float(self.counts[1:].sum())

    def on_both(self, pair: Pair) -> int:
        both = (1 << pair[0]) | (1 << pair[1])
        return int(self.counts[(np.arange(len(self.counts)) & both) == both].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A Poisson regression."""

    effects: Vector
    covariance: Vector
    expected: Vector
    deviance: float
    likelihood: float
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A dependence model and its estimate."""

    pairs: tuple[Pair, ...]
    population: float
    error: float
    deviance: float
    freedom: int
    aic: float
    bic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleSystems:
    """The chosen model and alternatives; `left_out` have no estimate."""

    estimate: Estimate
    models: tuple[Model, ...]
    left_out: int

    @property
    def chosen(self) -> Model:
        return self.models[0]


def histories_of(names: Sequence[str], on_list: NDArray[np.bool_]) -> Histories:
    """Count persons by history from `on_list` (persons, lists).

    >>> histories_of("ab", np.array([[True, False], [True, True], [True, True]])).counts.tolist()
    [0, 1, 0, 2]
    """
    masks = on_list.astype(np.int64) @ (1 << np.arange(len(names)))
    counts = np.bincount(masks, minlength=1 << len(names))
    return Histories(tuple(names), np.where(np.arange(len(counts)) == 0, 0, counts))


def multiple_systems(
    histories: Histories, *, criterion: str = BIC, pairs: Sequence[Pair] | None = None
) -> MultipleSystems:
    """Estimate the population with 95 % interval.

    Chooses pairs by BIC or AIC, unless `pairs` is given. Profile likelihood (R. M. Cormack, Interval estimation for
    mark-recapture studies of closed populations, Biometrics 48, 1992); model choice not included: in 200 simulations of
    3,000 persons with three lists, coverage was 95 % (BIC) and 90 % (AIC). Raises `SdmxmigError` for other than three
    to five lists, isolated lists and no estimate.
    """
    check_histories(histories)
    every = list(combinations(range(len(histories.names)), 2))
    asked = [tuple(pairs)] if pairs is not None else list(chain.from_iterable(combos(every)))
    fitted = [model for model in (model_of(histories, chosen) for chosen in asked) if model is not None]
    if not fitted:
        raise SdmxmigError(
            "No model of the lists has an estimate: too few persons are on several lists.",
            hint="Put lists or groups together.",
        )
    score: Callable[[Model], float] = (lambda model: model.aic) if criterion == AIC else (lambda model: model.bic)
    models = sorted(fitted, key=lambda model: (score(model), len(model.pairs), model.pairs))
    low, high = profile_interval(histories, models[0])
    value, variance = models[0].population, models[0].error ** 2
    unseen = value - histories.seen
    estimate = Estimate(value=value, variance=variance, low=low, high=high, unseen=unseen, chance=variance)
    return MultipleSystems(estimate=estimate, models=tuple(models), left_out=len(asked) - len(fitted))


def population_under(histories: Histories, pairs: Sequence[Pair]) -> float:
    model = model_of(histories, tuple(pairs))
    if model is None:
        raise SdmxmigError(
            "The chosen model has no estimate any more once lists are corrected.", hint="Put lists or groups together."
        )
    return model.population


def combos(every: Sequence[Pair]) -> Iterator[Iterator[tuple[Pair, ...]]]:
    return (combinations(every, size) for size in range(len(every) + 1))


def check_histories(histories: Histories) -> None:
    count = len(histories.names)
    if not LEAST_LISTS <= count <= MOST_LISTS:
        raise SdmxmigError(
            f"There are {count} lists; {LEAST_LISTS} to {MOST_LISTS} can be estimated together.",
            hint="Two lists are a dual system; put several lists together to have fewer.",
        )
    for number, name in enumerate(histories.names):
        if not any(histories.on_both((min(number, i), max(number, i))) for i in range(count) if i != number):
            raise SdmxmigError(
                f"No person of {name} is on another list.",
                hint="Leave it out, or check whether it is linked and of the same population.",
            )


def model_of(histories: Histories, pairs: tuple[Pair, ...]) -> Model | None:
    """A model fitted to the histories; None if it has no estimate."""
    if any(histories.on_both(pair) == 0 for pair in pairs):
        return None
    design = design_of(len(histories.names), pairs)[1:]
    counts = histories.counts[1:].astype(np.float64)
    fit = poisson_fit(design, counts)
    missed = math.exp(min(float(fit.effects[0]), 700.0))
    if not fit.converged or fit.expected.min() < FARTHEST or missed < FARTHEST or missed > histories.seen / FARTHEST:
        return None
    size = design.shape[1]
    return Model(
        pairs=pairs,
        population=histories.seen + missed,
        error=math.sqrt(missed + missed**2 * float(fit.covariance[0, 0])),
        deviance=fit.deviance,
        freedom=len(counts) - size,
        aic=2 * size - 2 * fit.likelihood,
        bic=math.log(histories.seen) * size - 2 * fit.likelihood,
    )


def design_of(lists: int, pairs: Sequence[Pair]) -> Vector:
    """The columns of a model: one, each list, each pair; a row for each history, that of no list first.

    >>> design_of(2, [(0, 1)]).tolist()
    [[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]]
    """
    masks = np.arange(1 << lists)
    on_list = np.array([(masks >> number) & 1 for number in range(lists)], dtype=np.float64)
    columns = [np.ones(len(masks)), *on_list, *(on_list[first] * on_list[second] for first, second in pairs)]
    return np.column_stack(columns)


def poisson_fit(design: Vector, counts: Vector) -> Fit:
    """Fit a log-linear Poisson regression by iteratively reweighted least squares.

    Source: P. McCullagh, J. A. Nelder, Generalized linear models, 1989, section 2.5.
    """
    expected = counts + 0.5
    effects, deviance, converged = np.zeros(design.shape[1]), math.inf, False
    covariance = np.full((design.shape[1],) * 2, math.inf)
    for _ in range(STEPS):
        linear = np.log(expected)
        weighted = design * expected[:, None]
        information = design.T @ weighted
        covariance = np.linalg.pinv(information)
        effects = covariance @ (weighted.T @ (linear + counts / expected - 1))
        expected = np.exp(np.clip(design @ effects, -50.0, 50.0))
        before, deviance = deviance, deviance_of(counts, expected)
        if abs(before - deviance) <= NEARLY * (abs(deviance) + 0.1):
            converged = True
            break
    likelihood = float(np.sum(counts * np.log(expected) - expected)) - sum(map(math.lgamma, counts + 1))
    return Fit(
        effects=effects,
        covariance=covariance,
        expected=expected,
        deviance=deviance,
        likelihood=likelihood,
        converged=converged,
    )


def deviance_of(counts: Vector, expected: Vector) -> float:
    logs = np.where(counts > 0, counts * np.log(np.where(counts > 0, counts, 1.0) / expected), 0.0)
    return 2 * float(np.sum(logs - counts + expected))


def profile_interval(histories: Histories, model: Model) -> tuple[float, float]:
    """The populations at which the log-likelihood has fallen as far as the ends of a 95 % interval allow."""
    design = design_of(len(histories.names), model.pairs)
    seen = histories.seen

    def likelihood(missed: float) -> float:
        table = histories.counts.astype(np.float64)
        table[0] = missed
        expected = poisson_fit(design, table).expected
        total = seen + missed
        ways = math.lgamma(total + 1) - math.lgamma(missed + 1)
        return ways + float(np.sum(table * np.log(expected / expected.sum())))

    top = highest(likelihood, model.population - seen)
    level = likelihood(top) - DROP
    low = 0.0 if likelihood(0.0) >= level else crossing(likelihood, (0.0, top), level)
    far = 2 * top + 1
    while likelihood(far) > level and far < seen / FARTHEST:
        far *= 2
    high = crossing(likelihood, (far, top), level)
    return seen + low, seen + high


def highest(height: Callable[[float], float], near: float) -> float:
    """Where a function with one summit is highest, by narrowing an interval around a place near it."""
    low, high = 0.0, 2 * near + 2
    while height(high) > height(high / 2):
        high *= 2
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(HALVINGS):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (left, high) if height(left) < height(right) else (low, right)
        if high - low < 1e-6 * (1 + near):
            break
    return (low + high) / 2


def crossing(height: Callable[[float], float], ends: tuple[float, float], level: float) -> float:
    below, above = ends
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        below, above = (middle, above) if height(middle) < level else (below, middle)
        if abs(above - below) < 1e-6 * (1 + above):
            break
    return (below + above) / 2


def factor_of(links: Faults) -> float:
    check_faults(links)
    return links.precision.value / links.recall.value


def relinked(counts: Vector, order: Sequence[int], factors: Mapping[int, float]) -> Vector:
    """Correct counts by history.

    `counts` has 2^lists entries; bit i means list i. `factors` are persons per link. Raises `SdmxmigError` for negative
    results.

    >>> relinked(np.array([0.0, 20.0, 20.0, 80.0]), (0, 1), {1: 1.1}).round(6).tolist()
    [0.0, 12.0, 12.0, 88.0]
    """
    right = counts.astype(np.float64).copy()
    for place in range(len(order) - 1, 0, -1):
        last = order[place]
        before = sum(1 << number for number in order[:place])
        after = sum(1 << number for number in order[place + 1 :])
        moved = np.zeros_like(right)
        for history in linked_histories(len(right), last, before):
            change = right[history] * (1.0 - factors.get(last, 1.0))
            moved[history] -= change
            earlier, own, later = history & before, 1 << last, history & after
            for part in (earlier | later, own, earlier, own | later):
                moved[part] += change / 2
        right = right + moved
    if (right[1:] < -1e-9).any():
        raise SdmxmigError(
            "After the correction of links fewer than no persons are on one list alone.",
            hint="Check precision and recall: they do not go with these lists.",
        )
    return np.asarray(np.maximum(right, 0.0))


def linked_histories(histories: int, last: int, before: int) -> list[int]:
    return [history for history in range(histories) if history >> last & 1 and history & before]


def factor_error(counts: Vector, order: Sequence[int], last: int, links: Faults) -> float:
    """Compute the standard error of a factor, from rates and chance.

    See `sdmxmig.statistics.demography.capture.dual_system`.
    """
    before = sum(1 << number for number in order[: list(order).index(last)])
    factor = factor_of(links)
    both = factor * sum(float(counts[history]) for history in linked_histories(len(counts), last, before))
    if not both:
        return 0.0
    precision, recall = links.precision.value, links.recall.value
    chance = factor * (precision * (1 - recall) + (1 - precision)) / both
    return factor * math.sqrt(relative(links.precision) + relative(links.recall) + chance)
