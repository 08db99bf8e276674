"""Wire tables of SDMX 3 maps between structures, representations and item schemes."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.sdmx.formats.structures.places import POINTS, UNITS
from sdmxmig.sdmx.formats.wire import DESCRIPTION, MINOR_NOTES, NAME, NOTES, WITHIN, Field, Form, Key, Shape
from sdmxmig.sdmx.model.maps import ComponentLink, FixedValue, SourceValue, ValueMapping
from sdmxmig.sdmx.model.references import Ref

STRUCTURES = ("DataStructure", "Dataflow", "MetadataStructure", "Metadataflow")
ORGANISATION_SCHEMES = (
    "AgencyScheme",
    "DataProviderScheme",
    "DataConsumerScheme",
    "MetadataProviderScheme",
    "OrganisationUnitScheme",
)
COMPONENT = "a component of a map"
PAIR = ("several values in one line", "A map between schemes has pairs.")
ONE_SCHEME = ("other than one source and one target scheme", "Name one scheme on each side.")
YEAR_START = Field("year_start", Form.TEXT, lost=("the start of the reporting year in a map", ""))
LINE: Shape = (
    Field("valid_from", Form.VALIDITY, ml="@validFrom"),
    Field("valid_to", Form.VALIDITY, ml="@validTo"),
    NOTES,
)
TIME: Shape = (
    Field("id", Form.ID, ml="@id", what="the id of a map"),
    Field("resolve", Form.CHOICE, ml="@resolvePeriod", choices=POINTS),
)
MAPPED: Shape = (
    MINOR_NOTES,
    Field("sources", "mapped_components", ml="Source", json="mappedComponents", pattern="NESTED_ID", what=COMPONENT),
    Field("frequency_dimension", Form.ID, ml="FrequencyDimension", what="a frequency dimension"),
    Field("formats", "mapped_frequencies", ml="MappedFrequencies"),
    Field("frequency", Form.ID, ml="TargetFrequencyID", what="a frequency"),
    YEAR_START,
)


def scheme_map(*kinds: str) -> Shape:
    return (
        Field("sources", "scheme", ml="Source", kinds=kinds, lost=ONE_SCHEME),
        Field("targets", "scheme", ml="Target", kinds=kinds, lost=ONE_SCHEME),
        Field("mappings", Form.EACH, ml="ItemMap", of="ItemMap"),
    )


MAPS_OF_SETS = {
    "OrganisationSchemeMap": ("OrganisationMap", ""),
    "CategorySchemeMap": ("CategoryMap", "CategoryScheme"),
    "CodelistMap": ("CodeMap", "Codelist"),
    "ConceptSchemeMap": ("ConceptMap", "ConceptScheme"),
    "ReportingTaxonomyMap": ("ReportingCategoryMap", "ReportingTaxonomy"),
    "HybridCodelistMap": ("HybridCodeMap", ""),
    "StructureMap": ("ComponentMap", ""),
}
USUAL = {"TIME_PERIOD": "TimeDimension", "OBS_VALUE": "PrimaryMeasure"}
LISTS = {"PrimaryMeasure": "MeasureDescriptor"}
TIME_MAPS = {"EpochMap": "epoch", "DatePatternMap": "pattern"}
WITHOUT_REPRESENTATIONS = ("representations in the map {id}", "Only structure maps have them.")


def map_of_set(kind: str) -> Shape:
    line, scheme = MAPS_OF_SETS[kind]
    kinds = (scheme,) if scheme else ()
    extension = Field("extension", Form.FLAG, ml="@isExtension")
    others = [Field(name, Form.TEXTS, lost=WITHOUT_REPRESENTATIONS) for name in ("extension", "values", "formats")]
    fields = (
        Field("id", Form.ID, ml="@id", required=True),
        *([extension] if kind == "StructureMap" else others),
        MINOR_NOTES,
        NAME,
        DESCRIPTION,
        Field("source", Form.REFERENCE, ml="Source", kinds=kinds, required=True),
        Field("target", Form.REFERENCE, ml="Target", kinds=kinds, required=True),
        Field("links", "links", ml=line, of=kind, needed=("the map {id} without pairs", "Give it at least one.")),
    )
    return tuple(replace(field, until="2.1") for field in fields)


SHAPES: dict[Key, Shape] = {
    "RepresentationMap": (
        Field("sources", "sides", ml="Source", required=True),
        Field("targets", "sides", ml="Target", required=True),
        Field("mappings", Form.EACH, ml="RepresentationMapping", of=ValueMapping),
    ),
    "ConceptSchemeMap": scheme_map("ConceptScheme"),
    "CategorySchemeMap": scheme_map("CategoryScheme"),
    "OrganisationSchemeMap": scheme_map(*ORGANISATION_SCHEMES),
    "ReportingTaxonomyMap": scheme_map("ReportingTaxonomy"),
    ValueMapping: (
        *LINE,
        Field(
            "sources",
            Form.PARTS,
            ml="SourceValue",
            of=SourceValue,
            required=True,
            needed=("a line without source", ""),
        ),
        Field("targets", Form.TEXTS, ml="TargetValue", pattern=""),
    ),
    "ItemMap": (
        *LINE,
        Field("sources", Form.ONE_PART, ml="SourceValue", of=SourceValue, needed=PAIR, lost=PAIR),
        Field("targets", Form.ONE_TEXT, ml="TargetValue", lost=PAIR),
    ),
    SourceValue: (
        Field("regex", Form.FLAG, ml="@isRegEx"),
        Field("start", "number", ml="@startIndex", what="the startIndex of {value}"),
        Field("end", "number", ml="@endIndex", what="the endIndex of {value}"),
        Field("value", Form.TEXT, ml=".", json="value", required=True),
    ),
    "StructureMap": (
        Field("source", Form.REFERENCE, ml="Source", kinds=STRUCTURES, required=True, stub=""),
        Field("target", Form.REFERENCE, ml="Target", kinds=STRUCTURES, required=True, stub=""),
        Field("times", "time_maps", ml="FrequencyFormatMapping"),
        Field("components", Form.PARTS, ml="ComponentMap", of=ComponentLink),
        Field("fixed", Form.PARTS, ml="FixedValueMap", of=FixedValue),
    ),
    ComponentLink: (
        NOTES,
        Field("sources", Form.TEXTS, ml="Source", json="source", pattern="NESTED_ID", what=COMPONENT, required=True),
        Field("targets", Form.TEXTS, ml="Target", json="target", pattern="NESTED_ID", what=COMPONENT, required=True),
        Field("representation", Form.REFERENCE, ml="RepresentationMap", kinds=("RepresentationMap",)),
    ),
    FixedValue: (
        NOTES,
        Field("component", "fixed_component", ml="Source", pattern="NESTED_ID", what=COMPONENT),
        Field("values", Form.TEXTS, ml="Value", pattern=""),
    ),
    "frequency format": (
        Field("id", Form.ID, ml="@id", required=True, what="the id of a format"),
        Field("annotations", "no_notes", ml="Annotations"),
        Field("frequency", Form.ID, ml="FrequencyId", required=True, what="a frequency"),
        Field("pattern", Form.TEXT, ml="DatePattern", required=True),
    ),
    "StructureSet": (
        Field("related", Form.REFERENCES, ml="RelatedStructure", until="2.1"),
        Field("maps", "maps", ml=WITHIN, until="2.1"),
    ),
    **{f"{kind} of a set": map_of_set(kind) for kind in MAPS_OF_SETS},
    "epoch": (
        *TIME,
        Field("base", Form.TEXT, ml="@basePeriod", required=True),
        Field("unit", Form.CHOICE, ml="@epochPeriod", choices=UNITS, required=True),
        *MAPPED,
    ),
    "pattern": (
        *TIME,
        Field("pattern", Form.TEXT, ml="@sourcePattern", required=True),
        Field("locale", Form.TEXT, ml="@locale", required=True, default="en"),
        *MAPPED,
    ),
}


def only_scheme(sides: tuple[Ref | str, ...]) -> Ref | None:
    return sides[0] if len(sides) == 1 and isinstance(sides[0], Ref) else None
