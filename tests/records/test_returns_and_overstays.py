"""Return migrants among immigrants, and overstays: known cases, and comments on the rest."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from case_tables import cases_from
from made_records import derive

ENTRY = "person,date,direction,granted_days\nA,2020-03-01,ENTRY,90\n"
PERSON = "person,birth_date,c_birth,c_mother,c_citizen,resident,death_date\n"


def rows(
    folder: Path,
    asked: str,
    flow: str,
    first: str = "2018-01-01",
    rule: str = "R12_16",
    **files: str,
) -> list[dict[str, str]]:
    """The rows of a dataflow that is asked for besides, or nothing if it was refused."""
    if derive(folder, files, "--rule", rule, "--also", asked, "--from", first, "--year", "2020") != 0:
        return []
    return pl.read_csv(folder / "out" / f"{flow}.csv", infer_schema=False).fill_null("").rows(named=True)


def returned(folder: Path, person: str, movements: str = ENTRY) -> tuple[str, str, str]:
    """Return migrants, all immigrants, and the comment on unknown cases."""
    keys = ("SEX", "AGE", "BIRTH_STATUS", "CTZ_STATUS", "COUNTERPART_AREA")
    lines = rows(folder, "return", "DF_IND_TERM", movements=movements, persons=PERSON + person)
    totals = {line["IND_TERM"]: line for line in lines if all(line[key] in {"_T", "_Z"} for key in keys)}
    comment = totals["NUM"]["COMMENT_OBS"]
    return (totals["NUM"]["OBS_VALUE"], totals["DEN"]["OBS_VALUE"], comment.split(" more")[0].rpartition(": ")[2])


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("A,1980-01-01,MD,MD,MD,false,", ("1", "1", "")),
        ("A,1980-01-01,MD,,MD,false,", ("0", "1", "1")),
        ("A,1980-01-01,RO,RO,MD,false,", ("0", "1", "1")),
        ("A,2019-01-01,RO,RO,MD,,", ("0", "1", "")),
        ("A,1980-01-01,RO,RO,RO,false,", ("0", "1", "")),
        ("A,1980-01-01,MD,MD,RO,false,", ("1", "1", "")),
        ("A,1980-01-01,,,,false,", ("0", "1", "1")),
    ],
    ids=[
        "born here to a resident",
        "born here to a mother of unknown residence",
        "citizen born abroad, unknown former residence",
        "citizen born abroad while records go on",
        "foreigner",
        "born here, a foreigner now",
        "unknown",
    ],
)
def test_returning_persons_are_recognized(person: str, expected: tuple[str, str, str], tmp_path: Path) -> None:
    assert returned(tmp_path, person) == expected


def test_returning_emigrant_is_a_returnee(tmp_path: Path) -> None:
    steps = "person,date,direction\nA,2018-03-01,EXIT\nA,2020-03-01,ENTRY\n"
    assert returned(tmp_path, "A,1980-01-01,RO,RO,MD,true,", steps) == ("1", "1", "")
    assert returned(tmp_path, "A,1980-01-01,RO,RO,RO,true,", steps) == ("0", "1", ""), "a foreigner who comes back"


def test_returns_are_not_counted_without_table_of_persons(tmp_path: Path) -> None:
    assert rows(tmp_path, "return", "DF_IND_TERM", movements=ENTRY) == []


def overstayed(folder: Path, movements: str, person: str = "A,1980-01-01,RO,,RO,,") -> tuple[str, str, str]:
    lines = rows(folder, "overstays", "DF_IRREGULAR", movements=movements, persons=PERSON + person)
    total = next(line for line in lines if {line[key] for key in ("SEX", "AGE", "C_CITIZEN")} == {"_T"})
    assert total["COMMENT_OBS"].startswith("candidates")
    return total["OBS_VALUE"], total["OBS_STATUS"], total["COMMENT_OBS"].split(" more")[0].rpartition(": ")[2]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("A,2020-10-03,ENTRY,90\n", ("0", "P", "0")),
        ("A,2020-10-02,ENTRY,90\n", ("1", "P", "0")),
        ("A,2020-03-01,ENTRY,90\nA,2020-12-01,EXIT,\n", ("0", "P", "0")),
        ("A,2020-03-01,ENTRY,90\nA,2021-02-01,EXIT,\n", ("1", "P", "0")),
        ("A,2020-03-01,ENTRY,90\nA,2021-02-01,ENTRY,90\n", ("0", "P", "1")),
        ("A,2020-03-01,ENTRY,\n", None),
    ],
    ids=["90 nights", "91 nights", "left late", "leaves next year", "enters again", "nothing granted"],
)
def test_overstays_are_counted(steps: str, expected: tuple[str, str, str] | None, tmp_path: Path) -> None:
    movements = f"person,date,direction,granted_days\n{steps}"
    if expected is None:
        assert rows(tmp_path, "overstays", "DF_IRREGULAR", movements=movements) == []
    else:
        assert overstayed(tmp_path, movements) == expected


@pytest.mark.parametrize(
    "person", ["A,1980-01-01,RO,,MD,,", "A,1980-01-01,RO,,RO,,2020-07-01"], ids=["citizen", "dead"]
)
def test_citizens_and_the_dead_do_not_overstay(person: str, tmp_path: Path) -> None:
    assert overstayed(tmp_path, ENTRY, person)[0] == "0"


def test_overstay_with_unknown_citizenship_is_provisional(tmp_path: Path) -> None:
    assert overstayed(tmp_path, ENTRY, "A,1980-01-01,RO,,,,") == ("0", "P", "1")


@cases_from("records/cases/figures_that_follow_no_rule_of_residence_name_none.csv")
def test_figures_outside_residence_rules_omit_the_rule(asked: str, flow: str, begins: str, tmp_path: Path) -> None:
    (line, *_) = rows(tmp_path, asked, flow, first="2010-01-01", movements=ENTRY)
    assert line["COMMENT_DSET"].startswith(begins)
    by_rule = ("R12_16" in line["COMMENT_DSET"], "could not be judged" in line["COMMENT_DSET"])
    assert by_rule == ((asked == "temporary"),) * 2
