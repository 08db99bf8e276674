"""Journeys that never change residence under the 12/16 rule.

The rule counts 365 of 487 nights. Nights away are at most 180 in twelve months. Journeys over 20 nights keep 488 days
from moves; shorter ones, at most two a year, 60 after and 250 before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.mobility import EMIGRANTS, RESIDENTS, VISITORS, Mobility, mobilities_of
from sdmxmig.records.simulation.stays import BORN, DIED, MOVED

if TYPE_CHECKING:
    from sdmxmig.records.simulation.chance import Chance, Flags, Whole

ROUND = 365
SHORT = 20
AGAIN = 0.4
"""The share of short journeys after which there is another one."""
APART = 488
"""So many days lie between a long journey and a move."""
AFTER_MOVE, BEFORE_MOVE, AFTER_BIRTH, LEAST_STAY = 60, 250, 30, 500
"""Minimum days between moves, birth, death and journeys."""


def journeys_of(stays: pl.DataFrame, comes_as_visitor: Flags, first: int, chance: Chance) -> pl.DataFrame:
    number = len(comes_as_visitor)
    last = int(stays.select(pl.col("end").max()).item())
    rounds = (last - first) // ROUND + 2
    traits = pl.DataFrame(
        {
            "person": np.arange(number),
            "visitor": comes_as_visitor,
            "offset": chance.between(0, ROUND - 1, number),
            "fate": chance.uniform(number),
            "turn": chance.between(0, rounds - 1, number),
        }
    )
    homes = stays.join(traits, on="person", how="left", maintain_order="left")
    who = pl.when(pl.col("here")).then(pl.lit(RESIDENTS)).when("visitor").then(pl.lit(VISITORS))
    parts = homes.with_columns(who=who.otherwise(pl.lit(EMIGRANTS))).partition_by("who", maintain_order=True)
    frames = [
        journey
        for people in parts
        for turn in range(rounds)
        for journey in round_of(people.with_columns(round=first + pl.col("offset") + (turn - 1) * ROUND), turn, chance)
    ]
    return pl.concat(frames).filter(is_allowed(first)).select(*stays.columns, *JOURNEY).sort("person", "day")


JOURNEY = ("who", "day", "nights", "purpose", "granted", "repeats")


def round_of(people: pl.DataFrame, turn: int, chance: Chance) -> list[pl.DataFrame]:
    """The journeys of some people in the twelve months that begin for each of them on the day `round`."""
    kinds = mobilities_of(people["who"].item(0))
    chosen = kinds_chosen(people, kinds, turn, chance)
    frames = []
    for index, mobility in enumerate(kinds):
        travellers = people.filter(pl.Series(chosen == index))
        is_short = mobility.longest <= SHORT
        frames.append(made(travellers, mobility, (1, ROUND // 2 if is_short else ROUND), chance))
        if is_short and mobility.who != VISITORS:
            again = travellers.filter(pl.Series(chance.happens(AGAIN, travellers.height)))
            frames.append(made(again, mobility, (1 + ROUND // 2, ROUND // 2), chance))
    return frames


def kinds_chosen(people: pl.DataFrame, kinds: tuple[Mobility, ...], turn: int, chance: Chance) -> Whole:
    """The place of the journey of each person in the list of kinds; -1 for who stays at home."""
    shares = np.cumsum([mobility.share for mobility in kinds])
    repeats = np.array([*(mobility.repeats for mobility in kinds), False])
    fated = np.searchsorted(shares, people["fate"].to_numpy(), side="right")
    if kinds[0].who == VISITORS:
        comes = repeats[fated] | (people["turn"].to_numpy() == turn)
        return np.where(comes & (fated < len(kinds)), fated, -1)
    drawn = np.searchsorted(shares, chance.uniform(people.height), side="right")
    drawn = np.where((drawn < len(kinds)) & ~repeats[drawn], drawn, -1)
    return np.where(repeats[fated], fated, drawn)


def made(travellers: pl.DataFrame, mobility: Mobility, span: tuple[int, int], chance: Chance) -> pl.DataFrame:
    """One journey of each traveller; `span` says within which of their days, by the first of these and their number."""
    begin, days = span
    nights = chance.between(mobility.shortest, mobility.longest, travellers.height)
    later = chance.between(0, days - nights - 3, travellers.height)
    return travellers.with_columns(
        day=pl.col("round") + begin + pl.Series(later, dtype=pl.Int64),
        nights=pl.Series(nights, dtype=pl.Int64),
        purpose=pl.lit(mobility.purpose),
        granted=pl.lit(mobility.granted, dtype=pl.Int64),
        repeats=pl.lit(mobility.repeats),
    )


def is_allowed(first: int) -> pl.Expr:
    """Whether a journey lies so far from moves, birth and death of its person that it changes no residence."""
    is_long = pl.col("nights") > SHORT
    day, home = pl.col("day"), pl.col("day") + pl.col("nights")
    after = (
        pl.when(pl.col("opened") == MOVED).then(pl.when(is_long).then(APART).otherwise(AFTER_MOVE))
        .when(pl.col("opened") == BORN).then(AFTER_BIRTH).otherwise(0)
    )  # fmt: skip
    before = pl.when(is_long).then(APART).otherwise(BEFORE_MOVE)
    lasting = (pl.col("opened") != MOVED) | (pl.col("end") - pl.col("begin") >= LEAST_STAY)
    closed = (
        pl.when(pl.col("closed") == MOVED).then((pl.col("end") - day >= before) & lasting)
        .when(pl.col("closed") == DIED).then((home < pl.col("end")) & lasting)
        .otherwise(day < pl.col("end"))
    )  # fmt: skip
    return (day > first) & (day >= pl.col("begin") + after) & closed
