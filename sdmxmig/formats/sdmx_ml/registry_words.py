"""The words of the registry schemas for the kinds of artefacts in subscriptions, the same in all versions."""

from __future__ import annotations

EVENTS = {
    "structure": "StructuralRepositoryEvents",
    "data": "DataRegistrationEvents",
    "metadata": "MetadataRegistrationEvents",
}
REGISTERED = {
    "Registration": "RegistrationID",
    "ProvisionAgreement": "ProvisionAgreement",
    "DataProvider": "DataProvider",
    "Category": "Category",
}
KINDS = {
    "structure": {
        **{
            kind: kind
            for kind in (
                *("AgencyScheme", "DataProviderScheme", "OrganisationUnitScheme", "Dataflow", "Metadataflow"),
                *("CategoryScheme", "Categorisation", "Codelist", "HierarchicalCodelist", "ConceptScheme"),
                *("StructureSet", "ReportingTaxonomy", "Process", "AttachmentConstraint", "ContentConstraint"),
                *("ProvisionAgreement", "TransformationScheme", "NameAliasScheme", "NamePersonalisationScheme"),
                *("RulesetScheme", "UserDefinedOperatorScheme"),
            )
        },
        "DataConsumerScheme": "DataConsmerScheme",  # so spelt in the schemas
        "DataStructure": "KeyFamily",
        "MetadataStructure": "MetadataStructureDefinition",
    },
    "data": {**REGISTERED, "Dataflow": "DataflowReference", "DataStructure": "KeyFamilyReference"},
    "metadata": {
        **REGISTERED,
        "Metadataflow": "MetadataflowReference",
        "MetadataStructure": "MetadataStructureDefinitionReference",
    },
}
"""The elements by the kinds of artefacts that they are about, for each kind of events."""

REFERENCES = ("ProvisionAgreement", "DataProvider", "Category")
"""The kinds which the events of data and metadata name as references do."""

PATTERNS = {word for kind in ("data", "metadata") for word in KINDS[kind].values() if word.endswith("Reference")}
"""The elements that hold a URN, or a pattern of agency, id and version."""
