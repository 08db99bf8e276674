"""Structures of SDMX-JSON with one part wrong: refused at that part, in words; a lenient reading tells the same."""

from __future__ import annotations

import json
from typing import Any

import made
import made_artefacts as of
import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.formats.faults import Faults

JSON = FORMATS["sdmx-json-2.1"]
GONE = object()
"""In place of a value: the member is taken out."""


def spoilt(kind: str, path: str, value: object) -> bytes:
    """A message with one artefact of a kind, in which the member at a path is another."""
    root: Any = json.loads(JSON.write_structures([of.OF_VERSION["3.1"][kind]], made.HEADER))
    *above, last = path.split("/")
    holder = next(iter(root["data"].values()))[0]
    for step in above:
        holder = holder[int(step) if step.isdigit() else step]
    if value is GONE:
        del holder[last]
    else:
        holder[int(last) if last.isdigit() else last] = value
    return json.dumps(root).encode()


def read(content: bytes, faults: Faults | None = None) -> None:
    JSON.read_structures("x.json", content, faults)


MAP, TIMES, REGION = "structure map", "datePatternMaps/0", "cubeRegions/0/keyValues"


@pytest.mark.parametrize(
    ("kind", "path", "value", "place", "said"),
    [
        ("representation map", "source/1/dataType", "Sting", "source/1/dataType", "Did you mean “String”"),
        ("representation map", "target/1/dataType", "", "target/1", "either a “codelist” or a “dataType”"),
        (MAP, "source", of.CL_SEX.urn, "source", "names a Codelist"),
        (MAP, "frequencyFormatMappings/1/id", "F_A", "frequencyFormatMappings/1/id", "the id “F_A” of another format"),
        (MAP, "frequencyFormatMappings/0/annotations", [{"type": "N"}], "frequencyFormatMappings/0", "cannot be kept"),
        (MAP, "componentMaps/1/target", [], "componentMaps/1", "“target” is missing"),
        (MAP, "fixedValueMaps/0/source", "A", "fixedValueMaps/0", "either a source or a target"),
        (MAP, f"{TIMES}/mappedFrequencies/1", "F_X", f"{TIMES}/mappedFrequencies", "“F_X”, which is not a frequency"),
        (MAP, f"{TIMES}/mappedComponents", [], TIMES, "must map components"),
        (MAP, "epochMaps/0/resolvePeriod", "noon", "epochMaps/0/resolvePeriod", "noon"),
        (
            "data constraint",
            "dataKeySets/0/keys/0/include",
            False,
            "dataKeySets/0/keys/0/include",
            "A key cannot be left out",
        ),
        (
            "data constraint",
            "dataKeySets/0/keys/0/keyValues/0/include",
            False,
            "dataKeySets/0/keys/0/keyValues/0/include",
            "A value of a key cannot",
        ),
        (
            "data constraint",
            "dataKeySets/0/keys/0/keyValues/0/value",
            GONE,
            "dataKeySets/0/keys/0/keyValues/0",
            "either a “value” or “values”",
        ),
        ("data constraint", "dataKeySets/0/isIncluded", GONE, "dataKeySets/0", "“isIncluded” is missing"),
        (
            "data constraint",
            f"{REGION}/2/timeRange/startPeriod/period",
            GONE,
            f"{REGION}/2/timeRange/startPeriod",
            "“period” is missing",
        ),
        ("hierarchy", "hierarchicalCodes/1/code", GONE, "hierarchicalCodes/1", "“code” is missing"),
        (MAP, "frequencyFormatMappings/0/frequencyId", GONE, "frequencyFormatMappings/0", "“frequencyId” is missing"),
        ("data constraint", f"{REGION}/2/values", ["2000"], f"{REGION}/2", "both values and a range"),
        ("data constraint", f"{REGION}/2/timeRange/endPeriod", GONE, f"{REGION}/2/timeRange", "neither before, after"),
        (
            "codelist that extends others",
            "codelistExtensions/1/exclusiveCodeSelection",
            {"memberValues": ["A"]},
            "codelistExtensions/1",
            "either included or excluded",
        ),
        ("hierarchy association", "linkedHierarchy", GONE, "", "“linkedHierarchy” or “linkedObject” is missing"),
        (
            "VTL mapping scheme",
            "vtlMappings/1/toVtlMapping",
            {"method": "Pivot"},
            "vtlMappings/1/toVtlMapping",
            "Only dataflows are mapped",
        ),
        ("VTL mapping scheme", "vtlMappings/1/codelist", GONE, "vtlMappings/1", "maps one thing"),
        (
            "data structure",
            "dataStructureComponents/dimensionList/dimensions/0/conceptIdentity",
            GONE,
            "dataStructureComponents/dimensionList/dimensions/0",
            "“conceptIdentity” is missing",
        ),
        (
            "concept scheme of SDMX 3",
            "concepts/0/coreRepresentation/maxOccurs",
            0,
            "concepts/0/coreRepresentation",
            "may occur “0” to “0” times",
        ),
    ],
    ids=lambda value: "gone" if value is GONE else None,
)
def test_wrong_part_is_refused_at_its_place(kind: str, path: str, value: object, place: str, said: str) -> None:
    content = spoilt(kind, path, value)
    own = f"/data/{next(iter(json.loads(content)['data']))}/0"
    with pytest.raises(InputError) as refused:
        read(content)
    assert refused.value.place.key == (f"{own}/{place}" if place else own)
    assert said in str(refused.value)
    faults = Faults()
    read(content, faults)
    assert str(refused.value) in [str(fault) for fault in faults.listed]
