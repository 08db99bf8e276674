"""Hierarchies: artefacts in SDMX 3, part of a hierarchical codelist in 2.1."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.records import add_fields
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing, start
from sdmxmig.sdmx.formats.structures.hierarchies import repeated_id
from sdmxmig.sdmx.model.artefacts import Annotation, Details
from sdmxmig.sdmx.model.hierarchies import HierarchicalCodelist, Hierarchy


def add_hierarchy(writing: Writing, holder: etree._Element, hierarchy: Hierarchy) -> None:
    """Add a hierarchy; in 2.1 within a hierarchical codelist of the same name, marked by an annotation."""
    if hierarchy.ref.item:
        hint = "Write the hierarchical codelist that it stands in."
        raise writing.refusal("a hierarchy without its frame", hint)
    if not writing.dialect.has_final:
        if twice := repeated_id(hierarchy.codes):
            raise writing.refusal(f"two codes with the id {twice}", "Give each code of the hierarchy an id of its own.")
        element = start(writing, holder)
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


def add_hierarchical_codelist(writing: Writing, holder: etree._Element, frame: HierarchicalCodelist) -> None:
    element = start(writing, holder)
    for alias, codelist in frame.included:
        writing.reference(element, "IncludedCodelist", codelist)
        if alias:
            element[-1].set("alias", alias)
    for hierarchy in frame.hierarchies:
        add_inner(writing, element, hierarchy)


def add_inner(writing: Writing, frame: etree._Element, hierarchy: Hierarchy) -> None:
    if replace(hierarchy.details, uri="", links=()) != Details():
        raise writing.refusal(f"validity or addresses of {hierarchy.ref.item}", "Give them to its frame.")
    ref = writing.dialect.ref(hierarchy.ref)
    attributes = {"id": ref.item, "urn": ref.urn, "uri": hierarchy.details.uri}
    element = writing.add(frame, "Hierarchy", attributes=attributes)
    writing.notes(element, [*writing.link_notes(hierarchy.details.links), *hierarchy.annotations])
    writing.names(element, ref.item, hierarchy.name, hierarchy.description)
    add_tree(writing, element, hierarchy)


def add_tree(writing: Writing, element: etree._Element, hierarchy: Hierarchy) -> None:
    if not hierarchy.codes:
        raise writing.refusal("a hierarchy without codes", "Give it at least one code.")
    add_fields(writing, element, "Hierarchy", hierarchy)
