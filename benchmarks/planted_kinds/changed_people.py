"""Changed people: planters that redo all sums change the persons behind a table and publish it again.

A country's people are stored twice by year: by group and single age, and by country of residence and five-year age. A
change in one is fitted to the other, person by person, so that every sum holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from benchmarks.planted_kinds.people import OLDEST, UNKNOWN_AGE, Counts, People
from benchmarks.planted_kinds.tables import TABLES, Office, Published, completed

WOMEN_AND_MEN = {"F": "M", "M": "F"}
MOVES = {"immigration": "I", "emigration": "E"}
"""Events that are told by country of residence too, with their code of DIRECTION."""
FLOW_OF = {
    "stock": "DF_POP",
    "births": "DF_BIRTHS",
    "deaths": "DF_DEATHS",
    "immigration": "DF_IMM",
    "emigration": "DF_EMI",
    "acquisitions": "DF_CTZ_ACQ",
}
"""In which dataflow events are told."""


def compute_tolerance(population: float, base: int) -> float:
    """Return the tolerance of the account of so many people (tol_acc of README.md)."""
    return max(7 * base / 2, 0.0005 * population)


def retold(published: Published, of: People, flows: Iterable[str]) -> Published:
    """Rewrite these dataflows for other people."""
    for flow in flows:
        table = completed(TABLES[flow][0](Office(of)), flow, of.area, published.base)
        published = published.with_table(flow, table)
    return published


def relabelled(published: Published, flow: str, column: str, codes: Mapping[str, str]) -> Published:
    """The same publication with other codes in a column of a dataflow, in the last year of events."""
    is_last = pl.col("TIME_PERIOD") == str(published.people.years[-1])
    other = pl.when(is_last).then(pl.col(column).replace(codes)).otherwise(column).alias(column)
    return published.with_table(flow, published.tables[flow].with_columns(other))


def in_fives(by_age: Counts) -> Counts:
    """Counts by single age (last axis) as those of five years, the open class, and unknown age."""
    fives = np.add.reduceat(by_age[..., : OLDEST + 1], np.arange(0, OLDEST + 1, 5), axis=-1)
    return np.concatenate([fives, by_age[..., UNKNOWN_AGE:]], axis=-1)


def fitted(parts: Counts, totals: Counts) -> Counts:
    """Whole parts (last axis) in proportion to given ones, which add up to other totals exactly."""
    sums = parts.sum(axis=-1, keepdims=True)
    weights = np.where(sums > 0, parts, 1).astype(float)
    upto = np.cumsum(weights, axis=-1) / weights.sum(axis=-1, keepdims=True) * totals[..., None]
    upto = np.floor(upto + 0.5).astype(np.int64)
    upto[..., -1] = totals
    return np.diff(upto, axis=-1, prepend=0)


def with_events(of: People, name: str, year: int, counts: Counts) -> People:
    """The people with other events of one year (group, sex, age); moves by country of residence follow them."""
    events = getattr(of, name).copy()
    events[year] = counts
    of = replace(of, **{name: events})
    if name not in MOVES:
        return of
    direction = MOVES[name]
    by_residence = of.moves_by_country[direction].copy()
    by_residence[year] = fitted(by_residence[year], in_fives(counts).sum(axis=0))
    return replace(of, moves_by_country={**of.moves_by_country, direction: by_residence})


def with_moves(of: People, name: str, year: int, by_residence: Counts) -> People:
    """The people with other moves of one year (sex, age group, residence); the groups of persons follow them."""
    direction = MOVES[name]
    moves = of.moves_by_country[direction].copy()
    moves[year] = by_residence
    totals = by_residence.sum(axis=-1)
    events = getattr(of, name).copy()
    counts = events[year].copy()
    spans = [*(slice(first, min(first + 5, OLDEST + 1)) for first in range(0, OLDEST + 1, 5)), slice(UNKNOWN_AGE, None)]
    for place, ages in enumerate(spans):
        for sex in range(2):
            cells = counts[:, sex, ages]
            counts[:, sex, ages] = fitted(cells.reshape(-1), totals[sex, place]).reshape(cells.shape)
    events[year] = counts
    return replace(of, moves_by_country={**of.moves_by_country, direction: moves}, **{name: events})


def with_stock(of: People, year: int, counts: Counts) -> People:
    """The people with another stock (group, sex, age) at the start of one year."""
    stock = of.stock.copy()
    stock[year] = counts
    return replace(of, stock=stock)


def scaled(rng: np.random.Generator, counts: Counts, factor: float) -> Counts:
    """Whole counts that are together a multiple of given ones, each about so many times as many."""
    exact = counts * factor
    down = np.floor(exact)
    return (down + (rng.random(counts.shape) < exact - down)).astype(np.int64)


def take_share(counts: Counts, number: int) -> Counts:
    """Take this number of persons from whole counts, in proportion to them."""
    flat = counts.reshape(-1)
    return np.asarray(np.minimum(fitted(flat, np.array(number)), flat).reshape(counts.shape))
