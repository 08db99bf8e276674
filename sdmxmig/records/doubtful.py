"""What records themselves get wrong: doubled rows, crossings before birth or after death, two entries in a row.

Told by the numbers of rows, counted from 1 without the header; no cell is quoted, since any may say who somebody is.
Nothing is mended here: what is counted in spite of it is said in words beside each kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sdmxmig.lazily import pl
from sdmxmig.model.records import DOCUMENTS, MOVEMENTS, NIGHTS, PERSONS
from sdmxmig.records.days import date_of

if TYPE_CHECKING:
    from pathlib import Path

    from sdmxmig.records.observation import Observation

ROW = "#row"
SHOWN = 20
"""So many rows of a kind are named."""
KINDS = {
    "REPEATED": "rows that say what an earlier row says; counted once",
    "OUTSIDE": "rows before or after the days over which records are complete; left out",
    "BEFORE_BIRTH": "rows before the birth of the person; left out",
    "AFTER_DEATH": "rows after the death of the person; left out",
    "ENTRY_AFTER_ENTRY": "entries after an entry, without an exit between; the nights between are unknown",
    "EXIT_AFTER_EXIT": "exits after an exit, without an entry between; the nights between are unknown",
    "NEGATIVE_DAYS": "rows with a number of days below zero, which no stay has",
    "NO_PERSON": "rows of persons who are not in the table of persons",
    "DEATH_BEFORE_BIRTH": "persons who died before they were born",
    "CONTRADICTED_NIGHTS": "runs of nights that begin while one in another country lasts; unknown where both do",
    "NO_NIGHTS": "runs of less than one night; left out",
}
COLUMNS = ("TABLE", "KIND", "COUNT", "ROWS", "WHAT")


def doubtful_rows(paths: Mapping[str, Path], observation: Observation) -> pl.DataFrame:
    """Kinds of doubtful rows by table: how many, and the numbers of the first of them, as text.

    `paths` are the tables that were taken in, whose rows are in the order of the files.
    """
    rows = []
    for table, kind, doubtful in checks_of(paths, observation):
        numbers = doubtful.select(pl.col(ROW).unique().sort()).collect()[ROW]
        if numbers.len():
            named = " ".join(map(str, numbers.head(SHOWN).to_list())) + (" …" if numbers.len() > SHOWN else "")
            rows.append((table, kind, str(numbers.len()), named, KINDS[kind]))
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String()), orient="row")


def checks_of(paths: Mapping[str, Path], observation: Observation) -> Iterator[tuple[str, str, pl.LazyFrame]]:
    """The tables and kinds that are looked for, with the rows that are of the kind."""
    persons = scan(paths, PERSONS.name)
    for table in (MOVEMENTS.name, NIGHTS.name):
        rows = scan(paths, table)
        if rows is None:
            continue
        if DOCUMENTS.name in paths and table == MOVEMENTS.name:
            rows = of_holders(rows, paths)
        first, last = date_of(observation.first), date_of(observation.until)
        yield table, "REPEATED", rows.filter(~pl.struct(pl.exclude(ROW)).is_first_distinct())
        ended = pl.col("date")
        if table == NIGHTS.name:
            ended = ended + pl.duration(days=pl.col("nights").fill_null(1) - 1)
        yield table, "OUTSIDE", rows.filter((ended < first) | (pl.col("date") >= last))
        if persons is not None:
            known = persons.drop(ROW)
            both = rows.join(known, on="person", how="left")
            yield table, "BEFORE_BIRTH", both.filter(pl.col("date") < pl.col("birth_date"))
            yield table, "AFTER_DEATH", both.filter(pl.col("date") > pl.col("death_date"))
            yield table, "NO_PERSON", rows.join(known, on="person", how="anti")
        yield from (of_crossings(rows) if table == MOVEMENTS.name else of_nights(rows))
    if persons is not None:
        yield PERSONS.name, "DEATH_BEFORE_BIRTH", persons.filter(pl.col("death_date") < pl.col("birth_date"))


def scan(paths: Mapping[str, Path], table: str) -> pl.LazyFrame | None:
    """A table with the numbers of its rows, if there is one."""
    return pl.scan_parquet(paths[table]).with_row_index(ROW, 1) if table in paths else None


def of_holders(rows: pl.LazyFrame, paths: Mapping[str, Path]) -> pl.LazyFrame:
    """Rows of documents as rows of those who travel with them."""
    holders = pl.scan_parquet(paths[DOCUMENTS.name]).select("document", holder="person")
    joined = rows.join(holders.unique("document", keep="none"), left_on="person", right_on="document", how="left")
    return joined.with_columns(person=pl.coalesce("holder", "person")).drop("holder").sort(ROW)


def of_crossings(rows: pl.LazyFrame) -> Iterator[tuple[str, str, pl.LazyFrame]]:
    """Crossings that follow one in the same direction, where nothing between them leads back; and numbers below zero.

    Of the crossings of one day only where the first comes from and where the last leads matter; where nothing orders
    them, an entry and an exit lead nowhere.
    """
    ordered = rows.with_columns(order=pl.col("sequence").fill_null(0), inward=pl.col("direction") == "ENTRY").unique(
        ["person", "date", "order", "inward"], keep="first"
    )
    ordered = ordered.sort("person", "date", "order", "inward")
    days = ordered.group_by("person", "date", maintain_order=True).agg(
        pl.col(ROW).first(),
        begins=pl.col("inward").first(),
        ends=pl.col("inward").last(),
        apart=pl.col("order").max() > pl.col("order").min(),
        both=pl.col("inward").n_unique() > 1,
    )
    days = days.filter(~pl.col("both") | (pl.col("apart") & (pl.col("begins") == pl.col("ends"))))
    after = (pl.col("begins") == pl.col("ends").shift(1)) & (pl.col("person") == pl.col("person").shift(1))
    again = days.filter(after).select(ROW, "begins").collect().lazy()  # both kinds ask for it, and sorting takes time
    yield MOVEMENTS.name, "ENTRY_AFTER_ENTRY", again.filter("begins")
    yield MOVEMENTS.name, "EXIT_AFTER_EXIT", again.filter(~pl.col("begins"))
    yield MOVEMENTS.name, "NEGATIVE_DAYS", rows.filter((pl.col("intended_days") < 0) | (pl.col("granted_days") < 0))


def of_nights(rows: pl.LazyFrame) -> Iterator[tuple[str, str, pl.LazyFrame]]:
    """Runs that begin while one in another country lasts, and runs without nights."""
    length = pl.col("nights").fill_null(1)
    yield NIGHTS.name, "NO_NIGHTS", rows.filter(length < 1)
    ended = pl.col("date") + pl.duration(days=length)
    runs = rows.filter(length >= 1).with_columns(end=ended).sort("person", "date", "end")
    same = pl.col("person") == pl.col("person").shift(1)
    other = same & (pl.col("country") != pl.col("country").shift(1)) & (pl.col("date") < pl.col("end").shift(1))
    yield NIGHTS.name, "CONTRADICTED_NIGHTS", runs.filter(other)
