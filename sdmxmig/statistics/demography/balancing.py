"""Balancing by generalised least squares.

Stone, Champernowne and Meade (1942), “The precision of national income estimates”, Review of Economic Studies 9(2): the
nearest figures, in standard errors, that satisfy all identities.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.primitives.lazily import Floats, np
from sdmxmig.statistics.demography.distributions import compute_chi_square_tail

RANK_TOLERANCE = 1e-9
EXACT_TOLERANCE = 1e-6
"""Maximum deviation of balanced figures from an identity, in persons."""
MAX_STEPS = 5
"""Number of corrections of floating-point remainders."""
TEST_SIZE = 0.05


@dataclass(frozen=True, slots=True)
class Constraint:
    """An identity: sum of factors times figures equals `constant`."""

    name: str
    factors: Mapping[str, float]
    constant: float = 0.0


@dataclass(frozen=True, slots=True)
class MeasuredFigure:
    """A reported figure with its variance; 0 means fixed."""

    value: float
    variance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancedFigure:
    """A figure before and after balancing, with standard errors; `in_errors` is the change in standard errors."""

    name: str
    reported: float | None
    balanced: float
    error: float | None
    balanced_error: float
    moved: float | None
    in_errors: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The result of balancing.

    `statistic` is chi-square with `degrees` of freedom. `undetermined` terms cannot be estimated; `broken` identities
    of fixed figures do not hold.
    """

    figures: tuple[BalancedFigure, ...]
    statistic: float
    degrees: int
    probability: float | None
    undetermined: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()
    broken: tuple[tuple[str, float], ...] = ()

    @property
    def contradicts(self) -> bool:
        return bool(self.broken) or (self.probability is not None and self.probability < TEST_SIZE)


