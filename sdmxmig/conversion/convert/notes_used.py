"""Checks of user notes, and of texts around figures that no mapping uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sdmxmig.conversion.convert.assembling import ConversionContext
from sdmxmig.conversion.mapping.grid import Grid, is_in, matches_any
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.conversion.mapping.readings import Readings
from sdmxmig.conversion.mapping.sourced_values import select_noted_figures, split_marks
from sdmxmig.conversion.recognition.labels import NOTE_SIGNS
from sdmxmig.conversion.recognition.mentions import find_mentions, split_words
from sdmxmig.conversion.recognition.words import WITHOUT_BLANKS, load_shipped_vocabulary
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import Attributes, Block, UserNote
from sdmxmig.sdmx.model.rule_ids import RuleId


class ConflictingNotes(DeclarationError):  # noqa: N818 - the name says what is the matter
    """Two notes give the same figures different codes, and neither is more specific.

    `attribute` and `texts` are the contradiction; `where` are the codes of the shared figures.
    """

    def __init__(self, notes: tuple[UserNote, UserNote], attribute: str, *, file: str) -> None:
        earlier, later = notes
        self.notes, self.attribute = notes, attribute
        self.texts = (dict(earlier.attributes)[attribute], dict(later.attributes)[attribute])
        self.where: Attributes = tuple(dict([*earlier.where, *later.where]).items())
        codes = " and ".join(f"{name} {code}" for name, code in self.where)
        message = f"Two notes contradict each other about figures with {codes}: {attribute} {' and '.join(self.texts)}."
        pairs = ", ".join(f'{name} = "{code}"' for name, code in self.where)
        if set(later.where) <= set(earlier.where):
            hint = "Keep one of the two, or put the note about fewer figures after the other."
        else:
            hint = f"State which one is right in another note after both, about: {pairs}."
        super().__init__(message, Place(file, key=f"{later.key}.set.{attribute}"), hint)


def check_notes(readings: Sequence[Readings], mapping: model.TableMapping, context: ConversionContext) -> None:
    """Raise `ConflictingNotes` if notes of a block contradict each other, and report notes without figures."""
    unused = {(block.key, noted): noted for block in mapping.blocks for noted in block.notes}
    for reading in readings:
        notes, block = reading.layout.block.notes, reading.layout.block
        meant = [
            select_noted_figures(noted, reading.components, reading.fixed, reading.cells.height) for noted in notes
        ]
        for noted, figures in zip(notes, meant, strict=True):
            if figures.any():
                unused.pop((block.key, noted), None)
        coded = {name for noted in notes for name, _ in noted.attributes if context.flow.structure[name].is_coded}
        for attribute in sorted(coded):
            for pair in find_contradictions(notes, meant, attribute, fixed=frozenset(block.fixed)):
                raise ConflictingNotes(pair, attribute, file=context.mapping_place.file)
    for noted in unused.values():
        codes = " and ".join(f"{name} {code}" for name, code in noted.where)
        place = Place(context.mapping_place.file, key=f"{noted.key}.where")
        context.collector.add(RuleId.NOTE_WITHOUT_FIGURES, [place], value=codes)


def find_contradictions(
    notes: Sequence[UserNote], meant: Sequence[pl.Series], attribute: str, *, fixed: frozenset[tuple[str, str]]
) -> Iterator[tuple[UserNote, UserNote]]:
    """Find pairs of contradictory notes where the later one is not more specific; `fixed` codes are ignored."""
    saying = [
        (noted, figures) for noted, figures in zip(notes, meant, strict=True) if attribute in dict(noted.attributes)
    ]
    decided = pl.Series([False]).new_from_index(0, len(saying[0][1]))  # overridden by a later note
    for number in range(len(saying) - 1, 0, -1):
        later, figures = saying[number]
        last_word = figures & ~decided
        decided |= figures
        for earlier, others in saying[:number]:
            says_otherwise = dict(earlier.attributes)[attribute] != dict(later.attributes)[attribute]
            codes, fewer = set(earlier.where), set(later.where)
            is_narrower = codes < fewer or codes - fixed < fewer - fixed
            if says_otherwise and not is_narrower and may_overlap(earlier, later) and (last_word & others).any():
                yield earlier, later


def may_overlap(note: UserNote, other: UserNote) -> bool:
    codes = dict(note.where)
    return all(codes.get(name, code) == code for name, code in other.where)


STATUS, MULTIPLIER, UNIT = "OBS_STATUS", "UNIT_MULT", "UNIT_MEASURE"
NOTED_CODES = {STATUS: ("P",), MULTIPLIER: ("3", "6"), UNIT: ("PS",)}
"""Notes that apply to all figures: provisional; thousands, millions; persons."""
DEFAULTS = {STATUS: "A", MULTIPLIER: "0"}
MIN_PHRASE_LETTERS, MAX_NOTE_LETTERS = 4, 300
NOTE_OF_MARK = rf"^\s*(?:\(?(?:\d{{1,2}}|\pL)\)?[\s.:=–-]|[{NOTE_SIGNS}¹²³⁰⁴-⁹]|\pL{{1,2}}\s*[:=])"
FIGURE = re.compile(r"(?<!^20\d)(?<!^19\d)\d$")


BEFORE_UNIT = re.compile(r"[(\[（,;:，；：]\s*$")
"""What may precede a unit: “Immigrants (persons)”, “Unit: persons”."""


def check_unused(
    grid: Grid, layouts: Sequence[Layout], mapping: model.TableMapping, context: ConversionContext
) -> None:
    """Report facts in notes and titles around blocks that no block uses, once per component."""
    blocks = [layout.block for layout in layouts]
    head_rows = [range(layout.corner.top, layout.corner.top + layout.block.header_rows) for layout in layouts]
    facts: dict[str, list[tuple[str, str, Place]]] = {name: [] for name in DEFAULTS}
    for text, row, column in list_notes(grid, layouts, head_rows) if blocks else ():
        is_known = any(matches_any(text, (pattern,)) for block in blocks for pattern in block.required_texts)
        is_known |= any(row in heads for heads in head_rows)
        for component, code, phrase in find_stated_components(text):
            if component == MULTIPLIER or not is_known:
                facts[component].append((code, phrase, grid.table.place(row, column)))
    if any(answered.part == f"fixed {MULTIPLIER}" for answered in mapping.answers):
        facts[MULTIPLIER] = []
    for component, noted in facts.items():
        given = {dict(block.fixed).get(component, DEFAULTS[component]) for block in blocks}
        others = {place: phrase for code, phrase, place in noted if code not in given}
        is_stated = any(code in given - {DEFAULTS[component]} for code, *_ in noted)
        if others and not is_stated and not any(covers_component(block, component) for block in blocks):
            sheet, phrase = grid.table.sheet or grid.table.file, next(iter(others.values()))
            context.collector.add(
                RuleId.NOTE_NOT_USED, list(others), component, value=phrase, component=component, sheet=sheet
            )


def covers_component(block: Block, component: str) -> bool:
    values = block.values
    code_pairs = [pair for _, pairs in (*values.marks, *values.missing) for pair in pairs]
    code_pairs += block.fixed if component == STATUS else ()
    components_read = {component_map.component for component_map in block.components} | {
        name for name, code in code_pairs if code != DEFAULTS.get(name)
    }
    is_noted = component == STATUS and block.footnotes is not None
    return component in components_read or is_noted or (component == MULTIPLIER and bool(values.multiply))


def list_notes(grid: Grid, layouts: Sequence[Layout], head_rows: Sequence[range]) -> Iterator[tuple[str, int, int]]:
    length = pl.col("text").str.len_chars()
    texts = grid.cells.filter((pl.col("kind") != "number") & (length > 1) & (length <= MAX_NOTE_LETTERS))
    block_areas = [layout.held for layout in layouts]
    outside = texts.filter(~pl.any_horizontal(block_areas) | is_in("row", [row for rows in head_rows for row in rows]))
    yield from outside.filter(~pl.col("text").str.contains(NOTE_OF_MARK)).select("text", "row", "column").iter_rows()


@lru_cache(maxsize=1_000)  # each mapping of a table asks for all its notes
def find_stated_components(text: str) -> Sequence[tuple[str, str, str]]:
    """Find the components in a text, with codes and phrases; “3.4 thousand” is one figure."""
    found = []
    words = split_words(text)
    mentions = find_mentions(words, load_shipped_vocabulary(frozenset(NOTED_CODES)))[0]
    has_multiple = any(mention.concept == MULTIPLIER for mention in mentions)
    for mention in mentions:
        before, _, after = text.partition(mention.phrase)
        is_unit = bool(BEFORE_UNIT.search(before)) or not (before + after).strip(" .:()")
        is_word = len(mention.phrase) >= MIN_PHRASE_LETTERS or is_unit or WITHOUT_BLANKS.search(mention.phrase)
        is_figure = mention.at > 0 and not words[mention.at].after_comma and FIGURE.search(words[mention.at - 1].plain)
        if not is_word or mention.code not in NOTED_CODES.get(mention.concept, ()):
            continue
        if mention.concept == UNIT and is_unit and not has_multiple:
            found.append((MULTIPLIER, DEFAULTS[MULTIPLIER], mention.phrase))
        elif mention.concept == STATUS or (mention.concept == MULTIPLIER and not is_figure):
            found.append((mention.concept, mention.code, mention.phrase))
    return found


NOTE_MARK = re.compile(r"(?<=\S)\s*([*†‡§#¹²³⁰⁴-⁹]+\)?|\((?:[0-9]{1,2}|[a-z])\)|[0-9]\)|(?<=\s)[0-9]{1,2}/)$")


def check_marks(layout: Layout, context: ConversionContext) -> None:
    labels_by_mark: dict[str, dict[Place, str]] = {}
    for mark, place, text in find_unexplained(layout, context):
        labels_by_mark.setdefault(mark, {})[place] = text
    for mark, labels in labels_by_mark.items():
        context.collector.add(
            RuleId.UNEXPLAINED_MARK, list(labels), value=mark, first=next(iter(labels.values())), count=str(len(labels))
        )


def find_unexplained(layout: Layout, context: ConversionContext) -> Iterator[tuple[str, Place, str]]:
    """Find unexplained marks; country names and folded texts are recognised with marks."""
    marks = [mark for mark, _ in layout.block.values.marks]
    for component_map in layout.block.components:
        line = layout.lines.get(component_map.source.line)
        if line is None or not (component_map.areas or component_map.fold):
            continue
        meanings = Meanings(component_map, layout.block, context.flow)
        positions = layout.columns if component_map.source.is_of_columns else layout.rows
        read_cells = line.filter(is_in("position", positions))
        for text, row, column in read_cells.select("text", "row", "column").unique(maintain_order=True).iter_rows():
            mark = NOTE_MARK.search(split_marks(text, marks)[0])
            if mark and text not in dict(component_map.codes) and meanings.find_code(text) not in (None, text):
                yield mark[1], layout.table.place(row, column), text
