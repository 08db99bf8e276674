"""What a run says of how it brought sources together, as JSON: the form in which reports find it."""

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
    """The record as JSON; the same record gives the same bytes."""
    document = {"schema": DOCUMENT.schema, "version": DOCUMENT.version, "record": as_json(record)}
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def read(content: bytes, name: str) -> IntegrationRecord:
    """Read a record that `render` wrote; ``read(render(r)) == r``.

    Raises `InputError` naming the file and the key if it is none, or of a command that does not exist.
    """
    document = DOCUMENT.opened(content, name)
    record = typing.cast(
        "IntegrationRecord", typed(IntegrationRecord, document.get("record"), Place(name, key="record"), HINT)
    )
    if record.command not in COMMANDS:
        raise InputError(f"“{record.command}” brings no sources together.", Place(name, key="record.command"), HINT)
    return record
