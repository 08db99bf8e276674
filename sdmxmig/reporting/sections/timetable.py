"""Timetables of the roadmap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.primitives import text
from sdmxmig.primitives.periods import parse, shift
from sdmxmig.reporting.charts.timetable import Timetable, TimetableRow, axis, draw
from sdmxmig.reporting.sections.blocks import ReportColumn, ReportFigure, ReportTable, figure_of, row
from sdmxmig.reporting.sections.columns import shared_out
from sdmxmig.reporting.sections.series import labels_of
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import DATES
from sdmxmig.statistics.model.roadmap import Action

ROWS = 14
"""How many actions fit one figure at most, so that it fits a page."""
YEAR = 12


def timetables(assessment: Assessment, wording: Wording) -> list[ReportFigure]:
    """Draw the actions in roadmap order, evenly distributed over figures."""
    actions = assessment.roadmap.actions
    if not actions:
        return []
    numbers = {action.id: number for number, action in enumerate(actions, 1)}
    # One axis for all figures, for comparison; calendar dates if the country has given any.
    begin, count = axis([(action.first, action.last) for action in actions])
    calendar = assessment.roadmap.start if any(action.dated for action in actions) else ""
    names = years(begin, count, calendar, wording)
    return [
        timetable(
            f"figure-roadmap-{number}",
            Timetable(rows_of(page, numbers, calendar, wording), names, begin=begin),
            calendar,
            conflicts(page, assessment, wording),
            wording=wording,
        )
        for number, page in enumerate(shared_out(actions, ROWS), 1)
    ]


def rows_of(
    actions: Sequence[Action], numbers: Mapping[str, int], start: str, wording: Wording
) -> tuple[TimetableRow, ...]:
    return tuple(
        TimetableRow(
            numbers[action.id],
            wording.of(action.name),
            first=action.first,
            last=action.last,
            written=short_months(action, start, wording),
            after=tuple(numbers[name] for name in action.after),
            is_decided=action.dated,
        )
        for action in actions
    )


def conflicts(actions: Sequence[Action], assessment: Assessment, wording: Wording) -> list[str]:
    ids = {action.id for action in actions if action.early}
    found = [contradiction for contradiction in assessment.contradictions if contradiction.kind == DATES]
    sentences = [wording.statement(each.sentence, assessment) for each in found if each.subject in ids]
    remedy = wording.say(
        "Correct the start (R08) or the end (R09) in the profile, or the dependencies of the action (R12)."
    )
    return [*sentences, remedy] if sentences else []


def timetable(name: str, chart: Timetable, start: str, conflicts: Sequence[str], *, wording: Wording) -> ReportFigure:
    """Draw one figure of actions; `start` is month 1 for a calendar axis, else empty."""
    title = wording.count(
        "{n} action begins in {first}; it ends in {end}"
        if start
        else "{n} action begins in month {first}; it ends in month {end}",
        "{n} actions begin from {first} to {last}; the last one ends in {end}"
        if start
        else "{n} actions begin in months {first} to {last}; the last one ends in month {end}",
        len(chart.rows),
        first=month_in_words(min(row.first for row in chart.rows), start, wording),
        last=month_in_words(max(row.first for row in chart.rows), start, wording),
        end=month_in_words(max(row.last for row in chart.rows), start, wording),
    )
    words = {"proposed": wording.say("proposed months"), "decided": wording.say("dates set by the country")}
    labels = labels_of(name, title, description=described(chart.rows, wording), words=words, wording=wording)
    source = wording.say("Source: roadmap of this report.")
    notes = (*filter(None, (axis_and_links(chart, start, wording),)), *conflicts)
    return figure_of(labels, draw, chart, data=data(name, title, chart, start, wording), source=source, notes=notes)


def described(rows: Sequence[TimetableRow], wording: Wording) -> str:
    actions = [f"{wording.number(row.number)}. {row.name}: {row.written}" for row in rows]
    return wording.say(
        "Timetable in months with one bar for each action, in the order of the roadmap. {actions}.",
        actions=wording.semicolons(actions),
    )


def axis_and_links(chart: Timetable, start: str, wording: Wording) -> str:
    sentences = [] if start else [wording.say("Month 1 is the first month of the work.")]
    if any(row.after for row in chart.rows):
        sentences.append(wording.say("A line connects an action with the actions that can begin only after it."))
    return " ".join(sentences)


def years(begin: int, count: int, start: str, wording: Wording) -> tuple[str, ...]:
    first = parse(start)
    if first is not None:
        return tuple(str(shift(first, begin - 1 + YEAR * number).year) for number in range(count))
    return tuple(wording.say("Year {number}", number=wording.number(1 + number)) for number in range(count))


def by_when(action: Action, start: str, wording: Wording) -> str:
    return wording.say("by {month}", month=month_in_words(action.last, start, wording)) if action.dated else ""


def short_months(action: Action, start: str, wording: Wording) -> str:
    first, last = (month_in_words(number, start, wording) for number in (action.first, action.last))
    return first if first == last else f"{first}–{last}"


def month_in_words(number: int, start: str, wording: Wording) -> str:
    month = parse(start)
    if month is None:
        return wording.number(number)
    return text.month(shift(month, number - 1).first_day, wording.language)


def data(name: str, title: str, chart: Timetable, start: str, wording: Wording) -> ReportTable:
    heads = ("Action", "First month", "Last month", "After")
    return ReportTable(
        name.replace("figure", "data"),
        wording.say("Data of this figure: {title}", title=title),
        columns=tuple(
            ReportColumn(wording.say(head), is_number=number in (1, 2) and not start)
            for number, head in enumerate(heads)
        ),
        rows=tuple(
            row(
                (
                    f"{wording.number(timetable_row.number)}. {timetable_row.name}",
                    month_in_words(timetable_row.first, start, wording),
                    month_in_words(timetable_row.last, start, wording),
                    wording.commas(wording.number(number) for number in timetable_row.after) or wording.say("none"),
                )
            )
            for timetable_row in chart.rows
        ),
    )
