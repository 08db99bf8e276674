"""Comparison of profiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

from sdmxmig.catalogue.benchmarking import Answer, Profile
from sdmxmig.forms.profiles.dataset import BETWEEN, tagged
from sdmxmig.forms.profiles.plan import Asked
from sdmxmig.forms.profiles.texts import ANSWER, CITED, EVIDENCE, PRACTICE, QUESTION, QUOTED
from sdmxmig.primitives.errors import SdmxmigError

NEW, WITHDRAWN = "new", "withdrawn"
UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A changed answer; `direction` ``up`` or ``down`` by points."""

    module: str
    subject: str
    _: KW_ONLY
    item: str
    how: str
    before: str
    after: str
    direction: str = ""


def compare(before: Profile, after: Profile, asked: Asked) -> tuple[AnswerChange, ...]:
    if before.area != after.area:
        message = f"These are profiles of two countries, {before.area} and {after.area}."
        raise SdmxmigError(message, after.place, "Compare two years of one country.")
    items = [
        *asked.items.values(),
        *(benchmark_item for of_kind in asked.about.values() for benchmark_item in of_kind.values()),
    ]
    old, new = (
        {(answer.subject, answer.item): answer for answer in profile.all_answers()} for profile in (before, after)
    )
    subjects = list(dict.fromkeys(subject for subject, _ in (*old, *new)))
    return tuple(
        change
        for item in items
        for subject in subjects
        for change in changes(item.module, old.get((subject, item.id)), new.get((subject, item.id)), asked)
    )


def changes(module: str, before: Answer | None, after: Answer | None, asked: Asked) -> Iterator[AnswerChange]:
    answer = after or before
    if answer is None:
        return
    if before is None or after is None:
        text = answer.answer or tagged(answer.practice)
        yield AnswerChange(
            module,
            answer.subject,
            item=answer.item,
            how=NEW if after else WITHDRAWN,
            before="" if after else text,
            after=text if after else "",
        )
        return
    parts = {
        ANSWER: (before.answer, after.answer),
        EVIDENCE: (before.evidence, after.evidence),
        QUOTED: (before.quoted, after.quoted),
        PRACTICE: (tagged(before.practice), tagged(after.practice)),
        QUESTION: (tagged(before.question), tagged(after.question)),
        CITED: (BETWEEN.join(before.sources), BETWEEN.join(after.sources)),
    }
    for part, (old, new) in parts.items():
        if old != new:
            yield AnswerChange(
                module,
                answer.subject,
                item=answer.item,
                how=part,
                before=old,
                after=new,
                direction=direction(asked, answer.item, old, new) if part == ANSWER else "",
            )


def direction(asked: Asked, item: str, before: str, after: str) -> str:
    scale = asked.scale(item)
    points = dict(scale.points) if scale else {}
    old, new = points.get(before), points.get(after)
    if old is None or new is None or old == new:
        return ""
    return UP if new > old else DOWN
