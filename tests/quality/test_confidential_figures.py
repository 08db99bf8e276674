"""Findings do not tell a confidential figure, nor numbers from which it could be worked out; all others they tell."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from case_tables import cases_from
from console import Console
from folders import write_files
from made_findings import finding_at
from reported import datasets
from shipped import CATALOGUE
from small_office import COUNTRY, POPULATION

from sdmxmig.cli import run
from sdmxmig.primitives.places import Place
from sdmxmig.quality.confidential import MASK, ConfidentialFigures, mark_confidential, mask_numbers
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Fault, Finding, Findings
from sdmxmig.workspace.tasks.validating import list_suppressed_cells, mask_cells

BY_SEX = """flow,TIME_PERIOD,SEX,OBS_VALUE,CONF_STATUS
DF_POP,2022,_T,1000,F
DF_POP,2022,M,600,
DF_POP,2022,F,417,{status}"""
TOTAL = "MIG-1-101"


def sets(table: str) -> tuple[Dataset, ...]:
    return tuple(datasets(table, CATALOGUE.flows))


def findings_of(table: str, rule: str, flow: str = "DF_POP") -> list[Finding]:
    """The findings of a rule on a dataset, beside all others of the table."""
    together = sets(table)
    (own,) = [dataset for dataset in together if dataset.flow.id == flow]
    others = [dataset for dataset in together if dataset is not own]
    return [finding for finding in validate(own, CATALOGUE, others).items if finding.rule == rule]


@pytest.mark.parametrize("status", ["", "F"])
def test_difference_of_public_figures_is_shown(status: str) -> None:
    (finding,) = findings_of(BY_SEX.format(status=status), TOTAL)
    assert (finding.observed, finding.expected, finding.difference) == ("1000", "1017", "-17")
    assert "417" in finding.sentence()


@pytest.mark.parametrize("status", ["C", "N", "D", "A", "X"])
def test_total_with_a_confidential_part_shows_no_number(status: str) -> None:
    (finding,) = findings_of(BY_SEX.format(status=status), TOTAL)
    numbers = (finding.observed, finding.expected, finding.difference, finding.tolerance)
    assert set(numbers) == {MASK}
    for language in ("en", "fr", "es", "ar", "ru", "zh"):
        digits = {sign for sign in finding.sentence(language).replace("2022", "") if sign.isdigit()}
        assert not digits, finding.sentence(language)
    assert ("TIME_PERIOD", "2022") in finding.key, "which cell it is, is told"


def test_confidentiality_rule_may_name_its_limits() -> None:
    (own,) = sets(BY_SEX.format(status="C"))
    fault = Fault((2,), "OBS_VALUE", parameters={"least": "3"}, observed=MASK, expected="3 or more")
    figures = ConfidentialFigures(own, ())
    assert figures.masked(fault, CATALOGUE.rules[TOTAL], []) == fault
    told = figures.masked(replace(fault, observed="417"), CATALOGUE.rules[TOTAL], [])
    assert (told.observed, told.expected, told.parameters) == (MASK, "••• or more", {"least": MASK})


def test_masking_figures_does_not_change_the_fingerprint() -> None:
    (free,), (masked,) = (findings_of(BY_SEX.format(status=status), TOTAL) for status in "FC")
    assert free.fingerprint == masked.fingerprint


def test_difference_of_year_without_confidentiality_is_shown() -> None:
    table = BY_SEX.format(status="C") + "\nDF_POP,2023,_T,1000,\nDF_POP,2023,M,600,\nDF_POP,2023,F,407,"
    told = {dict(finding.key)["TIME_PERIOD"]: finding.expected for finding in findings_of(table, TOTAL)}
    assert told == {"2022": MASK, "2023": "1007"}


def test_confidential_text_in_place_of_a_number_is_masked() -> None:
    table = "flow,TIME_PERIOD,OBS_VALUE,CONF_STATUS\nDF_POP,2022,4l7,C\nDF_POP,2023,-41,C"
    (unreadable,) = findings_of(table, "MIG-1-010")
    assert unreadable.observed == MASK
    assert "4l7" not in unreadable.sentence()
    (negative,) = findings_of(table, "MIG-1-011")
    assert (negative.observed, "41" in negative.sentence()) == (MASK, False)


def test_jump_beside_a_confidential_year_is_not_reported() -> None:
    rows = [
        ("2016", "1000", ""),
        ("2017", "1010", "C"),
        ("2018", "1005", ""),
        ("2019", "1008", ""),
        ("2020", "9000", ""),
    ]
    lines = "\n".join(f"DF_IMM,{year},{value},{status}" for year, value, status in rows)
    free = lines.replace(",C", ",")
    head = "flow,TIME_PERIOD,OBS_VALUE,CONF_STATUS\n"
    jumps = [finding for finding in findings_of(head + free, "MIG-2-101", "DF_IMM") if "9,000" in finding.sentence()]
    assert jumps, "it jumps"
    for finding in findings_of(head + lines, "MIG-2-101", "DF_IMM"):
        assert "9,000" not in finding.sentence()
        assert finding.expected in ("", MASK) or not any(sign.isdigit() for sign in finding.expected)


def test_account_with_a_confidential_term_shows_no_number() -> None:
    table = """flow,TIME_PERIOD,OBS_VALUE,CONF_STATUS
