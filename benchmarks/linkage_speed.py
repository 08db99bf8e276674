"""How well and how fast two large files of identities are linked: ``python -m benchmarks.linkage_speed --of 100000``.

Persons are drawn at random, seeded, with names of syllables in the manner of several scripts, twins, and persons who
share a name; of those of the first file seven in ten are in the second, and three in a hundred of these twice. What
goes wrong in a source, and how often, stands in a table of faults that was written by somebody who had not read the
code. Three cases: sources with a common number (``numbers``), with documents (``documents``), and with neither
(``names``). Timed is from the prepared call to the table of links; memory is the largest of the process.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import random
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import polars as pl

from sdmxmig.application.linking import LinkRequest, link
from sdmxmig.catalogue.folders import shipped
from sdmxmig.model.records import IDENTITIES
from sdmxmig.network.secrets import Secret

Person = dict[str, str]
FAULTS = shipped("structures") / "simulation" / "linkage_faults.csv"
ONSETS = {
    "local": ("b", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "st", "br", "kl"),
    "arabic": ("b", "dj", "d", "f", "gh", "h", "kh", "k", "l", "m", "n", "q", "r", "s", "sh", "t", "th", "w", "z"),
    "cyrillic": ("b", "v", "g", "d", "zh", "z", "k", "l", "m", "n", "p", "r", "s", "t", "ts", "ch", "sh", "shch", "kh"),
    "chinese": ("b", "ch", "d", "f", "g", "h", "j", "l", "m", "q", "sh", "t", "w", "x", "y", "z", "zh"),
    "accents": ("b", "c", "d", "f", "g", "l", "ll", "m", "n", "ñ", "p", "r", "s", "t", "v", "z"),
}
VOWELS = {
    "local": ("a", "e", "i", "o", "u"),
    "arabic": ("a", "i", "ou", "aa", "e", "ee"),
    "cyrillic": ("a", "e", "i", "o", "u", "ya", "yu"),
    "chinese": ("a", "ao", "en", "i", "ing", "ong", "u", "uan"),
    "accents": ("a", "e", "i", "o", "u", "á", "é", "í"),
}
VARIANTS = {
    "arabic": (("q", "k"), ("q", "g"), ("ou", "u"), ("ou", "o"), ("w", "ou"), ("ee", "i"), ("dj", "j"), ("sh", "ch"),
               ("kh", "k"), ("gh", "g"), ("aa", "a"), ("e", "a"), ("th", "t"), ("a", "e"), ("i", "y"), ("h", "")),
    "cyrillic": (("zh", "j"), ("ts", "c"), ("ch", "tch"), ("ch", "c"), ("shch", "sch"), ("kh", "h"), ("ya", "ia"),
                 ("yu", "iu"), ("v", "w"), ("sh", "s"), ("i", "y"), ("u", "ou"), ("k", "c")),
    "chinese": (("q", "ch"), ("x", "hs"), ("zh", "ch"), ("j", "ch"), ("b", "p"), ("d", "t"), ("g", "k"), ("ong", "ung"),
                ("ao", "au"), ("w", "v")),
}  # fmt: skip
PLAIN = str.maketrans("ñáéíóúü", "naeiouu")
SCRIPTS = (("local", 0.6), ("arabic", 0.14), ("accents", 0.12), ("cyrillic", 0.1), ("chinese", 0.04))
TO = dt.date(2023, 1, 1)


def name_of(dice: random.Random, script: str, parts: int) -> str:
    """A name of so many syllables in the manner of a script."""
    syllables = (dice.choice(ONSETS[script]) + dice.choice(VOWELS[script]) for _ in range(parts))
    return ("".join(syllables) + dice.choice(("", "", "n", "r", "s", "d"))).capitalize()


def drawn(dice: random.Random, names: list[str]) -> str:
    """A name of a list, the first far more often than the last."""
    return names[int(len(names) * dice.random() ** 3)]


class Country:
    """Names in the manner of a script, as many as a country has for so many persons."""

    def __init__(self, dice: random.Random, script: str, persons: int) -> None:
        self.script = script
        size = max(300, int(persons**0.75))
        self.family = list(dict.fromkeys(name_of(dice, script, dice.choice((2, 2, 3))) for _ in range(size)))
        self.given = list(
            dict.fromkeys(name_of(dice, script, dice.choice((1, 2, 2, 3))) for _ in range(max(80, size // 8)))
        )


def person_of(dice: random.Random, country: Country) -> Person:
    """A person: what every source would have without a fault, and to which groups of the table of faults it belongs."""
    script, abroad = country.script, country.script != "local"
    family, given = drawn(dice, country.family), drawn(dice, country.given)
    if script == "accents" and dice.random() < 0.6:
        family = f"{family} {drawn(dice, country.family)}"
    if script == "arabic" and dice.random() < 0.3:
        family = f"El {family}"
    if dice.random() < 0.25 or (script == "chinese" and dice.random() < 0.7):
        given = f"{given} {drawn(dice, country.given)}"
    born = dt.date(1935, 1, 1) + dt.timedelta(days=int(32000 * (1 - dice.random() ** 1.3)))
    naturalised, dual = abroad and dice.random() < 0.04, abroad and dice.random() < 0.05
    home = f"X{script[0].upper()}"
    sex = dice.choice("MF")
    return {
        "person_number": f"{dice.randrange(10**11):011}", "document": f"P{dice.randrange(10**9):09}",
        "given_name": given, "family_name": family, "sex": sex, "birth_date": born.isoformat(), "c_birth": home,
        "c_citizen": "XL" if naturalised or (abroad and dual) else home, "home": home, "script": script,
        "groups": groups_of(dice, script, sex, born, naturalised=naturalised, dual=dual),
    }  # fmt: skip


def groups_of(dice: random.Random, script: str, sex: str, born: dt.date, *, naturalised: bool, dual: bool) -> str:
    """The groups of the table of faults to which a person belongs."""
    abroad = script != "local"
    refugee = abroad and dice.random() < 0.06
    groups = ["everybody", f"names-in-{script}-script"]
    groups += ["foreign-born", "refugees" if refugee else "foreign-born-not-refugees"] if abroad else []
    groups += ["foreign-citizens"] if abroad and not naturalised and not dual else []
    groups += ["naturalised-in-last-2-years"] if naturalised else []
    groups += ["dual-citizens"] if dual else []
    groups += (
        ["women-married-in-last-10-years"]
        if sex == "F" and born.year in range(1978, 2000) and dice.random() < 0.4
        else []
    )
    groups += ["other-calendar-countries"] if script == "arabic" and dice.random() < 0.3 else []
    groups += ["born-in-former-states"] if script == "cyrillic" else []
    groups += ["day-not-above-12"] if born.day <= 12 else []
    return " ".join(groups)


def population(count: int, seed: int) -> list[Person]:
    """So many persons, with twins and persons of one name as the table of faults has them."""
    dice = random.Random(seed)  # noqa: S311 - to be repeated
    countries = {script: Country(dice, script, max(1000, int(count * share))) for script, share in SCRIPTS}
    scripts = dice.choices([script for script, _ in SCRIPTS], [share for _, share in SCRIPTS], k=count)
    people = [person_of(dice, countries[script]) for script in scripts]
    rates = {fault["kind"]: float(fault["rate"]) for fault in faults() if fault["field"] == "whole record"}
    for index in range(1, count):
        other, draw = people[index - 1], dice.random()
        if draw < rates["TWINS"] / 2:
            shared = ("family_name", "birth_date", "c_birth", "c_citizen", "home", "script", "groups")
            given = drawn(dice, countries[other["script"]].given)
            people[index] = {**people[index], **{name: other[name] for name in shared}, "given_name": given}
        elif draw < rates["TWINS"] / 2 + rates["COMMON-NAME"] / 2:
            names = ("family_name", "given_name", "sex", "home", "c_birth", "c_citizen", "script", "groups")
            born = dt.date.fromisoformat(other["birth_date"]) + dt.timedelta(days=dice.randrange(-365, 366))
            people[index] = {**people[index], **{name: other[name] for name in names}, "birth_date": born.isoformat()}
    return people


def faults() -> list[dict[str, str]]:
    """The table of faults."""
    with FAULTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def typed(dice: random.Random, text: str) -> str:
    """A text with one letter wrong, missing, doubled, or exchanged with the next."""
    place = dice.randrange(len(text))
    before, letter, after = text[:place], text[place], text[place + 1 :]
    return dice.choice(
        (before + dice.choice("abcdefghijklmnopqrstuvwxyz") + after, before + after, before + letter * 2 + after,
         before + after[:1] + letter + after[1:])
    ) or text  # fmt: skip


def respelt(dice: random.Random, name: str, script: str) -> str:
    """A name in another usual spelling of its script."""
    fitting = [(old, new) for old, new in VARIANTS.get(script, ()) if old in name.lower()]
    for old, new in dice.sample(fitting, min(len(fitting), dice.choice((1, 1, 2)))):
        name = name.lower().replace(old, new).title()
    return name


def moved(born: str, **parts: int) -> str:
    """A day with other parts, where there is such a day."""
    day = dt.date.fromisoformat(born)
    try:
        return day.replace(**parts).isoformat()  # type: ignore[arg-type]
    except ValueError:
        return born


def spoil(record: Person, kind: str, field: str, dice: random.Random) -> None:  # noqa: C901, PLR0912, PLR0915 - a table
    """One fault of the table, applied to a record."""
    value = record[field]
    born = record["birth_date"]
    words = record["family_name"].split()
    if kind == "TYPING-ERROR":
        record[field] = typed(dice, value)
    elif kind == "TRANSLITERATION-VARIANT":
        record[field] = respelt(dice, value, record["script"])
    elif kind == "NAME-SYLLABLES-JOINED":
        record[field] = value.replace(" ", "").capitalize()
    elif kind == "ARTICLE-JOINED-OR-DROPPED":
        record[field] = value.replace("El ", dice.choice(("El", "El-", "")))
    elif kind in ("PATRONYMIC-AS-SURNAME", "MARRIAGE-NAME"):
        record[field] = name_of(dice, record["script"], 2)
    elif kind == "SINGLE-NAME-DOUBLED":
        record[field] = record["family_name"]
    elif kind == "COMPOUND-SURNAME-SPLIT" and len(words) > 1:
        record["given_name"], record["family_name"] = f"{record['given_name']} {words[0]}", " ".join(words[1:])
    elif kind == "COMPOUND-SURNAME-JOINED":
        record[field] = "".join(words).capitalize()
    elif kind == "SURNAME-PART-DROPPED" and len(words) > 1:
        record[field] = dice.choice((words[0], words[-1]))
    elif kind == "SECOND-GIVEN-NAME-DROPPED" and " " in value:
        first, second = value.split(" ", 1)
        record[field] = dice.choice((first, f"{first} {second[0]}."))
    elif kind == "NAMES-SWAPPED":
        record["given_name"], record["family_name"] = record["family_name"], record["given_name"]
    elif kind == "NICKNAME":
        record[field] = value[: max(3, len(value) // 2)]
    elif kind == "DIACRITICS-LOST":
        record[field] = value.translate(PLAIN)
    elif kind == "NAME-CUT-OFF":
        record[field] = value[:16]
    elif kind == "BIRTH-DATE-1-JANUARY":
        record[field] = moved(born, month=1, day=1)
    elif kind == "BIRTH-DATE-15-OR-FIRST-OF-MONTH":
        record[field] = moved(born, day=dice.choice((1, 15)))
    elif kind == "BIRTH-DAY-MONTH-SWAPPED":
        record[field] = moved(born, month=int(born[8:]), day=int(born[5:7]))
    elif kind in ("BIRTH-YEAR-OFF-BY-ONE", "BIRTH-DATE-BY-AGE"):
        record[field] = moved(born, year=int(born[:4]) + dice.choice((-1, 1)))
    elif kind == "BIRTH-YEAR-OTHER-CALENDAR":
        year = int(born[:4]) + dice.choice((-1, 1))
        record[field] = dt.date(year, dice.randrange(1, 13), dice.randrange(1, 29)).isoformat()
    elif kind == "BIRTH-DATE-DIGIT-WRONG":
        record[field] = moved(born, day=1 + dice.randrange(28))
    elif kind == "SEX-WRONG":
        record[field] = "M" if value == "F" else "F"
    elif kind == "BIRTH-COUNTRY-FORMER-STATE":
        record[field] = "QZ"
    elif kind == "BIRTH-COUNTRY-IS-CITIZENSHIP":
        record[field] = record["c_citizen"]
    elif kind in ("BIRTH-COUNTRY-EMPTY", "FIELD-EMPTY"):
        record[field] = ""
    elif kind in ("CITIZENSHIP-CHANGED", "CITIZENSHIP-OF-OTHER-PASSPORT"):
        record[field] = record["home"]
    elif kind == "CITIZENSHIP-CLAIMED":
        record[field] = "XL"
    elif kind in ("DOCUMENT-RENEWED", "SECOND-DOCUMENT"):
        record[field] = f"N{dice.randrange(10**9):09}"
    elif kind in ("DOCUMENT-NUMBER-WRONG", "PERSON-NUMBER-WRONG"):
        place = dice.randrange(1, len(value))
        record[field] = f"{value[:place]}{dice.randrange(10)}{value[place + 1 :]}"
    elif kind == "SECOND-NUMBER":
        record[field] = f"{dice.randrange(10**11):011}"


def of_source(source: str) -> Callable[[Person, random.Random], Person]:
    """What makes the record of a source of a person."""
    table = [fault for fault in faults() if fault["source"] in (source, "any") and fault["field"] != "whole record"]
    rows = [(fault["kind"], fault["field"], float(fault["rate"]), fault["applies_to"]) for fault in table]
    beside = {"compound-surnames", "two-given-names", "names-with-diacritics", "very-long-names", "single-name-persons"}

    def belongs(person: Person, group: str) -> bool:
        family, given = person["family_name"], person["given_name"]
        if group not in beside:
            return group in person["groups"].split()
        return {
            "compound-surnames": " " in family and not family.startswith("El "),
            "two-given-names": " " in given,
            "names-with-diacritics": family != family.translate(PLAIN),
            "very-long-names": len(family) > 16,
            "single-name-persons": False,
        }[group]

    def record(person: Person, dice: random.Random) -> Person:
        spoilt = dict(person)
        for kind, field, rate, group in rows:
            if dice.random() < rate and belongs(person, group) and spoilt[field]:
                spoil(spoilt, kind, field, dice)
        return spoilt

    return record


CASES = {
    "numbers": ("register", "social", ("document",)),
    "documents": ("register", "border", ("person_number",)),
    "names": ("register", "border", ("person_number", "document")),
}


def made(count: int, case: str, folder: Path) -> dict[str, Path]:
    """The two files of a case; the number of a record says who it is of: R7, S7x0, S7x1."""
    first, second, left_out = CASES[case]
    people = population(int(count * 1.3), 7)
    dice = random.Random(11)  # noqa: S311 - to be repeated
    schema = {column.name: pl.String for column in IDENTITIES.columns}
    paths = {}
    for source, range_, copies in (
        (first, range(count), 0.0),
        (second, range(int(count * 0.3), int(count * 1.3)), 0.03),
    ):
        record = of_source(source)
        columns: dict[str, list[str | None]] = defaultdict(list)
        for index in range_:
            for copy in range(2 if dice.random() < copies else 1):
                row = record(people[index], dice)
                for name in schema:
                    value = f"{index}x{copy}" if name == "record" else row[name]
                    columns[name].append(None if name in left_out or not value else value)
        frame = pl.DataFrame(columns, schema=schema).with_columns(pl.col("birth_date").str.to_date())
        paths[source] = folder / f"{source}.parquet"
        frame.sample(fraction=1, shuffle=True, seed=3).write_parquet(paths[source])
    return paths


def judged(links: pl.DataFrame) -> tuple[float, float]:
    """Precision and recall of pairs between the two sources."""
    named = links.with_columns(truth=pl.col("record").str.split("x").list.first())
    first, second = named["source"].unique(maintain_order=True)
    sides = [named.filter(pl.col("source") == source) for source in (first, second)]
    pairs = sides[0].join(sides[1], on="person", suffix="_r")
    hit = (pairs["truth"] == pairs["truth_r"]).sum()
    true = sides[0].join(sides[1], on="truth").height
    return hit / pairs.height, hit / true


def main() -> None:
    """Link each case once, and print what came of it as a row of a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--of", type=int, default=100_000, metavar="RECORDS")
    parser.add_argument("--cases", nargs="+", default=list(CASES))
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--slices", type=int, default=1)
    asked = parser.parse_args()
    for case in asked.cases:
        with tempfile.TemporaryDirectory() as place:
            files = made(asked.of, case, Path(place))
            request = LinkRequest(files, Secret("k" * 32), memory=asked.memory, slices=asked.slices)
            start, busy = time.perf_counter(), time.process_time()
            linked = link(request, Path(place) / "out")
            took, processor = time.perf_counter() - start, time.process_time() - busy
        precision, recall = judged(linked.tables["links.parquet"])
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(  # noqa: T201
            f"| {case} | {asked.of:,} | {asked.slices} | {took:.0f} s | {processor:.0f} s | {memory:.1f} GiB "
            f"| {precision:.4f} | {recall:.4f} |"
        )


if __name__ == "__main__":
    main()
