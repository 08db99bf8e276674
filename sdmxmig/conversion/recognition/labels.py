"""Cleaning of labels (footnote marks, numbering, codes, indentation), and candidates for their meaning."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from itertools import pairwise

from sdmxmig.catalogue.areas import LETTER_VARIANTS

NOTE_SIGNS = "*†‡§#+⁺※¶★☆"
RAISED_CHARACTERS = "⁺⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ⁽⁾"
MARK = re.compile(
    rf"""(?:
      [\s,]*[{RAISED_CHARACTERS}*†‡§①-⑳]+\)?
      | \s*[(（]?\s*[注※]\s*\d{{0,2}}\s*[)）]? | \s*\(\s*(?:[ivx]{{2,4}}|[IVX]{{2,4}})\s*\)
      | \s*\(\s*(?:\d{{1,2}}|[a-z*])(?:\s*,\s*(?:\d{{1,2}}|[a-z*]))*\s*\)
      | \s*\[\s*(?:\d{{1,2}}|[a-z])\s*\] | \s+\d{{1,2}}[)/] | (?<=[^\W\d_])\d{{1,2}}\)? | (?<=[^\W\d_])\s?\d{{1,2}}/
      | \s*\((?:[Ll]abels|[Cc]odes)\) | \s[a-z][/)] | (?<=[)\]])\s*\d{{1,2}} | ,\s?[a-z] | \s[a-z](?:,\s?[a-z])+
    )$""",
    re.VERBOSE,
)
LEADING_SIGNS = re.compile(r"^(?:[\s.…·•\-–—>*]+|\d{1,3}[.)]\s+|[A-Za-z]?\d{1,8}\s*[-–:]?\s+(?=[^\W\d_]{2}))")
NON_LETTERS = re.compile(r"[^a-z\d%+]+", re.ASCII)
MAX_CACHED_LABELS = 32_768
HAMZA_ON_YA = "ئ"
YA_WITH_HAMZA = re.compile(f"{HAMZA_ON_YA}(?!ات)")
"""Often written without its sign, but not in plurals, where it tells Arabic “groups” from “deaths”."""
SPACED_LETTERS = re.compile(r"(?<!\w)(?:[^\W\d_] ){2,}[^\W\d_](?!\w)|^[一-鿿가-힣] [一-鿿가-힣]$")
"""Letters set apart: “I n s g e s a m t”, “총 계”."""


@lru_cache(maxsize=MAX_CACHED_LABELS)
def strip_marks(label: str) -> str:
    """Remove footnote marks at the end of a label.

    >>> strip_marks("China 1)"), strip_marks("Sudan (13)"), strip_marks("Germany²"), strip_marks("Serbia3")
    ('China', 'Sudan', 'Germany', 'Serbia')
    """
    return list_shorter_labels(label)[-1]


def list_shorter_labels(label: str) -> list[str]:
    """Return a label, then the label without its last mark, without its last two, and so on.

    >>> list_shorter_labels("China (2)*")
    ['China (2)*', 'China (2)', 'China']
    """
    labels = [" ".join(label.split())]
    while (shorter := MARK.sub("", labels[-1]).rstrip()) not in ("", labels[-1]):
        labels.append(shorter)
    return labels


@lru_cache(maxsize=MAX_CACHED_LABELS)
def bare(label: str) -> str:
    """Remove marks, leading dots, numbering and code.

    >>> bare("  .. Western Africa"), bare("11 Seoul"), bare("1. Natives:"), bare("I n s g e s a m t")
    ('Western Africa', 'Seoul', 'Natives', 'Insgesamt')
    """
    text = SPACED_LETTERS.sub(_close_up_signs, strip_marks(label).rstrip(" :;"))
    return LEADING_SIGNS.sub("", text) or text


def _close_up_signs(match: re.Match[str]) -> str:
    signs = match[0].split()
    breaks = (" " if before.islower() and sign.isupper() else "" for before, sign in pairwise(signs))
    return signs[0] + "".join(gap + sign for gap, sign in zip(breaks, signs[1:], strict=True))


@lru_cache(maxsize=MAX_CACHED_LABELS)
def plain(text: str) -> str:
    """Normalise a text for lookup: no case, accents or punctuation, single blanks.

    >>> plain("Both  Sexes:"), plain("Âge"), plain("тыс. чел.")
    ('both sexes', 'age', 'тыс чел')
    """
    if text.isascii():
        return " ".join(NON_LETTERS.sub(" ", text.lower()).split())
    return " ".join("".join(map(_fold_sign, YA_WITH_HAMZA.sub("ي", text))).split())


@lru_cache(maxsize=8192)
def _fold_sign(sign: str) -> str:
    if sign == HAMZA_ON_YA:
        return sign
    spelt = unicodedata.normalize("NFKD", sign).casefold().translate(LETTER_VARIANTS)
    return "".join(
        " " if unicodedata.category(part)[0] in "PZCS" and part not in "%+" else part
        for part in spelt
        if not unicodedata.combining(part)
    )


APPLIED = 0.9
"""Confidence from which a meaning is applied without asking."""
DOUBTED = 0.25
"""Confidence so low that neighbours cannot settle it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that a text may mean.

    `confidence` is 0 to 1: 1 is an exact codelist name, 0.5 one of two equal choices. `varies` marks a region whose
    composition differs between sources; one answer then holds for all regions of the list. `is_usual`: only other
    tables of the office state it. `phrase` are the words of a title or note that state it.
    """

    code: str
    confidence: float
    _: KW_ONLY
    reason: str
    varies: bool = False
    is_usual: bool = False
    phrase: str = ""

    @property
    def is_applied(self) -> bool:
        return self.confidence >= APPLIED


def choose_best(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """Return the most certain candidate; None if absent or two tie.

    >>> both = Candidate("CG", 0.5, reason="name of several"), Candidate("CD", 0.5, reason="name of several")
    >>> choose_best(both) is None
    True
    """
    listed = sort_candidates(candidates)
    if len(listed) > 1 and listed[0].confidence == listed[1].confidence:
        return None
    return listed[0] if listed else None


def sort_candidates(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    surest: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.code not in surest or surest[candidate.code].confidence < candidate.confidence:
            surest[candidate.code] = candidate
    return tuple(sorted(surest.values(), key=lambda candidate: (-candidate.confidence, candidate.code)))
