"""Observations computed from named cells: sums, differences and shares, with all their source cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import PurePath

from sdmxmig.conversion.convert.assembling import ConversionContext, merge
from sdmxmig.conversion.mapping.grid import Grid, folded, matches
from sdmxmig.conversion.mapping.readings import cell_reading
from sdmxmig.primitives.errors import DeclarationError, nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.sdmx.frames import Origin, origins_frame, text_frame
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import Block, Computed, Dataset, Derived, Flow, NamedCell
from sdmxmig.sdmx.model.rule_ids import RuleId

NORMAL = "A"


def compute(
    mapping: model.TableMapping, flow: Flow, grids: Sequence[Grid], context: ConversionContext
) -> Dataset | None:
    """Compute a mapping's observations from named cells; None if absent.

    Reports and omits observations with cells that are not numbers. Raises `DeclarationError` for a missing sheet or
    changed labels.
    """
    computed_datasets = []
    for computed in mapping.computed:
        check(computed, mapping, grids, context)
        value = total(computed, mapping, flow, grids, context)
        if value is not None:
            tables = [
                sheet_of(cell, computed, mapping=mapping, grids=grids, context=context).table
                for _, cell in computed.terms
            ]
            places = [
                (table.file, table.sheet, *cell_position(cell.cell))
                for table, (_, cell) in zip(tables, computed.terms, strict=True)
            ]
            computed_datasets.append(observation(computed, flow, value, places))
    return merge(computed_datasets) if computed_datasets else None


def observation(computed: Computed, flow: Flow, value: str, places: Iterable[tuple[str, str, int, int]]) -> Dataset:
    """Build a dataset of one computed observation, with its attributes and source cells."""
    structure = flow.structure
    status = {"OBS_STATUS": NORMAL} if "OBS_STATUS" in structure else {}
    row = {**status, **dict(computed.fixed), structure.measure.id: value}
    columns = [
        *structure.key,
        structure.measure.id,
        *(component.id for component in structure.attributes("observation")),
    ]
    series = [*structure.series_key, *(component.id for component in structure.attributes("series"))]
    of_dataset = {
        component.id: row[component.id] for component in structure.attributes("dataset") if component.id in row
    }
    origins: list[Origin] = [(0, structure.measure.id, *place) for place in places]
    return Dataset(
        flow,
        text_frame(columns, [row]),
        series=text_frame(series, [row]),
        attributes=of_dataset,
        origins=origins_frame(origins),
    )


def check(computed: Computed, mapping: model.TableMapping, grids: Sequence[Grid], context: ConversionContext) -> None:
    """Raise `DeclarationError` for a changed label, with the nearest matching cell."""
    for cell, text in computed.required_texts:
        grid = sheet_of(cell, computed, mapping=mapping, grids=grids, context=context)
        cell_text = grid.text(*cell_position(cell.cell))
        if matches(cell_text, text):
            continue
        cells_with_text = grid.cells.filter([matches(folded(other_text), text) for other_text in grid.cells["text"]])
        cell_names = [cell_name(*position) for position in cells_with_text.select("row", "column").rows()]
        hint = f"It is in {', '.join(cell_names[:3])}: have rows or columns moved?" if cell_names else ""
        message = f"The cell {cell.cell} of {grid.name} says “{cell_text}”, not “{text}”."
        raise DeclarationError(
            message, Place(context.mapping_place.file, key=f"{computed.key}.says"), hint or "Look at the sheet."
        )


def sheet_of(
    cell: NamedCell, computed: Computed, mapping: model.TableMapping, grids: Sequence[Grid], context: ConversionContext
) -> Grid:
    sheet_name = cell.sheet or mapping.blocks[0].sheet
    candidates = [
        grid
        for grid in grids
        if (grid.table.sheet == sheet_name if cell.sheet else matches(grid.table.sheet, sheet_name))
    ]
    if len(candidates) == 1:
        return candidates[0]
    place = Place(context.mapping_place.file, key=f"{computed.key}.formula")
    if candidates:
        hint = "Write the sheet before the cell, such as 'Table 1'!C14."
        raise DeclarationError(f"The cell {cell.cell} may be one of {len(candidates)} sheets.", place, hint)
    guess = nearest(sheet_name, [grid.table.sheet for grid in grids])
    hint = f"Did you mean “{guess}”?" if guess else "Look at the sheets of the workbook."
    raise DeclarationError(f"There is no sheet “{sheet_name}”.", place, hint)


def total(
    computed: Computed,
    mapping: model.TableMapping,
    flow: Flow,
    grids: Sequence[Grid],
    context: ConversionContext,
) -> str | None:
    """Add the cells exactly; None if one is not a number, which is reported."""
    sum_of_terms = Decimal(0)
    for sign, cell in computed.terms:
        grid = sheet_of(cell, computed, mapping=mapping, grids=grids, context=context)
        position = cell_position(cell.cell)
        number = number_in(grid, position, block_of(mapping, grid))
        try:
            sum_of_terms += sign * Decimal(number or "")
        except InvalidOperation:
            place = grid.table.place(*position)
            context.collector.add(
                RuleId.TERM_WITHOUT_NUMBER,
                [place],
                flow.structure.measure.id,
                value=grid.text(*position),
                cell=cell.cell,
            )
            return None
    return f"{sum_of_terms:f}"


def number_in(grid: Grid, position: tuple[int, int], block: Block) -> str | None:
    cells = grid.part((position[0], position[0]), (position[1], position[1]))
    if cells.is_empty():
        return None
    return cell_reading(cells["text"][0], block.values, numeric=cells["kind"][0] == "number").number


def block_of(mapping: model.TableMapping, grid: Grid) -> Block:
    return next((block for block in mapping.blocks if matches(grid.table.sheet, block.sheet)), mapping.blocks[0])


def cells_named(mapping: model.TableMapping, grid: Grid) -> list[tuple[int, int]]:
    if not matches(PurePath(grid.table.file).name, PurePath(mapping.file).name):
        return []
    first_sheet = mapping.blocks[0].sheet
    return [
        cell_position(cell.cell)
        for computed in mapping.computed
        for _, cell in computed.terms
        if (grid.table.sheet == cell.sheet if cell.sheet else matches(grid.table.sheet, first_sheet))
    ]


def derive(dataset: Dataset, derived: Sequence[Derived], context: ConversionContext) -> Dataset:
    """Add derived values in declared order.

    Observations of labels used only in formulas are removed. Raises `DeclarationError` with the nearest label for a
    missing one.
    """
    check_labels(dataset, derived, context)
    for formula in derived:
        dataset = with_values(dataset, formula, context)
    return without_labels(dataset, derived)


def check_labels(dataset: Dataset, derived: Sequence[Derived], context: ConversionContext) -> None:
    for formula in derived:
        known_labels = dataset.observations[formula.component].unique(maintain_order=True).drop_nulls().to_list()
        for label in formula.labels:
            if label not in known_labels:
                guess = nearest(label, known_labels)
                hint = f"Did you mean “{guess}”?" if guess else "Look at the labels of the table."
                place = Place(context.mapping_place.file, key=f"{formula.key}.formula")
                message = f"No label that gives {formula.component} says “{label}”."
                raise DeclarationError(message, place, hint)


def without_labels(dataset: Dataset, derived: Sequence[Derived]) -> Dataset:
    if not derived:
        return dataset
    frame = dataset.observations.with_row_index("at")
    used_rows = []
    for formula in derived:
        other_dimensions = [name for name in dataset.flow.structure.key if name != formula.component]
        derived_rows = frame.filter(pl.col(formula.component) == formula.code)
        parts = frame.filter(pl.col(formula.component).is_in(list(formula.labels)))
        used_rows.append(parts.join(derived_rows, on=other_dimensions, how="semi", nulls_equal=True)["at"])
    remaining, _ = without(dataset, pl.concat(used_rows).unique())
    keys = remaining.observations.select(dataset.flow.structure.series_key)
    series = remaining.series.join(keys, on=keys.columns, how="semi", nulls_equal=True, maintain_order="left")
    return replace(remaining, series=series)


def without(dataset: Dataset, removed: pl.Series) -> tuple[Dataset, pl.DataFrame]:
    remaining = dataset.observations.with_row_index("at").filter(~pl.col("at").is_in(removed.implode()))
    numbers = remaining.select(observation=pl.col("at")).with_row_index("new")
    origins = dataset.origins.join(numbers, on="observation", how="inner", maintain_order="left")
    origins = origins.with_columns(observation="new").select(dataset.origins.columns)
    return replace(dataset, observations=remaining.drop("at"), origins=origins), numbers


def with_values(dataset: Dataset, formula: Derived, context: ConversionContext) -> Dataset:
    """Add the values of a formula; existing values stay unless replaced.

    Incomplete formulas give no value.
    """
    structure = dataset.flow.structure
    measure = structure.measure.id
    other_dimensions = [name for name in structure.key if name != formula.component]
    frame = dataset.observations.with_row_index("at")
    codes = list(dict.fromkeys([*(code for _, code in formula.terms), *filter(None, [formula.share_of])]))
    parts = [
        frame.filter(pl.col(formula.component) == code).unique(other_dimensions, keep="first", maintain_order=True)
        for code in codes
    ]
    joined = parts[0].select(*other_dimensions, **{f"at {codes[0]}": pl.col("at"), f"of {codes[0]}": pl.col(measure)})
    for code, part in zip(codes[1:], parts[1:], strict=True):
        renamed = part.select(*other_dimensions, **{f"at {code}": pl.col("at"), f"of {code}": pl.col(measure)})
        joined = joined.join(renamed, on=other_dimensions, how="inner", nulls_equal=True, maintain_order="left")
    texts = joined.select(f"of {code}" for code in codes).iter_rows()
    values = pl.Series([computed(formula, dict(zip(codes, row, strict=True))) for row in texts], dtype=pl.String)
    joined = joined.with_columns(values.alias(measure)).filter(pl.col(measure).is_not_null())
    read_values = frame.filter(pl.col(formula.component) == formula.code).select(
        *other_dimensions, read_at="at", read=measure
    )
    joined = joined.join(read_values, on=other_dimensions, how="left", nulls_equal=True, maintain_order="left")
    dataset, joined = settled(dataset, joined, formula, context)
    rows = parts[0].select("at", pl.exclude("at", measure, formula.component, *other_dimensions))
    derived_rows = joined.join(rows, left_on=f"at {codes[0]}", right_on="at", how="left", maintain_order="left")
    derived_rows = derived_rows.with_columns(pl.lit(formula.code).alias(formula.component))
    if "OBS_STATUS" in dataset.observations.columns:
        derived_rows = derived_rows.with_columns(pl.lit(NORMAL).alias("OBS_STATUS"))
    derived_rows = derived_rows.with_columns(pl.lit(value).alias(name) for name, value in formula.attributes)
    observations = pl.concat([dataset.observations, derived_rows.select(dataset.observations.columns)])
    origins = pl.concat([dataset.origins, cells_of(dataset, joined, codes, measure)])
    return replace(
        dataset, observations=observations, origins=origins, series=with_series(dataset, formula, other_dimensions)
    )


def computed(formula: Derived, values: dict[str, str | None]) -> str | None:
    """Compute a formula exactly; None if a part is missing or not a number.

    >>> computed(Derived("SEX", "M", terms=((1, "_T"), (-1, "F"))), {"_T": "3.5", "F": "1.25"})
    '2.25'
    """
    try:
        numbers = {code: Decimal(text) for code, text in values.items() if text is not None}
        if len(numbers) < len(values) or not all(number.is_finite() for number in numbers.values()):
            return None
        total = sum((sign * numbers[code] for sign, code in formula.terms), Decimal(0))
        if not formula.share_of:
            return f"{total:f}"
        share = 100 * total / numbers[formula.share_of]
        return f"{share.quantize(Decimal(f'1e-{formula.decimals}'), ROUND_HALF_UP):f}"
    except (InvalidOperation, ZeroDivisionError):
        return None


def settled(
    dataset: Dataset, derived_rows: pl.DataFrame, formula: Derived, context: ConversionContext
) -> tuple[Dataset, pl.DataFrame]:
    """Resolve keys that are both read and derived.

    A replaced value that differs is reported at its cell.
    """
    measure = dataset.flow.structure.measure.id
    if not formula.replaces:
        return dataset, derived_rows.filter(pl.col("read_at").is_null())
    replaced = derived_rows.filter(pl.col("read_at").is_not_null())
    for at, read_value, value in replaced.select("read_at", "read", measure).iter_rows():
        if not same_number(read_value, value):
            cells = dataset.origins.filter((pl.col("observation") == at) & (pl.col("component") == measure))
            places = [
                Place(file, sheet, cell=cell_name(row, column))
                for file, sheet, row, column in cells.select("file", "sheet", "row", "column").iter_rows()
            ]
            context.collector.add(RuleId.RECOMPUTED_VALUE, places, measure, value=read_value or "", first=value)
    remaining, numbers = without(dataset, replaced["read_at"])
    moved = {name: name for name in derived_rows.columns if name.startswith("at ")}
    lookup = numbers.rename({"observation": "old"})
    for name in moved:
        derived_rows = derived_rows.join(lookup, left_on=name, right_on="old", how="left", maintain_order="left")
        derived_rows = derived_rows.with_columns(pl.col("new").alias(name)).drop("new")
    return remaining, derived_rows


def same_number(first: str | None, second: str) -> bool:
    try:
        return first is not None and Decimal(first) == Decimal(second)
    except InvalidOperation:
        return False


def cells_of(dataset: Dataset, derived_rows: pl.DataFrame, codes: Sequence[str], measure: str) -> pl.DataFrame:
    """Return the source cells of derived values, values first."""
    start = dataset.observations.height
    numbered = derived_rows.with_row_index("number", offset=start)
    origins_of_parts = [
        dataset.origins.join(
            numbered.select("number", observation=f"at {code}"), on="observation", how="inner", maintain_order="left"
        )
        for code in codes
    ]
    origins = pl.concat(origins_of_parts).with_columns(observation=pl.col("number").cast(pl.UInt32)).drop("number")
    is_label = (pl.col("component") != measure).alias("label")
    return (
        origins.unique(maintain_order=True)
        .with_columns(is_label)
        .sort("observation", "label", maintain_order=True)
        .drop("label")
    )


def with_series(dataset: Dataset, formula: Derived, other_dimensions: Sequence[str]) -> pl.DataFrame:
    series = dataset.series
    first_code = formula.terms[0][1]
    derived_series = series.filter(pl.col(formula.component) == first_code).with_columns(
        pl.lit(formula.code).alias(formula.component)
    )
    keys = [name for name in (*other_dimensions, formula.component) if name in series.columns]
    new_series = derived_series.join(series, on=keys, how="anti", nulls_equal=True)
    return pl.concat([series, new_series.select(series.columns)])
