"""Data structures of SDMX-ML 2.0, which calls them key families.

Time and the primary measure get the names that they always have since 2.1, ``TIME_PERIOD`` and ``OBS_VALUE``; a note
keeps the concept by whose id they were called. What exists no more is noted: measures of cross-sections and what they
are attached to, and what only 2.0 says of components.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.version_20_names import (
    concept_ref,
    data_type_of,
    identity,
    later_id,
    notes,
    old_ref,
    own_id,
)
from sdmxmig.formats.spelling_of_ids import ORIGINAL_ID
from sdmxmig.formats.structures.carried import note_of
from sdmxmig.formats.structures.data_structures import with_series
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.data_structures import Component, DataStructure, Group
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact

FLAGS = (
    *("isMeasureDimension", "isFrequencyDimension", "isEntityDimension", "isCountDimension", "isTimeFormat"),
    *("isNonObservationTimeDimension", "isIdentityDimension", "isEntityAttribute", "isNonObservationalTimeAttribute"),
    *("isCountAttribute", "isFrequencyAttribute", "isIdentityAttribute", "crossSectionalAttachDataSet"),
    *("crossSectionalAttachGroup", "crossSectionalAttachSection", "crossSectionalAttachObservation"),
)
"""What only 2.0 says of components; where it is true it becomes an annotation."""
LEVELS = {"DataSet": "dataset", "Series": "series", "Group": "group", "Observation": "observation"}
ALWAYS = {"TimeDimension": "TIME_PERIOD", "PrimaryMeasure": "OBS_VALUE"}
"""What these components are called in every structure since 2.1."""


def read_key_family(part: Part) -> Iterator[Artefact]:
    """A data structure."""
    ref, details = identity(part, "DataStructure")
    components: tuple[Component, ...] = ()
    groups: list[Group] = []
    crossed: list[Annotation] = []
    if listing := part.part("Components"):
        dimensions = [component(child, "dimension", ref) for child in listing.parts("Dimension")]
        dimensions += [component(child, "time", ref) for child in listing.parts("TimeDimension")]
        measures = [component(child, "measure", ref) for child in listing.parts("PrimaryMeasure")]
        attributes = [*listing.each(lambda child: attribute(child, ref), "Attribute")]
        crossed = [cross_sectional(child, ref) for child in listing.parts("CrossSectionalMeasure")]
        times = {dimension.concept.item: dimension.id for dimension in dimensions if dimension.role == "time"}
        groups = [group(child, ref, times) for child in listing.parts("Group")]
        key = {dimension.id for dimension in dimensions if dimension.role == "dimension"}
        attributes = [with_series(placed(unplaced, dimensions, groups), key) for unplaced in attributes]
        components = (*dimensions, *measures, *attributes)
        listing.close()
    yield DataStructure(
        ref,
        part.words("Name"),
        components=components,
        description=part.words("Description"),
        annotations=(*crossed, *notes(part)),
        place=part.origin,
        details=details,
        groups=tuple(groups),
    )
    part.close()


def group(part: Part, owner: Ref, times: Mapping[str, str]) -> Group:
    """A part of the key, by the dimensions that it fixes or by an attachment constraint.

    `times` is what the time dimension is called, by its concept.
    """
    constraint = part.text("AttachmentConstraintRef").strip()
    ref = old_ref(part, "AttachmentConstraint", owner.agency, constraint) if constraint else None
    described = part.words("Description")
    description_notes = (Annotation("DESCRIPTION", described),) if described else ()
    named = (later_id(part, text.strip(), name=True) for text in part.texts("DimensionRef"))
    dimensions = tuple(times.get(dimension_id, dimension_id) for dimension_id in named)
    group = Group(own_id(part), dimensions, annotations=(*description_notes, *notes(part)), constraint=ref)
    part.close()
    return group


def cross_sectional(part: Part, owner: Ref) -> Annotation:
    """A cross-sectional measure as a note, since later versions have none: component, measure dimension and code."""
    where, code_here = part.needed("measureDimension"), part.needed("code")
    measure_notes = (Annotation("MEASURE_DIMENSION", title=where), Annotation("CODE", title=code_here))
    measure = component(part, "measure", owner)
    return note_of("CROSS_SECTIONAL_MEASURE", replace(measure, annotations=(*measure_notes, *measure.annotations)))


def component(part: Part, role: str, owner: Ref) -> Component:
    """A dimension, measure or attribute with the fields that all three have."""
    concept_used = concept_ref(part, owner)
    codelist = part.attribute("codelist")
    data_type, facets = data_type_of(part.part("TextFormat"), "String")
    list_agency, list_version = part.attribute("codelistAgency", owner.agency), part.attribute("codelistVersion")
    flags = tuple(Annotation(name, title="true") for name in FLAGS if part.flag(name))
    component_id, named = ALWAYS.get(part.name, concept_used.item), part.element.get("conceptRef", "")
    called = (Annotation(ORIGINAL_ID, title=named),) if part.name in ALWAYS and component_id != named else ()
    component = Component(
        component_id,
        role,
        concept=concept_used,
        codelist=old_ref(part, "Codelist", agency=list_agency, old_id=codelist, version=list_version)
        if codelist
        else None,
        data_type=data_type or ("ObservationalTimePeriod" if role == "time" and not codelist else ""),
        facets=facets,
        annotations=(*called, *flags, *notes(part)),
    )
    part.close()
    return component


def attribute(part: Part, owner: Ref) -> Component:
    """An attribute; the groups that it describes stand beside each other, with blanks between them."""
    level = part.choice(part.needed("attachmentLevel"), *LEVELS)
    usage = part.choice(part.attribute("assignmentStatus", "Conditional"), "Mandatory", "Conditional")
    groups = " ".join(later_id(part, text.strip()) for text in part.texts("AttachmentGroup"))
    measures = tuple(Annotation("ATTACHMENT_MEASURE", title=text.strip()) for text in part.texts("AttachmentMeasure"))
    attribute = component(part, "attribute", owner)
    annotations = (*measures, *attribute.annotations)
    return replace(
        attribute, attachment=LEVELS[level], mandatory=usage == "Mandatory", group=groups, annotations=annotations
    )


def placed(attribute: Component, dimensions: list[Component], groups: list[Group]) -> Component:
    """An attribute with its attachment in the words of later versions.

    Of several groups it describes the dimensions of them all, with these groups beside them. Without a group it
    describes the only one there is, else the series.
    """
    group_ids = attribute.group.split()
    if attribute.attachment != "group":
        attachment_notes = tuple(Annotation("ATTACHMENT_GROUP", title=group_id) for group_id in group_ids)
        return replace(attribute, group="", annotations=(*attachment_notes, *attribute.annotations))
    if not group_ids and len(groups) == 1:
        return replace(attribute, group=groups[0].id)
    if not group_ids:
        attachment_notes = (Annotation("ATTACHMENT_LEVEL", title="Group"),)
        return replace(attribute, attachment="series", annotations=(*attachment_notes, *attribute.annotations))
    if len(group_ids) == 1:
        return attribute
    fixed = {name for group in groups if group.id in group_ids for name in group.dimensions}
    described = tuple(component.id for component in dimensions if component.id in fixed)
    return replace(attribute, attachment="dimensions", dimensions=described)
