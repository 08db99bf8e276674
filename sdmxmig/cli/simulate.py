"""``sdmxmig simulate``: simulated records with known truth."""

from __future__ import annotations

import re
from pathlib import Path

import click

from sdmxmig.cli.options import output_option
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.primitives.errors import SdmxmigError, counted

YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")


@click.command("simulate")
@click.option(
    "--persons", type=int, default=10_000, show_default=True, metavar="N", help="Approximate number of residents."
)
@click.option("--seed", type=int, required=True, metavar="NUMBER", help="The same seed gives the same files.")
@click.option("--years", required=True, metavar="FIRST-LAST", help="The years, such as 2018-2022.")
@click.option("--without-faults", is_flag=True, help="Make complete and correct sources.")
@output_option("out", "The folder for truth and sources.", required=True)
def simulate_command(persons: int, seed: int, years: str, without_faults: bool, out: Path) -> None:
    """Simulate a country with known true figures, and administrative sources with errors.

    The country is the fictional Alvoria (XA). People are born, die, move, travel and become citizens. Border records, a
    population register, permits, social security and a survey record them with declared errors: missed crossings, late
    deregistration, duplicate records, other spellings. Truth and sources are Parquet files in two folders, so you can
    compare the results of a method with the truth.

    \b
    Examples:
      sdmxmig simulate --persons 2000 --seed 1 --years 2018-2021 -o alvoria
      sdmxmig simulate --persons 1000000 --seed 7 --years 2018-2022 -o large
      sdmxmig simulate --seed 1 --years 2018-2021 --without-faults -o perfect
    """
    from sdmxmig.workspace.tasks.simulating import SimulateRequest, simulate

    first, last = years_of(years)
    request = SimulateRequest(persons, seed, first_year=first, last_year=last, has_faults=not without_faults)
    simulate(request, out, lambda path, rows: stage("simulate", f"{path}: {counted(rows, 'row')}"))
    say("The persons in these files are fictional: figures made from them describe no country.")
    show(str(out / "README.md"))


def years_of(text: str) -> tuple[int, int]:
    match = YEARS.fullmatch(text.strip())
    if match is None:
        raise SdmxmigError(f"“{text}” is not a range of years.", hint="Write the first and the last year: 2018-2022.")
    return int(match[1]), int(match[2] or match[1])
