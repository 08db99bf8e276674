"""Detection of format, version and kind of message, for small own cases and all samples."""

from __future__ import annotations

import json
from pathlib import Path

import made
import made_artefacts as of
import pytest
from case_tables import cases_from
from folders import SHARED

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS, data_bytes, structure_bytes
from sdmxmig.sdmx.formats.detection import detect

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared samples are not here")
ML = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message"
JSON_20 = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/{0}-message/tools/schemas/2.0.0/sdmx-json-{0}-schema.json"
JSON_21 = "https://json.sdmx.org/2.1/sdmx-json-{0}-schema.json"
JSON_10 = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/{0}-message/tools/schemas/1.0/sdmx-json-{0}-schema.json"


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].write_structures])
def test_own_structure_messages_are_detected(name: str) -> None:
    detected = detect("x", structure_bytes(FORMATS[name], [of.CODELIST], made.HEADER))
    assert detected.kind == "structure"
    assert detected.format == name.removesuffix("-generic")


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].write_data])
def test_own_data_messages_are_detected(name: str) -> None:
    rows = [(*made.MEN, "2023", "1", "A", None)]
    detected = detect("x", data_bytes(FORMATS[name], [made.dataset(rows)], made.HEADER))
    assert detected.kind == "data"
    assert detected.format == name.replace("sdmx-csv-2.1", "sdmx-csv-2.0")  # both begin with the same columns


@pytest.mark.parametrize(
    ("content", "form", "kind"),
    [
        (f'<CompactData xmlns="{ML}"/>', "sdmx-ml-2.0", "data"),
        (f'<x:QueryMessage xmlns:x="{ML}"/>', "sdmx-ml-2.0", "query"),
        (f'\ufeff<?xml version="1.0"?>\n<RegistryInterface xmlns="{ML}"/>', "sdmx-ml-2.0", "registry"),
        ("DATAFLOW,FREQ\n", "sdmx-csv-1.0", "data"),
        ("\ufeffSTRUCTURE;STRUCTURE_ID;ACTION\n", "sdmx-csv-2.0", "data"),
        ("STRUCTURE[;],STRUCTURE_ID,ACTION\n", "sdmx-csv-2.0", "data"),
    ],
)
def test_small_files_are_detected(content: str, form: str, kind: str) -> None:
    detected = detect("x", content.encode())
    assert (detected.format, detected.kind) == (form, kind)


def test_reference_metadata_in_csv_are_refused_with_a_remedy() -> None:
    with pytest.raises(InputError, match="Reference metadata are not read from SDMX-CSV") as caught:
        detect("x", b"MDSTRUCTURE,MDSTRUCTURE_ID,ACTION\n")
    assert "SDMX-ML or SDMX-JSON" in caught.value.hint


@pytest.mark.parametrize("kind", ["data", "structure", "metadata"])
@pytest.mark.parametrize(("version", "schema"), [("1.0", JSON_10), ("2.0", JSON_20), ("2.1", JSON_21)])
def test_json_version_is_read_from_its_schema(version: str, schema: str, kind: str) -> None:
    named = schema.format(kind)
    for message in ({"$schema": named, "meta": {"id": "M"}}, {"meta": {"schema": named}, "data": {}}):
        detected = detect("x.json", json.dumps(message).encode())
        assert (detected.format, detected.kind) == (f"sdmx-json-{version}", kind)


@pytest.mark.parametrize(
    ("message", "form", "kind"),
    [
        ({"header": {}, "structure": {}, "dataSets": []}, "1.0", "data"),
        ({"meta": {}, "data": {"structure": {}, "dataSets": []}}, "1.0", "data"),
        ({"meta": {}, "data": {"structures": [], "dataSets": []}}, "2.0", "data"),
        ({"meta": {"schema": "https://example.org/own.json"}, "data": {"codelists": []}}, "2.0", "structure"),
        ({"meta": {}, "data": {"codelists": [{"isFinal": True}]}}, "1.0", "structure"),
        ({"meta": {}, "data": {"codelists": [{"isFinal": True, "version": "1.0.0"}]}}, "1.0", "structure"),
        (
            {"meta": {}, "data": {"codelists": [{"isFinal": True}, {"version": "1.0.0"}, {"version": "1.0.0"}]}},
            "2.0",
            "structure",
        ),
        ({"meta": {}, "data": {"codelists": [{"isFinal": True}], "valueLists": []}}, "2.0", "structure"),
        ({"meta": {}, "data": {"codelists": [{"isFinal": False, "isPartialLanguage": True}]}}, "2.1", "structure"),
        ({"meta": {}, "data": {"structureSets": []}}, "1.0", "structure"),
        ({"meta": {}, "data": {"availabilityConstraints": []}}, "2.1", "structure"),
        ({"meta": {}, "data": {"dataStructures": [{"evolvingStructure": True}]}}, "2.1", "structure"),
        ({"meta": {}, "data": {"metadataSets": [{"attributes": []}]}}, "2.0", "metadata"),
        ({"meta": {}, "data": {"metadataSets": [{"reports": []}]}}, "1.0", "metadata"),
        ({"meta": {}, "errors": [{"code": 404}]}, "2.0", "error"),
        ({"agencyID": "A", "id": "CL", "codes": []}, "2.0", "structure"),
    ],
)
def test_json_version_without_schema_follows_from_members(message: dict[str, object], form: str, kind: str) -> None:
    detected = detect("x.json", json.dumps(message).encode())
    assert (detected.format, detected.kind) == (f"sdmx-json-{form}", kind)


