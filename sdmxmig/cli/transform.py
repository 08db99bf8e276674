"""``sdmxmig transform``: conversion of formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import talk
from sdmxmig.cli.options import FLOW_OPTION, FOLLOWS_OPTION, STRUCTURE_OPTION, output_option
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.io.publishing.files import STANDARD_OUTPUT, check_apart, open_result
from sdmxmig.primitives.errors import SdmxmigError, counted

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.faults import Faults
    from sdmxmig.sdmx.model.data import Flow
    from sdmxmig.workspace.tasks.transforming import Transformed

SHOWN = 20


@click.command("transform")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--to", "target", required=True, metavar="FORMAT", help="The format to write, such as sdmx-json-2.0.")
@output_option("out", "The file; - for standard output, .gz or .zip at the end packs it.", required=True)
@STRUCTURE_OPTION
@FLOW_OPTION
@FOLLOWS_OPTION
@click.option(
    "--dimensions",
    default="",
    metavar="ID,ID…",
    help="The dimensions in order, for data without a structure.",
)
@click.option(
    "--dimension-at-observation",
    "at",
    default="TIME_PERIOD",
    show_default=True,
    help="The dimension at observation level; AllDimensions for flat data.",
)
@click.option("--labels", type=click.Choice(["id", "name", "both"]), default="id", show_default=True, help="In CSV.")
@click.option("--map", "map_name", default="", metavar="ID", help="Translate by a structure map, such as SM_OECD_B11.")
@click.option("--back", is_flag=True, help="With --map: from the target of the map to its source.")
@click.option("--lenient", is_flag=True, help="Leave out what cannot be read, and list it.")
@click.option("--strict", is_flag=True, help="Refuse what deviates from the standard.")
@click.option("--id", "message_id", default="", help="The id of the message.  [default: as it was]")
@click.option("--sender", default="", metavar="ID", help="The sender.  [default: as it was]")
@click.option("--now", default="", metavar="TIME", help="The time to write into the header.  [default: as it was]")
def transform_command(  # noqa: PLR0913, PLR0917 - one for each option
    source: Path,
    target: str,
    out: Path,
    structures: Sequence[Path],
    flow: str,
    follows: bool,
    dimensions: str,
    at: str,
    labels: str,
    map_name: str,
    back: bool,
    lenient: bool,
    strict: bool,
    message_id: str,
    sender: str,
    now: str,
) -> int:
    """Convert a structure, data or metadata message to another format.

    Data are streamed, so a message may be larger than memory. SOURCE may be compressed (gzip, zip), or - for standard
    input. The header is kept; a message without one gets the present time. Artefacts and details that the format cannot
    hold are left out and listed. Data are checked on the way: codes, types, missing and duplicate values; problems are
    listed, and the values are written unchanged. Deviations from the standard with a clear meaning are read and listed
    (--strict refuses them). Exit code 1 if something was left out, or if the data have problems.

    Data without a structure can be written as a table; generic data, which name their dimensions, in any format.
    Inferred structure is reported.

    \b
    Examples:
      sdmxmig transform data.csv --to sdmx-ml-3.0 -o data.xml
      sdmxmig transform structures.xml --to sdmx-json-2.0 -o structures.json
      sdmxmig transform inflows.csv --map SM_ESTAT_IMM1CTZ --to sdmx-csv-2.0 -o migr_imm1ctz.csv
      sdmxmig transform data.xml.gz --structure structures.xml --to sdmx-csv-2.0 -o data.csv.gz
    """
    from sdmxmig.sdmx.exchange import known_format
    from sdmxmig.sdmx.formats import Layout
    from sdmxmig.sdmx.formats.faults import Faults
    from sdmxmig.workspace.tasks.messages import MessageReading, check_message, known_flows, named
    from sdmxmig.workspace.tasks.transforming import Translation, Wish, checked_heading, heading, transform_message

    check_apart(out, source)
    check_message(out)
    form, flows = (
        known_format(target),
        known_flows(MessageReading(structures=tuple(structures), flow=flow, follows=follows)),
    )
    faults, header = Faults.by(lenient=lenient, strict=strict), heading(message_id, sender, now)
    if form.read_header is not None:
        header = checked_heading(header)
    if back and not map_name:
        raise SdmxmigError("--back needs a map.", hint="Name it with --map.")
    wish = Wish(
        form=form,
        flows=flows,
        header=header,
        layout=Layout(dimension_at_observation=at, labels=labels),
        faults=faults,
        translation=Translation(map_name, back=back) if map_name else None,
        dimensions=[dimension.strip() for dimension in dimensions.split(",") if dimension.strip()],
    )
    with open_result(out, form.suffix) as file:
        try:
            transformed = transform_message(source, named(source), file, wish, talk=talk)
        except SdmxmigError:
            tell_faults(faults)  # what was left out may be why the rest cannot be written
            raise
    lost = wish.translation.untranslated if wish.translation else []
    for untranslated in lost:
        say(f"not translated: {untranslated}")
    stage("transform", f"{transformed.source} to {form.name}")
    if str(out) != STANDARD_OUTPUT:
        show(str(out))
    for error in transformed.left_out:
        say(f"left out: {error}")
    not_read = tell_faults(faults)
    not_sound = 0 if transformed.is_sound else tell_problems(transformed, source, flows)
    is_left_out = bool(transformed.left_out) or any(untranslated.left_out for untranslated in lost)
    return max(not_read, not_sound, int(is_left_out))


def tell_problems(transformed: Transformed, source: Path, flows: Mapping[str, Flow]) -> int:
    from sdmxmig.workspace.tasks.transforming import problems_of

    problems = problems_of(transformed.passing, source, flows) if transformed.passing else []
    problem_count = f"{counted(len(problems), 'problem')} with the data, which were written as they are"
    say(f"{problem_count}; sdmxmig check lists {'it' if len(problems) == 1 else 'them'}:")
    for problem in problems[:SHOWN]:
        say(f"  {problem.place}: {problem.message}")
    if len(problems) > SHOWN:
        say(f"  … {len(problems) - SHOWN:,} more")
    return 1


def tell_faults(faults: Faults) -> int:
    """List what deviates from the standard or was left out; gives the exit code, 1 if something was left out."""
    from sdmxmig.sdmx.formats.faults import is_read

    for error in faults.listed[:SHOWN]:
        say(f"{'read as meant' if is_read(error) else 'left out'}: {error}")
    more = len(faults.listed) - SHOWN + sum(faults.unlisted.values())
    if more > 0:
        say(f"… {more:,} more; sdmxmig check --lenient --format json lists them")
    return int(bool(faults.left_out))
