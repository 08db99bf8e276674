"""True identities and fault groups of persons.

Invented names from syllables (``structures/simulation/syllables.csv``), with two transliterations.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import TYPE_CHECKING

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.made_up import HOME, countries
from sdmxmig.records.simulation.people import NOBODY, Chance

if TYPE_CHECKING:
    from sdmxmig.records.simulation.people import Whole
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


ARABIC = "arabic"
TWO_PARTS = {"local": 0.25, "accents": 0.3}
WITH_ARTICLE, ARTICLE = 0.4, "al-"
SINGLE_NAME, VERY_LONG, COMMON = 0.02, 0.03, 0.01
SYLLABLES = {"given": 2, "second": 2, "family": 3, "part": 2, "father": 2, "maiden": 2, "tail": 3}
"""The pieces of names, and how many syllables they have."""


@cache
def syllables() -> dict[str, list[tuple[str, str]]]:
    text = (shipped("structures") / "simulation" / "syllables.csv").read_text(encoding="utf-8")
    table: dict[str, list[tuple[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        table.setdefault(row["script"], []).append((row["latin"], row["other_latin"]))
    return table


def names_of(truth: Truth) -> pl.DataFrame:
    """The names of all persons, in the order of persons."""
    chance = Chance(truth.world.seed, "names")
    persons = truth.persons
    number = persons.height
    script = persons["c_birth"].replace_strict({code: country.script for code, country in countries().items()})
    drawn = {name: chance.uniform(number * count).reshape(number, count) for name, count in SYLLABLES.items()}
    traits = {name: chance.uniform(number) for name in ("article", "two", "second", "single", "long", "common")}
    alike(persons, drawn, traits)
    share = script.replace_strict(TWO_PARTS, default=0.0, return_dtype=pl.Float64).to_numpy()
    arabic = (script == ARABIC).to_numpy()
    frame = pl.DataFrame(
        {
            "script": script,
            "article": arabic & (traits["article"] < WITH_ARTICLE),
            "two": traits["two"] < share,
            "two_given": traits["second"] < share,
            "single": arabic & (traits["single"] < SINGLE_NAME),
            "long": traits["long"] < VERY_LONG,
        }
    )
    pieces = {
        f"{name}_{spelling}": spelled(script, values, spelling) for name, values in drawn.items() for spelling in (0, 1)
    }
    frame = frame.with_columns(**pieces)
    return frame.select(
        "script",
        given_name=given_names(0),
        family_name=family_name(0),
        other_given=given_names(1),
        other_family=family_name(1),
        father=titled("father_0"),
        maiden=titled("maiden_0"),
        single="single",
        long="long",
        two="two",
        two_given="two_given",
    )


def alike(persons: pl.DataFrame, syllable: dict[str, np.ndarray], traits: dict[str, np.ndarray]) -> None:
    """Give children the family name of their mothers, twins that of each other, and some all names of a stranger."""
    order = np.argsort(persons["born"].to_numpy(), kind="stable")
    same = order[1:][traits["common"][order[1:]] < COMMON]
    other = order[:-1][traits["common"][order[1:]] < COMMON]
    for name in ("given", "second", "family", "part"):
        syllable[name][same] = syllable[name][other]
    for relation in ("mother", "twin"):
        relative = persons[relation].to_numpy()
        related = np.flatnonzero(relative != NOBODY)
        for name in ("family", "part", "tail"):
            syllable[name][related] = syllable[name][relative[related]]
        for name in ("article", "two", "long"):
            traits[name][related] = traits[name][relative[related]]


def spelled(script: pl.Series, values: np.ndarray, spelling: int) -> pl.Series:
    """A piece of a name: its syllables in one spelling."""
    tables = syllables()
    names = sorted(tables)
    sizes = np.array([len(tables[name]) for name in names])
    starts = np.cumsum(sizes) - sizes
    texts = pl.Series([pair[spelling] for name in names for pair in tables[name]])
    which = script.replace_strict({name: place for place, name in enumerate(names)}, return_dtype=pl.Int64).to_numpy()
    index: Whole = starts[which][:, None] + np.floor(values * sizes[which][:, None]).astype(np.int64)
    parts = [texts.gather(index[:, column]).alias(str(column)) for column in range(index.shape[1])]
    return pl.DataFrame(parts).select(pl.concat_str(pl.all())).to_series()


def titled(name: str) -> pl.Expr:
    return pl.col(name).str.slice(0, 1).str.to_uppercase() + pl.col(name).str.slice(1)


def given_names(spelling: int) -> pl.Expr:
    both = titled(f"given_{spelling}") + " " + titled(f"second_{spelling}")
    names = pl.when("two_given").then(both).otherwise(titled(f"given_{spelling}"))
    return pl.when("single").then(pl.lit(None, dtype=pl.String)).otherwise(names)


def family_name(spelling: int) -> pl.Expr:
    end = pl.when("long").then(pl.col(f"tail_{spelling}") + pl.col(f"father_{spelling}")).otherwise(pl.lit(""))
    name = titled(f"family_{spelling}") + end
    article = pl.when("article").then(pl.lit(ARTICLE)).otherwise(pl.lit(""))
    part = pl.when("two").then(pl.lit(" ") + titled(f"part_{spelling}")).otherwise(pl.lit(""))
    return article + name + part
