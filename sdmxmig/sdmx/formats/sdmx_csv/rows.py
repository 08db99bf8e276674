"""Rows of a dataset by kind, and attributes of series spread over observations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from sdmxmig.sdmx.formats.sdmx_csv.columns import list_components
from sdmxmig.sdmx.formats.shapes import choose_type
from sdmxmig.sdmx.frames import build_origins, find_first_repeated, mark_run_starts
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.references import Ref

ROW = "#row"
"""The column with the record number in a piece, so that faults can name the line."""

Refuse = Callable[[str, str, int], None]
Dims = tuple[str, ...]


def has_any_filled(names: Iterable[str]) -> pl.Expr:
    columns = list(names)
    return pl.any_horizontal(pl.col(columns).is_not_null()) if columns else pl.lit(value=False)


def has_all_filled(names: Iterable[str]) -> pl.Expr:
    columns = list(names)
    return pl.all_horizontal(pl.col(columns).is_not_null()) if columns else pl.lit(value=True)


def format_value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(slots=True, kw_only=True)
class DatasetRows:
    """Rows with the columns of a structure (empty ones may be absent) and the column ROW.

    `refuse` receives contradictory attribute values.
    """

    flow: Flow
    frame: pl.DataFrame
    refuse: Refuse

    def __post_init__(self) -> None:
        structure = self.flow.structure
        self.frame = self.frame.select(
            name
            for name in self.frame.columns
            if name == ROW or name in structure.key or self.frame[name].null_count() < self.frame.height
        )

    def group_by_reach(self) -> dict[Dims, list[str]]:
        names_by_dims: dict[Dims, list[str]] = {}
        for attribute in self.flow.structure.attributes():
            if attribute.attachment != "observation" and attribute.id in self.frame.columns:
                names_by_dims.setdefault(self.flow.structure.list_described(attribute), []).append(attribute.id)
        return names_by_dims

    def dataset(self, action: str, refers: Ref | None, *, continues: bool, previous: Dataset | None) -> Dataset:
        """Build the block of a dataset; attributes of the block `previous` still apply to it and its last series."""
        structure = self.flow.structure
        key = structure.series_key
        levels = self.group_by_reach()
        whole = levels.pop((), [])
        of_series = [component.id for component in structure.attributes("series") if component.id in self.frame.columns]
        parts = {dims: [name for name in names if name not in of_series] for dims, names in levels.items()}
        parts = {dims: names for dims, names in parts.items() if names}
        observed, series, wide = self._sort_parts(parts, of_series, whole)
        partial = {dims: self._select_part(dims, names) for dims, names in parts.items()}
        if wide.height:
            open_key = self._merge(wide, key, of_series)
            partial[key] = pl.concat([partial[key], open_key], how="diagonal") if key in partial else open_key
        attributes, several = self._collect_whole(whole, previous)
        if several.width:
            partial[()] = several
        own_of_series = [*key, *(component.id for component in structure.attributes("series"))]
        observation_components = [*structure.measures, *structure.attributes("observation")]
        return Dataset(
            self.flow,
            self._shape_frame(observed, [*structure.key, *(component.id for component in observation_components)]),
            series=self._shape_frame(self._select_series(series, of_series, previous), own_of_series),
            attributes=attributes,
            origins=build_origins(),
            action=action,
            partial=partial,
            refers_to=refers,
            continues=continues,
        )

    def _sort_parts(
        self, parts: dict[Dims, list[str]], of_series: list[str], whole: list[str]
    ) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Separate observations, series rows and rows about several series, by the components that they fill."""
        structure, frame = self.flow.structure, self.frame
        key = structure.series_key
        values = [c.id for c in (*structure.measures, *structure.attributes("observation")) if c.id in frame.columns]
        if any(frame[name].null_count() == 0 for name in values):
            return frame, frame, frame.clear()
        described = has_any_filled(name for names in parts.values() for name in names)
        all_described = has_any_filled(parts.get(structure.key, ()))
        timed = pl.col(structure.time.id).is_not_null() if structure.time else pl.lit(value=False)
        is_observed = has_any_filled(values) | (has_all_filled(structure.key) & ~all_described) | (timed & ~described)
        bare = ~(has_any_filled(of_series) | described | has_any_filled(whole))
        is_series = has_all_filled(key) & (has_any_filled(of_series) | ~described) | (bare & has_any_filled(key))
        is_wide = ~is_observed & has_any_filled(of_series) & ~has_all_filled(key)
        return frame.filter(is_observed), frame.filter(is_observed | is_series), frame.filter(is_wide)

    def _select_series(self, rows: pl.DataFrame, names: list[str], previous: Dataset | None) -> pl.DataFrame:
        key = self.flow.structure.series_key
        heads = drop_duplicates(rows, [*key, *names])
        if previous is not None and heads.height and previous.observations.height and previous.series.height and key:
            last_key = previous.observations.tail(1).select(key)
            last_series = previous.series.join(last_key, on=list(key), how="semi", nulls_equal=True)
            if last_series.select(key).equals(heads.head(1).select(key)):
                last_series = last_series.select(
                    name for name in last_series.columns if last_series[name].null_count() == 0 or name in key
                )
                heads = pl.concat([last_series, heads], how="diagonal")
        return self._merge(heads, key, names)

    def _select_part(self, dims: Dims, names: list[str]) -> pl.DataFrame:
        rows = self.frame.filter(has_any_filled(names))
        return self._shape_frame(self._merge(rows, dims, names), [*dims, *names])

    def _collect_whole(self, names: list[str], previous: Dataset | None) -> tuple[dict[str, str], pl.DataFrame]:
        """Return the attributes of the dataset: single texts, and a frame of one row for others."""
        rows = self.frame.filter(has_any_filled(names)) if names else self.frame.clear()
        frame = self._merge(rows, (), names).head(1)
        attributes = dict(previous.attributes) if previous else {}
        for name in names:
            if frame.schema[name] == pl.String:
                value = frame[name][0]
                if attributes.setdefault(name, value) != value:
                    self._refuse_other(name, rows, pl.lit(attributes[name]))
        several = [name for name in names if frame.schema[name] != pl.String]
        return attributes, frame.select(several)

    def _merge(self, rows: pl.DataFrame, key: Dims, names: list[str]) -> pl.DataFrame:
        heads = drop_duplicates(rows, [*key, *names])
        one_each, twice = merge_rows(heads, key)
        if twice:
            first_value = pl.col(twice).drop_nulls().first()
            self._refuse_other(twice, self.frame, first_value.over(list(key)) if key else first_value)
        return one_each

    def _refuse_other(self, name: str, rows: pl.DataFrame, expected: pl.Expr) -> None:
        given_rows = rows.filter(pl.col(name).is_not_null())
        differing = given_rows.filter(pl.col(name).ne_missing(expected))
        if not differing.height:
            differing = given_rows.head(1)
        for value, row in differing.select(name, ROW).iter_rows():
            self.refuse(name, format_value(value), row)

    def _shape_frame(self, frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
        kinds = {component.id: choose_type(component) for component in list_components(self.flow.structure)}
        absent = [pl.lit(None, kinds[name]).alias(name) for name in names if name not in frame.columns]
        return frame.with_columns(absent).select(names)


def drop_duplicates(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return (
        frame.select(names).filter(mark_run_starts(frame, names)).unique(maintain_order=True)
        if names
        else frame.select()
    )


def spread_over(
    observations: pl.DataFrame, series: pl.DataFrame, key: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    if not series.height or not observations.height:
        return observations, series
    if not key:
        given_names = [name for name in series.columns if series[name].null_count() < series.height]
        repeated_columns = [find_first_repeated(series[name], observations.height) for name in given_names]
        return observations.with_columns(repeated_columns), series.clear()
    is_first = mark_run_starts(observations, key)
    heads = observations.filter(is_first).select(key)
    silent = series.join(heads, on=list(key), how="anti", nulls_equal=True, maintain_order="left")
    given_names = [name for name in series.columns if name not in key and series[name].null_count() < series.height]
    if given_names:
        attributes_of_series = series.select(*key, *given_names)
        attributes = heads.join(attributes_of_series, on=list(key), how="left", nulls_equal=True, maintain_order="left")
        numbers = is_first.cast(pl.UInt32).cum_sum() - 1
        observations = observations.with_columns(attributes[name].gather(numbers) for name in given_names)
    return observations, silent


def merge_rows(frame: pl.DataFrame, key: Sequence[str]) -> tuple[pl.DataFrame, str]:
    """Merge rows with the same key, and name the column with contradictory values, if any."""
    names = [name for name in frame.columns if name not in key]
    if not names or frame.height <= 1 or (key and not frame.select(key).is_duplicated().any()):
        return frame, ""
    values = [pl.col(name).drop_nulls() for name in names]
    if key:
        groups = frame.group_by(key, maintain_order=True)
        counts, firsts = groups.agg(value.n_unique() for value in values), groups.agg(value.first() for value in values)
    else:
        counts, firsts = (
            frame.select(value.n_unique() for value in values),
            frame.select(value.first() for value in values),
        )
    twice = next((name for name in names if (counts[name] > 1).any()), "")
    return firsts.select(frame.columns), twice


def find_reporting_rows(
    rows: pl.DataFrame, frame: pl.DataFrame, reported: Iterable[int], structure: DataStructure
) -> pl.Series:
    """Mark the rows with reference metadata only, by the indices of its columns."""
    has_report = rows.select(has_any_filled(map(str, reported))).to_series()
    others = [name for name in frame.columns if name in structure and name not in structure.key]
    return has_report & ~frame.select(has_any_filled(others)).to_series()