@pytest.mark.parametrize(
    "content", [b"Year,Total\n2023,1\n", b"<html/>", b"{}", b'{"a": [1]}', b"[1]", b"PK\x03\x04", b"\x00\x01"]
)
def test_other_files_are_refused_as_not_sdmx(content: bytes) -> None:
    with pytest.raises(InputError, match="not an SDMX message") as error:
        detect("x.bin", content)
    assert error.value.place.file == "x.bin"


STRANGERS = {
    "ESTAT_temporary_protection_beneficiaries_monthly.csv": "sdmx-csv-2.0",
    "SDMXCodelists_Example_2.1.xml": "sdmx-ml-2.1",
    "ESTAT__CL_FREQ.xml": "sdmx-ml-3.0",
    "IMF__CL_FREQ-3.0-structure.xml": "sdmx-ml-3.0",
    "jsdmx_dsd.xml": "sdmx-ml-2.1",
}
"""Samples that are of another version than the folder in which they lie: what they say themselves counts."""
FOLDERS = ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-json-1.0", "sdmx-json-2.x", "sdmx-ml-2.0", "sdmx-ml-2.1")
FILES = [path for folder in (*FOLDERS, "sdmx-ml-3.0", "sdmx-ml-3.1") for path in sorted((SHARED / folder).rglob("*.*"))]


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_sample_is_detected_as_its_folder_states(path: Path) -> None:
    folder = path.relative_to(SHARED).parts[0]
    detected = detect(path.name, path.read_bytes())
    assert detected.format.removesuffix("-generic").startswith(STRANGERS.get(path.name, folder.removesuffix("x")))


@needs_shared
@pytest.mark.parametrize("folder", ["tables", "names", "classifications"])
def test_tables_and_lists_are_refused_as_messages(folder: str) -> None:
    paths = [
        path for path in sorted((SHARED / folder).rglob("*.*")) if path.suffix in (".csv", ".tsv", ".xlsx", ".xls")
    ]
    assert paths
    for path in paths:
        with pytest.raises(InputError, match="not an SDMX message"):
            detect(path.name, path.read_bytes())


def test_utf_16_is_detected_in_xml_and_csv_and_refused_in_json() -> None:
    xml, table, text = (f'<CompactData xmlns="{ML}"/>', "STRUCTURE,STRUCTURE_ID,ACTION\n", '{"data": {}}')
    assert detect("x", xml.encode("utf-16")).format == "sdmx-ml-2.0"
    assert detect("x", table.encode("utf-16")).format == "sdmx-csv-2.0"
    with pytest.raises(InputError, match="The JSON is in UTF-16"):
        detect("x", text.encode("utf-16"))


# -- very short files ------------------------------------------------------------------------------------------------

NO_MESSAGE, NOT_WELL_FORMED, EMPTY = "This is not an SDMX message", "not well formed", "The file is empty."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        *((text, "Its root is “a”") for text in (b"<a/>", b"<a></a>", b'<?xml version="1.0"?><a/>', b"\n <a/>")),
        *((encoding + "<a/>".encode("utf-16-le"), "Its root is “a”") for encoding in (b"\xff\xfe",)),
        (b"\xef\xbb\xbf<a/>", "Its root is “a”"),
        *((text, NO_MESSAGE) for text in (b"{}", b"[]", b"1", b"null", b'""', b"true", b'{"data":1}', b"[{}]", b"a")),
        *((text, NOT_WELL_FORMED) for text in (b"<", b"<a", b"<a>", b"<?", b"<!", b"<!-- -->", b"<a/><b/>", b"{")),
        *((text, EMPTY) for text in (b"", b" ", b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\r\n")),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_file_of_few_characters_is_refused_in_one_line(content: bytes, said: str, end: bytes) -> None:
    whole = content if content.startswith((b"\xff\xfe", b"\xfe\xff")) else content + end
    with pytest.raises(InputError) as refused:
        detect("f", whole)
    assert said in refused.value.message
    assert "\n" not in str(refused.value.message)


def test_short_message_without_line_end_is_detected_by_its_root() -> None:
    root = b'<Structure xmlns="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"/>'
    assert detect("f", root).name == "SDMX-ML 2.1 structure (Structure)"


@cases_from("sdmx/cases/a_web_page_is_called_one.csv")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_web_page_is_refused_by_name(page: str, encoding: str) -> None:
    with pytest.raises(InputError) as refused:
        detect("f", page.encode(encoding))
    assert refused.value.message == "This is a web page, not an SDMX message."
    assert "DOCTYPE" not in refused.value.hint


def bomb(levels: int) -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(levels))
    return f"<!DOCTYPE a [{entities}]><a>&e{levels - 1};</a>".encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        *((bomb(levels), "Entities are not expanded") for levels in (10, 20)),
        *((b"<a>" * depth + b"</a>" * depth, "nested deeper") for depth in (257, 300, 5000)),
        *((b"<a>" * depth, "nested deeper") for depth in (300, 5000)),
    ],
)
def test_entity_expansion_and_deep_xml_are_refused_with_reason(content: bytes, said: str) -> None:
    from sdmxmig.io.intake.xml import iterate_xml, parse_xml

    for read in (lambda: parse_xml(content, "f"), lambda: list(iterate_xml(content, "f"))):
        with pytest.raises(InputError) as refused:
            read()
        assert said in refused.value.message or "has a DOCTYPE" in refused.value.message
        assert "not well formed" not in refused.value.message
        assert "xml" not in refused.value.message
