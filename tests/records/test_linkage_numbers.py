"""Contradictory personal numbers, and documents in place of numbers: which records are one person.

The cases are among other made-up records, from which weights are learned, and were written down before they were
tried. The records of a case are called by its name, their source and a digit.
"""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from made_identities import two_files

from sdmxmig.cli import run

KEY = "9f2c4be07d61a8e35c17aa01"
FIRST, SECOND, _ = two_files(150, seed=23)
OTHERS = {"a": FIRST, "b": SECOND, "c": SECOND.with_columns(record=pl.format("C{}", pl.col("record"))).head(60)}
CASES = """case,record,truth,person_number,given_name,family_name,birth_date,document
two numbers and names of one source,a1,1,81100000001,Lia,Oxenstierna,1974-08-23,PP10
two numbers and names of one source,a2,2,81100000002,Lea,Oxenstierna,1974-08-23,PP10
entered twice with two numbers,a1,1,81100000003,Ferdinand,Quisenberry,1966-10-19,PP20
entered twice with two numbers,a2,1,81100000004,Ferdinand,Quisenberry,1966-10-19,PP20
one without a number between two numbers,a1,,,Rosamunda,Vandersloot,1958-02-14,
one without a number between two numbers,a2,1,81100000005,Rosamunda,Vandersloot,1958-02-14,
one without a number between two numbers,a3,2,81100000006,Rosamunda,Vandersloot,1958-02-14,
two numbers of a source meet in two others,a1,1,81100000007,Thaddaeus,Brinkerhoff,1949-12-05,PP40
two numbers of a source meet in two others,a2,2,81100000008,Thaddaeus,Klompenmaker,1981-07-30,
two numbers of a source meet in two others,b1,,,Thaddaeus,Klompenmaker,1949-12-05,PP40
two numbers of a source meet in two others,c1,2,81100000008,Thaddaeus,Klompenmaker,1981-07-30,
two numbers of a source meet in two others,c2,,,Thaddaeus,Klompenmaker,1949-12-05,
by a document and then by another,a1,1,81100000009,Cornelius,Haverkamp,1990-03-17,PP50
by a document and then by another,b1,1,,Cornelius,Haverkamp,1990-03-17,PP50; PP51
by a document and then by another,c1,1,,Kornelius,Haverkamp,1990-03-17,PP51
a document in place of a number,a1,1,81100000010,Eleonora,Zuiderveld,1962-06-11,PP88231
a document in place of a number,a2,2,81100000011,Isolde,Zuiderveld,1962-06-11,
a document in place of a number,b1,1,pp-88231,Elenora,Suiderfeld,1962-06-11,
a document in place of a number and the number,b1,1,PP88247,Gwendolyn,Marchetti,1985-09-01,
a document in place of a number and the number,b2,1,81100000012,Gwendoline,Marchetti,1985-09-01,PP88247
a number that is a document of somebody else,a1,1,81100000013,Leopoldine,Fitzwilliam,1971-11-26,70017
a number that is a document of somebody else,b1,2,70017,Bartholomew,Grunewald,1944-04-08,
a card with the number of its person,a1,1,81100000014,Hildegard,Pfefferkorn,1953-01-29,81100000014; PP90
a card with the number of its person,b1,1,,Hildegart,Feferkorn,1953-01-29,81100000014
a card with the number of its person,c1,1,81100000014,Hildegard,Pfefferkorn,1953-01-01,
three children of one passport and 1 January,a1,1,,Bakhtiyor,Temirkhanov,1999-01-01,PP100
three children of one passport and 1 January,a2,2,,Sherzod,Temirkhanov,1999-01-01,PP100
three children of one passport and 1 January,a3,3,,Olimjon,Temirkhanov,1999-01-01,PP100
a given name that nobody knows is no other one,a1,1,,FNU,Ghaforzai,1964-03-15,PP110
a given name that nobody knows is no other one,b1,1,,Gulbuddin,Ghaforzai,1964-03-15,PP110
digits of another script,a1,1,٨١١٠٠٠٠٠٠١٥,Nadia,Boukhari,1992-02-26,
digits of another script,b1,1,81100000015,Nadja,Bukari,1992-04-26,
a number that a program took for a measure,a1,1,81100000016.0,Dezyderiusz,Hasselblad,1973-08-19,
a number that a program took for a measure,b1,1,81100000016,Desider,Haselblat,1973-08-19,
a number that a spreadsheet shortened,a1,1,8.11E+10,Clodagh,Fitzgibbon,1972-08-09,
a number that a spreadsheet shortened,b1,2,8.11E+10,Siobhan,Muldowney,1972-08-09,
"""
ROWS = pl.read_csv(CASES.encode(), infer_schema=False).with_columns(name=pl.format("{} {}", "case", "record"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the cases."""
    folder = tmp_path_factory.mktemp("numbers")
    for name, others in OTHERS.items():
        mine = ROWS.filter(pl.col("record").str.starts_with(name)).with_columns(record="name")
        same = {"sex": pl.lit("F"), "c_birth": pl.lit("XA"), "c_citizen": pl.lit("XA")}
        cases = mine.with_columns(**same).select(others.columns)
        pl.concat([others.cast(pl.String), cases]).write_csv(folder / f"{name}.csv")
    return folder


@pytest.fixture(scope="module")
def said(folder: Path) -> str:
    """The messages of the command about them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDMXMIG_SECRET_LINKAGE", KEY)
        heard: list[str] = []
        patch.setattr("sdmxmig.cli.records.say", heard.append)
        words = [word for name in OTHERS for word in ("--identities", f"{name}={folder / name}.csv")]
        assert run(["link", *words, "-o", str(folder / "out")]) == 0
    return "\n".join(heard)


@pytest.mark.parametrize("case", ROWS["case"].unique(maintain_order=True))
def test_records_with_contradicting_numbers_are_linked_correctly(case: str, folder: Path, said: str) -> None:
    assert said
    persons = dict(pl.read_parquet(folder / "out" / "links.parquet").select("record", "person").rows())
    known = ROWS.filter(pl.col("case") == case).drop_nulls("truth").select("name", "truth").rows()
    for (first, truth), (second, other) in combinations(known, 2):
        assert (truth == other) == (persons[first] == persons[second]), (first, second)


def test_split_persons_and_double_numbers_are_reported(folder: Path, said: str) -> None:
    report = json.loads((folder / "out" / "linkage.json").read_bytes())
    assert report["documents_as_numbers"] == {"a": 0, "b": 2, "c": 0}
    assert (
        f"b: person_number is a document number in other records, and treated as one, in 2 lines: {SECOND.height + 4}"
        in said
    )
    assert "b: 1 person with two numbers in one source" in said
    assert report["chains"]["b"]["two_numbers"] == 1
    assert report["chains"]["b"]["parted"] >= 1
    assert "88231" not in said
    assert "b: person_number was shortened by a spreadsheet, as in 1.2E+10: ignored in 1 line" in said
