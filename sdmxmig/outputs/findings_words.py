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


def in_all_languages(message: str) -> frozenset[str]:
    """A message as each language says it.

    >>> "Gravité" in in_all_languages("Severity")
    True
    """
    return frozenset(words[message] for words in _table().values())
