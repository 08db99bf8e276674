"""Map tables in the browser: doubts are asked about, and the saved mapping equals that of the command."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode

import pytest
from case_tables import cases_from
from lxml import html
from markdown_workbooks import workbook
from openpyxl import Workbook
from small_validation import NOW, validated, workspace
from starlette.testclient import TestClient
from workbenches import HOST, visitor, workbench

from sdmxmig.cli import run
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks.history import read_history

TABLE = """Population by sex on 1 January
Year,Total,Men,Women
2020,1000,600,400
2021,1010,600,410
2022,1020,610,410
"""
ASKED = {"file": "people.csv", "flow": "DF_POP"}


DOUBTFUL = TABLE.replace("1 January", "30 June")
"""The same table, of which the day is asked as well as the residence rule."""


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    folder = workspace(tmp_path / "ws")
    (folder / "tables" / "people.csv").write_text(TABLE)
    return workbench(folder)


def proposal(client: TestClient, **more: str) -> dict[str, Any]:
    answer = client.get("/mapping.json", params={**ASKED, **more})
    assert answer.status_code == 200, answer.text
    facts: dict[str, Any] = answer.json()["proposal"]
    return facts


def test_table_of_another_dataflow_can_only_be_left_out(bench: Workbench) -> None:
    (bench.folder / "tables" / "people.csv").write_text(TABLE.replace("Population by sex on 1 January", "Immigrants"))
    (line,) = (line for line in proposal(visitor(bench), flow="DF_EMI")["lines"] if line["part"] == "sheet")
    offered = [choice["code"] for choice in line["choices"]], line["offered"], line["may_write"]
    assert offered == (["leave out"], "", False)


def line_of(facts: dict[str, Any], part: str, label: str = "") -> dict[str, Any]:
    return next(line for line in facts["lines"] if (line["part"], line["label"]) == (part, label))


def made_from(facts: dict[str, Any]) -> dict[str, str]:
    return {f"made-from:{name}": sha for name, sha in facts["made_from"].items()}


def answered(client: TestClient, facts: dict[str, Any], **answers: str | list[str]) -> Any:
    return client.post("/mapping/do/save", data={**ASKED, **made_from(facts), "finish": "yes", **answers})


def accept_all(client: TestClient, **more: str) -> dict[str, Any]:
    """The proposal once all that it proposes is accepted."""
    facts = proposal(client)
    form = {**ASKED, **made_from(facts), "all": " ".join(facts["supported"]), "finish": "yes"}
    answer = client.post("/mapping/do/save", data={**form, **more})
    assert answer.status_code == 303, answer.text
    return proposal(client)


def save(client: TestClient, **more: str) -> Any:
    return client.post("/mapping/do/save", data={**ASKED, **made_from(proposal(client)), "finish": "yes", **more})


def test_refused_form_leads_back_to_its_page(bench: Workbench) -> None:
    client = visitor(bench)
    page = f"/mapping?{urlencode(ASKED)}"
    form = {**ASKED, **made_from(proposal(client))}
    answered(client, proposal(client), **{f"answer:{line_of(proposal(client), 'fixed RES_RULE')['id']}": "R12"})
    refused = client.post("/mapping/do/forget", data=form, headers={"referer": f"http://{HOST}{page}&done=x"})
    assert refused.status_code == 409
    assert f'<a href="{page}">' in unescape(refused.text)


def test_rule_of_another_table_is_accepted_with_all_proposals(bench: Workbench) -> None:
    saved = bench.folder / "mappings" / "pop.toml"
    saved.write_text(re.sub('RES_RULE = "_U"', 'RES_RULE = "R6"', saved.read_text()))
    client = visitor(bench)
    line = line_of(proposal(client), "fixed RES_RULE")
    assert (line["proposed"], line["state"]) == ("R6", "unsure")
    assert "Accept the proposals below (1)" in client.get(f"/mapping?{urlencode(ASKED)}").text
    line = line_of(accept_all(client), "fixed RES_RULE")
    assert (line["answer"], line["state"]) == ("R6", "answered")


@pytest.mark.parametrize("part", ["fixed RES_RULE", "fixed REF_DATE"])
def test_rule_in_the_title_of_another_table_is_not_proposed(bench: Workbench, part: str) -> None:
    saved = bench.folder / "mappings" / "pop.toml"
    accepted = f'[[answer]]\nsheet = ""\npart = "{part}"\nproposed = "R12"\nanswer = "R12"\n'
    saved.write_text(saved.read_text().replace('RES_RULE = "_U"', 'RES_RULE = "R12"') + accepted)
    assert line_of(proposal(visitor(bench)), "fixed RES_RULE")["proposed"] == "_U"


def test_part_of_the_country_is_named_in_an_answer(bench: Workbench) -> None:
    title = "Population of the municipality of Nakuru by sex on 1 January"
    (bench.folder / "tables" / "people.csv").write_text(TABLE.replace("Population by sex on 1 January", title))
    client = visitor(bench)
    facts = proposal(client)
    line = line_of(facts, "fixed REF_AREA")
    assert line["hint"] == "For a part of the country, write “A part of the country: …”."
    sent = answered(client, facts, **{f"other:{line['id']}": "A part of the country: Nakuru"})
    assert sent.status_code == 303, sent.text
    line = line_of(proposal(client), "fixed REF_AREA")
    assert (line["answer"], line["state"]) == ("QM", "answered")
    assert "QM,Nakuru," in (bench.folder / "codelists/SDMX/CL_AREA.2.0+.csv").read_text()


def test_mapped_table_opens_with_its_dataflow(bench: Workbench) -> None:
    (bench.folder / "tables" / "office.csv").write_text(
        "2020,1000,600,400\n"
    )  # by itself the table does not say what it is
    client = visitor(bench)
    facts = client.get("/mapping.json?file=office.csv").json()
    assert (facts["proposal"]["flow"], facts["choose"]["flow"]) == ("DF_POP", "DF_POP")
    facts = client.get("/mapping.json?file=office.csv&flow=DF_IMM").json()
    assert facts["proposal"]["flow"] == "DF_IMM", "another one may be chosen"


def test_dataflows_are_listed_once_by_theme_and_name(bench: Workbench) -> None:
    client = visitor(bench)
    themes = client.get("/mapping.json?file=people.csv").json()["choose"]["themes"]
    names = [theme["name"] for theme in themes]
    assert names[:2] == ["Stocks", "Flows"]
    assert names.index("Citizenship") < names.index("Eurostat")
    flows = [flow["flow"] for theme in themes for flow in theme["flows"]]
    assert len(flows) == len(set(flows)) > 100
    for theme in themes:
        assert [flow["name"] for flow in theme["flows"]] == sorted(
            (flow["name"] for flow in theme["flows"]), key=str.casefold
        )
    assert '<optgroup label="Stocks">' in client.get("/mapping?file=people.csv").text


def test_dataflow_search_works_without_scripts(bench: Workbench) -> None:
    client = visitor(bench)
    client.headers["accept-language"] = "fr"
    choose = client.get("/mapping.json", params={"file": "people.csv", "find": "EMIGRATION flux"}).json()["choose"]
    flows = {flow["flow"]: flow["name"] for theme in choose["themes"] for flow in theme["flows"]}
    assert choose["count"] == len(flows) > 0
    assert flows["DF_EMI"] == "Émigration"
    assert len(flows) < 20
    choose = client.get("/mapping.json", params={"file": "people.csv", "find": "xyz"}).json()["choose"]
    assert (choose["count"], len(choose["themes"]) > 5) == (0, True)
    page = client.get("/mapping", params={"file": "people.csv", "find": "xyz"}).text
    assert '<input name="find" value="xyz"' in page
    page = client.get("/mapping", params={"file": "people.csv", "find": "emigration flux"}).text
    assert "flow=DF_EMI" in page, "what fits is a step away"


def test_figure_shows_its_observation(bench: Workbench) -> None:
    facts = proposal(visitor(bench), cell="C4")
    cell = facts["sheet"]["cell"]
    assert (cell["text"], cell["fate"], cell["count"]) == ("600", "figure", 1)
    assert "2021: 600" in cell["sentences"][0]
    assert facts["observations"]["count"] == 9


def test_changed_code_of_a_label_changes_its_observations(bench: Workbench) -> None:
    client = visitor(bench)
    facts = proposal(client, cell="D2")
    cell = facts["sheet"]["cell"]
    assert cell["says"][0]["codes"] == [{"code": "F", "name": "Female"}]
    assert [line["part"] for line in cell["lines"]] == ["codes SEX", "line header 1"]
    line = cell["lines"][0]
    answer = answered(client, facts, show="", cell="D2", **{f"answer:{line['id']}": "leave out"})
    assert answer.status_code == 303
    facts = proposal(client, cell="D3")
    assert facts["observations"]["count"] == 6
    assert facts["sheet"]["cell"]["fate"] == "skipped"


def test_keeping_answers_keeps_the_ticked_lines(bench: Workbench) -> None:
    (bench.folder / "tables" / "people.csv").write_text(DOUBTFUL)
    client = visitor(bench)
    before = proposal(client)
    rule = line_of(before, "fixed RES_RULE")["id"]
    ticked = next(line["id"] for line in before["lines"] if line["state"] == "unsure" and line["id"] != rule)
    form = {"accept": [ticked, rule], f"answer:{rule}": "R12", f"answer:{ticked}": ""}
    assert answered(client, before, **form).status_code == 303
    after = proposal(client)
    assert {line["id"] for line in after["lines"] if line["state"] == "answered"} == {ticked, rule}
    assert line_of(after, "fixed RES_RULE")["answer"] == "R12", "what was chosen comes before what is ticked"


def test_own_answer_is_kept_when_the_rest_is_accepted(bench: Workbench) -> None:
    (bench.folder / "tables" / "people.csv").write_text(DOUBTFUL)
    client = visitor(bench)
    before = proposal(client)
    line = line_of(before, "fixed RES_RULE")["id"]
    form = {**ASKED, **made_from(before), "all": " ".join(before["supported"]), f"answer:{line}": "R12"}
    assert client.post("/mapping/do/save", data=form).status_code == 303
    after = proposal(client)
    assert line_of(after, "fixed RES_RULE")["answer"] == "R12"
    assert line_of(after, "fixed REF_DATE")["answer"]
    assert not [each for each in after["lines"] if each["state"] == "unsure"]


def test_country_may_be_named_in_the_page_language(bench: Workbench) -> None:
    table = "Population by citizenship\nCitizenship,2022,2023\nGeorgia,90,91\nHomeland,5,6\n"
    (bench.folder / "tables" / "people.csv").write_text(table)
    client = visitor(bench)
    client.headers["accept-language"] = "es"
    facts = proposal(client)
    line = line_of(facts, "codes C_CITIZEN", "Homeland")["id"]
    assert answered(client, facts, **{f"other:{line}": "España"}).status_code == 303
    assert line_of(proposal(client), "codes C_CITIZEN", "Homeland")["answer"] == "ES"
    facts = proposal(client)
    refused = answered(client, facts, **{f"other:{line}": "Espanna"})
    assert (refused.status_code, "ES (Spain)" in refused.text) == (422, True)


def test_unchanged_wrong_total_is_announced_for_validation(bench: Workbench) -> None:
    (bench.folder / "tables" / "people.csv").write_text(TABLE.replace("10,6", "00,6").replace("20,6", "00,6"))
    client = visitor(bench)
    facts = proposal(client)
    line = line_of(facts, "totals", "sex")["id"]
    assert "validation will still report the sum" in unescape(client.get("/mapping", params=ASKED).text)
    assert answered(client, facts, **{f"answer:{line}": "as it is"}).status_code == 303
    facts = proposal(client)
    assert line_of(facts, "totals", "sex")["answer"] == "as it is"
    accept_all(client)
    assert save(client).status_code == 303
    run(["convert", str(bench.folder), "--now", NOW, "--quiet"])
    validated(bench.folder, "findings.csv")
    assert (
        "the total 1,000 differs from 1,010, the sum of its parts by sex" in (bench.folder / "findings.csv").read_text()
    )


def test_answer_can_be_withdrawn(bench: Workbench) -> None:
    (bench.folder / "tables" / "people.csv").write_text(DOUBTFUL)
    client = visitor(bench)
    facts = proposal(client)
    line = line_of(facts, "fixed RES_RULE")
    assert answered(client, facts, **{f"answer:{line['id']}": "R12"}).status_code == 303
    facts = proposal(client)
    assert line_of(facts, "fixed RES_RULE")["answer"] == "R12"
    assert answered(client, facts, **{f"answer:{line['id']}": "?"}).status_code == 303
    assert line_of(proposal(client), "fixed RES_RULE")["state"] == "unsure"
    assert not list((bench.folder / "drafts").iterdir())


def test_saved_mapping_equals_that_of_the_command(bench: Workbench, tmp_path: Path) -> None:
    client = visitor(bench)
    facts = proposal(client)
    answered(client, facts, **{f"answer:{line_of(facts, 'fixed RES_RULE')['id']}": "R12"})
    accept_all(client)
    saved = bench.folder / "mappings" / "people.toml"
    content, step = saved.read_bytes(), read_history(bench.folder)[-1]
    assert (step.what, step.files) == ("map", ("drafts/people.DF_POP.toml", "mappings/people.toml"))
    assert client.post("/home/do/undo", data={"step": str(step.number)}).status_code == 303
    command = ["map", str(bench.folder / "tables" / "people.csv"), "--area", "GE", "--workspace", str(bench.folder)]
    draft = bench.folder / "drafts" / "people.DF_POP.toml"
    assert run([*command, "--read", str(draft), "-o", str(tmp_path / "people.toml")]) == 0
    assert content == (tmp_path / "people.toml").read_bytes()
    assert save(client).status_code == 303
    assert saved.read_bytes() == content
    facts = proposal(client)
    assert facts["mapping"]["text"].encode() == saved.read_bytes().rpartition(b"# As sdmxmig wrote it")[0]
    assert facts["mapping"]["is_saved"], "and so running the line comes next"
    assert line_of(facts, "fixed RES_RULE")["answer"] == "R12"


@pytest.mark.parametrize("code", ["NOTHING", "_T", "as it is", "<b>", "x" * 1000, "a\nb", "a\0"])
def test_invalid_answer_is_refused_without_a_draft(bench: Workbench, code: str) -> None:
    client = visitor(bench)
    facts = proposal(client)
    line = line_of(facts, "fixed RES_RULE")
    answer = answered(client, facts, **{f"other:{line['id']}": code})
    assert answer.status_code == 422
    assert "<b>" not in answer.text.replace('<b class="sound">', "")
    assert not (bench.folder / "drafts").exists()


@cases_from("web/cases/unknown_item_of_a_query_is_refused.csv")
def test_unknown_item_of_a_query_is_refused(bench: Workbench, query: str) -> None:
    assert visitor(bench).get(f"/mapping?{query}").status_code == 422


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "a b", "x" * 200])
def test_mapping_name_is_not_used_as_a_path(bench: Workbench, name: str) -> None:
    before = sorted(bench.folder.rglob("*.toml"))
    assert visitor(bench).post("/mapping/do/rename", data={"mapping": "pop", "name": name}).status_code == 422
    assert sorted(bench.folder.rglob("*.toml")) == before


def test_outdated_answers_are_reported_and_can_be_removed(bench: Workbench) -> None:
    path = bench.folder / "drafts" / "people.DF_POP.toml"
    path.parent.mkdir()
    head = 'table = "people.csv"\nflow = "DF_POP"\n'
    path.write_text(f'{head}[[answer]]\nsheet = "*"\npart = "fixed SEX"\nanswer = "gone"\n')
    client = visitor(bench)
    trouble = client.get("/mapping.json", params=ASKED).json()["trouble"]
    assert "“gone” is not a code" in trouble["message"]
    assert trouble["message"] in unescape(client.get("/mapping", params=ASKED).text)
    assert client.post("/mapping/do/forget", data={**ASKED, **made_from(trouble)}).status_code == 303
    assert not path.exists()
    assert proposal(client)["counts"]["answered"] == 0


def test_answers_do_not_outdate_results(bench: Workbench) -> None:
    (bench.folder / "tables" / "people.csv").write_text(DOUBTFUL)
    client = visitor(bench)
    before = client.get("/data.json").json()["older"]
    facts = proposal(client)
    answered(client, facts, **{f"answer:{line_of(facts, 'fixed RES_RULE')['id']}": "R12"})
    assert client.get("/data.json").json()["older"] == before


def test_several_sheets_of_a_workbook_can_be_chosen(bench: Workbench) -> None:
    sheets = {f"Table {number}": TABLE for number in (1, 2, 3)}
    text = "".join(
        f"## Sheet {name}\n" + "".join(f"| {line.replace(',', ' | ')} |\n" for line in rows.splitlines())
        for name, rows in sheets.items()
    )
    (bench.folder / "tables" / "book.xlsx").write_bytes(workbook(text))
    client = visitor(bench)
    facts = client.get("/mapping.json?file=book.xlsx&flow=DF_POP&sheet=Table+1&sheet=Table+3&show=Table+3").json()
    assert facts["choose"]["all_sheets"] == ["Table 1", "Table 2", "Table 3"]
    assert facts["proposal"]["sheets"] == ["Table 1", "Table 3"]
    assert [sheet["name"] for sheet in facts["proposal"]["sheet"]["others"]] == ["Table 1", "Table 3"]
    assert facts["proposal"]["mapping"]["file"] == "mappings/book-table-1-table-3.toml"
    assert facts["command"].count("--sheet") == 2


def test_mapping_without_its_table_is_listed_and_removed(bench: Workbench) -> None:
    tables = bench.folder / "tables"
    (tables / "office.csv").rename(tables / "office new.csv")
    client = visitor(bench)
    page = unescape(client.get("/mapping").text)
    assert "There is no table file “office.csv”." in page
    assert "give it its former name on the Data screen" in page
    assert client.post("/mapping/do/remove", data={"mapping": "pop.toml"}).status_code == 303
    assert client.get("/mapping.json").json()["broken"] == []


def test_renamed_table_is_recognised_by_its_content(bench: Workbench) -> None:
    tables = bench.folder / "tables"
    (tables / "office.csv").rename(tables / "residents.csv")
    (tables / "people.csv").unlink()
    (tables / "officer.csv").write_text("Emigrants by country\nCountry,2020\nChad,5\nGhana,6\n")
    client = visitor(bench)
    assert "If it is now called “residents.csv”" in unescape(client.get("/mapping").text)
    (tables / "residents.csv").unlink()
    page = unescape(client.get("/mapping").text)
    assert ("There is no table file “office.csv”." in page, "it is now called" in page) == (True, False)


def test_broken_mapping_is_reported_beside_the_proposal(bench: Workbench) -> None:
    (bench.folder / "mappings" / "broken.toml").write_text("id = ")
    client = visitor(bench)
    facts = client.get("/mapping.json", params=ASKED).json()
    (error,) = facts["broken"]
    assert error["place"].startswith("broken.toml")
    assert facts["proposal"]["lines"]
    assert error["message"] in unescape(client.get("/mapping").text)


def test_every_field_of_the_page_is_sent_with_every_button(bench: Workbench) -> None:
    page = visitor(bench).get("/mapping", params={**ASKED, "cell": "D2"}).text
    names = r'name="(?:answer|other|said|accept|which)\b|/mapping/do/'
    fields = re.findall(rf"<(?:input|select|button)\b[^>]*\b(?:{names})[^>]*>", page)
    assert len(fields) > 10
    assert [field for field in fields if 'form="answers"' not in field] == []


def test_question_shown_twice_has_one_answer(bench: Workbench) -> None:
    client = visitor(bench)
    facts = proposal(client, cell="D2")
    field = f"answer:{facts['sheet']['cell']['lines'][0]['id']}"
    refused = answered(client, facts, show="", cell="D2", **{field: ["F", "leave out"]})
    assert refused.status_code == 422
    assert answered(client, facts, show="", cell="D2", **{field: ["", "leave out"]}).status_code == 303
    assert proposal(client, cell="D3")["sheet"]["cell"]["fate"] == "skipped"


def test_changed_figures_are_shown_after_the_mapping_is_saved(bench: Workbench) -> None:
    client = visitor(bench)
    facts = proposal(client, cell="D2")
    label = facts["sheet"]["cell"]["lines"][0]["id"]
    form = {**ASKED, **made_from(facts), "cell": "D2", "finish": "yes", f"answer:{label}": "leave out"}
    form |= {"show": "", "all": " ".join(facts["supported"])}
    answer = client.post("/mapping/do/save", data=form)
    assert "file=people.csv" in answer.headers["location"]
    assert "The mapping is saved." in unquote_plus(answer.headers["location"])
    facts = proposal(client)
    assert (facts["mapping"]["is_saved"], facts["observations"]["count"]) == (True, 6)
    assert [step.what for step in read_history(bench.folder)[-2:]] == ["answer", "map"]


def test_last_answer_shows_observations_before_mapping_is_saved(bench: Workbench) -> None:
    client = visitor(bench)
    facts = proposal(client)
    form = {**ASKED, "all": " ".join(facts["supported"])}
    answer = client.post("/mapping/do/save", data={**form, **made_from(facts)})
    assert answer.headers["location"].endswith("#observations")
    page = client.get("/mapping", params=ASKED).text
    assert re.search(r'aria-current="step"><a href="#observations">', page)
    assert not (bench.folder / "mappings" / "people.toml").exists()
    assert client.get("/home.json").json()["drafts"] == [{**ASKED, "sheet": ""}]
    table = bench.folder / "tables" / "people.csv"
    table.rename(table.with_name("renamed.csv"))
    assert "There is no table file “people.csv”." in client.get("/").text, "its draft leads to no error page"
    table.with_name("renamed.csv").rename(table)
    assert "They are not used until you save the mapping" in client.get("/").text
    assert save(client).headers["location"].startswith("/mapping?")
    assert (bench.folder / "mappings" / "people.toml").exists()
    assert client.get("/home.json").json()["drafts"] == []


def test_accepted_proposals_are_those_that_the_page_shows(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    (bench.folder / "tables" / "people.csv").write_text(DOUBTFUL)
    monkeypatch.setattr("sdmxmig.web.screens.mapping.facts.MAX_LINES", 1)
    client = visitor(bench)
    facts = proposal(client)
    assert len(facts["supported"]) == 1 < facts["counts"]["unsure"]
    accept_all(client)
    assert proposal(client)["counts"]["unsure"] == facts["counts"]["unsure"] - 1


def test_sheet_of_two_dataflows_requires_two_mappings(bench: Workbench) -> None:
    lines = ("Year,Immigrants,of which men,Emigrants,of which men", "2020,370,200,150,80", "2021,350,180,160,90")
    (bench.folder / "tables" / "flows.csv").write_text("\n".join(("Migration", *lines)) + "\n")
    client = visitor(bench)
    page = client.get("/mapping", params={"file": "flows.csv", "flow": "DF_EMI"}).text
    assert "then map the rest of the sheet" in page
    assert "then map the rest of the sheet" not in client.get("/mapping", params=ASKED).text


def test_renamed_table_of_next_year_reuses_answers(bench: Workbench) -> None:
    def write(year: int, figures: str) -> str:
        lines = (f"Immigrants by country of citizenship, {year}", f"Country,{year}", "Serbia,370", f"Croatia,{figures}")
        (bench.folder / "tables" / f"arrivals {year}.csv").write_text("\n".join(lines) + "\n")
        return f"arrivals {year}.csv"

    client, asked = visitor(bench), {"file": write(2023, "350"), "flow": "DF_IMM"}
    facts = proposal(client, **asked)
    line = next(line["id"] for line in facts["lines"] if line["state"] == "unsure")
    client.post("/mapping/do/save", data={**asked, **made_from(facts), "finish": "yes", f"answer:{line}": "R12"})
    later = client.get("/mapping.json", params={"file": write(2024, "360")}).json()["proposal"]
    assert (later["flow"], later["answered_by"], later["counts"]["unsure"]) == ("DF_IMM", "arrivals-2023.toml", 0)
    assert line_of(later, "fixed RES_RULE")["answer"] == "R12"


def test_rest_of_a_sheet_is_offered_until_mapped(bench: Workbench) -> None:
    title = "Immigrants and emigrants by country of previous or next residence, 2023"
    lines = (title, "Country,Immigrants,Emigrants", "Serbia,370,150", "Croatia,350,160", "Total,720,310")
    (bench.folder / "tables" / "flows.csv").write_text("\n".join(lines) + "\n")
    client = visitor(bench)

    def save(flow: str) -> tuple[str, str]:
        asked = {"file": "flows.csv", "flow": flow}
        facts = proposal(client, **asked)
        form = {**asked, **made_from(facts), "finish": "yes"}
        if facts["counts"]["unsure"]:
            source = next(known["id"] for known in facts["unsaid"] if known["component"] == "SRC_TYPE")
            form |= {"all": " ".join(facts["supported"]), f"answer:{source}": "BOR"}
        next_page = client.post("/mapping/do/save", data=form).headers["location"]
        return next_page, client.get("/mapping", params=asked).text

    first = client.get("/mapping.json", params={"file": "flows.csv"}).json()
    assert first["proposal"]["flow"] == "DF_IMM", "the arrivals are the first half, without a question"
    next_page, page = save("DF_IMM")
    assert "flow=DF_EMI" in next_page
    second = proposal(client, file="flows.csv", flow="DF_EMI")
    assert (second["answered_by"], second["counts"]["answered"]) == ("flows.toml", 2), "one answer for both halves"
    assert line_of(second, "fixed RES_RULE")["answer"] == "_U"
    command = client.get("/mapping.json", params={"file": "flows.csv", "flow": "DF_EMI"}).json()["command"]
    assert "--read" not in command, "there is no draft yet"
    assert "Map the rest of the sheet: DF_EMI" in page
    assert "flows.csv" in client.get("/home.json").json()["unmapped"]
    next_page, page = save("DF_EMI")
    assert "file=people.csv" in next_page
    assert client.get("/mapping.json", params={"next": "yes"}).json()["proposal"]["file"] == "people.csv"
    assert "Map the rest of the sheet" not in page
    assert "flows.csv" not in client.get("/home.json").json()["unmapped"]


def test_refused_answer_keeps_all_typed_text(bench: Workbench) -> None:
    client = visitor(bench)
    facts = proposal(client, cell="D2", only="unsure")
    rule, label = line_of(facts, "fixed RES_RULE"), facts["sheet"]["cell"]["lines"][0]
    said = next(known for known in facts["unsaid"] if not known["coded"])
    elsewhere = line_of(proposal(client), "fixed FREQ")["id"]
    fields = {
        f"answer:{rule['id']}": "R12",
        f"answer:{label['id']}": "leave out",
        f"other:{said['id']}": "half <of> it",
        f"answer:{elsewhere}": "no period",
    }
    form = {**ASKED, **made_from(facts), "show": "", "cell": "D2", "only": "unsure", "accept": rule["id"], **fields}
    answer = client.post("/mapping/do/save", data=form)
    assert answer.status_code == 422
    assert all(words in answer.text for words in ("no period", "Not saved yet", "<h3>Cell D2 "))
    assert sent_by(answer.text).items() >= {**fields, "accept": rule["id"], "cell": "D2", "only": "unsure"}.items()
    assert made_from(facts).items() <= sent_by(answer.text).items()
    assert not (bench.folder / "drafts").exists()
    corrected = {**sent_by(answer.text), f"answer:{elsewhere}": "", f"other:{said['id']}": ""}
    assert client.post("/mapping/do/save", data=corrected).status_code == 303
    assert line_of(proposal(client), "fixed RES_RULE")["answer"] == "R12"


def test_redisplayed_page_keeps_its_original_version(bench: Workbench) -> None:
    client = visitor(bench)
    seen = proposal(client)
    line = line_of(seen, "fixed RES_RULE")["id"]
    assert answered(client, seen, **{f"answer:{line}": "R6"}).status_code == 303
    refused = answered(client, seen, **{f"other:{line}": "nothing"})
    assert refused.status_code == 422
    assert client.post("/mapping/do/save", data=sent_by(refused.text) | {f"other:{line}": "R12"}).status_code == 409


def test_conflicting_answers_are_shown_to_the_second_person(bench: Workbench) -> None:
    client = visitor(bench)
    seen = proposal(client)
    line = line_of(seen, "fixed RES_RULE")["id"]
    assert answered(client, seen, **{f"answer:{line}": "R6"}).status_code == 303
    second = answered(client, seen, **{f"answer:{line}": "R12"})
    assert second.status_code == 409
    (select,) = html.fromstring(second.text).xpath(f"//select[@name='answer:{line}']")
    shown = select.xpath("string(ancestor::*[contains(., 'answered')][1])")
    assert "Most of the last 12 months (R6)" in shown
    assert select.xpath("string(.//option[@selected])") == "At least 12 months (R12)"
    assert line_of(proposal(client), "fixed RES_RULE")["answer"] == "R6"
    assert client.post("/mapping/do/save", data=sent_by(second.text)).status_code == 303
    assert line_of(proposal(client), "fixed RES_RULE")["answer"] == "R12"


def sent_by(page: str) -> dict[str, str]:
    tree = html.fromstring(page)
    (form,) = tree.xpath("//form[@id='answers']")
    fields: dict[str, str] = {}
    for field in [*form.xpath(".//input"), *tree.xpath("//*[@form='answers']")]:
        ticked = field.get("type") not in ("checkbox", "radio") or field.get("checked") is not None
        if field.tag == "select":
            fields[field.get("name")] = next(iter(field.xpath(".//option[@selected]/@value")), "")
        elif field.tag == "input" and ticked:
            fields[field.get("name")] = field.get("value", "")
    return fields


def test_large_file_is_mapped_from_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.workspace.folder.MAX_TABLE_BYTES", len(TABLE) - 1)
    monkeypatch.setattr("sdmxmig.conversion.suggestion.sampling.MAX_WHOLE_CELLS", 1_000)
    monkeypatch.setattr("sdmxmig.conversion.tables.text.BLOCK_FIELDS", 2_000)
    rows = [f"{year},{sex},{year % 7}{age}" for year in range(1900, 2025) for sex in "MF" for age in range(10, 14)]
    at = workbench(workspace(tmp_path / "ws", TABLE))
    (at.folder / "tables" / "people.csv").write_text("\n".join(["Year,Sex,Population on 1 January", *rows]))
    client = visitor(at)
    page = client.get("/mapping?file=people.csv&flow=DF_POP")
    assert "of its 1,001 rows are shown, as a sample" in page.text
    sheet = client.get("/mapping.json?file=people.csv&flow=DF_POP&row=1001").json()["proposal"]["sheet"]
    assert [[cell["text"] for cell in row["cells"]] for row in sheet["rows"]] == [["2024", "F", "113"]]
    assert client.get(f"/mapping.json?file=people.csv&flow=DF_POP&row={sheet['previous']}").json()["proposal"]


def test_large_file_whose_rows_depend_on_those_above_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdmxmig.workspace.folder.MAX_TABLE_BYTES", len(TABLE) - 1)
    monkeypatch.setattr("sdmxmig.conversion.suggestion.sampling.MAX_WHOLE_CELLS", 1_000)
    at = workbench(workspace(tmp_path / "ws", TABLE))
    rows = [f"{year if sex == 'Men' else ''},{sex},{year},5" for year in range(1900, 2025) for sex in ("Men", "Women")]
    (at.folder / "tables" / "people.csv").write_text("\n".join(["Year,Sex,Total,0-4", *rows]))
    page = visitor(at).get("/mapping?file=people.csv&flow=DF_POP")
    assert "Split the file, for example by year." in page.text
    assert "sdmxmig map" not in page.text.split("The same on the command line:")[0]


def test_cover_sheet_is_not_offered_as_next_step(bench: Workbench) -> None:
    book = Workbook()
    book.worksheets[0].title = "Cover"
    for line in (["Statistics of migration"], ["Published on", "2024"], ["Contents"], ["Table 1", 2], ["Table 2", 3]):
        book.worksheets[0].append(line)
    sheet = book.create_sheet("Table 1")
    for row in (["Year", "Men", "Women"], ["٢٠٢٣", "٦٢٠", "٤١٠"], ["٢٠٢٤", "٦٤٠", "٤٠٥"]):
        sheet.append(row)
    book.save(bench.folder / "tables" / "a.xlsx")
    client = visitor(bench)
    facts = client.get("/mapping.json").json()
    assert [sheet["has_figures"] for sheet in facts["tables"][0]["sheets"]] == [False, True]
    assert (facts["left"]["file"], facts["left"]["sheet"]) == ("a.xlsx", "Table 1")
    assert "no figures" in client.get("/mapping").text


def test_wrong_figure_is_corrected_beside_its_question(bench: Workbench) -> None:
    (bench.folder / "tables" / "people.csv").write_text(TABLE.replace("1010,600,410", "1010,600,4100"))
    client = visitor(bench)
    line = line_of(proposal(client), "totals", "sex")
    cell = proposal(client, **line["at"])["sheet"]["cell"]
    assert (line["at"]["cell"], cell["text"]) == ("D4", "4100")
    form = {**ASKED, "show": "", "cell": "D4", "address": cell["address"], "was": "4100", "to": "410"}
    answer = client.post("/mapping/do/correct", data=form)
    assert "flow=DF_POP" in answer.headers["location"]
    assert "totals" not in {each["part"] for each in proposal(client)["lines"]}
    assert "2021,1010,600,410" in (bench.folder / "tables" / "people.csv").read_text()


def test_unused_notes_are_listed_and_sent_as_a_comment(bench: Workbench) -> None:
    notes = ("p = provisional", "Residents for at least one year.", "Based on the register of 2020.")
    (bench.folder / "tables" / "people.csv").write_text("\n".join((TABLE.replace("1020,", "1020p,"), *notes)))
    client = visitor(bench)
    facts = proposal(client)
    assert facts["unsent"] == ["Based on the register of 2020."]
    button = re.search(r'name="(other:[0-9a-f]+)" value="(Based on [^"]*)"', client.get("/mapping", params=ASKED).text)
    assert button
    answered(client, facts, **{button[1]: button[2]})
    known = {each["component"]: each["answer"] for each in proposal(client)["unsaid"]}
    assert known["COMMENT_OBS"] == "Based on the register of 2020."


def test_long_notes_are_truncated_to_comment_length(bench: Workbench) -> None:
    notes = [f"Based on the register of {year} {'checked ' * 50}once." for year in (2020, 2021, 2022)]
    (bench.folder / "tables" / "people.csv").write_text("\n".join((TABLE, *notes)))
    client = visitor(bench)
    facts = proposal(client)
    assert (facts["unsent"], facts["comment"]) == (notes, notes[:2])
    button = re.search(r'name="(other:[0-9a-f]+)" value="(Based on [^"]*)"', client.get("/mapping", params=ASKED).text)
    assert button
    assert answered(client, facts, **{button[1]: button[2]}).status_code == 303


def test_unstated_duration_basis_is_not_asked_about(bench: Workbench) -> None:
    client = visitor(bench)
    facts = proposal(client)
    assert line_of(facts, "fixed DUR_BASIS")["state"] == "certain"
    answered(client, facts, **{f"answer:{line_of(facts, 'fixed RES_RULE')['id']}": "R12"})
    assert not [line for line in proposal(client)["lines"] if line["state"] == "unsure"]


def test_yearly_sheets_of_equal_layout_are_mapped_together(bench: Workbench) -> None:
    book = Workbook()
    for name in ("2022", "2023", "Emigrants"):
        sheet = book.create_sheet(name)
        for row in ([f"Residents {name}"], ["", "Men", "Women"], ["Georgia", 620, 410], ["Other", 640, 405]):
            sheet.append(row)
    book.remove(book.worksheets[0])
    book["Emigrants"]["A2"], book["Emigrants"]["A3"] = "Destination", "Austria"
    book.save(bench.folder / "tables" / "a.xlsx")
    (bench.folder / "tables" / "people.csv").unlink()
    assert visitor(bench).get("/mapping.json").json()["left"] == {"file": "a.xlsx", "sheet": "2022\n2023", "flow": ""}


def test_answer_about_a_removed_table_leads_to_the_history(bench: Workbench) -> None:
    client, other = visitor(bench), bench.folder
    facts = proposal(client)
    assert run(["table", "remove", str(other), "people.csv"]) == 0
    answer = answered(client, facts, **{f"answer:{line_of(facts, 'fixed RES_RULE')['id']}": "R12"})
    assert answer.status_code == 422
    assert "If it was renamed or removed, undo this step in the history on Home." in answer.text


MESSY_TABLES = (
    "Immigrants (1)\nCitizenship,2020,2021\nMalians,9,-\nTogolese,20,30\nTotal,120,30\n(1) Stay: six months\n",
    "Immigrants by citizenship\nCitizenship,2020,2021\nMalians,100,110\nTogolese,20,30\nTotal,999,998\n",
    'Immigrants by sex 2021\nSex;Persons\nMen;"1,200"\nWomen;"1,300"\nTotal;"2,500"\n',
    "Immigrants by citizenship, estimates, June\nCitizenship,2020,2021\nMalians and Togolese,1,:x\nTotal,1,2\n",
)


@pytest.mark.parametrize("language", ["fr", "es", "ar", "ru", "zh"])
def test_reasons_of_lines_are_in_the_page_language(bench: Workbench, language: str) -> None:
    client = visitor(bench)
    client.headers["accept-language"] = language
    for table in MESSY_TABLES:
        (bench.folder / "tables" / "people.csv").write_text(table)
        lines = proposal(client, flow="DF_IMM")["lines"]
        assert [line["why"] for line in lines if line["why_language"]] == []
        assert any(line["why"] for line in lines)
