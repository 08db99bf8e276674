"""Add attributes and notes in the browser: for all figures of a table, a year, a column or one figure."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from saved_workbooks import book_of
from small_validation import workspace
from starlette.testclient import TestClient
from test_mapping import ASKED, TABLE, accept_all, answered, made_from, proposal, save
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.web.workbench import Workbench

ALL = ("table", "*")
MAIN = re.compile(r'<button[^>]*class="main"[^>]*>(.*?)</button>')


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    folder = workspace(tmp_path / "ws")
    (folder / "tables" / "people.csv").write_text(TABLE)
    return workbench(folder)


def known(facts: dict[str, Any], component: str) -> dict[str, Any]:
    return next(each for each in facts["unsaid"] if each["component"] == component)


def noted(client: TestClient, cell: str, which: str, **said: str) -> Any:
    form = {**ASKED, **made_from(proposal(client)), "show": "", "cell": cell, "which": which, "finish": "yes"}
    return client.post("/mapping/do/save", data={**form, **{f"said:{name}": text for name, text in said.items()}})


def as_the_command_writes(bench: Workbench, tmp_path: Path) -> bytes:
    """The mapping that the command line makes of the same answers."""
    saved, draft = (bench.folder / name for name in ("mappings/people.toml", "drafts/people.DF_POP.toml"))
    target, source = tmp_path / "people.toml", draft if draft.is_file() else saved
    words = ["--read", str(source), "--area", "GE", "--workspace", str(bench.folder), "-o", str(target)]
    assert run(["map", str(bench.folder / "tables" / "people.csv"), *words]) in (0, 1)
    return target.read_bytes()


def test_attributes_needed_by_a_check_are_listed_first(bench: Workbench) -> None:
    client = visitor(bench)
    facts = proposal(client)
    assert [(each["component"], each["wanted"]) for each in facts["unsaid"]][:2] == [
        ("SRC_TYPE", True),
        ("STOCK_METHOD", False),
    ]
    assert {"code": "PER_RES", "name": "Residence permits"} in known(facts, "SRC_TYPE")["codes"]
    assert "Not yet stated, but needed by a check: type of source" in client.get("/mapping", params=ASKED).text


def test_browser_and_command_save_equal_common_attributes(bench: Workbench, tmp_path: Path) -> None:
    client = visitor(bench)
    facts = proposal(client)
    source, comment = (known(facts, name)["id"] for name in ("SRC_TYPE", "COMMENT_DSET"))
    form = {f"answer:{source}": "PER_RES", f"other:{comment}": "Counted on one day."}
    assert answered(client, facts, **form).status_code == 303
    facts = proposal(client)
    assert (known(facts, "SRC_TYPE")["answer"], known(facts, "SRC_TYPE")["wanted"]) == ("PER_RES", False)
    accept_all(client)
    assert save(client).status_code == 303
    saved = (bench.folder / "mappings" / "people.toml").read_bytes()
    assert b'SRC_TYPE = "PER_RES"\nCOMMENT_DSET = "Counted on one day."' in saved
    assert saved == as_the_command_writes(bench, tmp_path)


def test_attribute_answered_by_another_table_counts_as_stated(bench: Workbench) -> None:
    client = visitor(bench)
    facts = proposal(client)
    assert answered(client, facts, **{f"answer:{known(facts, 'SRC_TYPE')['id']}": "PER_RES"}).status_code == 303
    accept_all(client)
    assert save(client).status_code == 303
    book = book_of(csv.reader(TABLE.splitlines()))
    book.save(bench.folder / "tables" / "second.xlsx")
    second = {"file": "second.xlsx", "flow": "DF_POP"}
    facts = client.get("/mapping.json", params=second).json()["proposal"]
    line = next(each for each in facts["lines"] if each["part"] == "fixed SRC_TYPE")
    assert line["proposed"] == "PER_RES"
    form = {**second, **made_from(facts), f"answer:{line['id']}": "FREG", "finish": "yes"}
    assert client.post("/mapping/do/save", data=form).status_code == 303
    facts = client.get("/mapping.json", params=second).json()["proposal"]
    assert next(each["answer"] for each in facts["lines"] if each["part"] == "fixed SRC_TYPE") == "FREG"
    assert "SRC_TYPE" not in {each["component"] for each in facts["unsaid"]}


@pytest.mark.parametrize(
    ("cell", "scopes"),
    [
        ("C4", [("figure", "TIME_PERIOD=2021 SEX=M"), ("row", "TIME_PERIOD=2021"), ("column", "SEX=M"), ALL]),
        ("A4", [("row", "TIME_PERIOD=2021"), ALL]),
        ("C2", [("column", "SEX=M"), ALL]),
        ("A1", []),
    ],
)
def test_note_at_a_cell_can_cover_its_row_or_column(bench: Workbench, cell: str, scopes: list[tuple[str, str]]) -> None:
    facts = proposal(visitor(bench), cell=cell)["sheet"]["cell"]
    assert [(scope["kind"], scope["label"]) for scope in facts["scopes"]] == scopes
    assert [each["component"] for each in facts["sayable"][:2]] == (["OBS_STATUS", "COMMENT_OBS"] if scopes else [])


def test_browser_and_command_map_notes_of_a_year_alike(bench: Workbench, tmp_path: Path) -> None:
    client = visitor(bench)
    answer = noted(client, "C5", "TIME_PERIOD=2022", OBS_STATUS="P", COMMENT_OBS="To be revised in June.")
    assert answer.status_code == 303
    facts = proposal(client, cell="D5")
    assert all("(Provisional value" in line["sentence"] for line in facts["observations"]["lines"][6:])
    assert not any("(Provisional value" in line["sentence"] for line in facts["observations"]["lines"][:6])
    (status,) = [line for line in facts["sheet"]["cell"]["lines"] if line["part"] == "note OBS_STATUS"]
    assert (status["answer"], [each["name"] for each in status["where"]]) == ("P", ["2022"])
    accept_all(client)
    assert save(client).status_code == 303
    assert (bench.folder / "mappings" / "people.toml").read_bytes() == as_the_command_writes(bench, tmp_path)


def test_note_can_be_withdrawn_at_any_of_its_cells(bench: Workbench) -> None:
    client = visitor(bench)
    noted(client, "C5", "TIME_PERIOD=2022", OBS_STATUS="P")
    facts = proposal(client, cell="A5")
    (line,) = [line for line in facts["sheet"]["cell"]["lines"] if line["kind"] == "note"]
    answered(client, facts, show="", cell="A5", **{f"answer:{line['id']}": "?"})
    assert "notes" not in proposal(client)["mapping"]["text"]


def test_crossing_notes_with_different_status_cause_a_question(bench: Workbench, tmp_path: Path) -> None:
    client = visitor(bench)
    noted(client, "C5", "TIME_PERIOD=2022", OBS_STATUS="P")
    noted(client, "C5", "SEX=M", OBS_STATUS="B")
    facts = proposal(client)
    (asked,) = [line for line in facts["lines"] if line["kind"] == "note" and line["state"] == "unmapped"]
    assert [choice["code"] for choice in asked["choices"]] == ["B", "P", "leave out"]
    assert [each["name"] for each in asked["where"]] == ["Male", "2022"]
    assert not any("(Provisional value" in line["sentence"] for line in facts["observations"]["lines"])
    assert facts["mapping"]["text"].count("[[block.notes]]") == 2, "both stand in the file, which is then refused"
    answered(client, facts, **{f"answer:{asked['id']}": "P"})
    facts = proposal(client)
    statuses = {
        line["cell"]: line["sentence"].rpartition("(")[2].partition(", residence rule")[0]
        for line in facts["observations"]["lines"]
    }
    assert (statuses["C5"], statuses["D5"]) == ("Provisional value", "Provisional value")
    assert statuses["C4"].startswith("Time series break")
    accept_all(client)
    assert save(client).status_code == 303
    assert (bench.folder / "mappings" / "people.toml").read_bytes() == as_the_command_writes(bench, tmp_path)


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("", {"OBS_STATUS": "P"}),
        ("TIME_PERIOD=2020", {"OBS_STATUS": "P"}),
        ("TIME_PERIOD=2022", {"OBS_STATUS": "provisional"}),
        ("TIME_PERIOD=2022", {"RES_RULE": "R12"}),
        ("TIME_PERIOD=2022", {"COMMENT_OBS": "a\nb"}),
        ("TIME_PERIOD=2022", {"COMMENT_OBS": "x" * 1_051}),
    ],
)
def test_invalid_note_is_refused_without_a_draft(bench: Workbench, which: str, said: dict[str, str]) -> None:
    assert noted(visitor(bench), "C5", which, **said).status_code == 422
    assert not (bench.folder / "drafts").exists()


def test_page_has_one_main_button_until_work_ends(bench: Workbench) -> None:
    client = visitor(bench)
    assert MAIN.findall(client.get("/mapping", params={**ASKED, "cell": "C5"}).text) == ["Save the answers"]
    client.post("/mapping/do/save", data={**ASKED, **made_from(facts := proposal(client)), "all": facts["supported"]})
    assert MAIN.findall(client.get("/mapping", params=ASKED).text) == ["Save the mapping"]
    client.post("/mapping/do/save", data={**ASKED, **made_from(proposal(client)), "finish": "yes"})
    assert MAIN.findall(client.get("/mapping", params=ASKED).text) == ["Run all stages"]
