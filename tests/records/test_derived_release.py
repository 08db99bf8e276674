"""`sdmxmig derive --threshold`: no small count goes out, and no sum of what goes out tells a small one."""

from __future__ import annotations

import csv
import sys
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from console import Console
from made_records import DIMENSIONS, derive, table_options

from sdmxmig.cli import run

YEARS = range(2010, 2024)
KEYS = (*DIMENSIONS, "COUNTERPART_AREA")


def people(women: int, men: int, *, leaving: int = 4) -> dict[str, str]:
    """So many women and men who come from Italy in 2020; of twenty Swiss residents some leave that year."""
    comers = [(f"F{n}", "F") for n in range(women)] + [(f"M{n}", "M") for n in range(men)]
    residents = [f"R{n}" for n in range(20)]
    movements = [f"{name},2020-03-01,ENTRY,IT" for name, _ in comers]
    movements += [f"{name},2020-05-01,EXIT," for name in residents[:leaving]]
    persons = [f"{name},{sex},1990-01-01,IT,IT,false" for name, sex in comers]
    persons += [f"{name},{'FM'[n % 2]},1960-01-01,CH,CH,true" for n, name in enumerate(residents)]
    return {
        "movements": "\n".join(["person,date,direction,c_residence", *movements]) + "\n",
        "persons": "\n".join(["person,sex,birth_date,c_birth,c_citizen,resident", *persons]) + "\n",
    }


def released(folder: Path, files: dict[str, str], *words: str, code: int = 0) -> Path:
    assert derive(folder, files, "--area", "CH", "--from", "2010-01-01", "--year", "2020", *words) == code
    return folder / "out"


def read(out: Path, flow: str) -> pl.DataFrame:
    return pl.read_csv(out / f"{flow}.csv", infer_schema=False)


def of_sex(out: Path, flow: str, sex: str) -> str | None:
    """The figure of a sex at the total of everything else."""
    frame = read(out, flow)
    others = [pl.col(name) == "_T" for name in KEYS if name in frame.columns and name != "SEX"]
    return frame.filter(*others, SEX=sex)["OBS_VALUE"].item()


