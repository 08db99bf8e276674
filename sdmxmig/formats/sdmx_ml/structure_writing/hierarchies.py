"""Hierarchies over codes: artefacts of their own in SDMX 3, inside a hierarchical codelist in 2.1."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from sdmxmig.formats.sdmx_ml.structure_writing.representations import add_coding_format
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, moment, start
from sdmxmig.formats.structures.hierarchies import repeated_id
from sdmxmig.model.artefacts import Annotation, Details
from sdmxmig.model.hierarchies import HierarchicalCode, HierarchicalCodelist, Hierarchy, HierarchyAssociation, Level


def add_hierarchy(writing: Writing, holder: etree._Element, hierarchy: Hierarchy) -> None:
    """Add a hierarchy; in 2.1 with a hierarchical codelist of the same name around it, which a note says."""
    if hierarchy.ref.item:
        hint = "Write the hierarchical codelist that it stands in."
        raise writing.refusal("a hierarchy without its frame", hint)
    if not writing.dialect.has_final:
        if twice := repeated_id(hierarchy.codes):
            raise writing.refusal(f"two codes with the id {twice}", "Give each code of the hierarchy an id of its own.")
        element = start(writing, holder, attributes=formal(writing, hierarchy))
        add_tree(writing, element, hierarchy)
        return
    frame = start(writing, holder, kind="HierarchicalCodelist", notes=[Annotation("HIERARCHY", title="true")])
    ref = replace(hierarchy.ref, item=hierarchy.ref.id)
    add_inner(
        writing,
        frame,
        Hierarchy(
            ref, hierarchy.name, codes=hierarchy.codes, levels=hierarchy.levels, formal_levels=hierarchy.formal_levels
        ),
    )


def formal(writing: Writing, hierarchy: Hierarchy) -> dict[str, str]:
    """Whether the levels mean something, in the version's word."""
    return {writing.dialect.structures.formal_levels: "true" if hierarchy.formal_levels else "false"}


def add_hierarchical_codelist(writing: Writing, holder: etree._Element, frame: HierarchicalCodelist) -> None:
    """Add the frame of SDMX 2.1 with the codelists that its hierarchies use, and these."""
    element = start(writing, holder)
    for alias, codelist in frame.included:
        writing.reference(element, "IncludedCodelist", codelist)
        if alias:
            element[-1].set("alias", alias)
    for hierarchy in frame.hierarchies:
        add_inner(writing, element, hierarchy)


def add_inner(writing: Writing, frame: etree._Element, hierarchy: Hierarchy) -> None:
    """Add a hierarchy inside the frame of SDMX 2.1."""
    if replace(hierarchy.details, uri="", links=()) != Details():
        raise writing.refusal(f"validity or addresses of {hierarchy.ref.item}", "Give them to its frame.")
    own = writing.dialect.ref(hierarchy.ref)
    given = {"id": own.item, "urn": own.urn, "uri": hierarchy.details.uri, **formal(writing, hierarchy)}
    element = writing.add(frame, "Hierarchy", attributes=given)
    writing.notes(element, [*writing.link_notes(hierarchy.details.links), *hierarchy.annotations])
    writing.names(element, own.item, hierarchy.name, hierarchy.description)
    add_tree(writing, element, hierarchy)


def add_tree(writing: Writing, element: etree._Element, hierarchy: Hierarchy) -> None:
    """Add levels and codes; 2.1 and 3.x have them in different order."""
    if not hierarchy.codes:
        raise writing.refusal("a hierarchy without codes", "Give it at least one code.")
    if hierarchy.levels and not writing.dialect.has_final:
        add_level(writing, element, hierarchy.levels)
    for code in hierarchy.codes:
        add_code(writing, element, code)
    if hierarchy.levels and writing.dialect.has_final:
        add_level(writing, element, hierarchy.levels)


def add_level(writing: Writing, holder: etree._Element, level: Level) -> None:
    """Add a level with those below it."""
    element = writing.add(holder, "Level", attributes={"id": level.id})
    writing.notes(element, level.annotations)
    writing.names(element, level.id, level.name, level.description)
    add_coding_format(writing, element, level)
    if level.below:
        add_level(writing, element, level.below)


def add_code(writing: Writing, holder: etree._Element, code: HierarchicalCode) -> None:
    """Add a code of the hierarchy with those below it."""
    if code.version and not writing.dialect.has_final:
        raise writing.refusal(f"the version of the code {code.id}", "Since SDMX 3.0 these codes have none.")
    given = {"id": code.id, "validFrom": moment(code.valid_from), "validTo": moment(code.valid_to)}
    given["version"] = code.version
    element = writing.add(holder, "HierarchicalCode", attributes=given)
    writing.notes(element, code.annotations)
    writing.reference(element, "Code", code.code)
    for child in code.children:
        add_code(writing, element, child)
    if code.level:
        writing.local(element, "Level", code.level)


def add_association(writing: Writing, holder: etree._Element, association: HierarchyAssociation) -> None:
    """Add which hierarchy is used with what."""
    element = start(writing, holder)
    writing.reference(element, "LinkedHierarchy", association.hierarchy)
    writing.reference(element, "LinkedObject", association.target)
    if association.context:
        writing.reference(element, "ContextObject", association.context)
