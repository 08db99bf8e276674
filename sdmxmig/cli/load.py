"""``sdmxmig load``: a list comes back from a spreadsheet into the declarations of a workspace."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.talk import next_step, say, say_formulas, show, show_list, stage
from sdmxmig.errors import DeclarationError, InputError, SdmxmigError, did_you_mean
from sdmxmig.places import Place
from sdmxmig.publishing.files import publish_file
from sdmxmig.workspace import DECLARED, check_declares

if TYPE_CHECKING:
    from sdmxmig.model.references import Ref
    from sdmxmig.sheets import Difference, ListSheet, Spoilt

OWN = "SDMXMIG"
SHOWN = 40
"""How many differences are said one by one."""
MAPS = "RM_"
"""How the ids of representation maps begin, which stand in a folder of their own."""


@click.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("workspace", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--as", "called", default="", metavar="NAME", help="The list: AGENCY:ID(VERSION).  [default: as the file says]"
)
@click.option("--dry-run", is_flag=True, help="Say what would change and write nothing.")
@FORMAT_OPTION
def load_command(file: Path, workspace: Path, called: str, dry_run: bool, output: str) -> int:
    """Read a list from a spreadsheet (as `show -o` writes it) or CSV file into the workspace's codelists/.

    Codes that a spreadsheet program has spoilt are named with their cell: lost leading zeros, dates, figures with
    decimals or exponents, TRUE and FALSE. If the list had such a code before, nothing is written and the exit code
    is 1.

    \b
    Examples:
      sdmxmig load CL_SEX.xlsx mycountry
      sdmxmig load CL_SEX.xlsx mycountry --dry-run
      sdmxmig load regions.csv mycountry --as "GE1:CL_REGION(1.0.0)"
    """
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.sheets import as_csv, compare, read_sheet, spoilt

    check_declares(workspace)
    sheet = read_sheet(file.name, read_bytes(file), called)
    ref, known = resolve(sheet.name, workspace, Place(file.name))
    before = known.read_bytes() if known else b""
    harmed = spoilt(sheet, codes_of(before))
    after = as_csv(sheet)
    changes = compare(before, after) if known else ()
    certain = any(spoilt.is_certain for spoilt in harmed)
    tell(ref, harmed, changes, output, is_new=known is None)
    if certain:
        say("Nothing was written. Set these cells to text in the spreadsheet, correct them, and load it again.")
        return 1
    folder = "structures/maps" if ref.id.startswith(MAPS) else "codelists"
    target = workspace / folder / ref.agency / f"{ref.id}.{ref.version}.csv"
    try_out(target.relative_to(workspace), after, workspace, sheet)
    if ref.agency != OWN and known is not None and changes:
        say(f"This list belongs to {ref.agency}: what you change in it is known to your workspace alone.")
    say_formulas(target.name, after)
    if known is not None and not changes:
        say("Nothing has changed; nothing was written.")
    elif dry_run:
        say(f"It would be written to {target}.")
    else:
        publish_file(target, after, "WORKSPACE")
        stage("load", f"{ref.short} in {target}")
        next_step("sdmxmig build", workspace)
    return 0


def resolve(named: Ref, workspace: Path, place: Place) -> tuple[Ref, Path | None]:
    """The full name of a list, and the file that declares it now; what the name leaves out is looked up there."""
    from sdmxmig.catalogue.folders import first_of_each, search_path
    from sdmxmig.model.references import Ref

    files = [first_of_each(search_path(folder, workspace), ".csv").values() for folder in DECLARED]
    fitting = []
    for path in chain.from_iterable(files):
        id_, _, version = path.name.removesuffix(".csv").partition(".")
        agency = path.parent.name
        if id_ == named.id and named.agency in ("", agency) and named.version in ("", version):
            fitting.append((Ref("", agency, id=id_, version=version), path))
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(ref.short for ref, _ in fitting)
        raise SdmxmigError(f"Several lists are called {named.id}.", place, f"Name one with --as: {names}.")
    if named.agency and named.version:
        return named, None
    hint = f"{did_you_mean(named.id, [path.name.partition('.')[0] for path in chain.from_iterable(files)])} "
    raise SdmxmigError(f"There is no list {named.id}.", place, f"{hint}Name a new one: --as AGENCY:ID(VERSION).")


def codes_of(content: bytes) -> Mapping[str, Collection[str]]:
    """The codes of a list by the columns that hold any."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), restval=""))
    return {column: {row[column] or "" for row in rows} for column in (rows[0] if rows else ())}


def tell(ref: Ref, harmed: Sequence[Spoilt], changes: Sequence[Difference], output: str, *, is_new: bool) -> None:
    """Say what was found and what changes."""
    if output == "json":
        rows = [
            {
                "what": spoilt.kind,
                "cell": str(spoilt.place),
                "found": spoilt.text,
                "expected": spoilt.expected,
                "severity": "error" if spoilt.is_certain else "warning",
            }
            for spoilt in harmed
        ]
        told = [
            {"what": c.kind, "row": c.row, "column": c.column, "before": c.before, "after": c.after} for c in changes
        ]
        show_list([*rows, *told], output)
        return
    for spoilt in harmed:
        show(f"{'✕ error' if spoilt.is_certain else '! warning'}  {spoilt.place}  {spoilt}")
    for change in changes[:SHOWN]:
        show(str(change))
    if len(changes) > SHOWN:
        say(f"… and {len(changes) - SHOWN} more differences; all of them: --format json")
    say(f"{ref.short} is new." if is_new else f"{ref.short}: {len(changes)} differences.")


def try_out(path: Path, content: bytes, workspace: Path, sheet: ListSheet) -> None:
    """Load all declarations with the new file in its place, so that a list that does not fit is never written."""
    from sdmxmig.catalogue import load

    with tempfile.TemporaryDirectory() as name:
        trial = Path(name)
        for folder in DECLARED:
            if (workspace / folder).is_dir():
                shutil.copytree(workspace / folder, trial / folder)
        target = trial / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        try:
            load(trial)
        except DeclarationError as error:
            raise InputError(error.message, in_sheet(error.place, path.name, sheet), error.hint) from None


def in_sheet(place: Place | None, name: str, sheet: ListSheet) -> Place | None:
    """The row of the spreadsheet that became a line of the CSV file."""
    if place is None or place.file != name:
        return place
    line = 1
    for number, cells in sheet.rows:
        line += 1 + sum(text.count("\n") for text in cells.values())
        if place.line and line >= place.line:
            return sheet.place(number, sheet.key)
    return Place(sheet.table.file, sheet.table.sheet)
