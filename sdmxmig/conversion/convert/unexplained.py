"""Footnote marks without a known meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.mapping.grid import among
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.conversion.mapping.values import without_marks
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.patterns import pattern
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.rule_ids import RuleId

MARK = re.compile(r"(?<=\S)\s*([*†‡§#¹²³⁰⁴-⁹]+|\((?:[0-9]{1,2}|[a-z])\)|[0-9]\))$")


def check_marks(layout: Layout, context: ConversionContext) -> None:
    labels_by_mark: dict[str, dict[Place, str]] = {}
    for mark, place, text in unexplained(layout, context):
        labels_by_mark.setdefault(mark, {})[place] = text
    for mark, labels in labels_by_mark.items():
        context.collector.add(
            RuleId.UNEXPLAINED_MARK, list(labels), value=mark, first=next(iter(labels.values())), count=str(len(labels))
        )


def unexplained(layout: Layout, context: ConversionContext) -> Iterator[tuple[str, Place, str]]:
    """Find unexplained marks; country names and folded texts are recognised with marks."""
    marks = [mark for mark, _ in layout.block.values.marks]
    for component_map in layout.block.components:
        line = layout.lines.get(component_map.source.line)
        if line is None or not (component_map.areas or component_map.fold):
            continue
        meanings = Meanings(component_map, context.flow, values=layout.block.values, freq="")
        positions = layout.columns if component_map.source.is_of_columns else layout.rows
        read_cells = line.filter(among("position", positions))
        for text, row, column in read_cells.select("text", "row", "column").unique(maintain_order=True).iter_rows():
            mark = MARK.search(without_marks(text, marks)[0])
            if mark and text not in dict(component_map.codes) and meanings.of(text) not in (None, text):
                yield mark[1], layout.table.place(row, column), text


def check_notes(layout: Layout, cells: pl.DataFrame, context: ConversionContext) -> None:
    """Raise `DeclarationError` for a mark whose note is in a later piece."""
    notes = layout.block.footnotes
    if notes is None:
        return
    marks = pattern(notes.marks)
    for text, row, column in (*marked_figures(layout, cells), *labels_read(layout, context)):
        if marks.ends(without_marks(text, dict(layout.block.values.marks))[0]):
            place = layout.table.place(row, column)
            hint = "Convert the table as a whole, or write what the mark means under marks in [block.values]."
            message = (
                f"No note above explains the mark in “{text}”; a table that is read in pieces has its notes above."
            )
            raise DeclarationError(message, place, hint)


def marked_figures(layout: Layout, cells: pl.DataFrame) -> Iterator[tuple[str, int, int]]:
    values = layout.block.values
    signs = [sign for sign, _ in (*values.missing, *values.numbers)]
    marked = cells.filter((pl.col("kind") != "number") & ~pl.col("text").str.contains(r"^\s*-?[0-9.,\s]*[0-9]\s*$"))
    marked = marked.filter(~pl.col("text").str.strip_chars().is_in(signs)).unique("text", keep="first")
    yield from marked.sort("row", "column").select("text", "row", "column").iter_rows()


def labels_read(layout: Layout, context: ConversionContext) -> Iterator[tuple[str, int, int]]:
    for component_map in layout.block.components:
        line = layout.lines.get(component_map.source.line)
        if line is None:
            continue
        meanings = Meanings(component_map, context.flow, values=layout.block.values, freq="")
        positions = layout.columns if component_map.source.is_of_columns else layout.rows
        read_cells = line.filter(among("position", positions)).unique("text", keep="first", maintain_order=True)
        for text, row, column in read_cells.select("text", "row", "column").iter_rows():
            if text and not meanings.knows(text):
                yield text, row, column
