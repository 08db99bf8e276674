"""Messages of others: what a file is, and all that is wrong with it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sdmxmig.errors import InputError, UnknownStructure
from sdmxmig.formats import FORMATS, Format
from sdmxmig.formats.detection import Detected, detect
from sdmxmig.formats.faults import Faults
from sdmxmig.formats.heading import heading_of
from sdmxmig.formats.seeking import Seek
from sdmxmig.model.data import Flow
from sdmxmig.places import Place

ERROR, WARNING = "error", "warning"
EXACT_LINES = 65_534
"""The schema check counts lines no further; beyond it may be one off."""
UNITS = {"structure": "artefact", "data": "observation", "metadata": "metadata set", "error": "error"}
OLD_DIALOGUE = (
    "Its form was held against the official schema; its content is not read: dialogues with a registry are read from "
    "SDMX-ML 2.1 on, and of 2.0 the structures that they hold."
)
WITH_STRUCTURE = "give the structure with --structure FILE."


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a message, and where.

    `severity` is ``error``, or ``warning`` for what the official schema forbids but a strict reading takes.
    """

    place: Place
    message: str
    severity: str = ERROR


@dataclass(slots=True)
class Checked:
    """What a check found: what the file is, how many of `unit` were read from it, its problems.

    `unlisted` counts problems beyond those that are listed. `unchecked` says what could not be judged, and why; it is
    empty when everything was. `notes` are what the sender says about the message.
    """

    file: str
    detected: Detected
    size: int = 0
    unit: str = ""
    problems: list[Problem] = field(default_factory=list)
    unlisted: int = 0
    unchecked: str = ""
    notes: tuple[str, ...] = ()


def check(name: str, content: bytes, flows: Mapping[str, Flow], *, lenient: bool = False) -> Checked:
    """Say what a file is and all that is wrong with it, in the order of the file.

    It is judged by the official schema, structure-specific data also by the schema of their structure; then it is read,
    past its faults, and the values of data are held against their codelists and types, as far as `flows` has the
    structure. If `lenient`, only that is listed which a lenient reading leaves out or mends.

    Raises `InputError` if the file is no SDMX message at all.
    """
    detected = detect(name, content)
    checked = Checked(name, detected, unit=UNITS.get(detected.kind, ""))
    faults = Faults()
    wrong: list[Problem] = []
    schema = Schema() if lenient else schema_of(name, content, detected, flows)
    try:
        wrong = read_content(checked, content, flows, faults, schema)
    except InputError as error:
        faults.found.append(error)
    unknown = [one for one in faults.found if isinstance(one, UnknownStructure)]
    found = [Problem(one.place or Place(name), told(one)) for one in faults.found if one not in unknown]
    if unknown and detected.format.startswith("sdmx-csv"):  # which columns belong to the data is not known either
        found = [one for one in found if one.place.line > 1]
    if not lenient:
        severity = ERROR if found or detected.kind == "data" else WARNING
        judged = [replace(one, severity=severity) for one in without_dumps(schema.problems, found)]
        found = [*judged, *(one for one in found if not is_told(one, judged)), *wrong]
    checked.problems = sorted(found, key=lambda one: one.place)
    checked.unlisted = sum(faults.unlisted.values())
    said = [f"{one.message} The content was not checked; {WITH_STRUCTURE}" for one in unknown[:1]]
    said += [checked.unchecked, *schema.unchecked]
    checked.unchecked = " ".join(dict.fromkeys(one for one in said if one))
    return checked


def told(error: InputError) -> str:
    """What an error says, without its place."""
    return f"{error.message} {error.hint}".strip()


def is_told(problem: Problem, told_already: Sequence[Problem]) -> bool:
    """Whether a schema said the same: it stands at the same line, or key, and names what the problem is about."""
    for other in told_already:
        if other.message == problem.message:
            return True
        by_key = bool(other.place.key) and problem.place.key.startswith(other.place.key)
        apart = abs(other.place.line - problem.place.line)
        if not by_key and (problem.place.key or apart > (other.place.line > EXACT_LINES)):
            continue
        named = re.findall(r"'([^']+)'", other.message)
        if any(word in problem.message for word in named) or all("well" in one.message for one in (problem, other)):
            return True
    return False


def without_dumps(schema: Sequence[Problem], found: Sequence[Problem]) -> list[Problem]:
    """The problems that a schema tells, without those that only show a part of the message where more is known."""
    return [
        one
        for one in schema
        if one.message[0] not in "{[" or not any(other.place.key.startswith(one.place.key) for other in found)
    ]


@dataclass(slots=True)
class Schema:
    """What schemas say of a message; `covers_data` says that they judged the values of its data too."""

    problems: list[Problem] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    covers_data: bool = False


