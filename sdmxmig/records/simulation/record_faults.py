"""Faults of records by kind, applied in the order of `KINDS`.

Declared faults of sources.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cache
from typing import TYPE_CHECKING

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.identities import groups
from sdmxmig.records.simulation.made_up import HOME, countries

if TYPE_CHECKING:
    from sdmxmig.records.simulation.people import Chance


Columns = Mapping[str, pl.Expr | pl.Series]
Spoil = Callable[[pl.DataFrame, "Chance", str], Columns]
PLAIN = {"ç": "c", "á": "a", "ñ": "n", "è": "e", "ü": "u", "ö": "o", "ã": "a", "č": "c", "þ": "th", "ł": "l", "é": "e"}
PLAIN |= {"í": "i", "ê": "e", "ž": "z", "Ç": "C", "Á": "A", "Ñ": "N", "È": "E", "Ü": "U", "Ö": "O", "Ã": "A", "Č": "C"}
PLAIN |= {"Þ": "Th", "Ł": "L", "É": "E", "Í": "I", "Ê": "E", "Ž": "Z"}
LETTERS = "aeiorntslkdm"
LONGEST = 12
"""So many letters of a family name fit into a field that cuts it."""


def spoilt(records: pl.DataFrame, source: str, until: int, chance: Chance) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records of a source with its faults, and which fault each of them has (`record`, `kind`, `field`, `group`)."""
    groups_of_records = records.select(**groups(until))
    rows = [fault for fault in faults_of_records(source) if fault.kind in KINDS]
    rows.sort(key=lambda fault: list(KINDS).index(fault.kind))
    applied = []
    for fault in rows:
        hit = chance.happens(fault.rate, records.height) & groups_of_records[fault.applies_to].to_numpy()
        places = np.flatnonzero(hit)
        if len(places):
            picked = records[places]
            columns = KINDS[fault.kind](picked, chance, fault.field)
            changed = picked.with_columns(**columns)
            records = records.with_columns(records[name].scatter(places, changed[name]) for name in columns)
            applied.append(
                picked.select(
                    "record",
                    kind=pl.lit(fault.kind),
                    field=pl.lit(fault.field),
                    group=pl.lit(fault.applies_to),
                )
            )
    nothing = pl.DataFrame(schema=dict.fromkeys(("record", "kind", "field", "group"), pl.String))
    return records, pl.concat([nothing, *applied])


def mistyped(records: pl.DataFrame, chance: Chance, field: str) -> Columns:
    texts, how = records[field].to_list(), chance.between(0, 3, records.height).tolist()
    where, which = chance.uniform(records.height).tolist(), chance.between(0, len(LETTERS) - 1, records.height).tolist()
    wrong = [
        None if text is None else typed_wrong(text, kind, int(place * max(len(text) - 1, 1)), LETTERS[letter])
        for text, kind, place, letter in zip(texts, how, where, which, strict=True)
    ]
    return {field: pl.Series(wrong, dtype=pl.String)}


def typed_wrong(text: str, how: int, place: int, letter: str) -> str:
    """A text with another letter, one letter less, one doubled, or two exchanged, at a place.

    >>> [typed_wrong("Moro", how, 1, "a") for how in range(4)]
    ['Maro', 'Mro', 'Mooro', 'Mroo']
    """
    before, after = text[:place], text[place + 1 :]
    ways = (before + letter + after, before + after, before + text[place] * 2 + after)
    return ways[how] if how < len(ways) else before + after[:1] + text[place] + after[1:]


def other_spelling(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col("other_given" if field == "given_name" else "other_family")}


