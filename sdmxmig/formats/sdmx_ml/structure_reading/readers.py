"""What reads each kind of artefact of SDMX-ML 2.1 and 3.x, but for schemes of items."""

from __future__ import annotations

from collections.abc import Callable

from sdmxmig.formats.sdmx_ml.structure_reading import (
    constraints,
    data_structures,
    hierarchies,
    maps,
    metadata_structures,
    processes,
    structure_sets,
)
from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.model.structures import Artefact

MAPS_OF_SCHEMES = ("ConceptSchemeMap", "CategorySchemeMap", "OrganisationSchemeMap", "ReportingTaxonomyMap")

READERS: dict[str, Callable[[Part], Artefact]] = {
    "DataStructure": data_structures.read_data_structure,
    "Dataflow": data_structures.read_dataflow,
    "MetadataStructure": metadata_structures.read_metadata_structure,
    "Metadataflow": metadata_structures.read_metadataflow,
    "ProvisionAgreement": metadata_structures.read_agreement,
    "MetadataProvisionAgreement": metadata_structures.read_agreement,
    "Categorisation": metadata_structures.read_categorisation,
    "ContentConstraint": constraints.read_constraint,
    "AttachmentConstraint": constraints.read_constraint,
    "DataConstraint": constraints.read_constraint,
    "MetadataConstraint": constraints.read_constraint,
    "AvailabilityConstraint": constraints.read_constraint,
    "Hierarchy": hierarchies.read_hierarchy,
    "HierarchicalCodelist": hierarchies.read_hierarchical_codelist,
    "HierarchyAssociation": hierarchies.read_association,
    "RepresentationMap": maps.read_representation_map,
    "StructureMap": maps.read_structure_map,
    "StructureSet": structure_sets.read_structure_set,
    "Process": processes.read_process,
    **dict.fromkeys(MAPS_OF_SCHEMES, maps.read_item_scheme_map),
}
