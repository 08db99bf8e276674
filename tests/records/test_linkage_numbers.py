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
from case_tables import text_from
from made_identities import two_files

from sdmxmig.cli import run

KEY = "9f2c4be07d61a8e35c17aa01"
FIRST, SECOND, _ = two_files(150, seed=23)
OTHERS = {"a": FIRST, "b": SECOND, "c": SECOND.with_columns(record=pl.format("C{}", pl.col("record"))).head(60)}
CASES = text_from("records/cases/linkage_numbers_cases.csv")
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


def test_split_persons_and_duplicate_numbers_are_reported(folder: Path, said: str) -> None:
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
