"""``sdmxmig questionnaire fill``: agencies' questionnaires."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.exit_codes import OK
from sdmxmig.cli.options import WORKSPACE_OPTION, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import next_step, say, show, stage
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.io.publishing.refusing import check_apart, check_new


@click.command("fill")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    "mapped",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="The mapping of its cells.",
)
@click.option("--data", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The figures.")
@WORKSPACE_OPTION
@output_option("out", "The workbook.  [default: WORKBOOK.filled.xlsx]")
def fill_command(workbook: Path, mapped: Path, data: Path, workspace: Path | None, out: Path | None) -> int:
    """Fill in a workbook of another agency.

    The figures go into the cells that the mapping describes; the rest of the workbook is not changed. Figures
    without a cell are listed.

    \b
    Examples:
      sdmxmig questionnaire fill form.xlsx --mapping form.toml --data pop.csv
      sdmxmig questionnaire fill form.xlsx --mapping form.toml --data pop.csv -o filled.xlsx
    """
    from sdmxmig.catalogue import load as load_catalogue
    from sdmxmig.conversion.mapping import load
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.reporting.outputs.patched_workbook import patch
    from sdmxmig.workspace.tasks.mapping_files import beside_file
    from sdmxmig.workspace.tasks.questionnaires import fillings_of, reaching_out

    catalogue = load_catalogue(at_work(workspace))
    mapping = load(mapped.name, read_bytes(mapped), catalogue.flows, beside_file(mapped))
    target = out or workbook.with_suffix(".filled.xlsx")
    check_apart(target, workbook, mapped, data)
    check_new(target)
    content = read_bytes(workbook)
    filling = fillings_of(catalogue, (workbook.name, content), mapping, data)
    patched = patch(workbook.name, content, filling.cells)
    if notice := reaching_out(workbook.name, content):
        say(notice)
    publish_file(target, patched.content, "-o FILE")
    for left_out in filling.left_out:
        say(f"not in the workbook: {left_out}")
    stage("fill", f"{len(filling.cells)} cells filled in, {filling.empty} without data")
    show(str(target))
    next_step("open", target)
    return OK
