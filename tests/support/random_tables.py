"""Random tables with groups and links, and a judge of intervals that we did not write: scipy on the full program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

FIGURES = (0, 0, 1, 1, 2, 3, 4, 5, 7, 9, 12, 15, 18, 25, 40, 60, 100, 350)
"""Counts as tables of origin by age by sex have them: many small ones."""


Tree = dict[str, tuple[list[str], list[int]]]
"""The codes of a topic: the codes that make each up, and the positions that it stands for."""


@dataclass(frozen=True, slots=True)
class RandomTable:
    """The figures of a table with all its totals, and its sums: the parts of each total and the total."""

    values: NDArray[np.float64]
    sums: list[tuple[list[int], int]]


def random_table(seed: int) -> RandomTable:
    """A table by two or three topics, of which one has groups within it in every second table; a twin in every third.

    The twin is a table by other topics whose margin by the first topic is the same.
    """
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(2, 6, size=rng.integers(2, 4)))
    trees = [tree(n, grouped=bool(seed % 2) and place == 0) for place, n in enumerate(shape)]
    inner = rng.choice(FIGURES, size=shape)
    cells: dict[tuple[object, ...], int] = {}
    sums = list(sums_of("A", trees, cells))
    values = {key: total_of(inner, trees, key[1:]) for key in cells}
    if seed % 3 == 0:
        other = [tree(3, grouped=False), trees[0]]
        counts = inner.reshape(shape[0], -1).sum(axis=1)
        split = np.stack([rng.multinomial(int(count), [0.5, 0.3, 0.2]) for count in counts])
        sums += sums_of("B", other, cells)
        values |= {key: total_of(split.T, other, key[1:]) for key in cells if key[0] == "B"}
        rest = tuple("T" for _ in shape[1:])
        sums += [([cells["A", name, *rest]], cells["B", "T", name]) for name in trees[0]]
    return RandomTable(np.array([values[key] for key in cells], dtype=float), sums)


def tree(size: int, *, grouped: bool) -> Tree:
    """The codes of a topic: the codes that make each up, and the positions that it stands for."""
    leaves = {f"{n}": ([], [n]) for n in range(size)}
    if not grouped or size == 2:
        return {"T": ([*leaves], [*range(size)]), **leaves}
    pair = {"G": (["0", "1"], [0, 1])}
    return {"T": (["G", *[*leaves][2:]], [*range(size)]), **pair, **leaves}


def sums_of(name: str, trees: list[Tree], cells: dict[tuple[object, ...], int]) -> Iterator[tuple[list[int], int]]:
    """Number the cells of a table, and give the sums along each of its topics."""
    keys = [(name, *codes) for codes in product(*trees)]
    for key in keys:
        cells.setdefault(key, len(cells))
    for key in keys:
        for place, codes in enumerate(trees, start=1):
            parts = codes[key[place]][0]
            if parts:
                yield [cells[*key[:place], part, *key[place + 1 :]] for part in parts], cells[key]


def total_of(inner: NDArray[np.int64], trees: list[Tree], codes: Iterable[object]) -> int:
    """The figure of a cell: the sum of all that it stands for."""
    return int(inner[np.ix_(*(tree[str(code)][1] for tree, code in zip(trees, codes, strict=True)))].sum())


def judged_by_scipy(table: RandomTable, unknown: NDArray[np.bool_], cell: int) -> tuple[float, float]:
    """The least and greatest value of a cell: every cell is a variable, every sum an equation."""
    matrix = np.zeros((len(table.sums), len(table.values)))
    for row, (parts, total) in enumerate(table.sums):
        matrix[row, parts] += 1
        matrix[row, total] -= 1
    bounds = [(0, None) if is_unknown else (v, v) for v, is_unknown in zip(table.values, unknown, strict=True)]
    ends = []
    for sign in (1, -1):
        cost = np.zeros(len(table.values))
        cost[cell] = sign
        answer = linprog(cost, A_eq=matrix, b_eq=np.zeros(len(table.sums)), bounds=bounds, method="highs")
        ends.append(np.inf if answer.status == 3 else sign * answer.fun)
    return ends[0], ends[1]
