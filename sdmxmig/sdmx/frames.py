"""Polars frames in which codes stay text and rows keep their order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS, Dataset
from sdmxmig.sdmx.model.tables import KINDS

Origin = tuple[int, str, str, str, int, int]
FEW_ROWS, MANY_ROWS = 1_000, 10_000
"""Number of rows in which most values of a column occur."""
DEFINITIONS = ("RES_RULE", "DUR_BASIS", "REF_DATE", "STOCK_METHOD")
"""Attributes that state who is counted, and when. Figures that differ in one are not compared."""


def build_text_frame(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> pl.DataFrame:
    """Build a text frame with these columns; missing values are null.

    >>> build_text_frame(["SEX", "OBS_VALUE"], [{"SEX": "F"}]).rows()
    [('F', None)]
    """
    records = list(rows)
    return pl.DataFrame(
        {name: [row.get(name) for row in records] for name in columns}, schema=dict.fromkeys(columns, pl.String)
    )


def find_first_repeated(column: pl.Series, count: int) -> pl.Series:
    """Fill a column with its first value; null if it is empty.

    >>> import polars as pl
    >>> find_first_repeated(pl.Series("a", [["x", "y"], ["z"]]), 2).to_list()
    [['x', 'y'], ['x', 'y']]
    """
    return column.new_from_index(0, count) if column.len() else column.clear(count)


def join_attributes(
    dataset: Dataset, names: Collection[str] | None = None, *, observations: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return observations with the attributes of their series and dataset, at any level.

    `names` are the wanted attributes, all by default; null if unstated. `observations` are those of the dataset or a
    subset.
    """
    frame = dataset.observations if observations is None else observations
    of_parts = (name for keys, part in dataset.partial.items() for name in part.columns if name not in keys)
    stated = dict.fromkeys((*dataset.series.columns, *of_parts, *dataset.attributes))
    wanted = [name for name in stated if (names is None or name in names) and name not in frame.columns]
    keys = [name for name in dataset.flow.structure.series_key if name in {*frame.columns} & {*dataset.series.columns}]
    if keys:
        frame = add_found_columns(frame, dataset.series, keys, wanted)
    for dimensions, part in dataset.partial.items():
        for stated_dimensions, rows in split_by_stated_dimensions(part, dimensions):
            frame = add_found_columns(frame, rows, stated_dimensions, wanted)
    for name in dict.fromkeys((*wanted, *(names or ()))):
        value = pl.lit(dataset.attributes.get(name), dtype=pl.String)
        if name not in frame.columns:
            frame = frame.with_columns(value.alias(name))
        elif name in wanted and dataset.attributes.get(name):
            frame = frame.with_columns(pl.col(name).fill_null(value))
    return frame


def split_by_stated_dimensions(
    part: pl.DataFrame, dimensions: Sequence[str]
) -> Iterator[tuple[list[str], pl.DataFrame]]:
    """Divide the rows of a partial key by the dimensions that they state; null means any code."""
    if not dimensions:
        yield [], part
        return
    for pattern in part.select(pl.col(dimensions).is_null()).unique(maintain_order=True).iter_rows(named=True):
        rows = part.filter(pl.col(name).is_null() == is_open for name, is_open in pattern.items())
        yield [name for name, is_open in pattern.items() if not is_open], rows


def add_found_columns(
    frame: pl.DataFrame, rows: pl.DataFrame, keys: Sequence[str], wanted: Collection[str]
) -> pl.DataFrame:
    """Add the wanted columns of rows to a frame, from the first row with the same keys; keep filled cells."""
    names = [name for name in rows.columns if name in wanted and name not in keys]
    if not names or rows.is_empty():
        return frame
    text_keys = [pl.col(name).cast(pl.String) for name in keys] or [pl.repeat(0, pl.len()).alias("#")]
    on = list(keys) or ["#"]
    first = rows.select(*text_keys, *names).unique(on, keep="first", maintain_order=True)
    found = frame.select(text_keys).join(first, on=on, how="left", nulls_equal=True, maintain_order="left")
    return frame.with_columns(
        frame[name].zip_with(frame[name].is_not_null(), found[name]) if name in frame.columns else found[name]
        for name in names
    )


