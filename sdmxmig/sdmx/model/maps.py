"""Maps between codes and components of structures."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.artefacts import Annotation, Maintainable, Text
from sdmxmig.sdmx.model.references import Ref

WITHOUT_TARGET, WITHOUT_SOURCE = "WITHOUT_TARGET", "WITHOUT_SOURCE"
"""Annotations of codes without counterpart (title, with ``*`` and ``?``) and the reason."""

ALSO_NAMED = "ALSO_NAMED"
"""Annotation of a map or link: another id (title) that its target has in messages."""


@dataclass(frozen=True)
class SourceValue:
    """A value that a map matches: a text, a regular expression, or a part of a text (start to end)."""

    value: str
    regex: bool = False
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class ValueMapping:
    sources: tuple[SourceValue, ...]
    targets: tuple[str, ...]
    valid_from: str = ""
    valid_to: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class RepresentationMap(Maintainable):
    """A map between values of lists or data types (SDMX 3).

    Also used for ``ConceptSchemeMap``, ``CategorySchemeMap``, ``OrganisationSchemeMap`` and ``ReportingTaxonomyMap``,
    with one source and one target.
    """

    _: KW_ONLY
    sources: tuple[Ref | str, ...]
    targets: tuple[Ref | str, ...]
    mappings: tuple[ValueMapping, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentLink:
    """Components of the source that become components of the target, by a representation map if values differ."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    representation: Ref | None = None
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class FixedValue:
    """A component with the same values in all data, of the target unless `on_source`."""

    component: str
    values: tuple[str, ...]
    on_source: bool = False
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeLink:
    """A map from dates to periods.

    `kind`: ``pattern`` (with `locale`) or ``epoch`` (with `base`, `unit`). The frequency is `frequency` or in
    `frequency_dimension`. `formats` are (id, frequency, pattern).
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
    _: KW_ONLY
    source: Ref
    target: Ref
    components: tuple[ComponentLink, ...] = ()
    fixed: tuple[FixedValue, ...] = ()
    times: tuple[TimeLink, ...] = ()
    formats: tuple[tuple[str, str, str], ...] = ()

    @property
    def all_formats(self) -> tuple[tuple[str, str, str], ...]:
        return tuple(dict.fromkeys((*(mapped for link in self.times for mapped in link.formats), *self.formats)))


@dataclass(frozen=True, slots=True)
class SchemeMap:
    """An SDMX 2.1 map between item schemes or structures.

    `kind` is the element, such as ``CodelistMap``. `links` are source and target ids, for structure maps also a
    codelist map. Components are dimensions (``TIME_PERIOD`` time, ``OBS_VALUE`` primary measure) unless written as
    ``Attribute=AttributeDescriptor.OBS_STATUS``. `values` are value pairs by source component; `formats` other
    representations; `link_notes` are in the order of links or empty.
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
    """SDMX 2.1's collection of maps; `related` are the structures that it connects."""

    _: KW_ONLY
    related: tuple[Ref, ...] = ()
    maps: tuple[SchemeMap, ...] = ()
