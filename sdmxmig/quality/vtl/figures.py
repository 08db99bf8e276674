"""Figures and their rounding in VTL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.quality.vtl import Assignment, NotExpressibleError, Part, Subject
from sdmxmig.quality.vtl.syntax import (
    ATTRIBUTE_FILTER,
    ERROR_LEVELS,
    calculate_measures,
    filter_dataset,
    is_in,
    join_conditions,
    name,
    negate_condition,
    quote_literal,
    strip_markup,
    write_conditional,
    write_filter,
    write_union,
)
from sdmxmig.sdmx.frames import DEFINITIONS
from sdmxmig.sdmx.model.data import Flow

if TYPE_CHECKING:
    import jinja2
else:
    jinja2 = import_lazily("jinja2")

UNITS, SLACK, POWER = "UNITS", "SLACK", "POWER"
TOTAL = "_T"
MULTIPLIER, DECIMALS, MEASUREMENT, REFERENCE = "UNIT_MULT", "DECIMALS", "UNIT_MEASURE", "REF_DATE"
OBSERVATION_STATUS, CONFIDENTIALITY, STAGE, AGEDEF = "OBS_STATUS", "CONF_STATUS", "REV_STAGE", "AGEDEF"
STATED_ATTRIBUTES = ("MARGIN_LOW", "MARGIN_HIGH", "ROUNDED_TO")
"""Attributes of outside data: factors that bound the true figure (0.985, 1.015), and the rounding base."""
KEPT_COMPONENTS = (MEASUREMENT, OBSERVATION_STATUS, CONFIDENTIALITY, STAGE, AGEDEF, *DEFINITIONS, *STATED_ATTRIBUTES)
DEFINITION = "DEFINITION"
"""The identifier of definitions that figures must share to be compared, such as a residence rule."""
NO_TEXT = '""'
SMALLEST_AMOUNT = "0.000001"
"""Tolerance for binary fractions."""


def name_figures(flow: Flow) -> str:
    return strip_markup(f"FIGURES {flow.id}")


def name_reported(flow: Flow) -> str:
    """Return the name of the VTL data set of the observations; its empty attributes are null."""
    return strip_markup(f"REPORTED {flow.id}")


def assign_reported(flow: Flow) -> Assignment:
    """Set empty attributes of observations to null; some programs read them as empty texts."""
    attributes = [name(attribute.id) for attribute in flow.structure.attributes()]
    filled = (
        f"attribute {attribute} := {write_conditional(f'{attribute} <> {NO_TEXT}', attribute, 'null')}"
        for attribute in attributes
    )
    clause = f"[calc {', '.join(filled)}]" if attributes else ""
    return Assignment(result=name_reported(flow), expression=name(flow.id) + clause)


def assign_figures(flow: Flow) -> Assignment:
    """Return figures in full units; figures without DECIMALS are treated as whole numbers."""
    power = write_digit(flow, MULTIPLIER, "^[0-9]$")
    digits = write_digit(flow, DECIMALS, "^[0-9]{1,2}$")
    measure = name(flow.structure.measure.id)
    kept = [attribute for attribute in KEPT_COMPONENTS if is_attribute(flow, attribute)]
    expression = (
        name_reported(flow)
        + calculate_measures(**{POWER: power, "DIGITS": digits})
        + calculate_measures(**{UNITS: f"{measure} * power(10.0, {POWER})", "STEP": f"power(10.0, {POWER} - DIGITS)"})
        + calculate_measures(
            **{
                SLACK: write_conditional("STEP = 1.0", "0.0", "STEP"),
                **{name(component): name(component) for component in kept},
            }
        )
        + f"[keep {', '.join([UNITS, SLACK, POWER, *map(name, kept)])}]"
    )
    return Assignment(result=name_figures(flow), expression=expression)


def write_comparable_figures(flow: Flow, *conditions: str) -> str:
    """Return figures with their definitions as identifiers."""
    values = (f"nvl({name(component)}, {NO_TEXT})" for component in DEFINITIONS if is_attribute(flow, component))
    definition = f" || {quote_literal(' ')} || ".join(values)
    clause = f"[calc identifier {DEFINITION} := {definition}]" if definition else ""
    return filter_dataset(name_figures(flow), *conditions) + clause


def find_definition(flow: Flow) -> list[str]:
    return [DEFINITION] if any(is_attribute(flow, component) for component in DEFINITIONS) else []


def write_digit(flow: Flow, attribute: str, pattern: str) -> str:
    if not is_attribute(flow, attribute) or flow.structure[attribute].attachment not in ("", "observation"):
        return "0"
    is_number = f'match_characters(nvl({name(attribute)}, ""), {quote_literal(pattern)})'
    return f"cast({write_conditional(is_number, name(attribute), quote_literal('0'))}, integer)"


def is_attribute(flow: Flow, component: str) -> bool:
    return component in flow.structure and flow.structure[component].role == "attribute"


def list_figure_conditions(subject: Subject, flow: Flow | None = None) -> list[str]:
    flow = flow or subject.flow
    parameters, structure = subject.parameters, flow.structure
    excepted = parameters.table("except")
    if attributes := [component for component in excepted.values if is_attribute(flow, component)]:
        raise NotExpressibleError(ATTRIBUTE_FILTER, component=attributes[0])
    conditions = [
        negate_condition(is_in(name(dimension), excepted.strings(dimension)))
        for dimension in excepted.values
        if dimension in structure.key
    ]
    units = parameters.strings("units")
    if units and MEASUREMENT in structure:
        counted = is_in(MEASUREMENT, units)
        conditions.append(f"isnull({MEASUREMENT}) or {counted}" if is_attribute(flow, MEASUREMENT) else counted)
    return conditions


def require_known(condition: str = "") -> str:
    return join_conditions(f"not isnull({UNITS})", condition)


def collect_groups(flow: Flow, dimension: str) -> dict[str, tuple[str, ...]]:
    codelist = flow.codelist(dimension)
    parents = {item.id: item.parent for item in codelist or () if item.parent}
    inside: dict[str, list[str]] = {}
    for code in parents:
        above, seen = parents.get(code, ""), {code}
        while above and above not in seen:
            seen.add(above)
            inside.setdefault(above, []).append(code)
            above = parents.get(above, "")
    return {group: tuple(codes) for group, codes in inside.items()}


def build_written_part(
    subject: Subject, number: str = "", template: str = "", *, inputs: tuple[str, ...] = (), **places: Any
) -> Part:
    """Build the part that tests figures with a template, by default that of the kind of rule."""
    return build_judged_part(subject, number, write_steps(subject, template, **places), inputs=inputs)


def build_judged_part(
    subject: Subject,
    number: str,
    steps: list[Assignment],
    *,
    inputs: tuple[str, ...] = (),
    before: Iterable[Assignment] = (),
) -> Part:
    """Build the part that tests figures by `HOLDS` and `DIFFERENCE`."""
    result = subject.name + number
    names = {step.result for step in steps}
    numbered = [
        Assignment(
            result=f"{result}_{step.result}",
            expression=STEP_NAME.sub(
                lambda found: f"{result}_{found[1]}" if found[1] in names else found[0], step.expression
            ),
        )
        for step in steps
    ]
    last = numbered[-1].result
    code, level = subject.rule.id, ERROR_LEVELS[subject.rule.severity]
    holds = (
        f'check({last}[calc measure bool_var := HOLDS][keep bool_var] errorcode "{code}" errorlevel {level}'
        f" imbalance {last}#DIFFERENCE all)"
    )
    verdicts = [Assignment(result=result, expression=holds, persistent=True)]
    untested = ""
    if any(step.result == CANDIDATES for step in steps):
        untested = f"{result}_UNTESTED"
        marks = [
            f"{component}[calc measure TESTED := false][keep TESTED]" for component in (f"{result}_{CANDIDATES}", last)
        ]
        verdicts.append(Assignment(result=untested, expression=f"setdiff({', '.join(marks)})", persistent=True))
    return Part(
        name=result,
        inputs=inputs or (subject.flow.id,),
        assignments=(*write_prologue(subject, inputs), *before, *numbered, *verdicts),
        untested=untested,
    )


@cache
def open_templates() -> jinja2.Environment:
    """Open the VTL templates of kinds of rules, with functions that write conditions."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("steps")),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(),
        lstrip_blocks=True,
        finalize=lambda value: ", ".join(value) if isinstance(value, list) else value,
    )
    templates.filters.update(name=name, plain=strip_markup, literal=quote_literal)
    templates.globals.update(all_of=join_conditions, filtered=write_filter, is_in=is_in, union=write_union)
    return templates


