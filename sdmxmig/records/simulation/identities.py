"""True identities and fault groups of persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.simulation.chance import Chance
from sdmxmig.records.simulation.made_up import HOME, countries
from sdmxmig.records.simulation.names import names_of

if TYPE_CHECKING:
    from sdmxmig.records.simulation.truth import Truth

FIELDS = (*("person_number", "given_name", "family_name", "sex", "birth_date", "c_birth", "c_citizen", "document"),)
MARRIED = 0.25
"""The share of women of the ages below who married in the last ten years."""
YOUNGEST_BRIDE, OLDEST_BRIDE = 20, 45
RECENT = 730
"""Days for which a naturalisation is recent."""
YEAR = 365.25


def identities_of(truth: Truth) -> pl.DataFrame:
    chance = Chance(truth.world.seed, "identities")
    persons, names = truth.persons, names_of(truth)
    last = truth.citizenships.unique("person", keep="last", maintain_order=True)
    joined = persons.join(
        last.select("person", "c_former", now="c_citizen", since="day"), on="person", how="left", maintain_order="left"
    )
    number = persons.height
    digits = len(str(number)) + 2
    frame = pl.concat([joined.drop("c_mother", "mother"), names], how="horizontal").with_columns(
        person_number=numbers(digits, "", chance, number),
        other_number=numbers(digits, "", chance, number),
        document=numbers(digits, "D", chance, number),
        other_document=numbers(digits, "E", chance, number),
        birth_date=pl.col("born").cast(pl.Int32).cast(pl.Date),
        c_citizen=pl.coalesce("now", "c_citizen"),
        former=pl.coalesce("c_former", "c_citizen"),
        married=pl.Series(chance.happens(MARRIED, number)),
    )
    frame = frame.with_columns(person_number=pl.when(~pl.col("visitor")).then("person_number"))
    return frame.drop("now", "c_former", "id", "resident")


def numbers(digits: int, letter: str, chance: Chance, count: int) -> pl.Series:
    drawn = chance.ascending(10**digits, count)[chance.order(count)]
    return (pl.Series([letter]) + pl.Series(drawn).cast(pl.String).str.zfill(digits)).rename("number")


def groups(until: int) -> dict[str, pl.Expr]:
    """Whether a person belongs to each of the groups that the faults name, by the words of these tables."""
    citizen, native = pl.col("c_citizen") == HOME, pl.col("c_birth") == HOME
    age = (until - pl.col("born")) / YEAR
    of_day = pl.col("birth_date").dt.day()
    former = [code for code, country in countries().items() if country.former]
    others = [code for code, country in countries().items() if country.calendar]
    letters = pl.col("family_name").str.contains(r"[^\x00-\x7F]")
    return {
        "everybody": pl.lit(value=True),
        "native-citizens": citizen,
        "foreign-citizens": ~citizen,
        "foreign-born": ~native,
        "refugees": pl.col("refugee"),
        "foreign-born-not-refugees": ~native & ~pl.col("refugee"),
        "women-married-in-last-10-years": (pl.col("sex") == "F")
        & age.is_between(YOUNGEST_BRIDE, OLDEST_BRIDE)
        & pl.col("married"),
        "dual-citizens": pl.col("dual") & citizen & ~native,
        "naturalised-in-last-2-years": citizen & (pl.col("since") >= until - RECENT).fill_null(value=False),
        "born-in-former-states": pl.col("c_birth").is_in(former),
        "other-calendar-countries": pl.col("c_birth").is_in(others),
        "day-not-above-12": (of_day <= 12) & (of_day != pl.col("birth_date").dt.month()),
        "names-in-arabic-script": pl.col("script") == "arabic",
        "names-in-cyrillic-script": pl.col("script") == "cyrillic",
        "names-in-chinese-script": pl.col("script") == "chinese",
        "names-with-diacritics": letters,
        "compound-surnames": pl.col("two"),
        "two-given-names": pl.col("two_given"),
        "single-name-persons": pl.col("single"),
        "very-long-names": pl.col("long"),
    }
