"""Notes around figures that the mapping does not use, such as status or unit.

A note that figures are provisional, or in thousands, may be new this year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.mapping.grid import Grid
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.texts import matches_any
from sdmxmig.conversion.recognition.mentions import WITHOUT_BLANKS, mentions_in, words_of
from sdmxmig.conversion.recognition.words import Vocabulary, read_vocabulary
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Block
from sdmxmig.sdmx.model.rule_ids import RuleId

STATUS, MULTIPLIER = "OBS_STATUS", "UNIT_MULT"
NOTED_CODES = {STATUS: ("P",), MULTIPLIER: ("3", "6")}
"""Notes that apply to all figures: provisional; thousands, millions."""
DEFAULTS = {STATUS: "A", MULTIPLIER: "0"}
SHORTEST, LONGEST_NOTE = 4, 300
OF_A_MARK = r"^\s*(?:\(?(?:\d{1,2}|\pL)\)?[\s.:=–-]|[*†‡§#¹²³⁰⁴-⁹]|\pL{1,2}\s*[:=])"
FIGURE = re.compile(r"(?<!^20\d)(?<!^19\d)\d$")


def check_around(grid: Grid, layouts: Sequence[Layout], blocks: Sequence[Block], context: ConversionContext) -> None:
    """Report notes and titles around blocks with facts that no block uses, once per component."""
    open_ones = {name for name in NOTED_CODES if blocks and not any(covers_component(block, name) for block in blocks)}
    places_by_component: dict[str, tuple[str, list[Place]]] = {}
    for text, row, column in notes(grid, layouts) if open_ones else ():
        for component, phrase in noted_components(text):
            if component in open_ones and not any(
                matches_any(text, (required_text,)) for block in blocks for required_text in block.required_texts
            ):
                places_by_component.setdefault(component, (phrase, []))[1].append(grid.table.place(row, column))
    for component, (phrase, places) in places_by_component.items():
        sheet = grid.table.sheet or grid.table.file
        context.collector.add(RuleId.NOTE_NOT_USED, places, component, value=phrase, component=component, sheet=sheet)


def covers_component(block: Block, component: str) -> bool:
    values = block.values
    code_pairs = [*block.fixed, *(pair for _, pairs in (*values.marks, *values.missing) for pair in pairs)]
    components_read = {component_map.component for component_map in block.components} | {
        name for name, code in code_pairs if code != DEFAULTS.get(name)
    }
    is_noted = component == STATUS and block.footnotes is not None
    return component in components_read or is_noted or (component == MULTIPLIER and bool(values.multiply))


def notes(grid: Grid, layouts: Sequence[Layout]) -> Iterator[tuple[str, int, int]]:
    length = pl.col("text").str.len_chars()
    texts = grid.cells.filter((pl.col("kind") != "number") & (length > 1) & (length <= LONGEST_NOTE))
    block_areas = [layout.held for layout in layouts]
    outside = texts.filter(~pl.any_horizontal(block_areas)) if block_areas else texts
    yield from outside.filter(~pl.col("text").str.contains(OF_A_MARK)).select("text", "row", "column").iter_rows()


def noted_components(text: str) -> Iterator[tuple[str, str]]:
    """Find the components in a text with their phrases; “3.4 thousand” is a single figure."""
    words = words_of(text)
    for mention in mentions_in(words, vocabulary())[0]:
        is_word = len(mention.phrase) >= SHORTEST or WITHOUT_BLANKS.search(mention.phrase)
        is_figure = mention.at > 0 and not words[mention.at].after_comma and FIGURE.search(words[mention.at - 1].plain)
        if (
            is_word
            and not (is_figure and mention.concept == MULTIPLIER)
            and mention.code in NOTED_CODES.get(mention.concept, ())
        ):
            yield mention.concept, mention.phrase


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    return read_vocabulary(concepts=frozenset(NOTED_CODES))
