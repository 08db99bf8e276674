"""Labels in two or three languages: “Irak - Iraq”, “Männer / Hommes”."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.candidates import best
from sdmxmig.conversion.recognition.recogniser import PARTNER

BETWEEN = re.compile(r"\s+[-–—|]\s+|\s*/\s*")
TWO, THREE, TOTAL = 2, 3, "_T"
AGREED, HALF = 0.95, 0.7


def in_two_languages(text: str, concept: str, recogniser: Recogniser) -> tuple[Candidate, ...]:
    """Recognise a label whose parts mean the same; less certain if only one is known.

    “Asia – total” is the region; “Arrivals – total” is the total.
    """
    parts = halves(text)
    if concept == PARTNER and any(sum(map(str.isalpha, part)) < TWO for part in parts):  # “S/Total Europe”
        return ()
    whole = [part for part in parts if TOTAL in {candidate.code for candidate in recogniser.shared(part)}]
    other_parts = [part for part in parts if part not in whole]
    if len(whole) == len(other_parts) == 1 and (region := meaning_but_total(other_parts[0], concept, recogniser)):
        return (region,)
    if len(whole) == len(other_parts) == 1 and recogniser.vocabulary.inside("DIRECTION", other_parts[0]):
        return (Candidate(TOTAL, AGREED, reason="the total of what is counted"),)
    meanings = [
        meaning for part in parts if (meaning := best(recogniser.candidates(part, concept))) and meaning.is_applied
    ]
    codes = {candidate.code for candidate in meanings}
    if not parts or len(codes) != 1:
        return ()
    if len(meanings) == len(parts) or len(meanings) >= TWO:
        return (Candidate(codes.pop(), AGREED, reason="the same in two languages"),)
    return (Candidate(codes.pop(), HALF, reason=f"one of its halves: {meanings[0].reason}"),)


def meaning_but_total(text: str, concept: str, recogniser: Recogniser) -> Candidate | None:
    meaning = best(recogniser.candidates(text, concept))
    return meaning if meaning is not None and meaning.code != TOTAL else None


def halves(text: str) -> tuple[str, ...]:
    """The two or three parts of a label: between signs, or in two scripts; empty if it has none.

    >>> halves("Irak - Iraq"), halves("سوري Syrian"), halves("Guinea-Bissau")
    (('Irak', 'Iraq'), ('سوري', 'Syrian'), ())
    """
    parts = tuple(part for part in BETWEEN.split(text) if part)
    if len(parts) in (TWO, THREE):
        return parts
    scripts = [" ".join(words) for _, words in groupby(text.split(), key=script_of)]
    return tuple(scripts) if len(scripts) == TWO and len(parts) == 1 else ()


def script_of(word: str) -> str:
    return next((unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()), "")
