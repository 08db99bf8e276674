"""The command line: a module for some commands each, imported on use, which keeps help fast."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click

from sdmxmig.cli.options import Commands, with_quiet
from sdmxmig.cli.talk import BUG, OK, STOPPING, WRONG_REQUEST, let_go_of, speak_utf_8
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.version import __version__

GROUPS = {
    "Start here": {
        "demo": "Copy an example and run all stages on it.",
        "start": "Go from a workbook to findings, guided by questions.",
        "open": "Open the workbench in a browser.",
        "run": "Run all stages, from the tables to the report.",
        "report": "Write the benchmarking report.",
    },
    "Workspace": {
        "init": "Create a workspace.",
        "history": "List the changes of a workspace, and undo them.",
        "serve": "Serve the workbench, or data over SDMX REST.",
        "completion": "Print the shell script that completes commands.",
    },
    "Tables": {
        "map": "Propose a mapping for an Excel, CSV, ODS or PX table.",
        "mapping": "List, show, change, rename or remove mappings.",
        "table": "List, rename or remove tables.",
        "convert": "Convert the tables to SDMX data.",
        "trace": "Show the cells of an observation, or the result of a cell.",
        "questionnaire": "Create questionnaires in Excel, and read them back.",
    },
    "Quality": {
        "validate": "Check the data and mark faulty cells.",
        "correct": "Correct a cell of a table.",
        "justify": "Give the reason for warnings.",
        "comment": "Comment on a finding or an answer.",
        "accounts": "Test and balance population accounts; compare mirror flows.",
        "protect": "Suppress confidential cells, and those that reveal them.",
    },
    "Transmission": {
        "approve": "Approve the changes of another person.",
        "package": "Seal and sign the submission.",
        "verify": "Check that a submission has not changed since it was sealed.",
        "send": "Send the sealed submission to its receiver.",
        "status": "Show the state of each delivery.",
        "receipts": "Show the answers of receivers.",
        "withdraw": "Cancel a submission that has not been sent.",
        "get": "Download published data, and compare them with the data you sent.",
    },
    "Report": {
        "profile": "Answer the questions of the country profile.",
        "assess": "Compare practice and data with the reference documents.",
        "style": "Set the logo and colours of reports.",
        "region": "Compare several countries in one report.",
        "compute": "Compute an indicator.",
    },
    "Person records": {
        "derive": "Count migration from person records.",
        "link": "Link and deduplicate the records of persons.",
        "coverage": "Estimate undercoverage and overcoverage of registers.",
        "combine": "Combine several sources in declared steps.",
        "simulate": "Simulate a country with known true figures.",
    },
    "SDMX": {
        "build": "Write the structure messages.",
        "check": "Check SDMX files.",
        "transform": "Convert SDMX files to another format.",
        "diff": "Compare two releases.",
        "show": "Show a code, list, rule, indicator or other artefact.",
        "load": "Read a codelist from a spreadsheet.",
        "docs": "Write the framework as a website.",
    },
}
COMMANDS = {name: what for group in GROUPS.values() for name, what in group.items()}
WIDEST = max(map(len, COMMANDS))
MEANT = 6
"""Number of letters of an unknown word searched in descriptions of commands: “suppress” means `protect`."""
MODULES = {
    "line": ("run", "demo", "convert"),
    "messages": ("build", "check", "transform", "diff", "load", "docs"),
    "people": ("approve", "comment", "correct", "history", "justify"),
    "quality": ("validate", "accounts", "protect"),
    "records": ("derive", "link", "coverage", "combine", "simulate"),
    "reports": ("report", "assess", "style", "region", "compute"),
    "tables": ("table", "mapping", "trace"),
    "transmission": ("package", "verify", "send", "status", "receipts", "withdraw"),
    "workspaces": ("init", "open", "serve", "completion"),
}
"""The modules with several commands; others have the name of their command."""
MODULE_OF = {command: module for module, commands in MODULES.items() for command in commands}


class Line(Commands):
    """The command group, importing commands on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(
            importlib.import_module(f"sdmxmig.cli.{MODULE_OF.get(name, name)}"), f"{name}_command"
        )
        return with_quiet(command)

    def hint(self, word: str) -> str:
        from sdmxmig.primitives.errors import did_you_mean

        beginning = word.casefold()[:MEANT]
        meant = [name for name, what in COMMANDS.items() if len(beginning) > 3 and beginning in what.casefold()]
        return did_you_mean(word, COMMANDS) if not meant else f"Did you mean “{'” or “'.join(meant)}”?"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for group, commands in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl([(name.ljust(WIDEST), what) for name, what in commands.items()])


@click.group(cls=Line, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sdmxmig")
@click.pass_context
def cli(context: click.Context) -> None:
    """Convert, validate, send and report international migration statistics.

    \b
    Examples:
      sdmxmig demo                      run all stages on published figures of Georgia
      sdmxmig start figures.xlsx        begin with your own table
      sdmxmig                           in a workspace: its state and the next step

    Exit codes: 0 success, 1 errors in the data, 2 invalid request or declaration, 3 bug in sdmxmig, 4 checks not run.
    """
    if context.invoked_subcommand is None:
        if not Path("country.toml").is_file():
            raise click.exceptions.NoArgsIsHelpError(context)
        from sdmxmig.cli.line import show_progress

        show_progress(Path())


def main() -> None:
    """Run the command line; errors give one message and an exit code, never a traceback."""
    speak_utf_8()
    STOPPING.listen()
    code = run(sys.argv[1:])
    try:
        if sys.stdout is not None:  # None if the caller closed it
            sys.stdout.flush()
    except OSError as error:
        code = explain(error) or code
        let_go_of(sys.stdout)
    STOPPING.over()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    stdout = sys.stdout
    try:
        exit_code = cli.main(arguments, prog_name="sdmxmig", standalone_mode=False)
        return exit_code if isinstance(exit_code, int) else OK
    except (click.ClickException, click.Abort, KeyboardInterrupt, SdmxmigError, OSError) as error:
        return explain(KeyboardInterrupt() if STOPPING.is_asked else error)
    except SystemExit:
        # click has replaced it after a broken pipe, and would return the exit code of findings
        if sys.stdout is not stdout:
            let_go_of(stdout)
            return OK
        raise
    except BaseException as error:  # last resort: bugs become a saved report; a library's panic is not an Exception
        if STOPPING.is_asked:  # error of a library that was interrupted
            return explain(KeyboardInterrupt())
        from sdmxmig.cli.talk import save_bug_report

        save_bug_report(error, arguments)
        return BUG


def explain(error: BaseException) -> int:
    if isinstance(error, BrokenPipeError):  # the reader of the result has closed the pipe
        let_go_of(sys.stdout)
        return OK
    try:
        report_mistakes(error)
    except OSError:  # no message can be shown, but the exit code is kept
        let_go_of(sys.stderr)
    return WRONG_REQUEST


def report_mistakes(error: BaseException) -> None:
    from sdmxmig.cli.talk import say, show_error, show_request_error

    if isinstance(error, click.ClickException):
        show_request_error(error)
    elif isinstance(error, (click.Abort, KeyboardInterrupt)):
        say("Stopped. Nothing half-written was left behind.")
    else:
        from sdmxmig.workspace.tasks.messages import system_trouble

        show_error(system_trouble(error) if isinstance(error, OSError) else error)  # type: ignore[arg-type]
