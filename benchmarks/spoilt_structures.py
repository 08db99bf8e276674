"""Campaign: structure, metadata and registry messages with damaged structure are read, refused or reported.

A case is a message, a damage and a seed. The message goes through the functions of ``sdmxmig check`` and ``sdmxmig
transform``, strictly and leniently. Refusals have a place; written messages are valid by the official schema and read
back unchanged. The messages are small hand-made ones of every version and kind, and published ones if available.
"""

from __future__ import annotations

import contextlib
import io
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields, is_dataclass
from itertools import zip_longest
from pathlib import Path

import made
import made_artefacts
import made_dialogues
import made_first_json
import made_metadata
import made_old_structures

from benchmarks.spoilers import WAYS, spoilt
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.quality.checking import identify_and_check
from sdmxmig.sdmx.exchange import list_artefact_names, transform
from sdmxmig.sdmx.formats import FORMATS, Format, structure_bytes
from sdmxmig.sdmx.formats.detection import Detection, detect
from sdmxmig.sdmx.formats.faults import TOLERANT, Faults
from sdmxmig.sdmx.formats.sdmx_json import schemas
from sdmxmig.sdmx.formats.sdmx_ml import xsd
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import write_error
from sdmxmig.sdmx.formats.sdmx_ml.registry import write_registrations
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header

STRUCTURES = [one for one in FORMATS if FORMATS[one].write_structures]
METADATA = [one for one in FORMATS if FORMATS[one].write_metadata]
SLOWEST = 10.0
LARGEST = 60_000
"""Messages of others are spoilt up to this size, in bytes."""


@dataclass(frozen=True, slots=True)
class Case:
    """One spoilt message: which, spoilt how, with which seed."""

    message: str
    way: str
    _: KW_ONLY
    seed: int

    @property
    def id(self) -> str:
        return f"{self.message}/{self.way}/{self.seed}"


def written() -> Iterator[tuple[str, bytes]]:
    """Messages of every kind of artefact in each version that has it, and of metadata."""
    versions = {"sdmx-ml-2.1": "2.1", "sdmx-ml-3.0": "3.0", "sdmx-ml-3.1": "3.1"}
    versions |= {"sdmx-json-2.0": "3.0", "sdmx-json-2.1": "3.1"}
    for name, version in versions.items():
        for kind, artefact in made_artefacts.OF_VERSION[version].items():
            with contextlib.suppress(SdmxmigError):  # links and validities that JSON has no words for
                yield f"{name}, {kind}", structure_bytes(FORMATS[name], [artefact], made.HEADER)
    for name in METADATA:
        if write := FORMATS[name].write_metadata if FORMATS[name].suffix != ".csv" else None:
            old = name == "sdmx-ml-2.1"
            yield f"{name}, metadata", write([made_metadata.OLD if old else made_metadata.NEW], made.HEADER)


def dialogues() -> Iterator[tuple[str, bytes]]:
    """Messages to and from registries and services."""
    for dialect in DIALECTS:
        registered = write_registrations(made_dialogues.REGISTRATIONS, made_dialogues.HEADER, dialect)
        yield f"{dialect.id}, registry, registrations", registered
        yield f"{dialect.id}, registry, answer", made_dialogues.answer(dialect)
        yield f"{dialect.id}, error", write_error(made_dialogues.ERRORS, dialect)
    yield "FLOW_QUERY", made_dialogues.FLOW_QUERY
    yield "DATA_QUERY", made_dialogues.DATA_QUERY
    yield "OLD_QUERY", made_dialogues.OLD_QUERY


def old() -> Iterator[tuple[str, bytes]]:
    """Messages of versions that are only read."""
    groups = {"2.0": made_old_structures.PUBLISHED, "2.0, answer": made_old_structures.ANSWERS}
    groups |= {"2.0, dialogue": made_old_structures.DIALOGUES}
    for version, found in {**groups, "JSON 1.0": made_first_json.MESSAGES}.items():
        yield from ((f"{version}, {name}", content) for name, content in found.items())


