"""Faults in records are reported by row numbers; and figures are compared with those of an earlier day."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from case_tables import cases_from, listed
from console import Console
from found_in_records import findings_in
from made_records import DIMENSIONS, derive, table_options

from sdmxmig.cli import run


def derived(folder: Path, *words: str, **files: str) -> Path:
    assert derive(folder, files, "--year", "2020", *words) in {0, 1}
    return folder / "out"


def found_in(folder: Path, *words: str, **files: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Counts and rows by table and kind, without the finding on missing initial residence."""
    found = findings_in(derived(folder, *words, **files))
    return {kind: numbers for kind, numbers in found.items() if kind != ("persons", "UNPLACED")}


HEAD = "person,date,direction,sequence\n"


@cases_from("records/cases/kinds_of_doubtful_rows.csv", numbers=listed)
def test_doubtful_movements_are_reported(rows: str, kind: str, numbers: tuple[str, str], tmp_path: Path) -> None:
    persons = "person,birth_date,death_date\nA,,\nB,,\nD,,2021-06-01\nN,2019-02-01,\n"
    assert found_in(tmp_path, movements=HEAD + rows, persons=persons) == {("movements", kind): numbers}


@pytest.mark.parametrize(("died", "code"), [("2019-02-01", 0), ("1979-02-01", 1)], ids=["warnings", "an error"])
def test_exit_code_is_1_if_a_finding_is_an_error(died: str, code: int, tmp_path: Path) -> None:
    movements = "person,date,direction\nA,2020-01-01,ENTRY\n"
    persons = f"person,birth_date,death_date\nA,1980-01-01,{died}\n"
    files = {"movements": movements, "persons": persons}
    assert derive(tmp_path, files, "--to", "2022-12-31", "--year", "2020") == code


def test_round_trip_within_a_day_is_ordered_by_sequence(tmp_path: Path) -> None:
    trip = "A,2020-01-01,ENTRY,\nA,2020-06-01,EXIT,480\nA,2020-06-01,ENTRY,1200\nA,2020-07-01,EXIT,\n"
    assert found_in(tmp_path, movements=HEAD + trip) == {}
    trip = "A,2020-01-01,ENTRY,\nA,2020-06-01,EXIT,\nA,2020-06-01,ENTRY,\nA,2020-07-01,EXIT,\n"
    assert found_in(tmp_path, movements=HEAD + trip) == {("movements", "UNORDERED_DAY"): ("1", "2")}


@cases_from("records/cases/crossings_of_one_day_may_contradict_each_other.csv")
def test_contradictory_crossings_of_a_day_are_reported(rows: str, kind: str, row: str, tmp_path: Path) -> None:
    persons = "person,birth_date,resident\nA,,\nB,,true\nO,,false\n"
    assert found_in(tmp_path, movements=HEAD + rows, persons=persons) == {("movements", kind): ("1", row)}


def test_doubtful_nights_and_persons_are_reported(tmp_path: Path) -> None:
    nights = "person,date,nights,country\nA,2020-01-01,30,MD\nA,2020-01-20,5,RO\nA,2020-03-01,0,MD\n"
    persons = "person,birth_date,death_date\nA,1990-01-01,\nB,1990-01-01,1980-01-01\n"
    assert found_in(tmp_path, nights=nights, persons=persons) == {
        ("nights", "CONTRADICTED_NIGHTS"): ("1", "2"),
        ("nights", "ABSURD_NUMBER"): ("1", "3"),
        ("persons", "DEATH_BEFORE_BIRTH"): ("1", "2"),
    }


def test_nights_reaching_into_observation_are_not_outside(tmp_path: Path) -> None:
    nights = "person,date,nights,country\nA,2017-12-01,40,MD\nA,2017-01-01,40,MD\n"
    assert found_in(tmp_path, nights=nights) == {("nights", "OUTSIDE"): ("1", "2")}


def test_persons_listed_twice_are_refused(tmp_path: Path, console: Console) -> None:
    persons = "person,sex\nSECRET,F\nB,F\nSECRET,M\n"
    files = table_options(tmp_path, {"movements": HEAD + "SECRET,2020-03-01,ENTRY,\n", "persons": persons})
    assert run(["derive", *files, "--area", "MD", "--rule", "R12_16", "-o", str(tmp_path / "out")]) != 0
    spoken = "".join(console.readouterr())
    assert "2 lines: 2, 4" in spoken
    assert "SECRET" not in spoken


def test_row_numbers_are_right_in_files_with_documents(tmp_path: Path) -> None:
    rows = "X,2020-03-01,ENTRY,\nA,2020-01-01,ENTRY,\nZ,2020-02-01,EXIT,\nX,2020-05-01,ENTRY,\n"
    documents = "document,person\nX,A\nZ,A\n"
    assert found_in(tmp_path, movements=HEAD + rows, documents=documents) == {
        ("movements", "ENTRY_AFTER_ENTRY"): ("1", "4"),
        ("movements", "NO_PERSON"): ("1", "2"),
    }, "of A the documents say nothing"