def joined_name(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    parts = pl.col(field).str.split(" ")
    first, rest = parts.list.first(), parts.list.slice(1).list.join("").str.to_lowercase()
    return {field: first + rest}


def syllables_apart(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col(field).str.slice(0, 2) + " " + pl.col(field).str.slice(2).str.to_titlecase()}


def article_joined(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    name = pl.col(field)
    return {field: pl.when(name.str.starts_with("al-")).then(name.str.slice(3)).otherwise("al-" + name)}


def fathers_name(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col("father")}


def doubled_name(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col("family_name")}


def split_surname(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    parts = pl.col(field).str.split(" ")
    two = parts.list.len() > 1
    moved = pl.concat_str("given_name", parts.list.first(), separator=" ", ignore_nulls=True)
    return {
        "given_name": pl.when(two).then(moved).otherwise("given_name"),
        field: pl.when(two).then(parts.list.last()).otherwise(pl.col(field)),
    }


def first_part(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col(field).str.split(" ").list.first()}


def swapped_names(_: pl.DataFrame, __: Chance, ___: str) -> Columns:
    return {"given_name": pl.col("family_name"), "family_name": pl.col("given_name")}


def short_form(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col(field).str.slice(0, 3)}


def without_marks(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col(field).str.replace_many(list(PLAIN), list(PLAIN.values()))}


def cut_off(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col(field).str.slice(0, LONGEST)}


def maiden_name(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col("maiden")}


def first_of_january(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.date(pl.col(field).dt.year(), 1, 1)}


def first_or_fifteenth(records: pl.DataFrame, chance: Chance, field: str) -> Columns:
    middle = pl.Series(chance.happens(0.5, records.height))
    return {field: pl.col(field).dt.truncate("1mo") + pl.duration(days=pl.when(middle).then(14).otherwise(0))}


def day_and_month_swapped(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    day = pl.col(field)
    swapped = pl.date(day.dt.year(), pl.min_horizontal(day.dt.day(), 12), day.dt.month())
    return {field: pl.when(day.dt.day() <= 12).then(swapped).otherwise(day)}


def year_off(records: pl.DataFrame, chance: Chance, field: str) -> Columns:
    return {field: shifted(records[field], 2 * chance.between(0, 1, records.height) - 1)}


def by_age(records: pl.DataFrame, chance: Chance, field: str) -> Columns:
    years = (2 * chance.between(0, 1, records.height) - 1) * chance.between(1, 2, records.height)
    return {field: shifted(records[field], years)}


def shifted(days: pl.Series, years: np.ndarray) -> pl.Series:
    return pl.select(days.dt.offset_by(pl.Series(years).cast(pl.String) + "y")).to_series()


def other_calendar(records: pl.DataFrame, chance: Chance, field: str) -> Columns:
    days = 365 + chance.between(1, 40, records.height)
    return {field: pl.select(records[field] - pl.duration(days=pl.lit(pl.Series(days)))).to_series()}


def digit_wrong(records: pl.DataFrame, chance: Chance, field: str) -> Columns:
    day = pl.col(field).dt.day()
    tens = pl.Series(chance.happens(0.5, records.height))
    ones = pl.when(day % 10 >= 5).then(day - 3).otherwise(day + 3)
    decade = pl.when(pl.col(field).dt.year() % 100 >= 50).then(pl.lit("-10y")).otherwise(pl.lit("-20y"))
    other = pl.date(
        pl.col(field).dt.year(), pl.col(field).dt.month(), pl.when(ones > 28).then(day - 10).otherwise(ones)
    )
    return {field: pl.when(tens).then(pl.col(field).dt.offset_by(decade)).otherwise(other)}


def other_sex(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.when(pl.col(field) == "F").then(pl.lit("M")).otherwise(pl.lit("F"))}


def former_state(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    former = {code: country.former for code, country in countries().items() if country.former}
    return {field: pl.col(field).replace(former)}


def birth_is_citizenship(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col("c_citizen")}


def empty(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.lit(None)}


def earlier_citizenship(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col("former")}


def citizenship_of_birth(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col("c_birth")}


def own_citizenship(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.lit(HOME)}


def other_document(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col("other_document")}


def figure_wrong(records: pl.DataFrame, chance: Chance, field: str) -> Columns:
    digits, where = chance.between(1, 9, records.height).tolist(), chance.uniform(records.height).tolist()
    wrong = [
        None if text is None else with_figure(text, 1 + int(place * (len(text) - 1)), digit)
        for text, digit, place in zip(records[field].to_list(), digits, where, strict=True)
    ]
    return {field: pl.Series(wrong, dtype=pl.String)}


def with_figure(text: str, place: int, more: int) -> str:
    """A number with more at one place, without carrying.

    >>> with_figure("D1293", 3, 4)
    'D1233'
    """
    place = min(place, len(text) - 1)
    return f"{text[:place]}{(int(text[place]) + more) % 10}{text[place + 1 :]}"


def second_number(_: pl.DataFrame, __: Chance, field: str) -> Columns:
    return {field: pl.col("other_number")}


KINDS: Mapping[str, Spoil] = {
    "TRANSLITERATION-VARIANT": other_spelling,
    "PATRONYMIC-AS-SURNAME": fathers_name,
    "MARRIAGE-NAME": maiden_name,
    "ARTICLE-JOINED-OR-DROPPED": article_joined,
    "SINGLE-NAME-DOUBLED": doubled_name,
    "NAME-SYLLABLES-JOINED": syllables_apart,
    "COMPOUND-SURNAME-SPLIT": split_surname,
    "COMPOUND-SURNAME-JOINED": joined_name,
    "SURNAME-PART-DROPPED": first_part,
    "SECOND-GIVEN-NAME-DROPPED": first_part,
    "NICKNAME": short_form,
    "DIACRITICS-LOST": without_marks,
    "NAME-CUT-OFF": cut_off,
    "TYPING-ERROR": mistyped,
    "NAMES-SWAPPED": swapped_names,
    "BIRTH-DATE-1-JANUARY": first_of_january,
    "BIRTH-DATE-15-OR-FIRST-OF-MONTH": first_or_fifteenth,
    "BIRTH-DATE-BY-AGE": by_age,
    "BIRTH-YEAR-OTHER-CALENDAR": other_calendar,
    "BIRTH-YEAR-OFF-BY-ONE": year_off,
    "BIRTH-DAY-MONTH-SWAPPED": day_and_month_swapped,
    "BIRTH-DATE-DIGIT-WRONG": digit_wrong,
    "SEX-WRONG": other_sex,
    "BIRTH-COUNTRY-FORMER-STATE": former_state,
    "BIRTH-COUNTRY-IS-CITIZENSHIP": birth_is_citizenship,
    "BIRTH-COUNTRY-EMPTY": empty,
    "CITIZENSHIP-CHANGED": earlier_citizenship,
    "CITIZENSHIP-OF-OTHER-PASSPORT": citizenship_of_birth,
    "CITIZENSHIP-CLAIMED": own_citizenship,
    "DOCUMENT-RENEWED": other_document,
    "SECOND-DOCUMENT": other_document,
    "DOCUMENT-NUMBER-WRONG": figure_wrong,
    "PERSON-NUMBER-WRONG": figure_wrong,
    "SECOND-NUMBER": second_number,
    "FIELD-EMPTY": empty,
}


ANY = "any"
CHECK_ONLY, ADDED = "check_only", "added_points"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: kind, source, rate and group."""

    kind: str
    source: str
    _: KW_ONLY
    rate: float
    applies_to: str
    field: str
    parameter: str
    value: float


@cache
def declared(table: str) -> tuple[Fault, ...]:
    """The rows of a table of faults."""
    text = (shipped("structures") / "simulation" / f"{table}_faults.csv").read_text(encoding="utf-8")
    return tuple(
        Fault(
            row["kind"],
            row["source"],
            rate=float(row["rate"]),
            applies_to=row["applies_to"],
            field=row.get("field", ""),
            parameter=row.get("parameter") or "",
            value=float(row.get("value") or 0),
        )
        for row in csv.DictReader(io.StringIO(text, newline=""))
    )


def faults_of_records(source: str) -> list[Fault]:
    rows = declared("linkage")
    own = {(fault.kind, fault.field, fault.applies_to) for fault in rows if fault.source == source}
    return [
        fault
        for fault in rows
        if fault.source == source or (fault.source == ANY and (fault.kind, fault.field, fault.applies_to) not in own)
    ]


def fault_of_source(source: str, kind: str, applies_to: str) -> Fault:
    rows = [fault for fault in declared("source") if fault.source == source and fault.applies_to == applies_to]
    return next(fault for fault in rows if fault.kind == kind)
