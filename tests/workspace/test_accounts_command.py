"""``sdmxmig accounts``: output and files in six languages, and the same in Python."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from case_tables import cases_from, text_from
from click.testing import CliRunner
from reported import datasets
from shipped import CATALOGUE
from small_office import COUNTRY

import sdmxmig
from sdmxmig import SdmxmigError
from sdmxmig.api import sources
from sdmxmig.cli import cli, run
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.outputs import accounts_text
from sdmxmig.workspace.tasks.accounting import read_stated_errors
from sdmxmig.workspace.tasks.data_folder import write_data_files
from sdmxmig.workspace.tasks.session import lock_session

NOW = "2026-01-15T12:00:00Z"
# 1000 + 20 - 10 + 50 - 30 = 1030 at the end of 2021, and 1050 are counted.
TABLE = text_from("workspace/cases/accounts_command_table.csv")
OF_SWEDEN = """
flow,REF_AREA,C_RESIDENCE,TIME_PERIOD,OBS_VALUE
DF_IMM,SE,GE,2021,18
DF_EMI,SE,GE,2021,6
"""
VARIANCES = text_from("workspace/cases/accounts_command_variances.toml")


@pytest.fixture(autouse=True)
def declared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "load_shipped_catalogue", lambda: CATALOGUE)


def made(folder: Path, table: str, area: str = "GE") -> Path:
    """A workspace with converted data."""
    folder.mkdir()
    (folder / "country.toml").write_text(COUNTRY.replace('"GE"', f'"{area}"'), encoding="utf-8")
    with lock_session(folder, None, NOW) as session:
        session.put("data", write_data_files(session, datasets(table, CATALOGUE.flows), ()))
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return made(tmp_path / "ge", TABLE)


def accounts(*arguments: object) -> str:
    result = CliRunner().invoke(cli, ["accounts", *map(str, arguments), "-q"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return re.sub("[\u00a0\u202f]", " ", result.stdout)


def table(workspace: Path, name: str) -> list[dict[str, str]]:
    path = workspace / "out" / "accounts" / f"{name}.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_account_is_printed_with_its_residual_and_counts(workspace: Path) -> None:
    told = accounts(workspace)
    (line,) = [line for line in told.splitlines() if line.startswith("2021  A01")]
    assert line.split("  ")[0] == "2021"
    assert re.sub(" +", " ", line) == "2021 A01 Population account Whole population 1,050 1,030 +20 – does not close"
    assert re.search(r"(?m)^2021 +\+40 +– +\+20 +\+20$", told), "net migration by the residual method"
    counts = {name: int(re.search(rf"(?m)^  {text}: (\d+)$", told)[1]) for name, text in accounts_text.LABELS.items()}  # type: ignore[index]
    rows = table(workspace, "accounts")
    assert {name: sum(row["class"] == name for row in rows) for name in counts} == counts


@cases_from("workspace/cases/a_standard_error_of_what_no_data_can_be_is_refused.csv")
def test_standard_error_of_impossible_item_is_refused(workspace: Path, limit: str, message: str) -> None:
    path = workspace / "variances.toml"
    path.write_text(VARIANCES.replace('error = "10"', f'error = "10"\n{limit}'), encoding="utf-8")
    with pytest.raises(DeclarationError, match=re.escape(message)) as caught:
        read_stated_errors(workspace, CATALOGUE)
    assert str(caught.value.place).endswith("variances.toml › variance[2].codes")


def test_every_equation_is_written_with_its_cells(workspace: Path) -> None:
    accounts(workspace)
    (row,) = [row for row in table(workspace, "accounts") if row["identity"] == "A01" and row["residual"]]
    assert row["equation"] == "POP_END = POP_BEG + LBIRTH - DEATH + FLW_IMM - FLW_EMI + ADJ?"
    assert (row["published"], row["computed"], row["residual"], row["class"]) == ("1050", "1030", "20", "UNBALANCED")
    terms = [term for term in table(workspace, "terms") if (term["identity"], term["period"]) == ("A01", "2021")]
    assert [(t["side"], t["term"], t["factor"], t["value"], t["cell"]) for t in terms] == [
        ("left", "POP_END", "1", "1050", "data.xlsx › DF_POP › A2"),
        ("right", "POP_BEG", "1", "1000", "data.xlsx › DF_POP › A1"),
        ("right", "LBIRTH", "1", "20", "data.xlsx › DF_BIRTHS › A1"),
        ("right", "DEATH", "-1", "10", "data.xlsx › DF_DEATHS › A1"),
        ("right", "FLW_IMM", "1", "50", "data.xlsx › DF_IMM › A1"),
        ("right", "FLW_EMI", "-1", "30", "data.xlsx › DF_EMI › A1"),
    ]


def test_missing_term_is_named(workspace: Path) -> None:
    told = accounts(workspace)
    assert re.search("(?m)^  A17 Account of emigrants: .*; Returns of emigrants; ", told)
    assert re.search("(?m)^  A26 Asylum account: no figures to test$", told)
    assert re.search("(?m)^  A12 Net migration: Net migration$", told)  # a year without immigration does not count
    rows = {(row["identity"], row["period"]): row for row in table(workspace, "accounts")}
    assert rows["A17", "2021"]["missing"] == "EMP_BEG; EMP_RETURN; EMP_DEATH; EMP_END"


def test_balancing_asks_for_standard_errors(workspace: Path) -> None:
    result = CliRunner().invoke(cli, ["accounts", str(workspace), "--balance"])
    assert isinstance(result.exception, SdmxmigError)
    assert "DEATH in DF_DEATHS from CRVS; FLW_EMI in DF_EMI from BOR" in str(result.exception)
    assert run(["accounts", str(workspace), "--balance"]) == 2
    assert not (workspace / "out" / "accounts").exists()


def test_balancing_prints_chi_square_and_changes(workspace: Path) -> None:
    """Variances of 100 and 225 take 20 persons: 6.15 more came, 13.85 fewer left; chi-square is 400/325 = 1.23."""
    (workspace / "variances.toml").write_text(VARIANCES, encoding="utf-8")
    told = accounts(workspace, "--balance")
    assert "Chi-square 1.23, degrees of freedom 1, probability 0.267" in told
    assert "The figures do not contradict their accounts" in told
    assert "chosen" not in told
    assert re.search(r"(?m)^Immigration 2021, Whole population +50 +10 +56 +\+6 +\+1.1$", told)
    moved = {row["item"]: row for row in table(workspace, "balance") if row["moved"] not in ("", "0")}
    assert {item: (row["moved"], row["error_known_from"]) for item, row in moved.items()} == {
        "FLW_IMM": ("6.153846154", "audit of the register"),
        "FLW_EMI": ("-13.846153846", "survey at the border"),
    }
    balanced = {
        row["item"] + row["key"].partition("TIME_PERIOD=")[2][:4]: float(row["balanced"])
        for row in table(workspace, "balance")
    }
    computed = balanced["POP_BEG2021"] + 20 - 10 + balanced["FLW_IMM2021"] - balanced["FLW_EMI2021"]
    assert abs(computed - balanced["POP_BEG2022"]) < 1e-6


def test_foreign_texts_stay_text_and_numbers_stay_numbers(workspace: Path) -> None:
    text = VARIANCES.replace("audit of the register", "=HYPERLINK(A1)")
    (workspace / "variances.toml").write_text(text, encoding="utf-8")
    accounts(workspace, "--balance")
    rows = {row["item"]: row for row in table(workspace, "balance")}
    assert rows["FLW_IMM"]["error_known_from"] == "'=HYPERLINK(A1)"
    assert rows["FLW_EMI"]["moved"] == "-13.846153846"


def test_equal_errors_are_reported_as_a_choice(workspace: Path) -> None:
    (workspace / "variances.toml").write_text(VARIANCES, encoding="utf-8")
    told = accounts(workspace, "--balance", "--equal-errors", "0.02")
    assert "The standard errors are equal by choice, not from evidence" in told
    assert {row["error_known_from"] for row in table(workspace, "balance")} == {"equal relative errors, as chosen"}


def test_two_partners_are_compared_without_factors(workspace: Path, tmp_path: Path) -> None:
    sweden = made(tmp_path / "se", OF_SWEDEN, "SE")
    told = accounts(workspace, "--mirror", sweden)
    assert "Number of flows that both countries report: 2 of 2" in told
    assert re.search(r"(?m)^2021 +Georgia +Sweden +9 +18 +\+9 +\+0.67 +– +–$", told)
    assert "A benchmark country gives correction factors: --benchmark" in told
    told = accounts(workspace, "--mirror", sweden / "out" / "data" / "DF_IMM.csv", "--benchmark", "SE")
    assert "the corridors with two reports (1) are too few" in told
    pairs = {(row["origin"], row["destination"]): row for row in table(workspace, "mirror")}
    assert (pairs["GE", "SE"]["asymmetry"], pairs["SE", "GE"]["immigration"]) == ("0.666666667", "12")


def test_partner_without_flows_is_refused(workspace: Path, tmp_path: Path) -> None:
    other = made(tmp_path / "md", "REF_AREA,OBS_VALUE\nMD,5", "MD")
    result = CliRunner().invoke(cli, ["accounts", str(workspace), "--mirror", str(other)])
    assert isinstance(result.exception, SdmxmigError)
    assert result.exception.message == "There are no flows by partner country."


@cases_from("workspace/cases/accounts_are_printed_in_the_chosen_language.csv")
def test_accounts_are_printed_in_the_chosen_language(workspace: Path, language: str, expected: str) -> None:
    told = accounts(workspace, "--language", language)
    (line,) = [line for line in told.splitlines() if re.match("2021 +A01", line)]
    assert line.endswith(expected)
    for english in ("Published", "closes", "Interval of", "missing"):
        assert english not in told


def test_accounts_in_python_equal_those_of_the_command(workspace: Path, tmp_path: Path) -> None:
    (workspace / "variances.toml").write_text(VARIANCES, encoding="utf-8")
    country = sdmxmig.Workspace(workspace, now=NOW, progress=False)
    result = country.accounts(identities=["A01"], balance=True)
    assert list(result.tests.query("residual != ''")["residual"]) == ["20"]
    assert list(result.balance_tests["chi_square"]) == ["1.230769231"]
    assert result.mirror.empty
    assert (workspace / "out" / "accounts" / "balance.csv").is_file()
    data = datasets(TABLE, CATALOGUE.flows)
    same = sdmxmig.accounts(*data, area="GE", identities=["A01"], variances=VARIANCES.encode(), balance=True)
    assert list(same.balance["moved"]) == list(result.balance["moved"])
    assert "UNBALANCED" in repr(same)
    with pytest.raises(SdmxmigError) as caught:
        sdmxmig.accounts(*data, balance=True)
    assert "equal_errors" in caught.value.hint
    assert len(sdmxmig.accounts(*data, identities="A01").tests) == len(result.tests)
