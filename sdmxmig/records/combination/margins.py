"""Fitting and rounding of tables to margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError, counted
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.quality.disclosure.relations import relations_of
from sdmxmig.quality.disclosure.rounding import NONE, rounded
from sdmxmig.records.combination.tables import (
    RESIDUAL,
    VALUE,
    NamedTable,
    Note,
    Result,
    as_texts,
    check_columns,
    check_rows,
    dimensions_of,
    numbers,
    placed,
)
from sdmxmig.sdmx.model.integration import Reached
from sdmxmig.statistics.demography.calibration import Fitted, Margin, distance, fitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CELLS = 1_000_000
NEARLY_WHOLE = 1e-6


def fitted_to(start: NamedTable, margins: Sequence[NamedTable], fixed: NamedTable | None, base: int) -> Result:
    """Fit a table to margins and round it to a base (0: not).

    `fixed` cells stay. Raises `SdmxmigError` if impossible.
    """
    if base < 0:
        raise SdmxmigError(f"Nothing is rounded to {base}.", hint="Write a base such as 5, or round = 0 for none.")
    start = as_texts(start)
    dimensions = dimensions_of(start)
    codes = [sorted(start.frame[name].unique().to_list()) for name in dimensions]
    shape = tuple(map(len, codes))
    if int(np.prod(shape)) > MOST_CELLS:
        raise SdmxmigError(f"A table of {shape} cells is too large to be fitted.", hint="Take fewer dimensions.")
    cells = placed(start, (dimensions, codes))
    check_not_negative(start)
    known = [known_margin(as_texts(margin), dimensions, codes) for margin in margins]
    held = None
    if fixed is not None:
        fixed = as_texts(fixed)
        check_columns(fixed, [*dimensions, VALUE])
        check_not_negative(fixed)
        marks = replace(fixed, frame=fixed.frame.with_columns(pl.lit(1.0).alias(VALUE)))
        held = placed(marks, (dimensions, codes)) > 0
        cells = np.where(held, placed(fixed, (dimensions, codes)), cells)
    result = fitted(cells, known, held)
    names = ", ".join(margin.name for margin in margins)
    totals = tuple(margin.name for margin in margins)
    reached = Reached("", totals, error=Decimal(f"{result.error:.1g}"), kind="fit")
    words = f"fitted proportionally to {names}; {fit_words(result, cells, known)}"
    notes = [Note(words, topic=RESIDUAL, reached=reached)]
    values = result.table
    if base:
        values = rounded_table(result.table, known, base)
        if result.table.any() and not values.any():
            raise SdmxmigError(f"Rounded to {base}, nothing is left of the table.", hint="Write a smaller round.")
        notes.append(Note(f"rounded to {base} so that it adds up"))
        moved = 0 if held is None else int((np.abs(values - result.table)[held] > NEARLY_WHOLE).sum())
        if moved:
            notes.append(Note(f"{counted(moved, 'fixed cell')} rounded with the others"))
    grid = np.meshgrid(*[np.arange(size) for size in shape], indexing="ij")
    columns = {
        name: pl.Series(codes[axis], dtype=pl.String).gather(grid[axis].ravel()) for axis, name in enumerate(dimensions)
    }
    table = pl.DataFrame({**columns, VALUE: values.ravel()})
    return Result(table.filter((pl.col(VALUE) != 0) | pl.Series((cells > 0).ravel())), tuple(notes))


def known_margin(table: NamedTable, dimensions: list[str], codes: list[list[str]]) -> Margin:
    axes = tuple(sorted(dimensions.index(column) for column in dimensions_of(table, dimensions)))
    check_not_negative(table)
    some = ([dimensions[axis] for axis in axes], [codes[axis] for axis in axes])
    return Margin(axes, placed(table, some, whole=True), name=table.name)


def check_not_negative(table: NamedTable) -> None:
    negative = pl.Series(numbers(table, VALUE) < 0)
    check_rows(table, negative, f"{VALUE} is negative", "Cells and totals are 0 or above.")


def fit_words(result: Fitted, start: NDArray[np.float64], margins: Sequence[Margin]) -> str:
    factor = float(margins[0].totals.sum()) / (float(start.sum()) or 1.0)
    gap = max(distance(start * factor, margin) for margin in margins)
    return (
        f"brought to the total by a factor of {factor:.4g}, residual of its margins then {gap:.1%} of the largest "
        f"total; largest error after {result.rounds} rounds {result.error:.1g}"
    )


def rounded_table(table: NDArray[np.float64], margins: Sequence[Margin], base: int) -> NDArray[np.float64]:
    """Round a table so that margins are sums of cells; raises `SdmxmigError` if impossible."""
    numbers = np.arange(table.size).reshape(table.shape)
    sums, values, cell = [], [table.ravel()], table.size
    for margin in margins:
        moved = np.moveaxis(numbers, margin.axes, range(len(margin.axes))).reshape(margin.totals.size, -1)
        for members in moved:
            sums.append(([*((int(member), 1.0) for member in members), (cell, -1.0)], 0.0, 0.0))
            cell += 1
        values.append(margin.totals.ravel())
    result = rounded(relations_of(cell, sums), exact_wholes(np.concatenate(values)), base)
    if result.kind == NONE or not np.isfinite(result.values).all():
        raise SdmxmigError(f"No rounding to {base} keeps all sums.", hint="Take another base, or round = 0.")
    return np.asarray(result.values[: table.size].reshape(table.shape))


def exact_wholes(values: NDArray[np.float64]) -> NDArray[np.float64]:
    nearest = np.rint(values)
    return np.asarray(np.where(np.abs(values - nearest) < NEARLY_WHOLE, nearest, values))
