"""Parts of totals, without double counting or omission."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from itertools import product

from sdmxmig.catalogue import ages
from sdmxmig.quality.rules.words import all_of, any_of, because
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Reason

BETWEEN = ":"
"""Stands between the codes of a breakdown by two dimensions, as in a series key."""


@dataclass(frozen=True, slots=True)
class DimensionBreakdown:
    """A breakdown by one or several dimensions.

    `required` codes make it complete; `by_age` means intervals; `left_out` are never parts. Combined codes are
    ``NB:FC``.
    """

    dimensions: tuple[str, ...]
    total: str
    _: KW_ONLY
    required: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ("_Z",)
    by_age: bool = False
    known: frozenset[str] = frozenset()
    parents: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return " × ".join(self.dimensions)


@dataclass(frozen=True, slots=True)
class PartChoice:
    """The chosen parts: each of `partitions` is the whole, `disjoint` at most.

    `reason` explains why there is none.
    """

    partitions: tuple[tuple[str, ...], ...]
    disjoint: tuple[str, ...]
    _: KW_ONLY
    reason: Callable[[], Reason] | None = None


def breakdown(
    flow: Flow, dimensions: Sequence[str], total: str, required: Sequence[str], *, by_age: bool
) -> DimensionBreakdown:
    """A breakdown of a flow; every dimension has the same total, and the same codes are required of composed codes."""
    lists = [codelist for dimension in dimensions if (codelist := flow.codelist(dimension)) is not None]
    parents = {item.id: item.parent for codelist in lists for item in codelist.items if item.parent}
    return DimensionBreakdown(
        tuple(dimensions),
        BETWEEN.join(total for _ in dimensions),
        required=tuple(required),
        by_age=by_age,
        known=frozenset(code for codelist in lists for code in codelist.ids),
        parents=parents,
    )


def choose(codes: Sequence[str], of: DimensionBreakdown) -> PartChoice:
    """Choose the parts of a total among the codes that are reported with it."""
    parts = tuple(code for code in codes if is_part(code, of))
    strangers = sorted({piece for code in parts for piece in code.split(BETWEEN)} - of.known)
    if strangers:
        return PartChoice((), (), reason=lambda: because("“{code}” is not a code", code=strangers[0]))
    if of.by_age:
        chains, stops = ages.partitions(parts)
        unknown = tuple(code for code in parts if code.startswith("_"))
        return PartChoice(
            tuple((*chain, *unknown) for chain in chains),
            (*ages.disjoint(parts), *unknown),
            reason=partial(no_group_begins, stops) if stops else None,
        )
    present = set(parts)
    parts = tuple(code for code in parts if not (above(code, of.parents) - {code}) & present)
    lacking = [code for code in of.required if code not in present]
    return PartChoice((), parts, reason=partial(not_reported, lacking)) if lacking else PartChoice((parts,), parts)


def no_group_begins(stops: Iterable[int]) -> Reason:
    return because("no age group begins at {ages}", ages=any_of(map(str, stops)))


def not_reported(codes: Sequence[str]) -> Reason:
    if len(codes) == 1:
        return because("{code} is not reported", code=codes[0])
    return because("{codes} are not reported", codes=all_of(codes))


def is_part(code: str, of: DimensionBreakdown) -> bool:
    total = of.total.split(BETWEEN)[0]
    return not any(piece == total or piece in of.left_out for piece in code.split(BETWEEN))


def above(code: str, parents: Mapping[str, str]) -> set[str]:
    """A code and all codes that contain it.

    >>> sorted(above("NB:STLS", {"STLS": "FC"}))
    ['NB:FC', 'NB:STLS']
    """
    lines: list[list[str]] = []
    for piece in code.split(BETWEEN):
        line = [piece]
        while line[-1] in parents and parents[line[-1]] not in line:
            line.append(parents[line[-1]])
        lines.append(line)
    return {BETWEEN.join(combination) for combination in product(*lines)}
