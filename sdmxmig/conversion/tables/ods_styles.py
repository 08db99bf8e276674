"""OpenDocument styles: number formats, indents, superscripts, hidden sheets.

The step of indentation is derived from all widths. Source: OASIS, Open Document Format for Office Applications 1.3,
part 3, sections 16 and 19.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from math import ceil, floor

from sdmxmig.conversion.tables.cell_styles import NamedStyles, named_styles

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
    "number:era": ("g", "ggg"),
    "number:quarter": ("Q", "QQ"),
}
"""The parts of number styles that are one sign of a number format, short and long."""
CLOCK = frozenset({"number:hours", "number:minutes", "number:seconds"})
LITERAL = re.compile(r"[ \-+()]*")
OF_KIND = {
    "number:percentage-style": re.compile(r"[ \-+()%]*"),
    "number:date-style": re.compile(r"[ \-+()/:.,]*"),
    "number:time-style": re.compile(r"[ \-+()/:.,]*"),
}
"""Texts that a format shows without quotation marks; elsewhere their signs would mean something."""
CONDITION = re.compile(r"value\(\)(<=|>=|!=|<|>|=)(\d{1,18}(?:\.\d{1,18})?)")
USUAL = ((), (">=0",), (">0", "<0"), (">0", "<0", "=0"))
"""The conditions of sections that say none: for figures above zero, below it, and zero."""
MOST = 30
"""So many digits of a kind a format shows at most."""


@dataclass
class NumberStyles:
    """Collects the number styles of a workbook."""

    codes: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _: KW_ONLY
    _name: str = ""
    _code: list[str] = field(default_factory=list)
    _literal: re.Pattern[str] = LITERAL
    _elapsed: bool = False
    _position: int = 0

    @property
    def open(self) -> bool:
        return bool(self._name)

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._literal = OF_KIND.get(tag, LITERAL)
        self._name, self._code = attributes.get("style:name", ""), []
        self._elapsed = attributes.get("number:truncate-on-overflow") == "false"
        self.choices[self._name] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        long = attributes.get("number:style") == "long"
        if tag in ("number:number", "number:scientific-number"):
            self._code.append(digits(attributes))
        elif tag == "number:fraction":
            over, under = (counted(attributes, f"number:min-{part}-digits", 1) for part in ("numerator", "denominator"))
            self._code.append(f"# {'?' * over}/{'?' * under}")
        elif tag == "number:month":
            self._code.append(("mmm" if attributes.get("number:textual") == "true" else "m") + ("m" if long else ""))
        elif tag in PARTS:
            self._code.append(self._part(tag, attributes, long=long))
        elif tag == "number:embedded-text":
            self._position = counted(attributes, "number:position", 0)
        elif tag == "style:map" and len(self.choices[self._name]) < len(USUAL):
            match = CONDITION.fullmatch(attributes.get("style:condition", "").replace(" ", ""))
            condition = f"{match[1].replace('!=', '<>')}{match[2]}" if match else ""
            self.choices[self._name].append((condition, attributes.get("style:apply-style-name", "")))

    def _part(self, tag: str, attributes: Mapping[str, str], *, long: bool) -> str:
        sign = PARTS[tag][long]
        if tag in CLOCK and self._elapsed:  # the first part counts beyond a day, an hour or a minute
            sign, self._elapsed = f"[{sign}]", False
        decimals = counted(attributes, "number:decimal-places", 0) if tag == "number:seconds" else 0
        return f"{sign}.{'0' * decimals}" if decimals else sign

    def end(self, tag: str, text: str) -> None:
        if tag in KINDS:
            self.codes[self._name] = "".join(self._code)
            self._name = ""
        elif tag in ("number:text", "number:currency-symbol") and text:
            self._code.append(self._as_literal(text))
        elif tag == "number:embedded-text" and text and self._code:
            self._code[-1] = with_text(self._code[-1], self._position, self._as_literal(text))

    def _as_literal(self, text: str) -> str:
        return text if self._literal.fullmatch(text) else f'"{text}"'

    def code(self, name: str) -> str:
        choices = self.choices.get(name, [])
        cases = [(condition, style) for condition, style in (*choices, ("", name)) if style in self.codes]
        usual = tuple(condition for condition, _ in choices) in USUAL
        signs = [f"[{condition}]" if condition and not usual else "" for condition, _ in cases]
        return ";".join(sign + self.codes[style] for sign, (_, style) in zip(signs, cases, strict=True))


def counted(attributes: Mapping[str, str], name: str, default: int) -> int:
    return min(max(int(attributes.get(name) or default), 0), MOST)


def with_text(code: str, position: int, text: str) -> str:
    """Insert a text into a format of digits, so many digits before the point.

    >>> with_text("0.0", 3, " ")
    '# ##0.0'
    """
    integers, point, behind = code.partition(".")
    lacking = position + 1 - sum(sign in "0#" for sign in integers)
    integers = "#" * max(lacking, 0) + integers
    at = len(integers)
    while position:
        at -= 1
        position -= integers[at] in "0#"
    return f"{integers[:at]}{text}{integers[at:]}{point}{behind}"


def digits(attributes: Mapping[str, str]) -> str:
    if "number:decimal-places" not in attributes and "number:min-exponent-digits" not in attributes:
        return "General"
    decimals = counted(attributes, "number:decimal-places", 0)
    least = min(counted(attributes, "number:min-decimal-places", decimals), decimals)
    exponent = counted(attributes, "number:min-exponent-digits", 0)
    code = "0" * counted(attributes, "number:min-integer-digits", 1) or "#"
    code = code.rjust(counted(attributes, "number:exponent-interval", 1), "#")
    if attributes.get("number:grouping") == "true":
        code = code.rjust(4, "#")
        code = f"{code[:-3]},{code[-3:]}"
    if decimals:
        code += "." + "0" * least + "#" * (decimals - least)
    factor = attributes.get("number:display-factor", "1")[:MOST]
    return code + "," * ((len(factor) - 1) // 3) + ("E+" + "0" * exponent if exponent else "")


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
    """Collects the styles of a workbook from one or more parts."""

    numbers: NumberStyles = field(default_factory=NumberStyles)
    of_cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    _: KW_ONLY
    margins: dict[str, float] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    _style: str = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
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
    """Convert a length to points; 0 if invalid.

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
