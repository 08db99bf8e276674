"""Cohorts of age groups over years.

Events are by age reached, so groups shift each year. Cohort events are exact sums or differences of reported ages,
never interpolated; otherwise ages are missing, and bounds are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from sdmxmig.catalogue.accounting.equations import Equation, Summand
from sdmxmig.catalogue.accounting.identities import Identity
from sdmxmig.catalogue.ages import OPEN_END, Span, code_of, composed, interval
from sdmxmig.statistics.demography.ledger import TOTAL, Book, Key, Ledger, LedgerEntry, Population

AGE = "AGE"
UNKNOWN = "_U"
EXACTLY, BORN, LEAST, MOST = "AGE", "BORN", "LEAST", "MOST"
BREAK = "B"
NOTHING = LedgerEntry(Decimal(0), Decimal(1), status="", parts=())

LineKey = tuple[str, str, int, Population]
"""Item, area, year, and population without its age."""


class Cohort(NamedTuple):
    """A cohort by ages at the end of a year."""

    area: str
    year: int
    whose: Population
    ages: Span

    def ages_after(self, year: int) -> Span | None:
        back = self.year - year
        first, end = self.ages
        end = end if end == OPEN_END else end - back
        return (max(first - back, 0), end) if end > 0 else None


@dataclass(frozen=True, eq=False)
class AgeLine:
    """The entries of an item by age."""

    by_code: Mapping[str, LedgerEntry]

    @cached_property
    def by_span(self) -> dict[Span, LedgerEntry]:
        return {span: entry for code, entry in self.by_code.items() if (span := interval(code))}

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
        return any(entry.status == BREAK for entry in self.by_code.values())

    def exactly(self, ages: Span) -> list[tuple[int, LedgerEntry]] | None:
        way = composed(self.spans, *ages)
        return None if way is None else [(sign, self.by_span[span]) for sign, span in way]

    def within(self, ages: Span) -> list[tuple[int, LedgerEntry]]:
        inside = [edge for edge in self.edges if ages[0] <= edge <= ages[1]]
        spans = sorted(((a, b) for a in inside for b in inside if a < b), key=lambda span: (span[0] - span[1], span))
        return next((entries for span in spans if (entries := self.exactly(span)) is not None), [])

    def covering(self, ages: Span) -> list[tuple[int, LedgerEntry]] | None:
        spans = [(a, b) for a in self.edges if a <= ages[0] for b in self.edges if ages[1] <= b]
        spans.sort(key=lambda span: (span[1] - span[0], span))
        covering = next((entries for span in spans if (entries := self.exactly(span)) is not None), None)
        if covering is None:
            return [(1, self.by_code[TOTAL])] if TOTAL in self.by_code else None
        return [*covering, *([(1, self.by_code[UNKNOWN])] if UNKNOWN in self.by_code else [])]


Lines = Mapping[LineKey, AgeLine]
"""Everything that is reported by age."""


def cohort_entries(
    identity: Identity, equation: Equation, books: Sequence[Book], known: dict[tuple[str, ...], Lines]
) -> dict[Key, LedgerEntry]:
    """Return the terms of all cohorts that can be followed.

    Redundant ones are left out.
    """
    items = tuple(dict.fromkeys(term.item for term in equation.all_terms))
    if items not in known:
        first, *others = (replace(term, key=(), written=term.item) for term in equation.all_terms)
        plain = replace(equation, left=first, terms=tuple(others))
        known[items] = lines_of(Ledger(identity, plain, books).entries)
    follower = CohortFollower(identity, equation, known[items])
    return {
        (term.written, cohort.area, cohort.year, (*cohort.whose, (AGE, code))): follower.entry(term, cohort)
        for code, cohort in follower.cohorts()
        for term in equation.all_terms
    }


class CohortFollower:
    """Finds what is reported of the cohorts of one equation."""

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
                ages = interval(code)
                if ages and self.follows(cohort := Cohort(area, year, whose, ages)):
                    yield code, cohort

    def follows(self, cohort: Cohort) -> bool:
        """Whether this equation says something of a cohort that no other one says."""
        begins = self.begins(cohort)
        if begins is None and not self.tells_of_birth(cohort):
            return False
        if begins is not None and (self.start.item, cohort.area, begins, cohort.whose) not in self.lines:
            return False
        if self.years == 1 and self.is_of_single_years(cohort):
            return False
        if any(self.is_counted_between(cohort, step) for step in self.shorter):
            return False
        is_exact = all(term.cohort[0] in (EXACTLY, BORN) for term in self.equation.terms)
        return is_exact or any(self.entry(exact(term), cohort).missing for term in self.equation.terms)

    def begins(self, cohort: Cohort) -> int | None:
        return cohort.year - self.years + 1 if cohort.ages_after(cohort.year - self.years) else None

    def tells_of_birth(self, cohort: Cohort) -> bool:
        if any(cohort.ages_after(cohort.year - step) is None for step in self.shorter):
            return False
        births = [term for term in self.equation.terms if term.cohort[0] == BORN] or self.equation.terms
        since = range(cohort.year - self.years + 1, cohort.year + 1)
        years = [year for year in since if (cohort.ages_after(year) or (1, 1))[0] == 0]
        return any((term.item, cohort.area, year, cohort.whose) in self.lines for term in births for year in years)

    def is_of_single_years(self, cohort: Cohort) -> bool:
        first, end = cohort.ages
        at_end = self.lines[self.equation.left.item, cohort.area, cohort.year, cohort.whose].spans
        at_start = self.lines.get((self.start.item, cohort.area, cohort.year, cohort.whose), AgeLine({})).spans
        return end < OPEN_END and all(
            (age, age + 1) in at_end and (not age or (age - 1, age) in at_start) for age in range(first, end)
        )

    def is_counted_between(self, cohort: Cohort, step: int) -> bool:
        for year in range(cohort.year - step, cohort.year - self.years, -step):
            ages = cohort.ages_after(year)
            line = self.lines.get((self.equation.left.item, cohort.area, year, cohort.whose))
            if ages and (line is None or line.exactly(ages) is None):
                return False
        return True

    def entry(self, term: Summand, cohort: Cohort) -> LedgerEntry:
        if term is self.equation.left:
            return self.end(cohort)
        ages, _ = term.cohort
        if self.sources[term.item].at:
            begins = self.begins(cohort)
            if begins is None:
                return NOTHING
            return summed([self.piece(term, cohort, begins, cohort.ages_after(begins - 1))])
        pieces = []
        for year in range(cohort.year - self.years + 1, cohort.year + 1):
            reached = cohort.ages_after(year)
            if ages == BORN and reached and reached[0] == 0:
                pieces.append(self.whole(term, cohort, year))
            elif ages != BORN and reached:
                pieces.append(self.piece(term, cohort, year, reached))
        return summed(pieces)

    def end(self, cohort: Cohort) -> LedgerEntry:
        item, area, year, whose = self.equation.left.item, cohort.area, cohort.year, cohort.whose
        line_at_end = self.lines[item, area, year, whose]
        if line_at_end.has_unknown:
            return lacking(self.equation.left, year, code=UNKNOWN)
        entry = line_at_end.by_span[cohort.ages]
        between = (self.lines.get((item, area, year - back, whose)) for back in range(self.years))
        return replace(entry, status=BREAK) if any(line and line.breaks for line in between) else entry

    def whole(self, term: Summand, cohort: Cohort, year: int) -> LedgerEntry:
        line = self.lines.get((term.item, cohort.area, year, cohort.whose), AgeLine({}))
        entry = line.by_code.get(TOTAL)
        return entry if entry and entry.value is not None else lacking(term, year)

    def piece(self, term: Summand, cohort: Cohort, year: int, ages: Span | None) -> LedgerEntry:
        """An item of one year at the ages of a cohort, or at those within them or around them."""
        if ages is None:
            return NOTHING
        line = self.lines.get((term.item, cohort.area, year, cohort.whose))
        if line is None or (not line.by_span and is_nothing(line)):
            return NOTHING if term.optional else lacking(term, year, code_of(*ages))
        if term.cohort[0] == LEAST:
            signed: list[tuple[int, LedgerEntry]] | None = line.within(ages)
        elif term.cohort[0] == MOST:
            signed = line.covering(ages)
        else:
            if line.has_unknown:
                return lacking(term, year, code=UNKNOWN)
            signed = line.exactly(ages)
        if signed is None or any(entry.value is None for _, entry in signed):
            return lacking(term, year, code_of(*ages))
        return combined(signed)


def lines_of(entries: Mapping[Key, LedgerEntry]) -> Lines:
    by_code: dict[LineKey, dict[str, LedgerEntry]] = {}
    for (item, area, year, population), entry in entries.items():
        codes = dict(population)
        age = codes.pop(AGE, TOTAL)
        by_code.setdefault((item, area, year, tuple(codes.items())), {})[age] = entry
    return {key: AgeLine(codes) for key, codes in by_code.items()}


def exact(term: Summand) -> Summand:
    ages, years = term.cohort
    if ages == BORN:
        return term
    return replace(term, key=tuple(replace(part, rule=f"{EXACTLY}-{years}") for part in term.key))


def is_nothing(line: AgeLine) -> bool:
    return TOTAL in line.by_code and line.by_code[TOTAL].value == 0


def lacking(term: Summand, year: int, code: str = TOTAL) -> LedgerEntry:
    return replace(NOTHING, value=None, missing=(f"{term.item}[{AGE}={code}, TIME_PERIOD={year}]",))


def combined(signed: Sequence[tuple[int, LedgerEntry]]) -> LedgerEntry:
    return LedgerEntry(
        sum((sign * (entry.value or Decimal(0)) for sign, entry in signed), Decimal(0)),
        unit_of([entry for _, entry in signed]),
        status="",
        parts=tuple(part for sign, entry in signed if sign > 0 for part in entry.parts),
        taken_away=tuple(part for sign, entry in signed if sign < 0 for part in entry.parts),
    )


def summed(pieces: Sequence[LedgerEntry]) -> LedgerEntry:
    """One entry from those of several years; without a value, and naming them, where some are missing."""
    missing = tuple(name for piece in pieces for name in piece.missing)
    return LedgerEntry(
        None if missing else sum((piece.value or Decimal(0) for piece in pieces), Decimal(0)),
        unit_of(pieces),
        status="",
        parts=tuple(part for piece in pieces for part in piece.parts),
        taken_away=tuple(part for piece in pieces for part in piece.taken_away),
        missing=missing,
    )


def unit_of(entries: Sequence[LedgerEntry]) -> Decimal:
    return sum((entry.unit for entry in entries if entry.unit != 1), Decimal(0)) or Decimal(1)
