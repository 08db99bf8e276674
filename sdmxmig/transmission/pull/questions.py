"""Queries: structures, data, availability, schemas, metadata, registrations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sdmxmig.sdmx.model.references import ITEM_KINDS
from sdmxmig.transmission.pull.version_patterns import VersionPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Requested artefacts; empty means any."""

    kinds: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    versions: tuple[VersionPattern, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureQuestion:
    """A structure query; `references` are API words or kinds."""

    wanted: Wanted
    items: tuple[str, ...] = ()
    detail: str = "full"
    references: tuple[str, ...] = ("none",)
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: API operator and value."""

    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A component filter: alternatives of conditions."""

    component: str
    choices: tuple[tuple[Condition, ...], ...]


Key = tuple[tuple[str, ...], ...]
"""For each dimension in its order the codes that are meant; none of them: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuestion:
    """A data query.

    `keys` of API 2.x, or one of 1.x (`is_whole_key`). `providers` are (agency or empty, id). `periods` of API 1.x.
    """

    wanted: Wanted
    keys: tuple[Key, ...] = ()
    is_whole_key: bool = False
    providers: tuple[tuple[str, str], ...] = ()
    filters: tuple[Filter, ...] = ()
    periods: tuple[str, str] = ("", "")
    updated_after: datetime | None = None
    first: int | None = None
    last: int | None = None
    at_observation: str = ""
    attributes: tuple[str, ...] = ("dsd",)
    measures: tuple[str, ...] = ("all",)
    history: bool = False
    offset: int = 0
    limit: int | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    as_of: datetime | None = None
    year_start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityQuestion:
    """An availability query; `mode` ``exact`` or ``available``."""

    data: DataQuestion
    components: tuple[str, ...] = ()
    references: tuple[str, ...] = ("none",)
    mode: str = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaQuestion:
    """A question for what is valid in the context of a structure, flow or agreement."""

    wanted: Wanted
    at_observation: str = ""
    deletion: bool = False
    explicit: bool = False
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataQuestion:
    """A metadata query; `by` ``metadataset``, ``metadataflow`` or ``structure``."""

    by: str
    wanted: Wanted
    providers: tuple[tuple[str, str], ...] = ()
    key: Key = ()
    periods: tuple[str, str] = ("", "")
    detail: str = "full"
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationQuestion:
    """A question what was registered: by id, provider, or what it is about, between two moments."""

    by: str
    wanted: Wanted = Wanted()
    id: str = ""
    providers: tuple[tuple[str, str], ...] = ()
    updated_after: datetime | None = None
    updated_before: datetime | None = None


OfMoment = StructureQuestion | SchemaQuestion | MetadataQuestion
Question = (
    StructureQuestion | DataQuestion | AvailabilityQuestion | SchemaQuestion | MetadataQuestion | RegistrationQuestion
)


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
