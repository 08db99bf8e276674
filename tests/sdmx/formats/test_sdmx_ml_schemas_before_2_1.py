"""Messages of SDMX-ML 2.0 are checked with the official schema, even with texts without language."""

from __future__ import annotations

import pytest
from lxml import etree

from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.formats.sdmx_ml import xsd

FOLDER = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0"
SPACES = f'xmlns="{FOLDER}/message" xmlns:s="{FOLDER}/structure" xmlns:c="{FOLDER}/common" xmlns:g="{FOLDER}/generic"'
LIST = '<CodeLists><s:CodeList id="CL" agencyID="A"><s:Name>N</s:Name>{}</s:CodeList></CodeLists>'
CODES = LIST.format('<s:Code value="1"><s:Description>One</s:Description></s:Code>')
CONTACT = "<Contact><Name>Ana</Name><Department>D</Department><Role>R</Role></Contact>"
AGENCY = "<s:Agency id='A'><s:Name>N</s:Name><s:MaintenanceContact><s:Name>Z</s:Name></s:MaintenanceContact></s:Agency>"
ORGANISATIONS = f"""<OrganisationSchemes><s:OrganisationScheme id="O" agencyID="A"><s:Name>N</s:Name>
<s:Agencies>{AGENCY}</s:Agencies></s:OrganisationScheme></OrganisationSchemes>"""
NOTE = "<s:Annotations><c:Annotation><c:AnnotationText>T</c:AnnotationText></c:Annotation></s:Annotations>"
FAMILY = """<KeyFamilies><s:KeyFamily id="K" agencyID="A"><s:Name>N</s:Name><s:Components><s:Dimension conceptRef="B"/>
<s:PrimaryMeasure conceptRef="OBS_VALUE"/></s:Components></s:KeyFamily></KeyFamilies>"""


def message(body: str = CODES, *, more: str = "", sender: str = "", root: str = "Structure") -> bytes:
    head = f"<ID>M</ID><Test>false</Test>{more}<Prepared>2026-01-31</Prepared><Sender id='A'>{sender}</Sender>"
    return f"<{root} {SPACES}><Header>{head}</Header>{body}</{root}>".encode()


NO_LANGUAGE = {
    "the name of the message": message(more="<Name>N</Name>"),
    "two names of the message": message(more="<Name>N</Name><Name>M</Name>"),
    "the name of the sender": message(sender="<Name>N</Name>"),
    "a contact": message(sender=CONTACT),
    "sender and contact": message(sender=f"<Name>N</Name>{CONTACT}"),
    "the source": message().replace(b"</Header>", b"<Source>S</Source></Header>"),
    "a receiver": message().replace(b"</Header>", b"<Receiver id='R'><Name>N</Name></Receiver></Header>"),
    "data": message("<DataSet><g:KeyFamilyRef>K</g:KeyFamilyRef></DataSet>", more="<Name>N</Name>", root="GenericData"),
    "a header over organisations": message(ORGANISATIONS, more="<Name>N</Name>"),
    "a header over a key family": message(FAMILY, more="<Name>N</Name>"),
    "a header over annotations": message(LIST.format(NOTE), more="<Name>N</Name>"),
    "an empty text": message(more="<Name/>"),
}
LOOK_ALIKES = {
    "a codelist": message(),
    "organisations": message(ORGANISATIONS),
    "a key family": message(FAMILY),
    "annotations": message(LIST.format(NOTE)),
    "a language in the header": message(more="<Name xml:lang='fr'>N</Name>"),
    "languages": message(more="<Name xml:lang='fr'>N</Name><Name xml:lang='ka'>N</Name>"),
    "a sender with a language": message(sender="<Name xml:lang='en'>N</Name>"),
    "a codelist without codes": message(LIST.format("")),
    "no Name of the message": message(sender="<Contact><Email>a@example.org</Email></Contact>"),
    "nothing but a header": message(""),
}


@pytest.mark.parametrize("what", [*NO_LANGUAGE, *LOOK_ALIKES])
def test_text_without_language_is_valid(what: str) -> None:
    assert xsd.find_problems({**NO_LANGUAGE, **LOOK_ALIKES}[what]) == []


@pytest.mark.parametrize("what", [*NO_LANGUAGE])
def test_other_faults_beside_a_missing_language_are_reported(what: str) -> None:
    spoilt = NO_LANGUAGE[what].replace(b"<Test>false</Test>", b"<Test>perhaps</Test>")
    assert any("perhaps" in said for _, said in xsd.find_problems(spoilt))


def test_missing_part_of_a_structure_is_reported() -> None:
    content = message('<CodeLists><s:CodeList id="CL" agencyID="A"/></CodeLists>')
    [problem] = identify_and_check("old.xml", content, {}).problems
    assert "Missing child element" in problem.message


def test_failure_of_xml_library_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        error_log = ()

        def validate(self, _: object) -> bool:
            raise etree.XMLSchemaValidateError("Internal error in XML Schema validation.")

    monkeypatch.setattr(xsd, "load_old_schema", Failing)
    [problem] = identify_and_check("old.xml", message(), {}).problems
    assert "ended too early" in problem.message
