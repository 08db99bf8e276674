"""What the official JSON schemas say of a data message, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.formats.sdmx_json.outline import walked
from sdmxmig.formats.sdmx_json.runs import MemberRun, pointer_of, runs_of
from sdmxmig.formats.sdmx_json.schema_validation import MOST, Violation, violations
from sdmxmig.formats.sdmx_json.seekable_input import SeekableInput
from sdmxmig.intake.json import parse_json


def data_problems(opened: SeekableInput, version: str) -> list[Violation]:
    """What the official schema of a version says against a data message, as JSON pointer and message.

    Its series and observations are judged run by run, the rest at once. Raises `InputError` if the content is no JSON.
    """
    walk = walked(opened)
    problems = violations(parse_json(bytes(walk.kept), opened.name, float), version, "data")
    for path, span in walk.spans.items():
        pointer = pointer_of(path)
        for run in runs_of(opened, span, str(path[-1])):
            if len(problems) >= MOST:
                break
            problems += of_run(run, opened, pointer, version)
    return sorted(dict.fromkeys(problems))


def of_run(run: MemberRun, opened: SeekableInput, pointer: str, version: str) -> Iterator[Violation]:
    """What the schema says of some series or observations."""
    members = parse_json(b"{" + run.text + b"}", opened.name, float)
    for place, message in violations(members, version, "data", pointer.rpartition("/")[2]):
        yield pointer + place.removesuffix("/"), message
