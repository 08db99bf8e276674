"""Data structures in TOML.

``concepts``, ``[[dimension]]``, ``[time]``, ``[[measure]]``, ``[[attribute]]`` with ``id``, ``concept``, ``codelist``
or ``type``, ``facets``; attributes with ``mandatory`` and ``attachment`` (``dataset``, ``series``, ``observation``,
``dimensions``, ``group``); ``[[group]]``. Stubs have ``external``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sdmxmig.catalogue.artefact_index import ArtefactIndex
from sdmxmig.catalogue.heads import read_head
from sdmxmig.catalogue.rows import check_id
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data_structures import Component, DataStructure, Group
from sdmxmig.sdmx.model.references import Ref

ATTACHMENTS = ("dataset", "series", "observation", "dimensions", "group")


def read_data_structure(declared: Declared, index: ArtefactIndex) -> list[DataStructure]:
    """Read a data structure; raises `DeclarationError` with the nearest name."""
    head = read_head(declared, "DataStructure")
    default = declared.text("concepts", "")
    components = [component_of(dimension, "dimension", default, index) for dimension in declared.tables("dimension")]
    time = declared.table("time")
    if time.values:
        components.append(component_of(time, "time", default, index))
    components += [component_of(measure, "measure", default, index) for measure in declared.tables("measure")]
    attributes = declared.tables("attribute")
    components += [component_of(attribute, "attribute", default, index) for attribute in attributes]
    key = [component.id for component in components if component.role == "dimension"]
    groups = tuple(group_of(group, key) for group in declared.tables("group"))
    structure = DataStructure(
        components=tuple(components),
        groups=groups,
        **head.with_origin(),
    )
    declared.close()
    check_unique(structure)
    for attribute in attributes:
        check_listed(attribute, "dimensions", structure[attribute.text("id")].dimensions, key)
        check_listed(attribute, "group", [structure[attribute.text("id")].group], ["", *(group.id for group in groups)])
    if not components and not head.details.external:
        raise DeclarationError(
            "The structure has no components.", declared.place, "Write [[dimension]] and [[measure]]."
        )
    return [structure]


def component_of(declared: Declared, role: str, default: str, index: ArtefactIndex) -> Component:
    """One component; its concept is that of the same id unless named, its list that of the concept unless named."""
    component_id = declared.text("id")
    check_id("Component", component_id, declared.at("id"))
    concept = index.item(
        declared.text("concept", f"{default}.{component_id}"),
        "Concept",
        declared.at("concept") if "concept" in declared.values else declared.at("id"),
    )
    codelist, data_type = representation(declared, concept, index)
    attachment = declared.text("attachment", "observation") if role == "attribute" else ""
    if attachment and attachment not in ATTACHMENTS:
        hint = f"Write one of: {', '.join(ATTACHMENTS)}."
        raise DeclarationError(f"“{attachment}” is not an attachment.", declared.at("attachment"), hint)
    component = Component(
        component_id,
        role,
        concept=concept,
        codelist=codelist,
        data_type=data_type,
        facets=facets_of(declared),
        mandatory=declared.flag("mandatory", default=role != "attribute"),
        attachment=attachment,
        dimensions=declared.strings("dimensions", None) if attachment == "dimensions" else (),
        group=declared.text("group") if attachment == "group" else "",
    )
    declared.close()
    return component


def representation(declared: Declared, concept: Ref, index: ArtefactIndex) -> tuple[Ref | None, str]:
    """The codelist or data type of a component: its own if it names one, else that of its concept."""
    codelist_name, own_type = declared.text("codelist", ""), declared.text("type", "")
    if codelist_name:
        return index.ref(codelist_name, "Codelist", declared.at("codelist")), ""
    if own_type:
        return None, own_type
    item = index.items(concept.scheme).get(concept.item)
    if item is None:  # the scheme is only named
        return None, "String"
    return item.codelist, "" if item.codelist else item.data_type or "String"


def facets_of(declared: Declared) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in declared.table("facets").values.items())


def group_of(declared: Declared, key: Collection[str]) -> Group:
    group = Group(declared.text("id"), declared.strings("dimensions", None))
    check_id("Group", group.id, declared.at("id"))
    check_listed(declared, "dimensions", group.dimensions, key)
    declared.close()
    return group


def check_listed(declared: Declared, key: str, names: Iterable[str], known_names: Collection[str]) -> None:
    for name in names:
        if name not in known_names:
            kind = key.removesuffix("s")
            hint = did_you_mean(name, [candidate for candidate in known_names if candidate])
            raise DeclarationError(f"There is no {kind} “{name}” in this structure.", declared.at(key), hint)


def check_unique(structure: DataStructure) -> None:
    ids = [component.id for component in structure.components]
    for component_id in ids:
        if ids.count(component_id) > 1:
            raise DeclarationError(f"The component “{component_id}” stands twice.", structure.place)
