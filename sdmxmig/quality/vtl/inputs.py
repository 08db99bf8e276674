"""Inputs of a VTL script: components and value domains."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sdmxmig.quality.vtl.syntax import domain_of
from sdmxmig.sdmx.model.data import Flow

TEXT, NUMBER = "String", "Number"


def data_set(flow: Flow) -> dict[str, Any]:
    """The data set of a dataflow: the name, type and role of each component, as vtlengine and others read them."""
    structure = flow.structure
    return {
        "name": flow.id,
        "DataStructure": [
            *(component(dimension, TEXT, "Identifier") for dimension in structure.key),
            component(structure.measure.id, NUMBER, "Measure"),
            *(component(attribute.id, TEXT, "Attribute") for attribute in structure.attributes()),
        ],
    }


def component(name: str, kind: str, role: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "role": role, "nullable": role != "Identifier"}


def value_domains(flows: Iterable[Flow]) -> list[dict[str, Any]]:
    codelists = {
        domain_of(codelist): codelist
        for flow in flows
        for part in flow.structure.components
        if (codelist := flow.codelist(part)) is not None
    }
    return [{"name": name, "type": TEXT, "setlist": list(codelist.ids)} for name, codelist in sorted(codelists.items())]


def as_json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
