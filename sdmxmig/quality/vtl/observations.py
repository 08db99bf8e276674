"""Conditions on single data points, and groups by codelist hierarchy, in VTL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.quality.rules.confidentiality import Marks, marks_in
from sdmxmig.quality.rules.groups import NEVER, Link, links_by_list
from sdmxmig.quality.rules.status_of_country import NONE, StatusCountryPair, read_pair
from sdmxmig.quality.rules.times import FORMS, written_forms
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.figures import (
    CONFIDENTIALITY,
    DECIMALS,
    MEASUREMENT,
    NOTHING,
    OBSERVATION_STATUS,
    POWER,
    SLACK,
    TOTAL,
    UNITS,
    assign_figures,
    assign_reported,
    build_judged_part,
    collect_groups,
    figure_conditions,
    find_definition,
    is_attribute,
    name_figures,
    name_reported,
    require_known,
    step,
    write_comparable_figures,
)
from sdmxmig.quality.vtl.sums import SUMS
from sdmxmig.quality.vtl.syntax import (
    ALL_CODES,
    ERROR_LEVELS,
    LACKING,
    RELEASE,
    SILENT,
    TIME,
    aggregate_measures,
    calculate_measures,
    filter_dataset,
    is_in,
    join_conditions,
    literal,
    name,
    name_domain,
    negate_condition,
    plain,
    write_conditional,
    written_as,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component

AREA = "REF_AREA"


def build_ruleset_part(
    subject: Subject, dataset: str, variables: Iterable[str], conditions: Mapping[str, str], *, number: str = ""
) -> Part:
    """Build the part that tests conditions on data points by a datapoint ruleset."""
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


def observations(flow: Flow, *conditions: str, attributes: Iterable[str] = ()) -> str:
    listed = {name(component): name(component) for component in attributes if is_attribute(flow, component)}
    dataset = filter_dataset(name_reported(flow), *conditions)
    return dataset + calculate_measures(**listed) if listed else dataset


def name_measure(subject: Subject) -> str:
    return name(subject.flow.structure.measure.id)


@TRANSLATIONS.add("NOT-NEGATIVE")
def not_negative(subject: Subject) -> Iterable[Part]:
    dataset = filter_dataset(name_figures(subject.flow), *figure_conditions(subject), require_known())
    yield build_ruleset_part(subject, dataset, [UNITS], {"R1": f"{UNITS} >= 0"})


@TRANSLATIONS.add("WHOLE-PERSONS")
def whole_persons(subject: Subject) -> Iterable[Part]:
    dataset = filter_dataset(name_figures(subject.flow), *figure_conditions(subject), require_known(f"{POWER} = 0"))
    yield build_ruleset_part(subject, dataset, [UNITS], {"R1": f"{UNITS} = round({UNITS}, 0)"})


@TRANSLATIONS.add("VALUE-IN-RANGE")
def value_in_range(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    if MEASUREMENT not in flow.structure:
        raise NotExpressibleError(LACKING, flow=flow.id, component=MEASUREMENT)
    ranges = subject.parameters.table("ranges").lists()
    dataset = filter_dataset(name_figures(flow), *figure_conditions(subject), require_known(is_in(MEASUREMENT, ranges)))
    conditions = {
        f"R{number}": f"{MEASUREMENT} <> {literal(unit)} or ({UNITS} >= {low} and {UNITS} <= {high})"
        for number, (unit, (low, high)) in enumerate(ranges.items(), 1)
    }
    yield build_ruleset_part(subject, dataset, [UNITS, MEASUREMENT], conditions)


@TRANSLATIONS.add("DECIMALS-AS-DECLARED")
def decimals_as_declared(subject: Subject) -> Iterable[Part]:
    flow, value = subject.flow, name_measure(subject)
    if not is_attribute(flow, DECIMALS):
        raise NotExpressibleError(LACKING, flow=flow.id, component=DECIMALS)
    declared = join_conditions(f"not isnull({value})", f'match_characters(nvl({DECIMALS}, ""), "^[0-9]{{1,2}}$")')
    digits = calculate_measures(SHIFTED=f"{value} * power(10.0, cast({DECIMALS}, integer))")
    dataset = filter_dataset(name_reported(flow), declared) + digits
    yield build_ruleset_part(subject, dataset, ["SHIFTED"], {"R1": f"abs(SHIFTED - round(SHIFTED, 0)) < {NOTHING}"})


@TRANSLATIONS.add("CODE-IN-LIST")
def code_in_list(subject: Subject) -> Iterable[Part]:
    """Every code is in the value domain of its component, which is its codelist."""
    flow = subject.flow
    coded = [
        component
        for component in flow.structure.components
        if flow.codelist(component) is not None and not component.is_array
    ]
    if not coded:
        raise NotExpressibleError(SILENT, flow=flow.id)
    conditions = {plain(f"R {component.id}"): write_list_condition(flow, component) for component in coded}
    dataset = observations(flow, attributes=[component.id for component in coded])
    yield build_ruleset_part(subject, dataset, [component.id for component in coded], conditions)


def write_list_condition(flow: Flow, component: Component) -> str:
    codelist = flow.codelist(component)
    listed = f"{name(component.id)} in {name_domain(codelist)}" if codelist else "true"
    return f"isnull({name(component.id)}) or {listed}" if component.role == "attribute" else listed


@TRANSLATIONS.add("ATTRIBUTE-PRESENT")
def attribute_present(subject: Subject) -> Iterable[Part]:
    flow = subject.flow
    mandatory = [attribute.id for attribute in flow.structure.attributes() if attribute.mandatory]
    if not mandatory:
        raise NotExpressibleError(SILENT, flow=flow.id)
    conditions = {plain(f"R {component}"): f"not isnull({name(component)})" for component in mandatory}
    yield build_ruleset_part(subject, observations(flow, attributes=mandatory), mandatory, conditions)


@TRANSLATIONS.add("VALUE-FITS-STATUS")
def value_fits_status(subject: Subject) -> Iterable[Part]:
    """A missing value has a status for missing values, and other values do not."""
    flow, value = subject.flow, name_measure(subject)
    if not is_attribute(flow, OBSERVATION_STATUS):
        raise NotExpressibleError(LACKING, flow=flow.id, component=OBSERVATION_STATUS)
    missing, either = subject.parameters.strings("missing", None), subject.parameters.strings("either")
    status = f'nvl({OBSERVATION_STATUS}, "")'
    condition = write_conditional(
        f"isnull({value})", is_in(status, (*missing, *either)), negate_condition(is_in(status, missing))
    )
    yield build_ruleset_part(
        subject, observations(flow, attributes=[OBSERVATION_STATUS]), [value, OBSERVATION_STATUS], {"R1": condition}
    )


@TRANSLATIONS.add("PARTNER-ABROAD")
def partner_abroad(subject: Subject) -> Iterable[Part]:
    structure = subject.flow.structure
    conditions: dict[str, str] = {}
    used: dict[str, None] = {}
    for number, pair in enumerate(subject.parameters.tables("pair"), 1):
        partner, when = pair.text("partner"), pair.table("when").pairs()
        if all(component in structure.key for component in (partner, AREA, *when)):
            elsewhere = [f"{name(component)} <> {literal(code)}" for component, code in when.items()]
            conditions[f"R{number}"] = " or ".join([*elsewhere, f"{name(partner)} <> {AREA}"])
            used |= dict.fromkeys((partner, AREA, *when))
    if not conditions:
        raise NotExpressibleError(SILENT, flow=subject.flow.id)
    yield build_ruleset_part(subject, name_reported(subject.flow), used, conditions)


@TRANSLATIONS.add("PERIOD-FITS-FREQUENCY")
def period_fits_frequency(subject: Subject) -> Iterable[Part]:
    structure = subject.flow.structure
    if structure.time is None:
        raise NotExpressibleError(LACKING, flow=subject.flow.id, component=TIME)
    time = name(structure.time.id)
    any_form = written_as(time, [form for form, _ in FORMS.values()])
    if "FREQ" not in structure.key:
        yield build_ruleset_part(subject, name_reported(subject.flow), [time], {"R1": any_form})
        return
    condition = any_form
    for frequency in FORMS:
        condition = write_conditional(is_in("FREQ", [frequency]), written_as(time, written_forms(frequency)), condition)
    yield build_ruleset_part(subject, name_reported(subject.flow), [time, "FREQ"], {"R1": condition})


EVERYTHING = "EVERYTHING"
ALL_TOGETHER = f"[calc identifier {EVERYTHING} := 1]"
WITHOUT_GROUP = f"[sub {EVERYTHING} = 1]"


@TRANSLATIONS.add("SMALL-IS-CONFIDENTIAL")
def small_is_confidential(subject: Subject) -> Iterable[Part]:
    """Test single-person counts in data with some suppressed figures: small ones must be marked."""
    parameters = subject.parameters
    threshold, zero = parameters.integer("threshold"), parameters.flag("zero", default=False)
    always, marks = parameters.flag("always", default=False), marks_in(parameters)
    confidentiality, status = write_status_codes(subject)
    withheld = f"{is_in(confidentiality, marks.of_confidentiality)} or {is_in(status, marks.suppressed)}"
    marked = is_in(confidentiality, (*marks.primary, *marks.restricted))
    small = join_conditions(f"{UNITS} < {threshold}", f"{UNITS} {'>=' if zero else '>'} 0")
    nothing = join_conditions(f"isnull({UNITS})", is_in(status, marks.nothing))
    counts = filter_dataset("@ALL", f"{require_known()} or ({nothing})", f"{SLACK} = 0")
    steps = [
        step("ALL", filter_dataset(name_figures(subject.flow), *figure_conditions(subject))),
        step(
            "MARKS",
            name_figures(subject.flow)
            + calculate_measures(MARKED=write_conditional(withheld, "1", "0"))
            + ALL_TOGETHER,
        ),
        step("ANY_MARK", f"@MARKS{aggregate_measures([EVERYTHING], MARKED='max(MARKED)')}"),
        step("COUNTS", f"inner_join({counts}{ALL_TOGETHER} as c, @ANY_MARK as m)"),
        step("JUDGED", filter_dataset("@COUNTS", "" if always else "MARKED = 1") + WITHOUT_GROUP),
        step("TESTED", "@JUDGED" + calculate_measures(HOLDS=f"{marked} or not nvl({small}, false)", DIFFERENCE=UNITS)),
    ]
    yield build_judged_part(subject, "", steps)


@TRANSLATIONS.add("WITHHELD-HAS-NO-VALUE")
def withheld_has_no_value(subject: Subject) -> Iterable[Part]:
    """Test figures not for publication, in data that leave out some of them."""
    parameters = subject.parameters
    if parameters.flag("release", default=False):
        raise NotExpressibleError(RELEASE)
    marks = marks_in(parameters)
    confidentiality, status = write_status_codes(subject)
    steps = [
        step(
            "ALL",
            filter_dataset(
                name_figures(subject.flow), *figure_conditions(subject), withheld_by(marks, confidentiality, status)
            ),
        ),
        step(
            "WITHHELD",
            f"@ALL{calculate_measures(VALUED=write_conditional(has_value(marks, status), '1', '0'))}{ALL_TOGETHER}",
        ),
        step("ANY_LEFT_OUT", f"@WITHHELD{aggregate_measures([EVERYTHING], LEAST='min(VALUED)')}"),
        step("JUDGED", f"inner_join(@WITHHELD as w, @ANY_LEFT_OUT as l)[filter LEAST = 0]{WITHOUT_GROUP}"),
        step("TESTED", f"@JUDGED{calculate_measures(HOLDS='VALUED = 0', DIFFERENCE=UNITS)}"),
    ]
    yield build_judged_part(subject, "", steps)


def write_status_codes(subject: Subject) -> tuple[str, str]:
    present = [is_attribute(subject.flow, component) for component in (CONFIDENTIALITY, OBSERVATION_STATUS)]
    if not any(present):
        raise NotExpressibleError(LACKING, flow=subject.flow.id, component=f"{CONFIDENTIALITY}, {OBSERVATION_STATUS}")
    confidentiality, status = (
        f'nvl({component}, "")' if there else '""'
        for component, there in zip((CONFIDENTIALITY, OBSERVATION_STATUS), present, strict=True)
    )
    return confidentiality, status


def withheld_by(marks: Marks, confidentiality: str, status: str) -> str:
    without_value = join_conditions(f"isnull({UNITS})", is_in(status, marks.suppressed))
    return f"{is_in(confidentiality, marks.of_confidentiality)} or ({without_value})"


def has_value(marks: Marks, status: str) -> str:
    return f"{negate_condition(f'isnull({UNITS})')} or {is_in(status, marks.nothing)}"


Levels = dict[str, list[Link]]


@TRANSLATIONS.add("GROUP-IS-SUM")
def group_is_sum(subject: Subject) -> Iterable[Part]:
    """Test groups of each breakdown by level of the codelist hierarchy."""
    by, written = subject.parameters.text("by"), False
    if by != "list":
        raise NotExpressibleError(ALL_CODES)
    for number, dimension in enumerate(subject.parameters.strings("dimensions", None), 1):
        if dimension not in subject.flow.structure.series_key:
            continue
        if levels := find_levels(subject.flow, dimension):
            written = True
            yield groups(subject, dimension, f"_{number}", levels)
    if not written:
        raise NotExpressibleError(SILENT, flow=subject.flow.id)


def find_levels(flow: Flow, dimension: str) -> Levels:
    codelist = flow.codelist(dimension)
    levels: Levels = {}
    for link in links_by_list(codelist, codelist.ids) if codelist else ():
        levels.setdefault(plain(f"R {link.whole} {link.way + 1}"), []).append(link)
    return levels


def groups(subject: Subject, dimension: str, number: str, levels: Levels) -> Part:
    """Build the part for groups of one breakdown; rounding and completeness of levels are tested last."""
    flow, component = subject.flow, name(dimension)
    wholes = is_in(component, dict.fromkeys(links[0].whole for links in levels.values()))
    partners = f"{component} <> {AREA}" if AREA in flow.structure.key and component != AREA else ""
    fits = [f"0 - GAP * 2 <= SLACKS + {NOTHING}", f"not (COUNTED = NEEDED) or GAP * 2 <= SLACKS + {NOTHING}"]
    steps = [
        step("ALL", write_comparable_figures(flow, *figure_conditions(subject), require_known(), partners)),
        step("WHOLES", f"{filter_dataset('@ALL', wholes)}[keep {UNITS}, {SLACK}]"),
        *sum_by_level(flow, dimension, levels),
        step("TESTED", f"@BESIDE{calculate_measures(HOLDS=join_conditions(*fits), DIFFERENCE='GAP')}"),
    ]
    return build_judged_part(subject, number, steps)


def sum_by_level(flow: Flow, dimension: str, levels: Levels) -> Iterator[Assignment]:
    """Add up the parts of groups as BESIDE level by level; a code has one group per level."""
    component = name(dimension)
    others = [*(name(other) for other in flow.structure.key if other != dimension), *find_definition(flow)]
    ways = sorted({links[0].way for links in levels.values()})
    for way in ways:
        of_way = [links for links in levels.values() if links[0].way == way]
        codes = is_in(component, [link.code for links in of_way for link in links])
        whole, needed = literal(of_way[-1][0].whole), "0"
        for links in reversed(of_way[:-1]):
            whole = write_conditional(is_in(component, [link.code for link in links]), literal(links[0].whole), whole)
        for links in of_way:
            if links[0].needed != NEVER:
                needed = write_conditional(is_in(component, [links[0].whole]), str(links[0].needed), needed)
        made = f"[calc identifier WHOLE_CODE := {whole}, identifier LEVEL := {way + 1}]"
        sums = aggregate_measures([*others, "WHOLE_CODE", "LEVEL"], **SUMS)
        named = f"[rename WHOLE_CODE to {component}]{calculate_measures(NEEDED=needed)}"
        yield step(f"LEVEL_{way + 1}", f"{filter_dataset('@ALL', codes)}{made}{sums}{named}")
    listed = [f"@LEVEL_{way + 1}" for way in ways]
    yield step("LEVELS", f"union({', '.join(listed)})" if len(listed) > 1 else listed[0])
    sides = calculate_measures(GAP=f"{UNITS} - PARTS", SLACKS=f"{SLACK} + SLACK_OF_PARTS")
    yield step("BESIDE", f"inner_join(@LEVELS as l, @WHOLES as w){sides}")


@TRANSLATIONS.add("STATUS-OF-COUNTRY")
def status_of_country(subject: Subject) -> Iterable[Part]:
    """The status is the total, or one that the country beside it allows."""
    for number, pair in present_pairs(subject):
        dataset = observations(subject.flow, *exclude_country_groups(subject, pair))
        condition = write_conditional(
            is_in(name(pair.status), [TOTAL]), "true", write_allowed_statuses(pair, every_status=True)
        )
        yield build_ruleset_part(
            subject, dataset, [pair.status, pair.country, AREA], {"R1": condition}, number=f"_{number}"
        )


@TRANSLATIONS.add("SAME-UNDER-TOTAL-STATUS")
def same_under_total_status(subject: Subject) -> Iterable[Part]:
    """Test each country's figure under the total status against that under its fixed status."""
    flow = subject.flow
    for number, pair in present_pairs(subject):
        others = [*(name(other) for other in flow.structure.key if other != pair.status), *find_definition(flow)]
        exact = aggregate_measures(others, EXACT=f"max({UNITS})", SLACK_OF_EXACT=f"max({SLACK})")
        holds = f"abs({UNITS} - EXACT) * 2 <= {SLACK} + SLACK_OF_EXACT + {NOTHING}"
        at_total = f"{name(pair.status)} = {literal(TOTAL)}"
        steps = [
            step("ALL", write_comparable_figures(flow, require_known(), *exclude_country_groups(subject, pair))),
            step("TOTALS", f"{filter_dataset('@ALL', at_total)}[keep {UNITS}, {SLACK}]"),
            step("UNDER_STATUS", filter_dataset("@ALL", write_allowed_statuses(pair, every_status=False)) + exact),
            step("BOTH", "inner_join(@TOTALS as t, @UNDER_STATUS as u)"),
            step("TESTED", f"@BOTH{calculate_measures(HOLDS=holds, DIFFERENCE=f'{UNITS} - EXACT')}"),
        ]
        yield build_judged_part(subject, f"_{number}", steps)


def present_pairs(subject: Subject) -> Iterator[tuple[int, StatusCountryPair]]:
    key = subject.flow.structure.key
    pairs = [read_pair(declared) for declared in subject.parameters.tables("pair")]
    present = [(n, pair) for n, pair in enumerate(pairs, 1) if {pair.status, pair.country, AREA} <= set(key)]
    if not present:
        raise NotExpressibleError(SILENT, flow=subject.flow.id)
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