def test_findings_have_figures_and_quote_no_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "SECRET,2020-01-01,ENTRY,\nSECRET,2020-01-01,ENTRY,\n"
    out = derived(tmp_path, "--to", "2023-12-31", movements=HEAD + rows)
    spoken = "".join(capsys.readouterr())
    assert "Rows that repeat an earlier row: 1." in spoken
    assert "movements.csv:3" in spoken, "the line, of which the first is the header"
    assert "SECRET" not in spoken
    assert "SECRET" not in "".join(path.read_text(encoding="utf-8") for path in out.iterdir())
    assert (
        "MIG-0-401 Rows that repeat an earlier row: 1. They are counted once"
        in pl.read_csv(out / "DF_IMM.csv", infer_schema=False)["COMMENT_DSET"][0]
    )


MANY = "person,date,direction,sequence,c_residence,purpose,intended_days,granted_days,sex,birth_date\n"


@cases_from("records/cases/other_faults_of_a_border_file_are_found.csv", numbers=listed)
def test_other_faults_of_a_border_file_are_found(
    rows: str, kind: str, numbers: tuple[str, str], tmp_path: Path
) -> None:
    persons = (
        "person,sex,birth_date,c_birth,resident\nA,F,1980-01-01,RO,false\nR,,,RO,true\nN,F,2019-01-01,MD,\nB,,,,\n"
    )
    assert found_in(tmp_path, movements=MANY + rows, persons=persons) == {("movements", kind): numbers}


def test_two_citizenships_on_one_day_are_unknown(tmp_path: Path) -> None:
    changes = "person,date,c_citizen\nA,2020-01-01,DE\nA,2020-01-01,BE\nB,2020-01-01,DE\nB,2020-01-01,DE\n"
    persons = "person,c_citizen\nA,RO\nB,RO\n"
    rows = "A,2020-02-01,ENTRY,\nB,2020-02-01,ENTRY,\n"
    assert found_in(tmp_path, movements=HEAD + rows, persons=persons, citizenships=changes) == {
        ("citizenships", "TWO_CITIZENSHIPS"): ("1", "2"),
        ("citizenships", "REPEATED"): ("1", "4"),
    }
    table = pl.read_csv(tmp_path / "out" / "DF_IMM.csv", infer_schema=False)
    assert set(table["C_CITIZEN"]) == {"_T", "_U", "DE"}, "neither the first by the alphabet nor the one before"


def test_absurd_number_of_nights_is_invalid(tmp_path: Path) -> None:
    nights = "person,date,nights,country\nA,2019-12-01,40,RO\nA,2020-01-10,1000000000000,MD\n"
    assert found_in(tmp_path, nights=nights) == {("nights", "ABSURD_NUMBER"): ("1", "2")}
    assert total(tmp_path / "out" / "DF_IMM.csv")[0] == "0"


def test_granted_days_beyond_a_century_are_unknown(tmp_path: Path) -> None:
    rows = "A,2020-01-01,ENTRY,90\nB,2020-01-01,ENTRY,-90\n"
    persons = "person,c_citizen,resident\nA,RO,false\nB,RO,false\n"
    files = {"movements": "person,date,direction,granted_days\n" + rows, "persons": persons}
    assert found_in(tmp_path, "--also", "overstays", **files) == {("movements", "ABSURD_NUMBER"): ("1", "2")}
    table = pl.read_csv(tmp_path / "out" / "DF_IRREGULAR.csv", infer_schema=False)
    assert table.filter(pl.all_horizontal(pl.col("SEX", "AGE", "C_CITIZEN") == "_T"))["OBS_VALUE"].to_list() == ["1"]


def test_gaps_and_frequent_persons_are_reported(tmp_path: Path) -> None:
    months = [f"{year}-{month:02}" for year in range(2018, 2024) for month in range(1, 13)]
    rows = [f"P{index},{month}-05,ENTRY,\n" for month in months if month != "2021-07" for index in range(21)]
    rows += [f"UNKNOWN,2020-01-01,{'ENTRY' if index % 2 else 'EXIT'},{index}\n" for index in range(22)]
    found = found_in(tmp_path, movements=HEAD + "".join(rows))
    assert found[("movements", "MONTH_WITHOUT_RECORDS")] == ("1", "")
    assert found[("movements", "UNBALANCED_DIRECTIONS")] == ("1", "")
    assert found[("movements", "CROWDED_DAY")][0] == "1"
    page = (tmp_path / "out" / "findings.html").read_text(encoding="utf-8")
    assert "2021-07" in page
    assert "Entries: 1,502, exits: 11." in page


def test_findings_are_in_six_languages_and_every_report_format(tmp_path: Path) -> None:
    rows = "A,2020-01-01,ENTRY,\nA,2020-01-01,ENTRY,\n"
    report = tmp_path / "found.xlsx"
    out = derived(tmp_path, "--to", "2023-12-31", "--language", "fr", "--report", str(report), movements=HEAD + rows)
    assert "Lignes qui répètent une ligne antérieure" in (out / "findings.html").read_text(encoding="utf-8")
    assert "Строк, повторяющих более раннюю строку" in (out / "findings.jsonl").read_text(encoding="utf-8")
    assert report.stat().st_size > 1_000


