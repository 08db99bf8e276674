"""Gaps section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from sdmxmig.reporting.sections.answers import is_mostly_rated, state_no_gap
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.office import format_office_comment
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording, capitalise, lower_first_letter
from sdmxmig.statistics.model.assessment import Action, Assessment, Gap, GapReason
from sdmxmig.statistics.model.indicator_results import AVAILABILITY, TOPICS

NO_PLACE = ("", "")
MAX_MENTIONED = 3
"""Number of places with most gaps that the section names."""


@VIEWS.add("gaps")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    gaps = assessment.gaps
    if not gaps and not assessment.contradictions and not is_mostly_rated(assessment):
        return {}
    return {
        "label": wording.say("Gaps and priorities"),
        "heading": wording.count("{n} known gap", "{n} known gaps", len(gaps))
        if gaps
        else state_no_gap(assessment, wording),
        "most": describe_largest_share(assessment, wording),
        "table": tabulate_gaps(assessment, wording) if gaps else None,
        "unknown": describe_uncounted_gaps(assessment, wording),
    }


def describe_uncounted_gaps(assessment: Assessment, wording: Wording) -> str:
    unknown = sum(score.answer in UNKNOWN_ANSWERS for score in assessment.scores)
    contradicted = sum(score.is_contradicted for score in assessment.scores)
    contradicted += sum(not {AVAILABILITY, TOPICS}.isdisjoint(result.contradicted) for result in assessment.indicators)
    sentences = []
    if unknown:
        sentences.append(
            wording.say(
                "Questions without a rating: {n}. They are not counted as gaps or strengths.",
                n=wording.number(unknown),
            )
        )
    if contradicted:
        sentences.append(
            wording.count(
                "The data contradict {n} answer. It is not counted as a gap or strength until it is confirmed.",
                "The data contradict {n} answers. They are not counted as gaps or strengths until they are confirmed.",
                contradicted,
            )
        )
    return " ".join(sentences)


def describe_largest_share(assessment: Assessment, wording: Wording) -> str:
    groups = [(name, len(gaps)) for name, gaps in group_gaps(assessment, wording)]
    if len(groups) < 2 or len(groups) == len(assessment.gaps):
        return ""
    largest = sorted(groups, key=lambda entry: -entry[1])[:MAX_MENTIONED]
    largest_groups = [f"{name} ({wording.number(number)})" for name, number in largest]
    return wording.say("The largest groups of gaps are: {groups}.", groups=wording.join_with_semicolons(largest_groups))


def group_gaps(assessment: Assessment, wording: Wording) -> list[tuple[str, list[Gap]]]:
    modules = {score.item.id: ("CL_BENCH_ITEM", score.item.module) for score in assessment.scores}
    areas = {result.indicator.id: ("CL_POLICY_AREA", result.indicator.policy_area) for result in assessment.indicators}
    placed = [(find_group(gap, modules | areas), gap) for gap in assessment.gaps]
    order = {place: number for number, place in enumerate(dict.fromkeys([*(modules | areas).values(), NO_PLACE]))}
    groups = []
    placed.sort(key=lambda entry: order[entry[0]])
    for (scheme, code), entries in groupby(placed, key=lambda entry: entry[0]):
        gaps = sorted((gap for _, gap in entries), key=lambda gap: gap.is_partial)
        name = wording.reference(assessment, scheme, code) if scheme else wording.say("Differences in the data")
        if scheme == "CL_POLICY_AREA":
            name = wording.say("Core indicators: {area}", area=name)
        groups.append((name, gaps))
    return groups


def find_group(gap: Gap, places: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    return next((places[subject] for subject in gap.subjects if subject in places), NO_PLACE)


def tabulate_gaps(assessment: Assessment, wording: Wording) -> ReportTable:
    heads = ("Requirement", "Today", "Action")
    rows: list[ReportRow] = []
    for name, gaps in group_gaps(assessment, wording):
        rows += [build_row((name,), "group"), *(build_gap_row(gap, assessment, wording) for gap in gaps)]
    caption = wording.say("Gaps by module and policy area, with actions")

    return build_table("table-gaps", caption, heads, rows, wording, stacked=True)


def build_gap_row(gap: Gap, assessment: Assessment, wording: Wording) -> ReportRow:
    recommendation = ReportCell(
        wording.of(gap.statement),
        note=wording.join_with_commas(list_codes(gap, assessment)),
        anchor=f"gap-{gap.id}",
    )
    today = ReportCell(
        describe_reason(gap, assessment, wording),
        note=format_office_comment((gap.id, *gap.subjects), assessment, wording),
    )
    links = tuple(
        (f"#action-{action.id}", wording.say("Action {number}", number=wording.number(number)))
        for number, action in enumerate(assessment.roadmap.actions, 1)
        if not set(gap.subjects).isdisjoint(action.closes)
    )
    decision = next(filter(None, map(assessment.roadmap.decision, gap.subjects)), None)
    if decision and not links:
        reason = wording.say("No action, by decision: {reason}", reason=wording.of(decision.reason))
        return build_row((recommendation, today, ReportCell(reason, sources=decision.sources)))
    return build_row(
        (
            recommendation,
            today,
            ReportCell(links=links) if links else wording.of(gap.action) or wording.say("No action is proposed yet."),
        )
    )


def describe_reason(gap: Gap, assessment: Assessment, wording: Wording) -> str:
    reasons = dict.fromkeys(part for reason in gap.reasons for part in list_reason_parts(reason, assessment, wording))
    return capitalise(wording.join_with_semicolons(reasons)) if reasons else wording.say("no description")


def list_reason_parts(reason: GapReason, assessment: Assessment, wording: Wording) -> Iterator[str]:
    for shown in reason.shown:
        yield wording.statement(shown, assessment).rstrip(".。")
    answer = lower_first_letter(wording.of(reason.answer))
    produced = (result.indicator.id for result in assessment.indicators if result.is_produced)
    if answer and reason.subject in produced:
        yield wording.say("breakdowns: {answer}", answer=answer)
    elif answer:
        yield answer


def list_codes(gap: Gap, assessment: Assessment) -> list[str]:
    names = {result.indicator.id: result.indicator.code for result in assessment.indicators}
    return [names.get(reason.subject, reason.subject) for reason in gap.reasons if not reason.shown]


def name_action(action: Action, assessment: Assessment, wording: Wording) -> str:
    if action.is_whole:
        return wording.of(action.name)
    indicators = {result.indicator.id for result in assessment.indicators}
    gaps = [gap for gap in assessment.gaps if not set(gap.subjects).isdisjoint(action.closes)]
    steps = [
        wording.pair(wording.of(gap.statement), wording.of(gap.action))
        if gap.id in indicators
        else wording.of(gap.action)
        for gap in gaps
    ]
    return " ".join(dict.fromkeys(steps)).rstrip(".。")


def link_gaps(subjects: Sequence[str], assessment: Assessment, wording: Wording) -> tuple[tuple[str, str], ...]:
    gaps = {subject: gap for gap in assessment.gaps for subject in gap.subjects}
    closed = dict.fromkeys(gaps[subject] for subject in subjects if subject in gaps)
    return tuple((f"#gap-{gap.id}", wording.of(gap.statement)) for gap in closed)
