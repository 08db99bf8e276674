"""What the reference documents ask for and the country does not yet have, each with what would close it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from sdmxmig.model.assessment import Assessment, Gap
from sdmxmig.reporting.blocks import ReportCell, ReportRow, ReportTable, row
from sdmxmig.reporting.columns import text_columns
from sdmxmig.reporting.views import VIEWS
from sdmxmig.reporting.wording import NOT_KNOWN, Wording, lowered

MENTIONED = 3
"""How many of the places with most gaps the section names."""


@VIEWS.add("gaps")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The gaps of each module, then those of the indicators by policy area; whole ones before partial ones."""
    gaps = assessment.gaps
    partial = sum(gap.is_partial for gap in gaps)
    unknown = sum(score.answer in NOT_KNOWN for score in assessment.scores)
    return {
        "label": wording.say("Gaps and priorities"),
        "heading": heading(len(gaps) - partial, partial, wording),
        "most": where_most(assessment, wording),
        "table": table(assessment, wording) if gaps else None,
        "unknown": wording.count(
            "{n} question has no answer yet; it is neither a gap nor a strength.",
            "{n} questions have no answer yet; they are neither gaps nor strengths.",
            unknown,
        )
        if unknown
        else "",
    }


def heading(whole: int, partial: int, wording: Wording) -> str:
    """How many gaps there are, and how many of them the country has begun to close."""
    if not whole and not partial:
        return wording.say("No gap is known")
    if not partial:
        return wording.count("{n} gap is open", "{n} gaps are open", whole)
    if not whole:
        return wording.count("{n} gap is partly closed", "{n} gaps are partly closed", partial)
    return wording.say(
        "{whole} gaps are open and {partial} are partly closed",
        whole=wording.number(whole),
        partial=wording.number(partial),
    )


def where_most(assessment: Assessment, wording: Wording) -> str:
    """Where most of the gaps are; empty if they are all in one place, or one in each."""
    groups = [(name, len(gaps)) for name, gaps in by_group(assessment, wording)]
    if len(groups) < 2 or len(groups) == len(assessment.gaps):
        return ""
    largest = sorted(groups, key=lambda entry: -entry[1])[:MENTIONED]
    largest_groups = [f"{name} ({wording.number(number)})" for name, number in largest]
    return wording.say("Most of them are in: {groups}.", groups=wording.semicolons(largest_groups))


def by_group(assessment: Assessment, wording: Wording) -> list[tuple[str, list[Gap]]]:
    """The gaps by module or policy area, in their order, whole ones first in each."""
    modules = {score.item.id: ("CL_BENCH_ITEM", score.item.module) for score in assessment.scores}
    areas = {result.indicator.id: ("CL_POLICY_AREA", result.indicator.policy_area) for result in assessment.indicators}
    placed = [((modules | areas).get(gap.subject, ("", "")), gap) for gap in assessment.gaps]
    groups = []
    for (scheme, code), entries in groupby(placed, key=lambda entry: entry[0]):
        gaps = sorted((gap for _, gap in entries), key=lambda gap: gap.is_partial)
        name = wording.reference(assessment, scheme, code)
        if scheme == "CL_POLICY_AREA":
            name = wording.say("Core indicators: {area}", area=name)
        groups.append((name, gaps))
    return groups


def table(assessment: Assessment, wording: Wording) -> ReportTable:
    """All gaps, each with the actions of the roadmap that close it or the decision not to."""
    heads = ("What is asked for", "Today", "What would close the gap")
    rows: list[ReportRow] = []
    for name, gaps in by_group(assessment, wording):
        rows += [row((name,), "group"), *(gap_row(gap, assessment, wording) for gap in gaps)]
    caption = wording.say("Gaps by module and policy area, and what would close them")
    columns = text_columns(heads, wording)
    return ReportTable("table-gaps", caption, columns=columns, rows=tuple(rows), stacked=True)


def gap_row(gap: Gap, assessment: Assessment, wording: Wording) -> ReportRow:
    """One gap."""
    recommendation = ReportCell(
        wording.of(gap.statement),
        note=code_of(assessment, gap.subject),
        mark=wording.say("partial") if gap.is_partial else "",
        anchor=f"gap-{gap.subject}",
    )
    today = ReportCell(reason_of(gap, assessment, wording)) if gap.reason else wording.absent()
    decision = assessment.roadmap.decision(gap.subject)
    if decision:
        reason = wording.say("No action, by decision: {reason}", reason=wording.of(decision.reason))
        return row((recommendation, today, ReportCell(reason, sources=decision.sources)))
    links = tuple(
        (f"#action-{action.id}", wording.say("Action {number}", number=wording.number(number)))
        for number, action in enumerate(assessment.roadmap.actions, 1)
        if gap.subject in action.closes
    )
    return row(
        (
            recommendation,
            today,
            ReportCell(wording.of(gap.action) or wording.say("No action is proposed yet."), links=links),
        )
    )


def reason_of(gap: Gap, assessment: Assessment, wording: Wording) -> str:
    """The answer that makes a gap; of an indicator that is produced it speaks of its primary topics."""
    answer = wording.of(gap.reason)
    if any(result.indicator.id == gap.subject and result.is_produced for result in assessment.indicators):
        return wording.say("primary topics: {answer}", answer=lowered(answer))
    return answer


def code_of(assessment: Assessment, subject: str) -> str:
    """What readers call the subject of a gap: the code of an indicator, else the id of the item."""
    names = {result.indicator.id: result.indicator.code for result in assessment.indicators}
    return names.get(subject, subject)


def linked(subjects: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[tuple[str, str], ...]:
    """Links to gaps: indicators by their names, then items by their ids."""
    names = {result.indicator.id: wording.of(result.indicator.name) for result in assessment.indicators}
    ordered = sorted(subjects, key=lambda subject: subject not in names)
    return tuple((f"#gap-{subject}", names.get(subject, subject)) for subject in ordered)
