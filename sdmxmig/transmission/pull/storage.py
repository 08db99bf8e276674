"""Published data on disk, as Parquet, and selection of observations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path

import polars as pl

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.quality.confidential import mark_confidential
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.transmission.pull.queries import (
    Bounds,
    Condition,
    DataRequest,
    Filter,
    Key,
    find_bounds,
    find_first_day,
    impossible,
    too_large,
    wrong,
)

ROWS_PER_PIECE = 50_000
MAX_ORDERED = 2_000_000
DELETE_ACTION = "D"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StoredData:
    """Stored data; `withheld` counts confidential observations. `listed` values allow JSON streaming."""

    flow: Flow
    file: Path
    columns: Mapping[str, pl.DataType]
    count: int
    series: pl.DataFrame
    attributes: Mapping[str, str]
    partial: Mapping[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    reports: pl.DataFrame | None = None
    refers_to: Ref | None = None
    withheld: int = 0
    listed: Mapping[str, Sequence[str]] | None = None

    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.file) if self.count else pl.LazyFrame(schema=dict(self.columns))

    def pieces(self) -> Iterator[tuple[int, pl.LazyFrame]]:
        for start in range(0, self.count, ROWS_PER_PIECE):
            yield start, self.scan().slice(start, ROWS_PER_PIECE)

    def values(self, component: str) -> list[str]:
        column = self.scan().select(pl.col(component).cast(pl.String)).unique().collect().to_series()
        return sorted(column.drop_nulls().to_list())


def store(blocks: Iterable[Dataset], folder: Path, name: str, *, with_confidential: bool = False) -> StoredData | None:
    """Store blocks, apply deletions, and omit confidential observations unless requested; None if empty."""
    waiting = BlockStore(folder, name)
    for block in blocks:
        if block.action != DELETE_ACTION:
            waiting.add(block)
    return waiting.finish(with_confidential=with_confidential)


class BlockStore:
    """Collects blocks for storing: observations in files, the rest in memory."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.first: Dataset | None = None
        self.files: list[Path] = []
        self.schema: dict[str, pl.DataType] = {}
        self.series: list[pl.DataFrame] = []
        self.attributes: dict[str, str] = {}
        self.partial: dict[tuple[str, ...], list[pl.DataFrame]] = {}
        self.annotations: dict[Annotation, None] = {}
        self.reports: list[pl.DataFrame] = []

    def add(self, block: Dataset) -> None:
        self.first = self.first or block
        observations = select_plain(block.observations)
        if observations.height:
            path = self.folder / f"{self.name}-{len(self.files)}.parquet"
            observations.write_parquet(path)
            self.files.append(path)
        self.schema |= {name: kind for name, kind in observations.schema.items() if kind != pl.Null}
        self.schema = {name: self.schema.get(name, pl.String()) for name in (*self.schema, *observations.columns)}
        self.series.append(select_plain(block.series))
        self.attributes |= block.attributes
        for key, frame in block.partial.items():
            self.partial.setdefault(key, []).append(select_plain(frame))
        self.annotations |= dict.fromkeys(block.annotations)
        self.reports += [block.reports] if block.reports is not None else []

    def finish(self, *, with_confidential: bool) -> StoredData | None:
        if self.first is None:
            return None
        flow = self.first.flow
        # The structure's columns first, in order, so that all pieces agree.
        ids = [component.id for component in flow.structure.components]
        names = sorted(self.schema, key=lambda name: ids.index(name) if name in ids else len(ids))
        series = join_frames(self.series).unique(maintain_order=True)
        described = replace(
            self.first,
            series=series,
            attributes=self.attributes,
            partial={key: join_frames(frames).unique(maintain_order=True) for key, frames in self.partial.items()},
        )
        stored, withheld = self._write(described, names, with_confidential=with_confidential)
        reduced = withheld > 0
        data = StoredData(
            flow=flow,
            file=self.folder / f"{self.name}.parquet",
            columns={name: self.schema[name] for name in names},
            count=stored,
            series=self._reduce(series, flow.structure.series_key) if reduced else series,
            attributes=self.attributes,
            partial={key: self._reduce(frame, key) if reduced else frame for key, frame in described.partial.items()},
            annotations=tuple(self.annotations),
            reports=pl.concat(self.reports) if self.reports and not reduced else None,
            refers_to=self.first.refers_to,
            withheld=withheld,
        )
        return replace(data, listed=collect_values(data))

    def _write(self, described: Dataset, names: Sequence[str], *, with_confidential: bool) -> tuple[int, int]:
        counted: list[int] = []
        target = self.folder / f"{self.name}.parquet"
        parts: list[Path] = []
        for number, path in enumerate(self.files):
            frame = pl.read_parquet(path)
            missing = [pl.lit(None, self.schema[name]).alias(name) for name in names if name not in frame.columns]
            frame = frame.with_columns(missing).select(pl.col(name).cast(self.schema[name]) for name in names)
            kept_back = None if with_confidential else mark_confidential(replace(described, observations=frame))
            shown = frame if kept_back is None else frame.filter(~kept_back)
            counted += [shown.height, frame.height - shown.height]
            part = self.folder / f"{self.name}-{number}.part.parquet"
            sort_by_time(shown, described.flow.structure).write_parquet(part)
            path.unlink()
            parts.append(part)
        if parts:
            pl.scan_parquet(parts).sink_parquet(target, row_group_size=ROWS_PER_PIECE, maintain_order=True)
        for part in parts:
            part.unlink()
        return sum(counted[::2]), sum(counted[1::2])

    def _reduce(self, frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
        if not frame.width or not key:
            return frame
        path = self.folder / f"{self.name}.parquet"
        left = pl.scan_parquet(path).select(key).unique().collect()
        return frame.join(left, on=list(key), how="semi", nulls_equal=True, maintain_order="left")


def collect_values(data: StoredData) -> dict[str, list[str]] | None:
    structure = data.flow.structure
    frames = [data.series, *data.partial.values()]
    kinds = [*data.columns.values(), *(kind for frame in frames for kind in frame.schema.values())]
    if data.annotations or data.reports is not None or any(isinstance(kind, pl.List) for kind in kinds):
        return None
    if not data.count or not is_in_series(data):
        return None
    values: dict[str, list[str]] = {}
    for component in structure.components:
        if component.role not in ("dimension", "time") and not component.is_coded:
            continue
        known = set(data.values(component.id)) if component.id in data.columns else set()
        known |= {data.attributes[component.id]} if component.id in data.attributes else set()
        for frame in frames:
            known |= set(frame.get_column(component.id).drop_nulls()) if component.id in frame.columns else set()
        values[component.id] = sorted(known)
    return values


def is_in_series(data: StoredData) -> bool:
    key = [name for name in data.flow.structure.series_key if name in data.columns]
    if not key:
        return False
    starts, last = 0, pl.DataFrame()
    seen: list[pl.DataFrame] = []
    for _, rows in data.pieces():
        keys = rows.select(key).collect()
        with_last = pl.concat([last, keys]) if last.height else keys
        changed = with_last.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in key))
        runs = with_last.filter(changed.to_series() | (pl.int_range(with_last.height, eager=True) == 0))
        runs = runs.slice(1) if last.height else runs
        starts += runs.height
        seen.append(runs)
        last = keys.tail(1)
    return starts == pl.concat(seen).unique().height