def add_series_values(series: pl.DataFrame, values: Mapping[str, Any]) -> pl.DataFrame:
    """Add these attributes to every series that has no value of its own."""
    stated = [pl.col(name).fill_null(pl.lit(values[name])) for name in values if name in series.columns]
    lacking = [pl.lit(values[name]).alias(name) for name in values if name not in series.columns]
    return series.with_columns(*stated, *lacking) if values else series


def move_to_declared_levels(dataset: Dataset) -> Dataset:
    """Move values of the whole dataset to series or observations if the structure attaches them there."""
    structure = dataset.flow.structure
    levels = {attribute.id: attribute.attachment for attribute in structure.attributes()}
    of_series, of_observations = (
        {name: value for name, value in dataset.attributes.items() if levels.get(name) == level}
        for level in ("series", "observation")
    )
    moved = {**of_series, **of_observations}
    if not moved or dataset.action == "D" or not structure.series_key:
        return dataset
    observations = add_series_values(dataset.observations, of_observations)
    series = add_series_values(collect_all_series(dataset), of_series) if of_series else dataset.series
    attributes = {name: value for name, value in dataset.attributes.items() if name not in moved}
    return replace(dataset, observations=observations, series=series, attributes=attributes)


def collect_all_series(dataset: Dataset) -> pl.DataFrame:
    key = list(dataset.flow.structure.series_key)
    observed = dataset.observations.select(pl.col(key).cast(pl.String)).unique(maintain_order=True)
    if dataset.series.is_empty():
        return observed
    stated = dataset.series.with_columns(pl.col(key).cast(pl.String))
    return pl.concat([stated, observed.join(stated, on=key, how="anti", nulls_equal=True)], how="diagonal")


def collect_definitions(dataset: Dataset) -> pl.DataFrame:
    """Return the definitions of each row of `dataset.series`, at whatever level they are stated."""
    structure = dataset.flow.structure
    names = [name for name in DEFINITIONS if name in structure]
    key = [name for name in structure.series_key if name in dataset.series.columns]
    return join_attributes(dataset, names, observations=dataset.series.select(key)).select(names)


def find_differing_definitions(dataset: Dataset, found: pl.DataFrame) -> pl.DataFrame:
    """Return definitions that differ between series; missing values of optional ones do not count."""
    mandatory = {attribute.id for attribute in dataset.flow.structure.attributes() if attribute.mandatory}
    values = {name: pl.col(name) if name in mandatory else pl.col(name).drop_nulls() for name in found.columns}
    counts = found.select(column.n_unique() for column in values.values())
    return found.select(name for name in values if counts[name][0] > 1)


def lift_shared_definitions(dataset: Dataset) -> Dataset:
    found = collect_definitions(dataset)
    return add_shared_attributes(dataset, found, find_differing_definitions(dataset, found).columns)


def add_shared_attributes(dataset: Dataset, found: pl.DataFrame, differing: Sequence[str]) -> Dataset:
    attributes = {name: value for name, value in dataset.attributes.items() if name not in differing}
    shared = found.select(pl.col(name).drop_nulls().first() for name in found.columns if name not in differing)
    attributes |= {name: value for row in shared.to_dicts() for name, value in row.items() if value is not None}
    return dataset if attributes == dataset.attributes else replace(dataset, attributes=attributes)


def split_by_definition(dataset: Dataset) -> tuple[Dataset, ...]:
    """Divide a dataset into parts whose series follow the same definitions, which are among their attributes.

    Each part has all rows, so that row numbers and source cells stay the same, but only its own values and series.
    """
    found = collect_definitions(dataset)
    differing = find_differing_definitions(dataset, found)
    whole = add_shared_attributes(dataset, found, differing.columns)
    if not differing.width:
        return (whole,)
    measures = [component.id for component in dataset.flow.structure.measures]
    names = differing.columns
    of_rows = join_attributes(dataset, names).select(names)
    parts = []
    for values in differing.unique(maintain_order=True).iter_rows():
        stated = dict(zip(names, values, strict=True))
        follows = pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in stated.items())
        own = pl.when(of_rows.select(follows).to_series())
        parts.append(
            replace(
                whole,
                observations=dataset.observations.with_columns(own.then(pl.col(name)).alias(name) for name in measures),
                series=dataset.series.filter(differing.select(follows).to_series()),
                attributes={**whole.attributes, **{name: value for name, value in stated.items() if value}},
            )
        )
    return tuple(parts)


