"""The account of a year closes exactly for each group, under every rule, with any missing records."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from derived_accounts import account_rows
from found_in_records import findings_in
from made_records import AREA, day, derive, movements_of, number, persons_of, table
from night_by_night import random_person
from shipped import CATALOGUE

from sdmxmig.records.derivation import derive_events
from sdmxmig.records.files import CITIZENSHIPS, MOVEMENTS, PERSONS
from sdmxmig.records.residence_rules import Derivation, Question, build_rule, number_records
from sdmxmig.records.rows import MOTHER, Observation, Period

FIRST, UNTIL = number("2018-01-01"), number("2023-01-01")
RULES = CATALOGUE.item_scheme("CL_RES_RULE")
YEARS = tuple(Period(str(year), number(f"{year}-01-01"), end=number(f"{year + 1}-01-01")) for year in range(2018, 2023))
COUNTRIES = (AREA, "BB", "STLS", None)


def account(code: str) -> list[dict[str, str]]:
    """The account of 90 random persons, of whom a third change their citizenship."""
    dice = random.Random(5)
    people = {f"P{index}": random_person(dice, FIRST, UNTIL) for index in range(90)}
    persons = persons_of(people)
    persons = persons.with_columns(c_citizen=persons["c_citizen"].scatter(range(90), dice.choices(COUNTRIES, k=90)))
    changes = [
        {"person": name, "date": day(dice.randrange(FIRST, UNTIL)), "c_citizen": dice.choice(COUNTRIES[:3])}
        for name in people
        for _ in range(dice.choice((0, 0, 1, 2)))
    ]
    tables = {"movements": movements_of(people), "persons": persons, "citizenships": table(CITIZENSHIPS, changes)}
    observed = Observation(AREA, FIRST, until=UNTIL, birth_place=MOTHER)
    derivation = Derivation(number_records(tables), Question(build_rule(code, RULES), observed, periods=YEARS))
    return account_rows(derivation, derive_events(derivation))


@pytest.mark.parametrize("code", ["R12_16", "R12_12", "R6", "R12", "REU28", "R9_12"])
def test_every_account_balances(code: str) -> None:
    rows = account(code)
    items: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        if row["CTZ_STATUS"] == "_T":
            items[row["TIME_PERIOD"], row["BIRTH_STATUS"]][row["ACC_ITEM"]] = float(row["OBS_VALUE"])
    for name, item in items.items():
        changed = item["LBIRTH"] - item["DEATH"] + item["FLW_IMM"] - item["FLW_EMI"] + item["ADJ"]
        assert item["POP_BEG"] + changed == pytest.approx(item["POP_END"]), name
    totals = {item for values in items.values() for item, value in values.items() if value}
    assert totals >= {"POP_BEG", "POP_END", "LBIRTH", "DEATH", "FLW_IMM", "FLW_EMI", "CTZ_ACQ", "CTZ_LOSS", "ADJ"}
    for before, after in pairwise(YEARS):
        assert items[before.label, "_T"]["POP_END"] == items[after.label, "_T"]["POP_BEG"]


@pytest.mark.parametrize(("left", "weight"), [(0, "1"), (15, "0.5")])
def test_open_crossing_has_equal_weight_in_all_figures(left: int, weight: str) -> None:
    """Of thirty who came two years before the last one, some left within half a year; the last one is naturalised."""
    names, came = [f"P{index}" for index in range(30)], number("2020-10-01")
    moves = [{"person": name, "date": day(came), "direction": "ENTRY"} for name in names]
    moves += [{"person": name, "date": day(came + 150), "direction": "EXIT"} for name in names[:left]]
    moves += [{"person": "LAST", "date": day(number("2022-10-01")), "direction": "ENTRY"}]
    persons = [{"person": name, "c_citizen": "BB", "resident": False} for name in (*names, "LAST")]
    changes = [{"person": "LAST", "date": day(number("2022-11-01")), "c_citizen": AREA}]
    tables = {
        "movements": table(MOVEMENTS, moves),
        "persons": table(PERSONS, persons),
        "citizenships": table(CITIZENSHIPS, changes),
    }
    question = Question(build_rule("R12_16", RULES), Observation(AREA, FIRST, until=UNTIL), periods=YEARS[-1:])
    derivation = Derivation(number_records(tables), question)
    rows = account_rows(derivation, derive_events(derivation))
    items = {(row["ACC_ITEM"], row["CTZ_STATUS"]): (row["OBS_VALUE"], row["OBS_STATUS"]) for row in rows}
    assert items["FLW_IMM", "FC"] == items["CTZ_ACQ", "_T"] == items["POP_END", "NC"] == (weight, "P")
    assert items["POP_END", "FC"][0] == items["POP_BEG", "FC"][0] == str(30 - left)


OWN = "MD"
CITIZENS = {
    "a foreigner": ("RO", [("2020-05-01", OWN)], {"CTZ_ACQ": "1"}, 0),
    "unknown": ("", [("2020-05-01", OWN)], {"ADJ NC": "1", "ADJ _U": "-1"}, 1),
    "the code of unknown": ("_U", [("2020-05-01", OWN)], {"ADJ NC": "1", "ADJ _U": "-1"}, 1),
    "of another country now": ("", [("2020-05-01", "RO")], {"ADJ FC": "1", "ADJ _U": "-1"}, 0),
    "not known, then foreign": (
        "",
        [("2020-03-01", "RO"), ("2020-05-01", OWN)],
        {"ADJ FC": "1", "ADJ _U": "-1", "CTZ_ACQ": "1"},
        0,
    ),
    "two of one day": (
        "RO",
        [("2020-03-01", "UA"), ("2020-03-01", "FR"), ("2020-05-01", OWN)],
        {"ADJ NC": "1", "ADJ FC": "-1"},
        1,
    ),
    "a citizen already": (OWN, [("2020-05-01", OWN)], {}, 0),
    "a citizen no more": (OWN, [("2020-05-01", "RO")], {"CTZ_LOSS": "1"}, 0),
    "before the year": ("", [("2019-05-01", OWN)], {}, 1),
}


@pytest.mark.parametrize(("first", "later", "items", "told"), CITIZENS.values(), ids=CITIZENS)
def test_only_a_known_foreigner_can_become_a_citizen(
    first: str, later: list[tuple[str, str]], items: dict[str, str], told: int, tmp_path: Path
) -> None:
    """Of one resident: the changes of 2020 in the account by citizenship, and how many rows are doubtful."""
    rows = "".join(f"P,{day},{code}\n" for day, code in later)
    files = {
        "movements": "person,date,direction\nZ,2019-02-01,ENTRY\nZ,2019-02-03,EXIT\n",
        "persons": f"person,resident,c_citizen\nP,true,{first}\nZ,false,RO\n",
        "citizenships": f"person,date,c_citizen\n{rows}",
    }
    days = ("--from", "2019-01-01", "--to", "2021-12-31", "--year", "2020", "--area", OWN)
    assert derive(tmp_path, files, *days) in {0, 1}
    account = pl.read_csv(tmp_path / "out" / "DF_ACCOUNT.csv", infer_schema=False).filter(BIRTH_STATUS="_T")
    names = pl.concat_str(pl.col("ACC_ITEM"), pl.lit(" "), pl.col("CTZ_STATUS")).str.strip_suffix(" _T")
    found = dict(account.filter(pl.col("OBS_VALUE") != "0").select(names, "OBS_VALUE").rows())
    stocks = {name: value for name, value in found.items() if not name.startswith("POP")}
    assert stocks == items
    gained = account.filter(ACC_ITEM="CTZ_ACQ").select("CTZ_STATUS", "OBS_VALUE", "OBS_STATUS")
    perhaps = "ADJ NC" in items
    assert gained.rows() == [("_T", items.get("CTZ_ACQ", "0"), "U" if perhaps else "A")], "none is zero, or not known"
    counted = findings_in(tmp_path / "out").get(("citizenships", "CITIZEN_AFTER_UNKNOWN"), ("0", ""))
    assert counted == (str(told), str(len(later)) if told else "")
