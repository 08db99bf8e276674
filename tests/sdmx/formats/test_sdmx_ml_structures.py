"""Structure messages: valid by the official schemas, whole in every language, and the same bytes every time."""

from __future__ import annotations

from dataclasses import replace

import made
import pytest
from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.formats.sdmx_ml.xsd import find_problems
from sdmxmig.sdmx.model.artefacts import Item, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact

VERSIONS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")


def written(version: str, *artefacts: Artefact) -> bytes:
    return structure_bytes(FORMATS[version], artefacts or made.ARTEFACTS, made.HEADER)


def found(content: bytes, path: str) -> list[etree._Element]:
    root = etree.fromstring(content)
    return root.findall(path, {**{k: v for k, v in root.nsmap.items() if k}})


@pytest.mark.parametrize("version", VERSIONS)
def test_status_source_and_validity_are_kept_as_annotations(version: str) -> None:
    notes = found(written(version), ".//str:Code[@id='STLS']/com:Annotations/com:Annotation")
    told = {note.findtext("{*}AnnotationType"): [child.text for child in note][::-1] for note in notes}
    assert told == {
        "STATUS": ["STATUS", "candidate"],
        "SOURCE": ["Recommendations, 2025 & after", "SOURCE"],
        "VALID_FROM": ["VALID_FROM", "2025-01-01"],
        "NOTE": ["b", "a", "https://example.org/?a=1&b=2", "NOTE", "t"],
    }


def test_draft_is_not_final_in_2_1_and_keeps_version_in_3_0() -> None:
    draft, official = ".//str:DataStructure", ".//str:Codelist[@id='CL_SEX']"
    for path, expected in ((draft, ("1.0.0", "false")), (official, ("2.1", "true"))):
        element = found(written("sdmx-ml-2.1"), path)[0]
        assert (element.get("version"), element.get("isFinal")) == expected
    versions = [found(written("sdmx-ml-3.0"), path)[0].get("version") for path in (draft, official)]
    assert versions == ["1.0.0-draft", "2.1"]


@pytest.mark.parametrize("version", VERSIONS)
def test_character_forbidden_in_xml_is_refused_by_name(version: str) -> None:
    bad = replace(made.SEX, items=(Item("M", Text.of(en="Men\x07")),))
    with pytest.raises(SdmxmigError, match=r"Name contains the character U\+0007"):
        written(version, bad)


def test_artefacts_with_equal_names_are_refused() -> None:
    final = replace(made.STRUCTURE, ref=replace(made.STRUCTURE.ref, version="1.0.0"), name=Text.of(en="Other"))
    with pytest.raises(SdmxmigError, match="two different artefacts"):
        written("sdmx-ml-2.1", made.STRUCTURE, final)
    assert find_problems(written("sdmx-ml-3.0", made.STRUCTURE, final)) == []
    assert written("sdmx-ml-2.1", made.SEX, made.SEX) == written("sdmx-ml-2.1", made.SEX)


def test_schema_check_locates_line_and_element_of_wrong_id() -> None:
    wrong = replace(made.SEX, ref=Ref("Codelist", "SDMX", id="CL SEX", version="2.1"))
    content = written("sdmx-ml-2.1", wrong)
    line = next(number for number, text in enumerate(content.decode().splitlines(), 1) if 'id="CL SEX"' in text)
    assert {told for told, _ in find_problems(content)} == {line}
