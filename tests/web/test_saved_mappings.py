"""A mapped sheet opens its saved mapping; mappings and tables are changed, renamed and removed in the browser."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from small_validation import NOW, workbook, workspace, workspace_of_sheet
from starlette.testclient import TestClient
from test_mapping import ASKED, TABLE, accept_all, made_from, proposal
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks.history import read_history

OFFICE = {"file": "office.csv", "flow": "DF_POP"}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    folder = workspace(tmp_path / "ws")
    (folder / "tables" / "people.csv").write_text(TABLE)
    return workbench(folder)


def opened(client: TestClient, **asked: str) -> dict[str, Any]:
    facts: dict[str, Any] = client.get("/mapping.json", params=asked).json()["proposal"]
    return facts


def keep(client: TestClient, facts: dict[str, Any], answers: dict[tuple[str, str], str]) -> None:
    """Keep answers to lines of the saved mapping of ``office.csv``."""
    ids = {(line["part"], line["label"]): line["id"] for line in facts["lines"]}
    form = {f"other:{ids[about]}": code for about, code in answers.items()}
    assert (
        client.post("/mapping/do/save", data={**OFFICE, **made_from(facts), "finish": "yes", **form}).status_code == 303
    )


def test_mapped_sheet_opens_its_saved_mapping(bench: Workbench) -> None:
    facts = opened(visitor(bench), file="office.csv")
    assert (facts["mapping"]["file"], facts["mapping"]["is_saved"]) == ("mappings/pop.toml", True)
    codes = {(line["part"], line["label"]): line["proposed"] for line in facts["lines"]}
    assert (codes["codes SEX", "Women"], codes["fixed RES_RULE", ""]) == ("F", "_U")
    assert facts["observations"]["count"] == 12


def test_page_after_saving_shows_the_mapping_of_all_its_sheets(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws")
    book = Workbook()
    book.worksheets[0].title = "Contact"
    for year in (2023, 2024):
        sheet = book.create_sheet(str(year))
        for row in ([f"Population by sex on 1 January {year}"], ["Age group", "Men", "Women"], ["0-14", 9, 8]):
            sheet.append(row)
        for age in ("15-64", "65+"):
            sheet.append([age, 30, 31])
    book.save(folder / "tables" / "ages.xlsx")
    client, asked = visitor(workbench(folder)), {"file": "ages.xlsx", "flow": "DF_POP"}
    saving = {**asked, **made_from(facts := opened(client, **asked)), "show": "2024", "finish": "yes"}
    saving |= {"all": facts["supported"]}
    address = client.post("/mapping/do/save", data=saving).headers["location"]
    page = client.get(address)
    assert (page.status_code, "There is no sheet" in page.text) == (200, False)
    assert "mappings/ages.toml" in page.text


def test_answers_change_a_saved_mapping_at_once(bench: Workbench) -> None:
    client, saved = visitor(bench), bench.folder / "mappings" / "pop.toml"
    keep(client, opened(client, **OFFICE), {("codes SEX", "Women"): "leave out", ("fixed RES_RULE", ""): "R12"})
    facts = opened(client, **OFFICE)
    assert (facts["mapping"]["is_saved"], facts["observations"]["count"]) == (True, 8)
    block = tomllib.loads(saved.read_text())["block"][0]
    assert (block["fixed"]["RES_RULE"], block["skip_columns"][0]["match"]) == ("R12", "Women")
    assert [path.name for path in saved.parent.iterdir()] == ["pop.toml"]
    assert list((bench.folder / "drafts").iterdir()) == []
    assert run(["convert", str(bench.folder), "--now", NOW, "--quiet"]) == 0


def test_draft_is_discarded_and_the_mapping_kept(bench: Workbench) -> None:
    (bench.folder / "tables" / "office.csv").write_text("Year,Men,Femmes\n2020,600,400\n")
    client, saved = visitor(bench), bench.folder / "mappings" / "pop.toml"
    before = saved.read_bytes()
    keep(client, opened(client, **OFFICE), {("fixed RES_RULE", ""): "R12"})
    facts = opened(client, **OFFICE)
    assert (facts["mapping"]["has_draft"], saved.read_bytes()) == (True, before)
    assert client.post("/mapping/do/forget", data={**OFFICE, **made_from(facts)}).status_code == 303
    assert opened(client, **OFFICE)["mapping"]["has_draft"] is False


def test_command_and_browser_change_a_saved_mapping_alike(bench: Workbench) -> None:
    client, saved = visitor(bench), bench.folder / "mappings" / "pop.toml"
    before = saved.read_bytes()
    keep(client, opened(client, **OFFICE), {("codes SEX", "Women"): "leave out"})
    by_browser, step = saved.read_bytes(), read_history(bench.folder)[-1]
    assert client.post("/home/do/undo", data={"step": str(step.number)}).status_code == 303
    assert saved.read_bytes() == before
    draft = bench.folder / "drafts" / "office.DF_POP.toml"
    assert run(["mapping", "edit", str(bench.folder), "pop", "--read", str(draft)]) == 0
    assert saved.read_bytes() == by_browser != before


def test_label_without_code_is_open_in_a_saved_mapping(bench: Workbench) -> None:
    (bench.folder / "tables" / "office.csv").write_text("Year,Men,Femmes\n2020,600,400\n")
    client = visitor(bench)
    facts = opened(client, **OFFICE)
    (line,) = [line for line in facts["lines"] if line["state"] == "unmapped"]
    assert (line["part"], line["label"]) == ("codes SEX", "Femmes")
    keep(client, facts, {("codes SEX", "Femmes"): "F"})
    client.post("/mapping/do/save", data={**OFFICE, **made_from(opened(client, **OFFICE)), "finish": "yes"})
    assert opened(client, **OFFICE)["counts"]["unmapped"] == 0


def test_saved_mapping_opens_with_its_answers(bench: Workbench) -> None:
    client = visitor(bench)
    accept_all(client)
    client.post("/mapping/do/rename", data={**ASKED, "mapping": "people", "name": "mine"})
    facts = proposal(client)
    assert facts["mapping"]["file"] == "mappings/mine.toml"
    rule = next(line for line in facts["lines"] if line["part"] == "fixed RES_RULE")
    assert (rule["state"], rule["answer"]) == ("answered", "_U")
    form = {**ASKED, **made_from(facts), "finish": "yes", f"answer:{rule['id']}": "R12"}
    assert client.post("/mapping/do/save", data=form).status_code == 303
    assert sorted(path.name for path in (bench.folder / "mappings").iterdir()) == ["mine.toml", "pop.toml"]
    assert 'RES_RULE = "R12"' in (bench.folder / "mappings" / "mine.toml").read_text()


def test_table_with_new_heading_keeps_its_answers(bench: Workbench) -> None:
    client = visitor(bench)
    accept_all(client)
    (bench.folder / "tables" / "people.csv").write_text(TABLE.replace("Year,", "Period,"))
    facts = opened(client, file="people.csv", flow="DF_POP")
    assert (facts["mapping"]["is_outdated"], facts["mapping"]["is_saved"]) == (True, False)
    assert facts["observations"]["count"] == 9
    assert not facts["counts"]["unmapped"]
    assert not facts["counts"]["unread"]
    form = {**ASKED, **made_from(facts), "finish": "yes"}
    assert client.post("/mapping/do/save", data=form).status_code == 303
    saved = tomllib.loads((bench.folder / "mappings" / "people.toml").read_text())
    assert saved["block"][0]["anchor"] == "Period"
    assert opened(client, file="people.csv", flow="DF_POP")["mapping"]["is_saved"]


def test_outdated_table_with_another_value_is_asked_about(bench: Workbench) -> None:
    client = visitor(bench)
    table = bench.folder / "tables" / "people.csv"
    table.write_text(f"Population, persons\n\n{TABLE}")
    accept_all(client)
    table.write_text(f"Population with foreign citizenship, persons\n\n{TABLE}")
    facts = opened(client, file="people.csv", flow="DF_POP")
    assert facts["mapping"]["is_outdated"]
    (line,) = [line for line in facts["lines"] if line["part"] == "fixed CTZ_STATUS"]
    assert line["state"] == "unsure"


def test_open_lines_are_not_saved_and_their_answers_are_kept(bench: Workbench) -> None:
    client = visitor(bench)
    assert client.post("/mapping/do/save", data={**ASKED, "finish": "yes"}).status_code == 303
    assert not (bench.folder / "mappings" / "people.toml").exists()
    assert run(["convert", str(bench.folder), "--now", NOW, "--quiet"]) == 0


def test_mapping_that_reads_figures_twice_is_not_saved(bench: Workbench) -> None:
    client = visitor(bench)
    asked = {"file": "office.csv", "flow": "DF_POP_TOPIC"}
    facts = opened(client, **asked)
    unstated = {"fixed REF_DATE": "D0101", "totals": "as it is"}
    said = {f"answer:{line['id']}": unstated[line["part"]] for line in facts["lines"] if line["part"] in unstated}
    answer = client.post(
        "/mapping/do/save", data={**asked, **made_from(facts), "all": facts["supported"], "finish": "yes", **said}
    )
    assert answer.status_code == 422
    assert [path.name for path in (bench.folder / "mappings").iterdir()] == ["pop.toml"]


def test_renamed_sheet_keeps_its_mapping(tmp_path: Path) -> None:
    folder = workspace_of_sheet(tmp_path / "ws", "Stocks 2024")
    workbook(folder / "tables" / "office.xlsx", "Stocks 2025")
    client = visitor(workbench(folder))
    assert "It was called “Stocks 2024”: keep its mapping" in client.get("/mapping").text
    ((earlier,),) = [sheet["earlier"] for sheet in client.get("/mapping.json").json()["tables"][0]["sheets"]]
    assert client.post("/mapping/do/sheet", data={**earlier, "name": "Stocks 2025"}).status_code == 303
    assert opened(client, file="office.xlsx", sheet="Stocks 2025")["mapping"]["file"] == "mappings/pop.toml"
    assert run(["convert", str(folder), "--now", NOW, "--quiet"]) == 0
