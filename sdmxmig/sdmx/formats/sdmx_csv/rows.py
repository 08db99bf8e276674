"""Rows of a dataset by kind, reference metadata in them, and attributes of series spread over observations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

import polars as pl

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.dataset_notes import REPORT, SET, Attributes, reports_frame, unpacked
from sdmxmig.sdmx.formats.metadata_paths import ORDER, Branch, plain
from sdmxmig.sdmx.formats.sdmx_csv.columns import FIXED, LABEL, STRUCTURE, TableHeader, components
from sdmxmig.sdmx.formats.sdmx_csv.metadata_columns import (
    Column,
    NoTextError,
    attribute_column,
    attributes_of,
    cell_of,
    columns_of,
)
from sdmxmig.sdmx.formats.shapes import kind_of
from sdmxmig.sdmx.frames import first_of_runs, first_repeated, origins_frame
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.references import Ref

ROW = "#row"
"""The column with the record number in a piece, so that faults can name the line."""

Refuse = Callable[[str, str, int], None]
Dims = tuple[str, ...]


def any_filled(names: Iterable[str]) -> pl.Expr:
    columns = list(names)
    return pl.any_horizontal(pl.col(columns).is_not_null()) if columns else pl.lit(value=False)


def all_filled(names: Iterable[str]) -> pl.Expr:
    columns = list(names)
    return pl.all_horizontal(pl.col(columns).is_not_null()) if columns else pl.lit(value=True)


def as_text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(slots=True)
class DatasetRows:
    """Rows with the columns of a structure (empty ones may be absent) and the column ROW.

    `refuse` receives contradictory attribute values.
    """

    flow: Flow
    frame: pl.DataFrame
    _: KW_ONLY
    refuse: Refuse

    def __post_init__(self) -> None:
        structure = self.flow.structure
        self.frame = self.frame.select(
            name
            for name in self.frame.columns
            if name == ROW or name in structure.key or self.frame[name].null_count() < self.frame.height
        )

    def of_reach(self) -> dict[Dims, list[str]]:
        names_by_dims: dict[Dims, list[str]] = {}
        for attribute in self.flow.structure.attributes():
            if attribute.attachment != "observation" and attribute.id in self.frame.columns:
                names_by_dims.setdefault(self.flow.structure.described_by(attribute), []).append(attribute.id)
        return names_by_dims

    def dataset(self, action: str, refers: Ref | None, *, continues: bool, previous: Dataset | None) -> Dataset:
        """Build the block of a dataset from rows.

        Attributes from the block `previous` still apply to the dataset and its last series.
        """
        structure = self.flow.structure
        key = structure.series_key
        levels = self.of_reach()
        whole = levels.pop((), [])
        of_series = [component.id for component in structure.attributes("series") if component.id in self.frame.columns]
        parts = {dims: [name for name in names if name not in of_series] for dims, names in levels.items()}
        parts = {dims: names for dims, names in parts.items() if names}
        observed, series, wide = self._sorted(parts, of_series, whole)
        partial = {dims: self._part(dims, names) for dims, names in parts.items()}
        if wide.height:
            open_key = self._merged(wide, key, of_series)
            partial[key] = pl.concat([partial[key], open_key], how="diagonal") if key in partial else open_key
        attributes, several = self._whole(whole, previous)
        if several.width:
            partial[()] = several
        own_of_series = [*key, *(component.id for component in structure.attributes("series"))]
        observation_components = [*structure.measures, *structure.attributes("observation")]
        return Dataset(
            self.flow,
            self._shaped(observed, [*structure.key, *(component.id for component in observation_components)]),
            series=self._shaped(self._series(series, of_series, previous), own_of_series),
            attributes=attributes,
            origins=origins_frame(),
            action=action,
            partial=partial,
            refers_to=refers,
            continues=continues,
        )

    def _sorted(
        self, parts: dict[Dims, list[str]], of_series: list[str], whole: list[str]
    ) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Separate observations, series rows and rows about several series.

        A row is an observation if it has a measure or observation attribute, or a period (or whole key) and does not
        describe a key part.
        """
        structure, frame = self.flow.structure, self.frame
        key = structure.series_key
        values = [c.id for c in (*structure.measures, *structure.attributes("observation")) if c.id in frame.columns]
        if any(frame[name].null_count() == 0 for name in values):
            return frame, frame, frame.clear()
        described = any_filled(name for names in parts.values() for name in names)
        all_described = any_filled(parts.get(structure.key, ()))
        timed = pl.col(structure.time.id).is_not_null() if structure.time else pl.lit(value=False)
        is_observed = any_filled(values) | (all_filled(structure.key) & ~all_described) | (timed & ~described)
        bare = ~(any_filled(of_series) | described | any_filled(whole))
        is_series = all_filled(key) & (any_filled(of_series) | ~described) | (bare & any_filled(key))
        is_wide = ~is_observed & any_filled(of_series) & ~all_filled(key)
        return frame.filter(is_observed), frame.filter(is_observed | is_series), frame.filter(is_wide)

    def _series(self, rows: pl.DataFrame, names: list[str], previous: Dataset | None) -> pl.DataFrame:
        """Return each series once with its attributes, continuing the last one of the previous block."""
        key = self.flow.structure.series_key
        heads = distinct(rows, [*key, *names])
        if previous is not None and heads.height and previous.observations.height and previous.series.height and key:
            last_key = previous.observations.tail(1).select(key)
            last_series = previous.series.join(last_key, on=list(key), how="semi", nulls_equal=True)
            if last_series.select(key).equals(heads.head(1).select(key)):
                last_series = last_series.select(
                    name for name in last_series.columns if last_series[name].null_count() == 0 or name in key
                )
                heads = pl.concat([last_series, heads], how="diagonal")
        return self._merged(heads, key, names)

    def _part(self, dims: Dims, names: list[str]) -> pl.DataFrame:
        rows = self.frame.filter(any_filled(names))
        return self._shaped(self._merged(rows, dims, names), [*dims, *names])

    def _whole(self, names: list[str], previous: Dataset | None) -> tuple[dict[str, str], pl.DataFrame]:
        """Return the attributes of the dataset: single texts, and a frame of one row for others."""
        rows = self.frame.filter(any_filled(names)) if names else self.frame.clear()
        frame = self._merged(rows, (), names).head(1)
        attributes = dict(previous.attributes) if previous else {}
        for name in names:
            if frame.schema[name] == pl.String:
                value = frame[name][0]
                if attributes.setdefault(name, value) != value:
                    self._refuse_other(name, rows, pl.lit(attributes[name]))
        several = [name for name in names if frame.schema[name] != pl.String]
        return attributes, frame.select(several)

    def _merged(self, rows: pl.DataFrame, key: Dims, names: list[str]) -> pl.DataFrame:
        heads = distinct(rows, [*key, *names])
        one_each, twice = merged(heads, key)
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
            self.refuse(name, as_text(value), row)

    def _shaped(self, frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
        kinds = {component.id: kind_of(component) for component in components(self.flow.structure)}
        absent = [pl.lit(None, kinds[name]).alias(name) for name in names if name not in frame.columns]
        return frame.with_columns(absent).select(names)


def distinct(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return (
        frame.select(names).filter(first_of_runs(frame, names)).unique(maintain_order=True) if names else frame.select()
    )


def spread_over(
    observations: pl.DataFrame, series: pl.DataFrame, key: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return observations with the attributes of their series, and series without observations."""
    if not series.height or not observations.height:
        return observations, series
    if not key:
        given_names = [name for name in series.columns if series[name].null_count() < series.height]
        repeated_columns = [first_repeated(series[name], observations.height) for name in given_names]
        return observations.with_columns(repeated_columns), series.clear()
    is_first = first_of_runs(observations, key)
    heads = observations.filter(is_first).select(key)
    silent = series.join(heads, on=list(key), how="anti", nulls_equal=True, maintain_order="left")
    given_names = [name for name in series.columns if name not in key and series[name].null_count() < series.height]
    if given_names:
        attributes_of_series = series.select(*key, *given_names)
        attributes = heads.join(attributes_of_series, on=list(key), how="left", nulls_equal=True, maintain_order="left")
        numbers = is_first.cast(pl.UInt32).cum_sum() - 1
        observations = observations.with_columns(attributes[name].gather(numbers) for name in given_names)
    return observations, silent


def merged(frame: pl.DataFrame, key: Sequence[str]) -> tuple[pl.DataFrame, str]:
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


def reported_columns(header: TableHeader, structure: DataStructure) -> list[Column]:
    """Find the columns of reference metadata attributes: those that the structure uses and nested paths.

    If it names a metadata structure, also columns with brackets that are not components.

    Raises `InputError` like `attribute_column`.
    """
    if STRUCTURE not in header:
        return []
    used = {component.id for component in structure.of_role("metadata")}
    component_columns = {column.index for column in header.columns.values()}
    columns = []
    for index, text in enumerate(header.texts):
        named = text.partition(LABEL)[0]
        top, bracket, _ = named.partition("[")
        is_loose = bool(bracket) and structure.metadata is not None
        if index in component_columns or not ("." in named or top in used or is_loose):
            continue
        column = attribute_column(text, index, inner=header.inner, first=STRUCTURE, place=header.place(index))
        if column is not None:
            columns.append(column)
    return columns


def reports_in(
    rows: pl.DataFrame,
    keys: pl.DataFrame,
    columns: Sequence[Column],
    header: TableHeader,
    structure: DataStructure,
    refuse: Callable[[Column, str, int], None],
) -> pl.DataFrame | None:
    """Collect what rows report, once per key part; None if there is nothing.

    `keys` are the dimensions of the rows. An attribute that the structure uses describes the dimensions declared there;
    others describe all dimensions of the row. `refuse` receives unreadable fields with their row.
    """
    frames = []
    for dims, part_columns in parts_of(columns, structure).items():
        fields = [str(column.index) for column in part_columns]
        named = keys.select(dims)
        together = pl.concat([named, rows.select(fields)], how="horizontal").with_row_index("#at")
        reporting = together.filter(pl.any_horizontal(pl.col(fields).is_not_null()))
        once = reporting.unique(subset=[*dims, *fields], maintain_order=True)
        if not once.height:
            continue
        reports: list[Attributes] = []
        for at, *cells in once.select("#at", *fields).iter_rows():
            filled = [(column, cell) for column, cell in zip(part_columns, cells, strict=True) if cell is not None]
            try:
                reports.append(attributes_of(filled, header.inner))
            except NoTextError as error:
                refuse(part_columns[0], str(error), at)
                reports.append(())
        frame = reports_frame(once.select(dims), reports, structure.key)
        frames.append(frame.filter(pl.Series([bool(attributes) for attributes in reports], dtype=pl.Boolean)))
    return pl.concat(frames) if frames else None


def merely_reporting(
    rows: pl.DataFrame, frame: pl.DataFrame, columns: Sequence[Column], structure: DataStructure
) -> pl.Series:
    has_report = rows.select(
        pl.any_horizontal(pl.col(str(column.index)).is_not_null() for column in columns)
    ).to_series()
    others = [name for name in frame.columns if name in structure and name not in structure.key]
    if not others:
        return has_report
    return has_report & ~frame.select(pl.any_horizontal(pl.col(others).is_not_null())).to_series()


def parts_of(columns: Sequence[Column], structure: DataStructure) -> dict[tuple[str, ...], list[Column]]:
    used = {component.id: component for component in structure.of_role("metadata")}
    columns_by_part: dict[tuple[str, ...], list[Column]] = {}
    for column in columns:
        usage = used.get(column.path[0])
        dims = structure.described_by(usage) if usage is not None and usage.attachment else structure.key
        columns_by_part.setdefault(dims, []).append(column)
    return columns_by_part


@dataclass(slots=True)
class ReportRows:
    """The reports of datasets, kept until their columns are known at the end."""

    rows: list[tuple[list[str | None], dict[str, str | None], Attributes]] = field(default_factory=list)
    tree: Branch = field(default_factory=Branch)
    _: KW_ONLY
    loose: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, block: Dataset, leading: Sequence[list[str | None]]) -> None:
        named_rows = block.reports.iter_rows(named=True) if block.reports is not None else ()
        for first_fields, row in zip(leading, named_rows, strict=True):
            attributes = plain(unpacked(row.pop(REPORT)))
            row.pop(SET)  # no place for it, which is reported (`says_nothing_of_sets`)
            self.loose |= {(name,) for name in loose_columns(attributes, block.flow.structure)}
            self.rows.append((first_fields, row, attributes))
            self.tree.add(attributes)

    def table(self, names: Sequence[str], inner: str) -> pl.DataFrame:
        """Return all rows under the structure's columns `names` and the attribute columns.

        Raises `SdmxmigError` if they could not be read back.
        """
        columns = self.columns
        table_rows = []
        for leading, key, attributes in self.rows:
            cells = [cell_of(attributes, column, inner) for column in columns]
            filled = [(column, cell) for column, cell in zip(columns, cells, strict=True) if cell is not None]
            if not same(attributes, filled, inner):
                first_id = attributes[0].id if attributes else ""
                part = ".".join(value or "*" for value in key.values())
                raise SdmxmigError(f"SDMX-CSV cannot hold the attributes from {first_id} on for {part}.", hint=ORDER)
            table_rows.append([*leading, *(key.get(name) for name in names), *cells])
        width = len(table_rows[0]) if table_rows else 0
        return pl.DataFrame(table_rows, schema={str(index): pl.String for index in range(width)}, orient="row")

    @property
    def columns(self) -> list[Column]:
        return [
            replace(column, many=(True,)) if column.languages is None and column.path in self.loose else column
            for column in columns_of(self.tree)
        ]


def loose_columns(attributes: Attributes, structure: DataStructure) -> set[str]:
    """Find the top-level attribute columns that the structure does not use.

    Raises `SdmxmigError` for a name that would be misread.
    """
    used = {component.id for component in structure.of_role("metadata")}
    column_ids = {
        attribute.id for attribute in attributes if attribute.values or attribute.text or attribute.structured
    } - used
    for name in sorted(column_ids):
        if name in FIXED or name in structure:
            hint = "Send the reference metadata as a message of their own."
            raise SdmxmigError(f"The reported attribute {name} is also a column of the data.", hint=hint)
        if structure.metadata is None:
            message = f"{name} is not an attribute that {structure.ref.short} uses, and it names no metadata structure"
            raise SdmxmigError(
                f"{message}: SDMX-CSV has no column for it.", hint="Put it below a heading, or send it alone."
            )
    return column_ids


def same(attributes: Attributes, filled: Sequence[tuple[Column, str]], inner: str) -> bool:
    try:
        return attributes_of(filled, inner) == attributes
    except NoTextError:
        return False
