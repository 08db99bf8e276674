"""A foreign workspace reads no file outside itself: links that lead out are refused by name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from case_tables import cases_from, listed
from console import Console
from folders import ROOT
from other_systems import not_on_windows

from sdmxmig.cli import run
from sdmxmig.io.intake.files import read_inside
from sdmxmig.primitives.errors import InputError

pytestmark = [not_on_windows("links need rights there")]
Edit = Callable[[Path], object]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace, and beside it what belongs to somebody else."""
    shutil.copytree(ROOT / "templates" / "workspace", tmp_path / "ws")
    outside = tmp_path / "outside"
    shutil.copytree(tmp_path / "ws", outside)
    (outside / "secret.csv").write_text("Year,Secret\n2020,1\n", encoding="utf-8")
    (outside / "codelists").mkdir()
    return tmp_path / "ws"


def linked(name: str, target: str) -> Edit:
    """Put a link where something is or is not; the target is relative to the folder beside."""

    def edit(workspace: Path) -> None:
        path = workspace / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(workspace.parent / target)

    return edit


def through_two_links(workspace: Path) -> None:
    (workspace / "notes").symlink_to(workspace.parent / "outside")
    (workspace / "tables" / "more.csv").symlink_to("../notes/secret.csv")


OUT: dict[str, tuple[Edit, str]] = {
    "the tables": (linked("tables", "outside/tables"), "tables"),
    "a table": (linked("tables/more.csv", "outside/secret.csv"), "more.csv"),
    "the table that is read": (linked("tables/population.csv", "outside/tables/population.csv"), "population.csv"),
    "a folder below the tables": (linked("tables/old", "outside"), "old"),
    "a file of the system": (linked("tables/more.csv", "../../../../../../etc/hostname"), "more.csv"),
    "a link through a link": (through_two_links, "more.csv"),
    "a link to nowhere, outside": (linked("tables/more.csv", "outside/later.csv"), "more.csv"),
    "the mappings": (linked("mappings", "outside/mappings"), "mappings"),
    "a mapping": (linked("mappings/more.toml", "outside/mappings/population.toml"), "more.toml"),
    "the codelists": (linked("codelists", "outside/codelists"), "codelists"),
    "a codelist": (linked("codelists/GE1/CL_X.1.0.csv", "outside/secret.csv"), "CL_X.1.0.csv"),
    "the structures": (linked("structures", "outside/codelists"), "structures"),
    "the templates": (linked("templates", "outside/codelists"), "templates"),
    "words of a template": (linked("templates/report/words.csv", "outside/secret.csv"), "words.csv"),
    "the profile": (linked("profile.toml", "outside/profile.toml"), "profile.toml"),
    "country.toml": (linked("country.toml", "outside/country.toml"), "country.toml"),
    "the folder above": (linked("tables/up", "."), "up"),
}


@pytest.mark.parametrize("case", OUT)
@pytest.mark.parametrize("command", ["convert", "run"])
def test_outward_link_is_refused_by_name(case: str, command: str, workspace: Path, console: Console) -> None:
    edit, name = OUT[case]
    edit(workspace)
    errors = console.errors(command, workspace)
    assert "This link leads out of the workspace, to" in errors
    assert name in errors
    assert "Replace the link with a copy" in errors
    assert not (workspace / "out").exists()


@cases_from("workspace/cases/commands_that_only_read_declarations_refuse_it_too.csv", command=listed)
def test_commands_that_read_declarations_refuse_outward_link(
    command: tuple[str, ...], workspace: Path, console: Console
) -> None:
    OUT["a codelist"][0](workspace)
    shutil.copytree(ROOT / "templates" / "workspace", workspace.parent / "other")
    (workspace.parent / "list.csv").write_text("id\n", encoding="utf-8")
    absolute = [str(workspace.parent / one) if one in ("other", "list.csv", "site") else one for one in command]
    absolute = [str(workspace / one) if one.startswith("tables/") else one for one in absolute]
    assert "This link leads out of the workspace" in console.errors(*absolute, workspace)


def inside(name: str, target: str) -> Edit:
    """Put a link beside what it leads to."""

    def edit(workspace: Path) -> None:
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    return edit


def moved(name: str, new: str) -> Edit:
    """Move something within the workspace and link to it from where it was."""

    def edit(workspace: Path) -> None:
        (workspace / new).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(workspace / name, workspace / new)
        (workspace / name).symlink_to(workspace / new)

    return edit


IN: dict[str, Edit] = {
    "a table elsewhere in it": moved("tables/population.csv", "archive/population.csv"),
    "a mapping elsewhere in it": moved("mappings/population.toml", "archive/population.toml"),
    "the profile elsewhere in it": moved("profile.toml", "archive/profile.toml"),
    "a relative link": inside("tables/old.txt", "../country.toml"),
    "a link to nowhere, inside": inside("tables/later.csv", "nothing.csv"),
    "a link in a folder that is not read": inside("notes/outside", "../../outside"),
    "a link beside the tables": inside("elsewhere", "../outside"),
    "a link to itself": inside("tables/circle", "circle"),
    "its results elsewhere in it": lambda workspace: (
        (workspace / "results").mkdir(),
        (workspace / "out").symlink_to("results"),
    ),
}


@pytest.mark.parametrize("case", IN)
def test_link_inside_the_workspace_or_unused_is_accepted(case: str, workspace: Path) -> None:
    IN[case](workspace)
    assert run(["convert", str(workspace)]) == 0
    assert (workspace / "out" / "data" / "DF_POP.csv").is_file()


RESULTS: dict[str, str] = {
    "all results": "out",
    "a page of the report": "out/brief-draft.en.html",
    "the data": "out/data",
    "data of one flow": "out/data/DF_POP.csv",
    "what stands in a folder of somebody": "out/notes/letter.txt",
}


@pytest.mark.parametrize("case", RESULTS)
@pytest.mark.parametrize("command", ["convert", "assess"])
def test_outward_link_does_not_expose_results(case: str, command: str, workspace: Path, console: Console) -> None:
    elsewhere = workspace.parent / "outside" / "empty"
    elsewhere.mkdir()
    linked(RESULTS[case], "outside/empty")(workspace)
    errors = console.errors(command, workspace)
    assert "This link leads out of the workspace, to" in errors
    assert str(workspace / RESULTS[case]) in errors
    assert not list(elsewhere.iterdir())


def test_results_elsewhere_require_an_explicit_folder(workspace: Path) -> None:
    elsewhere = workspace.parent / "results"
    linked("out", "results")(workspace)
    assert run(["convert", str(workspace), "-o", str(elsewhere)]) == 0
    assert (elsewhere / "data" / "DF_POP.csv").is_file()


def test_link_created_during_a_command_is_not_followed(workspace: Path) -> None:
    (workspace / "out").mkdir()
    linked("out/letter.html", "outside/secret.csv")(workspace)
    with pytest.raises(InputError, match=r"leads out of the folder, to .*secret\.csv"):
        read_inside(workspace / "out", "letter.html")
    with pytest.raises(InputError, match="leads out of the folder"):
        read_inside(workspace / "out", "../country.toml")
    (workspace / "out" / "page.html").write_text("x", encoding="utf-8")
    assert read_inside(workspace / "out", "page.html") == b"x"


def test_workspace_may_be_reached_by_a_link(workspace: Path) -> None:
    (workspace.parent / "link").symlink_to(workspace)
    assert run(["convert", str(workspace.parent / "link")]) == 0
