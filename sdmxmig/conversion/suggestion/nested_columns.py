"""Columns of labels that contain those of the next column: continents in one column, their countries in the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain

from sdmxmig.conversion.recognition.groups import names_group
from sdmxmig.conversion.recognition.labels import choose_best
from sdmxmig.conversion.suggestion.assignment import UNSAID, roles_in
from sdmxmig.conversion.suggestion.line_sources import LineSource
from sdmxmig.conversion.suggestion.lines import FlowKnowledge, Line, is_total, meanings_of_line, place_texts
from sdmxmig.conversion.suggestion.region_names import is_of_areas
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.sums_of_parts import TELLING, parse_number
from sdmxmig.sdmx.model.sources import Source

AREA = "PARTNER"
COUNTRY_LETTERS = 2
Labels = Mapping[int, tuple[str, ...]]
"""The labels of each row in adjacent columns, the widest first."""


def join_nested_columns(region: Region, lines: Sequence[Line], known: FlowKnowledge) -> tuple[Line, ...]:
    """Join columns of one characteristic, such as continents and countries, if each has figures of its own."""
    columns = sorted((line for line in lines if line.source.is_label_column), key=lambda line: line.source.number or 0)
    for count in range(len(columns), 1, -1):
        for at in range(len(columns) - count + 1):
            together = columns[at : at + count]
            if joined := join_columns(region, together, known):
                return tuple(joined if line is together[-1] else line for line in lines if line not in together[:-1])
    return tuple(lines)


def join_columns(region: Region, columns: Sequence[Line], known: FlowKnowledge) -> Line | None:
    numbers = [line.source.number or 0 for line in columns]
    if numbers[-1] - numbers[0] != len(numbers) - 1 or name_several_components(columns, known):
        return None
    texts = [place_texts(region, replace(line, carried=False)) for line in columns]
    rows = sorted(region.counted - region.begun)
    labels = {row: tuple(texts_of_line.get(row, "") for texts_of_line in texts) for row in rows}
    paths = fill_down(labels)
    depths = find_depths(labels, paths, known)
    if {*depths.values()} != {*range(len(columns))} or not are_nested(region, columns, paths, depths, known=known):
        return None
    meant = {row: paths[row][depth] for row, depth in depths.items()}
    for written in (labels, carry(labels)):
        joined = {row: " ".join(filter(None, row_labels)) for row, row_labels in written.items()}
        if len({*joined.values()}) == len({(text, meant[row]) for row, text in joined.items()}):
            explained = columns[-1].explained
            return replace(
                columns[-1],
                source=LineSource(Source("joined", together=tuple(line.source.place for line in columns))),
                head=next((line.head for line in reversed(columns) if line.head), ""),
                texts=tuple(dict.fromkeys(joined.values())),
                carried=written is not labels,
                indented=frozenset(joined[row] for row, depth in depths.items() if depth),
                explained={text: explained.get(meant[row], meant[row]) for row, text in joined.items()},
                numbers=(),
                cut=(),
            )
    return None


def name_several_components(columns: Sequence[Line], known: FlowKnowledge) -> bool:
    roles = [frozenset(roles_in([line.head], known.recogniser) - UNSAID) for line in columns]
    return len({*filter(None, roles)}) > 1


def fill_down(labels: Labels) -> Labels:
    """Repeat labels in the gaps below them; a label ends those of the columns behind it."""
    filled: dict[int, tuple[str, ...]] = {}
    above = ("",) * max(map(len, labels.values()), default=0)
    for row, row_labels in labels.items():
        first = next((at for at, text in enumerate(row_labels) if text), 0)
        above = filled[row] = above[:first] + row_labels[first:]
    return filled


def carry(labels: Labels) -> Labels:
    """Repeat the labels of each column in the gaps below them, as mappings do."""
    filled: dict[int, tuple[str, ...]] = {}
    above: tuple[str, ...] = ()
    for row, row_labels in labels.items():
        above = filled[row] = tuple(
            text or before for text, before in zip(row_labels, above or row_labels, strict=True)
        )
    return filled


def find_depths(labels: Labels, paths: Labels, known: FlowKnowledge) -> dict[int, int]:
    """Return the column whose label means the figures of a row: the last that is no total, or the one it totals."""
    totals = {text for text in {*chain(*labels.values())} if is_total(text, known.recogniser)}
    depths: dict[int, int] = {}
    meant: set[str] = set()
    for row, row_labels in labels.items():
        filled = [at for at, text in enumerate(row_labels) if text]
        own = [at for at in filled if row_labels[at] not in row_labels[:at] and row_labels[at] not in totals]
        first = min(filled, default=0)
        is_total_of_above = first > 0 and not own and paths[row][first - 1] not in meant
        depths[row] = max(own, default=first - is_total_of_above)
        meant.add(paths[row][depths[row]])
    return depths


def are_nested(
    region: Region, columns: Sequence[Line], paths: Labels, depths: Mapping[int, int], *, known: FlowKnowledge
) -> bool:
    """Whether each label is always below the same ones, which are regions or the sums of the labels below."""
    above: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for row, depth in depths.items():
        if depth and not known.recogniser.shared(paths[row][depth]):
            above[paths[row][depth]].add(paths[row][:depth])
    if any(len(parents) > 1 for parents in above.values()):
        return False
    if is_of_areas(columns[-1], known):
        return are_regions({text for parents in above.values() for path in parents for text in path}, known)
    return are_sums(region, paths, depths) and are_of_one_component(columns, known)


def are_regions(labels: Iterable[str], known: FlowKnowledge) -> bool:
    """Whether some labels are regions or groups of countries, and none is a country; totals contain all."""
    divided = [text for text in labels if text and not is_total(text, known.recogniser)]
    meanings = {text: choose_best(known.recogniser.candidates(text, AREA)) for text in divided}
    codes = {text: meaning.code for text, meaning in meanings.items() if meaning}
    sure = [codes[text] for text, meaning in meanings.items() if meaning and meaning.is_applied]
    if any(code.isalpha() and len(code) == COUNTRY_LETTERS for code in sure):
        return False
    regions = [text for text in divided if codes.get(text, "").isdecimal() or names_group(text, known.recogniser)]
    return bool(regions) or not divided


def are_sums(region: Region, paths: Labels, depths: Mapping[int, int]) -> bool:
    """Whether the figures of each label are the sums of those one column further."""
    figures: defaultdict[tuple[tuple[str, ...], int], list[Decimal]] = defaultdict(list)
    parts: defaultdict[tuple[tuple[str, ...], int], list[Decimal]] = defaultdict(list)
    for row, column, text in region.figures:
        number = parse_number(text, is_stored=(row, column) in region.table.numeric)
        path = paths[row][: depths[row] + 1]
        if number is None:
            return False
        figures[path, column].append(number)
        parts[path[:-1], column].append(number)
    wholes = [key for key in figures if key in parts]
    return len(wholes) >= TELLING and all(
        figures[key] == [sum(parts[key])] and len(parts[key]) >= TELLING for key in wholes
    )


def are_of_one_component(columns: Sequence[Line], known: FlowKnowledge) -> bool:
    flow = known.flow
    return any(
        all(all(meanings_of_line(line, name, flow, known.recogniser).values()) for line in columns)
        for name in flow.structure.key
    )
