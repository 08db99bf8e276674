"""``sdmxmig transform``: the same content in another format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.application.clock import moment
from sdmxmig.cli.exchanging import FLOW_OPTION, FOLLOWS_OPTION, STRUCTURE_OPTION
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.errors import SdmxmigError, counted
from sdmxmig.model.submission import Header, Party
from sdmxmig.publishing.files import STANDARD_OUTPUT, open_result
from sdmxmig.publishing.refusing import check_apart

if TYPE_CHECKING:
    from sdmxmig.checking.passing import Passing
    from sdmxmig.dialects import Untranslated
    from sdmxmig.exchange import Heading
    from sdmxmig.formats.faults import Faults
    from sdmxmig.model.data import Dataset, Flow

SHOWN = 20


@click.command("transform")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--to", "target", required=True, metavar="FORMAT", help="The format to write, such as sdmx-json-2.0.")
@click.option(
    "-o",
    "--output",
    "out",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write; - for standard output, .gz or .zip at the end packs it.",
)
@STRUCTURE_OPTION
@FLOW_OPTION
@FOLLOWS_OPTION
@click.option(
    "--dimensions",
    default="",
    metavar="ID,ID…",
    help="The dimensions, in their order, of data whose structure is not known.",
)
@click.option(
    "--dimension-at-observation",
    "at",
    default="TIME_PERIOD",
    show_default=True,
    help="Which dimension observations carry; AllDimensions for flat data.",
)
@click.option("--labels", type=click.Choice(["id", "name", "both"]), default="id", show_default=True, help="In CSV.")
@click.option("--map", "map_name", default="", metavar="ID", help="Translate by a structure map, such as SM_OECD_B11.")
@click.option("--back", is_flag=True, help="With --map: from the target of the map to its source.")
@click.option("--lenient", is_flag=True, help="Leave out what cannot be read, and list it.")
@click.option("--id", "message_id", default="", help="The id of the message.  [default: as it was]")
@click.option("--sender", default="", metavar="ID", help="Who sends the message.  [default: as it was]")
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
    message_id: str,
    sender: str,
    now: str,
) -> int:
    """Write a structure, data or metadata message in another format.

    Data pass through in blocks, so that a message may be larger than memory. SOURCE may be packed (gzip, zip), or - for
    standard input. The header of the message is kept; one that has none gets the present time. What the format has no
    place or word for is refused or, as are header and annotations in a table, told. An artefact that it cannot hold
    is left out and named, and all others are written. Values are held against their structure as they pass: codes,
    types, what lacks and what stands twice. What is wrong with them is told and written as it is. Exit code 1 if
    something was left out, or is wrong with the data.

    Data whose structure is not known become a table; generic data, which say what their dimensions are, become
    anything. What was inferred is told.

    \b
    Examples:
      sdmxmig transform data.csv --to sdmx-ml-3.0 -o data.xml
      sdmxmig transform structures.xml --to sdmx-json-2.0 -o structures.json
      sdmxmig transform inflows.csv --map SM_ESTAT_IMM1CTZ --to sdmx-csv-2.0 -o migr_imm1ctz.csv
      sdmxmig transform data.xml.gz --structure structures.xml --to sdmx-csv-2.0 -o data.csv.gz
    """
    from sdmxmig.application.messages import check_message, known_flows, named
    from sdmxmig.checking.passing import Passing
    from sdmxmig.exchange import known_format, transform
    from sdmxmig.formats import FORMATS, Layout
    from sdmxmig.formats.detection import detect
    from sdmxmig.formats.faults import Faults
    from sdmxmig.intake.incoming import incoming
    from sdmxmig.intake.packed import open_message

    check_apart(out, source)
    check_message(out)
    form, flows = known_format(target), known_flows(structures, flow, follows=follows)
    layout = Layout(dimension_at_observation=at, labels=labels)
    faults, header = Faults() if lenient else None, heading(message_id, sender, now)
    if form.read_header is not None:
        header = checked_heading(header)
    left_out: list[SdmxmigError] = []
    if back and not map_name:
        raise SdmxmigError("--back needs a map.", hint="Name it with --map.")
    translation = Translation(map_name, back=back) if map_name else None
    with open_message(source, named(source)) as (name, opened), open_result(out, form.suffix) as file:
        message = incoming(opened, name)
        detected = detect(name, message)
        passing = Passing(FORMATS[detected.format]) if detected.kind == "data" and detected.format in FORMATS else None

        def change(blocks: Iterable[Dataset]) -> Iterable[Dataset]:
            seen = passing.of(blocks) if passing else blocks
            return translation.change(seen) if translation else seen

        try:
            said = transform(
                name,
                message,
                form,
                file,
                flows=flows,
                header=header,
                layout=layout,
                faults=faults,
                change=change,
                tell=say,
                leave=left_out.append,
                dimensions=[one.strip() for one in dimensions.split(",") if one.strip()],
            )
        except SdmxmigError:
            if faults is not None:
                tell(faults)  # what was left out may be why the rest cannot be written
            raise
    if translation:
        for untranslated in translation.told:
            say(f"not translated: {untranslated}")
    stage("transform", f"{said} to {form.name}")
    if str(out) != STANDARD_OUTPUT:
        show(str(out))
    for error in left_out:
        say(f"left out: {error}")
    not_read = tell(faults) if faults is not None else 0
    not_sound = tell_problems(passing, source, flows) if passing and not passing.is_sound else 0
    return max(not_read, not_sound, int(bool(left_out)))


class Translation:
    """Datasets in another dialect, and what of them could not be expressed, added up over all blocks."""

    def __init__(self, map_name: str, *, back: bool) -> None:
        from sdmxmig.catalogue import load
        from sdmxmig.dialects import structure_map

        self.catalogue = load()
        self.map = structure_map(self.catalogue, map_name)
        self.back = back
        self.found: dict[Untranslated, int] = {}

    def change(self, datasets: Iterable[Dataset]) -> Iterator[Dataset]:
        """The datasets as they are read, each translated."""
        from sdmxmig.dialects import translate

        for dataset in datasets:
            made, told = translate(dataset, self.map, self.catalogue, back=self.back)
            for untranslated in told:
                same = replace(untranslated, observations=0)
                self.found[same] = self.found.get(same, 0) + untranslated.observations
            yield made

    @property
    def told(self) -> list[Untranslated]:
        """What could not be expressed, in the order in which it was met."""
        return [replace(untranslated, observations=count) for untranslated, count in self.found.items()]


def heading(message_id: str, sender: str, now: str) -> Heading:
    """What makes a header: that of the source, or a new one, with what the options say."""
    given = moment(now).isoformat(timespec="seconds")

    def header(found: Header | None) -> Header:
        made = found or Header("TRANSFORMED", given, sender=Party("SDMXMIG"))
        made = replace(made, id=message_id) if message_id else made
        made = replace(made, sender=Party(sender)) if sender else made
        return replace(made, prepared=given) if now else made

    return header


def checked_heading(heading: Heading) -> Heading:
    """What makes a header, and refuses one that no format takes, with the option that helps."""
    from sdmxmig.formats.sdmx_ml.text_shapes import DATE_OR_TIME, ID, fits

    def header(found: Header | None) -> Header:
        made = heading(found)
        if not made.id:
            raise SdmxmigError("The message has no id.", hint="Give it one with --id.")
        for text, shape, what, option in (
            (made.sender.id, ID, "the id of a sender", "--sender"),
            (made.prepared, DATE_OR_TIME, "a time of preparation", "--now"),
        ):
            if not fits(text, shape):
                raise SdmxmigError(f"“{text}” cannot be {what}.", hint=f"Give another one with {option}.")
        return made

    return header


def tell_problems(passing: Passing, source: Path, flows: Mapping[str, Flow]) -> int:
    """List what is wrong with values that were written as they are; gives the exit code.

    Their places are sought in the source, if it can be read again.
    """
    from sdmxmig.application.messages import named
    from sdmxmig.intake.incoming import incoming, kept
    from sdmxmig.intake.packed import STANDARD_INPUT, open_message

    name = named(source)
    if str(source) == STANDARD_INPUT:
        problems = passing.problems(name, None, flows)
    else:
        with open_message(source, name) as (_, message), kept(incoming(message, name), name) as whole:
            problems = passing.problems(name, whole, flows)
    problems.sort(key=lambda problem: problem.place)
    many = f"{counted(len(problems), 'problem')} with the data, which were written as they are"
    say(f"{many}; sdmxmig check lists {'it' if len(problems) == 1 else 'them'}:")
    for problem in problems[:SHOWN]:
        say(f"  {problem.place}: {problem.message}")
    if len(problems) > SHOWN:
        say(f"  … {len(problems) - SHOWN:,} more")
    return 1


def tell(faults: Faults) -> int:
    """List what was left out; gives the exit code."""
    for error in faults.found[:SHOWN]:
        say(f"left out: {error}")
    more = len(faults.found) - SHOWN + sum(faults.unlisted.values())
    if more > 0:
        say(f"… {more:,} more; sdmxmig check --lenient --format json lists them")
    return int(bool(faults.found))
