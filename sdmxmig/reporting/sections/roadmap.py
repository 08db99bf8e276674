"""Roadmap section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sdmxmig.catalogue.benchmarking import Scale
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, row
from sdmxmig.reporting.sections.columns import number_columns, text_columns
from sdmxmig.reporting.sections.gaps import linked
from sdmxmig.reporting.sections.office import comment
from sdmxmig.reporting.sections.timetable import short_months, timetables
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import NOT_KNOWN, Wording
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.roadmap import Action

SHORT = "SHORT"
FEW = 6
"""How many questions without an answer are named."""
COLUMNS = ("Action", "Closes", "Lead agency", "Timing", "Cost")
ORDER = ("Action", "After", "Priority")
DETAILS = ("Action", "Output", "Verification", "Risk", "To clarify first")


@VIEWS.add("roadmap")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    actions = assessment.roadmap.actions
    if not actions and not assessment.roadmap.decisions:
        return {}
    return {
        "label": wording.say("Roadmap"),
        "heading": heading(assessment, wording),
        "first": first(actions, wording),
        "open": unanswered(assessment, wording),
        "timetables": timetables(assessment, wording),
        "table": table(assessment, wording) if actions else None,
        "order": order(actions, assessment, wording) if actions else None,
        "details": details(actions, wording) if actions else None,
        "decisions": decisions(assessment, wording),
        "idle": idle(assessment, wording),
    }


def heading(assessment: Assessment, wording: Wording) -> str:
    actions = assessment.roadmap.actions
    if not actions:
        return wording.say("All known gaps remain open by decision of the country")
    closed = {subject for action in actions for subject in action.closes}
    gaps = [gap for gap in assessment.gaps if not closed.isdisjoint(gap.subjects)]
    short = sum(action.horizon == SHORT for action in actions)
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


def first(actions: Sequence[Action], wording: Wording) -> str:
    """Name the first action and who decides; without actions, the reason."""
    if not actions:
        return wording.say("Each gap has a proposed action. Unanswered questions are not gaps.")
    step = wording.say("First step: {action}.", action=wording.of(actions[0].name))
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


def unanswered(assessment: Assessment, wording: Wording) -> str:
    number = sum(score.answer in NOT_KNOWN for score in assessment.scores)
    if not number:
        return ""
    return wording.say(
        "Questions of the profile without a rating: {n}. Their answers may add actions.", n=wording.number(number)
    )


def table(assessment: Assessment, wording: Wording) -> ReportTable:
    """Tabulate the actions in order; costs get a column if one is estimated, else a sentence."""
    actions = assessment.roadmap.actions
    numbers = {action.id: number for number, action in enumerate(actions, 1)}
    has_cost = any(action.cost for action in actions)
    columns = text_columns(COLUMNS, wording)
    rows = [action_row(action, numbers, assessment, wording) for action in actions]
    return ReportTable(
        "table-roadmap",
        wording.say("Actions in order of start"),
        columns=columns if has_cost else columns[:-1],
        rows=tuple(shown if has_cost else replace(shown, cells=shown.cells[:-1]) for shown in rows),
        notes=() if has_cost else (wording.say("The costs of the actions are not estimated yet."),),
        stacked=True,
    )


def order(actions: Sequence[Action], assessment: Assessment, wording: Wording) -> ReportTable:
    numbers = {action.id: number for number, action in enumerate(actions, 1)}
    return ReportTable(
        "table-roadmap-order",
        wording.say("Order of the actions"),
        columns=(*text_columns(ORDER[:-1], wording), *number_columns(ORDER[-1:], wording)),
        rows=tuple(order_row(action, numbers, wording) for action in actions),
        notes=notes(assessment, wording),
        stacked=True,
    )


def order_row(action: Action, numbers: Mapping[str, int], wording: Wording) -> ReportRow:
    """Build the row with predecessors and priority of an action, with its formula."""
    needs = tuple((f"#action-{name}", wording.number(numbers[name])) for name in action.after)
    worth = action.priority.value
    return row(
        (
            ReportCell(links=((f"#action-{action.id}", numbered_action(action, numbers[action.id], wording)),)),
            ReportCell(links=needs) if needs else ReportCell(wording.say("none")),
            ReportCell(wording.number(worth, worth % 1 != 0), note=formula(action, wording)),
        )
    )


def action_row(action: Action, numbers: Mapping[str, int], assessment: Assessment, wording: Wording) -> ReportRow:
    types, phases, costs = (assessment.scale(name) for name in ("ACTION_TYPE", "PHASE", "COST"))
    kind = [wording.of(types.label(action.type)), wording.of(phases.label(action.phase))]
    return row(
        (
            ReportCell(
                numbered_action(action, numbers[action.id], wording),
                note=" · ".join(filter(None, [*kind, comment((action.id,), assessment, wording)])),
                mark=wording.say("decided") if action.decided else wording.say("proposal"),
                anchor=f"action-{action.id}",
                sources=action.sources,
            ),
            ReportCell(links=linked(action.closes, assessment, wording)),
            ReportCell(wording.of(action.responsible), note=with_whom(action, wording))
            if action.responsible
            else wording.absent("to be decided"),
            ReportCell(
                short_months(action, assessment.roadmap.start, wording) if action.dated else wording.say("no date yet"),
                note=wording.of(assessment.scale("HORIZON").label(action.horizon)),
                mark=wording.say("contradiction") if action.early else "",
                is_absent=not action.dated,
            ),
            cost_of(action, costs, wording),
        )
    )


def cost_of(action: Action, costs: Scale, wording: Wording) -> ReportCell:
    if not action.cost:
        return ReportCell(wording.say("not estimated yet"), is_absent=True)
    return ReportCell(wording.of(costs.label(action.cost)))


def numbered_action(action: Action, number: int, wording: Wording) -> str:
    return f"{wording.number(number)}. {wording.of(action.name)}"


def with_whom(action: Action, wording: Wording) -> str:
    return wording.say("with: {partners}", partners=wording.of(action.partners)) if action.partners else ""


def formula(action: Action, wording: Wording) -> str:
    worth = action.priority
    if not worth.points:
        return ""
    points = " + ".join(wording.number(weight) for _, _, weight in worth.points)
    return f"({points}) ÷ {wording.number(worth.cost)}"


def notes(assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    feasible, lengths = assessment.scale("FEAS"), assessment.scale("HORIZON")
    by_code = [f"{code} = {wording.number(points)}" for code, points in feasible.points if points is not None]
    by_length = [
        f"{wording.of(lengths.label(code))} = {wording.number(points)}"
        for code, points in lengths.points
        if points is not None
    ]
    return (
        wording.say(
            "Priority is the sum of feasibility points, divided by the cost class of the action (1 to 3). "
            "The points are those of the core indicators whose gap the action closes. If the country "
            "names no cost class, the default of the action applies. Points: {points}. If feasibility is "
            "unanswered, the duration of the action gives the points: {lengths}. The duration also "
            "applies to missing topics of an indicator that is produced. An action without a core "
            "indicator has priority 0.",
            points=wording.commas(by_code),
            lengths=wording.semicolons(by_length),
        ),
        wording.say(
            "An action begins when its prerequisites have ended. Of the actions that can begin, a few begin each "
            "quarter, the most urgent first. An action is as urgent as the most urgent action that depends on it. "
            "sdmxmig proposes priority, order and dates. The answers of the country on its roadmap "
            "(module R of the profile) override them."
        ),
    )


def details(actions: Sequence[Action], wording: Wording) -> ReportTable:
    return ReportTable(
        "table-roadmap-details",
        wording.say("Outputs, verification and risks of the actions"),
        columns=text_columns(DETAILS, wording),
        rows=tuple(
            row(
                (
                    ReportCell(links=((f"#action-{action.id}", numbered_action(action, number, wording)),)),
                    *(
                        ReportCell(wording.of(text)) if text else wording.absent("no description")
                        for text in (action.output, action.verification, action.risk)
                    ),
                    unknown(action, wording),
                )
            )
            for number, action in enumerate(actions, 1)
        ),
        stacked=True,
    )


def unknown(action: Action, wording: Wording) -> str:
    """List the first unanswered questions on which an action depends."""
    if not action.unknown:
        return wording.say("none")
    items = wording.commas(action.unknown[:FEW])
    further = len(action.unknown) - FEW
    if further <= 0:
        return wording.say("answers to {items}", items=items)
    return wording.count(
        "answers to {items} and {n} more question",
        "answers to {items} and {n} more questions",
        further,
        items=items,
    )


def decisions(assessment: Assessment, wording: Wording) -> ReportTable | None:
    if not assessment.roadmap.decisions:
        return None
    return ReportTable(
        "table-no-action",
        wording.say("Gaps that stay open by decision of the country"),
        columns=text_columns(("Decision", "Gaps"), wording),
        rows=tuple(
            row(
                (
                    ReportCell(wording.of(no_action.reason), sources=no_action.sources),
                    ReportCell(links=linked(no_action.leaves, assessment, wording)),
                )
            )
            for no_action in assessment.roadmap.decisions
        ),
        stacked=True,
    )


def idle(assessment: Assessment, wording: Wording) -> str:
    names = [wording.of(name) for _, name in assessment.roadmap.idle]
    if not names:
        return ""
    return wording.say("Actions in the profile that close no known gap: {actions}.", actions=wording.semicolons(names))
