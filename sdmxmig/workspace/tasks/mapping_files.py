"""The mapping files of a workspace."""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Sequence
from pathlib import Path

from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.mapping.mapping_file import find_line, index_key_lines
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Flow, TableMapping
from sdmxmig.sdmx.model.tables import AUTODETECT, Table, TextFormat
from sdmxmig.workspace.tasks.session import Session


def load_mappings(session: Session) -> list[TableMapping]:
    by_id: dict[str, str] = {}
    mappings = []
    for path in session.workspace.mappings:
        mapping = load(path.name, read_bytes(path), session.catalogue.flows)
        other_file = by_id.setdefault(mapping.id, path.name)
        if other_file != path.name:
            message = f"{other_file} and {path.name} have the same id “{mapping.id}”."
            raise DeclarationError(message, Place(path.name, key="id"), "Give each mapping its own id.")
        mappings.append(mapping)
    return mappings


def read_valid_mappings(session: Session) -> tuple[list[TableMapping], list[SdmxmigError]]:
    return read_mappings(session.workspace.mappings, session.catalogue.flows)


def read_mappings(
    paths: Iterable[Path], flows: abc.Mapping[str, Flow]
) -> tuple[list[TableMapping], list[SdmxmigError]]:
    mappings, errors = [], []
    for path in paths:
        try:
            mappings.append(load(path.name, read_bytes(path), flows))
        except SdmxmigError as error:
            errors.append(error)
    return mappings, errors


def find_text_format(mappings: Sequence[TableMapping], name: str) -> TextFormat:
    places = {mapping.text: mapping.place or Place(mapping.id) for mapping in mappings if is_match(name, mapping.file)}
    places.pop(AUTODETECT, None)
    if len(places) > 1:
        first, second = (place.file for place in list(places.values())[:2])
        message = f"{first} and {second} describe the format of {name} differently."
        raise DeclarationError(message, Place(second, key="text"), "Write the same in [text] of both, or in one only.")
    return next(iter(places), AUTODETECT)


def list_missing_sheets(mappings: Iterable[TableMapping], tables: Sequence[Table]) -> list[tuple[TableMapping, str]]:
    sheets = [table.sheet for table in tables]
    return [
        (mapping, sheet)
        for mapping in mappings
        for sheet in dict.fromkeys(block.sheet for block in mapping.blocks)
        if any(sheets) and not any(is_match(each, sheet) for each in sheets)
    ]


def find_component_places(session: Session, mappings: Iterable[TableMapping]) -> dict[str, dict[str, Place]]:
    """Return the lines that set the components of each dataflow, and the places to add lines."""
    contents = {path.name: read_bytes(path).decode("utf-8-sig") for path in session.workspace.mappings}
    places: dict[str, dict[str, Place]] = {}
    for mapping in mappings:
        if mapping.place is None:
            continue
        file, of_flow = mapping.place.file, places.setdefault(mapping.flow, {})
        lines = index_key_lines(contents[file])
        for block in mapping.blocks:
            keys = {name: f"{block.key}.fixed.{name}" for name, _ in block.fixed}
            keys |= {component_map.component: component_map.key for component_map in block.components} | {
                "": f"{block.key}.fixed"
            }
            for name, key in keys.items():
                of_flow.setdefault(name, Place(file, key=key, line=find_line(lines, key)))
    return places
