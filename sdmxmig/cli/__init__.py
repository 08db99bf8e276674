"""The command line: one file a command, each read only when it is used, so that help comes at once."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click

from sdmxmig.cli.exit_codes import BUG, OK, WRONG_REQUEST
from sdmxmig.cli.options import Commands, with_quiet
from sdmxmig.cli.stopping import STOPPING
from sdmxmig.cli.streams import let_go_of, speak_utf_8
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.version import __version__

COMMANDS = {
    "run": "The whole line: structures, data, findings, submission, assessment, report.",
    "demo": "Copy a shipped example and run the whole line on it.",
    "init": "Make a workspace that runs.",
    "start": "Lead from a workbook to findings, with questions.",
    "build": "Write the structure messages.",
    "map": "Propose the mapping file of a workbook.",
    "mapping": "List, show, change, rename or remove mappings.",
    "table": "List, rename or remove tables.",
    "convert": "Turn the workbooks into SDMX data.",
    "link": "Say which records of several sources are one person.",
    "derive": "Count migration from records of persons.",
    "coverage": "Estimate a population from lists, and who of a register has left.",
    "simulate": "Simulate a country with known truth, and sources with known faults.",
    "combine": "Combine several sources by declared steps.",
    "trace": "Say where an observation comes from, or what became of a cell.",
    "validate": "Check the data and mark the cells that are at fault.",
    "mend": "Write another text into a cell of a table.",
    "justify": "Say why a warning may stand.",
    "comment": "Say something about a finding or an answer.",
    "protect": "Withhold what is confidential, and what would give it away.",
    "accounts": "Say how accounts close; balance them, and compare flows with partners.",
    "approve": "Approve what another person has changed, before it is sealed.",
    "package": "Seal the submission folder.",
    "send": "Send the sealed submission to its receiver.",
    "status": "Say where each delivery stands.",
    "receipts": "Show what receivers answered.",
    "withdraw": "Send something no more that has not gone yet.",
    "get": "Fetch what an agency publishes, and compare it with what was sent.",
    "verify": "Say whether a submission is still what was sealed.",
    "assess": "Compare practice and data with reference documents.",
    "report": "Render the benchmarking report.",
    "style": "Give the report your logo and your colours.",
    "open": "Open the workbench: the whole line in a browser.",
    "serve": "Serve the workbench without opening a browser, or data by SDMX REST.",
    "history": "Say what was changed in a workspace, and take a change back.",
    "region": "Compare several countries in one report.",
    "check": "Say what SDMX files are, and all that is wrong with them.",
    "transform": "Write structures or data in another format.",
    "diff": "Compare two releases and name the version step.",
    "profile": "Forms for the answers of a country, and reading them back.",
    "questionnaire": "Make workbooks to be filled in, and read them back.",
    "compute": "Compute an indicator from data files or a workspace.",
    "show": "Show anything that is declared, by its name.",
    "load": "Read a list back from a spreadsheet.",
    "docs": "Render the framework as a site to browse.",
    "completion": "Print what makes a shell complete commands and options.",
}
MODULES = {"run": "whole_line"}
"""Commands whose module has another name: one called `run` would hide the function below."""


class Line(Commands):
    """The commands in the order of the line, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands, in the order in which a reader meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """One command; None if there is none of this name."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(
            importlib.import_module(f"sdmxmig.cli.{MODULES.get(name, name)}"), f"{name}_command"
        )
        return with_quiet(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown name is answered with the nearest one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from sdmxmig.primitives.errors import did_you_mean

            if "did you mean" in error.message.lower():
                raise
            raise click.UsageError(f"{error.message} {did_you_mean(args[0], COMMANDS)}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Line, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sdmxmig")
@click.pass_context
def cli(context: click.Context) -> None:
    """From national tables on international migration to SDMX, findings, a submission and a benchmarking report.

    \b
    Examples:
      sdmxmig demo                      run everything on published figures of Georgia
      sdmxmig init mycountry            make a workspace of your own
      sdmxmig run mycountry             run everything on it
      sdmxmig                           in a workspace: what is there, and what comes next

    Exit codes: 0 fine, 1 findings of severity error, 2 the request or a declaration is wrong, 3 a bug, 4 (of check and
    validate) not all could be checked.
    """
    if context.invoked_subcommand is None:
        if not Path("country.toml").is_file():
            raise click.exceptions.NoArgsIsHelpError(context)
        from sdmxmig.cli.standing import show_standing

        show_standing(Path())


def main() -> None:
    """Run the command line; whatever happens, the user gets one message and an exit code, never a traceback."""
    speak_utf_8()
    STOPPING.listen()
    code = run(sys.argv[1:])
    try:
        if sys.stdout is not None:  # it is None where the caller closed it
            sys.stdout.flush()
    except OSError as error:
        code = explain(error) or code
        let_go_of(sys.stdout)
    STOPPING.over()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and give its exit code."""
    stdout = sys.stdout
    try:
        exit_code = cli.main(arguments, prog_name="sdmxmig", standalone_mode=False)
        return exit_code if isinstance(exit_code, int) else OK
    except (click.ClickException, click.Abort, KeyboardInterrupt, SdmxmigError, OSError) as error:
        return explain(KeyboardInterrupt() if STOPPING.is_asked else error)
    except SystemExit:
        if sys.stdout is not stdout:  # click has let go of it: a broken pipe, of which it makes the code of findings
            let_go_of(stdout)
            return OK
        raise
    except BaseException as error:  # the last net: a bug becomes a saved report; a panic of a library is no Exception
        if STOPPING.is_asked:  # what a library says that was stopped at work
            return explain(KeyboardInterrupt())
        from sdmxmig.cli.talk import save_bug_report

        save_bug_report(error, arguments)
        return BUG


def explain(error: BaseException) -> int:
    """Say once what is wrong with a request, and give the exit code."""
    if isinstance(error, BrokenPipeError):  # who reads the result has seen enough
        let_go_of(sys.stdout)
        return OK
    try:
        say_what_is_wrong(error)
    except OSError:  # nobody can be told, but the exit code holds
        let_go_of(sys.stderr)
    return WRONG_REQUEST


def say_what_is_wrong(error: BaseException) -> None:
    """One message to standard error."""
    from sdmxmig.cli.talk import say, show_error, show_request_error

    if isinstance(error, click.ClickException):
        show_request_error(error)
    elif isinstance(error, (click.Abort, KeyboardInterrupt)):
        say("Stopped. Nothing half-written was left behind.")
    else:
        from sdmxmig.workspace.tasks.trouble import system_trouble

        show_error(system_trouble(error) if isinstance(error, OSError) else error)  # type: ignore[arg-type]
