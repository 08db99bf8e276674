"""Rows without information: headings and repeated totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.conversion.recognition.labels import bare
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line, placed_texts
from sdmxmig.conversion.suggestion.regions import Region

AREAS = frozenset({"AREA", "REGION"})
SAYING_NOTHING = frozenset({"ARTICLE", "BY", "JOINING", "OFWHICH"})
WHOLE = frozenset({"_T", "_U"})
TOTAL = "_T"


def silent_labels(region: Region, lines: Sequence[Line], known: FlowKnowledge) -> Mapping[LineSource, frozenset[str]]:
    silent = {}
    for line in lines:
        if line.source.is_label_column and not line.carried:
            placed = placed_texts(region, line)
            counted = {text for row, text in placed.items() if row in region.counted}
            silent[line.source] = frozenset(text for text in {*placed.values()} - counted if says_nothing(text, known))
    return silent


def says_nothing(text: str, known: FlowKnowledge) -> bool:
    """Whether a text between the rows says that some of all follow, or countries or regions, and nothing more."""
    reading = read_title(" ".join(bare(text).split()), known.recogniser)
    at: dict[int, set[tuple[str, str]]] = {}
    for mention in reading.mentions:
        at.setdefault(mention.at, set()).add((mention.concept, mention.code))
    if reading.unexplained or not at or any(mention.negated for mention in reading.mentions):
        return False
    return all(
        any(concept in SAYING_NOTHING or (concept == "ROLE" and code in AREAS) for concept, code in pairs)
        and "COUNTRY" not in {concept for concept, _ in pairs}
        for pairs in at.values()
    )


def doubtful_rows(region: Region, known: FlowKnowledge) -> frozenset[str]:
    rows: dict[str, list[int]] = {}
    beside = [column for column in region.labels if region.is_beside(column)]
    for row, text in region.folded(beside[0]) if len(beside) == 1 else ():
        rows.setdefault(text, []).append(row)
    figures: dict[int, dict[int, str]] = {}
    for row, column, text in region.figures:
        figures.setdefault(row, {})[column] = text
    same = {
        text
        for text in region.repeated
        if len({tuple(sorted(figures.get(row, {}).items())) for row in rows[text]}) == 1
        and len(figures[rows[text][0]]) > 1
    }
    codes = {text: {candidate.code for candidate in known.recogniser.shared(text)} for text in same}
    if not any(TOTAL in text_codes for text_codes in codes.values()):
        return region.repeated
    return region.repeated - {text for text, text_codes in codes.items() if text_codes & WHOLE}
