"""Planters of the families domains and providers: other statistics and producers on the same people.

Their tables are made from the same people; clean ones stay within the limits of the rules that compare them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from benchmarks.planted_kinds.accounts_kinds import is_foreign
from benchmarks.planted_kinds.changed_people import retold, scaled, with_stock
from benchmarks.planted_kinds.people import BORN_ABROAD, CITIZEN, FOREIGN, Counts, Group
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.revisions_kinds import changed_by, key_at
from benchmarks.planted_kinds.tables import (
    DECLARED,
    EVENTS,
    STOCK,
    TOTAL,
    Office,
    Outsider,
    Published,
    completed,
    frame,
    redone,
)

LAST = -1
WOMEN = 0
FERTILE = slice(15, 50)
"""The ages of mothers."""

Key = Mapping[str, str]


def add_outside(published: Published, domain: str, flow: str, table: pl.DataFrame, **more: object) -> Published:
    """The same publication with a rounded table of another producer."""
    of = published.people
    declared = more.get("declared", STOCK)
    margin = str(more.get("margin", ""))
    written = completed(table, flow, of.area, int(str(more.get("base", published.base))))
    outsider = Outsider(domain, flow, written, declared=declared, margin=margin)  # type: ignore[arg-type]
    return replace(published, outside=(*published.outside, outsider))


def in_year(counts: Counts, year: int, **codes: str) -> pl.DataFrame:
    return frame(np.array([int(counts)]), [("TIME_PERIOD", [str(year)])], **codes)


@planter("census-stock-off", ("DF_POP",))
def census_stock_off(published: Published, rng: np.random.Generator) -> Plant | None:
    """The stock after a census lacks the under-coverage that the census states, or has it twice."""
    of, base, year = published.people, published.base, len(published.people.years)
    share = round(float(rng.uniform(0.5, 4)), 1)
    stock = of.stock[year]
    enumerated = round(int(stock.sum()) / (1 + share / 100))
    twice = bool(rng.random() < 1 / 2)
    planted = scaled(rng, stock, (1 + 2 * share / 100) / (1 + share / 100) if twice else 1 / (1 + share / 100))
    if abs(int(planted.sum()) - int(stock.sum())) < 2 * base:
        return None
    period = of.years[0] + year
    published = add_outside(
        published, "census", "DF_POP", in_year(np.array(enumerated), period - 1), margin=f"+{share}"
    )
    changed = retold(published, with_stock(of, year, planted), ("DF_POP",))
    size = f"under-coverage of {share} %, {'twice' if twice else 'left out'}"
    return Plant(changed, "DF_POP", ({"TIME_PERIOD": str(period)},), size=size)


@planter("ghost-mothers", ("DF_POP",))
def ghost_mothers(published: Published, rng: np.random.Generator) -> Plant | None:
    """Foreign women who left are still in the stock; births by citizenship of the mother cover present women only."""
    of, foreign = published.people, is_foreign(published.people)
    stock = of.stock[LAST - 1].copy()
    women = int(stock[foreign][:, WOMEN, FERTILE].sum())
    births = int(of.births[LAST][foreign].sum())
    rate = float(rng.uniform(0.002, 0.009))
    wanted = births / rate
    if births < 10 or wanted < 2000 or wanted <= women:
        return None
    ghosts = stock[foreign]
    ghosts[:, WOMEN, FERTILE] = scaled(rng, ghosts[:, WOMEN, FERTILE], wanted / women)
    stock[foreign] = ghosts
    if births / ghosts[:, WOMEN, FERTILE].sum() >= 0.0095:
        return None
    year = of.years[LAST]
    table = pl.concat(
        [
            in_year(np.array(births), year, CTZ_STATUS=FOREIGN),
            in_year(of.births[LAST][~foreign].sum(), year, CTZ_STATUS=CITIZEN),
            in_year(of.births[LAST].sum(), year, CTZ_STATUS=TOTAL),
        ]
    ).with_columns(EVENT=pl.lit("LBIRTH"))
    published = add_outside(published, "births-by-mother", "DF_BIRTHS", table, declared=EVENTS)
    changed = retold(published, with_stock(of, LAST - 1, stock), ("DF_POP",))
    keys = ({"TIME_PERIOD": str(year), "CTZ_STATUS": FOREIGN},)
    return Plant(changed, "DF_POP", keys, size=f"{1000 * rate:.1f} per 1,000")


@planter("accounts-population-other", ("DF_POP",))
def accounts_population_other(published: Published, rng: np.random.Generator) -> Plant | None:
    """National accounts have the average population of another year, or that at the end of the year."""
    of, base = published.people, published.base
    totals = of.stock.sum(axis=(1, 2, 3))
    averages = (totals[:-1] + totals[1:]) // 2
    year = int(rng.integers(1, len(averages) - 1))
    others = {"the year before": averages[year - 1], "the year after": averages[year + 1], "the end": totals[year + 1]}
    name = str(rng.choice(list(others)))
    told = averages.copy()
    told[year] = others[name]
    apart = abs(int(told[year]) - int(averages[year])) / int(averages[year])
    if apart - base / int(averages[year]) < 0.003:
        return None
    axes = [("TIME_PERIOD", [str(year) for year in of.years])]
    declared = {**DECLARED}
    changed, clean = (
        add_outside(
            published, "national-accounts", "DF_ACCOUNT", frame(counts, axes, ACC_ITEM="POP_AVG"), declared=declared
        )
        for counts in (told, averages)
    )
    keys = tuple({"TIME_PERIOD": str(of.years[year] + later)} for later in (0, 1))
    return Plant(changed, "DF_POP", keys, size=f"{100 * apart:.2f} %", note=name, clean=clean)


@planter("un-stock-other-concept", ("DF_POP",))
def un_stock_other_concept(published: Published, rng: np.random.Generator) -> Plant | None:
    """Foreign citizens are sent as foreign-born, in detail and in sums."""
    of, base = published.people, published.base
    office = Office(of)
    year = str(of.years[LAST] + 1)
    true = int(of.stock[LAST][office.birth_status == BORN_ABROAD].sum())
    sent = int(of.stock[LAST][office.ctz_status == FOREIGN].sum())
    figure = round(true * float(rng.uniform(0.93, 1.07)))
    if abs(sent / figure - 1) - base / figure < 0.2:
        return None
    groups = tuple(Group(group.citizenship, group.citizenship) for group in of.groups)
    other = retold(published, replace(of, groups=groups), ("DF_POP",)).tables["DF_POP"]
    is_last = pl.col("TIME_PERIOD") == year
    table = pl.concat([published.tables["DF_POP"].filter(~is_last), other.filter(is_last)])
    un = in_year(np.array(figure), int(year), BIRTH_STATUS=BORN_ABROAD)
    changed, clean = (
        add_outside(part, "un-desa", "DF_POP", un, base=1)
        for part in (published.with_table("DF_POP", table), published)
    )
    keys = ({"TIME_PERIOD": year, "BIRTH_STATUS": BORN_ABROAD},)
    return Plant(changed, "DF_POP", keys, size=f"{sent / figure:.2f}", clean=clean)


def one_cell_of_other(
    published: Published, rng: np.random.Generator, domain: str, bound: float, most: float
) -> Plant | None:
    """One cell of a copy at another producer is changed by more than a bound, up to a share; sums are redone."""
    flow = next(iter(published.tables))
    of, base = published.people, published.base
    other_base = int(rng.choice([1, base])) if domain == "other-agency" else base
    table = published.tables[flow]
    last = str(max(map(int, table["TIME_PERIOD"].unique())))
    copy = redone(table.filter(pl.col("TIME_PERIOD") == last), other_base)
    rows = np.flatnonzero((copy["OBS_VALUE"].cast(pl.Int64) > 10 * other_base) & (copy["AGE"] != TOTAL))
    row = int(rng.choice(rows))
    was = int(copy["OBS_VALUE"][row])
    least = (base + other_base) * bound
    if most * was <= max(least, other_base):
        return None
    size = round(float(np.exp(rng.uniform(np.log(max(least, other_base)), np.log(most * was)))))
    aside = Published(seed=published.seed, base=other_base, people=of, tables={flow: copy}, declared=published.declared)
    changed = changed_by(aside, flow, {row: size if rng.random() < 1 / 2 else -size}).tables[flow]
    key = key_at(copy, flow, row)
    own = table.filter(pl.all_horizontal(pl.col(name) == code for name, code in key.items()))
    apart = abs(int(changed["OBS_VALUE"][row]) - int(own["OBS_VALUE"][0]))
    if apart <= least or apart > most * was + base:
        return None
    outsider = Outsider(domain, flow, changed, declared=published.declared[flow])
    clean = replace(published, outside=(Outsider(domain, flow, copy, declared=published.declared[flow]),))
    changed_outside = replace(published, outside=(outsider,))
    note = f"b = {base} and {other_base}"
    return Plant(changed_outside, flow, (key,), size=f"{apart} of {was}", note=note, clean=clean)


@planter("two-agencies-differ", ("DF_IMM",), ("DF_EMI",), ("DF_POP",))
def two_agencies_differ(published: Published, rng: np.random.Generator) -> Plant | None:
    """One cell of the package to another agency is other than in this one."""
    return one_cell_of_other(published, rng, "other-agency", 1 / 2, 0.2)


@planter("published-other-than-sent", ("DF_IMM",), ("DF_EMI",), ("DF_POP",))
def published_other_than_sent(published: Published, rng: np.random.Generator) -> Plant | None:
    """One cell that an agency publishes is not the one that was sent, by more than half of its base."""
    return one_cell_of_other(published, rng, "published", 1 / 4, 0.3)
