"""Loading a workspace checks every key; an error names the place and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import cases_from, text_from
from folders import write_files

from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.workspace.folder import open_workspace
from sdmxmig.workspace.tasks.session import open_session

COUNTRY = text_from("workspace/cases/workspace_country.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written = {
        "country.toml": COUNTRY,
        "profile.toml": "",
        "tables/population.xlsx": "",
        "tables/migration.xlsx": "",
        "tables/~$migration.xlsx": "",
        "tables/.~lock.population.xlsx#": "",
        "mappings/population.toml": "",
        "mappings/notes.txt": "",
    }
    return write_files(tmp_path, written)


def test_workspace_has_its_country_and_files(folder: Path) -> None:
    workspace = open_workspace(folder)
    assert (workspace.country.area, str(workspace.country.name), workspace.country.language) == ("GE", "Georgia", "en")
    assert workspace.country.office.in_language("fr") == "Office national de la statistique de Géorgie"
    assert (workspace.sender, workspace.receiver, workspace.test) == ("GE1", "UNSD", True)
    assert [path.name for path in workspace.tables] == ["migration.xlsx", "population.xlsx"]
    assert [path.name for path in workspace.mappings] == ["population.toml"]
    assert workspace.profile == folder / "profile.toml"
    assert workspace.out == folder / "out"


@pytest.mark.parametrize(("said", "test"), [("", False), ("test = false\n", False), ("test = true\n", True)])
def test_test_flag_of_messages_comes_from_the_workspace(folder: Path, said: str, test: bool) -> None:
    (folder / "country.toml").write_text(COUNTRY.replace("test = true\n", said), "utf-8")
    assert open_workspace(folder).test is test


@pytest.mark.parametrize(
    ("name", "told"),
    [("nowhere", "sdmxmig init {folder}"), ("empty", "sdmxmig init {folder}"), ("tables", "sdmxmig init NEW_FOLDER")],
)
def test_folder_without_a_workspace_is_refused_with_a_fix(folder: Path, name: str, told: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(SdmxmigError) as caught:
        open_workspace(folder / name)
    assert caught.value.hint.endswith(told.format(folder=folder / name)), "init takes a new or empty folder"


def test_every_command_names_an_unknown_country_code(folder: Path) -> None:
    (folder / "country.toml").write_text(COUNTRY.replace('area = "GE"', 'area = "ZZ"'), "utf-8")
    with pytest.raises(DeclarationError, match="“ZZ” is not a code of CL_AREA") as caught:
        assert open_session(folder, None, "").catalogue
    assert caught.value.place.key == "country.area"


@pytest.mark.parametrize("place", ["", "templates"])
def test_settings_of_the_report_in_another_folder_are_refused(folder: Path, place: str) -> None:
    (folder / place).mkdir(exist_ok=True)
    (folder / place / "report.toml").write_text("[map]\n", "utf-8")
    with pytest.raises(DeclarationError, match="not read from here") as caught:
        open_workspace(folder)
    assert caught.value.hint == "Move the file to templates/report."


@cases_from("workspace/cases/a_mistake_in_country_toml_is_named_by_its_key.csv")
def test_mistake_in_country_toml_is_reported_by_key(folder: Path, old: str, new: str, key: str, said: str) -> None:
    (folder / "country.toml").write_text(COUNTRY.replace(old, new), "utf-8")
    with pytest.raises(DeclarationError) as caught:
        open_workspace(folder)
    assert (Path(caught.value.place.file).name, caught.value.place.key) == ("country.toml", key)
    assert said in str(caught.value)
