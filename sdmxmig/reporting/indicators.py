"""The indicators, core and additional apart: what is declared, what the data give, and by which formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sdmxmig.model.assessment import Assessment, IndicatorResult, IndicatorValue, headline
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Row, Table, row
from sdmxmig.reporting.wording import POLICY_AREAS, Wording, natural


@dataclass(frozen=True, slots=True)
class Tier:
    """The core or the additional indicators: a sentence, the matrix, and the values with their formulas."""

    id: str
    heading: str
    matrix: Table
    values: Table | None


@VIEWS.add("indicators")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """Both tiers, never mixed."""
    results = sorted(assessment.indicators, key=lambda result: natural(result.indicator.code))
    tiers = []
    for name in ("core", "additional"):
        chosen = [result for result in results if result.indicator.tier == name]
        if chosen:
            tiers.append(tier(name, chosen, assessment, wording))
    return {"label": wording.say("Indicators"), "heading": heading(assessment, wording), "tiers": tiers}


def heading(assessment: Assessment, wording: Wording) -> str:
    """How many core indicators have values here, and how many texts have not been checked."""
    counted = headline(result for result in assessment.indicators if result.indicator.tier == "core")
    texts = headline(assessment.indicators)
    return wording.say(
        "{shown} of {total} core indicators have values here; {candidates} of {texts} indicator texts have not been "
        "checked against the published Recommendations",
        shown=wording.number(counted.shown),
        total=wording.number(counted.total),
        candidates=wording.number(texts.candidates),
        texts=wording.number(texts.total),
    )


def tier(name: str, results: Sequence[IndicatorResult], assessment: Assessment, wording: Wording) -> Tier:
    """One tier with its own count."""
    counted = headline(results)
    sentence = (
        "Core: {produced} of {total} indicators are produced, {unknown} are not known; {candidates} texts are "
        "not checked"
        if name == "core"
        else "Additional: {produced} of {total} indicators are produced, {unknown} are not known; {candidates} "
        "texts are not checked"
    )
    said = wording.say(
        sentence,
        produced=wording.number(counted.produced),
        total=wording.number(counted.total),
        unknown=wording.number(counted.unknown),
        candidates=wording.number(counted.candidates),
    )
    return Tier(name, said, matrix(name, results, assessment, wording), values(name, results, wording))


def matrix(name: str, results: Sequence[IndicatorResult], assessment: Assessment, wording: Wording) -> Table:
    """One row an indicator, by policy area."""
    heads = ("Indicator", "Declared availability", "Latest values", "Topics of disaggregation")
    caption = "Core indicators by policy area" if name == "core" else "Additional indicators by policy area"
    rows: list[Row] = []
    for area, members in groupby(
        sorted(results, key=lambda result: result.indicator.policy_area),
        key=lambda result: result.indicator.policy_area,
    ):
        words = wording.reference(assessment, "CL_POLICY_AREA", area, POLICY_AREAS)
        rows.append(row((f"{area.removeprefix('PA')}  {words}",), "group"))
        rows.extend(_row(member, assessment, wording) for member in members)
    columns = tuple(Column(wording.say(head)) for head in heads)
    return Table(f"table-{name}", wording.say(caption), columns, tuple(rows), stacked=True)


def _row(result: IndicatorResult, assessment: Assessment, wording: Wording) -> Row:
    indicator = result.indicator
    declared = wording.rating("AVAIL", result.declared)
    topics = [wording.reference(assessment, "", topic) for topic in indicator.primary_topics]
    further = [wording.reference(assessment, "", topic) for topic in indicator.secondary_topics]
    note = wording.say("further: {topics}", topics=", ".join(further)) if further else ""
    return row(
        (
            Cell(wording.of(indicator.name), note=indicator.code, mark=wording.candidate(indicator.status)),
            Cell(
                declared.text,
                note=wording.of(result.practice),
                sign=declared.sign,
                level=declared.level,
                sources=result.sources,
                is_absent=declared.is_absent,
            ),
            _latest(result, wording),
            Cell(", ".join(topics), note=note),
        )
    )


def _latest(result: IndicatorResult, wording: Wording) -> Cell:
    """The latest value of each variant, the total first; at most five of them."""
    newest = {value.variant: value for value in sorted(result.values, key=lambda value: value.period)}
    note = "; ".join(filter(None, [*map(wording.say, _reasons(result)), wording.say(result.contradiction)]))
    if not newest:
        return Cell(wording.say("no value"), note=note, is_absent=True)
    ordered = [newest[variant] for variant in dict.fromkeys(value.variant for value in result.values)]
    told = [f"{written(value, result, wording)} ({value.period})" for value in ordered[:5]]
    names = ["" if value.variant == "_T" else f"{wording.of(value.name)}: " for value in ordered[:5]]
    return Cell("; ".join(name + value for name, value in zip(names, told, strict=True)), note=note)


def _reasons(result: IndicatorResult) -> list[str]:
    """Each reason once, for one variant may lack what another lacks too."""
    return list(dict.fromkeys(reason for _, reason in result.missing))[:2]


def written(value: IndicatorValue, result: IndicatorResult, wording: Wording) -> str:
    """A value with its unit, to one decimal; a net rate carries its sign."""
    if value.unit == "PT":
        return wording.percent(value.value / 100)
    is_net = result.indicator.calculation == "net_rate"
    number = wording.signed(value.value, 1) if is_net else wording.number(value.value, 1)
    return f"{number} {wording.unit(value.unit)}"


def values(name: str, results: Sequence[IndicatorResult], wording: Wording) -> Table | None:
    """All computed values with their formula and terms; None if there are none."""
    rows = [
        row(
            (
                Cell(result.indicator.code),
                Cell(wording.of(value.name)),
                Cell(value.period, note=wording.say("break") if value.status == "B" else ""),
                Cell(written(value, result, wording)),
                Cell(value.formula, note="; ".join(f"{term}: {key}" for term, key in value.terms)),
            )
        )
        for result in results
        for value in result.values
    ]
    if not rows:
        return None
    heads = (
        ("Indicator", False),
        ("Population", False),
        ("Period", False),
        ("Value", True),
        ("Formula and terms", False),
    )
    columns = tuple(Column(wording.say(head), is_number) for head, is_number in heads)
    return Table(f"table-{name}-values", wording.say("Computed values, with formula and terms"), columns, tuple(rows))
