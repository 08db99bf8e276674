"""Messages of others: what a file is, whether it is valid, and the same content in another format."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from sdmxmig.catalogue.structures import flows_from
from sdmxmig.errors import InputError, SdmxmigError, UnknownStructure
from sdmxmig.formats import DEFAULT_LAYOUT, FORMATS, Format, Layout
from sdmxmig.formats.detection import Detected, detect
from sdmxmig.model.data import Flow
from sdmxmig.model.structures import Artefact
from sdmxmig.model.submission import Header
from sdmxmig.places import Place

NO_SCHEMA = "No dataflow is known for the namespace"
"""How the schema check says that it was not given the structure of the data."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a message, and where."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: what the file is, how much it holds (artefacts or observations), and its problems.

    `unchecked` says what could not be judged, and why; it is empty when everything was.
    """

    file: str
    detected: Detected
    size: int
    problems: tuple[Problem, ...]
    unchecked: str = ""


def known_format(name: str) -> Format:
    """A format by its id; `SdmxmigError` with the ids that there are."""
    if name not in FORMATS:
        raise SdmxmigError(f"There is no format “{name}”.", hint=f"There are: {', '.join(FORMATS)}.")
    return FORMATS[name]


def read_structures(name: str, content: bytes) -> tuple[Artefact, ...]:
    """The artefacts of a structure message in any format; raises `InputError` with the place of what is wrong."""
    detected = detect(name, content)
    if detected.kind != "structure":
        raise InputError(f"This is {detected.name}, no structure message.", Place(name), "Give a structure message.")
    reader = known_format(detected.format).read_structures
    if reader is None:
        raise InputError(f"{detected.name} cannot be read yet.", Place(name))
    return reader(name, content)


def flows_with(flows: Mapping[str, Flow], artefacts: Iterable[Artefact]) -> dict[str, Flow]:
    """Known dataflows and those of structure messages; the latter win."""
    return {**flows, **flows_from(artefacts)}


def check(name: str, content: bytes, flows: Mapping[str, Flow]) -> Checked:
    """Say what a file is and all that is wrong with it: by the official schemas, then by reading it strictly.

    Structure-specific data are also judged by the schema of their structure when `flows` holds it. Raises
    `InputError` if the file is no SDMX message at all.
    """
    detected = detect(name, content)
    problems = schema_problems(name, content, detected, flows)
    if detected.format not in FORMATS or detected.kind not in ("structure", "data"):
        return Checked(name, detected, 0, tuple(problems), f"The content of {detected.name} is not read.")
    try:
        size, unchecked = measure(name, content, detected, FORMATS[detected.format], flows)
    except UnknownStructure as error:
        problems = [one for one in problems if not one.message.startswith(NO_SCHEMA)]
        size, unchecked = 0, f"{error.message} The content was not checked; give the structure with --structure FILE."
    except InputError as error:
        size, unchecked = 0, ""
        place = error.place or Place(name)
        if not any(one.place == place for one in problems):
            problems.append(Problem(place, f"{error.message} {error.hint}".strip()))
    return Checked(name, detected, size, tuple(problems), unchecked)


def schema_problems(name: str, content: bytes, detected: Detected, flows: Mapping[str, Flow]) -> list[Problem]:
    """What the official schema of the message says, in the order of the file."""
    if detected.format.startswith("sdmx-ml-") and not detected.format.startswith("sdmx-ml-2.0"):
        from sdmxmig.formats.sdmx_ml import xsd

        found = xsd.problems(content, flows.values())
        return [Problem(Place(name, line=line), message) for line, message in found]
    if detected.format in ("sdmx-json-2.0", "sdmx-json-2.1"):
        from sdmxmig.formats.sdmx_json import judging

        found_keys = judging.problems(name, content, detected.format.removeprefix("sdmx-json-"), detected.kind)
        return [Problem(Place(name, key=key), message) for key, message in found_keys]
    return []


def measure(name: str, content: bytes, detected: Detected, form: Format, flows: Mapping[str, Flow]) -> tuple[int, str]:
    """Read a message strictly and count its artefacts or observations; the second value says what was not read."""
    if detected.kind == "structure":
        if form.read_structures is None:
            return 0, f"{detected.name} cannot be read yet."
        return len(form.read_structures(name, content)), ""
    if form.read_data is None:
        return 0, f"{detected.name} cannot be read yet."
    blocks = form.read_data(name, io.BytesIO(content), flows)
    return sum(block.observations.height for block in blocks), ""


def transform(
    name: str,
    content: bytes,
    target: Format,
    out: BinaryIO,
    *,
    flows: Mapping[str, Flow],
    header: Header,
    layout: Layout = DEFAULT_LAYOUT,
) -> str:
    """Write the content of a message in another format; gives what the source was, as people say it.

    Data travel in blocks. Raises `SdmxmigError` if the target cannot hold what the source has.
    """
    detected = detect(name, content)
    source = known_format(detected.format)
    if detected.kind == "structure":
        if source.read_structures is None or target.write_structures is None:
            raise SdmxmigError(f"{detected.name} cannot become {target.name}.", Place(name))
        out.write(target.write_structures(source.read_structures(name, content), header))
    elif detected.kind == "data":
        if source.read_data is None or target.write_data is None:
            raise SdmxmigError(f"{detected.name} cannot become {target.name}.", Place(name))
        target.write_data(source.read_data(name, io.BytesIO(content), flows), header, out, layout)
    else:
        raise SdmxmigError(f"{detected.name} cannot be transformed.", Place(name), "Give structures or data.")
    return detected.name
