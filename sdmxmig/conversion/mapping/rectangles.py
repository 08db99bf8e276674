"""Cell ranges: ``A1:F3``, ``B2``, rows ``40:60``, columns ``H:K``."""

from __future__ import annotations

import re

from sdmxmig.primitives.places import cell_position
from sdmxmig.sdmx.model.tables import Range

LAST = 2**31 - 1
CORNER = re.compile(r"([A-Za-z]{0,3})([0-9]{0,7})")


def rectangle(written: str) -> Range | None:
    """Parse a cell range; None if invalid. Whole rows and columns end at `LAST`.

    >>> rectangle("B2:C9")
    Range(first_row=2, first_column=2, last_row=9, last_column=3)
    >>> rectangle("40:60").first_column, rectangle("B:") is None
    (1, True)
    """
    first, _, last = written.replace(" ", "").partition(":")
    corners = [corner for text in (first, last or first) if (corner := CORNER.fullmatch(text))]
    if len(corners) < 2 or not first:
        return None
    shapes = [(bool(match[1]), bool(match[2])) for match in corners]
    if shapes[0] != shapes[1] or not any(shapes[0]) or (not last and not all(shapes[0])):
        return None
    (top, left), (bottom, right) = (cell_position(f"{match[1] or 'A'}{match[2] or '1'}") for match in corners)
    has_columns, has_rows = shapes[0]
    cells = Range(top, left, last_row=bottom if has_rows else LAST, last_column=right if has_columns else LAST)
    return cells if 1 <= cells.first_row <= cells.last_row and cells.first_column <= cells.last_column else None
