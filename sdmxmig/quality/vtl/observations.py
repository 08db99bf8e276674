"""Conditions on single data points in VTL.

Confidentiality in VTL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdmxmig.quality.rules.confidentiality import Marks, marks_in
from sdmxmig.quality.rules.times import FORMS
from sdmxmig.quality.vtl import TRANSLATIONS, Assignment, NotExpressibleError, Part, Ruleset, Subject
from sdmxmig.quality.vtl.figures import (
    CONFIDENTIALITY,
    DECIMALS,
    MEASUREMENT,
    NOTHING,
    OBSERVATION_STATUS,
    POWER,
    SLACK,
    UNITS,
    figures,
    figures_of,
    is_attribute,
    judged,
    known,
    looked_at,
    reported,
    reported_of,
    step,
)
from sdmxmig.quality.vtl.reasons import LACKING, RELEASE, SILENT, TIME
from sdmxmig.quality.vtl.syntax import (
    ERROR_LEVELS,
    among,
    calculated,
    chosen,
    domain_of,
    every,
    filtered,
    grouped,
    literal,
    name,
    negated,
    plain,
    written_as,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component

AREA = "REF_AREA"


def part_of(
    subject: Subject,
    dataset: str,
    variables: Iterable[str],
    conditions: Mapping[str, str],
    *,
    number: str = "",
) -> Part:
    """The part that tests conditions on each data point of a data set, as a datapoint ruleset."""
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
            reported(subject.flow),
            *((figures(subject.flow),) if figures_of(subject.flow) in dataset else ()),
            check,
        ),
        rulesets=(Ruleset(name=ruleset, definition="\n".join(lines)),),
    )


def observations(flow: Flow, *conditions: str, attributes: Iterable[str] = ()) -> str:
    listed = {name(component): name(component) for component in attributes if is_attribute(flow, component)}
    dataset = filtered(reported_of(flow), *conditions)
    return dataset + calculated(**listed) if listed else dataset


def measure_of(subject: Subject) -> str:
    return name(subject.flow.structure.measure.id)


@TRANSLATIONS.add("NOT-NEGATIVE")
def not_negative(subject: Subject) -> Iterable[Part]:
    """Figures are zero or more."""
    dataset = filtered(figures_of(subject.flow), *looked_at(subject), known())
    yield part_of(subject, dataset, [UNITS], {"R1": f"{UNITS} >= 0"})


@TRANSLATIONS.add("WHOLE-PERSONS")
def whole_persons(subject: Subject) -> Iterable[Part]:
    """Figures in single persons are whole."""
    dataset = filtered(figures_of(subject.flow), *looked_at(subject), known(f"{POWER} = 0"))
    yield part_of(subject, dataset, [UNITS], {"R1": f"{UNITS} = round({UNITS}, 0)"})


@TRANSLATIONS.add("VALUE-IN-RANGE")
def value_in_range(subject: Subject) -> Iterable[Part]:
    """Figures in a unit lie between its lowest and highest value."""
    flow = subject.flow
    if MEASUREMENT not in flow.structure:
        raise NotExpressibleError(LACKING, flow=flow.id, component=MEASUREMENT)
    declared = subject.parameters.table("ranges")
    ranges = {unit: declared.strings(unit) for unit in declared.values}
    dataset = filtered(figures_of(flow), *looked_at(subject), known(among(MEASUREMENT, ranges)))
    conditions = {
        f"R{number}": f"{MEASUREMENT} <> {literal(unit)} or ({UNITS} >= {low} and {UNITS} <= {high})"
        for number, (unit, (low, high)) in enumerate(ranges.items(), 1)
    }
    yield part_of(subject, dataset, [UNITS, MEASUREMENT], conditions)


@TRANSLATIONS.add("DECIMALS-AS-DECLARED")
def decimals_as_declared(subject: Subject) -> Iterable[Part]:
    """A value has no more decimals than are declared."""
    flow, value = subject.flow, measure_of(subject)
    if not is_attribute(flow, DECIMALS):
        raise NotExpressibleError(LACKING, flow=flow.id, component=DECIMALS)
    declared = every(f"not isnull({value})", f'match_characters(nvl({DECIMALS}, ""), "^[0-9]{{1,2}}$")')
    digits = calculated(SHIFTED=f"{value} * power(10.0, cast({DECIMALS}, integer))")
    dataset = filtered(reported_of(flow), declared) + digits
    yield part_of(subject, dataset, ["SHIFTED"], {"R1": f"abs(SHIFTED - round(SHIFTED, 0)) < {NOTHING}"})


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
    conditions = {plain(f"R {component.id}"): in_list(flow, component) for component in coded}
    dataset = observations(flow, attributes=[component.id for component in coded])
    yield part_of(subject, dataset, [component.id for component in coded], conditions)


def in_list(flow: Flow, component: Component) -> str:
    codelist = flow.codelist(component)
    listed = f"{name(component.id)} in {domain_of(codelist)}" if codelist else "true"
    return f"isnull({name(component.id)}) or {listed}" if component.role == "attribute" else listed


@TRANSLATIONS.add("ATTRIBUTE-PRESENT")
def attribute_present(subject: Subject) -> Iterable[Part]:
    """Every mandatory attribute has a value."""
    flow = subject.flow
    mandatory = [attribute.id for attribute in flow.structure.attributes() if attribute.mandatory]
    if not mandatory:
        raise NotExpressibleError(SILENT, flow=flow.id)
    conditions = {plain(f"R {component}"): f"not isnull({name(component)})" for component in mandatory}
    yield part_of(subject, observations(flow, attributes=mandatory), mandatory, conditions)


@TRANSLATIONS.add("VALUE-FITS-STATUS")
def value_fits_status(subject: Subject) -> Iterable[Part]:
    """A missing value has a status for missing values, and other values do not."""
    flow, value = subject.flow, measure_of(subject)
    if not is_attribute(flow, OBSERVATION_STATUS):
        raise NotExpressibleError(LACKING, flow=flow.id, component=OBSERVATION_STATUS)
    missing, either = subject.parameters.strings("missing", None), subject.parameters.strings("either")
    status = f'nvl({OBSERVATION_STATUS}, "")'
    condition = chosen(f"isnull({value})", among(status, (*missing, *either)), negated(among(status, missing)))
    yield part_of(
        subject, observations(flow, attributes=[OBSERVATION_STATUS]), [value, OBSERVATION_STATUS], {"R1": condition}
    )


@TRANSLATIONS.add("PARTNER-ABROAD")
def partner_abroad(subject: Subject) -> Iterable[Part]:
    """The partner is not the reporting country."""
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
    yield part_of(subject, reported_of(subject.flow), used, conditions)


@TRANSLATIONS.add("PERIOD-FITS-FREQUENCY")
def period_fits_frequency(subject: Subject) -> Iterable[Part]:
    """A period is written as those of its frequency are."""
    structure = subject.flow.structure
    if structure.time is None:
        raise NotExpressibleError(LACKING, flow=subject.flow.id, component=TIME)
    time = name(structure.time.id)
    any_form = written_as(time, [form for form, _ in FORMS.values()])
    if "FREQ" not in structure.key:
        yield part_of(subject, reported_of(subject.flow), [time], {"R1": any_form})
        return
    condition = any_form
    for frequency, (form, _) in FORMS.items():
        condition = chosen(among("FREQ", [frequency]), written_as(time, [form]), condition)
    yield part_of(subject, reported_of(subject.flow), [time, "FREQ"], {"R1": condition})


EVERYTHING = "EVERYTHING"
ALL_TOGETHER = f"[calc identifier {EVERYTHING} := 1]"
APART = f"[sub {EVERYTHING} = 1]"


@TRANSLATIONS.add("SMALL-IS-CONFIDENTIAL")
def small_is_confidential(subject: Subject) -> Iterable[Part]:
    """Each count of single persons, in data in which some figures are withheld; small ones are marked."""
    parameters = subject.parameters
    threshold, zero = parameters.integer("threshold"), parameters.flag("zero", default=False)
    always, marks = parameters.flag("always", default=False), marks_in(parameters)
    confidentiality, status = codes_of(subject)
    withheld = f"{among(confidentiality, marks.of_confidentiality)} or {among(status, marks.suppressed)}"
    marked = among(confidentiality, (*marks.primary, *marks.restricted))
    small = every(f"{UNITS} < {threshold}", f"{UNITS} {'>=' if zero else '>'} 0")
    nothing = every(f"isnull({UNITS})", among(status, marks.nothing))
    counts = filtered("@ALL", f"{known()} or ({nothing})", f"{SLACK} = 0")
    steps = [
        step("ALL", filtered(figures_of(subject.flow), *looked_at(subject))),
        step("MARKS", f"{figures_of(subject.flow)}{calculated(MARKED=chosen(withheld, '1', '0'))}{ALL_TOGETHER}"),
        step("ANY_MARK", f"@MARKS{grouped([EVERYTHING], MARKED='max(MARKED)')}"),
        step("COUNTS", f"inner_join({counts}{ALL_TOGETHER} as c, @ANY_MARK as m)"),
        step("JUDGED", filtered("@COUNTS", "" if always else "MARKED = 1") + APART),
        step("TESTED", "@JUDGED" + calculated(HOLDS=f"{marked} or not nvl({small}, false)", DIFFERENCE=UNITS)),
    ]
    yield judged(subject, "", steps)


@TRANSLATIONS.add("WITHHELD-HAS-NO-VALUE")
def withheld_has_no_value(subject: Subject) -> Iterable[Part]:
    """Each figure that is not for publication, in data in which some of them are left out."""
    parameters = subject.parameters
    if parameters.flag("release", default=False):
        raise NotExpressibleError(RELEASE)
    marks = marks_in(parameters)
    confidentiality, status = codes_of(subject)
    steps = [
        step(
            "ALL", filtered(figures_of(subject.flow), *looked_at(subject), withheld_by(marks, confidentiality, status))
        ),
        step("WITHHELD", f"@ALL{calculated(VALUED=chosen(has_value(marks, status), '1', '0'))}{ALL_TOGETHER}"),
        step("ANY_LEFT_OUT", f"@WITHHELD{grouped([EVERYTHING], LEAST='min(VALUED)')}"),
        step("JUDGED", f"inner_join(@WITHHELD as w, @ANY_LEFT_OUT as l)[filter LEAST = 0]{APART}"),
        step("TESTED", f"@JUDGED{calculated(HOLDS='VALUED = 0', DIFFERENCE=UNITS)}"),
    ]
    yield judged(subject, "", steps)


def codes_of(subject: Subject) -> tuple[str, str]:
    present = [is_attribute(subject.flow, component) for component in (CONFIDENTIALITY, OBSERVATION_STATUS)]
    if not any(present):
        raise NotExpressibleError(LACKING, flow=subject.flow.id, component=f"{CONFIDENTIALITY}, {OBSERVATION_STATUS}")
    confidentiality, status = (
        f'nvl({component}, "")' if there else '""'
        for component, there in zip((CONFIDENTIALITY, OBSERVATION_STATUS), present, strict=True)
    )
    return confidentiality, status


def withheld_by(marks: Marks, confidentiality: str, status: str) -> str:
    without_value = every(f"isnull({UNITS})", among(status, marks.suppressed))
    return f"{among(confidentiality, marks.of_confidentiality)} or ({without_value})"


def has_value(marks: Marks, status: str) -> str:
    return f"{negated(f'isnull({UNITS})')} or {among(status, marks.nothing)}"
