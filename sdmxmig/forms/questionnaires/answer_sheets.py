"""Sheets other than tables: methods, notes, additional figures and codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sdmxmig.conversion.mapping.grid import collapse_blanks
from sdmxmig.conversion.mapping.sourced_values import is_number, normalise_number
from sdmxmig.forms.cells import FilledCell, parse_choice
from sdmxmig.forms.questionnaires import keys
from sdmxmig.forms.questionnaires.filling import STATUS_ATTRIBUTE, PrefilledFigures, list_varying_attributes
from sdmxmig.forms.questionnaires.plan import QuestionnaireWording
from sdmxmig.forms.styles import SheetPainter, find_column_letters, restrict_to_list
from sdmxmig.io.workbooks import LINE_HEIGHT, count_lines
from sdmxmig.primitives.periods import parse
from sdmxmig.primitives.places import format_cell
from sdmxmig.sdmx.frames import DEFINITIONS
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.structures import MetadataAttribute

FIRST_ROW = 5
ANSWER_COLUMN = 3
LAST_COLUMNS = 2
SHEET_TITLES = {keys.METADATA: "Sources and methods", keys.MORE: "Further figures", keys.NOTES: "Notes"}
EMPTY_ROWS = 1_000
"""Number of rows below the existing entries that offer codes."""
MAX_SHORT_LIST = 40


def draw_metadata(look: SheetPainter, wording: QuestionnaireWording, prefilled: PrefilledFigures) -> None:
    title = wording.say(SHEET_TITLES[keys.METADATA])
    sheet = look.add_page(title, keys.format_key(keys.FORM_MARK, keys.METADATA), (38, 60, 10, 70))
    look.write(sheet, (1, ANSWER_COLUMN), keys.format_key(keys.VALUE), "key")
    look.write(sheet, (3, 2), wording.say("Valid for all figures of this workbook"), "section")
    row = FIRST_ROW - 1
    for component in list_general_attributes(wording):
        row += 1
        look.write(sheet, (row, 1), keys.format_key(keys.ATTRIBUTE, component.id), "key")
        coded = component.id in wording.lists
        answer = prefilled.general.get(component.id, "")
        answer_text = wording.choice(component.id, answer) if coded and answer else answer
        must = wording.say("needed") if component.mandatory and component in list_general_components(wording) else ""
        about = look.text(wording.definition(component), "soft")
        write_answer_row(sheet, look, row, wording.concept(component.id), answer_text, must, about)
        if coded:
            restrict_to_list(sheet, [format_cell(row, ANSWER_COLUMN)], wording.source(component.id), look.refusal)
    if wording.questionnaire.metadata:
        flow, structure = wording.questionnaire.metadata
        row += 2
        look.write(sheet, (row, 2), flow.name.in_language(wording.language), "section")
        for path, attribute, depth in list_reports(structure.attributes):
            row += 1
            concept = wording.find_concept_item(attribute.concept)
            name = concept.name.in_language(wording.language)
            if attribute.presentational:
                look.write(sheet, (row, 2), name, "section")
                continue
            look.write(sheet, (row, 1), keys.format_key(keys.REPORT, path), "key")
            about = look.text(concept.description, "soft")
            write_answer_row(sheet, look, row=row, name=name, answer="", must="", about=about, depth=depth)
    sheet.freeze_panes = "C3"


def write_answer_row(
    sheet: Any, look: SheetPainter, row: int, name: str, answer: str, must: str, about: tuple[str, str], depth: int = 0
) -> None:
    look.write_row(sheet, row, (name, f"label-{depth}"), (answer, "text"), (must, "soft"), about)
    lines = max(
        count_lines(text, width) for text, width in zip((name, answer, about[0]), (38 - depth, 60, 70), strict=True)
    )
    sheet.row_dimensions[row].height = LINE_HEIGHT * lines + 3


def list_general_attributes(wording: QuestionnaireWording) -> Iterator[Component]:
    structure, for_all = wording.flow.structure, list_general_components(wording)
    yield from for_all
    for name in list_varying_attributes(wording.questionnaire):
        if structure[name] not in for_all and (
            name in wording.lists or name in wording.questionnaire.layouts.by_column
        ):
            yield structure[name]


def list_general_components(wording: QuestionnaireWording) -> tuple[Component, ...]:
    structure = wording.flow.structure
    definitions = tuple(structure[name] for name in DEFINITIONS if name in structure)
    return (*definitions, *(each for each in structure.attributes("dataset") if each not in definitions))


def list_reports(
    attributes: Sequence[MetadataAttribute], above: str = "", depth: int = 0
) -> Iterator[tuple[str, MetadataAttribute, int]]:
    for attribute in attributes:
        path = f"{above}.{attribute.id}" if above else attribute.id
        yield path, attribute, depth
        yield from list_reports(attribute.children, path, 0 if attribute.presentational else depth + 1)


def choose_columns(wording: QuestionnaireWording, mark: str) -> tuple[list[str], list[str]]:
    structure = wording.flow.structure
    attributes = list_varying_attributes(wording.questionnaire)
    if mark == keys.MORE:
        return list(structure.key), [structure.measure.id, *attributes]
    varying = {name for grid in wording.questionnaire.grids for name in (*grid.by_row, *grid.by_column)}
    return [name for name in structure.key if name in varying], [
        name for name in attributes if name != STATUS_ATTRIBUTE
    ]


def list_column_keys(wording: QuestionnaireWording) -> Iterator[tuple[str, str]]:
    yield keys.METADATA, keys.format_key(keys.VALUE)
    for mark in (keys.MORE, keys.NOTES):
        dimensions, others = choose_columns(wording, mark)
        yield from ((mark, keys.format_key(keys.LABEL, name)) for name in dimensions)
        yield from ((mark, keys.format_key(keys.ATTRIBUTE, name)) for name in others)


def draw_notes(look: SheetPainter, wording: QuestionnaireWording, prefilled: PrefilledFigures) -> None:
    about = wording.say("Choose which figures a note is about; an empty cell means any.")
    draw_list(look, wording, keys.NOTES, about, prefilled.notes)


def draw_additional_figures(look: SheetPainter, wording: QuestionnaireWording, prefilled: PrefilledFigures) -> None:
    about = wording.say("Figures for which no table has a cell, one in each row.")
    draw_list(look, wording, keys.MORE, about, prefilled.more)


def draw_list(
    look: SheetPainter, wording: QuestionnaireWording, mark: str, about: str, rows: Sequence[Mapping[str, str]]
) -> None:
    columns = choose_columns(wording, mark)
    names = [*columns[0], *columns[1]]
    sheet = look.add_page(
        wording.say(SHEET_TITLES[mark]), keys.format_key(keys.FORM_MARK, mark), [22.0] * len(names), about
    )
    look.write(sheet, (FIRST_ROW - 1, 1), keys.format_key(keys.HEADER), "key")
    for column, name in enumerate(names, start=2):
        look.apply_style(
            sheet.column_dimensions[find_column_letters(column)], "code"
        )  # whole columns accept entries, except the rows above
        for row in (2, 3):
            look.apply_style(sheet.cell(row, column), "plain" if column > 2 else ("title", "line")[row - 2])
        kind = keys.LABEL if name in columns[0] else keys.ATTRIBUTE
        look.write(sheet, (1, column), keys.format_key(kind, name), "key")
        look.write(sheet, (FIRST_ROW - 1, column), wording.concept(name), "head")
        for number, entry in enumerate(rows, start=FIRST_ROW):
            look.write(sheet, (number, column), wording.choice(name, entry.get(name, "")), "code")
        if name in wording.lists:
            cells = f"{format_cell(FIRST_ROW, column)}:{format_cell(FIRST_ROW + len(rows) + EMPTY_ROWS, column)}"
            restrict_to_list(sheet, [cells], wording.source(name), look.refusal)
    sheet.freeze_panes = f"B{FIRST_ROW}"


def draw_codes(look: SheetPainter, wording: QuestionnaireWording) -> None:
    sheet = look.add_page(wording.say("Codes"), keys.format_key(keys.FORM_MARK, keys.CODES), (14, 50, 80))
    row = 3
    for component in wording.flow.structure.attributes():
        codelist = wording.flow.codelist(component)
        if codelist is None or len(codelist) > MAX_SHORT_LIST:
            continue
        row += 1
        look.write(sheet, (row, 2), wording.concept(component.id), "section")
        for item in codelist:
            row += 1
            about = look.text(item.description, "plain")
            look.write_row(sheet, row, (item.id, "plain"), (wording.code(component.id, item.id), "plain"), about)
            sheet.row_dimensions[row].height = LINE_HEIGHT * count_lines(about[0], 80) + 2
        row += 1


def draw_lists(look: SheetPainter, wording: QuestionnaireWording) -> None:
    names = {codes: name for name, codes in reversed(wording.lists.items())}
    columns = ((codes, [wording.choice(names[codes], code) for code in codes]) for codes in wording.columns)
    look.add_lists(keys.format_key(keys.FORM_MARK, keys.LISTS), chain.from_iterable(columns))


UNCLEAR_NUMBER = re.compile(r"[+−-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""A number that is 1000 times as large in one language as in another."""
NUMBER_SIGNS = ((" ", "."), (" ", ","), (",", "."), (".", ","), ("'", "."), ("\N{RIGHT SINGLE QUOTATION MARK}", "."))


