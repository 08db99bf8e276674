"""Planters of the family series: figures that do not follow from earlier years.

Partners are countries of previous or next residence for moves. Changes are fitted to the groups of persons, so that all
sums of the flow are redone; stocks stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from benchmarks.planted_kinds.changed_people import (
    FLOW_OF,
    MOVES,
    WOMEN_AND_MEN,
    compute_tolerance,
    fitted,
    relabelled,
    retold,
    scaled,
    take_share,
    with_moves,
    with_stock,
)
from benchmarks.planted_kinds.people import OLDEST, Counts, Extent, People
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import DIMENSIONS, EXACT, TOTAL, Published, completed, redone
from benchmarks.planted_kinds.tables_of_more_people import CHANGEABLE, applications_of, build_applications_table

LAST = -1
BY_RESIDENCE = (("DF_IMM",), ("DF_EMI",))
SMALL = Extent(partners=24, size=0.06)
"""A small country with more partners, so that moves from and to a partner are from some tens to some thousands."""
NAMES = {flow: name for name, flow in FLOW_OF.items()}
NORMAL = 1.4826
TRIES = 40
GROUPS_OF_AGE = OLDEST // 5 + 1
"""So many groups of five years, with the open one; unknown ages stand behind them."""
ABOVE = 20
"""Copied years are told by figures above this."""
CELLS = 30
"""So many such figures are needed."""
EQUAL = 0.08
"""At most so many of them were equal to the year before by themselves."""

Key = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves in one direction: name of the event, dataflow, and last year."""

    of: People
    name: str

    @property
    def flow(self) -> str:
        return FLOW_OF[self.name]

    @property
    def counts(self) -> Counts:
        return self.of.moves_by_country[MOVES[self.name]]

    def totals(self, partner: int) -> Counts:
        return np.asarray(self.counts[..., partner].sum(axis=(1, 2)))

    def key(self, year: int, *partners: int) -> tuple[Key, ...]:
        """Return the keys of these partners in a year, or of the whole year."""
        period = {"TIME_PERIOD": str(self.of.years[year])}
        return tuple({**period, "C_RESIDENCE": self.of.residences[partner]} for partner in partners) or (period,)


def moves_of(published: Published) -> Moves:
    return Moves(published.people, NAMES[next(iter(published.tables))])


def a_partner(published: Published, rng: np.random.Generator) -> int:
    """A partner country by chance, but the rest and the unknown."""
    return int(rng.integers(len(published.people.partners)))


def steady(series: Counts, year: int = LAST) -> bool:
    """Whether the figure of a year is that of the year before within a tenth."""
    return bool(series[year - 1] > 0 and 0.9 <= series[year] / series[year - 1] <= 1.1)


def a_factor(rng: np.random.Generator, least: float, most: float) -> float:
    """A factor between two, or its inverse, evenly on the scale of logarithms."""
    factor = float(np.exp(rng.uniform(np.log(least), np.log(most))))
    return factor if rng.random() < 1 / 2 else 1 / factor


def nearest(count: float, base: int) -> int:
    return round(count / base) * base


def within_change_limits(before: int, now: int, base: int) -> bool:
    """Whether a change is inside both limits that the kinds name: twice, and exp(0.15 + 4 / sqrt X)."""
    before, now = nearest(before, base), nearest(now, base)
    larger, smaller = max(before, now), max(min(before, now), 1e-9)
    return larger / smaller <= min(2, float(np.exp(0.15 + 4 / larger**0.5)))


def with_year_of_moves(published: Published, moves: Moves, counts: Counts, year: int = LAST) -> Published:
    return retold(published, with_moves(moves.of, moves.name, year, counts), (moves.flow,))


def cells_of(published: Published, flow: str, year: int) -> pl.DataFrame:
    """The figures of a year (`now`) and of the year before (`before`) at the same keys, of one dataflow."""
    table, years = published.tables[flow], published.people.years
    last = years[year] if flow != "DF_POP" else years[year] + 1
    keys = list(dict.fromkeys(["FREQ", "REF_AREA", *DIMENSIONS[flow], "UNIT_MEASURE"]))

    def of(period: int, name: str) -> pl.DataFrame:
        rows = table.filter(pl.col("TIME_PERIOD") == str(period))
        return rows.select(*keys, pl.col("OBS_VALUE").cast(pl.Int64).alias(name))

    return of(last, "now").join(of(last - 1, "before"), on=keys, nulls_equal=True)


