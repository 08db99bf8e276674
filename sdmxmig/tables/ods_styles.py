"""What the styles of an OpenDocument workbook show: number formats, raised text and hidden sheets.

Source: OASIS, Open Document Format for Office Applications 1.3, part 3, sections 16 and 19.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = frozenset(
    f"number:{kind}-style" for kind in ("number", "currency", "percentage", "date", "time", "boolean", "text")
)
PARTS = {
    "number:day": ("d", "dd"),
    "number:day-of-week": ("ddd", "dddd"),
    "number:year": ("yy", "yyyy"),
    "number:hours": ("h", "hh"),
    "number:minutes": ("m", "mm"),
    "number:seconds": ("s", "ss"),
    "number:am-pm": ("AM/PM", "AM/PM"),
    "number:text-content": ("@", "@"),
    "number:boolean": ("BOOLEAN", "BOOLEAN"),
    "number:fraction": ("# ?/?", "# ?/?"),
    "number:era": ("g", "ggg"),
    "number:quarter": ("Q", "QQ"),
}
"""The parts of number styles that are one sign of a number format, short and long."""
PREFIXES = {"datastyle": "number", "drawing": "draw"}
LITERAL = re.compile(r"[ \-+()/:.,%]*")
DEPTH = 20


class Names(dict[str, str]):
    """Names as they are usually written (``table:table-cell``), from those with the whole namespace."""

    def __missing__(self, name: str) -> str:
        if len(self) > 10_000:
            self.clear()
        namespace, _, local = name.rpartition("}")
        parts = namespace.split(":")
        prefix = parts[-2] if len(parts) > 2 else ""
        self[name] = f"{PREFIXES.get(prefix, prefix)}:{local}"
        return self[name]


@dataclass
class Styles:
    """Takes the styles of a workbook, from one part or several."""

    codes: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    of_cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    _style: str = ""
    _number: str = ""
    _code: list[str] = field(default_factory=list)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if tag in KINDS:
            self._number, self._code = attributes.get("style:name", ""), []
            self.choices[self._number] = []
        elif tag in ("style:style", "style:default-style"):
            self._begin_style(attributes)
        elif tag == "style:text-properties":
            position = attributes.get("style:text-position", "")
            if position.startswith("super") or re.match(r"[1-9]\d*%", position):
                self.raised.add(self._style)
        elif tag == "style:table-properties" and attributes.get("table:display") == "false":
            self.hidden.add(self._style)
        elif self._number:
            self._part(tag, attributes)

    def _begin_style(self, attributes: Mapping[str, str]) -> None:
        self._style = attributes.get("style:name", "")
        if attributes.get("style:family") == "table-cell":
            parent = attributes.get("style:parent-style-name", "")
            self.of_cells[self._style] = (attributes.get("style:data-style-name", ""), parent)

    def _part(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in ("number:number", "number:scientific-number"):
            self._code.append(digits(attributes))
        elif tag == "number:month":
            long = attributes.get("number:style") == "long"
            self._code.append(("M" if attributes.get("number:textual") != "true" else "MMM") + ("M" if long else ""))
        elif tag in PARTS:
            self._code.append(PARTS[tag][attributes.get("number:style") == "long"])
        elif tag == "style:map":
            self.choices[self._number].append(attributes.get("style:apply-style-name", ""))

    def end(self, tag: str, text: str) -> None:
        """An element ends."""
        if tag in KINDS:
            self.codes[self._number] = "".join(self._code)
            self._number = ""
        elif tag in ("number:text", "number:currency-symbol") and self._number and text:
            self._code.append(text if LITERAL.fullmatch(text) else f'"{text}"')

    def code(self, style: str) -> str:
        """The number format of a cell style, or of the one that it builds upon; empty for none."""
        for _ in range(DEPTH):
            number, style = self.of_cells.get(style, ("", ""))
            if number or not style:
                break
        sections = [self.codes.get(one, "") for one in (*self.choices.get(number, ()), number)]
        code = ";".join(sections) if all(sections) else sections[-1]
        return "" if code == "General" else code


def digits(attributes: Mapping[str, str]) -> str:
    """The number format of the digits of a number.

    >>> digits({"number:decimal-places": "1", "number:min-integer-digits": "1", "number:grouping": "true"})
    '#,##0.0'
    """
    if "number:decimal-places" not in attributes and "number:min-exponent-digits" not in attributes:
        return "General"
    whole, decimals, least, exponent = (
        min(int(attributes.get(f"number:{name}") or default), 30)
        for name, default in (
            ("min-integer-digits", "1"),
            ("decimal-places", "0"),
            ("min-decimal-places", attributes.get("number:decimal-places", "0")),
            ("min-exponent-digits", "0"),
        )
    )
    code = "0" * whole or "#"
    if attributes.get("number:grouping") == "true":
        code = code.rjust(4, "#")
        code = f"{code[:-3]},{code[-3:]}"
    if decimals:
        code += "." + "0" * least + "#" * (decimals - least)
    factor = attributes.get("number:display-factor", "1")
    return code + "," * ((len(factor) - 1) // 3) + ("E+" + "0" * exponent if exponent else "")
