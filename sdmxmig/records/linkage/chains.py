"""Persons who hold together by chains of links: those whose records contradict each other are parted, others counted.

A record that is like a second one, which is like a third, makes one person of all three; the first and the third may
have nothing in common, or be twins.
"""

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
"""So many records of one person are held against each other."""


@dataclass(frozen=True, slots=True)
class Chains:
    """Links that were cut since a chain of them made one person of two, and how many persons there are of this kind.

    `cut` has `unit_l` and `unit_r`.
    `parted` counts persons who were parted so; `loose` those who are left though two of their records agree in nothing
    by which pairs are compared, and who hold together through others alone; `numbered` those who are left with two
    numbers of one source.
    """

    cut: pl.DataFrame
    _: KW_ONLY
    parted: int
    loose: int
    numbered: int


def chains_of(records: pl.DataFrame, links: pl.DataFrame, rules: LinkageRules) -> Chains:
    """What chains there are in links (`unit_l`, `unit_r`), the surest first, and which links are cut."""
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
    """Pairs of one person who have two numbers of one source, and neither a link of their own nor a document in common.

    A third record, without a number or of another source, fits both as well, and says nothing of them.
    """
    shared = "coalesce(list_has_any(documents_l, documents_r), false)"
    where = f"file_l = file_r and number_l <> number_r and not {shared}"
    return pairs_where(records, pairs, where, {FILE, "number", "documents"}).join(links, on=[ONE, OTHER], how="anti")


def with_two_numbers(persons: pl.DataFrame) -> int:
    """How many persons have two numbers of one source."""
    numbers = persons.drop_nulls("number").group_by(PERSON, FILE).agg(pl.col("number").n_unique())
    return numbers.filter(pl.col("number") > 1)[PERSON].n_unique()


def pairs_within(persons: pl.DataFrame) -> pl.DataFrame:
    """All pairs of records of one person, of so many records as are held against each other."""
    some = persons.select(UNIT, PERSON).sort(UNIT).filter(pl.int_range(pl.len()).over(PERSON) < MOST_RECORDS)
    both = some.join(some, on=PERSON, suffix="_r").filter(pl.col(UNIT) < pl.col(f"{UNIT}_r"))
    return both.select(pl.col(UNIT).alias(ONE), pl.col(f"{UNIT}_r").alias(OTHER))


def parted(links: Iterable[tuple[int, ...]], against: Iterable[tuple[int, ...]]) -> list[tuple[int, int]]:
    """The links that must be cut so that no person has two records that contradict each other; the surest come first.

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
