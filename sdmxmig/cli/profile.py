"""``sdmxmig profile``: country profiles."""

from __future__ import annotations

import click

from sdmxmig.cli.options import Commands
from sdmxmig.cli.profile_answer import answer_command
from sdmxmig.cli.profile_claims import claims_command
from sdmxmig.cli.profile_data import compare_command, data_command
from sdmxmig.cli.profile_form import form_command, read_command
from sdmxmig.cli.profile_progress import progress_command
from sdmxmig.cli.profile_sources import sources_command


@click.group("profile", cls=Commands)
def profile_command() -> None:
    """Answer the benchmarking questions of a country.

    \b
    Examples:
      sdmxmig profile form --area GE --language fr -o profile.xlsx
      sdmxmig profile read profile.xlsx -o mycountry
      sdmxmig profile answer mycountry items.A01.answer=Y
      sdmxmig profile data mycountry -o answers.csv
      sdmxmig profile compare profile-2024.toml profile-2026.toml
    """


STEPS = (
    form_command,
    read_command,
    answer_command,
    progress_command,
    sources_command,
    claims_command,
    data_command,
    compare_command,
)

for command in STEPS:
    profile_command.add_command(command)