def numbers(out: Path) -> list[float]:
    """All values of measures in the data."""
    found = []
    for path in sorted(out.glob("DF_*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row.get("ACC_ITEM") != "ADJ":
                    measures = ("OBS_VALUE", "PERSONS_OPEN", "PERSONS_UNKNOWN")
                    found += [float(row[name]) for name in measures if row.get(name)]
    return found


def test_small_figures_are_kept_and_counted_without_threshold(tmp_path: Path, console: Console) -> None:
    out = released(tmp_path, people(women=1, men=9))
    assert of_sex(out, "DF_IMM", "F") == "1"
    assert "figures are below 3: to suppress them before publication, add --threshold 3" in console.readouterr().err
    assert not (out / "withheld.csv").exists()


def test_small_count_is_withheld_with_secondary_cells(tmp_path: Path) -> None:
    out = released(tmp_path, people(women=1, men=9), "--threshold", "3")
    assert [of_sex(out, "DF_IMM", sex) for sex in ("F", "M", "_T")].count(None) >= 2
    assert of_sex(out, "DF_IMM", "F") is None
    marked = read(out, "DF_IMM").filter(pl.col("OBS_VALUE").is_null())
    assert set(marked["OBS_STATUS"]) == {"Q"}
    assert set(marked["CONF_STATUS"]) == {"N"}


@pytest.mark.parametrize("threshold", [3, 5, 8])
@pytest.mark.parametrize("counts", [(1, 9), (2, 2), (4, 4), (7, 30)])
def test_published_measures_reach_the_threshold(counts: tuple[int, int], threshold: int, tmp_path: Path) -> None:
    words = ("--also", "temporary", "--also", "return", "--also", "circular", "--threshold", str(threshold))
    out = released(tmp_path, people(*counts), *words)
    assert [number for number in numbers(out) if 0 < number < threshold] == []


def test_flow_and_account_are_withheld_alike(tmp_path: Path) -> None:
    """The account has the same emigrants and must not disclose figures that the flow suppresses."""
    out = released(tmp_path, people(women=9, men=9, leaving=2), "--threshold", "3")
    account = read(out, "DF_ACCOUNT").filter(ACC_ITEM="FLW_EMI", BIRTH_STATUS="_T", CTZ_STATUS="_T")["OBS_VALUE"].item()
    assert (of_sex(out, "DF_EMI", "_T"), account) == (None, None)


def test_return_terms_are_withheld_with_their_immigration(tmp_path: Path) -> None:
    out = released(tmp_path, people(women=1, men=1), "--also", "return", "--threshold", "3")
    assert of_sex(out, "DF_IMM", "_T") is None
    terms = read(out, "DF_IND_TERM").filter(IND_TERM="DEN")
    assert terms["OBS_VALUE"].null_count() == terms.height > 0


def test_only_total_return_terms_are_shown_beside_withheld_group(tmp_path: Path) -> None:
    out = released(tmp_path, people(women=1, men=9), "--also", "return", "--threshold", "3")
    shown = read(out, "DF_IND_TERM").filter(pl.col("OBS_VALUE").is_not_null())
    assert set(shown.select(name for name in KEYS if name in shown.columns).rows()) <= {("_T",) * 7}


def test_return_terms_are_complete_without_small_figures(tmp_path: Path) -> None:
    out = released(tmp_path, people(women=9, men=9, leaving=4), "--also", "return", "--threshold", "3")
    terms = read(out, "DF_IND_TERM").filter(IND_TERM="DEN")
    assert terms["OBS_VALUE"].null_count() == 0
    assert of_sex(out, "DF_IMM", "_T") == "18"


def test_few_non_immigrants_withhold_returns(tmp_path: Path) -> None:
    """Nine come, of whom eight are citizens who lived here before: one is none of these."""
    comers = [f"C{n},2015-01-01,EXIT," for n in range(8)] + [f"C{n},2020-03-01,ENTRY,IT" for n in range(8)]
    movements = ["person,date,direction,c_residence", *comers, "A,2020-03-01,ENTRY,IT"]
    persons = ["person,sex,birth_date,c_birth,c_citizen,resident"]
    persons += [f"C{n},F,1990-01-01,CH,CH,true" for n in range(8)] + ["A,F,1990-01-01,IT,IT,false"]
    files = {"movements": "\n".join(movements) + "\n", "persons": "\n".join(persons) + "\n"}
    out = released(tmp_path, files, "--also", "return", "--threshold", "3")
    terms = read(out, "DF_IND_TERM")
    total = terms.filter(*(pl.col(name) == "_T" for name in KEYS if name in terms.columns))
    assert dict(total.select("IND_TERM", "OBS_VALUE").rows())["NUM"] is None


def test_fractional_provisional_figure_is_withheld(tmp_path: Path) -> None:
    """Of those who came three months before the end it is open what becomes of them: they weigh less than one."""
    movements = ["person,date,direction"]
    for number, year in enumerate(YEARS):
        movements += [f"P{number}-{n},{year}-10-01,ENTRY" for n in range(31)]
        movements += [f"P{number}-{n},{year}-12-20,EXIT" for n in range(28) if year < max(YEARS)]
    files = table_options(tmp_path, {"movements": "\n".join(movements) + "\n"})
    words = ["--from", "2010-01-01", "--to", "2023-12-31", "--year", "2023", "--rule", "R12_16", "--area", "CH"]
    asked = ["derive", *files, *words]
    assert run([*asked, "-o", str(tmp_path / "open")]) == 0
    (open_figure,) = {float(value) for value in read(tmp_path / "open", "DF_IMM")["OBS_VALUE"]}
    assert 0 < open_figure < 8
    assert open_figure != int(open_figure)
    assert run([*asked, "--threshold", "8", "-o", str(tmp_path / "closed")]) == 0
    assert read(tmp_path / "closed", "DF_IMM")["OBS_VALUE"].is_null().all()


def test_suppressed_cells_are_listed_for_the_office(tmp_path: Path) -> None:
    out = released(tmp_path, people(women=1, men=9), "--threshold", "3")
    with (out / "withheld.csv").open(encoding="utf-8", newline="") as lines:
        verdicts = {row["verdict"] for row in csv.DictReader(lines)}
    assert verdicts <= {"safe", "not in any sum"}
    assert verdicts


def test_comments_beside_withheld_figures_omit_counts(tmp_path: Path) -> None:
    files = people(women=4, men=4)
    files["persons"] = files["persons"].replace("F0,F,1990-01-01", "F0,F,").replace("M0,M,", "M0,,")
    for flow in ("DF_IMM", "DF_POP"):
        open_rows = read(released(tmp_path, files), flow).filter(pl.col("COMMENT_OBS").str.contains("none known"))
        assert open_rows.height > 0
        rows = read(released(tmp_path, files, "--threshold", "3"), flow)
        assert rows.filter(pl.col("COMMENT_OBS").str.contains("none known")).height == 0


@pytest.mark.parametrize("threshold", ["1", "0", "-3"])
def test_threshold_without_protection_is_refused(threshold: str, tmp_path: Path, console: Console) -> None:
    released(tmp_path, people(1, 1), "--threshold", threshold, code=2)
    assert "gives no protection" in console.readouterr().err
    assert not (tmp_path / "out").exists()


def test_missing_library_is_reported_before_people_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    released(tmp_path, people(1, 1), "--threshold", "3", code=2)
    said = console.readouterr()
    assert "needs HiGHS" in said.err
    assert "crossing" not in said.out + said.err


@pytest.mark.parametrize("every", ["quarter", "month"])
def test_sub_annual_accounts_are_refused_but_flows_allowed(every: str, tmp_path: Path, console: Console) -> None:
    files = people(1, 9)
    released(tmp_path, files, "--threshold", "3", "--every", every, code=2)
    assert "leave out --persons" in console.readouterr().err
    out = released(tmp_path, {"movements": files["movements"]}, "--threshold", "3", "--every", every)
    assert [number for number in numbers(out) if 0 < number < 3] == []


def test_repeated_releases_of_equal_records_are_identical(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        out = released(tmp_path / name, people(2, 9), "--threshold", "3", "--now", "2024-05-01T00:00:00Z")
        made.append({path.name: path.read_bytes() for path in out.glob("*.csv")})
    assert all(first == second for first, second in pairwise(made))
