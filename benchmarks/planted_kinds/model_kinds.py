"""Three planters after which the others are modelled: a code, a figure, a whole year."""

from __future__ import annotations

from string import ascii_uppercase

import numpy as np
import polars as pl

from benchmarks.planted_kinds.lines import at, broken, is_leaf, key_of
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.tables import DIMENSIONS, EXACT, Published
from sdmxmig.catalogue import load

TRIES = 40
"""So many places of a dataset are tried before another dataset is drawn."""
LARGE = 100
"""Digits are exchanged in figures from here on."""
ABOVE = 20
"""Copied years are told by figures above this."""
CELLS = 30
"""So many such figures are needed."""
EQUAL = 0.08
"""At most so many of them were equal to the year before by themselves."""


@planter("code-typo", ("DF_POP",), ("DF_IMM",), ("DF_EMI",))
def code_typo(published: Published, rng: np.random.Generator) -> Plant | None:
    """Two neighbouring letters of a country code exchanged, or one letter changed, in one row."""
    flow = next(iter(published.tables))
    table = published.tables[flow]
    column = "C_RESIDENCE" if "C_RESIDENCE" in table.columns else "C_CITIZEN"
    rows = np.flatnonzero((table[column].str.len_chars() == 2) & table[column].str.contains("^[A-Z]+$"))
    listed = codes(flow, column)
    for _ in range(TRIES):
        row = int(rng.choice(rows))
        true = table[column][row]
        place = int(rng.integers(3))
        letter = ascii_uppercase[int(rng.integers(26))]
        new = true[::-1] if place == 2 else true[:place] + letter + true[place + 1 :]
        if new != true and new not in listed:
            key = {**key_of(table, row), column: new}
            changed = table.with_columns(
                pl.when(pl.int_range(pl.len()) == row).then(pl.lit(new)).otherwise(column).alias(column)
            )
            return Plant(published.with_table(flow, changed), flow, (key,), column=column, size=f"{true} → {new}")
    return None


@planter("digits-transposed", ("DF_POP",), ("DF_IMM",), ("DF_EMI",), ("DF_DEATHS",))
def digits_transposed(published: Published, rng: np.random.Generator) -> Plant | None:
    """Two neighbouring digits of a leaf exchanged; totals stay."""
    flow, base = next(iter(published.tables)), published.base
    table = published.tables[flow]
    leaves = table.with_row_index("row").filter(is_leaf(), pl.col("OBS_VALUE").cast(pl.Int64) >= LARGE)
    for _ in range(TRIES if leaves.height else 0):
        row = int(leaves["row"][int(rng.integers(leaves.height))])
        true = table["OBS_VALUE"][row]
        place = int(rng.integers(len(true) - 1))
        new = true[:place] + true[place + 1] + true[place] + true[place + 2 :]
        if new[0] == "0" or int(new) % base or abs(int(new) - int(true)) < 9:
            continue
        key = key_of(table, row)
        changed = table.with_columns(pl.when(at(key)).then(pl.lit(new)).otherwise("OBS_VALUE").alias("OBS_VALUE"))
        if lines := broken(changed, key, base):
            return Plant(
                published.with_table(flow, changed),
                flow,
                tuple(line.whole for line in lines),
                size=f"{true} → {new}",
                note=f"{key}",
            )
    return None


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


def codes(flow: str, column: str) -> frozenset[str]:
    codelist = SHIPPED.flows[flow].codelist(column)
    return frozenset(item.id for item in (codelist.items if codelist else ()))


SHIPPED = load()
