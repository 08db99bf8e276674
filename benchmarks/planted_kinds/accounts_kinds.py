"""Planters of the family accounts: stocks and flows that do not belong together.

Each changes the persons behind the tables, computes independently whether that is a fault, and rewrites the tables. The
last account is that of the last year of flows, which ends with the last stock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

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
    with_events,
    with_stock,
)
from benchmarks.planted_kinds.people import BORN_ABROAD, CITIZEN, FOREIGN, NATIVE, OLDEST, Counts, People
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import (
    EXACT,
    SEXES,
    TOTAL,
    Office,
    Published,
    completed,
    frame,
    redone,
    with_both_sexes,
)
from benchmarks.planted_kinds.tables_of_more_people import (
    CHANGEABLE,
    SINGLE_AGES,
    build_permits_table,
    by_single_age,
    permits_of,
    single_ages,
    third_countries,
)

ACCOUNT = ("DF_POP", "DF_IMM", "DF_EMI", "DF_BIRTHS", "DF_DEATHS")
BY_CITIZENSHIP = (*ACCOUNT, "DF_CTZ_ACQ")
LAST = -1
"""The last year of flows, and the last stock, which is the one after it."""
BEYOND = 1.5
"""A plant is at least so many times what an account tolerates."""
MUCH = 10
"""Half of the copied stocks are beyond so many times that."""

Key = Mapping[str, str]


def account_of(of: People, **codes: str) -> tuple[Key, ...]:
    return ({"TIME_PERIOD": str(of.years[LAST] + 1), **codes},)


def flow_of(of: People, direction: str, **codes: str) -> Key:
    return {"TIME_PERIOD": str(of.years[LAST]), "DIRECTION": direction, **codes}


def is_foreign(of: People) -> Counts:
    return np.asarray(Office(of).ctz_status == FOREIGN)


def is_born_abroad(of: People) -> Counts:
    return np.asarray(Office(of).birth_status == BORN_ABROAD)


def national_of(of: People, group: int) -> int:
    wanted = (of.area, of.groups[group].birth)
    return next(n for n, other in enumerate(of.groups) if (other.citizenship, other.birth) == wanted)


@planter("stock-copied-from-year-before", ACCOUNT)
def stock_copied(published: Published, rng: np.random.Generator) -> Plant | None:
    """The last stock is the one before it in all cells; half of the plants are many times what is tolerated."""
    of = published.people
    residual = abs(int(of.stock[LAST].sum() - of.stock[LAST - 1].sum()))
    limit = compute_tolerance(float(of.stock[LAST - 1].sum()), published.base)
    if residual < BEYOND * limit or (residual <= MUCH * limit and rng.random() < 1 / 2):
        return None
    changed = retold(published, with_stock(of, LAST, of.stock[LAST - 1]), ("DF_POP",))
    return Plant(changed, "DF_POP", account_of(of), size=f"{residual / limit:.1f} times what is tolerated")


@planter("month-missing-in-flow", ACCOUNT)
def month_missing(published: Published, rng: np.random.Generator) -> Plant | None:
    """One direction of migration has eleven months only."""
    of, name = published.people, str(rng.choice(list(MOVES)))
    moves = getattr(of, name)[LAST]
    new = scaled(rng, moves, 11 / 12)
    residual, limit = int(moves.sum() - new.sum()), compute_tolerance(float(of.stock[LAST - 1].sum()), published.base)
    if residual < BEYOND * limit:
        return None
    changed = retold(published, with_events(of, name, LAST, new), (FLOW_OF[name],))
    keys = (*account_of(of), flow_of(of, MOVES[name]))
    size = f"{residual / limit:.1f} times what is tolerated"
    return Plant(changed, "DF_POP", keys, flows=(FLOW_OF[name],), size=size, note=name)


@planter("flow-wrong-in-one-sex", ACCOUNT)
def wrong_in_one_sex(published: Published, rng: np.random.Generator) -> Plant | None:
    """Women and men are exchanged in one direction of migration."""
    of, name = published.people, str(rng.choice(list(MOVES)))
    moves = getattr(of, name)[LAST]
    women, men = (int(moves[:, sex].sum()) for sex in range(2))
    limits = [compute_tolerance(float(of.stock[LAST - 1][:, sex].sum()), published.base) for sex in range(2)]
    if abs(women - men) < BEYOND * max(limits):
        return None
    keys = tuple(key for sex in "FM" for key in account_of(of, SEX=sex))
    size = f"{abs(women - men) / max(limits):.1f} times what is tolerated"
    changed = relabelled(published, FLOW_OF[name], "SEX", WOMEN_AND_MEN)
    return Plant(changed, "DF_POP", keys, size=size, note=name)


@planter("naturalised-stay-foreign", BY_CITIZENSHIP)
def naturalised_stay_foreign(published: Published, rng: np.random.Generator) -> Plant | None:
    """People naturalised in the last year are still among the foreigners at its end."""
    del rng  # there is only one place
    of = published.people
    foreign, moved = is_foreign(of), of.acquisitions[LAST]
    number = int(moved.sum())
    limit = compute_tolerance(float(of.stock[LAST - 1][foreign].sum()), published.base)
    if number < BEYOND * limit:
        return None
    stock = of.stock[LAST].copy()
    for group in np.flatnonzero(foreign):
        stock[group] += moved[group]
        stock[national_of(of, int(group))] -= moved[group]
    if stock.min() < 0:
        return None
    keys = tuple(key for status in (CITIZEN, FOREIGN) for key in account_of(of, CTZ_STATUS=status))
    changed = retold(published, with_stock(of, LAST, stock), ("DF_POP",))
    return Plant(changed, "DF_POP", keys, size=f"{number / limit:.1f} times what is tolerated")


@planter("births-foreign-born", ACCOUNT)
def births_foreign_born(published: Published, rng: np.random.Generator) -> Plant | None:
    """A share of the births is booked to the foreign-born."""
    of, base, table = published.people, published.base, published.tables["DF_BIRTHS"]
    births = int(of.births[LAST].sum())
    least = max(BEYOND * compute_tolerance(float(of.stock[LAST - 1].sum()), base), base) / births
    if not least < 0.3:
        return None
    share = float(rng.uniform(max(0.01, least), 0.3))
    is_last = pl.col("TIME_PERIOD") == str(of.years[LAST])
    native = table.filter(is_last, pl.col("BIRTH_STATUS") == NATIVE)
    moved = (pl.col(EXACT) * share).round().cast(pl.Int64)
    abroad = native.with_columns(BIRTH_STATUS=pl.lit(BORN_ABROAD), **{EXACT: moved})
    stay = pl.when(is_last & (pl.col("BIRTH_STATUS") == NATIVE)).then(pl.col(EXACT) - moved).otherwise(EXACT)
    changed = redone(pl.concat([table.with_columns(stay.alias(EXACT)), abroad]), base)
    keys = ({"TIME_PERIOD": str(of.years[LAST]), "BIRTH_STATUS": BORN_ABROAD},)
    return Plant(published.with_table("DF_BIRTHS", changed), "DF_BIRTHS", keys, size=f"{100 * share:.1f} % of births")


@planter("account-of-birth-status", ACCOUNT)
def account_of_birth_status(published: Published, rng: np.random.Generator) -> Plant | None:
    """Natives are counted among the foreign-born in the last stock."""
    of, abroad = published.people, is_born_abroad(published.people)
    limit = compute_tolerance(float(of.stock[LAST - 1][abroad].sum()), published.base)
    times = float(np.exp(rng.uniform(np.log(BEYOND), np.log(MUCH))))
    stock = of.stock[LAST].copy()
    natives = next(n for n, group in enumerate(of.groups) if (group.citizenship, group.birth) == (of.area, of.area))
    to = next(n for n, group in enumerate(of.groups) if group.citizenship == of.area and group.birth == of.partners[0])
    moved = take_share(stock[natives], int(times * limit) + 1)
    stock[natives] -= moved
    stock[to] += moved
    keys = tuple(key for status in (NATIVE, BORN_ABROAD) for key in account_of(of, BIRTH_STATUS=status))
    changed = retold(published, with_stock(of, LAST, stock), ("DF_POP",))
    return Plant(changed, "DF_POP", keys, size=f"{times:.1f} times what is tolerated")


@planter("leavers-not-there", ("DF_EMI", "DF_POP", "DF_IMM", "DF_BIRTHS", "DF_DEATHS"))
def leavers_not_there(published: Published, rng: np.random.Generator) -> Plant | None:
    of = published.people
    code = str(rng.choice(of.partners))
    chosen = of.citizenship_of == code
    there = int(of.stock[LAST - 1][chosen].sum())
    could = there + int(of.immigration[LAST][chosen].sum() + of.births[LAST][chosen].sum())
    could += int(of.acquisitions[LAST][chosen].sum())
    moves = of.emigration[LAST].copy()
    if there < 100 or not moves[chosen].sum():
        return None
    times = float(rng.uniform(1.2, 3))
    moves[chosen] = scaled(rng, moves[chosen], times * could / moves[chosen].sum())
    if moves[chosen].sum() < 1.2 * could:
        return None
    year = of.years[LAST]
    keys = (flow_of(of, "E", C_CITIZEN=code), {"TIME_PERIOD": str(year), "C_CITIZEN": code, "DIRECTION": ""})
    changed = retold(published, with_events(of, "emigration", LAST, moves), ("DF_EMI",))
    return Plant(changed, "DF_EMI", keys, flows=("DF_POP",), beside=True, size=f"{times:.2f} times", note=code)


@planter("acquisitions-cumulated", ("DF_CITIZENSHIP", "DF_POP"))
def acquisitions_cumulated(published: Published, rng: np.random.Generator) -> Plant | None:
    """Acquisitions of several years are reported as those of one."""
    of = published.people
    code = str(rng.choice(of.partners))
    chosen = of.citizenship_of == code
    there, acquired = int(of.stock[LAST - 1][chosen].sum()), of.acquisitions[LAST].copy()
    if there < 500 or not acquired[chosen].sum():
        return None
    share = float(rng.uniform(0.22, 0.9))
    acquired[chosen] = scaled(rng, acquired[chosen], share * there / acquired[chosen].sum())
    if not 0.22 <= acquired[chosen].sum() / there <= 0.9:
        return None
    keys = ({"TIME_PERIOD": str(of.years[LAST]), "C_FORMER": code},)
    changed = retold(published, with_events(of, "acquisitions", LAST, acquired), ("DF_CITIZENSHIP",))
    return Plant(changed, "DF_CITIZENSHIP", keys, size=f"{share:.2f} of the citizens", note=code)


@planter("no-deregistration", ("DF_EMI", "DF_POP", "DF_IMM", "DF_BIRTHS", "DF_DEATHS"))
def no_deregistration(published: Published, rng: np.random.Generator) -> Plant | None:
    """Hardly any foreigner is taken off the register: they stay in the stock, and the account holds."""
    of, foreign = published.people, is_foreign(published.people)
    there, moves = int(of.stock[LAST - 1][foreign].sum()), of.emigration[LAST].copy()
    share = float(rng.uniform(0.0005, 0.004))
    new = scaled(rng, moves[foreign], share * there / moves[foreign].sum())
    if there < 10_000 or (new.sum() + published.base / 2) / there >= 0.005:
        return None
    stock = of.stock[LAST].copy()
    stock[foreign] += moves[foreign] - new
    moves[foreign] = new
    changed = with_stock(with_events(of, "emigration", LAST, moves), LAST, stock)
    keys = (flow_of(of, "E", CTZ_STATUS=FOREIGN),)
    return Plant(
        retold(published, changed, ("DF_EMI", "DF_POP")), "DF_EMI", keys, size=f"{share:.4f} of the foreigners"
    )


@planter("ages-not-moved", ACCOUNT)
def ages_not_moved(published: Published, rng: np.random.Generator) -> Plant | None:
    """In the last stock people have the age that they had a year before; the open class holds the rest."""
    del rng  # there is only one place
    of, base = published.people, published.base
    tables = {
        flow: completed(single_ages(Office(of), name), flow, of.area, base)
        for name, flow in FLOW_OF.items()
        if flow in ("DF_POP", "DF_DEATHS", "DF_IMM", "DF_EMI")
    }
    stock = of.stock[LAST].sum(axis=0)
    shifted = stock.copy()
    shifted[:, : OLDEST - 1] = stock[:, 1:OLDEST]
    shifted[:, OLDEST] = stock[:, : OLDEST + 1].sum(axis=1) - shifted[:, :OLDEST].sum(axis=1)
    true, told = stock.sum(axis=0)[1:OLDEST], shifted.sum(axis=0)[1:OLDEST]
    differing = (true >= 500) & (np.abs(told - true) >= 0.05 * true)
    if differing.sum() < 3 or shifted.min() < 0:
        return None
    counts = of.stock.sum(axis=1)
    counts[LAST] = shifted
    years = [*map(str, of.years), str(of.years[LAST] + 1)]
    axes = [("TIME_PERIOD", years), ("SEX", SEXES), ("AGE", SINGLE_AGES)]
    true_stock = tables["DF_POP"]
    tables["DF_POP"] = completed(frame(by_single_age(with_both_sexes(counts, 1)), axes), "DF_POP", of.area, base)
    ages = [f"Y{age + 1}" for age in np.flatnonzero(differing)]
    keys = tuple(key for age in ages for key in account_of(of, AGE=age))
    changed = replace(published, tables={**published.tables, **tables})
    clean = replace(published, tables={**published.tables, **tables, "DF_POP": true_stock})
    return Plant(changed, "DF_POP", keys, size=f"{len(ages)} cohorts", clean=clean)


@planter("adjustment-hides-emigration", ("DF_ACCOUNT", "DF_EMI"), variant=CHANGEABLE)
def adjustment_hides(published: Published, rng: np.random.Generator) -> Plant | None:
    """A part of emigration is reported as a negative adjustment, so that the account closes."""
    of, base, table = published.people, published.base, published.tables["DF_ACCOUNT"]
    population, left = int(of.stock[LAST - 1].sum()), int(of.emigration[LAST].sum())
    share = float(rng.uniform(0.002, max(0.002, min(0.01, 0.6 * left / population))))
    hidden = int(share * population)
    if population < 1_000_000 or hidden > 0.6 * left or hidden <= 1000 + 7 * base / 2:
        return None
    moves = take_share(of.emigration[LAST], left - hidden)
    published = retold(published, with_events(of, "emigration", LAST, moves), ("DF_EMI",))
    is_last = pl.col("TIME_PERIOD") == str(of.years[LAST])
    change = pl.col("ACC_ITEM").replace_strict({"FLW_EMI": -hidden, "ADJ": -hidden, "NET_MIG": hidden}, default=0)
    table = table.with_columns(pl.when(is_last).then(pl.col(EXACT) + change).otherwise(EXACT).alias(EXACT))
    keys = ({"TIME_PERIOD": str(of.years[LAST]), "ACC_ITEM": "ADJ"},)
    changed = published.with_table("DF_ACCOUNT", redone(table, base))
    return Plant(changed, "DF_ACCOUNT", keys, size=f"{100 * share:.2f} % of the population")


@planter("sister-stock-older", ("DF_POP", "DF_ESTAT_DEMO_PJAN"))
def sister_stock_older(published: Published, rng: np.random.Generator) -> Plant | None:
    """The demographic dataset has the population of an older vintage."""
    of, base = published.people, published.base
    stock = of.stock[LAST]
    population = int(stock.sum())
    apart = int(np.exp(rng.uniform(np.log(2 * base), np.log(0.02 * population))))
    number = population + (apart if rng.random() < 1 / 2 else -apart)
    older = fitted(stock.reshape(-1), np.array(number)).reshape(stock.shape)
    changed = retold(published, with_stock(of, LAST, older), ("DF_ESTAT_DEMO_PJAN",))
    told, new = (
        next(iter(part.tables["DF_ESTAT_DEMO_PJAN"].filter(at_total(of))["OBS_VALUE"].cast(pl.Int64)))
        for part in (published, changed)
    )
    if abs(told - new) < 2 * base:
        return None
    return Plant(changed, "DF_POP", account_of(of), size=f"{abs(told - new)} persons")


def at_total(of: People) -> pl.Expr:
    return (pl.col("TIME_PERIOD") == str(of.years[LAST] + 1)) & (pl.col("SEX") == TOTAL) & (pl.col("AGE") == TOTAL)


@planter("renewals-as-first-permits", ("DF_PERMIT", "DF_IMM"), variant=CHANGEABLE)
def renewals_as_first(published: Published, rng: np.random.Generator) -> Plant | None:
    """First permits of a year and longer hold the renewals of one citizenship."""
    of, counts = published.people, permits_of(published.people)
    codes = third_countries(of)
    if not codes:
        return None
    place = int(rng.integers(len(codes)))
    moves = int(of.immigration[LAST, of.citizenship_of == codes[place]].sum())
    times = float(rng.uniform(2.2, 6))
    number = int(times * moves)
    if moves < 200 or number < 2.2 * moves:
        return None
    counts[LAST, place, -1] = number
    table = completed(build_permits_table(of, counts), "DF_PERMIT", of.area, published.base)
    keys = ({"TIME_PERIOD": str(of.years[LAST]), "C_CITIZEN": codes[place], "DURATION": "M_GE12"},)
    return Plant(published.with_table("DF_PERMIT", table), "DF_PERMIT", keys, size=f"{times:.1f} times")
