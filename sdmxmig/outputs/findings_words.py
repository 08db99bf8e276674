"""The words of findings, for the page and the marked workbook, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sdmxmig.catalogue.folders import shipped
from sdmxmig.text import base, tag
from sdmxmig.words import FILE, Words, read_words


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Mapping[str, str]]:
    return read_words((shipped("templates") / "findings" / FILE).read_text(encoding="utf-8-sig"))


@lru_cache(maxsize=16)
def finding_words(language: str) -> Words:
    """The words around findings, such as headings, in a language; in English where they are not translated.

    >>> finding_words("fr").say("Severity"), finding_words("de").say("Severity")
    ('Gravité', 'Severity')
    """
    tagged = tag(language)
    return Words(tagged, _table().get(base(tagged), _table()["en"]))


def expected_in(expected: str, language: str) -> str:
    """What a rule expects, in a language where it is a phrase of the table; numbers and codes as they are.

    >>> expected_in("a whole number", "fr"), expected_in("1250", "fr")
    ('un nombre entier', '1250')
    """
    return finding_words(language).table.get(expected, expected)


def in_all_languages(message: str) -> frozenset[str]:
    """A message as each language says it.

    >>> "Gravité" in in_all_languages("Severity")
    True
    """
    return frozenset(words[message] for words in _table().values())
