"""SDMX-JSON that holds structures and metadata: each kind is its own message, and the other one is named."""

from __future__ import annotations

import json
from typing import Any

import made
import made_artefacts as of
import made_metadata
import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.formats import FORMATS, metadata_bytes, structure_bytes
from sdmxmig.sdmx.formats.detection import detect
from sdmxmig.sdmx.formats.faults import Faults

VERSIONS = ("2.0", "2.1")
OTHERS = ["codelist", "concept scheme", "data structure", "dataflow", "metadata structure", "categorisation"]


def structures(version: str, kind: str) -> dict[str, Any]:
    form = FORMATS[f"sdmx-json-{version}"]
    return dict(json.loads(structure_bytes(form, [of.OF_VERSION["3.0"][kind]], made.HEADER)))


def metadata(version: str) -> dict[str, Any]:
    form = FORMATS[f"sdmx-json-{version}"]
    return dict(json.loads(metadata_bytes(form, [made_metadata.NEW], made.HEADER)))


def both(version: str, kind: str, *, as_structures: bool, named: bool) -> bytes:
    first, second = structures(version, kind), metadata(version)
    message = first if as_structures else second
    if not named:
        message.pop("$schema", None)
        message["meta"].pop("schema")
    return json.dumps(message | {"data": {**first["data"], **second["data"]}}).encode()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("named", [True, False])
def test_structures_in_a_metadata_message_are_reported(version: str, kind: str, *, named: bool) -> None:
    content = both(version, kind, as_structures=False, named=named)
    form = FORMATS[detect("m", content).format]
    with pytest.raises(InputError, match="The message also contains structures") as refused:
        form.read_metadata("m", content)
    assert refused.value.hint == "Send them as a message of their own."
    messages = [problem.message for problem in identify_and_check("m", content, {}).problems]
    [member] = structures(version, kind)["data"]
    assert [member in message for message in messages] == [True]  # the official schema of 2.1 says so itself
    faults = Faults()
    assert form.read_metadata("m", content, faults) == (made_metadata.NEW,)
    assert ["also contains structures" in fault.message for fault in faults.listed] == [True]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", OTHERS)
def test_metadata_in_a_structure_message_are_reported(version: str, kind: str) -> None:
    content = both(version, kind, as_structures=True, named=True)
    form = FORMATS[f"sdmx-json-{version}"]
    assert detect("m", content).kind == "structure"
    with pytest.raises(InputError, match="The message also contains metadata"):
        form.read_structures("m", content)
    faults = Faults()
    alone = form.read_structures("m", json.dumps(structures(version, kind)).encode())
    assert form.read_structures("m", content, faults) == alone
    assert ["also contains metadata" in fault.message for fault in faults.listed] == [True]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("member", ["codelists", "conceptSchemes", "dataflows", "dataStructures", "valueLists"])
@pytest.mark.parametrize("empty", [[], None])
def test_empty_collections_of_the_other_kind_are_ignored(version: str, member: str, empty: list[object] | None) -> None:
    message = metadata(version)
    message["data"][member] = empty
    form = FORMATS[f"sdmx-json-{version}"]
    assert form.read_metadata("m", json.dumps(message).encode()) == (made_metadata.NEW,)


@pytest.mark.parametrize("version", VERSIONS)
def test_unknown_member_is_refused(version: str) -> None:
    message = metadata(version)
    message["data"]["codlists"] = []
    form = FORMATS[f"sdmx-json-{version}"]
    with pytest.raises(InputError, match="“codlists” is unknown here"):
        form.read_metadata("m", json.dumps(message).encode())
