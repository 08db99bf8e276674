"""Values of observations with source cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.frames import is_distinct

BETWEEN = "; "


@dataclass(frozen=True, slots=True, eq=False)
class SourcedValues:
    """Values with the row and column of their cells; null if absent.

    With an `index`, repeated values such as row labels are stored once.
    """

    cell_values: pl.Series
    cell_rows: pl.Series
    _: KW_ONLY
    cell_columns: pl.Series
    index: pl.Series | None = None

    @property
    def values(self) -> pl.Series:
        return self.cell_values if self.index is None else self.cell_values.gather(self.index)

    @property
    def rows(self) -> pl.Series:
        return self.cell_rows if self.index is None else self.cell_rows.gather(self.index)

    @property
    def columns(self) -> pl.Series:
        return self.cell_columns if self.index is None else self.cell_columns.gather(self.index)

    def along(self, index: pl.Series) -> SourcedValues:
        return SourcedValues(self.cell_values, self.cell_rows, cell_columns=self.cell_columns, index=index)

    def at(self, positions: pl.Series) -> SourcedValues:
        if self.index is None:
            values, rows, columns = (
                column.gather(positions) for column in (self.cell_values, self.cell_rows, self.cell_columns)
            )
            return SourcedValues(values, rows, cell_columns=columns)
        return self.along(self.index.gather(positions))

    def without_empty_cells(self) -> SourcedValues:
        if not self.cell_values.null_count():
            return self
        frame = pl.DataFrame({"value": self.cell_values, "row": self.cell_rows, "column": self.cell_columns})
        has_value = pl.col("value").is_not_null()
        masked = frame.select(
            "value", *(pl.when(has_value).then(pl.col(name)).alias(name) for name in ("row", "column"))
        )
        return SourcedValues(masked["value"], masked["row"], cell_columns=masked["column"], index=self.index)


def everywhere(value: str | None, count: int) -> SourcedValues:
    nowhere = pl.Series([None], dtype=pl.UInt32).new_from_index(0, count)
    values = pl.Series([value], dtype=pl.String).new_from_index(0, count)
    return SourcedValues(values, nowhere, cell_columns=nowhere)


def chosen(mask: pl.Series, first: SourcedValues, second: SourcedValues) -> SourcedValues:
    pairs = ((first.values, second.values), (first.rows, second.rows), (first.columns, second.columns))
    values, rows, columns = pl.select(
        pl.when(mask).then(one).otherwise(other).alias(str(number)) for number, (one, other) in enumerate(pairs)
    )
    return SourcedValues(values, rows, cell_columns=columns)


def values_by_component(components: Mapping[str, SourcedValues]) -> dict[str, pl.Series | pl.Expr]:
    """The values of each component at all positions; those that are the same everywhere as a single one."""
    columns: dict[str, pl.Series | pl.Expr] = {}
    by_index: dict[int, dict[str, SourcedValues]] = {}
    for name, sourced in components.items():
        if sourced.index is None:
            columns[name] = sourced.cell_values
        elif len(sourced.cell_values) and sourced.cell_values.equals(
            sourced.cell_values.new_from_index(0, len(sourced.cell_values)), null_equal=True
        ):
            columns[name] = pl.lit(sourced.cell_values[0], pl.String)
        else:
            by_index.setdefault(id(sourced.index), {})[name] = sourced
    for sharing in by_index.values():
        frame = pl.DataFrame([sourced.cell_values.alias(name) for name, sourced in sharing.items()])
        index = next(iter(sharing.values())).index
        columns |= frame.select(pl.all().gather(index)).to_dict()
    return columns


def representatives(components: Sequence[SourcedValues], count: int) -> pl.Series:
    """Return the first position of each distinct combination of values, in order."""
    groups = [(classes, index) for classes, index in classes_of(components) if classes.n_unique() > 1]
    if not groups:
        return pl.Series([0][:count], dtype=pl.UInt32)
    first, index = groups[0]
    if len(groups) == 1 and index is not None:
        new = (index != index.shift(1)).fill_null(value=True).arg_true()  # what repeats its neighbour is no first one
        return new.gather(first.gather(index.gather(new)).arg_unique())
    numbers = pl.zeros(count, pl.UInt64, eager=True)
    for classes, index in groups:
        position_classes = classes if index is None else classes.gather(index)
        numbers = numbers * (int(classes.max() or 0) + 1) + position_classes.cast(pl.UInt64)  # type: ignore[arg-type]
    return numbers.arg_unique()


def classes_of(components: Sequence[SourcedValues]) -> list[tuple[pl.Series, pl.Series | None]]:
    """Number the distinct combinations of values that share an index."""
    by_index: dict[int, list[SourcedValues]] = {}
    for sourced in components:
        by_index.setdefault(id(sourced.index) if sourced.index is not None else -1, []).append(sourced)
    numbered: list[tuple[pl.Series, pl.Series | None]] = []
    for sharing in by_index.values():
        frame = pl.DataFrame({str(number): sourced.cell_values for number, sourced in enumerate(sharing)})
        if is_distinct(frame, frame.columns):
            numbered.append((pl.int_range(frame.height, dtype=pl.UInt32, eager=True), sharing[0].index))
            continue
        distinct = frame.unique(maintain_order=True).with_row_index("class")
        joined = frame.join(distinct, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")
        numbered.append((joined["class"], sharing[0].index))
    return numbered


def last_values(statements: Sequence[SourcedValues]) -> SourcedValues:
    if len(statements) == 1:
        return statements[0]
    merged = []
    for name in ("values", "rows", "columns"):
        merged.append(
            pl.select(pl.coalesce([getattr(statement, name) for statement in reversed(statements)])).to_series()
        )
    return SourcedValues(*merged[:2], cell_columns=merged[2])


def all_remarks(statements: Sequence[SourcedValues]) -> SourcedValues:
    """Join distinct remarks by position; the cell is that of the last one."""
    last = last_values(statements)
    if len(statements) == 1:
        return last
    frame = pl.DataFrame({str(number): statement.values for number, statement in enumerate(statements)})
    counts = frame.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.UInt8))).to_series()
    if not (counts > 1).any():
        return last
    distinct = frame.unique(maintain_order=True)
    joined = [joined_remarks(row) for row in distinct.iter_rows()]
    whole = distinct.with_columns(whole=pl.Series(joined, dtype=pl.String))
    texts = frame.join(whole, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")["whole"]
    return SourcedValues(texts, last.rows, cell_columns=last.columns)


def joined_remarks(remarks: Sequence[str | None]) -> str | None:
    parts = [part for remark in remarks if remark is not None for part in remark.split(BETWEEN)]
    return BETWEEN.join(dict.fromkeys(parts)) if parts else None
