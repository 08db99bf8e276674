"""Where an observation comes from, and what became of a cell: both ways, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from case_tables import as_list, cases_from, text_from
from console import Console
from folders import write_files
from small_office import COUNTRY

from sdmxmig import Workspace
from sdmxmig.cli import run
from sdmxmig.primitives.errors import InputError

MAPPING = text_from("workspace/cases/trace_mapping.toml")
TABLE = "Issue,2024\n\nYear,All,Men,Share\n2022,10,4.5,40\n2023,12,5,41\n\nNote,7\n"


@pytest.fixture
def workspace(tmp_path: Path, console: Console) -> Path:
    """A converted workspace with one small table: two years, a derived sex, a share, and figures around it."""
    files = {"country.toml": COUNTRY, "tables/office.csv": TABLE, "mappings/office.toml": MAPPING}
    folder = write_files(tmp_path / "ge", files)
    assert run(["convert", str(folder), "--now", "2026-01-31"]) == 0
    console.readouterr()
    return folder


def traced(console: Console, *arguments: str) -> list[dict[str, Any]]:
    assert run(["trace", *arguments, "--format", "json"]) == 0
    found: list[dict[str, Any]] = json.loads(console.readouterr().out)
    return found


def test_observation_names_cells_of_value_and_labels(workspace: Path, console: Console) -> None:
    found = traced(console, str(workspace), "DF_POP", "SEX=M", "TIME_PERIOD=2022")
    assert [(record["component"], record["value"], [cell["cell"] for cell in record["cells"]]) for record in found] == [
        ("OBS_VALUE", "4.5", ["C4"]),
        ("TIME_PERIOD", "2022", ["A4"]),
        ("SEX", "M", ["C3"]),
    ]
    assert {cell["file"] for record in found for cell in record["cells"]} == {"office.csv"}


def test_derived_value_is_traced_to_all_its_cells(workspace: Path, console: Console) -> None:
    found = traced(console, str(workspace), "DF_POP", "SEX=F", "TIME_PERIOD=2022")
    assert [(record["component"], record["value"], [cell["cell"] for cell in record["cells"]]) for record in found] == [
        ("OBS_VALUE", "5.5", ["B4", "C4"]),
        ("TIME_PERIOD", "2022", ["A4"]),
        ("SEX", "F", ["B3", "C3"]),
    ]


FATES = {
    "C5": ("used", "", [("F", "OBS_VALUE"), ("M", "OBS_VALUE")]),
    "C3": ("used", "", [("F", "SEX"), ("F", "SEX"), ("M", "SEX"), ("M", "SEX")]),
    "D4": ("skipped", "no counts", []),
    "B1": ("skipped", "year of issue", []),
    "B7": ("unread", "", []),
    "A7": ("not a figure of a block", "", []),
}


@pytest.mark.parametrize("cell", FATES)
def test_trace_reports_the_use_of_a_cell(cell: str, workspace: Path, console: Console) -> None:
    fate, reason, uses = FATES[cell]
    first, *others = traced(console, str(workspace), f"office.csv!{cell}")
    assert (first["cell"], first["fate"], first["reason"]) == (f"office.csv › {cell}", fate, reason)
    assert sorted((one["key"]["SEX"], one["component"]) for one in others) == uses


def test_usage_counts_every_figure_once(workspace: Path, console: Console) -> None:
    assert traced(console, str(workspace), "--usage") == [
        {"file": "office.csv", "sheet": "", "used": 4, "skipped": 3, "unread": 1}
    ]
    listed = traced(console, str(workspace), "--usage", "--cells")
    assert [(record["cell"], record["fate"], record["reason"]) for record in listed] == [
        ("office.csv › B1", "skipped", "year of issue"),
        ("office.csv › D4", "skipped", "no counts"),
        ("office.csv › D5", "skipped", "no counts"),
        ("office.csv › B7", "unread", ""),
    ]


@cases_from("workspace/cases/a_wrong_question_is_answered_with_what_to_write.csv", what=as_list)
def test_invalid_trace_request_is_refused_with_a_hint(
    what: list[str], message: str, hint: str, workspace: Path, console: Console
) -> None:
    errors = console.errors("trace", workspace, *what)
    assert message in errors
    assert hint in errors


def test_record_of_cells_that_was_changed_is_refused(workspace: Path) -> None:
    """A changed row of a table that convert wrote can be read, and would say something else of a cell."""
    path = workspace / "out" / "data" / "left.parquet"
    cells = pl.read_parquet(path)
    cells.with_columns(reason=pl.lit("counted elsewhere")).write_parquet(path)
    for cells_alone in (True, False):
        with pytest.raises(InputError, match="not what sdmxmig wrote"):
            Workspace(workspace).usage(cells=cells_alone)
