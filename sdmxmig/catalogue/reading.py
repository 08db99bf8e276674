"""Reading of declarations by folder.

``codelists/``, then ``structures/`` (`READERS`). Workspace files replace shipped ones; a plus sign adds to a list
(`additions`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sdmxmig.catalogue.additions import is_addition, with_additions
from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.constraints import read_constraint
from sdmxmig.catalogue.data_structures import read_data_structure
from sdmxmig.catalogue.dataflows import read_dataflow
from sdmxmig.catalogue.folders import first_of_each
from sdmxmig.catalogue.foundations import check_foundations
from sdmxmig.catalogue.hierarchies import read_hierarchy
from sdmxmig.catalogue.indicator_list import POPULATIONS, indicator_list
from sdmxmig.catalogue.item_schemes import check_codelists, kind_of, read_item_scheme
from sdmxmig.catalogue.maps import read_representation_map, read_structure_map
from sdmxmig.catalogue.metadata import read_agreement, read_metadata_structure, read_metadataflow
from sdmxmig.catalogue.read_once import read_once
from sdmxmig.catalogue.standard import PublishedList, read_standard, revised_indicators, revised_scheme
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.structures import Artefact

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
    """Read all artefacts, first folder first; raises `DeclarationError`."""
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
                    "Nothing is declared in such a folder.", Place(f"{folder.name}/{path.name}"), hint
                )


def read_schemes(folders: Sequence[Path], structures: Sequence[Path], index: ArtefactIndex) -> None:
    """Read item schemes, the list of indicators, then hierarchies, which name their codes."""
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
