"""Data structures of SDMX-ML 2.0, which calls them key families.

Time and the primary measure get the names that they always have since 2.1, ``TIME_PERIOD`` and ``OBS_VALUE``; a note
keeps the concept by whose id they were called. What exists no more is noted: measures of cross-sections and what they
are attached to, and what only 2.0 says of components.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
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
    if one := part.part("Components"):
        dimensions = [component(child, "dimension", ref) for child in one.parts("Dimension")]
        dimensions += [component(child, "time", ref) for child in one.parts("TimeDimension")]
        measures = [component(child, "measure", ref) for child in one.parts("PrimaryMeasure")]
        attributes = [*one.each(lambda child: attribute(child, ref), "Attribute")]
        crossed = [cross_sectional(child, ref) for child in one.parts("CrossSectionalMeasure")]
        times = {found.concept.item: found.id for found in dimensions if found.role == "time"}
        groups = [group(child, ref, times) for child in one.parts("Group")]
        key = {found.id for found in dimensions if found.role == "dimension"}
        attributes = [with_series(placed(found, dimensions, groups), key) for found in attributes]
        components = (*dimensions, *measures, *attributes)
        one.close()
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
    said = (Annotation("DESCRIPTION", described),) if described else ()
    named = (later_id(part, one.strip(), name=True) for one in part.texts("DimensionRef"))
    dimensions = tuple(times.get(one, one) for one in named)
    found = Group(own_id(part), dimensions, annotations=(*said, *notes(part)), constraint=ref)
    part.close()
    return found


def cross_sectional(part: Part, owner: Ref) -> Annotation:
    """A measure of data in cross-sections, which exist no more, as a note: component, measure dimension and code."""
    where, code_here = part.needed("measureDimension"), part.needed("code")
    said = (Annotation("MEASURE_DIMENSION", title=where), Annotation("CODE", title=code_here))
    found = component(part, "measure", owner)
    return note_of("CROSS_SECTIONAL_MEASURE", replace(found, annotations=(*said, *found.annotations)))


def component(part: Part, role: str, owner: Ref) -> Component:
    """A dimension, measure or attribute, whose particulars are taken already."""
    concept_used = concept_ref(part, owner)
    codelist = part.attribute("codelist")
    data_type, facets = data_type_of(part.part("TextFormat"), "String")
    list_agency, list_version = part.attribute("codelistAgency", owner.agency), part.attribute("codelistVersion")
    flags = tuple(Annotation(name, title="true") for name in FLAGS if part.flag(name))
    own, named = ALWAYS.get(part.name, concept_used.item), part.element.get("conceptRef", "")
    called = (Annotation(ORIGINAL_ID, title=named),) if part.name in ALWAYS and own != named else ()
    found = Component(
        own,
        role,
        concept=concept_used,
        codelist=old_ref(part, "Codelist", agency=list_agency, own=codelist, version=list_version)
        if codelist
        else None,
        data_type=data_type or ("ObservationalTimePeriod" if role == "time" and not codelist else ""),
        facets=facets,
        annotations=(*called, *flags, *notes(part)),
    )
    part.close()
    return found


def attribute(part: Part, owner: Ref) -> Component:
    """An attribute; the groups that it describes stand beside each other, with blanks between them."""
    level = part.choice(part.needed("attachmentLevel"), *LEVELS)
    usage = part.choice(part.attribute("assignmentStatus", "Conditional"), "Mandatory", "Conditional")
    groups = " ".join(later_id(part, one.strip()) for one in part.texts("AttachmentGroup"))
    measures = tuple(Annotation("ATTACHMENT_MEASURE", title=one.strip()) for one in part.texts("AttachmentMeasure"))
    found = component(part, "attribute", owner)
    annotations = (*measures, *found.annotations)
    return replace(
        found, attachment=LEVELS[level], mandatory=usage == "Mandatory", group=groups, annotations=annotations
    )


def placed(found: Component, dimensions: list[Component], groups: list[Group]) -> Component:
    """An attribute with what it describes as later versions say it.

    Of several groups it describes the dimensions of them all, with these groups beside them. Without a group it
    describes the only one there is, else the series.
    """
    own = found.group.split()
    if found.attachment != "group":
        said = tuple(Annotation("ATTACHMENT_GROUP", title=one) for one in own)
        return replace(found, group="", annotations=(*said, *found.annotations))
    if not own and len(groups) == 1:
        return replace(found, group=groups[0].id)
    if not own:
        said = (Annotation("ATTACHMENT_LEVEL", title="Group"),)
        return replace(found, attachment="series", annotations=(*said, *found.annotations))
    if len(own) == 1:
        return found
    fixed = {name for group in groups if group.id in own for name in group.dimensions}
    described = tuple(component.id for component in dimensions if component.id in fixed)
    return replace(found, attachment="dimensions", dimensions=described)
