"""Periods that two lines tell together: the year in one header row or title, the month or quarter in another line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from sdmxmig.mapping.sources import JOINED
from sdmxmig.recognition import Recogniser
from sdmxmig.suggestion.lines import Known, Line
from sdmxmig.suggestion.periods import habit_of

SUM_OF_PARTS = "it is the sum over the parts of the year"
LeftOut = tuple[str, str, str]


def with_parts_of_years(lines: Sequence[Line], known: Known) -> tuple[tuple[Line, ...], tuple[LeftOut, ...]]:
    """The lines, with that of years and that of months or quarters as one, and labels of sums that stay out.

    Without such lines they stay as they are.
    """
    parts = next(((line, found) for line in lines if (found := parts_in(line, known.recogniser))), None)
    years = [line for line in lines if parts and line is not parts[0] and is_of_years(line, known)]
    if parts is None or len(years) != 1:
        return tuple(lines), ()
    (line, found), year = parts, years[0]
    moments = habit_of(year.texts, known.recogniser.vocabulary).moments
    told = tuple(
        (f"{first} {second}", f"{moments[first].period}-{found[second]}") for first, second in product(moments, found)
    )
    both = replace(
        line,
        source=f"{year.source}{JOINED}{line.source}",
        head=year.head,
        texts=tuple(text for text, _ in told),
        carried=line.carried or (year.carried and year.source != "section"),
        told=told,
    )
    sums = tuple((line.source, text, SUM_OF_PARTS) for text in line.texts if text not in found)
    kept = tuple(both if one is line else one for one in lines if one is not year)
    return kept, sums


def parts_in(line: Line, recogniser: Recogniser) -> Mapping[str, str]:
    """The month (``01``) or quarter (``Q1``) of each label of a line; nothing if others but totals are among them."""
    found: dict[str, str] = {}
    for text in line.texts:
        part = part_of(text, recogniser)
        if part:
            found[text] = part
        elif not any(one.code == "_T" for one in recogniser.shared(text)):
            return {}
    return found if len(found) > 1 and len(set(found.values())) == len(found) else {}


def part_of(text: str, recogniser: Recogniser) -> str:
    """The month or quarter that a label means without a year, empty if it means none."""
    for concept in ("MONTH", "QUARTER"):
        many = recogniser.candidates(text, concept)
        if len(many) == 1 and many[0].is_applied:
            return many[0].code
    return ""


def is_of_years(line: Line, known: Known) -> bool:
    """Whether all labels of a line are years."""
    moments = habit_of(line.texts, known.recogniser.vocabulary).moments
    return len(moments) == len(line.texts) and all(
        one.freq == "A" and one.period.isdecimal() for one in moments.values()
    )
