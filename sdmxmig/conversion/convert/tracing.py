"""Tracing of observations to cells and of cells to observations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell, parse_cell
from sdmxmig.sdmx.model.data import Dataset

SEPARATOR = re.compile(r"\s*[›!]\s*")


@dataclass(frozen=True, slots=True)
class Use:
    flow: str
    key: tuple[tuple[str, str], ...]
    _: KW_ONLY
    component: str
    value: str
    cells: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class CellUsage:
    """The use of a cell: ``used``, ``skipped`` with a reason, ``unread``, or none."""

    place: Place
    fate: str
    _: KW_ONLY
    reason: str = ""
    uses: tuple[Use, ...] = ()


def parse_place(text: str) -> Place:
    """Parse a cell reference, such as ``stocks.xlsx › Table 3 › C14``; raise `SdmxmigError` if it is invalid.

    >>> print(parse_place("stocks.xlsx!Table 3!c14"))
    stocks.xlsx › Table 3 › C14
    """
    parts = SEPARATOR.split(text.rstrip())  # a file name may begin with a blank
    try:
        cell = format_cell(*parse_cell(parts[-1].replace("$", "")))
    except ValueError:
        cell = ""
    if len(parts) not in (2, 3) or not cell:
        hint = "Write file, sheet and cell, such as: stocks.xlsx!Table 3!C14"
        raise SdmxmigError(f"“{text}” is not a cell of a workbook.", hint=hint)
    return Place(parts[0], parts[1] if len(parts) == 3 else "", cell=cell)


def find_observations(dataset: Dataset, conditions: Mapping[str, str]) -> list[int]:
    columns = dataset.observations.columns
    for name in conditions:
        if name not in columns:
            raise SdmxmigError(f"{dataset.flow.id} has no component “{name}”.", hint=did_you_mean(name, columns))
    matching = dataset.observations.with_row_index("at")
    for name, code in conditions.items():
        matching = matching.filter(pl.col(name) == code)
    return matching["at"].to_list()


def find_uses(dataset: Dataset, rows: Sequence[int], components: Iterable[str] = ()) -> Iterator[Use]:
    wanted_components = set(components)
    origins = dataset.origins.filter(pl.col("observation").is_in(pl.Series(rows, dtype=pl.UInt32).implode()))
    cells: dict[int, dict[str, list[Place]]] = {}
    for number, component, file, sheet, row, column in origins.iter_rows():
        places = cells.setdefault(number, {}).setdefault(component, [])
        places.append(Place(file, sheet or "", cell=format_cell(row, column)))
    keys = dataset.flow.structure.key
    for number in rows:
        row_values = dataset.observations.row(number, named=True)
        key = tuple((name, row_values[name]) for name in keys if row_values.get(name) is not None)
        for component, places in cells.get(number, {}).items():
            if not wanted_components or component in wanted_components:
                value = find_value(dataset, row_values, component)
                yield Use(dataset.flow.id, key, component=component, value=value, cells=tuple(dict.fromkeys(places)))


def find_value(dataset: Dataset, row: Mapping[str, str | None], component: str) -> str:
    if component in row:
        return row[component] or ""
    if component in dataset.series.columns:
        same_series = [pl.col(name).eq_missing(pl.lit(row[name])) for name in dataset.flow.structure.series_key]
        series_values = dataset.series.filter(*same_series)[component]
        return (series_values[0] or "") if len(series_values) else ""
    return dataset.attributes.get(component, "")


def find_usage(place: Place, datasets: Sequence[Dataset], unused_cells: pl.DataFrame) -> CellUsage:
    """Find the use of a cell; raise `SdmxmigError` outside the files, sheets and cells that were read."""
    row, column = parse_cell(place.cell)
    in_sheet = [(pl.col("file") == place.file), (pl.col("sheet") == place.sheet)]
    at_cell = [*in_sheet, pl.col("row") == row, pl.col("column") == column]
    uses: list[Use] = []
    read_cells = [unused_cells, *(dataset.origins for dataset in datasets)]
    sheets = {sheet for cells in read_cells for sheet in cells.select("file", "sheet").unique().iter_rows()}
    for dataset in datasets:
        origins = dataset.origins.filter(*at_cell)
        for (component,), group in origins.group_by(["component"], maintain_order=True):
            uses += find_uses(dataset, sorted(set(group["observation"])), [str(component)])
    if (place.file, place.sheet) not in sheets:
        sheet_names = [f"{file}!{sheet}" if sheet else file for file, sheet in sorted(sheets)]
        sheet_name = f"{place.file}!{place.sheet}" if place.sheet else place.file
        raise SdmxmigError(f"No cell was read from {sheet_name}.", hint=did_you_mean(sheet_name, sheet_names))
    if uses:
        return CellUsage(place, "used", uses=tuple(uses))
    ends = [cells.filter(*in_sheet).select(pl.max("row", "column")).row(0) for cells in read_cells]
    last_row, last_column = (max(end or 0 for end in numbers) for numbers in zip(*ends, strict=True))
    if row > last_row or column > last_column:
        hint = f"The last cell that is read is {format_cell(last_row, last_column)}."
        raise SdmxmigError("No figure is read from this cell.", place, hint)
    unused_rows = unused_cells.filter(*at_cell).select("fate", "reason").rows()
    fate, reason = unused_rows[0] if unused_rows else ("not a figure of a block", "")
    return CellUsage(place, fate, reason=reason)


def compute_coverage(datasets: Sequence[Dataset], unused_cells: pl.DataFrame) -> list[dict[str, object]]:
    cell = ["file", "sheet", "row", "column"]
    used_cells = [
        dataset.origins.filter(pl.col("component") == dataset.flow.structure.measure.id, pl.col("row").is_not_null())
        .select(pl.col("file", "sheet").cast(pl.String), "row", "column")
        .unique()
        for dataset in datasets
    ]
    values = pl.concat([*used_cells, unused_cells.clear().select(cell)]).unique().with_columns(fate=pl.lit("used"))
    unused_values = (
        unused_cells.unique(cell, keep="first", maintain_order=True)
        .join(values, on=cell, how="anti")
        .select(*cell, "fate")
    )
    counts = (
        pl.concat([values, unused_values])
        .group_by("file", "sheet")
        .agg((pl.col("fate") == name).sum().alias(name) for name in ("used", "skipped", "unread"))
    )
    return counts.sort("file", "sheet").to_dicts()
