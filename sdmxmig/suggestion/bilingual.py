"""Labels that say a thing in two languages: “Irak - Iraq”, “سوري Syrian”, “Männer / Hommes”."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

from sdmxmig.recognition import Candidate, Recogniser
from sdmxmig.recognition.candidates import best

BETWEEN = re.compile(r"\s+[-–—|]\s+|\s*/\s*")
"""What stands between two languages; a hyphen without blanks is part of a name."""
AGREED, HALF = 0.95, 0.7


def in_two_languages(text: str, concept: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    """What a label means whose two halves mean the same; if only one is known, that is less than certain."""
    parts = halves(text)
    found = [one for part in parts if (one := best(recogniser.candidates(part, concept))) and one.is_applied]
    codes = {one.code for one in found}
    if not parts or len(codes) != 1:
        return ()
    if len(found) == len(parts):
        return (Candidate(codes.pop(), AGREED, "the same in two languages"),)
    return (Candidate(codes.pop(), HALF, f"one of its halves: {found[0].reason}"),)


def halves(text: str) -> tuple[str, ...]:
    """The two halves of a label: on both sides of a sign, or in two scripts; empty if it has none.

    >>> halves("Irak - Iraq"), halves("سوري Syrian"), halves("Guinea-Bissau")
    (('Irak', 'Iraq'), ('سوري', 'Syrian'), ())
    """
    parts = tuple(part for part in BETWEEN.split(text) if part)
    if len(parts) == 2:
        return parts
    scripts = [" ".join(words) for _, words in groupby(text.split(), key=script_of)]
    return tuple(scripts) if len(scripts) == 2 and len(parts) == 1 else ()


def script_of(word: str) -> str:
    """The script of a word by its first letter, such as LATIN or ARABIC; empty if it has no letter."""
    return next((unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()), "")
