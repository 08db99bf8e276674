"""Problems that no conversion ignores, for shipped and for own dataflows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from case_tables import as_set, cases_from, text_from, truth
from console import Console
from folders import write_files
from saved_workbooks import text_cells
from shipped import CATALOGUE
from small_office import COUNTRY, POPULATION

from sdmxmig.cli import run
from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.data import Flow, TableMapping
from sdmxmig.sdmx.model.findings import Finding
from sdmxmig.sdmx.model.tables import Table

MAPPING = text_from("quality/cases/guards_mapping.toml")
AGES = {"All": "_T", "0-14": "Y0T14", "15-64": "Y15T64", "65+": "Y_GE65", "Unknown": "_U"}
TABLE = """
Age;Both;Men;Women
All;60;30;30
0-14;10;5;5
15-64;20;10;10
65+;30;15;15
"""


def table(text: str) -> Table:
    """A sheet of texts: a line a row, semicolons between cells."""
    return Table("office.csv", "", cells=text_cells(text.strip().split("\n"), ";").frame())


def mapping_of(flow: Flow, block: str = "", without: str = "") -> TableMapping:
    ages = ", ".join(f'"{label}" = "{code}"' for label, code in AGES.items() if label != without)
    return load("m.toml", MAPPING.format(block=block, ages=ages).encode(), {"DF_TEST": flow})


def found(flow: Flow, text: str, block: str = "", without: str = "") -> list[Finding]:
    assert not flow.dataflow.rules
    mapping = mapping_of(flow, block, without)
    result = convert([table(text)], mapping, flow, CATALOGUE.rules)
    return [*result.findings.items, *validate(result.dataset, CATALOGUE, unused_cells=result.unused_cells).items]


def rules(findings: list[Finding]) -> set[str]:
    return {finding.rule for finding in findings if finding.severity != "information"}


@cases_from("quality/cases/flow_without_own_rules_gets_the_basic_checks.csv")
def test_flow_without_own_rules_gets_basic_checks(population_flow: Flow, old: str, new: str, rule: str) -> None:
    assert old in TABLE
    assert rule in rules(found(population_flow, TABLE.replace(old, new)))


@cases_from("quality/cases/correct_table_has_no_findings.csv")
def test_correct_table_has_no_findings(population_flow: Flow, old: str, new: str) -> None:
    assert rules(found(population_flow, TABLE.replace(old, new))) == set()


NOTHING_TO_TEST = {"MIG-1-004", "MIG-1-005", "MIG-1-013", "MIG-1-134"}
"""Always on, and nothing to look at: no constraint, no code of some years, no declared decimals, nothing left out."""


def test_basic_rules_have_a_verdict_for_any_dataflow(population_flow: Flow) -> None:
    mapping = mapping_of(population_flow)
    verdicts = validate(convert([table(TABLE)], mapping, population_flow, CATALOGUE.rules).dataset, CATALOGUE).verdicts
    always = {rule.id for rule in CATALOGUE.rules.values() if rule.always}
    assert {verdict.rule for verdict in verdicts} == always
    assert {verdict.rule for verdict in verdicts if verdict.outcome != "pass"} == NOTHING_TO_TEST


SKIPPED = 'skip_rows = [{{ match = "{label}", reason = "{reason}" }}]'


@cases_from("quality/cases/unexplained_omissions_are_reported.csv", expected=as_set)
def test_unexplained_omissions_are_reported(population_flow: Flow, label: str, reason: str, expected: set[str]) -> None:
    text = TABLE + "Sources;register;;\n"
    block = SKIPPED.format(label=label, reason=reason)
    if label != "Sources":
        block = block.replace("]", ', { match = "Sources", reason = "a note" }]')
    assert rules(found(population_flow, text, block, label)) == expected


def test_skipped_label_finding_names_the_sheet_or_file(population_flow: Flow) -> None:
    block = SKIPPED.format(label="65+", reason="not recognised: to be confirmed")
    mapping = mapping_of(population_flow, block, "65+")
    for sheet, name in (("", "office.csv"), ("Ages", "Ages")):
        result = convert([replace(table(TABLE), sheet=sheet)], mapping, population_flow, CATALOGUE.rules)
        (finding,) = [item for item in result.findings.items if item.rule == "MIG-0-112"]
        assert dict(finding.parameters)["sheet"] == name


@pytest.mark.parametrize(
    ("sheets", "expected"),
    [
        ([("a.csv", "1"), ("a.csv", "2")], [("a.csv", "2", 3)]),
        ([("a.csv", "1"), ("b.csv", "1")], [("b.csv", "1", 3)]),
        ([("a.csv", "2"), ("a.csv", "1"), ("b.csv", "2")], [("a.csv", "1", 3)]),
    ],
)
def test_omitted_figures_are_reported_for_their_sheet_only(
    population_flow: Flow, sheets: list[tuple[str, str]], expected: list[tuple[str, str, int]]
) -> None:
    block = SKIPPED.format(label="Not stated", reason="not recognised: to be confirmed")
    mapping = replace(mapping_of(population_flow, block), file="*.csv")
    texts = [TABLE if (file, name, 3) not in expected else TABLE.replace("65+", "Not stated") for file, name in sheets]
    tables = [replace(table(text), file=file, sheet=name) for text, (file, name) in zip(texts, sheets, strict=True)]
    items = [item for item in convert(tables, mapping, population_flow, CATALOGUE.rules).findings.items if item.place]
    told = [(item.place.file, item.place.sheet, item.observations) for item in items if item.rule == "MIG-0-112"]
    assert told == expected


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_figure_read_by_several_blocks_counts_once(population_flow: Flow, blocks: int) -> None:
    columns = [["Both", "Men", "Women"], ["Both", "Men"], ["Women"], ["Both"], ["Men"], ["Women"]]
    chosen = columns[blocks * (blocks - 1) // 2 : blocks * (blocks + 1) // 2]
    head, block = MAPPING.split("[[block]]")
    ages = ", ".join(f'"{label}" = "{code}"' for label, code in AGES.items())
    text = block.format(block="", ages=ages) + "[block.values]\ncolumns = {}\n"
    declared = head + "".join("[[block]]" + text.replace("columns = {}", f"columns = {names}") for names in chosen)
    mapping = load("m.toml", declared.encode(), {"DF_TEST": population_flow})
    (coverage,) = convert([table(TABLE)], mapping, population_flow, CATALOGUE.rules).coverage
    assert (coverage.used, coverage.skipped, coverage.unread) == (12, (), 0)


def test_label_with_code_is_used_despite_skipped_proposal(population_flow: Flow) -> None:
    block = SKIPPED.format(label="65+", reason="not recognised: to be confirmed")
    assert rules(found(population_flow, TABLE, block)) == set()


def test_skipped_label_is_reported_with_cells_and_difference(population_flow: Flow) -> None:
    findings = found(population_flow, TABLE, SKIPPED.format(label="65+", reason="not asked for"))
    (finding,) = [finding for finding in findings if finding.rule == "MIG-1-134"]
    assert finding.sentence() == (
        "Population, 2023: the total 60 is 30 more than its parts by aGE. "
        "Totals concerned: 3. Beside them, B5 are not counted as parts (not asked for). "
        "These figures may explain the difference, or a figure is wrong or missing."
    )
    assert [str(place) for place in (finding.place, *finding.others)] == [f"office.csv › {c}2" for c in "BCD"]


def test_foreign_number_format_is_reported_once_with_remedy(population_flow: Flow) -> None:
    text = TABLE.replace(";60;30;30", ";1 060;1 030;1 030").replace(";30;15;15", ";1 030;1 015;1 015")
    (finding,) = [finding for finding in found(population_flow, text) if finding.rule in ("MIG-1-133", "MIG-1-010")]
    assert (finding.rule, finding.observations) == ("MIG-1-133", 6)
    assert finding.remedy() == 'Set thousands = " " under [block.values] in the mapping file.'


@cases_from("quality/cases/note_on_all_figures_is_reported.csv")
@pytest.mark.parametrize("layout", ["{note}\n{table}", "{table}\n\n{note}"])
@pytest.mark.sampled(4)
def test_note_on_all_figures_is_reported(note: str, component: str, layout: str, population_flow: Flow) -> None:
    findings = found(population_flow, layout.format(note=note, table=TABLE.strip()))
    assert [(finding.rule, finding.component) for finding in findings if finding.rule == "MIG-0-114"] == [
        ("MIG-0-114", component)
    ]


@cases_from("quality/cases/notes_on_sources_marks_or_methods_are_ignored.csv")
def test_notes_on_sources_marks_or_methods_are_ignored(note: str, block: str, population_flow: Flow) -> None:
    assert "MIG-0-114" not in rules(found(population_flow, TABLE.strip() + f"\n\n{note}", block))


@cases_from("quality/cases/a_multiple_other_than_that_of_the_table_is_reported.csv", is_reported=truth)
def test_multiple_that_contradicts_the_table_is_reported(
    note: str, heads: str, multiple: str, answer: str, *, is_reported: bool, population_flow: Flow
) -> None:
    declared = MAPPING.format(block=f"says = {note!r}", ages=", ".join(f'"{each}" = "{AGES[each]}"' for each in AGES))
    declared = declared.replace('UNIT_MULT = "0"', f'UNIT_MULT = "{multiple}"' if multiple else "")
    declared = declared.replace('"Men"', f'"{heads}"') + (ANSWER.format(answer) if answer else "")
    mapping = load("m.toml", declared.encode(), {"DF_TEST": population_flow})
    text = f"{note}\n{TABLE.strip()}".replace("Men", heads)
    findings = convert([table(text)], mapping, population_flow, CATALOGUE.rules).findings.items
    assert [finding.component for finding in findings] == (["UNIT_MULT"] if is_reported else [])


ANSWER = """
[[answer]]
sheet = "*"
part = "fixed UNIT_MULT"
label = ""
answer = "{}"
"""
EMPTY = """
Age;Both;Men;Women
All;;;
0-14;;;
"""


@pytest.mark.parametrize("text", [EMPTY, EMPTY.replace("All;;;\n", ""), EMPTY + "\nSource: register"])
def test_table_without_observations_is_an_error(population_flow: Flow, text: str) -> None:
    assert rules(found(population_flow, text)) == {"MIG-0-111"}


MAPPING_OF_FILE = """
id = "MAP_{name}"
flow = "DF_POP"
file = "{file}"
[[block]]
sheet = "*"
anchor = "Year"
"""


@pytest.mark.usefixtures("readable_reports")
@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ({"a.csv": "Year,Men,Women\n2020,,\n"}, 1),
        ({"a.csv": "Year,Men,Women\n2020,1,2\n", "b.csv": "Year,Men,Women\n2021,,\n"}, 1),
        ({"a.csv": "Year,Men,Women\n2020,1,2\n", "b.csv": "Year,Men,Women\n2021,3,4\n"}, 0),
        ({"a.csv": "Year,Men,Women\n2020,:,2\n"}, 0),
    ],
)
def test_table_without_output_exits_with_1(tmp_path: Path, console: Console, tables: dict[str, str], code: int) -> None:
    write_files(tmp_path, {"country.toml": COUNTRY})
    for name, text in tables.items():
        mapping = MAPPING_OF_FILE.format(file=name, name=name[0].upper()) + POPULATION
        mapping += '[block.values]\nmissing = { ":" = { OBS_STATUS = "M" } }\n'
        write_files(tmp_path, {f"tables/{name}": text, f"mappings/{name[0]}.toml": mapping})
    assert run(["convert", str(tmp_path)]) == code
    errors = console.readouterr().err
    assert ("gives no observation for DF_POP" in errors) == bool(code)
    assert run(["validate", str(tmp_path), "--format", "json"]) == code
    report = json.loads(console.readouterr().out)
    assert any(finding["rule"] == "MIG-0-111" for finding in report["findings"]) == bool(code)
    if code:
        assert run(["run", str(tmp_path)]) == 1


@cases_from("quality/cases/numbers_have_the_digits_that_spreadsheets_show.csv")
def test_numbers_have_the_digits_shown_in_spreadsheets(population_flow: Flow, stored: str, read: str) -> None:
    cells = CellColumns()
    for column, text in enumerate(("Age", "Both"), start=1):
        cells.add(1, column, text)
    cells.add(2, 1, "All")
    cells.add(2, 2, stored, kind="number")
    sheet = Table("office.csv", "", cells=cells.frame())
    result = convert([sheet], mapping_of(population_flow), population_flow, CATALOGUE.rules)
    assert result.dataset.observations["OBS_VALUE"].to_list() == [read]
