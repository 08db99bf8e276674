"""``sdmxmig coverage``: population and register coverage."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.options import output_option, takes
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.primitives.errors import counted
from sdmxmig.workspace.requests.records import CoverageChoices


@click.command("coverage")
@takes(CoverageChoices, "choices")
@output_option("out", "The folder for data, tables and report.", required=True)
def coverage_command(choices: CoverageChoices, out: Path) -> None:
    """Estimate the population from several lists, with undercoverage and overcoverage of a register.

    Two lists give a dual system estimate, three to five a log-linear one. Signs of life and a training sample remove
    people who have left from the register; exits that were not registered are listed. An estimate is refused if the
    data are too weak. Groups with too few data are merged.

    \b
    Examples:
      sdmxmig coverage --list register=register.csv --list survey=survey.csv --area GE --year 2024 --rule R12 -o out
      sdmxmig coverage --list register=a.csv --list census=b.csv --list tax=c.csv --area GE --year 2024 --rule R6 -o o
      sdmxmig coverage --list register=a.csv --signs b.csv --training c.csv --area GE --year 2024 --rule R12 -o out
    """
    from sdmxmig.catalogue import load
    from sdmxmig.io.publishing.folders import publish_among
    from sdmxmig.workspace.tasks.coverage_request import coverage_request
    from sdmxmig.workspace.tasks.covering import coverage
    from sdmxmig.workspace.tasks.integration_records import coverage_files

    request = coverage_request(choices)
    covered = coverage(request, load())
    for line in covered.in_short:
        say(line)
    paths, sentences = publish_among(out, "coverage", coverage_files(request, covered, choices.now))
    for sentence in sentences:
        say(sentence)
    stage("coverage", counted(sum(dataset.observations.height for dataset in covered.datasets), "observation"))
    show(*map(str, paths))
