"""Codes, constraints, statuses and texts in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sdmxmig.catalogue.topics import TOPIC, TOPIC_CODE
from sdmxmig.quality.rules.codes import LIST_OF_TOPIC
from sdmxmig.quality.rules.confidentiality import BLANK, FLAGGED
from sdmxmig.quality.rules.constraints import WILDCARD, is_dated, list_selected_values
from sdmxmig.quality.rules.series import RULE_OF_RESIDENCE, THRESHOLD
from sdmxmig.quality.rules.values import COUNT, FORM, LONGEST, MULTIPLIER, SHORTEST
from sdmxmig.quality.vtl import TRANSLATIONS, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    CONFIDENTIALITY,
    MEASUREMENT,
    OBSERVATION_STATUS,
    TOTAL,
    UNITS,
    build_written_part,
    is_attribute,
    list_figure_conditions,
    name_figures,
    name_reported,
)
from sdmxmig.quality.vtl.observations import (
    AREA,
    build_ruleset_part,
    name_measure,
    select_observations,
)
from sdmxmig.quality.vtl.syntax import (
    LACKING_COMPONENT,
    RULE_NOT_APPLICABLE,
    TIME,
    UNSUPPORTED_KIND,
    filter_dataset,
    is_in,
    join_conditions,
    name,
    negate_condition,
    quote_literal,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.structures import Constraint, Selection

YEAR_PATTERN = r"^[0-9]{4}($|/|-[^W])"
"""A period whose first four digits are the year in which it begins; weeks may begin in the year before."""


def write_year_condition(flow: Flow, first: str, last: str) -> str:
    """Return the condition that a period starts in these years; only years are supported as bounds."""
    time = name(flow.structure.time_id or TIME)
    years = [f'substr({time}, 1, 4) {sign} "{year}"' for sign, year in ((">=", first), ("<=", last)) if year]
    return f"not match_characters({time}, {quote_literal(YEAR_PATTERN)}) or ({join_conditions(*years)})"


@TRANSLATIONS.add("KEY-ALLOWED")
def keys_are_allowed(subject: Subject) -> Iterable[Part]:
    conditions = [
        condition
        for constraint in subject.flow.constraints
        for condition in write_constraint_conditions(subject, constraint)
    ]
    if not conditions:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=subject.flow.id)
    used = dict.fromkeys(component for _, components in conditions for component in components)
    yield build_ruleset_part(
        subject,
        select_observations(subject.flow, attributes=used),
        used,
        {f"R{number}": condition for number, (condition, _) in enumerate(conditions, 1)},
    )


def write_constraint_conditions(subject: Subject, constraint: Constraint) -> Iterator[tuple[str, list[str]]]:
    included = [region for region in constraint.regions if region.include]
    keys = [key_set for key_set in constraint.keys if not key_set.reports]
    is_other = len(included) > 1 or constraint.period or any(key_set.include or key_set.valid for key_set in keys)
    if is_other or any(map(is_dated, constraint.regions)):
        raise NotExpressibleError(UNSUPPORTED_KIND, kind=subject.rule.kind)
    structure = subject.flow.structure
    for selection in (selection for region in included for selection in region.selections):
        if selection.component in structure:
            yield write_selection_condition(subject, selection), [selection.component]
    excluded = [region.selections for region in constraint.regions if not region.include]
    for selections in [*excluded, *(key for key_set in keys for key in key_set.keys)]:
        known = [selection for selection in selections if selection.component in structure]
        yield (
            negate_condition(join_conditions(*(write_selection_condition(subject, selection) for selection in known))),
            [selection.component for selection in known],
        )


def write_selection_condition(subject: Subject, selection: Selection) -> str:
    flow, limits = subject.flow, selection.time_range
    codes = list_selected_values(selection, flow.codelist(selection.component))
    spans = [(selection.valid_from, selection.valid_to), *((one.valid_from, one.valid_to) for one in selection.members)]
    is_other = (
        any(map(any, spans)) or any(one.language for one in selection.members) or any(WILDCARD in c for c in codes)
    )
    if is_other or not (codes or limits) or (limits and not (limits.includes_start and limits.includes_end)):
        raise NotExpressibleError(UNSUPPORTED_KIND, kind=subject.rule.kind)
    condition = is_in(name(selection.component), sorted(codes))
    if limits:
        condition = write_year_condition(flow, extract_year(subject, limits.start), extract_year(subject, limits.end))
    elif is_attribute(flow, selection.component):
        condition = f"isnull({name(selection.component)}) or {condition}"
    return condition if selection.include else negate_condition(condition)


def extract_year(subject: Subject, bound: str) -> str:
    if len(bound) not in (0, 4):
        raise NotExpressibleError(UNSUPPORTED_KIND, kind=subject.rule.kind)
    return bound


@TRANSLATIONS.add("CODE-VALID-IN-PERIOD")
def codes_are_valid_in_period(subject: Subject) -> Iterable[Part]:
    flow, excepted = subject.flow, subject.parameters.strings("except")
    spans: dict[tuple[str, str, str], list[str]] = {}
    for dimension in flow.structure.series_key if flow.structure.time else ():
        for item in flow.codelist(dimension) or () if dimension not in excepted else ():
            if item.valid_from or item.valid_to:
                years = (extract_year(subject, item.valid_from), extract_year(subject, item.valid_to))
                spans.setdefault((dimension, *years), []).append(item.id)
    if not spans or flow.structure.time is None:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=flow.id)
    conditions = {
        f"R{number}": f"{negate_condition(is_in(name(dimension), codes))} or {write_year_condition(flow, *years)}"
        for number, ((dimension, *years), codes) in enumerate(spans.items(), 1)
    }
    used = dict.fromkeys([*(dimension for dimension, *_ in spans), flow.structure.time.id])
    yield build_ruleset_part(subject, name_reported(flow), used, conditions)


@TRANSLATIONS.add("CODE-OF-TOPIC")
def codes_match_topics(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    topics = flow.codelist(TOPIC) if {TOPIC, TOPIC_CODE} <= set(flow.structure.key) else None
    if topics is None:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=flow.id)
    lists = {codelist.ref.short: codelist for one in subject.flows.values() for codelist in one.codelists.values()}
    others = [item.id for item in topics if item.id != TOTAL]
    conditions = {
        "R1": f'{TOPIC} <> "{TOTAL}" or {TOPIC_CODE} = "{TOTAL}"',
        "R2": f'{negate_condition(is_in(TOPIC, others))} or {TOPIC_CODE} <> "{TOTAL}"',
    }
    for item in topics:
        if item.id != TOTAL and (codelist := lists.get(item.note(LIST_OF_TOPIC))):
            listed = is_in(TOPIC_CODE, codelist.ids)
            conditions[f"R{len(conditions) + 1}"] = f"{TOPIC} <> {quote_literal(item.id)} or {listed}"
    yield build_ruleset_part(subject, name_reported(flow), [TOPIC, TOPIC_CODE], conditions)


@TRANSLATIONS.add("TEXT-AS-ALLOWED")
def texts_are_valid(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    free = [one for one in flow.structure.components if one.data_type == "String" and flow.codelist(one) is None]
    if not free or any(FORM in dict(component.facets) or component.is_array for component in free):
        raise NotExpressibleError(
            UNSUPPORTED_KIND if free else RULE_NOT_APPLICABLE, kind=subject.rule.kind, flow=flow.id
        )
    conditions = {}
    for number, component in enumerate(free, 1):
        text, facets = name(component.id), dict(component.facets)
        limits = [
            f"length({text}) {sign} {facets[limit]}"
            for limit, sign in ((SHORTEST, ">="), (LONGEST, "<="))
            if facets.get(limit, "").isdecimal()
        ]
        conditions[f"R{number}"] = (
            f"isnull({text}) or ({join_conditions(f'match_characters({text}, {LEGIBLE_PATTERN})', *limits)})"
        )
    used = [component.id for component in free]
    yield build_ruleset_part(subject, select_observations(flow, attributes=used), used, conditions)


LEGIBLE_PATTERN = r'"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*$"'


@TRANSLATIONS.add("NUMBER-OF-NOT-NEGATIVE")
def numbers_are_not_negative(subject: Subject) -> Iterable[Part]:
    flow, value = subject.flow, name_measure(subject)
    units = [one.id for one in flow.structure.components if MEASUREMENT in (one.id, one.concept.item)][:1]
    if not units and flow.structure.measure.data_type != COUNT:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=MEASUREMENT)
    counted = (is_in(f'nvl({name(unit)}, "")', subject.parameters.strings("units", None)) for unit in units)
    dataset = filter_dataset(name_reported(flow), *list_figure_conditions(subject), f"not isnull({value})", *counted)
    yield build_ruleset_part(subject, dataset, [value], {"R1": f"{value} >= 0"})


@TRANSLATIONS.add("UNIT-ALLOWED")
def units_are_allowed(subject: Subject) -> Iterable[Part]:
    flow, parameters = subject.flow, subject.parameters
    listed = {MEASUREMENT: parameters.strings("units"), MULTIPLIER: parameters.strings("multipliers")}
    present = {component: codes for component, codes in listed.items() if codes and component in flow.structure}
    if not present:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=MEASUREMENT)
    conditions = {f"R_{one}": f"isnull({one}) or {is_in(one, codes)}" for one, codes in present.items()}
    yield build_ruleset_part(subject, select_observations(flow, attributes=present), present, conditions)
    series = [name(dimension) for dimension in flow.structure.series_key]
    for number, component in enumerate((one for one in present if is_attribute(flow, one)), 1):
        stated = filter_dataset(select_observations(flow, attributes=[component]), f"not isnull({component})")
        yield build_written_part(subject, f"_{number}", stated=stated, component=component, series=series)


@TRANSLATIONS.add("CONFIDENTIAL-AS-AGREED")
def confidentiality_codes_agree(subject: Subject) -> Iterable[Part]:
    flow, parameters, value = subject.flow, subject.parameters, name_measure(subject)
    if lacking := [one for one in (CONFIDENTIALITY, OBSERVATION_STATUS) if not is_attribute(flow, one)]:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=lacking[0])
    ways = {BLANK: f"isnull({value})", FLAGGED: f"not isnull({value})"}
    way = ways.get(parameters.text("agreed"), "true")
    yield build_written_part(subject, reported=name_reported(flow), value=value, way=way)


@TRANSLATIONS.add("STAY-FITS-RESIDENCE")
def stays_match_residence_rule(subject: Subject) -> Iterable[Part]:
    flow, parameters = subject.flow, subject.parameters
    dimension, is_short = parameters.text("breakdown"), flow.structure.ref.id in parameters.strings("temporary")
    rules = {rule.id: rule.note(THRESHOLD) for rule in flow.codelist(RULE_OF_RESIDENCE) or ()}
    rules = {rule: months for rule, months in rules.items() if months.isdecimal()}
    if dimension not in flow.structure.key or not rules:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=dimension if rules else RULE_OF_RESIDENCE)
    lengths = [
        (one.text("code"), one.integer("from"), one.integer("below", -1)) for one in parameters.tables("lengths")
    ]
    excepted = " or ".join(["false", *(negate_condition(condition) for condition in list_figure_conditions(subject))])
    conditions = {}
    for number, limit in enumerate(dict.fromkeys(rules.values()), 1):
        misplaced = [
            c for c, least, below in lengths if (least >= int(limit) if is_short else 0 <= below <= int(limit))
        ]
        of_rule = is_in(RULE_OF_RESIDENCE, [rule for rule, months in rules.items() if months == limit])
        wrong = join_conditions(
            of_rule, is_in(name(dimension), misplaced), negate_condition(excepted), f"nvl({UNITS}, 0.0) > 0"
        )
        conditions[f"R{number}"] = negate_condition(wrong)
    stated = [
        is_in(f'nvl({RULE_OF_RESIDENCE}, "")', rules),
        is_in(name(dimension), [code for code, *_ in lengths]),
    ]
    used = [
        UNITS,
        RULE_OF_RESIDENCE,
        dimension,
        *(one for one in parameters.table("except").values if one in flow.structure.key),
    ]
    yield build_ruleset_part(subject, filter_dataset(name_figures(flow), *stated), dict.fromkeys(used), conditions)


@TRANSLATIONS.add("TERMS-OF-ONE-SOURCE")
def terms_share_source(subject: Subject) -> Iterable[Part]:
    flow, parameters = subject.flow, subject.parameters
    dimension, codes = parameters.text("breakdown"), parameters.strings("codes", None)
    if dimension not in flow.structure.series_key:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=dimension)
    listed = (attribute for attribute in parameters.strings("attributes", None) if is_attribute(flow, attribute))
    for number, attribute in enumerate(listed, 1):
        stated = filter_dataset(select_observations(flow, attributes=[attribute]), f"not isnull({attribute})")
        yield build_written_part(
            subject, f"_{number}", stated=stated, attribute=attribute, dimension=name(dimension), codes=codes
        )


@TRANSLATIONS.add("ONE-REPORTING-AREA")
def one_reporting_area(subject: Subject) -> Iterable[Part]:
    rule = subject.rule.id
    others = [flow for flow in subject.flows.values() if flow.id in subject.filled and rule in flow.dataflow.rules]
    flows = {flow.id: flow for flow in (subject.flow, *others) if AREA in flow.structure.series_key}
    if subject.flow.id not in flows:
        raise NotExpressibleError(LACKING_COMPONENT, flow=subject.flow.id, component=AREA)
    counts = [
        f"{name_result(subject, flow)}[calc measure TIMES := 1][aggr TIMES := sum(TIMES) group by {AREA}]"
        f"[calc identifier SOURCE := {quote_literal(flow.id)}]"
        for flow in flows.values()
    ]
    own = name_result(subject, subject.flow)
    yield build_written_part(subject, inputs=tuple(flows), counts=counts, own=own)


def name_result(subject: Subject, flow: Flow) -> str:
    return filter_dataset(name_reported(flow), *list_figure_conditions(subject, flow))
