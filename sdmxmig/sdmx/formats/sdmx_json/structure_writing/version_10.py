"""Features only in SDMX-JSON 1.0: hierarchical codelists, metadata targets, ``isFinal``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.sdmx.formats.structures.data_structures import IDENTIFIABLE, TARGETS
from sdmxmig.sdmx.formats.wire import Field, Form, Key
from sdmxmig.sdmx.model.structures import HierarchicalCode, HierarchicalCodelist, Hierarchy, MetadataTarget

FieldsOf = Callable[[Writing, Key, Any], Json]


def hierarchical_codelist(writing: Writing, frame: HierarchicalCodelist, fields_of: FieldsOf) -> Json:
    members = start(writing)
    if frame.included:
        aliases = [alias for alias, _ in frame.included]
        writing.distinct(aliases, "two codelists of one alias")
        members["includedCodelists"] = {
            writing.checked(alias, words.ID, "an alias"): writing.urn(codelist, "Codelist")
            for alias, codelist in frame.included
        }
    hierarchies = [hierarchy_in(writing, hierarchy, fields_of) for hierarchy in frame.hierarchies]
    return members | ({"hierarchies": hierarchies} if hierarchies else {})


def hierarchy_in(writing: Writing, hierarchy: Hierarchy, fields_of: FieldsOf) -> Json:
    name = hierarchy.ref.item
    members: Json = {"id": writing.checked(name, words.ID, "the id of a hierarchy")}
    members |= writing.names(hierarchy.name, hierarchy.description, name) | writing.notes(hierarchy.annotations)
    return members | writing.links(hierarchy.details.links) | fields_of(writing, "Hierarchy", hierarchy)


def level_of_code(writing: Writing, row: Field, code: HierarchicalCode) -> Json:
    if not code.level:
        return {}
    frame = writing.artefact.ref
    level = replace(frame, kind="Level", item=writing.checked(code.level, words.NESTED_ID, "the level of a code"))
    return {row.json: writing.urn(level, *row.kinds)}


def target_objects(writing: Writing, _: Field, target: MetadataTarget) -> Json:
    """Write the objects to which metadata may be attached, by kind."""
    members: Json = {}
    for object_id, object_type, represented in target.objects:
        kind = object_type if object_type in TARGETS else IDENTIFIABLE
        written: Json = {"id": writing.checked(object_id, words.NCNAME, "the id of a target")}
        if kind == IDENTIFIABLE:
            written["objectType"] = object_type
        if represented.startswith("urn:"):
            written["localRepresentation"] = {"enumeration": represented}
        else:
            written["localRepresentation"] = {"textFormat": {"textType": represented or "IdentifiableReference"}}
        members.setdefault(f"{kind[0].lower()}{kind[1:]}s", []).append(written)
    return members


FORMS: dict[Form, Callable[[Writing, Field, Any], Json]] = {
    Form.CODE_OF_HIERARCHY: lambda writing, row, code: {row.json: writing.urn(code.code, *row.kinds)},
    Form.LEVEL_OF_CODE: level_of_code,
    Form.TARGET_OBJECTS: target_objects,
}
