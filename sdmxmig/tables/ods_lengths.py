"""Lengths in OpenDocument workbooks, and by how many steps one indents a text.

A workbook says how wide an indentation is, not how many steps it has. All programs make a step about three blanks wide,
but of the font that the workbook had, so that the width of a step is found from the widths that there are.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from math import ceil, floor

LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(in|cm|mm|pt|pc|px)")
POINTS = {"in": 72.0, "cm": 72 / 2.54, "mm": 7.2 / 2.54, "pt": 1.0, "pc": 12.0, "px": 0.75}
USUAL_STEP = 10.0
"""So many points wide is a step of LibreOffice; those of other programs are narrower, down to `NARROWEST`."""
NARROWEST = 6.5
ROUNDING = 0.15
"""So many points a written length may be off."""


def points(length: str) -> float:
    """A length in points; 0 for what is none.

    >>> points("0.5in"), points("-1cm"), points("")
    (36.0, 0.0, 0.0)
    """
    match = LENGTH.fullmatch(length.strip())
    return float(match[1]) * POINTS[match[2]] if match else 0.0


def step_of(margins: Collection[float]) -> float:
    """How wide a step is, in points: the widest one of which all margins are multiples.

    >>> [round(step_of(margins), 2) for margins in ([8.56, 17.1, 25.66], [17.1], [20.0], [3.0])]
    [8.56, 8.55, 10.0, 10.0]
    """
    widths = sorted({margin for margin in margins if margin >= NARROWEST})
    if not widths:
        return USUAL_STEP
    narrowest = widths[0]
    for steps in range(ceil((narrowest - ROUNDING) / USUAL_STEP), floor(narrowest / NARROWEST) + 1):
        step = narrowest / steps
        if all(abs(width - round(width / step) * step) <= ROUNDING * max(1, width / narrowest) for width in widths):
            return step
    return USUAL_STEP
