"""The Data screen shows each file with the use of each cell; files are added under their own name."""

from __future__ import annotations

import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from saved_workbooks import book_of
from small_validation import TABLE, workspace
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks.history import read_history


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace(tmp_path_factory.mktemp("converted") / "ws", TABLE)


def fates(facts: dict[str, Any]) -> list[list[str]]:
    return [[cell["fate"] for cell in row["cells"]] for row in facts["file"]["rows"]]


def test_cells_are_coloured_by_their_use(bench: Workbench) -> None:
    facts = visitor(bench).get("/data.json?file=office.csv").json()
    assert facts["file"]["columns"] == ["A", "B", "C", "D"]
    assert [row["number"] for row in facts["file"]["rows"]] == [1, 2, 3, 4, 5]
    assert fates(facts)[1] == ["label", "figure", "figure", "figure"]
    assert facts["files"][0]["counts"]["figure"] == 12


def test_workbook_opens_at_its_first_sheet_with_figures(bench: Workbench) -> None:
    book = Workbook()
    book.active.append(["Contents", 1])
    book.active.append(["Table 1", "Population by sex", 2])
    table = book.create_sheet("Table 1")
    for row in (["Year", "Total", "Men"], [2020, 1000, 600], [2021, "1 010", 600]):
        table.append(row)
    book.save(bench.folder / "tables" / "book.xlsx")
    client = visitor(bench)
    assert client.get("/data.json?file=book.xlsx").json()["file"]["sheet"] == "Table 1"
    assert client.get("/data.json?file=book.xlsx&sheet=Sheet").json()["file"]["sheet"] == "Sheet"


def test_unmapped_cells_are_marked(bench: Workbench) -> None:
    (bench.folder / "tables" / "other.csv").write_text("Year,Births\n2020,77\n")
    facts = visitor(bench).get("/data.json?file=other.csv").json()
    assert fates(facts) == [["text", "text"], ["text", "text"]]
    assert facts["older"] == ["tables/other.csv is new"]


def test_table_is_downloaded_with_its_corrections(bench: Workbench) -> None:
    table = bench.folder / "tables" / "office.csv"
    table.rename(table.with_name("people 2020.csv"))
    assert run(["correct", str(bench.folder), "people 2020.csv!D3", "--to", "410"]) == 0
    client = visitor(bench)
    link = "/data/file/table/people%202020.csv"
    assert f'href="{link}"' in client.get("/data").text
    given = client.get(link)
    assert given.headers["content-disposition"] == "attachment; filename*=UTF-8''people%202020.csv"
    assert given.text == TABLE.replace("427", "410")
    assert client.get("/data/file/table/..%2Fcountry.toml").status_code in (404, 422)


def test_several_files_are_added_in_one_step(bench: Workbench) -> None:
    files = [("table", (name, TABLE.encode())) for name in ("men.csv", "women.csv")]
    answer = visitor(bench).post("/data/do/add", files=files)
    assert answer.headers["location"].startswith("/mapping")
    assert {path.name for path in (bench.folder / "tables").iterdir()} >= {"men.csv", "women.csv"}
    assert set(read_history(bench.folder)[-1].files) == {"tables/men.csv", "tables/women.csv"}


@pytest.mark.parametrize(
    "second", [("men.csv", TABLE.encode()), ("women.pdf", b"%PDF-1.7"), ("office.csv", b"Year,All\n")]
)
def test_single_refused_file_stops_the_whole_upload(bench: Workbench, second: tuple[str, bytes]) -> None:
    before = {path.name: path.read_bytes() for path in (bench.folder / "tables").iterdir()}
    answer = visitor(bench).post("/data/do/add", files=[("table", ("men.csv", TABLE.encode())), ("table", second)])
    assert answer.status_code == 422
    assert {path.name: path.read_bytes() for path in (bench.folder / "tables").iterdir()} == before


def test_differences_to_a_new_file_are_listed_by_cell(bench: Workbench) -> None:
    (bench.folder / "tables" / "last.csv").write_text(TABLE.replace("427", "410"))
    facts = visitor(bench).get("/data.json?file=office.csv&against=last.csv").json()["file"]["against"]
    assert facts == {
        "name": "last.csv",
        "count": 1,
        "cells": [{"sheet": "", "cell": "D3", "before": "410", "after": "427"}],
    }
    command = visitor(workbench(bench.folder)).get("/data.json?file=office.csv&against=last.csv").json()["command"]
    assert command == f"sdmxmig trace {bench.folder} office.csv --against last.csv"


def add(bench: Workbench, name: str, content: bytes, **more: str) -> Any:
    client = visitor(workbench(bench.folder))
    return client.post("/data/do/add", files={"table": (name, content)}, data=more)


def test_file_name_with_shell_syntax_is_quoted_in_the_command(bench: Workbench) -> None:
    assert add(bench, "$(ls) `ls`.csv", b"a,b\n1,2\n").status_code == 303
    command = read_history(bench.folder)[-1].command
    assert command.startswith("cp '$(ls) `ls`.csv' ")
    assert shlex.split(command)[1] == "$(ls) `ls`.csv"


