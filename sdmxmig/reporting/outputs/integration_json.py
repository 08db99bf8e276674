"""Integration records as JSON."""

from __future__ import annotations

import json
import typing

from sdmxmig.io.documents import JsonDocument
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.typed_json import as_json, typed
from sdmxmig.sdmx.model.integration import COMMANDS, IntegrationRecord

HINT = f"Give what one of these wrote: sdmxmig {', '.join(COMMANDS)}"
DOCUMENT = JsonDocument("sdmxmig-integration", 1, what="a record of how sources were brought together", hint=HINT)


def file_of(command: str) -> str:
    """The name of the file in which a command leaves what it says of itself.

    >>> file_of("link")
    'integration-link.json'
    """
    return f"integration-{command}.json"


def render(record: IntegrationRecord) -> bytes:
    document = {"schema": DOCUMENT.schema, "version": DOCUMENT.version, "record": as_json(record)}
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def read(content: bytes, name: str) -> IntegrationRecord:
    """Read a record; ``read(render(r)) == r``.

    Raises `InputError` with file and key.
    """
    document = DOCUMENT.opened(content, name)
    record = typing.cast(
        "IntegrationRecord", typed(IntegrationRecord, document.get("record"), Place(name, key="record"), HINT)
    )
    if record.command not in COMMANDS:
        raise InputError(f"“{record.command}” brings no sources together.", Place(name, key="record.command"), HINT)
    return record
