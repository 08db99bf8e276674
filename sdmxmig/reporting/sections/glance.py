"""At a glance: the second page of the brief, with the main numbers, where practice stands, and the steps in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable, row
from sdmxmig.reporting.sections.columns import text_columns
from sdmxmig.reporting.sections.composition import GROUPS, newest_migrants, source_of
from sdmxmig.reporting.sections.net_migration import how, latest_flow
from sdmxmig.reporting.sections.provisional import not_final
from sdmxmig.reporting.sections.roadmap import heading as roadmap_in_numbers
from sdmxmig.reporting.sections.roadmap import numbered_action
from sdmxmig.reporting.sections.series import latest, of_role
from sdmxmig.reporting.sections.standing import standing
from sdmxmig.reporting.sections.strip import is_known, legend, modules, silent
from sdmxmig.reporting.sections.summary import SummaryFigure
from sdmxmig.reporting.sections.timetable import by_when
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, lowered
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.indicator_results import headline

MOST = 5
"""How many steps the page has room for."""


@VIEWS.add("glance")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """All that the page shows."""
    actions = assessment.roadmap.actions
    return {
        "label": wording.say("At a glance"),
        "heading": heading(assessment, wording),
        "standing": standing(assessment, wording),
        "figures": key_figures(assessment, wording),
        "modules": modules(assessment, wording),
        "silent": silent(assessment, wording),
        "legend": legend(wording),
        "coming": coming(assessment, wording),
        "steps": steps(assessment, wording) if actions else None,
        "further": wording.count("{n} further action follows.", "{n} further actions follow.", len(actions) - MOST)
        if len(actions) > MOST
        else "",
    }


def heading(assessment: Assessment, wording: Wording) -> str:
    """How much is known, and how many gaps."""
    return missing(assessment, wording)


def steps(assessment: Assessment, wording: Wording) -> ReportTable:
    """The first steps in their order, with who leads each and by when."""
    return ReportTable(
        "table-steps",
        wording.say("The actions in their order"),
        columns=text_columns(("Action", "Who", "When"), wording),
        rows=tuple(
            row(
                (
                    numbered_action(action, number, wording),
                    ReportCell(wording.of(action.responsible)) if action.responsible else wording.absent(),
                    by_when(action, assessment.roadmap.start, wording) or wording.say("no date yet"),
                )
            )
            for number, action in enumerate(assessment.roadmap.actions[:MOST], 1)
        ),
    )


def missing(assessment: Assessment, wording: Wording) -> str:
    """What is missing: how many gaps there are, questions without an answer, and answers that cannot be true."""
    unknown = sum(not is_known(score) for score in assessment.scores)
    phrases = [wording.say("No gap is known.")]
    if assessment.gaps:
        phrases = [wording.say("Known gaps: {n}.", n=wording.number(len(assessment.gaps)))]
    phrases.append(
        wording.say(
            "{unknown} of {all} questions about the country have no answer."
            if unknown
            else "All {all} questions about the country are answered.",
            unknown=wording.number(unknown),
            all=wording.number(len(assessment.scores)),
        )
    )
    if assessment.contradictions:
        n = wording.number(len(assessment.contradictions))
        phrases.append(wording.say("Answers that the data or other answers contradict: {n}.", n=n))
    return " ".join(phrases)


def coming(assessment: Assessment, wording: Wording) -> str:
    """What comes next: how many actions close the gaps, and how many of them take less than a year."""
    if not assessment.roadmap.actions and not all(map(is_known, assessment.scores)):
        return wording.say("No action follows yet; first the open questions of the profile need answers.")
    return wording.say("{sentence}.", sentence=roadmap_in_numbers(assessment, wording))


def key_figures(assessment: Assessment, wording: Wording) -> list[SummaryFigure]:
    """Population, migrants, flows, and core indicators produced: six, so that they fill two lines."""
    stocks = (_population(assessment, wording), _migrants(assessment, wording))
    figures = [figure for figure in (*stocks, *_flows(assessment, wording)) if figure]
    counted = headline(assessment.of("A", "core"))
    if counted.total:
        figures.append(
            SummaryFigure(
                wording.say("Main migration indicators produced"),
                wording.say(
                    "{produced} of {total}",
                    produced=wording.number(counted.produced),
                    total=wording.number(counted.total),
                ),
                note=wording.say(
                    "{shown} with values here, {unknown} not known",
                    shown=wording.number(counted.shown),
                    unknown=wording.number(counted.unknown),
                ),
            )
        )
    return figures


def _population(assessment: Assessment, wording: Wording) -> SummaryFigure | None:
    series = of_role(assessment, "population")
    point = latest(series)
    if series is None or point is None or point.value is None:
        return None
    day = wording.day(series.note, point.period)
    remarks = (day,) if day else (point.period, wording.of(series.note))
    note = wording.commas(filter(None, (*remarks, not_final([point.status], wording))))
    return SummaryFigure(wording.say("Population"), wording.number(point.value), note=note)


def _migrants(assessment: Assessment, wording: Wording) -> SummaryFigure | None:
    """The foreign-born, else the foreign citizens, of the latest year that has them, with their share."""
    newest = newest_migrants(assessment)
    if newest is None:
        return None
    count, codes = newest
    value = count.value(*codes) or Decimal(0)
    share = wording.percent(value / count.whole) if count.whole else ""
    note = wording.say("{share} of the residents, {year}", share=share, year=count.period) if share else count.period
    remarks = (note, lowered(source_of(count, wording)), not_final(count.statuses, wording))
    remark = wording.commas(filter(None, remarks))
    return SummaryFigure(wording.say(GROUPS[codes]), wording.number(value), note=remark)


def _flows(assessment: Assessment, wording: Wording) -> Iterable[SummaryFigure | None]:
    """Each flow of its latest year, which stands beside it; net migration as published where it is."""
    for role, name in {"immigration": "Immigration", "emigration": "Emigration", "net": "Net migration"}.items():
        flow = latest_flow(assessment, role)
        if flow is not None:
            formatted = wording.signed(flow.value) if role == "net" else wording.number(flow.value)
            remark = how(flow, assessment, wording) if role == "net" else not_final([flow.status], wording)
            note = wording.commas(filter(None, (wording.say("persons in {year}", year=flow.year), remark)))
            yield SummaryFigure(wording.say(name), formatted, note=note)