def build_origins(origins: Iterable[Origin] = ()) -> pl.DataFrame:
    types = (pl.UInt32, pl.Categorical, pl.Categorical, pl.Categorical, pl.UInt32, pl.UInt32)
    return pl.DataFrame(list(origins), schema=dict(zip(ORIGIN_COLUMNS, types, strict=True)), orient="row")


def build_cell_origins(
    cells: Mapping[str, tuple[pl.Series, pl.Series]], file: str, sheet: str, *, whole_file: bool = False
) -> pl.DataFrame:
    """Build origins for observations of one sheet from rows and columns of cells.

    Each series has one element per observation, null without a source cell. If only the `whole_file` is known, all are.

    >>> import polars as pl
    >>> rows = columns = pl.Series([2, 3], dtype=pl.UInt32)
    >>> sex_rows = pl.Series([None, 1], dtype=pl.UInt32)
    >>> build_cell_origins({"OBS_VALUE": (rows, columns), "SEX": (sex_rows, columns)}, "a", "b").height
    3
    """
    count = len(next(iter(cells.values()))[0])
    numbers = pl.int_range(count, dtype=pl.UInt32, eager=True)

    def everywhere(text: str) -> pl.Series:
        return pl.Series([text], dtype=pl.Categorical).new_from_index(0, count)

    of_file, of_sheet = everywhere(file), everywhere(sheet)
    blocks = []
    for component, (rows, columns) in cells.items():
        parts = (numbers, everywhere(component), of_file, of_sheet, rows, columns)
        block = pl.DataFrame(dict(zip(ORIGIN_COLUMNS, parts, strict=True)))
        blocks.append(block.filter(pl.col("row").is_not_null()) if rows.null_count() and not whole_file else block)
    return pl.concat(blocks)


def is_distinct(frame: pl.DataFrame, names: Sequence[str]) -> bool:
    """Check by hashes whether rows are certainly unique in these columns.

    >>> import polars as pl
    >>> is_distinct(pl.DataFrame({"SEX": ["F", "F"], "AGE": ["_T", "Y1"]}), ["SEX", "AGE"])
    True
    """
    keys = frame.select(names)
    *leading, last_column = names
    if leading and keys.height > 1:
        later, previous = build_next_column(last_column)
        runs = keys.select(
            new=pl.any_horizontal(map(is_run_start, leading)), up=(later > previous).fill_null(value=False)
        )
        heads = keys.select(leading)
        heads = pl.concat([heads.head(1), heads.slice(1).filter(runs["new"])])
        if (runs["new"] | runs["up"]).all() and are_distinct(heads):
            return True
    return are_distinct(keys)


def build_next_column(name: str) -> tuple[pl.Expr, pl.Expr]:
    return pl.col(name).slice(1), pl.col(name).head(pl.len() - 1)


def is_run_start(name: str) -> pl.Expr:
    later, previous = build_next_column(name)
    return later.ne_missing(previous)


def drop_repeats(frame: pl.DataFrame, name: str) -> pl.Series:
    """Drop the values of a column that repeat the previous one.

    >>> import polars as pl
    >>> drop_repeats(pl.DataFrame({"SEX": ["F", "F", None, None, "F"]}), "SEX").to_list()
    ['F', None, 'F']
    """
    if frame.height < 2:
        return frame[name]
    frame = frame.select(name)
    return pl.concat([frame.head(1), frame.select(pl.col(name).slice(1).filter(is_run_start(name)))])[name]


