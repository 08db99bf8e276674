"""Roadmap section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sdmxmig.catalogue.benchmarking import Scale
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import choose_text_columns, tabulate
from sdmxmig.reporting.sections.gaps import link_gaps, name_action
from sdmxmig.reporting.sections.office import format_office_comment
from sdmxmig.reporting.sections.timetable import draw_timetables, write_short_months
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.roadmap import Action

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
    """Tabulate the actions in order; costs get a column if one is estimated, else a sentence."""
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
                note=wording.join_with_semicolons(filter(None, (when, after))),
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
    """Tabulate actions taken as a whole, since their facts may not apply to parts."""
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
