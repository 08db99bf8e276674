"""Absent persons on lists, estimated from a sample.

As in evaluations of erroneous enumerations (H. Hogan, The 1990 Post-Enumeration Survey: operations and results, Journal
of the American Statistical Association 88, 1993).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.group_estimates import WrongRecords
from sdmxmig.statistics.demography.capture import Share
from sdmxmig.statistics.demography.deregistration import LEAST_IN_CLASS
from sdmxmig.statistics.demography.signs_of_life import OverCoverage, measured_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

REGISTER_ALONE = 1
"""The history of who is on the register and on no other list."""


@dataclass(frozen=True, slots=True, eq=False)
class Strays:
    """The spread of absent persons: `spread` by history, from `sampled`; `others` outside the register."""

    spread: Vector
    _: KW_ONLY
    sampled: int
    others: Mapping[tuple[int, bool], Share]


def strays_of(rows: pl.DataFrame, lists: int) -> Strays:
    """Estimate the spread from a sample (history, resident, left).

    With fewer than ten absent, none are on other lists; other classes need ten (one if exits were registered).
    """
    absent = rows.filter((pl.col("history") % 2 == 1) & ~pl.col("resident"))["history"].to_numpy()
    spread = np.zeros(1 << lists)
    spread[REGISTER_ALONE] = 1.0
    if len(absent) >= LEAST_IN_CLASS:
        spread = np.bincount(absent, minlength=1 << lists) / len(absent)
    classes = (
        rows.filter(pl.col("history") % 2 == 0)
        .group_by("history", "left")
        .agg(sampled=pl.col("resident").count(), absent=(~pl.col("resident")).sum())
        .filter(pl.col("sampled") >= pl.when("left").then(1).otherwise(LEAST_IN_CLASS))
        .filter(pl.col("absent") > 0)
        .sort("history", "left")
    )
    others = {
        (history, left): measured_share(gone / sampled, sampled) for history, left, sampled, gone in classes.rows()
    }
    return Strays(spread, sampled=len(absent), others=others)


def wrong_records(rows: pl.DataFrame, over: OverCoverage, strays: Strays) -> WrongRecords:
    """How many persons of a group do not live in the country, by history."""
    size = len(strays.spread)
    histories = rows["history"].to_numpy()
    gone = rows["resident"].eq_missing(other=False).to_numpy()
    unknown = rows["resident"].is_null().to_numpy()
    number = np.bincount(histories[gone], minlength=size).astype(np.float64)
    free = np.bincount(histories[unknown], minlength=size)
    absent = over.absent - over.known.absent
    spread = np.minimum(absent * strays.spread, free)
    spread[REGISTER_ALONE] += absent - spread.sum()
    number += spread
    moved = [reach * strays.spread for reach in over.moved]
    chance = [math.sqrt(over.chance) * strays.spread]
    for history in np.flatnonzero(strays.spread).tolist():
        if history == REGISTER_ALONE:
            continue
        share = measured_share(float(strays.spread[history]), strays.sampled)
        moved.append(absent * math.sqrt(share.variance) * between(history, size))
        chance.append(math.sqrt(absent * share.value * (1 - share.value)) * between(history, size))
    left = rows["left"].to_numpy()
    for (history, has_left), share in strays.others.items():
        many = int((unknown & (histories == history) & (left == has_left)).sum())
        place = np.eye(size)[history]
        number += many * share.value * place
        moved.append(many * math.sqrt(share.variance) * place)
        chance.append(math.sqrt(many * share.value * (1 - share.value)) * place)
    return WrongRecords(number=number, moved=tuple(moved), chance=tuple(chance))


def between(history: int, size: int) -> Vector:
    change = np.zeros(size)
    change[history], change[REGISTER_ALONE] = 1.0, -1.0
    return change
