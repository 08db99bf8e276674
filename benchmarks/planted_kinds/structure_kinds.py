"""Faults of codes, keys, periods, attributes and values in single rows of a table."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import numpy as np
import polars as pl

from benchmarks.planted_kinds.cells import drawn_row, first_flow, last_year, value, with_text, years_of
from benchmarks.planted_kinds.lines import key_names, key_of
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import DIMENSIONS, TOTAL, Published
from sdmxmig.catalogue import load

SHIPPED = load()
STRUCTURES = Path(__file__).parents[2] / "structures"
STOCK, MOVES = "DF_POP", ("DF_IMM", "DF_EMI")
TABLES, EVENTS = (STOCK, *MOVES), ("DF_BIRTHS", "DF_DEATHS")
NEIGHBOURS = 10
"""Neighbouring rows get the wrong area together, at most so many."""
FORMER = ("SU", "YU", "CS", "DD", "AN")
TRIES = 40
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Miswritten:
    """One of these texts, written into a column of one row that qualifies."""

    flows: tuple[str, ...]
    column: str
    texts: Callable[[Published, Row], Sequence[str]]
    variant: str = ""
    where: pl.Expr = field(default_factory=lambda: pl.lit(value=True))


def codes(flow: str, column: str) -> frozenset[str]:
    codelist = SHIPPED.flows[flow].codelist(column)
    return frozenset(item.id for item in (codelist.items if codelist else ()))


def not_listed(component: str, *texts: str) -> Callable[[Published, Row], Sequence[str]]:
    return lambda published, _: [text for text in texts if text not in codes(first_flow(published), component)]


def always(*texts: str) -> Callable[[Published, Row], Sequence[str]]:
    return lambda *_: texts


def typos(published: Published, row: Row) -> Sequence[str]:
    """A code of a country with its letters exchanged, or with another letter, that is not in the list."""
    column = country_column(published)
    true = row[column]
    wrong = {true[::-1], *(letter + true[1] for letter in ascii_uppercase), *(true[0] + end for end in ascii_uppercase)}
    return sorted(wrong - codes(first_flow(published), column) - {true})


def country_column(published: Published) -> str:
    return "C_CITIZEN" if first_flow(published) == STOCK else "C_RESIDENCE"


def ended_states(published: Published, row: Row) -> Sequence[str]:
    codelist = SHIPPED.flows[first_flow(published)].codelist("C_RESIDENCE")
    items = codelist.items if codelist else ()
    return [item.id for item in items if item.id in FORMER and "" < item.valid_to[:4] < row["TIME_PERIOD"]]


def malformed_periods(_: Published, row: Row) -> Sequence[str]:
    year = row["TIME_PERIOD"][:4]
    annual = [f"{year}M01"] if row["FREQ"] == "A" else []
    return [year[2:], f"{year}-13", f"{year}-Q5", f"31.12.{year}", *annual]


BY_RESIDENCE = pl.col("C_RESIDENCE") != TOTAL
IS_LAST = pl.col("TIME_PERIOD") == pl.col("TIME_PERIOD").max()
SHARE = pl.col("OBS_VALUE").cast(pl.Float64)
IS_SHARE = pl.col("INDICATOR").is_in(["MIG_SHARE_FB", "MIG_SHARE_FC"]) & (SHARE >= 10.1) & (SHARE <= 100)
MISWRITTEN = {
    "code-typo": Miswritten(flows=TABLES, column="", texts=typos),
    "sex-label-wrong": Miswritten(
        flows=TABLES, column="SEX", texts=not_listed("SEX", "H", "W", "MALE", "FEMALE", "1", "2", "m", "f")
    ),
    "conf-status-unknown": Miswritten(
        flows=(STOCK, "DF_CTZ_ACQ", "DF_CITIZENSHIP"),
        column="CONF_STATUS",
        texts=not_listed("CONF_STATUS", "X", "SECRET", "1"),
    ),
    "partner-own-country": Miswritten(
        flows=MOVES,
        column="C_RESIDENCE",
        texts=lambda published, _: [published.people.area],
        where=BY_RESIDENCE & (value() > 0),
    ),
    "former-state": Miswritten(flows=MOVES, column="C_RESIDENCE", texts=ended_states, where=BY_RESIDENCE & IS_LAST),
    "period-form-wrong": Miswritten(
        flows=(STOCK, "DF_IMM"), column="TIME_PERIOD", texts=malformed_periods, variant="monthly"
    ),
    "unit-mult-varies": Miswritten(flows=TABLES, column="UNIT_MULT", texts=always("3")),
    "token-for-number": Miswritten(
        flows=(*TABLES, "DF_PROTECTION"), column="OBS_VALUE", texts=always(":", "-", "..", "n/a", "x", "NaN", "INF")
    ),
    "decimal-in-count": Miswritten(
        flows=TABLES, column="OBS_VALUE", texts=lambda _, row: [f"{row['OBS_VALUE']}.5", f"{row['OBS_VALUE']}.25"]
    ),
    "sign-minus": Miswritten(
        flows=(*TABLES, *EVENTS), column="OBS_VALUE", texts=lambda _, row: [f"-{row['OBS_VALUE']}"], where=value() > 0
    ),
    "blank-no-status": Miswritten(flows=(*TABLES, "DF_PERMIT"), column="OBS_VALUE", texts=always("")),
    "value-with-missing-status": Miswritten(
        flows=(*TABLES, "DF_PROTECTION"), column="OBS_STATUS", texts=always("M", "L", "O")
    ),
    "share-over-hundred": Miswritten(
        flows=("DF_INDICATOR",),
        column="OBS_VALUE",
        texts=lambda _, row: [f"{10 * float(row['OBS_VALUE']):.1f}"],
        where=IS_SHARE,
    ),
}


def miswrite(published: Published, rng: np.random.Generator, *, kind: str) -> Plant | None:
    """Write another text into a row; that row, as it then is, must be named."""
    fault, table = MISWRITTEN[kind], published.tables[first_flow(published)]
    column = fault.column or country_column(published)
    where = fault.where if fault.column else pl.col(column).str.contains("^[A-Z]{2}$")
    row = drawn_row(table, where, rng)
    if row is None:
        return None
    text = str(rng.choice(fault.texts(published, table.row(row, named=True))))
    return in_one_row(published, row, f"{table[column][row]} → {text}", **{column: text})


for _kind, _fault in MISWRITTEN.items():
    planter(_kind, *((flow,) for flow in _fault.flows), variant=_fault.variant)(partial(miswrite, kind=_kind))


def in_one_row(published: Published, row: int, size: str = "", **texts: str) -> Plant:
    """A plant that writes other texts into one row; that row, as it then is, must be named."""
    flow = first_flow(published)
    table = with_text(published.tables[flow], row, **texts)
    key = key_of(table, row)
    return Plant(published.with_table(flow, table), flow, (key,), column=next(iter(texts)), size=size)


@planter("dimension-empty", *((flow,) for flow in TABLES))
def dimension_empty(published: Published, rng: np.random.Generator) -> Plant | None:
    """The code of one dimension of one row is gone."""
    flow = first_flow(published)
    name = str(rng.choice(["FREQ", "REF_AREA", *DIMENSIONS[flow]]))
    return in_one_row(published, int(rng.integers(published.tables[flow].height)), name, **{name: ""})


def forbidden_pairs() -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Two codes that the constraint on statuses and countries does not allow together, with their dimensions."""
    declared = tomllib.loads((STRUCTURES / "constraints" / "CON_STATUS_COUNTRY.toml").read_text(encoding="utf-8"))
    for keys in declared["keys"]:
        for key in keys["key"]:
            first, second = key.items()
            yield first, second


