"""Summary page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TypeVar

from sdmxmig.reporting.sections.changes import changes
from sdmxmig.reporting.sections.context import size
from sdmxmig.reporting.sections.decade import decade
from sdmxmig.reporting.sections.items import counted, has_answers
from sdmxmig.reporting.sections.key_figures import leading_figures, migrants_in_words
from sdmxmig.reporting.sections.peers import peer_lines
from sdmxmig.reporting.sections.plain_words import (
    gap_weight,
    gap_words,
    is_strength,
    said_together,
    strength_weight,
    strength_words,
)
from sdmxmig.reporting.sections.progress import since
from sdmxmig.reporting.sections.publication import imprint
from sdmxmig.reporting.sections.standing import counts_apart, quality_in_brief
from sdmxmig.reporting.sections.strip import is_known, is_mostly_rated, no_gap
from sdmxmig.reporting.sections.timetable import by_when
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, lowered, raised
from sdmxmig.sdmx.model.assessment import Assessment, Score
from sdmxmig.sdmx.model.gaps import Gap
from sdmxmig.sdmx.model.roadmap import Action

T = TypeVar("T")
THREE = 3
"""So many strengths, gaps and steps page one names."""
NAMED = "R01"
"""The item by which a country names an action in its own words."""


@dataclass(frozen=True, slots=True)
class SummaryPoint:
    """A strength, gap or step in plain words."""

    subject: str
    text: str
    _: KW_ONLY
    note: str = ""


@VIEWS.add("summary")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The content of the first page."""
    headline = heading(assessment, wording)
    return {
        "label": wording.say("Summary"),
        "heading": headline,
        "figures": leading_figures(assessment, wording, heading=headline),
        "changes": list(changes(assessment, wording)),
        "quality": quality_in_brief(assessment, wording),
        "rests": rests(assessment, wording),
        "strengths": strengths(assessment, wording),
        "gaps": gaps(assessment, wording),
        "no_gap": no_gap(assessment, wording),
        "steps": steps(assessment, wording),
        "steps_note": steps_note(assessment, wording),
        "figure": decade(assessment, wording),
        "peers": peer_lines(assessment, wording),
        "progress": since(assessment, wording),
        "imprint": imprint(assessment, wording),
    }


def heading(assessment: Assessment, wording: Wording) -> str:
    """How many came and went, else how many migrants there are, else what the country does well and lacks most."""
    sentence = measured(assessment, wording)
    if sentence:
        return wording.say("{sentence}.", sentence=wording.semicolons([sentence, *apart(assessment, wording)]))
    best = [strength_words(score, assessment, wording) for score in best_scores(assessment)[:1]]
    # What is published, and what of its detail is not, would be one thing said twice.
    produced = {result.indicator.id for result in assessment.indicators if result.is_produced}
    missing = sorted(foremost(assessment), key=lambda group: not produced.isdisjoint(group[0].subjects))
    worst = [gap_words(group, assessment, wording) for group in missing[:1]]
    if not best and not worst:
        country = wording.of(assessment.country) or assessment.area
        if not any(map(is_known, assessment.scores)):
            return wording.say("{country}: no answers and no data on migration statistics yet.", country=country)
        return wording.say("{country}: no strength and no gap has been found yet.", country=country)
    if not worst and is_mostly_rated(assessment):
        worst = [lowered(wording.say("No gap is known"))]
    first, *others = [*best, *worst]
    return wording.say("{sentence}.", sentence=wording.semicolons([raised(first), *map(lowered, others)]))


def apart(assessment: Assessment, wording: Wording) -> list[str]:
    return [
        wording.say("the census of {year} counted {n}", year=effect.period, n=wording.number(effect.first.value))
        for effect in counts_apart(assessment)
    ]


def measured(assessment: Assessment, wording: Wording) -> str:
    return size(assessment, wording) or migrants_in_words(assessment, wording)


def rests(assessment: Assessment, wording: Wording) -> str:
    """How many questions are rated, described and unanswered, so that no score hides how few are rated."""
    if not has_answers(assessment):
        return wording.say("The questions of the profile are unanswered: all results come from the data.")
    counts = counted(assessment.scores, assessment)
    if counts.known == counts.total:
        return wording.say(
            "All {all} questions about the statistics of the country are answered.", all=wording.number(counts.total)
        )
    return wording.say(
        "Questions about the statistics of the country: {all}. Rated: {rated}. Described but not rated: {described}. "
        "Unanswered: {unanswered}. Only rated answers count as strengths or gaps.",
        all=wording.number(counts.total),
        rated=wording.number(counts.known),
        described=wording.number(counts.described),
        unanswered=wording.number(counts.unanswered),
    )


