"""Several tables on a sheet, and columns or rows of shares and rates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from sdmxmig.conversion.recognition.mentions import find_mentions, split_words
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.figures import find_counting_columns, is_figure, is_year
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line, map_labels
from sdmxmig.conversion.suggestion.regions import Region, find_region, list_row_titles
from sdmxmig.conversion.suggestion.sampling import sample_table
from sdmxmig.primitives.errors import InputError, write_count
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table

MAX_SHORT_TITLE = 3
MIN_HEADS = 2
WORKBOOK_HINT = "Write row and column names next to the figures, and numbers as numbers. Then run the command again."
NO_FIGURES_HINT = "It has no figures: save the table with its figures, then run the command again."
TEXT_HINT = "If columns or letters are not shown correctly, set --delimiter or --encoding."


def find_regions(table: Table, vocabulary: Vocabulary) -> tuple[Region, ...]:
    """Find rectangles of figures in reading order, each with the titles above it; long sheets are sampled."""
    table = sample_table(table)
    whole = find_region(table, vocabulary)
    if whole is None or not has_digits(table, vocabulary):
        return ()
    regions = tuple(part for region in _split_stacked(whole, vocabulary) for part in _split_beside(region, vocabulary))
    return tuple(replace(region, is_part=True, sheet=table) for region in regions) if len(regions) > 1 else (whole,)


def _split_stacked(whole: Region, vocabulary: Vocabulary) -> list[Region]:
    starts = _find_starts(whole, vocabulary)
    if not starts:
        return [whole]
    cells, rows = whole.table.cells, whole.table.cells["row"]
    regions = []
    for first, last in zip([0, *starts], [*starts, whole.table.last_row + 1], strict=True):
        region = find_region(replace(whole.table, cells=cells.filter((rows >= first) & (rows < last))), vocabulary)
        regions += [region] if region else []
    return _share_titles(regions)


def _find_starts(whole: Region, vocabulary: Vocabulary) -> list[int]:
    rows = whole.table.rows
    columns = find_counting_columns(rows, vocabulary)
    head = _select_texts(rows.get(whole.first - 1, {}), whole.values)
    starts: set[int] = set()
    shares = max(whole.alone, default=0)  # “Per cent” above the last rows: they are not counts
    title = whole.alone[shares] if shares else ""
    if title and len(title.split()) <= MAX_SHORT_TITLE and is_share(title, vocabulary):
        starts.add(shares)
    figures = above = whole.first
    for row in sorted(row for row in rows if whole.first < row <= whole.last):
        over = _select_texts(rows[row], whole.values)
        figured = bool(columns[row] & over.keys())
        if (head and over == head) or (not figured and _is_new_header(row, above, over, whole)):
            starts.add(figures + 1)
        elif figured:
            figures = row
        above = row
    return sorted(starts)


def _select_texts(cells: Mapping[int, str], columns: Sequence[int]) -> dict[int, str]:
    return {column: " ".join(cells[column].split()) for column in columns if cells.get(column, "").strip()}


def _is_new_header(row: int, above: int, over: Mapping[int, str], whole: Region) -> bool:
    alone = sum(bool(text.strip()) for text in whole.table.rows[above].values()) == 1
    return len(set(over.values())) >= MIN_HEADS and (above < row - 1 or alone)


def _share_titles(regions: Sequence[Region]) -> list[Region]:
    later_titles = [_list_own_titles(region) for region in regions[1:]]
    most = max(map(len, later_titles), default=0)
    shared = regions[0].titles[: len(regions[0].titles) - most] if regions else ()
    later = [
        replace(region, titles=(*shared, *titles)) for region, titles in zip(regions[1:], later_titles, strict=True)
    ]
    return [*regions[:1], *later]


def _list_own_titles(region: Region) -> tuple[str, ...]:
    rows = region.table.rows
    row = max((row for row in rows if row < region.top), default=0)
    titles: list[str] = []
    while row in rows:
        titles = [*(text.strip() for text in rows[row].values() if text.strip()), *titles]
        row -= 1
    return tuple(titles)


def _split_beside(region: Region, vocabulary: Vocabulary) -> tuple[Region, ...]:
    spans = _find_column_spans(region)
    if len(spans) < 2:
        return (region,)
    cells, columns, rows = region.table.cells, region.table.cells["column"], region.table.rows
    several = [row for row in rows.values() if len(row) > 1]
    crowded = {text.strip() for row in several for text in (*row.values(), *list_row_titles(row, vocabulary))}
    regions = []
    for first, last in spans:
        part = replace(region.table, cells=cells.filter((columns >= first) & (columns <= last)))
        part_region = find_region(part, vocabulary)
        if part_region is None or not _is_labelled(part_region):
            return (region,)
        shared = tuple(text for text in region.titles if text not in crowded and text not in part_region.titles)
        regions.append(replace(part_region, titles=(*shared, *part_region.titles)))
    return tuple(regions)


def _is_labelled(region: Region) -> bool:
    return any(len({text for _, text in region.fold_column(column)}) > 1 for column in region.labels)


def _find_column_spans(region: Region) -> list[tuple[int, int]]:
    """Return first and last column of each group without an empty column or a repeated head of its labels."""
    rows = region.table.rows
    used = {column for row in rows if region.top <= row <= region.last for column in rows[row]}
    again = _find_repeated_labels(region)
    spans: list[tuple[int, int]] = []
    for column in sorted(used):
        if spans and spans[-1][1] == column - 1 and column not in again:
            spans[-1] = (spans[-1][0], column)
        else:
            spans.append((column, column))
    return spans


def _find_repeated_labels(region: Region) -> set[int]:
    """Return the columns where a list begins again on the right: “Country | Number | Country | Number”."""
    columns, heads = {*region.labels, *region.values}, {column: region.head(column) for column in region.labels}
    first = heads.get(min(columns), "")
    again = {column for column, head in heads.items() if head and head == first and column > min(columns)}
    lists = [*sorted(again), max(columns) + 1]
    have_figures = all(any(before < value < after for value in region.values) for before, after in pairwise(lists))
    return again if have_figures and any(value < lists[0] for value in region.values) else set()


def build_no_figures_error(tables: Sequence[Table], vocabulary: Vocabulary, besides: Iterable[str] = ()) -> InputError:
    texts = [text for table in tables for text in table.cells["text"] if text.strip()]
    count = sum(any(map(str.isdecimal, text)) and is_figure(text, vocabulary) for text in texts)
    sheets = [table.sheet for table in tables if table.sheet]
    where = (
        "in the file" if not sheets else "in the sheet" if len(sheets) == 1 else f"in any of the {len(sheets)} sheets"
    )
    looked = "Looked for several numbers with names above them or beside them"
    seen = f"{looked}; {write_count(count, 'number')} in {write_count(len(texts), 'filled cell')}."
    reasons = [*besides]
    if any(has_digits(table, vocabulary) for table in tables):
        reasons.append(WORKBOOK_HINT if sheets else TEXT_HINT)
    elif not reasons:
        reasons.append(NO_FIGURES_HINT)
    hint = " ".join((seen, *reasons))
    return InputError(f"No table of figures was found {where}.", Place(tables[0].file if tables else ""), hint)


def has_digits(table: Table, vocabulary: Vocabulary) -> bool:
    """Check whether a table may have figures: a digit below its first row, or a number there that is not a year."""
    rows = [[text for text in row.values() if text.strip()] for _, row in sorted(table.rows.items())]
    first, *later = [row for row in rows if row] or [[]]
    return any(any(map(str.isdecimal, text)) for row in later for text in row) or any(
        any(map(str.isdecimal, text)) and is_figure(text, vocabulary) and not is_year(text) for text in first
    )


UNIT_CONCEPTS = ("UNIT_MEASURE", "UNIT")
"""Concepts of units in labels, and in titles."""
PARTS, RATE = frozenset({"PT", "PERCENT", "PERMILLE"}), "PER_"
SHARE_CONCEPTS = frozenset({"RATE", "RATIO", "SHARE"})
SMALL_FIGURE = re.compile(r"[+\-−–]?\s?(?:100|\d{1,2})(?:[.,]\d+)?\s?%?")
"""A number up to 100, like most shares and rates."""
SIGN = "%"


def is_share(text: str, vocabulary: Vocabulary) -> bool:
    mentions, _ = find_mentions(split_words(text), vocabulary)  # “comptée à part” is not a “part”
    units = [mention.code for mention in mentions if mention.concept in UNIT_CONCEPTS]
    return SIGN in text or any(code in PARTS or code.startswith(RATE) for code in units)


def find_shares(region: Region, line: Line, known: FlowKnowledge) -> frozenset[str]:
    """Find labels of shares or rates. Ambiguous words count only over figures that cannot be counts."""
    vocabulary = known.vocabulary
    by_words = {text for text in line.texts if is_share(text, vocabulary)}
    if line.source.kind != "header":
        return frozenset(by_words)
    below = find_figures_below(region, line)
    signed = {head for head, figures in below.items() if figures and all(SIGN in figure for figure in figures)}
    small = {head for head, figures in below.items() if all(map(SMALL_FIGURE.fullmatch, figures))}
    loose = {head for head in line.texts if is_ambiguous_share(head, vocabulary)}
    beside_counts = loose & small if small < below.keys() else set[str]()
    return frozenset(signed | (by_words - loose) | (by_words & small) | beside_counts)


def mark_rates(region: Region, vocabulary: Vocabulary) -> Region:
    labels = [(row, text) for row, text in region.fold_column(region.side) if row not in region.alone]
    share_rows = {row for row, text in labels if region.side in region.labels and is_share(text, vocabulary)}
    large = {
        row
        for row, _, text in region.figures
        if row in share_rows and not SMALL_FIGURE.fullmatch(" ".join(text.split()))
    }
    rates = frozenset(row for row, text in labels if row in share_rows and (SIGN in text or row not in large))
    return replace(region, rates=rates) if rates and len(rates) < len(labels) else region


def find_figures_below(region: Region, line: Line) -> dict[str, list[str]]:
    placed = map_labels(region, line)
    figures_by_text: dict[str, list[str]] = {text: [] for text in line.texts}
    for _, column, text in region.figures:
        if placed.get(column) in figures_by_text and any(map(str.isdigit, text)):
            figures_by_text[placed[column]].append(" ".join(text.split()))
    return figures_by_text


def is_ambiguous_share(head: str, vocabulary: Vocabulary) -> bool:
    units = {candidate.code for candidate in vocabulary.inside("UNIT", head)}
    return bool(units & SHARE_CONCEPTS) and SIGN not in head and not any(code.startswith("PER") for code in units)
