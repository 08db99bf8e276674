"""Placement of blocks that allows for more rows next year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sdmxmig.conversion.mapping.texts import matches
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.primitives.places import cell_name, column_name
from sdmxmig.sdmx.model.data import Block

FIRST_WORDS = re.compile(r"^[^\d:]*[:]?")
"""The beginning of a note, before its numbers."""
SHORTEST = 4
SIGNS = str.maketrans({"[": "[[]", "?": "[?]", "*": "[*]"})
"""Signs that mean something in a pattern."""


def placed(region: Region) -> Block:
    """Return the block's corner, by unique text or by cell name."""
    used = {*region.labels, *region.values}
    far = min(used) if region.labels_right else max(used)
    beside = max(region.values) if region.labels_right else min(region.values)
    corner = " ".join(region.table.text(region.top, region.side).split())
    same = sum(" ".join(text.split()) == corner for cells in region.table.rows.values() for text in cells.values())
    rows = [row for row in region.table.rows if region.first <= row <= region.last]
    has_gaps = len(rows) < region.last - region.first + 1
    gaps = has_gaps or len(used) < abs(far - region.side) + 1
    by_text = bool(corner) and same == 1 and not region.is_part and region.top < region.first
    last, until = ends(region, far, has_gaps=has_gaps) if gaps or region.below or region.is_part else ("", "")
    return Block(
        sheet=region.table.sheet or "*",
        anchors=(corner,) if by_text else (),
        cell="" if by_text else cell_name(region.table.row_number(region.top), region.side),
        header_rows=region.first - region.top,
        header_columns=abs(beside - region.side),
        components=(),
        gaps=gaps,
        last=last,
        until=(until,) if until else (),
        labels_right=region.labels_right,
    )


def ends(region: Region, far: int, *, has_gaps: bool) -> tuple[str, str]:
    """The last column and the text that ends the rows; the last cell where no text can end them."""
    table, (first, last) = region.sheet or region.table, sorted((region.side, far))
    span = range(first, last + 1)
    rows = sorted(row for row, cells in table.rows.items() if row > region.last and any(at in span for at in cells))
    if not rows or (rows[0] > region.last + 1 and not has_gaps):
        return column_name(far), ""
    label = " ".join(table.text(rows[0], region.side).split())
    inside = {text for _, text in region.folded(region.side)}
    until = next((pattern for pattern in endings(label) if not any(matches(text, pattern) for text in inside)), "")
    return (column_name(far), until) if until else (cell_name(table.row_number(region.last), far), "")


def endings(label: str) -> Iterator[str]:
    """The patterns by which a label that ends a table may be known again: its first words, else all of it.

    >>> list(endings("Source: Register, 2020"))
    ['Source:*', 'Source: Register, 2020']
    """
    if not label:
        return
    words = FIRST_WORDS.match(label)
    first = words[0].rstrip(" ,.(–-") if words else ""
    if SHORTEST <= len(first) < len(label):
        yield f"{first.translate(SIGNS)}*"
    yield label.translate(SIGNS)
