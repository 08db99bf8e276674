"""Estimation of a population from two or more lists.

Assumes a closed population, independent lists, equal probabilities within groups, and correct records and links. Known
errors are corrected; others are reported.

Log-linear models with pairwise dependence (S. E. Fienberg, The multiple recapture census for closed populations and
incomplete 2^k contingency tables, Biometrika 59, 1972). Three-way dependence cannot be observed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import Floats, Integers, np
from sdmxmig.statistics.demography.distributions import compute_normal_quantile

MIN_OVERLAP = 7
"""Overlap with negligible bias (D.

S. Robson, H. A. Regier, Sample size in Petersen mark-recapture experiments, Transactions of the American Fisheries
Society 93, 1964).
"""
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate with variance and 95% interval; `chance` is the part due to `unseen` persons."""

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
    first: float
    second: float
    both: float

    @property
    def seen(self) -> float:
        return self.first + self.second - self.both


@dataclass(frozen=True, slots=True)
class Share:
    value: float
    variance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkErrors:
    """Link errors: `precision` is the share of correct links, `recall` the share of true pairs that are linked."""

    precision: Share = Share(1.0)
    recall: Share = Share(1.0)


NO_FAULTS = LinkErrors()


def estimate_from_two_lists(lists: TwoLists, faults: LinkErrors = NO_FAULTS) -> Estimate:
    """Estimate the population from two lists with 95% interval.

    Chapman's estimate (D. G. Chapman, Some properties of the hypergeometric distribution, University of California
    Publications in Statistics 1, 1951; G. A. F. Seber, The estimation of animal abundance, 1982, section 3.1). Links
    are corrected by precision and recall (Y. Ding and S. E. Fienberg, Survey Methodology 20, 1994; L. Di Consiglio and
    T. Tuoto, Journal of Official Statistics 31, 2015). The number of unseen persons is a multiple of a Poisson
    variable, so that without corrections the interval is above the listed persons and never empty.

    Raises `SdmxmigError` for contradictory counts, overlaps under seven, and impossible error rates.

    >>> estimate = estimate_from_two_lists(TwoLists(first=346, second=184, both=49))
    >>> round(estimate.value, 1), round(estimate.error, 1)
    (1282.9, 142.1)
    """
    check_lists(lists)
    precision, recall = faults.precision.value, faults.recall.value
    true = correct_lists(lists, faults)
    value = estimate_chapman(true)
    chance = (
        (true.first + 1) * (true.second + 1) * (true.first - true.both) * (true.second - true.both)
        / ((true.both + 1) ** 2 * (true.both + 2))
    )  # fmt: skip
    linking = true.both * precision / recall * (precision * (1 - recall) + (1 - precision))
    rates = true.both**2 * (compute_relative_variance(faults.precision) + compute_relative_variance(faults.recall))
    per_person = (value + 1) / (true.both + 1)
    if not chance:  # no person on one list alone: as uncertain as the next such person
        chance = (per_person * (true.second + 1) / (true.both + 2)) ** 2
    variance = chance + per_person**2 * (linking + rates)
    return build_estimate(value, variance, unseen=value - true.seen, chance=chance)


def estimate_chapman(lists: TwoLists) -> float:
    """Compute Chapman's estimate from two lists without errors.

    >>> round(estimate_chapman(TwoLists(first=346, second=184, both=49)), 1)
    1282.9
    """
    return (lists.first + 1) * (lists.second + 1) / (lists.both + 1) - 1


def correct_lists(lists: TwoLists, faults: LinkErrors, *, is_checked: bool = True) -> TwoLists:
    check_faults(faults)
    true = replace(lists, both=lists.both * faults.precision.value / faults.recall.value)
    if is_checked and true.both > min(true.first, true.second):
        raise SdmxmigError(
            "After the correction more persons are on both lists than on one of them.",
            hint="Check the shares of wrong links and wrong records: they do not fit these lists.",
        )
    return true


def estimate_under_dependence(lists: TwoLists, odds_ratio: float) -> float:
    """Estimate under dependence of lists.

    With `odds_ratio` 1, this is Chapman's estimate. Source: S. C. Gerritse and others, Sensitivity of population size
    estimation for violating parametric assumptions in log-linear models, Journal of Official Statistics 31, 2015.

    >>> lists = TwoLists(first=346, second=184, both=49)
    >>> [round(estimate_under_dependence(lists, odds), 1) for odds in (0.5, 1, 2)]
    [882.0, 1282.9, 2084.8]
    """
    return lists.seen + odds_ratio * (lists.first - lists.both) * (lists.second - lists.both) / (lists.both + 1)


