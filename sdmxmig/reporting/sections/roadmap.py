"""Roadmap section, with timetables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sdmxmig.catalogue.benchmarking import Scale
from sdmxmig.primitives import text
from sdmxmig.primitives.periods import parse, shift
from sdmxmig.reporting.charts.timetable import Timetable, TimetableRow, compute_axis, draw
from sdmxmig.reporting.sections.blocks import ReportCell, ReportFigure, ReportRow, ReportTable, build_figure, build_row
from sdmxmig.reporting.sections.columns import build_table, choose_text_columns, split_evenly, tabulate
from sdmxmig.reporting.sections.gaps import link_gaps, name_action
from sdmxmig.reporting.sections.office import format_office_comment
from sdmxmig.reporting.sections.series import build_labels
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording
from sdmxmig.statistics.model.assessment import Action, Assessment
from sdmxmig.statistics.model.evidence import DATES

SHORT_TERM = "SHORT"
MAX_NAMED = 6
"""Maximum number of unanswered questions named."""
COLUMNS = ("Action", "Closes", "Lead agency", "Timing", "Cost")
DETAIL_COLUMNS = ("Action", "Output", "Verification", "Risk", "To clarify first")


@VIEWS.add("roadmap")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    actions = assessment.roadmap.actions
    if not actions and not assessment.roadmap.decisions:
        return {}
    return {
        "label": wording.say("Roadmap"),
        "heading": write_heading(assessment, wording),
        "first": describe_first_action(assessment, wording),
        "open": state_unanswered(assessment, wording),
        "timetables": draw_timetables(assessment, wording),
        "table": tabulate_actions(assessment, wording) if actions else None,
        "details": tabulate_details(assessment, wording),
        "decisions": tabulate_decisions(assessment, wording),
        "idle": describe_idle_actions(assessment, wording),
    }


def write_heading(assessment: Assessment, wording: Wording) -> str:
    actions = assessment.roadmap.actions
    if not actions:
        return wording.say("All known gaps remain open by decision of the country")
    closed = {subject for action in actions for subject in action.closes}
    gaps = [gap for gap in assessment.gaps if not closed.isdisjoint(gap.subjects)]
    short = sum(action.horizon == SHORT_TERM for action in actions)
    done = wording.say(
        "{actions} close {gaps}",
        actions=wording.count("{n} action would", "{n} actions would", len(actions)),
        gaps=wording.count("the one known gap", "the {n} known gaps", len(gaps)),
    )
    if len(actions) == 1:
        words = "{done}; it takes less than a year" if short else "{done}; it takes a year or more"
        return wording.say(words, done=done)
    if not short:
        return wording.say("{done}; each takes a year or more", done=done)
    return wording.count(
        "{done}; one of them takes less than a year",
        "{done}; {n} of them take less than a year",
        short,
        done=done,
    )


def describe_first_action(assessment: Assessment, wording: Wording) -> str:
    actions = assessment.roadmap.actions
    if not actions:
        return wording.say("Each gap has a proposed action. Unanswered questions are not gaps.")
    step = wording.say("First step: {action}.", action=name_action(actions[0], assessment, wording))
    decided = sum(bool(action.decided) for action in actions)
    if not decided:
        return f"{step} " + wording.say(
            "All actions, their order and their dates are proposals until the country decides."
        )
    return f"{step} " + wording.count(
        "The country has decided on {n} action. The others are proposals.",
        "The country has decided on {n} actions. The others are proposals.",
        decided,
    )


def state_unanswered(assessment: Assessment, wording: Wording) -> str:
    number = sum(score.answer in UNKNOWN_ANSWERS for score in assessment.scores)
    if not number:
        return ""
    return wording.say(
        "Questions of the profile without a rating: {n}. Their answers may add actions.", n=wording.number(number)
    )


def tabulate_actions(assessment: Assessment, wording: Wording) -> ReportTable:
    """Tabulate the actions in order; costs have a column if any is estimated, otherwise a sentence."""
    actions = assessment.roadmap.actions
    numbers = {action.id: number for number, action in enumerate(actions, 1)}
    has_cost = any(action.cost for action in actions)
    columns = choose_text_columns(COLUMNS, wording)
    rows = [build_action_row(action, numbers, assessment, wording) for action in actions]
    return ReportTable(
        "table-roadmap",
        wording.say("Actions in order of start"),
        columns=columns if has_cost else columns[:-1],
        rows=tuple(shown if has_cost else replace(shown, cells=shown.cells[:-1]) for shown in rows),
        notes=() if has_cost else (wording.say("The costs of the actions are not estimated yet."),),
        stacked=True,
    )


def build_action_row(action: Action, numbers: Mapping[str, int], assessment: Assessment, wording: Wording) -> ReportRow:
    when = "" if action.dated else wording.say("proposed months")
    earlier = wording.join_with_commas(wording.number(numbers[name]) for name in action.after)
    after = wording.say("only after action {numbers}", numbers=earlier) if earlier else ""
    return build_row(
        (
            ReportCell(
                name_action_with_number(action, numbers[action.id], assessment, wording),
                note=format_office_comment((action.id,), assessment, wording),
                mark=wording.say("decided") if action.decided else wording.say("proposal"),
                anchor=f"action-{action.id}",
                sources=action.sources,
            ),
            ReportCell(links=link_gaps(action.closes, assessment, wording)),
            ReportCell(wording.of(action.responsible), note=format_partners(action, wording))
            if action.responsible
            else wording.absent("to be decided"),
            ReportCell(
                write_short_months(action, assessment.roadmap.start, wording),
                note=wording.join_with_semicolons((when, after)),
                mark=wording.say("contradiction" if action.early else "overdue")
                if action.early or action.last < 0
                else "",
            ),
            format_cost(action, assessment.scale("COST"), wording),
        )
    )


def format_cost(action: Action, costs: Scale, wording: Wording) -> ReportCell:
    if not action.cost:
        return ReportCell(wording.say("not estimated yet"), is_absent=True)
    return ReportCell(wording.of(costs.label(action.cost)))


def name_action_with_number(action: Action, number: int, assessment: Assessment, wording: Wording) -> str:
    return f"{wording.number(number)}. {name_action(action, assessment, wording)}"


def format_partners(action: Action, wording: Wording) -> str:
    return wording.say("with: {partners}", partners=wording.of(action.partners)) if action.partners else ""


def tabulate_details(assessment: Assessment, wording: Wording) -> ReportTable | None:
    """Tabulate the details of whole actions, which may not apply to parts."""
    actions = [(number, each) for number, each in enumerate(assessment.roadmap.actions, 1) if each.is_whole]
    return tabulate(
        "table-roadmap-details",
        wording.say("Outputs, verification and risks of the actions"),
        DETAIL_COLUMNS,
        (
            (
                ReportCell(
                    links=((f"#action-{action.id}", name_action_with_number(action, number, assessment, wording)),)
                ),
                *(
                    ReportCell(wording.of(text)) if text else wording.absent("no description")
                    for text in (action.output, action.verification, action.risk)
                ),
                describe_unknown(action, wording),
            )
            for number, action in actions
        ),
        wording,
        stacked=True,
    )


def describe_unknown(action: Action, wording: Wording) -> str:
    if not action.unknown:
        return wording.say("none")
    items = wording.join_with_commas(action.unknown[:MAX_NAMED])
    further = len(action.unknown) - MAX_NAMED
    if further <= 0:
        return wording.say("answers to {items}", items=items)
    return wording.count(
        "answers to {items} and {n} more question",
        "answers to {items} and {n} more questions",
        further,
        items=items,
    )


def tabulate_decisions(assessment: Assessment, wording: Wording) -> ReportTable | None:
    return tabulate(
        "table-no-action",
        wording.say("Gaps that stay open by decision of the country"),
        ("Decision", "Gaps"),
        (
            (
                ReportCell(wording.of(no_action.reason), sources=no_action.sources),
                ReportCell(links=link_gaps(no_action.leaves, assessment, wording)),
            )
            for no_action in assessment.roadmap.decisions
        ),
        wording,
        stacked=True,
    )


def describe_idle_actions(assessment: Assessment, wording: Wording) -> str:
    names = [wording.of(name) for _, name in assessment.roadmap.idle]
    if not names:
        return ""
    return wording.say(
        "Actions in the profile that close no known gap: {actions}.", actions=wording.join_with_semicolons(names)
    )


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