def test_added_file_is_unchanged_and_can_be_removed(bench: Workbench) -> None:
    assert add(bench, "new.csv", TABLE.encode()).headers["location"].startswith("/data?file=new.csv")
    assert (bench.folder / "tables" / "new.csv").read_bytes() == TABLE.encode()
    step = read_history(bench.folder)[-1]
    assert (step.what, step.files) == ("add", ("tables/new.csv",))
    assert visitor(bench).post("/home/do/undo", data={"step": str(step.number)}).status_code == 303
    assert not (bench.folder / "tables" / "new.csv").exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.csv", "evil.csv"),
        ("..\\..\\evil.csv", "evil.csv"),
        ("/etc/evil.csv", "evil.csv"),
        ("a;b|c.csv", "a_b_c.csv"),
        (".hidden.csv", "hidden.csv"),
        ("Таблица 1.csv", "Таблица 1.csv"),
        ("CON.csv", "CON_.csv"),
        ("lpt1 .x.csv", "lpt1 _.x.csv"),
        ("Bevo\u0308lkerung.csv", "Bevölkerung.csv"),
        ("\u202evsc.x.csv", "_vsc.x.csv"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
        ("\u4e2d" * 90 + ".csv", "\u4e2d" * 65 + ".csv"),
        ("y" * 10 + "." + "x" * 95 + ".csv", "x" * 95 + ".csv"),
    ],
)
def test_uploaded_file_name_is_not_used_as_a_path(bench: Workbench, name: str, kept: str) -> None:
    before = {path.name for path in bench.folder.parent.iterdir()}
    add(bench, name, TABLE.encode())
    assert (bench.folder / "tables" / kept).read_bytes() == TABLE.encode()
    assert {path.name for path in bench.folder.parent.iterdir()} == before


def test_file_is_replaced_after_one_confirmation(bench: Workbench) -> None:
    table, newer = bench.folder / "tables" / "office.csv", b"a,b\n1,2\n"
    client = visitor(bench)
    page = client.post("/data/do/add", files={"table": ("office.csv", newer)})
    assert page.status_code == 422
    assert "The table “office.csv” already exists." in page.text
    assert table.read_bytes() != newer
    (kept,) = re.findall(r'name="kept" value="([^"]+)"', page.text)
    form = {"replace": "yes", "kept": kept}
    assert client.post("/data/do/add", data=form).status_code == 303, "the file is not chosen again"
    assert table.read_bytes() == newer


def test_first_of_concurrent_files_of_equal_name_is_kept(bench: Workbench) -> None:
    contents = [TABLE.replace("1000", str(number)).encode() for number in range(1001, 1007)]
    with ThreadPoolExecutor(len(contents)) as pool:
        statuses = list(pool.map(lambda content: add(bench, "new.csv", content).status_code, contents))
    assert sorted(statuses) == [303, *[422] * 5]
    assert (bench.folder / "tables" / "new.csv").read_bytes() == contents[statuses.index(303)]


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n0000", b"PK\x03\x04broken", b"%PDF-1.7"])
def test_upload_other_than_a_table_is_refused(bench: Workbench, content: bytes) -> None:
    assert add(bench, "new.xlsx", content).status_code == 422
    assert not (bench.folder / "tables" / "new.xlsx").exists()


@pytest.mark.parametrize("query", ["file=nothing.csv", "file=../country.toml", "file=office.csv&sheet=none"])
def test_unknown_item_of_a_query_is_refused(bench: Workbench, query: str) -> None:
    assert visitor(bench).get(f"/data?{query}").status_code == 422


CORRECTED = TABLE.replace("427", "410")
NEWER = TABLE + "2024,1040,630,410\n"
"""What the office sends next: a year more, and in D3 what stood there before it was corrected."""


@pytest.fixture
def corrected(bench: Workbench) -> Workbench:
    assert run(["correct", str(bench.folder), "office.csv!D3", "--to", "410"]) == 0
    return bench


def test_replacement_that_undoes_a_correction_needs_confirmation(corrected: Workbench) -> None:
    client = visitor(corrected)
    page = client.post("/data/do/add", data={"replace": "yes"}, files={"table": ("office.csv", NEWER)})
    assert page.status_code == 422
    shown = re.search(r"office\.csv › D3</th><td[^>]*>(\w+)</td><td[^>]*>(\w+)</td>", page.text)
    assert shown.groups() == ("410", "427")
    table = corrected.folder / "tables" / "office.csv"
    assert table.read_text() == CORRECTED
    waiting = re.search(r'name="kept" value="(\w+)"', page.text)
    again = client.post("/data/do/add", data={"replace": "yes", "corrections": "keep", "kept": waiting[1]})
    assert again.status_code == 303
    assert table.read_text() == NEWER.replace("427", "410")
    step = read_history(corrected.folder)[-1]
    copy, correction = step.command.split(" && ")
    assert copy.startswith("cp office.csv ")
    table.write_text(NEWER)
    assert run(shlex.split(correction)[1:]) == 0
    assert table.read_text() == NEWER.replace("427", "410")


