"""Texts that programs keep as typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.conversion.mapping.values import is_number, number_of
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.formulas import is_formula
from sdmxmig.primitives.places import Place, cell_position
from sdmxmig.reporting.outputs.patched_workbook import NUMBER

if TYPE_CHECKING:
    from sdmxmig.primitives.lazily import pl
    from sdmxmig.sdmx.model.data import Block
    from sdmxmig.sdmx.model.tables import Cell, Table

OTHERWISE_WRITTEN = re.compile(
    r"[-+\u2212]?(?:\d[\d\s.,'\u2019\u066b\u066c]*|[.,\u066b]\d+)(?:e[-+]?\d+)?\s*%?", re.IGNORECASE
)
"""A figure as people write it, which a workbook keeps as a text."""
SHIELDED = re.compile(r"'+([-+\u2212.,]?\d.*)")


@dataclass(frozen=True, slots=True)
class CellContent:
    """The content of a cell and its neighbours' types."""

    text: str
    kind: str
    _: KW_ONLY
    is_formula: bool
    is_number: bool
    is_text_figure: bool = False


def cell_of(tables: Sequence[Table], place: Place) -> CellContent:
    row, column = cell_position(place.cell)
    cells = next(table.cells for table in tables if table.sheet == place.sheet)
    is_near = cells["row"].is_between(row - 1, row + 1) & cells["column"].is_between(column - 1, column + 1)
    return content_at((row, column), cells.filter(is_near))


def content_at(at: Cell, near: pl.DataFrame) -> CellContent:
    facts = near.select(["row", "column", "text", "kind", "formula"]).iter_rows()
    contents = {(row, column): (text, kind, is_formula) for row, column, text, kind, is_formula in facts}
    numbers = {cell for cell, (text, kind, _) in contents.items() if kind == "number" and text}
    text_figures = {cell for cell, (text, kind, _) in contents.items() if kind == "text" and has_digit(text)}
    text, kind, formula = contents.get(at, ("", "text", False))
    if at in numbers or at in text_figures:
        is_number, is_text_figure = at in numbers, at in text_figures
    else:
        is_among_numbers = is_among(at, numbers)
        is_number = is_among_numbers and at not in contents
        is_text_figure = not is_among_numbers and is_among(at, text_figures)
    return CellContent(text, kind, is_formula=formula, is_number=is_number, is_text_figure=is_text_figure)


def has_digit(text: str) -> bool:
    return any(sign.isdecimal() for sign in text)


def is_among(at: Cell, cells: set[Cell]) -> bool:
    row, column = at
    beside = {(row, column - 1), (row, column + 1)}
    return not cells.isdisjoint({(row - 1, column), (row + 1, column)}) or beside <= cells


def check_text(text: str, place: Place) -> None:
    if is_formula(text):
        raise SdmxmigError(f"“{text}” would be a formula, and none is worked out here.", place, "Write what it gives.")
    if shielded := SHIELDED.fullmatch(text):
        raise SdmxmigError("The apostrophe would stand in the cell itself.", place, f"Write {shielded[1]} without it.")


def stays_text(now: CellContent, text: str, blocks: Iterable[Block]) -> bool:
    """Whether a figure must be stored as text.

    For text neighbours, or if `blocks` read the text differently: 25.404 may be 25 thousand.
    """
    if has_digit(now.text):
        return now.is_text_figure
    return not now.is_number and (other_figure(text, blocks) != "" or (now.is_text_figure and "." in text))


def other_figure(text: str, blocks: Iterable[Block]) -> str:
    if not NUMBER.fullmatch(text):
        return ""
    signs = {(block.values.thousands, block.values.decimal) for block in blocks}
    figures = {number_of(text, *pair) for pair in signs if is_number(text, *pair)}
    return min(figures - {text}, default="")


def check_same_figure(now: CellContent, place: Place, text: str, blocks: Iterable[Block]) -> None:
    figure = other_figure(text, blocks)
    if now.is_number and now.text.removeprefix("-").isdecimal() and figure:
        message = f"A number stands in this cell: “{text}” would be kept with decimals, and not as {figure}."
        raise SdmxmigError(message, place, f"Write {figure}.")


def check_stays_number(now: CellContent, place: Place, text: str) -> None:
    if now.is_number and OTHERWISE_WRITTEN.fullmatch(text) and not NUMBER.fullmatch(text):
        message = f"A number stands in this cell; “{text}” would be kept as a text, and no program would add it up."
        if not now.text:
            message = (
                f"Numbers stand around this cell; “{text}” would be kept as a text, and no program would add it up."
            )
        raise SdmxmigError(message, place, "Write digits only, with a point before decimals, such as 1234.5.")
