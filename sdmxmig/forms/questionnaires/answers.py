"""Numbers and codes in cells."""

from __future__ import annotations

import re
import unicodedata

from sdmxmig.conversion.mapping.texts import folded
from sdmxmig.conversion.mapping.values import is_number, number_of
from sdmxmig.forms.cells import FilledCell, chosen
from sdmxmig.primitives.periods import parse
from sdmxmig.sdmx.model.data import Flow

UNCLEAR = re.compile(r"[+−-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""A number that is 1000 times as large in one language as in another."""
SIGNS = ((" ", "."), (" ", ","), (",", "."), (".", ","), ("'", "."), ("\N{RIGHT SINGLE QUOTATION MARK}", "."))
"""The signs between thousands and before decimals in texts that people type."""


def number(cell: FilledCell) -> str | None:
    """Read a figure; None if ambiguous (``1,234``).

    Displayed zeros are kept: 1.5 shown as 1.50. Other texts stay.

    >>> number(FilledCell("1.5", "number", formula=False, decimals=2))
    '1.50'
    >>> number(FilledCell("1 234,5", "text", formula=False, decimals=0))
    '1234.5'
    >>> number(FilledCell("١٬٢٣٤٫٥", "text", formula=False, decimals=0))
    '1234.5'
    """
    text = western(folded(cell.text))
    if cell.kind == "number":
        whole, _, decimals = text.partition(".")
        return f"{whole}.{decimals:0<{cell.decimals}}" if cell.decimals and "E" not in text.upper() else text
    if UNCLEAR.fullmatch(text):
        return None
    return next((number_of(text, *pair) for pair in SIGNS if is_number(text, *pair)), text)


def western(text: str) -> str:
    """A text with the digits of other scripts, and the signs of Arabic numbers, as Western ones.

    >>> western("١٬٢٣٤٫٥"), western("１２３")
    ('1 234.5', '123')
    """
    digits = (str(unicodedata.decimal(sign, sign)) for sign in text)
    return "".join(digits).replace("\N{ARABIC DECIMAL SEPARATOR}", ".").replace("\N{ARABIC THOUSANDS SEPARATOR}", " ")


class CodeNames:
    """Names of codes in all languages."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._known: dict[str, dict[str, frozenset[str]]] = {}

    def codes(self, component: str, text: str) -> frozenset[str]:
        if component not in self._known:
            self._known[component] = self._read(component)
        written = folded(text)
        codes_by_name = self._known[component]
        first = chosen(written)
        return codes_by_name.get(written.casefold()) or codes_by_name.get(first.casefold(), frozenset())

    def _read(self, component: str) -> dict[str, frozenset[str]]:
        codes_by_name: dict[str, set[str]] = {}
        for item in self._flow.codelist(component) or ():
            for _, name in item.name:
                codes_by_name.setdefault(folded(name).casefold(), set()).add(item.id)
        for item in self._flow.codelist(component) or ():
            codes_by_name[item.id.casefold()] = {item.id}  # a code is never the name of another one
        return {name: frozenset(codes) for name, codes in codes_by_name.items()}

    def code(self, component: str, text: str) -> str:
        written = text.strip()
        codes = self.codes(component, written)
        return next(iter(codes)) if len(codes) == 1 else written

    def agrees(self, component: str, text: str, code: str) -> bool | None:
        if folded(text) == code:
            return True
        if self._flow.structure.time and component == self._flow.structure.time.id:
            return False if parse(folded(text)) else None
        codes = self.codes(component, text)
        return code in codes if codes else None
