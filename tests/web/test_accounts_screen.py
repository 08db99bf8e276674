"""Accounts are shown with their cells and residuals, or with the missing terms; small cells are withheld."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from small_validation import NOW, TABLE, workspace
from starlette.testclient import TestClient
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks.accounting import parse_relative_error


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    folder = workspace(tmp_path / "ws", TABLE.replace("398c", "390"))
    run(["accounts", str(folder), "--now", NOW, "--quiet"])
    return workbench(folder)


def job_done(client: TestClient, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"].replace("/job?", "/job.json?")
    for _ in range(300):
        facts: dict[str, Any] = client.get(path).json()
        if facts["code"] is not None:
            return facts
        time.sleep(0.1)
    raise AssertionError(facts)


def test_equation_has_its_cells_and_residual(bench: Workbench) -> None:
    facts = visitor(bench).get("/accounts.json?identity=A23").json()
    (sheet,) = [sheet for sheet in facts["sheets"] if "SEX" in sheet["equation"]]
    at = sheet["periods"].index("2022")
    total = next(line for line in sheet["lines"] if line["side"] == "left")["years"][at]
    assert total["value"] == "1020"
    assert [cell["address"] for cell in total["cells"]] == ["office.csv!B4"]
    residual = next(result for result in sheet["results"] if result["name"] == "residual")
    assert residual["values"][at]["value"] == "20"
    assert sheet["classes"][at] == "UNBALANCED"
    assert facts["counts"]["UNBALANCED"] >= 1


def test_cell_links_to_its_sheet_and_trace(bench: Workbench) -> None:
    client = visitor(bench)
    facts = client.get("/accounts.json?identity=A23&trace=office.csv!B4").json()
    assert facts["trace"]["rows"][0]["flow"] == "DF_POP"
    assert facts["command"].endswith('"office.csv!B4"')
    cell = facts["sheets"][0]["lines"][0]["years"][0]["cells"][0]
    assert client.get(cell["path"]).status_code == 200


def test_form_and_command_compute_equal_accounts(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", TABLE.replace("398c", "390"))
    client = visitor(workbench(folder))
    assert client.get("/accounts.json").json()["is_there"] is False
    done = job_done(client, client.post("/accounts/do/work-out", data={"equal_errors": "0.05"}))
    assert done["code"] == 0, done["lines"]
    assert client.get("/accounts.json").json()["older"] == []
    first = (folder / "out" / "accounts" / "accounts.json").read_bytes()
    run(["accounts", str(folder), "--equal-errors", "0.05", "--quiet"])
    assert (folder / "out" / "accounts" / "accounts.json").read_bytes() == first


def test_small_cells_are_withheld_and_listed(tmp_path: Path) -> None:
    pytest.importorskip("highspy")
    folder = workspace(tmp_path / "ws", TABLE)
    client = visitor(workbench(folder))
    assert client.get("/accounts.json?view=small").json()["is_there"] is False
    done = job_done(client, client.post("/accounts/do/protect", data={"threshold": "400", "seconds": "20"}))
    assert done["command"].endswith("--threshold 400 --time-limit 20")
    facts = client.get("/accounts.json?view=small").json()
    assert facts["outcome"]["withheld"]["primary"] >= 1
    assert facts["count"] == len((folder / "out" / "protected" / "withheld.csv").read_text().splitlines()) - 1
    assert "for your office only" in client.get("/accounts?view=small").text
    figure = next(row for row in facts["figures"] if row["reason"] == "primary")
    query = {"view": "small", "flow": figure["flow"], "figure": figure["figure"]}
    cells = client.get("/accounts.json", params=query).json()["trace"]["rows"]
    assert [cell["address"] for cell in cells if cell["component"] == "OBS_VALUE"] == ["office.csv!D4"]
    assert client.get("/accounts?view=small&figure=SEX=F").status_code == 422
    released = client.get("/accounts/file/protected/DF_POP.csv")
    assert released.content == (folder / "out" / "protected" / "DF_POP.csv").read_bytes()


def test_account_tables_are_downloaded_unchanged(bench: Workbench) -> None:
    client = visitor(bench)
    for name in client.get("/accounts.json").json()["files"]:
        assert (
            client.get(f"/accounts/file/of/{name}").content == (bench.folder / "out" / "accounts" / name).read_bytes()
        )
    for name in ("made.json", "../data/DF_POP.csv", "", "..%2Fmade.json"):
        assert client.get(f"/accounts/file/of/{name}").status_code in (404, 422)


@pytest.mark.parametrize(
    "form",
    [
        {"threshold": "1"},
        {"threshold": "five"},
        {"threshold": "-3"},
        {"seconds": "99999"},
        {"threshold": "3", "base": "5"},
    ],
)
def test_meaningless_threshold_starts_no_command(bench: Workbench, form: dict[str, str]) -> None:
    assert visitor(bench).post("/accounts/do/protect", data=form).status_code == 422
    assert bench.jobs.last is None


@pytest.mark.parametrize("form", [{"equal_errors": "much"}, {"equal_errors": "--help"}, {"equal_errors": "2"}])
def test_invalid_standard_error_starts_no_command(bench: Workbench, form: dict[str, str]) -> None:
    assert visitor(bench).post("/accounts/do/work-out", data=form).status_code == 422
    assert bench.jobs.last is None


def test_standard_error_may_have_a_decimal_comma() -> None:
    assert parse_relative_error("0,05") == parse_relative_error("0.05")


@pytest.mark.parametrize("language", ["en", "fr", "ru"])
def test_equations_terms_and_traces_are_shown_in_words(bench: Workbench, language: str) -> None:
    client = visitor(bench)
    client.headers["accept-language"] = language
    for identity in (identity.id for identity in bench.session().catalogue.identities):
        facts = client.get(f"/accounts.json?identity={identity}&trace=office.csv!B4").json()
        said = [sheet["in_words"] for sheet in facts["sheets"]]
        said += [line["name"] for sheet in facts["sheets"] for line in sheet["lines"]]
        said += [term for each in facts["identities"] for term in each["missing"]]
        said += [row["key"] for row in facts["trace"]["rows"]]
        assert [each for each in said if re.search(r"[A-Z]{2,}_|_[A-Z]|=[A-Z]|\b[a-z][A-Z]", each)] == []


def test_suppressed_figures_are_explained_in_words(tmp_path: Path) -> None:
    pytest.importorskip("highspy")
    folder = workspace(tmp_path / "ws", TABLE)
    run(["protect", str(folder), "--threshold", "400", "--time-limit", "20", "--now", NOW, "--quiet"])
    client = visitor(workbench(folder))
    figures = client.get("/accounts.json?view=small").json()["figures"]
    assert figures
    assert [each["short"] for each in figures if "=" in each["short"] or "_" in each["short"]] == []
