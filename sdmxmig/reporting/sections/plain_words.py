"""Plain-language sentences of answers."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.reporting.sections.gaps import describe_reason
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment, Gap

WORDS_FILE = "plain.csv"
REMARK_MARK = "#"
GAP, ABSENT, DETAIL = "gap", "absent", "detail"
"""Kinds of sentences: partial or full gap, full gap with other wording, missing detail."""


@dataclass(frozen=True, slots=True)
class PlainSentence:
    text: Text
    _: KW_ONLY
    weight: int


@lru_cache(maxsize=1)
def index_plain_sentences() -> Mapping[tuple[str, str], PlainSentence]:
    lines = (find_shipped_folder("templates") / "report" / WORDS_FILE).read_text(encoding="utf-8-sig").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith(REMARK_MARK))
    sentences: dict[tuple[str, str], PlainSentence] = {}
    for weight, row in enumerate(rows):
        kind, subject = (row.pop(column) for column in ("kind", "subject"))
        place = sentences[GAP, subject].weight if kind == ABSENT else weight
        sentences[kind, subject] = PlainSentence(Text.of(**row), weight=place)
    return sentences


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


def weigh_gap(gap: Gap, produced: Collection[str]) -> tuple[bool, int]:
    sentence = write_gap_sentence(gap, produced)
    return sentence is None, sentence.weight if sentence else 0
