"""``sdmxmig show``: declarations by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, WORKSPACE_OPTION, build_language_option, build_output_option
from sdmxmig.cli.terminal import next_step, say, show, show_json, show_list, show_text, stage
from sdmxmig.io.publishing.files import check_new, publish_file
from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from sdmxmig.catalogue import Catalogue
    from sdmxmig.catalogue.showing.names import NamedThing


def find_workspace(workspace: Path | None) -> Path | None:
    if workspace is not None:
        from sdmxmig.workspace.folder import check_declares

        check_declares(workspace)
    return workspace or (Path() if Path("country.toml").is_file() else None)


@click.command("show")
@click.argument("name", default="")
@WORKSPACE_OPTION
@build_language_option(default="en", show_default=True)
@build_output_option("file", "Write a list as a spreadsheet of text.")
@FORMAT_OPTION
def show_command(name: str, workspace: Path | None, language: str, file: Path | None, listing_format: str) -> None:
    """Show an artefact, a code, an indicator, a definition, a rule or an account, with status and source.

    NAME is an id, AGENCY:ID(VERSION), a URN, a code such as CL_SEX.F, the number of a definition or indicator, or a
    name. Without NAME, everything is listed by kind.

    \b
    Examples:
      sdmxmig show CL_SEX
      sdmxmig show D05 --language fr
      sdmxmig show CL_OCCUPATION -o occupations.xlsx
    """
    from sdmxmig.catalogue import load
    from sdmxmig.catalogue.showing.names import choose_namesake, find
    from sdmxmig.primitives.text import find_locale

    folder = find_workspace(workspace)
    language = find_locale(language).language
    catalogue = load(folder)
    if not name:
        if file:
            raise SdmxmigError("Which list should the spreadsheet contain?", hint="Name one, such as CL_SEX.")
        list_all(catalogue, language, listing_format)
        return
    candidates = find(catalogue, name)
    named_thing = choose_namesake(candidates)
    if named_thing is None:
        say(f"Several artefacts are called “{name}”; show one of them by its full name.")
        show_list([build_row(candidate, language) for candidate in candidates], listing_format)
        return
    if len(candidates) > 1:
        other_names = ", ".join(candidate.name for candidate in candidates if candidate is not named_thing)
        say(f"Other artefacts have this id too: {other_names}.")
    if file:
        write_sheet(named_thing, folder, file)
        return
    files = list_files(named_thing, folder)
    if listing_format == "json":
        show_json(build_record(named_thing, files))
    else:
        from sdmxmig.catalogue.showing.cards import build_card, write_card
        from sdmxmig.quality.rules import describe_kinds

        show_text(write_card(build_card(named_thing, catalogue, language, describe_kinds=describe_kinds), files))


def build_row(named_thing: NamedThing, language: str) -> dict[str, str]:
    from sdmxmig.catalogue.artefact_heads import find_status

    title = named_thing.title.in_language(language)
    return {
        "kind": named_thing.kind,
        "name": named_thing.name,
        "title": title,
        "status": find_status(named_thing.thing),
    }


def list_all(catalogue: Catalogue, language: str, listing_format: str) -> None:
    from sdmxmig.catalogue.showing.names import list_everything

    rows = [build_row(named_thing, language) for named_thing in list_everything(catalogue)]
    if listing_format == "json":
        show_list(rows, listing_format)
        return
    kinds = dict.fromkeys(row["kind"] for row in rows)
    width = max(len(row["name"]) for row in rows)
    for kind in kinds:
        of_kind = [row for row in rows if row["kind"] == kind]
        show(f"{kind} ({len(of_kind)})")
        for entry in of_kind:
            show(f"  {entry['name']:<{width}}  {entry['status']:<9}  {entry['title']}")
    next_step("sdmxmig show", rows[0]["name"])


def build_record(named_thing: NamedThing, files: Sequence[str]) -> Mapping[str, object]:
    from sdmxmig.catalogue.artefact_heads import find_source, find_status
    from sdmxmig.catalogue.rules import index_rule_examples
    from sdmxmig.catalogue.showing.names import convert_to_json

    head = {
        "kind": named_thing.kind,
        "name": named_thing.name,
        "status": find_status(named_thing.thing),
        "source": find_source(named_thing.thing),
    }
    within = {"within": named_thing.within.ref.urn} if named_thing.within else {}
    example = index_rule_examples().get(named_thing.name) if named_thing.kind == "Rule" else None
    beside = {"example": convert_to_json(example)} if example else {}
    return {**head, **within, "files": list(files), "content": convert_to_json(named_thing.thing), **beside}


def list_files(named_thing: NamedThing, folder: Path | None) -> list[str]:
    path = find_path(named_thing, folder)
    if path is None:
        return []
    is_own = folder is not None and folder.resolve() in path.resolve().parents
    return [f"{path} ({'of the workspace' if is_own else 'shipped with sdmxmig'})"]


def find_path(named_thing: NamedThing, folder: Path | None) -> Path | None:
    from sdmxmig.catalogue.artefact_heads import find_declared_files, find_file
    from sdmxmig.catalogue.item_schemes import find_code_place
    from sdmxmig.sdmx.model.artefacts import Item

    holder = named_thing.within or named_thing.thing
    agency = getattr(getattr(holder, "ref", None), "agency", "")
    place = getattr(holder, "place", None)
    if place and isinstance(named_thing.thing, Item):
        place = find_code_place(named_thing.thing, place)
    return find_file(place, agency, find_declared_files(folder))


def write_sheet(named_thing: NamedThing, folder: Path | None, file: Path) -> None:
    """Write a codelist as a spreadsheet that `sdmxmig load` can read."""
    from sdmxmig.catalogue.artefact_heads import find_status
    from sdmxmig.forms.sheets import write_codelist

    if file.suffix.lower() != ".xlsx":
        raise SdmxmigError(f"“{file}” is not the name of a spreadsheet.", hint="Write a name that ends in .xlsx.")
    path = find_path(named_thing, folder)
    if named_thing.within or path is None or path.suffix != ".csv":
        hint = (
            "Spreadsheets are for codelists, schemes, hierarchies and representation maps; for others: --format json."
        )
        raise SdmxmigError(f"{named_thing.name} is not declared as a list of rows.", hint=hint)
    check_new(file)
    workbook = write_codelist(
        path.read_bytes(),
        kind=named_thing.kind,
        ref=named_thing.name,
        name=str(named_thing.title),
        status=find_status(named_thing.thing),
    )
    publish_file(file, workbook, "-o FILE")
    stage("show", f"{named_thing.name} as text in {file}")
    next_step("edit it, then: sdmxmig load", file)
