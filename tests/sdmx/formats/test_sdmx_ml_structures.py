"""Structure messages: valid by the official schemas, whole in every language, and the same bytes every time."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import made
import pytest
from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.formats.sdmx_ml.xsd import problems
from sdmxmig.sdmx.model.artefacts import Item, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

VERSIONS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def written(version: str, *artefacts: Artefact) -> bytes:
    return structure_bytes(FORMATS[version], artefacts or made.ARTEFACTS, made.HEADER)


def found(content: bytes, path: str) -> list[etree._Element]:
    root = etree.fromstring(content)
    return root.findall(path, {**{k: v for k, v in root.nsmap.items() if k}})


@pytest.mark.parametrize("version", VERSIONS)
def test_all_artefacts_together_are_valid(version: str) -> None:
    assert problems(written(version)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_pair_of_artefacts_is_valid_in_any_order(version: str) -> None:
    one_of_each = (made.AGENCIES, made.SEX, made.CONCEPTS, made.STRUCTURE, made.DATAFLOW)
    for first in one_of_each:
        for second in one_of_each:
            assert problems(written(version, second, first)) == [], (first.ref, second.ref)


@pytest.mark.parametrize("version", VERSIONS)
def test_order_of_artefacts_does_not_change_the_bytes(version: str) -> None:
    assert written(version, *made.ARTEFACTS) == written(version, *reversed(made.ARTEFACTS))


@pytest.mark.parametrize("version", VERSIONS)
def test_names_keep_all_languages_and_all_characters(version: str) -> None:
    name = ".//str:Codelist[@id='CL_CTZ_STATUS']/str:Code[@id='FC']/com:Name"
    names = {one.get(LANG): one.text for one in found(written(version), name)}
    assert names == {"en": made.AWKWARD, "fr": "Étrangers"}
    description = name.replace("Name", "Description")
    assert found(written(version), description)[0].text == f"Not citizens.\n{made.AWKWARD}"


@pytest.mark.parametrize("version", VERSIONS)
def test_status_source_validity_and_own_notes_travel_as_annotations(version: str) -> None:
    notes = found(written(version), ".//str:Code[@id='STLS']/com:Annotations/com:Annotation")
    told = {note.findtext("{*}AnnotationType"): [child.text for child in note][::-1] for note in notes}
    assert told == {
        "STATUS": ["STATUS", "candidate"],
        "SOURCE": ["Recommendations, 2025 & after", "SOURCE"],
        "VALID_FROM": ["VALID_FROM", "2025-01-01"],
        "NOTE": ["b", "a", "https://example.org/?a=1&b=2", "NOTE", "t"],
    }


def test_a_draft_is_not_final_in_2_1_and_keeps_its_version_in_3_0() -> None:
    draft, official = ".//str:DataStructure", ".//str:Codelist[@id='CL_SEX']"
    for path, expected in ((draft, ("1.0.0", "false")), (official, ("2.1", "true"))):
        element = found(written("sdmx-ml-2.1"), path)[0]
        assert (element.get("version"), element.get("isFinal")) == expected
    versions = [found(written("sdmx-ml-3.0"), path)[0].get("version") for path in (draft, official)]
    assert versions == ["1.0.0-draft", "2.1"]


@pytest.mark.parametrize("version", VERSIONS)
def test_partial_codelist_is_marked(version: str) -> None:
    flags = {one.get("id"): one.get("isPartial") for one in found(written(version), ".//str:Codelist")}
    assert flags["CL_AREA"] == "true"
    assert flags["CL_SEX"] == "false"


def test_parents_are_kept_even_where_the_3_0_schema_does_not_take_them() -> None:
    parent = found(written("sdmx-ml-2.1"), ".//str:Code[@id='F']/str:Parent/Ref")[0]
    assert parent.get("id") == "_T"
    assert found(written("sdmx-ml-3.0"), ".//str:Code[@id='STLS']/str:Parent")[0].text == "FC"
    titles = found(written("sdmx-ml-3.0"), ".//str:Code[@id='F']//com:AnnotationTitle")
    assert [title.text for title in titles] == ["_T"]


def test_components_are_in_key_order_with_attachment_and_usage() -> None:
    content = written("sdmx-ml-3.0")
    dimensions = found(content, ".//str:DimensionList/*")
    assert [dimension.get("id") for dimension in dimensions] == ["FREQ", "REF_AREA", "SEX", "CTZ", "TIME_PERIOD"]
    attributes = {
        one.get("id"): (one.get("usage"), [etree.QName(child).localname for child in one[-1]])
        for one in found(content, ".//str:Attribute")
    }
    assert attributes["RES_RULE"] == ("mandatory", ["Dataflow"])
    assert attributes["UNIT"] == ("mandatory", ["Dimension"] * 4)
    assert attributes["COMMENT_OBS"] == ("optional", ["Observation"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_character_that_xml_cannot_carry_is_refused_by_name(version: str) -> None:
    bad = replace(made.SEX, items=(Item("M", Text.of(en="Men\x07")),))
    with pytest.raises(SdmxmigError, match=r"Name holds the character U\+0007"):
        written(version, bad)


def test_two_artefacts_of_one_name_are_refused() -> None:
    final = replace(made.STRUCTURE, ref=replace(made.STRUCTURE.ref, version="1.0.0"), name=Text.of(en="Other"))
    with pytest.raises(SdmxmigError, match="two different artefacts"):
        written("sdmx-ml-2.1", made.STRUCTURE, final)
    assert problems(written("sdmx-ml-3.0", made.STRUCTURE, final)) == []
    assert written("sdmx-ml-2.1", made.SEX, made.SEX) == written("sdmx-ml-2.1", made.SEX)


def test_measure_of_another_name_is_refused_in_2_1() -> None:
    renamed = [replace(c, id="VALUE") if c.role == "measure" else c for c in made.STRUCTURE.components]
    with pytest.raises(SdmxmigError, match="OBS_VALUE"):
        written("sdmx-ml-2.1", replace(made.STRUCTURE, components=tuple(renamed)))


def test_the_schema_names_line_and_element_of_a_wrong_id() -> None:
    wrong = replace(made.SEX, ref=Ref("Codelist", "SDMX", id="CL SEX", version="2.1"))
    content = written("sdmx-ml-2.1", wrong)
    line = next(number for number, text in enumerate(content.decode().splitlines(), 1) if 'id="CL SEX"' in text)
    assert {told for told, _ in problems(content)} == {line}


def test_malformed_message_is_reported_as_a_problem() -> None:
    assert problems(b"<a>\n<b></a>")[0][0] == 2
    assert "not a message" in problems(b"<a/>")[0][1]


@pytest.mark.parametrize("version", VERSIONS)
def test_pysdmx_reads_the_same_structures(version: str) -> None:
    from pysdmx.io import read_sdmx

    message = read_sdmx(written(version).decode(), validate=True)
    codes = {codelist.id: [code.id for code in codelist.items] for codelist in message.get_codelists()}
    assert codes == {scheme.ref.id: list(scheme.ids) for scheme in made.CODELISTS.values()}
    concepts = message.get_concept_schemes()[0]
    assert [item.id for item in concepts.items] == list(made.CONCEPTS.ids)
    structure = message.get_data_structure_definitions()[0]
    assert sorted(component.id for component in structure.components) == sorted(
        component.id for component in made.STRUCTURE.components
    )
    assert sorted(dataflow.id for dataflow in message.get_dataflows()) == ["DF_IMM", "DF_POP"]
    assert [item.id for item in message.get_agency_schemes()[0].items] == ["SDMXMIG"]


SDMX1 = """
import json, sys, sdmx
message = sdmx.read_sdmx(sys.argv[1])
structure = message.structure["DSD_STOCK"]
names = {c.id: [c.name.localizations, c.parent.id if hasattr(c.parent, "value") or type(c.parent) is type(c) else ""]
         for c in message.codelist["CL_CTZ_STATUS"]}
