"""Entries of accounts as VTL datasets.

Equivalent to `sdmxmig.statistics.demography.ledger`: accounts precede flows, and the end of a year is the start of the
next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sdmxmig.catalogue.accounting.equations import EVERY, YOUNGER, Equation, KeyPart, Summand
from sdmxmig.catalogue.accounting.identities import Identity, ItemSource
from sdmxmig.quality.vtl import Assignment, NotExpressibleError, Subject
from sdmxmig.quality.vtl.figures import OBSERVATION_STATUS, REFERENCE, SLACK, UNITS, figures_of, is_attribute, step
from sdmxmig.quality.vtl.reasons import AGES, LACKING, NO_DAY, SEVERAL_SUMS, TIME, UNREPORTED
from sdmxmig.quality.vtl.syntax import among, calculated, chosen, every, filtered, grouped, literal, name, plain
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.statistics.demography.ledger import (
    AREA,
    COUNTRY,
    FIXED,
    ITEM,
    POPULATION,
    REST,
    TOTAL,
    YEARS_TO_1_JANUARY,
    has_dimensions_of,
    wanted,
)

YEAR, SOURCE, STATUS = "YEAR", "SOURCE", "STATUS"
"""The year of an account; the dataflow that reports an entry; its observation status."""
ENTRY = (UNITS, SLACK, STATUS)
AGE, UNKNOWN = "AGE", "_U"
SINGLE_YEAR = "^Y[0-9]{1,3}$"
"""A single year of age; that of a cohort a year later follows from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One equation of an identity, for a rule about a dataflow; `prefix` begins the names of its steps."""

    subject: Subject
    identity: Identity
    equation: Equation
    prefix: str

    @property
    def terms(self) -> tuple[Summand, ...]:
        return tuple({term.written: term for term in self.equation.all_terms}.values())

    @property
    def population(self) -> tuple[str, ...]:
        return (*POPULATION, *self.identity.by)

    def label(self, term: Summand) -> str:
        same_item = [other.written for other in self.terms if other.item == term.item]
        number = f"_{same_item.index(term.written) + 1}" if len(same_item) > 1 else ""
        return f"{self.prefix}_{plain(term.item)}{number}"

    def partner(self, term: Summand) -> Summand | None:
        for end in self.terms:
            start = {other.item: other for other in self.terms}.get(self.identity.item_sources[end.item].next)
            if start and not end.key and not start.key and term in (end, start):
                return start if term == end else end
        return None

    def sources(self, term: Summand) -> list[Source]:
        """Where a term can be found in the dataflows that are there, the account first."""
        item_source = self.identity.item_sources[term.item]
        places = [
            (self.identity.account, {ITEM: term.item}, ItemSource(term.item)),
            (item_source.flow, dict(item_source.codes), item_source),
        ]
        return [
            Source(flow=self.subject.flows[flow], term=term, codes=codes, of=of)
            for flow, codes, of in places
            if flow in self.subject.filled
            and has_dimensions_of(self.subject.flows[flow].structure.series_key, self.identity, term, codes)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A dataflow that reports a term, with the codes there and the day on which it counts."""

    flow: Flow
    term: Summand
    codes: dict[str, str]
    of: ItemSource


def entries(account: Account) -> Iterator[Assignment]:
    """The entries of each term of an account, under its label: the first source that reports one has the word."""
    reported: dict[str, str] = {}
    for term in account.terms:
        label, sources = account.label(term), account.sources(term)
        names = [f"{label}_IN_{plain(source.flow.id)}" for source in sources]
        for source_label, source in zip(names, sources, strict=True):
            yield from entries_in(account, source, source_label)
        if names:
            reported[term.written] = names[0] if len(names) == 1 else f"{label}_REPORTED"
            if len(names) > 1:
                yield step(reported[term.written], f"union({', '.join(names)})")
    for term in account.terms:
        partner = account.partner(term)
        at = account.identity.item_sources[term.item].at
        own = [reported[term.written]] if term.written in reported else []
        if partner and partner.written in reported:
            own.append(moved(reported[partner.written], account, 1 if at == "start" else -1))
        if not own and not term.optional:
            raise NotExpressibleError(UNREPORTED, item=term.written)
        if own:
            yield step(account.label(term), f"union({', '.join(own)})" if len(own) > 1 else own[0])


