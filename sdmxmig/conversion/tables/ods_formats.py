"""OpenDocument number styles as format codes.

Source: OASIS, Open Document Format for Office Applications 1.3, part 3, sections 16.29 and 19.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

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
    """Takes the number styles of a workbook."""

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
        if tag in CLOCK and self._elapsed:  # the first part counts on beyond a day, an hour, a minute
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
    """A format of digits with a text between them, so many digits before the point.

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
    """The number format of the digits of a number.

    >>> digits({"number:decimal-places": "1", "number:min-integer-digits": "1", "number:grouping": "true"})
    '#,##0.0'
    """
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
