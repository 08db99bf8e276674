"""Findings are chosen, seen with their cells, corrected and justified; the result is that of the command line."""

from __future__ import annotations

import re
import shlex
import shutil
import time
from html import unescape
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from case_tables import cases_from
from folders import ROOT
from small_validation import NOW, TABLE, workspace
from workbenches import visitor, workbench

from sdmxmig.cli import run
from sdmxmig.sdmx.model.tables import Range, Table
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks.history import Step, read_history, record_changes
from sdmxmig.workspace.tasks.sheet_views import cut_excerpt, list_column_names_of_excerpt, list_row_names


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("validated") / "ws", TABLE.replace("398c", "390"))
    run(["validate", str(folder), "--now", NOW])
    return folder


def test_findings_are_counted_and_shown_with_their_cells(bench: Workbench) -> None:
    facts = visitor(bench).get("/findings.json?rule=MIG-1-101").json()
    assert facts["counts"]["error"] == 2
    assert [(finding["cell"], finding["observed"], finding["expected"]) for finding in facts["findings"]] == [
        ("office.csv!B3", "1010", "1027"),
        ("office.csv!B4", "1020", "1000"),
    ]
    excerpt = facts["findings"][0]["excerpt"]
    assert (excerpt["columns"], excerpt["said"]) == (["A", "B", "C", "D"], "1010")
    assert [cell["text"] for cell in excerpt["rows"][2]["cells"]] == ["2021", "1010", "600", "427"]