@planter("year-copied", ("DF_IMM",), ("DF_EMI",), ("DF_DEATHS",), ("DF_CTZ_ACQ",), ("DF_CITIZENSHIP",))
def year_copied(published: Published, rng: np.random.Generator) -> Plant | None:
    """All values of the year before written into the latest year of a table."""
    del rng  # there is only one place
    flow = next(iter(published.tables))
    table = published.tables[flow]
    last = str(max(map(int, table["TIME_PERIOD"].unique())))
    before = str(int(last) - 1)
    names = ["FREQ", "REF_AREA", *DIMENSIONS[flow]]
    old = table.filter(pl.col("TIME_PERIOD") == before).select(*names, was="OBS_VALUE", exact_was=EXACT)
    joined = table.join(old, on=names, how="left", maintain_order="left")
    is_last = pl.col("TIME_PERIOD") == last
    compared = joined.filter(is_last).select(pl.col("OBS_VALUE", "was").cast(pl.Int64)).filter(pl.col("was") > ABOVE)
    equal = int((compared["OBS_VALUE"] == compared["was"]).sum())
    if compared.height < CELLS or equal > EQUAL * compared.height:
        return None
    changed = joined.with_columns(
        OBS_VALUE=pl.when(is_last).then("was").otherwise("OBS_VALUE"),
        **{EXACT: pl.when(is_last).then("exact_was").otherwise(EXACT)},
    ).select(table.columns)
    return Plant(published.with_table(flow, changed), flow, ({"TIME_PERIOD": last},), size=f"{compared.height} cells")


@planter("block-copied", ("DF_IMM",), ("DF_EMI",), ("DF_POP",))
def block_copied(published: Published, rng: np.random.Generator) -> Plant | None:
    """A block of partners or of ages has the figures of the year before; sums are redone."""
    of, flow = published.people, next(iter(published.tables))
    share = float(rng.uniform(0.4, 1))
    if flow == "DF_POP":
        codes = rng.permutation(np.array([of.area, *of.partners]))[: max(1, round(share * (len(of.partners) + 1)))]
        block = np.isin(of.citizenship_of, codes)
        stock = of.stock[LAST].copy()
        stock[block] = of.stock[LAST - 1][block]
        changed, year = retold(published, with_stock(of, LAST, stock), (flow,)), str(of.years[LAST] + 1)
    else:
        moves = moves_of(published)
        counts = moves.counts[LAST].copy()
        axis, size = (2, len(of.residences)) if rng.random() < 1 / 2 else (1, GROUPS_OF_AGE)
        chosen = rng.permutation(size)[: max(1, round(share * size))]
        where = (slice(None), slice(None), chosen) if axis == 2 else (slice(None), chosen)
        counts[where] = moves.counts[LAST - 1][where]
        changed, year = with_year_of_moves(published, moves, counts), str(of.years[LAST])
    clean, copied = (cells_of(part, flow, LAST).filter(pl.col("before") > 20) for part in (published, changed))
    by_itself, equal = (int((part["now"] == part["before"]).sum()) / max(1, part.height) for part in (clean, copied))
    if copied.height < 30 or by_itself > 0.08 or not 0.2 <= equal <= 0.6:
        return None
    return Plant(changed, flow, ({"TIME_PERIOD": year},), size=f"{100 * equal:.0f} % of {copied.height}")


def slipped(published: Published, flow: str, period: str, factor: int, *, times: bool) -> Published:
    """The same publication with all figures of a period so many times as many, or that part of them."""
    table = published.tables[flow]
    new = pl.col(EXACT) * factor if times else (pl.col(EXACT) / factor).round().cast(pl.Int64)
    where = pl.col("TIME_PERIOD") == period
    table = table.with_columns(pl.when(where).then(new).otherwise(EXACT).alias(EXACT))
    return published.with_table(flow, redone(table, published.base, where))


