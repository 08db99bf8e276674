"""Conditions on single data points and on codelist groups in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sdmxmig.catalogue.areas import REMAINDER
from sdmxmig.quality.rules.confidentiality import list_marks
from sdmxmig.quality.rules.groups import NEVER, Link, group_codes_by_parents
from sdmxmig.quality.rules.status_of_country import NONE, StatusCountryPair, read_pair
from sdmxmig.quality.rules.times import PERIOD_FORMS, list_written_forms
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    CONFIDENTIALITY,
    DECIMALS,
    MEASUREMENT,
    OBSERVATION_STATUS,
    POWER,
    SMALLEST_AMOUNT,
    TOTAL,
    UNITS,
    assign_figures,
    assign_reported,
    build_written_part,
    collect_groups,
    find_definition,
    is_attribute,
    list_figure_conditions,
    name_figures,
    name_reported,
    require_known,
    write_comparable_figures,
)
from sdmxmig.quality.vtl.syntax import (
    ALL_CODES_NEEDED,
    ERROR_LEVELS,
    LACKING_COMPONENT,
    RELEASE_UNSUPPORTED,
    RULE_NOT_APPLICABLE,
    TIME,
    calculate_measures,
    filter_dataset,
    is_in,
    join_conditions,
    match_forms,
    name,
    name_domain,
    negate_condition,
    quote_literal,
    strip_markup,
    write_conditional,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component

AREA = "REF_AREA"


def build_ruleset_part(
    subject: Subject, dataset: str, variables: Iterable[str], conditions: Mapping[str, str], *, number: str = ""
) -> Part:
    result = subject.name + number
    ruleset = f"RULES_{result}"
    level = ERROR_LEVELS[subject.rule.severity]
    rules = [
        f'  {rule}: {condition} errorcode "{subject.rule.id}" errorlevel {level}'
        for rule, condition in conditions.items()
    ]
    lines = [
        f"define datapoint ruleset {ruleset} (variable {', '.join(map(name, variables))}) is",
        ";\n".join(rules),
        "end datapoint ruleset;",
    ]
    check = Assignment(result=result, expression=f"check_datapoint({dataset}, {ruleset} all)", persistent=True)
    return Part(
        name=result,
        inputs=(subject.flow.id,),
        assignments=(
            assign_reported(subject.flow),
            *((assign_figures(subject.flow),) if name_figures(subject.flow) in dataset else ()),
            check,
        ),
        rulesets={ruleset: "\n".join(lines)},
    )


def select_observations(flow: Flow, *conditions: str, attributes: Iterable[str] = ()) -> str:
    listed = {name(component): name(component) for component in attributes if is_attribute(flow, component)}
    dataset = filter_dataset(name_reported(flow), *conditions)
    return dataset + calculate_measures(**listed) if listed else dataset


def name_measure(subject: Subject) -> str:
    return name(subject.flow.structure.measure.id)


@TRANSLATIONS.add("NOT-NEGATIVE")
def counts_are_not_negative(subject: Subject) -> Iterable[Part]:
    dataset = filter_dataset(name_figures(subject.flow), *list_figure_conditions(subject), require_known())
    yield build_ruleset_part(subject, dataset, [UNITS], {"R1": f"{UNITS} >= 0"})


@TRANSLATIONS.add("WHOLE-PERSONS")
def persons_are_whole_numbers(subject: Subject) -> Iterable[Part]:
    dataset = filter_dataset(
        name_figures(subject.flow), *list_figure_conditions(subject), require_known(f"{POWER} = 0")
    )
    yield build_ruleset_part(subject, dataset, [UNITS], {"R1": f"{UNITS} = round({UNITS}, 0)"})


@TRANSLATIONS.add("VALUE-IN-RANGE")
def values_are_in_range(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    if MEASUREMENT not in flow.structure:
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=MEASUREMENT)
    ranges = subject.parameters.table("ranges").lists()
    dataset = filter_dataset(
        name_figures(flow), *list_figure_conditions(subject), require_known(is_in(MEASUREMENT, ranges))
    )
    conditions = {
        f"R{number}": f"{MEASUREMENT} <> {quote_literal(unit)} or ({UNITS} >= {low} and {UNITS} <= {high})"
        for number, (unit, (low, high)) in enumerate(ranges.items(), 1)
    }
    yield build_ruleset_part(subject, dataset, [UNITS, MEASUREMENT], conditions)


@TRANSLATIONS.add("DECIMALS-AS-DECLARED")
def decimals_match_declaration(subject: Subject) -> Iterable[Part]:
    flow, value = subject.flow, name_measure(subject)
    if not is_attribute(flow, DECIMALS):
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=DECIMALS)
    declared = join_conditions(f"not isnull({value})", f'match_characters(nvl({DECIMALS}, ""), "^[0-9]{{1,2}}$")')
    digits = calculate_measures(SHIFTED=f"{value} * power(10.0, cast({DECIMALS}, integer))")
    dataset = filter_dataset(name_reported(flow), declared) + digits
    yield build_ruleset_part(
        subject, dataset, ["SHIFTED"], {"R1": f"abs(SHIFTED - round(SHIFTED, 0)) < {SMALLEST_AMOUNT}"}
    )


@TRANSLATIONS.add("CODE-IN-LIST")
def codes_are_in_list(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    coded = [
        component
        for component in flow.structure.components
        if flow.codelist(component) is not None and not component.is_array
    ]
    if not coded:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=flow.id)
    conditions = {strip_markup(f"R {component.id}"): write_list_condition(flow, component) for component in coded}
    dataset = select_observations(flow, attributes=[component.id for component in coded])
    yield build_ruleset_part(subject, dataset, [component.id for component in coded], conditions)


def write_list_condition(flow: Flow, component: Component) -> str:
    codelist = flow.codelist(component)
    listed = f"{name(component.id)} in {name_domain(codelist)}" if codelist else "true"
    return f"isnull({name(component.id)}) or {listed}" if component.role == "attribute" else listed


@TRANSLATIONS.add("ATTRIBUTE-PRESENT")
def attributes_are_present(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    mandatory = [attribute.id for attribute in flow.structure.attributes() if attribute.mandatory]
    if not mandatory:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=flow.id)
    conditions = {strip_markup(f"R {component}"): f"not isnull({name(component)})" for component in mandatory}
    yield build_ruleset_part(subject, select_observations(flow, attributes=mandatory), mandatory, conditions)


@TRANSLATIONS.add("VALUE-FITS-STATUS")
def values_match_status(subject: Subject) -> Iterable[Part]:
    flow, value = subject.flow, name_measure(subject)
    if not is_attribute(flow, OBSERVATION_STATUS):
        raise NotExpressibleError(LACKING_COMPONENT, flow=flow.id, component=OBSERVATION_STATUS)
    missing, either = subject.parameters.strings("missing", None), subject.parameters.strings("either")
    status = f'nvl({OBSERVATION_STATUS}, "")'
    condition = write_conditional(
        f"isnull({value})", is_in(status, (*missing, *either)), negate_condition(is_in(status, missing))
    )
    yield build_ruleset_part(
        subject,
        select_observations(flow, attributes=[OBSERVATION_STATUS]),
        [value, OBSERVATION_STATUS],
        {"R1": condition},
    )


@TRANSLATIONS.add("PARTNER-ABROAD")
def partner_is_abroad(subject: Subject) -> Iterable[Part]:
    structure = subject.flow.structure
    conditions: dict[str, str] = {}
    used: dict[str, None] = {}
    for number, pair in enumerate(subject.parameters.tables("pair"), 1):
        partner, when = pair.text("partner"), pair.table("when").pairs()
        if all(component in structure.key for component in (partner, AREA, *when)):
            elsewhere = [f"{name(component)} <> {quote_literal(code)}" for component, code in when.items()]
            conditions[f"R{number}"] = " or ".join([*elsewhere, f"{name(partner)} <> {AREA}"])
            used |= dict.fromkeys((partner, AREA, *when))
    if not conditions:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=subject.flow.id)
    yield build_ruleset_part(subject, name_reported(subject.flow), used, conditions)


@TRANSLATIONS.add("PERIOD-FITS-FREQUENCY")
def periods_match_frequency(subject: Subject) -> Iterable[Part]:
    structure = subject.flow.structure
    if structure.time is None:
        raise NotExpressibleError(LACKING_COMPONENT, flow=subject.flow.id, component=TIME)
    time = name(structure.time.id)
    any_form = match_forms(time, [form for form, _ in PERIOD_FORMS.values()])
    if "FREQ" not in structure.key:
        yield build_ruleset_part(subject, name_reported(subject.flow), [time], {"R1": any_form})
        return
    condition = any_form
    for frequency in PERIOD_FORMS:
        condition = write_conditional(
            is_in("FREQ", [frequency]), match_forms(time, list_written_forms(frequency)), condition
        )
    yield build_ruleset_part(subject, name_reported(subject.flow), [time, "FREQ"], {"R1": condition})


@TRANSLATIONS.add("SMALL-IS-CONFIDENTIAL")
def small_is_confidential(subject: Subject) -> Iterable[Part]:
    marks = list_marks(subject.parameters)
    confidentiality, status = write_status_codes(subject)
    yield build_written_part(
        subject,
        name_figures=name_figures(subject.flow),
        withheld=f"{is_in(confidentiality, marks.of_confidentiality)} or {is_in(status, marks.suppressed)}",
        marked=is_in(confidentiality, (*marks.primary, *marks.restricted)),
        nothing=is_in(status, marks.nothing),
    )


@TRANSLATIONS.add("WITHHELD-HAS-NO-VALUE")
def suppressed_figures_have_no_value(subject: Subject) -> Iterable[Part]:
    if subject.parameters.flag("release", default=False):
        raise NotExpressibleError(RELEASE_UNSUPPORTED)
    marks = list_marks(subject.parameters)
    confidentiality, status = write_status_codes(subject)
    without_value = join_conditions(f"isnull({UNITS})", is_in(status, marks.suppressed))
    withheld = f"{is_in(confidentiality, marks.of_confidentiality)} or ({without_value})"
    yield build_written_part(subject, withheld=withheld, nothing=is_in(status, marks.nothing))


def write_status_codes(subject: Subject) -> tuple[str, str]:
    present = [is_attribute(subject.flow, component) for component in (CONFIDENTIALITY, OBSERVATION_STATUS)]
    if not any(present):
        raise NotExpressibleError(
            LACKING_COMPONENT, flow=subject.flow.id, component=f"{CONFIDENTIALITY}, {OBSERVATION_STATUS}"
        )
    confidentiality, status = (
        f'nvl({component}, "")' if there else '""'
        for component, there in zip((CONFIDENTIALITY, OBSERVATION_STATUS), present, strict=True)
    )
    return confidentiality, status


Levels = dict[str, list[Link]]


@TRANSLATIONS.add("GROUP-IS-SUM")
def groups_are_sums(subject: Subject) -> Iterable[Part]:
    by, written = subject.parameters.text("by"), False
    if by != "list":
        raise NotExpressibleError(ALL_CODES_NEEDED)
    for number, dimension in enumerate(subject.parameters.strings("dimensions", None), 1):
        if dimension not in subject.flow.structure.series_key:
            continue
        if levels := find_levels(subject.flow, dimension):
            written = True
            yield build_group_part(subject, dimension, f"_{number}", levels)
    if not written:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=subject.flow.id)


def find_levels(flow: Flow, dimension: str) -> Levels:
    codelist = flow.codelist(dimension)
    levels: Levels = {}
    coded = [item.id for item in codelist or () if not item.note(REMAINDER)]
    for link in group_codes_by_parents(codelist, coded) if codelist else ():
        levels.setdefault(strip_markup(f"R {link.whole} {link.way + 1}"), []).append(link)
    return levels


def build_group_part(subject: Subject, dimension: str, number: str, levels: Levels) -> Part:
    flow, component = subject.flow, name(dimension)
    ways = {
        way + 1: describe_level(component, [links for links in levels.values() if links[0].way == way])
        for way in sorted({links[0].way for links in levels.values()})
    }
    return build_written_part(
        subject,
        number,
        partners=f"{component} <> {AREA}" if AREA in flow.structure.key and component != AREA else "",
        wholes=is_in(component, dict.fromkeys(links[0].whole for links in levels.values())),
        ways=ways,
        levels=[f"@LEVEL_{way}" for way in ways],
        others=[*(name(other) for other in flow.structure.key if other != dimension), *find_definition(flow)],
        component=component,
    )


def describe_level(component: str, groups: Sequence[list[Link]]) -> dict[str, str]:
    whole, needed = quote_literal(groups[-1][0].whole), "0"
    for links in reversed(groups[:-1]):
        whole = write_conditional(is_in(component, [link.code for link in links]), quote_literal(links[0].whole), whole)
    for links in groups:
        if links[0].needed != NEVER:
            needed = write_conditional(is_in(component, [links[0].whole]), str(links[0].needed), needed)
    codes = is_in(component, [link.code for links in groups for link in links])
    return {"codes": codes, "whole": whole, "needed": needed}


@TRANSLATIONS.add("STATUS-OF-COUNTRY")
def status_matches_country(subject: Subject) -> Iterable[Part]:
    for number, pair in list_present_pairs(subject):
        dataset = select_observations(subject.flow, *exclude_country_groups(subject, pair))
        condition = write_conditional(
            is_in(name(pair.status), [TOTAL]), "true", write_allowed_statuses(pair, every_status=True)
        )
        yield build_ruleset_part(
            subject, dataset, [pair.status, pair.country, AREA], {"R1": condition}, number=f"_{number}"
        )


@TRANSLATIONS.add("SAME-UNDER-TOTAL-STATUS")
def figures_agree_under_total_status(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    for number, pair in list_present_pairs(subject):
        others = [*(name(other) for other in flow.structure.key if other != pair.status), *find_definition(flow)]
        yield build_written_part(
            subject,
            f"_{number}",
            all_figures=write_comparable_figures(flow, require_known(), *exclude_country_groups(subject, pair)),
            status=name(pair.status),
            allowed=write_allowed_statuses(pair, every_status=False),
            others=others,
        )


def list_present_pairs(subject: Subject) -> Iterator[tuple[int, StatusCountryPair]]:
    key = subject.flow.structure.key
    pairs = [read_pair(declared) for declared in subject.parameters.tables("pair")]
    present = [(n, pair) for n, pair in enumerate(pairs, 1) if {pair.status, pair.country, AREA} <= set(key)]
    if not present:
        raise NotExpressibleError(RULE_NOT_APPLICABLE, flow=subject.flow.id)
    yield from present


def exclude_country_groups(subject: Subject, pair: StatusCountryPair) -> Iterator[str]:
    flow = subject.flow
    yield negate_condition(is_in(name(pair.country), (TOTAL, NONE, *collect_groups(flow, pair.country))))
    if groups := collect_groups(flow, AREA):
        yield negate_condition(is_in(AREA, groups))


def write_allowed_statuses(pair: StatusCountryPair, *, every_status: bool) -> str:
    status, country = name(pair.status), name(pair.country)
    condition = write_conditional(f"{country} = {AREA}", is_in(status, [pair.own]), is_in(status, [pair.other]))
    for special, statuses in pair.special.items():
        wanted = statuses if every_status else statuses[:1]
        condition = write_conditional(is_in(country, [special]), is_in(status, wanted), condition)
    return condition