def test_landmarks_of_findings_have_distinct_names(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", TABLE.replace("398c", "39000"))
    run(["validate", str(folder), "--now", NOW])
    client = visitor(workbench(folder))
    cells = [finding["cell"] for finding in client.get("/findings.json").json()["findings"]]
    assert len(set(cells)) < len(cells), "several findings name the same cell"
    landmarks = re.findall(r'role="region" (?:aria-label|aria-labelledby)="([^"]*)"', client.get("/findings").text)
    assert len(set(landmarks)) == len(landmarks)


def test_page_and_json_show_equal_findings(bench: Workbench) -> None:
    client = visitor(bench)
    page, facts = unescape(client.get("/findings").text), client.get("/findings.json").json()
    for finding in facts["findings"]:
        assert finding["sentence"] in page
    assert all(rule["rule"] in page for rule in facts["rules"])


def test_long_text_can_be_corrected(tmp_path: Path) -> None:
    long = "x" * 70
    table = TABLE.replace("398c", "390")
    folder = workspace(tmp_path / "ws", table.replace("427", long))
    run(["validate", str(folder), "--now", NOW])
    client = visitor(workbench(folder))
    (finding,) = (
        finding for finding in client.get("/findings.json").json()["findings"] if finding["cell"] == "office.csv!D3"
    )
    assert finding["excerpt"]["said"] == long
    assert f'name="was" value="{long}"' in client.get("/findings").text
    form = {"cell": finding["cell"], "to": "427", "was": finding["excerpt"]["said"]}
    assert client.post("/findings/do/correct", data=form).status_code == 303
    assert (folder / "tables" / "office.csv").read_text() == table


def test_hidden_cell_is_corrected_in_its_table(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", TABLE)
    run(["validate", str(folder), "--now", NOW])
    client = visitor(workbench(folder))
    findings = client.get("/findings.json").json()["findings"]
    finding = next(each for each in findings if each["cell"] and each["excerpt"] is None)
    (name,) = finding["made_from"]
    form = {"cell": finding["cell"], "to": "400", f"made-from:{name}": finding["made_from"][name]}
    assert f'name="made-from:{name}" value="{finding["made_from"][name]}"' in client.get("/findings").text
    assert client.post("/findings/do/correct", data=form).status_code == 303
    assert client.post("/findings/do/correct", data=form | {"to": "401"}).status_code == 409


def test_cell_changed_meanwhile_is_not_overwritten(bench: Workbench) -> None:
    table = bench.folder / "tables" / "office.csv"
    table.write_text(table.read_text().replace("427", "428"))
    answer = visitor(bench).post("/findings/do/correct", data={"cell": "office.csv!D3", "to": "410", "was": "427"})
    assert answer.status_code == 409
    assert "“428”" in answer.text
    assert '<span dir="auto">410</span>' in answer.text, "what was written is not lost"
    assert "428" in table.read_text()


def test_second_justification_of_a_warning_is_a_conflict(bench: Workbench) -> None:
    client = visitor(bench)
    facts = client.get("/findings.json?severity=warning").json()
    finding = facts["findings"][0]
    made_from = {f"made-from:{name}": sha for name, sha in facts["made_from"].items()}
    form = {"fingerprint": finding["fingerprint"], "text": "The register was cleaned.", "by": "Statistics", **made_from}
    assert client.post("/findings/do/justify", data=form).status_code == 303
    assert "The register was cleaned." in (bench.folder / "justifications.toml").read_text()
    (step,) = [step for step in read_history(bench.folder) if step.what == "justify"]
    words = shlex.split(step.command)
    assert words[-4:] == ["--text", "The register was cleaned.", "--by", "Statistics"]
    again = client.post("/findings/do/justify", data={**form, "text": "Another reason."})
    assert again.status_code == 409
    for shown in (
        "justified in the meantime by Statistics",
        "“The register was cleaned.”",
        "You wrote: “Another reason.”",
    ):
        assert shown in unescape(again.text)
    assert "Another reason." not in (bench.folder / "justifications.toml").read_text()


def test_reasons_for_two_findings_do_not_conflict(bench: Workbench) -> None:
    client = visitor(bench)
    facts = client.get("/findings.json?severity=warning").json()
    made_from = {f"made-from:{name}": sha for name, sha in facts["made_from"].items()}
    reasons = bench.folder / "justifications.toml"
    other = '[[justification]]\nfingerprint = "0123456789abcdef"\ntext = "Of another finding."\n'
    with record_changes(bench.folder, Step(what="justify", command="", at=NOW)):
        reasons.write_text(other)
    form = {"fingerprint": facts["findings"][0]["fingerprint"], "text": "Mine.", **made_from}
    assert client.post("/findings/do/justify", data=form).status_code == 303
    assert "Mine." in reasons.read_text()
    assert "Of another finding." in reasons.read_text()


def test_justification_based_on_an_unknown_version_is_a_conflict(bench: Workbench) -> None:
    client = visitor(bench)
    finding = client.get("/findings.json?severity=warning").json()["findings"][0]
    for sha256 in ("0" * 64, "../../country.toml", "x"):
        form = {"fingerprint": finding["fingerprint"], "text": "Mine.", "made-from:justifications.toml": sha256}
        assert client.post("/findings/do/justify", data=form).status_code == 409
    assert not (bench.folder / "justifications.toml").exists()


@pytest.fixture
def gaps(tmp_path: Path) -> Workbench:
    """A workspace whose series lack a year, which is a warning for each of them, and one of whose totals is wrong."""
    folder = workspace(tmp_path / "ws", TABLE.replace("2022,1020,610,398c\n", ""))
    run(["validate", str(folder), "--now", NOW])
    return workbench(folder)


@cases_from("web/cases/a_corrected_cell_is_checked_again_at_once.csv")
def test_corrected_cell_is_checked_again_immediately(bench: Workbench, to: str, said: str) -> None:
    client = visitor(bench)
    finding = client.get("/findings.json?rule=MIG-1-101").json()["findings"][0]
    form = {"cell": finding["cell"], "fingerprint": finding["fingerprint"], "to": to, "was": finding["observed"]}
    client.post("/findings/do/correct", data=form)
    begun = time.process_time()
    restored = {**form, "was": to, "to": "1010"}
    client.post("/findings/do/correct", data=restored)
    answer = client.post("/findings/do/correct", data=form)
    assert time.process_time() - begun < 2, "both take less than a second each"
    page = client.get(answer.headers["location"]).text
    assert said in page
    is_gone = "this finding is gone" in said
    assert (f'name="was" value="{to}"' not in page) == is_gone, "a corrected cell is not offered again"


def test_series_warning_disappears_after_cell_correction(tmp_path: Path) -> None:
    years = [(year, 10000 + 100 * n, 14000 + 100 * n) for n, year in enumerate(range(2010, 2019))]
    rows = "".join(f"{year},{men + women},{men},{women}\n" for year, men, women in years)
    folder = workspace(tmp_path / "ws", f"Year,All,Men,Women\n{rows}".replace("25000,10500,14500", "30500,10500,20000"))
    run(["validate", str(folder), "--now", NOW])
    client = visitor(workbench(folder))
    listed = client.get("/findings.json?rule=MIG-2-102").json()["findings"]
    finding = next(each for each in listed if each["observed"] == "20000")
    form = {"cell": finding["cell"], "fingerprint": finding["fingerprint"], "to": "14500", "was": "20000"}
    address = client.post("/findings/do/correct", data=form).headers["location"]
    listed = client.get(address.replace("?", ".json?rule=MIG-2-102&")).json()["findings"]
    states = {each["observed"]: (each["level"], each["is_corrected"]) for each in listed}
    assert states["20000"] == (2, True)


def test_text_in_a_cell_of_a_figure_is_refused(bench: Workbench) -> None:
    client = visitor(bench)
    finding = client.get("/findings.json?rule=MIG-1-101").json()["findings"][0]
    form = {"cell": finding["cell"], "fingerprint": finding["fingerprint"], "was": finding["observed"]}
    refused = client.post("/findings/do/correct", data={**form, "to": "about 1027"})
    assert (refused.status_code, "“about 1027” is not a number" in refused.text) == (422, True)
    assert client.post("/findings/do/correct", data={**form, "to": "1027"}).status_code == 303


def test_errors_resolved_together_are_marked_corrected(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", TABLE.replace("398c", "410").replace("1010,", "101,"))
    run(["validate", str(folder), "--now", NOW])
    client = visitor(workbench(folder))
    errors = [each for each in client.get("/findings.json").json()["findings"] if each["severity"] == "error"]
    assert len({finding["rule"] for finding in errors}) > 1, "the parts exceed the total, too"
    finding = next(each for each in errors if each["rule"] == "MIG-1-101")
    form = {"cell": finding["cell"], "fingerprint": finding["fingerprint"], "to": "1027", "was": "101"}
    address = client.post("/findings/do/correct", data=form).headers["location"]
    facts = client.get(address.replace("/findings?", "/findings.json?")).json()
    assert all(each["is_corrected"] for each in facts["findings"] if each["severity"] == "error")


def test_all_steps_are_offered_once_findings_are_answered(gaps: Workbench) -> None:
    client = visitor(gaps)
    facts = client.get("/findings.json").json()
    errors = [each["fingerprint"] for each in facts["findings"] if each["severity"] == "error"]
    asked = {"corrected": errors}
    client.post("/findings/do/correct", data={"cell": "office.csv!D3", "to": "411", "was": "410"})
    assert not client.get("/findings.json", params=asked).json()["is_answered"], "warnings without a reason are left"
    assert client.post("/findings/do/justify", data={"all": "yes", "text": "So it is.", "by": "Ana"}).status_code == 303
    assert not client.get("/findings.json").json()["is_answered"], "errors are left"
    page = client.get("/findings", params=asked).text
    assert 'class="main" name="command" value="run"' in page


def test_selected_warnings_share_one_reason(gaps: Workbench) -> None:
    bench, client = gaps, visitor(gaps)
    first, second, *others = client.get("/findings.json?severity=warning").json()["findings"]
    form = {"fingerprint": [first["fingerprint"], second["fingerprint"]], "text": "One office was closed.", "by": "Ana"}
    assert client.post("/findings/do/justify", data=form).status_code == 303
    assert (bench.folder / "justifications.toml").read_text().count("One office was closed.") == 2
    page = client.get("/findings.json?severity=warning").json()
    assert page["unexplained"] == len(others)
    assert page["author"] == "Ana", "the name is proposed for the next reason"


def test_all_listed_warnings_share_one_reason(gaps: Workbench) -> None:
    bench, client = gaps, visitor(gaps)
    facts = client.get("/findings.json?severity=warning").json()
    rule = facts["findings"][0]["rule"]
    of_rule = client.get(f"/findings.json?rule={rule}").json()
    form = {"all": "yes", "text": "One office was closed.", "query": f"rule={rule}"}
    assert client.post("/findings/do/justify", data=form).status_code == 303
    reasons = (bench.folder / "justifications.toml").read_text()
    assert reasons.count("One office was closed.") == of_rule["unexplained"] > 0
    (step,) = [step for step in read_history(bench.folder) if step.what == "justify"]
    assert run(shlex.split(step.command)[1:]) == 0, "the recorded command gives the same reasons"


def test_justification_including_an_error_saves_no_reason(bench: Workbench) -> None:
    client = visitor(bench)
    warning = client.get("/findings.json?severity=warning").json()["findings"][0]
    error = client.get("/findings.json?severity=error").json()["findings"][0]
    form = {"fingerprint": [warning["fingerprint"], error["fingerprint"]], "text": "Both."}
    assert client.post("/findings/do/justify", data=form).status_code == 422
    assert not (bench.folder / "justifications.toml").exists()


def test_word_is_corrected_in_all_equal_cells_of_the_file(tmp_path: Path) -> None:
    table = TABLE.replace("2022,1020,610,398c", "2022,n.k.,610,n.k.").replace("2023,1030,620,410", "2023,1030,n.k.,410")
    bench = workbench(workspace(tmp_path / "ws", table))
    form = {"cell": "office.csv!B4", "to": "..", "was": "n.k.", "alike": "yes"}
    assert visitor(bench).post("/findings/do/correct", data=form).status_code == 303
    assert (bench.folder / "tables" / "office.csv").read_text() == table.replace("n.k.", "..")
    (step,) = [step for step in read_history(bench.folder) if step.what == "correct"]
    assert "--alike" in step.command


@pytest.mark.parametrize("form", [{}, {"fingerprint": "0" * 16, "text": "x"}, {"fingerprint": "<b>", "text": "x"}])
def test_justification_of_an_unknown_finding_is_refused(bench: Workbench, form: dict[str, str]) -> None:
    assert visitor(bench).post("/findings/do/justify", data=form).status_code == 422


@pytest.mark.parametrize("seen", [{}, {"made-from:profile.toml": ""}, {"made-from:tables/other.csv": "0" * 64}])
def test_correction_without_the_seen_value_is_refused(bench: Workbench, seen: dict[str, str]) -> None:
    before = (bench.folder / "tables" / "office.csv").read_bytes()
    answer = visitor(bench).post("/findings/do/correct", data={"cell": "office.csv!D3", "to": "410", **seen})
    assert answer.status_code == 422
    assert "This form lacks the earlier content of the cell" in answer.text
    assert (bench.folder / "tables" / "office.csv").read_bytes() == before


@pytest.mark.parametrize("query", ["//evil.example", "a#b", "\r\nset-cookie: a=b"])
def test_return_address_always_leads_to_findings(bench: Workbench, query: str) -> None:
    form = {"cell": "office.csv!D3", "to": "410", "was": "427", "query": query}
    where = visitor(bench).post("/findings/do/correct", data=form).headers.get("location", "/findings")
    assert re.match(r"/findings(\?|$)", where)


def test_untested_checks_are_grouped_by_reason_and_counted(bench: Workbench) -> None:
    client = visitor(bench)
    facts = client.get("/findings.json").json()
    groups = facts["untested"]
    assert len({group["reason"] for group in groups}) == len(groups) < facts["outcomes"]["not testable"]
    assert sum(group["count"] for group in groups) == facts["outcomes"]["not testable"] > 60
    assert [group["count"] for group in groups] == sorted((group["count"] for group in groups), reverse=True)
    page = unescape(client.get("/findings").text)
    assert page.count('<details class="why">') == len(groups) < 50
    of_totals = next(group for group in groups if group["reason"] == "no total is reported with its parts by …")
    assert of_totals["checks"][0]["reason"] == "no total is reported with its parts by AGE"
    client.headers["accept-language"] = "ru"
    russian = client.get("/findings.json").json()["untested"]
    assert [group["count"] for group in russian] == [group["count"] for group in groups]
    assert not any(group["language"] for group in russian), "every reason that we give is there in Russian"
    assert {group["reason"] for group in russian}.isdisjoint(group["reason"] for group in groups)


def test_other_cell_of_a_finding_can_be_corrected(bench: Workbench) -> None:
    client = visitor(bench)
    finding = client.get("/findings.json?rule=MIG-1-101").json()["findings"][0]
    assert {(beside["name"], beside["said"]) for beside in finding["beside"]} == {("C3", "600"), ("D3", "427")}
    page = client.get("/findings?rule=MIG-1-101").text
    form = re.search(r'name="cell" value="(office\.csv!D3)".*?name="was" value="(\d+)"', page, re.DOTALL)
    assert form
    answer = client.post("/findings/do/correct", data={"cell": form[1], "was": form[2], "to": "410"})
    assert answer.status_code == 303
    assert "2021,1010,600,410" in (bench.folder / "tables" / "office.csv").read_text()


def test_cells_of_other_sheets_are_offered_with_their_sheet(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "examples" / "georgia", tmp_path / "georgia"))
    book = openpyxl.load_workbook(folder / "tables" / "migration.xlsx")
    book["Table 4"]["C8"] = 30_041
    book.save(folder / "tables" / "migration.xlsx")
    assert [run([command, str(folder), "--now", NOW]) for command in ("convert", "validate")] == [0, 1]
    page = visitor(workbench(folder)).get("/findings?rule=MIG-1-101").text
    assert [unescape(cell) for cell in re.findall(r"<button>Correct ([^<]*)</button>", page)] == [
        *("the cell", "Table 4!D8", "Table 4!C8")
    ]


def test_excerpt_has_row_and_column_names() -> None:
    rows = {
        1: {1: "Table 1. Immigrants"},
        2: {1: "Citizenship", 3: "2019", 6: "2020"},
        3: {3: "Total", 4: "Men", 5: "Women", 6: "Total", 7: "Men", 8: "Women"},
        **{row: {1: f"Country {row}", **{column: str(row * column) for column in range(3, 9)}} for row in range(4, 20)},
    }
    cells = [(row, column, text) for row, texts in rows.items() for column, text in texts.items()]
    frame = pl.DataFrame(cells, {"row": pl.UInt32, "column": pl.UInt32, "text": pl.String}, orient="row")
    frame = frame.with_columns(kind=pl.lit("text"), formula=pl.lit(value=False))
    title, year = Range(1, 1, last_row=1, last_column=8), Range(2, 3, last_row=2, last_column=5)
    merged = (title, year, Range(2, 6, last_row=2, last_column=8))
    table = Table("t.xlsx", "T1", cells=frame, merged=merged, hidden_rows=frozenset({17}))
    low, high = cut_excerpt(table, (15, 8), ()), cut_excerpt(table, (4, 4), ())
    assert (low.row, low.column, list_row_names(table, low)[:2]) == (13, 5, ["Country 13", "Country 14"])
    assert list_row_names(table, low)[4] == "", "what is hidden stays hidden"
    assert list_column_names_of_excerpt(table, low) == ["2019 · Women", "2020 · Total", "2020 · Men", "2020 · Women"]
    assert (high.row, high.column) == (2, 1)
    assert set(list_column_names_of_excerpt(table, high)) == {""}, "a title names no column"


def test_formulas_left_without_a_result_by_a_fix_are_named(bench: Workbench) -> None:
    query = "emptied=imm.xlsx!T!B3&emptied=no+cell&done=The+cell+is+corrected.+Validate+to+see+what+is+left."
    client = visitor(bench)
    assert client.get(f"/findings.json?{query}").json()["emptied"] == ["imm.xlsx › T › B3"]
    page = client.get(f"/findings?{query}").text
    assert "were out of date and were removed" in page
    assert "no cell" not in page
    assert client.get("/findings.json").json()["emptied"] == []


def test_table_with_leading_blank_in_name_is_corrected(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws")
    path = folder / "tables" / " lead.csv"
    path.write_text("a,b\n1,2\n")
    form = {"cell": " lead.csv!B2", "to": "7", "was": "2"}
    answer = visitor(workbench(folder)).post("/findings/do/correct", data=form)
    assert answer.status_code == 303, answer.text
    assert path.read_text() == "a,b\n1,7\n"


def test_either_of_two_tables_of_a_year_can_be_chosen(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws")
    mapping = (folder / "mappings" / "pop.toml").read_text()
    (folder / "tables" / "later.csv").write_text(TABLE.replace("2021,1010,600,427", "2021,1000,600,400"))
    later = mapping.replace("office.csv", "later.csv").replace('id = "', 'id = "LATER_', 1)
    (folder / "mappings" / "later.toml").write_text(later)
    run(["convert", str(folder), "--now", NOW, "--quiet"])
    run(["validate", str(folder), "--now", NOW])
    client = visitor(workbench(folder))
    assert "MIG-1-007" in {rule["rule"] for rule in client.get("/findings.json").json()["rules"]}
    (chosen,) = [each for each in client.get("/findings.json").json()["overlaps"] if each["used"] == "later.csv"]
    assert (chosen["other"], chosen["periods"], chosen["lost"]) == ("office.csv", ["2021"], 0)
    assert client.post("/findings/do/prefer", data=chosen).status_code == 303
    run(["convert", str(folder), "--now", NOW, "--quiet"])
    run(["validate", str(folder), "--now", NOW])
    facts = client.get("/findings.json").json()
    assert (facts["overlaps"], "MIG-1-007" in {rule["rule"] for rule in facts["rules"]}) == ([], False)
    assert "1000" in (folder / "out" / "data" / "DF_POP.csv").read_text()
    assert client.post("/findings/do/prefer", data=chosen).status_code == 422


def test_cell_that_corrects_two_sums_is_suggested(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws")
    mapping = folder / "mappings" / "pop.toml"
    ages = 'from = "column 1"\ncodes = { "All ages" = "_T", "0-14" = "Y0T14", "15+" = "Y_GE15" }'
    text = mapping.read_text().replace('AGE = "_T"\n', 'TIME_PERIOD = "2020"\n').replace('"Year"', '"Age"')
    mapping.write_text(text.replace('components.TIME_PERIOD]\nfrom = "column 1"', f"components.AGE]\n{ages}"))
    (folder / "tables" / "office.csv").write_text(
        "Age,All,Men,Women\nAll ages,1000,600,400\n0-14,300,150,150\n15+,700,450,205\n"
    )
    run(["convert", str(folder), "--now", NOW, "--quiet"])
    run(["validate", str(folder), "--now", NOW])
    client = visitor(workbench(folder))
    found = client.get("/findings.json?severity=error").json()["findings"]
    alone = client.get("/findings.json?rule=MIG-1-101").json()["findings"]
    for shown in (found, alone):
        assert {(each["suspect"]["cell"], each["suspect"]["content"]) for each in shown} == {("office.csv!D4", 250)}
    form = {"cell": "office.csv!D4", "was": "205", "to": "250", "fingerprint": found[0]["fingerprint"], "query": ""}
    corrected = client.post("/findings/do/correct", data=form).headers["location"]
    assert all(finding["fingerprint"] in corrected for finding in found)