def compute_relative_variance(share: Share) -> float:
    return share.variance / share.value**2


def build_estimate(value: float, variance: float, *, unseen: float = 0.0, chance: float = 0.0) -> Estimate:
    """Build an estimate with its 95% interval.

    The `unseen` persons, on no list, are a multiple of a Poisson number (F. Garwood, Biometrika 28, 1936, as
    approximated by N. E. Breslow and N. E. Day, Statistical methods in cancer research 2, 1987, section 2.3) with
    variance `chance`; the rest of `variance` is normal. Both are added in quadrature at each end.

    >>> estimate = build_estimate(1000.0, 2500.0, unseen=100.0, chance=2500.0)
    >>> round(estimate.low), round(estimate.high)
    (927, 1156)
    >>> estimate = build_estimate(1000.0, 2500.0)
    >>> round(estimate.low), round(estimate.high)
    (902, 1098)
    """
    quantile = compute_normal_quantile((1 + CONFIDENCE) / 2)
    unit = chance / unseen if unseen > 0 else math.sqrt(chance)
    number = unseen / unit if unit else 0.0
    fewest, most = unit * compute_poisson_end(number, -quantile), unit * compute_poisson_end(number + 1, quantile)
    spread = quantile * math.sqrt(max(variance - chance, 0.0))
    return Estimate(
        value=value,
        variance=variance,
        low=max(value - math.hypot(unseen - fewest, spread), 0.0),
        high=value + math.hypot(most - unseen, spread),
        unseen=unseen,
        chance=chance,
    )


def compute_poisson_end(number: float, quantile: float) -> float:
    """Compute one end of the interval of a Poisson count: the lower end for a negative quantile.

    >>> [round(compute_poisson_end(number, quantile), 2) for number, quantile in ((4, -1.96), (5, 1.96), (1, 1.96))]
    [1.08, 10.24, 3.67]
    """
    return number * max(1 - 1 / (9 * number) + quantile / (3 * math.sqrt(number)), 0.0) ** 3 if number else 0.0


def sum_estimates(estimates: Iterable[Estimate]) -> Estimate:
    parts = list(estimates)
    return build_estimate(
        sum(part.value for part in parts),
        sum(part.variance for part in parts),
        unseen=sum(part.unseen for part in parts),
        chance=sum(part.chance for part in parts),
    )


def check_lists(lists: TwoLists) -> None:
    if lists.both < 0 or lists.both > min(lists.first, lists.second):
        raise SdmxmigError(
            "More persons are on both lists than on one of them.", hint="Count every person once in each list."
        )
    if lists.both == 0:
        raise SdmxmigError(
            "No person is on both lists, so the number on neither cannot be estimated.",
            hint="Check whether the lists are linked, and whether they are of the same population.",
        )
    if lists.both < MIN_OVERLAP:
        raise SdmxmigError(
            f"Fewer than {MIN_OVERLAP} persons are on both lists, too few for an estimate.", hint="Merge groups."
        )


def check_faults(faults: LinkErrors) -> None:
    for share in (faults.precision, faults.recall):
        if not (0 <= share.value <= 1 and 0 <= share.variance < math.inf):
            raise SdmxmigError(f"{share.value:g} is not a share.", hint="Use a share between 0 and 1.")
    if not faults.recall.value:
        raise SdmxmigError(
            "No true pair is linked, so no person is on two lists. Recall must be above 0.",
            hint="Write the share of true pairs that are linked, for example --recall 0.95.",
        )
    if not faults.precision.value:
        raise SdmxmigError(
            "All links, or all records of a list, are wrong.", hint="Lists that cannot be matched give no estimate."
        )


