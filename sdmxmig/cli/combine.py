"""``sdmxmig combine``: figures from several sources."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.options import NOW_OPTION, output_option
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.primitives.errors import counted


@click.command("combine")
@click.argument("declaration", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@output_option("out", "The folder for data, tables and metadata.", required=True)
@NOW_OPTION
def combine_command(declaration: Path, out: Path, now: str) -> None:
    """Combine sources step by step, as a TOML declaration describes.

    Steps choose the source of a variable, count, fit tables to known margins, calibrate weights, estimate figures and
    their precision from surveys, and split years into months. Figures are written with sources, methods and rules.
    Tables of persons are not written.

    \b
    Examples:
      sdmxmig combine integrated.toml -o integrated
      sdmxmig combine country/combine.toml -o country/out
      sdmxmig combine integrated.toml -o integrated --now 2024-06-01T00:00:00
    """
    from sdmxmig.catalogue import load
    from sdmxmig.io.publishing.folders import publish_among
    from sdmxmig.workspace.tasks.combining import combine
    from sdmxmig.workspace.tasks.integration_records import combine_files

    combined = combine(declaration, load())
    for note in combined.notes:
        say(note)
    paths, sentences = publish_among(out, "combine", combine_files(combined, now))
    for sentence in sentences:
        say(sentence)
    stage("combine", counted(len(combined.outputs), "table"))
    show(*map(str, paths))
