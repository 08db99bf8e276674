"""Structure sets of SDMX 2.1 with their maps."""

from __future__ import annotations

from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.notes import annotations_of, heading, minor_notes
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import local_id, local_ref, reference, references
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.representations import text_format
from sdmxmig.sdmx.formats.wire.maps import LISTS, MAPS_OF_SETS, USUAL
from sdmxmig.sdmx.model.maps import SchemeMap, StructureSet


def read_structure_set(part: Part) -> StructureSet:
    """A collection of maps."""
    head = heading(part, "StructureSet")
    related = references(part, "RelatedStructure", "")
    maps = tuple(scheme_map(child) for child in part.parts(*MAPS_OF_SETS))
    part.close()
    return StructureSet(
        related=related,
        maps=maps,
        **head.shared(),
    )


def scheme_map(part: Part) -> SchemeMap:
    """A map between two schemes or structures."""
    line, kind = MAPS_OF_SETS[part.name]
    links, notes = [], []
    values: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    formats: list[tuple[str, str, str]] = []
    is_structure = part.name == "StructureMap"
    for link in part.parts(line):
        identify = component if is_structure else local_id
        source, target = identify(link.one("Source")), identify(link.one("Target"))
        by = ""
        if is_structure and (way := link.part("RepresentationMapping")):
            by = representation_mapping(way, source, values, formats)
        links.append((source, target, by))
        notes.append(annotations_of(link))
        link.close()
    scheme_map = SchemeMap(
        part.name,
        part.checked_id(part.needed("id")),
        name=part.words("com:Name"),
        source=reference(part.one("Source"), kind),
        target=reference(part.one("Target"), kind),
        links=tuple(links),
        description=part.words("com:Description"),
        annotations=minor_notes(part),
        values=tuple(values),
        formats=tuple(formats),
        link_notes=tuple(notes) if any(notes) else (),
        extension=part.flag("isExtension") if is_structure else False,
    )
    part.close()
    return scheme_map


def component(part: Part) -> str:
    ref = part.one("Ref")
    part.close()
    kind, container, component_id = local_ref(ref)
    usual = USUAL.get(component_id, "Dimension")
    if (kind, container) == (usual, LISTS.get(usual, "DimensionDescriptor")):
        return component_id
    return f"{kind}={container}.{component_id}"


def representation_mapping(
    part: Part,
    source: str,
    values: list[tuple[str, tuple[tuple[str, str], ...]]],
    formats: list[tuple[str, str, str]],
) -> str:
    """Read how values are mapped: by a codelist map (returns its id), values or a type."""
    by = ""
    if child := part.part("CodelistMap"):
        by = local_id(child)
    elif child := part.part("ValueMap"):
        pairs = []
        for line in child.parts("ValueMapping"):
            pairs.append((line.attribute("source"), line.attribute("target")))
            line.close()
        child.close()
        values.append((source, tuple(pairs)))
    else:
        form, how = part.one("ToTextFormat"), part.one("ToValueType")
        data_type, facets, _ = text_format(form, "String")
        if facets:
            raise form.error("has facets, which cannot be kept there.")
        formats.append((source, how.content().strip(), data_type))
    part.close()
    return by
