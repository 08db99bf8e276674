"""Structures of SDMX-JSON 1.0, each as an official message has it, made by hand."""

from __future__ import annotations

import json
from typing import Any

import made_artefacts as of

from sdmxmig.sdmx.model.references import Ref

Json = dict[str, Any]
NAMED: Json = {"name": "Name", "names": {"en": "Name"}}


def whole(name: str, **more: object) -> Json:
    return {"id": name, "agencyID": of.AGENCY, "version": of.FINAL, "isFinal": True, **NAMED, **more}


def component(kind: str, name: str) -> str:
    return Ref(kind, of.AGENCY, id="DSD_ALL", version=of.FINAL, item=name).urn


STEP: Json = {
    "id": "S1",
    **NAMED,
    "inputs": [{"objectReference": of.DF.urn, "localID": "IN"}],
    "outputs": [{"objectReference": of.CL_SEX.urn}],
    "computation": {"description": "Sum", "descriptions": {"en": "Sum", "fr": "Somme"}, "softwarePackage": "R"},
    "transitions": [{"targetStep": "urn:sdmx:org.sdmx.infomodel.process.ProcessStep=AG:P(1.0).S2", "condition": "x"}],
    "processSteps": [{"id": "S11", **NAMED}],
}


CODES = {"source": of.code("F").urn, "target": of.code("Y1", "CL_AGE").urn, "annotations": [{"title": "7"}]}
LINES: list[Json] = [
    {
        "source": component("Dimension", "SEX"),
        "target": component("Dimension", "SEX"),
        "representationMapping": {"codelistMap": Ref("CodelistMap", "AG", id="SS", version="1.0", item="M_CODES").urn},
    },
    {
        "source": component("Dimension", "REF_AREA"),
        "target": component("DataAttribute", "TITLE"),
        "representationMapping": {"valueMap": {"valueMappings": [{"source": "1", "target": "M"}]}},
    },
    {
        "source": component("TimeDimension", "TIME_PERIOD"),
        "target": component("TimeDimension", "TIME_PERIOD"),
        "representationMapping": {"toTextFormat": {"textType": "String"}, "toValueType": "Name"},
    },
]
SIDES = {"source": of.DSD.urn, "target": of.DSD.urn}
SETS = whole(
    "SS_ALL",
    relatedStructures=[of.DSD.urn],
    codelistMaps=[{"id": "M_CODES", **NAMED, "source": of.CL_SEX.urn, "target": of.CL_AGE.urn, "codeMaps": [CODES]}],
    structureMaps=[{"id": "M", **NAMED, **SIDES, "componentMaps": LINES, "isExtension": True}],
)


VALUES = {"localRepresentation": {"textFormat": {"textType": "KeyValues"}}}
LISTED = {"localRepresentation": {"enumeration": of.CATEGORIES.ref.urn}}
CONTACT: Json = {
    "id": "CONTACT",
    "conceptIdentity": of.concept("TITLE").urn,
    "maxOccurs": "unbounded",
    "localRepresentation": {"textFormat": {"textType": "String", "maxLength": 99}},
    "metadataAttributes": [{"id": "PAGE", "conceptIdentity": of.concept("TITLE").urn, "isPresentational": True}],
}
FLOW = {"id": "FLOW", "objectType": "Dataflow"}
PLAIN = {"localRepresentation": {"textFormat": {"textType": "IdentifiableReference"}}}
REPORTS: Json = {
    "metadataTargets": [
        {
            "id": "T",
            "identifiableObjectTargets": [FLOW | PLAIN, {"id": "CAT", "objectType": "Category", **LISTED}],
            "keyDescriptorValuesTargets": [VALUES],
        }
    ],
    "reportStructures": [
        {
            "id": "R",
            "metadataAttributes": [CONTACT],
            "metadataTargets": [Ref("MetadataTarget", of.AGENCY, id="MSD_ALL", version=of.FINAL, item="T").urn],
        }
    ],
}
REPORTED = whole("MSD_ALL", metadataStructureComponents=REPORTS)


DATA_SET = {"dataProvider": of.PROVIDER.urn, "id": "D1"}
KEY = {"keyValues": [{"id": "FREQ", "value": "A"}]}


KEYS = {
    "isIncluded": True,
    "keys": [
        {
            "metadataTarget": "T",
            "report": "R",
            "keyValues": [{"id": "FLOW", "object": of.DF.urn}, {"id": "KEY", "dataKey": KEY}],
        }
    ],
}
REGION = {
    "include": False,
    "metadataTarget": "T",
    "report": "R",
    "keyValues": [{"id": "SET", "dataSets": [DATA_SET]}],
    "attributes": [{"id": "QUALITY.SEX", "values": ["F"]}],
}
CONTENT = whole("CN", type="Allowed", metadataKeySets=[KEYS], metadataTargetRegions=[REGION])
CONTENT["constraintAttachment"] = {"dataSet": DATA_SET}
ATTACHED = whole("AC", dataKeySets=[{"isIncluded": False, "keys": [KEY]}])
ATTACHED["constraintAttachment"] = {"metadataSets": [DATA_SET]}


def message(data: Json) -> bytes:
    """A message with a header."""
    meta = {"id": "M", "test": False, "prepared": "2026-01-31T12:00:00Z", "sender": {"id": "GE1"}}
    schema = {"schema": "https://example.org", "contentLanguages": ["en"]}
    return json.dumps({"meta": {**schema, **meta}, "data": data}).encode()


MESSAGES = {
    "process": message({"processes": [whole("P_ALL", processSteps=[STEP])]}),
    "structure set": message({"structureSets": [SETS]}),
    "metadata structure": message({"metadataStructures": [REPORTED]}),
    "constraints": message({"contentConstraints": [CONTENT], "attachmentConstraints": [ATTACHED]}),
}