@planter("in-thousands", ("DF_POP",))
def in_thousands(published: Published, rng: np.random.Generator) -> Plant | None:
    """Large, slowly growing cells of the stock are in tens, hundreds or thousands."""
    of, base = published.people, published.base
    totals = [pl.col(name) == TOTAL for name in ("AGE", "C_BIRTH", "C_CITIZEN")]
    large = published.tables["DF_POP"].filter(
        *totals, pl.col("BIRTH_STATUS").is_in([TOTAL, "NB"]), pl.col("CTZ_STATUS").is_in([TOTAL, "NC"])
    )
    published = published.with_table("DF_POP", large)
    cells = cells_of(published, "DF_POP", LAST)
    near = (cells["now"] / cells["before"] - 1).abs() <= 0.008
    factor, times = int(rng.choice([10, 100, 1000])), bool(rng.random() < 1 / 2)
    if cells.height < 10 or int(near.sum()) < 0.9 * cells.height:
        return None
    if not times and min(cells["now"].to_list()) / factor < 250 * base:
        return None
    changed = slipped(published, "DF_POP", str(of.years[LAST] + 1), factor, times=times)
    keys = ({"TIME_PERIOD": str(of.years[LAST] + 1)},)
    size = f"{'times' if times else 'divided by'} {factor}"
    return Plant(changed, "DF_POP", keys, size=size, clean=published)


@planter("in-thousands-growing", ("DF_IMM",), ("DF_EMI",), ("DF_PERMIT",), ("DF_PROTECTION",), ("DF_CITIZENSHIP",))
def in_thousands_growing(published: Published, rng: np.random.Generator) -> Plant | None:
    """A growing table is in tens, hundreds or thousands in one year."""
    flow, year = next(iter(published.tables)), str(published.people.years[LAST])
    factor, times = int(rng.choice([10, 100, 1000])), bool(rng.random() < 1 / 2)
    changed = slipped(published, flow, year, factor, times=times)
    before, after = (cells_of(part, flow, LAST) for part in (published, changed))
    ratio = before["now"] / before["before"]
    larger = pl.Series(np.maximum(after["now"].to_numpy(), after["before"].to_numpy()))
    if ((larger >= 100) & ratio.is_between(0.7, 1.4)).sum() < 10:
        return None
    return Plant(changed, flow, ({"TIME_PERIOD": year},), size=f"{'times' if times else 'divided by'} {factor}")


@planter("jump-one-cell", ("DF_IMM",), ("DF_EMI",), ("DF_POP",), extent=SMALL)
def jump_one_cell(published: Published, rng: np.random.Generator) -> Plant | None:
    """All cells of one partner or citizenship jump in the last year; sums are redone."""
    of, base = published.people, published.base
    if next(iter(published.tables)) == "DF_POP":
        code = str(rng.choice(of.partners))
        chosen = of.citizenship_of == code
        series = of.stock[:, chosen].sum(axis=(1, 2, 3))
        factor = a_factor(rng, 1.5, 4)
        stock = of.stock[LAST].copy()
        stock[chosen] = scaled(rng, stock[chosen], factor)
        now = int(stock[chosen].sum())
        if series[LAST - 1] < 1000 or not steady(series) or within_change_limits(int(series[LAST - 1]), now, base):
            return None
        keys = ({"TIME_PERIOD": str(of.years[LAST] + 1), "C_CITIZEN": code},)
        changed = retold(published, with_stock(of, LAST, stock), ("DF_POP",))
        return Plant(changed, "DF_POP", keys, size=f"{factor:.2f} times {series[LAST]}")
    moves, partner = moves_of(published), a_partner(published, rng)
    series, factor = moves.totals(partner), a_factor(rng, 2.5, 8)
    counts = moves.counts[LAST].copy()
    counts[..., partner] = scaled(rng, counts[..., partner], factor)
    now = int(counts[..., partner].sum())
    if series[LAST - 1] < 200 or not steady(series) or within_change_limits(int(series[LAST - 1]), now, base):
        return None
    changed = with_year_of_moves(published, moves, counts)
    return Plant(changed, moves.flow, moves.key(LAST, partner), size=f"{factor:.2f} times {series[LAST]}")


