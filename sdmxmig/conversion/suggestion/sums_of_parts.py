"""Totals of months or quarters, proven by sums; means, end stocks and incomplete sums are not totals."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import chain, compress
from math import gcd

from sdmxmig.conversion.suggestion.lines import Line, map_labels
from sdmxmig.conversion.suggestion.regions import Region

MINUS = re.compile("^[−–]")
GROUPED_FIGURE = re.compile(r"-?\d{1,3}(?:(?P<sign>[.,' \u00a0\u202f\u066c])\d{3})(?:(?P=sign)\d{3})*")
GROUPED_DECIMAL = re.compile(r"-?\d{1,3}(?:['’ \u00a0\u202f]\d{3})+[.,]\d+")
TELLING = 2
MIN_DISTINCT = 1000
"""Minimum sum in a single column that is not chance."""


def find_sums(
    region: Region, line: Line, lines: Sequence[Line], parts: Mapping[str, str], years: Line | None
) -> frozenset[tuple[str, str]]:
    by_label = index_figures_by_part(region, line, [each for each in lines if each is not line], years)
    figures = {
        key: {parts.get(text, text): figure for text, figure in group.items()} for key, group in by_label.items()
    }
    totals = {(year, text) for year, _ in figures for text in line.texts if text not in parts}
    return frozenset(
        (year, text)
        for year, text in totals
        if is_sum([group for (of, _), group in figures.items() if of == year and text in group], text, parts.values())
    )


def is_sum(listed: Sequence[Mapping[str, Decimal | None]], text: str, parts: Iterable[str]) -> bool:
    is_proven, parts = False, {*parts}
    for figures in listed:
        total, numbers = figures[text], [figures.get(part) for part in parts]
        present = [number for number in numbers if number is not None]
        if total is None:
            continue
        if len(present) < len(parts):
            if sum(present) > total:
                return False
            continue
        if sum(present) != total:
            return False
        is_proven = is_proven or sum(number != 0 for number in present) >= TELLING
    return is_proven


def find_whole(region: Region, line: Line, lines: Sequence[Line]) -> str:
    """Find the one label that sums all others; chance sums are excluded."""
    if not (line.source.is_label_column or line.source.kind == "header"):
        return ""
    placed = map_labels(region, line)
    texts = [text for text in dict.fromkeys(placed.values()) if text in line.texts]  # others are left out
    if len(texts) <= TELLING:
        return ""
    every = index_figures_by_part(region, line, [each for each in lines if each is not line], None).values()
    groups = [{text: figure for text, figure in group.items() if text in texts} for group in every]
    along = line.source.kind == "header"
    if sum(map(len, groups)) < sum(placed.get(column if along else row) in texts for row, column, _ in region.figures):
        return ""  # other lines do not tell all figures of a label apart
    largest = {max(group, key=lambda text: group[text] or 0) for group in groups if group}  # else each is added up
    wholes = [text for text in largest if is_whole(groups, text, texts)]
    return wholes[0] if len(wholes) == 1 else ""


def is_whole(columns: Sequence[Mapping[str, Decimal | None]], text: str, texts: Sequence[str]) -> bool:
    parts = [part for part in texts if part != text]
    listed = [column for column in columns if text in column]
    if not is_sum(listed, text, parts):
        return False
    return len(listed) >= TELLING or any((column[text] or 0) >= MIN_DISTINCT for column in listed)


def have_equal_sums(region: Region, line: Line, other_lines: Sequence[Line], groups: Sequence[Sequence[str]]) -> bool:
    """Check whether several groups of the labels of a line have the same sum in every column or row."""
    every = index_figures_by_part(region, line, other_lines, None).values()
    sums = [{sum(figures.get(text) or 0 for text in group) for group in groups} for figures in every]
    return len(sums) > 1 and all(len(each) == 1 for each in sums) and any(sum(each) >= MIN_DISTINCT for each in sums)


Figures = Mapping[str, Decimal | None]
"""The figures of a column or row by label."""


def index_figures_by_part(
    region: Region, line: Line, other_lines: Sequence[Line], years: Line | None
) -> Mapping[tuple[str, tuple[object, ...]], dict[str, Decimal | None]]:
    figures_by_key: dict[tuple[str, tuple[object, ...]], dict[str, Decimal | None]] = {}
    for key, label, figure in place_figures(region, line, other_lines, years):
        figures_by_key.setdefault(key, {})[label] = figure
    return figures_by_key


def collect_figures(region: Region, line: Line, other_lines: Sequence[Line]) -> tuple[Figures, ...]:
    sections: dict[object, list[dict[str, Decimal | None]]] = {}
    for key, label, figure in place_figures(region, line, other_lines, None):
        listed = sections.setdefault(key, [{}])
        if label in listed[-1]:
            listed.append({})
        listed[-1][label] = figure
    return tuple(figures for listed in sections.values() for figures in listed)


def place_figures(
    region: Region, line: Line, other_lines: Sequence[Line], years: Line | None
) -> Iterator[tuple[tuple[str, tuple[object, ...]], str, Decimal | None]]:
    along = line.source.kind == "header"
    label_at = map_labels(region, line)
    beside = [map_labels(region, line) for line in other_lines if line is not years and has_axis(line, along=along)]
    beside = [texts for texts in beside if not is_compatible(label_at, texts)]
    of_years = map_labels(region, years) if years else {}
    same_axis = years is not None and has_axis(years, along=along)
    numeric = region.table.numeric
    for row, column, text in region.figures:
        at, across = (column, row) if along else (row, column)
        if at in label_at:
            year = of_years.get(at if same_axis else across, "")
            key = year, (across, tuple(texts.get(at, "") for texts in beside))
            yield key, label_at[at], parse_number(text, is_stored=(row, column) in numeric)


MIN_DIGITS = 6
"""Minimum number of digits, in all columns together, of sums that are not chance."""


def find_groups_by_sums(
    columns: Sequence[Figures], texts: Sequence[str], groups: Collection[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return the labels right below or above each group of which it is the sum; groups may hold groups."""
    parts_by_group: dict[str, tuple[str, ...]] = {}
    downward = [dict(column) for column in columns], [*texts]
    upward = [dict(reversed(column.items())) for column in downward[0]], [*reversed(texts)]
    for figures, ordered in (downward, upward, downward):
        for at, group in reversed([*enumerate(ordered)]):
            if group not in groups or group in parts_by_group:
                continue
            within = {part for parts in parts_by_group.values() for part in parts}
            if parts := find_parts_below(figures, group, [text for text in ordered[at + 1 :] if text not in within]):
                parts_by_group[group] = parts
    return parts_by_group


