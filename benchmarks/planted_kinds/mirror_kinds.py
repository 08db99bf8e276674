"""Planters of the family mirror: reports of the country and its partners on the same moves.

The country of origin reports from half to 1.3 times the destination's figure, similar every year; Nordic countries
agree within 2 %. Partners round as the country does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from benchmarks.planted_kinds.changed_people import FLOW_OF, MOVES, retold, scaled, with_moves
from benchmarks.planted_kinds.people import NORDIC, Counts, People
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import EVENTS, TOTAL, Outsider, Published, completed, frame, redone

LAST = -1
BOTH = ("DF_IMM", "DF_EMI")
OTHER = {"immigration": "emigration", "emigration": "immigration"}

Key = Mapping[str, str]
Reports = dict[str, Counts]


def reports_of(of: People, rng: np.random.Generator) -> Reports:
    """Draw partners' reports of moves to and from the country (year, partner), by their event."""
    partners = len(of.partners)
    ours = {name: of.moves_by_country[MOVES[name]].sum(axis=(1, 2))[:, :partners] for name in MOVES}
    nordic = np.array([of.area in NORDIC and code in NORDIC for code in of.partners])
    reports = {}
    for name in MOVES:  # what a partner counts as emigration is our immigration
        usual = np.exp(rng.uniform(np.log(0.55), np.log(1.2), partners))  # e / a
        shares = usual if name == "emigration" else 1 / usual
        near = np.exp(rng.uniform(-0.008, 0.008, partners))
        shares = np.where(nordic, near, shares)
        noise = np.exp(rng.normal(0, np.where(nordic, 0.003, 0.01), ours[OTHER[name]].shape))
        reports[name] = np.rint(ours[OTHER[name]] * shares * noise).astype(np.int64)
    return reports


def told_by_others(published: Published, reports: Reports) -> Published:
    """The same publication with the reports of its partners beside it."""
    of = published.people
    outside = []
    for name, counts in reports.items():
        axes = [("TIME_PERIOD", [str(year) for year in of.years]), ("REF_AREA", of.partners)]
        table = frame(counts, axes, DIRECTION=MOVES[name], C_RESIDENCE=of.area)
        table = completed(table, FLOW_OF[name], of.area, published.base)
        outside.append(Outsider("mirror", FLOW_OF[name], table, declared=EVENTS))
    return replace(published, outside=tuple(outside))


def a_pair(published: Published, rng: np.random.Generator) -> tuple[str, int, Reports, Counts]:
    """Return one of our flows, a partner, all partners' reports, and our moves with that partner by year."""
    of = published.people
    name, partner = str(rng.choice(list(MOVES))), int(rng.integers(len(of.partners)))
    return name, partner, reports_of(of, rng), of.moves_by_country[MOVES[name]][..., partner].sum(axis=(1, 2))


def named(of: People, name: str, partner: int) -> Key:
    return {"TIME_PERIOD": str(of.years[LAST]), "DIRECTION": MOVES[name], "C_RESIDENCE": of.partners[partner]}


@planter("mirror-far-off", BOTH)
def mirror_far_off(published: Published, rng: np.random.Generator) -> Plant | None:
    """The origin's report of one pair is far from the destination's."""
    of, base = published.people, published.base
    name, partner, reports, ours = a_pair(published, rng)
    theirs = reports[OTHER[name]]
    origin_is_partner = name == "immigration"
    e, a = (theirs[LAST, partner], ours[LAST]) if origin_is_partner else (ours[LAST], theirs[LAST, partner])
    if min(e, a) < 500 or not 0.5 <= e / a <= 1.3:
        return None
    clean = told_by_others(published, reports)
    ratio = float(rng.uniform(1.7, 6) if rng.random() < 1 / 2 else rng.uniform(0.05, 0.25))
    new = round(ratio * a)
    if origin_is_partner:
        theirs[LAST, partner] = new
        changed = published
    else:
        counts = of.moves_by_country["E"][LAST].copy()
        counts[..., partner] = scaled(rng, counts[..., partner], new / e)
        new = int(counts[..., partner].sum())
        changed = retold(published, with_moves(of, "emigration", LAST, counts), ("DF_EMI",))
    told = round(new / base) * base / max(1, round(a / base) * base)
    if 0.3 <= told <= 1.5:
        return None
    flow = FLOW_OF[name]
    keys = (named(of, name, partner),)
    return Plant(told_by_others(changed, reports), flow, keys, size=f"{told:.2f}", note=name, clean=clean)


