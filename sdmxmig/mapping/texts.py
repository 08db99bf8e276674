"""The texts of cells as people read them, and whether they are what a mapping names."""

from __future__ import annotations

import unicodedata
from fnmatch import fnmatchcase


def folded(text: str) -> str:
    r"""A text with line breaks and several blanks (also those that do not break) as one blank.

    >>> folded("Both\n sexes ")
    'Both sexes'
    """
    return " ".join(text.split())


def matches(text: str, pattern: str) -> bool:
    """Whether a text is what a mapping names, by itself or as a glob.

    >>> matches("Source: Office", "Source*"), matches("Table [1]", "Table [1]"), matches("Table 2", "Table 1")
    (True, True, False)
    """
    text, pattern = (unicodedata.normalize("NFC", folded(one)) for one in (text, pattern))  # as people see them
    return text == pattern or fnmatchcase(text, pattern)