print(json.dumps({
    "codes": {one.id: [c.id for c in one] for one in message.codelist.values()},
    "names": names,
    "dimensions": [d.id for d in structure.dimensions],
    "attributes": {a.id: type(a.related_to).__name__ for a in structure.attributes},
    "flows": sorted(one.id for one in message.dataflow.values()),
}))
"""


@pytest.mark.sampled(3)
def test_sdmx1_reads_the_same_2_1_structures(tmp_path: Path) -> None:
    header = replace(made.HEADER, receivers=(made.Party("UNSD"),))  # sdmx1 refuses messages with two receivers
    path = tmp_path / "structures.xml"
    path.write_bytes(structure_bytes(FORMATS["sdmx-ml-2.1"], made.ARTEFACTS, header))
    answer = subprocess.run([sys.executable, "-c", SDMX1, str(path)], capture_output=True, check=False, text=True)
    assert answer.returncode == 0, answer.stderr
    read = json.loads(answer.stdout)
    assert read["codes"] == {scheme.ref.id: list(scheme.ids) for scheme in made.CODELISTS.values()}
    assert read["names"]["FC"] == [{"en": made.AWKWARD, "fr": "Étrangers"}, ""]
    assert read["names"]["STLS"][1] == "FC"
    assert read["dimensions"] == list(made.STRUCTURE.key)
    assert read["attributes"]["RES_RULE"] == "NoSpecifiedRelationship"
    assert read["attributes"]["UNIT"] == "DimensionRelationship"
    assert read["attributes"]["OBS_STATUS"] == "PrimaryMeasureRelationship"
    assert read["flows"] == ["DF_IMM", "DF_POP"]