def schema_of(name: str, content: bytes, detected: Detected, flows: Mapping[str, Flow]) -> Schema:
    """What the official schema of the message says, in the order of the file; where there is none, nothing."""
    if detected.format.startswith("sdmx-ml-"):
        from sdmxmig.formats.mending import mended_text
        from sdmxmig.formats.sdmx_ml import xsd

        judged = xsd.judge(content, flows)
        if judged.problems and judged.problems[0][1].startswith(xsd.NOT_WELL_FORMED):
            mended = xsd.judge(mended_text(name, content, Faults()), flows)
            judged = mended if not mended.problems or mended.problems != judged.problems else judged
        found = [Problem(Place(name, line=line), message) for line, message in judged.problems]
        covers = bool(judged.generated) and not judged.unknown
        return Schema(found, judged.unchecked, covers)
    if detected.format.startswith("sdmx-json-") and detected.kind in ("structure", "data", "metadata"):
        from sdmxmig.formats.sdmx_json import judging

        try:
            found_keys = judging.problems(name, content, detected.format.removeprefix("sdmx-json-"), detected.kind)
        except InputError:  # the reading tells of it
            return Schema()
        return Schema([Problem(Place(name, key=key), message) for key, message in found_keys])
    return Schema()


def read_content(
    checked: Checked, content: bytes, flows: Mapping[str, Flow], faults: Faults, schema: Schema
) -> list[Problem]:
    """Read a message past its faults and count what it holds; what is wrong with the values of data comes back."""
    name, detected = checked.file, checked.detected
    form = FORMATS[detected.format] if detected.format in FORMATS else None  # noqa: SIM401 - a Kind has no get
    if form is not None and detected.kind in ("structure", "data", "metadata"):
        heading_of(form, name, io.BytesIO(content), faults)
    if detected.kind == "data" and form is not None and form.read_data is not None:
        return read_data(checked, content, form, flows, faults, schema)
    if detected.kind == "structure" and form is not None and form.read_structures is not None:
        checked.size = len(form.read_structures(name, content, faults))
    elif detected.kind == "metadata" and form is not None and form.read_metadata is not None:
        checked.size = len(form.read_metadata(name, content, faults))
    elif detected.kind in ("registry", "error", "query") and detected.format.startswith("sdmx-ml-"):
        read_dialogue(checked, content, faults)
    else:
        checked.unchecked = f"The content of {detected.name} is not read."
    return []


def read_dialogue(checked: Checked, content: bytes, faults: Faults) -> None:
    """Read a message around data; what it says is noted."""
    from sdmxmig.formats.sdmx_ml import registry

    name, kind = checked.file, checked.detected.kind
    if kind == "registry" and checked.detected.format == "sdmx-ml-2.0":
        what = spaced(checked.detected.name.rpartition(" ")[2].strip("()"))
        checked.notes = (f"It is a {what}. {OLD_DIALOGUE}",)
    elif kind == "error":
        answer = registry.read_error(name, content, faults)
        checked.size, checked.notes = len(answer.errors), (str(answer),)
    elif kind == "query":
        checked.notes = (f"It asks for {registry.read_query(name, content, faults)}",)
    else:
        body = registry.read_registry(name, content, faults).body
        listed = [getattr(body, part, ()) for part in ("results", "requests", "found", "subscriptions", "artefacts")]
        checked.size, checked.unit = sum(map(len, listed)), "part"
        checked.notes = (f"It is a {spaced(type(body).__name__)}.",) if body is not None else ()


def spaced(name: str) -> str:
    """The words of a name, such as ``structure submission``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def read_data(
    checked: Checked, content: bytes, form: Format, flows: Mapping[str, Flow], faults: Faults, schema: Schema
) -> list[Problem]:
    """Read data past their faults; what is wrong with their values comes back, with its places."""
    from sdmxmig.checking.content import Contents

    name, contents = checked.file, Contents()
    try:
        for block in form.read_data(name, io.BytesIO(content), flows, faults) if form.read_data else ():
            contents.take(block)
        contents.close()
    finally:
        checked.size = contents.size
    checked.notes = sender_notes(name, content, checked.detected)
    if contents.unchecked and not schema.covers_data:
        lists = ", ".join(contents.unchecked)
        checked.unchecked = f"The codelists of {lists} are not known; these codes were not checked."
    wrong = [one for one in contents.found.values() if not schema.covers_data or one.sought.skipped]
    if not wrong:
        return []
    places = seeker_of(checked.detected)(name, content, [one.sought for one in wrong])
    return [Problem(place, one.message) for one, found in zip(wrong, places, strict=True) for place in found]


def seeker_of(detected: Detected) -> Seek:
    """What finds values again in a file of this format."""
    family = detected.format.rpartition("-generic")[0] or detected.format
    if family.startswith("sdmx-csv"):
        from sdmxmig.formats.sdmx_csv.seeking import seek as seek_csv

        return seek_csv
    if family.startswith("sdmx-json"):
        from sdmxmig.formats.sdmx_json.seeking import seek as seek_json

        return seek_json
    from sdmxmig.formats.sdmx_ml.seeking import seek

    return seek


def sender_notes(name: str, content: bytes, detected: Detected) -> tuple[str, ...]:
    """What the sender says in the footer of a message."""
    if not detected.format.startswith("sdmx-ml"):
        return ()
    from sdmxmig.formats.sdmx_ml.headers import read_notes

    try:
        notes = read_notes(name, io.BytesIO(content))
    except InputError:  # the reading tells of it
        return ()
    return tuple(" ".join(f"{note.severity} {note.code}: {note.text}".split()) for note in notes)