def find_summed_rows(region: Region, rows: Collection[int]) -> Mapping[str, frozenset[str]]:
    """Return, by the numbers of rows that are sums, the rows right below or above that they add up, in all levels."""
    columns: dict[int, dict[str, Decimal | None]] = {}
    for row, column, text in region.figures:
        figure = parse_number(text, is_stored=(row, column) in region.table.numeric)
        columns.setdefault(column, {})[str(row)] = figure
    sums = find_groups_by_sums([*columns.values()], [*map(str, sorted(region.counted))], {*map(str, rows)})
    every: dict[str, frozenset[str]] = {}
    for whole, parts in sums.items():
        every[whole] = frozenset(parts).union(*(every.get(part, ()) for part in parts))
    return every


def find_parts_below(columns: Sequence[Figures], whole: str, among: Sequence[str]) -> tuple[str, ...]:
    """Return the labels right below one that add up to it; `among` keeps its order.

    In columns in which a part is missing or confidential, the other parts may be less than the whole.
    """
    listed = [(column, total) for column in columns if (total := column.get(whole)) is not None]
    places = {text: at for at, text in enumerate(dict.fromkeys(chain.from_iterable(columns)))}
    below = [text for text in among if places.get(text, -1) > places[whole]] if listed else []
    rests = [total for _, total in listed]
    for count, part in enumerate(below if any(rests) else (), start=1):
        rests = [rest - (column.get(part) or 0) for rest, (column, _) in zip(rests, listed, strict=True)]
        if min(rests) < 0:
            break
        parts = tuple(below[:count])
        is_whole = [all(column.get(text, 0) is not None for text in parts) for column, _ in listed]
        if not any(compress(rests, is_whole)):
            complete = compress(listed, is_whole)
            told = [total for column, total in complete if sum(bool(column.get(text)) for text in parts) >= TELLING]
            if sum(len(str(int(total))) for total in told) >= MIN_DIGITS or not any(rests):
                return parts if sum(len(str(int(total))) for total in told) >= MIN_DIGITS else ()
    return ()


def is_of_group(
    columns: Sequence[Figures],
    rest: str,
    whole: str,
    listed: Sequence[str],
    others: Sequence[str],
    uncoded: Sequence[str],
) -> bool:
    """Check whether sums prove that a remainder is not the `whole` less the `listed` countries.

    It counts some of these too or, with the group of another remainder, only some of the countries that are not listed.
    `others` are labels of no country, `uncoded` those without a code.
    """
    parts = (rest, *listed)
    if not listed or is_whole(columns, whole, (whole, *parts)):
        return False
    if find_parts_below(columns, rest, listed):
        return True
    divisions = [(rest, *others), *((rest, other) for other in others), *((*parts, group) for group in uncoded)]
    if any(is_whole(columns, whole, (whole, *division)) for division in divisions):
        return True
    filled = [column for column in columns if column.get(rest)]
    return bool(filled) and all(
        exceeds(column, whole, parts) and not (exceeds(column, whole, listed) or exceeds(column, whole, (rest,)))
        for column in filled
    )


def exceeds(column: Figures, whole: str, parts: Sequence[str]) -> bool:
    """Check whether the sum of parts is above the whole by more than rounding."""
    total, numbers = column.get(whole), [number for part in parts if (number := column.get(part)) is not None]
    if total is None or min(numbers, default=-1) < 0:
        return False
    decimals = max(0, *(-int(number.as_tuple().exponent) for number in (total, *numbers)))
    scaled = [int(number.scaleb(decimals)) for number in (total, *numbers)]
    excess = sum(scaled[1:]) - scaled[0]
    return 2 * excess > gcd(*scaled) * len(scaled)


def has_axis(line: Line, *, along: bool) -> bool:
    return line.source.kind == ("header" if along else "column") and not line.is_joined


def is_compatible(texts: Mapping[int, str], other_texts: Mapping[int, str]) -> bool:
    return len({(text, other_texts.get(at, "")) for at, text in texts.items()}) == len(set(texts.values()))


def parse_number(text: str, *, is_stored: bool) -> Decimal | None:
    """Parse a cell as number; stored numbers have no thousands separators.

    >>> (parse_number("1.234", is_stored=True), parse_number("−1.234", is_stored=False),
    ...  parse_number("2'190.3", is_stored=False), parse_number("*", is_stored=False))
    (Decimal('1.234'), Decimal('-1234'), Decimal('2190.3'), None)
    """
    written = MINUS.sub("-", text.strip())
    if not is_stored and GROUPED_FIGURE.fullmatch(written):
        return Decimal(re.sub(r"[^-\d]", "", written))
    if not is_stored and GROUPED_DECIMAL.fullmatch(written):
        written = re.sub(r"[^-\d.]", "", written.replace(",", "."))
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
