"""Residence index from signs of life, and emigration with late and unregistered exits.

After Statistics Estonia (E. Maasing, E.-M. Tiit, M. Vähi, Residency index: a tool for measuring the population size,
Acta et Commentationes Universitatis Tartuensis de Mathematica 21, 2017). Parameters are country-specific.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import reduce

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import Flags, Floats, np
from sdmxmig.statistics.demography.capture import Share
from sdmxmig.statistics.demography.distributions import compute_normal_quantile

DECAY_RATES = tuple(step / 20 for step in range(20))
HALF, MAX_HALVINGS = 0.5, 60
MIN_TRAINED = 30
"""Number of residents, and of others, needed to measure parameters."""
MIN_INFORMATION = 0.2
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidenceIndex:
    """Index parameters: R(t) = `decay` · R(t−1) + `gain` · sum of weights; residents reach `threshold`.

    They are candidates until an office adopts them.
    """

    decay: float
    gain: float
    threshold: float
    weights: Mapping[str, float]
    status: str = "candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Accuracy of a rule for `residents` and `others`."""

    residents: Share
    others: Share


PERFECT_RELIABILITY = Reliability(residents=Share(1.0), others=Share(1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class OverCoverage:
    """Overcoverage of a group.

    `known_residents` and `known_absent` are from a sample. `chance` is the group's variance; `moved` are changes by one
    standard error of each common rate; `below_zero` means fewer silent persons than expected.
    """

    registered: int
    absent: float
    known_residents: int
    known_absent: int
    chance: float
    moved: tuple[float, float]
    below_zero: bool = False

    @property
    def rate(self) -> float:
        return self.absent / self.registered

    @property
    def variance(self) -> float:
        return self.chance + sum(reach**2 for reach in self.moved)

    @property
    def error(self) -> float:
        return math.sqrt(self.variance) / self.registered

    @property
    def interval(self) -> tuple[float, float]:
        reach = compute_normal_quantile((1 + CONFIDENCE) / 2) * math.sqrt(self.variance)
        least, most = self.known_absent, self.registered - self.known_residents
        return max(self.absent - reach, least), min(self.absent + reach, most)


def compute_index(signs: Mapping[str, Floats], parameters: ResidenceIndex) -> Floats:
    """Compute the index (persons, years) from signs by kind; raise `SdmxmigError` for a sign without weight.

    >>> life = ResidenceIndex(decay=0.5, gain=1.0, threshold=0.4, weights={"health": 1.0})
    >>> compute_index({"health": np.array([[1.0, 0.0, 0.0]])}, life).tolist()
    [[1.0, 0.5, 0.25]]
    """
    unknown = sorted(set(signs) - set(parameters.weights))
    if unknown:
        raise SdmxmigError(f"The index has no weight for: {', '.join(unknown)}.", hint="Name a weight for every sign.")
    check_parameters(parameters)
    return accumulate(parameters.gain * sum_weighted(signs, parameters.weights), parameters.decay)


def sum_weighted(signs: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    total = sum((weights[name] * counts for name, counts in sorted(signs.items())), start=np.float64(0))
    return np.asarray(total)


def accumulate(yearly: Floats, decay: float) -> Floats:
    index = np.empty_like(yearly)
    last = np.zeros(len(yearly))
    for year in range(yearly.shape[1]):
        last = decay * last + yearly[:, year]
        index[:, year] = last
    return index


def check_parameters(parameters: ResidenceIndex) -> None:
    if not (0 <= parameters.decay < 1 and parameters.gain > 0 and parameters.threshold > 0):
        raise SdmxmigError(
            "Decay must be between 0 and 1; gain and threshold must be above 0.",
            hint="Correct the parameters of the index.",
        )
    if any(not 0 <= weight < math.inf for weight in parameters.weights.values()):
        raise SdmxmigError("The weight of a sign cannot be negative.", hint="Correct the weights.")


def train_index(signs: Mapping[str, Floats], resident: Flags) -> ResidenceIndex:
    """Train index parameters on known residents.

    Weights are log ratios of sign frequencies (half a person added). The threshold balances errors, and the decay is
    the best of twenty. Raises `SdmxmigError` for fewer than thirty residents or others.
    """
    if min(int(resident.sum()), int((~resident).sum())) < MIN_TRAINED:
        raise SdmxmigError(
            f"Fewer than {MIN_TRAINED} residents, or fewer than {MIN_TRAINED} others, are in the training sample.",
            hint="Use a larger sample of persons whose residence is known.",
        )
    weights = {name: compute_weight(counts[:, -1] > 0, resident) for name, counts in sorted(signs.items())}
    if not any(weights.values()):
        raise SdmxmigError("No sign is more frequent among residents than among others.", hint="Use other registers.")
    yearly = sum_weighted(signs, weights)
    tried = []
    for decay in DECAY_RATES:
        last = accumulate(yearly, decay)[:, -1]
        threshold = balance_threshold(last, resident)
        wrong = int(((last >= threshold) != resident).sum())
        imbalance = abs(int((last >= threshold).sum()) - int(resident.sum()))
        tried.append((wrong + imbalance, decay, threshold))
    _, decay, threshold = min(tried)
    return ResidenceIndex(decay=decay, gain=1.0, threshold=threshold, weights=weights)


def compute_weight(has_sign: Flags, resident: Flags) -> float:
    among_residents = (float(has_sign[resident].sum()) + HALF) / (float(resident.sum()) + 2 * HALF)
    among_others = (float(has_sign[~resident].sum()) + HALF) / (float((~resident).sum()) + 2 * HALF)
    return max(0.0, math.log(among_residents / among_others))


def balance_threshold(index: Floats, resident: Flags) -> float:
    values = np.unique(index)
    limits = (values[:-1] + values[1:]) / 2 if len(values) > 1 else values
    limits = limits[limits > 0] if (limits > 0).any() else np.array([HALF])
    called = len(index) - np.searchsorted(np.sort(index), limits)
    return float(limits[int(np.argmin(np.abs(called - int(resident.sum()))))])


def measure_reliability(is_called_resident: Flags, resident: Flags) -> Reliability:
    """Measure a rule on a sample, preferably a separate one; raise `SdmxmigError` without residents or others."""
    if resident.all() or not resident.any():
        raise SdmxmigError(
            "The sample has residents only, or none.", hint="Use a sample with residents and with persons who left."
        )
    return Reliability(
        residents=measure_share(is_called_resident[resident]), others=measure_share(~is_called_resident[~resident])
    )


def measure_share(truths: Flags) -> Share:
    return estimate_share(int(truths.sum()) / len(truths), len(truths))


def estimate_share(value: float, size: int) -> Share:
    """Compute a sampled share; the variance adds half a success and half a failure.

    A share of one is therefore uncertain. Raises `ZeroDivisionError` for an empty sample.

    >>> share = estimate_share(1.0, 499)
    >>> round(share.variance * 499, 6)
    0.000999
    """
    softened = (value * size + HALF) / (size + 2 * HALF)
    return Share(value, softened * (1 - softened) / size)


@dataclass(frozen=True, slots=True)
class SampleGroup:
    """Counts of a group of registered persons.

    `known_residents` and `known_absent` are from a sample; `silent` others have too few signs of life.
    """

    registered: int
    silent: int
    _: KW_ONLY
    known_residents: int = 0
    known_absent: int = 0

    @property
    def unknown(self) -> int:
        return self.registered - self.known_residents - self.known_absent


def estimate_over_coverages(
    groups: Sequence[SampleGroup], reliability: Reliability = PERFECT_RELIABILITY
) -> list[OverCoverage]:
    """Estimate overcoverage corrected for classification errors.

    W. J. Rogan, B. Gladen, Estimating prevalence from the results of a screening test, American Journal of Epidemiology
    107, 1978. Negative estimates become zero, and others are lowered. Variance by prediction (R. Valliant, A. H.
    Dorfman, R. M. Royall, Finite population sampling and inference, a prediction approach, 2000, chapter 2). Raises
    `SdmxmigError` for contradictory counts and uninformative rules.

    >>> rule = Reliability(residents=Share(0.9), others=Share(0.8))
    >>> [round(over.rate, 3) for over in estimate_over_coverages([SampleGroup(1000, 170)], rule)]
    [0.1]
    >>> [round(over.absent, 6) for over in estimate_over_coverages([SampleGroup(100, 24), SampleGroup(100, 3)], rule)]
    [10.0, 0.0]
    """
    if any(not 0 <= group.silent <= group.unknown for group in groups):
        raise SdmxmigError("More persons are marked absent than the group has.", hint="Count every person once.")
    right, detected = reliability.residents, reliability.others
    telling = right.value + detected.value - 1
    if telling < MIN_INFORMATION:
        raise SdmxmigError(
            "The index does not separate residents from others in the training sample.",
            hint="Use more registers as signs, or estimate the parameters again.",
        )
    unknown = np.array([group.unknown for group in groups], dtype=np.float64)
    silent = np.array([group.silent for group in groups], dtype=np.float64)
    by_signs = (silent - unknown * (1 - right.value)) / telling
    others = fit_within_limits(by_signs, unknown)
    return [
        OverCoverage(
            registered=group.registered,
            absent=group.known_absent + absent,
            known_residents=group.known_residents,
            known_absent=group.known_absent,
            chance=(residents * right.value * (1 - right.value) + absent * detected.value * (1 - detected.value))
            / telling**2,
            moved=(residents * math.sqrt(right.variance) / telling, -absent * math.sqrt(detected.variance) / telling),
            below_zero=below,
        )
        for group, absent, residents, below in zip(
            groups, others.tolist(), (unknown - others).tolist(), (by_signs < 0).tolist(), strict=True
        )
    ]


def fit_within_limits(values: Floats, limits: Floats) -> Floats:
    """Find numbers between 0 and their limits with the same sum as the values, if possible.

    Adds the same share of each limit to all values and clips. This minimises the squared distance relative to the
    limits.

    >>> fit_within_limits(np.array([12.0, -2.0, 5.0]), np.array([100.0, 50.0, 100.0])).round(6).tolist()
    [11.0, 0.0, 4.0]
    """
    wanted = float(values.sum())
    if wanted <= 0 or wanted >= float(limits.sum()):
        return np.asarray(limits * (wanted > 0))
    if (values >= 0).all() and (values <= limits).all():
        return values
    shares = np.divide(values, limits, out=np.zeros_like(values), where=limits > 0)
    low, high = -float(shares.max()), 1 - float(shares.min())
    for _ in range(MAX_HALVINGS):
        middle = (low + high) / 2
        if float(np.clip(values + middle * limits, 0, limits).sum()) < wanted:
            low = middle
        else:
            high = middle
    return np.asarray(np.clip(values + high * limits, 0, limits))


def sum_over_coverages(parts: Sequence[OverCoverage]) -> OverCoverage:
    return OverCoverage(
        registered=sum(part.registered for part in parts),
        absent=sum(part.absent for part in parts),
        known_residents=sum(part.known_residents for part in parts),
        known_absent=sum(part.known_absent for part in parts),
        chance=sum(part.chance for part in parts),
        moved=(sum(part.moved[0] for part in parts), sum(part.moved[1] for part in parts)),
    )


def find_unregistered_exits(active: Flags, silent: Flags) -> Flags:
    """Estimate years of unregistered exits: the year after the last sign.

    Years are unknown without signs, or with one in the last year.

    >>> active = np.array([[True, False, False], [True, False, True], [False, False, False]])
    >>> find_unregistered_exits(active, np.array([True, False, True])).tolist()
    [[False, True, False], [False, False, False], [False, False, False]]
    """
    seen_again = np.logical_or.accumulate(active[:, ::-1], axis=1)[:, ::-1]
    was_active = np.concatenate([np.zeros((len(active), 1), dtype=bool), active[:, :-1]], axis=1)
    return np.asarray(was_active & ~seen_again & silent[:, None])


@dataclass(frozen=True, slots=True, kw_only=True)
class HardToCount:
    over_coverage: float
    coverage: float
    precision: float
    status: str


def explain_hard_to_count(
    limits: HardToCount, *, over_coverage: float | None, coverage: float | None, precision: float | None
) -> Sequence[str]:
    """Explain why a group is hard to count; empty if it is not. None means an unknown rate.

    >>> limits = HardToCount(over_coverage=0.1, coverage=0.9, precision=0.2, status="candidate")
    >>> explain_hard_to_count(limits, over_coverage=None, coverage=0.7, precision=0.1)
    ['coverage']
    """
    measured = {
        "over-coverage": over_coverage is not None and over_coverage > limits.over_coverage,
        "coverage": coverage is not None and coverage < limits.coverage,
        "precision": precision is not None and precision > limits.precision,
    }
    return [name for name, is_so in measured.items() if is_so]


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
