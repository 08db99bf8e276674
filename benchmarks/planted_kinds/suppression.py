"""Tables in which small figures are withheld, with as many others as protect them: by an exact audit of its own.

Tables of this variant are small: one breakdown by country, sex and broad ages, and a few years. A figure from 1 to
below the threshold is withheld by itself, others so that all that is published leaves it a range of at least twice the
threshold; `ranges` works these out by linear programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, product

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import csr_array

from benchmarks.planted_kinds.people import Counts

PRIMARY, SECONDARY, WITHHELD = "A", "D", "Q"
"""Codes of CONF_STATUS for the figure itself and for the sake of others, and of OBS_STATUS."""
THRESHOLDS = (3, 5, 10)


def threshold_of(seed: int) -> int:
    """Below which figure an office withholds."""
    return THRESHOLDS[seed % len(THRESHOLDS)]


def lines_of(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The numbers of the cells of each additive line of a table, its total (the first code of a dimension) first."""
    cells = np.arange(int(np.prod(shape))).reshape(shape)
    return [
        tuple(line)
        for axis in range(len(shape))
        for line in np.moveaxis(cells, axis, -1).reshape(-1, shape[axis]).tolist()
    ]


def pattern(counts: Counts, threshold: int) -> tuple[Counts, Counts]:
    """Which cells of a table (totals first in each dimension) are withheld by themselves, and which beside them.

    A small figure becomes the corner of a box: with one other code of each dimension it has eight corners, two in every
    line. When it grows by one, each corner grows or shrinks by one: it shrinks if an odd number of its codes were
    changed for others that are no totals. So the small figure may be larger by as much as the smallest of those that
    shrink is; they are chosen to be at least twice the threshold.
    """
    primary = (counts > 0) & (counts < threshold)
    withheld = primary.copy()
    for cell in np.argwhere(primary).tolist():
        boxes = [box_of(tuple(cell), tuple(far)) for far in np.ndindex(counts.shape) if none_equal(cell, far)]
        fitting = [box for box in boxes if all(counts[corner] >= 2 * threshold for corner in box[0])]
        if not fitting:
            raise RuntimeError("no figure of this table can protect a small one")
        for corner in chain(*min(fitting, key=lambda box: cost(box, counts, withheld))):
            withheld[corner] = True
    return primary, withheld & ~primary


Cell = tuple[int, ...]
Box = tuple[tuple[Cell, ...], tuple[Cell, ...]]
"""The corners of a box that shrink when a cell grows, and those that grow with it."""


def none_equal(cell: Sequence[int], far: Sequence[int]) -> bool:
    """Whether two cells differ in every dimension."""
    return all(one != other for one, other in zip(cell, far, strict=True))


def box_of(cell: Cell, far: Cell) -> Box:
    """The corners of the box between two cells, without the first cell itself."""
    among_parts = [bool(one and other) for one, other in zip(cell, far, strict=True)]
    shrinking, growing = [], []
    for at in product((0, 1), repeat=len(cell)):
        if any(at):
            corner = tuple(far[n] if turned else cell[n] for n, turned in enumerate(at))
            changed = sum(parts for parts, turned in zip(among_parts, at, strict=True) if turned)
            (shrinking if changed % 2 else growing).append(corner)
    return tuple(shrinking), tuple(growing)


def cost(box: Box, counts: Counts, withheld: Counts) -> tuple[int, int]:
    """How many figures more would be withheld, and how many persons they are."""
    new = [corner for corner in chain(*box) if not withheld[corner]]
    return len(new), int(sum(counts[corner] for corner in new))


def ranges(
    values: Counts, lines: Sequence[tuple[int, ...]], cells: Sequence[int], withheld: set[int]
) -> dict[int, tuple[float, float]]:
    """Between which values each of some withheld cells lies, as far as the published ones tell."""
    variables = sorted(withheld)
    place = {cell: n for n, cell in enumerate(variables)}
    rows, columns, signs, right = [], [], [], []
    for line in lines:
        signed = [(cell, -1 if n == 0 else 1) for n, cell in enumerate(line)]
        if not any(cell in place for cell in line):
            continue
        for cell, sign in signed:
            if cell in place:
                rows.append(len(right))
                columns.append(place[cell])
                signs.append(sign)
        right.append(-sum(sign * int(values[cell]) for cell, sign in signed if cell not in place))
    if not variables:
        return {}
    matrix = csr_array((signs, (rows, columns)), shape=(len(right), len(variables)))
    found: dict[int, tuple[float, float]] = {}
    for cell in cells:
        ends = []
        for sign in (1, -1):
            objective = np.zeros(len(variables))
            objective[place[cell]] = sign
            solved = linprog(objective, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
            ends.append(sign * solved.fun if solved.status == 0 else np.inf * -sign)
        found[cell] = (ends[0], ends[1])
    return found


def withheld_in(table: pl.DataFrame, dimensions: Sequence[str], threshold: int) -> pl.DataFrame:
    """The table with figures withheld, year by year; `dimensions` are its three, whose first code is the total."""
    sizes = [table[name].n_unique() for name in dimensions]
    ordered = table.with_row_index("row").sort("TIME_PERIOD", maintain_order=True)
    cells = int(np.prod(sizes))
    primary, secondary = np.zeros(table.height, dtype=bool), np.zeros(table.height, dtype=bool)
    for year in range(ordered.height // cells):
        part = ordered.slice(year * cells, cells)
        marks = pattern(part["EXACT"].to_numpy().reshape(sizes), threshold)
        rows = part["row"].to_numpy()
        primary[rows], secondary[rows] = marks[0].reshape(-1), marks[1].reshape(-1)
    first, second = pl.Series(primary), pl.Series(secondary)
    return table.with_columns(
        OBS_VALUE=pl.when(first | second).then(pl.lit("")).otherwise("OBS_VALUE"),
        OBS_STATUS=pl.when(first | second).then(pl.lit(WITHHELD)).otherwise("OBS_STATUS"),
        CONF_STATUS=pl.when(first).then(pl.lit(PRIMARY)).when(second).then(pl.lit(SECONDARY)).otherwise("CONF_STATUS"),
    )
