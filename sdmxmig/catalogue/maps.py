"""Maps: representation maps in CSV, structure maps in TOML.

``maps/<AGENCY>/<RM_ID>.<VERSION>.csv``: the row without source describes the map (``source_list``, ``target_list``);
others have ``source``, ``target``, ``regex``, ``valid_from``, ``valid_to``. One-sided rows become WITHOUT_TARGET or
WITHOUT_SOURCE annotations, with ``*`` and ``?``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.constraints import structure_of
from sdmxmig.catalogue.heads import head_of, read_head
from sdmxmig.catalogue.rows import DeclaredRow, read_rows
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.patterns import ExpressionError, pattern, short
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.formats.structures.notes import origin
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.maps import (
    ALSO_NAMED,
    WITHOUT_SOURCE,
    WITHOUT_TARGET,
    ComponentLink,
    FixedValue,
    RepresentationMap,
    SourceValue,
    StructureMap,
    TimeLink,
    ValueMapping,
)
from sdmxmig.sdmx.model.references import Ref

SIDES = ("source", "source_2", "target", "target_2")
LISTS = ("source_list", "source_list_2", "target_list", "target_list_2")
COLUMNS = (*SIDES, *LISTS, "regex", "valid_from", "valid_to", "status", "source_note", "external")
Representation = Ref | str


def read_representation_map(file: Path, content: bytes, index: ArtefactIndex) -> RepresentationMap:
    rows = read_rows(file, content, "RepresentationMap", COLUMNS, key="source")
    head = head_of(rows, "source_note")
    lists = {side: list_of(rows.head, name, index) for side, name in zip(SIDES, LISTS, strict=True)}
    used_lists = {side: value_list for side, value_list in lists.items() if value_list}
    for side in ("source", "target"):
        if side not in used_lists:
            hint = f"Name a codelist or a data type in the column {side}_list of the first row."
            raise DeclarationError(f"The {side} of the map is missing.", rows.head.place, hint)
    sided = [(row, is_one_sided(row, used_lists)) for row in rows.rows]
    return RepresentationMap(
        head.ref,
        head.name,
        sources=tuple(value_list for side, value_list in used_lists.items() if side.startswith("source")),
        targets=tuple(value_list for side, value_list in used_lists.items() if side.startswith("target")),
        mappings=tuple(line_of(row, used_lists, index) for row, one_sided in sided if not one_sided),
        description=head.description,
        annotations=(
            *head.annotations,
            *(without_counterpart(row, used_lists) for row, one_sided in sided if one_sided),
        ),
        details=head.details,
        place=head.place,
    )


def list_of(row: DeclaredRow, column: str, index: ArtefactIndex) -> Representation:
    return index.ref(row[column], "Codelist", row.place) if ":" in row[column] else row[column]


def is_one_sided(row: DeclaredRow, used_lists: dict[str, Representation]) -> bool:
    return bool(row["description_en"]) and len({side.partition("_")[0] for side in used_lists if row[side]}) == 1


def without_counterpart(row: DeclaredRow, used_lists: dict[str, Representation]) -> Annotation:
    side = "source" if any(row[name] for name in used_lists if name.startswith("source")) else "target"
    codes = [row[name] or "*" for name in used_lists if name.startswith(side)]
    return Annotation(
        WITHOUT_TARGET if side == "source" else WITHOUT_SOURCE, row.texts("description"), title=",".join(codes)
    )


def line_of(row: DeclaredRow, used_lists: dict[str, Representation], index: ArtefactIndex) -> ValueMapping:
    """Read one line of a map; a line without either side is refused."""
    is_pattern = row["regex"] == "yes"
    for side, value_list in used_lists.items():
        if not row[side]:
            raise DeclarationError(f"The {side.replace('_', ' ')} is missing.", row.place, "Write a value.")
        if isinstance(value_list, Ref) and not (is_pattern and side.startswith("source")):
            index.check_items(value_list, (row[side],), row.place)
    for side in used_lists if is_pattern else ():
        if side.startswith("source"):
            check_pattern(row[side], row)
    status = row.status if row["status"] else ""
    valid_from, valid_to = row.valid
    return ValueMapping(
        tuple(SourceValue(row[side], regex=is_pattern) for side in used_lists if side.startswith("source")),
        tuple(row[side] for side in used_lists if side.startswith("target")),
        valid_from=valid_from,
        valid_to=valid_to,
        annotations=(*origin(status, row["source_note"]), *row.notes),
    )


def check_pattern(source_text: str, row: DeclaredRow) -> None:
    try:
        pattern(source_text)
    except ExpressionError as error:
        message = f"“{short(source_text)}” is not a pattern that can be used: {error}."
        raise DeclarationError(message, row.place) from None


def read_structure_map(declared: Declared, index: ArtefactIndex) -> list[StructureMap]:
    """Read a structure map: ``from``, ``to``, ``also_named``, ``[[component]]``, ``[[fixed]]``, ``[[time]]``.

    ``also_named`` are other ids of the target in messages. ``[[component]]``: ``source``, ``target``, ``also_named``,
    ``map``; ``[[fixed]]``: ``component``, ``value``, ``on_source``;
    ``[[time]]``: ``source``, ``target``, ``pattern``, ``locale``, ``frequency``. Raises `DeclarationError`.
    """
    head = read_head(declared, "StructureMap")
    source, target = end_of(declared, "from", index), end_of(declared, "to", index)
    structures = [structure_of(index.artefacts[end], index) for end in (source, target)]
    components = tuple(link_of(component, structures, index) for component in declared.tables("component"))
    fixed = tuple(fixed_of(entry, structures, index) for entry in declared.tables("fixed"))
    times = tuple(time_of(entry, structures) for entry in declared.tables("time"))
    named = replace(head, notes=(*head.notes, *also_named(declared)))
    declared.close()
    return [
        StructureMap(
            source=source,
            target=target,
            components=components,
            fixed=fixed,
            times=times,
            **named.shared(),
        )
    ]


def also_named(declared: Declared) -> tuple[Annotation, ...]:
    return tuple(Annotation(ALSO_NAMED, title=name) for name in declared.strings("also_named"))


def end_of(declared: Declared, key: str, index: ArtefactIndex) -> Ref:
    name = declared.text(key)
    kind = "DataStructure" if name.rpartition(":")[2].startswith("DSD_") else "Dataflow"
    return index.ref(name, kind, declared.at(key))


def check_components(declared: Declared, key: str, names: tuple[str, ...], structure: DataStructure | None) -> None:
    for name in names:
        if structure is not None and name not in structure:
            hint = did_you_mean(name, [component.id for component in structure.components])
            raise DeclarationError(f"{structure.ref.short} has no component “{name}”.", declared.at(key), hint)


def link_of(declared: Declared, structures: list[DataStructure | None], index: ArtefactIndex) -> ComponentLink:
    sources, targets = declared.strings("source", None), declared.strings("target", None)
    check_components(declared, "source", sources, structures[0])
    check_components(declared, "target", targets, structures[1])
    map_name = declared.text("map", "")
    link = ComponentLink(
        sources,
        targets,
        representation=index.ref(map_name, "RepresentationMap", declared.at("map")) if map_name else None,
        annotations=also_named(declared),
    )
    declared.close()
    return link


def fixed_of(declared: Declared, structures: list[DataStructure | None], index: ArtefactIndex) -> FixedValue:
    component = declared.text("component")
    key = "values" if "values" in declared.values else "value"
    values = declared.strings("values", None) if key == "values" else (declared.text("value"),)
    on_source = declared.flag("on_source", default=False)
    structure = structures[0 if on_source else 1]
    check_components(declared, "component", (component,), structure)
    codelist = structure[component].codelist if structure else None
    if codelist:
        index.check_items(codelist, values, declared.at(key))
    declared.close()
    return FixedValue(component, values, on_source=on_source)


def time_of(declared: Declared, structures: list[DataStructure | None]) -> TimeLink:
    sources, targets = declared.strings("source", None), declared.strings("target", None)
    check_components(declared, "source", sources, structures[0])
    check_components(declared, "target", targets, structures[1])
    link = TimeLink(
        "pattern",
        sources,
        targets=targets,
        pattern=declared.text("pattern"),
        locale=declared.text("locale", "en"),
        frequency=declared.text("frequency", ""),
        frequency_dimension=declared.text("frequency_dimension", ""),
    )
    declared.close()
    return link
