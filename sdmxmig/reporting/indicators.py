"""The indicators, core and additional apart: what is declared, and what the data give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sdmxmig.model.assessment import Assessment, Headline, IndicatorResult, IndicatorValue, headline
from sdmxmig.model.indicators import Indicator
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Row, Table, row
from sdmxmig.reporting.series import RATE
from sdmxmig.reporting.wording import Wording

FEW = 2
"""How many reasons for missing values stand beside an indicator."""


@dataclass(frozen=True, slots=True)
class Tier:
    """The core or the additional indicators of one part: a sentence, and the matrix."""

    id: str
    heading: str
    matrix: Table


@VIEWS.add("indicators")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """Parts and tiers, never mixed."""
    tiers = [
        tier(part, name, chosen, assessment, wording)
        for name in ("core", "additional")
        for part in ("A", "B")
        if (chosen := sorted(assessment.of(part, name), key=place_of))
    ]
    return {"label": wording.say("Indicators"), "heading": heading(assessment, wording), "tiers": tiers}


def place_of(result: IndicatorResult) -> tuple[str, int, str]:
    """Where an indicator stands among the others: by policy area, then in the order of the framework."""
    return result.indicator.policy_area, result.indicator.order, result.indicator.id


def heading(assessment: Assessment, wording: Wording) -> str:
    """How many core indicators of Part A are produced, have values here, and have texts that are not checked."""
    counted = headline(assessment.of("A", "core"))
    return wording.say(
        "{produced} of the {total} core migration indicators (Part A) are produced, {shown} of them with values in "
        "this report; {candidates} of their {total} texts have not been checked against the published Recommendations",
        **_counts(counted, wording),
    )


def _counts(counted: Headline, wording: Wording) -> dict[str, str]:
    return {
        "produced": wording.number(counted.produced),
        "total": wording.number(counted.total),
        "shown": wording.number(counted.shown),
        "unknown": wording.number(counted.unknown),
        "candidates": wording.number(counted.candidates),
    }


def tier(part: str, name: str, results: Sequence[IndicatorResult], assessment: Assessment, wording: Wording) -> Tier:
    """One tier of one part with its own count."""
    said = wording.say(
        "Part {part}, core: {produced} of {total} produced, {shown} with values in this report, {unknown} not known; "
        "texts not checked: {candidates} of {total}"
        if name == "core"
        else "Part {part}, additional: {produced} of {total} produced, {shown} with values in this report, {unknown} "
        "not known; texts not checked: {candidates} of {total}",
        part=part,
        **_counts(headline(results), wording),
    )
    return Tier(name, said, matrix(part, name, results, assessment, wording))


def matrix(part: str, name: str, results: Sequence[IndicatorResult], assessment: Assessment, wording: Wording) -> Table:
    """One row an indicator, by policy area."""
    heads = ("Indicator", "Declared availability", "Latest values", "Topics of disaggregation")
    caption = "Part {part}: core indicators by policy area"
    if name != "core":
        caption = "Part {part}: additional indicators by policy area"
    rows: list[Row] = []
    for area, members in groupby(
        sorted(results, key=place_of),
        key=lambda result: result.indicator.policy_area,
    ):
        words = wording.reference(assessment, "CL_POLICY_AREA", area)
        rows.append(row((f"{area.removeprefix('PA')}  {words}",), "group"))
        rows.extend(_row(member, assessment, wording) for member in members)
    columns = tuple(Column(wording.say(head)) for head in heads)
    caption = wording.say(caption, part=part)
    return Table(f"table-{name}-{part.lower()}", caption, columns, tuple(rows), _notes(results, wording), stacked=True)


def _notes(results: Sequence[IndicatorResult], wording: Wording) -> tuple[str, ...]:
    """What a rate of some of the migrants refers to, where there is one."""
    parts = any(value.unit == RATE and value.variant != "_T" for result in results for value in result.values)
    note = "A rate of some of the migrants, such as citizens, is per 1,000 of the whole average population."
    return (wording.say(note),) if parts else ()


def _row(result: IndicatorResult, assessment: Assessment, wording: Wording) -> Row:
    indicator = result.indicator
    declared = wording.rating(assessment.scale("AVAIL"), result.declared)
    topics = [wording.reference(assessment, "", topic) for topic in indicator.primary_topics]
    further = [wording.reference(assessment, "", topic) for topic in indicator.secondary_topics]
    note = wording.say("further: {topics}", topics=", ".join(further)) if further else ""
    return row(
        (
            Cell(wording.of(indicator.name), note=code_of(indicator), mark=wording.candidate(indicator.status)),
            Cell(
                declared.text,
                note=wording.of(result.practice),
                sign=declared.sign,
                level=declared.level,
                sources=result.sources,
                is_absent=declared.is_absent,
            ),
            _latest(result, assessment, wording),
            Cell(", ".join(topics), note=note),
        )
    )


def code_of(indicator: Indicator) -> str:
    """What readers call an indicator, with the number of the SDG indicator behind it."""
    return f"{indicator.code}, SDG {indicator.sdg.number}" if indicator.sdg else indicator.code


def _latest(result: IndicatorResult, assessment: Assessment, wording: Wording) -> Cell:
    """The latest value of each variant, the total first; at most five of them."""
    newest = {value.variant: value for value in sorted(result.values, key=lambda value: value.period)}
    told = [*_reasons(result, wording), _divided(result, assessment, wording), wording.say(result.contradiction)]
    if result.is_shown:
        told.append(wording.of(result.indicator.note))
    note = "; ".join(filter(None, told))
    if not newest:
        return Cell(wording.say("no value"), note=note, is_absent=True)
    ordered = [newest[variant] for variant in dict.fromkeys(value.variant for value in result.values)]
    shown = [f"{written(value, result, assessment, wording)} ({value.period})" for value in ordered[:5]]
    names = ["" if value.variant == "_T" else f"{wording.of(value.name)}: " for value in ordered[:5]]
    return Cell("; ".join(name + value for name, value in zip(names, shown, strict=True)), note=note)


def _divided(result: IndicatorResult, assessment: Assessment, wording: Wording) -> str:
    """By which topics there are values beside these; they stand in the assessment, not in the report."""
    topics = dict.fromkeys(topic for part in result.parts for topic, _ in part.codes)
    names = ", ".join(wording.reference(assessment, "", topic) for topic in topics)
    return wording.say("values by topic are in the data: {topics}", topics=names) if topics else ""


def _reasons(result: IndicatorResult, wording: Wording) -> list[str]:
    """Each reason once, for one variant may lack what another lacks too; at most a few of them."""
    reasons = list(dict.fromkeys(reason for _, reason in result.missing))
    further = len(reasons) - FEW
    told = [wording.say(reason) for reason in reasons[:FEW]]
    return [*told, wording.count("{n} reason more", "{n} reasons more", further)] if further > 0 else told


def written(value: IndicatorValue, result: IndicatorResult, assessment: Assessment, wording: Wording) -> str:
    """A value with its unit, to one decimal; a net rate carries its sign."""
    if value.unit == "PT":
        return wording.percent(value.value / 100)
    is_net = result.indicator.calculation == "net_rate"
    number = wording.signed(value.value, 1) if is_net else wording.number(value.value, 1)
    return f"{number} {wording.unit(assessment, value.unit)}"
