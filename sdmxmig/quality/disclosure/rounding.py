"""Controlled rounding: every figure becomes a multiple of a base next to it, and all sums still hold.

Each figure goes to one of the two multiples between which it lies, one that is a multiple stays, so that the sum of all
changes is least (L. H. Cox, Controlled rounding for tables with subtotals, 1987). In tables of more than two topics
there need not be such a rounding; then figures may go one multiple further, which the result says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.quality.disclosure.relations import Relations, components
from sdmxmig.quality.disclosure.solver import Expired, LinearProgram, never

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEXT, FURTHER, NONE = "next multiples", "further multiples", "none"
"""What a rounding is: each figure to a multiple next to it; some one multiple further; or there is none."""
STEPS = {NEXT: (1.0,), FURTHER: (1.0, 1.0, -1.0)}
"""The steps, in bases, that a figure may make from the multiple below it, each once, for each kind of rounding."""
EXCEPTION = 10.0
"""What a step costs that leads beyond the next multiples, where a whole base to one of them costs one."""
NEARLY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rounding:
    """Rounded figures (NaN where nothing was found), and by what kind of rounding the worst of them were made."""

    values: NDArray[np.float64]
    kind: str


def rounded(
    relations: Relations, values: NDArray[np.float64], base: int, *, expired: Expired = never, seconds: float = 60.0
) -> Rounding:
    """The figures rounded to a base so that all sums hold that hold before; `seconds` for each group of related ones.

    Of a sum that does not hold exactly before, the parts are at most their total afterwards.
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
    """The multiples of the figures of one group that hang together; None where there is no such rounding in time.

    Whole numbers say how many bases a figure goes beyond the multiple below it: one to that above it, at the price of
    the change, and where figures may go further, one more up or one down, at a price that makes it the exception.
    """
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
