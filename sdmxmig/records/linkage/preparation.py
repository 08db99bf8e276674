"""Preparation of records for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.hashing import SHORTENED, hashed, hashed_lists
from sdmxmig.records.reading import BETWEEN_ENTRIES, Check, check_rows, entries_of
from sdmxmig.records.rows import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdmxmig.records.linkage.declaration import Unknown
    from sdmxmig.records.linkage.names import NameReader
    from sdmxmig.records.row_numbers import RowNumbers

OTHER_SIGNS = r"[/\\+&\n،、；]"
MAY_BE_NUMBER = r"^[^\p{L}\d]*(?:[\p{L}\d][\s.\-]*){4,}$"
"""A text of four letters and digits or more; shorter ones are parts of a number."""
UNIT, SOURCE, FILE = "unit", "source", "file"
ONE, OTHER = "unit_l", "unit_r"
"""The two records of a pair."""


def prepared(
    identities: pl.DataFrame, reader: NameReader, key: bytes, unknown: Unknown, *, first_row: int = 1
) -> pl.DataFrame:
    """Prepare records in order; `row` is the file's.

    Numbers are hashed; placeholders are null.
    """
    frame = identities.with_row_index("row", first_row).with_columns(pl.col("row").cast(pl.Int64)).sort("record")
    frame = frame.with_columns(
        known("sex", unknown.sex),
        known("c_birth", unknown.countries),
        number=hashed(frame["person_number"], key, unknown.numbers),
        documents=hashed_lists(frame["document"], key, unknown.numbers),
        birth_date=pl.when(~pl.col("birth_date").is_in([*unknown.days])).then("birth_date"),
    ).drop("person_number", "document")
    frame = with_names(frame, reader).with_columns(citizenships=citizenships_of(frame["c_citizen"], unknown))
    return with_birth(frame.drop("c_citizen"))


def rows_of_several(identities: pl.DataFrame) -> dict[str, list[int]]:
    """Find cells with several numbers, by column and 1-based row."""
    parted = {"person_number": f"{BETWEEN_ENTRIES}|{OTHER_SIGNS}", "document": OTHER_SIGNS}
    return {column: rows for column, signs in parted.items() if (rows := with_several(identities[column], signs))}


def rows_of_shortened(identities: pl.DataFrame) -> dict[str, list[int]]:
    entry = rf"(?:^|{BETWEEN_ENTRIES})\s*(?:{SHORTENED})\s*(?:{BETWEEN_ENTRIES}|$)"
    shortened = {
        name: identities.select(pl.col(name).str.contains(entry).fill_null(value=False)).to_series()
        for name in ("person_number", "document")
    }
    return {name: (column.arg_true() + 1).to_list() for name, column in shortened.items() if column.any()}


def rows_of_open_numbers(identities: pl.DataFrame) -> list[int]:
    same = pl.any_horizontal(pl.col("record") == pl.col(name) for name in ("person_number", "document"))
    return (identities.select(same.fill_null(value=False)).to_series().arg_true() + 1).to_list()


def with_several(cells: pl.Series, signs: str) -> list[int]:
    parts = cells.to_frame("cell").select(pl.col("cell").str.replace_all(signs, "\n").str.split("\n"))
    are_numbers = pl.element().str.contains(MAY_BE_NUMBER)
    several = parts.select(pl.col("cell").list.eval(are_numbers).list.sum() > 1)["cell"]
    return (several.fill_null(value=False).arg_true() + 1).to_list()


def citizenships_of(cells: pl.Series, unknown: Unknown) -> pl.Series:
    different = pl.DataFrame({"c_citizen": cells.drop_nulls().unique()})
    countries = entries_of("c_citizen").list.set_difference([*unknown.countries]).list.unique().list.sort()
    lists = different.with_columns(citizenships=pl.when(countries.list.len() > 0).then(countries))
    asked = pl.DataFrame({"c_citizen": cells})
    return asked.join(lists, on="c_citizen", how="left", maintain_order="left")["citizenships"]


def known(column: str, unknown: Sequence[str]) -> pl.Expr:
    return pl.when(~pl.col(column).is_in([*unknown])).then(pl.col(column)).alias(column)


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


@dataclass(frozen=True, slots=True)
class Crowds:
    """Counts of shared numbers, documents and birthdays treated as unknown."""

    numbers: int
    days: int

    def __bool__(self) -> bool:
        return self.numbers + self.days > 0


def without_crowds(frame: pl.DataFrame, unknown: Unknown) -> tuple[pl.DataFrame, Crowds]:
    """Remove numbers and documents shared by too many persons.

    Requires more names and birthdays than declared, and half as many as records.
    """
    numbers = held_by_many(frame.select("number", "name_key", "birth").drop_nulls("number"), "number", unknown)
    listed = frame.select("documents", "name_key", "birth").drop_nulls("documents").explode("documents")
    documents = held_by_many(listed, "documents", unknown)
    most = max(unknown.fewest_of_day, frame.height * unknown.most_of_thousand // 1000)
    sizes = frame.filter(~pl.col("new_year")).group_by("birth").len()
    days = sizes.filter(pl.col("len") > most)["birth"]
    crowded = pl.col("birth").is_in(days.implode())
    left = pl.col("documents").list.set_difference(documents.to_list()).list.sort()
    frame = frame.with_columns(
        number=pl.when(~pl.col("number").is_in(numbers.implode())).then("number"),
        documents=pl.when(left.list.len() > 0).then(left),
        birth_sure=pl.when(~crowded).then("birth_sure"),
        new_year=pl.col("new_year") | crowded,
    )
    return frame, Crowds(numbers.len() + documents.len(), days.len())


def held_by_many(rows: pl.DataFrame, column: str, unknown: Unknown) -> pl.Series:
    held = rows.group_by(column).agg(
        pl.len(), *(pl.col(name).drop_nulls().n_unique().alias(name) for name in ("name_key", "birth"))
    )
    many = [
        (pl.col(name) == 0) | ((pl.col(name) > unknown.most_holders) & (2 * pl.col(name) > pl.col("len")))
        for name in ("name_key", "birth")
    ]
    return held.filter(pl.all_horizontal(many) & (pl.col("name_key") + pl.col("birth") > 0))[column].sort()


def check_records(identities: pl.DataFrame, numbers: RowNumbers) -> None:
    hint = "Give each row a record of its own; two records of one person are joined."
    same = Check(pl.col("record").is_duplicated(), "The same record stands", hint=hint)
    check_rows(identities.lazy().with_row_index(ROW, 1), [same], numbers)


def together(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    named = [
        frame.with_columns(pl.lit(source).alias(name) for name in (SOURCE, FILE)) for source, frame in frames.items()
    ]
    return pl.concat(named).with_row_index(UNIT).with_columns(pl.col(UNIT).cast(pl.Int64))