STATEMENT = re.compile(r"^(\w+) := (.*?);$", re.MULTILINE | re.DOTALL)
BRACKET_BREAK = re.compile(r"(?<=[(\[{])\s*\n\s*|\s*\n\s*(?=[\[)])")
LINE_BREAK = re.compile(r"\s*\n\s*")


def write_steps(subject: Subject, template: str = "", **places: Any) -> list[Assignment]:
    """Fill the VTL template of a kind of rule; each statement is a step, and indented lines continue it."""
    flow = subject.flow
    text = (
        open_templates()
        .get_template(f"{template or subject.rule.kind}.vtl")
        .render(
            parameters=subject.parameters,
            figures=lambda *more: filter_dataset(name_figures(flow), *list_figure_conditions(subject), *more),
            comparable=lambda *more: write_comparable_figures(flow, *list_figure_conditions(subject), *more),
            **places,
        )
    )
    return [
        Assignment(result=result, expression=LINE_BREAK.sub(" ", BRACKET_BREAK.sub("", expression).strip()))
        for result, expression in STATEMENT.findall(text)
    ]


CANDIDATES = "CANDIDATES"
STEP_NAME = re.compile(r"@(\w+)")


def write_prologue(subject: Subject, inputs: tuple[str, ...]) -> Iterator[Assignment]:
    for flow in inputs or (subject.flow.id,):
        yield assign_reported(subject.flows[flow])
        yield assign_figures(subject.flows[flow])


def step(result: str, expression: str) -> Assignment:
    return Assignment(result=result, expression=expression)
