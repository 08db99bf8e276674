"""`sdmxmig derive`: accepted and refused input, errors without cell contents, and results of permits."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from case_tables import cases_from, listed
from console import Console
from made_records import DIMENSIONS, derive, table_options

CROSSINGS = "person,date,direction\nSECRET-1,2020-03-01,ENTRY\nSECRET-1,2022-05-01,EXIT\n"


def derived(folder: Path, *words: str, **files: str) -> dict[str, str]:
    """The totals of 2020 in a derivation by file, or nothing if it was refused."""
    if derive(folder, files, "--year", "2020", *words) != 0:
        return {}
    totals = {}
    for name in ("DF_IMM", "DF_EMI"):
        rows = pl.read_csv(folder / "out" / f"{name}.csv", infer_schema=False)
        rows = rows.filter(pl.all_horizontal(pl.col(column) == "_T" for column in DIMENSIONS), TIME_PERIOD="2020")
        totals[name] = rows["OBS_VALUE"].item()
        totals[f"{name} basis"] = rows["DUR_BASIS"].item()
    return totals


def test_crossings_are_counted_and_empty_total_is_zero(tmp_path: Path) -> None:
    totals = derived(tmp_path, "--rule", "R12_16", movements=CROSSINGS)
    assert (totals["DF_IMM"], totals["DF_EMI"], totals["DF_IMM basis"]) == ("1", "0", "ACT")


@pytest.mark.parametrize("name", ["birthdate", "Birth_Date"])
def test_misspelt_column_is_refused(name: str, tmp_path: Path, console: Console) -> None:
    persons = f"person,{name}\nSECRET-1,1980-01-01\n"
    assert derived(tmp_path, "--rule", "R12_16", movements=CROSSINGS, persons=persons) == {}
    assert f"“{name}” (birth_date?)" in console.readouterr().err


def test_consecutive_permits_form_one_stay(tmp_path: Path) -> None:
    permits = "person,begin,end\nA,2020-03-01,2020-09-01\nA,2020-09-01,2021-06-01\nB,2020-03-01,2020-09-01\n"
    totals = derived(tmp_path, "--rule", "PERMIT", permits=permits)
    assert (totals["DF_IMM"], totals["DF_IMM basis"]) == ("1", "GRT")
    assert derived(tmp_path, "--rule", "R12_16", permits=permits) == {}
    assert derived(tmp_path, "--rule", "PERMIT", movements=CROSSINGS) == {}


def test_person_with_two_passports_is_counted_once(tmp_path: Path) -> None:
    crossings = "person,date,direction\nOLD,2020-03-01,ENTRY\nOLD,2020-08-01,EXIT\nNEW,2020-08-20,ENTRY\n"
    documents = "document,person\nOLD,A\nNEW,A\n"
    assert derived(tmp_path, "--rule", "R12_16", movements=crossings, documents=documents)["DF_IMM"] == "1"


@cases_from("records/cases/unsupported_figures_are_refused.csv", words=listed)
def test_unsupported_figures_are_refused(words: tuple[str, ...], says: str, tmp_path: Path, console: Console) -> None:
    other = {"INT": "granted_days", "MIX": "granted_days", "GRT": "intended_days"}.get(words[1], "intended_days")
    crossings = f"person,date,direction,{other}\nA,2020-03-01,ENTRY,700\n"
    assert derived(tmp_path, "--rule", "R12_16", *words, movements=crossings) == {}
    assert says in console.readouterr().err


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
def test_faults_name_rows_without_quoting_cells(content: str, tmp_path: Path, console: Console) -> None:
    assert derived(tmp_path, "--rule", "R12_16", movements=content) == {}
    spoken = "".join(console.readouterr())
    assert "SECRET" not in spoken
    assert "2022-13" not in spoken
    assert "line: 3" in spoken or "no column “direction”" in spoken


def test_nights_of_traces_are_accepted_as_source(tmp_path: Path) -> None:
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


def test_option_decides_place_of_birth(tmp_path: Path) -> None:
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


def flows(folder: Path, *words: str) -> dict[str, str]:
    """Immigration by period, of three who came in June, July and December 2020."""
    rows = "".join(f"{name},2020-{month}-15,ENTRY\n" for name, month in (("A", "06"), ("B", "07"), ("C", "12")))
    persons = "person,resident\nA,false\nB,false\nC,false\n"
    files = {"movements": f"person,date,direction\n{rows}", "persons": persons}
    if derive(folder, files, "--from", "2019-07-01", *words) != 0:
        return {}
    table = pl.read_csv(folder / "out" / "DF_IMM.csv", infer_schema=False)
    totals = table.filter(pl.all_horizontal(pl.col(name) == "_T" for name in DIMENSIONS))
    return dict(totals.select(pl.col("FREQ") + " " + pl.col("TIME_PERIOD"), "OBS_VALUE").rows())


def test_periods_may_be_quarters_months_or_years_to_june(tmp_path: Path) -> None:
    assert flows(tmp_path, "--year", "2020") == {"A 2020": "3"}
    stocks = pl.read_csv(tmp_path / "out" / "DF_POP.csv", infer_schema=False).filter(
        SEX="_T", AGE="_T", CTZ_STATUS="_T"
    )
    assert dict(stocks.select("TIME_PERIOD", "OBS_VALUE").rows()) == {"2020": "0", "2021": "3"}, (
        "nobody is a figure too"
    )
    quarters = flows(tmp_path, "--year", "2020", "--every", "quarter")
    assert quarters == {"Q 2020-Q1": "0", "Q 2020-Q2": "1", "Q 2020-Q3": "1", "Q 2020-Q4": "1"}
    months = flows(tmp_path, "--year", "2020", "--every", "month")
    assert len(months) == 12
    assert {label for label, figure in months.items() if figure == "1"} == {"M 2020-06", "M 2020-07", "M 2020-12"}
    june = flows(tmp_path, "--year", "2020", "--year", "2021", "--year-ends", "6")
    assert june == {"A 2019-07-01/P1Y": "1", "A 2020-07-01/P1Y": "2"}


def test_periods_not_covered_by_records_are_refused(tmp_path: Path) -> None:
    assert flows(tmp_path, "--year", "2019") == {}
    assert flows(tmp_path, "--year", "2019", "--year-ends", "6") == {}
    assert flows(tmp_path, "--year", "2019", "--every", "quarter") == {}
    assert flows(tmp_path, "--every", "month", "--year-ends", "6") == {}
    assert min(flows(tmp_path, "--every", "quarter")) == "Q 2019-Q3", "what is not asked for is what is whole"


@pytest.mark.parametrize("rule", ["R6", "R12_12"])
def test_quarterly_accounts_start_where_the_previous_ends(rule: str, tmp_path: Path) -> None:
    flows(tmp_path, "--every", "quarter", "--rule", rule)
    account = pl.read_csv(tmp_path / "out" / "DF_ACCOUNT.csv", infer_schema=False)
    total = account.filter((pl.col("BIRTH_STATUS") == "_T") & (pl.col("CTZ_STATUS") == "_T")).sort("TIME_PERIOD")
    ends = total.filter(pl.col("ACC_ITEM") == "POP_END")["OBS_VALUE"].to_list()
    begins = total.filter(pl.col("ACC_ITEM") == "POP_BEG")["OBS_VALUE"].to_list()
    assert ends[:-1] == begins[1:]
    assert ends[-1] == "3"


def test_stock_is_independent_of_the_years_requested(tmp_path: Path) -> None:
    """On 1 January 2021 it is open whether the exit in 2020 is an emigration: of 487 nights 355 are abroad so far."""
    moves = "A,2020-12-19,EXIT\nA,2020-12-22,ENTRY\nA,2021-02-20,EXIT\nA,2022-02-07,ENTRY\n"
    tables = {"movements": f"person,date,direction\n{moves}", "persons": "person,sex,resident\nA,F,true\n"}
    stocks = []
    for years in (["2021"], ["2020", "2021"]):
        words = [word for year in years for word in ("--year", year)]
        assert derive(tmp_path, tables, "--to", "2022-03-31", *words) == 0
        rows = pl.read_csv(tmp_path / "out" / "DF_POP.csv", infer_schema=False).filter(TIME_PERIOD="2021", SEX="_T")
        stocks.append({*rows.select("OBS_VALUE", "OBS_STATUS").rows()})
    assert stocks == [{("1", "P")}] * 2


def test_placeholder_date_is_refused_as_end_of_observation(tmp_path: Path, console: Console) -> None:
    files = table_options(tmp_path, {"movements": "person,date,direction\nA,2020-06-01,ENTRY\n"})
    asked = [*files, "--area", "MD", "--rule", "R12_16", "--to", "9999-12-31"]
    assert "records must be from 1900 to 2200" in console.errors("derive", *asked, "-o", tmp_path / "out")
