"""Observations of a block with values and source cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.mapping.component_texts import Axis, axes_of, flags_beside, text_of_block, texts_together
from sdmxmig.conversion.mapping.grid import translated
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.lines import line_at
from sdmxmig.conversion.mapping.meanings import Meanings, attributes_of_marks, values_along
from sdmxmig.conversion.mapping.numbers import read_numbers
from sdmxmig.conversion.mapping.sourced_values import (
    SourcedValues,
    all_remarks,
    chosen,
    classes_of,
    everywhere,
    last_values,
    representatives,
    values_by_component,
    with_notes,
)
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import ComponentMap, Flow
from sdmxmig.sdmx.model.sources import Kind, Source

STATUS = "OBS_STATUS"
NORMAL, MISSING = "A", "O"
BOUNDS, FIGURE = ("LOWER_BOUND", "UPPER_BOUND"), "OBS_VALUE"
"""Attributes that may hold a bound instead of a published value."""


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
        by_name = values_by_component({name: self.components[name] for name in columns if name in self.components})
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
        return representatives([self.components[name] for name in names if name in self.components], self.cells.height)

    def is_distinct(self, names: Sequence[str]) -> bool:
        components = [self.components[name] for name in names if name in self.components]
        classes = classes_of(components)
        different = {id(index) for column, index in classes if column.n_unique() == len(column)}
        sizes = (len(self.layout.rows), len(self.layout.columns))
        if self.axes and all(size == 1 or id(axis) in different for axis, size in zip(self.axes, sizes, strict=True)):
            return True  # all rows and columns are distinct
        return len(representatives(components, self.cells.height)) == self.cells.height


def read_layout(layout: Layout, cells: pl.DataFrame, flow: Flow) -> Readings:
    free_text = frozenset(component.id for component in flow.structure.attributes() if not component.is_coded)
    freq = dict(layout.block.fixed).get("FREQ", "")
    number, attributes = read_numbers(cells, layout.block.values, free_text)
    cell_attributes = [
        (name, SourcedValues(values, cells["row"], cell_columns=cells["column"]).without_empty_cells())
        for name, values in attributes
    ]
    fixed, components = dict(layout.block.fixed), dict[str, SourcedValues]()
    marked: list[tuple[str, SourcedValues]] = []
    everywhere = pl.zeros(cells.height, pl.UInt32, eager=True)
    for name, sourced in components_of_block(layout, flow, freq):
        components[name] = sourced.along(everywhere)
    axes = axes_of(layout, cells)
    for kinds, (positions, index) in axes.items():
        for name, sourced, is_mark in components_along(layout, flow, freq, (kinds, positions)):
            positioned = sourced.along(index)
            if is_mark:
                marked.append((name, positioned))
            else:
                components[name] = positioned
    for name, sourced in (
        *joined_components(layout, flow, freq, axes),
        *components_beside(layout, flow, freq, cells),
        *component_of_comments(layout, cells),
    ):
        components[name] = sourced
    marked += cell_attributes
    for name in dict.fromkeys(name for name, _ in marked):
        components[name] = with_marks(name, marked, (components, fixed), free_text)
    components = with_notes(layout.block.notes, components, fixed, cells.height, free=free_text)
    number = with_bounds(number, components, fixed, cells)
    if STATUS in flow.structure:
        settle_status(components, fixed, cells.height)
    fixed = {name: value for name, value in fixed.items() if name not in components}
    return Readings(
        layout,
        cells,
        number=number,
        components=components,
        fixed=fixed,
        axes=tuple(index for _, index in axes.values()),
    )


def with_marks(
    name: str,
    marked: Sequence[tuple[str, SourcedValues]],
    unmarked: tuple[Mapping[str, SourcedValues], Mapping[str, str]],
    free: frozenset[str],
) -> SourcedValues:
    """Add footnote marks to an attribute; the last value counts, free texts are all kept."""
    components, fixed = unmarked
    remarks = [remark for attribute, remark in marked if attribute == name]
    if name in components:
        remarks.insert(0, components[name])
    elif name in fixed:
        nowhere = pl.Series([None], dtype=pl.UInt32).new_from_index(0, len(remarks[0].values))
        remarks.insert(
            0, SourcedValues(pl.Series([fixed[name]]).new_from_index(0, len(nowhere)), nowhere, cell_columns=nowhere)
        )
    return all_remarks(remarks) if name in free else last_values(remarks)


def with_bounds(
    number: pl.Series, components: dict[str, SourcedValues], fixed: Mapping[str, str], cells: pl.DataFrame
) -> pl.Series:
    """Move bounds (“at most 257”) from numbers to their attribute.

    Their status says that the value is missing, so a bound is never read as a value.
    """
    for name in BOUNDS:
        if name not in components and fixed.get(name) != FIGURE:
            continue
        before = components.get(name) or everywhere(fixed.get(name), cells.height)
        is_bound = before.values.eq_missing(pl.Series([FIGURE]))
        figures = SourcedValues(number, cells["row"], cell_columns=cells["column"])
        components[name] = chosen(is_bound, figures, before)
        status = components.get(STATUS) or everywhere(fixed.get(STATUS), cells.height)
        components[STATUS] = chosen(is_bound & number.is_not_null(), everywhere(MISSING, cells.height), status)
        number = chosen(is_bound, everywhere(None, cells.height), figures).values
    return number


def settle_status(components: dict[str, SourcedValues], fixed: dict[str, str], count: int) -> None:
    if STATUS in components:
        status = components[STATUS]
        normal = status.cell_values.fill_null(fixed.get(STATUS, NORMAL))
        components[STATUS] = SourcedValues(
            normal, status.cell_rows, cell_columns=status.cell_columns, index=status.index
        )
    elif count:
        fixed.setdefault(STATUS, NORMAL)


def components_of_block(layout: Layout, flow: Flow, freq: str) -> Iterator[tuple[str, SourcedValues]]:
    for component_map in layout.block.components:
        if component_map.source.is_of_block:
            text, cell = text_of_block(layout, component_map.source)
            value = Meanings(component_map, flow, values=layout.block.values, freq=freq).of(text)
            row, column = (pl.Series([number], dtype=pl.UInt32) for number in cell)
            yield component_map.component, SourcedValues(pl.Series([value], dtype=pl.String), row, cell_columns=column)


def components_along(
    layout: Layout, flow: Flow, freq: str, axis: tuple[tuple[Kind, ...], pl.Series]
) -> Iterator[tuple[str, SourcedValues, bool]]:
    """Yield the components along rows or columns, and (true) the attributes set by marks in labels."""
    kinds, positions = axis
    by_source: dict[Source, list[ComponentMap]] = {}
    for component_map in layout.block.components:
        by_source.setdefault(component_map.source.line, []).append(component_map)
    for kind in kinds:
        for source, line in layout.lines.items():
            if source.kind != kind:
                continue
            axis_line = line_at(positions, line)
            line_meanings = [
                Meanings(component_map, flow, values=layout.block.values, freq=freq)
                for component_map in by_source.get(source, ())
            ]
            for meanings in line_meanings:
                component = meanings.component_map.component
                is_needed = component in flow.structure.key
                yield component, values_along(axis_line, meanings.of, with_empty_cells=is_needed), False
            for name, sourced in attributes_of_marks(axis_line, line_meanings, layout.block.values):
                yield name, sourced, True


def joined_components(
    layout: Layout, flow: Flow, freq: str, axes: Mapping[tuple[Kind, ...], Axis]
) -> Iterator[tuple[str, SourcedValues]]:
    for component_map in layout.block.components:
        if component_map.source.is_joined:
            texts = texts_together(component_map, layout, axes)
            values = translated(texts["text"], Meanings(component_map, flow, values=layout.block.values, freq=freq).of)
            yield (
                component_map.component,
                SourcedValues(values, texts["row"], cell_columns=texts["column"]).without_empty_cells(),
            )


def components_beside(
    layout: Layout, flow: Flow, freq: str, cells: pl.DataFrame
) -> Iterator[tuple[str, SourcedValues]]:
    for component_map in layout.block.components:
        if component_map.source.kind != "beside":
            continue
        meanings = Meanings(component_map, flow, values=layout.block.values, freq=freq)
        flags = flags_beside(component_map, layout, cells)
        values = translated(flags["text"].fill_null(""), meanings.of)
        yield (
            component_map.component,
            SourcedValues(values, flags["row"], cell_columns=flags["column"]).without_empty_cells(),
        )


def component_of_comments(layout: Layout, cells: pl.DataFrame) -> Iterator[tuple[str, SourcedValues]]:
    component, notes = layout.block.values.comments, layout.table.notes
    if not (component and notes):
        return
    rows = [(*cell, " ".join(" ".join(texts).split())) for cell, texts in sorted(notes.items())]
    schema = {"row": pl.UInt32, "column": pl.UInt32, "note": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    comments = cells.select("row", "column").join(frame, on=["row", "column"], how="left", maintain_order="left")
    yield (
        component,
        SourcedValues(comments["note"], comments["row"], cell_columns=comments["column"]).without_empty_cells(),
    )
