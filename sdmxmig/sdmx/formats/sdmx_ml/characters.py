"""Escaping of text for an exact round trip."""

from __future__ import annotations

from sdmxmig.primitives.lazily import pl

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


def quoted(text: str) -> str:
    for character, reference in ESCAPES:
        text = text.replace(character, reference)
    return text


def quoted_column(column: pl.Series) -> pl.Series:
    special = "[" + "".join(character for character, _ in ESCAPES) + "]"
    if not column.str.contains(special).any():
        return column
    for character, reference in ESCAPES:
        column = column.str.replace_all(character, reference, literal=True)
    return column
