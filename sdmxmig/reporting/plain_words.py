"""What answers mean in plain words, for readers who know neither codes nor terms: a table of sentences."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

from sdmxmig.catalogue.folders import shipped
from sdmxmig.model.artefacts import Text
from sdmxmig.model.assessment import Assessment, Score
from sdmxmig.model.gaps import Gap
from sdmxmig.reporting.gaps import reason_of
from sdmxmig.reporting.wording import FULLY, Wording

FILE = "plain.csv"
REMARK = "#"
STRENGTH, GAP, DETAIL = "strength", "gap", "detail"
"""What a sentence says: what is in place, what is missing, or that a produced indicator lacks some of its detail."""


@dataclass(frozen=True, slots=True)
class PlainSentence:
    """A sentence in several languages; `weight` is its place in the table, `level` from which answer on it is true."""

    text: Text
    _: KW_ONLY
    weight: int
    level: int


@lru_cache(maxsize=1)
def plain_sentences() -> Mapping[tuple[str, str], PlainSentence]:
    """All sentences, by what they say and the item or indicator that they are about."""
    lines = (shipped("templates") / "report" / FILE).read_text(encoding="utf-8-sig").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith(REMARK))
    sentences = {}
    for weight, row in enumerate(rows):
        level, subject = row.pop("level"), (row.pop("kind"), row.pop("subject"))
        sentences[subject] = PlainSentence(Text.of(**row), weight=weight, level=int(level or 0))
    return sentences


def strength_sentence(score: Score, assessment: Assessment) -> PlainSentence | None:
    """What a good answer means in plain words; None if the answer is not good enough, or nothing is written for it."""
    sentence = plain_sentences().get((STRENGTH, score.item.id))
    reached = assessment.scale(score.item.scale).level(score.answer)
    return sentence if sentence and reached is not None and reached >= sentence.level else None


def strength_words(score: Score, assessment: Assessment, wording: Wording) -> str:
    """A strength in plain words; where none are written, the name of what is asked and the answer."""
    sentence = strength_sentence(score, assessment)
    return wording.of(sentence.text) if sentence else wording.pair(wording.of(score.item.name), wording.of(score.label))


def gap_words(gap: Gap, assessment: Assessment, wording: Wording) -> str:
    """A gap in plain words; where none are written, the name of what is asked for and the answer."""
    produced = {result.indicator.id for result in assessment.indicators if result.is_produced}
    sentence = gap_sentence(gap, produced)
    if sentence:
        return wording.of(sentence.text)
    return wording.pair(wording.of(gap.statement), reason_of(gap, assessment, wording))


def gap_sentence(gap: Gap, produced: Collection[str]) -> PlainSentence | None:
    """What the first part of a gap for which something is written means in plain words."""
    keys = ((DETAIL if subject in produced else GAP, subject) for subject in gap.subjects)
    return next((plain_sentences()[key] for key in keys if key in plain_sentences()), None)


def is_strength(score: Score, assessment: Assessment) -> bool:
    """Whether an answer is good and a described practice proves it."""
    reached = assessment.scale(score.item.scale).level(score.answer)
    return bool(score.practice) and (reached == FULLY or strength_sentence(score, assessment) is not None)


def strength_weight(score: Score) -> tuple[bool, bool, int]:
    """A key by which strengths stand in the order in which a reader wants to know them."""
    sentence = plain_sentences().get((STRENGTH, score.item.id))
    return sentence is None, not score.item.is_short, sentence.weight if sentence else 0


def gap_weight(gap: Gap, produced: Collection[str]) -> tuple[bool, int]:
    """The same of gaps; `produced` are the indicators of which only some detail can be missing."""
    sentence = gap_sentence(gap, produced)
    return sentence is None, sentence.weight if sentence else 0