@planter("key-not-allowed", (STOCK,))
def key_not_allowed(published: Published, rng: np.random.Generator) -> Plant | None:
    """One code of a row is replaced by one not allowed with another code of it."""
    table = published.tables[first_flow(published)]
    pairs = list(forbidden_pairs())
    for _ in range(TRIES):
        pair = pairs[int(rng.integers(len(pairs)))]
        (kept, code), (changed, new) = pair if rng.integers(2) else pair[::-1]
        row = drawn_row(table, (pl.col(kept) == code) & (pl.col(changed) != new), rng)
        if row is not None:
            return in_one_row(published, row, f"{kept}={code} {changed}={new}", **{changed: new})
    return None


def appended(published: Published, row: int, size: str = "", **texts: str) -> Plant:
    """A plant that appends a copy of a row with other texts."""
    flow = first_flow(published)
    table = published.tables[flow]
    copy = with_text(table[row], 0, **texts)
    return Plant(published.with_table(flow, pl.concat([table, copy])), flow, (key_of(table, row),), size=size)


@planter("row-pasted-twice", *((flow,) for flow in TABLES))
def row_pasted_twice(published: Published, rng: np.random.Generator) -> Plant | None:
    """An equal copy of a row at the end of the table."""
    return appended(published, int(rng.integers(published.tables[first_flow(published)].height)))