def test_new_file_undoes_corrections_if_chosen(corrected: Workbench) -> None:
    assert add(corrected, "office.csv", NEWER.encode(), replace="yes", corrections="undo").status_code == 303
    assert (corrected.folder / "tables" / "office.csv").read_text() == NEWER


@pytest.mark.parametrize("content", [CORRECTED, NEWER.replace("427", "410"), NEWER.replace("427", "411"), "a,b\n1,2\n"])
def test_new_file_that_undoes_no_correction_is_accepted(corrected: Workbench, content: str) -> None:
    assert add(corrected, "office.csv", content.encode(), replace="yes").status_code == 303
    assert (corrected.folder / "tables" / "office.csv").read_text() == content


def test_new_workbook_keeps_corrections_still_in_force(bench: Workbench) -> None:
    path = bench.folder / "tables" / "book.xlsx"
    book = book_of((["Year", "All"], [2020, 1000], [2021, 1010]))
    book.save(path)
    sent = path.read_bytes()
    for cell, text in (("B2", "1001"), ("B3", "1011")):
        assert run(["correct", str(bench.folder), f"book.xlsx!Sheet!{cell}", "--to", text]) == 0
    last = read_history(bench.folder)[-1].number
    assert run(["history", str(bench.folder), "--undo", str(last)]) == 0
    page = add(bench, "book.xlsx", sent, replace="yes")
    assert ("Sheet › B2" in page.text, "Sheet › B3" in page.text) == (True, False)
    assert add(bench, "book.xlsx", sent, replace="yes", corrections="keep").status_code == 303
    cells = load_workbook(path)["Sheet"]
    assert (cells["B2"].value, cells["B3"].value) == (1001, 1010)


def test_large_file_is_added_without_reading_its_cells(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.workspace.folder.MAX_TABLE_BYTES", 1_000)
    client = visitor(bench)
    content = b"Year,Persons\n" + b"2020,5\n" * 1_000
    assert client.post("/data/do/add", files={"table": ("large.csv", content)}).status_code == 303
    assert (bench.folder / "tables" / "large.csv").read_bytes() == content
    page = client.get("/data?file=large.csv")
    assert page.status_code == 200
    assert "Map the sheet" in page.text
    assert "rows" not in client.get("/data.json?file=large.csv").json()["file"]


def test_large_file_of_another_kind_is_refused(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.workspace.folder.MAX_TABLE_BYTES", 1_000)
    content = b"%PDF-1.7\n" + bytes(2_000)
    assert visitor(bench).post("/data/do/add", files={"table": ("large.xlsx", content)}).status_code == 422
    assert not (bench.folder / "tables" / "large.xlsx").exists()


def test_any_cell_of_a_table_is_corrected_from_its_sheet(bench: Workbench) -> None:
    client = visitor(bench)
    page = client.get("/data?file=office.csv&cell=b2").text
    cell = client.get("/data.json?file=office.csv&cell=b2").json()["file"]["cell"]
    assert 'action="/data/do/correct"' in page
    assert f'name="was" value="{cell["text"]}"' in page
    answer = client.post("/data/do/correct", data={"cell": cell["address"], "was": cell["text"], "to": "1001"})
    assert answer.headers["location"].startswith("/data?file=office.csv&row=1&cell=B2&done=")
    other = "/data.json?file=office.csv&cell="
    assert client.get(f"{other}B2").json()["file"]["cell"]["text"] == "1001"
    assert read_history(bench.folder)[-1].command.startswith("sdmxmig correct")
    assert client.get(f"{other}2B").status_code == 422
    stale = client.post("/data/do/correct", data={"cell": cell["address"], "was": cell["text"], "to": "1002"})
    assert stale.status_code == 409


def test_empty_cell_of_a_workbook_can_be_filled(bench: Workbench) -> None:
    book = Workbook()
    book.active.title = "S"
    book.active["A1"], book.active["B2"] = "Year", 7
    path = bench.folder / "tables" / "book.xlsx"
    book.save(path)
    form = {"cell": "book.xlsx!S!B3", "was": "", "to": "8"}
    assert visitor(bench).post("/data/do/correct", data=form).status_code == 303
    assert load_workbook(path)["S"]["B3"].value == 8


@pytest.mark.parametrize("screen", ["data", "mapping"])
def test_text_file_with_the_suffix_of_a_workbook_is_named(tmp_path: Path, screen: str) -> None:
    folder = workspace(tmp_path / "ws")
    (folder / "tables" / "people.xlsx").write_text("Population by sex\nYear,Men,Women\n2020,600,400\n")
    client = visitor(workbench(folder))
    assert "people.xlsx is a text file despite its suffix" in client.get(f"/{screen}?file=people.xlsx").text
    assert "despite its suffix" not in client.get(f"/{screen}?file=office.csv").text


def test_correction_in_a_renamed_table_leads_to_the_history(bench: Workbench) -> None:
    cell = {"cell": "office.csv!B2", "was": "1000", "to": "1001"}
    assert run(["table", "rename", str(bench.folder), "office.csv", "other.csv"]) == 0
    answer = visitor(bench).post("/data/do/correct", data=cell)
    assert answer.status_code == 422
    assert "If it was renamed or removed, undo this step in the history on Home." in answer.text