def balance(constraints: Sequence[Constraint], measured: Mapping[str, MeasuredFigure]) -> Balance:
    """Balance figures to 0.000001 of a person; if identities are `broken`, reported values are kept."""
    names = list(dict.fromkeys(name for constraint in constraints for name in constraint.factors))
    known, unknown = [n for n in names if n in measured], [n for n in names if n not in measured]
    factors, of_unknown = build_matrix(constraints, known), build_matrix(constraints, unknown)
    constant = np.array([constraint.constant for constraint in constraints], dtype=float)
    values = np.array([measured[name].value for name in known], dtype=float)
    errors = np.sqrt(np.array([measured[name].variance for name in known], dtype=float))
    free = compute_left_null_space(of_unknown)
    system = build_system(free.T @ factors, free.T @ constant, errors)
    broken = list_broken_constraints(constraints, free, system, values)
    if broken:
        reported = zip(known, values, errors, strict=True)
        unmoved = tuple(build_balanced_figure(name, value, value, (error, 0.0)) for name, value, error in reported)
        return Balance(figures=unmoved, statistic=0.0, degrees=0, probability=None, broken=broken)
    coordinates = (system.basis.T @ system.gap(values)) / system.sizes
    balanced = refine_values(system, values + errors * (system.spread.T @ coordinates))
    move_errors = errors * np.sqrt((system.spread**2).sum(axis=0))
    both = zip(errors, move_errors, strict=True)
    figures = [build_balanced_figure(*figure) for figure in zip(known, values, balanced, both, strict=True)]
    rest = constant - factors @ balanced
    computed, undetermined = solve_missing_terms(of_unknown, rest, system, names=unknown, scaled=factors * errors)
    degrees, statistic = len(system.sizes), float(coordinates @ coordinates)
    return Balance(
        figures=(*figures, *computed),
        statistic=statistic,
        degrees=degrees,
        probability=compute_chi_square_tail(statistic, degrees) if degrees else None,
        undetermined=undetermined,
        untested=tuple(
            c.name for c, row in zip(constraints, free, strict=True) if not np.any(np.abs(row) > RANK_TOLERANCE)
        ),
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class IdentitySystem:
    """Identities without unknown terms: `factors` times figures equal `constant`."""

    factors: Floats
    constant: Floats
    errors: Floats
    basis: Floats
    sizes: Floats
    spread: Floats

    def gap(self, values: Floats) -> Floats:
        return self.constant - self.factors @ values


def build_system(factors: Floats, constant: Floats, errors: Floats) -> IdentitySystem:
    scaled = factors * errors
    if scaled.size:
        left, sizes, right = np.linalg.svd(scaled, full_matrices=False)
    else:
        left, sizes, right = np.zeros((len(constant), 0)), np.zeros(0), np.zeros((0, len(errors)))
    count = int((sizes > RANK_TOLERANCE * sizes.max(initial=0.0)).sum())
    return IdentitySystem(
        factors=factors,
        constant=constant,
        errors=errors,
        basis=left[:, :count],
        sizes=sizes[:count],
        spread=right[:count],
    )


def build_matrix(constraints: Sequence[Constraint], names: Sequence[str]) -> Floats:
    columns = {name: at for at, name in enumerate(names)}
    factors = np.zeros((len(constraints), len(names)))
    for row, constraint in enumerate(constraints):
        for name, factor in constraint.factors.items():
            if name in columns:
                factors[row, columns[name]] += factor
    return factors


def compute_left_null_space(b: Floats) -> Floats:
    if not b.shape[1]:
        return np.eye(b.shape[0])
    left, sizes, _ = np.linalg.svd(b, full_matrices=True)
    return np.asarray(left[:, int((sizes > RANK_TOLERANCE * sizes.max(initial=0.0)).sum()) :])


def list_broken_constraints(
    constraints: Sequence[Constraint], free: Floats, system: IdentitySystem, values: Floats
) -> tuple[tuple[str, float], ...]:
    gap = system.gap(values)
    left_over = free @ (gap - system.basis @ (system.basis.T @ gap))
    most = float(np.abs(left_over).max(initial=0.0))
    if most <= EXACT_TOLERANCE:
        return ()
    return tuple(
        (constraint.name, float(amount))
        for constraint, amount in zip(constraints, left_over, strict=True)
        if abs(amount) > max(EXACT_TOLERANCE, most * RANK_TOLERANCE)
    )


def refine_values(system: IdentitySystem, values: Floats) -> Floats:
    for _ in range(MAX_STEPS):
        gap = system.gap(values)
        if float(np.abs(gap).max(initial=0.0)) <= EXACT_TOLERANCE / 100:
            break
        values = values + system.errors * (system.spread.T @ ((system.basis.T @ gap) / system.sizes))
    return values


def build_balanced_figure(name: str, reported: float, balanced: float, errors: tuple[float, float]) -> BalancedFigure:
    error, move_error = map(float, errors)
    moved = float(balanced - reported)
    return BalancedFigure(
        name=name,
        reported=float(reported),
        balanced=float(balanced),
        error=error,
        balanced_error=math.sqrt(max(error**2 - move_error**2, 0.0)),
        moved=moved,
        in_errors=moved / move_error if move_error > RANK_TOLERANCE * error else None,
    )


def solve_missing_terms(
    of_unknown: Floats, rest: Floats, system: IdentitySystem, *, names: Sequence[str], scaled: Floats
) -> tuple[list[BalancedFigure], tuple[str, ...]]:
    if not names:
        return [], ()
    inverse = np.linalg.pinv(of_unknown, rcond=RANK_TOLERANCE)
    values, share, ways = inverse @ rest, inverse @ of_unknown, inverse @ scaled
    ways = ways - (ways @ system.spread.T) @ system.spread
    is_determined = [abs(share[at, at] - 1) <= EXACT_TOLERANCE for at in range(len(names))]
    computed = [
        BalancedFigure(
            name=name,
            reported=None,
            balanced=float(values[at]),
            error=None,
            balanced_error=float(np.sqrt((ways[at] ** 2).sum())),
            moved=None,
            in_errors=None,
        )
        for at, name in enumerate(names)
        if is_determined[at]
    ]
    return computed, tuple(name for name, determined in zip(names, is_determined, strict=True) if not determined)
