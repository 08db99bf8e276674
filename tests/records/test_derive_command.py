"""`sdmxmig derive`: what it takes and refuses, that it quotes no cell, and what permits and documents come to."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sdmxmig.cli import run

CROSSINGS = "person,date,direction\nSECRET-1,2020-03-01,ENTRY\nSECRET-1,2022-05-01,EXIT\n"


def derived(folder: Path, *words: str, **files: str) -> dict[str, str]:
    """The totals of a derivation by file and year, or nothing if it was refused."""
    options = []
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
        options += [f"--{name}", str(folder / f"{name}.csv")]
    asked = ["derive", *options, "--area", "MD", *words, "-o", str(folder / "out")]
    if run([*asked, "--from", "2018-01-01", "--to", "2023-12-31", "--year", "2020"]) != 0:
        return {}
    key = ["BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE"]
    totals = {}
    for name in ("DF_IMM", "DF_EMI"):
        rows = pl.read_csv(folder / "out" / f"{name}.csv", infer_schema=False)
        rows = rows.filter(pl.all_horizontal(pl.col(column) == "_T" for column in key))
        totals[name] = rows["OBS_VALUE"].item()
        totals[f"{name} basis"] = rows["DUR_BASIS"].item()
    return totals


def test_crossings_are_counted_and_a_total_of_nothing_is_zero(tmp_path: Path) -> None:
    totals = derived(tmp_path, "--rule", "R12_16", movements=CROSSINGS)
    assert (totals["DF_IMM"], totals["DF_EMI"], totals["DF_IMM basis"]) == ("1", "0", "ACT")


def test_permits_that_follow_each_other_are_one_stay(tmp_path: Path) -> None:
    permits = "person,begin,end\nA,2020-03-01,2020-09-01\nA,2020-09-01,2021-06-01\nB,2020-03-01,2020-09-01\n"
    totals = derived(tmp_path, "--rule", "PERMIT", permits=permits)
    assert (totals["DF_IMM"], totals["DF_IMM basis"]) == ("1", "GRT")
    assert derived(tmp_path, "--rule", "R12_16", permits=permits) == {}
    assert derived(tmp_path, "--rule", "PERMIT", movements=CROSSINGS) == {}


def test_a_person_with_two_passports_is_one_person(tmp_path: Path) -> None:
    crossings = "person,date,direction\nOLD,2020-03-01,ENTRY\nOLD,2020-08-01,EXIT\nNEW,2020-08-20,ENTRY\n"
    documents = "document,person\nOLD,A\nNEW,A\n"
    assert derived(tmp_path, "--rule", "R12_16", movements=crossings, documents=documents)["DF_IMM"] == "1"


@pytest.mark.parametrize(
    "content",
    [
        CROSSINGS.replace("2022-05-01", "2022-13-01"),
        CROSSINGS.replace("EXIT", "OUT"),
        CROSSINGS.replace("SECRET-1,2022", ",2022"),
        CROSSINGS.replace("direction", "way"),
    ],
    ids=["no day", "no direction", "no person", "no column"],
)
def test_what_is_wrong_is_told_by_rows_and_no_cell_is_quoted(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert derived(tmp_path, "--rule", "R12_16", movements=content) == {}
    spoken = "".join(capsys.readouterr())
    assert "SECRET" not in spoken
    assert "2022-13" not in spoken
    assert "row: 2" in spoken or "no column direction" in spoken


def test_nights_of_traces_are_a_source_of_their_own(tmp_path: Path) -> None:
    nights = "person,date,nights,country\nA,2018-01-01,800,RO\nA,2020-03-11,700,MD\nB,2020-03-11,20,MD\n"
    persons = "person,resident\nA,false\nB,false\n"
    totals = derived(tmp_path, "--rule", "R12_16", nights=nights, persons=persons)
    assert (totals["DF_IMM"], totals["DF_IMM basis"]) == ("1", "ACT")
    rows = pl.read_csv(tmp_path / "out" / "DF_IMM.csv", infer_schema=False)
    assert set(rows["SRC_TYPE"]) == {"MPD"}
    assert "of 2 persons no night is known any more" in rows["COMMENT_DSET"][0]
    single = derived(tmp_path, "--rule", "R12_16", nights="person,date,country\nA,2020-03-11,MD\n")
    assert single["DF_IMM"] == "0", "without a number a row is one night, and 364 more are not known"
    for refused in (["--rule", "R12_16", "--basis", "INT"], ["--rule", "PERMIT"]):
        assert derived(tmp_path, *refused, nights=nights) == {}
    assert derived(tmp_path, "--rule", "R12_16", nights=nights, movements=CROSSINGS) == {}


def test_who_is_born_abroad_is_said_by_an_option(tmp_path: Path) -> None:
    persons = "person,birth_date,c_birth,c_mother\nA,2019-03-01,RO,MD\n"
    crossings = "person,date,direction\nA,2020-02-01,ENTRY\n"
    kinds = {}
    for place in ("MOTHER", "DELIVERY"):
        words = ("--rule", "R12_16", "--birth-place", place)
        derived(tmp_path, *words, movements=crossings, persons=persons)
        rows = pl.read_csv(tmp_path / "out" / "DF_IMM.csv", infer_schema=False)
        kinds[place] = {*rows.filter(pl.col("OBS_VALUE") != "0")["BIRTH_STATUS"]} - {"_T"}
        assert f"country of birth by {place}" in rows["COMMENT_DSET"][0]
    assert kinds == {"MOTHER": set(), "DELIVERY": {"FB"}}, "by delivery the child comes from abroad"
