"""Multiple systems estimation: from three or more lists of one population to how many are on none.

The counts of persons by the lists that they are on follow a log-linear model with an effect for each list, and one for
each pair of lists that depend on each other (S. E. Fienberg, The multiple recapture census for closed populations and
incomplete 2^k contingency tables, Biometrika 59, 1972). The persons on no list are what the model expects in the one
cell that nobody sees: with no pair it is as if lists were independent, with all pairs only a dependence of three lists
at once is left out, which no list can show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import np
from sdmxmig.statistics.demography.capture import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

Pair = tuple[int, int]
LEAST_LISTS, MOST_LISTS = 3, 5
STEPS, NEARLY = 100, 1e-10
FARTHEST = 1e-6
"""A model that expects fewer persons than this somewhere has no estimate: an effect runs to minus infinity."""
DROP = 3.841458820694124 / 2
"""By so much the log-likelihood falls at the ends of a 95 % interval: half a quantile of chi-square."""
HALVINGS = 60
AIC, BIC = "AIC", "BIC"


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """How many persons have which history: bit i of the index says whether they are on list i.

    The first entry is of those on no list, which nobody can count; it is not looked at. Counts are whole numbers until
    estimated wrong records are taken off.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64] | Vector

    @property
    def seen(self) -> float:
        """How many persons are on at least one list."""
        return float(self.counts[1:].sum())

    def on_both(self, pair: Pair) -> int:
        """How many persons are on both lists of a pair."""
        both = (1 << pair[0]) | (1 << pair[1])
        return int(self.counts[(np.arange(len(self.counts)) & both) == both].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A Poisson regression: effects, their covariances, what is expected in each row, deviance and log-likelihood."""

    effects: Vector
    covariance: Vector
    expected: Vector
    deviance: float
    likelihood: float
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model of dependence between lists and what it comes to.

    `pairs` are the pairs of lists that depend on each other, `error` is the standard error of the `population`;
    `freedom` are the degrees of freedom that the `deviance` has if the model is true.
    """

    pairs: tuple[Pair, ...]
    population: float
    error: float
    deviance: float
    freedom: int
    aic: float
    bic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleSystems:
    """The estimate of the chosen model, and all models that were tried, the best one first.

    `left_out` says how many models have no estimate, since too few persons are on the lists of a pair.
    """

    estimate: Estimate
    models: tuple[Model, ...]
    left_out: int

    @property
    def chosen(self) -> Model:
        """The model that the estimate is of."""
        return self.models[0]


def histories_of(names: Sequence[str], on_list: NDArray[np.bool_]) -> Histories:
    """Count persons by history.

    `on_list` has a row a person and a column a list, and says whether the person is on it.

    >>> histories_of("ab", np.array([[True, False], [True, True], [True, True]])).counts.tolist()
    [0, 1, 0, 2]
    """
    masks = on_list.astype(np.int64) @ (1 << np.arange(len(names)))
    counts = np.bincount(masks, minlength=1 << len(names))
    return Histories(tuple(names), np.where(np.arange(len(counts)) == 0, 0, counts))


def multiple_systems(
    histories: Histories, *, criterion: str = BIC, pairs: Sequence[Pair] | None = None
) -> MultipleSystems:
    """How many persons there are, on the lists or on none, with its 95 % interval.

    All models with effects of pairs are fitted, and the one with the least BIC is taken, with the number of persons as
    the size of the sample, or that with the least AIC; `pairs` asks for one model instead. The interval is that of the
    profile of the multinomial likelihood (R. M. Cormack, Interval estimation for mark-recapture studies of closed
    populations, Biometrics 48, 1992) under the chosen model: that another one might have been chosen is not in it. In
    200 simulated populations of 3,000 with three lists it held the truth in 95 % after BIC and in 90 % after AIC.

    Raises `SdmxmigError` for fewer than three or more than five lists, for a list that shares no person with any other,
    and where no model has an estimate.
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
    """How many persons there are under a model, without an interval; raises `SdmxmigError` if it has no estimate."""
    model = model_of(histories, tuple(pairs))
    if model is None:
        raise SdmxmigError(
            "The chosen model has no estimate any more once lists are corrected.", hint="Put lists or groups together."
        )
    return model.population


def combos(every: Sequence[Pair]) -> Iterator[Iterator[tuple[Pair, ...]]]:
    """All sets of pairs, the smaller ones first."""
    return (combinations(every, size) for size in range(len(every) + 1))


def check_histories(histories: Histories) -> None:
    """Refuse lists of which nothing can be said."""
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
    """A Poisson regression with logarithms, by least squares that are weighted anew until nothing changes.

    `design` has a row for each count (rows, columns). Source: P. McCullagh, J. A. Nelder, Generalized linear models,
    1989, section 2.5.
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
    """How far counts are from what is expected of them: nothing if they are equal."""
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
    """Where a function crosses a level between a place below it and another above it."""
    below, above = ends
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        below, above = (middle, above) if height(middle) < level else (below, middle)
        if abs(above - below) < 1e-6 * (1 + above):
            break
    return (below + above) / 2
