"""``sdmxmig coverage``: population and register coverage."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from sdmxmig.cli.options import NOW_OPTION, named_day, output_option
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.primitives.errors import SdmxmigError, counted

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("coverage")
@click.option(
    "--list",
    "lists",
    multiple=True,
    required=True,
    metavar="NAME[=FILE]",
    help="Persons on a list, the register first; without a file the records of a source in --links.",
)
@click.option("--links", type=FILE, metavar="FILE", help="Persons of the records of each source (sdmxmig link).")
@click.option("--persons", type=FILE, metavar="FILE", help="Persons with sex, birth, citizenship, for --by.")
@click.option("--citizenships", type=FILE, metavar="FILE", help="Changes of citizenship.")
@click.option("--signs", type=FILE, metavar="FILE", help="Signs of life of persons in the register, by year.")
@click.option("--training", type=FILE, metavar="FILE", help="Persons with known residence.")
@click.option("--exits", type=FILE, metavar="FILE", help="Movements with the exits that were registered.")
@click.option("--area", required=True, metavar="CODE", help="The country, a code of CL_AREA.")
@click.option("--year", type=int, metavar="YEAR", help="The lists refer to 1 January of this year.")
@click.option("--day", metavar="DATE", help="The lists refer to the start of this day, such as census day.")
@click.option("--rule", required=True, metavar="CODE", help="The residence rule of the lists: a code of CL_RES_RULE.")
@click.option("--by", multiple=True, metavar="DIMENSION", help="The dimension of the groups, such as SEX; repeatable.")
@click.option("--precision", metavar="SHARE[:SAMPLE]", default="1", help="Share of links that are right.")
@click.option("--recall", metavar="SHARE[:SAMPLE]", default="1", help="Share of true pairs that are linked.")
@click.option("--linkage", type=FILE, metavar="FILE", help="Both shares for each list, as estimated by sdmxmig link.")
@click.option("--criterion", default="BIC", show_default=True, metavar="NAME", help="AIC or BIC, for three lists.")
@click.option("--source-type", default="REG", show_default=True, metavar="CODE", help="Code of CL_SRC_TYPE.")
@click.option("--round", "base", type=int, metavar="BASE", help="Round counts to multiples of this base (default 5).")
@click.option("--declaration", type=FILE, metavar="FILE", help="Limits and an index of residence of your own (TOML).")
@output_option("out", "The folder for data, tables and report.", required=True)
@NOW_OPTION
def coverage_command(  # noqa: PLR0913, PLR0917 - one for each option
    lists: tuple[str, ...],
    links: Path | None,
    persons: Path | None,
    citizenships: Path | None,
    signs: Path | None,
    training: Path | None,
    exits: Path | None,
    area: str,
    year: int | None,
    day: str | None,
    rule: str,
    by: tuple[str, ...],
    precision: str,
    recall: str,
    linkage: Path | None,
    criterion: str,
    source_type: str,
    base: int | None,
    declaration: Path | None,
    out: Path,
    now: str,
) -> None:
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
    from sdmxmig.workspace.tasks.coverage_request import share_of
    from sdmxmig.workspace.tasks.coverage_statements import CoverageRequest
    from sdmxmig.workspace.tasks.covering import coverage
    from sdmxmig.workspace.tasks.integration_records import coverage_files

    named_lists = [list_of(text) for text in lists]
    if len(dict(named_lists)) < len(named_lists):
        raise SdmxmigError("Two lists have the same name.", hint="Give each list its own name.")
    named = {
        "links": links,
        "persons": persons,
        "citizenships": citizenships,
        "signs": signs,
        "training": training,
        "movements": exits,
    }
    request = CoverageRequest(
        area,
        day_of(year, day),
        lists=dict(named_lists),
        rule=rule,
        files={name: path for name, path in named.items() if path},
        by=by,
        precision=share_of(precision),
        recall=share_of(recall),
        criterion=criterion,
        source_type=source_type,
        base=base,
        declaration=declaration,
        linkage=linkage,
    )
    covered = coverage(request, load())
    for line in covered.in_short:
        say(line)
    paths, sentences = publish_among(out, "coverage", coverage_files(request, covered, now))
    for sentence in sentences:
        say(sentence)
    stage("coverage", counted(sum(dataset.observations.height for dataset in covered.datasets), "observation"))
    show(*map(str, paths))


def day_of(year: int | None, day: str | None) -> date:
    from sdmxmig.workspace.tasks.coverage_request import first_of_year

    if (year is None) == (day is None):
        raise SdmxmigError("Name either --year or --day.", hint="Write for example --year 2024 or --day 2024-05-15.")
    if day is None:
        return first_of_year(year)
    return named_day(day)


def list_of(text: str) -> tuple[str, Path | None]:
    name, _, path = text.partition("=")
    if not path and Path(name).suffix and Path(name).is_file():
        raise SdmxmigError(f"{name} is a file, and its list has no name.", hint=f"Write --list NAME={name}.")
    if not name.strip():
        raise SdmxmigError(f"“{text}” names no list.", hint="Write for example --list register=register.csv.")
    return name.strip(), Path(path) if path else None
