"""Meanings of headers and labels: codes, countries, footnote marks, and periods in national notations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sdmxmig.catalogue.areas import Areas, read_areas
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.catalogue.item_schemes import read_item_scheme
from sdmxmig.conversion.mapping.grid import collapse_blanks, plain, translate_texts
from sdmxmig.conversion.mapping.sourced_values import SourcedValues, split_marks
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.patterns import pattern as compiled
from sdmxmig.primitives.periods import check_pattern, match_pattern, parse_by_pattern
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import Block, ComponentMap, Flow, PeriodFormat, Values

AREA_LISTS = "SDMX/CL_AREA.*.csv"
"""The shipped editions of the list of countries and areas."""


@dataclass(frozen=True, eq=False)
class Meanings:
    component_map: ComponentMap
    block: Block
    flow: Flow

    @cached_property
    def frequency(self) -> str:
        return dict(self.block.fixed).get("FREQ", "")

    @cached_property
    def codes(self) -> Mapping[str, str]:
        spelt = plain if self.component_map.fold else collapse_blanks
        return {spelt(text): code for text, code in self.component_map.codes}

    def knows(self, text: str) -> bool:
        return (plain(text) if self.component_map.fold else text) in self.codes

    def understands(self, text: str) -> bool:
        written = collapse_blanks(text)
        if not self.knows(written):
            written = extract_relevant_part(
                split_marks(written, dict(self.block.values.marks))[0], self.component_map.take
            )
        return bool(written) and (
            self.knows(written)
            or bool(parse_period(written, self.component_map.periods, self.frequency) or self.area(written))
        )

    def find_code(self, text: str) -> str | None:
        written = collapse_blanks(text)
        if not self.knows(written):
            written, _ = split_marks(written, dict(self.block.values.marks))
        written = extract_relevant_part(written, self.component_map.take)
        if not written:
            return self.component_map.empty or None
        if self.knows(written):
            return self.codes[plain(written) if self.component_map.fold else written]
        period = parse_period(written, self.component_map.periods, self.frequency)
        return period or self.area(written) or self.component_map.otherwise or written

    def area(self, text: str) -> str:
        candidates = load_areas().candidates(text, self.component_map.language) if self.component_map.areas else ()
        codelist = self.flow.codelist(self.component_map.component)
        return candidates[0] if len(candidates) == 1 and codelist is not None and candidates[0] in codelist else ""


def extract_relevant_part(text: str, expression: str) -> str:
    r"""Extract the relevant part of a text: the first group of the expression, its match, or the text.

    >>> extract_relevant_part("Table 3 (2019)", r"\((\d{4})\)"), extract_relevant_part("Total", r"\d{4}")
    ('2019', 'Total')
    """
    match = compiled(expression).search(text) if expression else None
    if not match:
        return text
    return collapse_blanks(next((group for group in match.groups() if group is not None), match[0] or ""))


def read_line_values(
    line: pl.DataFrame, meaning: Callable[[str], str | None], *, with_empty_cells: bool = False
) -> SourcedValues:
    values = translate_texts(line["text"], meaning)
    if not with_empty_cells:
        return SourcedValues(values, line["row"], cell_columns=line["column"]).drop_empty_cells()
    has_cell = pl.col("row") > 0  # a title not set by any row yet has no cell
    cells = line.select(pl.when(has_cell).then(pl.col(name)).alias(name) for name in ("row", "column"))
    return SourcedValues(values, cells["row"], cell_columns=cells["column"])


def read_mark_attributes(
    line: pl.DataFrame, meanings: Sequence[Meanings], values: Values
) -> list[tuple[str, SourcedValues]]:
    marks = dict(values.marks)
    if not marks:
        return []
    attributes_by_text: dict[str, tuple[tuple[str, str], ...]] = {}
    for text in line["text"].unique(maintain_order=True):
        if text and not any(component_meanings.knows(text) for component_meanings in meanings):
            attributes_by_text[text] = merge_mark_attributes(split_marks(text, marks)[1], marks)
    deepest = max(map(len, attributes_by_text.values()), default=0)
    attribute_values = []
    for number in range(deepest):
        for attribute in sorted({pairs[number][0] for pairs in attributes_by_text.values() if len(pairs) > number}):

            def meaning(text: str, number: int = number, attribute: str = attribute) -> str | None:
                pairs = attributes_by_text.get(text, ())
                return pairs[number][1] if len(pairs) > number and pairs[number][0] == attribute else None

            attribute_values.append((attribute, read_line_values(line, meaning)))
    return attribute_values


def merge_mark_attributes(
    text_marks: Sequence[str], marks: Mapping[str, tuple[tuple[str, str], ...]]
) -> tuple[tuple[str, str], ...]:
    return tuple(pair for mark in reversed(text_marks) for pair in marks[mark])


@lru_cache(maxsize=1)
def load_areas() -> Areas:
    return read_areas(load_country_list())


@lru_cache(maxsize=1)
def load_country_list() -> ItemScheme:
    files = sorted(file for folder in list_search_path("codelists", None) for file in folder.glob(AREA_LISTS))
    if not files:
        raise DeclarationError("There is no list of areas.", hint="Install sdmxmig again.")
    return read_item_scheme(files[-1], files[-1].read_bytes())


CENTURY = 100


def check_period_format(period_format: PeriodFormat) -> None:
    for pattern in period_format.patterns:
        check_pattern(pattern)


def parse_period(text: str, period_format: PeriodFormat, freq: str = "") -> str | None:
    """Convert a text to an SDMX period by the first matching pattern; None if no pattern matches.

    >>> parse_period("2014/15", PeriodFormat(("yyyy/YY",), year_start="07-01"))
    '2014-07-01/P1Y'
    >>> parse_period("1821-30", PeriodFormat(("yyyy-YY",))), parse_period("May 2024", PeriodFormat(("MMM yyyy",)))
    ('1821-01-01/P10Y', '2024-05')
    """
    for pattern in period_format.patterns:
        parts = match_pattern(text, pattern)
        if parts and {"last", "ending"} & set(parts):
            period = _parse_span(parts, period_format)
        else:
            period = parse_by_pattern(text, pattern, freq, period_format.months)
        if period:
            return period
    return None


def _parse_span(parts: dict[str, str], period_format: PeriodFormat) -> str | None:
    if "y" not in parts:
        return None
    first = int(parts["y"])
    last = int(parts.get("last") or first // CENTURY * CENTURY + int(parts["ending"]))
    last += CENTURY if last < first and "ending" in parts else 0  # 1999/00
    if last < first:
        return None
    if period_format.span != "range":
        return f"{first if period_format.span == 'first' else last:04}"
    if period_format.year_start and last > first:
        return f"{first:04}-{period_format.year_start}/P{last - first}Y"
    return f"{first:04}-01-01/P{last - first + 1}Y"