def read_number(cell: FilledCell) -> str | None:
    """Read a figure, keeping displayed zeros and texts; None if ambiguous (``1,234``).

    >>> read_number(FilledCell("1.5", "number", formula=False, decimals=2))
    '1.50'
    >>> read_number(FilledCell("1 234,5", "text", formula=False, decimals=0))
    '1234.5'
    >>> read_number(FilledCell("١٬٢٣٤٫٥", "text", formula=False, decimals=0))
    '1234.5'
    """
    text = normalise_digits(collapse_blanks(cell.text))
    if cell.kind == "number":
        whole, _, decimals = text.partition(".")
        return f"{whole}.{decimals:0<{cell.decimals}}" if cell.decimals and "E" not in text.upper() else text
    if UNCLEAR_NUMBER.fullmatch(text):
        return None
    return next((normalise_number(text, *pair) for pair in NUMBER_SIGNS if is_number(text, *pair)), text)


def normalise_digits(text: str) -> str:
    """Convert digits of other scripts and signs of Arabic numbers to Western ones.

    >>> normalise_digits("١٬٢٣٤٫٥"), normalise_digits("１２３")
    ('1 234.5', '123')
    """
    digits = (str(unicodedata.decimal(sign, sign)) for sign in text)
    return "".join(digits).replace("\N{ARABIC DECIMAL SEPARATOR}", ".").replace("\N{ARABIC THOUSANDS SEPARATOR}", " ")


