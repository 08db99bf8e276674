"""Linkage by agreeing keys, stage by stage: two records are one person if nobody else has the same key."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.lazily import pl
from sdmxmig.records.linkage.declaration import LISTS
from sdmxmig.records.linkage.preparation import SOURCE, UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdmxmig.records.linkage.declaration import Stage

KEY, PERSON, STAGE = "key", "person", "stage"
ONE, OTHER = "unit_l", "unit_r"
MOST_DOUBLES = 5


@dataclass(frozen=True, slots=True)
class StageCount:
    """What a stage came to: pairs linked between sources, records joined within one, keys of several persons left."""

    name: str
    linked: int
    _: KW_ONLY
    doubles: int
    ambiguous: int


def keys_of(records: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The keys of records by columns (`unit`, `source`, `key`), several where a column is a list, none where one lacks.

    A key is a number made of the values; that of two others is the same once in many million million cases.
    """
    frame = records.select(UNIT, SOURCE, *dict.fromkeys(columns))
    for column in dict.fromkeys(columns):
        if column in LISTS:
            frame = frame.explode(column)
    frame = frame.drop_nulls(list(columns))
    return frame.select(UNIT, SOURCE, pl.struct(list(columns)).hash(seed=0).alias(KEY)).unique()


def by_stages(
    records: pl.DataFrame, stages: Sequence[Stage], known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, list[StageCount]]:
    """Pairs of records that agreeing keys link; `known` are pairs of which it is known before that they are one person.

    Gives pairs between the two sources (`unit_l`, `unit_r`, `stage`, which counts from 1), pairs of doubles within one,
    and what each stage came to. A stage sees persons as the stages before it left them: records of one source joined,
    and those linked already are out. A key that names two persons of one source links none.
    """
    everybody = records.select(UNIT, SOURCE, pl.col(UNIT).alias(PERSON))
    person = persons_joined(everybody, known)
    linked = pl.DataFrame(schema={ONE: pl.Int64, OTHER: pl.Int64, STAGE: pl.Int64})
    doubles = linked.clear()
    counts: list[StageCount] = []
    for number, stage in enumerate(stages, 1):
        keys = keys_of(records, stage.equal)
        joined = doubles_by(keys, person) if stage.within else doubles.select(ONE, OTHER).clear()
        if joined.height:
            doubles = pl.concat([doubles, joined.with_columns(pl.lit(number, dtype=pl.Int64).alias(STAGE))])
            person = persons_joined(everybody, pl.concat([known, doubles.select(ONE, OTHER)]))
        pairs, ambiguous = pairs_by(keys, person, linked)
        linked = pl.concat([linked, pairs.with_columns(pl.lit(number, dtype=pl.Int64).alias(STAGE))])
        counts.append(StageCount(stage.name, pairs.height, doubles=joined.height, ambiguous=ambiguous))
    return linked.sort(ONE, OTHER), doubles.sort(ONE, OTHER), counts


def doubles_by(keys: pl.DataFrame, person: pl.DataFrame) -> pl.DataFrame:
    """Pairs of records within one source that have the same key and are not yet one person: each with the first.

    A key of more than `MOST_DOUBLES` persons is no key, such as a number of nines where none is known.
    """
    held = keys.join(person.select(UNIT, PERSON), on=UNIT)
    first = held.group_by(SOURCE, KEY).agg(pl.col(PERSON).min().alias(ONE), pl.col(PERSON).n_unique().alias("several"))
    pairs = held.join(first.filter(pl.col("several").is_between(2, MOST_DOUBLES)), on=[SOURCE, KEY]).filter(
        pl.col(PERSON) != pl.col(ONE)
    )
    return pairs.select(ONE, pl.col(PERSON).alias(OTHER)).unique().sort(ONE, OTHER)


def pairs_by(keys: pl.DataFrame, person: pl.DataFrame, linked: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Pairs of persons of the two sources that a key names alone, and how many keys name several of one source.

    A person whose keys lead to several others is left too.
    """
    owner = person.select(UNIT, PERSON)
    taken = pl.concat([linked[ONE], linked[OTHER]]).to_frame(UNIT).join(owner, on=UNIT)[PERSON]
    held = keys.join(owner, on=UNIT).filter(~pl.col(PERSON).is_in(taken.implode())).select(SOURCE, KEY, PERSON).unique()
    by_key = held.group_by(SOURCE, KEY).agg(pl.col(PERSON).min(), pl.col(PERSON).len().alias("several"))
    sources = by_key[SOURCE].unique().sort()
    if sources.len() < 2:
        return linked.select(ONE, OTHER).clear(), 0
    sides = [by_key.filter(pl.col(SOURCE) == source).drop(SOURCE) for source in sources]
    both = sides[0].join(sides[1], on=KEY, suffix="_r")
    alone = (pl.col("several") == 1) & (pl.col("several_r") == 1)
    pairs = both.filter(alone).select(pl.col(PERSON).alias(ONE), pl.col(f"{PERSON}_r").alias(OTHER)).unique()
    single = pairs.filter(~pl.col(ONE).is_duplicated() & ~pl.col(OTHER).is_duplicated())
    ordered = single.select(pl.min_horizontal(ONE, OTHER).alias(ONE), pl.max_horizontal(ONE, OTHER).alias(OTHER))
    return ordered.sort(ONE, OTHER), both.filter(~alone).height + pairs.height - single.height


def persons_joined(person: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Records with their persons after pairs were joined: a person is called by the first of its records."""
    label = joined_labels(pairs)
    return (
        person.join(label, on=UNIT, how="left", maintain_order="left")
        .with_columns(pl.coalesce("label", UNIT).alias(PERSON))
        .drop("label")
    )


def joined_labels(pairs: pl.DataFrame) -> pl.DataFrame:
    """The records of pairs (`unit`) with the smallest record that pairs connect each with (`label`)."""
    both = pl.concat([pairs.select(a=ONE, b=OTHER), pairs.select(a=OTHER, b=ONE)]).unique()
    labels = both.select(pl.col("a").alias(UNIT)).unique().with_columns(label=pl.col(UNIT))
    while True:
        nearest = both.join(labels, left_on="b", right_on=UNIT).group_by("a").agg(pl.col("label").min().alias("near"))
        moved = labels.join(nearest, left_on=UNIT, right_on="a", how="left").with_columns(
            lower=pl.min_horizontal("label", "near")
        )
        hopped = moved.join(labels.select(lower=UNIT, beyond="label"), on="lower", how="left").select(
            UNIT, "label", lower=pl.min_horizontal("lower", "beyond")
        )
        labels = hopped.select(UNIT, label="lower").sort(UNIT)
        if (hopped["label"] == hopped["lower"]).all():
            return labels
