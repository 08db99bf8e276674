"""Faults of codes, keys, periods, attributes and values in single rows of a table."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.planted_kinds.cells import drawn_row, first_flow, last_year, value, with_text, years_of
from benchmarks.planted_kinds.lines import key_names, key_of
from benchmarks.planted_kinds.model_kinds import SHIPPED, codes
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import DIMENSIONS, TOTAL, Published

STRUCTURES = Path(__file__).parents[2] / "structures"
STOCK, IMMIGRATION, EMIGRATION = ("DF_POP",), ("DF_IMM",), ("DF_EMI",)
MOVES = (IMMIGRATION, EMIGRATION)
NEIGHBOURS = 10
"""Neighbouring rows get the wrong area together, at most so many."""
TOKENS = (":", "-", "..", "n/a", "x", "NaN", "INF")
LABELS = ("H", "W", "MALE", "FEMALE", "1", "2", "m", "f")
SECRETS = ("X", "SECRET", "1")
FORMER = ("SU", "YU", "CS", "DD", "AN")
MISSING = ("M", "L", "O")
TRIES = 40


def by_residence() -> pl.Expr:
    return pl.col("C_RESIDENCE") != TOTAL


def in_one_row(published: Published, row: int, size: str = "", **texts: str) -> Plant:
    """A plant that writes other texts into one row; that row, as it then is, must be named."""
    flow = first_flow(published)
    table = with_text(published.tables[flow], row, **texts)
    key = key_of(table, row)
    return Plant(published.with_table(flow, table), flow, (key,), column=next(iter(texts)), size=size)


def with_unknown_code(
    published: Published, rng: np.random.Generator, component: str, wrong: Sequence[str]
) -> Plant | None:
    """One of these texts, if the list does not have it, in place of the code of a component in one row."""
    flow = first_flow(published)
    row = int(rng.integers(published.tables[flow].height))
    code = str(rng.choice([code for code in wrong if code not in codes(flow, component)]))
    return in_one_row(published, row, code, **{component: code})


@planter("sex-label-wrong", STOCK, *MOVES)
def sex_label_wrong(published: Published, rng: np.random.Generator) -> Plant | None:
    """A label of another list in place of a code of sex."""
    return with_unknown_code(published, rng, "SEX", LABELS)


@planter("dimension-empty", STOCK, *MOVES)
def dimension_empty(published: Published, rng: np.random.Generator) -> Plant | None:
    """The code of one dimension of one row is gone."""
    flow = first_flow(published)
    row = int(rng.integers(published.tables[flow].height))
    name = str(rng.choice(["FREQ", "REF_AREA", *DIMENSIONS[flow]]))
    return in_one_row(published, row, name, **{name: ""})


@planter("partner-own-country", *MOVES)
def partner_own_country(published: Published, rng: np.random.Generator) -> Plant | None:
    """A row of moves from, or to, the reporting country itself."""
    table = published.tables[first_flow(published)]
    row = drawn_row(table, by_residence() & (value() >= published.base), rng)
    return None if row is None else in_one_row(published, row, C_RESIDENCE=published.people.area)


@planter("former-state", *MOVES)
def former_state(published: Published, rng: np.random.Generator) -> Plant | None:
    """The code of a state that has ended long before the latest year."""
    flow = first_flow(published)
    table = published.tables[flow]
    last = last_year(table)
    codelist = SHIPPED.flows[flow].codelist("C_RESIDENCE")
    ended = [
        item.id for item in (codelist.items if codelist else ()) if item.id in FORMER and "" < item.valid_to[:4] < last
    ]
    row = drawn_row(table, by_residence() & (pl.col("TIME_PERIOD") == last), rng)
    code = str(rng.choice(ended))
    return None if row is None else in_one_row(published, row, code, C_RESIDENCE=code)


def forbidden_pairs() -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Two codes that the constraint on statuses and countries does not allow together, with their dimensions."""
    declared = tomllib.loads((STRUCTURES / "constraints" / "CON_STATUS_COUNTRY.toml").read_text(encoding="utf-8"))
    for keys in declared["keys"]:
        for key in keys["key"]:
            first, second = key.items()
            yield first, second


@planter("key-not-allowed", STOCK)
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


@planter("row-pasted-twice", STOCK, *MOVES)
def row_pasted_twice(published: Published, rng: np.random.Generator) -> Plant | None:
    """An equal copy of a row at the end of the table."""
    return appended(published, int(rng.integers(published.tables[first_flow(published)].height)))