DF_POP,2022,1000,
DF_POP,2023,5000,
DF_BIRTHS,2022,100,
DF_DEATHS,2022,50,
DF_IMM,2022,30,{status}
DF_EMI,2022,20,"""
    (free,) = findings_of(table.format(status="F"), "MIG-2-001")
    assert "5,000" in free.sentence()
    (masked,) = findings_of(table.format(status="C"), "MIG-2-001")
    assert not {"5,000", "30", "1,060", "3,940"} & set(masked.sentence().replace(".", " ").split())
    assert masked.difference == MASK


def test_confidentiality_status_is_found_at_every_level() -> None:
    (own,) = sets("flow,TIME_PERIOD,SEX,OBS_VALUE\nDF_POP,2022,M,1\nDF_POP,2022,F,2\nDF_POP,2023,F,3")
    assert mark_confidential(own) is None
    assert list(_known(replace(own, attributes={"CONF_STATUS": "C"}))) == [True, True, True]
    series = pl.DataFrame({"SEX": ["M", "F"], "CONF_STATUS": ["F", "C"]})
    assert list(_known(replace(own, series=series))) == [False, True, True]
    groups = {("SEX", "TIME_PERIOD"): pl.DataFrame({"SEX": [None], "TIME_PERIOD": ["2023"], "CONF_STATUS": ["C"]})}
    assert list(_known(replace(own, partial=groups))) == [False, False, True]


def _known(dataset: Dataset) -> pl.Series:
    column = mark_confidential(dataset)
    assert column is not None
    return column


def test_conversion_findings_at_a_confidential_cell_are_masked() -> None:
    (own,) = sets("flow,TIME_PERIOD,OBS_VALUE,CONF_STATUS\nDF_POP,2022,417,C\nDF_POP,2023,500,")
    cells = list_suppressed_cells([own])
    assert cells == {Place("data.xlsx", "DF_POP", cell="A1")}
    seen = finding_at(
        Place("data.xlsx", "DF_POP", cell="A1"),
        "“{said}” is read as {value}.",
        severity="warning",
        flow="DF_POP",
        parameters=(("said", "417 approx."), ("value", "417")),
        observed="417 approx.",
    )
    free = replace(seen, place=Place("data.xlsx", "DF_POP", cell="A2"))
    masked, kept = mask_cells(Findings((seen, free)), cells).items
    assert masked.sentence() == "“••• approx.” is read as •••."
    assert kept == free


@cases_from("quality/cases/numbers_of_all_scripts_are_masked.csv")
def test_numbers_of_all_scripts_are_masked(text: str, shown: str) -> None:
    assert mask_numbers(text, ["2020"]) == shown


def test_files_and_workspaces_are_masked_alike(tmp_path: Path, console: Console) -> None:
    folder = tmp_path / "office"
    head = 'id = "M"\nflow = "DF_POP"\nfile = "a.csv"\n[[block]]\nsheet = "*"\nanchor = "Year"\n'
    marks = '[block.values]\nmarks = { "c" = { CONF_STATUS = "C" } }\n'
    mapping = head + marks + POPULATION.replace('"Men" = "M"', '"All" = "_T", "Men" = "M"')
    files = {
        "country.toml": COUNTRY,
        "mappings/a.toml": mapping,
        "tables/a.csv": "Year,All,Men,Women\n2022,1000,600,417c\n",
    }
    write_files(folder, files)
    assert run(["convert", str(folder)]) == 0
    console.readouterr()
    report = tmp_path / "f.json"
    data = folder / "out" / "data" / "DF_POP.csv"
    text = console.output("validate", data, "--report", report, code=1) + report.read_text(encoding="utf-8")
    assert MASK in text
    assert not re.search(r"\b417\b", text)  # a hash may contain the digits
    assert "1,017" not in text
