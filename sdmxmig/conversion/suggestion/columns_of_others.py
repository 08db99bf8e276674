"""Columns that belong to a left-out heading: “Emigrants | of which men | of which women”."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.wordings import without_of_which
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.lines import Line, placed_texts
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.primitives.places import column_name
from sdmxmig.sdmx.model.data import Skip

COUNTED = ("MEASURE", "DIRECTION")


def columns_beside(region: Region, line: Line, reasons: Mapping[str, str], vocabulary: Vocabulary) -> tuple[Skip, ...]:
    """Find the columns of left-out headings by letter.

    A part belongs to the heading before it, or after it if the row ends with a heading.
    """
    placed = placed_texts(region, line)
    columns = sorted(placed, reverse=region.labels_right)
    headings = {text for text in placed.values() if text in reasons or is_heading(text, vocabulary)}
    texts = [placed[column] for column in columns]
    if texts[0] not in headings and texts.count(texts[0]) > 1 and texts[-1] in headings:
        columns.reverse()
    return tuple(parts_of(placed, columns, headings, reasons, number=line.source.number or 1))


def parts_of(
    placed: Mapping[int, str], columns: list[int], headings: set[str], reasons: Mapping[str, str], *, number: int
) -> Iterator[Skip]:
    heading = ""
    for column in columns:
        text = placed[column]
        heading = text if text in headings else heading
        if text and text not in headings and heading in reasons:
            reason = f"a part of “{heading}”: {reasons[heading]}"
            yield Skip(text, reason, header=number, column=column_name(column))


def labels_out(region: Region, line: Line, skips: tuple[Skip, ...]) -> frozenset[str]:
    out = {skip.column for skip in skips}
    read = {text for column, text in placed_texts(region, line).items() if column_name(column) not in out}
    return frozenset(skip.match for skip in skips) - read


def is_heading(text: str, vocabulary: Vocabulary) -> bool:
    if begins_of_which(text, vocabulary):
        return False
    whole = any(vocabulary.codes(concept, plain(bare(text))) for concept in COUNTED)
    return whole or bool(vocabulary.inside("DIRECTION", text))


def begins_of_which(text: str, vocabulary: Vocabulary) -> bool:
    return without_of_which(text, vocabulary) != text