def total(path: Path) -> tuple[str, str, str]:
    rows = pl.read_csv(path, infer_schema=False).filter(pl.all_horizontal(pl.col(name) == "_T" for name in DIMENSIONS))
    return rows.select("OBS_VALUE", "OBS_STATUS", "REV_STAGE").row(0)


def test_revision_table_adds_up_to_both_figures(tmp_path: Path) -> None:
    rows = "A,2020-03-01,ENTRY,\nB,2020-04-01,ENTRY,\nB,2021-03-01,EXIT,\nC,2020-02-01,ENTRY,\n"
    persons = "person,resident\n" + "".join(f"{name},false\n" for name in "ABC")
    files = {"movements": HEAD + rows, "persons": persons}
    (tmp_path / "then").mkdir()
    then = derived(tmp_path / "then", "--to", "2021-02-15", **files)
    now = derived(tmp_path, "--to", "2022-12-31", "--earlier", "2021-02-15", **files)
    table = pl.read_csv(now / "revisions.csv", infer_schema=False).filter(pl.col("DIRECTION") == "I")
    assert table.select("WAS", "IS", "CROSSINGS").rows() == [
        ("IMMIGRANT_IN_YEAR", "IMMIGRANT_IN_YEAR", "1"),
        ("UNDETERMINED_OPEN_SPELL", "IMMIGRANT_IN_YEAR", "1"),
        ("UNDETERMINED_OPEN_SPELL", "NON_MIGRANT_CROSSING", "1"),
    ]
    sums = [str(table[name].cast(pl.Int64).sum()) for name in ("FIGURE_WAS", "FIGURE_IS")]
    assert sums == [total(then / "DF_IMM.csv")[0], total(now / "DF_IMM.csv")[0]] == ["1", "2"]
    assert total(then / "DF_IMM.csv")[1:] == ("P", "PREL")
    assert total(now / "DF_IMM.csv")[1:] == ("A", "FINAL")


def test_open_crossings_and_shortened_stays_are_revised(tmp_path: Path) -> None:
    head = "person,date,direction,intended_days\n"
    rows = "A,2020-09-01,ENTRY,500\nA,2021-01-10,EXIT,\nB,2020-12-01,ENTRY,\n"
    persons = "person,resident\nA,false\nB,false\n"
    words = ("--to", "2021-06-30", "--earlier", "2020-12-31", "--basis", "MIX")
    out = derived(tmp_path, *words, movements=head + rows, persons=persons)
    table = pl.read_csv(out / "revisions.csv", infer_schema=False)
    assert table.select("WAS", "WAS_BASIS", "IS", "IS_BASIS", "FIGURE_WAS", "FIGURE_IS").rows() == [
        ("IMMIGRANT_IN_YEAR", "INT", "NON_MIGRANT_CROSSING", "ACT", "1", "0"),
        ("UNDETERMINED_OPEN_SPELL", "ACT", "UNDETERMINED_OPEN_SPELL", "ACT", "0", "0"),
    ]
    assert total(out / "DF_IMM.csv")[1:] == ("P", "REV")


def test_comparison_day_without_a_finished_period_is_refused(tmp_path: Path) -> None:
    files = {"movements": HEAD + "A,2020-03-01,ENTRY,\n"}
    for day in ("2020-12-30", "2022-12-31", "2023-05-01"):
        assert derive(tmp_path, files, "--to", "2022-12-31", "--year", "2020", "--earlier", day) != 0


def test_permits_are_checked_like_crossings(tmp_path: Path) -> None:
    """A permit that occurs twice, one that begins before the birth or after the death, and one of a stranger."""
    rows = [
        "A,2020-01-01,2021-06-01",
        "A,2020-01-01,2021-06-01",
        "N,2018-06-01,2019-06-01",
        "D,2021-07-01,2022-01-01",
        "D,2021-01-01,2022-01-01",
        "X,2020-01-01,2020-02-01",
        "O,2016-01-01,2017-01-01",
    ]
    persons = "person,birth_date,death_date\nA,,\nD,,2021-06-01\nN,2019-02-01,\nO,,\n"
    permits = "person,begin,end\n" + "".join(f"{row}\n" for row in rows)
    assert found_in(tmp_path, "--rule", "PERMIT", permits=permits, persons=persons) == {
        ("permits", "REPEATED"): ("1", "2"),
        ("permits", "BEFORE_BIRTH"): ("1", "3"),
        ("permits", "AFTER_DEATH"): ("1", "4"),
        ("permits", "NO_PERSON"): ("1", "6"),
        ("permits", "OUTSIDE"): ("1", "7"),
    }
    spoken = (tmp_path / "out" / "findings.html").read_text(encoding="utf-8")
    assert "sdmxmig justify" not in spoken


def test_derive_needs_no_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found_in(
        tmp_path, "--report", str(tmp_path / "f.txt"), movements=HEAD + "A,2020-01-01,ENTRY,\nA,2020-01-01,ENTRY,\n"
    )
    assert "sdmxmig justify" not in capsys.readouterr().err
    assert "sdmxmig justify" not in (tmp_path / "f.txt").read_text(encoding="utf-8")