def list_values(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return the distinct values of a column in order; fast if its first rows contain most of them.

    >>> import polars as pl
    >>> list_values(pl.DataFrame({"SEX": ["F", "F", None, "M", "F"]}), "SEX").to_list()
    ['F', None, 'M']
    """
    if frame.height <= FEW_ROWS and frame.schema[name] == pl.String:  # a query would take longer
        return pl.Series(name, list(dict.fromkeys(frame[name])), dtype=pl.String)
    first_values = frame[name].head(MANY_ROWS).unique(maintain_order=True)
    if frame.height <= MANY_ROWS:
        return first_values
    if 4 * len(drop_repeats(frame.head(MANY_ROWS), name)) < MANY_ROWS:  # the column repeats values from row to row
        return drop_repeats(frame, name).unique(maintain_order=True)
    further = frame.select(pl.col(name).filter(~pl.col(name).is_in(first_values.implode(), nulls_equal=True)))[name]
    return pl.concat([first_values, further.unique(maintain_order=True)])


def mark_run_starts(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Mark the first row and rows that differ from the previous one.

    >>> import polars as pl
    >>> mark_run_starts(pl.DataFrame({"SEX": ["F", "F", None, None]}), ["SEX"]).to_list()
    [True, False, True, False]
    """
    if not names:
        return frame.select(pl.int_range(pl.len()) == 0).to_series()
    return frame.select((pl.struct(names).rle_id().diff() != 0).fill_null(value=True)).to_series()


def are_distinct(keys: pl.DataFrame) -> bool:
    return keys.hash_rows().n_unique() == keys.height


def stack(
    frames: Sequence[pl.DataFrame], origins: Callable[[], Sequence[pl.DataFrame]]
) -> tuple[pl.DataFrame, Callable[[], pl.DataFrame]]:
    """Stack the observations of several frames, dropping duplicates, and return a function for their origins."""
    stacked = pl.concat(frames)
    heights = [frame.height for frame in frames]
    if is_distinct(stacked, stacked.columns):
        return stacked, lambda: pl.concat(shift_origins(origins(), heights))
    distinct = stacked.with_row_index("observation").unique(stacked.columns, keep="first", maintain_order=True)
    numbers = distinct.select("observation").with_row_index("kept")
    return distinct.drop("observation"), lambda: renumber_origins(pl.concat(shift_origins(origins(), heights)), numbers)


def shift_origins(origins: Sequence[pl.DataFrame], heights: Sequence[int]) -> Iterator[pl.DataFrame]:
    for frame_origins, start in zip(origins, accumulate(heights, initial=0), strict=False):
        yield frame_origins.with_columns(pl.col("observation") + start)


def renumber_origins(origins: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    joined = origins.join(numbers, on="observation", how="inner", maintain_order="left")
    return joined.with_columns(observation=pl.col("kept").cast(pl.UInt32)).select(ORIGIN_COLUMNS)


@dataclass(slots=True, kw_only=True)
class CellColumns:
    """Collects the cells of a sheet in any order and builds the frame of a `Table`.

    >>> cells = CellColumns()
    >>> cells.add(2, 1, "2024", kind="number")
    >>> cells.add(1, 1, "Year")
    >>> cells.frame().select("row", "column", "text", "kind").rows()
    [(1, 1, 'Year', 'text'), (2, 1, '2024', 'number')]
    """

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    formulas: list[bool] = field(default_factory=list)
    formats: list[int | None] = field(default_factory=list)

    def add(
        self, row: int, column: int, text: str, *, kind: str = "text", formula: bool = False, code: int | None = None
    ) -> None:
        self.rows.append(row)
        self.columns.append(column)
        self.texts.append(text)
        self.kinds.append(kind)
        self.formulas.append(formula)
        self.formats.append(code)

    def __len__(self) -> int:
        return len(self.rows)

    def frame(self) -> pl.DataFrame:
        """Return the cells by row and column; if two have the same place, the last is used."""
        series = (
            pl.Series("row", self.rows, pl.UInt32),
            pl.Series("column", self.columns, pl.UInt32),
            pl.Series("text", self.texts, pl.String),
            pl.Series("kind", self.kinds, pl.Enum(KINDS)),
            pl.Series("formula", self.formulas, pl.Boolean),
            pl.Series("format", self.formats, pl.UInt16),
        )
        frame = pl.DataFrame(series)
        place = ["row", "column"]
        return frame.unique(place, keep="last", maintain_order=True).sort(place)
