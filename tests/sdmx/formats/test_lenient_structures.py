"""Lenient reading of structures: faults are listed with their place, and the rest is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import made
import made_artefacts
import pytest

from sdmxmig.cli import run
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS, structure_bytes
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.model.data_structures import DataStructure
from sdmxmig.sdmx.model.structures import Agreement, Artefact

XML = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1")
JSON = ("sdmx-json-2.0", "sdmx-json-2.1")


def read(form: str, content: bytes) -> tuple[dict[str, Artefact], list[InputError]]:
    """The artefacts from a lenient reading, by id, and the faults."""
    reader, faults = FORMATS[form].read_structures, Faults()
    with pytest.raises(InputError):
        reader("f", content)
    return {artefact.ref.id: artefact for artefact in reader("f", content, faults)}, faults.listed


def message(form: str) -> bytes:
    return structure_bytes(FORMATS[form], made.ARTEFACTS, made.HEADER)


def changed(content: bytes, old: str, new: str) -> bytes:
    text = content.decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def items(artefact: Artefact) -> list[str]:
    return list(artefact.ids)


VTL = (made_artefacts.CUSTOM_TYPES, made_artefacts.VTL_MAPPINGS)
"""They have members that SDMX-JSON 1.0 names as later versions do, though it names like ones of others differently."""
IDS = sorted(artefact.ref.id for artefact in made.ARTEFACTS)


@pytest.mark.parametrize("form", [*XML, "sdmx-json-1.0", *JSON])
def test_valid_message_is_parsed_without_faults(form: str) -> None:
    reader, faults = FORMATS[form].read_structures, Faults()
    artefacts = [*made.ARTEFACTS, *VTL] if form in JSON or form == "sdmx-json-1.0" else made.ARTEFACTS
    content = structure_bytes(FORMATS[form], artefacts, made.HEADER)
    assert reader("f", content, faults) == reader("f", content)
    assert faults.listed == []


@pytest.mark.parametrize("form", XML)
def test_unknown_attribute_and_element_are_skipped(form: str) -> None:
    content = changed(message(form), '<str:Code id="F"', '<str:Code odd="1" id="F"')
    content = changed(content, '<str:Code id="M"', '<str:Odd><str:Deep/></str:Odd><str:Code id="M"')
    found, faults = read(form, content)
    assert sorted(found) == IDS
    assert items(found["CL_SEX"]) == ["_T", "F", "M"]
    assert "<Code> has an unknown attribute odd." in [fault.message for fault in faults]
    assert "Odd" in faults[-1].message
    assert len(faults) == 2


@pytest.mark.parametrize("form", XML)
def test_unreadable_item_is_left_out(form: str) -> None:
    found, (fault,) = read(form, changed(message(form), '<str:Code id="F"', '<str:Code id="no id"'))
    assert items(found["CL_SEX"]) == ["_T", "M"]
    assert "no id" in fault.message


@pytest.mark.parametrize("form", XML)
def test_unreadable_artefact_is_left_out(form: str) -> None:
    found, (fault,) = read(form, changed(message(form), 'id="CL_SEX"', 'id="CL SEX"'))
    assert sorted(found) == [item_id for item_id in IDS if item_id != "CL_SEX"]
    assert fault.place.line == message(form)[: message(form).index(b'id="CL_SEX"')].count(b"\n") + 1


@pytest.mark.parametrize("form", XML)
def test_only_the_unreadable_attribute_is_left_out(form: str) -> None:
    found, faults = read(form, changed(message(form), '<str:Attribute id="NOTE"', '<str:Attribute id="a b"'))
    structure = found["DSD_STOCK"]
    assert isinstance(structure, DataStructure)
    assert "NOTE" not in structure
    assert "COMMENT_OBS" in structure
    assert len(faults) == 1


@pytest.mark.parametrize("form", XML)
def test_structure_with_unreadable_dimension_is_left_out(form: str) -> None:
    found, (fault,) = read(form, changed(message(form), '<str:Dimension id="SEX"', '<str:Dimension id="S X"'))
    assert "DSD_STOCK" not in found
    assert "S X" in fault.message


@pytest.mark.parametrize("form", XML)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text.replace("http://www.sdmx.org", "https://www.sdmx.org"), "differs in spelling"),
        (lambda text: text.replace('/structure"', '/structure/"'), "differs in spelling"),
        (lambda text: text.replace("<com:Name ", "<str:Name ").replace("</com:Name>", "</str:Name>"), "namespace"),
        (lambda text: text.replace(' xmlns:com="', ' xmlns:other="'), "not declared"),
        (lambda text: text.replace("&amp;", "&"), "ampersand"),
        (lambda text: f"\n{text}", "declaration"),
    ],
)
def test_wrong_namespaces_and_bare_ampersands_are_parsed(form: str, spoil: Callable[[str], str], said: str) -> None:
    reader = FORMATS[form].read_structures
    found, faults = read(form, spoil(message(form).decode()).encode())
    assert any(said in fault.message for fault in faults), [str(fault) for fault in faults]
    assert found == {artefact.ref.id: artefact for artefact in reader("f", message(form))}


@pytest.mark.parametrize("form", XML)
def test_truncated_list_is_marked_partial(form: str) -> None:
    content = message(form)
    found, faults = read(form, content[: content.index(b'<str:Code id="M"')])
    sex = found["CL_SEX"]
    assert (items(sex), sex.partial) == (["_T", "F"], True)
    assert "not well formed" in faults[-1].message


@pytest.mark.parametrize("form", XML)
def test_unknown_collection_is_skipped(form: str) -> None:
    content = (
        message(form).replace(b"<str:Codelists>", b"<str:CodeLists>").replace(b"</str:Codelists>", b"</str:CodeLists>")
    )
    found, (fault,) = read(form, content)
    assert "CL_SEX" not in found
    assert "DSD_STOCK" in found
    assert "CodeLists" in fault.message


def test_other_messages_are_refused_as_structure_message() -> None:
    reader = FORMATS["sdmx-ml-2.1"].read_structures
    assert reader is not None
    for content in (b"<html/>", message("sdmx-ml-2.1").replace(b"mes:Structure", b"mes:Struct")):
        with pytest.raises(InputError):
            reader("f", content, Faults())


# -- JSON -----------------------------------------------------------------------------------------------------------


def spoilt(form: str, change: Callable[[dict[str, list[dict[str, object]]]], object]) -> bytes:
    """A message whose data are changed."""
    parsed = json.loads(message(form))
    change(parsed["data"])
    return json.dumps(parsed).encode()


def pointers(faults: list[InputError]) -> list[str]:
    return [fault.place.key for fault in faults if fault.place]


def numbered(form: str, kind: str, own: str) -> int:
    listed = json.loads(message(form))["data"][kind]
    return next(index for index, record in enumerate(listed) if record["id"] == own)


@pytest.mark.parametrize("form", JSON)
def test_only_unreadable_parts_of_json_are_left_out(form: str) -> None:
    sex, area = numbered(form, "codelists", "CL_SEX"), numbered(form, "codelists", "CL_AREA")

    def change(data: dict[str, list[dict[str, object]]]) -> None:
        codes = data["codelists"][sex]["codes"]
        codes[1]["isPartial"] = True
        codes[2]["id"] = "no id"
        codes.append("no object")
        data["codelists"][sex]["isPartial"] = "true"
        data["codelists"][area]["agencyID"] = 5
        del data["dataflows"][0]["name"]
        data["dataflows"][0].pop("names", None)

    found, faults = read(form, spoilt(form, change))
    assert items(found["CL_SEX"]) == ["_T", "F"]
    assert "CL_AREA" not in found
    assert {item_id for item_id in IDS if item_id != "CL_AREA"} == set(found)
    assert set(pointers(faults)) == {
        f"/data/codelists/{sex}/isPartial",
        f"/data/codelists/{sex}/codes/1/isPartial",
        f"/data/codelists/{sex}/codes/2/id",
        f"/data/codelists/{sex}/codes/3",
        f"/data/codelists/{area}/agencyID",
        "/data/dataflows/0",
    }


@pytest.mark.parametrize("form", JSON)
def test_json_of_older_registries_is_parsed(form: str) -> None:
    """Fusion registries before 11.18 wrote these names (bis-med-it/pysdmx, issues 93 and 171)."""
    number = numbered(form, "dataStructures", "DSD_STOCK")
    agreement = {"id": "PA", "agencyID": "SDMXMIG", "version": "1.0", "name": "Agreement"}
    agreement["structureUsage"] = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SDMXMIG:DF_POP(1.0)"
    agreement["dataProvider"] = "urn:sdmx:org.sdmx.infomodel.base.DataProvider=SDMXMIG:DATA_PROVIDERS(1.0).GE1"

    def change(data: dict[str, list[dict[str, object]]]) -> None:
        parts = data["dataStructures"][number]["dataStructureComponents"]
        assert isinstance(parts, dict)
        dimensions = parts["dimensionList"]
        dimensions["timeDimensions"] = [dimensions.pop("timeDimension")]
        for record in (*dimensions["timeDimensions"], *parts["measureList"]["measures"]):
            shape = record["localRepresentation"]
            shape["textFormat"] = shape.pop("format")
            shape["textFormat"]["textType"] = shape["textFormat"].pop("dataType")
        data["provisionAgreements"] = [agreement]  # type: ignore[list-item]  # texts only

    found, faults = read(form, spoilt(form, change))
    reader = FORMATS[form].read_structures
    whole = {artefact.ref.id: artefact for artefact in reader("f", message(form))}
    assert {name: one for name, one in found.items() if name != "PA"} == whole
    assert isinstance(found["PA"], Agreement)
    assert found["PA"].flow.id == "DF_POP"
    assert all("is called" in fault.message for fault in faults)


def test_artefact_outside_a_message_is_accepted() -> None:
    (alone,) = json.loads(structure_bytes(FORMATS["sdmx-json-2.0"], [made_artefacts.CODELIST], made.HEADER))["data"][
        "codelists"
    ]
    found, faults = read("sdmx-json-2.0", json.dumps(alone).encode())
    assert list(found) == [made_artefacts.CODELIST.ref.id]
    assert "meta" in faults[0].message


@pytest.mark.parametrize("form", JSON)
def test_duplicate_artefact_is_kept_once(form: str) -> None:
    found, (fault,) = read(form, spoilt(form, lambda data: data["dataflows"].append(data["dataflows"][0])))
    assert sorted(found) == IDS
    assert "twice" in fault.message


def test_left_out_sets_are_listed_if_none_remains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sets = {"data": {"metadataSets": [{"id": "A", "name": "a"}]}, "meta": {"id": "M", "sender": {"id": "S"}}}
    source, out = tmp_path / "sets.json", tmp_path / "sets.xml"
    source.write_text(json.dumps(sets))
    code = run(
        ["transform", str(source), "--to", "sdmx-ml-3.0", "-o", str(out), "--lenient", "--now", "2026-01-01T00:00:00Z"]
    )
    errors = capsys.readouterr().err
    assert code == 2
    assert f"left out: {source} › /data/metadataSets/0: “agencyID” is missing." in errors
    assert "Give each set a dataflow or a structure" in errors
    assert not out.exists()
