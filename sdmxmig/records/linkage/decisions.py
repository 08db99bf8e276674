"""Decisions on weighed pairs."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.preparation import ONE, OTHER, SOURCE, UNIT
from sdmxmig.records.linkage.probabilities import WEIGHT
from sdmxmig.records.linkage.stages import PERSON

if TYPE_CHECKING:
    from sdmxmig.records.linkage.declaration import LinkageRules

LIKELY, LINKED = "likely", "linked"
ROUNDS = 30
EVEN, STRONG = 0.5, 0.9
DECIMALS = 6
FIRST_SHARE = 0.1
"""Initial share of records of the smaller source with a further pair."""
STRONGEST = 200
"""Weights beyond are as good as certain, and powers of two stay numbers."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Decided pairs (`unit_l`, `unit_r`, `likely`, `linked`) and thresholds.

    `expected` is the model's number of true pairs.
    """

    pairs: pl.DataFrame
    least: float
    _: KW_ONLY
    expected: float


def decided(pairs: pl.DataFrame, possible: int, known: int, rules: LinkageRules, *, exclusive: bool) -> Decided:
    """Decide which pairs are linked.

    `pairs` has `unit_l`, `unit_r`, `weight` and perhaps `likely`, a lower bound. `possible` is the number of all pairs.
    `exclusive` allows one partner each. Links are likelier than not, down to the declared share of false links.
    """
    weighed = pairs.with_columns(times=2.0 ** pl.col(WEIGHT).clip(-STRONGEST, STRONGEST))
    if exclusive:
        rivals = pl.col("times").sum().over(ONE) + pl.col("times").sum().over(OTHER) - pl.col("times")
        weighed = weighed.with_columns(rivals=rivals)
    else:
        weighed = weighed.with_columns(rivals=pl.col("times"))
    expected = FIRST_SHARE * max(1, known)
    for _ in range(ROUNDS):
        prior = min(EVEN, (known + expected) / max(1, possible))
        odds = prior / (1 - prior)
        likely = odds * pl.col("times") / (1 + odds * pl.col("rivals"))
        expected = round(float(weighed.select(likely.sum()).item()), 3)
    known_before = pl.col(LIKELY) if LIKELY in weighed.columns else pl.lit(0.0)
    weighed = weighed.with_columns(pl.max_horizontal(likely, known_before).round(DECIMALS).alias(LIKELY))
    least = threshold(weighed[LIKELY], 1 - rules.false_links / 1000, known)
    judged = weighed.with_columns((pl.col(LIKELY) >= least).alias(LINKED)).drop("times", "rivals", WEIGHT)
    return Decided(judged.sort(ONE, OTHER), least, expected=expected)


def threshold(likely: pl.Series, target: float, certain: int = 0) -> float:
    """Compute the threshold for the target share of true links.

    `certain` links count as true.

    >>> threshold(pl.Series([1.0, 0.99, 0.9, 0.2]), 0.96)
    0.9
    >>> threshold(pl.Series([0.6]), 0.96) > 1
    True
    """
    levels = likely.filter(likely > EVEN).alias(LIKELY).to_frame().group_by(LIKELY).len().sort(LIKELY, descending=True)
    true = (pl.col(LIKELY) * pl.col("len")).cum_sum() + certain
    enough = levels.filter(true / (pl.col("len").cum_sum() + certain) >= target)[LIKELY]
    lowest = enough.min()
    return float(str(lowest)) if lowest is not None else 1.1


def of_persons(pairs: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    owner = persons.select(UNIT, PERSON)
    named = pairs.join(owner, left_on=ONE, right_on=UNIT).join(owner, left_on=OTHER, right_on=UNIT, suffix="_r")
    apart = named.filter(pl.col(PERSON) != pl.col(f"{PERSON}_r")).select(
        pl.min_horizontal(PERSON, f"{PERSON}_r").alias(ONE),
        pl.max_horizontal(PERSON, f"{PERSON}_r").alias(OTHER),
        WEIGHT,
    )
    return apart.group_by(ONE, OTHER).agg(pl.col(WEIGHT).max()).sort(ONE, OTHER)


def through_others(within: pl.DataFrame, between: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Raise the likelihood of pairs within a source through a third record.

    Not against their own weight, nor for two different numbers.
    """
    strong = between.filter(pl.col(LIKELY) >= STRONG)
    sides = [strong.select(third=third, unit=side, alone=LIKELY) for third, side in ((ONE, OTHER), (OTHER, ONE))]
    both = [side.join(side, on="third", suffix="_r").filter(pl.col(UNIT) < pl.col(f"{UNIT}_r")) for side in sides]
    likely = pl.concat(both).select(
        pl.col(UNIT).alias(ONE), pl.col(f"{UNIT}_r").alias(OTHER), (pl.col("alone") * pl.col("alone_r")).alias(LIKELY)
    )
    best = without_two_numbers(likely.group_by(ONE, OTHER).agg(pl.col(LIKELY).max()), numbered)
    joined = within.join(best, on=[ONE, OTHER], how="left", maintain_order="left")
    return joined.with_columns(pl.when(pl.col(WEIGHT) > 0).then(pl.col(LIKELY)).fill_null(0.0))


def without_two_numbers(pairs: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    sides = [numbered.select(pl.col(PERSON).alias(side), pl.col("number").alias(side[-1])) for side in (ONE, OTHER)]
    both = pairs.select(ONE, OTHER).join(sides[0], on=ONE).join(sides[1], on=OTHER)
    two = both.group_by(ONE, OTHER).agg((pl.col("l") == pl.col("r")).any().alias("common")).filter(~pl.col("common"))
    return pairs.join(two, on=[ONE, OTHER], how="anti", maintain_order="left")


def by_kind(pairs: pl.DataFrame, records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    source = records.select(UNIT, SOURCE)
    named = pairs.join(source, left_on=ONE, right_on=UNIT).join(source, left_on=OTHER, right_on=UNIT, suffix="_r")
    same = pl.col(SOURCE) == pl.col(f"{SOURCE}_r")
    between, within = named.filter(~same), named.filter(same)
    return between.select(ONE, OTHER, WEIGHT), within.select(ONE, OTHER, WEIGHT)
