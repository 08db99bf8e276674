"""Records of persons made ready to be compared: names by letters and sound, parts of dates, numbers under the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.errors import InputError
from sdmxmig.lazily import pl
from sdmxmig.places import Place
from sdmxmig.records.linkage.hashing import SEPARATORS, hashed, hashed_lists

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sdmxmig.records.linkage.names import NameReader

SHOWN = 5
UNIT, SOURCE = "unit", "source"


def prepared(identities: pl.DataFrame, reader: NameReader, key: bytes) -> pl.DataFrame:
    """Records with the columns that a declaration may name, in the order of their records; `row` counts from 1.

    `identities` is a table as its door gives it. Numbers of persons and documents are under the key from here on.
    """
    frame = identities.with_row_index("row", 1).with_columns(pl.col("row").cast(pl.Int64)).sort("record")
    frame = frame.with_columns(
        number=hashed(frame["person_number"], key),
        documents=hashed_lists(frame["document"], key),
    ).drop("person_number", "document")
    frame = with_names(frame, reader).with_columns(citizenships=entries("c_citizen")).drop("c_citizen")
    return with_birth(frame)


def entries(column: str) -> pl.Expr:
    """The entries of a cell that may hold several, as a sorted list; null where there is none."""
    parts = pl.col(column).str.replace_all(SEPARATORS, ";").str.split(";").list.eval(pl.element().str.strip_chars())
    parts = parts.list.eval(pl.element().filter(pl.element() != "")).list.unique().list.sort()
    return pl.when(parts.list.len() > 0).then(parts)


def with_names(frame: pl.DataFrame, reader: NameReader) -> pl.DataFrame:
    """Records with their names by letters and sound; a name that is missing is taken from the other one."""
    for side in ("given", "family"):
        column = f"{side}_name"
        spelt = reader.read(frame[column]).rename({"name": column, "letters": side, "sounds": f"{side}_parts"})
        frame = frame.join(spelt, on=column, how="left", maintain_order="left").drop(column)
    sides = [("given", "family"), ("family", "given")]
    filled = {
        f"{side}{kind}": pl.coalesce(f"{side}{kind}", f"{other}{kind}")
        for side, other in sides
        for kind in ("", "_parts")
    }
    frame = frame.with_columns(**filled)
    return frame.with_columns(
        given_sound=pl.col("given_parts").list.join(""),
        family_sound=pl.col("family_parts").list.join(""),
        parts=pl.concat_list("given_parts", "family_parts").list.unique().list.sort(),
    ).with_columns(name_key=pl.col("parts").list.join(" "))


def with_birth(frame: pl.DataFrame) -> pl.DataFrame:
    """Records with the day of birth as text, its parts, day and month exchanged, and 1 January apart."""
    born = pl.col("birth_date")
    year, month, day = born.dt.year(), born.dt.month(), born.dt.day()
    new_year = (month == 1) & (day == 1)
    return frame.with_columns(
        birth=born.dt.strftime("%Y%m%d"),
        birth_year=year.cast(pl.Int64),
        birth_month=month.cast(pl.Int64),
        birth_day=day.cast(pl.Int64),
        birth_month_day=born.dt.strftime("%m%d"),
        birth_turned=pl.when((day <= 12) & (day != month)).then(born.dt.strftime("%Y%d%m")),
        birth_sure=pl.when(~new_year).then(born.dt.strftime("%Y%m%d")),
        new_year=new_year,
    ).drop("birth_date")


def check_records(identities: pl.DataFrame, path: Path) -> None:
    """Refuse a table in which two rows are called the same record; rows are named by their numbers alone."""
    rows = identities.with_row_index("row", 1).filter(pl.col("record").is_duplicated())["row"]
    if rows.len():
        listed = ", ".join(map(str, rows.head(SHOWN))) + (" …" if rows.len() > SHOWN else "")
        raise InputError(
            f"The same record stands in {rows.len():,} rows: {listed}.",
            Place(path.name),
            "Give each row a record of its own; two records of one person are joined.",
        )


def together(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The records of all sources, one after the other, numbered through (`unit`), with their `source`."""
    named = [frame.with_columns(pl.lit(source).alias(SOURCE)) for source, frame in frames.items()]
    return pl.concat(named).with_row_index(UNIT).with_columns(pl.col(UNIT).cast(pl.Int64))