@planter("nordic-pair-differs", BOTH)
def nordic_pair_differs(published: Published, rng: np.random.Generator) -> Plant | None:
    """Two countries that exchange data of their registers differ in one pair."""
    of, base = published.people, published.base
    name, partner, reports, ours = a_pair(published, rng)
    if of.area not in NORDIC:
        return None
    nordic = [n for n, code in enumerate(of.partners) if code in NORDIC]
    partner = int(rng.choice(nordic))
    ours = of.moves_by_country[MOVES[name]][..., partner].sum(axis=(1, 2))
    share = float(rng.uniform(0.11, 0.6))
    new = round(ours[LAST] * (1 - share) if rng.random() < 1 / 2 else ours[LAST] / (1 - share))
    told, own = round(new / base) * base, round(ours[LAST] / base) * base
    if min(told, own) < 200 or not 0.11 <= abs(told - own) / max(told, own) <= 0.6:
        return None
    clean = told_by_others(published, reports)
    reports[OTHER[name]][LAST, partner] = new
    flow = FLOW_OF[name]
    return Plant(
        told_by_others(published, reports),
        flow,
        (named(of, name, partner),),
        size=f"{own} and {told}",
        note=name,
        clean=clean,
    )


@planter("diagonal-filled", ("DF_IMM", "DF_EMI"), ("DF_EMI", "DF_IMM"))
def diagonal_filled(published: Published, rng: np.random.Generator) -> Plant | None:
    """The country reports moves from or to itself; its total holds them."""
    of, base, flow = published.people, published.base, next(iter(published.tables))
    number = round(float(np.exp(rng.uniform(np.log(base), np.log(5000)))) / base) * base
    if number < base:
        return None
    table, year = published.tables[flow], str(of.years[LAST])
    totals = ("BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN")
    at_totals = [pl.col(name) == TOTAL for name in totals]
    place = (pl.col("TIME_PERIOD") == year) & pl.all_horizontal(at_totals)
    row = table.filter(place, pl.col("C_RESIDENCE") == of.partners[0])
    row = row.with_columns(C_RESIDENCE=pl.lit(of.area), OBS_VALUE=pl.lit(str(number)), EXACT=pl.lit(number, pl.Int64))
    is_total = place & (pl.col("C_RESIDENCE") == TOTAL)
    table = table.with_columns(pl.when(is_total).then(pl.col("EXACT") + number).otherwise("EXACT").alias("EXACT"))
    table = pl.concat([redone(table, base, is_total), row.select(table.columns)])
    reports = reports_of(of, rng)
    changed = told_by_others(published.with_table(flow, table), reports)
    clean = told_by_others(published, reports)
    return Plant(changed, flow, ({"TIME_PERIOD": year, "C_RESIDENCE": of.area},), size=str(number), clean=clean)


@planter("net-sign-turned", BOTH)
def net_sign_turned(published: Published, rng: np.random.Generator) -> Plant | None:
    """One country has exchanged immigration and emigration in its report of one pair."""
    of, base = published.people, published.base
    partner, reports = int(rng.integers(len(of.partners))), reports_of(published.people, rng)
    ours = {name: int(of.moves_by_country[MOVES[name]][LAST, ..., partner].sum()) for name in MOVES}
    theirs = {name: int(reports[name][LAST, partner]) for name in MOVES}
    net, net_of_partner = (part["immigration"] - part["emigration"] for part in (ours, theirs))
    for part, size in ((ours, net), (theirs, net_of_partner)):
        if abs(size) < max(0.2 * max(part.values()), 100 + 2 * base):
            return None
    if net * net_of_partner > 0:  # before the plant one gains what the other loses
        return None
    keys = tuple(named(of, name, partner) for name in MOVES)
    clean = told_by_others(published, reports)
    if rng.random() < 1 / 2:
        for name in MOVES:
            reports[name][LAST, partner] = theirs[OTHER[name]]
        changed = published
    else:
        moved = of
        for name in MOVES:
            counts = moved.moves_by_country[MOVES[name]][LAST].copy()
            counts[..., partner] = of.moves_by_country[MOVES[OTHER[name]]][LAST][..., partner]
            moved = with_moves(moved, name, LAST, counts)
        changed = retold(published, moved, BOTH)
    return Plant(
        told_by_others(changed, reports), "DF_IMM", keys, beside=True, size=f"{net} and {net_of_partner}", clean=clean
    )
