"""Ratios in VTL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

from sdmxmig.catalogue.rules import list_fixed_codes
from sdmxmig.quality.rules.ratios import TOLERANCE, Pair, list_shared_dimensions, read_class, read_pair
from sdmxmig.quality.rules.readers_view import DAY, list_related_flows
from sdmxmig.quality.rules.terms import MONTHS_PER_YEAR, PERSONS, UNIT, Term, find_term_codes, read_term
from sdmxmig.quality.vtl import TRANSLATIONS, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    KEPT_COMPONENTS,
    REFERENCE,
    STAGE,
    TOTAL,
    build_written_part,
    collect_groups,
    is_attribute,
    list_figure_conditions,
    name_figures,
    require_known,
)
from sdmxmig.quality.vtl.syntax import (
    LACKING_COMPONENT,
    NO_DAY,
    RULE_NOT_APPLICABLE,
    TIME,
    UNFILLED_FLOW,
    UNSUPPORTED_KIND,
    filter_dataset,
    is_in,
    name,
    negate_condition,
    quote_literal,
    write_conditional,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.statistics.demography.ledger import YEARS_TO_1_JANUARY

AREA = "REF_AREA"
FIRST_RANK = 100
"""A rank beyond any list of codes of a term."""


@TRANSLATIONS.add("RATIO-WITHIN")
def ratios_are_within_limits(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    reasons: list[NotExpressibleError] = []
    written = False
    for number, declared in enumerate(parameters.tables("pair"), 1):
        pair = read_pair(declared)
        if pair.upper.flow not in ("", subject.flow.id):
            continue
        try:
            yield compare_terms(subject, pair, f"_{number}")
            written = True
        except NotExpressibleError as reason:
            reasons.append(reason)
    if not written:
        raise reasons[0] if reasons else NotExpressibleError(RULE_NOT_APPLICABLE, flow=subject.flow.id)


@TRANSLATIONS.add("MEAN-WITHIN-CLASS")
def means_are_within_class(subject: Subject) -> Iterable[Part]:
    parameters = subject.parameters
    dimension = parameters.text("breakdown")
    if dimension not in subject.flow.structure.series_key:
        raise NotExpressibleError(LACKING_COMPONENT, flow=subject.flow.id, component=dimension)
    pair = Pair(
        upper=read_term(parameters.table("upper")),
        lower=read_term(parameters.table("lower")),
        by=None,
        named={},
        beside=parameters.table("beside").lists(),
    )
    classes = [read_class(declared) for declared in parameters.tables("classes")]
    not_more, not_less = "true", "true"
    for code, low, high in classes:
        of_class = is_in(name(dimension), [code])
        enough = f"AMOUNT + HALF >= (LOWER_AMOUNT - LOWER_HALF) * {low} * (1.0 - {TOLERANCE:.9f})"
        not_less = write_conditional(of_class, enough, not_less)
        if high is not None:
            below = f"AMOUNT - HALF < (LOWER_AMOUNT + LOWER_HALF) * {high}"
            not_more = write_conditional(of_class, below, not_more)
    of_classes = is_in(name(dimension), [code for code, _, _ in classes])
    yield compare_terms(subject, pair, "", of_classes=of_classes, not_more=not_more, not_less=not_less)


def compare_terms(subject: Subject, pair: Pair, number: str, **places: str) -> Part:
    flow, lower_flow = subject.flow, subject.flows[pair.lower.flow or subject.flow.id]
    if lower_flow.id not in subject.filled:
        raise NotExpressibleError(UNFILLED_FLOW, flow=lower_flow.id)
    by = list_shared_dimensions(flow, lower_flow, pair)
    named = {component: pair.named.get(component, component) for component in by}
    return build_written_part(
        subject,
        number,
        inputs=tuple(dict.fromkeys([flow.id, lower_flow.id])),
        upper=describe_term(flow, pair.upper, by),
        lower=describe_term(lower_flow, pair.lower, [*named.values()]),
        beside=describe_excluded_figures(flow, pair, by),
        renamed=[f"{name(there)} to {name(here)}" for here, there in named.items() if here != there],
        abroad=[*require_abroad(flow, pair.by or ())],
        nearly=f"{TOLERANCE:.9f}",
        **places,
    )


def require_abroad(flow: Flow, dimensions: Iterable[str]) -> Iterator[str]:
    for dimension in dimensions:
        component = name(dimension)
        yield f'substr({component}, 1, 1) <> "_"'
        yield negate_condition(is_in(component, groups)) if (groups := collect_groups(flow, dimension)) else ""
        yield f"{component} <> {AREA}"


def describe_excluded_figures(flow: Flow, pair: Pair, by: Sequence[str]) -> dict[str, Any] | None:
    """Describe the figures excluded because another rule compares them; None without exclusions."""
    if not pair.beside:
        return None
    other = Term(flow="", codes={**pair.lower.codes, **pair.beside}, sums=pair.lower.sums, at=pair.lower.at)
    try:
        return describe_term(flow, other, by)
    except NotExpressibleError:
        return None


def describe_term(flow: Flow, of: Term, by: Sequence[str]) -> dict[str, Any]:
    key = flow.structure.series_key
    if lacking := [component for component in (*of.codes, *of.sums, *by, AREA) if component not in key]:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=", ".join(dict.fromkeys(lacking)))
    time = flow.structure.time
    if time is None:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=TIME)
    period, has_months = name(time.id), of.at == "months"
    form = "^[0-9]{4}-[0-9]{2}$" if has_months else "^[0-9]{4}$"
    conditions = [*list_term_conditions(flow, of, by), f"match_characters({period}, {quote_literal(form)})"]
    return {
        **choose_figures(flow, [require_known(), *conditions], open_dimensions(flow, of, by)),
        "rank": write_code_rank(flow, of),
        "keys": [name(component) for component in (AREA, *by)],
        "period": period,
        "sums": [name(component) for component in of.sums],
        "year": f"cast(substr({period}, 1, 4), integer)" + shift(flow, of),
        "parts": prod(map(len, of.sums.values()), start=MONTHS_PER_YEAR if has_months else 1),
        "divisor": f" / {MONTHS_PER_YEAR}" if has_months else "",
        "is_change": of.at == "change",
    }


def choose_figures(flow: Flow, conditions: Iterable[str], unnamed: Iterable[str]) -> dict[str, Any]:
    components = [name(dimension) for dimension in unnamed]
    return {
        "figures": name_figures(flow),
        "chosen": filter_dataset(name_figures(flow), *conditions),
        "open": components,
        "single": [f"FIRST_{n} = LAST_{n}" for n, _ in enumerate(components)],
    }


def shift(flow: Flow, of: Term) -> str:
    """Return the shift from a figure's year to the year that its reference day starts or ends."""
    if of.at not in ("start", "end"):
        return ""
    if not is_attribute(flow, REFERENCE):
        raise NotExpressibleError(NO_DAY, flow=flow.id)
    back = 0 if of.at == "start" else 1
    steps = "0"
    for code, years in YEARS_TO_1_JANUARY.items():
        steps = write_conditional(
            f"{REFERENCE} = {quote_literal(code)}", str(years - back) if years >= back else f"0 - {back}", steps
        )
    return f" + ({steps})"


