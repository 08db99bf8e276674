"""Two made-up files of identities with known links, for tests of linkage.

Names are of meaningless syllables. Differences between the files are drawn for each record. The benchmark has other
faults, written independently of the code.
"""

from __future__ import annotations

import datetime as dt
import random

import polars as pl

from sdmxmig.records.files import IDENTITIES

SYLLABLES = ("ba", "cha", "de", "dji", "fa", "gue", "ha", "kha", "lu", "mo", "na", "ou", "phi", "ra", "sha", "ti", "vo")
ENDINGS = ("n", "r", "m", "ssa", "ko", "vi", "d", "l", "di", "")
COUNTRIES = ("XA", "XB", "XC", "XD", "XE")
TYPES = {"text": pl.String, "date": pl.Date}


def name_of(dice: random.Random) -> str:
    size = dice.choice((1, 2, 2, 3))
    return ("".join(dice.choice(SYLLABLES) for _ in range(size)) + dice.choice(ENDINGS)).capitalize()


def person_of(dice: random.Random, names: list[str]) -> dict[str, object]:
    born = dt.date(1940, 1, 1) + dt.timedelta(days=dice.randrange(28000))
    if dice.random() < 0.06:
        born = born.replace(month=1, day=1)
    country = dice.choice(COUNTRIES)
    return {
        "person_number": f"{dice.randrange(10**11):011}",
        "given_name": names[int(len(names) * dice.random() ** 2)],
        "family_name": " ".join(names[int(len(names) * dice.random() ** 2)] for _ in range(dice.choice((1, 1, 2)))),
        "sex": dice.choice("MF"),
        "birth_date": born,
        "c_birth": country,
        "c_citizen": country,
        "document": f"P{dice.randrange(10**8):08}",
    }


def spoilt(person: dict[str, object], dice: random.Random) -> dict[str, object]:
    """A record of a person as another office would have it."""
    record = {**person, **spoilt_names(person, dice), "birth_date": spoilt_birth(person["birth_date"], dice)}
    if dice.random() < 0.4:
        record["person_number"] = None
    if dice.random() < 0.5:
        record["document"] = f"N{dice.randrange(10**8):08}"
    if dice.random() < 0.05:
        record["c_citizen"] = dice.choice(COUNTRIES)
    return record


def spoilt_names(person: dict[str, object], dice: random.Random) -> dict[str, object]:
    given, family, draw = str(person["given_name"]), str(person["family_name"]), dice.random()
    if draw < 0.05:
        return {"given_name": family, "family_name": given}
    if draw < 0.1:
        return {"family_name": family.split(maxsplit=1)[0]}
    if draw < 0.2:
        return {"given_name": given.replace("ou", "u").replace("kh", "h").replace("ph", "f").upper()}
    if draw < 0.25:
        place = dice.randrange(len(family))
        return {"family_name": family[:place] + dice.choice("abcdefghij") + family[place + 1 :]}
    return {}


def spoilt_birth(born: object, dice: random.Random) -> dt.date:
    assert isinstance(born, dt.date)
    draw = dice.random()
    if draw < 0.04:
        return born.replace(month=1, day=1)
    if draw < 0.06 and born.day <= 12:
        return born.replace(month=born.day, day=born.month)
    if draw < 0.08:
        return born.replace(day=1 + (born.day + 9) % 28)
    return born


def two_files(count: int, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """Two files of this length: 70% of persons are in both, 10% of the second are duplicates; with the truth."""
    dice = random.Random(seed)
    names = sorted({name_of(dice) for _ in range(max(60, count // 8))})
    dice.shuffle(names)
    people = [person_of(dice, names) for _ in range(int(count * 1.3))]
    first = [{**person, "record": f"A{index}"} for index, person in enumerate(people[:count])]
    second, truth = [], {f"A{index}": index for index in range(count)}
    for index in range(int(count * 0.3), int(count * 1.3)):
        for copy in range(2 if dice.random() < 0.1 else 1):
            second.append({**spoilt(people[index], dice), "record": f"B{index}x{copy}"})
            truth[f"B{index}x{copy}"] = index
    dice.shuffle(first)
    dice.shuffle(second)
    schema = {column.name: TYPES[column.kind] for column in IDENTITIES.columns}
    return pl.DataFrame(first, schema=schema), pl.DataFrame(second, schema=schema), truth
