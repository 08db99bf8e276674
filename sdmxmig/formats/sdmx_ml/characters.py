"""Which characters a message can hold, and how text is written so that every reader gets it back exactly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdmxmig.errors import SdmxmigError
from sdmxmig.places import Place

if TYPE_CHECKING:
    import polars as pl

FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""The characters that XML 1.0 cannot carry at all, not even as references (section 2.2); beside lone surrogates."""

_FORBIDDEN = re.compile(f"{FORBIDDEN[:-1]}\ud800-\udfff]")

# Tab and line ends as references: a reader turns them into blanks otherwise (XML 1.0, section 3.3.3).
ESCAPES = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    ("\t", "&#9;"),
    ("\n", "&#10;"),
    ("\r", "&#13;"),
)


def carried(text: str, what: str, place: Place | None = None) -> str:
    """The text, if XML can carry it; `what` names it otherwise.

    Raises `SdmxmigError` for a control character or half a character.
    """
    found = _FORBIDDEN.search(text)
    if found:
        raise SdmxmigError(
            f"{what} holds the character U+{ord(found.group()):04X}, which XML cannot carry.",
            place,
            "Remove it at its source.",
        )
    return text


def quoted(text: str) -> str:
    """The text as the value of an attribute, without its quotation marks."""
    for character, reference in ESCAPES:
        text = text.replace(character, reference)
    return text


def quoted_column(column: pl.Series) -> pl.Series:
    """A column of texts as values of attributes; a null stays null."""
    special = "[" + "".join(character for character, _ in ESCAPES) + "]"
    if not column.str.contains(special).any():
        return column
    for character, reference in ESCAPES:
        column = column.str.replace_all(character, reference, literal=True)
    return column
