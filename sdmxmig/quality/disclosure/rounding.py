"""Controlled rounding to a base, keeping all sums.

Each figure goes to an adjacent multiple with least total change (L. H. Cox, Controlled rounding for tables with
subtotals, 1987). Tables of more than two dimensions may need one multiple more, which is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.quality.disclosure.relations import Expired, LinearProgram, Relations, components, never

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEXT, FURTHER, NONE = "next multiples", "further multiples", "none"
STEPS = {NEXT: (1.0,), FURTHER: (1.0, 1.0, -1.0)}
EXCEPTION = 10.0
NEARLY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rounding:
    """Rounded figures (NaN if none) and the kind of rounding."""

    values: NDArray[np.float64]
    kind: str


def rounded(
    relations: Relations, values: NDArray[np.float64], base: int, *, expired: Expired = never, seconds: float = 60.0
) -> Rounding:
    """Round figures to a base with all sums, within `seconds` per group.

    For inexact sums, parts never exceed the total.
    """
    result = np.full(relations.cells, np.nan)
    group = components(relations, np.ones(relations.cells, dtype=bool))
    kinds = []
    for label in np.unique(group):
        members = np.flatnonzero(group == label)
        if len(members) == 1:
            result[members] = nearest(values[members], base)
            continue
        kind = NONE
        for kind_of_steps in STEPS:
            chosen = None if expired() else chosen_multiples(relations, values, base, (members, kind_of_steps, seconds))
            if chosen is not None:
                result[members], kind = chosen, kind_of_steps
                break
        kinds.append(kind)
    return Rounding(values=result, kind=max(kinds, key=[NEXT, FURTHER, NONE].index, default=NEXT))


def nearest(values: NDArray[np.float64], base: int) -> NDArray[np.float64]:
    """The nearest multiples of a base, from the middle upwards.

    >>> nearest(np.array([1.0, 2.0, 7.5]), 5).tolist()
    [0.0, 0.0, 10.0]
    """
    return np.asarray(np.floor(values / base + 0.5) * base)


def chosen_multiples(
    relations: Relations,
    values: NDArray[np.float64],
    base: int,
    group: tuple[NDArray[np.int64], str, float],
) -> NDArray[np.float64] | None:
    """The multiples of the figures of one group that hang together; None where there is no such rounding in time."""
    members, kind, seconds = group
    count = len(members)
    column = np.full(relations.cells, -1)
    column[members] = np.arange(count)
    below = np.floor(values[members] / base + NEARLY)
    rest = np.maximum(values[members] / base - below, 0.0)
    signs = STEPS[kind]
    inside = column[relations.cell] >= 0
    rows, number = np.unique(relations.relation[inside], return_inverse=True)
    cell, sign = column[relations.cell[inside]], relations.sign[inside]
    start = np.zeros(len(rows))
    np.add.at(start, number, sign * below[cell])
    holds = np.abs(relations.sums(values)[rows]) < NEARLY * base
    order = np.argsort(np.tile(number, len(signs)), kind="stable")
    starts = np.concatenate(([0], np.cumsum(len(signs) * np.bincount(number, minlength=len(rows))))).astype(np.int32)
    columns = np.concatenate([cell + block * count for block in range(len(signs))])[order].astype(np.int32)
    most = np.concatenate([rest >= NEARLY, *(np.full(count, 1.0), below >= 1)][: len(signs)]).astype(np.float64)
    program = LinearProgram(
        (np.zeros(len(most)), most),
        (np.where(holds & (relations.least[rows] == 0), -start, -np.inf), -start),
        (starts, columns, np.concatenate([step * sign for step in signs])[order]),
        whole=np.ones(len(most), dtype=bool),
    )
    program.time_limit(seconds)
    program.costs(np.concatenate((1.0 - 2.0 * rest, np.full(len(most) - count, EXCEPTION))))
    outcome, _ = program.least()
    if outcome != "solved":
        return None
    steps = np.round(program.solution()).reshape(len(signs), count)
    return np.asarray((below + np.array(signs) @ steps) * base)
