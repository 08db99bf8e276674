"""Words of findings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives.blanks import values_in
from sdmxmig.primitives.text import base, tag
from sdmxmig.quality.rules.words import number
from sdmxmig.sdmx.words import FILE, Words, read_words

EXPECTED = (
    "about {value} times the previous figure",
    "about {value}, or a status for a break in series",
    "about {value} %",
    "about {value}",
    "a code of {list}",
    "a multiple of {base}",
    "a rank correlation of at least {least}",
    "a standardised mortality ratio of at least {least}",
    "after {time}",
    "an asymmetry of at most {limit} %",
    "an interval of at least {needed}",
    "an observation for {period}",
    "the same as in the previous {length} periods",
    "at least {share} % in the season",
    "at most {digits} digits before the point",
    "figures of {periods}",
    "within a factor of {limit}",
    "within {share} of {value}",
    "within ±{limit}",
    "{youngest} to {oldest} years",
    "{least} to {most}",
)


NO_FIGURES = ("list", "period", "periods", "time")


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
    """What a rule expects, in a language where it is a phrase of the table; numbers and codes unchanged.

    >>> expected_in("a whole number", "fr"), expected_in("1250", "fr"), expected_in("about 12 %", "fr")
    ('un nombre entier', '1250', 'environ 12 %')
    """
    words = finding_words(language)
    if expected in words.table or words.language == "en":
        return words.table.get(expected, expected)
    for phrase in EXPECTED:
        values = values_in(phrase, expected)
        if values and not any(" " in value.replace(", ", "") for value in values.values()):
            return words.say(phrase, **{name: as_written(name, value, language) for name, value in values.items()})
    return expected


def as_written(name: str, value: str, language: str) -> str:
    return value if name in NO_FIGURES else number(value, language)


def in_all_languages(message: str) -> frozenset[str]:
    """A message as each language says it.

    >>> "Gravité" in in_all_languages("Severity")
    True
    """
    return frozenset(words[message] for words in _table().values())