@planter("outlier-inner-year", *BY_RESIDENCE, extent=SMALL)
def outlier_inner_year(published: Published, rng: np.random.Generator) -> Plant | None:
    """One partner is an outlier in a year with at least three other years on each side."""
    moves, partner = moves_of(published), a_partner(published, rng)
    series = moves.totals(partner).astype(float)
    for _ in range(TRIES):
        year = int(rng.integers(3, len(series) - 3))
        counts = moves.counts[year].copy()
        counts[..., partner] = scaled(rng, counts[..., partner], a_factor(rng, 1.15, 8))
        told = series.copy()
        told[year] = counts[..., partner].sum()
        window = np.log([nearest(count, published.base) + 1 for count in told[year - 3 : year + 4]])
        middle = np.median(window)
        spread = NORMAL * max(float(np.median(np.abs(window - middle))), 0.02)
        times = abs(window[3] - middle) / spread
        if told[year] >= 200 and 6 <= times <= 20:
            changed = with_year_of_moves(published, moves, counts, year)
            size = f"{times:.1f} deviations, {series[year]:.0f} to {told[year]:.0f}"
            return Plant(changed, moves.flow, moves.key(year, partner), size=size)
    return None


@planter("month-against-last-year", ("DF_PROTECTION",), variant=CHANGEABLE)
def month_against_last_year(published: Published, rng: np.random.Generator) -> Plant | None:
    """One month of one citizenship is many times its value in other years; quarters and years are recomputed."""
    of, counts = published.people, applications_of(published.people)
    partner, month = int(rng.integers(len(of.partners))), int(rng.integers(len(counts)))
    same_months = np.log(np.delete(counts[month % 12 :: 12, partner], month // 12))
    usual = float(np.median(same_months))
    spread = max(float(np.median(np.abs(same_months - usual))), 0.02)
    factor = float(np.exp(rng.uniform(np.log(2), np.log(6))))
    new = round(counts[month, partner] * factor)
    is_december = month % 12 == 11
    if is_december or counts[:, partner].min() < 100 or abs(np.log(new) - usual) < 8 * spread:
        return None
    first = of.years[LAST] - len(counts) // 12 + 1
    period = f"{first + month // 12}-{month % 12 + 1:02d}"
    was, counts[month, partner] = counts[month, partner], new
    table = completed(build_applications_table(of, counts), "DF_PROTECTION", of.area, published.base)
    keys = ({"TIME_PERIOD": period, "C_CITIZEN": of.partners[partner], "FREQ": "M"},)
    changed = published.with_table("DF_PROTECTION", table)
    begins = month < 12  # a figure without one a year before is told beside that of the year after, with its value
    return Plant(changed, "DF_PROTECTION", keys, beside=begins, size=f"{factor:.1f} times {was}")


def apart(now: Iterable[float], before: Iterable[float]) -> float:
    """How far figures are from those of the year before: the sum of their logarithmic changes."""
    return float(sum(abs(np.log((new + 1) / (old + 1))) for new, old in zip(now, before, strict=True)))


@planter("sex-labels-swapped", *BY_RESIDENCE)
def sex_labels_swapped(published: Published, rng: np.random.Generator) -> Plant | None:
    """Women and men are exchanged in all rows of the last year."""
    del rng  # there is only one place
    moves = moves_of(published)
    counts = moves.counts[LAST]
    before = moves.counts[LAST - 1].sum(axis=1).reshape(-1)
    with_swap, without = (apart(now.sum(axis=1).reshape(-1), before) for now in (counts[::-1], counts))
    if without > 0.4 * with_swap:
        return None
    changed = relabelled(published, moves.flow, "SEX", WOMEN_AND_MEN)
    keys = tuple({**key, "SEX": sex} for sex in "FM" for key in moves.key(LAST))
    return Plant(changed, moves.flow, keys, size=f"{without / with_swap:.2f} of the distance")


@planter("partner-labels-swapped", *BY_RESIDENCE, ("DF_CITIZENSHIP",), extent=SMALL)
def partner_labels_swapped(published: Published, rng: np.random.Generator) -> Plant | None:
    """Two partners are swapped in the last year: similar names, or neighbours in the list."""
    of, flow = published.people, next(iter(published.tables))
    column = "C_FORMER" if flow == "DF_CITIZENSHIP" else "C_RESIDENCE"
    alike = [pair for pair in ALIKE if set(pair) <= set(of.partners)]
    pairs = alike if alike and rng.random() < 1 / 2 else list(pairwise(of.partners))
    codes = pairs[int(rng.integers(len(pairs)))]
    totals = pl.col("SEX") == TOTAL, pl.col("AGE") == TOTAL
    rows = [published.tables[flow].filter(pl.col(column) == code, *totals).sort("TIME_PERIOD") for code in codes]
    before, now = ([float(table[EXACT][year]) for table in rows] for year in (LAST - 1, LAST))
    undone, swapped = apart(now, before), apart(now[::-1], before)
    if max(now) < 200 or max(now) < 2 * max(1, min(now)) or undone > 0.4 * swapped:
        return None
    changed = relabelled(published, flow, column, dict(zip(codes, codes[::-1], strict=True)))
    keys = tuple({"TIME_PERIOD": str(of.years[LAST]), column: code} for code in codes)
    return Plant(changed, flow, keys, size=f"{now[0]:.0f} and {now[1]:.0f}", note=" ".join(codes))


ALIKE = (("AT", "AU"), ("NE", "NG"), ("SK", "SI"), ("KR", "KP"), ("CD", "CG"))
"""Countries whose names or codes are mistaken for each other."""


@planter("immigration-emigration-swapped", ("DF_IMM", "DF_EMI", "DF_POP", "DF_BIRTHS", "DF_DEATHS"))
def directions_swapped(published: Published, rng: np.random.Generator) -> Plant | None:
    """Immigration and emigration are exchanged in all cells of the last year."""
    del rng  # there is only one place
    of, base = published.people, published.base
    came, left = (float(getattr(of, name)[LAST].sum()) for name in MOVES)
    limit = 3 * compute_tolerance(float(of.stock[LAST - 1].sum()), base)
    if abs(came - left) < max(0.2 * max(came, left), limit):
        return None
    is_last, changed = pl.col("TIME_PERIOD") == str(of.years[LAST]), published
    for flow, other, direction in (("DF_IMM", "DF_EMI", "I"), ("DF_EMI", "DF_IMM", "E")):
        taken_over = published.tables[other].filter(is_last).with_columns(DIRECTION=pl.lit(direction))
        changed = changed.with_table(flow, pl.concat([published.tables[flow].filter(~is_last), taken_over]))
    keys = tuple({"TIME_PERIOD": str(of.years[LAST]), "DIRECTION": direction} for direction in "IE")
    return Plant(changed, "DF_IMM", keys, flows=("DF_EMI",), beside=True, size=f"{came:.0f} and {left:.0f}")


@planter("partners-shifted-one-row", *BY_RESIDENCE, extent=SMALL)
def partners_shifted(published: Published, rng: np.random.Generator) -> Plant | None:
    """The figures of a block of partners stand one row lower, the last one at the first."""
    moves = moves_of(published)
    number = len(moves.of.partners)
    size = int(rng.integers(10, number + 1))
    first = int(rng.integers(number - size + 1))
    block = np.arange(first, first + size)
    counts = moves.counts[LAST].copy()
    counts[..., block] = counts[..., np.roll(block, 1)]
    now, before = (part.sum(axis=(0, 1)).astype(float) for part in (counts, moves.counts[LAST - 1]))
    likeness = np.sqrt(now / now.sum() * before / before.sum()).sum()
    distance = float(np.sqrt(max(0.0, 1 - likeness)))
    if distance < 0.13:
        return None
    keys = ({"TIME_PERIOD": str(moves.of.years[LAST]), "SEX": TOTAL, "AGE": TOTAL}, *moves.key(LAST, *map(int, block)))
    codes = [moves.of.residences[place] for place in block]
    changed = relabelled(
        published, moves.flow, "C_RESIDENCE", dict(zip(codes, np.roll(codes, -1).tolist(), strict=True))
    )
    return Plant(changed, moves.flow, keys, size=f"distance {distance:.2f}")


@planter("new-from-nothing", *BY_RESIDENCE, extent=SMALL)
def new_from_nothing(published: Published, rng: np.random.Generator) -> Plant | None:
    """A partner with nothing in all years has some in the last one."""
    moves, partner = moves_of(published), a_partner(published, rng)
    of, rest = moves.of, len(moves.of.partners)
    for year in range(len(of.years)):  # nobody came from there or went there
        counts = moves.counts[year].copy()
        counts[..., rest] += counts[..., partner]
        counts[..., partner] = 0
        of = with_moves(of, moves.name, year, counts)
        moves = Moves(of, moves.name)
    number = nearest(float(np.exp(rng.uniform(np.log(50), np.log(2000)))), published.base)
    counts = moves.counts[LAST].copy()
    counts[..., partner] = fitted(counts[..., rest].reshape(-1), np.array(number)).reshape(counts.shape[:2])
    changed = retold(published, with_moves(of, moves.name, LAST, counts), (moves.flow,))
    if number < 50:
        return None
    clean = retold(published, of, (moves.flow,))
    return Plant(changed, moves.flow, moves.key(LAST, partner), size=str(number), clean=clean)


@planter("sex-ratio-off", *BY_RESIDENCE, extent=SMALL)
def sex_ratio_off(published: Published, rng: np.random.Generator) -> Plant | None:
    """Persons of one partner stand with the other sex; the total is kept."""
    moves, partner = moves_of(published), a_partner(published, rng)
    by_sex = moves.counts[..., partner].sum(axis=2)
    if by_sex[LAST].sum() < 100 or by_sex[LAST - 5 :].min() < 1:
        return None
    past = by_sex[LAST - 5 : LAST, 1] / by_sex[LAST - 5 : LAST, 0]
    more_men = bool(rng.random() < 1 / 2)
    ratio = past.max() * rng.uniform(1.8, 3) if more_men else past.min() * rng.uniform(0.1, 0.4)
    men = round(by_sex[LAST].sum() * ratio / (1 + ratio))
    number = abs(men - int(by_sex[LAST, 1]))
    counts = moves.counts[LAST].copy()
    leaving, joining = (0, 1) if more_men else (1, 0)
    gone = take_share(counts[leaving, :, partner], number)
    counts[leaving, :, partner] -= gone
    counts[joining, :, partner] += gone
    women, men = (nearest(float(count), published.base) for count in counts[..., partner].sum(axis=1))
    told = men / women if women else float("inf")
    if not (told >= 1.8 * past.max() or told <= 0.4 * past.min()):
        return None
    changed = with_year_of_moves(published, moves, counts)
    return Plant(changed, moves.flow, moves.key(LAST, partner), size=f"{told:.2f} of {past.min():.2f}–{past.max():.2f}")


@planter("age-order-reversed", *BY_RESIDENCE)
def age_order_reversed(published: Published, rng: np.random.Generator) -> Plant | None:
    """The ages of the last year are in descending order against their labels."""
    del rng  # there is only one place
    moves = moves_of(published)
    counts = moves.counts[LAST].copy()
    counts[:, :GROUPS_OF_AGE] = counts[:, GROUPS_OF_AGE - 1 :: -1]
    ages = counts.sum(axis=(0, 2))[: GROUPS_OF_AGE - 1]
    if counts.sum() < 2000 or 5 * int(ages.argmax()) + 4 in range(18, 40):
        return None
    changed = with_year_of_moves(published, moves, counts)
    return Plant(changed, moves.flow, moves.key(LAST), size=f"peak at {5 * int(ages.argmax())}")


@planter("break-flag-forgotten", *BY_RESIDENCE, extent=SMALL)
def break_flag_forgotten(published: Published, rng: np.random.Generator) -> Plant | None:
    """The level of one partner moves in a year without the flag of a break."""
    moves, partner = moves_of(published), a_partner(published, rng)
    of = moves.of
    year = int(rng.integers(3, len(of.years) - 2))
    factor = a_factor(rng, 1.3, 1.6)
    for later in range(year, len(of.years)):
        counts = moves.counts[later].copy()
        counts[..., partner] = scaled(rng, counts[..., partner], factor)
        of = with_moves(of, moves.name, later, counts)
    series = Moves(of, moves.name).totals(partner)
    old, new = (float(np.median(part)) for part in (series[year - 3 : year], series[year : year + 3]))
    shift = max(old, new) / max(1.0, min(old, new))
    if min(old, new) < 200 or not 1.3 <= shift <= 1.6:
        return None
    changed = retold(published, of, (moves.flow,))
    keys = moves.key(year, partner)
    table = changed.tables[moves.flow]
    breaks = pl.all_horizontal(pl.col(name) == code for name, code in keys[0].items())
    flagged = pl.when(breaks).then(pl.lit("B")).otherwise("OBS_STATUS").alias("OBS_STATUS")
    clean = changed.with_table(moves.flow, table.with_columns(flagged))
    return Plant(changed, moves.flow, keys, size=f"{factor:.2f} times, {old:.0f} to {new:.0f}", clean=clean)
