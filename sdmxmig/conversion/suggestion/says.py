"""Titles that a mapping requires, since they determine the figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sdmxmig.conversion.recognition.mentions import read_title, split_words
from sdmxmig.conversion.recognition.recogniser import Recogniser
from sdmxmig.conversion.suggestion.lines import Fit
from sdmxmig.conversion.suggestion.regions import PUBLICATION, Region

DECISIVE = (
    "SEX",
    "DIRECTION",
    "CTZ_STATUS",
    "BIRTH_STATUS",
    "MEASURE",
    "GROUP",
    "PLACE",
    "OBS_STATUS",
    "UNIT",
    "UNIT_MULT",
    "UNIT_MEASURE",
    "DATE",
    "REF_DATE",
    "EXCLUDING",
    "INCLUDING",
    "ADM_ITEM",
    "PROT_ITEM",
    "PROT_STATUS",
    "TMP_ITEM",
    "CTZ_ITEM",
    "REASON",
    "MOB_TYPE",
)
OF_NOTES = ("OBS_STATUS", "UNIT", "UNIT_MULT", "EXCLUDING")
NUMBER = re.compile(r"^\W*(?:[^\W\d_]{1,10}\.?\s*)?(?:№\s*)?\d[\d./-]*(?:\([a-z]\)|[a-z])?(?=[\s:.,–—-])")
LAST_OF_NUMBER = re.compile(r"(?P<digit>\d)(?P<letter>(?:\([a-z]\)|[a-z])?)(?P<stop>[./-]*)$")
LETTER = "[a-z]"
WRITTEN_YEARS = re.compile(r"(?<!\d)(?:1[3-9]|2[0-5]|١[٣-٩]|٢[٠-٥]|۱[۳-۹]|۲[۰-۵]|१[३-९]|२[०-५]|๒[๔-๕])\d\d(?!\d)")
"""Years in digits of any script, and in the calendars of offices."""
YEAR = re.compile(r"(?<!\d)(?:1[89]|20|١[٨٩]|٢٠|۱[۸۹]|۲۰)\d\d(?:(?P<to>[-–/])(?P<last>\d\d))?(?!\d)")
ANY_YEAR, ANY_LATER_YEAR = "????", "??"
SIGNS = str.maketrans({"[": "[[]", "?": "[?]", "*": "[*]"})
"""Special characters of patterns."""
SHORTEST, MONTHS = 3, 12


def build_patterns(
    titles: Sequence[str], notes: Sequence[str], recogniser: Recogniser, *, dated: bool
) -> tuple[str, ...]:
    """Build patterns of decisive titles and notes, without table numbers.

    `dated`: years count.
    """
    usable = [title for title in titles if len(title) > SHORTEST and not is_source(title, recogniser)]
    main = max(usable, key=lambda title: len(split_words(title)), default="")
    deciding = [title for title in usable if title == main or has_concept(title, DECISIVE, recogniser)]
    deciding += [note for note in notes if not is_source(note, recogniser) and has_concept(note, OF_NOTES, recogniser)]
    return tuple(dict.fromkeys(build_pattern(title, dated=dated) for title in deciding))


def select_heads(fits: Iterable[Fit], region: Region, anchors: Sequence[str]) -> tuple[str, ...]:
    rows = region.table.rows
    cells = {" ".join(text.split()) for row in range(region.top, region.first) for text in rows.get(row, {}).values()}
    heads = [" ".join(fit.line.head.split()) for fit in fits if fit.line.source.kind == "column"]
    sought = [head for head in heads if head in cells and head not in anchors]
    return tuple(dict.fromkeys(build_pattern(head, dated=False) for head in sought if head))


def is_source(title: str, recogniser: Recogniser) -> bool:
    reading = read_title(title, recogniser)
    return reading.is_source or any(mention.at == 0 for mention in reading.of(*PUBLICATION))


def has_concept(title: str, concepts: Sequence[str], recogniser: Recogniser) -> bool:
    return bool(read_title(title, recogniser).of(*concepts))


def build_pattern(title: str, *, dated: bool) -> str:
    """Convert a title to a pattern; table numbers may change, words may not.

    >>> build_pattern("Table 3.1: Immigrants by sex, 2015-2023 (thousands)", dated=False)
    '*[0-9]: Immigrants by sex, ????-???? (thousands)'
    >>> build_pattern("Tab. 4a. Asylum seekers", dated=False), build_pattern("Table 4(b) Refugees", dated=False)
    ('*[0-9][a-z]. Asylum seekers', '*[0-9]([a-z]) Refugees')
    >>> build_pattern("Entries, 2021/22–2022/23", dated=False), build_pattern("الوافدون ٢٠٢٣", dated=False)
    ('Entries, ????/??–????/??', 'الوافدون ????')
    >>> build_pattern("Foreigners on 1 January 2023", dated=True)
    'Foreigners on 1 January 2023'
    """
    written = " ".join(title.split())
    number = NUMBER.match(written)
    last = LAST_OF_NUMBER.search(number[0]) if number and number.end() < len(written) else None
    words = written[number.end() if number and last else 0 :].translate(SIGNS)
    return (any_number(last) if last else "") + (words if dated else YEAR.sub(any_year, words))


def any_year(written: re.Match[str]) -> str:
    """The pattern of any year written like this one; two digits that may be a month stay unchanged.

    >>> [YEAR.sub(any_year, text) for text in ("2015–23", "2022/23", "2023-06", "2005-12")]
    ['????–??', '????/??', '????-06', '????-12']
    """
    if not written["to"]:
        return ANY_YEAR
    last, year = int(written["last"]), int(written[0][:4]) % 100
    is_year = last == (year + 1) % 100 or last > max(year, MONTHS)
    return f"{ANY_YEAR}{written['to']}{ANY_LATER_YEAR if is_year else written['last']}"


def any_number(last: re.Match[str]) -> str:
    digit = "[0-9]" if last["digit"].isascii() else "?"
    letter = f"({LETTER})" if "(" in last["letter"] else LETTER if last["letter"] else ""
    return f"*{digit}{letter}{last['stop']}"
