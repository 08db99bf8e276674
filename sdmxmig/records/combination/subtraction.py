"""Disclosure by subtraction between tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from itertools import combinations, permutations, product

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.combination.tables import PERSONS, VALUE

WAYS = (
    "Put groups together, write between = true in one of the steps, or smallest = 1 in both if figures are protected "
    "before they are published."
)


@dataclass(frozen=True, slots=True)
class Published:
    """A published table with its step, sources and withheld groups; `least` is the minimum group size."""

    name: str
    table: pl.DataFrame
    _: KW_ONLY
    asked: tuple[str, ...]
    by: tuple[str, ...]
    least: int
    sources: tuple[str, ...] = ()
    withheld: pl.DataFrame = field(default_factory=pl.DataFrame)


def check_withheld(estimates: Sequence[Published]) -> None:
    """Reject estimates whose withheld group follows from others; raises `SdmxmigError`."""
    for fine, other in permutations(estimates, 2):
        if fine.asked != other.asked or fine.withheld.is_empty():
            continue
        common = [column for column in fine.by if column in other.by]
        left = summed(fine.withheld, common, PERSONS)
        if not other.withheld.is_empty():
            left = unlike(left, other.withheld, common)
        if left.filter(pl.col(PERSONS) < fine.least).height:
            raise SdmxmigError(
                f"What step {fine.name} withholds follows by subtraction from step {other.name}.", hint=WAYS
            )


def sharing(persons: Mapping[str, pl.Series]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (name, other)
        for name, other in product(persons, repeat=2)
        if name == other or persons[name].is_in(persons[other].implode()).any()
    )


def check_differences(counts: Sequence[Published], overlaps: frozenset[tuple[str, str]]) -> None:
    """Reject counts of overlapping sources that differ by few persons; raises `SdmxmigError`."""
    for first, second in combinations(counts, 2):
        pairs = product(first.sources, second.sources)
        if not any(name == other or (name, other) in overlaps for name, other in pairs):
            continue
        common = [column for column in first.by if column in second.by]
        sums = [summed(each.table, common, number_of(each.table)).rename({number_of(each.table): name})
                for each, name in ((first, "#first"), (second, "#second"))]  # fmt: skip
        both = sums[0].join(sums[1], on=common, how="inner") if common else pl.concat(sums, how="horizontal")
        gap = (both["#first"] - both["#second"]).abs()
        if ((gap > 0) & (gap < min(first.least, second.least))).any():
            raise SdmxmigError(
                f"Steps {first.name} and {second.name} differ by so few persons that these could be recognised.",
                hint=WAYS,
            )


def number_of(table: pl.DataFrame) -> str:
    return PERSONS if PERSONS in table.columns else VALUE


def summed(table: pl.DataFrame, by: Sequence[str], column: str) -> pl.DataFrame:
    return (
        table.group_by(by, maintain_order=True).agg(pl.col(column).sum()) if by else table.select(pl.col(column).sum())
    )


def unlike(cells: pl.DataFrame, withheld: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    return cells.join(withheld.select(by), on=by, how="anti") if by else cells.clear()