class CodeNames:
    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._known: dict[str, dict[str, frozenset[str]]] = {}

    def codes(self, component: str, text: str) -> frozenset[str]:
        if component not in self._known:
            self._known[component] = self._read(component)
        written = collapse_blanks(text)
        codes_by_name = self._known[component]
        first = parse_choice(written)
        return codes_by_name.get(written.casefold()) or codes_by_name.get(first.casefold(), frozenset())

    def _read(self, component: str) -> dict[str, frozenset[str]]:
        codes_by_name: dict[str, set[str]] = {}
        for item in self._flow.codelist(component) or ():
            for _, name in item.name:
                codes_by_name.setdefault(collapse_blanks(name).casefold(), set()).add(item.id)
        for item in self._flow.codelist(component) or ():
            codes_by_name[item.id.casefold()] = {item.id}  # a code is never the name of another code
        return {name: frozenset(codes) for name, codes in codes_by_name.items()}

    def code(self, component: str, text: str) -> str:
        written = text.strip()
        codes = self.codes(component, written)
        return next(iter(codes)) if len(codes) == 1 else written

    def agrees(self, component: str, text: str, code: str) -> bool | None:
        if collapse_blanks(text) == code:
            return True
        if self._flow.structure.time and component == self._flow.structure.time.id:
            return False if parse(collapse_blanks(text)) else None
        codes = self.codes(component, text)
        return code in codes if codes else None
