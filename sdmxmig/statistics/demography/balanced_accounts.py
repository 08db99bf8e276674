"""Studies of accounts: closure, mirror data, and the balancing of connected accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sdmxmig.catalogue.accounting import Equation, Identity
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean, write_count
from sdmxmig.statistics.demography.accounts import OTHER_DEFINITIONS, SERIES_BREAK, TracedAccount
from sdmxmig.statistics.demography.balancing import Balance, BalancedFigure, Constraint, MeasuredFigure, balance
from sdmxmig.statistics.demography.closing import (
    OUTCOME_CLASSES,
    AccountResult,
    ClosedAccounts,
    Observation,
    ReportedFigure,
    ResidualMigration,
    build_equation,
    find_weights,
    list_residual_migration,
)
from sdmxmig.statistics.demography.ledger import Population
from sdmxmig.statistics.demography.mirror import Correction, MirrorPair, MirrorReports, estimate_correction, list_pairs

MAX_IDENTITIES = 2000
"""Maximum number of connected identities balanced at once; more take minutes and much memory."""
PART_KINDS = ("sum", "zero")
"""Kinds of identities that make accounts consistent without being accounts."""
MAX_MISSING = 1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BalancedAccounts:
    results: tuple[AccountResult, ...]
    balance: Balance
    figures: Mapping[str, ReportedFigure]
    missing: Mapping[str, MissingTerm]

    @property
    def below_zero(self) -> tuple[BalancedFigure, ...]:
        return tuple(f for f in self.balance.figures if f.balanced < 0 and f.reported is not None and f.reported >= 0)


@dataclass(frozen=True, slots=True)
class MissingTerm:
    written: str
    test: TracedAccount


@dataclass(frozen=True, slots=True)
class Line:
    """A test as a constraint; `result` is None if two observations are of the same count."""

    result: AccountResult | None
    constraint: Constraint

    @property
    def is_account(self) -> bool:
        return self.result is None or self.result.identity.kind not in PART_KINDS


def balance_accounts(closed: ClosedAccounts, *, all_sums: bool = False) -> tuple[BalancedAccounts, ...]:
    """Balance accounts connected by figures.

    One missing term per identity is estimated; breaks are excluded. Raises `SdmxmigError` for missing standard errors
    and too many identities.
    """
    missing: dict[str, MissingTerm] = {}
    lines = [line for result in closed.results if (line := build_line(result, closed.figures, missing))]
    if not all_sums:
        in_accounts = {name for line in lines if line.is_account for name in line.constraint.factors}
        lines = [line for line in lines if line.is_account or in_accounts.issuperset(line.constraint.factors)]
    if not lines:
        hint = "Two terms or more are missing in each: the list of tests names them."
        raise SdmxmigError("There is no account that could be balanced.", hint=hint)
    lines += equate_same_counts(line.result for line in lines if line.result)
    names = {name_observation(at): figure for at, figure in closed.figures.items()}
    used = {name for line in lines for name in line.constraint.factors}
    check_stated([figure for name, figure in names.items() if name in used])
    return tuple(balance_group(group, names, missing) for group in group_connected_lines(lines))


def name_observation(at: Observation) -> str:
    return f"{at[0]} {at[1]}"


def build_line(
    result: AccountResult, figures: Mapping[Observation, ReportedFigure], missing: dict[str, MissingTerm]
) -> Line | None:
    test, identity = result.test, result.identity
    equation = build_equation(test, identity)
    lacking = len(test.left_missing) + sum(len(term.missing) for term in test.cells)
    is_equality = identity.is_balanced and not equation.divisor and equation.comparison == "="
    is_mixed = test.not_comparable == OTHER_DEFINITIONS
    if not is_equality or is_mixed or SERIES_BREAK in test.account.missing or lacking > MAX_MISSING:
        return None
    factors = {name_observation(at): weight for at, weight in find_weights(test, equation).items() if at in figures}
    for item, written, factor in list_missing_terms(test, equation):
        name = name_missing(item, test, identity)
        missing.setdefault(name, MissingTerm(written, test))
        factors[name] = factors.get(name, 0.0) + factor
    account = test.account
    return Line(result, Constraint(f"{account.identity} {account.area} {account.period}", factors))


def equate_same_counts(results: Iterable[AccountResult]) -> list[Line]:
    """Equate the population at the end of a year with that at the start of the next."""
    counts: dict[tuple[str, str, int, Population], dict[str, None]] = {}
    for result in results:
        test, account = result.test, result.test.account
        year = int(account.period)
        terms = [(test.left, test.ends), *((term.written, term.observations) for term in test.cells)]
        for written, observations in terms:
            source = result.identity.item_sources.get(written)
            if source and source.at and len(observations) == 1:
                key = (source.next or written, account.area, year + bool(source.next), account.population)
                counts.setdefault(key, {})[name_observation(observations[0])] = None
    lines = []
    for (item, area, year, _), (first, *others) in counts.items():
        lines += [Line(None, Constraint(f"{item} {area} {year}", {first: 1.0, other: -1.0})) for other in others]
    return lines


def list_missing_terms(test: TracedAccount, equation: Equation) -> Iterable[tuple[str, str, float]]:
    yield from ((test.left, name, 1.0) for name in test.left_missing)
    yield from ((t.written, name, -t.factor / equation.number) for t in test.cells for name in t.missing)


def name_missing(written: str, test: TracedAccount, identity: Identity) -> str:
    account = test.account
    source = identity.item_sources.get(written)
    carried = source.next if source else ""
    year = int(account.period) + bool(carried)
    population = ", ".join(f"{dimension}={code}" for dimension, code in account.population)
    return f"{carried or written} {account.area} {year} {population}".rstrip()


def check_stated(figures: Sequence[ReportedFigure]) -> None:
    unstated = sorted({(f.item, f.flow, f.source_type) for f in figures if f.stated is None})
    if unstated:
        named = "; ".join(f"{item} in {flow}{f' from {source}' if source else ''}" for item, flow, source in unstated)
        hint = (
            "State them in variances.toml of the workspace, such as: [[variance]] item = "
            f'"{unstated[0][0]}", relative = "0.1", source = "…". Or choose equal relative errors with --equal-errors.'
        )
        raise SdmxmigError(f"No standard error is stated for {named}.", hint=hint)


def group_connected_lines(lines: Sequence[Line]) -> tuple[tuple[Line, ...], ...]:
    heads: dict[str, str] = {}

    def head(name: str) -> str:
        while heads.setdefault(name, name) != name:
            heads[name] = heads[heads[name]]
            name = heads[name]
        return name

    for line in lines:
        first, *others = line.constraint.factors
        for other in others:
            heads[head(other)] = head(first)
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(head(next(iter(line.constraint.factors))), []).append(line)
    return tuple(map(tuple, groups.values()))


def balance_group(
    lines: Sequence[Line], figures: Mapping[str, ReportedFigure], missing: Mapping[str, MissingTerm]
) -> BalancedAccounts:
    if len(lines) > MAX_IDENTITIES:
        message = (
            f"{write_count(len(lines), 'account')} are connected; at most {MAX_IDENTITIES} can be balanced at once."
        )
        raise SdmxmigError(message, hint="Choose some, such as: --identity A01 --identity A02")
    names = {name for line in lines for name in line.constraint.factors}
    used = {name: figures[name] for name in sorted(names) if name in figures}
    measured = {name: MeasuredFigure(float(figure.value), figure.variance or 0.0) for name, figure in used.items()}
    return BalancedAccounts(
        results=tuple(line.result for line in lines if line.result),
        balance=balance([line.constraint for line in lines], measured),
        figures=used,
        missing={name: missing[name] for name in sorted(names) if name in missing},
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MirrorStudy:
    pairs: tuple[MirrorPair, ...]
    reports: MirrorReports
    correction: Correction | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AccountStudy:
    """All results of a country's accounts. `balanced` and `mirror` may be None; `places` are source cells."""

    area: str
    identities: tuple[Identity, ...]
    closed: ClosedAccounts
    balanced: tuple[BalancedAccounts, ...] | None = None
    mirror: MirrorStudy | None = None
    places: Mapping[Observation, str] = field(default_factory=dict)

    @property
    def results(self) -> tuple[AccountResult, ...]:
        return self.closed.results

    @property
    def residuals(self) -> tuple[ResidualMigration, ...]:
        return list_residual_migration(self.closed)

    def count(self, result_class: str) -> int:
        return sum(result.result_class == result_class for result in self.results)

    @property
    def counts(self) -> dict[str, int]:
        return {result_class: self.count(result_class) for result_class in OUTCOME_CLASSES}


def build_mirror_study(reports: MirrorReports, benchmark: str = "") -> MirrorStudy:
    both = list_pairs(
        {route: float(value) for route, value in reports.immigration.items()},
        {route: float(value) for route, value in reports.emigration.items()},
    )
    if not benchmark:
        return MirrorStudy(pairs=both, reports=reports)
    destinations = sorted({pair.destination for pair in both if pair.immigration is not None})
    if benchmark not in destinations:
        message = f"“{benchmark}” reports no immigration from another country, so it cannot be the benchmark."
        raise SdmxmigError(message, hint=did_you_mean(benchmark, destinations))
    return MirrorStudy(pairs=both, reports=reports, correction=estimate_correction(both, benchmark))


def select_whole_accounts(results: Sequence[AccountResult]) -> tuple[AccountResult, ...]:
    return tuple(result for result in results if result.identity.is_account and not result.test.account.population)
