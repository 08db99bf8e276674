"""Mappings and tables are listed, shown, changed, renamed and removed by name; the rest still converts."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from console import Console
from small_validation import NOW, bare_workspace, workbook, workspace_of_sheet

from sdmxmig.cli import run
from sdmxmig.workspace.tasks.history import read_history


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bare_workspace(tmp_path / "ws")


def test_mapping_show_lists_the_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mapping", "show", str(folder), "pop", "--format", "json"]) == 0
    codes = {(row["part"], row["label"]): row["code"] for row in json.loads(capsys.readouterr().out)}
    assert codes["codes SEX", "Women"] == "F"
    assert codes["fixed RES_RULE", ""] == "_U"


def test_codes_of_mapping_lines_are_changed(folder: Path) -> None:
    words = ["--set", "fixed RES_RULE", "", "R12", "--set", "codes SEX", "Women", "leave out"]
    assert run(["mapping", "edit", str(folder), "pop", *words]) == 0
    assert run(["convert", str(folder), "--now", NOW]) == 0
    data = (folder / "out" / "data" / "DF_POP.csv").read_text()
    assert ",R12," in data
    assert ",F," not in data
    assert run(["mapping", "edit", str(folder), "pop", "--set", "codes SEX", "Women", "F"]) == 0
    assert run(["convert", str(folder), "--now", NOW]) == 0
    assert ",F," in (folder / "out" / "data" / "DF_POP.csv").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["codes SEX", "Woman", "F"], "Did you mean “codes SEX Women”?"),
        (["codes SEX", "Women", "X"], "“X” is not a code of SEX"),
        (["line column 1", "", "SEX"], "has no line “line column 1”."),
    ],
)
def test_invalid_change_leaves_the_mapping(folder: Path, console: Console, words: list[str], told: str) -> None:
    before = (folder / "mappings" / "pop.toml").read_bytes()
    assert told in console.errors("mapping", "edit", folder, "pop", "--set", *words)
    assert (folder / "mappings" / "pop.toml").read_bytes() == before


def hinted_command(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The arguments of the command that the last hint names."""
    return shlex.split(capsys.readouterr().err.rpartition("run: sdmxmig ")[2])


