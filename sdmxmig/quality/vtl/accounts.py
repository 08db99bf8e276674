"""Accounts and identities in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sdmxmig.catalogue.accounting import COHORT as COHORT_RULE
from sdmxmig.catalogue.accounting import EVERY_CODE, YOUNGER_AGE, Equation, Identity, ItemSource, KeyPart, Summand
from sdmxmig.quality.rules.balance import ADJUSTMENT, MIN_YEARS
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    OBSERVATION_STATUS,
    REFERENCE,
    SLACK,
    UNITS,
    build_judged_part,
    is_attribute,
    name_figures,
    step,
    write_steps,
)
from sdmxmig.quality.vtl.syntax import (
    AGES_UNSUPPORTED,
    COHORTS_UNSUPPORTED,
    LACKING_COMPONENT,
    NO_DAY,
    SEVERAL_SUMS,
    TIME,
    UNREPORTED_FLOW,
    aggregate_measures,
    filter_dataset,
    is_in,
    join_conditions,
    name,
    quote_literal,
    strip_markup,
    write_conditional,
    write_union,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.statistics.demography.accounts import BREAK_STATUS, COHORT, SUM_KIND
from sdmxmig.statistics.demography.ledger import (
    AREA,
    COUNTRY,
    FIXED_CODES,
    ITEM,
    POPULATION_DIMENSIONS,
    REST_CODES,
    TOTAL,
    YEARS_TO_1_JANUARY,
    has_term_dimensions,
    index_required_codes,
)

SEX, AGE = "SEX", "AGE"
RESIDUAL, TOLERANCE = "RESIDUAL", "TOLERANCE"


@TRANSLATIONS.add("ACCOUNT-BALANCES")
def accounts_balance(subject: Subject) -> Iterable[Part]:
    by_sex = subject.parameters.flag("by_sex", default=False)
    sex = f"{SEX} {'<>' if by_sex else '='} {quote_literal(TOTAL)}"
    for number, account in find_equations(subject):
        yield build_test(account, number, sex, enough_years=MIN_YEARS)


@TRANSLATIONS.add("IDENTITY-HOLDS")
def identities_hold(subject: Subject) -> Iterable[Part]:
    item, share = subject.parameters.text("item", ""), subject.parameters.text("share", "0")
    for number, account in find_equations(subject):
        tolerance = TOLERANCE
        for place, term in enumerate(account.equation.terms, 1):
            if term.written == item:
                room = f"{share} * abs({UNITS}_{place})"
                tolerance = f"({write_conditional(f'{room} > {TOLERANCE}', room, TOLERANCE)})"
        gap = f"0 - {RESIDUAL}" if account.equation.comparison == ">=" else f"abs({RESIDUAL})"
        yield build_test(account, number, "", gap=gap, tolerance=tolerance)


@TRANSLATIONS.add("ADJUSTMENT-SMALL")
def adjustment_is_small(subject: Subject) -> Iterable[Part]:
    for number, account in find_equations(subject):
        place = next((n for n, term in enumerate(account.equation.terms, 1) if term.item == ADJUSTMENT), 0)
        adjustment = f"{UNITS}_{place}" if place and account.sources(account.equation.terms[place - 1]) else "0.0"
        yield build_test(account, number, f"{SEX} = {quote_literal(TOTAL)}", adjustment=adjustment)


def find_equations(subject: Subject) -> Iterator[tuple[str, Account]]:
    reasons: list[NotExpressibleError] = []
    made: list[Account] = []
    for identity in subject.identities:
        for place, equation in enumerate(identity.equations if identity.id in subject.rule.identities else (), 1):
            prefix = strip_markup(f"{identity.id} {place}" if len(identity.equations) > 1 else identity.id)
            account = Account(subject=subject, identity=identity, equation=equation, prefix=prefix)
            ends = {source.flow.id for term in list_left_terms(account) for source in account.sources(term)}
            if subject.flow.id not in ends:
                continue
            try:
                list(build_entries(account))
            except NotExpressibleError as reason:
                reasons.append(reason)
            else:
                made.append(account)
    if not made and reasons:
        raise reasons[0]
    for account in made:
        yield (f"_{account.prefix}" if len(made) > 1 else ""), account


def list_left_terms(account: Account) -> list[Summand]:
    partner = account.partner(account.equation.left)
    return [account.equation.left, *([partner] if partner else [])]


def build_test(account: Account, number: str, condition: str, **places: Any) -> Part:
    flow = account.subject.flow
    lacking = [dimension for dimension in account.population if dimension not in flow.structure.key]
    judging = write_steps(
        account.subject,
        condition=condition,
        series=[AREA, *map(name, account.population)],
        subspace=[f"{name(dimension)} = {write_code(account, dimension)}" for dimension in lacking],
        **describe_equation(account),
        **places,
    )
    sources = (source.flow.id for term in account.terms for source in account.sources(term))
    return build_judged_part(
        account.subject,
        number,
        judging,
        inputs=tuple(dict.fromkeys([flow.id, *sources])),
        before=build_entries(account),
    )


def write_code(account: Account, dimension: str) -> str:
    return quote_literal(dict(account.identity.population).get(dimension, TOTAL))


def describe_equation(account: Account) -> dict[str, Any]:
    equation, identity = account.equation, account.identity
    terms = [
        {"place": place, "label": account.label(term), "factor": term.factor, "weight": abs(term.factor)}
        for place, term in enumerate((*equation.terms, *equation.divisor), 1)
    ]
    of_terms = [*zip((*equation.terms, *equation.divisor), terms, strict=True)]
    reported = {term.written for term in account.terms if account.sources(term) or account.partner(term)}
    there = [(term, places) for term, places in of_terms if term.written in reported]
    start = identity.start.item if identity.start else ""
    starts = (place for place, term in enumerate(equation.terms, 1) if start and term.item == start)
    return {
        "expected": write_test_condition(account),
        "left": account.label(equation.left),
        "source": account.subject.flow.id,
        "terms": terms[: len(equation.terms)],
        "below": terms[len(equation.terms) :],
        "required": [places for term, places in there if not term.optional],
        "optional": [places for term, places in there if term.optional],
        "absent": [places for term, places in of_terms if term.written not in reported],
        "number": equation.number,
        "start": next(starts, 0),
        "tolerance_share": identity.tolerance,
        "cohorts": COHORT.pattern if equation.is_of_cohorts else "",
        "status_of_break": BREAK_STATUS if identity.start else "",
        "write_sum": write_sum,
    }


def write_sum(form: str, terms: Iterable[Mapping[str, object]]) -> str:
    return " + ".join(form.format(**places) for places in terms).replace("+ -", "- ") or "0.0"


def write_test_condition(account: Account) -> str:
    """Return the condition for testable groups: events or all populations are reported."""
    equation, identity = account.equation, account.identity
    needed = equation.terms if identity.kind == SUM_KIND else equation.all_terms
    there = [term for term in needed if account.sources(term) or account.partner(term)]
    at = {term.written: identity.item_sources[term.item].at for term in needed}
    marked = {term.written: f"{account.label(term)}[keep {UNITS}]" for term in there}
    stocks = [dataset for written, dataset in marked.items() if at[written]]
    events = [dataset for written, dataset in marked.items() if not at[written]]
    if events or len(set(at.values())) > 1:
        stocks = [join_datasets(stocks)] if stocks else []
    datasets = [*stocks, *events]
    everybody = write_union(datasets)
    ours = f"{account.label(equation.left)}[keep {SOURCE}]"
    flow = account.subject.flow.id
    populations = {identity.start.flow}.intersection(account.subject.filled) if identity.start else set()
    also = f"isnull({SOURCE}) or " if identity.is_account and flow in (populations or {flow}) else ""
    return f"left_join({everybody} as x, {ours} as e)[filter {also}{SOURCE} = {quote_literal(flow)}]"


def join_datasets(datasets: Sequence[str]) -> str:
    if len(datasets) == 1:
        return datasets[0]
    named = [f"{dataset}[rename {UNITS} to OF_{n}]" for n, dataset in enumerate(datasets)]
    joined = ", ".join(f"{dataset} as j{n}" for n, dataset in enumerate(named))
    return f"inner_join({joined})[keep OF_0][rename OF_0 to {UNITS}]"


YEAR, SOURCE, STATUS = "YEAR", "SOURCE", "STATUS"
"""The year of an account; the dataflow that reports an entry; its observation status."""
ENTRY_COMPONENTS = (UNITS, SLACK, STATUS)
ENTRIES_AGE, UNKNOWN = "AGE", "_U"
SINGLE_YEAR = "^Y[0-9]{1,3}$"
"""A single year of age; a cohort is one year older a year later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An equation of an identity for a rule and dataflow; `prefix` starts the names of its steps."""

    subject: Subject
    identity: Identity
    equation: Equation
    prefix: str

    @property
    def terms(self) -> tuple[Summand, ...]:
        return tuple({term.written: term for term in self.equation.all_terms}.values())

    @property
    def population(self) -> tuple[str, ...]:
        return (*POPULATION_DIMENSIONS, *self.identity.by)

    def label(self, term: Summand) -> str:
        same_item = [other.written for other in self.terms if other.item == term.item]
        number = f"_{same_item.index(term.written) + 1}" if len(same_item) > 1 else ""
        return f"{self.prefix}_{strip_markup(term.item)}{number}"

    def partner(self, term: Summand) -> Summand | None:
        for end in self.terms:
            start = {other.item: other for other in self.terms}.get(self.identity.item_sources[end.item].next)
            if start and not end.key and not start.key and term in (end, start):
                return start if term == end else end
        return None

    def sources(self, term: Summand) -> list[Source]:
        item_source = self.identity.item_sources[term.item]
        places = [
            (self.identity.account, {ITEM: term.item}, ItemSource(item=term.item)),
            (item_source.flow, dict(item_source.codes), item_source),
        ]
        return [
            Source(flow=self.subject.flows[flow], term=term, codes=codes, of=of)
            for flow, codes, of in places
            if flow in self.subject.filled
            and has_term_dimensions(self.subject.flows[flow].structure.series_key, self.identity, term, codes)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    flow: Flow
    term: Summand
    codes: dict[str, str]
    of: ItemSource


def build_entries(account: Account) -> Iterator[Assignment]:
    of_ages = [part.rule for term in account.terms for part in term.key if COHORT_RULE.match(part.rule)]
    if of_ages not in ([], [YOUNGER_AGE]):  # events too are of other ages than the cohort at the end, or of groups
        raise NotExpressibleError(COHORTS_UNSUPPORTED)
    reported: dict[str, str] = {}
    for term in account.terms:
        label, sources = account.label(term), account.sources(term)
        names = [f"{label}_IN_{strip_markup(source.flow.id)}" for source in sources]
        for source_label, source in zip(names, sources, strict=True):
            yield from select_entries(account, source, source_label)
        if names:
            reported[term.written] = names[0] if len(names) == 1 else f"{label}_REPORTED"
            if len(names) > 1:
                yield step(reported[term.written], write_union(names))
    for term in account.terms:
        partner = account.partner(term)
        at = account.identity.item_sources[term.item].at
        own = [reported[term.written]] if term.written in reported else []
        if partner and partner.written in reported:
            own.append(write_shift(reported[partner.written], account, 1 if at == "start" else -1))
        if not own and not term.optional:
            raise NotExpressibleError(UNREPORTED_FLOW, item=term.written)
        if own:
            yield step(account.label(term), write_union(own))


def write_shift(dataset: str, account: Account, years: int) -> str:
    later = f"{YEAR} {'+' if years > 0 else '-'} 1"
    keys = [AREA, "OF_YEAR", *map(name, account.population)]
    measures = {measure: f"max({measure})" for measure in (*ENTRY_COMPONENTS, SOURCE)}
    return (
        f"{dataset}[calc identifier OF_YEAR := {later}]{aggregate_measures(keys, **measures)}[rename OF_YEAR to {YEAR}]"
    )


def select_entries(account: Account, source: Source, label: str) -> Iterable[Assignment]:
    key = {part.dimension: part for part in source.term.key}
    sums = [part for part in key.values() if part.is_sum]
    every = [name(part.dimension) for part in sums if part.rule == EVERY_CODE]
    if ENTRIES_AGE in every:
        raise NotExpressibleError(AGES_UNSUPPORTED)
    codes = list_account_codes(account, source, key)
    made = {dimension: f"OF_{strip_markup(dimension)}" for dimension, code in codes.items() if code != name(dimension)}
    keys = [made.get(dimension, name(dimension)) for dimension in codes]
    rows = filter_dataset(name_figures(source.flow), *list_conditions(account, source, key, codes))
    if every and len(sums) > 1:
        raise NotExpressibleError(SEVERAL_SUMS)
    return write_steps(
        account.subject,
        "entry",
        label=label,
        rows=rows,
        made={made[dimension]: codes[dimension] for dimension in made},
        status=f'nvl({OBSERVATION_STATUS}, "")' if is_attribute(source.flow, OBSERVATION_STATUS) else '""',
        keys=keys,
        renamed=[f"{identifier} to {name(dimension)}" for dimension, identifier in made.items()],
        source=source.flow.id,
        sums=[name(part.dimension) for part in sums if name(part.dimension) not in keys],
        is_sum=bool(sums),
        every=every[0] if every else "",
        country=COUNTRY.pattern,
        rest=REST_CODES,
        cells=[] if every else list_cells(sums),
    )


def list_cells(sums: Sequence[KeyPart]) -> list[str]:
    return [
        join_conditions(*(is_in(name(part.dimension), [code]) for part, code in zip(sums, cell, strict=True)))
        for cell in product(*(part.codes for part in sums))
        if not any(code in part.optional for code, part in zip(cell, sums, strict=True))
    ]


def list_account_codes(account: Account, source: Source, key: Mapping[str, KeyPart]) -> dict[str, str]:
    identity, dimensions = account.identity, source.flow.structure.series_key
    codes = {AREA: AREA}
    codes |= {
        dimension: name(dimension) if dimension in dimensions else quote_literal(TOTAL)
        for dimension in account.population
    }
    own = dict(codes)
    for dimension, part in key.items():
        if part.rule == YOUNGER_AGE:
            codes[dimension] = f'"Y" || cast(cast(substr({name(dimension)}, 2), integer) + 1, string)'
        elif part.rule.startswith("@"):
            codes[part.rule[1:]] = own.get(dimension, name(dimension))
        elif dimension in codes:
            codes[dimension] = quote_literal(TOTAL)
    codes |= {dimension: quote_literal(code) for dimension, code in identity.population}
    time = source.flow.structure.time
    if time is None:
        raise NotExpressibleError(LACKING_COMPONENT, flow=source.flow.id, component=TIME)
    return codes | {YEAR: f"cast(substr({name(time.id)}, 1, 4), integer){shift(source)}"}


def shift(source: Source) -> str:
    """Return the shift from a figure's year to its account's year, by reference day."""
    back = 1 if source.of.at == "end" else 0
    if not source.of.at:
        return ""
    if source.of.day:
        return f" + {YEARS_TO_1_JANUARY[source.of.day]} - {back}"
    years = "0"
    for code, later in YEARS_TO_1_JANUARY.items():
        years = write_conditional(is_in(REFERENCE, [code]), str(later), years) if later else years
    return f" + ({years}) - {back}"


def list_conditions(
    account: Account, source: Source, key: Mapping[str, KeyPart], codes: Mapping[str, str]
) -> Iterator[str]:
    flow, identity = source.flow, account.identity
    picked = index_required_codes(identity, dict(key), source.codes)
    left_open = {*picked, *key, *source.codes, *identity.by}
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if dimension in picked:
            yield is_in(name(dimension), picked[dimension])
        elif dimension in left_open or dimension in (*POPULATION_DIMENSIONS, ITEM, AREA):
            continue
        elif dimension in FIXED_CODES:
            yield is_in(name(dimension), [FIXED_CODES[dimension]])
        elif codelist is not None and TOTAL in codelist:
            yield is_in(name(dimension), [TOTAL])
    time = flow.structure.time
    yield f'match_characters({name(time.id if time else "")}, "^[0-9]{{4}}$")'
    yield from write_country_conditions(account, source, codes)
    if source.of.at and not source.of.day:
        if not is_attribute(flow, REFERENCE):
            raise NotExpressibleError(NO_DAY, flow=flow.id)
        yield is_in(f'nvl({REFERENCE}, "")', YEARS_TO_1_JANUARY)
    if any(part.rule == YOUNGER_AGE for part in key.values()):
        yield f"match_characters({ENTRIES_AGE}, {quote_literal(SINGLE_YEAR)})"


def write_country_conditions(account: Account, source: Source, codes: Mapping[str, str]) -> Iterator[str]:
    identity, dimensions = account.identity, source.flow.structure.series_key
    for dimension in (AREA, *(dimension for dimension in identity.by if dimension in dimensions)):
        if not codes[dimension].startswith('"'):
            yield f'substr({codes[dimension]}, 1, 1) <> "_"'
    for dimension in POPULATION_DIMENSIONS:
        if codes[dimension] == name(dimension):
            yield f"{codes[dimension]} <> {quote_literal(UNKNOWN)}"
    for dimension, allowed in identity.each:
        yield is_in(codes[dimension], allowed)