def strengths(assessment: Assessment, wording: Wording) -> list[SummaryPoint]:
    return [
        SummaryPoint(score.item.id, strength_words(score, assessment, wording)) for score in best_scores(assessment)
    ]


def best_scores(assessment: Assessment) -> list[Score]:
    best = sorted((score for score in assessment.scores if is_strength(score, assessment)), key=strength_weight)
    return _one_a_module(best, [score.item.module for score in best])


def gaps(assessment: Assessment, wording: Wording) -> list[SummaryPoint]:
    return [
        SummaryPoint(", ".join(gap.id for gap in group), gap_words(group, assessment, wording))
        for group in foremost(assessment)
    ]


def foremost(assessment: Assessment) -> list[tuple[Gap, ...]]:
    """Choose three gaps, preferring those closed by the first actions."""
    gap_by_subject = {subject: gap for gap in assessment.gaps for subject in gap.subjects}
    produced = {result.indicator.id for result in assessment.indicators if result.is_produced}
    chosen: dict[str, Gap] = {}

    def weight(gap: Gap) -> tuple[bool, tuple[bool, int]]:
        return gap.is_partial, gap_weight(gap, produced)

    queues = [
        sorted((gap_by_subject[subject] for subject in action.closes if subject in gap_by_subject), key=weight)
        for action in _actions(assessment)
    ]
    for queue in queues:
        chosen |= {gap.id: gap for gap in [gap for gap in queue if gap.id not in chosen][:1]}
    all_gaps = [gap for queue in queues for gap in queue] + sorted(assessment.gaps, key=weight)
    chosen |= {gap.id: gap for gap in all_gaps if gap.id not in chosen}
    return said_together(chosen.values(), produced)[:THREE]


def _actions(assessment: Assessment) -> tuple[Action, ...]:
    return assessment.roadmap.actions[:THREE]


def _one_a_module(candidates: Sequence[T], modules: Sequence[str]) -> list[T]:
    count_by_module: dict[str, int] = {}
    ranked = []
    for position, (candidate, module) in enumerate(zip(candidates, modules, strict=True)):
        count_by_module[module] = count_by_module.get(module, 0) + 1
        ranked.append((count_by_module[module], position, candidate))
    return [candidate for _, _, candidate in sorted(ranked, key=lambda entry: entry[:2])[:THREE]]


def steps(assessment: Assessment, wording: Wording) -> list[SummaryPoint]:
    """The first three actions of the roadmap, each with who leads it and by when it is done."""
    return [
        SummaryPoint(
            ", ".join(gap.id for gap in assessment.gaps if not set(gap.subjects).isdisjoint(action.closes)),
            wording.of(action.name),
            note=wording.semicolons(
                filter(None, (part(action, assessment, wording) for part in (who_and_when, still_open)))
            ),
        )
        for action in _actions(assessment)
    ]


def who_and_when(action: Action, assessment: Assessment, wording: Wording) -> str:
    when = by_when(action, assessment.roadmap.start, wording)
    return wording.commas(filter(None, (wording.of(action.responsible), when)))


def still_open(action: Action, assessment: Assessment, wording: Wording) -> str:
    gaps = [gap for gap in assessment.gaps if not set(gap.subjects).isdisjoint(action.closes)]
    if not action.settled or NAMED in action.decided or len(gaps) > 1:
        return ""
    return wording.say("remaining gap: {gap}", gap=lowered(wording.of(gaps[0].statement)))


def steps_note(assessment: Assessment, wording: Wording) -> str:
    actions = _actions(assessment)
    if not actions:
        if not has_answers(assessment):
            return ""
        if all(map(is_known, assessment.scores)):
            return wording.say("No action follows from the answers.")
        return wording.say("No action is proposed yet. The open questions come first.")
    if any(action.decided for action in actions):
        return ""
    return wording.say("Lead agencies are proposals until the country decides. The office sets the dates.")
