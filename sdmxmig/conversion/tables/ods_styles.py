"""OpenDocument styles: formats, indents, superscripts, hidden sheets.

The step of indentation is derived from all widths. Source: OASIS, Open Document Format for Office Applications 1.3,
part 3, sections 16 and 19.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from math import ceil, floor

from sdmxmig.conversion.tables.cell_styles import NamedStyles, named_styles
from sdmxmig.conversion.tables.ods_formats import KINDS, NumberStyles

PREFIXES = {"datastyle": "number", "drawing": "draw", "xsl-fo-compatible": "fo"}
DEPTH = 20
LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(in|cm|mm|pt|pc|px)")
POINTS = {"in": 72.0, "cm": 72 / 2.54, "mm": 7.2 / 2.54, "pt": 1.0, "pc": 12.0, "px": 0.75}
USUAL_STEP = 10.0
NARROWEST = 6.5
ROUNDING = 0.15
"""So many points a written length may be off."""


class PrefixedNames(dict[str, str]):
    def __missing__(self, name: str) -> str:
        if len(self) > 10_000:
            self.clear()
        namespace, _, local = name.rpartition("}")
        parts = namespace.split(":")
        prefix = parts[-2] if len(parts) > 2 else ""
        self[name] = f"{PREFIXES.get(prefix, prefix)}:{local}"
        return self[name]


@dataclass
class OdsStyles:
    """Takes the styles of a workbook, from one part or several."""

    numbers: NumberStyles = field(default_factory=NumberStyles)
    of_cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    _: KW_ONLY
    margins: dict[str, float] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    _style: str = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if tag in KINDS:
            self.numbers.begin(tag, attributes)
        elif tag in ("style:style", "style:default-style"):
            self._begin_style(attributes)
        elif tag == "style:text-properties":
            position = attributes.get("style:text-position", "")
            if position.startswith("super") or re.match(r"[1-9]\d*%", position):
                self.raised.add(self._style)
        elif tag == "style:paragraph-properties" and self._style in self.of_cells:
            if "fo:margin-left" in attributes:
                self.margins[self._style] = points(attributes["fo:margin-left"])
        elif tag == "style:table-properties" and attributes.get("table:display") == "false":
            self.hidden.add(self._style)
        elif self.numbers.open:
            self.numbers.start(tag, attributes)

    def _begin_style(self, attributes: Mapping[str, str]) -> None:
        self._style = attributes.get("style:name", "")
        if attributes.get("style:family") == "table-cell":
            parent = attributes.get("style:parent-style-name", "")
            self.of_cells[self._style] = (attributes.get("style:data-style-name", ""), parent)

    def end(self, tag: str, text: str) -> None:
        if self.numbers.open:
            self.numbers.end(tag, text)

    def shown(self) -> NamedStyles:
        step = step_of(self.margins.values())
        indents = {style: round(self._margin(style) / step) for style in self.of_cells} if self.margins else {}
        return named_styles({style: self._format(style) for style in self.of_cells}, indents)

    def _lineage(self, style: str) -> Iterator[str]:
        for _ in range(DEPTH):
            if style not in self.of_cells:
                return
            yield style
            style = self.of_cells[style][1]

    def _margin(self, style: str) -> float:
        return next((self.margins[ancestor] for ancestor in self._lineage(style) if ancestor in self.margins), 0.0)

    def _format(self, style: str) -> str:
        return self.numbers.code(
            next((number for ancestor in self._lineage(style) if (number := self.of_cells[ancestor][0])), "")
        )


def points(length: str) -> float:
    """A length in points; 0 for what is none.

    >>> points("0.5in"), points("-1cm"), points("")
    (36.0, 0.0, 0.0)
    """
    match = LENGTH.fullmatch(length.strip())
    return float(match[1]) * POINTS[match[2]] if match else 0.0


def step_of(margins: Collection[float]) -> float:
    """Find the indentation step in points: the largest divisor of all margins.

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
