"""Tracing: where an observation comes from, and what became of a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.errors import SdmxmigError, did_you_mean
from sdmxmig.lazily import later
from sdmxmig.model.data import Dataset
from sdmxmig.places import Place, cell_name, cell_position

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")

SEPARATOR = re.compile(r"\s*[›!]\s*")


@dataclass(frozen=True, slots=True)
class Use:
    """One observation that a cell is a part of: which component it gave, and all cells of that component.

    `value` is what the component has in the observation; `key` the codes of its dimensions.
    """

    flow: str
    key: tuple[tuple[str, str], ...]
    _: KW_ONLY
    component: str
    value: str
    cells: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a cell: ``used`` by observations, ``skipped`` with a reason, ``unread``, or nothing of these."""

    place: Place
    fate: str
    _: KW_ONLY
    reason: str = ""
    uses: tuple[Use, ...] = ()


def place_of(written: str) -> Place:
    """A cell as people write it: ``stocks.xlsx › Table 3 › C14``, ``stocks.xlsx!Table 3!C14``, ``data.csv!B2``.

    Raises `SdmxmigError` if it is none.

    >>> print(place_of("stocks.xlsx!Table 3!c14"))
    stocks.xlsx › Table 3 › C14
    """
    parts = SEPARATOR.split(written.strip())
    try:
        cell = cell_name(*cell_position(parts[-1].replace("$", "")))
    except ValueError:
        cell = ""
    if len(parts) not in (2, 3) or not cell:
        hint = "Write file, sheet and cell, such as: stocks.xlsx!Table 3!C14"
        raise SdmxmigError(f"“{written}” is no cell of a workbook.", hint=hint)
    return Place(parts[0], parts[1] if len(parts) == 3 else "", cell=cell)


def observations_of(dataset: Dataset, conditions: Mapping[str, str]) -> list[int]:
    """The rows of the observations with these codes; raises `SdmxmigError` for a component that is none."""
    known = dataset.observations.columns
    for name in conditions:
        if name not in known:
            raise SdmxmigError(f"{dataset.flow.id} has no component “{name}”.", hint=did_you_mean(name, known))
    kept = dataset.observations.with_row_index("at")
    for name, code in conditions.items():
        kept = kept.filter(pl.col(name) == code)
    return kept["at"].to_list()


def uses_of(dataset: Dataset, rows: Sequence[int], components: Iterable[str] = ()) -> Iterator[Use]:
    """Where these observations come from: one use a component with its cells, the value first."""
    wanted = set(components)
    found = dataset.origins.filter(pl.col("observation").is_in(pl.Series(rows, dtype=pl.UInt32).implode()))
    cells: dict[int, dict[str, list[Place]]] = {}
    for number, component, file, sheet, row, column in found.iter_rows():
        places = cells.setdefault(number, {}).setdefault(component, [])
        places.append(Place(file, sheet or "", cell=cell_name(row, column)))
    keys = dataset.flow.structure.key
    for number in rows:
        row_values = dataset.observations.row(number, named=True)
        key = tuple((name, row_values[name]) for name in keys if row_values.get(name) is not None)
        for component, places in cells.get(number, {}).items():
            if not wanted or component in wanted:
                value = value_of(dataset, row_values, component)
                yield Use(dataset.flow.id, key, component=component, value=value, cells=tuple(dict.fromkeys(places)))


def value_of(dataset: Dataset, row: Mapping[str, str | None], component: str) -> str:
    """What a component has in an observation, also if it stands at its series or at the dataset."""
    if component in row:
        return row[component] or ""
    if component in dataset.series.columns:
        same = [pl.col(name).eq_missing(pl.lit(row[name])) for name in dataset.flow.structure.series_key]
        found = dataset.series.filter(*same)[component]
        return (found[0] or "") if len(found) else ""
    return dataset.attributes.get(component, "")


def fate_of(place: Place, datasets: Sequence[Dataset], left: pl.DataFrame) -> Fate:
    """What became of a cell; `left` are the cells that became no observation, as in `Conversion.left`.

    Raises `SdmxmigError` for a file or sheet from which nothing was read.
    """
    row, column = cell_position(place.cell)
    here = [(pl.col("file") == place.file), (pl.col("sheet") == place.sheet)]
    at = [*here, pl.col("row") == row, pl.col("column") == column]
    uses: list[Use] = []
    sheets: set[tuple[str, str]] = set(left.select("file", "sheet").unique().iter_rows())
    for dataset in datasets:
        sheets |= set(dataset.origins.select("file", "sheet").unique().iter_rows())
        found = dataset.origins.filter(*at)
        for (component,), group in found.group_by(["component"], maintain_order=True):
            uses += uses_of(dataset, sorted(set(group["observation"])), [str(component)])
    if (place.file, place.sheet) not in sheets:
        known = [f"{file}!{sheet}" if sheet else file for file, sheet in sorted(sheets)]
        wanted = f"{place.file}!{place.sheet}" if place.sheet else place.file
        raise SdmxmigError(f"Nothing was read from {wanted}.", hint=did_you_mean(wanted, known))
    if uses:
        return Fate(place, "used", uses=tuple(uses))
    told = left.filter(*at).select("fate", "reason").rows()
    fate, reason = told[0] if told else ("not a figure of a block", "")
    return Fate(place, fate, reason=reason)


def coverage_of(datasets: Sequence[Dataset], left: pl.DataFrame) -> list[dict[str, object]]:
    """How many figures of each sheet were used, skipped and unread; a cell that is used is none of the others."""
    cell = ["file", "sheet", "row", "column"]
    used = [
        dataset.origins.filter(pl.col("component") == dataset.flow.structure.measure.id)
        .select(pl.col("file", "sheet").cast(pl.String), "row", "column")
        .unique()
        for dataset in datasets
    ]
    values = pl.concat([*used, left.clear().select(cell)]).unique().with_columns(fate=pl.lit("used"))
    others = (
        left.unique(cell, keep="first", maintain_order=True).join(values, on=cell, how="anti").select(*cell, "fate")
    )
    counts = (
        pl.concat([values, others])
        .group_by("file", "sheet")
        .agg((pl.col("fate") == name).sum().alias(name) for name in ("used", "skipped", "unread"))
    )
    return counts.sort("file", "sheet").to_dicts()