@planter("row-twice-other-value", *((flow,) for flow in TABLES))
def row_twice_other_value(published: Published, rng: np.random.Generator) -> Plant | None:
    """A copy of a row with another value at the end of the table."""
    table, base = published.tables[first_flow(published)], published.base
    row = int(rng.integers(table.height))
    old = int(table["OBS_VALUE"][row])
    steps = max(1, old // 2 // base)
    change = base * int(rng.integers(1, steps + 1)) * (1 if rng.integers(2) else -1)
    new = old + change if old + change >= 0 else old - change
    return appended(published, row, f"{old} and {new}", OBS_VALUE=str(new))


@planter("year-header-previous", *((flow,) for flow in TABLES))
def year_header_previous(published: Published, rng: np.random.Generator) -> Plant | None:
    """All rows of a year are under the year before."""
    flow = first_flow(published)
    table = published.tables[flow]
    year = str(rng.choice(years_of(table)[1:]))
    before = str(int(year) - 1)
    names = [name for name in key_names(table) if name != "TIME_PERIOD"]
    both = table.filter(pl.col("TIME_PERIOD") == year).join(
        table.filter(pl.col("TIME_PERIOD") == before), on=names, suffix="_before"
    )
    differing = both.filter(pl.col("OBS_VALUE") != pl.col("OBS_VALUE_before")).height
    if differing < 10:
        return None
    changed = table.with_columns(TIME_PERIOD=pl.col("TIME_PERIOD").replace(year, before))
    keys = ({"TIME_PERIOD": before}, {"TIME_PERIOD": year})
    return Plant(published.with_table(flow, changed), flow, keys, size=f"{differing} keys", note=f"{year} as {before}")


@planter("year-header-future", *((flow,) for flow in (*TABLES, *EVENTS)))
def year_header_future(published: Published, rng: np.random.Generator) -> Plant | None:
    """All rows of the latest year are under a future one."""
    flow = first_flow(published)
    table = published.tables[flow]
    last = last_year(table)
    new = [last[:2] + last[3] + last[2], str(int(last) + 10)][int(rng.integers(2))]
    if new <= published.prepared[:4]:
        return None
    changed = table.with_columns(TIME_PERIOD=pl.col("TIME_PERIOD").replace(last, new))
    return Plant(published.with_table(flow, changed), flow, ({"TIME_PERIOD": new},), size=f"{last} as {new}")


@planter("attribute-mandatory-missing", *((flow,) for flow in (*TABLES, "DF_PERMIT")))
def attribute_mandatory_missing(published: Published, rng: np.random.Generator) -> Plant | None:
    """A mandatory attribute is gone from one observation, or from all of one series."""
    flow = first_flow(published)
    table = published.tables[flow]
    row = int(rng.integers(table.height))
    name = str(rng.choice(["OBS_STATUS", "UNIT_MULT", *([] if flow == "DF_PERMIT" else ["UNIT_MEASURE"])]))
    key = key_of(table, row)
    if name == "UNIT_MEASURE":
        key.pop("TIME_PERIOD")
    here = pl.all_horizontal(pl.col(column) == code for column, code in key.items())
    changed = table.with_columns(pl.when(here).then(pl.lit("")).otherwise(name).alias(name))
    return Plant(published.with_table(flow, changed), flow, (key,), column=name, size=name)


@planter("reporter-other", *((flow,) for flow in TABLES))
def reporter_other(published: Published, rng: np.random.Generator) -> Plant | None:
    """A few adjacent rows have another country."""
    flow = first_flow(published)
    table = published.tables[flow]
    number = int(rng.integers(1, NEIGHBOURS + 1))
    first = int(rng.integers(table.height - number))
    code = str(rng.choice(published.people.partners))
    rows = list(range(first, first + number))
    changed = with_text(table, rows, REF_AREA=code)
    keys = tuple(key_of(changed, row) for row in rows)
    return Plant(published.with_table(flow, changed), flow, keys, column="REF_AREA", size=f"{number} rows of {code}")
