"""Sentences from below, such as why something cannot be done, in the language of a page.

Whoever refuses something says so in English, on the command line and in JSON. What people meet on a screen in daily
work stands in `templates/troubles/words.csv` in six languages, with names in braces for what is put in; it is known
by its words. Anything else stays in English, and is marked as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from markupsafe import Markup

from sdmxmig.blanks import BLANK, filled, values_in
from sdmxmig.catalogue.folders import shipped
from sdmxmig.words import FILE, LanguageText, read_words

LONGEST = 2_000
"""Longer sentences are shown as they are."""
SENTENCES = ("hint", "reason")
"""Names in braces that stand for a sentence of its own, in which no other one stands."""


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """The sentences by language and English message."""
    return read_words((shipped("templates") / "troubles" / FILE).read_text(encoding="utf-8-sig"))


@cache
def messages() -> tuple[str, ...]:
    """The English messages, those with the most words of their own first: of two that fit, these say more."""
    return tuple(sorted(table()["en"], key=lambda message: -len(BLANK.sub("", message))))


def in_language(sentence: str, language: str) -> LanguageText:
    """A sentence in a language; in English, and marked so, where nobody translated it.

    >>> in_language("There is no sheet “3”.", "fr").text
    'Il n’y a pas de feuille « 3 ».'
    >>> in_language("Nobody has translated this.", "fr").language
    'en'
    """
    if language == "en" or not sentence:
        return LanguageText(sentence)
    for message in messages() if len(sentence) <= LONGEST else ():
        values = values_in(message, sentence)
        if values is not None:
            inner = {name: in_language(values[name], language) for name in SENTENCES if name in values}
            shown = filled(table()[language][message], values | {name: part.text for name, part in inner.items()})
            return LanguageText(shown)
    return LanguageText(sentence, "en")


def marked(sentence: str, language: str) -> Markup:
    """A sentence as a page shows it: one that is in English says so there."""
    shown = in_language(sentence, language)
    of_language = Markup(' lang="en"') if shown.language else Markup()
    return Markup('<span{} dir="auto">{}</span>').format(of_language, shown.text)
