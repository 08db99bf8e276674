"""One rich hand-made artefact of each SDMX kind: two languages, annotations, validity, awkward texts.

`EVERYWHERE` are those of every version, `IN_3` those of SDMX 3.0 and later, `IN_3_1` and `IN_2_1` those of one
version only. All are in normal form: they come back from a message unchanged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from made import AWKWARD

from sdmxmig.sdmx.model.artefacts import (
    Annotation,
    Contact,
    Details,
    Extension,
    IsoConcept,
    Item,
    ItemScheme,
    Link,
    Sentinel,
    Text,
    VtlConversion,
)
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure, Group
from sdmxmig.sdmx.model.maps import (
    ComponentLink,
    FixedValue,
    RepresentationMap,
    SchemeMap,
    SourceValue,
    StructureMap,
    StructureSet,
    TimeLink,
    ValueMapping,
)
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Agreement,
    Artefact,
    Categorisation,
    Computation,
    Constraint,
    CubeRegion,
    HierarchicalCode,
    HierarchicalCodelist,
    Hierarchy,
    HierarchyAssociation,
    KeySet,
    Level,
    Member,
    MetadataAttribute,
    Metadataflow,
    MetadataStructure,
    MetadataTarget,
    Process,
    ProcessStep,
    ReportStructure,
    Selection,
    StepObject,
    TimeRange,
    Transition,
)

AGENCY = "SDMXMIG"
DRAFT = "1.0.0-draft"
FINAL = "2.1.0"
NAME = Text.of(en=f"Name {AWKWARD}", fr="Nom d'essai")
DESCRIPTION = Text.of(en=f"First line.\nSecond\tline: {AWKWARD}", fr="Ligne")
NOTE = Annotation(
    "NOTE",
    Text.of(en=AWKWARD, fr="remarque\nlongue"),
    title=AWKWARD,
    url="https://example.org/?a=1&b='2'",
    id=f'N "1" & {"<2>"}',
)
PLAIN = Annotation("ORDER", title="7")
NOTES = (NOTE, PLAIN)
DETAILS = Details(valid_from="2025-01-01", valid_to="2030-12-31T12:30:00", uri="https://example.org/?x=1&y=2")
NOTED: dict[str, Any] = {"annotations": NOTES, "details": DETAILS}
RICH: dict[str, Any] = {"description": DESCRIPTION, **NOTED}


def ref(kind: str, name: str, version: str = FINAL, item: str = "", agency: str = AGENCY) -> Ref:
    return Ref(kind, agency, id=name, version=version, item=item)


CL_SEX, CL_AGE, CL_FREQ = (ref("Codelist", name) for name in ("CL_SEX", "CL_AGE", "CL_FREQ"))
CS, DSD, DF = ref("ConceptScheme", "CS_ALL"), ref("DataStructure", "DSD_ALL"), ref("Dataflow", "DF_ALL")
MSD, MDF = ref("MetadataStructure", "MSD_ALL"), ref("Metadataflow", "MDF_ALL")


def concept(name: str) -> Ref:
    return ref("Concept", "CS_ALL", item=name)


def code(name: str, scheme: str = "CL_SEX") -> Ref:
    return ref("Code", scheme, item=name)


CONTACT = Contact(
    Text.of(en=f"Unit {AWKWARD}", fr="Unité"),
    Text.of(en="Migration & population", fr="Migration"),
    role=Text.of(en="Head", fr="Chef"),
    details=(
        ("telephone", "+995 32 <1>"),
        ("email", "a&b@example.org"),
        ("fax", "2"),
        ("uri", "https://example.org/"),
        ("x400", "c"),
    ),
    id="C1",
)


def organisations(kind: str, item: str, name: str, *, parents: bool = False) -> ItemScheme:
    first = Item(
        "GE1",
        NAME,
        description=DESCRIPTION,
        annotations=NOTES,
        contacts=(CONTACT, Contact()),
        uri="https://example.org/",
    )
    second = Item("GE2", Text.of(en="Second"), parent="GE1" if parents else "")
    return ItemScheme(
        ref(kind, name, "1.0"), NAME, items=(first, second), description=DESCRIPTION, partial=True, **NOTED
    )


AGENCIES = organisations("AgencyScheme", "Agency", "AGENCIES")
PROVIDERS = organisations("DataProviderScheme", "DataProvider", "DATA_PROVIDERS")
CONSUMERS = organisations("DataConsumerScheme", "DataConsumer", "DATA_CONSUMERS")
UNITS = organisations("OrganisationUnitScheme", "OrganisationUnit", "UNITS", parents=True)
METADATA_PROVIDERS = organisations("MetadataProviderScheme", "MetadataProvider", "METADATA_PROVIDERS")

CODELIST = ItemScheme(
    CL_SEX,
    NAME,
    items=(
        Item(
            "_T",
            NAME,
            description=DESCRIPTION,
            status="verified",
            source=AWKWARD,
            annotations=NOTES,
            uri="https://example.org/t",
        ),
        Item("F", Text.of(en="Women", fr="Femmes"), parent="_T", valid_from="2001-01-01", valid_to="2002-12-31"),
        Item("M", Text.of(en="Men"), parent="_T"),
        Item("X", Text.of(en="Child"), parent="F"),
        Item("0", Text.of(en="Zero")),
        Item("1", Text.of(en="One"), parent="0"),
    ),
    description=DESCRIPTION,
    status="candidate",
    source="Recommendations",
    **NOTED,
)
DRAFT_CODELIST = ItemScheme(
    ref("Codelist", "CL_DRAFT", DRAFT), Text.of(en="Draft"), items=(Item("A", Text.of(en="A")),), partial=True
)
CONCEPTS = ItemScheme(
    CS,
    NAME,
    items=(
        Item("FREQ", NAME, description=DESCRIPTION, codelist=CL_FREQ, annotations=NOTES),
        Item("SEX", Text.of(en="Sex"), codelist=CL_SEX, data_type="String", facets=(("maxLength", "3"),)),
        Item(
            "CHILD",
            Text.of(en="Child"),
            parent="SEX",
            data_type="Integer",
            facets=(("minValue", "0"), ("maxValue", "120")),
            iso=IsoConcept(agency="ISO", id="ISO_1", scheme=f"S & {AWKWARD}"),
        ),
        Item("PATTERN", Text.of(en="Pattern"), data_type="String", facets=(("pattern", "[\"<&']+"),)),
        *(Item(name, Text.of(en=name)) for name in ("REF_AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "TITLE")),
    ),
    **RICH,
)
CATEGORIES = ItemScheme(
    ref("CategoryScheme", "CAT_ALL"),
    NAME,
    items=(
        Item("A", NAME, description=DESCRIPTION, annotations=NOTES),
        Item("B", Text.of(en="B"), parent="A"),
        Item("C", Text.of(en="C"), parent="A.B"),
        Item("D", Text.of(en="D"), parent="A"),
        Item("A", Text.of(en="Another A"), parent="A.D"),
        Item("E", Text.of(en="E")),
    ),
    **RICH,
)
TAXONOMY = ItemScheme(
    ref("ReportingTaxonomy", "RT_ALL"),
    NAME,
    items=(
        Item(
            "A",
            NAME,
            description=DESCRIPTION,
            properties=(("StructuralMetadata", DSD.urn), ("StructuralMetadata", MSD.urn)),
        ),
        Item("B", Text.of(en="B"), parent="A", properties=(("ProvisioningMetadata", DF.urn),), annotations=NOTES),
    ),
    **NOTED,
)

DIMENSIONS = (
    Component(
        "FREQ",
        "dimension",
        concept=concept("FREQ"),
        codelist=CL_FREQ,
        annotations=NOTES,
        concept_roles=(concept("FREQ"),),
    ),
    Component(
        "SEX", "dimension", concept=concept("SEX"), codelist=CL_SEX, data_type="String", facets=(("maxLength", "3"),)
    ),
    Component(
        "REF_AREA", "dimension", concept=concept("REF_AREA"), data_type="String", facets=(("pattern", "[A-Z\"<&']{2}"),)
    ),
    Component(
        "TIME_PERIOD",
        "time",
        concept=concept("TIME_PERIOD"),
        data_type="ObservationalTimePeriod",
        facets=(("startTime", "2000-01-01"),),
    ),
)
VALUE = Component(
    "OBS_VALUE",
    "measure",
    concept=concept("OBS_VALUE"),
    data_type="Decimal",
    facets=(("decimals", "2"), ("minValue", "0")),
)


def attribute(name: str, attachment: str, **more: object) -> Component:
    given: dict[str, object] = {"data_type": "String", "mandatory": False, "attachment": attachment, **more}
    return Component(name, "attribute", concept=concept("TITLE"), **given)  # type: ignore[arg-type]


ATTRIBUTES = (
    attribute("TITLE", "dataset", facets=(("maxLength", "350"),), annotations=NOTES, concept_roles=(concept("TITLE"),)),
    attribute("UNIT", "series", mandatory=True),
    attribute("PART", "dimensions", dimensions=("SEX", "REF_AREA")),
    attribute("SIBLING_NOTE", "group", group="Sibling"),
    attribute("OBS_STATUS", "observation", mandatory=True, codelist=CL_SEX, data_type=""),
)
GROUPS = (Group("Sibling", ("SEX", "REF_AREA"), annotations=NOTES), Group("Other", ("FREQ",)))
STRUCTURE = DataStructure(
    DSD,
    NAME,
    components=(*DIMENSIONS, VALUE, *ATTRIBUTES),
    description=DESCRIPTION,
    status="candidate",
    source="Recommendations",
    **NOTED,
    groups=GROUPS,
    list_notes=(("DimensionList", NOTES), ("MeasureList", (PLAIN,))),
)
DATAFLOW = Dataflow(DF, NAME, structure=DSD, description=DESCRIPTION, status="candidate", source="Here", **NOTED)
STUB = ItemScheme(
    ref("Codelist", "CL_STUB"),
    NAME,
    items=(),
    details=Details(
        external=True, structure_url="https://example.org/?a=1&b=2", service_url="https://example.org/service"
    ),
)
STUB_FLOW = Dataflow(
    ref("Dataflow", "DF_STUB"),
    NAME,
    structure=Ref("DataStructure", "", id="", version=""),
    details=Details(external=True),
)
PROVIDER = ref("DataProvider", "DATA_PROVIDERS", "1.0", "GE1")
AGREEMENT = Agreement(ref("ProvisionAgreement", "PA_ALL"), NAME, flow=DF, provider=PROVIDER, **RICH)
CATEGORISATION = Categorisation(
    ref("Categorisation", "CT_ALL", "1.0"), NAME, source=DF, target=ref("Category", "CAT_ALL", item="A.B.C"), **RICH
)
BOTH_ENDS = TimeRange("2000-Q1", "2020-Q4", includes_end=False)
REGION = CubeRegion(
    (
        Selection("SEX", (Member("F"), Member("_T", "true"))),
        Selection("REF_AREA", (Member("GE"),), include=False),
        Selection("TIME_PERIOD", time_range=BOTH_ENDS),
        Selection("OBS_STATUS", (Member("A"),), role="component"),
        Selection("TITLE", role="component", include=False),
    )
)
KEYS = KeySet(
    (
        (Selection("FREQ", (Member("A"),)), Selection("SEX", (Member("F"),))),
        (Selection("FREQ", (Member("Q"),)), Selection("SEX", (Member(AWKWARD),))),
    ),
    include=False,
)
CONSTRAINT = Constraint(
    ref("DataConstraint", "CN_ALL"),
    NAME,
    attached=(DF, ref("Dataflow", "DF_OTHER")),
    regions=(REGION, CubeRegion((Selection("TIME_PERIOD", time_range=TimeRange(end="2020")),), include=False)),
    keys=(KEYS,),
    **RICH,
)


def vtl(
    kind: str, name: str, items: tuple[Item, ...], *properties: tuple[str, str], version: bool = True
) -> ItemScheme:
    own = (("vtlVersion", "2.0"), *properties) if version else properties
    return ItemScheme(ref(kind, name), NAME, items=items, **NOTED, properties=own)


TRANSFORMATIONS = vtl(
    "TransformationScheme",
    "TS_ALL",
    (
        Item(
            "T1",
            NAME,
            description=DESCRIPTION,
            annotations=NOTES,
            properties=(("isPersistent", "true"), ("Expression", 'a <- b["x" < 1] & c;\n'), ("Result", "a")),
        ),
    ),
    ("VtlMappingScheme", ref("VtlMappingScheme", "VM_ALL").urn),
    ("NamePersonalisationScheme", ref("NamePersonalisationScheme", "NP_ALL").urn),
    ("CustomTypeScheme", ref("CustomTypeScheme", "CT_ALL").urn),
    ("RulesetScheme", ref("RulesetScheme", "RS_ALL").urn),
    ("RulesetScheme", ref("RulesetScheme", "RS_MORE").urn),
    ("UserDefinedOperatorScheme", ref("UserDefinedOperatorScheme", "UD_ALL").urn),
)
CUSTOM_TYPES = vtl(
    "CustomTypeScheme",
    "CT_ALL",
    (
        Item(
            "C1",
            NAME,
            properties=(
                ("VtlScalarType", "date"),
                ("DataType", "String"),
                ("VtlLiteralFormat", 'Y "<&>"'),
                ("OutputFormat", "YYYY"),
                ("NullValue", "null"),
            ),
        ),
    ),
)
VTL_MAPPINGS = vtl(
    "VtlMappingScheme",
    "VM_ALL",
    (
        Item(
            "V1",
            NAME,
            properties=(("alias", 'a "b" & <c>'), ("Dataflow", DF.urn)),
            to_vtl=VtlConversion("Pivot", ("SEX", "FREQ")),
            from_vtl=VtlConversion("Unpivot", ("SEX",)),
        ),
        Item("V2", NAME, properties=(("alias", "l"), ("Codelist", CL_SEX.urn))),
        Item("V3", NAME, properties=(("alias", "c"), ("Concept", concept("SEX").urn))),
        Item("V4", NAME, properties=(("alias", "g"), ("GenericDataflow", "")), to_vtl=VtlConversion("Basic")),
    ),
    version=False,
)
PERSONALISATIONS = vtl(
    "NamePersonalisationScheme",
    "NP_ALL",
    (
        Item(
            "N1",
            NAME,
            properties=(("vtlArtefact", "x"), ("VtlDefaultName", "int_var"), ("PersonalisedName", "Änderung <&>")),
        ),
    ),
)
RULESETS = vtl(
    "RulesetScheme",
    "RS_ALL",
    (
        Item(
            "R1",
            NAME,
            properties=(
                ("rulesetType", "datapoint"),
                ("rulesetScope", "variable"),
                ("RulesetDefinition", 'define "x" & <y>;'),
            ),
        ),
    ),
    ("VtlMappingScheme", ref("VtlMappingScheme", "VM_ALL").urn),
)
OPERATORS = vtl(
    "UserDefinedOperatorScheme",
    "UD_ALL",
    (Item("U1", NAME, properties=(("OperatorDefinition", "define operator <&> end"),)),),
    ("VtlMappingScheme", ref("VtlMappingScheme", "VM_ALL").urn),
    ("RulesetScheme", ref("RulesetScheme", "RS_ALL").urn),
)
LEVELS = Level(
    "L1",
    NAME,
    data_type="AlphaNumeric",
    facets=(("maxLength", "3"),),
    below=Level("L2", Text.of(en="Lower"), description=DESCRIPTION),
    annotations=NOTES,
)
TREE = (
    HierarchicalCode(
        "H1",
        code("_T"),
        level="L1",
        children=(
            HierarchicalCode("H11", code("F"), level="L2", valid_from="2001-01-01", valid_to="2002-02-02T01:00:00"),
            HierarchicalCode("H12", code("0", "CL_AGE"), annotations=NOTES),
        ),
        annotations=NOTES,
    ),
    HierarchicalCode("H2", code("M")),
)
HIERARCHY = Hierarchy(ref("Hierarchy", "H_ALL"), NAME, codes=TREE, levels=LEVELS, formal_levels=True, **RICH)

PROCESS = Process(
    ref("Process", "P_ALL"),
    NAME,
    steps=(
        ProcessStep(
            "S1",
            NAME,
            description=DESCRIPTION,
            inputs=(StepObject(about=DF, local_id="IN", annotations=NOTES), StepObject(about=concept("SEX"))),
            outputs=(StepObject(about=CL_SEX),),
            computation=Computation(
                DESCRIPTION, "C", package='R "4"', language="R", version="4.3 <beta>", annotations=NOTES
            ),
            transitions=(
                Transition("S2", Text.of(en="x < 1 & y", fr="x < 1"), id="T1", local_id="L1", annotations=NOTES),
                Transition("S1.S11", Text.of(en="else")),
            ),
            steps=(ProcessStep("S11", Text.of(en="Inner")),),
            annotations=NOTES,
        ),
        ProcessStep("S2", Text.of(en="End")),
    ),
    **RICH,
)


EVERYWHERE: dict[str, Artefact] = {
    "agency scheme": AGENCIES,
    "data provider scheme": PROVIDERS,
    "data consumer scheme": CONSUMERS,
    "organisation unit scheme": UNITS,
    "codelist": CODELIST,
    "draft codelist": DRAFT_CODELIST,
    "concept scheme": CONCEPTS,
    "category scheme": CATEGORIES,
    "reporting taxonomy": TAXONOMY,
    "data structure": STRUCTURE,
    "dataflow": DATAFLOW,
    "codelist of elsewhere": STUB,
    "dataflow of elsewhere": STUB_FLOW,
    "provision agreement": AGREEMENT,
    "categorisation": CATEGORISATION,
    "data constraint": CONSTRAINT,
    "transformation scheme": TRANSFORMATIONS,
    "custom type scheme": CUSTOM_TYPES,
    "VTL mapping scheme": VTL_MAPPINGS,
    "name personalisation scheme": PERSONALISATIONS,
    "ruleset scheme": RULESETS,
    "user-defined operator scheme": OPERATORS,
    "hierarchy": HIERARCHY,
    "process": PROCESS,
}
"""The data constraint has the kind ``DataConstraint``; SDMX 2.1 gives it back as a ``ContentConstraint``."""

LINKED = ItemScheme(
    ref("Codelist", "CL_LINKED"),
    NAME,
    items=(
        Item(
            "A",
            NAME,
            annotations=(
                Annotation("V", value=AWKWARD, urls=Text.of(en="https://example.org/?a&b", fr="https://f.org")),
            ),
            links=(
                Link("self", "https://example.org/?a=1&b=2", urn="urn:x", type='text/"html"'),
                Link("b", "https://b.org"),
            ),
        ),
    ),
    details=Details(links=(Link("self", "https://example.org/?a=1&b=2"),)),
)
EXTENDED = ItemScheme(
    ref("Codelist", "CL_EXTENDED"),
    NAME,
    items=(Item("OWN", NAME),),
    extensions=(
        Extension(CL_SEX, "S_"),
        Extension(CL_AGE, "A_", members=("Y%", "_T"), cascade=(("_T", "excluderoot"),)),
        Extension(CL_FREQ, include=False, members=("A",), cascade=(("A", "true"),)),
    ),
)
VALUE_LIST = ItemScheme(
    ref("ValueList", "VL_ALL"),
    NAME,
    items=(
        Item('< "1" & more', NAME, description=DESCRIPTION, annotations=NOTES),
        Item(" blank ", Text()),
        Item("$", Text.of(en="Dollar")),
    ),
    **RICH,
)
GEOGRAPHIC = ItemScheme(
    ref("GeographicCodelist", "CL_GEO"),
    NAME,
    items=(
        Item(
            "GE", NAME, description=DESCRIPTION, properties=(("value", 'POLYGON((1 2, 3 4)) "<&>"'),), annotations=NOTES
        ),
        Item("GE_TB", NAME, parent="GE", properties=(("value", "POINT(1 2)"),)),
    ),
    partial=True,
    details=DETAILS,
    extensions=(Extension(CL_AGE, "A_"),),
)
GRID = ItemScheme(
    ref("GeoGridCodelist", "CL_GRID"),
    NAME,
    items=(Item("C1", NAME, properties=(("GeoCell", "1,2 <&>"),)), Item("C2", NAME, properties=(("GeoCell", "2,3"),))),
    properties=(("GridDefinition", 'EPSG:4326 "<&>"'),),
)
RICH_CONCEPTS = ItemScheme(
    ref("ConceptScheme", "CS_RICH"),
    NAME,
    items=(
        Item("MANY", NAME, codelist=ref("ValueList", "VL_ALL"), min_occurs="0", max_occurs="unbounded"),
        Item(
            "TEXTS", NAME, data_type="String", facets=(("isMultiLingual", "true"), ("maxLength", "9")), max_occurs="3"
        ),
        Item("AREA", NAME, data_type="GeospatialInformation"),
        Item(
            "NUMBER",
            NAME,
            data_type="Integer",
            sentinels=(Sentinel("-1", NAME, description=DESCRIPTION), Sentinel("-2", NAME)),
        ),
    ),
)
RICH_STRUCTURE = DataStructure(
    ref("DataStructure", "DSD_RICH"),
    NAME,
    components=(
        *DIMENSIONS,
        VALUE,
        Component(
            "SECOND",
            "measure",
            concept=concept("OBS_VALUE"),
            data_type="Double",
            mandatory=False,
            concept_roles=(concept("OBS_VALUE"),),
            sentinels=(Sentinel("-1", NAME),),
            annotations=NOTES,
        ),
        Component(
            "CODES",
            "measure",
            concept=concept("SEX"),
            codelist=ref("ValueList", "VL_ALL"),
            mandatory=False,
            min_occurs="0",
            max_occurs="5",
        ),
        *ATTRIBUTES,
        attribute("TEXTS", "dataset", facets=(("isMultiLingual", "true"),), max_occurs="unbounded"),
        attribute("PAGE", "observation", data_type="XHTML", measures=("OBS_VALUE", "SECOND")),
        attribute("PERHAPS", "dimensions", dimensions=("FREQ", "SEX"), optional=("SEX",)),
        Component(
            "CONTACT",
            "metadata",
            concept=ref("MetadataAttribute", "MSD_ALL", item="CONTACT"),
            attachment="dimensions",
            dimensions=("FREQ",),
        ),
    ),
    groups=GROUPS,
    metadata=MSD,
)
METADATA_ATTRIBUTES = (
    MetadataAttribute(
        "CONTACT",
        concept("TITLE"),
        data_type="String",
        facets=(("isMultiLingual", "true"), ("maxLength", "99")),
        max_occurs="unbounded",
        annotations=NOTES,
    ),
    MetadataAttribute(
        "QUALITY",
        concept("TITLE"),
        min_occurs="0",
        presentational=True,
        children=(
            MetadataAttribute("PAGE", concept("TITLE"), data_type="XHTML", min_occurs="0", max_occurs="7"),
            MetadataAttribute("SEX", concept("SEX"), codelist=CL_SEX),
        ),
    ),
)
METADATA_STRUCTURE = MetadataStructure(MSD, NAME, attributes=METADATA_ATTRIBUTES, **RICH)
METADATAFLOW = Metadataflow(
    MDF,
    NAME,
    structure=MSD,
    targets=("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:*(*)", DF.urn),
    **RICH,
)
METADATA_AGREEMENT = Agreement(
    ref("MetadataProvisionAgreement", "MPA_ALL"),
    NAME,
    flow=MDF,
    provider=ref("MetadataProvider", "METADATA_PROVIDERS", "1.0", "GE1"),
    targets=(DF.urn,),
    **RICH,
)
RICH_CONSTRAINT = Constraint(
    ref("DataConstraint", "CN_RICH"),
    NAME,
    attached=(DSD,),
    regions=(
        CubeRegion(
            (
                Selection(
                    "SEX",
                    (Member("F", "excluderoot", valid_from="2001-01-01", valid_to="2002-12-31"), Member("M")),
                    remove_prefix=True,
                    valid_from="2000-01-01",
                    valid_to="2020",
                ),
                Selection(
                    "TIME_PERIOD",
                    time_range=TimeRange("2001", includes_start=False, valid_from="2001", valid_to="2002"),
                ),
                Selection("TITLE", (Member("Titre", language="fr"),), role="component"),
            ),
            annotations=NOTES,
        ),
    ),
    keys=(
        KeySet(
            (
                (
                    Selection("FREQ", (Member("A"),)),
                    Selection("OBS_STATUS", (Member("A"), Member("B")), role="component"),
                ),
                (Selection("FREQ", (Member("Q"),)),),
            ),
            valid=(("2001-01-01", "2002"), ("", "")),
            notes=((), NOTES),
        ),
    ),
)
METADATA_CONSTRAINT = Constraint(
    ref("MetadataConstraint", "MC_ALL"),
    NAME,
    attached=(MDF,),
    regions=(
        CubeRegion((Selection("QUALITY.SEX", (Member("F"),), role="component"),), valid_from="2001", valid_to="2002"),
    ),
    annotations=NOTES,
)
ASSOCIATION = HierarchyAssociation(
    ref("HierarchyAssociation", "HA_ALL"),
    NAME,
    hierarchy=HIERARCHY.ref,
    target=ref("Dimension", "DSD_ALL", item="SEX"),
    context=DF,
    **RICH,
)
REPRESENTATION_MAP = RepresentationMap(
    ref("RepresentationMap", "RM_ALL"),
    NAME,
    sources=(CL_SEX, "String"),
    targets=(ref("ValueList", "VL_ALL"), "Integer"),
    mappings=(
        ValueMapping(
            (SourceValue('"a" < & b'), SourceValue("[<&]+", regex=True)),
            ("x", ""),
            valid_from="2001-01-01",
            valid_to="2002-01-01",
            annotations=NOTES,
        ),
        ValueMapping((SourceValue("abc", start="1", end="2"), SourceValue("")), ()),
    ),
    **RICH,
)
CONCEPT_MAP = RepresentationMap(
    ref("ConceptSchemeMap", "CM_ALL"),
    NAME,
    sources=(CS,),
    targets=(ref("ConceptScheme", "CS_RICH"),),
    mappings=(ValueMapping((SourceValue("SEX"),), ("MANY",)),),
)
STRUCTURE_MAP = StructureMap(
    ref("StructureMap", "SM_ALL"),
    NAME,
    source=ref("DataStructure", "DSD_SOURCE"),
    target=DSD,
    components=(
        ComponentLink(("sexe",), ("SEX",), representation=REPRESENTATION_MAP.ref, annotations=NOTES),
        ComponentLink(("val", "unit"), ("OBS_VALUE",)),
    ),
    fixed=(FixedValue("FREQ", ("A",), annotations=NOTES), FixedValue("flag", ("x", AWKWARD), on_source=True)),
    times=(
        TimeLink(
            "epoch",
            ("t",),
            targets=("TIME_PERIOD",),
            base="1970",
            unit="day",
            frequency="A",
            resolve="endOfPeriod",
            id="E",
        ),
        TimeLink(
            "pattern",
            ("year", "y2"),
            targets=("TIME_PERIOD", "T2"),
            pattern='yyyy "<&>"',
            locale="en",
            frequency_dimension="FREQ",
            formats=(("F_A", "A", "yyyy"), ("F_M", "M", "yyyy-'M'MM")),
            annotations=NOTES,
        ),
    ),
    **RICH,
    formats=(("F_Q", "Q", "yyyy-'Q'Q"),),
)


IN_3: dict[str, Artefact] = {
    "metadata provider scheme": METADATA_PROVIDERS,
    "codelist with links": LINKED,
    "codelist that extends others": EXTENDED,
    "value list": VALUE_LIST,
    "geographic codelist": GEOGRAPHIC,
    "geographic grid codelist": GRID,
    "concept scheme of SDMX 3": RICH_CONCEPTS,
    "data structure of SDMX 3": RICH_STRUCTURE,
    "metadata structure": METADATA_STRUCTURE,
    "metadataflow": METADATAFLOW,
    "metadata provision agreement": METADATA_AGREEMENT,
    "data constraint of SDMX 3": RICH_CONSTRAINT,
    "metadata constraint": METADATA_CONSTRAINT,
    "hierarchy association": ASSOCIATION,
    "representation map": REPRESENTATION_MAP,
    "concept scheme map": CONCEPT_MAP,
    "structure map": STRUCTURE_MAP,
}

EVOLVING = DataStructure(
    ref("DataStructure", "DSD_EVOLVING"),
    NAME,
    components=(*DIMENSIONS, VALUE),
    evolving=True,
    details=Details(partial_language=True),
)
LIMITED = Dataflow(ref("Dataflow", "DF_LIMITED"), NAME, structure=EVOLVING.ref, constrained=("FREQ", "SEX"))
AVAILABILITY = Constraint(
    Ref("AvailabilityConstraint", DF.agency, id=DF.id, version=DF.version),
    Text(),
    role="Actual",
    attached=(DF,),
    regions=(REGION,),
    counts=(("seriesCount", "12"), ("obsCount", "345")),
    annotations=NOTES,
)
IN_3_1: dict[str, Artefact] = {
    "evolving structure": EVOLVING,
    "dataflow of an evolving structure": LIMITED,
    "availability constraint": AVAILABILITY,
}

REPORT_TARGETS = (
    MetadataTarget(
        "T_FLOW",
        (
            ("FLOW", "Dataflow", ""),
            ("CATEGORY", "Category", ref("CategoryScheme", "CAT_ALL").urn),
            ("DIMENSION_DESCRIPTOR_VALUES_TARGET", "KeyDescriptorValuesTarget", "KeyValues"),
            ("DATA_SET_TARGET", "DataSetTarget", "DataSetReference"),
            ("CONSTRAINT_CONTENT_TARGET", "ConstraintContentTarget", "AttachmentConstraintReference"),
            ("REPORT_PERIOD_TARGET", "ReportPeriodTarget", "ObservationalTimePeriod"),
        ),
        annotations=NOTES,
    ),
    MetadataTarget("T_OTHER", (("FLOW", "Dataflow", ""),)),
)
METADATA_STRUCTURE_2_1 = MetadataStructure(
    MSD,
    NAME,
    targets=REPORT_TARGETS,
    reports=(
        ReportStructure("R1", ("T_FLOW", "T_OTHER"), attributes=METADATA_ATTRIBUTES, annotations=NOTES),
        ReportStructure("R2", ("T_OTHER",), attributes=METADATA_ATTRIBUTES[:1]),
    ),
    **RICH,
)
METADATAFLOW_2_1 = Metadataflow(MDF, NAME, structure=MSD, **RICH)
METADATA_AGREEMENT_2_1 = Agreement(
    ref("ProvisionAgreement", "PA_METADATA"),
    NAME,
    flow=MDF,
    provider=ref("DataProvider", "DATA_PROVIDERS", "1.0", "GE1"),
)
CONTENT_CONSTRAINT = Constraint(
    ref("ContentConstraint", "CN_CALENDAR"),
    NAME,
    role="Actual",
    attached=(AGREEMENT.ref,),
    regions=(REGION,),
    keys=(KEYS,),
    sources=(
        ("rest", "https://example.org/?a=1&b=2"),
        ("rest+soap", "https://example.org/2"),
        ("wsdl", "https://example.org/2/wsdl"),
        ("wadl", "https://example.org/2/wadl"),
    ),
    calendar=("P1Y", 'P"1"D', "P2D & more"),
    period=("2001-01-01", "2002-01-01T12:00:00Z"),
)
KEYS_FOR_ATTACHMENT = Constraint(ref("AttachmentConstraint", "AC_ALL"), NAME, attached=(DSD,), keys=(KEYS,), **NOTED)
METADATA_CONTENT = Constraint(
    ref("ContentConstraint", "CN_METADATA"),
    NAME,
    attached=(MDF,),
    regions=(
        CubeRegion(
            (
                Selection("FLOW", (Member(DF.urn, kind="Object"),)),
                Selection("QUALITY.SEX", (Member("F"),), role="component"),
            ),
            report="R1",
            target="T_FLOW",
        ),
    ),
    keys=(
        KeySet(
            (
                (Selection("FLOW", (Member(DF.urn, kind="Object"),)), Selection("PERIOD", (Member("2001"),))),
                (
                    Selection("SET", (Member("D1", kind="DataSet", provider=PROVIDER),)),
                    Selection("KEY", (Member("", kind="DataKey", key=(("FREQ", "A"), ("SEX", AWKWARD))),)),
                ),
            ),
            reports=(("R1", "T_FLOW"), ("R1", "T_FLOW")),
        ),
    ),
)
SET_CONSTRAINT = Constraint(ref("ContentConstraint", "CN_SET"), NAME, keys=(KEYS,), sets=(("DataSet", PROVIDER, "D1"),))
KEYS_OF_SETS = Constraint(
    ref("AttachmentConstraint", "AC_SETS"),
    NAME,
    keys=(KEYS,),
    sets=(("MetadataSet", PROVIDER, "M1"), ("MetadataSet", PROVIDER, "M2")),
)
SOURCE_CONSTRAINT = Constraint(
    ref("ContentConstraint", "CN_FILE"), NAME, sources=(("simple", "https://example.org/file.xml"),)
)
NOT_FINAL = ItemScheme(ref("Codelist", "CL_OPEN", "1.3"), NAME, items=(Item("A", NAME),), details=Details(final=False))
MEASURED = DataStructure(
    ref("DataStructure", "DSD_MEASURED"),
    NAME,
    components=(
        DIMENSIONS[0],
        Component("MEASURE", "dimension", concept=concept("SEX"), codelist=CS, concept_roles=(concept("SEX"),)),
        DIMENSIONS[3],
        replace(VALUE, mandatory=False),
        attribute("GROUPED", "dimensions", dimensions=("FREQ",), group="ONE TWO"),
        Component(
            "REPORTING_YEAR_START_DAY",
            "attribute",
            concept=concept("TITLE"),
            data_type="MonthDay",
            attachment="dataset",
        ),
    ),
    groups=(
        Group("ONE", ("FREQ",)),
        Group("TWO", (), annotations=NOTES, constraint=ref("AttachmentConstraint", "AC_ALL")),
    ),
    metadata=MSD,
    evolving=True,
)
HIERARCHIES = HierarchicalCodelist(
    ref("HierarchicalCodelist", "HCL_ALL"),
    NAME,
    included=(("sex", CL_SEX), ("age", CL_AGE)),
    hierarchies=(
        Hierarchy(
            ref("Hierarchy", "HCL_ALL", item="ONE"),
            NAME,
            codes=TREE,
            levels=LEVELS,
            formal_levels=True,
            description=DESCRIPTION,
            annotations=NOTES,
        ),
        Hierarchy(
            ref("Hierarchy", "HCL_ALL", item="TWO"),
            NAME,
            codes=(replace(TREE[1], version="1.5"),),
            details=Details(uri="https://example.org/", links=(Link("a", "https://b.org", urn="c", type="d"),)),
        ),
    ),
    **RICH,
)


def scheme_map(kind: str, source: Ref, target: Ref, *links: tuple[str, str, str]) -> SchemeMap:
    return SchemeMap(
        kind,
        f"M_{kind}",
        name=NAME,
        source=source,
        target=target,
        links=links,
        description=DESCRIPTION,
        annotations=NOTES,
    )


STRUCTURE_SET = StructureSet(
    ref("StructureSet", "SS_ALL"),
    NAME,
    related=(DSD, DF),
    maps=(
        scheme_map("CodelistMap", CL_SEX, CL_AGE, ("F", "Y1", ""), ("M", "Y2", "")),
        scheme_map("ConceptSchemeMap", CS, CS, ("SEX", "CHILD", "")),
        scheme_map("CategorySchemeMap", CATEGORIES.ref, CATEGORIES.ref, ("A.B", "A.D", "")),
        scheme_map("OrganisationSchemeMap", UNITS.ref, AGENCIES.ref, ("GE1", "GE2", "")),
        scheme_map("ReportingTaxonomyMap", TAXONOMY.ref, TAXONOMY.ref, ("A", "A.B", "")),
        scheme_map(
            "StructureMap",
            DSD,
            STRUCTURE.ref,
            ("SEX", "SEX", "M_CodelistMap"),
            ("TIME_PERIOD", "TIME_PERIOD", ""),
            ("OBS_VALUE", "OBS_VALUE", ""),
            ("Attribute=AttributeDescriptor.TITLE", "Attribute=AttributeDescriptor.UNIT", ""),
        ),
        replace(
            scheme_map("StructureMap", DF, DF, ("SEX", "SEX", ""), ("FREQ", "FREQ", "")),
            id="M_VALUES",
            values=(("SEX", (('"1" <', "M & W"), ("2", "F"))),),
            formats=(("FREQ", "Name", "String"),),
            link_notes=((), NOTES),
            extension=True,
        ),
    ),
    **RICH,
)
IN_2_1: dict[str, Artefact] = {
    "metadata structure of SDMX 2.1": METADATA_STRUCTURE_2_1,
    "metadataflow of SDMX 2.1": METADATAFLOW_2_1,
    "provision agreement for metadata": METADATA_AGREEMENT_2_1,
    "content constraint": CONTENT_CONSTRAINT,
    "content constraint of a file": SOURCE_CONSTRAINT,
    "attachment constraint": KEYS_FOR_ATTACHMENT,
    "content constraint of a set of data": SET_CONSTRAINT,
    "attachment constraint of sets of metadata": KEYS_OF_SETS,
    "content constraint for metadata": METADATA_CONTENT,
    "codelist that is not final": NOT_FINAL,
    "data structure of SDMX 2.1": MEASURED,
    "hierarchical codelist": HIERARCHIES,
    "structure set": STRUCTURE_SET,
}

OF_VERSION: dict[str, dict[str, Artefact]] = {
    "2.1": {**EVERYWHERE, **IN_2_1},
    "3.0": {**EVERYWHERE, **IN_3},
    "3.1": {**EVERYWHERE, **IN_3, **IN_3_1},
}
"""What each version of SDMX can say without a note, by name."""
