"""Conversion of an office's tables to datasets by a mapping, with source cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from typing import TYPE_CHECKING

from sdmxmig.conversion.convert.assembling import ConversionContext, build_dataset, drop_rows, merge
from sdmxmig.conversion.convert.checking import (
    check_adjacent_texts,
    check_cells,
    check_formula_texts,
    check_label_texts,
    check_saved_results,
    drop_excluded_observations,
    read_value_cells,
)
from sdmxmig.conversion.convert.coverage import (
    BlockUsage,
    Conversion,
    Coverage,
    Locate,
    check_blocks_used,
    check_skips,
    check_unlisted,
    count_figures,
)
from sdmxmig.conversion.mapping.grid import Grid, build_grid, find_tables, is_match
from sdmxmig.conversion.mapping.layout import Layout, locate_block
from sdmxmig.conversion.mapping.readings import read_layout
from sdmxmig.primitives.errors import DeclarationError, InputError, find_nearest
from sdmxmig.primitives.lazily import import_lazily, pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import Dataset, DerivedValue, Flow
from sdmxmig.sdmx.model.findings import FindingCollector, Findings, Rule
from sdmxmig.sdmx.model.tables import Table

NORMAL_STATUS, MISSING, STATUS = "A", "O", "OBS_STATUS"
PARTS, CELLS, ALIKE = "the parts", "their cells", "whether they have one unit"
UNITS = ("UNIT_MEASURE", "UNIT_MULT")


def derive(dataset: Dataset, derived: Sequence[DerivedValue], context: ConversionContext) -> Dataset:
    """Add derived values in the declared order, and remove observations used only in formulas."""
    check_labels(dataset, derived, context)
    for formula in derived:
        dataset = add_derived_values(dataset, formula)
    return drop_formula_parts(dataset, derived)


def check_labels(dataset: Dataset, derived: Sequence[DerivedValue], context: ConversionContext) -> None:
    for formula in derived:
        known_labels = dataset.observations[formula.component].unique(maintain_order=True).drop_nulls().to_list()
        for label in formula.labels:
            if label not in known_labels:
                guess = find_nearest(label, known_labels)
                hint = f"Did you mean “{guess}”?" if guess else "Look at the labels of the table."
                place = Place(context.mapping_place.file, key=f"{formula.key}.formula")
                message = f"No label of {formula.component} is “{label}”."
                raise DeclarationError(message, place, hint)


def drop_formula_parts(dataset: Dataset, derived: Sequence[DerivedValue]) -> Dataset:
    if not derived:
        return dataset
    frame = dataset.observations.with_row_index("at")
    used_rows = []
    for formula in derived:
        other_dimensions = [name for name in dataset.flow.structure.key if name != formula.component]
        derived_rows = frame.filter(pl.col(formula.component) == formula.code)
        parts = frame.filter(pl.col(formula.component).is_in(list(formula.labels)))
        used_rows.append(parts.join(derived_rows, on=other_dimensions, how="semi", nulls_equal=True)["at"])
    remaining = drop_rows(dataset, pl.concat(used_rows).unique())
    keys = remaining.observations.select(dataset.flow.structure.series_key)
    series = remaining.series.join(keys, on=keys.columns, how="semi", nulls_equal=True, maintain_order="left")
    return replace(remaining, series=series)


def add_derived_values(dataset: Dataset, formula: DerivedValue) -> Dataset:
    """Add the values of a formula, with the status of its parts; existing values are kept.

    With missing parts or several units there is no value; for sums of labels, a missing value.
    """
    structure, measure = dataset.flow.structure, dataset.flow.structure.measure.id
    other_dimensions = [name for name in structure.key if name != formula.component]
    frame = dataset.observations.with_row_index("at")
    codes = list(dict.fromkeys(code for _, code in formula.terms))
    parts = pl.concat(
        frame.filter(pl.col(formula.component) == code).unique(other_dimensions, keep="first", maintain_order=True)
        for code in codes
    )
    read = frame.filter(pl.col(formula.component) == formula.code)
    parts = parts.join(read, on=other_dimensions, how="anti", nulls_equal=True, maintain_order="left")
    has_status = STATUS in parts.columns
    status = pl.col(STATUS) if has_status else pl.lit(None, pl.String).alias(STATUS)
    listed = pl.struct(formula.component, measure, status).alias(PARTS)
    rows = parts.group_by(other_dimensions, maintain_order=True).agg(
        listed,
        pl.col("at").alias(CELLS),
        pl.all_horizontal(True, *(pl.col(name).n_unique() == 1 for name in UNITS if name in parts.columns)).alias(
            ALIKE
        ),
        pl.exclude("at", *other_dimensions).first(),
    )
    figures = [
        compute_figure(formula, codes, [tuple(part.values()) for part in row] if is_alike else [])
        for row, is_alike in rows.select(PARTS, ALIKE).iter_rows()
    ]
    values, statuses = ([figure[at] for figure in figures] for at in range(2))
    is_sum = len(formula.labels) == len(codes) and has_status
    rows = rows.with_columns(pl.Series(measure, values, pl.String), pl.lit(formula.code).alias(formula.component))
    rows = rows.with_columns(pl.Series(STATUS, statuses, pl.String)) if has_status else rows
    rows = rows if is_sum else rows.filter(pl.col(measure).is_not_null())
    rows = rows.with_columns(pl.lit(value).alias(name) for name, value in formula.attributes)
    observations = pl.concat([dataset.observations, rows.select(dataset.observations.columns)])
    origins = pl.concat([dataset.origins, collect_source_cells(dataset, rows, measure)])
    return replace(
        dataset,
        observations=observations,
        origins=origins,
        series=add_derived_series(dataset, formula, other_dimensions),
    )


def compute_figure(
    formula: DerivedValue, codes: Sequence[str], parts: Sequence[tuple[str, str | None, str | None]]
) -> tuple[str | None, str]:
    """Compute a figure from its parts (code, value, status), with the status of the first missing or marked part.

    >>> total = DerivedValue("SEX", "_T", terms=((1, "M"), (1, "F")))
    >>> compute_figure(total, ["M", "F"], [("M", "3", "A"), ("F", "1.5", "P")])
    ('4.5', 'P')
    >>> compute_figure(total, ["M", "F"], [("M", "3", "P"), ("F", None, "Q")]), compute_figure(total, ["M", "F"], [])
    ((None, 'Q'), (None, 'O'))
    """
    values = {code: value for code, value, _ in parts}
    result = evaluate_formula(formula, values) if len(values) == len(codes) else None
    missing = [status or MISSING for _, value, status in parts if value is None] + [MISSING] * (result is None)
    marked = [status for _, _, status in parts if status and status != NORMAL_STATUS]
    return result, next(iter([*missing, *marked]), NORMAL_STATUS)


def evaluate_formula(formula: DerivedValue, values: dict[str, str | None]) -> str | None:
    """Compute a formula exactly; None if a part is missing or not a number.

    >>> evaluate_formula(DerivedValue("SEX", "M", terms=((1, "_T"), (-1, "F"))), {"_T": "3.5", "F": "1.25"})
    '2.25'
    """
    try:
        numbers = {code: Decimal(text) for code, text in values.items() if text is not None}
    except InvalidOperation:
        return None
    if len(numbers) < len(values) or not all(number.is_finite() for number in numbers.values()):
        return None
    return f"{sum((sign * numbers[code] for sign, code in formula.terms), Decimal(0)):f}"


def collect_source_cells(dataset: Dataset, derived_rows: pl.DataFrame, measure: str) -> pl.DataFrame:
    numbered = derived_rows.with_row_index("number", offset=dataset.observations.height).explode(CELLS)
    origins = numbered.select("number", observation=CELLS).join(
        dataset.origins, on="observation", how="inner", maintain_order="left"
    )
    origins = origins.with_columns(observation=pl.col("number").cast(pl.UInt32)).select(dataset.origins.columns)
    is_label = (pl.col("component") != measure).alias("label")
    return (
        origins.unique(maintain_order=True)
        .with_columns(is_label)
        .sort("observation", "label", maintain_order=True)
        .drop("label")
    )


def add_derived_series(dataset: Dataset, formula: DerivedValue, other_dimensions: Sequence[str]) -> pl.DataFrame:
    series = dataset.series
    first_code = formula.terms[0][1]
    derived_series = series.filter(pl.col(formula.component) == first_code).with_columns(
        pl.lit(formula.code).alias(formula.component)
    )
    keys = [name for name in (*other_dimensions, formula.component) if name in series.columns]
    new_series = derived_series.join(series, on=keys, how="anti", nulls_equal=True)
    return pl.concat([series, new_series.select(series.columns)])


if TYPE_CHECKING:
    from sdmxmig.conversion.convert import notes_used, partial_years
else:  # they need the words of all languages
    notes_used = import_lazily("sdmxmig.conversion.convert.notes_used")
    partial_years = import_lazily("sdmxmig.conversion.convert.partial_years")

__all__ = ["Conversion", "Coverage", "convert", "merge"]


def convert(
    tables: Sequence[Table],
    mapping: model.TableMapping,
    flow: Flow,
    rules: Mapping[str, Rule] | None = None,
    other_mappings: Sequence[model.TableMapping] = (),
    *,
    make_grid: Callable[[Table], Grid] = build_grid,
    find_block: Locate = locate_block,
) -> Conversion:
    """Convert the tables of a workbook to observations of one dataflow.

    `rules` are the enabled rules by id. `other_mappings` of the same workbook prevent their figures from being reported
    as unread. To convert several mappings, pass caching `make_grid` and `find_block`. Raises `DeclarationError` for a
    sheet, header, row or column missing from the tables, and `InputError` if no table belongs to the mapping's file.
    """
    mapping_place = mapping.place or Place(mapping.id)
    mapped_tables = select_tables(tables, mapping)
    if not mapped_tables:
        raise InputError(
            f"The mapping {mapping.id} reads {mapping.file}, which is not among the tables.",
            mapping_place,
            "Correct “file” in the mapping, or add the workbook.",
        )
    context = ConversionContext(
        flow,
        mapping_place,
        collector=FindingCollector(flow.id, rules or {}),
        used_although_hidden=frozenset(
            answered.sheet
            for answered in mapping.answers
            if answered.answer == "as it is" and "hidden" in (answered.part, *answered.label.split())
        ),
        whole_years=frozenset(
            answered.label
            for answered in mapping.answers
            if answered.part == f"codes {flow.structure.time_id}" and answered.answer.isdecimal()
        ),
    )
    grids = {id(table): make_grid(table) for table in mapped_tables}
    layouts = list(find_layouts(mapped_tables, mapping, grids, find_block))
    readings, block_usages = [], []
    for layout in layouts:
        cells = read_value_cells(layout, context)
        block_readings = check_cells(layout, read_layout(layout, cells, flow), context)
        notes_used.check_marks(layout, context)
        check_adjacent_texts(layout, context)
        check_unlisted(layout, cells, context)
        check_label_texts(layout, cells, context)
        check_formula_texts(block_readings, context)
        kept_readings, dropped = drop_excluded_observations(block_readings, mapping)
        readings.append(kept_readings)
        block_usages.append(BlockUsage(layout, cells.select("row", "column"), dropped=dropped))
    notes_used.check_notes(readings, mapping, context)
    dataset = derive(build_dataset(flow, readings, context), mapping.derived, context)
    check_blocks_used(block_usages, context)
    incomplete = partial_years.find_incomplete_sums(dataset)
    for grid in grids.values():
        sheet_layouts = [layout for layout in layouts if layout.grid is grid]
        check_saved_results(grid, sheet_layouts, context)
        notes_used.check_unused(grid, sheet_layouts, mapping, context)
        partial_years.check_years(sheet_layouts, context, incomplete)
    coverage, unused_cells = count_figures(
        list(grids.values()),
        block_usages,
        mapping=mapping,
        other_mappings=other_mappings,
        context=context,
        find_block=find_block,
    )
    check_skips(unused_cells, list(grids.values()), mapping.blocks, context)
    return Conversion(
        dataset, Findings(tuple(context.collector.findings)), coverage=coverage, unused_cells=unused_cells
    )


def find_layouts(
    tables: Sequence[Table], mapping: model.TableMapping, grids: Mapping[int, Grid], find_block: Locate
) -> Iterator[Layout]:
    mapping_place = mapping.place or Place(mapping.id)
    for block in mapping.blocks:
        for table in find_tables(tables, block.sheet, Place(mapping_place.file, key=f"{block.key}.sheet")):
            yield from find_block(block, grids[id(table)], mapping_place)


def select_tables(tables: Iterable[Table], mapping: model.TableMapping) -> list[Table]:
    return [table for table in tables if is_match(PurePath(table.file).name, PurePath(mapping.file).name)]
