"""The manual agrees with the product."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from each import each
from manual_pages import DOCS, MADE, ROOT, blocks, pages
from PIL import Image

from sdmxmig.cli import COMMANDS, cli

sys.path.append(str(DOCS))

from made_pages import commands, mapping_keys, settings
from made_pages.asked_keys import Asked, meanings

RUN = [
    line.removeprefix("$ ").split()
    for page in pages()
    for block in blocks(page)
    if block.language == "console" and "not run" not in block.says
    for line in block.text.splitlines()
    if line.startswith("$ sdmxmig ")
]
"""The commands that the pages run, word by word."""


def with_those_of_a_group(name: str) -> Iterator[tuple[str, click.Command]]:
    """A command, and the commands of its own if it is a group of them, with their names."""
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    yield name, command
    if isinstance(command, click.Group):
        yield from ((f"{name} {own}", below) for own, below in command.commands.items())


@each("name", COMMANDS)
def test_every_command_is_run_in_manual_and_has_examples(name: str) -> None:
    for full, command in with_those_of_a_group(name):
        words = ["sdmxmig", *full.split()]
        examples = 2 if " " in full else 3
        assert (command.help or "").count(f"sdmxmig {full}") >= examples, "examples on top of each help"
        if full not in NOT_ON_A_PAGE:
            assert any(line[: len(words)] == words for line in RUN), f"no page runs sdmxmig {full}"


NOT_ON_A_PAGE = {"demo", "mapping sheet", "questionnaire fill", "questionnaire correct", "open", "serve"}
"""What needs more than a page has: a minute, a workbook of another agency or with a renamed sheet, or somebody who ends
it; tests of their own run them."""


def test_help_of_commands_loads_no_heavy_library() -> None:
    """Slow imports happen when a command runs, so that help is immediate."""
    program = f"import sys; from sdmxmig.cli import cli, run\nfor name in {list(COMMANDS)}:\n"
    program += "    cli.get_command(None, name)\n"
    program += "from sdmxmig.cli import run as still\nassert still is run\nprint(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = set(modules.stdout.split())
    assert "sdmxmig.cli.questionnaire" in imported
    assert not imported & {
        "sdmxmig.catalogue",
        "sdmxmig.conversion.tables",
        "sdmxmig.sdmx.formats",
        "polars",
        "lxml",
        "openpyxl",
    }


@each("name", COMMANDS)
def test_every_option_has_help_and_is_in_the_reference(name: str) -> None:
    page = commands.page()
    for full, command in with_those_of_a_group(name):
        section = page.split(f" sdmxmig {full}\n", 1)[1].split("\n## ", 1)[0]
        for option in command.params:
            if isinstance(option, click.Option) and option.name != "help" and not option.hidden:
                assert option.help, f"{full} {option.opts} says nothing"
                assert f"`{option.opts[0]}`" in section, f"{option.opts[0]} of {full} is not in the reference"


def test_pages_name_only_existing_commands() -> None:
    for page in pages():
        text = re.sub(r"(?s)<!--.*?-->", "", page.read_text(encoding="utf-8"))
        named = set(re.findall(r"(?m)(?:^\$ |`)sdmxmig ([a-z]+)\b", text))
        assert named <= set(COMMANDS), page


def test_pages_name_only_existing_options() -> None:
    there = set(re.findall(r"--[a-z][a-z-]+", commands.page())) | {"--help", "--version"}
    others = {"--no-deps", "--update-golden", "--detach", "--host", "--cores", "--small"}  # of other programs
    others |= {"--spec", "--no-index", "--upgrade", "--find-links", "--force-reinstall"}  # of pip and pipx
    for page in pages():
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page.read_text(encoding="utf-8")))
        assert named - there - others == set(), page


@pytest.mark.parametrize(
    ("file", "asked", "sections"),
    [
        ("mapping", mapping_keys.asked(), set(mapping_keys.SECTIONS)),
        *((file, asked, set(settings.FILES[file])) for file, asked in settings.asked().items()),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_keys_of_files_are_all_documented(file: str, asked: Asked, sections: set[str]) -> None:
    there = {(section, key) for section, key in asked if section in sections}
    assert len(there) >= 6
    assert {(section, key) for section, keys in meanings(file).items() for key in keys} == there


@pytest.mark.sampled(12)
def test_every_picture_shows_the_current_page(tmp_path: Path) -> None:
    """Draw them with ``make pictures`` where this fails."""
    drawing = runpy.run_path(str(DOCS / "pictures" / "draw.py"))
    pages = drawing["pages"](tmp_path)
    assert {path.stem for path in (DOCS / "pictures").glob("*.png")} == pages.keys()
    for name, page in pages.items():
        path = DOCS / "pictures" / f"{name}.png"
        assert path.stat().st_size < 200_000
        assert facts_of_picture(path) == drawing["page_facts"](page), name


def facts_of_picture(path: Path) -> dict[str, object]:
    with Image.open(path) as picture:
        return {name: picture.info[name] for name in ("Words", "Style")}


def test_numbers_beside_a_picture_are_on_its_page() -> None:
    words = str(facts_of_picture(DOCS / "pictures" / "report.png")["Words"])
    for file in (ROOT / "README.md", DOCS / "index.md"):
        (text,) = re.findall(r"!\[([^\]]+)\]\([^)]*report\.png\)", file.read_text(encoding="utf-8"))
        assert all(number in words for number in re.findall(r"\d[\d,.]*\d|\d", text))


@each("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_between_pages_resolves(page: Path) -> None:
    for name in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert not name.startswith("http"), f"{page.name} needs the network for {name}"
        target = (page.parent / name).resolve()
        made = target.parent == DOCS / "reference" and target.stem in MADE
        assert made or target.exists(), f"{page.name} names {name}"


def test_pages_do_not_cite_unpublished_recommendations() -> None:
    for page in pages():
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"Recommendations[^.]{0,40}2025|2025[^.]{0,40}Recommendations", text), page


def test_tutorial_workbook_differs_in_one_published_figure() -> None:
    """Its figures are those of the Swedish example; one is wrong on purpose, as the page says."""
    import openpyxl

    mine = openpyxl.load_workbook(ROOT / "examples" / "first-table" / "immigrations.xlsx")["Table 1"]
    published = openpyxl.load_workbook(ROOT / "examples/sweden/tables/migration.xlsx")["Immigrations"]
    years = {row[0]: row for row in published.iter_rows(min_row=8, max_col=4, values_only=True)}
    rows = [row for row in mine.iter_rows(min_row=5, max_col=4, values_only=True) if row[0]]
    wrong = [(row[0], one, years[row[0]][at]) for row in rows for at, one in enumerate(row) if one != years[row[0]][at]]
    assert len(rows) == 6
    assert wrong == [(2023, 46931, 46391)]
