"""Structures of SDMX-ML 2.0 as agencies publish them: own words, the habits of real messages.

`PUBLISHED` are messages by what is particular about them, `ANSWERS` and `DIALOGUES` messages to and from a
registry. All are small.
"""

from __future__ import annotations

FOLDER = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0"
SPACES = (
    f'xmlns="{FOLDER}/message" xmlns:s="{FOLDER}/structure" xmlns:c="{FOLDER}/common" xmlns:r="{FOLDER}/registry"'
    f' xmlns:g="{FOLDER}/generic" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
SENDER = "<Sender id='A'/>"
NOTE = "<s:Annotations><c:Annotation><c:AnnotationTitle>T</c:AnnotationTitle></c:Annotation></s:Annotations>"


def header(*, more: str = "", sender: str = SENDER, behind: str = "", own: str = "M", test: str = "false") -> str:
    said = f"<Test>{test}</Test>" if test else ""
    return f"<Header><ID>{own}</ID>{said}{more}<Prepared>2026-01-31T10:00:00</Prepared>{sender}{behind}</Header>"


def message(body: str, head: str = "", *, root: str = "Structure") -> bytes:
    return f"<{root} {SPACES}>{head or header()}{body}</{root}>".encode()


def name(text: str = "N", language: str = "en") -> str:
    return f'<s:Name xml:lang="{language}">{text}</s:Name>' if language else f"<s:Name>{text}</s:Name>"


def code(own: str, *, more: str = "", language: str = "en") -> str:
    said = f' xml:lang="{language}"' if language else ""
    return f'<s:Code value="{own}"{more}><s:Description{said}>Code {own}</s:Description></s:Code>'


def codelist(own: str, *codes: str, more: str = ' version="1.0"', agency: str = "A", language: str = "en") -> str:
    inner = "".join(one if one.startswith("<") else code(one, language=language) for one in codes)
    return f'<s:CodeList id="{own}" agencyID="{agency}"{more}>{name(own, language)}{inner}</s:CodeList>'


def codelists(*lists: str) -> str:
    return f"<CodeLists>{''.join(lists)}</CodeLists>"


def concept(own: str, more: str = "", *, agency: str = "A", text: str = "") -> str:
    return f'<s:Concept id="{own}" agencyID="{agency}"{more}>{name(text or own)}</s:Concept>'


def concepts(*ids: str) -> str:
    return (
        f"<Concepts>{''.join(item_id if item_id.startswith('<') else concept(item_id) for item_id in ids)}</Concepts>"
    )


def dimension(own: str, lists: str = "", more: str = "", inner: str = "") -> str:
    listed = f' codelist="{lists}"' if lists else ""
    return f'<s:Dimension conceptRef="{own}"{listed}{more}>{inner}</s:Dimension>'


def time(own: str = "TIME_PERIOD", more: str = "", inner: str = "") -> str:
    return f'<s:TimeDimension conceptRef="{own}"{more}>{inner}</s:TimeDimension>'


def measure(own: str = "OBS_VALUE", inner: str = "") -> str:
    return f'<s:PrimaryMeasure conceptRef="{own}">{inner}</s:PrimaryMeasure>'


def attribute(
    own: str, level: str, more: str = "", inner: str = "", *, usage: str = ' assignmentStatus="Conditional"'
) -> str:
    return f'<s:Attribute conceptRef="{own}" attachmentLevel="{level}"{usage}{more}>{inner}</s:Attribute>'


def group(own: str, *dimensions: str, inner: str = "") -> str:
    listed = "".join(f"<s:DimensionRef>{one}</s:DimensionRef>" for one in dimensions)
    return f'<s:Group id="{own}">{listed}{inner}</s:Group>'


def text_format(more: str) -> str:
    return f"<s:TextFormat {more}/>"


AREA, SEX = dimension("AREA", "CL_AREA"), dimension("SEX", "CL_SEX")
LISTS = (codelist("CL_AREA", "GE", "MD"), codelist("CL_SEX", "M", "F"))
DOUBLE = text_format('textType="Double"')


def family(
    *parts: str, own: str = "K", agency: str = "A", more: str = ' version="1.0"', lists: tuple[str, ...] = LISTS
) -> str:
    return f"{codelists(*lists)}{build_families(*parts, own=own, agency=agency, more=more)}"


def build_families(*parts: str, own: str = "K", agency: str = "A", more: str = ' version="1.0"') -> str:
    inner = f"<s:Components>{''.join(parts)}</s:Components>"
    return f'<KeyFamilies><s:KeyFamily id="{own}" agencyID="{agency}"{more}>{name()}{inner}</s:KeyFamily></KeyFamilies>'


def usual(when: str = "", what: str = "", *more: str, dimensions: tuple[str, ...] = (AREA, SEX)) -> bytes:
    """A message with a key family of two dimensions, time and measure; `more` follows."""
    return message(family(*dimensions, when or time(), what or measure(), *more))


CROSS = ' crossSectionalAttachDataSet="false" crossSectionalAttachGroup="true"'
YEARS = codelist("CL_TIME", "1990", "1991", more="")
TIMES = codelist("CL_TIME", "1978", "1978-B1", "1978-Q1", code("1978-02", more=' parentCode="1978-Q1"'), more="")
CATEGORY_REF = """<s:CategoryRef><s:CategorySchemeID>CS</s:CategorySchemeID>
<s:CategorySchemeAgencyID>A</s:CategorySchemeAgencyID><s:CategorySchemeVersion>1.0</s:CategorySchemeVersion>
<s:CategoryID><s:ID>DEVELOPMENT.1</s:ID></s:CategoryID></s:CategoryRef>"""
FAMILY_REF = """<s:KeyFamilyRef><s:KeyFamilyID>K</s:KeyFamilyID><s:KeyFamilyAgencyID>A</s:KeyFamilyAgencyID>
<s:Version>1.0</s:Version></s:KeyFamilyRef>"""
FLOW = f"<s:Dataflow id='DF' agencyID='A' version='1.0' isFinal='true'>{name()}{FAMILY_REF}{CATEGORY_REF}</s:Dataflow>"
CATEGORIES = f"""<CategorySchemes><s:CategoryScheme id="CS" agencyID="A" version="1.0">{name()}
<s:Category id="DEVELOPMENT.1">{name()}<s:Category id="B">{name()}</s:Category></s:Category></s:CategoryScheme>
</CategorySchemes>"""
HIERARCHY = f"""<HierarchicalCodelists><s:HierarchicalCodelist id="H.1" agencyID="A" version="1.0">{name()}
<s:CodelistRef><s:AgencyID>A</s:AgencyID><s:CodelistID>CL.GEO</s:CodelistID><s:Version>1.0</s:Version>
<s:Alias>L1</s:Alias></s:CodelistRef><s:Hierarchy id="H" version="1.0">{name()}
<s:CodeRef><s:CodelistAliasRef>L1</s:CodelistAliasRef><s:CodeID>GE.1</s:CodeID><s:CodeRef>
<s:CodelistAliasRef>L1</s:CodelistAliasRef><s:CodeID>GE.2</s:CodeID><s:LevelRef>LEVEL.2</s:LevelRef></s:CodeRef>
<s:LevelRef>LEVEL.1</s:LevelRef></s:CodeRef>
<s:Level id="LEVEL.1">{name()}<s:Order>1</s:Order></s:Level>
<s:Level id="LEVEL.2">{name()}<s:Order>2</s:Order></s:Level></s:Hierarchy></s:HierarchicalCodelist>
</HierarchicalCodelists>"""
ONE_LIST = codelists(codelist("CL_SEX", "M", "F"))
MSD = f"""<MetadataStructureDefinitions><s:MetadataStructureDefinition id="MSD" agencyID="A" version="1.0">{name()}
<s:TargetIdentifiers><s:FullTargetIdentifier id="FULL">{name()}<s:IdentifierComponent id="FLOW">{name()}
<s:TargetObjectClass>DataFlow</s:TargetObjectClass></s:IdentifierComponent></s:FullTargetIdentifier>
</s:TargetIdentifiers>{{}}</s:MetadataStructureDefinition></MetadataStructureDefinitions>"""


def report(own: str, *ids: str) -> str:
    inner = "".join(f'<s:MetadataAttribute conceptRef="{item_id}" usageStatus="Mandatory"/>' for item_id in ids)
    return f'<s:ReportStructure id="{own}" target="FULL">{name()}{inner}</s:ReportStructure>'


PUBLISHED: dict[str, bytes] = {
    "times that are codes": message(
        family(AREA, time("YEA", ' codelist="CL_TIME"'), measure(), lists=(*LISTS, YEARS), more="")
    ),
    "times of several frequencies that are codes": message(
        family(AREA, time("TIME", ' codelist="CL_TIME" codelistAgency="A"'), measure(), lists=(*LISTS, TIMES), more="")
    ),
    "times called TIME_PERIOD that are codes": message(
        family(AREA, time(more=' codelist="CL_TIME"'), measure(), lists=(*LISTS, YEARS), more="")
    ),
    "a time called TIME": usual(time("TIME")),
    "a time called YEAR": usual(time("YEAR", ' conceptAgency="A"')),
    "a time that is text": usual(time("TIME", inner=text_format('textType="String"'))),
    "a time with a length": usual(time("TIME", inner=text_format('textType="String" maxLength="4"'))),
    "a time of dates": usual(time("TIME_PERIOD", inner=text_format('textType="Date"'))),
    "a time of years": usual(time("TIME", inner=text_format('textType="Year"'))),
    "an observational time": usual(time(inner=text_format('textType="ObservationalTimePeriod"'))),
    "a time of an empty format": usual(time("TIME", inner="<s:TextFormat/>")),
    "a time that is a number": usual(time("TIME", inner=text_format('textType="Integer"'))),
    "a time with notes": usual(time("TIME", CROSS, NOTE)),
    "a measure called VALUE": usual(what=measure("VALUE", DOUBLE)),
    "no time": usual(" "),
    "Extracted in the header": message(ONE_LIST, header(behind="<Extracted>2026-01-31T10:00:00</Extracted>")),
    "all of a header": message(
        ONE_LIST,
        header(
            more="<Truncated>false</Truncated><Name>Registry</Name>",
            sender="<Sender id='A'><Name>Office</Name><Contact><URI>http://example.org</URI></Contact></Sender>",
            behind="<Receiver id='B'/><KeyFamilyRef>K</KeyFamilyRef><KeyFamilyAgency>A</KeyFamilyAgency>"
            "<DataSetAgency>A</DataSetAgency><DataSetID>D</DataSetID><DataSetAction>Append</DataSetAction>"
            "<Extracted>2026-01-31T10:00:00</Extracted><ReportingBegin>2025-01-01T00:00:00</ReportingBegin>"
            "<ReportingEnd>2025-12-01T00:00:00</ReportingEnd><Source>S</Source>",
        ),
    ),
    "a reporting period in the header": message(ONE_LIST, header(behind="<ReportingBegin>2025</ReportingBegin>")),
    "a dot in the id of the message": message(ONE_LIST, header(own="data.example.org")),
    "no Test in the header": message(ONE_LIST, header(test="")),
    "an empty Test in the header": message(ONE_LIST, header().replace("<Test>false</Test>", "<Test/>")),
    "blanks in the id of the message": message(ONE_LIST, header(own="none\n\t\t")),
    "a comment in the id of the message": message(ONE_LIST, header(own="none<!-- Copyright A -->")),
    "several senders": message(ONE_LIST, header(sender=f"{SENDER}<Sender id='B'/>")),
    "codes with dots": message(
        codelists(codelist("CL_NACE", "A01.1", "A01.2", code("A01.11", more=' parentCode="A01.1"')))
    ),
    "a codelist with a dot": message(
        family(dimension("AREA", "CL.AREA"), time(), measure(), lists=(codelist("CL.AREA", "GE", more=""),))
    ),
    "a concept with a dot": message(
        concepts("REF.AREA", "TIME_PERIOD", "OBS_VALUE") + family(dimension("REF.AREA", "CL_AREA"), time(), measure())
    ),
    "a key family with a dot": message(family(AREA, time(), measure(), own="K.1")),
    "a group with a dot": message(
        family(
            dimension("REF.AREA", "CL_AREA"),
            SEX,
            time(),
            group("G.1", "REF.AREA"),
            measure(),
            attribute("TITLE.1", "Group", inner="<s:AttachmentGroup>G.1</s:AttachmentGroup>"),
        )
    ),
    "an agency with a dot": message(codelists(codelist("CL_SEX", "M", agency="A.B"))),
    "an agency that begins with a digit": message(codelists(codelist("CL_SEX", "M", agency="4D0"))),
    "a concept that begins with a digit": message(
        concepts("2ND_AREA") + family(dimension("2ND_AREA", "CL_AREA"), time(), measure())
    ),
    "a concept with an at sign": message(concepts("AREA@HOME") + family(dimension("AREA@HOME"), time(), measure())),
    "a code with a star": message(codelists(codelist("CL_STAR", "*", "A*"))),
    "levels with dots": message(codelists(codelist("CL.GEO", "GE.1", "GE.2")) + HIERARCHY),
    "categories with dots": message(f"<Dataflows>{FLOW}</Dataflows>{CATEGORIES}"),
    "a version that is no number": message(codelists(codelist("CL_SEX", "M", more=' version="v1"'))),
    "an empty version": message(codelists(codelist("CL_SEX", "M", more=' version=""'))),
    "a version with a letter": message(codelists(codelist("CL_SEX", "M", more=' version="1.0a"'))),
    "a date as version": message(codelists(codelist("CL_SEX", "M", more=' version="2009-10-01"'))),
    "a version that begins with nought": message(family(AREA, time(), measure(), more=' version="0.1"')),
    "a version of one number": message(family(AREA, time(), measure(), more=' version="2"')),
    "a version with a leading nought": message(family(AREA, time(), measure(), more=' version="1.01"')),
    "texts without a language": message(
        family(AREA, time(), measure(), lists=(codelist("CL_AREA", "GE", language=""),)), header(more="<Name>N</Name>")
    ),
    "a concept that occurs twice": message(concepts("UNIT", concept("UNIT"), "TIME")),
    "two concepts of one name": message(concepts("UNIT", concept("UNIT", text="Units"), concept("UNIT", text="Unit"))),
    "a code that occurs twice": message(codelists(codelist("CL_SEX", "M", "F", "M"))),
    "two codes of one name": message(
        codelists(codelist("CL_D", "B", '<s:Code value="B"><s:Description>Other</s:Description></s:Code>'))
    ),
    "a key family that occurs twice": message(
        build_families(AREA, time(), measure()).replace("</KeyFamilies>", "")
        + build_families(AREA, time(), measure()).replace("<KeyFamilies>", "")
    ),
    "no usage of an attribute": usual("", "", attribute("UNIT", "Series", usage="")),
    "a format of time": usual("", "", attribute("TIME_FORMAT", "Series", ' isTimeFormat="true"')),
    "flags and cross-sections": usual(
        time("TIME", CROSS),
        "",
        attribute("CONF", "Observation", CROSS),
        dimensions=(dimension("FREQ", "CL_SEX", f' isFrequencyDimension="true"{CROSS}'), AREA),
    ),
    "measures of cross-sections": message(
        family(
            AREA,
            dimension("SEX", "CL_SEX", ' isMeasureDimension="true"'),
            time(),
            measure(),
            '<s:CrossSectionalMeasure conceptRef="STOCKS" measureDimension="SEX" code="M"/>',
            '<s:CrossSectionalMeasure conceptRef="FLOWS" measureDimension="SEX" code="F"/>',
            attribute("CONF", "Observation", inner="<s:AttachmentMeasure>M</s:AttachmentMeasure>"),
        )
    ),
    "an attribute of two groups": usual(
        "",
        group("G1", "AREA") + group("G2", "SEX") + measure(),
        attribute(
            "T", "Group", inner="<s:AttachmentGroup>G1</s:AttachmentGroup><s:AttachmentGroup>G2</s:AttachmentGroup>"
        ),
    ),
    "an attribute of no group": usual("", group("G1", "AREA") + measure(), attribute("T", "Group")),
    "a group of a constraint": usual(
        "",
        group("G1", inner="<s:AttachmentConstraintRef>AC</s:AttachmentConstraintRef>") + measure(),
        attribute("T", "Group", inner="<s:AttachmentGroup>G1</s:AttachmentGroup>"),
    ),
    "a dimension with a list and a format": usual(
        dimensions=(dimension("AREA", "CL_AREA", inner=text_format('textType="String" maxLength="2"')), SEX)
    ),
    "a dimension with neither": usual(dimensions=(dimension("AREA"), SEX)),
    "a dimension of big numbers": usual(
        dimensions=(dimension("AREA", inner=text_format('textType="BigInteger"')), SEX)
    ),
    "a measure of a list": usual(what='<s:PrimaryMeasure conceptRef="OBS_VALUE" codelist="CL_SEX"/>'),
    "an old type of text": usual("", "", attribute("T", "Series", inner=text_format('textType="Timespan"'))),
    "facets": usual(
        "",
        "",
        attribute("T", "Series", inner=text_format('textType="Double" decimals="2" startValue="1" endValue="9"')),
        attribute("U", "Series", inner=text_format('textType="String" minLength="0" maxLength="350" pattern=".*"')),
    ),
    "empty facets": usual("", "", attribute("T", "Series", inner=text_format('textType="String" maxLength=""'))),
    "two schemes and loose concepts": message(
        f'<Concepts><s:ConceptScheme id="CS1" agencyID="A">{name()}{concept("X")}</s:ConceptScheme>'
        f'<s:ConceptScheme id="CS2" agencyID="A" version="2.0">{name()}{concept("X")}</s:ConceptScheme>'
        f"{concept('Y')}</Concepts>"
    ),
    "a concept with a representation": message(
        concepts(
            f'<s:Concept id="X" agencyID="A" version="2.0" coreRepresentation="CL.1" coreRepresentationAgency="A">'
            f"{name()}</s:Concept>"
        )
    ),
    "a stub of a key family": message(
        f'<KeyFamilies><s:KeyFamily id="K" agencyID="A" isFinal="true">{name()}</s:KeyFamily></KeyFamilies>'
    ),
    "a flow that is only named": message(
        f'<Dataflows><s:Dataflow id="DF" agencyID="A">{name()}</s:Dataflow></Dataflows>'
    ),
    "its own URN form": message(
        family(
            AREA,
            time("TIME"),
            measure(),
            more=' version="0.1" urn="urn:sdmx:org.sdmx.infomodel.DataStructure=A:K[0.1]"',
        )
    ),
    "a metadata structure of one report": message(MSD.format(report("R", "CONTACT", "SOURCE"))),
    "a metadata structure of two reports": message(
        MSD.format(report("R1", "CONTACT") + report("R2", "CONTACT", "SOURCE"))
    ),
    "a file in another encoding": b"<?xml version='1.0' encoding='ISO-8859-1'?>"
    + message(codelists(codelist("CL_SEX", code("M").replace("Code M", "Masculin et f\u00e9minin"))))
    .decode()
    .encode("latin-1"),
    "validity in years": message(codelists(codelist("CL_SEX", "M", more=' validFrom="2009" validTo="2010-06"'))),
    "an address that is none": message(codelists(codelist("CL_SEX", "M", more=' uri="../lists/CL SEX.xml"'))),
}

# -- dialogues with a registry of 2.0 -----------------------------------------------------------------------

LISTED = codelists(codelist("CL_SEX", "M", "F")).replace("CodeLists>", "r:CodeLists>")
FAMILIES = build_families(AREA, time("TIME"), measure()).replace("KeyFamilies>", "r:KeyFamilies>")
FLOWS = f"<r:Dataflows>{FLOW}</r:Dataflows>"
SUCCESS = '<r:StatusMessage status="Success"/>'
LIST_REF = "<r:CodelistRef><r:AgencyID>A</r:AgencyID><r:CodelistID>CL_SEX</r:CodelistID></r:CodelistRef>"
FLOW_REF = "<r:DataflowRef><r:AgencyID>A</r:AgencyID><r:DataflowID>DF</r:DataflowID></r:DataflowRef>"
PROVIDER_REF = """<r:DataProviderRef><r:OrganisationSchemeAgencyID>SDMX</r:OrganisationSchemeAgencyID>
<r:OrganisationSchemeID>DATA_PROVIDERS</r:OrganisationSchemeID><r:DataProviderID>A</r:DataProviderID>
</r:DataProviderRef>"""
SOURCE = "<r:Datasource><r:SimpleDatasource>http://example.org/a.xml</r:SimpleDatasource></r:Datasource>"


def dialogue(body: str) -> bytes:
    return message(body, root="RegistryInterface")


ANSWERS: dict[str, bytes] = {
    "an answer with lists": dialogue(f"<QueryStructureResponse>{SUCCESS}{LISTED}</QueryStructureResponse>"),
    "an answer with all": dialogue(
        f"<QueryStructureResponse>{SUCCESS}{FLOWS}{LISTED}{FAMILIES}</QueryStructureResponse>"
    ),
    "an answer with a warning": dialogue(
        '<QueryStructureResponse><r:StatusMessage status="Warning"><r:MessageText>Old</r:MessageText></r:StatusMessage>'
        f"{LISTED}</QueryStructureResponse>"
    ),
    "lists that are submitted": dialogue(
        f"<SubmitStructureRequest><r:Structure>{LISTED}</r:Structure>"
        f'<r:SubmittedStructure action="Append">{LIST_REF}</r:SubmittedStructure></SubmitStructureRequest>'
    ),
    "a key family that is submitted": dialogue(
        f"<SubmitStructureRequest><r:Structure>{LISTED}{FAMILIES}</r:Structure></SubmitStructureRequest>"
    ),
}
"""Dialogues that hold structures."""
DIALOGUES: dict[str, bytes] = {
    "SubmitStructureRequest": dialogue(
        "<SubmitStructureRequest><r:StructureLocation>http://example.org/a.xml</r:StructureLocation>"
        "</SubmitStructureRequest>"
    ),
    "SubmitStructureResponse": dialogue(
        f"<SubmitStructureResponse><r:SubmissionResult><r:SubmittedStructure>{LIST_REF}</r:SubmittedStructure>{SUCCESS}"
        "</r:SubmissionResult></SubmitStructureResponse>"
    ),
    "QueryStructureRequest": dialogue(
        f'<QueryStructureRequest resolveReferences="false">{LIST_REF}{FLOW_REF}</QueryStructureRequest>'
    ),
    "SubmitProvisioningRequest": dialogue(
        f'<SubmitProvisioningRequest><r:ProvisionAgreement action="Append">{FLOW_REF}{PROVIDER_REF}'
        "</r:ProvisionAgreement></SubmitProvisioningRequest>"
    ),
    "SubmitProvisioningResponse": dialogue(
        f"<SubmitProvisioningResponse><r:ProvisioningStatus>{FLOW_REF}{SUCCESS}</r:ProvisioningStatus>"
        "</SubmitProvisioningResponse>"
    ),
    "QueryProvisioningRequest": dialogue(f"<QueryProvisioningRequest>{FLOW_REF}</QueryProvisioningRequest>"),
    "QueryProvisioningResponse": dialogue(
        f"<QueryProvisioningResponse>{FLOW_REF}{SUCCESS}</QueryProvisioningResponse>"
    ),
    "SubmitRegistrationRequest": dialogue(
        f"<SubmitRegistrationRequest><r:Registration><r:Action>Append</r:Action>{SOURCE}{FLOW_REF}</r:Registration>"
        "</SubmitRegistrationRequest>"
    ),
    "SubmitRegistrationResponse": dialogue(
        f"<SubmitRegistrationResponse><r:RegistrationStatus>{SUCCESS}{SOURCE}</r:RegistrationStatus>"
        "</SubmitRegistrationResponse>"
    ),
    "QueryRegistrationRequest": dialogue(
        f"<QueryRegistrationRequest><r:QueryType>DataSets</r:QueryType>{FLOW_REF}</QueryRegistrationRequest>"
    ),
    "QueryRegistrationResponse": dialogue(
        f'<QueryRegistrationResponse><r:QueryResult timeSeriesMatch="false"><r:DataResult>{SOURCE}{FLOW_REF}'
        "</r:DataResult></r:QueryResult></QueryRegistrationResponse>"
    ),
    "SubmitSubscriptionResponse": dialogue(
        '<SubmitSubscriptionResponse><r:SubscriptionStatus status="Success"/></SubmitSubscriptionResponse>'
    ),
}
"""Dialogues that hold none, by what they say."""
