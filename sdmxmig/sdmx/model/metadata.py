"""Reference metadata: reports with attributes of a metadata structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Sentinel, Text
from sdmxmig.sdmx.model.references import Ref


@dataclass(frozen=True, slots=True)
class ReportedAttribute:
    """A reported attribute with values, text or structured text, and nested attributes.

    Structured text is well-formed XHTML without outer element, from outside and never trusted. Repeated plain
    attributes are one with several values. `types`, `data_type`, `facets` and `sentinels` come from SDMX-JSON.
    """

    id: str
    values: tuple[str, ...] = ()
    _: KW_ONLY
    text: Text = Text()
    structured: Text = Text()
    attributes: tuple[ReportedAttribute, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    types: tuple[str, ...] = ()
    data_type: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    sentinels: tuple[Sentinel, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a report.

    `kind`: ``object`` (`value` is a URN, possibly with wildcards), ``dataset`` (`ref` is the provider), ``constraint``,
    ``period`` or ``key``. SDMX 3 has only objects, without ids.
    """

    value: str = ""
    kind: str = "object"
    id: str = ""
    ref: Ref | None = None
    key: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The attributes of some targets; `id` and `target_id` are SDMX 2.1."""

    targets: tuple[Target, ...]
    attributes: tuple[ReportedAttribute, ...]
    id: str = ""
    target_id: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class MetadataSet:
    """A set of reference metadata: one report in SDMX 3, one or more in 2.1.

    `ref` is None in SDMX 2.1. `describes` is the metadataflow, agreement or metadata structure. `properties`: ``setID``
    (2.1), ``reportingBeginDate``, ``reportingEndDate``, ``publicationYear``, ``publicationPeriod``. `action` is I, A,
    M, R, D or empty. `formats.metadata_versions` converts between versions.
    """

    describes: Ref | None
    reports: tuple[Report, ...]
    _: KW_ONLY
    ref: Ref | None = None
    name: Text = Text()
    description: Text = Text()
    annotations: tuple[Annotation, ...] = ()
    details: Details = Details()
    provider: Ref | None = None
    action: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowMetadata:
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, Text] = field(default_factory=dict)
    sets: tuple[MetadataSet, ...] = ()
