"""Names of kinds in both API versions."""

from __future__ import annotations

from sdmxmig.sdmx.model.references import ITEM_KINDS

ORGANISATION_SCHEMES = (
    "AgencyScheme",
    "DataProviderScheme",
    "DataConsumerScheme",
    "MetadataProviderScheme",
    "OrganisationUnitScheme",
)
CODELISTS = ("Codelist", "GeographicCodelist", "GeoGridCodelist")
CONSTRAINTS = ("DataConstraint", "ContentConstraint")
VTL_SCHEMES = (
    "TransformationScheme",
    "RulesetScheme",
    "UserDefinedOperatorScheme",
    "CustomTypeScheme",
    "NamePersonalisationScheme",
    "VtlMappingScheme",
)
IN_BOTH = (
    *("DataStructure", "MetadataStructure", "CategoryScheme", "ConceptScheme", "Dataflow", "Metadataflow"),
    *("ReportingTaxonomy", "ProvisionAgreement", "Process", "Categorisation", "OrganisationUnitScheme"),
    *("AgencyScheme", "DataProviderScheme", "DataConsumerScheme", *VTL_SCHEMES),
)
KINDS_2 = {
    **{kind.lower(): (kind,) for kind in IN_BOTH},
    "codelist": CODELISTS,
    "dataconstraint": CONSTRAINTS,
    "organisationscheme": ORGANISATION_SCHEMES,
    **{
        kind.lower(): (kind,)
        for kind in (
            *("Hierarchy", "HierarchyAssociation", "ValueList", "MetadataProviderScheme"),
            *("MetadataProvisionAgreement", "StructureMap", "RepresentationMap", "ConceptSchemeMap"),
            *("CategorySchemeMap", "OrganisationSchemeMap", "ReportingTaxonomyMap", "MetadataConstraint"),
        )
    },
}
KINDS_1 = {
    **{kind.lower(): (kind,) for kind in IN_BOTH},
    "codelist": CODELISTS,
    "hierarchicalcodelist": ("HierarchicalCodelist", "Hierarchy"),
    "organisationscheme": ORGANISATION_SCHEMES,
    "structureset": ("StructureSet", "StructureMap", "RepresentationMap"),
    "contentconstraint": CONSTRAINTS,
    "actualconstraint": CONSTRAINTS,
    "allowedconstraint": CONSTRAINTS,
    "attachmentconstraint": ("AttachmentConstraint",),
}
ROLES_1 = {"actualconstraint": "Actual", "allowedconstraint": "Allowed"}
WITH_ITEMS = (*ITEM_KINDS, "Hierarchy", "HierarchicalCodelist")
"""The kinds of which items may be asked for."""
RESOURCE_OF = {kind: name for name, kinds in reversed(KINDS_2.items()) for kind in kinds} | {
    "HierarchicalCodelist": "hierarchy",
    "StructureSet": "structuremap",
}
"""Under which name API 2.x has a kind."""
CONTEXTS = {"datastructure": "DataStructure", "dataflow": "Dataflow", "provisionagreement": "ProvisionAgreement"}
SCHEMA_CONTEXTS = {
    **CONTEXTS,
    "metadatastructure": "MetadataStructure",
    "metadataflow": "Metadataflow",
    "metadataprovisionagreement": "MetadataProvisionAgreement",
}
WORDS_1 = ("none", "parents", "parentsandsiblings", "children", "descendants", "all")
WORDS_2 = (*WORDS_1, "ancestors")
"""The words for which other artefacts come along."""
DETAILS_1 = ("full", "allstubs", "referencestubs", "referencepartial", "allcompletestubs", "referencecompletestubs")
DETAILS_2 = (*DETAILS_1, "raw")
AVAILABILITY_REFERENCES = (
    "none",
    "all",
    "codelist",
    "datastructure",
    "conceptscheme",
    "dataflow",
    "dataproviderscheme",
)
