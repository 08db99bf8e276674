"""Reading of declarations by folder.

``codelists/``, then ``structures/`` (`READERS`). Workspace files replace shipped ones; a plus sign adds to a list
(`additions`).

Dataflows in TOML: ``structure``, ``rules``, ``categories`` (``CAT_X.A.B``), ``[constraint]``, ``external``.
Foundations: verified statements must not rest on candidates. Cache of files by content and referenced lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.constraints import constraint_of_flow, read_constraint, structure_of
from sdmxmig.catalogue.data_structures import (
    read_agreement,
    read_data_structure,
    read_metadata_structure,
    read_metadataflow,
)
from sdmxmig.catalogue.folders import first_of_each
from sdmxmig.catalogue.heads import ArtefactHead, noted, read_head, status_of
from sdmxmig.catalogue.indicators import POPULATIONS, indicator_list
from sdmxmig.catalogue.item_schemes import (
    check_codelists,
    is_addition,
    kind_of,
    read_hierarchy,
    read_item_scheme,
    with_additions,
)
from sdmxmig.catalogue.maps import read_representation_map, read_structure_map
from sdmxmig.catalogue.standard import PublishedList, read_standard, revised_indicators, revised_scheme
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import OWN, RESTS_ON, VERIFIED, Declared
from sdmxmig.sdmx.formats.structures.notes import origin
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.data_structures import Dataflow
from sdmxmig.sdmx.model.maps import RepresentationMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Categorisation, HierarchicalCode, Hierarchy

NOT_NAMED = Ref("DataStructure", "", id="", version="")


def read_dataflow(declared: Declared, index: ArtefactIndex) -> list[Artefact]:
    """Read a dataflow with ``CC_<id>`` and ``CTG_<id>_<n>``; raises `DeclarationError`."""
    head = read_head(declared, "Dataflow")
    structure_name = declared.text("structure", "" if head.details.external else None)
    structure = index.ref(structure_name, "DataStructure", declared.at("structure")) if structure_name else NOT_NAMED
    flow = Dataflow(
        structure=structure,
        rules=declared.strings("rules"),
        **head.with_origin(),
    )
    constraints = constraint_of_flow(declared.table("constraint"), head, structure_of(flow, index), index)
    place = declared.at("categories")
    filed = [index.item(name, "Category", place) for name in declared.strings("categories")]
    declared.close()
    return [flow, *constraints, *(categorisation(head, number, ref) for number, ref in enumerate(filed, start=1))]


def categorisation(head: ArtefactHead, number: int, category: Ref) -> Categorisation:
    ref = replace(head.ref, kind="Categorisation", id=f"CTG_{head.ref.id}_{number}")
    notes = tuple(origin(head.status, head.source))
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

OTHERS = (
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
"""The folders of ``structures/`` whose declarations are no artefacts."""


def read_artefacts(codelists: Sequence[Path], structures: Sequence[Path]) -> ArtefactIndex:
    index = ArtefactIndex()
    check_folders(structures)
    read_schemes(codelists, structures, index)
    for folder, reader in READERS.items():
        if folder == "maps":
            for path in first_of_each(named(structures, folder), ".csv").values():
                index.add(read_once(read_representation_map, path, path.read_bytes(), index=index))
        for declared in declared_in(structures, folder):
            for artefact in reader(declared, index):
                index.add(artefact)
    return index


def check_folders(structures: Sequence[Path]) -> None:
    for folder in structures:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and path.name not in (*READERS, *OTHERS) and not path.name.startswith((".", "_")):
                hint = did_you_mean(path.name, (*READERS, *OTHERS))
                raise DeclarationError(
                    "This folder cannot contain declarations.", Place(f"{folder.name}/{path.name}"), hint
                )


def read_schemes(folders: Sequence[Path], structures: Sequence[Path], index: ArtefactIndex) -> None:
    """Read item schemes, then the list of indicators, then hierarchies."""
    files = [(path, path.read_bytes()) for path in first_of_each(folders, ".csv").values()]
    added = [file for file in files if is_addition(file[0])]
    files = [file for file in files if file not in added]
    trees = [(path, content) for path, content in files if kind_of(path.name.partition(".")[0]) == "Hierarchy"]
    published = read_standard(structures)
    lists = [(Path(path.parent.name, path.name), content) for path, content in files if (path, content) not in trees]
    schemes = [(revised_scheme(read_item_scheme(*file), published), file[1]) for file in lists]
    schemes = with_additions(schemes, added, structures)
    for scheme, _ in schemes:
        index.add(scheme)
    for scheme in read_indicator_list(structures, [scheme for scheme, _ in schemes], published):
        index.add(scheme)
    for scheme, content in schemes:
        check_codelists(scheme, content, index)
    for path, content in trees:
        index.add(read_once(read_hierarchy, path, content, index=index))
    check_foundations(index)


def read_indicator_list(
    structures: Sequence[Path], schemes: Sequence[ItemScheme], published: PublishedList
) -> list[ItemScheme]:
    head = next((folder / "indicators.toml" for folder in structures if (folder / "indicators.toml").is_file()), None)
    if head is None:
        return []
    populations = next((scheme for scheme in schemes if scheme.ref.id == POPULATIONS), None)
    declared = Declared.parse_once(head.name, head.read_bytes())
    return [indicator_list(declared, indicator_files(structures, published), populations)]


def indicator_files(structures: Sequence[Path], published: PublishedList) -> list[Declared]:
    return revised_indicators(declared_in(structures, "indicators"), published)


def declared_in(folders: Sequence[Path], kind: str) -> list[Declared]:
    paths = first_of_each(named(folders, kind), ".toml")
    return [Declared.parse_once(path.name, path.read_bytes()) for path in paths.values()]


def named(folders: Sequence[Path], name: str) -> list[Path]:
    return [folder / name for folder in folders if (folder / name).is_dir()]


def check_foundations(index: ArtefactIndex) -> None:
    """Refuse verified artefacts that rest on unverified or missing ones."""
    schemes = {ref: artefact for ref, artefact in index.artefacts.items() if isinstance(artefact, ItemScheme)}
    own_schemes = {ref.id: scheme for ref, scheme in schemes.items() if ref.agency == OWN}
    for scheme in own_schemes.values():
        for item in scheme:
            for foundation in foundations_of(item, own_schemes, scheme.place):
                check_foundation(item.id, item.status, foundation, scheme.place)
    for artefact in index.artefacts.values():
        if isinstance(artefact, Hierarchy) and artefact.ref.agency == OWN:
            for node in nodes(artefact.codes):
                if code := item_of(node.code, index):
                    check_foundation(node.id, status_of(node), code, artefact.place)


def foundations_of(item: Item, schemes: Mapping[str, ItemScheme], place: Place | None) -> Iterator[Item]:
    for name in noted(item.annotations, RESTS_ON).split():
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


def item_of(code: Ref, index: ArtefactIndex) -> Item | None:
    return index.items(Ref("Codelist", code.agency, id=code.id, version=code.version)).get(code.item)


def nodes(codes: tuple[HierarchicalCode, ...]) -> Iterator[HierarchicalCode]:
    for node in codes:
        yield node
        yield from nodes(node.children)


Read = TypeVar("Read", Hierarchy, RepresentationMap)
MOST = 512
_kept: dict[tuple[str, str, bytes], tuple[Mapping[Ref, Artefact], Artefact]] = {}


def read_once(
    read: Callable[[Path, bytes, ArtefactIndex], Read], path: Path, content: bytes, *, index: ArtefactIndex
) -> Read:
    file = path.parent.name, path.name, content
    looked_up, artefact = _kept.get(file, ({}, None))
    if artefact is None or not are_the_same(looked_up, index):
        index.looked_up.clear()
        artefact = read(path, content, index)
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[file] = dict(index.looked_up), artefact
    return artefact  # type: ignore[return-value]  # a name is always read by the same function


def are_the_same(looked_up: Mapping[Ref, Artefact], index: ArtefactIndex) -> bool:
    try:
        return all(index.find(ref, Place("")) is artefact for ref, artefact in looked_up.items())
    except DeclarationError:
        return False
