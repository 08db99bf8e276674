"""Structure messages come back equal; faults are refused by line and element."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import made
import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import read_structures
from sdmxmig.sdmx.model.artefacts import ItemScheme, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas"


PARENT = '<str:Parent><Ref id="B"/></str:Parent>'
WRONG_PACKAGE = "urn:sdmx:org.sdmx.infomodel.base.Codelist=AG:CL(1.0)"


def message(body: str, version: str = "2_1", head: str = "") -> bytes:
    folder = f"{SCHEMAS}/v{version}"
    names = f'xmlns:mes="{folder}/message" xmlns:str="{folder}/structure" xmlns:com="{folder}/common"'
    return f"<mes:Structure {names}>{head}\n<mes:Structures>\n{body}\n</mes:Structures></mes:Structure>".encode()


def codelist(inner: str, more: str = 'isFinal="true"', version: str = "1.0") -> str:
    own = f'<str:Codelist id="CL_X" agencyID="AG" version="{version}" {more}>'
    return f'<str:Codelists>{own}<com:Name xml:lang="en">X</com:Name>\n{inner}</str:Codelist></str:Codelists>'


def read(content: bytes) -> tuple[Artefact, ...]:
    return read_structures("message.xml", content)


def refusal(content: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read(content)
    return caught.value


def test_reference_gets_defaults_of_the_schema() -> None:
    own = '<str:Dataflow id="DF" agencyID="AG" isFinal="true"><com:Name>Flow</com:Name>'
    ref = '<str:Structure><Ref agencyID="AG" id="DSD"/></str:Structure></str:Dataflow>'
    (flow,) = read(message(f"<str:Dataflows>{own}{ref}</str:Dataflows>"))
    assert flow.ref.version == "1.0"
    assert flow.structure == Ref("DataStructure", "AG", id="DSD", version="1.0")
    assert flow.name == Text.of(en="Flow")


def test_urn_with_blanks_is_parsed_like_a_ref() -> None:
    urn = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=AG:DSD(1.0)"
    own = '<str:Dataflow id="DF" agencyID="AG" isFinal="true"><com:Name>Flow</com:Name>'
    flows = f"<str:Dataflows>{own}<str:Structure><URN>\n  {urn}\n</URN></str:Structure></str:Dataflow></str:Dataflows>"
    (flow,) = read(message(flows))
    assert flow.structure.urn == urn


def test_artefact_not_final_becomes_draft_if_version_allows() -> None:
    (draft,) = read(message(codelist("", "", "1.0.0")))
    (kept,) = read(message(codelist("", "", "1.3")))
    assert (draft.ref.version, draft.details.final) == ("1.0.0-draft", None)
    assert (kept.ref.version, kept.details.final) == ("1.3", False)


def test_languages_order_and_blanks_in_texts_are_kept() -> None:
    code = '<str:Code id="A"><com:Name xml:lang="ka"> კოდი\n</com:Name><com:Name>Code</com:Name></str:Code>'
    (scheme,) = read(message(codelist(f'{code}<str:Code id="_Z"><com:Name>Z</com:Name></str:Code>')))
    assert scheme.ids == ("A", "_Z")
    assert scheme["A"].name.values == (("ka", " კოდი\n"), ("en", "Code"))


def test_codes_of_a_hierarchical_codelist_are_found_by_alias() -> None:
    included = '<str:IncludedCodelist alias="a"><Ref agencyID="AG" id="CL_X" version="2.0"/></str:IncludedCodelist>'
    code = '<str:CodelistAliasRef>a</str:CodelistAliasRef><str:CodeID><Ref id="F"/></str:CodeID>'
    tree = f'<str:HierarchicalCode id="1">{code}</str:HierarchicalCode>'
    inner = f'<str:Hierarchy id="H"><com:Name>H</com:Name>{tree}</str:Hierarchy>'
    own = f'<str:HierarchicalCodelist id="HCL" agencyID="AG"><com:Name>H</com:Name>{included}{inner}'
    body = f"<str:HierarchicalCodelists>{own}</str:HierarchicalCodelist></str:HierarchicalCodelists>"
    (found,) = read(message(body))
    assert found.hierarchies[0].codes[0].code == Ref("Code", "AG", id="CL_X", version="2.0", item="F")


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        ('<str:Code id="A"><com:Nam>x</com:Nam></str:Code>', "<Code> contains <Nam>"),
        ('<str:Code id="A"><str:Name>x</str:Name></str:Code>', "<Code> contains <Name>"),
        ('<str:Code id="A" colour="red"/>', "<Code> has an unknown attribute colour"),
        ("<str:Code><com:Name>x</com:Name></str:Code>", "<Code> lacks the attribute id"),
        ('<str:Code id="A B"/>', "<Code> has “A B” for an id"),
        ('<str:Code id="A">text</str:Code>', "<Code> contains text"),
        ('<str:Code id="A"><str:Parent><Ref/></str:Parent></str:Code>', "<Ref> lacks the attribute id"),
        (f'<str:Code id="A">{PARENT}{PARENT}</str:Code>', "<Parent> is in <Code>"),
        ('<str:Code id="A"><com:Name><b>x</b></com:Name></str:Code>', "<Name> contains"),
        ('<str:Item id="A"/>', "<Codelist> contains <Item>"),
        ('<str:Code id="A"><x:Name>x</x:Name></str:Code>', "contains <x:Name>"),
    ],
)  # fmt: skip
def test_misplaced_elements_are_refused_with_their_line(inner: str, said: str) -> None:
    error = refusal(message(codelist(inner)))
    assert said in str(error)
    assert (error.place.file, error.place.line) == ("message.xml", 4)


@pytest.mark.parametrize("version", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1"])
def test_foreign_element_in_an_attribute_relationship_is_refused(version: str) -> None:
    written = FORMATS[version].write_structures([made.STRUCTURE], made.HEADER)
    odd = written.replace(b"</str:AttributeRelationship>", b"<str:Oddity/></str:AttributeRelationship>", 1)
    assert "<AttributeRelationship> contains <Oddity>, which does not belong there" in str(refusal(odd))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (message("<str:Codelist/>"), "<Codelist> does not belong in <Structures>"),
        (message("<str:Codelists><str:ConceptScheme/></str:Codelists>"), "does not belong in <Codelists>"),
        (message("", "3_0", "<mes:Headers/>"), "Did you mean “Header”?"),
        (message(codelist("", 'isFinal="maybe"')), "has “maybe” for isFinal"),
        (message(codelist("", version="one")), "has “one” for a version"),
        (message(codelist(""), "4_0"), "not a message of a known version"),
        (b"<Structure/>", "not a message of a known version"),
        (b"<a><b></a>", "not well formed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE"),
        (b"", "not well formed"),
        (
            f'<GenericData xmlns="{SCHEMAS}/v2_1/message"/>'.encode(),
            "<GenericData> is not a structure message of SDMX-ML 2.1",
        ),
    ],
)
def test_other_messages_are_refused(content: bytes, said: str) -> None:
    assert said in str(refusal(content))


@pytest.mark.parametrize("urn", ["", "CL_X", "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=", WRONG_PACKAGE])
def test_wrong_urn_is_refused(urn: str) -> None:
    flow = '<str:Dataflows><str:Dataflow id="D" agencyID="AG" version="1.0.0">\n'
    error = refusal(message(f"{flow}<str:Structure>{urn}</str:Structure></str:Dataflow></str:Dataflows>", "3_0"))
    assert "<Structure>" in error.message
    assert error.place.line == 4


def test_faults_far_down_have_the_right_line() -> None:
    codes = "".join(f'<str:Code id="C{number}">\n\n<com:Name>n</com:Name></str:Code>\n' for number in range(30_000))
    error = refusal(
        message(codelist(f'{codes}<str:Code id="X">\n<com:Name>n</com:Name>\n<com:Nme>n</com:Nme></str:Code>'))
    )
    assert error.place.line == 4 + 90_000 + 2


def test_terms_of_sdmx_2_0_become_those_of_2_1() -> None:
    folder = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0"
    names = f'xmlns="{folder}/message" xmlns:s="{folder}/structure" xmlns:c="{folder}/common"'
    codes = '<s:Code value="F" parentCode="T"><s:Description xml:lang="en">Women</s:Description></s:Code>'
    lists = f'<CodeLists><s:CodeList id="CL" agencyID="AG"><s:Name>Sex</s:Name>{codes}</s:CodeList></CodeLists>'
    dimension = '<s:Dimension conceptRef="SEX" codelist="CL" isFrequencyDimension="true"/>'
    parts = f'{dimension}<s:TimeDimension conceptRef="TIME"/><s:PrimaryMeasure conceptRef="OBS_VALUE"/>'
    status = '<s:Attribute conceptRef="STATUS" attachmentLevel="Observation" assignmentStatus="Mandatory"/>'
    inner = f"<s:Name>K</s:Name><s:Components>{parts}{status}</s:Components>"
    family = f'<s:KeyFamily id="K" agencyID="AG">{inner}</s:KeyFamily>'
    concepts = '<Concepts><s:Concept id="SEX" agencyID="AG"><s:Name>Sex</s:Name></s:Concept></Concepts>'
    content = f"<Structure {names}><Header/>{lists}{concepts}<KeyFamilies>{family}</KeyFamilies></Structure>"
    found = read(content.encode())
    scheme, structure, standalone = found
    assert isinstance(scheme, ItemScheme)
    assert isinstance(standalone, ItemScheme)
    assert (scheme["F"].name, scheme["F"].parent) == (Text.of(en="Women"), "T")
    assert [(component.id, component.role, component.attachment) for component in structure.components] == [
        ("SEX", "dimension", ""),
        ("TIME_PERIOD", "time", ""),
        ("OBS_VALUE", "measure", ""),
        ("STATUS", "attribute", "observation"),
    ]
    assert structure["SEX"].concept.scheme == standalone.ref
    error = refusal(content.replace("<Concepts>", "<Constraints/><Concepts>").encode())
    assert "Constraints" in str(error)


@pytest.mark.parametrize(
    ("codes", "most_seconds", "most_mib"),
    [(20_000, 4, 500), pytest.param(700_000, 30, 3 * 1024, marks=pytest.mark.long)],
)
def test_large_codelist_takes_few_resources(codes: int, most_seconds: int, most_mib: int, tmp_path: Path) -> None:
    path = tmp_path / "big.xml"
    code = (
        '<str:Code id="C{0}" urn="urn:sdmx:org.sdmx.infomodel.codelist.Code=AG:CL_X(1.0).C{0}">'
        '<com:Name xml:lang="en">Code number {0}</com:Name><com:Name xml:lang="fr">Code numéro {0}</com:Name>'
        '<str:Parent><Ref id="C{1}"/></str:Parent></str:Code>\n'
    )
    path.write_bytes(message(codelist("".join(code.format(number, number // 10) for number in range(codes)))))
    script = (
        "import re, sys, time, pathlib\n"
        "from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import read_structures\n"
        "content = pathlib.Path(sys.argv[1]).read_bytes(); start = time.process_time()\n"
        "(scheme,) = read_structures('big.xml', content)\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"  # getrusage would count the process before
        "peak = re.search(r'VmHWM:\\s+(\\d+)', status)[1]\n"
        "print(len(scheme), time.process_time() - start, peak)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    count, seconds, kibibytes = done.stdout.split()
    assert int(count) == codes
    assert float(seconds) < most_seconds
    assert int(kibibytes) < most_mib * 1024
