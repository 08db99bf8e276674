"""``sdmxmig questionnaire make``: new questionnaires."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.exit_codes import OK
from sdmxmig.cli.options import WORKSPACE_OPTION, language_option, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import next_step, say, show, stage
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.io.publishing.refusing import check_new
from sdmxmig.primitives.errors import SdmxmigError


@click.command("make")
@click.argument("dataflow")
@WORKSPACE_OPTION
@click.option("--area", default="", metavar="CODE", help="The country.  [default: that of the workspace]")
@click.option("--years", default="", metavar="FIRST:LAST", help="The years, such as 2020:2024.")
@click.option("--frequency", default="", metavar="CODE", help="Years (A), quarters (Q), months (M).  [default: A]")
@language_option(default="en", show_default=True)
@click.option("--data", type=click.Path(path_type=Path), metavar="FILE", help="Data to fill in.")
@output_option("out", "The workbook.  [default: DATAFLOW.AREA.xlsx]")
def make_command(
    dataflow: str,
    workspace: Path | None,
    area: str,
    years: str,
    frequency: str,
    language: str,
    data: Path | None,
    out: Path | None,
) -> int:
    """Make a workbook that asks for figures.

    DATAFLOW is an id such as DF_POP; sdmxmig show lists them. The workbook has locked headers, codes to choose from,
    live checks, definitions, and a sheet on sources and methods. Hidden cells identify each figure, so reading it back
    needs no mapping.

    \b
    Examples:
      sdmxmig questionnaire make DF_POP --area GE --years 2020:2024 -o pop.xlsx
      sdmxmig questionnaire make DF_POP --area EG --years 2024 --language ar --data last-year.csv -o pop.xlsx
      sdmxmig questionnaire make DF_IMM --workspace mycountry --years 2024 --frequency M
    """
    from sdmxmig.catalogue import load
    from sdmxmig.workspace.tasks.questionnaires import area_of, questionnaire, years_of

    folder = at_work(workspace)
    area, asked_years = area or area_of(folder), years_of(years)
    target = out or Path(f"{dataflow}.{area}.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise SdmxmigError(f"“{target}” is not the name of a workbook.", hint="Write a name that ends in .xlsx.")
    check_new(target)
    catalogue = load(folder)
    planned, content = questionnaire(
        folder,
        dataflow,
        area=area,
        years=asked_years,
        frequency=frequency,
        language=language,
        data=data,
        catalogue=catalogue,
    )
    publish_file(target, content, "-o FILE")
    for table in planned.left_out:
        say(f"No table {table}; such figures go to the sheet for further figures.")
    count = sum(len(grid.rows) * len(grid.columns) for grid in planned.grids)
    stage("questionnaire", f"{count} figures in {len(planned.grids)} tables")
    show(str(target))
    next_step("fill it in, then: sdmxmig questionnaire read", target)
    return OK
