"""Labels and notes changed by programs, or with hidden or look-alike characters.

Detection of value columns or rows mistaken for labels or headers. Warnings about texts that a spreadsheet program would
run as formulas.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.mapping.component_texts import telling_cells
from sdmxmig.conversion.mapping.grid import among
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.conversion.mapping.readings import Readings
from sdmxmig.conversion.mapping.sourced_values import SourcedValues
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import HIDDEN, RUNS, is_formula, visible
from sdmxmig.sdmx.frames import values_of
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import ComponentMap
from sdmxmig.sdmx.model.rule_ids import RuleId

TURNED = ("date", "time", "boolean")
LATIN, OTHERS = "A-Za-zÀ-ÖØ-öø-ɏ", "\u0370-\u0373\u0376-\u03ff\u0400-\u052f"
TWO_SCRIPTS = re.compile(f"[{LATIN}][{OTHERS}]|[{OTHERS}][{LATIN}]")
"""A Latin letter next to a Greek or Cyrillic one, such as a Cyrillic А in a Latin word."""
PLAIN = r"^[\x20-\x7e]*$"


def check_label_texts(layout: Layout, cells: pl.DataFrame, context: ConversionContext) -> None:
    """Report labels that a program may have changed or that contain hidden characters."""
    for component_map in layout.block.components:
        if component_map.source.is_of_block:
            continue
        texts = telling_cells(component_map, layout, cells).select("text", "row", "column").drop_nulls()
        texts = texts.unique("text", keep="first", maintain_order=True)
        reports = {
            RuleId.TEXT_TURNED: dict(turned(texts, component_map, layout, context)),
            RuleId.HIDDEN_LETTERS: dict(with_hidden_letters(texts, layout)),
        }
        for rule_id, places_by_text in reports.items():
            context.collector.add(
                rule_id,
                list(places_by_text.values()),
                component_map.component,
                value=next(iter(places_by_text), ""),
                component=component_map.component,
                count=str(len(places_by_text)),
            )


def turned(
    texts: pl.DataFrame, component_map: ComponentMap, layout: Layout, context: ConversionContext
) -> Iterator[tuple[str, Place]]:
    """Find unexplained coded labels that a program may have changed.

    These are dates, times, booleans, and numbers that match codes except for leading zeros.
    """
    codelist = context.flow.codelist(component_map.component)
    if codelist is None:
        return
    kinds = layout.table.cells.select("row", "column", "kind")
    at_cells = texts.with_columns(pl.col("row", "column").cast(pl.UInt32))
    odd = at_cells.join(kinds, on=["row", "column"]).filter(pl.col("kind").is_in([*TURNED, "number"]))
    if odd.is_empty():
        return
    fixed = dict(layout.block.fixed)
    meanings = Meanings(component_map, context.flow, values=layout.block.values, freq=fixed.get("FREQ", ""))
    for text, row, column, kind in odd.iter_rows():
        is_turned = kind in TURNED or lacks_zeros(text, codelist)
        if is_turned and not meanings.understands(text) and meanings.of(text) not in codelist:
            yield text, layout.table.place(row, column)


def lacks_zeros(text: str, codelist: ItemScheme) -> bool:
    return text.isdecimal() and text not in codelist and any(code.lstrip("0") == text for code in codelist.ids)


def with_hidden_letters(texts: pl.DataFrame, layout: Layout) -> Iterator[tuple[str, Place]]:
    for text, row, column in texts.filter(~pl.col("text").str.contains(PLAIN)).iter_rows():
        if HIDDEN.search(text.replace("\n", " ")) or TWO_SCRIPTS.search(text):
            yield visible(text), layout.table.place(row, column)
        elif not unicodedata.is_normalized("NFC", text):
            yield visible(unicodedata.normalize("NFC", text)), layout.table.place(row, column)


def check_edges(layout: Layout, context: ConversionContext) -> None:
    """Report texts of figures above labels or beside headers: a label column or header row may be missing.

    These are texts that the mapping recognises: listed, period or country.
    """
    for component_map in layout.block.components:
        meanings = Meanings(
            component_map, context.flow, values=layout.block.values, freq=dict(layout.block.fixed).get("FREQ", "")
        )
        texts_by_place = {place: text for place, text in at_edges(layout, component_map) if meanings.understands(text)}
        if texts_by_place:
            first_text = next(iter(texts_by_place.values()))
            context.collector.add(
                RuleId.HEADER_LABEL_OVERLAP,
                list(texts_by_place),
                component_map.component,
                value=first_text,
                component=component_map.component,
            )


def at_edges(layout: Layout, component_map: ComponentMap) -> Iterator[tuple[Place, str]]:
    block, table, corner = layout.block, layout.table, layout.corner
    line = layout.lines.get(component_map.source)
    if line is None or line.is_empty():
        return
    if component_map.source.kind == "header":
        label_columns = (corner.left, corner.left + (1 - block.header_columns) * (-1 if not block.labels_right else 1))
        labels = range(min(label_columns), max(label_columns) + 1)
        for text, row, column in line.filter(among("position", labels)).select("text", "row", "column").iter_rows():
            yield table.place(row, column), text
    elif component_map.source.kind == "column":
        heads = range(corner.top, corner.top + block.header_rows)
        for row, column in product(heads, values_of(line, "column")):
            yield table.place(row, column), layout.grid.text(row, column)


def check_formula_texts(readings: Readings, context: ConversionContext) -> None:
    """Report values and attributes that spreadsheet programs run as formulas, once per component."""
    measure = context.flow.structure.measure.id
    values = SourcedValues(readings.number, readings.cells["row"], cell_columns=readings.cells["column"])
    for name, cell_values in {measure: values, **readings.components}.items():
        formula_rows = rows_of_formulas(cell_values.cell_values)
        cells = zip(
            cell_values.cell_rows.gather(formula_rows), cell_values.cell_columns.gather(formula_rows), strict=True
        )
        places = [readings.layout.table.place(row, column) for row, column in dict.fromkeys(cells) if row is not None]
        if places:
            context.collector.add(
                RuleId.TEXT_IS_FORMULA,
                places,
                name,
                value=str(cell_values.cell_values[formula_rows[0]]),
                count=str(len(places)),
            )
    for name, text in readings.fixed.items():
        if is_formula(text):
            place = Place(context.mapping_place.file, key=f"{readings.layout.block.key}.fixed.{name}")
            context.collector.add(RuleId.TEXT_IS_FORMULA, [place], name, value=text, count="1")


def rows_of_formulas(texts: pl.Series) -> pl.Series:
    return texts.to_frame("text").select(pl.arg_where(pl.col("text").str.contains(RUNS))).to_series()
