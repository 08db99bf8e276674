"""``sdmxmig questionnaire``: questionnaires."""

from __future__ import annotations

from collections.abc import Sequence

import click

from sdmxmig.cli.options import Commands
from sdmxmig.cli.questionnaire_correct import correct_command
from sdmxmig.cli.questionnaire_fill import fill_command
from sdmxmig.cli.questionnaire_make import make_command
from sdmxmig.cli.questionnaire_read import read_command
from sdmxmig.primitives.errors import nearest
from sdmxmig.primitives.visible import visible
from sdmxmig.workspace.tasks.talk import quoted

FORMER = ("--fill", "--correct", "--read")


class Questionnaires(Commands):
    """The group of questionnaire commands, with former spelling."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and not ctx.resilient_parsing and self.is_former(args[0]):
            message = f"Say first what is to be done: {', '.join(self.commands)}."
            raise click.UsageError(f"{message} Write: sdmxmig questionnaire {respelt(args)}", ctx)
        return super().parse_args(ctx, args)

    def is_former(self, word: str) -> bool:
        """Whether arguments use the former spelling; typing errors are left to click."""
        if not word.startswith("-"):
            return word not in self.commands and not nearest(word, self.commands)
        options = [name for command in self.commands.values() for param in command.params for name in param.opts]
        return word.partition("=")[0] in (*FORMER, *options)


@click.group("questionnaire", cls=Questionnaires)
def questionnaire_command() -> None:
    """Make workbooks to be filled in, and read them back; fill in those of others, and correct your own.

    \b
    Examples:
      sdmxmig questionnaire make DF_POP --area GE --years 2020:2024 -o pop.xlsx
      sdmxmig questionnaire read pop.xlsx -o answers
      sdmxmig questionnaire fill form.xlsx --mapping form.toml --data pop.csv -o filled.xlsx
      sdmxmig questionnaire correct --data corrected.csv --workspace mycountry
    """


for command in (make_command, read_command, fill_command, correct_command):
    questionnaire_command.add_command(command)


def respelt(args: Sequence[str]) -> str:
    """A line in the former spelling as it is written now.

    >>> respelt(["DF_POP", "--area", "GE", "--years", "2024"])
    'make DF_POP --area GE --years 2024'
    >>> respelt(["-o", "my answers", "--read=pop.xlsx"])
    'read -o "my answers" pop.xlsx'
    """
    words = [word for arg in args for word in (arg.split("=", 1) if arg.startswith(FORMER) else [arg])]
    option = next((option for option in FORMER if option in words), "")
    return " ".join([option.removeprefix("--") or "make", *(quoted(visible(word)) for word in words if word != option)])
