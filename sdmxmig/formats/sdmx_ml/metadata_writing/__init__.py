"""Reference metadata as SDMX-ML 2.1, 3.0 and 3.1: valid in each version, with nothing lost in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.metadata_versions import called, in_version_3, in_version_21
from sdmxmig.formats.sdmx_ml.dialects import Dialect
from sdmxmig.formats.sdmx_ml.elements import start_message, to_bytes
from sdmxmig.formats.sdmx_ml.header_writing import add_footer, add_header
from sdmxmig.formats.sdmx_ml.metadata_writing.sets import add_set_of_version_3, add_set_of_version_21
from sdmxmig.formats.sdmx_ml.metadata_writing.writing import SetWriting
from sdmxmig.model.metadata import MetadataSet
from sdmxmig.model.references import Ref
from sdmxmig.model.submission import Header, StructureUse

KINDS_21 = ("MetadataStructure", "Metadataflow", "ProvisionAgreement")
"""What sets of SDMX 2.1 may follow."""
IN_HEADERS = {"MetadataProvisionAgreement": "ProvisionAgreement"}
"""The headers of 3.0 and 3.1 know the name of one kind of agreement only; the set itself names the right one."""


def write_metadata(sets: Iterable[MetadataSet], header: Header, dialect: Dialect) -> bytes:
    """Write metadata sets as one message, in their order; those of SDMX 2.1 and 3 become those of the version.

    `formats.metadata_versions` says how. A message whose sets follow nothing (they are only named) takes its structure
    from the header.

    Raises `SdmxmigError` for what the version cannot say, naming the set, for two different sets of one name, and for
    characters that XML cannot carry.
    """
    whole_sets = whole(sets, header, dialect)
    structures = {
        ref: f"M{number + 1}" for number, ref in enumerate(dict.fromkeys(followed(whole_sets, header, dialect)))
    }
    root = start_message(dialect, "GenericMetadata", {"md": dialect.namespace("metadata/generic")})
    add_header(root, dialect, head_of(whole_sets, header, structures, dialect), "metadata")
    for metadata_set in whole_sets:
        writing = SetWriting(dialect, metadata_set)
        if writing.is_21 and metadata_set.describes:
            add_set_of_version_21(writing, root, structures[metadata_set.describes])
        else:
            add_set_of_version_3(writing, root)
    add_footer(root, dialect, header.notes)
    return to_bytes(root)


def whole(sets: Iterable[MetadataSet], header: Header, dialect: Dialect) -> list[MetadataSet]:
    """The sets as this version has them."""
    if dialect.has_final:
        return [in_version_21(metadata_set) for metadata_set in sets]
    known: dict[Ref | None, MetadataSet] = {}
    whole_sets = [converted for metadata_set in sets for converted in in_version_3(metadata_set, header.provider)]
    for metadata_set in whole_sets:
        if known.setdefault(metadata_set.ref, metadata_set) != metadata_set:
            hint = "Give each a setID, or a name of its own."
            raise SdmxmigError(f"There are two different sets called {called(metadata_set)}.", metadata_set.place, hint)
    return list(known.values())


def followed(sets: Sequence[MetadataSet], header: Header, dialect: Dialect) -> list[Ref]:
    """The structures that the sets follow; the header of a message names at least one.

    Raises `SdmxmigError` if there is none, or one that sets of this version cannot follow.
    """
    structures = [metadata_set.describes for metadata_set in sets if metadata_set.describes]
    if dialect.has_final:
        for metadata_set in sets:
            if metadata_set.describes is None or metadata_set.describes.kind not in KINDS_21:
                kind = metadata_set.describes.kind if metadata_set.describes else "missing structure"
                raise SetWriting(dialect, metadata_set).refusal(
                    f"the {kind}", f"It follows a {' or a '.join(KINDS_21)}."
                )
    structures = structures or [use.ref for use in header.structures if use.ref]
    if not structures:
        hint = "A message of reference metadata holds sets that follow something, or its header names a structure."
        raise SdmxmigError(f"{dialect.name} cannot express metadata that follow nothing.", hint=hint)
    return structures


def head_of(sets: Sequence[MetadataSet], header: Header, structures: dict[Ref, str], dialect: Dialect) -> Header:
    """The header with the structures, action and ids of the sets."""
    uses = tuple(
        StructureUse(structure_id, ref if dialect.has_final else replace(ref, kind=IN_HEADERS.get(ref.kind, ref.kind)))
        for ref, structure_id in structures.items()
    )
    actions = {metadata_set.action for metadata_set in sets}
    action = dict(dialect.actions).get(actions.pop(), "") if len(actions) == 1 else ""
    ids = [
        metadata_set.ref.id if metadata_set.ref else metadata_set.properties.get("setID", "") for metadata_set in sets
    ]
    return replace(header, structures=uses, dataset_action=action, dataset_ids=tuple(filter(None, ids)))