def list_term_conditions(flow: Flow, of: Term, by: Sequence[str]) -> Iterator[str]:
    if of.at in ("start", "end"):
        yield is_in(f'nvl({REFERENCE}, "")', YEARS_TO_1_JANUARY)
    if is_attribute(flow, UNIT):
        yield f"isnull({UNIT}) or {is_in(UNIT, [PERSONS])}"
    for dimension in flow.structure.series_key:
        if dimension != AREA and dimension not in by and (codes := find_term_codes(flow, of, dimension)):
            yield is_in(name(dimension), codes)


def open_dimensions(flow: Flow, of: Term, by: Sequence[str]) -> list[str]:
    fixed = list_fixed_codes(flow)
    return [
        dimension
        for dimension in flow.structure.series_key
        if dimension not in (AREA, *by)
        and not find_term_codes(flow, of, dimension)
        and len(fixed.get(dimension, ())) != 1
    ]


def write_code_rank(flow: Flow, of: Term) -> str:
    """Return the rank of figures for a term: the first reported code is preferred."""
    rank = "0"
    for dimension in flow.structure.series_key:
        codes = of.codes.get(dimension, ())
        if len(codes) > 1:
            place = str(len(codes))
            for number, code in reversed(list(enumerate(codes))):
                place = write_conditional(is_in(name(dimension), [code]), str(number), place)
            rank = f"({rank}) * {FIRST_RANK} + ({place})"
    return rank


@TRANSLATIONS.add("SAME-MARGIN")
def margins_agree(subject: Subject) -> Iterable[Part]:
    flow, same = subject.flow, subject.parameters.strings("same")
    pairs = [pair for pair in list_related_flows(subject.parameters) if pair.flow == flow.id]
    there = [pair for pair in pairs if pair.of in subject.filled]
    if not there:
        lacking = ", ".join(dict.fromkeys(pair.of for pair in pairs))
        raise NotExpressibleError(UNFILLED_FLOW, flow=lacking)
    if not set(same) <= set(KEPT_COMPONENTS):
        raise NotExpressibleError(UNSUPPORTED_KIND, kind=subject.rule.kind)
    for number, pair in enumerate(there, 1):
        other = subject.flows[pair.of]
        shared = [name(dimension) for dimension in flow.structure.key if dimension in other.structure.key]
        alike = [
            name(attribute)
            for attribute in same
            if not (pair.day and attribute == DAY) and is_attribute(flow, attribute) and is_attribute(other, attribute)
        ]
        yield build_written_part(
            subject,
            f"_{number}" if len(pairs) > 1 else "",
            inputs=(flow.id, other.id),
            here=describe_margins(subject, flow, pair.when, shared),
            there=describe_margins(subject, other, pair.there, shared, pair.day),
            shared=shared,
            alike=alike,
            agree=[
                f'SAID_HERE_{n} = SAID_THERE_{n} or SAID_HERE_{n} = "" or SAID_THERE_{n} = ""'
                for n, _ in enumerate(alike)
            ],
        )


def describe_margins(
    subject: Subject, flow: Flow, when: Mapping[str, str], shared: Collection[str], day: str = ""
) -> dict[str, Any]:
    """Describe the figures that are in both dataflows, at the totals of dimensions that only one has."""
    conditions = [require_known(), *list_figure_conditions(subject, flow)]
    if day:
        conditions.append(is_in(f'nvl({REFERENCE}, "")', [day]) if is_attribute(flow, REFERENCE) else "false")
    unnamed = []
    for dimension in flow.structure.series_key:
        codelist = flow.codelist(dimension)
        if name(dimension) in shared:
            continue
        if dimension in when:
            conditions.append(is_in(name(dimension), [when[dimension]]))
        elif codelist is None or TOTAL in codelist:
            conditions.append(is_in(name(dimension), [TOTAL]))
        else:
            unnamed.append(dimension)
    stage = f'nvl({STAGE}, "")' if is_attribute(flow, STAGE) else '""'
    return {**choose_figures(flow, conditions, unnamed), "stage": stage}
