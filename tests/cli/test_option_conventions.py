"""All commands keep one habit: the same thing has the same option everywhere, and former names still work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from console import Console
from folders import ROOT

from sdmxmig.cli import COMMANDS, cli, run
from sdmxmig.cli.options import FORMER_OPTIONS

NOTHING_WRITTEN = frozenset({"verify", "check", "diff", "compute", "completion", "open", "serve"})
"""Commands that only say something."""
NAMED_FIRST = frozenset({"demo", "init", "start", "load"})
"""Commands whose first words name the folder that they make or change."""


def commands() -> Iterator[tuple[str, click.Command]]:
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", command) for inner, command in command.commands.items())
        else:
            yield name, command


ALL = dict(commands())


def options(name: str) -> dict[str, click.Option]:
    """The options of a command that its help shows, by their long names."""
    listed = [
        parameter for parameter in ALL[name].params if isinstance(parameter, click.Option) and not parameter.hidden
    ]
    return {next(word for word in one.opts if word.startswith("--")): one for one in listed}


def test_standard_output_is_refused_unless_the_command_prints(console: Console) -> None:
    assert "standard output" in console.errors("map", "stocks.csv", "DF_POP", "--output", "-")


def test_commands_that_write_have_the_option_output() -> None:
    assert {name for name in ALL if "--output" not in options(name)} == NOTHING_WRITTEN | NAMED_FIRST
    for name in ALL:
        assert not {"--out", "--coverage", "--target", "--to-file"} & set(options(name)), name
        if "--output" in options(name):
            assert set(options(name)["--output"].opts) == {"--output", "-o"}, name
            assert options(name)["--output"].metavar == "PATH", name


def test_shared_options_have_one_meaning_in_all_commands() -> None:
    for name in ALL:
        shown = options(name)
        assert set(shown["--quiet"].opts) == {"--quiet", "-q"}, name
        if "--format" in shown:
            assert isinstance(shown["--format"].type, click.Choice), name
            assert list(shown["--format"].type.choices)[:2] == ["text", "json"], name
        if "--language" in shown:
            assert shown["--language"].metavar == "LANG", name
            assert (shown["--language"].help or "").startswith("Language: en, fr, es, ar, ru or zh."), name
        if "--workspace" in shown:
            assert (shown["--workspace"].help or "").startswith("A workspace with its own declarations."), name
        if "--now" in shown:
            assert shown["--now"].metavar == "TIME", name
        short = [word for one in shown.values() for word in one.opts if not word.startswith("--")]
        assert set(short) <= {"-o", "-q"}, name


def test_former_option_name_is_unused_beside_its_successor() -> None:
    for name, command in ALL.items():
        known = {word for parameter in command.params for word in parameter.opts}
        assert [old for old, new in FORMER_OPTIONS.items() if {old, new} <= known] == [], name


def test_quiet_option_shows_only_errors(tmp_path: Path, console: Console) -> None:
    shutil.copytree(ROOT / "templates" / "workspace", tmp_path / "ws")
    assert run(["convert", str(tmp_path / "ws"), "--quiet"]) == 0
    captured = console.readouterr()
    assert captured.err == ""
    assert "DF_POP" in captured.out
    assert "error:" in console.errors("convert", tmp_path / "no", "-q")


def test_command_without_arguments_names_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console
) -> None:
    shutil.copytree(ROOT / "templates" / "workspace", tmp_path / "ws")
    monkeypatch.chdir(tmp_path / "ws")
    assert run([]) == 0
    captured = console.readouterr()
    assert "1 table, 1 mapping, a profile" in captured.out
    assert "none yet" in captured.out
    assert "Next: sdmxmig run ." in captured.err
    assert run(["convert"]) == 0
    console.readouterr()
    assert run([]) == 0
    captured = console.readouterr()
    assert "results    data" in captured.out
    assert "Next: sdmxmig validate ." in captured.err
    (tmp_path / "ws" / "mappings" / "population.toml").touch()
    for path in [*Path("tables").iterdir(), *Path("mappings").iterdir()]:
        path.unlink()
    assert "Next: sdmxmig start WORKBOOK" not in console.errors(code=0), "the profile can be assessed alone"


@pytest.mark.usefixtures("readable_reports")
def test_run_accepts_the_language_of_its_report(tmp_path: Path, console: Console) -> None:
    workspace = tmp_path / "ws"
    shutil.copytree(ROOT / "templates" / "workspace", workspace)
    assert "zz" in console.errors("run", workspace, "--language", "zz")
    assert not (workspace / "out").exists(), "the request is refused before anything is done"
    assert run(["run", str(workspace), "--language", "fr"]) == 0
    assert (workspace / "out" / "report-draft.fr.html").exists()


def test_former_option_names_work_and_name_the_successor(tmp_path: Path, console: Console) -> None:
    shutil.copytree(ROOT / "templates" / "workspace", tmp_path / "ws")
    assert run(["convert", str(tmp_path / "ws"), f"--out={tmp_path / 'results'}"]) == 0
    assert "--out is now called --output" in console.readouterr().err
    assert run(["trace", str(tmp_path / "ws"), "--out", str(tmp_path / "results"), "--coverage"]) == 0
    assert "--coverage is now called --usage" in console.readouterr().err
