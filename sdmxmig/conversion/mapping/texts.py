"""Normalisation and matching of cell texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase

from sdmxmig.primitives.patterns import pattern as compiled


def folded(text: str) -> str:
    r"""Collapse line breaks and repeated blanks to single blanks.

    >>> folded("Both\n sexes ")
    'Both sexes'
    """
    return " ".join(text.split())


def plain(text: str) -> str:
    """Remove case, accents, punctuation and blanks.

    >>> plain("États-Unis ") == plain("ETATS UNIS")
    True
    """
    spelt = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in spelt if unicodedata.category(sign)[0] in "LN")


def expression_of(pattern: str) -> str:
    """Return the regular expression between slashes, or an empty text.

    >>> expression_of("/^Tab/"), expression_of("1990/91")
    ('^Tab', '')
    """
    return pattern[1:-1] if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/") else ""


def matches(text: str, pattern: str) -> bool:
    """Whether a text matches a mapping pattern: literal, glob, or regular expression between slashes.

    >>> matches("Source: Office", "Source*"), matches("Table [1]", "Table [1]"), matches("Table 2", "Table 1")
    (True, True, False)
    >>> matches("Tabelle 7", "/^Tab(elle)? [0-9]/")
    True
    """
    text, pattern = (unicodedata.normalize("NFC", folded(written)) for written in (text, pattern))  # as people see them
    if text == pattern:
        return True
    expression = expression_of(pattern)
    return compiled(expression).search(text) is not None if expression else fnmatchcase(text, pattern)


def matches_any(text: str, patterns: Iterable[str]) -> bool:
    return any(matches(text, pattern) for pattern in patterns)
