"""Reference metadata: descriptions of data in words, as reports whose attributes follow a metadata structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Sentinel, Text
from sdmxmig.sdmx.model.references import Ref


@dataclass(frozen=True, slots=True)
class ReportedAttribute:
    """One attribute of a report: what it says, and the attributes below it, all in the order of the report.

    It has plain `values` (several: an array), or `text` in languages, or `structured` text in languages, or nothing,
    when it only holds others; SDMX 2.1 may give a value beside its texts. Empty values and texts are kept. Structured
    text is XHTML as well-formed markup without the element around it, such as
    ``<p xmlns="http://www.w3.org/1999/xhtml">Some <em>words</em></p>``; it comes from outside and is only ever text.

    An attribute that comes again and again with plain values only is one with several values. `types` (``number``,
    ``boolean`` or ``string``, one for each value; none if all are texts), `data_type`, `facets` and `sentinels` are
    what SDMX-JSON says of the values beside the metadata structure; formats without them leave them to that.
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
    """One thing that a report is about.

    `kind` is ``object`` (`value` is a URN; SDMX 3 may use wildcards in it), ``dataset`` (`value` is the id of the
    set, `ref` its provider), ``constraint`` (`ref`), ``period`` (`value`) or ``key`` (`key`: one value by dimension).
    `id` is that of the target object of an SDMX 2.1 structure; SDMX 3 has only objects and no ids.
    """

    value: str = ""
    kind: str = "object"
    _: KW_ONLY
    id: str = ""
    ref: Ref | None = None
    key: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The attributes that describe some targets. `id` (of the report structure) and `target_id` are of SDMX 2.1."""

    targets: tuple[Target, ...]
    attributes: tuple[ReportedAttribute, ...]
    _: KW_ONLY
    id: str = ""
    target_id: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class MetadataSet:
    """A set of reference metadata: for SDMX 3 an artefact of its provider with one report, for SDMX 2.1 one or more.

    `ref` is the set itself (kind ``MetadataSet``; None in SDMX 2.1, which does not name sets), `describes` the
    metadataflow, metadata provision agreement or (2.1) metadata structure that it follows, `provider` the data provider
    of SDMX 2.1. `details` hold its validity in all versions. `properties` are what else the message says of the set by
    SDMX's names: ``setID`` (2.1), ``reportingBeginDate``, ``reportingEndDate``, ``publicationYear`` and
    ``publicationPeriod``. `action` is SDMX's I, A, M, R or D, empty if nothing is said. A set without reports is only
    named (SDMX 3).

    `formats.metadata_versions` tells a set in the words of the other version.
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
