"""Chains of links that join different persons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.contradictions import agreeing_sql, contradicting, pairs_where
from sdmxmig.records.linkage.preparation import FILE, ONE, OTHER, UNIT
from sdmxmig.records.linkage.stages import PERSON, persons_joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdmxmig.records.linkage.declaration import LinkageRules

MOST_RECORDS = 200


@dataclass(frozen=True, slots=True)
class Chains:
    """Cut links.

    `cut` has `unit_l`, `unit_r`; `parted`, `loose` (joined only through others) and `numbered` (two numbers of a
    source) count persons.
    """

    cut: pl.DataFrame
    _: KW_ONLY
    parted: int
    loose: int
    numbered: int


def chains_of(records: pl.DataFrame, links: pl.DataFrame, rules: LinkageRules) -> Chains:
    persons = persons_joined(records.select(UNIT), links)
    several = persons.filter(pl.len().over(PERSON) > 2)
    pairs = pairs_within(several)
    against = pl.concat([contradicting(records, pairs, rules.apart), by_others_alone(records, pairs, links)]).unique()
    cut = pl.DataFrame(parted(links.rows(), against.rows()), schema=dict(links.schema), orient="row")
    owner = persons.select(UNIT, PERSON)
    count = against.join(owner, left_on=ONE, right_on=UNIT)[PERSON].n_unique()
    kept = links.join(cut, on=[ONE, OTHER], how="anti")
    left = persons_joined(several.select(UNIT), kept)
    pairs = pairs_within(left.filter(pl.len().over(PERSON) > 2))
    agreeing, columns = agreeing_sql(rules.blocks)
    loose = pairs_where(records, pairs, f"not ({agreeing})", columns)
    held = loose.join(left, left_on=ONE, right_on=UNIT)[PERSON].n_unique()
    return Chains(cut, parted=count, loose=held, numbered=with_two_numbers(persons_joined(records, kept)))


def by_others_alone(records: pl.DataFrame, pairs: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Find pairs with two numbers of one source joined only through a third record."""
    shared = "coalesce(list_has_any(documents_l, documents_r), false)"
    where = f"file_l = file_r and number_l <> number_r and not {shared}"
    return pairs_where(records, pairs, where, {FILE, "number", "documents"}).join(links, on=[ONE, OTHER], how="anti")


def with_two_numbers(persons: pl.DataFrame) -> int:
    numbers = persons.drop_nulls("number").group_by(PERSON, FILE).agg(pl.col("number").n_unique())
    return numbers.filter(pl.col("number") > 1)[PERSON].n_unique()


def pairs_within(persons: pl.DataFrame) -> pl.DataFrame:
    some = persons.select(UNIT, PERSON).sort(UNIT).filter(pl.int_range(pl.len()).over(PERSON) < MOST_RECORDS)
    both = some.join(some, on=PERSON, suffix="_r").filter(pl.col(UNIT) < pl.col(f"{UNIT}_r"))
    return both.select(pl.col(UNIT).alias(ONE), pl.col(f"{UNIT}_r").alias(OTHER))


def parted(links: Iterable[tuple[int, ...]], against: Iterable[tuple[int, ...]]) -> list[tuple[int, int]]:
    """Find links to cut so that no person has contradictory records; surest links stay.

    >>> parted([(1, 2), (2, 3), (3, 4)], [(1, 3)])
    [(2, 3)]
    """
    enemies = defaultdict(set)
    for left, right in against:
        enemies[left].add(right)
        enemies[right].add(left)
    if not enemies:
        return []
    members: dict[int, set[int]] = {}
    cut = []
    for left, right in links:
        mine, theirs = members.setdefault(left, {left}), members.setdefault(right, {right})
        if mine is theirs:
            continue
        if any(enemies[unit] & theirs for unit in mine if unit in enemies):
            cut.append((left, right))
            continue
        mine |= theirs
        members.update(dict.fromkeys(theirs, mine))
    return cut
