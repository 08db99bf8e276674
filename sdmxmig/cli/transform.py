"""``sdmxmig transform``: the same content in another format."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import click

from sdmxmig.cli.exchanging import STRUCTURE_OPTION, known_flows
from sdmxmig.cli.publishing import publish_file
from sdmxmig.cli.session import moment
from sdmxmig.cli.talk import stage
from sdmxmig.model.submission import Header


@click.command("transform")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--to", "target", required=True, metavar="FORMAT", help="The format to write, such as sdmx-json-2.0.")
@click.option("-o", "--output", "out", required=True, type=click.Path(path_type=Path), help="The file to write.")
@STRUCTURE_OPTION
@click.option(
    "--dimension-at-observation",
    "at",
    default="TIME_PERIOD",
    show_default=True,
    help="Which dimension observations carry; AllDimensions for flat data.",
)
@click.option("--labels", type=click.Choice(["id", "name", "both"]), default="id", show_default=True, help="In CSV.")
@click.option("--now", default="", metavar="TIME", help="The time to write into headers.  [default: the present]")
def transform_command(
    source: Path, target: str, out: Path, structures: Sequence[Path], at: str, labels: str, now: str
) -> None:
    """Write a structure or data message in another format.

    \b
    Examples:
      sdmxmig transform data.csv --to sdmx-ml-3.0 -o data.xml
      sdmxmig transform structures.xml --to sdmx-json-2.0 -o structures.json
      sdmxmig transform data.xml --structure structures.xml --to sdmx-csv-2.0 -o data.csv
    """
    from sdmxmig.exchange import known_format, transform
    from sdmxmig.formats import Layout
    from sdmxmig.intake.packed import read_message

    form = known_format(target)
    header = Header("TRANSFORMED", moment(now).isoformat(timespec="seconds"), "SDMXMIG")
    content = io.BytesIO()
    layout = Layout(dimension_at_observation=at, labels=labels)
    name, message = read_message(source)
    said = transform(name, message, form, content, flows=known_flows(structures), header=header, layout=layout)
    publish_file(out, content.getvalue())
    stage("transform", f"{said} to {form.name}")
    click.echo(str(out))
