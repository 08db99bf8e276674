"""Dataflows, metadataflows, agreements, categorisations, hierarchies and what these are used with."""

from __future__ import annotations

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.notes import heading, minor_notes, moment
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.formats.sdmx_json.structure_reading.representations import text_format
from sdmxmig.formats.structures import data_structures as structures
from sdmxmig.model.data_structures import Dataflow
from sdmxmig.model.hierarchies import HierarchicalCode, Hierarchy, HierarchyAssociation, Level
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Agreement, Categorisation, Metadataflow

NOWHERE = Ref("", "", id="", version="")
"""What a stub refers to, since it does not say."""


def dataflow(part: Part, kind: str) -> Dataflow:
    """A dataflow."""
    head = heading(part, kind)
    structure = part.reference("structure", "DataStructure") or Ref("DataStructure", "", id="", version="")
    constrained = part.strings("dimensionConstraint", words.NCNAME)
    noted = "" if constrained else head.notes.title("DIMENSION_CONSTRAINT", r"[\w-]+(,[\w-]+)*")
    part.close()
    return structures.dataflow(head, structure, constrained or (tuple(noted.split(",")) if noted else ()))


def metadataflow(part: Part, kind: str) -> Metadataflow:
    """A metadataflow."""
    head = heading(part, kind)
    structure, described = part.reference("structure", "MetadataStructure"), targets(part)
    part.close()
    return Metadataflow(
        structure=structure,
        targets=described,
        **head.shared(),
    )


def targets(part: Part) -> tuple[str, ...]:
    """What metadata may describe, as URNs with wildcards."""
    return part.strings("targets", words.WILD_URN)


def agreement(part: Part, kind: str) -> Agreement:
    """A provision agreement for data or metadata."""
    head = heading(part, kind)
    is_metadata = kind == "MetadataProvisionAgreement"
    if part.message.is_old:
        flow = part.reference("structureUsage", "Dataflow", "Metadataflow")
        provider = part.reference("dataProvider", "DataProvider")
    elif is_metadata:
        flow = part.reference("metadataflow", "Metadataflow")
        provider = part.reference("metadataProvider", "MetadataProvider")
    else:
        flow, provider = part.reference("dataflow", "Dataflow"), part.reference("dataProvider", "DataProvider")
    described = targets(part) if is_metadata else ()
    part.close()
    return Agreement(
        flow=flow or NOWHERE,
        provider=provider or NOWHERE,
        targets=described,
        **head.shared(),
    )


def categorisation(part: Part, kind: str) -> Categorisation:
    """An artefact put under a category."""
    head = heading(part, kind)
    source, target = part.reference("source"), part.reference("target", "Category")
    part.close()
    if (source is None) != (target is None):
        raise part.error("“source” or “target” is missing.")
    return Categorisation(
        source=source or NOWHERE,
        target=target or NOWHERE,
        **head.shared(),
    )


def hierarchy(part: Part, kind: str) -> Hierarchy:
    """A hierarchy with its levels and codes."""
    head = heading(part, kind)
    codes = tuple(part.each(hierarchical_code, "hierarchicalCodes"))
    levels, formal = level(part.part("level")), part.flag("hasFormalLevels")
    part.close()
    return Hierarchy(
        codes=codes,
        levels=levels,
        formal_levels=formal,
        **head.shared(),
    )


def level(part: Part | None) -> Level | None:
    """A level with those below it."""
    if part is None:
        return None
    form = part.part("codingFormat")
    data_type, facets, _ = text_format(form, "coding", "") if form else ("", (), ())
    own, below = part.matched("id", words.ID, needed=True), level(part.part("level"))
    name, description = part.words("name"), part.words("description")
    found = Level(
        own,
        name,
        data_type=data_type,
        facets=facets,
        below=below,
        description=description,
        annotations=minor_notes(part),
    )
    part.close()
    return found


def hierarchical_code(part: Part) -> HierarchicalCode:
    """A code of the hierarchy with those below it."""
    code = part.reference("code", "Code")
    if code is None:
        raise part.error("“code” is missing.")
    found = HierarchicalCode(
        part.matched("id", words.ID, needed=True),
        code,
        level=part.matched("level", words.ID),
        children=tuple(part.each(hierarchical_code, "hierarchicalCodes")),
        valid_from=moment(part, "validFrom"),
        valid_to=moment(part, "validTo"),
        annotations=minor_notes(part),
    )
    part.close()
    return found


def association(part: Part, kind: str) -> HierarchyAssociation:
    """Which hierarchy is used with what."""
    head = heading(part, kind)
    linked, target = part.reference("linkedHierarchy", "Hierarchy"), part.reference("linkedObject")
    context = part.reference("contextObject")
    part.close()
    if (linked is None) != (target is None):
        raise part.error("“linkedHierarchy” or “linkedObject” is missing.")
    return HierarchyAssociation(
        hierarchy=linked or NOWHERE,
        target=target or NOWHERE,
        context=context,
        **head.shared(),
    )
