"""What the README promises and what there is are the same."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sdmxmig.cli import COMMANDS, cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_shows_examples(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert f"sdmxmig {name}" in README
    assert (command.help or "").count(f"sdmxmig {name}") >= 3, "three examples on top of each help"


def test_the_help_of_no_command_reads_the_catalogue_or_a_heavy_library() -> None:
    """What takes long to import is imported when a command runs, so that help comes at once."""
    program = f"import sys; from sdmxmig.cli import cli, run\nfor name in {list(COMMANDS)}:\n"
    program += "    cli.get_command(None, name)\n"
    program += "from sdmxmig.cli import run as still\nassert still is run\nprint(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = set(modules.stdout.split())
    assert "sdmxmig.cli.questionnaire_read" in imported
    assert not imported & {"sdmxmig.catalogue", "sdmxmig.tables", "sdmxmig.formats", "polars", "lxml", "openpyxl"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help_and_is_in_the_readme(name: str) -> None:
    for command in with_those_of_a_group(name):
        for option in command.params:
            if isinstance(option, click.Option) and option.name != "help":
                assert option.help, f"{name} {option.opts} says nothing"
                assert option.opts[0] in README, f"{option.opts[0]} is not in the README"


def with_those_of_a_group(name: str) -> Iterator[click.Command]:
    """A command, and the commands of its own if it is a group of them."""
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    yield command
    if isinstance(command, click.Group):
        yield from command.commands.values()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_a_group_is_in_the_readme_and_shows_examples(name: str) -> None:
    for command in list(with_those_of_a_group(name))[1:]:
        assert f"{name} {command.name}" in README
        assert (command.help or "").count(f"sdmxmig {name} {command.name}") >= 2


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    named = set(re.findall(r"(?m)(?:^|`|\s)sdmxmig ([a-z]+)\b", re.sub(r"(?s)<!--.*?-->", "", README)))
    assert named - {"is", "ships", "speaks", "does"} <= set(COMMANDS)


@pytest.mark.parametrize("setting", ["area", "name.en", "office.en", "language", "sender", "receiver", "test"])
def test_every_setting_of_a_workspace_is_in_the_readme(setting: str) -> None:
    assert f"`{setting}`" in README
