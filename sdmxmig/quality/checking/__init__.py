"""Checks of SDMX messages: detected type and problems."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from sdmxmig.io.intake.files import MIB, read_limited
from sdmxmig.io.intake.incoming import KeptMessage, keep_message, wrap_stream
from sdmxmig.primitives.errors import InputError, UnknownStructure, write_count
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.summaries import Summary, add_summary
from sdmxmig.quality.checking.content import Contents, ValueProblem, apply_agreement, quote_value
from sdmxmig.sdmx.checking.item_schemes import find_extension_faults, find_item_faults
from sdmxmig.sdmx.checking.reading import (
    ERROR,
    LATEST,
    VERSIONS,
    WARNING,
    MessageReading,
    Problem,
    Schema,
    build_reading,
    find_schema,
)
from sdmxmig.sdmx.formats import FORMATS, Format
from sdmxmig.sdmx.formats.detection import Detection, detect
from sdmxmig.sdmx.formats.faults import Faults, is_read
from sdmxmig.sdmx.formats.flows import (
    OtherFlow,
    explain_loose_name,
    explain_missing_codelists,
    explain_unknown_agreement,
)
from sdmxmig.sdmx.formats.inference import InferenceResult, infer_flows
from sdmxmig.sdmx.formats.message_header import read_header
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import ErrorMessage

if TYPE_CHECKING:
    from sdmxmig.sdmx.formats.sdmx_json import headers as json_headers
    from sdmxmig.sdmx.formats.sdmx_ml import header_writing, headers
else:
    json_headers = import_lazily("sdmxmig.sdmx.formats.sdmx_json.headers")
    header_writing = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.header_writing")
    headers = import_lazily("sdmxmig.sdmx.formats.sdmx_ml.headers")

MAX_EXACT_LINE = 65_534
"""Maximum line number of the schema check; beyond it lines may be off by one."""
UNIT_NAMES = {"structure": "artefact", "data": "observation", "metadata": "metadata set", "error": "error"}
FORMAT_NOTES = {
    "registry": "Only the form of messages to and from registries is checked, against the official schema.",
    "query": "Only the form of queries is checked, against the official schema.",
}
"""Notes on messages whose content is not read, by kind."""
NOTES, NOTES_LENGTH = (b"Footer", "Footer".encode("utf-16-le"), "Footer".encode("utf-16-be"), b'"errors"'), MIB
SCHEMA_VALUE = re.compile(r"attribute '(?P<name>[^']+)': (?:\[facet[^\]]*\] The value )?'(?P<value>.*?)' is not ")
INFERRED_NOTE = "Codes and types were not checked"
STRUCTURE_HINT = "give the structure with --structure FILE"
MAX_SHOWN = 5


@add_summary
@dataclass(slots=True, kw_only=True)
class CheckResult:
    """The result of a check: detected type, number of `unit` read, and problems.

    `unlisted` counts further problems. `unchecked` gives reasons for checks not run. `notes` are from the sender;
    `taken` lists how incomplete references were resolved.
    """

    file: str
    detected: Detection
    size: int = 0
    unit: str = ""
    problems: list[Problem] = field(default_factory=list)
    unlisted: int = 0
    unchecked: str = ""
    notes: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not (self.problems or self.unlisted or self.unchecked)

    def summary(self) -> Summary:
        many = write_count(len(self.problems) + self.unlisted, "problem")
        verdict = "valid" if self.ok else many if self.problems else "not all checked"
        facts = [("holds", write_count(self.size, self.unit))] if self.unit else []
        facts += [("not checked", self.unchecked)] if self.unchecked else []
        rows = tuple((problem.severity, str(problem.place), problem.message) for problem in self.problems[:MAX_SHOWN])
        more = len(self.problems) + self.unlisted - len(rows)
        return Summary(
            f"{self.file}: {self.detected.name}: {verdict}",
            tuple(facts),
            columns=("severity", "place", "what") if rows else (),
            rows=rows,
            more=f"… {more:,} more" if more else "",
        )


def identify_and_check(
    name: str,
    message: bytes | BinaryIO,
    flows: Mapping[str, Flow],
    *,
    lenient: bool = False,
    advice: str = STRUCTURE_HINT,
) -> CheckResult:
    """Identify a file and list its problems in file order.

    Validates with official and generated schemas. If `flows` has the structure, also checks codes, types and
    constraints. `lenient` lists only values that lenient reading omits or repairs. `advice` is the hint for unknown
    structures. Memory is constant; streams are spooled. Raises `InputError` if the file is not SDMX.
    """
    stream = wrap_stream(io.BytesIO(message) if isinstance(message, bytes) else message, name)
    detected = detect(name, stream)
    checked, faults = CheckResult(file=name, detected=detected, unit=UNIT_NAMES.get(detected.kind, "")), Faults()
    with keep_message(stream, name) as kept_message:
        form = FORMATS[detected.format] if detected.format in FORMATS else None  # noqa: SIM401 - a Kind has no get
        if detected.kind == "data" and form is not None and form.read_data is not None:
            schema, value_problems = check_data(
                checked, kept_message, form=form, flows=flows, faults=faults, lenient=lenient, advice=advice
            )
        else:
            schema, value_problems = check_whole_message(checked, kept_message, form, faults, lenient=lenient), []
        if detected.kind == "data":
            checked.notes = list_sender_notes(kept_message, detected)
    unknown = [error for error in faults.listed if isinstance(error, UnknownStructure)]
    problems = [
        Problem(error.place or Place(name), write_error_text(error), severity=WARNING if is_read(error) else ERROR)
        for error in faults.listed
        if error not in unknown
    ]
    if unknown and detected.format.startswith("sdmx-csv"):  # the data columns are then unknown too
        problems = [problem for problem in problems if problem.place.line > 1]
    if not lenient:
        schema_problems = [
            replace(problem, severity=WARNING) if accepts_as_deviation(problems, detected) else problem
            for problem in drop_raw_dumps(schema.problems, problems)
        ]
        schema_problems = [problem for problem in schema_problems if not repeats_value_problem(problem, value_problems)]
        problems = [
            *(problem for problem in schema_problems if not is_reported_by_reading(problem, problems)),
            *problems,
            *value_problems,
        ]
    checked.problems = sorted(problems, key=lambda problem: problem.place)
    checked.unlisted = sum(faults.unlisted.values())
    reasons = [
        f"{unknown_structure.message} The content was not checked; {advice}." for unknown_structure in unknown[:1]
    ]
    reasons += [checked.unchecked, *schema.unchecked]
    checked.unchecked = " ".join(dict.fromkeys(reason for reason in reasons if reason))
    return checked


def write_error_text(error: InputError) -> str:
    rows = f" Rows: {error.rows:,}." if isinstance(error, OtherFlow) and error.rows > 1 else ""
    return f"{error.message}{rows} {error.hint}".strip()


def is_reported_by_reading(schema_problem: Problem, problems: Sequence[Problem]) -> bool:
    """Check whether reading reports the same problem, by line or key and by the name that is wrong."""
    place, message = schema_problem.place, schema_problem.message
    names = re.findall(r"['\"](?:\{[^'}]*\})?([^'\"]+)['\"]", message)
    names = names[1:] if "attribute '" in message else names  # the first one is the element, as in others of its line
    for problem in problems:
        if problem.message == message:
            return True
        by_key = bool(place.key) and problem.place.key.startswith(place.key)
        line_distance = abs(place.line - problem.place.line)
        if not by_key and (problem.place.key or line_distance > (place.line > MAX_EXACT_LINE)):
            continue
        if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", problem.message) for name in names) or (
            "well" in message and "well" in problem.message
        ):
            return True
    return False


def accepts_as_deviation(read_problems: Sequence[Problem], detected: Detection) -> bool:
    """Check whether reading accepts the deviations of a message from its schema; those of data are compared singly."""
    is_compared = detected.kind == "data" or detected.kind in FORMAT_NOTES
    return not is_compared and all(problem.severity == WARNING for problem in read_problems)


def repeats_value_problem(problem: Problem, value_problems: Sequence[Problem]) -> bool:
    """Check whether a schema problem repeats a value problem at a less exact place."""
    match = SCHEMA_VALUE.search(problem.message)
    if match is None:
        return False
    quoted, component = f"{quote_value(match['value'])} of ", f" of {match['name']} "
    return any(
        value_problem.message.startswith(quoted)
        and (component in value_problem.message or value_problem.place.line == problem.place.line)
        for value_problem in value_problems
    )


def drop_raw_dumps(schema: Sequence[Problem], read_problems: Sequence[Problem]) -> list[Problem]:
    return [
        problem
        for problem in schema
        if problem.message[0] not in "{["
        or not any(read_problem.place.key.startswith(problem.place.key) for read_problem in read_problems)
    ]


def check_whole_message(
    checked: CheckResult, message: KeptMessage, form: Format | None, faults: Faults, *, lenient: bool
) -> Schema:
    name, detected, schema = checked.file, checked.detected, Schema()
    try:
        content = read_limited(message.again(), name)
        if not lenient:
            schema = find_schema(name, content, detected)
        artefacts = read_content(checked, content, form, faults)
        if not lenient:
            for error in (*find_item_faults(name, content, artefacts), *find_extension_faults(name, artefacts)):
                faults.note(error)
    except InputError as error:
        faults.listed.append(error)
    return schema


def read_content(checked: CheckResult, content: bytes, form: Format | None, faults: Faults) -> tuple[Artefact, ...]:
    name, detected = checked.file, checked.detected
    if form is not None and detected.kind in ("structure", "metadata"):
        read_header(form, name, io.BytesIO(content), faults)
    if detected.kind == "structure" and form is not None and form.read_structures is not None:
        artefacts = form.read_structures(name, content, faults)
        checked.size = len(artefacts)
        return artefacts
    if detected.kind == "metadata" and form is not None and form.read_metadata is not None:
        checked.size = len(form.read_metadata(name, content, faults))
    elif detected.kind in FORMAT_NOTES:
        document = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", detected.name.rpartition(" ")[2].strip("()"))
        checked.notes = (f"It is a {document.lower()}. {FORMAT_NOTES[detected.kind]}",)
    elif detected.kind == "error":
        if detected.format.startswith("sdmx-ml-"):
            answer = header_writing.read_error(name, content, faults)
        else:
            answer = ErrorMessage(json_headers.read_notes(name, io.BytesIO(content)))
        checked.size, checked.notes = len(answer.errors), (str(answer),)
    else:
        checked.unchecked = f"The content of {detected.name} is not read."
    return ()


def check_data(
    checked: CheckResult,
    message: KeptMessage,
    form: Format,
    flows: Mapping[str, Flow],
    faults: Faults,
    *,
    lenient: bool,
    advice: str,
) -> tuple[Schema, list[Problem]]:
    with ExitStack() as opened:
        reading = build_reading(message, form, flows, opened)
        contents, reading_faults = read_contents(reading, form, checked)
        inference = InferenceResult(flows=flows)
        if any(isinstance(error, UnknownStructure) for error in reading_faults.listed):
            inference = infer_flows(form, message.name, message.again(), flows)
        if inference.inferred_flows:
            reading = build_reading(message, form, inference.flows, opened)
            contents, reading_faults = read_contents(reading, form, checked)
        schema = Schema() if lenient else reading.schema(flows)
    faults.add(reading_faults)
    schema.unchecked += [
        f"{sentence} {INFERRED_NOTE}; {advice}." for sentence in (*inference.sentences, *contents.described)
    ]
    if contents.unlisted:
        schema.unchecked.append(explain_missing_codelists(contents.unlisted))
    schema.unchecked += contents.unchecked
    return schema, [] if lenient else locate_problems(contents, reading)


def locate_problems(contents: Contents, reading: MessageReading) -> list[Problem]:
    if contents.duplicates.height or contents.incomplete:
        contents.read_again(reading.blocks(Faults()))
    value_problems = list(contents.problems.values())
    places = reading.locate([value_problem.sought for value_problem in value_problems]) if value_problems else []
    return [
        problem
        for value_problem, value_places in zip(value_problems, places, strict=False)
        for problem in assign_places(value_problem, value_places)
    ]


def assign_places(value_problem: ValueProblem, places: Sequence[Place]) -> list[Problem]:
    number, total = value_problem.again
    if number and len(places) == total:
        return [Problem(places[number], f"{value_problem.message} The first is at {places[0]}.")]
    return [Problem(place, value_problem.message) for place in places]


def read_contents(reading: MessageReading, form: Format, checked: CheckResult) -> tuple[Contents, Faults]:
    contents, faults = Contents(version=VERSIONS.get(form.id, LATEST)), Faults()
    try:
        header = read_header(form, checked.file, reading.source(), faults)
        for block in reading.blocks(faults):
            contents.take(apply_agreement(block, reading.flows, header))
            if guess := explain_unknown_agreement(reading.flows, block):
                contents.unchecked[guess] = None
            if sentence := explain_loose_name(block.flow):
                is_open = block.flow.chosen is not None and block.flow.chosen.alternatives
                (contents.unchecked if is_open else contents.taken)[sentence] = None
        contents.close()
    except InputError as error:
        faults.listed.append(error)
    checked.size, checked.taken = contents.size, tuple(contents.taken)
    return contents, faults


def list_sender_notes(message: KeptMessage, detected: Detection) -> tuple[str, ...]:
    readers = {"sdmx-ml": headers.read_notes, "sdmx-json": json_headers.read_notes}
    read = next((reader for name, reader in readers.items() if detected.format.startswith(name)), None)
    if read is None or not any(word in message.end(NOTES_LENGTH) for word in NOTES):
        return ()
    try:
        notes = read(message.name, message.again())
    except InputError:  # reading reports it
        return ()
    return tuple(" ".join(f"{note.severity} {note.code}: {note.text}".split()) for note in notes)


@dataclass(slots=True)
class BlockChecker:
    form: Format
    contents: Contents = field(init=False)
    flows: dict[str, Flow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.contents = Contents(version=VERSIONS.get(self.form.id, LATEST))

    def check_blocks(self, blocks: Iterable[Dataset]) -> Iterator[Dataset]:
        for block in blocks:
            self.contents.take(block)
            self.flows[block.flow.dataflow.ref.short] = block.flow
            yield block
        self.contents.close()

    @property
    def is_sound(self) -> bool:
        return not (self.contents.problems or self.contents.duplicates.height or self.contents.incomplete)

    def problems(self, name: str, message: KeptMessage | None, flows: Mapping[str, Flow]) -> list[Problem]:
        if message is not None:
            with ExitStack() as opened:
                return locate_problems(
                    self.contents, build_reading(message, self.form, {**self.flows, **flows}, opened)
                )
        repeated = self.contents.duplicates.height
        sentences = (
            [f"{write_count(repeated, 'observation')} {'occurs' if repeated == 1 else 'occur'} twice."]
            if repeated
            else []
        )
        return [Problem(Place(name), sentence) for sentence in (*self.contents.problems, *sentences)]