def moved(dataset: str, account: Account, years: int) -> str:
    later = f"{YEAR} {'+' if years > 0 else '-'} 1"
    keys = [AREA, "OF_YEAR", *map(name, account.population)]
    measures = {measure: f"max({measure})" for measure in (*ENTRY, SOURCE)}
    return f"{dataset}[calc identifier OF_YEAR := {later}]{grouped(keys, **measures)}[rename OF_YEAR to {YEAR}]"


def entries_in(account: Account, source: Source, label: str) -> Iterator[Assignment]:
    """The entries of a term in one dataflow, under a label."""
    key = {part.dimension: part for part in source.term.key}
    sums = [part for part in key.values() if part.is_sum]
    if any(part.rule == EVERY and part.dimension == AGE for part in sums):
        raise NotExpressibleError(AGES)
    codes = codes_of_account(account, source, key)
    renamed = {dimension: code for dimension, code in codes.items() if code != name(dimension)}
    identifiers = {f"OF_{plain(dimension)}": code for dimension, code in renamed.items()}
    keys = [f"OF_{plain(dimension)}" if dimension in renamed else name(dimension) for dimension in codes]
    made = ", ".join(f"identifier {identifier} := {code}" for identifier, code in identifiers.items())
    status = f'nvl({OBSERVATION_STATUS}, "")' if is_attribute(source.flow, OBSERVATION_STATUS) else '""'
    rows = filtered(figures_of(source.flow), *conditions(account, source, key, codes))
    dataset = f"{rows}[calc {made}, measure {STATUS} := {status}]"
    cells = grouped(
        [*keys, *(name(part.dimension) for part in sums if name(part.dimension) not in keys)],
        **{measure: f"max({measure})" for measure in ENTRY},
    )
    named = ", ".join(f"OF_{plain(dimension)} to {name(dimension)}" for dimension in renamed)
    after = f"[rename {named}]{calculated(**{SOURCE: literal(source.flow.id)})}"
    if not sums:
        yield step(label, f"{dataset}{cells}{after}")
        return
    yield step(f"{label}_CELLS", f"{dataset}{cells}")
    yield step(label, f"{label}_CELLS{added_up(sums, keys)}{after}")


def codes_of_account(account: Account, source: Source, key: Mapping[str, KeyPart]) -> dict[str, str]:
    identity, dimensions = account.identity, source.flow.structure.series_key
    codes = {AREA: AREA}
    codes |= {
        dimension: name(dimension) if dimension in dimensions else literal(TOTAL) for dimension in account.population
    }
    own = dict(codes)
    for dimension, part in key.items():
        if part.rule == YOUNGER:
            codes[dimension] = f'"Y" || cast(cast(substr({name(dimension)}, 2), integer) + 1, string)'
        elif part.rule.startswith("@"):
            codes[part.rule[1:]] = own.get(dimension, name(dimension))
        elif dimension in codes:
            codes[dimension] = literal(TOTAL)
    codes |= {dimension: literal(code) for dimension, code in identity.population}
    time = source.flow.structure.time
    if time is None:
        raise NotExpressibleError(LACKING, flow=source.flow.id, component=TIME)
    return codes | {YEAR: f"cast(substr({name(time.id)}, 1, 4), integer){shift(source)}"}


def shift(source: Source) -> str:
    """From the year of a figure to that of its account, by the day on which people are counted."""
    back = 1 if source.of.at == "end" else 0
    if not source.of.at:
        return ""
    if source.of.day:
        return f" + {YEARS_TO_1_JANUARY[source.of.day]} - {back}"
    years = "0"
    for code, later in YEARS_TO_1_JANUARY.items():
        years = chosen(among(REFERENCE, [code]), str(later), years) if later else years
    return f" + ({years}) - {back}"


