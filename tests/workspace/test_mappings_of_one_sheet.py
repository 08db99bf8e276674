"""A sheet is described once: mappings share no figure, and unfinished work stays out of the data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from console import Console
from folders import ROOT
from small_validation import MAPPING, NOW, bare_workspace

from sdmxmig.cli import run

GEORGIA = ROOT / "examples" / "georgia"
PEOPLE = """Population by sex on 1 January
Year,Total,Men,Women
2020,1000,600,400
2021,1010,600,410
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bare_workspace(tmp_path / "ws")


@pytest.fixture
def georgia(tmp_path: Path) -> Path:
    home = tmp_path / "georgia"
    shutil.copytree(GEORGIA, home)
    return home


def proposed(home: Path, table: str, *words: str) -> int:
    """The exit code of ``map`` for a table of a workspace, with a mapping file in the same workspace."""
    target = home / "mappings" / "proposed.toml"
    return run(["map", str(home / "tables" / table), *words, "--workspace", str(home), "-o", str(target)])


def test_two_mappings_that_read_one_figure_are_an_error(folder: Path, console: Console) -> None:
    (folder / "mappings" / "second.toml").write_text(MAPPING.replace("MAP_POP", "MAP_SECOND"))
    told = console.errors("convert", folder, "--now", NOW)
    assert "pop.toml and second.toml both read office.csv › B2 and 11 more cells" in told
    assert "Remove one of the two (discard it if it is a draft)" in " ".join(told.split())
    assert not (folder / "out" / "data").exists()


def test_mappings_of_one_sheet_may_read_different_figures(folder: Path) -> None:
    men = MAPPING.replace("MAP_POP", "MAP_MEN").replace('anchor = "Year"', 'anchor = "Year"\nlast = "C"')
    men = men.replace("[block.values]", 'skip_columns = [{ match = "All", reason = "x" }]\n[block.values]')
    others = MAPPING.replace('anchor = "Year"', 'anchor = "Year"\nskip_columns = [{ match = "Men", reason = "x" }]')
    (folder / "mappings" / "men.toml").write_text(men)
    (folder / "mappings" / "pop.toml").write_text(others)
    assert run(["convert", str(folder), "--now", NOW]) == 0


def test_mapped_sheet_is_not_mapped_again(georgia: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.name for path in (georgia / "mappings").iterdir())
    assert proposed(georgia, "administrative.xlsx", "DF_PROTECTION", "--sheet", "Asylum", "--area", "GE") == 2
    assert "asylum.toml" in capsys.readouterr().err
    assert sorted(path.name for path in (georgia / "mappings").iterdir()) == before


def test_open_lines_are_saved_as_draft_and_commands_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tables" / "people.csv").write_text(PEOPLE)
    assert proposed(folder, "people.csv", "DF_POP", "--area", "GE") == 1
    assert "A draft is not converted." in capsys.readouterr().err
    assert [path.name for path in (folder / "mappings").iterdir()] == ["pop.toml"]
    assert (folder / "drafts" / "people.DF_POP.toml").is_file()
    assert run(["convert", str(folder), "--now", NOW]) == 0
    assert "people" not in (folder / "out" / "data" / "DF_POP.csv").read_text()


def test_next_step_in_a_workspace_continues_the_draft(
    folder: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "tables" / "people.csv").write_text(PEOPLE)
    assert proposed(folder, "people.csv", "DF_POP", "--area", "GE") == 1
    monkeypatch.chdir(folder)
    console.readouterr()
    command = console.errors(code=0).partition("run: ")[2].split()
    assert command[:4] == ["sdmxmig", "map", "tables/people.csv", "DF_POP"]
    assert console.run(*command[1:]) == 1


def test_answers_turn_the_draft_into_the_mapping(folder: Path, tmp_path: Path) -> None:
    (folder / "tables" / "people.csv").write_text(PEOPLE)
    assert proposed(folder, "people.csv", "DF_POP", "--area", "GE") == 1
    answers = tmp_path / "answers.toml"
    said = {"fixed RES_RULE": "_U", "fixed DUR_BASIS": "_U", "fixed REF_DATE": "D0101"}
    entries = "".join(f'[[answer]]\nsheet = "*"\npart = "{part}"\nanswer = "{code}"\n' for part, code in said.items())
    answers.write_text(f'flow = "DF_POP"\nfile = "people.csv"\n{entries}')
    assert proposed(folder, "people.csv", "DF_POP", "--area", "GE", "--read", str(answers)) == 0
    assert sorted(path.name for path in (folder / "mappings").iterdir()) == ["pop.toml", "proposed.toml"]
    assert list((folder / "drafts").iterdir()) == []
    assert 'part = "fixed RES_RULE"\nanswer = "_U"' in (folder / "mappings" / "proposed.toml").read_text()
    assert run(["convert", str(folder), "--now", NOW]) == 0


def test_broken_draft_does_not_stop_commands(folder: Path) -> None:
    (folder / "drafts").mkdir()
    (folder / "drafts" / "people.DF_POP.toml").write_text("flow = ")
    assert run(["convert", str(folder), "--now", NOW]) == 0
    assert run(["mapping", "list", str(folder)]) == 0
