"""The command line, in modules that are imported on use, so that help is fast."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import click

from sdmxmig.cli.options import Commands, add_quiet_option
from sdmxmig.cli.terminal import BUG, OK, STOP_REQUEST, WRONG_REQUEST, silence_stream, use_utf_8
from sdmxmig.primitives import __version__
from sdmxmig.primitives.errors import OutOfMemory, SdmxmigError, lacks_memory
from sdmxmig.primitives.text import read_csv_rows

COMMANDS = {row["command"]: row for row in read_csv_rows(Path(__file__).with_name("commands.csv"))}
"""The commands by group, with the module that has each and its line in the help."""
MAX_COMMAND_WIDTH = max(map(len, COMMANDS))
MAX_STEM_LETTERS = 6
"""Number of letters of an unknown word searched in descriptions of commands: “suppressing” means `protect`."""
MIN_COMMAND_LIKENESS = 0.7
"""Likeness above which an unknown word is a misspelt command: “valdate”, but not “asylum” for `style`."""


class LazyGroup(Commands):
    """The command group, importing commands on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"sdmxmig.cli.{COMMANDS[name]['module']}")
        command: click.Command = getattr(module, f"{name}_command")
        return add_quiet_option(command)

    def hint(self, words: Sequence[str]) -> str:
        phrase, stem = " ".join(words).casefold(), words[0].casefold()[:MAX_STEM_LETTERS]
        listed = [
            name for name, row in COMMANDS.items() if phrase.startswith(tuple(filter(None, row["words"].split("; "))))
        ]
        similar = difflib.get_close_matches(words[0], COMMANDS, 1, MIN_COMMAND_LIKENESS)
        described = [name for name, row in COMMANDS.items() if len(stem) > 3 and stem in row["help"].casefold()]
        if names := listed or similar or described:
            return f"Did you mean “{'” or “'.join(names)}”?"
        return "List the commands: sdmxmig --help. Look up a term: sdmxmig show TERM."

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for group, rows in groupby(COMMANDS.values(), key=itemgetter("group")):
            with formatter.section(group):
                formatter.write_dl([(row["command"].ljust(MAX_COMMAND_WIDTH), row["help"]) for row in rows])


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sdmxmig")
@click.pass_context
def cli(context: click.Context) -> None:
    """Convert, validate, send and report international migration statistics.

    \b
    Examples:
      sdmxmig demo                      run all stages on published figures of Georgia
      sdmxmig start figures.xlsx        begin with your own table
      sdmxmig                           in a workspace: its state and the next step

    \b
    Terms:
      workspace   the folder of a country: its tables, mappings, data and results
      mapping     the meaning of each cell of a table, in SDMX terms
      dataflow    a kind of table that can be reported, such as immigration
      data        the figures of your tables, converted to SDMX

    Exit codes: 0 success, 1 errors in the data, 2 invalid request or declaration, 3 bug in sdmxmig, 4 checks not run.
    """
    if context.invoked_subcommand is None:
        if not Path("country.toml").is_file():
            raise click.exceptions.NoArgsIsHelpError(context)
        from sdmxmig.cli.pipeline import show_progress

        show_progress(Path())


def main() -> None:
    """Run the command line; errors print one message and set the exit code."""
    use_utf_8()
    STOP_REQUEST.install_handlers()
    code = run(sys.argv[1:])
    try:
        if sys.stdout is not None:  # None if the caller closed it
            sys.stdout.flush()
    except OSError as error:
        code = explain(error) or code
        silence_stream(sys.stdout)
    STOP_REQUEST.ignore_signals()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    try:
        return run_command(arguments)
    except BaseException as error:
        if isinstance(error, SystemExit) or not lacks_memory(error):
            raise
    lack = OutOfMemory()  # the memory of the command is free here, and plain text needs no further module
    sys.stderr.write(f"error: {lack.message}\n  hint: {lack.hint}\n")
    return WRONG_REQUEST


def run_command(arguments: list[str]) -> int:
    stdout = sys.stdout
    try:
        exit_code = cli.main(arguments, prog_name="sdmxmig", standalone_mode=False)
        return exit_code if isinstance(exit_code, int) else OK
    except (click.ClickException, click.Abort, KeyboardInterrupt, SdmxmigError, OSError) as error:
        is_told = isinstance(error, (click.ClickException, click.Abort, KeyboardInterrupt, OutOfMemory))
        if not is_told and lacks_memory(error):  # the library or file that it names exists
            raise
        return explain(KeyboardInterrupt() if STOP_REQUEST.is_asked else error)
    except SystemExit:
        # click has replaced it after a broken pipe, and would return the exit code of findings
        if sys.stdout is not stdout:
            silence_stream(stdout)
            return OK
        raise
    except BaseException as error:  # last resort: bugs become a saved report; a library's panic is not an Exception
        if STOP_REQUEST.is_asked:  # error of a library that was interrupted
            return explain(KeyboardInterrupt())
        if lacks_memory(error):
            raise
        from sdmxmig.cli.terminal import save_bug_report

        save_bug_report(error, arguments)
        return BUG


def explain(error: BaseException) -> int:
    if isinstance(error, BrokenPipeError):  # the reader of the result has closed the pipe
        silence_stream(sys.stdout)
        return OK
    try:
        report_mistakes(error)
    except OSError:  # no message can be shown, but the exit code is kept
        silence_stream(sys.stderr)
    return WRONG_REQUEST


def report_mistakes(error: BaseException) -> None:
    from sdmxmig.cli.terminal import say, show_error, show_request_error

    if isinstance(error, click.ClickException):
        show_request_error(error)
    elif isinstance(error, (click.Abort, KeyboardInterrupt)):
        say("Stopped. Nothing half-written was left behind.")
    else:
        from sdmxmig.workspace.tasks.messages import build_system_error

        show_error(build_system_error(error) if isinstance(error, OSError) else error)  # type: ignore[arg-type]
