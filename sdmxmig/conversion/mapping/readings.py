"""Observations of a block with values and source cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal, InvalidOperation

from sdmxmig.conversion.mapping.grid import collapse_blanks, translate_texts
from sdmxmig.conversion.mapping.layout import (
    Axis,
    Layout,
    build_axes,
    join_line_texts,
    read_block_text,
    select_flags,
    select_line,
)
from sdmxmig.conversion.mapping.meanings import Meanings, merge_mark_attributes, read_line_values, read_mark_attributes
from sdmxmig.conversion.mapping.sourced_values import (
    BETWEEN,
    MINUS,
    SourcedValues,
    add_notes,
    build_number_pattern,
    choose_representatives,
    choose_values,
    index_values,
    join_all_remarks,
    normalise_number,
    number_combinations,
    repeat_value,
    select_last_values,
    split_marks,
)
from sdmxmig.conversion.recognition.statuses import ABSENT, STATUS
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Attributes, ComponentMap, Flow, Values
from sdmxmig.sdmx.model.sources import Kind, Source

PLAIN = r"^-?[0-9]+(?:\.[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class CellReading:
    number: str | None
    attributes: Attributes


def read_cell(text: str, values: Values, *, numeric: bool) -> CellReading:
    """Interpret the text of a value cell.

    >>> read_cell("1 234p", Values(thousands=" ", marks=(("p", (("OBS_STATUS", "P"),)),)), numeric=False)
    CellReading(number='1234', attributes=(('OBS_STATUS', 'P'),))
    """
    missing = {collapse_blanks(sign): attributes for sign, attributes in values.missing}
    numbers = {collapse_blanks(sign): number for sign, number in values.numbers}
    marks = dict(values.marks)
    written = collapse_blanks(text)
    attributes: Attributes = ()
    if written not in missing and written not in numbers and not numeric:
        written, text_marks = split_marks(written, marks)
        attributes = merge_mark_attributes(text_marks, marks)
    if written in missing:
        return CellReading(None, (*attributes, *missing[written]))
    if written in numbers:
        return CellReading(numbers[written], attributes)
    return CellReading(written if numeric else normalise_number(written, values.thousands, values.decimal), attributes)


def read_numbers(
    cells: pl.DataFrame, values: Values, free_text: frozenset[str]
) -> tuple[pl.Series, list[tuple[str, pl.Series]]]:
    """Read numbers and attributes of value cells; the last of several values is kept, and all of `free_text`."""
    signs = [sign for sign, _ in (*values.missing, *values.numbers)]
    special = pl.col("text").is_in(pl.Series(signs, dtype=pl.String).implode()) if signs else pl.lit(value=False)
    like_numbers = [sign for sign in signs if re.fullmatch(PLAIN, collapse_blanks(sign))]
    special_numbers = special if like_numbers else pl.lit(value=False)
    numeric = pl.col("kind") == "number"
    unread = cells.with_row_index("at").filter(~numeric | special_numbers)
    if not values.thousands and values.decimal == ".":
        unread = unread.filter(~pl.col("text").str.contains(PLAIN) | special_numbers)
    if unread.is_empty():
        return rescale_numbers(cells["text"], values), []
    bare = pl.col("text").str.strip_chars().str.replace_all(MINUS, "-", literal=True)
    if values.thousands.isspace():
        bare = bare.str.replace_all(r"\s", " ")
    judged = unread.select("at", "text", special=special, numeric=numeric, bare=bare)
    easy = ~pl.col("special") & pl.col("bare").str.contains(build_number_pattern(values.thousands, values.decimal))
    judged = judged.with_columns(easy=easy).with_columns(number=pl.when("easy").then(_remove_separators(values)))
    numbers = (
        cells["text"].scatter(judged["at"], judged["number"]) if unread.height < cells.height else judged["number"]
    )
    hard = judged.filter(~pl.col("easy")).select("at", "text", "numeric")
    if hard.is_empty():
        return rescale_numbers(numbers, values), []
    distinct = hard.select("text", "numeric").unique(maintain_order=True)
    readings = [read_cell(text, values, numeric=number) for text, number in distinct.iter_rows()]
    names = list(dict.fromkeys(name for reading in readings for name, _ in reading.attributes))
    columns = {"number": [reading.number for reading in readings]}
    columns |= {
        f"set {name}": [_merge_values(reading.attributes, name, free_text) for reading in readings] for name in names
    }
    read_texts = distinct.with_columns(pl.Series(name, texts, dtype=pl.String) for name, texts in columns.items())
    hard = hard.join(read_texts, on=["text", "numeric"], how="left", maintain_order="left")
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, cells.height)
    attributes = [(name, empty.clone().scatter(hard["at"], hard[f"set {name}"])) for name in names]
    return rescale_numbers(numbers.scatter(hard["at"], hard["number"]), values), attributes


def _merge_values(attributes: Attributes, name: str, free_text: frozenset[str]) -> str | None:
    values = list(dict.fromkeys(value for attribute, value in attributes if attribute == name))
    if name in free_text:
        return BETWEEN.join(values) or None
    return values[-1] if values else None


def _remove_separators(values: Values) -> pl.Expr:
    number = pl.col("bare").str.strip_prefix("+")
    if values.thousands:
        number = number.str.replace_all(" " if values.thousands.isspace() else values.thousands, "", literal=True)
    return number if values.decimal == "." else number.str.replace(values.decimal, ".", literal=True)


def rescale_numbers(numbers: pl.Series, values: Values) -> pl.Series:
    if values.multiply:
        numbers = translate_texts(numbers, lambda number: multiply_number(number, values.multiply))
    if values.turned:
        frame = pl.DataFrame({"n": numbers})
        column = pl.col("n")
        turned = (
            pl.when(column.str.starts_with("-"))
            .then(column.str.slice(1))
            .when(column.str.contains("[1-9]") & column.str.contains("^[0-9]"))
            .then(pl.lit("-") + column)
            .otherwise(column)
        )
        numbers = frame.select(turned).to_series()
    return numbers


def multiply_number(number: str, factor: str) -> str:
    try:
        product = Decimal(number) * Decimal(factor)
    except InvalidOperation:
        return number
    written = f"{product:f}" if product.is_finite() else number
    return written.rstrip("0").rstrip(".") if "." in written and product == product.to_integral_value() else written


NORMAL, MISSING = "A", "O"
BOUNDS, FIGURE = ("LOWER_BOUND", "UPPER_BOUND"), "OBS_VALUE"
"""Attributes for the bounds of a value."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """The observations of a block.

    `cells` has ``row``, ``column``, ``text``, ``kind``; `components` have values and cells in reading order; `fixed`
    values have no cell. `axes` link observations to rows and columns until some are removed.
    """

    layout: Layout
    cells: pl.DataFrame
    _: KW_ONLY
    number: pl.Series
    components: Mapping[str, SourcedValues]
    fixed: Mapping[str, str]
    axes: tuple[pl.Series, ...] = ()

    def frame(self, measure: str, columns: Sequence[str]) -> pl.DataFrame:
        by_name = index_values({name: self.components[name] for name in columns if name in self.components})
        by_name[measure] = self.number
        return self.cells.select(
            by_name[name].alias(name) if name in by_name else pl.lit(self.fixed.get(name), pl.String).alias(name)
            for name in columns
        )

    def only(self, mask: pl.Series) -> Readings:
        return self.at(mask.arg_true())

    def at(self, positions: pl.Series) -> Readings:
        components = {name: values.at(positions) for name, values in self.components.items()}
        return Readings(
            self.layout,
            self.cells[positions],
            number=self.number.gather(positions),
            components=components,
            fixed=self.fixed,
        )

    def distinct(self, names: Sequence[str]) -> pl.Series:
        return choose_representatives(
            [self.components[name] for name in names if name in self.components], self.cells.height
        )

    def is_distinct(self, names: Sequence[str]) -> bool:
        components = [self.components[name] for name in names if name in self.components]
        classes = number_combinations(components)
        different = {id(index) for column, index in classes if column.n_unique() == len(column)}
        sizes = (len(self.layout.rows), len(self.layout.columns))
        if self.axes and all(size == 1 or id(axis) in different for axis, size in zip(self.axes, sizes, strict=True)):
            return True  # all rows and columns are distinct
        return len(choose_representatives(components, self.cells.height)) == self.cells.height


def read_layout(layout: Layout, cells: pl.DataFrame, flow: Flow) -> Readings:
    free_text = frozenset(component.id for component in flow.structure.attributes() if not component.is_coded)
    number, attributes = read_numbers(cells, layout.block.values, free_text)
    cell_attributes = [
        (name, SourcedValues(values, cells["row"], cell_columns=cells["column"]).drop_empty_cells())
        for name, values in attributes
    ]
    fixed, components = dict(layout.block.fixed), dict[str, SourcedValues]()
    marked: list[tuple[str, SourcedValues]] = []
    everywhere = pl.zeros(cells.height, pl.UInt32, eager=True)
    for name, sourced in read_block_components(layout, flow):
        components[name] = sourced.take_along(everywhere)
    axes = build_axes(layout, cells)
    for kinds, (positions, index) in axes.items():
        for name, sourced, is_mark in read_line_components(layout, flow, kinds, positions):
            positioned = sourced.take_along(index)
            if is_mark:
                marked.append((name, positioned))
            else:
                components[name] = positioned
    for name, sourced in (
        *read_joined_components(layout, flow, axes),
        *read_flag_components(layout, flow, cells),
        *read_comment_component(layout, cells),
    ):
        components[name] = sourced
    marked += cell_attributes
    beside = read_flag_components(layout, flow, cells) if number.null_count() else ()
    marked += [(name, explain_gaps(sourced)) for name, sourced in beside if name == STATUS]
    for name in dict.fromkeys(name for name, _ in marked):
        components[name] = add_marks(name, marked, components, fixed, free_text)
    components = add_notes(layout.block.notes, components, fixed, cells.height, free=free_text)
    number = move_bounds(number, components, fixed, cells)
    if STATUS in flow.structure:
        resolve_status(components, fixed, cells.height)
    fixed = {name: value for name, value in fixed.items() if name not in components}
    return Readings(
        layout,
        cells,
        number=number,
        components=components,
        fixed=fixed,
        axes=tuple(index for _, index in axes.values()),
    )


def add_marks(
    name: str,
    marked: Sequence[tuple[str, SourcedValues]],
    components: Mapping[str, SourcedValues],
    fixed: Mapping[str, str],
    free: frozenset[str],
) -> SourcedValues:
    """Add footnote marks to an attribute; the last value is kept, and all free texts."""
    remarks = [remark for attribute, remark in marked if attribute == name]
    if name in components:
        remarks.insert(0, components[name])
    elif name in fixed:
        remarks.insert(0, repeat_value(fixed[name], len(remarks[0].values)))
    return join_all_remarks(remarks) if name in free else select_last_values(remarks)


def explain_gaps(statuses: SourcedValues) -> SourcedValues:
    """Keep only statuses that explain why a figure is missing, such as “: c” for suppressed."""
    is_reason = statuses.values.is_in(list(ABSENT)).fill_null(value=False)
    return choose_values(is_reason, statuses, repeat_value(None, len(is_reason)))


def move_bounds(
    number: pl.Series, components: dict[str, SourcedValues], fixed: Mapping[str, str], cells: pl.DataFrame
) -> pl.Series:
    """Move bounds (“at most 257”) to their attribute, since a bound is not a value."""
    for name in BOUNDS:
        if name not in components and fixed.get(name) != FIGURE:
            continue
        before = components.get(name) or repeat_value(fixed.get(name), cells.height)
        is_bound = before.values.eq_missing(pl.Series([FIGURE]))
        figures = SourcedValues(number, cells["row"], cell_columns=cells["column"])
        components[name] = choose_values(is_bound, figures, before)
        status = components.get(STATUS) or repeat_value(fixed.get(STATUS), cells.height)
        components[STATUS] = choose_values(is_bound & number.is_not_null(), repeat_value(MISSING, cells.height), status)
        number = choose_values(is_bound, repeat_value(None, cells.height), figures).values
    return number


def resolve_status(components: dict[str, SourcedValues], fixed: dict[str, str], count: int) -> None:
    if STATUS in components:
        status = components[STATUS]
        normal = status.cell_values.fill_null(fixed.get(STATUS, NORMAL))
        components[STATUS] = SourcedValues(
            normal, status.cell_rows, cell_columns=status.cell_columns, index=status.index
        )
    elif count:
        fixed.setdefault(STATUS, NORMAL)


def read_block_components(layout: Layout, flow: Flow) -> Iterator[tuple[str, SourcedValues]]:
    for component_map in layout.block.components:
        if component_map.source.is_of_block:
            text, cell = read_block_text(layout, component_map.source)
            value = Meanings(component_map, layout.block, flow).find_code(text)
            row, column = (pl.Series([number], dtype=pl.UInt32) for number in cell)
            yield component_map.component, SourcedValues(pl.Series([value], dtype=pl.String), row, cell_columns=column)


def read_line_components(
    layout: Layout, flow: Flow, kinds: tuple[Kind, ...], positions: pl.Series
) -> Iterator[tuple[str, SourcedValues, bool]]:
    """Yield the components along rows or columns, and (true) the attributes set by marks in labels."""
    by_source: dict[Source, list[ComponentMap]] = {}
    for component_map in layout.block.components:
        by_source.setdefault(component_map.source.line, []).append(component_map)
    for kind in kinds:
        for source, line in layout.lines.items():
            if source.kind != kind:
                continue
            axis_line = select_line(positions, line)
            line_meanings = [Meanings(component_map, layout.block, flow) for component_map in by_source.get(source, ())]
            for meanings in line_meanings:
                component = meanings.component_map.component
                is_needed = component in flow.structure.key
                yield component, read_line_values(axis_line, meanings.find_code, with_empty_cells=is_needed), False
            for name, sourced in read_mark_attributes(axis_line, line_meanings, layout.block.values):
                yield name, sourced, True


def read_joined_components(
    layout: Layout, flow: Flow, axes: Mapping[tuple[Kind, ...], Axis]
) -> Iterator[tuple[str, SourcedValues]]:
    for component_map in layout.block.components:
        if component_map.source.is_joined:
            texts = join_line_texts(component_map, layout, axes)
            values = translate_texts(texts["text"], Meanings(component_map, layout.block, flow).find_code)
            yield (
                component_map.component,
                SourcedValues(values, texts["row"], cell_columns=texts["column"]).drop_empty_cells(),
            )


def read_flag_components(layout: Layout, flow: Flow, cells: pl.DataFrame) -> Iterator[tuple[str, SourcedValues]]:
    for component_map in layout.block.components:
        if component_map.source.kind != "beside":
            continue
        meanings = Meanings(component_map, layout.block, flow)
        flags = select_flags(component_map, layout, cells)
        values = translate_texts(flags["text"].fill_null(""), meanings.find_code)
        yield (
            component_map.component,
            SourcedValues(values, flags["row"], cell_columns=flags["column"]).drop_empty_cells(),
        )


def read_comment_component(layout: Layout, cells: pl.DataFrame) -> Iterator[tuple[str, SourcedValues]]:
    component, notes = layout.block.values.comments, layout.table.notes
    if not (component and notes):
        return
    rows = [(*cell, " ".join(" ".join(texts).split())) for cell, texts in sorted(notes.items())]
    schema = {"row": pl.UInt32, "column": pl.UInt32, "note": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    comments = cells.select("row", "column").join(frame, on=["row", "column"], how="left", maintain_order="left")
    yield (
        component,
        SourcedValues(comments["note"], comments["row"], cell_columns=comments["column"]).drop_empty_cells(),
    )
