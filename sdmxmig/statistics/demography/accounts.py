"""Population accounts.

P(t+1) = P(t) + births − deaths + immigration − emigration + adjustment, also by birth and citizenship. Identities are
in `structures/accounts.toml`. Missing terms make an identity not testable.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sdmxmig.catalogue.accounting.equations import Equation, Summand
from sdmxmig.catalogue.accounting.identities import Identity, parse_identities
from sdmxmig.sdmx.model.accounts import Account, AccountTerm, IdentityResult
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.amounts import EXACT, exact_sum
from sdmxmig.statistics.demography.cohorts import Lines, cohort_entries
from sdmxmig.statistics.demography.ledger import TOTAL, AccountKey, Book, Key, Ledger, LedgerEntry, Population, books_of

__all__ = [
    "Identity",
    "TracedAccount",
    "accounts",
    "outcomes_of",
    "parse_identities",
    "rounding",
    "share_tested",
    "trace",
]

BREAK = "B"
UNKNOWN = "_U"
SERIES_BREAK = "series break"
NOT_TESTABLE = "NOT_TESTABLE"
OUTCOMES = ("BALANCED", "ROUNDING", "TOLERATED", "UNBALANCED")
PARTS = "sum"
COHORT = re.compile(r"^Y[1-9]\d*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCells:
    """A term with factor, observations (flow, row) and `missing` parts."""

    item: str
    written: str
    factor: int
    observations: tuple[tuple[str, int], ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedAccount:
    """An account with its observations.

    `ends` are published ends; `divisor` divides the right side; `is_broken` by a break in series.
    """

    account: Account
    ends: tuple[tuple[str, int], ...]
    cells: tuple[TermCells, ...]
    left: str
    left_missing: tuple[str, ...]
    equation: str
    divisor: tuple[AccountTerm, ...]
    is_broken: bool = False

    @property
    def parts(self) -> tuple[tuple[str, str, int], ...]:
        return tuple((term.item, flow, row) for term in self.cells for flow, row in term.observations)

    @property
    def flow(self) -> str:
        return next((flow for flow, _ in self.ends), "")

    @property
    def row(self) -> int:
        return self.ends[0][1]


def accounts(
    datasets: Sequence[Dataset], identities: Sequence[Identity], areas: Collection[str] = ()
) -> tuple[Account, ...]:
    """Compute the accounts of areas, in persons.

    Account data take precedence over flows. By sex where reported; not by age. Residual = published − computed end.
    """
    of_population = [identity for identity in identities if identity.is_account]
    return tuple(traced.account for traced in trace(books_of(datasets), of_population, areas))


def trace(
    books: Sequence[Book], identities: Sequence[Identity], areas: Collection[str] = ()
) -> tuple[TracedAccount, ...]:
    """Every test of these identities on the observations of the books, by area, identity, population and year."""
    flows = {flow for identity in identities for flow in identity.flows}
    books = [book for book in books if book.flow in flows]
    ordered_tests: list[tuple[str, int, Population, str, int, TracedAccount]] = []
    for number, identity in enumerate(identities):
        known_lines: dict[tuple[str, ...], Lines] = {}
        for part, equation in enumerate(identity.equations):
            if equation.years:
                entries: Mapping[Key, LedgerEntry] = cohort_entries(identity, equation, books, known_lines)
            else:
                entries = Ledger(identity, equation, books).entries
            for account_key in sorted(balances(identity, equation, entries)):
                area, year, population = account_key
                if (areas and area not in areas) or UNKNOWN in dict(population).values():
                    continue
                traced = balance(identity, equation, entries, account_key)
                if tests_something(traced):
                    ordered_tests.append((area, number, population, str(year), part, traced))
    return tuple(ordered_test[-1] for ordered_test in sorted(ordered_tests, key=lambda ordered_test: ordered_test[:-1]))


def balances(identity: Identity, equation: Equation, entries: Mapping[Key, LedgerEntry]) -> set[AccountKey]:
    """For whom there is a test: something that happened is reported, or both populations are."""
    reported: dict[str, set[AccountKey]] = {}
    if equation.years:
        return {key[1:] for key in entries}
    for term_text, area, year, population in entries:
        if not equation.is_of_cohorts or COHORT.match(dict(population).get("AGE", "")):
            reported.setdefault(term_text, set()).add((area, year, population))
    terms_needed = equation.terms if identity.kind == PARTS else equation.all_terms
    terms_needed = tuple(term for term in terms_needed if not is_of_everybody(term, identity))
    end_by_term = {term.written: identity.item_sources[term.item].at for term in terms_needed}
    stocks = [reported.get(term_text, set()) for term_text, end in end_by_term.items() if end]
    events = [reported.get(term_text, set()) for term_text, end in end_by_term.items() if not end]
    if not events and len(set(end_by_term.values())) == 1:
        return set().union(*stocks)
    in_all_stocks = stocks[0].intersection(*stocks[1:]) if stocks else set()
    return in_all_stocks.union(*events)


def is_of_everybody(term: Summand, identity: Identity) -> bool:
    whose = dict(identity.population)
    codes = identity.item_sources[term.item].codes
    return any(code == TOTAL and whose.get(dimension, TOTAL) != TOTAL for dimension, code in codes)


def balance(
    identity: Identity, equation: Equation, entries: Mapping[Key, LedgerEntry], account_key: AccountKey
) -> TracedAccount:
    """One test of one equation."""
    area, year, population = account_key

    def entry(term: Summand) -> LedgerEntry | None:
        return entries.get((term.written, area, year, population))

    def terms_of(summands: Sequence[Summand]) -> tuple[AccountTerm, ...]:
        return tuple(
            AccountTerm(
                term.written,
                term.factor,
                value=ledger_entry.value if ledger_entry else None,
                unit=ledger_entry.unit if ledger_entry else Decimal(1),
            )
            for term in summands
            if (ledger_entry := entry(term)) or not term.optional
        )

    terms, divisor, end = terms_of(equation.terms), terms_of(equation.divisor), entry(equation.left)
    published = end.value if end else None
    missing = [name for term in (*equation.terms, *equation.divisor) for name in lacking(term, entry(term))]
    computed = None if missing else total(terms)
    if computed is not None:
        divisor_sum = (total(divisor) if divisor else Decimal(1)) * equation.number
        computed = computed / divisor_sum if divisor_sum else None
        missing += [] if divisor_sum else [term.item for term in divisor]
    missing += lacking(equation.left, end)
    residual = EXACT.subtract(published, computed) if published is not None and computed is not None else None
    is_broken = bool(end and end.status == BREAK and identity.start)
    if not missing and is_broken:
        missing = [SERIES_BREAK]
    account = Account(
        identity=identity.id,
        area=area,
        period=str(year),
        terms=terms,
        published_end=published,
        end_unit=end.unit if end else Decimal(1),
        computed_end=computed,
        residual=residual,
        tolerance=None,
        outcome=NOT_TESTABLE,
        missing=tuple(dict.fromkeys(missing)),
        population=tuple((dimension, code) for dimension, code in population if code != TOTAL),
        stock_method=end.method if end and identity.start else "",
        statuses=statuses_of([end, *(entry(term) for term in (*equation.terms, *equation.divisor))]),
    )
    cells = (cell for term in (*equation.terms, *equation.divisor) for cell in cells_of(term, entry(term)))
    return TracedAccount(
        account=judged(account, identity, equation, divisor),
        ends=end.parts if end else (),
        cells=tuple(term for term in cells if term.observations or term.missing),
        left=equation.left.written,
        left_missing=tuple(lacking(equation.left, end)),
        equation=equation.written,
        divisor=divisor,
        is_broken=is_broken,
    )


def cells_of(term: Summand, entry: LedgerEntry | None) -> Iterator[TermCells]:
    added, taken_away = (entry.parts, entry.taken_away) if entry else ((), ())
    missing = tuple(lacking(term, entry))
    yield TermCells(item=term.item, written=term.written, factor=term.factor, observations=added, missing=missing)
    if taken_away:
        yield TermCells(item=term.item, written=term.written, factor=-term.factor, observations=taken_away)


def statuses_of(entries: Sequence[LedgerEntry | None]) -> tuple[str, ...]:
    return tuple(sorted({entry.status for entry in entries if entry and entry.status}))


def lacking(term: Summand, entry: LedgerEntry | None) -> tuple[str, ...]:
    if entry is None:
        return () if term.optional else (term.written,)
    return entry.missing or ((term.written,) if entry.value is None else ())


def total(terms: Sequence[AccountTerm]) -> Decimal:
    return exact_sum(EXACT.multiply(term.sign, term.value) for term in terms if term.value is not None)


def tests_something(traced: TracedAccount) -> bool:
    return (
        traced.account.residual is None
        or not traced.parts
        or {(flow, row) for _, flow, row in traced.parts} != {*traced.ends}
    )


def judged(account: Account, identity: Identity, equation: Equation, divisor: Sequence[AccountTerm] = ()) -> Account:
    """Judge the residual.

    Rounding: half a printed unit per figure. Tolerance: the larger of that and the identity's share of the population.
    """
    if account.residual is None:
        return account
    starts = (term.value for term in account.terms if identity.start and term.item == identity.start.item)
    base = next(starts, None) or abs(account.published_end or Decimal(0))
    bound = rounding(account, divisor, equation.number)
    tolerance = max(bound, identity.tolerance * base)
    if account.missing:
        return replace(account, tolerance=tolerance)
    if (equation.comparison == ">=" and account.residual > 0) or (equation.comparison == "<=" and account.residual < 0):
        return replace(account, tolerance=tolerance, outcome="BALANCED")
    steps = (("BALANCED", Decimal(0)), ("ROUNDING", bound), ("TOLERATED", tolerance))
    outcome = next((name for name, limit in steps if abs(account.residual) <= limit), "UNBALANCED")
    return replace(account, tolerance=tolerance, outcome=outcome)


def rounding(account: Account, divisor: Sequence[AccountTerm] = (), number: int = 1) -> Decimal:
    """Compute the rounding of a residual; whole persons are exact."""
    terms_bound, divisor_bound = half_units(account.terms) / number, half_units(divisor)
    exact = account.published_end is None or (account.end_unit == 1 and not divisor)
    of_published = Decimal(0) if exact else account.end_unit / 2
    size = total(divisor)
    if not divisor or not size:
        return terms_bound + of_published
    return (terms_bound + abs(account.computed_end or Decimal(0)) * divisor_bound) / abs(size) + of_published


def half_units(terms: Sequence[AccountTerm]) -> Decimal:
    return exact_sum(abs(t.sign) * t.unit / 2 for t in terms if t.value is not None and t.unit != 1)


def outcomes_of(
    tests: Sequence[TracedAccount], identities: Sequence[Identity], area: str
) -> tuple[IdentityResult, ...]:
    results: list[IdentityResult] = []
    for identity in identities:
        tested_accounts = [
            traced.account for traced in tests if (traced.account.identity, traced.account.area) == (identity.id, area)
        ]
        outcomes = [account.outcome for account in tested_accounts if account.outcome != NOT_TESTABLE]
        missing_terms = (
            dict.fromkeys(term for account in tested_accounts for term in account.missing) if not outcomes else {}
        )
        outcome = max(outcomes, key=OUTCOMES.index, default=NOT_TESTABLE)
        results.append(IdentityResult(identity.id, outcome, tests=len(outcomes), missing=tuple(missing_terms)))
    return tuple(results)


def share_tested(results: Sequence[IdentityResult]) -> Decimal:
    return Decimal(sum(bool(identity_result.tests) for identity_result in results)) / Decimal(len(results) or 1)
