"""Declarations of artefacts, read from ``codelists/`` and the folders of ``structures/`` (`READERS`).

Files of a workspace replace shipped ones; a plus sign in the name adds codes to a codelist.

A dataflow (TOML) has ``structure``, ``rules``, ``categories`` (``CAT_X.A.B``), ``[constraint]`` and ``external``. A
representation map (``maps/<AGENCY>/<RM_ID>.<VERSION>.csv``) has ``source``, ``target``, ``regex``, ``valid_from`` and
``valid_to``; the row without source describes the map (``source_list``, ``target_list``), and one-sided rows become
annotations WITHOUT_TARGET or WITHOUT_SOURCE, with ``*`` and ``?``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sdmxmig.catalogue.artefact_heads import (
    ArtefactHead,
    ArtefactIndex,
    build_head,
    find_note_text,
    find_status,
    read_head,
)
from sdmxmig.catalogue.constraints import find_structure, list_constraints, read_constraint
from sdmxmig.catalogue.data_structures import (
    read_agreement,
    read_data_structure,
    read_metadata_structure,
    read_metadataflow,
)
from sdmxmig.catalogue.folders import index_first_files
from sdmxmig.catalogue.indicators import POPULATION_LIST, build_indicator_list
from sdmxmig.catalogue.item_schemes import (
    add_codes,
    check_codelists,
    find_scheme_kind,
    is_addition,
    read_hierarchy,
    read_item_scheme,
    walk_with_depth,
)
from sdmxmig.catalogue.rows import DeclaredRow, read_rows
from sdmxmig.catalogue.standard import PublishedList, read_standard, revise_indicators, revise_scheme
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.patterns import ExpressionError, pattern, shorten_expression
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import OWN, RESTS_ON, VERIFIED, Declared
from sdmxmig.sdmx.formats.structures.notes import build_origin_notes
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme
from sdmxmig.sdmx.model.data_structures import Dataflow, DataStructure
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
from sdmxmig.sdmx.model.structures import Artefact, Categorisation, Hierarchy

SIDE_COLUMNS = ("source", "source_2", "target", "target_2")
LIST_COLUMNS = ("source_list", "source_list_2", "target_list", "target_list_2")
COLUMNS = (*SIDE_COLUMNS, *LIST_COLUMNS, "regex", "valid_from", "valid_to", "status", "source_note", "external")
Representation = Ref | str


def read_representation_map(file: Path, content: bytes, index: ArtefactIndex) -> RepresentationMap:
    rows = read_rows(file, content, "RepresentationMap", COLUMNS, key="source")
    head = build_head(rows, "source_note")
    lists = {
        side: read_value_list(rows.head, name, index) for side, name in zip(SIDE_COLUMNS, LIST_COLUMNS, strict=True)
    }
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
        mappings=tuple(read_line(row, used_lists, index) for row, one_sided in sided if not one_sided),
        description=head.description,
        annotations=(
            *head.annotations,
            *(annotate_one_sided(row, used_lists) for row, one_sided in sided if one_sided),
        ),
        details=head.details,
        place=head.place,
    )


def read_value_list(row: DeclaredRow, column: str, index: ArtefactIndex) -> Representation:
    return index.ref(row[column], "Codelist", row.at(column)) if ":" in row[column] else row[column]


def is_one_sided(row: DeclaredRow, used_lists: dict[str, Representation]) -> bool:
    return bool(row["description_en"]) and len({side.partition("_")[0] for side in used_lists if row[side]}) == 1


def annotate_one_sided(row: DeclaredRow, used_lists: dict[str, Representation]) -> Annotation:
    side = "source" if any(row[name] for name in used_lists if name.startswith("source")) else "target"
    codes = [row[name] or "*" for name in used_lists if name.startswith(side)]
    return Annotation(
        WITHOUT_TARGET if side == "source" else WITHOUT_SOURCE, row.texts("description"), title=",".join(codes)
    )


def read_line(row: DeclaredRow, used_lists: dict[str, Representation], index: ArtefactIndex) -> ValueMapping:
    """Read a line of a map; raise `DeclarationError` if both sides are empty."""
    is_pattern = row["regex"] == "yes"
    for side, value_list in used_lists.items():
        if not row[side]:
            raise DeclarationError(f"The {side.replace('_', ' ')} is missing.", row.at(side), "Write a value.")
        if isinstance(value_list, Ref) and not (is_pattern and side.startswith("source")):
            index.check_items(value_list, (row[side],), row.at(side))
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
        annotations=(*build_origin_notes(status, row["source_note"]), *row.notes),
    )


def check_pattern(source_text: str, row: DeclaredRow) -> None:
    try:
        pattern(source_text)
    except ExpressionError as error:
        message = f"“{shorten_expression(source_text)}” cannot be used as a pattern: {error}."
        raise DeclarationError(message, row.place) from None


def read_structure_map(declared: Declared, index: ArtefactIndex) -> list[StructureMap]:
    """Read a structure map: ``from``, ``to``, ``also_named``, ``[[component]]``, ``[[fixed]]``, ``[[time]]``.

    ``also_named`` are other ids of the target in messages. ``[[component]]``: ``source``, ``target``, ``also_named``,
    ``map``; ``[[fixed]]``: ``component``, ``value``, ``on_source``;
    ``[[time]]``: ``source``, ``target``, ``pattern``, ``locale``, ``frequency``. Raises `DeclarationError`.
    """
    head = read_head(declared, "StructureMap")
    source, target = read_map_end(declared, "from", index), read_map_end(declared, "to", index)
    structures = [find_structure(index.artefacts[end], index) for end in (source, target)]
    components = tuple(read_link(component, structures, index) for component in declared.tables("component"))
    fixed = tuple(read_fixed_value(entry, structures, index) for entry in declared.tables("fixed"))
    times = tuple(read_time_link(entry, structures) for entry in declared.tables("time"))
    named = replace(head, notes=(*head.notes, *read_other_names(declared)))
    declared.close()
    return [
        StructureMap(source=source, target=target, components=components, fixed=fixed, times=times, **named.shared())
    ]


def read_other_names(declared: Declared) -> tuple[Annotation, ...]:
    return tuple(Annotation(ALSO_NAMED, title=name) for name in declared.strings("also_named"))


def read_map_end(declared: Declared, key: str, index: ArtefactIndex) -> Ref:
    name = declared.text(key)
    kind = "DataStructure" if name.rpartition(":")[2].startswith("DSD_") else "Dataflow"
    return index.ref(name, kind, declared.at(key))


def check_components(declared: Declared, key: str, names: tuple[str, ...], structure: DataStructure | None) -> None:
    for name in names:
        if structure is not None and name not in structure:
            hint = did_you_mean(name, [component.id for component in structure.components])
            raise DeclarationError(f"{structure.ref.short} has no component “{name}”.", declared.at(key), hint)


def read_link(declared: Declared, structures: list[DataStructure | None], index: ArtefactIndex) -> ComponentLink:
    sources, targets = declared.strings("source", None), declared.strings("target", None)
    check_components(declared, "source", sources, structures[0])
    check_components(declared, "target", targets, structures[1])
    map_name = declared.text("map", "")
    link = ComponentLink(
        sources,
        targets,
        representation=index.ref(map_name, "RepresentationMap", declared.at("map")) if map_name else None,
        annotations=read_other_names(declared),
    )
    declared.close()
    return link


def read_fixed_value(declared: Declared, structures: list[DataStructure | None], index: ArtefactIndex) -> FixedValue:
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


def read_time_link(declared: Declared, structures: list[DataStructure | None]) -> TimeLink:
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


NO_STRUCTURE = Ref("DataStructure", "", id="", version="")


def read_dataflow(declared: Declared, index: ArtefactIndex) -> list[Artefact]:
    """Read a dataflow with its constraint ``CC_<id>`` and categorisations ``CTG_<id>_<n>``."""
    head = read_head(declared, "Dataflow")
    structure_name = declared.text("structure", "" if head.details.external else None)
    structure = index.ref(structure_name, "DataStructure", declared.at("structure")) if structure_name else NO_STRUCTURE
    flow = Dataflow(structure=structure, rules=declared.strings("rules"), **head.add_origin())
    constraints = list_constraints(declared.table("constraint"), head, find_structure(flow, index), index)
    place = declared.at("categories")
    filed = [index.item(name, "Category", place) for name in declared.strings("categories")]
    declared.close()
    return [flow, *constraints, *(build_categorisation(head, number, ref) for number, ref in enumerate(filed, start=1))]


def build_categorisation(head: ArtefactHead, number: int, category: Ref) -> Categorisation:
    ref = replace(head.ref, kind="Categorisation", id=f"CTG_{head.ref.id}_{number}")
    notes = tuple(build_origin_notes(head.status, head.source))
    return Categorisation(ref, head.name, source=head.ref, target=category, annotations=notes, place=head.place)


Reader = Callable[[Declared, ArtefactIndex], Sequence[Artefact]]

READERS: dict[str, Reader] = {
    "dsd": read_data_structure,
    "dataflows": read_dataflow,
    "msd": read_metadata_structure,
    "metadataflows": read_metadataflow,
    "agreements": read_agreement,
    "constraints": read_constraint,
    "maps": read_structure_map,
}

OTHER_KINDS = (
    "agencies",
    "indicators",
    "linkage",
    "metadata",
    "rule_profiles",
    "rules",
    "services",
    "simulation",
    "sources",
)


def read_artefacts(codelists: Sequence[Path], structures: Sequence[Path]) -> ArtefactIndex:
    index = ArtefactIndex()
    check_folders(structures)
    read_schemes(codelists, structures, index)
    for folder, reader in READERS.items():
        if folder == "maps":
            for path in index_first_files(find_subfolders(structures, folder), ".csv").values():
                index.add(read_once(read_representation_map, path, path.read_bytes(), index=index))
        for declared in read_declared(structures, folder):
            for artefact in reader(declared, index):
                index.add(artefact)
    return index


def check_folders(structures: Sequence[Path]) -> None:
    for folder in structures:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and path.name not in (*READERS, *OTHER_KINDS) and not path.name.startswith((".", "_")):
                hint = did_you_mean(path.name, (*READERS, *OTHER_KINDS))
                raise DeclarationError(
                    "This folder cannot contain declarations.", Place(f"{folder.name}/{path.name}"), hint
                )


def read_schemes(folders: Sequence[Path], structures: Sequence[Path], index: ArtefactIndex) -> None:
    """Read item schemes, then the list of indicators, then hierarchies."""
    files = {path: path.read_bytes() for path in index_first_files(folders, ".csv").values()}
    added = {path: files.pop(path) for path in [*files] if is_addition(path)}
    trees = {path: files.pop(path) for path in [*files] if find_scheme_kind(path.name.partition(".")[0]) == "Hierarchy"}
    published = read_standard(structures)
    lists = [read_item_scheme(Path(path.parent.name, path.name), content) for path, content in files.items()]
    schemes = add_codes([revise_scheme(scheme, published) for scheme in lists], added, structures)
    for scheme in (*schemes, *read_indicator_list(structures, schemes, published)):
        index.add(scheme)
    for scheme in schemes:
        check_codelists(scheme, files, index)
    for path, content in trees.items():
        index.add(read_once(read_hierarchy, path, content, index=index))
    check_foundations(index)


def read_indicator_list(
    structures: Sequence[Path], schemes: Sequence[ItemScheme], published: PublishedList
) -> list[ItemScheme]:
    head = next((folder / "indicators.toml" for folder in structures if (folder / "indicators.toml").is_file()), None)
    if head is None:
        return []
    populations = next((scheme for scheme in schemes if scheme.ref.id == POPULATION_LIST), None)
    declared = Declared.parse_once(head.name, head.read_bytes())
    return [build_indicator_list(declared, read_indicators(structures, published), populations)]


def read_indicators(structures: Sequence[Path], published: PublishedList) -> list[Declared]:
    return revise_indicators(read_declared(structures, "indicators"), published)


def read_declared(folders: Sequence[Path], kind: str) -> list[Declared]:
    paths = index_first_files(find_subfolders(folders, kind), ".toml")
    return [Declared.parse_once(path.name, path.read_bytes()) for path in paths.values()]


def find_subfolders(folders: Sequence[Path], name: str) -> list[Path]:
    return [folder / name for folder in folders if (folder / name).is_dir()]


def check_foundations(index: ArtefactIndex) -> None:
    """Refuse verified artefacts that use unverified or missing ones."""
    schemes = {ref: artefact for ref, artefact in index.artefacts.items() if isinstance(artefact, ItemScheme)}
    own_schemes = {ref.id: scheme for ref, scheme in schemes.items() if ref.agency == OWN}
    for scheme in own_schemes.values():
        for item in scheme:
            for foundation in find_foundations(item, own_schemes, scheme.place):
                check_foundation(item.id, item.status, foundation, scheme.place)
    for artefact in index.artefacts.values():
        if isinstance(artefact, Hierarchy) and artefact.ref.agency == OWN:
            for _, node in walk_with_depth(artefact.codes):
                if code := find_item(node.code, index):
                    check_foundation(node.id, find_status(node), code, artefact.place)


def find_foundations(item: Item, schemes: Mapping[str, ItemScheme], place: Place | None) -> Iterator[Item]:
    for name in find_note_text(item.annotations, RESTS_ON).split():
        scheme_id, _, item_id = name.partition(".")
        if scheme_id not in schemes or item_id not in schemes[scheme_id]:
            hint = did_you_mean(item_id, schemes[scheme_id].ids) if scheme_id in schemes else ""
            raise DeclarationError(f"“{item.id}” depends on “{name}”, which does not exist.", place, hint)
        yield schemes[scheme_id][item_id]


def check_foundation(name: str, status: str, foundation: Item, place: Place | None) -> None:
    if status == VERIFIED and foundation.status != VERIFIED:
        raise DeclarationError(
            f"“{name}” is marked as verified but depends on “{foundation.id}”, which is {foundation.status or 'not'}.",
            place,
            "Mark it as a candidate, or verify what it depends on.",
        )


def find_item(code: Ref, index: ArtefactIndex) -> Item | None:
    return index.items(Ref("Codelist", code.agency, id=code.id, version=code.version)).get(code.item)


Read = TypeVar("Read", Hierarchy, RepresentationMap)
MAX_KEPT = 512
_kept: dict[tuple[str, str, bytes], tuple[Mapping[Ref, Artefact], Artefact]] = {}
"""Artefacts by file, with the artefacts that were looked up while reading it."""


def read_once(
    read: Callable[[Path, bytes, ArtefactIndex], Read], path: Path, content: bytes, *, index: ArtefactIndex
) -> Read:
    """Read a file; the cached result is used if its references are unchanged."""
    file = path.parent.name, path.name, content
    looked_up, artefact = _kept.get(file, ({}, None))
    if artefact is None or not are_same_artefacts(looked_up, index):
        index.looked_up.clear()
        artefact = read(path, content, index)
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        _kept[file] = dict(index.looked_up), artefact
    return artefact  # type: ignore[return-value]  # a name is always read by the same function


def are_same_artefacts(looked_up: Mapping[Ref, Artefact], index: ArtefactIndex) -> bool:
    try:
        return all(index.find(ref, Place("")) is artefact for ref, artefact in looked_up.items())
    except DeclarationError:
        return False
