"""``sdmxmig transform``: conversion of formats."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import talk
from sdmxmig.cli.options import output_option, takes
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.io.publishing.files import STANDARD_OUTPUT, check_apart, open_result
from sdmxmig.primitives.errors import SdmxmigError, counted
from sdmxmig.workspace.requests.messages import TransformRequest

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.faults import Faults
    from sdmxmig.sdmx.model.data import Flow
    from sdmxmig.workspace.tasks.transforming import Transformed

SHOWN = 20


@click.command("transform")
@click.argument("source", type=click.Path(path_type=Path))
@output_option("target", "The file; - for standard output, .gz or .zip at the end packs it.", required=True)
@takes(TransformRequest)
def transform_command(request: TransformRequest) -> int:
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
    from sdmxmig import catalogue
    from sdmxmig.workspace.tasks.messages import check_message, known_flows, named
    from sdmxmig.workspace.tasks.transforming import format_of, transform_message, wish_of

    source, out = Path(str(request.source)), Path(request.target)
    check_apart(out, source)
    check_message(out)
    form, declared = format_of(out, request.format), catalogue.load(request.folder)
    wish = wish_of(request, form, known_flows(request, declared), declared)
    with open_result(out, form.suffix) as file:
        try:
            transformed = transform_message(source, named(source), file, wish, talk=talk)
        except SdmxmigError:
            tell_faults(wish.faults)  # omissions may explain why the rest cannot be written
            raise
    lost = wish.translation.untranslated if wish.translation else []
    for untranslated in lost:
        say(f"not translated: {untranslated}")
    stage("transform", f"{transformed.source} to {form.name}")
    if str(out) != STANDARD_OUTPUT:
        show(str(out))
    for error in transformed.left_out:
        say(f"left out: {error}")
    not_read = tell_faults(wish.faults)
    not_sound = 0 if transformed.is_sound else tell_problems(transformed, source, wish.flows)
    is_left_out = bool(transformed.left_out) or any(untranslated.left_out for untranslated in lost)
    return max(not_read, not_sound, int(is_left_out))


def tell_problems(transformed: Transformed, source: Path, flows: Mapping[str, Flow]) -> int:
    from sdmxmig.workspace.tasks.transforming import problems_of

    problems = problems_of(transformed.passing, source, flows) if transformed.passing else []
    problem_count = f"{counted(len(problems), 'problem')} with the data, which were written unchanged"
    say(f"{problem_count}; sdmxmig check lists {'it' if len(problems) == 1 else 'them'}:")
    for problem in problems[:SHOWN]:
        say(f"  {problem.place}: {problem.message}")
    if len(problems) > SHOWN:
        say(f"  … {len(problems) - SHOWN:,} more")
    return 1


def tell_faults(faults: Faults) -> int:
    """List deviations and omissions; returns exit code 1 if something was left out."""
    from sdmxmig.sdmx.formats.faults import is_read

    for error in faults.listed[:SHOWN]:
        say(f"{'read as meant' if is_read(error) else 'left out'}: {error}")
    more = len(faults.listed) - SHOWN + sum(faults.unlisted.values())
    if more > 0:
        say(f"… {more:,} more; sdmxmig check --lenient --format json lists them")
    return int(bool(faults.left_out))
