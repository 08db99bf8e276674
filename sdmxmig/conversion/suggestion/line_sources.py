"""Sources of lines of labels, and parts of labels that name several characteristics."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from types import MappingProxyType

from sdmxmig.conversion.mapping.meanings import extract_relevant_part
from sdmxmig.conversion.recognition import Candidate, Recogniser
from sdmxmig.conversion.recognition.labels import choose_best, plain
from sdmxmig.conversion.recognition.recogniser import PARTNER
from sdmxmig.sdmx.model.data import Skip
from sdmxmig.sdmx.model.sources import Kind, Source, parse_place


@dataclass(frozen=True, slots=True)
class LineSource:
    """The place of a line and the `part` of each label: ``part 2`` of “F,DE”, ``words behind`` in “2011 Men”."""

    place: Source
    part: str = ""

    def __str__(self) -> str:
        return f"{self.place} {self.part}".rstrip()

    @property
    def kind(self) -> Kind:
        return self.place.parts[0].kind

    @property
    def number(self) -> int | None:
        return self.place.parts[0].number

    @property
    def is_joined(self) -> bool:
        return self.place.is_joined

    @property
    def is_numbered(self) -> bool:
        return self.place.number is not None

    @property
    def is_skippable(self) -> bool:
        parts = self.place.parts
        are_lines = (part.number is not None or part == Source("section") for part in parts)
        return len({part.kind == "header" for part in parts}) == 1 and all(are_lines)

    @property
    def is_label_column(self) -> bool:
        return self.place.kind == "column" and self.is_numbered and not self.part

    @property
    def parts(self) -> tuple[LineSource, ...]:
        return tuple(map(LineSource, self.place.parts)) if self.is_joined else (self,)

    def joined(self, other: LineSource) -> LineSource:
        return LineSource(Source("joined", together=(*self.place.parts, *other.place.parts)))


SECTION = LineSource(Source("section"))
"""The titles between the rows."""
FIRST_COLUMN = LineSource(Source("column", 1))
LeftOut = tuple[LineSource, str, str]
"""A label left out: the source of its line, its text and the reason."""


def parse_line_source(text: str) -> LineSource:
    """Parse a line with whole labels, such as ``header 1`` or ``column Country``.

    >>> str(parse_line_source("column Country")), parse_line_source("header 2").number
    ('column Country', 2)
    """
    return LineSource(parse_place(text))


SIGN = ","
ACROSS_MARK = "\\"
PART = re.compile(r"part (?P<at>\d+)")
PERIOD = r"(?:1[6-9]|20)\d\d(?:-?[QqKk][1-4]|-?[Hh][12]|-?[Mm](?:0[1-9]|1[0-2]))?"
"""A period beside words. A year and two digits, “2011-12”, may be one of two years."""
SEPARATING_SIGN = "[,;:–—-]"
BETWEEN = rf"(?:\s*{SEPARATING_SIGN}\s*|\s+)"
FIRST, BEHIND, LAST, BEFORE = "period first", "words behind", "period last", "words before"
"""Parts of labels with a period and words, in either order."""
TAKE_PATTERNS = {
    FIRST: rf"^({PERIOD})\.?{BETWEEN}",
    BEHIND: rf"^{PERIOD}\.?{BETWEEN}(.+)$",
    LAST: rf"{BETWEEN}({PERIOD})$",
    BEFORE: rf"^(.+?){BETWEEN}{PERIOD}$",
}
"""Expressions that extract these parts of a label."""
PERIOD_EDGES = {
    FIRST: ("^", rf"\.?{BETWEEN}"),
    BEHIND: (rf"^{PERIOD}\.?{BETWEEN}", "$"),
    LAST: (BETWEEN, "$"),
    BEFORE: ("^", rf"{BETWEEN}{PERIOD}$"),
}


def split_labels(head: str, texts: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    r"""Return name and distinct labels of each dimension in a column; empty if labels are whole.

    >>> split_labels(r"sex,geo\time", ["F,DE", "M,DE"])
    (('sex', ('F', 'M')), ('geo', ('DE',)))
    """
    names = head.partition(ACROSS_MARK)[0].split(SIGN)
    split = [text.split(SIGN) for text in texts]
    if len(names) < 2 or any(len(parts) != len(names) for parts in split):
        return ()
    columns = zip(*split, strict=True)
    return tuple((name.strip(), tuple(dict.fromkeys(column))) for name, column in zip(names, columns, strict=True))


def parse_part_name(column: int, at: int) -> LineSource:
    return LineSource(Source("column", column), f"part {at + 1}")


def may_be_time(source: LineSource) -> bool:
    return source.part in ("", FIRST, LAST)


def extract_part(text: str, source: LineSource) -> str:
    """Return the part of a label that a line uses; empty if absent.

    >>> column = Source("column", 1)
    >>> extract_part("F,DE", LineSource(column, "part 2")), extract_part("2011 Men", LineSource(column, "words behind"))
    ('DE', 'Men')
    """
    match = PART.fullmatch(source.part)
    if match:
        return dict(enumerate(text.split(SIGN))).get(int(match["at"]) - 1, "")
    take = build_extraction(source)[1]
    return extract_relevant_part(text, take) if re.search(take, text) else ""


def build_extraction(source: LineSource) -> tuple[Source, str]:
    if match := PART.fullmatch(source.part):
        return source.place, f"^(?:[^{SIGN}]*{SIGN}){{{int(match['at']) - 1}}}([^{SIGN}]*)"
    return source.place, TAKE_PATTERNS.get(source.part, "")


def build_skip(source: LineSource, text: str, reason: str, *, carried: bool = False) -> Skip:
    numbers = tuple(part.number or int(part.kind != "section") for part in source.place.parts)
    if source.part in PERIOD_EDGES:
        before, behind = PERIOD_EDGES[source.part]
        text = f"/{before}{re.escape(text)}{behind}/"
    elif match := PART.fullmatch(source.part):
        text = f"/^(?:[^{SIGN}]*{SIGN}){{{int(match['at']) - 1}}}{re.escape(text)}(?:{SIGN}|$)/"
    return Skip(text, reason, headers=numbers, carried=carried)


LANGUAGE_SEPARATOR = re.compile(r"\s+[-–—|]\s+|\s*/\s*")
HYPHEN = re.compile(r"(?<=[^\W\d_]|[.)])\s*[-–—]\s*(?=[^\W\d_])")
"""A hyphen that may join two languages, “Irak-Iraq”, or the words of one name."""
TWO, THREE, TOTAL = 2, 3, "_T"
AGREED, HALF, ONE_PART = 0.95, 0.7, "one part of the label"
MAX_WORDS = 12


def recognise_bilingual_label(
    text: str, concept: str, recogniser: Recogniser, names: Mapping[str, str] = MappingProxyType({})
) -> tuple[Candidate, ...]:
    """Recognise a label whose parts mean the same; less certain if only one is known.

    “Asia – total” is the region; “Arrivals – total” is the total. `names` are the codes of a codelist by name.
    """

    def find_meaning(part: str) -> Candidate | None:
        named = (Candidate(names[plain(part)], AGREED, reason="name in the codelist"),) if plain(part) in names else ()
        return choose_best(named or recogniser.candidates(part, concept))

    parts = split_label(text, HYPHEN if concept == PARTNER else None)
    if concept == PARTNER and any(sum(map(str.isalpha, part)) < TWO for part in parts):  # “S/Total Europe”
        return ()
    whole = [part for part in parts if TOTAL in {candidate.code for candidate in recogniser.shared(part)}]
    other_parts = [part for part in parts if part not in whole]
    if len(whole) == len(other_parts) == 1 and (
        region := find_meaning_except_total(other_parts[0], concept, recogniser)
    ):
        return (region,)
    if len(whole) == len(other_parts) == 1 and recogniser.vocabulary.inside("DIRECTION", other_parts[0]):
        return (Candidate(TOTAL, AGREED, reason="the overall total"),)
    meanings = [meaning for part in parts if (meaning := find_meaning(part)) and meaning.is_applied]
    codes = {candidate.code for candidate in meanings}
    if not parts or len(codes) != 1:
        return () if parts else recognise_repeated_name(text.split(), find_meaning)
    if len(meanings) == len(parts) or len(meanings) >= TWO:
        return (Candidate(codes.pop(), AGREED, reason="the same in two languages"),)
    return (Candidate(codes.pop(), HALF, reason=f"{ONE_PART}: {meanings[0].reason}"),)


def resolve_bilingual_labels(
    meanings: Mapping[str, tuple[Candidate, ...]], concept: str, recogniser: Recogniser
) -> dict[str, tuple[Candidate, ...]]:
    """Settle labels with one unknown part, “China / Sjina”, in a bilingual list.

    A list is bilingual if some labels have the same meaning twice (“Germany / Duitsland”), or are a total with an
    unknown part (“Total / Isamba”).
    """
    halves = {text: listed for text, listed in meanings.items() if listed and listed[0].reason.startswith(ONE_PART)}
    pairs = {text: split_label(text) for text in meanings} if halves else {}
    known_parts = {
        text: {best.code for part in parts if (best := choose_best(recogniser.candidates(part, concept)))}
        for text, parts in pairs.items()
        if len(parts) == TWO
    }
    agreed = [
        text for text, codes in known_parts.items() if codes == {TOTAL} or (len(codes) == 1 and text not in halves)
    ]
    if len(known_parts) <= len(meanings) / 2 or not agreed:
        return {}
    return {
        text: (replace(listed[0], confidence=AGREED),) for text, listed in halves.items() if len(known_parts[text]) == 1
    }


def recognise_repeated_name(
    words: Sequence[str], find_meaning: Callable[[str], Candidate | None]
) -> tuple[Candidate, ...]:
    """Recognise a name followed by the same name in another language: “Srbija Serbia”, “Zgony Deaths”."""
    for at in range(1, len(words) if len(words) <= MAX_WORDS else 0):
        meanings = [find_meaning(" ".join(half)) for half in (words[:at], words[at:])]
        codes = {meaning.code if meaning is not None and meaning.is_applied else "" for meaning in meanings}
        if len(codes) == 1 and "" not in codes:
            return (Candidate(codes.pop(), AGREED, reason="the same in two languages"),)
    return ()


def find_meaning_except_total(text: str, concept: str, recogniser: Recogniser) -> Candidate | None:
    meaning = choose_best(recogniser.candidates(text, concept))
    return meaning if meaning is not None and meaning.code != TOTAL else None


def split_label(text: str, sign: re.Pattern[str] | None = None) -> tuple[str, ...]:
    """Split a label into two or three parts, by signs or scripts, or else by `sign`; empty if impossible.

    >>> split_label("Irak - Iraq"), split_label("سوري Syrian"), split_label("Irak-Iraq", HYPHEN)
    (('Irak', 'Iraq'), ('سوري', 'Syrian'), ('Irak', 'Iraq'))
    >>> split_label("Native-born")
    ()
    """
    separator = sign if sign and not LANGUAGE_SEPARATOR.search(text) else LANGUAGE_SEPARATOR
    parts = tuple(part for part in separator.split(text) if part)
    if len(parts) in (TWO, THREE):
        return parts
    scripts = [" ".join(words) for _, words in groupby(text.split(), key=find_script)]
    return tuple(scripts) if len(scripts) == TWO and len(parts) == 1 else ()


def find_script(word: str) -> str:
    return next((unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()), "")
