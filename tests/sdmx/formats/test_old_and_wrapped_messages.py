"""Data of SDMX-ML before 2.1 in all their layouts, and what web services wrap around a message."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import made_old_structures as old
import pytest
from made import FLOWS
from made_old import MESSAGES, compact, generic

import sdmxmig
from sdmxmig.primitives.errors import InputError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import read_structures
from sdmxmig.sdmx.formats import FORMATS, read_all
from sdmxmig.sdmx.formats.detection import detect

EXPECTED = [("F", "2023", "1076792.50", "P"), ("M", "2023", "01", "A"), ("M", "2024", "NaN", "O")]
SOAP = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")


@pytest.mark.parametrize("name", [name for name in MESSAGES if "JSON" not in name])
def test_all_old_layouts_are_parsed_alike(name: str) -> None:
    form = detect("f", MESSAGES[name]).format
    datasets = read_all(FORMATS[form], "f", MESSAGES[name], FLOWS)
    rows = [
        row
        for dataset in datasets
        for row in dataset.observations.select("SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").rows()
    ]
    assert sorted(rows) == EXPECTED
    checked = identify_and_check("f", MESSAGES[name], FLOWS)
    assert (checked.size, checked.problems, checked.unchecked) == (3, [], "")


def first_version(message: bytes) -> bytes:
    return message.replace(b"schemas/v2_0", b"schemas/v1_0")


@pytest.mark.parametrize("message", [compact(), generic(), old.PUBLISHED["codes with dots"]])
@pytest.mark.parametrize("reader", [partial(identify_and_check, flows=FLOWS), read_structures, sdmxmig.read])
def test_sdmx_ml_1_0_is_refused_with_a_remedy(
    message: bytes, reader: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.xml").write_bytes(first_version(message))
    arguments = ("old.xml",) if reader is sdmxmig.read else ("old.xml", first_version(message))
    with pytest.raises(InputError, match=r"This is SDMX-ML 1\.0, which is no longer read\.") as error:
        reader(*arguments)
    assert str(error.value.place) == "old.xml"
    assert error.value.hint == "Ask the sender for version 2.0 or later."


@pytest.mark.parametrize("space", ["http://stats.example/vocabulary", "urn:x", "urn:sdmx:nonsense"])
def test_compact_data_in_namespace_of_agency_are_parsed(space: str) -> None:
    message = compact(own=space)
    assert (identify_and_check("f", message, FLOWS).size, identify_and_check("f", message, FLOWS).problems) == (3, [])
    nameless = message.replace(b"<KeyFamilyRef>DSD_STOCK</KeyFamilyRef>", b"")
    checked = identify_and_check("f", nameless, {})
    assert (checked.size, checked.problems) == (3, [])
    assert "name no structure" in checked.unchecked


def wrapped(space: str, inside: bytes) -> bytes:
    inner = inside.partition(b"?>")[2]
    return b'<s:Envelope xmlns:s="%b"><s:Header/><s:Body>%b</s:Body></s:Envelope>' % (space.encode(), inner)


@pytest.mark.parametrize("name", ["compact 2.0", "generic 2.0", "utility 2.0"])
@pytest.mark.parametrize("space", SOAP)
def test_soap_envelope_is_refused_and_its_message_named(space: str, name: str) -> None:
    root = {"c": "CompactData", "g": "GenericData", "u": "UtilityData"}[name[0]]
    with pytest.raises(
        InputError, match=f"SOAP envelope of a web service. It contains the SDMX message “{root}”."
    ) as error:
        identify_and_check("f", wrapped(space, MESSAGES[name]), FLOWS)
    assert f"Save the element {root}" in error.value.hint


@pytest.mark.parametrize("space", SOAP)
def test_message_nested_in_envelope_is_found(space: str) -> None:
    answer = b"<?xml?><r:Answer xmlns:r='urn:r'><r:Result>%b</r:Result></r:Answer>"
    inside = answer % MESSAGES["generic 2.0"].partition(b"?>")[2]
    with pytest.raises(InputError, match="“GenericData”"):
        identify_and_check("f", wrapped(space, inside), FLOWS)


@pytest.mark.parametrize("inside", [b"", b"<?xml?><x/>", b"<?xml?><s:Fault/>", b"<?xml?><DataSet/>"])
def test_envelope_without_message_is_refused_by_name(inside: bytes) -> None:
    with pytest.raises(InputError, match="SOAP envelope") as error:
        identify_and_check("f", wrapped(SOAP[0], inside), FLOWS)
    assert "Ask the service again" in error.value.hint


@pytest.mark.parametrize("space", ["urn:other", "", "http://schemas.xmlsoap.org/soap/other/"])
def test_other_envelope_is_refused_as_not_sdmx(space: str) -> None:
    with pytest.raises(InputError, match="not an SDMX message"):
        identify_and_check("f", wrapped(space or "urn:x", b""), FLOWS)


@pytest.mark.parametrize("name", ["compact 2.0", "utility 2.0", "cross-sectional 2.0"])
@pytest.mark.parametrize(("said", "action"), [("Delete", "D"), ("Append", "A"), ("Replace", "R")])
def test_dataset_action_precedes_header_action(name: str, said: str, action: str) -> None:
    content = MESSAGES[name].replace(b"<d:DataSet", b'<d:DataSet action="%b"' % said.encode())
    assert {dataset.action for dataset in read_all(FORMATS[detect("f", content).format], "f", content, FLOWS)} == {
        action
    }
