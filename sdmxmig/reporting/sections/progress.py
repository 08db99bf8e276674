"""Progress section."""

from __future__ import annotations

import datetime as dt

from sdmxmig.primitives import text
from sdmxmig.reporting.sections.strip import is_known
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.progress import Change

NAMED = 3
"""How many changes are named."""


def since(assessment: Assessment, wording: Wording) -> str:
    change = assessment.progress
    if change is None:
        return ""
    known = sum(is_known(score) for score in assessment.scores)
    sentences = [
        wording.say(
            "Changes since the assessment of {day}. Gaps closed: {closed}. New gaps: {opened}. Answered "
            "questions: {known} (before: {before}).",
            day=day_of(change.since, wording),
            closed=named(change.closed, wording),
            opened=named(change.opened, wording),
            known=wording.number(known),
            before=wording.number(change.answers_before),
        )
    ]
    if change.lost:
        gaps = named(change.lost, wording)
        sentences.append(wording.say("Earlier gaps whose questions are now unanswered: {gaps}.", gaps=gaps))
    if change.learned:
        gaps = named(change.learned, wording)
        sentences.append(wording.say("Gaps in questions that were unanswered before: {gaps}.", gaps=gaps))
    return " ".join(sentences)


def day_of(since_day: str, wording: Wording) -> str:
    try:
        return text.date(dt.date.fromisoformat(since_day), wording.language)
    except ValueError:
        return since_day


def named(changes: tuple[Change, ...], wording: Wording) -> str:
    number = wording.number(len(changes))
    if not changes:
        return number
    names = [wording.of(change.name) for change in changes[:NAMED]]
    further = ["…"] if len(changes) > NAMED else []
    return f"{number} ({wording.commas([*names, *further])})"
