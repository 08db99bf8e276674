"""The titles that a mapping must find around its block again: what they say decides what its figures are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sdmxmig.recognition.mentions import read_title
from sdmxmig.recognition.recogniser import Recogniser

DECISIVE = (
    *("SEX", "DIRECTION", "CTZ_STATUS", "BIRTH_STATUS", "MEASURE", "GROUP", "PLACE", "OBS_STATUS", "UNIT", "UNIT_MULT"),
    *("UNIT_MEASURE", "DATE", "REF_DATE", "EXCLUDING", "INCLUDING", "ADM_ITEM", "PROT_ITEM", "PROT_STATUS", "TMP_ITEM"),
    *("CTZ_ITEM", "REASON", "MOB_TYPE"),
)
"""What a title speaks of that decides what the figures below it are."""
NUMBER = re.compile(r"^\W*(?:[^\W\d_]{1,10}\.?\s*)?(?:№\s*)?\d[\d./-]*(?:\([a-z]\)|[a-z])?(?=[\s:.,–—-])")
"""The number of a table at the beginning of its title, which differs from edition to edition."""
YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
SIGNS = str.maketrans({"[": "[[]", "?": "[?]", "*": "[*]"})
"""Signs that mean something in a pattern."""
SHORTEST = 3


def says_of(titles: Sequence[str], recogniser: Recogniser, *, dated: bool) -> tuple[str, ...]:
    """The patterns of the titles that decide: their words, but not the number of the table.

    Their years count if `dated`: if the table says nowhere else what period its figures are of.
    """
    deciding = [title for title in titles if len(title) > SHORTEST and is_decisive(title, recogniser)]
    return tuple(dict.fromkeys(pattern_of(title, dated=dated) for title in deciding))


def is_decisive(title: str, recogniser: Recogniser) -> bool:
    """Whether a title says what is counted, of whom, where or in what unit; a line of sources does not."""
    reading = read_title(" ".join(title.split()), recogniser)
    return not reading.is_source and bool(reading.of(*DECISIVE))


def pattern_of(title: str, *, dated: bool) -> str:
    """A title as a pattern of mapping files.

    >>> pattern_of("Table 3.1: Immigrants by sex, 2015-2023 (thousands)", dated=False)
    '*: Immigrants by sex, *-* (thousands)'
    >>> pattern_of("Foreigners on 1 January 2023", dated=True)
    'Foreigners on 1 January 2023'
    """
    written = " ".join(title.split())
    number = NUMBER.match(written)
    start = number.end() if number and number.end() < len(written) else 0
    rest = written[start:].translate(SIGNS)
    return ("*" if start else "") + (rest if dated else YEAR.sub("*", rest))
