"""Dataflows, metadataflows, agreements, categorisations, hierarchies and what these are used with."""

from __future__ import annotations

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_writing.representations import coding_format
from sdmxmig.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.formats.structures.hierarchies import repeated_id
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.data_structures import Dataflow
from sdmxmig.model.hierarchies import HierarchicalCode, Hierarchy, HierarchyAssociation, Level
from sdmxmig.model.structures import Agreement, Categorisation, Metadataflow


def dataflow(writing: Writing, flow: Dataflow) -> Json:
    """A dataflow with its structure and the dimensions to which it limits itself; in 2.0 these are a note."""
    limits = [writing.checked(one, words.NCNAME, "a dimension") for one in flow.constrained]
    noted = [Annotation("DIMENSION_CONSTRAINT", title=",".join(limits))] if limits and writing.is_20() else []
    found = start(writing, noted)
    if flow.structure.id:
        found["structure"] = writing.urn(flow.structure, "DataStructure")
    return found | ({"dimensionConstraint": limits} if limits and not writing.is_20() else {})


def metadataflow(writing: Writing, flow: Metadataflow) -> Json:
    """A metadataflow with its structure and targets."""
    found = start(writing)
    if flow.structure and flow.structure.id:
        found["structure"] = writing.urn(flow.structure, "MetadataStructure")
    return found | targets(writing, flow.targets)


def targets(writing: Writing, given: tuple[str, ...]) -> Json:
    """What metadata may describe, as URNs with wildcards."""
    found = [writing.any_urn(one, "a target", "Any") for one in given]
    if len(set(found)) != len(found):
        raise writing.refusal("a target twice")
    return {"targets": found} if found else {}


def agreement(writing: Writing, given: Agreement) -> Json:
    """A provision agreement for data or metadata."""
    is_metadata = given.ref.kind == "MetadataProvisionAgreement"
    if given.targets and not is_metadata:
        raise writing.refusal("the targets", "Only agreements for metadata have targets.")
    found = start(writing)
    kinds = ("Metadataflow", "MetadataProvider") if is_metadata else ("Dataflow", "DataProvider")
    for kind, ref in zip(kinds, (given.flow, given.provider), strict=True):
        if ref.id:
            found[kind[0].lower() + kind[1:]] = writing.urn(ref, kind)
    return found | targets(writing, given.targets)


def categorisation(writing: Writing, given: Categorisation) -> Json:
    """What is filed under which category."""
    found = start(writing)
    if given.source.id:
        found["source"] = writing.urn(given.source)
        found["target"] = writing.urn(given.target, "Category")
    return found


def hierarchy(writing: Writing, given: Hierarchy) -> Json:
    """A hierarchy with its levels and codes."""
    if given.ref.item:
        raise writing.refusal("a hierarchy without its frame", "Hierarchical codelists are of SDMX 2.1 only.")
    if twice := repeated_id(given.codes):
        raise writing.refusal(f"two codes with the id {twice}", "Give each code of the hierarchy an id of its own.")
    found = start(writing)
    found["hasFormalLevels"] = given.formal_levels
    if given.levels:
        found["level"] = level(writing, given.levels)
    if given.codes:
        found["hierarchicalCodes"] = [hierarchical_code(writing, code) for code in given.codes]
    return found


def level(writing: Writing, given: Level) -> Json:
    """A level with those below it."""
    found: Json = {"id": writing.checked(given.id, words.ID, "the id of a level")}
    found |= {**writing.names(given.name, given.description, given.id), **writing.notes(given.annotations)}
    return found | coding_format(writing, given) | ({"level": level(writing, given.below)} if given.below else {})


def hierarchical_code(writing: Writing, given: HierarchicalCode) -> Json:
    """A code of the hierarchy with those below it."""
    if given.version:
        raise writing.refusal(f"the version of the code {given.id}", "Since SDMX 3.0 these codes have none.")
    found: Json = {"id": writing.checked(given.id, words.ID, "the id of a hierarchical code")}
    found |= writing.notes(given.annotations)
    for name, value in (("validFrom", given.valid_from), ("validTo", given.valid_to)):
        if value:
            found[name] = writing.moment(value)
    found["code"] = writing.urn(given.code, "Code")
    if given.level:
        found["level"] = writing.checked(given.level, words.ID, f"the level of {given.id}")
    if given.children:
        found["hierarchicalCodes"] = [hierarchical_code(writing, child) for child in given.children]
    return found


def association(writing: Writing, given: HierarchyAssociation) -> Json:
    """Which hierarchy is used with what."""
    found = start(writing)
    if given.hierarchy.id:
        found["linkedHierarchy"] = writing.urn(given.hierarchy, "Hierarchy")
        found["linkedObject"] = writing.urn(given.target)
    if given.context:
        found["contextObject"] = writing.urn(given.context)
    return found
