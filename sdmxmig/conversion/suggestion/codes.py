"""Columns of numbers other than figures (sort orders, codes, years), and codes of agencies: “EDUC” for EDU."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sdmxmig.conversion.recognition.labels import bare, plain
from sdmxmig.conversion.recognition.words import Vocabulary
from sdmxmig.conversion.suggestion.figures import Rows, is_year, year_columns
from sdmxmig.sdmx.model.maps import RepresentationMap, StructureMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

REPEATED_SHARE = 1.5
SHORT = 3
WORDS_OF_WIDE_TABLES = ("TOTAL", "SEX", "UNIT_MEASURE")


def codes_beside(rows: Rows, by_column: Mapping[int, Sequence[str]], labels: set[int]) -> set[int]:
    """Return number columns that are codes or years of the rows; `labels` are the text columns."""
    if not labels:
        return set()
    columns = [column for column in sorted(by_column) if column not in labels]
    coded_columns = {
        column
        for column in columns
        if column < min(labels) and any(later_column > min(labels) for later_column in columns)
    }
    coded_columns |= {column for column in columns if column < max(labels) and counts_up(by_column[column])}
    years = year_columns({row: {at: cells[at] for at in columns if at in cells} for row, cells in rows.items()})
    coded_columns |= {column for column in years if len(set(by_column[column])) < len(by_column[column])}
    coded_columns |= {column for column in columns if has_names(rows, column, labels | coded_columns)}
    return coded_columns if len(coded_columns) < len(columns) else set()


def has_names(rows: Rows, column: int, labels: Collection[int]) -> bool:
    return any(is_code_of(rows, column, neighbour) for neighbour in (column - 1, column + 1) if neighbour in labels)


def counts_up(texts: Sequence[str]) -> bool:
    """Check whether a column numbers its rows as a sort order; figures may rise too.

    >>> counts_up(["4", "8", "12"]), counts_up(["1001", "1002"]), counts_up(["5036000", "5063000", "5100000"])
    (True, True, False)
    """
    if not all(text.isdecimal() for text in texts):
        return False
    numbers = [int(text) for text in texts]
    steps = {after - before for before, after in pairwise(numbers)}
    return numbers == sorted(set(numbers)) and (len(steps) < 2 or len(str(numbers[-1])) <= SHORT)


def is_code_of(rows: Rows, column: int, label_column: int) -> bool:
    pairs = [(cells.get(column, "").strip(), cells.get(label_column, "").strip()) for cells in rows.values()]
    filled_pairs = {pair for pair in pairs if all(pair)}
    numbers, names = {number for number, _ in filled_pairs}, {name for _, name in filled_pairs}
    again = sum(all(pair) for pair in pairs) >= REPEATED_SHARE * len(filled_pairs)
    lengths = set(map(len, numbers))
    shaped = all(map(str.isdecimal, numbers)) and (len(lengths) == 1 or all(length <= SHORT for length in lengths))
    coded = shaped and not any(map(is_year, numbers))
    return again and coded and len(filled_pairs) == len(numbers) == len(names) > 1


def is_value(head: str, vocabulary: Vocabulary) -> bool:
    spelt = plain(bare(head))
    if any(vocabulary.codes(concept, spelt) for concept in WORDS_OF_WIDE_TABLES):
        return False
    return "OBS_VALUE" in vocabulary.codes("ROLE", spelt)


UNIT, UNIT_MEASURE = "unit", "UNIT_MEASURE"


@dataclass(frozen=True, slots=True, eq=False)
class AgencyCodes:
    """The dimensions and codes of an agency, with our components and codes."""

    heads: frozenset[str]
    codes: Mapping[tuple[str, str], Mapping[str, str]]


def agency_codes(artefacts: Mapping[Ref, Artefact]) -> tuple[AgencyCodes, ...]:
    maps: dict[str, list[StructureMap]] = {}
    for structure_map in artefacts.values():
        if isinstance(structure_map, StructureMap):
            maps.setdefault(structure_map.target.agency, []).append(structure_map)
    return tuple(of_agency(listed, artefacts) for _, listed in sorted(maps.items()))


def of_agency(maps: Sequence[StructureMap], artefacts: Mapping[Ref, Artefact]) -> AgencyCodes:
    heads: set[str] = set()
    own_names = {source for structure_map in maps for link in structure_map.components for source in link.sources}
    our_codes: dict[tuple[str, str], dict[str, set[str]]] = {}
    for structure_map in maps:
        heads |= {target for link in structure_map.components for target in link.targets}
        heads |= {fixed.component for fixed in structure_map.fixed if not fixed.on_source}
        for at, code, ours in (*pairs_of(structure_map, artefacts), *units_of(structure_map)):
            our_codes.setdefault(at, {}).setdefault(code, set()).add(ours)
    codes = {
        at: {code: min(ours) for code, ours in listed.items() if len(ours) == 1} for at, listed in our_codes.items()
    }
    return AgencyCodes(heads=frozenset(heads - own_names), codes=codes)


def pairs_of(
    structure_map: StructureMap, artefacts: Mapping[Ref, Artefact]
) -> Iterator[tuple[tuple[str, str], str, str]]:
    for link in structure_map.components:
        listed = artefacts.get(link.representation) if link.representation else None
        if isinstance(listed, RepresentationMap) and len(link.sources) == len(link.targets) == 1:
            for mapping in listed.mappings:
                ours, theirs = mapping.sources[0], mapping.targets[0]
                if theirs and ours.value and not ours.regex:
                    yield (link.targets[0], link.sources[0]), theirs, ours.value


def units_of(structure_map: StructureMap) -> Iterator[tuple[tuple[str, str], str, str]]:
    ours = {fixed.component: fixed.values[0] for fixed in structure_map.fixed if fixed.on_source}
    theirs = {fixed.component: fixed.values[0] for fixed in structure_map.fixed if not fixed.on_source}
    if UNIT_MEASURE in ours and UNIT in theirs:
        yield (UNIT, UNIT_MEASURE), theirs[UNIT], ours[UNIT_MEASURE]