def conditions(account: Account, source: Source, key: Mapping[str, KeyPart], codes: Mapping[str, str]) -> Iterator[str]:
    """The conditions by which the figures of a term are picked: its codes, and the totals of all else."""
    flow, identity = source.flow, account.identity
    picked = wanted(identity, dict(key), source.codes)
    left_open = {*picked, *key, *source.codes, *identity.by}
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if dimension in picked:
            yield among(name(dimension), picked[dimension])
        elif dimension in left_open or dimension in (*POPULATION, ITEM, AREA):
            continue
        elif dimension in FIXED:
            yield among(name(dimension), [FIXED[dimension]])
        elif codelist is not None and TOTAL in codelist:
            yield among(name(dimension), [TOTAL])
    time = flow.structure.time
    yield f'match_characters({name(time.id if time else "")}, "^[0-9]{{4}}$")'
    yield from of_countries(account, source, codes)
    if source.of.at and not source.of.day:
        if not is_attribute(flow, REFERENCE):
            raise NotExpressibleError(NO_DAY, flow=flow.id)
        yield among(f'nvl({REFERENCE}, "")', YEARS_TO_1_JANUARY)
    if any(part.rule == YOUNGER for part in key.values()):
        yield f"match_characters({AGE}, {literal(SINGLE_YEAR)})"


def of_countries(account: Account, source: Source, codes: Mapping[str, str]) -> Iterator[str]:
    """The conditions that an account is that of a country and, where it is by country, with another one."""
    identity, dimensions = account.identity, source.flow.structure.series_key
    for dimension in (AREA, *(dimension for dimension in identity.by if dimension in dimensions)):
        if not codes[dimension].startswith('"'):
            yield f'substr({codes[dimension]}, 1, 1) <> "_"'
    for dimension in POPULATION:
        if codes[dimension] == name(dimension):
            yield f"{codes[dimension]} <> {literal(UNKNOWN)}"
    for dimension, allowed in identity.each:
        yield among(codes[dimension], allowed)


def added_up(sums: Sequence[KeyPart], keys: Sequence[str]) -> str:
    """Clauses that add up the parts of a term; without a figure where one of them is not reported."""
    everything = [part for part in sums if part.rule == EVERY]
    if everything and len(sums) > 1:
        raise NotExpressibleError(SEVERAL_SUMS)
    flags = {"EMPTY": chosen(f"isnull({UNITS})", "1", "0"), "KNOWN_SLACK": chosen(f"isnull({UNITS})", "0.0", SLACK)}
    tops = {"EMPTY": "max(EMPTY)", SLACK: "sum(KNOWN_SLACK)", "PARTS": f"sum({UNITS})", STATUS: f"max({STATUS})"}
    complete = ["EMPTY = 0"]
    counted = ""
    for part in everything:
        code = name(part.dimension)
        is_part = f"match_characters({code}, {literal(COUNTRY.pattern)})"
        flags |= {
            "EMPTY": chosen(every(is_part, f"isnull({UNITS})"), "1", "0"),
            "KNOWN_SLACK": chosen(every(is_part, f"not isnull({UNITS})"), SLACK, "0.0"),
            "PART": chosen(is_part, f"nvl({UNITS}, 0.0)", "0.0"),
            "IS_PART": chosen(is_part, "1", "0"),
            "RESTS": chosen(among(code, REST), "1", "0"),
            "OF_ALL": chosen(among(code, [TOTAL]), f"nvl({UNITS}, 0.0)", "0.0"),
        }
        tops |= {"PARTS": "sum(PART)", "RESTS": "max(RESTS)", "OF_ALL": "max(OF_ALL)", "IS_PART": "max(IS_PART)"}
        complete.append("RESTS = 1 or PARTS >= OF_ALL")
        counted = "[filter IS_PART = 1]"
    if not everything:
        for number, cell in enumerate(needed(sums), 1):
            is_cell = (among(name(part.dimension), [code]) for part, code in zip(sums, cell, strict=True))
            flags[f"NEED_{number}"] = chosen(every(*is_cell), "1", "0")
            tops[f"NEED_{number}"] = f"max(NEED_{number})"
            complete.append(f"NEED_{number} = 1")
    whole = calculated(**{UNITS: chosen(every(*complete), "PARTS", "null")})
    return f"{calculated(**flags)}{grouped(keys, **tops)}{counted}{whole}[keep {', '.join(ENTRY)}]"


def needed(sums: Sequence[KeyPart]) -> list[tuple[str, ...]]:
    cells = product(*(part.codes for part in sums))
    return [cell for cell in cells if not any(c in part.optional for c, part in zip(cell, sums, strict=True))]
