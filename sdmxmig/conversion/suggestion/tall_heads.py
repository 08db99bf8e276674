"""Header rows that only name other rows.

“Age (years)” above “0-14 | 15-64 | 65+”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sdmxmig.conversion.recognition.labels import bare
from sdmxmig.conversion.recognition.mentions import ReadTitle, read_title
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line, placed_texts
from sdmxmig.conversion.suggestion.regions import Region

HEADER = "header"
SAYING_NOTHING = frozenset({"AGEPART", "ARTICLE", "BY", "JOINING", "OFWHICH", "PLAIN", "ROLE", "WORDING"})
DECIDING = frozenset({"CTZ_STATUS", "BIRTH_STATUS", "DIRECTION", "GROUP", "MEASURE", "PLACE", "SEX", "UNIT"})

NUMBER = re.compile(r"\d|[%‰]")
"""A year or an age, which says more than a name does, or a unit."""


def without_names(
    region: Region, lines: Sequence[Line], known: FlowKnowledge
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    headers = [line for line in lines if line.source.kind == HEADER]
    names = {line.source: names_in(region, line, headers, known) for line in headers}
    remaining = tuple(line for line in lines if not names.get(line.source))
    return remaining, tuple(without_some(text, known) for line in headers for text in names[line.source])


def without_some(text: str, known: FlowKnowledge) -> str:
    for mention in read_title(text, known.recogniser).of("OFWHICH"):
        text = text.replace(mention.phrase, " ")
    return text


def names_in(region: Region, line: Line, headers: Sequence[Line], known: FlowKnowledge) -> tuple[str, ...]:
    after = headers[headers.index(line) + 1 :]
    texts, below = placed_texts(region, line), placed_texts(region, after[0]) if after else {}
    high = {at for at, text in texts.items() if below.get(at) == text}
    names = tuple(dict.fromkeys(text for at, text in texts.items() if at not in high))
    if not high or not all(text and is_name(text, known) for text in names):
        return ()
    return names if differ(region, [header for header in headers if header is not line]) else ()


def is_name(text: str, known: FlowKnowledge) -> bool:
    reading = read_title(" ".join(bare(text).split()), known.recogniser)
    if not (reading.mentions or reading.unexplained) or any(mention.negated for mention in reading.mentions):
        return False
    if NUMBER.search(text):
        return False
    return all(is_harmless(concepts) for concepts in concepts_at(reading))


def is_harmless(concepts: frozenset[str]) -> bool:
    return bool(concepts & SAYING_NOTHING) and not concepts & DECIDING


def concepts_at(reading: ReadTitle) -> Iterator[frozenset[str]]:
    concepts_by_position: dict[int, set[str]] = {}
    for mention in reading.mentions:
        concepts_by_position.setdefault(mention.at, set()).add(mention.concept)
    yield from map(frozenset, concepts_by_position.values())


def differ(region: Region, headers: Sequence[Line]) -> bool:
    placed: list[Mapping[int, str]] = [placed_texts(region, line) for line in headers]
    heads = [tuple(texts.get(column, "") for texts in placed) for column in region.values]
    return len(set(heads)) == len(heads)