Pair = tuple[int, int]
MIN_LISTS, MAX_LISTS = 3, 5
MAX_STEPS, NEARLY = 100, 1e-10
TOLERANCE = 1e-6
LIKELIHOOD_DROP = 3.841458820694124 / 2
"""Drop of log-likelihood at the ends of a 95% interval."""
MAX_HALVINGS = 60
AIC, BIC = "AIC", "BIC"


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Counts by history; bit i means list i. The first entry (no list) is ignored."""

    names: tuple[str, ...]
    counts: Integers | Floats

    @property
    def seen(self) -> float:
        return float(self.counts[1:].sum())

    def on_both(self, pair: Pair) -> int:
        both = (1 << pair[0]) | (1 << pair[1])
        return int(self.counts[(np.arange(len(self.counts)) & both) == both].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    effects: Floats
    covariance: Floats
    expected: Floats
    deviance: float
    likelihood: float
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    pairs: tuple[Pair, ...]
    population: float
    error: float
    deviance: float
    freedom: int
    aic: float
    bic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleSystems:
    """The chosen model and its alternatives; `left_out` models have no estimate."""

    estimate: Estimate
    models: tuple[Model, ...]
    left_out: int

    @property
    def chosen(self) -> Model:
        return self.models[0]


def estimate_from_lists(
    histories: Histories, *, criterion: str = BIC, pairs: Sequence[Pair] | None = None
) -> MultipleSystems:
    """Estimate the population with 95% interval.

    Chooses pairs by BIC or AIC, unless `pairs` is given. Profile likelihood (R. M. Cormack, Interval estimation for
    mark-recapture studies of closed populations, Biometrics 48, 1992); model choice not included: in 200 simulations of
    3,000 persons with three lists, coverage was 95% (BIC) and 90% (AIC). Raises `SdmxmigError` for other than three
    to five lists, isolated lists and no estimate.
    """
    check_histories(histories)
    every = list(combinations(range(len(histories.names)), 2))
    asked = [tuple(pairs)] if pairs is not None else list(chain.from_iterable(list_subsets(every)))
    fitted = [model for model in (fit_model(histories, chosen) for chosen in asked) if model is not None]
    if not fitted:
        raise SdmxmigError(
            "No model of the lists has an estimate: too few persons are on several lists.",
            hint="Merge lists or groups.",
        )
    score: Callable[[Model], float] = (lambda model: model.aic) if criterion == AIC else (lambda model: model.bic)
    models = sorted(fitted, key=lambda model: (score(model), len(model.pairs), model.pairs))
    low, high = find_profile_interval(histories, models[0])
    value, variance = models[0].population, models[0].error ** 2
    unseen = value - histories.seen
    estimate = Estimate(value=value, variance=variance, low=low, high=high, unseen=unseen, chance=variance)
    return MultipleSystems(estimate=estimate, models=tuple(models), left_out=len(asked) - len(fitted))


def compute_population(histories: Histories, pairs: Sequence[Pair]) -> float:
    model = fit_model(histories, tuple(pairs))
    if model is None:
        raise SdmxmigError(
            "The chosen model gives no estimate after the lists are corrected.", hint="Merge lists or groups."
        )
    return model.population


def list_subsets(every: Sequence[Pair]) -> Iterator[Iterator[tuple[Pair, ...]]]:
    return (combinations(every, size) for size in range(len(every) + 1))


def check_histories(histories: Histories) -> None:
    count = len(histories.names)
    if not MIN_LISTS <= count <= MAX_LISTS:
        raise SdmxmigError(
            f"There are {count} lists; {MIN_LISTS} to {MAX_LISTS} can be estimated together.",
            hint="Two lists form a dual system. Merge lists to reduce their number.",
        )
    for number, name in enumerate(histories.names):
        if not any(histories.on_both((min(number, i), max(number, i))) for i in range(count) if i != number):
            raise SdmxmigError(
                f"No person of {name} is on another list.",
                hint="Leave it out, or check whether it is linked and of the same population.",
            )


def fit_model(histories: Histories, pairs: tuple[Pair, ...]) -> Model | None:
    if any(histories.on_both(pair) == 0 for pair in pairs):
        return None
    design = build_design(len(histories.names), pairs)[1:]
    counts = histories.counts[1:].astype(np.float64)
    fit = fit_poisson(design, counts)
    missed = math.exp(min(float(fit.effects[0]), 700.0))
    if not fit.converged or fit.expected.min() < TOLERANCE or missed < TOLERANCE or missed > histories.seen / TOLERANCE:
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


def build_design(lists: int, pairs: Sequence[Pair]) -> Floats:
    """Build the design matrix of a model: constant, lists, pairs; one row per history, starting with no list.

    >>> build_design(2, [(0, 1)]).tolist()
    [[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]]
    """
    masks = np.arange(1 << lists)
    on_list = np.array([(masks >> number) & 1 for number in range(lists)], dtype=np.float64)
    columns = [np.ones(len(masks)), *on_list, *(on_list[first] * on_list[second] for first, second in pairs)]
    return np.column_stack(columns)


def fit_poisson(design: Floats, counts: Floats) -> Fit:
    """Fit a log-linear Poisson regression by iteratively reweighted least squares.

    Source: P. McCullagh, J. A. Nelder, Generalized linear models, 1989, section 2.5.
    """
    expected = counts + 0.5
    effects, deviance, converged = np.zeros(design.shape[1]), math.inf, False
    covariance = np.full((design.shape[1],) * 2, math.inf)
    for _ in range(MAX_STEPS):
        linear = np.log(expected)
        weighted = design * expected[:, None]
        information = design.T @ weighted
        covariance = np.linalg.pinv(information)
        effects = covariance @ (weighted.T @ (linear + counts / expected - 1))
        expected = np.exp(np.clip(design @ effects, -50.0, 50.0))
        before, deviance = deviance, compute_deviance(counts, expected)
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


def compute_deviance(counts: Floats, expected: Floats) -> float:
    logs = np.where(counts > 0, counts * np.log(np.where(counts > 0, counts, 1.0) / expected), 0.0)
    return 2 * float(np.sum(logs - counts + expected))


def find_profile_interval(histories: Histories, model: Model) -> tuple[float, float]:
    design = build_design(len(histories.names), model.pairs)
    seen = histories.seen

    def likelihood(missed: float) -> float:
        table = histories.counts.astype(np.float64)
        table[0] = missed
        expected = fit_poisson(design, table).expected
        total = seen + missed
        ways = math.lgamma(total + 1) - math.lgamma(missed + 1)
        return ways + float(np.sum(table * np.log(expected / expected.sum())))

    top = find_maximum(likelihood, model.population - seen)
    level = likelihood(top) - LIKELIHOOD_DROP
    low = 0.0 if likelihood(0.0) >= level else find_crossing(likelihood, (0.0, top), level)
    far = 2 * top + 1
    while likelihood(far) > level and far < seen / TOLERANCE:
        far *= 2
    high = find_crossing(likelihood, (far, top), level)
    return seen + low, seen + high


def find_maximum(height: Callable[[float], float], near: float) -> float:
    """Find the maximum of a unimodal function near a point."""
    low, high = 0.0, 2 * near + 2
    while height(high) > height(high / 2):
        high *= 2
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(MAX_HALVINGS):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (left, high) if height(left) < height(right) else (low, right)
        if high - low < 1e-6 * (1 + near):
            break
    return (low + high) / 2


def find_crossing(height: Callable[[float], float], ends: tuple[float, float], level: float) -> float:
    below, above = ends
    for _ in range(MAX_HALVINGS):
        middle = (below + above) / 2
        below, above = (middle, above) if height(middle) < level else (below, middle)
        if abs(above - below) < 1e-6 * (1 + above):
            break
    return (below + above) / 2


def compute_factor(links: LinkErrors) -> float:
    check_faults(links)
    return links.precision.value / links.recall.value


def correct_link_errors(counts: Floats, order: Sequence[int], factors: Mapping[int, float]) -> Floats:
    """Correct counts by history.

    `counts` has 2^lists entries; bit i means list i. `factors` are persons per link. Raises `SdmxmigError` if results
    are negative.

    >>> correct_link_errors(np.array([0.0, 20.0, 20.0, 80.0]), (0, 1), {1: 1.1}).round(6).tolist()
    [0.0, 12.0, 12.0, 88.0]
    """
    right = counts.astype(np.float64).copy()
    for place in range(len(order) - 1, 0, -1):
        last = order[place]
        before = sum(1 << number for number in order[:place])
        after = sum(1 << number for number in order[place + 1 :])
        moved = np.zeros_like(right)
        for history in list_linked_histories(len(right), last, before):
            change = right[history] * (1.0 - factors.get(last, 1.0))
            moved[history] -= change
            earlier, own, later = history & before, 1 << last, history & after
            for part in (earlier | later, own, earlier, own | later):
                moved[part] += change / 2
        right = right + moved
    if (right[1:] < -1e-9).any():
        raise SdmxmigError(
            "After the correction of links, the number of persons on one list alone is negative.",
            hint="Check precision and recall: they do not fit these lists.",
        )
    return np.asarray(np.maximum(right, 0.0))


def list_linked_histories(histories: int, last: int, before: int) -> list[int]:
    return [history for history in range(histories) if history >> last & 1 and history & before]


def compute_factor_error(counts: Floats, order: Sequence[int], last: int, links: LinkErrors) -> float:
    """Compute the standard error of a factor, from rates and chance (see `estimate_from_two_lists`)."""
    before = sum(1 << number for number in order[: list(order).index(last)])
    factor = compute_factor(links)
    both = factor * sum(float(counts[history]) for history in list_linked_histories(len(counts), last, before))
    if not both:
        return 0.0
    precision, recall = links.precision.value, links.recall.value
    chance = factor * (precision * (1 - recall) + (1 - precision)) / both
    return factor * math.sqrt(
        compute_relative_variance(links.precision) + compute_relative_variance(links.recall) + chance
    )
