"""A table of population, births, deaths, immigration and emigration: one mapping gives all of its dataflows."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest
from case_tables import text_from
from console import Console
from folders import write_files
from shipped import CATALOGUE, words
from small_office import COUNTRY

from sdmxmig.catalogue import load as load_catalogue
from sdmxmig.cli import run
from sdmxmig.conversion.suggestion.table_subjects import ask_about_table_subject
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

ITEMS = "Population on 1 January,Births,Deaths,Immigrants,Emigrants"
DOWN = f"Year,{ITEMS}\n2021,3700,60,49,90,95\n2022,3706,59,50,91,94\n"
ACROSS = """Item,2021,2022
Population,3700,3706
Live births,60,59
Deaths,49,50
Immigration,90,91
Emigration,95,94
"""
FLOWS = ("DF_POP", "DF_BIRTHS", "DF_DEATHS", "DF_IMM", "DF_EMI")
MAPPING = text_from("workspace/cases/account_tables_mapping.toml")


def converted(folder: Path, heads: str, rows: str, also: str) -> dict[str, dict[str, str]]:
    """The values by year of each dataflow that a table becomes, with the reference date behind populations."""
    names = {"January": "POP_BEG", "December": "POP_END", "Births": "LBIRTH", "Deaths": "DEATH", "Emigrants": "FLW_EMI"}
    codes = ", ".join(f'"{head}" = "{names[head]}"' for head in heads.split(","))
    files = {
        "country.toml": COUNTRY,
        "tables/t.csv": f"Year,{heads}\n{rows}",
        "mappings/t.toml": MAPPING.format(also=also, codes=f"{{ {codes} }}"),
    }
    write_files(folder, files)
    assert run(["convert", str(folder)]) == 0
    found: dict[str, dict[str, str]] = {}
    for path in sorted((folder / "out" / "data").glob("DF_*.csv")):
        if path.stem != "DF_ACCOUNT":
            for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
                day = f" {row['REF_DATE']}" if row["REF_DATE"] else ""
                found.setdefault(path.stem, {})[row["TIME_PERIOD"]] = row["OBS_VALUE"] + day
    return found


def test_account_items_become_observations_of_their_dataflows(tmp_path: Path) -> None:
    also = '["DF_POP", "DF_BIRTHS", "DF_EMI"]'
    heads = "January,Births,Deaths,Emigrants,December"
    assert converted(tmp_path, heads, "2021,3700,60,49,95,3706\n2022,3706,59,50,94,3712\n", also) == {
        "DF_POP": {"2021": "3700 D0101", "2022": "3706 D0101", "2023": "3712 D0101"},
        "DF_BIRTHS": {"2021": "60", "2022": "59"},
        "DF_EMI": {"2021": "95", "2022": "94"},
    }


@pytest.mark.parametrize(("rule", "of_account"), [("R12", {("2020", "_T"): "90"}), ("R6", {})])
def test_account_fills_gaps_of_other_tables(tmp_path: Path, rule: str, of_account: dict[tuple[str, str], str]) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "mappings").mkdir()
    (tmp_path / "country.toml").write_text(COUNTRY, encoding="utf-8")
    (tmp_path / "tables" / "t.csv").write_text("Year,Births,Emigrants\n2020,61,90\n2021,60,95\n", encoding="utf-8")
    (tmp_path / "tables" / "sex.csv").write_text("Year,All,Men,Women\n2021,96,50,46\n", encoding="utf-8")
    account = MAPPING.format(also='["DF_BIRTHS", "DF_EMI"]', codes='{ Births = "LBIRTH", Emigrants = "FLW_EMI" }')
    (tmp_path / "mappings" / "t.toml").write_text(account, encoding="utf-8")
    by_sex = account.replace('also = ["DF_BIRTHS", "DF_EMI"]\n', "").replace('id = "M"', 'id = "S"')
    for old, new in (
        ('"DF_ACCOUNT"', '"DF_EMI"'),
        ("t.csv", "sex.csv"),
        ('SEX = "_T"\n', 'DIRECTION = "E"\nC_RESIDENCE = "_T"\n'),
        ("components.ACC_ITEM", "components.SEX"),
        ('{ Births = "LBIRTH", Emigrants = "FLW_EMI" }', '{ All = "_T", Men = "M", Women = "F" }'),
        ('"R12"', f'"{rule}"'),
    ):
        by_sex = by_sex.replace(old, new)
    (tmp_path / "mappings" / "sex.toml").write_text(by_sex, encoding="utf-8")
    assert run(["convert", str(tmp_path)]) == 0
    rows = csv.DictReader((tmp_path / "out" / "data" / "DF_EMI.csv").read_text(encoding="utf-8").splitlines())
    of_table = {("2021", "_T"): "96", ("2021", "M"): "50", ("2021", "F"): "46"}
    assert {(row["TIME_PERIOD"], row["SEX"]): row["OBS_VALUE"] for row in rows} == {**of_account, **of_table}


def test_year_end_populations_are_dated_31_december(tmp_path: Path) -> None:
    assert converted(tmp_path, "Births,December", "2021,60,3706\n", '["DF_POP"]') == {"DF_POP": {"2021": "3706 D1231"}}


def test_dataflow_without_item_in_the_account_is_refused(tmp_path: Path, console: Console) -> None:
    with pytest.raises(AssertionError):
        converted(tmp_path, "Births,Deaths", "2021,60,49\n", '["DF_PERMIT"]')
    assert "No item of DF_ACCOUNT belongs to DF_PERMIT" in console.readouterr().err


@pytest.mark.parametrize("title", ["", "Vital and migration statistics", "Demographic balance", "Population by year"])
@pytest.mark.parametrize("table", [DOWN, ACROSS], ids=["years down", "years across"])
def test_account_table_is_recognised_with_all_its_dataflows(title: str, table: str) -> None:
    content = f"{title}{',' * table.splitlines()[0].count(',')}\n{table}" if title else table
    tables = read("t.csv", content.encode())
    assert ask_about_table_subject(tables, CATALOGUE.flows, words(), CATALOGUE.counted).flow == "DF_ACCOUNT"
    assert set(propose(tables, "DF_ACCOUNT", CATALOGUE, words(), area="GE").proposal.mapping.also) >= set(FLOWS[1:])


def test_map_names_the_other_dataflows_of_an_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text(DOWN)
    assert run(["map", str(tmp_path / "t.csv"), "DF_ACCOUNT", "--area", "GE", "-o", str(tmp_path / "t.toml")]) == 1
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("sdmxmig convert writes"))
    assert all(flow in line for flow in FLOWS)


def tables_under_two_rules(folder: Path) -> None:
    """A workspace with the births of 2028 by usual residence and those of 2027 by permit."""
    for rule, name in (("R12", "estimate"), ("PERMIT", "permits")):
        text = MAPPING.format(also="[]", codes='{ Births = "LBIRTH" }').replace('"R12"', f'"{rule}"')
        text = text.replace("t.csv", f"{name}.csv").replace('"M"', f'"{name}"')
        files = {
            f"mappings/{name}.toml": f"# answered by hand\n{text}",
            f"tables/{name}.csv": f"Year,Births\n{2020 + len(name)},60\n",
        }
        write_files(folder, files)
    (folder / "country.toml").write_text(COUNTRY, encoding="utf-8")


def test_tables_under_different_rules_are_refused_with_remedy(tmp_path: Path, console: Console) -> None:
    """The residence rule is an attribute of the dataset: a mixed one would be false for both tables."""
    tables_under_two_rules(tmp_path)
    error = console.errors("convert", tmp_path)
    assert "RES_RULE two values" in error
    assert {"R12", "PERMIT", "estimate.csv", "permits.csv", "--new-flow"} <= {
        word.strip(".:,()") for word in error.split()
    }


@pytest.mark.parametrize("table", ["estimate.csv", "permits.csv"])
def test_each_remedy_yields_two_datasets_with_one_rule(tmp_path: Path, console: Console, table: str) -> None:
    tables_under_two_rules(tmp_path)
    run(["convert", str(tmp_path)])
    commands = re.findall(r'sdmxmig (map "[^"]+" \S+ --new-flow \S+ -o FOLDER)', console.readouterr().err)
    command = shlex.split(next(each for each in commands if table in each).replace("FOLDER", str(tmp_path)))
    assert run(command) == 0
    assert run(["convert", str(tmp_path)]) == 0
    own = command[command.index("--new-flow") + 1]
    stays = {"estimate.csv": "PERMIT", "permits.csv": "R12"}[table]
    assert rules_of(tmp_path, "DF_ACCOUNT") == {stays}
    assert rules_of(tmp_path, own) == {"R12", "PERMIT"} - {stays}
    assert "# answered by hand" in (tmp_path / "mappings" / table).with_suffix(".toml").read_text()


def rules_of(folder: Path, flow: str) -> set[str]:
    text = (folder / "out" / "data" / f"{flow}.csv").read_text(encoding="utf-8-sig")
    return {row["RES_RULE"] for row in csv.DictReader(text.splitlines())}


def test_new_dataflow_takes_the_structure_of_another(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path / "c")]) == 0
    (tmp_path / "permits.csv").write_text(
        "Foreign citizens by sex on 31 December\nYear,Total,Men,Women\n2021,50,26,24\n2022,54,28,26\n"
    )
    command = ["map", str(tmp_path / "permits.csv"), "DF_POP", "--new-flow", "DF_POP_PERMIT"]
    assert run([*command, "--area", "GE", "-o", str(tmp_path / "c")]) in {0, 1}
    flow = load_catalogue(tmp_path / "c").flows["DF_POP_PERMIT"]
    assert flow.structure.ref == CATALOGUE.flows["DF_POP"].structure.ref
    assert flow.dataflow.rules
    assert run([*command, "--area", "GE", "-o", str(tmp_path / "c")]) == 2


def test_unknown_dataflow_for_option_new_flow_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text("Year,Total\n2021,50\n2022,54\n")
    assert run(["map", str(tmp_path / "t.csv"), "DF_POPP", "--new-flow", "DF_OWN", "-o", str(tmp_path)]) == 2
    assert "There is no dataflow “DF_POPP”" in capsys.readouterr().err
