"""Population accounts, and cohorts of age groups over years.

P(t+1) = P(t) + births − deaths + immigration − emigration + adjustment, also by birth and citizenship. Identities are
in `structures/accounts.toml`. Missing terms make an identity not testable.

Events are by age reached, so cohorts move one age a year. Cohort events are exact sums or differences of reported ages,
never interpolated; otherwise they are missing, with bounds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from sdmxmig.catalogue.accounting import Equation, Identity, Summand
from sdmxmig.catalogue.ages import OPEN_END, Span, compose_ages, format_age_code, parse_age_code
from sdmxmig.statistics.demography.amounts import EXACT_CONTEXT, add_exact_numbers
from sdmxmig.statistics.demography.ledger import (
    TOTAL,
    AccountKey,
    Book,
    Key,
    Ledger,
    LedgerEntry,
    Population,
    collect_definitions,
)
from sdmxmig.statistics.model.assessment import Account, AccountTerm, IdentityResult

AGE = "AGE"
EXACTLY, BORN, LEAST, MOST = "AGE", "BORN", "LEAST", "MOST"
ZERO_ENTRY = LedgerEntry(Decimal(0), Decimal(1), status="", parts=())

LineKey = tuple[str, str, int, Population]
"""Item, area, year, and population without its age."""
BREAK_STATUS = "B"
UNKNOWN = "_U"


class Cohort(NamedTuple):
    area: str
    year: int
    whose: Population
    ages: Span

    def compute_ages_after(self, year: int) -> Span | None:
        back = self.year - year
        first, end = self.ages
        end = end if end == OPEN_END else end - back
        return (max(first - back, 0), end) if end > 0 else None


@dataclass(frozen=True, eq=False)
class AgeLine:
    by_code: Mapping[str, LedgerEntry]

    @cached_property
    def by_span(self) -> dict[Span, LedgerEntry]:
        return {span: entry for code, entry in self.by_code.items() if (span := parse_age_code(code))}

    @cached_property
    def spans(self) -> frozenset[Span]:
        return frozenset(self.by_span)

    @cached_property
    def edges(self) -> list[int]:
        return sorted({edge for span in self.spans for edge in span})

    @cached_property
    def has_unknown(self) -> bool:
        return UNKNOWN in self.by_code and self.by_code[UNKNOWN].value != 0

    @cached_property
    def breaks(self) -> bool:
        return any(entry.status == BREAK_STATUS for entry in self.by_code.values())

    def select_exact_ages(self, ages: Span) -> list[tuple[int, LedgerEntry]] | None:
        way = compose_ages(self.spans, *ages)
        return None if way is None else [(sign, self.by_span[span]) for sign, span in way]

    def within(self, ages: Span) -> list[tuple[int, LedgerEntry]]:
        inside = [edge for edge in self.edges if ages[0] <= edge <= ages[1]]
        spans = sorted(((a, b) for a in inside for b in inside if a < b), key=lambda span: (span[0] - span[1], span))
        return next((entries for span in spans if (entries := self.select_exact_ages(span)) is not None), [])

    def select_covering_ages(self, ages: Span) -> list[tuple[int, LedgerEntry]] | None:
        spans = [(a, b) for a in self.edges if a <= ages[0] for b in self.edges if ages[1] <= b]
        spans.sort(key=lambda span: (span[1] - span[0], span))
        covering = next((entries for span in spans if (entries := self.select_exact_ages(span)) is not None), None)
        if covering is None:
            return [(1, self.by_code[TOTAL])] if TOTAL in self.by_code else None
        return [*covering, *([(1, self.by_code[UNKNOWN])] if UNKNOWN in self.by_code else [])]


Lines = Mapping[LineKey, AgeLine]


def index_cohort_entries(
    identity: Identity, equation: Equation, books: Sequence[Book], known: dict[tuple[str, ...], Lines]
) -> dict[Key, LedgerEntry]:
    """Return the terms of all cohorts that can be followed, without redundant ones."""
    items = tuple(dict.fromkeys(term.item for term in equation.all_terms))
    if items not in known:
        first, *others = (replace(term, key=(), written=term.item) for term in equation.all_terms)
        plain = replace(equation, left=first, terms=tuple(others))
        known[items] = build_age_lines(Ledger(identity, plain, books).entries)
    follower = CohortFollower(identity, equation, known[items])
    return {
        (term.written, cohort.area, cohort.year, (*cohort.whose, (AGE, code))): follower.get_entry(term, cohort)
        for code, cohort in follower.cohorts()
        for term in equation.all_terms
    }


class CohortFollower:
    """Finds reported data on the cohorts of one equation."""

    def __init__(self, identity: Identity, equation: Equation, lines: Lines) -> None:
        self.equation, self.years, self.lines = equation, equation.years, lines
        self.sources = identity.item_sources
        self.shorter = sorted(
            {each.years for each in identity.equations if 0 < each.years < self.years and not self.years % each.years}
        )
        self.start = next(term for term in equation.terms if self.sources[term.item].at == "start")

    def cohorts(self) -> Iterator[tuple[str, Cohort]]:
        for (item, area, year, whose), line in self.lines.items():
            if item != self.equation.left.item:
                continue
            for code in sorted(line.by_code):
                ages = parse_age_code(code)
                if ages and self.follows(cohort := Cohort(area, year, whose, ages)):
                    yield code, cohort

    def follows(self, cohort: Cohort) -> bool:
        """Check whether only this equation follows a cohort."""
        begins = self.begins(cohort)
        if begins is None and not self.has_births_or_items(cohort):
            return False
        if begins is not None and (self.start.item, cohort.area, begins, cohort.whose) not in self.lines:
            return False
        if self.years == 1 and self.has_single_years(cohort):
            return False
        if any(self.is_counted_between(cohort, step) for step in self.shorter):
            return False
        is_exact = all(term.cohort[0] in (EXACTLY, BORN) for term in self.equation.terms)
        return is_exact or any(self.get_entry(require_exact_sums(term), cohort).missing for term in self.equation.terms)

    def begins(self, cohort: Cohort) -> int | None:
        return cohort.year - self.years + 1 if cohort.compute_ages_after(cohort.year - self.years) else None

    def has_births_or_items(self, cohort: Cohort) -> bool:
        if any(cohort.compute_ages_after(cohort.year - step) is None for step in self.shorter):
            return False
        births = [term for term in self.equation.terms if term.cohort[0] == BORN] or self.equation.terms
        since = range(cohort.year - self.years + 1, cohort.year + 1)
        years = [year for year in since if (cohort.compute_ages_after(year) or (1, 1))[0] == 0]
        return any((term.item, cohort.area, year, cohort.whose) in self.lines for term in births for year in years)

    def has_single_years(self, cohort: Cohort) -> bool:
        first, end = cohort.ages
        at_end = self.lines[self.equation.left.item, cohort.area, cohort.year, cohort.whose].spans
        at_start = self.lines.get((self.start.item, cohort.area, cohort.year, cohort.whose), AgeLine({})).spans
        return end < OPEN_END and all(
            (age, age + 1) in at_end and (not age or (age - 1, age) in at_start) for age in range(first, end)
        )

    def is_counted_between(self, cohort: Cohort, step: int) -> bool:
        for year in range(cohort.year - step, cohort.year - self.years, -step):
            ages = cohort.compute_ages_after(year)
            line = self.lines.get((self.equation.left.item, cohort.area, year, cohort.whose))
            if ages and (line is None or line.select_exact_ages(ages) is None):
                return False
        return True

    def get_entry(self, term: Summand, cohort: Cohort) -> LedgerEntry:
        if term is self.equation.left:
            return self.find_end(cohort)
        ages, _ = term.cohort
        if self.sources[term.item].at:
            begins = self.begins(cohort)
            if begins is None:
                return ZERO_ENTRY
            piece = self.find_piece(term, cohort, begins, cohort.compute_ages_after(begins - 1))
            return combine_entries([(1, piece)])
        pieces = []
        for year in range(cohort.year - self.years + 1, cohort.year + 1):
            reached = cohort.compute_ages_after(year)
            if ages == BORN and reached and reached[0] == 0:
                pieces.append(self.find_whole(term, cohort, year))
            elif ages != BORN and reached:
                pieces.append(self.find_piece(term, cohort, year, reached))
        return combine_entries([(1, piece) for piece in pieces])

    def find_end(self, cohort: Cohort) -> LedgerEntry:
        item, area, year, whose = self.equation.left.item, cohort.area, cohort.year, cohort.whose
        line_at_end = self.lines[item, area, year, whose]
        if line_at_end.has_unknown:
            return find_missing_entry(self.equation.left, year, code=UNKNOWN)
        entry = line_at_end.by_span[cohort.ages]
        between = (self.lines.get((item, area, year - back, whose)) for back in range(self.years))
        return replace(entry, status=BREAK_STATUS) if any(line and line.breaks for line in between) else entry

    def find_whole(self, term: Summand, cohort: Cohort, year: int) -> LedgerEntry:
        line = self.lines.get((term.item, cohort.area, year, cohort.whose), AgeLine({}))
        entry = line.by_code.get(TOTAL)
        return entry if entry and entry.value is not None else find_missing_entry(term, year)

    def find_piece(self, term: Summand, cohort: Cohort, year: int, ages: Span | None) -> LedgerEntry:
        """Return an item of one year at the ages of a cohort, or at ages within or around them."""
        if ages is None:
            return ZERO_ENTRY
        line = self.lines.get((term.item, cohort.area, year, cohort.whose))
        if line is None or (not line.by_span and TOTAL in line.by_code and line.by_code[TOTAL].value == 0):
            return ZERO_ENTRY if term.optional else find_missing_entry(term, year, format_age_code(*ages))
        if term.cohort[0] == LEAST:
            signed: list[tuple[int, LedgerEntry]] | None = line.within(ages)
        elif term.cohort[0] == MOST:
            signed = line.select_covering_ages(ages)
        else:
            if line.has_unknown:
                return find_missing_entry(term, year, code=UNKNOWN)
            signed = line.select_exact_ages(ages)
        if signed is None or any(entry.value is None for _, entry in signed):
            return find_missing_entry(term, year, format_age_code(*ages))
        return combine_entries(signed)


def build_age_lines(entries: Mapping[Key, LedgerEntry]) -> Lines:
    by_code: dict[LineKey, dict[str, LedgerEntry]] = {}
    for (item, area, year, population), entry in entries.items():
        codes = dict(population)
        age = codes.pop(AGE, TOTAL)
        by_code.setdefault((item, area, year, tuple(codes.items())), {})[age] = entry
    return {key: AgeLine(codes) for key, codes in by_code.items()}


def require_exact_sums(term: Summand) -> Summand:
    ages, years = term.cohort
    if ages == BORN:
        return term
    return replace(term, key=tuple(replace(part, rule=f"{EXACTLY}-{years}") for part in term.key))


def find_missing_entry(term: Summand, year: int, code: str = TOTAL) -> LedgerEntry:
    return replace(ZERO_ENTRY, value=None, missing=(f"{term.item}[{AGE}={code}, TIME_PERIOD={year}]",))


def combine_entries(signed: Sequence[tuple[int, LedgerEntry]]) -> LedgerEntry:
    entries = [entry for _, entry in signed]
    missing = tuple(name for entry in entries for name in entry.missing)
    return LedgerEntry(
        None if missing else sum((sign * (entry.value or Decimal(0)) for sign, entry in signed), Decimal(0)),
        sum_units(entries),
        status="",
        parts=tuple(part for sign, entry in signed for part in (entry.parts if sign > 0 else entry.subtracted)),
        subtracted=tuple(part for sign, entry in signed for part in (entry.subtracted if sign > 0 else entry.parts)),
        missing=missing,
        definitions=collect_definitions(entries),
    )


def sum_units(entries: Sequence[LedgerEntry]) -> Decimal:
    return sum((entry.unit for entry in entries if entry.unit != 1), Decimal(0)) or Decimal(1)


SERIES_BREAK, OTHER_DEFINITIONS = "series break", "different definitions"
NOT_TESTABLE = "NOT_TESTABLE"
OUTCOMES = ("BALANCED", "ROUNDING", "TOLERATED", "UNBALANCED")
SUM_KIND = "sum"
COHORT = re.compile(r"^Y[1-9]\d*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCells:
    """A term with its factor, observations (dataflow, row) and `missing` parts."""

    item: str
    written: str
    factor: int
    observations: tuple[tuple[str, int], ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedAccount:
    """An account with its observations.

    `ends` are published end figures; `divisor` divides the right side; `not_comparable` is a reason or empty.
    """

    account: Account
    ends: tuple[tuple[str, int], ...]
    cells: tuple[TermCells, ...]
    left: str
    left_missing: tuple[str, ...]
    equation: str
    divisor: tuple[AccountTerm, ...]
    not_comparable: str = ""

    @property
    def parts(self) -> tuple[tuple[str, str, int], ...]:
        return tuple((term.item, flow, row) for term in self.cells for flow, row in term.observations)

    @property
    def flow(self) -> str:
        return next((flow for flow, _ in self.ends), "")

    @property
    def row(self) -> int:
        return self.ends[0][1]


def trace(
    books: Sequence[Book], identities: Sequence[Identity], areas: Collection[str] = ()
) -> tuple[TracedAccount, ...]:
    """Test identities on all observations, by area, identity, population and year."""
    flows = {flow for identity in identities for flow in identity.flows}
    books = [part for book in books if book.flow in flows for part in book.divided]
    ordered_tests: list[tuple[str, int, Population, str, int, TracedAccount]] = []
    for number, identity in enumerate(identities):
        known_lines: dict[tuple[str, ...], Lines] = {}
        for part, equation in enumerate(identity.equations):
            if equation.years:
                entries: Mapping[Key, LedgerEntry] = index_cohort_entries(identity, equation, books, known_lines)
            else:
                entries = Ledger(identity, equation, books).entries
            for account_key in sorted(collect_balances(identity, equation, entries)):
                area, year, population = account_key
                if (areas and area not in areas) or UNKNOWN in dict(population).values():
                    continue
                traced = balance_account(identity, equation, entries, account_key)
                if has_tests(traced):
                    ordered_tests.append((area, number, population, str(year), part, traced))
    return tuple(ordered_test[-1] for ordered_test in sorted(ordered_tests, key=lambda ordered_test: ordered_test[:-1]))


def trace_once(books: Iterable[Book], identities: Sequence[Identity]) -> tuple[TracedAccount, ...]:
    """Test identities once and reuse the result in several checks on the same books (see `trace`)."""
    together = tuple(sorted(books, key=lambda book: book.flow))  # an item is of one dataflow: their order has no effect
    asked = (together, tuple(identity.id for identity in identities))
    known = together[0].traced
    if asked not in known:
        known[asked] = trace(together, identities)
    traced: tuple[TracedAccount, ...] = known[asked]
    return traced


def mark_incomplete_accounts(
    traced: Sequence[TracedAccount], identities: Iterable[Identity]
) -> tuple[TracedAccount, ...]:
    """Mark accounts as not testable if they lack an item that other years have; keep their residual."""
    account_ids = {identity.id for identity in identities if identity.is_account}
    usual: dict[tuple[str, str, Population], dict[str, None]] = {}
    for test in traced:
        if test.account.identity in account_ids:
            reported = (term.item for term in test.account.terms if term.value is not None)
            usual.setdefault(_identify_series(test.account), {}).update(dict.fromkeys(reported))
    return tuple(
        replace(test, account=find_fully_tested(test.account, usual.get(_identify_series(test.account), ())))
        for test in traced
    )


def _identify_series(account: Account) -> tuple[str, str, Population]:
    return account.identity, account.area, account.population


def find_fully_tested(account: Account, usual: Collection[str]) -> Account:
    reported = {term.item for term in account.terms if term.value is not None}
    missing = tuple(item for item in usual if item not in {*reported, *account.missing})
    if not missing:
        return account
    return replace(account, outcome=NOT_TESTABLE, missing=(*account.missing, *missing))


def collect_balances(identity: Identity, equation: Equation, entries: Mapping[Key, LedgerEntry]) -> set[AccountKey]:
    """Return testable populations: those with reported events or both stocks."""
    reported: dict[str, set[AccountKey]] = {}
    if equation.years:
        return {key[1:] for key in entries}
    for term_text, area, year, population in entries:
        if not equation.is_of_cohorts or COHORT.match(dict(population).get("AGE", "")):
            reported.setdefault(term_text, set()).add((area, year, population))
    terms_needed = equation.terms if identity.kind == SUM_KIND else equation.all_terms
    terms_needed = tuple(term for term in terms_needed if not covers_whole_population(term, identity))
    end_by_term = {term.written: identity.item_sources[term.item].at for term in terms_needed}
    stocks = [reported.get(term_text, set()) for term_text, end in end_by_term.items() if end]
    events = [reported.get(term_text, set()) for term_text, end in end_by_term.items() if not end]
    if not events and len(set(end_by_term.values())) == 1:
        return set().union(*stocks)
    in_all_stocks = stocks[0].intersection(*stocks[1:]) if stocks else set()
    return in_all_stocks.union(*events)


def covers_whole_population(term: Summand, identity: Identity) -> bool:
    whose = dict(identity.population)
    codes = identity.item_sources[term.item].codes
    return any(code == TOTAL and whose.get(dimension, TOTAL) != TOTAL for dimension, code in codes)


def balance_account(
    identity: Identity, equation: Equation, entries: Mapping[Key, LedgerEntry], account_key: AccountKey
) -> TracedAccount:
    area, year, population = account_key

    def entry(term: Summand) -> LedgerEntry | None:
        return entries.get((term.written, area, year, population))

    def build_account_terms(summands: Sequence[Summand]) -> tuple[AccountTerm, ...]:
        return tuple(
            AccountTerm(
                term.written,
                term.factor,
                value=ledger_entry.value if ledger_entry else None,
                unit=ledger_entry.unit if ledger_entry else Decimal(1),
                is_modelled=ledger_entry.is_modelled if ledger_entry else False,
            )
            for term in summands
            if (ledger_entry := entry(term)) or not term.optional
        )

    terms, divisor, end = (
        build_account_terms(equation.terms),
        build_account_terms(equation.divisor),
        entry(equation.left),
    )
    published = end.value if end else None
    missing = [name for term in (*equation.terms, *equation.divisor) for name in list_missing_terms(term, entry(term))]
    computed = None if missing else compute_total(terms)
    if computed is not None:
        divisor_sum = (compute_total(divisor) if divisor else Decimal(1)) * equation.number
        computed = computed / divisor_sum if divisor_sum else None
        missing += [] if divisor_sum else [term.item for term in divisor]
    missing += list_missing_terms(equation.left, end)
    residual = EXACT_CONTEXT.subtract(published, computed) if published is not None and computed is not None else None
    not_comparable = explain_not_comparable([end, *map(entry, (*equation.terms, *equation.divisor))], identity)
    if not_comparable == OTHER_DEFINITIONS:
        computed = residual = None
    if not missing and not_comparable:
        missing = [not_comparable]
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
        statuses=list_statuses([end, *(entry(term) for term in (*equation.terms, *equation.divisor))]),
    )
    cells = (cell for term in (*equation.terms, *equation.divisor) for cell in list_term_cells(term, entry(term)))
    return TracedAccount(
        account=judge_residual(account, identity, equation, divisor),
        ends=end.parts if end else (),
        cells=tuple(term for term in cells if term.observations or term.missing),
        left=equation.left.written,
        left_missing=tuple(list_missing_terms(equation.left, end)),
        equation=equation.written,
        divisor=divisor,
        not_comparable=not_comparable,
    )


def explain_not_comparable(entries: Sequence[LedgerEntry | None], identity: Identity) -> str:
    """Explain why the first entry does not follow from the others: different definitions, or a break."""
    definitions = collect_definitions([entry for entry in entries if entry])
    if len(definitions) > len({flow for flow, *_ in definitions}):
        return OTHER_DEFINITIONS
    return SERIES_BREAK if entries[0] and entries[0].status == BREAK_STATUS and identity.start else ""


def list_term_cells(term: Summand, entry: LedgerEntry | None) -> Iterator[TermCells]:
    added, subtracted = (entry.parts, entry.subtracted) if entry else ((), ())
    missing = tuple(list_missing_terms(term, entry))
    yield TermCells(item=term.item, written=term.written, factor=term.factor, observations=added, missing=missing)
    if subtracted:
        yield TermCells(item=term.item, written=term.written, factor=-term.factor, observations=subtracted)


def list_statuses(entries: Sequence[LedgerEntry | None]) -> tuple[str, ...]:
    return tuple(sorted({entry.status for entry in entries if entry and entry.status}))


def list_missing_terms(term: Summand, entry: LedgerEntry | None) -> tuple[str, ...]:
    if entry is None:
        return () if term.optional else (term.written,)
    return entry.missing or ((term.written,) if entry.value is None else ())


def compute_total(terms: Sequence[AccountTerm]) -> Decimal:
    return add_exact_numbers(EXACT_CONTEXT.multiply(term.sign, term.value) for term in terms if term.value is not None)


def has_tests(traced: TracedAccount) -> bool:
    return (
        traced.account.residual is None
        or not traced.parts
        or {(flow, row) for _, flow, row in traced.parts} != {*traced.ends}
    )


def judge_residual(
    account: Account, identity: Identity, equation: Equation, divisor: Sequence[AccountTerm] = ()
) -> Account:
    """Judge the residual.

    Rounding explains half a printed unit per figure. The tolerance is that or the identity's share of the population,
    if larger.
    """
    if account.residual is None:
        return account
    starts = (term.value for term in account.terms if identity.start and term.item == identity.start.item)
    base = next(starts, None) or abs(account.published_end or Decimal(0))
    bound = compute_rounding(account, divisor, equation.number)
    tolerance = max(bound, identity.tolerance * base)
    if account.missing:
        return replace(account, tolerance=tolerance)
    if (equation.comparison == ">=" and account.residual > 0) or (equation.comparison == "<=" and account.residual < 0):
        return replace(account, tolerance=tolerance, outcome="BALANCED")
    steps = (("BALANCED", Decimal(0)), ("ROUNDING", bound), ("TOLERATED", tolerance))
    outcome = next((name for name, limit in steps if abs(account.residual) <= limit), "UNBALANCED")
    return replace(account, tolerance=tolerance, outcome=outcome)


def compute_rounding(account: Account, divisor: Sequence[AccountTerm] = (), number: int = 1) -> Decimal:
    """Compute the rounding of a residual; whole persons are exact."""
    terms_bound, divisor_bound = compute_half_units(account.terms) / number, compute_half_units(divisor)
    exact = account.published_end is None or (account.end_unit == 1 and not divisor)
    of_published = Decimal(0) if exact else account.end_unit / 2
    size = compute_total(divisor)
    if not divisor or not size:
        return terms_bound + of_published
    return (terms_bound + abs(account.computed_end or Decimal(0)) * divisor_bound) / abs(size) + of_published


def compute_half_units(terms: Sequence[AccountTerm]) -> Decimal:
    return add_exact_numbers(abs(t.sign) * t.unit / 2 for t in terms if t.value is not None and t.unit != 1)


def count_outcomes(
    tests: Sequence[TracedAccount], identities: Sequence[Identity], area: str
) -> tuple[IdentityResult, ...]:
    results: list[IdentityResult] = []
    accounts: dict[str, list[Account]] = {}
    for traced in tests:
        if traced.account.area == area:
            accounts.setdefault(traced.account.identity, []).append(traced.account)
    for identity in identities:
        tested_accounts = accounts.get(identity.id, [])
        testable = [account for account in tested_accounts if account.outcome != NOT_TESTABLE]
        outcomes = [account.outcome for account in testable]
        missing_terms = (
            dict.fromkeys(term for account in tested_accounts for term in account.missing) if not outcomes else {}
        )
        outcome = max(outcomes, key=OUTCOMES.index, default=NOT_TESTABLE)
        results.append(
            IdentityResult(
                identity.id,
                outcome,
                tests=len(outcomes),
                missing=tuple(missing_terms),
                is_by_construction=bool(testable) and all(account.is_by_construction for account in testable),
            )
        )
    return tuple(results)


def compute_tested_share(results: Sequence[IdentityResult]) -> Decimal:
    return Decimal(sum(bool(identity_result.tests) for identity_result in results)) / Decimal(len(results) or 1)
