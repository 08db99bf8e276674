"""How text is written so that every reader gets it back exactly."""

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