@planter("row-twice-other-value", STOCK, *MOVES)
def row_twice_other_value(published: Published, rng: np.random.Generator) -> Plant | None:
    """A copy of a row with another value at the end of the table."""
    table, base = published.tables[first_flow(published)], published.base
    row = int(rng.integers(table.height))
    old = int(table["OBS_VALUE"][row])
    steps = max(1, old // 2 // base)
    change = base * int(rng.integers(1, steps + 1)) * (1 if rng.integers(2) else -1)
    new = old + change if old + change >= 0 else old - change
    return appended(published, row, f"{old} and {new}", OBS_VALUE=str(new))


@planter("year-header-previous", STOCK, *MOVES)
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


@planter("year-header-future", STOCK, *MOVES, ("DF_BIRTHS",), ("DF_DEATHS",))
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


@planter("period-form-wrong", STOCK, ("DF_IMM",), variant="monthly")
def period_form_wrong(published: Published, rng: np.random.Generator) -> Plant | None:
    """A period of one row that is written as neither a year is nor a month."""
    table = published.tables[first_flow(published)]
    row = int(rng.integers(table.height))
    year, frequency = table["TIME_PERIOD"][row][:4], table["FREQ"][row]
    wrong = [year[2:], f"{year}-13", f"{year}-Q5", f"31.12.{year}", *([f"{year}M01"] if frequency == "A" else [])]
    text = str(rng.choice(wrong))
    return in_one_row(published, row, text, TIME_PERIOD=text)


@planter("attribute-mandatory-missing", STOCK, *MOVES, ("DF_PERMIT",))
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


@planter("unit-mult-varies", STOCK, *MOVES)
def unit_mult_varies(published: Published, rng: np.random.Generator) -> Plant | None:
    """One year of a series is declared in thousands."""
    flow = first_flow(published)
    table = published.tables[flow]
    row = drawn_row(table, pl.col("OBS_VALUE").is_not_null() if flow in STOCK else by_residence(), rng)
    return None if row is None else in_one_row(published, row, UNIT_MULT="3")


@planter("token-for-number", STOCK, *MOVES, ("DF_PROTECTION",))
def token_for_number(published: Published, rng: np.random.Generator) -> Plant | None:
    """A sign or word where a number belongs."""
    row = int(rng.integers(published.tables[first_flow(published)].height))
    token = str(rng.choice(TOKENS))
    return in_one_row(published, row, token, OBS_VALUE=token)


@planter("decimal-in-count", STOCK, *MOVES)
def decimal_in_count(published: Published, rng: np.random.Generator) -> Plant | None:
    """Half a person, or a quarter."""
    table = published.tables[first_flow(published)]
    row = int(rng.integers(table.height))
    new = f"{table['OBS_VALUE'][row]}.{rng.choice(['5', '25'])}"
    return in_one_row(published, row, new, OBS_VALUE=new)


@planter("sign-minus", STOCK, *MOVES, ("DF_BIRTHS",), ("DF_DEATHS",))
def sign_minus(published: Published, rng: np.random.Generator) -> Plant | None:
    """A count with a minus sign."""
    table = published.tables[first_flow(published)]
    row = drawn_row(table, (value() >= published.base) & (value() > 0), rng)
    if row is None:
        return None
    new = f"-{table['OBS_VALUE'][row]}"
    return in_one_row(published, row, new, OBS_VALUE=new)


@planter("blank-no-status", STOCK, *MOVES, ("DF_PERMIT",))
def blank_no_status(published: Published, rng: np.random.Generator) -> Plant | None:
    """A value is gone, and its status still says that all is well."""
    row = drawn_row(published.tables[first_flow(published)], pl.col("OBS_STATUS") == "A", rng)
    return None if row is None else in_one_row(published, row, OBS_VALUE="")


@planter("value-with-missing-status", STOCK, *MOVES, ("DF_PROTECTION",))
def value_with_missing_status(published: Published, rng: np.random.Generator) -> Plant | None:
    """A value has a status for missing values."""
    row = drawn_row(published.tables[first_flow(published)], value().is_not_null(), rng)
    status = str(rng.choice(MISSING))
    return None if row is None else in_one_row(published, row, status, OBS_STATUS=status)


@planter("conf-status-unknown", STOCK, ("DF_CTZ_ACQ",), ("DF_CITIZENSHIP",))
def conf_status_unknown(published: Published, rng: np.random.Generator) -> Plant | None:
    """A status of confidentiality that is in no list."""
    return with_unknown_code(published, rng, "CONF_STATUS", SECRETS)


@planter("reporter-other", STOCK, *MOVES)
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


@planter("share-over-hundred", ("DF_INDICATOR",))
def share_over_hundred(published: Published, rng: np.random.Generator) -> Plant | None:
    """A share in per mille where per cent are declared."""
    table = published.tables[first_flow(published)]
    share = pl.col("OBS_VALUE").cast(pl.Float64)
    is_share = pl.col("INDICATOR").is_in(["MIG_SHARE_FB", "MIG_SHARE_FC"])
    row = drawn_row(table, is_share & (share >= 10.1) & (share <= 100), rng)
    if row is None:
        return None
    old = table["OBS_VALUE"][row]
    new = f"{10 * float(old):.1f}"
    return in_one_row(published, row, f"{old} → {new}", OBS_VALUE=new)