def sort_by_time(observations: pl.DataFrame, structure: DataStructure) -> pl.DataFrame:
    key = [name for name in structure.series_key if name in observations.columns]
    if structure.time is None or structure.time.id not in observations.columns:
        return observations
    time = observations.get_column(structure.time.id)
    days = {period: find_first_day(period) for period in time.drop_nulls().unique()}
    order = time.replace_strict(list(days), list(days.values()), default=None, return_dtype=pl.Int64)
    changed = [pl.col(name).ne_missing(pl.col(name).shift(1)) for name in key] or [pl.lit(value=False)]
    runs = observations.select(pl.any_horizontal(changed).cum_sum().alias("run")).to_series()
    runs = runs if runs.len() == observations.height else pl.repeat(0, observations.height, eager=True)
    place = pl.DataFrame({"run": runs, "day": order}).with_row_index().sort("run", "day", maintain_order=True)
    return observations[place.get_column("index")]


def select_plain(frame: pl.DataFrame) -> pl.DataFrame:
    coded = [name for name, kind in frame.schema.items() if isinstance(kind, (pl.Categorical, pl.Enum))]
    return frame.with_columns(pl.col(coded).cast(pl.String)) if coded else frame


def join_frames(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    wide = [frame for frame in frames if frame.width]
    return pl.concat(wide, how="diagonal_relaxed") if wide else pl.DataFrame()


ROW_COLUMN = "#row"
ALL_DIMENSIONS = "*"
SERIES_KEY = "series_key"


@dataclass(slots=True, eq=False)
class Selection:
    """A selection by column conditions and tables. `on_key` excludes time; `is_partial` means limited."""

    condition: pl.Expr = field(default_factory=lambda: pl.lit(value=True))
    tables: list[tuple[list[str], pl.DataFrame]] = field(default_factory=list)
    on_key: list[tuple[str, pl.Expr]] = field(default_factory=list)
    is_partial: bool = False

    def of(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        chosen = rows.filter(self.condition) if self.is_partial else rows
        for key, table in self.tables:
            chosen = chosen.join(table.lazy(), on=key, how="semi", nulls_equal=True, maintain_order="left")
        return chosen

    def around(self, frame: pl.DataFrame) -> pl.DataFrame:
        conditions = [condition for name, condition in self.on_key if name in frame.columns]
        return frame.filter(*conditions) if conditions and frame.height else frame


def build_row_selection(data: StoredData, request: DataRequest) -> Selection:
    structure = data.flow.structure
    selection = Selection()
    conditions: list[pl.Expr] = []
    if request.keys:
        conditions += filter_by_keys(structure, request, selection)
    periods = list(build_period_filters(structure, request))
    for wanted in request.filters:
        component = find_component(structure, wanted.component)
        if component.role == "time":
            periods.append(wanted)
        else:
            conditions += filter_by_component(data, component, wanted, selection)
    if periods and structure.time and structure.time.id in data.columns:
        time = structure.time.id
        fitting = select_periods(data.values(time), periods, request.year_start)
        conditions.append(pl.col(time).is_in(fitting))
    if conditions:
        selection.condition = reduce(operator.and_, conditions)
    selection.is_partial = bool(conditions or selection.tables)
    return selection


def find_component(structure: DataStructure, name: str) -> Component:
    if name not in structure:
        names = [component.id for component in structure.components]
        raise wrong(f"{structure.ref.short} has no component {name}.", did_you_mean(name, names))
    return structure[name]


def filter_by_keys(structure: DataStructure, request: DataRequest, selection: Selection) -> list[pl.Expr]:
    names = structure.series_key
    for key in request.keys:
        if len(key) > len(names) or (request.is_whole_key and len(key) != len(names)):
            hint = f"Write {'.'.join(names)}."
            raise wrong(f"A key of {structure.ref.short} has {len(names)} parts, but this has {len(key)}.", hint)
    if len(request.keys) == 1:
        named = zip(names, request.keys[0], strict=False)
        parts = [(name, pl.col(name).is_in(list(codes))) for name, codes in named if codes]
        selection.on_key += parts
        return [condition for _, condition in parts]
    return [reduce(operator.or_, [fits_key(names, key) for key in request.keys])]


def fits_key(names: Sequence[str], key: Key) -> pl.Expr:
    parts = [pl.col(name).is_in(list(codes)) for name, codes in zip(names, key, strict=False) if codes]
    return reduce(operator.and_, parts, pl.lit(value=True))


def build_period_filters(structure: DataStructure, request: DataRequest) -> Iterator[Filter]:
    if any(request.periods) and structure.time is None:
        raise wrong(f"{structure.ref.short} has no time dimension.", "Remove startPeriod and endPeriod.")
    for word, period in zip(("ge", "le"), request.periods, strict=True):
        if period and find_bounds(period) is None:
            raise wrong(f"“{period}” is not a period.", "Write it as 2026, 2026-Q1, 2026-01 or 2026-01-31.")
        if period and structure.time:
            yield Filter(structure.time.id, ((Condition(word, period),),))


def filter_by_component(data: StoredData, component: Component, wanted: Filter, selection: Selection) -> list[pl.Expr]:
    """Return the condition of a component filter, or add its table, at any attachment level."""
    name = component.id
    if name in data.columns:
        condition = build_filter(pl.col(name), data.columns[name], component, wanted)
        if component.role == "dimension":
            selection.on_key.append((name, condition))
        return [condition]
    frames = [
        (list(data.flow.structure.series_key), data.series),
        *((list(key), rows) for key, rows in data.partial.items()),
    ]
    for key, frame in frames:
        if name in frame.columns:
            fitting = frame.filter(build_filter(pl.col(name), frame.schema[name], component, wanted))
            if not key:
                return [pl.lit(value=bool(fitting.height))]
            selection.tables.append((key, fitting.select(key)))
            return []
    alone = pl.DataFrame({name: [data.attributes.get(name)]}, schema={name: pl.String})
    passes = alone.filter(build_filter(pl.col(name), pl.String(), component, wanted)).height
    return [pl.lit(value=bool(passes))]


def number_observations(data: StoredData, request: DataRequest, selection: Selection) -> pl.Series | None:
    asks_some = request.offset or request.limit is not None
    asks_order = request.sort or request.first or request.last
    if not asks_some and not asks_order:
        return None
    structure = data.flow.structure
    order = list(sort_columns(data, request))
    names = list(dict.fromkeys((*structure.key, *(name for name, _ in order)))) if asks_order else []
    if asks_order and data.count > MAX_ORDERED:
        count = int(selection.of(data.scan()).select(pl.len()).collect().item())
        if count > MAX_ORDERED:
            what = f"Of {data.flow.id} {count:,} observations are meant, and at most {MAX_ORDERED:,} are put in order."
            raise too_large(what, "Ask for fewer with a key or with periods, or for all as they come.")
    chosen = selection.of(data.scan().with_row_index(ROW_COLUMN)).select(ROW_COLUMN, *names).collect()
    if request.first or request.last:
        chosen = chosen.filter(pl.col(ROW_COLUMN).is_in(select_series_ends(data, request, chosen).implode()))
    if order:
        columns = [build_sort_column(data, chosen, name) for name, _ in order]
        chosen = chosen.with_columns(column.alias(f"#{place}") for place, column in enumerate(columns)).sort(
            [f"#{place}" for place in range(len(order))],
            descending=[is_down for _, is_down in order],
            maintain_order=True,
        )
    limit = request.limit if request.limit is not None else chosen.height
    return chosen.get_column(ROW_COLUMN).slice(request.offset, limit)


def select_series_ends(data: StoredData, request: DataRequest, chosen: pl.DataFrame) -> pl.Series:
    structure = data.flow.structure
    if structure.time is None:
        raise impossible(f"{structure.ref.short} has no time dimension, so that no observation is first or last.")
    ordered = chosen.with_columns(build_sort_column(data, chosen, structure.time.id).alias("#time"))
    place = pl.col("#time").rank("ordinal")
    count = pl.len()
    key = list(structure.series_key)
    places = ordered.with_columns(
        (place.over(key) if key else place).alias("#place"), (count.over(key) if key else count).alias("#count")
    )
    wanted = pl.lit(value=False)
    if request.first:
        wanted = wanted | (pl.col("#place") <= request.first)
    if request.last:
        wanted = wanted | (pl.col("#place") > pl.col("#count") - request.last)
    return places.filter(wanted).get_column(ROW_COLUMN)


def sort_columns(data: StoredData, request: DataRequest) -> Iterator[tuple[str, bool]]:
    structure = data.flow.structure
    at_observation = request.at_observation or structure.time_id or "AllDimensions"
    for name, is_down in request.sort:
        if name == ALL_DIMENSIONS:
            yield from ((dimension, is_down) for dimension in structure.key)
        elif name == SERIES_KEY and at_observation != "AllDimensions":
            yield from ((dimension, is_down) for dimension in structure.key if dimension != at_observation)
        else:
            find_component(structure, name)
            if name not in data.columns or isinstance(data.columns[name], pl.List):
                hint = "Sort by dimensions, measures or attributes of observations."
                raise impossible(f"The observations of {data.flow.id} cannot be sorted by {name}.", hint)
            yield name, is_down


def build_sort_column(data: StoredData, chosen: pl.DataFrame, name: str) -> pl.Series:
    column = chosen.get_column(name)
    component = data.flow.structure[name]
    if component.role != "time":
        return column.cast(pl.Float64, strict=False) if is_number(component) else column
    days = {value: find_first_day(value) for value in column.drop_nulls().unique()}
    return column.replace_strict(list(days), list(days.values()), default=None, return_dtype=pl.Int64)


def read_pieces(data: StoredData, request: DataRequest, selection: Selection) -> Iterator[pl.DataFrame]:
    numbers = number_observations(data, request, selection)
    if numbers is None:
        for _, rows in data.pieces():
            yield selection.of(rows).collect()
        return
    if request.sort:
        whole = (
            data.scan().with_row_index(ROW_COLUMN).filter(pl.col(ROW_COLUMN).is_in(numbers.sort().implode())).collect()
        )
        places = pl.DataFrame({ROW_COLUMN: numbers.cast(whole.schema[ROW_COLUMN])})
        for part in places.iter_slices(ROWS_PER_PIECE):
            yield part.join(whole, on=ROW_COLUMN, how="left", maintain_order="left").drop(ROW_COLUMN)
        return
    ascending = numbers.sort()
    for start, rows in data.pieces():
        inside = ascending.filter((ascending >= start) & (ascending < start + ROWS_PER_PIECE))
        if inside.len():
            yield rows.collect()[(inside - start).to_list()]


COMPARISONS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
NEGATIONS = {"ne": "eq", "nc": "co"}
"""Operators that are true where the other one is false or the value is missing."""
TEXT_TYPE = pl.List(pl.Struct({"language": pl.String, "text": pl.String}))


def is_number(component: Component) -> bool:
    return component.is_numeric and not component.is_coded


def build_filter(column: pl.Expr, kind: pl.DataType, component: Component, wanted: Filter) -> pl.Expr:
    choices = [
        reduce(operator.and_, [build_condition(column, kind, component, condition) for condition in conditions])
        for conditions in wanted.choices
    ]
    return reduce(operator.or_, choices)


def build_condition(column: pl.Expr, kind: pl.DataType, component: Component, condition: Condition) -> pl.Expr:
    positive = Condition(NEGATIONS.get(condition.operator, condition.operator), condition.value)
    if isinstance(kind, pl.List):
        element = pl.element().struct.field("text") if kind == TEXT_TYPE else pl.element()
        fits = column.list.eval(compare_value(element, component, positive)).list.any()
    else:
        fits = compare_value(column, component, positive)
    fits = fits.fill_null(value=False)
    return ~fits if condition.operator in NEGATIONS else fits


def compare_value(column: pl.Expr, component: Component, condition: Condition) -> pl.Expr:
    value = condition.value
    match condition.operator:
        case "co":
            return column.str.contains(value, literal=True)
        case "sw":
            return column.str.starts_with(value)
        case "ew":
            return column.str.ends_with(value)
        case "eq":
            same = column == value
            number = parse_number(value) if is_number(component) else None
            return same if number is None else same | (column.cast(pl.Float64, strict=False) == number)
    if not is_number(component):
        return COMPARISONS[condition.operator](column, pl.lit(value))
    number = parse_number(value)
    if number is None:
        raise wrong(f"“{value}” is not a number, but {component.id} has numbers.")
    return COMPARISONS[condition.operator](column.cast(pl.Float64, strict=False), pl.lit(number))


def parse_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def select_periods(values: Iterable[str], wanted: Sequence[Filter], year_start: str) -> list[str]:
    return [value for value in values if all(is_period_within(value, each, year_start) for each in wanted)]


def is_period_within(period: str, wanted: Filter, year_start: str) -> bool:
    return any(
        all(is_condition_met(period, condition, year_start) for condition in choice) for choice in wanted.choices
    )


def is_condition_met(period: str, condition: Condition, year_start: str) -> bool:
    """Check whether a period satisfies a condition by its first and last day; raise `QueryError` if invalid."""
    value = condition.value
    match condition.operator:
        case "eq" | "ne":
            same = period == value or (
                find_bounds(period) is not None and find_bounds(period) == find_bounds(value, year_start)
            )
            return same is (condition.operator == "eq")
        case "co" | "nc":
            return (value in period) is (condition.operator == "co")
        case "sw":
            return period.startswith(value)
        case "ew":
            return period.endswith(value)
    limits, there = find_bounds(value, year_start), find_bounds(period)
    if limits is None:
        raise wrong(f"“{value}” is not a period.", "Write it as 2026, 2026-Q1, 2026-01 or 2026-01-31.")
    return there is not None and is_beyond(there, limits, condition.operator)


def is_beyond(there: Bounds, limits: Bounds, word: str) -> bool:
    if word == "ge":
        return there[0] >= limits[0]
    if word == "le":
        return there[1] <= limits[1]
    return there[0] > limits[1] if word == "gt" else there[1] < limits[0]
