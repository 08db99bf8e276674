"""Names of artefacts in each version of SDMX-ML."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass, replace

ORGANISATION_SCHEMES = ("AgencyScheme", "DataProviderScheme", "DataConsumerScheme", "MetadataProviderScheme")
ORGANISATIONS = ("Agency", "DataProvider", "DataConsumer", "MetadataProvider")


@dataclass(frozen=True, slots=True)
class Spelling:
    """Kinds, collections and words of one version.

    `containers` are the collections by kind, in schema order; absent kinds are unsupported. `kinds` are renamed ones,
    `fixed_versions` those with version 1.0, `code_parents` the pattern of parent codes. Flags mark facts with their own
    place; others become annotations or are rejected.
    """

    containers: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    _: KW_ONLY
    fixed_versions: tuple[str, ...]
    formal_levels: str
    code_parents: str
    has_partial_language: bool
    is_one_language_by_default: bool

    @property
    def container_of(self) -> dict[str, str]:
        return dict(self.containers)

    @property
    def kind_of(self) -> dict[str, str]:
        return dict(self.kinds)


SPELLING_21 = Spelling(
    containers=(
        ("AgencyScheme", "OrganisationSchemes"),
        ("DataConsumerScheme", "OrganisationSchemes"),
        ("DataProviderScheme", "OrganisationSchemes"),
        ("OrganisationUnitScheme", "OrganisationSchemes"),
        ("Dataflow", "Dataflows"),
        ("Metadataflow", "Metadataflows"),
        ("CategoryScheme", "CategorySchemes"),
        ("Categorisation", "Categorisations"),
        ("Codelist", "Codelists"),
        ("HierarchicalCodelist", "HierarchicalCodelists"),
        ("ConceptScheme", "Concepts"),
        ("MetadataStructure", "MetadataStructures"),
        ("DataStructure", "DataStructures"),
        ("StructureSet", "StructureSets"),
        ("ReportingTaxonomy", "ReportingTaxonomies"),
        ("Process", "Processes"),
        ("AttachmentConstraint", "Constraints"),
        ("ContentConstraint", "Constraints"),
        ("ProvisionAgreement", "ProvisionAgreements"),
        ("CustomTypeScheme", "CustomTypes"),
        ("VtlMappingScheme", "VtlMappings"),
        ("NamePersonalisationScheme", "NamePersonalisations"),
        ("RulesetScheme", "Rulesets"),
        ("TransformationScheme", "Transformations"),
        ("UserDefinedOperatorScheme", "UserDefinedOperators"),
    ),
    kinds=(
        ("DataConstraint", "ContentConstraint"),
        ("AvailabilityConstraint", "ContentConstraint"),
        ("Hierarchy", "HierarchicalCodelist"),
    ),
    fixed_versions=(*ORGANISATION_SCHEMES, *ORGANISATIONS),
    formal_levels="leveled",
    code_parents=r".*",
    has_partial_language=False,
    is_one_language_by_default=True,
)

SPELLING_30 = Spelling(
    containers=tuple(
        (
            kind,
            kind.removesuffix("y") + "ies" if kind.endswith("y") else "Processes" if kind == "Process" else f"{kind}s",
        )
        for kind in (
            *("AgencyScheme", "Categorisation", "CategorySchemeMap", "CategoryScheme", "Codelist"),
            *("ConceptSchemeMap", "ConceptScheme", "CustomTypeScheme", "DataConstraint", "DataConsumerScheme"),
            *("Dataflow", "DataProviderScheme", "DataStructure", "GeographicCodelist", "GeoGridCodelist", "Hierarchy"),
            *("HierarchyAssociation", "MetadataConstraint", "Metadataflow", "MetadataProviderScheme"),
            *("MetadataProvisionAgreement", "MetadataStructure", "NamePersonalisationScheme"),
            *("OrganisationSchemeMap", "OrganisationUnitScheme", "Process", "ProvisionAgreement", "ReportingTaxonomy"),
            *("ReportingTaxonomyMap", "RepresentationMap", "RulesetScheme", "StructureMap", "TransformationScheme"),
            *("UserDefinedOperatorScheme", "ValueList", "VtlMappingScheme"),
        )
    ),
    kinds=(("ContentConstraint", "DataConstraint"), ("AvailabilityConstraint", "DataConstraint")),
    fixed_versions=(*ORGANISATION_SCHEMES, *ORGANISATIONS, "OrganisationUnitScheme", "OrganisationUnit"),
    formal_levels="hasFormalLevels",
    code_parents=r"[A-Za-z][A-Za-z0-9_\-]*",
    has_partial_language=False,
    is_one_language_by_default=False,
)

SPELLING_31 = replace(
    SPELLING_30,
    containers=(
        *SPELLING_30.containers[:1],
        ("AvailabilityConstraint", "AvailabilityConstraints"),
        *SPELLING_30.containers[1:],
    ),
    kinds=(("ContentConstraint", "DataConstraint"),),
    fixed_versions=(*SPELLING_30.fixed_versions, "Categorisation"),
    code_parents=r".*",
    has_partial_language=True,
    is_one_language_by_default=True,
)


ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
TIME = rf"{DAY}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?{ZONE}"
CALENDAR = rf"(?:\d{{4}}{ZONE}|\d{{4}}-(?:0[1-9]|1[0-2]){ZONE}|{DAY}{ZONE}|{TIME})"
REPORTING = (
    r"\d{4}-(?:A1|S[12]|T[1-3]|Q[1-4]|M(?:0[1-9]|1[0-2])|W(?:0[1-9]|[1-4]\d|5[0-3])"
    r"|D(?:00[1-9]|0[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6]))" + ZONE
)
RANGE = rf"(?:{DAY}|{TIME})/P(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"

URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.[a-z]+\.[A-Za-z]+=[^=]+")
"""A URN, perhaps with wildcards."""
DATE_TIME = re.compile(TIME)
PERIOD = re.compile(f"{CALENDAR}|{REPORTING}|{RANGE}")
"""An observational time period: of the calendar, of a reporting year, or a range."""
PROPERTIES = {
    "setID": re.compile(r"[A-Za-z0-9_@$\-]+"),
    "reportingBeginDate": re.compile(CALENDAR),
    "reportingEndDate": re.compile(CALENDAR),
    "publicationYear": re.compile(rf"\d{{4}}{ZONE}"),
    "publicationPeriod": PERIOD,
}
"""Properties of a set and their formats (common schema, SetAttributeGroup).

``setID`` only in SDMX 2.1.
"""
