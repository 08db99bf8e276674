"""Checks of value cells and labels, such as stored figures that differ from displayed ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from itertools import product

from sdmxmig.conversion.convert.assembling import ConversionContext
from sdmxmig.conversion.mapping.grid import Grid, collapse_blanks, fitting, is_in, is_match, may_be_blank, parse_range
from sdmxmig.conversion.mapping.layout import Layout, select_distinct_texts
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.conversion.mapping.readings import Readings
from sdmxmig.conversion.mapping.sourced_values import ERROR_LITERALS, SourcedValues, is_number, split_marks
from sdmxmig.conversion.tables.displayed_figures import format_displayed, is_cut_short
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import HIDDEN_CHARACTERS, RUNNING_FORMULA, escape_invisible, is_formula, write_shortest
from sdmxmig.sdmx.frames import list_values
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.data import ComponentMap, DroppedCode, IgnoredCells, TableMapping
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.sources import COLUMN_KINDS, ROW_KINDS, Kind

CHANGED_KINDS = ("date", "time", "boolean")
"""Kinds of cells that spreadsheet programs make of codes."""
LATIN, OTHERS = "A-Za-zÀ-ÖØ-öø-ɏ", "\u0370-\u0373\u0376-\u03ff\u0400-\u052f"
TWO_SCRIPTS = re.compile(f"[{LATIN}][{OTHERS}]|[{OTHERS}][{LATIN}]")
"""A Latin letter next to a Greek or Cyrillic one, such as a Cyrillic А in a Latin word."""
PLAIN = r"^[\x20-\x7e]*$"


def check_label_texts(layout: Layout, cells: pl.DataFrame, context: ConversionContext) -> None:
    """Report labels that a program may have changed or that contain hidden characters."""
    for component_map in layout.block.components:
        if component_map.source.is_of_block:
            continue
        texts = select_distinct_texts(component_map, layout, cells)
        reports = {
            RuleId.TEXT_TURNED: dict(find_changed_labels(texts, component_map, layout, context)),
            RuleId.HIDDEN_LETTERS: dict(find_hidden_letters(texts, layout)),
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


def find_changed_labels(
    texts: pl.DataFrame, component_map: ComponentMap, layout: Layout, context: ConversionContext
) -> Iterator[tuple[str, Place]]:
    """Find unexplained labels that a program turned into dates, times, booleans or numbers without leading zeros."""
    codelist = context.flow.codelist(component_map.component)
    if codelist is None:
        return
    kinds = layout.table.cells.lazy().filter(pl.col("kind").is_in([*CHANGED_KINDS, "number"]))
    kinds = kinds.filter(is_in("row", texts["row"].unique().sort()))
    at_cells = texts.with_columns(pl.col("row", "column").cast(pl.UInt32))
    odd = at_cells.join(kinds.select("row", "column", "kind").collect(), on=["row", "column"])
    if odd.is_empty():
        return
    meanings = Meanings(component_map, layout.block, context.flow)
    for text, row, column, kind in odd.iter_rows():
        is_changed = kind in CHANGED_KINDS or has_lost_zeros(text, codelist)
        if is_changed and not meanings.understands(text) and meanings.find_code(text) not in codelist:
            yield text, layout.table.place(row, column)


def has_lost_zeros(text: str, codelist: ItemScheme) -> bool:
    return text.isdecimal() and text not in codelist and any(code.lstrip("0") == text for code in codelist.ids)


def find_hidden_letters(texts: pl.DataFrame, layout: Layout) -> Iterator[tuple[str, Place]]:
    for text, row, column in texts.filter(~pl.col("text").str.contains(PLAIN)).iter_rows():
        if HIDDEN_CHARACTERS.search(text.replace("\n", " ")) or TWO_SCRIPTS.search(text):
            yield escape_invisible(text), layout.table.place(row, column)
        elif not unicodedata.is_normalized("NFC", text):
            yield escape_invisible(unicodedata.normalize("NFC", text)), layout.table.place(row, column)


def check_adjacent_texts(layout: Layout, context: ConversionContext) -> None:
    """Report known texts above labels or beside headers, since a label column or header row may be missing."""
    for component_map in layout.block.components:
        meanings = Meanings(component_map, layout.block, context.flow)
        texts_by_place = {
            place: text for place, text in find_edge_texts(layout, component_map) if meanings.understands(text)
        }
        if texts_by_place:
            first_text = next(iter(texts_by_place.values()))
            context.collector.add(
                RuleId.HEADER_LABEL_OVERLAP,
                list(texts_by_place),
                component_map.component,
                value=first_text,
                component=component_map.component,
            )


def find_edge_texts(layout: Layout, component_map: ComponentMap) -> Iterator[tuple[Place, str]]:
    block, table, corner = layout.block, layout.table, layout.corner
    line = layout.lines.get(component_map.source)
    if line is None or line.is_empty():
        return
    if component_map.source.kind == "header":
        first = corner.left - (block.header_columns - 1 if block.labels_right else 0)
        labels = range(first, first + block.header_columns)
        for text, row, column in line.filter(is_in("position", labels)).select("text", "row", "column").iter_rows():
            yield table.place(row, column), text
    elif component_map.source.kind == "column":
        heads = range(corner.top, corner.top + block.header_rows)
        for row, column in product(heads, list_values(line, "column")):
            yield table.place(row, column), layout.grid.text(row, column)


def check_formula_texts(readings: Readings, context: ConversionContext) -> None:
    """Report values and attributes that spreadsheet programs run as formulas, once per component."""
    measure = context.flow.structure.measure.id
    values = SourcedValues(readings.number, readings.cells["row"], cell_columns=readings.cells["column"])
    for name, cell_values in {measure: values, **readings.components}.items():
        texts = cell_values.cell_values.to_frame("text")
        formula_rows = texts.select(pl.arg_where(pl.col("text").str.contains(RUNNING_FORMULA))).to_series()
        cells = zip(
            cell_values.cell_rows.gather(formula_rows),
            cell_values.cell_columns.gather(formula_rows),
            strict=True,
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


MAX_CELLS = 1_000
"""Number of cells in which most tables have a decimal that cannot be thousands."""
MIN_SIMILAR = 3
NUMBER_WITH_POINT = re.compile(r"[-+−]?\d*\.\d+(?:[eE][-+]?\d+)?", re.ASCII)


def check_cells(layout: Layout, readings: Readings, context: ConversionContext) -> Readings:
    """Report unusual cells, and omit those with errors, merged figures or a wrong sign."""
    table, collector = layout.table, context.collector
    measure = context.flow.structure.measure.id
    texts = readings.cells["text"]
    errors = readings.cells.filter(texts.str.starts_with("#") | may_be_blank(texts))
    errors = errors.filter(fitting(errors["text"], ERROR_LITERALS.__contains__))
    for row, column, text in errors.select("row", "column", "text").iter_rows():
        collector.add(RuleId.ERROR_CELL, [table.place(row, column)], measure, value=collapse_blanks(text))
    merged = find_merged_figures(layout, readings.cells)
    for row, column, text in merged.select("row", "column", "text").iter_rows():
        collector.add(RuleId.MERGED_FIGURE, [table.place(row, column)], measure, value=collapse_blanks(text))
    if table.sheet not in context.used_although_hidden:
        hidden_values = find_hidden_cells(layout, readings.cells)
        count = str(hidden_values.height)
        collector.add(RuleId.HIDDEN_VALUES, table.places(hidden_values), measure, sheet=table.sheet, count=count)
    check_doubtful_decimals(layout, readings.cells, context)
    pointed = find_other_decimal_signs(layout, readings.cells)
    sheet, decimal = table.sheet or table.file, layout.block.values.decimal
    value = collapse_blanks(pointed["text"][0]) if pointed.height else ""
    count = str(pointed.height)
    parameters = {"value": value, "sign": decimal, "sheet": sheet, "count": count}
    collector.add(RuleId.OTHER_DECIMAL_SIGN, table.places(pointed), measure, **parameters)
    refused = ((RuleId.ERROR_CELL, errors), (RuleId.MERGED_FIGURE, merged), (RuleId.OTHER_DECIMAL_SIGN, pointed))
    reported = [cells.select("row", "column") for rule_id, cells in refused if rule_id in collector.rules]
    if not any(cells.height for cells in reported):
        return readings
    places = pl.concat(reported)
    numbered = readings.cells.select("row", "column").with_row_index("at")
    refused_rows = numbered.join(places, on=["row", "column"], how="semi")["at"]
    return readings.only(~numbered["at"].is_in(refused_rows.implode()))


def find_merged_figures(layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    """Find figures whose merged cell covers the cells of several labels."""
    figures = cells.filter(pl.col("text").str.contains(r"\d"))
    at = {*figures.select("row", "column").iter_rows()} if layout.table.merged else set()
    wide = []
    for part in layout.table.merged:
        if (part.first_row, part.first_column) in at:
            rows = range(part.first_row, part.last_row + 1)
            columns = range(part.first_column, part.last_column + 1)
            if has_two_labels(layout, ROW_KINDS, rows) or has_two_labels(layout, COLUMN_KINDS, columns):
                wide.append((part.first_row, part.first_column))
    places = pl.DataFrame(wide, schema={"row": pl.UInt32, "column": pl.UInt32}, orient="row")
    return figures.join(places, on=["row", "column"], how="semi")


def has_two_labels(layout: Layout, kinds: Collection[Kind], positions: range) -> bool:
    lines = (line for source, line in layout.lines.items() if source.kind in kinds)
    labels = (line.filter(is_in("position", positions) & (pl.col("text") != "")) for line in lines)
    return any(label.select("row", "column").n_unique() > 1 for label in labels)


def check_saved_results(grid: Grid, layouts: Sequence[Layout], context: ConversionContext) -> None:
    """Report formulas without saved results in or next to blocks."""
    empty = grid.table.cells.filter("formula").filter(pl.col("text") == "")
    if empty.is_empty() or not layouts:
        return
    is_inside = [is_in("row", layout.rows) & is_in("column", layout.columns) for layout in layouts]
    is_near = [is_in("row", layout.rows) | is_in("column", layout.columns) for layout in layouts]
    is_beside = (pl.col("kind") == "number") & pl.any_horizontal(is_near)  # a formula may return an empty text
    without_result = empty.filter(pl.any_horizontal(*is_inside, is_beside))
    context.collector.add(
        RuleId.FORMULA_WITHOUT_RESULT,
        grid.table.places(without_result),
        context.flow.structure.measure.id,
        count=str(without_result.height),
    )


def check_doubtful_decimals(layout: Layout, cells: pl.DataFrame, context: ConversionContext) -> None:
    """Report decimals stored as text that could all be thousands, since the separator may have changed."""
    sign = layout.block.values.decimal
    shape = rf"^\s*[-−]?[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+\s*$"
    for part in (cells.head(MAX_CELLS), cells):
        texts = part.filter(pl.col("kind") != "number").filter(pl.col("text").str.contains(sign, literal=True))
        if not texts["text"].str.contains(shape).all():
            return
    if texts.is_empty() or cells.height < MIN_SIMILAR:
        return
    table, measure = layout.table, context.flow.structure.measure.id
    places = table.places(texts)
    keys = f'thousands = "{sign}", decimal = "{"," if sign == "." else "."}"'
    parameters = {
        "value": collapse_blanks(texts["text"][0]),
        "sign": sign,
        "sheet": table.sheet or table.file,
        "keys": keys,
    }
    context.collector.add(RuleId.DOUBTFUL_DECIMALS, places, measure, count=str(texts.height), **parameters)


def find_other_decimal_signs(layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    """Find decimal points if the mapping has another decimal separator, since SDMX would read 1.234 as decimal."""
    values = layout.block.values
    if values.decimal == ".":
        return cells.clear()
    texts = cells.filter(pl.col("kind") != "number").filter(pl.col("text").str.contains(r"\.[0-9]"))
    signs = {collapse_blanks(sign) for sign, _ in (*values.missing, *values.numbers)}
    marks = [mark for mark, _ in values.marks]

    def fits(text: str) -> bool:
        bare, _ = split_marks(text, marks)
        number = NUMBER_WITH_POINT.fullmatch(bare) is not None
        return number and text not in signs and not is_number(bare, values.thousands, values.decimal)

    return texts.filter(fitting(texts["text"], fits))


def find_hidden_cells(layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    table = layout.table
    if table.hidden:
        return cells
    is_hidden = is_in("row", sorted(table.hidden_rows)) | is_in("column", sorted(table.hidden_columns))
    return cells.filter(is_hidden)


def drop_excluded_observations(readings: Readings, mapping: TableMapping) -> tuple[Readings, pl.DataFrame]:
    left_out: list[pl.DataFrame] = []
    exclusions: tuple[IgnoredCells | DroppedCode, ...] = (*mapping.ignored, *mapping.dropped)
    for entry in exclusions:
        excluded = is_ignored(readings, entry) if isinstance(entry, IgnoredCells) else has_code(readings, entry)
        cells = readings.cells.filter(excluded)
        left_out.append(cells.select("row", "column", reason=pl.lit(entry.reason, pl.String)))
        readings = readings.only(~excluded) if cells.height else readings
    nothing = readings.cells.clear().select("row", "column", reason=pl.lit("", pl.String))
    return readings, pl.concat([nothing, *left_out])


def has_code(readings: Readings, dropped: DroppedCode) -> pl.Series:
    if dropped.component in readings.components:
        return readings.components[dropped.component].values.eq_missing(pl.Series([dropped.code]))
    is_fixed = readings.fixed.get(dropped.component) == dropped.code
    return pl.repeat(is_fixed, readings.cells.height, dtype=pl.Boolean, eager=True)


def is_ignored(readings: Readings, ignored: IgnoredCells) -> pl.Series:
    area, table = parse_range(ignored.cells), readings.layout.table
    if area is None or not is_match(table.sheet, ignored.sheet):
        return pl.repeat(value=False, n=readings.cells.height, dtype=pl.Boolean, eager=True)
    is_inside = pl.col("row").is_between(area.first_row, area.last_row)
    is_inside &= pl.col("column").is_between(area.first_column, area.last_column)
    return readings.cells.select(is_inside).to_series()


MAX_DIGITS = 15
"""Spreadsheet programs show at most 15 digits; further ones are rounding noise."""


def round_stored_numbers(cells: pl.DataFrame) -> pl.DataFrame:
    """Round stored numbers as spreadsheet programs show them: 1250.7, not 1250.7000000000003."""
    text = pl.col("text")
    digits = text.str.replace_all(r"[^0-9]", "").str.strip_chars_start("0").str.len_chars()
    is_long = (pl.col("kind") == "number") & (text.str.len_bytes() > MAX_DIGITS) & text.str.contains(".", literal=True)
    noisy = cells.with_row_index("at").filter(is_long & (digits > MAX_DIGITS))
    if noisy.is_empty():
        return cells
    return cells.with_columns(
        text=cells["text"].scatter(noisy["at"], [round_number(number) for number in noisy["text"]])
    )


def round_number(number: str) -> str:
    """Round a number to the digits that spreadsheet programs show.

    >>> round_number("1250.7000000000003"), round_number("0.30000000000000004"), round_number("-2.9999999999999996")
    ('1250.7', '0.3', '-3')
    """
    with localcontext(prec=MAX_DIGITS):
        return write_shortest(+Decimal(number))


def read_value_cells(layout: Layout, context: ConversionContext) -> pl.DataFrame:
    """Return the value cells of a block, and report once if displayed digits differ from stored ones."""
    table, cells = layout.table, round_stored_numbers(layout.values())
    differing = cells.filter(is_cut_short(replace(table, cells=cells)))
    if not differing.is_empty():
        places = table.places(differing)
        first_shown = format_displayed(replace(table, cells=differing.head(1))).item()
        sheet = table.sheet or table.file
        context.collector.add(
            RuleId.OTHER_DIGITS_SHOWN,
            places,
            "",
            value=differing["text"][0],
            first=first_shown,
            sheet=sheet,
            count=str(len(places)),
        )
    if not layout.block.values.as_shown:
        return cells.drop("format")
    shown_cells = cells.filter((pl.col("kind") == "number") & pl.col("format").is_not_null())
    shown_cells = shown_cells.select("row", "column", format_displayed(replace(table, cells=shown_cells)))
    figures = cells.drop("format").join(shown_cells, on=["row", "column"], how="left", maintain_order="left")
    return figures.with_columns(text=pl.coalesce("figure", "text")).drop("figure")
