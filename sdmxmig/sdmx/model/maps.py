"""Maps: how codes and components of one structure become those of another."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Annotation, Maintainable, Text
from sdmxmig.sdmx.model.references import Ref

WITHOUT_TARGET, WITHOUT_SOURCE = "WITHOUT_TARGET", "WITHOUT_SOURCE"
"""Annotations of a representation map: codes (in the title, with ``*`` and ``?``) that have no counterpart, and why."""


@dataclass(frozen=True, slots=True)
class SourceValue:
    """A value that a map looks for: a text, a regular expression, or a part of a text (from start to end)."""

    value: str
    regex: bool = False
    _: KW_ONLY
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class ValueMapping:
    """One line of a representation map: these values become those."""

    sources: tuple[SourceValue, ...]
    targets: tuple[str, ...]
    _: KW_ONLY
    valid_from: str = ""
    valid_to: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class RepresentationMap(Maintainable):
    """How values of one or several lists (or data types) become values of others (SDMX 3).

    `sources` and `targets` are codelists, value lists, or names of data types. A ``ConceptSchemeMap``,
    ``CategorySchemeMap``, ``OrganisationSchemeMap`` or ``ReportingTaxonomyMap`` has this shape too, with one source and
    one target.
    """

    _: KW_ONLY
    sources: tuple[Ref | str, ...]
    targets: tuple[Ref | str, ...]
    mappings: tuple[ValueMapping, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentLink:
    """Components of the source that become components of the target, by a representation map or as they are."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    _: KW_ONLY
    representation: Ref | None = None
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class FixedValue:
    """A component that always has these values; `on_source` says whether it is one of the source."""

    component: str
    values: tuple[str, ...]
    _: KW_ONLY
    on_source: bool = False
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeLink:
    """How a date of the source becomes a period of the target.

    `kind` is ``pattern`` (with `pattern` and `locale`) or ``epoch`` (with `base`, `unit`). The frequency is
    `frequency`, or stands in the target dimension `frequency_dimension`. `resolve` is SDMX's ``resolvePeriod``,
    `formats` are the mapped frequencies (id of the format, frequency, pattern), `id` names it.
    """

    kind: str
    sources: tuple[str, ...]
    _: KW_ONLY
    targets: tuple[str, ...]
    pattern: str = ""
    locale: str = ""
    base: str = ""
    unit: str = ""
    frequency: str = ""
    frequency_dimension: str = ""
    resolve: str = ""
    year_start: str = ""
    formats: tuple[tuple[str, str, str], ...] = ()
    id: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class StructureMap(Maintainable):
    """How data of one structure become data of another (SDMX 3).

    `formats` are frequency formats (id, frequency, pattern) that none of `times` names.
    """

    _: KW_ONLY
    source: Ref
    target: Ref
    components: tuple[ComponentLink, ...] = ()
    fixed: tuple[FixedValue, ...] = ()
    times: tuple[TimeLink, ...] = ()
    formats: tuple[tuple[str, str, str], ...] = ()

    @property
    def all_formats(self) -> tuple[tuple[str, str, str], ...]:
        """The frequency formats that maps of dates name, and those that none of them names, each once."""
        return tuple(dict.fromkeys((*(mapped for link in self.times for mapped in link.formats), *self.formats)))


@dataclass(frozen=True, slots=True)
class SchemeMap:
    """A map of SDMX 2.1 between two item schemes or structures, inside a structure set.

    `kind` is SDMX's element (``CodelistMap``, ``ConceptSchemeMap``, ``StructureMap`` …); `links` are pairs of source
    and target id; for a structure map the third part names the codelist map, or is empty. A component of a structure
    map is a dimension (``TIME_PERIOD`` the time dimension, ``OBS_VALUE`` the primary measure), unless it is written
    with its class and list: ``Attribute=AttributeDescriptor.OBS_STATUS``.

    `values` are value maps of components (source component; pairs of values), `formats` their other representations
    (source component, ToValueType, text type), `link_notes` the annotations of the links in their order (empty as a
    whole if there are none), `extension` is SDMX's ``isExtension``.
    """

    kind: str
    id: str
    _: KW_ONLY
    name: Text
    source: Ref
    target: Ref
    links: tuple[tuple[str, str, str], ...] = ()
    description: Text = Text()
    annotations: tuple[Annotation, ...] = ()
    values: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    formats: tuple[tuple[str, str, str], ...] = ()
    link_notes: tuple[tuple[Annotation, ...], ...] = ()
    extension: bool = False


@dataclass(frozen=True, slots=True)
class StructureSet(Maintainable):
    """SDMX 2.1's collection of maps; `related` are the structures that it brings together."""

    _: KW_ONLY
    related: tuple[Ref, ...] = ()
    maps: tuple[SchemeMap, ...] = ()
