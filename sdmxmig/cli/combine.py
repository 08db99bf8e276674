"""``sdmxmig combine``: figures from several sources, by the steps of a declaration."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.options import NOW_OPTION, output_option
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.errors import counted


@click.command("combine")
@click.argument("declaration", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@output_option("out", "The folder for data, tables and metadata.", required=True)
@NOW_OPTION
def combine_command(declaration: Path, out: Path, now: str) -> None:
    """Combine sources as a declaration in TOML says, step by step.

    Steps say which source wins for a variable, count, fit tables to known margins, calibrate weights, estimate from
    weighted surveys with precision, and find months of years. Figures go out with sources, methods and rules; tables of
    persons stay inside.

    \b
    Examples:
      sdmxmig combine integrated.toml -o integrated
      sdmxmig combine country/combine.toml -o country/out
      sdmxmig combine integrated.toml -o integrated --now 2024-06-01T00:00:00
    """
    from sdmxmig.application.combining import combine, csv_of, metadata_message
    from sdmxmig.application.deriving import message_of
    from sdmxmig.catalogue import load
    from sdmxmig.publishing.files import open_result

    combined = combine(declaration, load())
    for note in combined.notes:
        say(note)
    out.mkdir(parents=True, exist_ok=True)
    files = {
        f"{output.name}.csv": message_of(output.dataset, now) if output.dataset else csv_of(output)
        for output in combined.outputs
    }
    files["metadata.json"] = metadata_message(combined, now)
    for name, content in files.items():
        with open_result(out / name, Path(name).suffix) as file:
            file.write(content)
    stage("combine", counted(len(combined.outputs), "table"))
    for name in files:
        show(str(out / name))