def published(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Small messages of others that hold no data, if they are here."""
    for path in sorted([*folder.rglob("*.xml"), *folder.rglob("*.json")]):
        content = path.read_bytes() if path.stat().st_size <= LARGEST else b""
        try:
            kind = detect(path.name, content).kind if content else "data"
        except SdmxmigError:
            continue
        if kind != "data" and "invalid" not in path.parts:
            yield str(path.relative_to(folder)), content


def cases(count: int, messages: Mapping[str, bytes]) -> Iterator[Case]:
    """This many cases, spread evenly over messages and ways."""
    names = sorted(messages)
    for number in range(count):
        message = names[number % len(names)]
        way = WAYS[(number + number // len(names)) % len(WAYS)]
        yield Case(message, way, seed=number)


class Reader:
    """Reads spoilt messages as check and transform do, and says how it ended."""

    def __init__(self, samples: Path) -> None:
        self.messages = dict([*written(), *dialogues(), *old(), *published(samples)])

    def outcome(self, case: Case) -> str:
        """``read``, ``refused`` with a place, ``told`` (faults and losses listed), or an unacceptable result."""
        chance = random.Random(case.seed)  # noqa: S311 - no secret here
        content = spoilt(self.messages[case.message], case.way, chance)
        start = time.perf_counter()
        try:
            said = judged(content, chance)
        except Unwanted as error:
            return str(error)
        except Exception as error:  # the campaign's very question
            return f"raw {type(error).__name__}: {error}"
        return said if time.perf_counter() - start < SLOWEST else "too slow"


class Unwanted(Exception):  # noqa: N818 - no error of the program's users
    """A failure that the campaign looks for, other than raw exceptions."""


def placed(error: SdmxmigError) -> str:
    """Refused; a refusal without a file is not as it should be."""
    if error.place is None or not error.place.file:
        raise Unwanted(f"refused without a place: {error}")
    return "refused"


def judged(content: bytes, chance: random.Random) -> str:
    """How a message is checked, and what it becomes."""
    try:
        detected = detect("spoilt", content)
        checked = identify_and_check("spoilt", content, {})
        lenient = identify_and_check("spoilt", content, {}, lenient=True)
    except SdmxmigError as error:
        return placed(error)
    problems = [*checked.problems, *lenient.problems]
    if bare := [problem for problem in problems if not problem.place.file or not problem.message]:
        raise Unwanted(f"told without a place: {bare[0].message}")
    targets = {"structure": STRUCTURES, "metadata": METADATA}.get(detected.kind)
    if targets is None:
        return "told" if problems else "read"
    targets = [*targets, *([detected.format] * 3 if detected.format in targets else [])]
    clean = not checked.problems and not checked.unchecked
    strictly = become(content, detected, FORMATS[chance.choice(targets)], Faults(TOLERANT), clean=clean)
    become(content, detected, FORMATS[chance.choice(targets)], Faults(), clean=clean)
    return "told" if strictly == "read" and problems else strictly


def become(content: bytes, detected: Detection, target: Format, faults: Faults, *, clean: bool) -> str:
    """Convert a message: the result is valid, and equals the original or what was reported."""
    out, left, said = io.BytesIO(), list[SdmxmigError](), list[str]()

    def heading(header: Header | None) -> Header:
        return header or made.HEADER  # as on the command line

    try:
        transform(
            "spoilt", io.BytesIO(content), target, out, flows={}, header=heading, faults=faults,
            tell=said.append, leave=left.append,
        )  # fmt: skip
    except SdmxmigError as error:
        if clean and isinstance(error, InputError):
            raise Unwanted(f"refused by transform, not by check: {error}") from error
        return placed(error)
    if first := first_problem(target, out.getvalue(), detected.kind):
        raise Unwanted(f"{target.name} is invalid: {first}")
    if not left and not (faults.policy == TOLERANT and faults.listed):  # what it lists may be left out
        task = "read_metadata" if detected.kind == "metadata" else "read_structures"
        come_back(content, FORMATS[detected.format], target=target, written=out.getvalue(), task=task)
    return "told" if left or said or faults.listed else "read"


def first_problem(target: Format, content: bytes, kind: str) -> str:
    """Return the first violation of the official schema in a written message."""
    found: Sequence[tuple[object, str]] = []
    if target.suffix == ".xml":
        found = xsd.find_problems(content)
    elif target.suffix == ".json":
        found = schemas.find_problems("written", content, target.id.rpartition("-")[2], kind)
    return found[0][1] if found else ""


def come_back(content: bytes, source: Format, target: Format, written: bytes, task: str) -> None:
    """Read a written message again; in the original format it is equal except for generated names."""
    again = getattr(target, task)("written", written)
    if source is not target:
        return
    before = distinct(getattr(source, task)("spoilt", content, Faults()))
    named = {
        artefact.ref
        for artefact in before
        if not (artefact.name if isinstance(artefact, MetadataSet) else list_artefact_names([artefact]) == "")
    }
    for left, right in zip_longest(before, distinct(again)):
        if left != right and (left is None or right is None or left.ref != right.ref or left.ref not in named):
            raise Unwanted(f"comes back otherwise: {difference(left, right)}")


def distinct(read: Iterable[Artefact | MetadataSet]) -> list[Artefact | MetadataSet]:
    """Return the artefacts in the order of their names, each once."""
    ordered = sorted(read, key=lambda artefact: str(artefact.ref))
    return [artefact for number, artefact in enumerate(ordered) if number == 0 or artefact != ordered[number - 1]]


def difference(before: object, after: object, path: str = "") -> str:
    """Return the first difference of two artefacts with both values."""
    if type(before) is type(after) and is_dataclass(before) and is_dataclass(after):
        pairs = [(field.name, getattr(before, field.name), getattr(after, field.name)) for field in fields(before)]
        differing = [(name, left, right) for name, left, right in pairs if left != right and name != "place"]
    elif isinstance(before, tuple) and isinstance(after, tuple):
        pairs = [(str(number), *both) for number, both in enumerate(zip_longest(before, after))]
        differing = [(name, left, right) for name, left, right in pairs if left != right]
    else:
        differing = []
    if not differing:
        return f"{path}: {str(before)[:300]} became {str(after)[:300]}"
    name, left, right = differing[0]
    return difference(left, right, f"{path}/{name}")
