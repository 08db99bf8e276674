"""``sdmxmig coverage``: how many persons there are, on lists or on none, and how many of a register have left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import NOW_OPTION, output_option
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.errors import SdmxmigError, counted

if TYPE_CHECKING:
    from sdmxmig.demography.capture import Share

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
@click.option("--links", type=FILE, metavar="FILE", help="Whose the records of each source are (sdmxmig link).")
@click.option("--persons", type=FILE, metavar="FILE", help="Persons with sex, birth, citizenship, for --by.")
@click.option("--citizenships", type=FILE, metavar="FILE", help="Changes of citizenship.")
@click.option("--signs", type=FILE, metavar="FILE", help="Signs of life of persons in the register, by year.")
@click.option("--training", type=FILE, metavar="FILE", help="Persons of whom it is known whether they are resident.")
@click.option("--exits", type=FILE, metavar="FILE", help="Movements with the exits that were registered.")
@click.option("--area", required=True, metavar="CODE", help="The country, as CL_AREA calls it.")
@click.option("--year", required=True, type=int, metavar="YEAR", help="The year on whose 1 January the lists are.")
@click.option("--rule", required=True, metavar="CODE", help="Who is resident by these lists: a code of CL_RES_RULE.")
@click.option("--by", multiple=True, metavar="DIMENSION", help="What groups are formed by, such as SEX; repeatable.")
@click.option("--precision", metavar="SHARE[:SAMPLE]", default="1", help="Share of links that are right.")
@click.option("--recall", metavar="SHARE[:SAMPLE]", default="1", help="Share of true pairs that are linked.")
@click.option("--criterion", default="BIC", show_default=True, metavar="NAME", help="AIC or BIC, for three lists.")
@click.option("--source-type", default="REG", show_default=True, metavar="CODE", help="Code of CL_SRC_TYPE.")
@click.option("--round", "base", type=int, default=5, show_default=True, metavar="BASE", help="What counts go out in.")
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
    year: int,
    rule: str,
    by: tuple[str, ...],
    precision: str,
    recall: str,
    criterion: str,
    source_type: str,
    base: int,
    out: Path,
    now: str,
) -> None:
    """Estimate the population from lists of it, and what a register has too many of and too few.

    Two lists give a dual system estimate, three to five a log-linear one. With signs of life and a training sample
    those who have left are taken off the register, and the exits are listed that nobody registered. What tells too
    little is refused, and groups of which that is so are put together.

    \b
    Examples:
      sdmxmig coverage --list register=register.csv --list survey=survey.csv --area GE --year 2024 --rule R12 -o out
      sdmxmig coverage --list register=a.csv --list census=b.csv --list tax=c.csv --area GE --year 2024 --rule R6 -o o
      sdmxmig coverage --list register=a.csv --signs b.csv --training c.csv --area GE --year 2024 --rule R12 -o out
    """
    from sdmxmig.application.covering import CoverageRequest, coverage, files_of
    from sdmxmig.application.deriving import message_of
    from sdmxmig.catalogue import load
    from sdmxmig.publishing.files import open_result

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
        year,
        lists=dict(named_lists),
        rule=rule,
        files={name: path for name, path in named.items() if path},
        by=by,
        precision=share_of(precision),
        recall=share_of(recall),
        criterion=criterion,
        source_type=source_type,
        base=base,
    )
    covered = coverage(request, load())
    total = covered.population.total
    say(f"{total.value:,.0f} persons, 95 % interval {total.low:,.0f} to {total.high:,.0f}")
    hard = sum(bool(row["hard_to_count"]) for row in covered.groups)
    if hard:
        say(f"{counted(hard, 'group')} hard to count")
    out.mkdir(parents=True, exist_ok=True)
    files = {f"{covered.dataset.flow.dataflow.ref.id}.csv": message_of(covered.dataset, now), **files_of(covered)}
    for name, content in files.items():
        with open_result(out / name, Path(name).suffix) as file:
            file.write(content)
    stage("coverage", f"{counted(covered.dataset.observations.height, 'observation')}")
    for name in files:
        show(str(out / name))


def list_of(text: str) -> tuple[str, Path | None]:
    """The name of a list, and its file if it has its own."""
    name, _, path = text.partition("=")
    if not name.strip():
        raise SdmxmigError(f"“{text}” names no list.", hint="Write for example --list register=register.csv.")
    return name.strip(), Path(path) if path else None


def share_of(text: str) -> Share:
    """A share, with the size of the sample that it was measured in behind a colon, if it was."""
    from sdmxmig.demography.capture import Share

    share, _, size = text.partition(":")
    try:
        value, sample = float(share), int(size) if size else 0
    except ValueError:
        value, sample = -1.0, -1
    if not 0 <= value <= 1 or sample < 0:
        raise SdmxmigError(f"“{text}” is no share.", hint="Write for example 0.97, or 0.97:500 from a sample of 500.")
    return Share(value, value * (1 - value) / sample if sample else 0.0)