def test_table_of_a_workspace_belongs_to_its_country(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mappings" / "pop.toml").unlink()
    run(["map", str(folder / "tables" / "office.csv"), "DF_POP"])
    asked = capsys.readouterr().err
    assert "residence rule applies" in asked
    assert "area do these figures cover" not in asked


def test_hints_lead_from_a_table_to_its_mapping(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mappings" / "pop.toml").unlink()
    assert run(["convert", str(folder)]) == 2
    assert run([*hinted_command(capsys), "--sheet", "Nothing"]) == 2
    assert run(["map", str(folder / "tables" / "office.csv"), "DF_POP", "-o", str(folder / "mappings" / "o.toml")]) == 1
    capsys.readouterr()
    assert run(["mapping", "list", str(folder), "--format", "json"]) == 0
    (draft,) = json.loads(capsys.readouterr().out)
    assert (draft["name"], draft["state"]) == ("office.DF_POP", "draft")
    assert run(["mapping", "edit", str(folder), "office", "--set", "fixed SEX", "", "F"]) == 2
    assert "“office” is a draft, not a mapping." in capsys.readouterr().err
    assert run(["mapping", "show", str(folder), "nothing"]) == 2
    from_name = hinted_command(capsys)
    assert run(["convert", str(folder)]) == 2
    assert from_name == (to_review := hinted_command(capsys))
    assert run(to_review) == 1
    assert (folder / "office.review.xlsx").is_file()
    assert run(["convert", str(folder)]) == 2
    to_read = hinted_command(capsys)
    assert to_read == ["--read" if word == "--review" else word for word in to_review]
    assert run(to_read) == 1


def test_renamed_mapping_reads_its_table(folder: Path) -> None:
    assert run(["mapping", "rename", str(folder), "pop", "population"]) == 0
    assert [path.name for path in (folder / "mappings").iterdir()] == ["population.toml"]
    assert run(["convert", str(folder), "--now", NOW]) == 0


def test_unreadable_mapping_can_be_removed(folder: Path) -> None:
    (folder / "mappings" / "broken.toml").write_text("id = ")
    assert run(["convert", str(folder), "--now", NOW]) == 2
    assert run(["mapping", "remove", str(folder), "broken"]) == 0
    assert run(["convert", str(folder), "--now", NOW]) == 0


def test_renamed_table_is_read_by_its_mapping_and_draft(folder: Path) -> None:
    (folder / "drafts").mkdir()
    (folder / "drafts" / "office.DF_IMM.toml").write_text('flow = "DF_IMM"\nfile = "office.csv"\n')
    comment = "# ours\n"
    mapping = folder / "mappings" / "pop.toml"
    mapping.write_text(comment + mapping.read_text())
    assert run(["table", "rename", str(folder), "office.csv", "stocks"]) == 0
    assert [path.name for path in (folder / "tables").iterdir()] == ["stocks.csv"]
    assert [path.name for path in (folder / "drafts").iterdir()] == ["stocks.DF_IMM.toml"]
    assert mapping.read_text().startswith(comment)
    assert run(["convert", str(folder), "--now", NOW]) == 0


def test_table_is_not_renamed_outside_its_mapping_pattern(folder: Path, console: Console) -> None:
    mapping = folder / "mappings" / "pop.toml"
    mapping.write_text(mapping.read_text().replace("office.csv", "off*.csv"))
    assert "off*.csv" in console.errors("table", "rename", folder, "office.csv", "stocks.csv")
    assert run(["table", "rename", str(folder), "office.csv", "offices.csv"]) == 0


def test_table_is_removed_with_its_mappings_only_on_request(folder: Path) -> None:
    assert run(["table", "remove", str(folder), "office.csv"]) == 2
    assert (folder / "tables" / "office.csv").is_file()
    assert run(["table", "remove", str(folder), "office.csv", "--with-mappings"]) == 0
    assert list((folder / "tables").iterdir()) == list((folder / "mappings").iterdir()) == []


def test_removed_table_is_restored_with_its_mapping(folder: Path) -> None:
    run(["table", "remove", str(folder), "office.csv", "--with-mappings"])
    step = read_history(folder)[-1]
    assert (step.what, step.files) == ("remove", ("mappings/pop.toml", "tables/office.csv"))
    assert run(["history", str(folder), "--undo", str(step.number)]) == 0
    assert run(["convert", str(folder), "--now", NOW]) == 0


RENAMED = {
    "another year": ("Stocks 2024", "Stocks 2025"),
    "signs that TOML and formulas quote": ("Men", 'O\'Neill "new" (1)'),
    "another script": ("Население 2024", "Население"),
}


@pytest.mark.parametrize("names", RENAMED.values(), ids=list(RENAMED))
def test_hint_for_a_renamed_sheet_keeps_its_mapping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: tuple[str, str]
) -> None:
    folder = workspace_of_sheet(tmp_path / "ws", names[0])
    assert run(["convert", str(folder), "--now", NOW]) == 0
    before = (folder / "out" / "data" / "DF_POP.csv").read_text()
    workbook(folder / "tables" / "office.xlsx", names[1])
    capsys.readouterr()
    assert run(["convert", str(folder), "--now", NOW]) == 2
    assert run(hinted_command(capsys)) == 0
    assert (folder / "mappings" / "pop.toml").read_text().startswith("# ours\n")
    assert run(["convert", str(folder), "--now", NOW]) == 0
    assert (folder / "out" / "data" / "DF_POP.csv").read_text() == before


def test_sheet_in_mapping_is_renamed_only_to_existing_sheet(tmp_path: Path, console: Console) -> None:
    folder = workspace_of_sheet(tmp_path / "ws", "Stocks")
    assert "Did you mean “Stocks”?" in console.errors("mapping", "sheet", folder, "pop", "Stocks", "Stock")
    assert run(["mapping", "sheet", str(folder), "pop", "Flows", "Stocks"]) == 2


def test_figures_of_another_country_are_not_converted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    country = folder / "country.toml"
    country.write_text(country.read_text().replace('area = "GE"', 'area = "MD"'))
    assert run(["convert", str(folder), "--now", NOW]) == 2
    assert "All figures are for Georgia (GE), but the workspace is for" in capsys.readouterr().err
    mapping = folder / "mappings" / "pop.toml"
    mapping.write_text(mapping.read_text().replace('REF_AREA = "GE"', 'REF_AREA = "MD"'))
    assert run(["convert", str(folder), "--now", NOW]) == 0


@pytest.mark.parametrize("name", ["../../other.csv", "a/b.csv", "what?.csv", "NUL.csv"])
def test_table_is_not_renamed_to_an_unsafe_name(folder: Path, name: str) -> None:
    assert run(["table", "rename", str(folder), "office.csv", name]) == 2
    assert [path.name for path in (folder / "tables").iterdir()] == ["office.csv"]


def test_changed_heading_is_reported_with_mapping_command(folder: Path, console: Console) -> None:
    table = folder / "tables" / "office.csv"
    table.write_text(table.read_text().replace("Year,", "Period,"))
    hint = next(line for line in console.errors("convert", folder, "--now", NOW).splitlines() if "hint:" in line)
    assert "map the table again: sdmxmig map TABLE --like MAPPING" in hint
    mapping, area = folder / "mappings" / "pop.toml", ["--area", "GE"]
    assert run(["map", str(table), "DF_POP", *area, "--like", str(mapping), "-o", str(folder / "new.toml")]) in (0, 1)
    assert 'anchor = "Period"' in (folder / "new.toml").read_text()


def test_figures_of_part_of_the_country_get_their_own_code(folder: Path) -> None:
    added = folder / "codelists" / "SDMX" / "CL_AREA.2.0+.csv"
    added.parent.mkdir(parents=True, exist_ok=True)
    rows = (
        "id,name_en,description_en,status,source",
        ",Ours,Ours.,national,our office",
        "QN,Adjara,,national,our office",
    )
    added.write_text("\n".join(rows))
    mapping = folder / "mappings" / "pop.toml"
    mapping.write_text(mapping.read_text().replace('REF_AREA = "GE"', 'REF_AREA = "QN"'))
    assert run(["convert", str(folder), "--now", NOW]) == 0
    assert ",QN," in (folder / "out" / "data" / "DF_POP.csv").read_text()
