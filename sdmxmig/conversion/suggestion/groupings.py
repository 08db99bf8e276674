"""Columns that only group countries, such as continents; these are ignored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import ENOUGH, FlowKnowledge, Line, placed_texts, recognised
from sdmxmig.conversion.suggestion.questions import Question
from sdmxmig.conversion.suggestion.regions import Region

MOSTLY = 0.5
"""The part of the labels that must be areas."""
FEWER = 0.7
SURE = 0.95


def groupings(region: Region, lines: Sequence[Line], known: FlowKnowledge) -> tuple[tuple[Line, Line], ...]:
    """The lines of areas that group those of another line, each with the finest line that it groups."""
    areas = [line for line in lines if is_of_areas(line, known)]
    grouped: dict[LineSource, tuple[Line, Line]] = {}
    for coarse, fine in permutations(areas, 2):
        known_one = grouped.get(coarse.source)
        most = len(fine.texts) - 1 if is_of_regions(coarse, known) else FEWER * len(fine.texts)
        if (
            len(coarse.texts) <= most
            and groups(region, coarse, fine)
            and (known_one is None or len(fine.texts) > len(known_one[1].texts))
        ):
            grouped[coarse.source] = (coarse, fine)
    return tuple(grouped.values())


def is_of_areas(line: Line, known: FlowKnowledge) -> bool:
    if line.source.kind in ("header", "section") or line.is_joined or len(line.texts) < 2:
        return False
    meanings = recognised(line.texts, "PARTNER", known.recogniser).items()
    areas = sum(
        bool(candidates) and (candidates[0].confidence >= ENOUGH or not text.isdecimal())
        for text, candidates in meanings
    )
    return areas > MOSTLY * len(line.texts)


def is_of_regions(line: Line, known: FlowKnowledge) -> bool:
    meanings = recognised(line.texts, "PARTNER", known.recogniser)
    return sum(bool(candidates) and candidates[0].code.isdecimal() for candidates in meanings.values()) > MOSTLY * len(
        line.texts
    )


def groups(region: Region, coarse: Line, fine: Line) -> bool:
    upper, lower = placed_texts(region, coarse), placed_texts(region, fine)
    pairs = {(text, upper.get(row, "")) for row, text in lower.items()}
    return len(pairs) == len({text for text, _ in pairs}) and all(group for _, group in pairs)


def grouped_questions(grouped: Sequence[tuple[Line, Line]], sheet: str) -> Iterator[Question]:
    for coarse, fine in grouped:
        name = coarse.head or str(coarse.source)
        reason = f"“{name}” groups the labels of “{fine.head or fine.source}”, and says nothing more"
        yield Question(sheet, f"unread {coarse.source}", label=name, chosen=Candidate("not read", SURE, reason=reason))
