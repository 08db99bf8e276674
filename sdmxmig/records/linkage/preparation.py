"""Preparation of records for comparison.

Names across offices: transliteration, letters, sounds.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import MissingLibrary, pip_install
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.keys import SHORTENED, hashed, hashed_lists
from sdmxmig.records.reading import BETWEEN_ENTRIES, Check, check_rows, entries_of
from sdmxmig.records.rows import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sdmxmig.records.linkage.declaration import NameRules, Unknown
    from sdmxmig.records.rows import RowNumbers


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


MISSING = f"Install the libraries for record linkage: {pip_install('link')}"
APOSTROPHES = re.compile("['’‘`ʼʻ´]")
WORDS = re.compile("[a-z]+")
REPEATED = re.compile(r"(.)\1+")


class NameReader:
    def __init__(self, rules: NameRules) -> None:
        self.rules = rules
        self.letters = str.maketrans(dict(rules.letters))
        self.signs = str.maketrans("", "", "".join(letter for letter, read in rules.letters if not read))
        self.spellings = dict(rules.sounds)
        self.spelling = re.compile("|".join(map(re.escape, self.spellings)) or "$^")
        self.article = re.compile(rf"\b(?:{'|'.join(re.escape(text) for text in rules.articles) or '$^'})(?=\w{{2}})")
        self.begin = tuple(text for text, _ in rules.beginnings)
        self.beginning = re.compile(f"({'|'.join(re.escape(text) for text, _ in rules.beginnings) or '$^'})(.*)")
        self.of_beginning = dict(rules.beginnings)
        self.vowel = re.compile(f"[{re.escape(rules.vowels)}]+")
        self.to_ascii = transliteration()
        self.sounds: dict[str, str] = {}

    def parts(self, name: str) -> list[str]:
        name = name[: self.rules.longest]
        text = name if name.isascii() else self.to_ascii(self.bare(unicodedata.normalize("NFKC", name)))
        words = WORDS.findall(APOSTROPHES.sub("", text.lower()))
        if "".join(words) in self.rules.unknown:
            return []
        return self.joined([word for word in words if word not in self.rules.particles] or words)

    def bare(self, name: str) -> str:
        return self.article.sub("", name.translate(self.signs)).translate(self.letters)

    def joined(self, words: list[str]) -> list[str]:
        """Words with beginnings written together with what follows."""
        if not any(word.startswith(self.begin) for word in words):
            return words
        parts: list[str] = []
        begun = ""
        for word in words:
            match = self.beginning.fullmatch(word)
            if begun:
                parts.append(begun + word)
                begun = ""
            elif match and not match[2]:
                begun = self.of_beginning[match[1]]
            elif match and len(match[2]) > 2:
                parts.append(self.of_beginning[match[1]] + match[2])
            else:
                parts.append(word)
        return [*parts, begun] if begun else parts

    def sound(self, part: str) -> str:
        if part not in self.sounds:
            text = self.spelling.sub(lambda match: self.spellings[match[0]], part)
            first = "a" if self.vowel.match(text) else ""
            self.sounds[part] = REPEATED.sub(r"\1", first + self.vowel.sub("", text)) or part
        return self.sounds[part]

    def read(self, names: pl.Series) -> pl.DataFrame:
        """The distinct names of a column, with `letters` and `sounds`."""
        spelt: list[str] = []
        letters: list[str] = []
        sounds: list[str] = []
        sound = self.sound
        for name in names.drop_nulls().unique():
            if parts := self.parts(name):
                spelt.append(name)
                letters.append("".join(parts))
                sounds.append(" ".join([sound(part) for part in parts]))
        columns = {"name": spelt, "letters": letters, "sounds": sounds}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        return frame.with_columns(pl.col("sounds").str.split(" "))


def transliteration() -> Callable[[str], str]:
    try:
        from anyascii import anyascii
    except ImportError:
        raise MissingLibrary("What transliterates names is not installed.", hint=MISSING) from None
    return anyascii
