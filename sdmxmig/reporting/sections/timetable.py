"""Timetables of the roadmap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.primitives import text
from sdmxmig.primitives.periods import parse, shift
from sdmxmig.reporting.charts.timetable import Timetable, TimetableRow, compute_axis, draw
from sdmxmig.reporting.sections.blocks import ReportFigure, ReportTable, build_figure
from sdmxmig.reporting.sections.columns import build_table, split_evenly
from sdmxmig.reporting.sections.gaps import name_action
from sdmxmig.reporting.sections.series import build_labels
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import DATES
from sdmxmig.statistics.model.roadmap import Action

MAX_ROWS = 30
"""Maximum number of actions in one figure, so that it fits a page."""


def draw_timetables(assessment: Assessment, wording: Wording) -> list[ReportFigure]:
    actions = assessment.roadmap.actions
    if not actions:
        return []
    numbers = {action.id: number for number, action in enumerate(actions, 1)}
    # One axis for all figures, for comparison, from a January.
    start = assessment.roadmap.start
    begin, count = compute_axis([(action.first, action.last) for action in actions], int(start[5:7]))
    year = int(assessment.roadmap.month(begin)[:4])
    return [
        draw_timetable(
            f"figure-roadmap-{number}",
            Timetable(
                build_timetable_rows(page, numbers, assessment, wording),
                [*map(str, range(year, year + count))],
                begin=begin,
            ),
            start,
            list_conflicts(page, assessment, wording),
            wording=wording,
        )
        for number, page in enumerate(split_evenly(actions, MAX_ROWS), 1)
    ]


def build_timetable_rows(
    actions: Sequence[Action], numbers: Mapping[str, int], assessment: Assessment, wording: Wording
) -> tuple[TimetableRow, ...]:
    return tuple(
        TimetableRow(
            numbers[action.id],
            name_action(action, assessment, wording),
            first=action.first,
            last=action.last,
            written=write_short_months(action, assessment.roadmap.start, wording),
            after=tuple(numbers[name] for name in action.after),
            is_decided=action.dated,
        )
        for action in actions
    )


def list_conflicts(actions: Sequence[Action], assessment: Assessment, wording: Wording) -> list[str]:
    ids = {action.id for action in actions if action.early}
    found = [contradiction for contradiction in assessment.contradictions if contradiction.kind == DATES]
    sentences = [wording.statement(each.sentence, assessment) for each in found if each.subject in ids]
    remedy = wording.say(
        "Correct the start (R08) or the end (R09) in the profile, or the dependencies of the action (R12)."
    )
    return [*sentences, remedy] if sentences else []


def draw_timetable(
    name: str, chart: Timetable, start: str, conflicts: Sequence[str], *, wording: Wording
) -> ReportFigure:
    title = wording.count(
        "{n} action begins in {first}; it ends in {end}",
        "{n} actions begin between {first} and {last}; the last one ends in {end}",
        len(chart.rows),
        first=write_month(min(row.first for row in chart.rows), start, wording),
        last=write_month(max(row.first for row in chart.rows), start, wording),
        end=write_month(max(row.last for row in chart.rows), start, wording),
    )
    words = {"proposed": wording.say("proposed months"), "decided": wording.say("dates set by the country")}
    labels = build_labels(
        name, title, description=describe_timetable(chart.rows, wording), words=words, wording=wording
    )
    notes = (wording.say("Numbers: actions in the table above."),)
    data = collect_data(name, title, chart, start, wording)
    return build_figure(labels, draw(chart, labels), data=data, notes=(*notes, *conflicts))


def describe_timetable(rows: Sequence[TimetableRow], wording: Wording) -> str:
    actions = [f"{wording.number(row.number)}. {row.name}: {row.written}" for row in rows]
    return wording.say(
        "Timetable in months with one bar for each action, in the order of the roadmap. {actions}.",
        actions=wording.join_with_semicolons(actions),
    )


def format_due_month(action: Action, start: str, wording: Wording) -> str:
    month = write_month(action.last, start, wording)
    if action.last < 0:
        return wording.say("overdue since {month}", month=month)
    words = "due {month}" if action.dated else "proposed for {month}"
    return wording.say(words, month=month)


def write_short_months(action: Action, start: str, wording: Wording) -> str:
    first, last = (write_month(number, start, wording) for number in (action.first, action.last))
    return first if first == last else f"{first}–{last}"


def write_month(number: int, start: str, wording: Wording) -> str:
    month = parse(start)
    if month is None:
        return ""
    return text.format_month(shift(month, number - 1).first_day, wording.language)


def collect_data(name: str, title: str, chart: Timetable, start: str, wording: Wording) -> ReportTable:
    heads = ("Action", "First month", "Last month", "After")
    return build_table(
        name.replace("figure", "data"),
        wording.say("Data for this figure: {title}", title=title),
        heads,
        (
            (
                f"{wording.number(timetable_row.number)}. {timetable_row.name}",
                write_month(timetable_row.first, start, wording),
                write_month(timetable_row.last, start, wording),
                wording.join_with_commas(wording.number(number) for number in timetable_row.after)
                or wording.say("none"),
            )
            for timetable_row in chart.rows
        ),
        wording,
    )
