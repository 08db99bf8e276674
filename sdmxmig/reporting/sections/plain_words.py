"""Plain-language sentences of answers."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

from sdmxmig.catalogue.benchmarking import is_proven
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.reporting.sections.gaps import describe_reason
from sdmxmig.reporting.sections.items import YES_NO, has_information
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment, Gap, Score
from sdmxmig.statistics.model.indicator_results import SubjectAnswer

WORDS_FILE = "plain.csv"
REMARK_MARK = "#"
SOURCES, USE = "H", "S13"
"""The module about sources, and the question of their sheets about their use."""
MAX_STRENGTH_SOURCES = 2
STRENGTH, GAP, ABSENT, DETAIL = "strength", "gap", "absent", "detail"
"""Kinds of sentences: strength, partial or full gap, full gap with other wording, missing detail."""


@dataclass(frozen=True, slots=True)
class PlainSentence:
    text: Text
    _: KW_ONLY
    weight: int
    level: int


@lru_cache(maxsize=1)
def index_plain_sentences() -> Mapping[tuple[str, str], PlainSentence]:
    lines = (find_shipped_folder("templates") / "report" / WORDS_FILE).read_text(encoding="utf-8-sig").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith(REMARK_MARK))
    sentences: dict[tuple[str, str], PlainSentence] = {}
    for weight, row in enumerate(rows):
        level, kind, subject = (row.pop(column) for column in ("level", "kind", "subject"))
        place = sentences[GAP, subject].weight if kind == ABSENT else weight
        sentences[kind, subject] = PlainSentence(Text.of(**row), weight=place, level=int(level or 0))
    return sentences


def write_strength_sentence(score: Score, assessment: Assessment) -> PlainSentence | None:
    sentence = index_plain_sentences().get((STRENGTH, score.item.id))
    reached = assessment.scale(score.item.scale).level(score.answer)
    return sentence if sentence and reached is not None and reached >= sentence.level else None


def find_joint_strength(score: Score, assessment: Assessment) -> Score | None:
    """Return the strength that is described together with another one, such as emigration with immigration."""
    shared = index_plain_sentences()
    others = (other for other in assessment.scores if (STRENGTH, f"{score.item.id} {other.item.id}") in shared)
    return next((other for other in others if is_strength(other, assessment)), None)


def phrase_strength(score: Score, assessment: Assessment, wording: Wording) -> str:
    sentence, other = write_strength_sentence(score, assessment), find_joint_strength(score, assessment)
    if other:
        sentence = index_plain_sentences()[STRENGTH, f"{score.item.id} {other.item.id}"]
    return wording.of(sentence.text) if sentence else ""


def phrase_gap(gaps: Sequence[Gap], assessment: Assessment, wording: Wording) -> str:
    produced = {result.indicator.id for result in assessment.indicators if result.is_produced}
    sentence = (
        write_joint_sentence(*gaps, produced=produced) if len(gaps) > 1 else write_gap_sentence(gaps[0], produced)
    )
    if sentence:
        return wording.of(sentence.text)
    return wording.pair(wording.of(gaps[0].statement), describe_reason(gaps[0], assessment, wording))


def write_gap_sentence(gap: Gap, produced: Collection[str]) -> PlainSentence | None:
    key = build_gap_key(gap, produced)
    return index_plain_sentences()[key] if key else None


def build_gap_key(gap: Gap, produced: Collection[str]) -> tuple[str, str] | None:
    missing = (GAP,) if gap.is_partial else (ABSENT, GAP)
    keys = ((kind, subject) for subject in gap.subjects for kind in ((DETAIL,) if subject in produced else missing))
    return next((key for key in keys if key in index_plain_sentences()), None)


def write_joint_sentence(first: Gap, second: Gap, *, produced: Collection[str]) -> PlainSentence | None:
    keys = [key for gap in (first, second) if (key := build_gap_key(gap, produced))]
    if len(keys) < 2 or keys[0][0] != keys[1][0]:
        return None
    (kind, one_subject), (_, other_subject) = keys
    pairs = ((kind, f"{one_subject} {other_subject}"), (kind, f"{other_subject} {one_subject}"))
    return next((index_plain_sentences()[pair] for pair in pairs if pair in index_plain_sentences()), None)


def group_by_sentence(gaps: Iterable[Gap], produced: Collection[str]) -> list[tuple[Gap, ...]]:
    groups: list[tuple[Gap, ...]] = []
    for gap in gaps:
        alone = (place for place, group in enumerate(groups) if len(group) == 1)
        twin = next((place for place in alone if write_joint_sentence(groups[place][0], gap, produced=produced)), None)
        if twin is None:
            groups.append((gap,))
        else:
            groups[twin] = (*groups[twin], gap)
    return groups


def is_strength(score: Score, assessment: Assessment) -> bool:
    """Check whether an answer has its own sentence, and the proof of a gap or data that show it.

    Data of one period do not show that figures are published regularly. A source is “used” only if its sheet states it.
    """
    shown = (evidence for evidence in assessment.evidence if evidence.item == score.item.id)
    is_shown = any(score.item.scale == YES_NO or evidence.first < evidence.last for evidence in shown)
    is_supported = is_proven(score.evidence, score.quoted, score.sources) or (is_shown and bool(score.evidence))
    is_used = score.item.module != SOURCES or bool(list_uses(score, assessment))
    is_stated = bool(score.practice) and not score.is_contradicted and is_used
    return is_stated and is_supported and write_strength_sentence(score, assessment) is not None


def list_uses(score: Score, assessment: Assessment) -> list[SubjectAnswer]:
    about = assessment.about.get(score.item.id, ())
    return [answered for answered in about if answered.item == USE and has_information(answered)]


def list_strength_sources(score: Score, assessment: Assessment) -> tuple[str, ...]:
    """Return the first sources of an answer, and of the stated use if it is about a source."""
    other = find_joint_strength(score, assessment)
    stated = (
        score,
        *([other] if other else []),
        *(list_uses(score, assessment) if score.item.module == SOURCES else ()),
    )
    keys = {key for answered in stated for key in answered.sources}
    return tuple(key for key in assessment.sources if key in keys)[:MAX_STRENGTH_SOURCES]


def weigh_strength(score: Score) -> tuple[bool, bool, int]:
    sentence = index_plain_sentences().get((STRENGTH, score.item.id))
    return sentence is None, not score.item.is_short, sentence.weight if sentence else 0


def weigh_gap(gap: Gap, produced: Collection[str]) -> tuple[bool, int]:
    sentence = write_gap_sentence(gap, produced)
    return sentence is None, sentence.weight if sentence else 0
