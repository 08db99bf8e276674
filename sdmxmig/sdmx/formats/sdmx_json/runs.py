"""Series or observations in runs of several MiB of whole members, and locations of values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np

from sdmxmig.io.intake.files import MIB
from sdmxmig.io.intake.incoming import KeptMessage
from sdmxmig.io.intake.json import escape_json_name, parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, SoughtValues, limit_places
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.walk import (
    BLANK_BYTES,
    ESCAPE_PATTERN,
    Outline,
    Path,
    SeekableInput,
    Span,
    compute_depth_steps,
    find_brackets,
    make_seekable,
    replace_forbidden,
)
from sdmxmig.sdmx.model.data import Flow

WINDOW_BYTES = 4 * MIB
MAX_BYTES = 256 * MIB
"""The largest run, for a series of millions of observations."""
TAIL_BYTES = 1 << 16
RUN_ENDS = {
    "series": re.compile(rb'\}[ \t\r\n]*,[ \t\r\n]*"'),
    "observations": re.compile(rb'\][ \t\r\n]*,[ \t\r\n]*"'),
}
RAW_DECODER = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class MemberRun:
    """A run of members and its position in the message; `sound` means known to be well formed."""

    text: bytes
    offset: int
    sound: bool = False

    def is_sound(self) -> bool:
        return self.sound or is_sound(self.text)

    def parsed(self, opened: SeekableInput, pointer: str) -> dict[str, Any]:
        content = b"{" + self.text + b"}"
        try:
            members: dict[str, Any] = parse_json(content, opened.name)
        except InputError as error:
            place = error.place or Place(opened.name)
            if place.line:
                inside = find_offset(content, place) - 1
                place = opened.place(self.offset + min(max(inside, 0), len(self.text)))
            elif place.key:
                place = replace(place, key=pointer + place.key.rstrip("/"))
            raise InputError(error.message, place, error.hint) from error
        return members


def cut_runs(opened: SeekableInput, span: Span, kind: str) -> Iterator[MemberRun]:
    """Cut a span of series or observations into runs. Raises `InputError` with its place if it cannot be cut."""
    at, size = span.start, WINDOW_BYTES
    while True:
        text = opened.read(at, min(size, span.end - at))
        if at + len(text) >= span.end or not text:
            if text.strip(BLANK_BYTES):
                yield MemberRun(text, at)
            elif at > span.start:  # a comma without anything after it
                yield MemberRun(b"," + text, at - 1)
            return
        cut = find_cut(text, kind)
        if cut is not None:
            comma, sound = cut
            nothing = not text[:comma].strip(BLANK_BYTES)  # then the comma makes it unsound
            yield MemberRun(text[: comma + nothing], at, sound=sound and not nothing)
            at, size = at + comma + 1, WINDOW_BYTES
        elif size < MAX_BYTES:
            size *= 2
        else:
            raise InputError(f"One of the {kind} is larger than {MAX_BYTES // MIB} MiB.", opened.place(at))


def write_pointer(path: Iterable[str | int]) -> str:
    return "".join(f"/{escape_json_name(step)}" for step in path)


def refuse_unsound(opened: SeekableInput) -> Callable[[Path, Span], None]:
    def check(path: Path, span: Span) -> None:
        for run in cut_runs(opened, span, str(path[-1])):
            run.parsed(opened, write_pointer(path))

    return check


def is_sound(text: bytes) -> bool:
    try:
        RAW_DECODER.decode(b"{%b}" % text)
    except msgspec.DecodeError:
        return False
    return True


def find_cut(text: bytes, kind: str) -> tuple[int, bool] | None:
    """Find the last comma between members, and whether the text before it is well formed; or None."""
    likely = max(
        (match.start() for match in RUN_ENDS[kind].finditer(text, max(len(text) - TAIL_BYTES, 0))), default=None
    )
    if likely is not None:
        comma = text.index(b",", likely)
        if is_sound(text[:comma]):
            return comma, True
    commas = find_commas(text)
    return (commas[-1], False) if commas else None


def find_commas(text: bytes) -> list[int]:
    clean = ESCAPE_PATTERN.sub(b"__", text)
    brackets, free = find_brackets(clean)
    signs = np.frombuffer(clean, np.uint8)
    levels = np.concatenate([[0], np.cumsum(compute_depth_steps(signs[brackets]))])
    commas = np.flatnonzero(free & (signs == ord(",")))
    offsets: list[int] = commas[levels[np.searchsorted(brackets, commas)] == 0].tolist()
    return offsets


def cut_members(run: MemberRun) -> Iterator[MemberRun]:
    start = 0
    for end in (*find_commas(run.text), len(run.text)):
        text = run.text[start:end]
        yield MemberRun(text if text.strip(BLANK_BYTES) else b",", run.offset + start)  # an empty run is sound
        start = end + 1


TRUNCATION_NOTE = "Its end is missing; the part before is read."


def scan_outline(
    opened: SeekableInput, faults: Faults | None, check: Callable[[Path, Span], None]
) -> tuple[Node, dict[Path, Span]]:
    """Return a message without its series and observations, and their positions by path.

    `check` rejects malformed spans.

    Lenient reading records a truncated message. Raises `InputError` with line and column or JSON pointer.
    """
    outline = Outline(opened)
    if faults is not None and outline.is_cut:
        faults.note(
            InputError("The JSON is not well formed: it ends too early.", opened.place(outline.offset), TRUNCATION_NOTE)
        )
        outline.retained += b"".join(container.end for container in reversed(outline.open))
    try:
        root = parse_json(bytes(outline.retained), opened.name)
    except InputError as error:
        raise relocate_error(error, outline, check) from error
    return Node(root, opened.name).of(dict, "A message"), outline.spans


def relocate_error(error: InputError, outline: Outline, check: Callable[[Path, Span], None]) -> InputError:
    if error.place is None or not error.place.line:
        return error
    offset = outline.source(find_offset(bytes(outline.retained), error.place))
    for path, span in sorted(outline.spans.items(), key=lambda pair: pair[1].start):
        if span.start < offset:
            check(path, span)
    return InputError(error.message, outline.opened.place(offset), error.hint)


def find_offset(content: bytes, place: Place) -> int:
    start = 0
    for _ in range(place.line - 1):
        start = content.index(b"\n", start) + 1
    return start + place.column - 1


ARRAY_MEMBERS = ("observations", "attributes", "dimensionGroupAttributes")
NAME_MEMBERS = ("id", "value", "name")
Slot = tuple[bool, int]
"""Whether an array belongs to an observation, and an index into it."""


def locate(message: KeptMessage, sought: Sequence[SoughtValues], _: Mapping[str, Flow]) -> list[list[Place]]:
    """Return the JSON pointers of values, else those of the datasets, in constant memory."""
    name = message.name
    try:
        with make_seekable(message.file(), name) as raw, replace_forbidden(raw, Faults()) as opened:
            outline = Outline(opened)
            seeker = ArrayLocator(parse_json(bytes(outline.retained), name), sought)
            for path, span in outline.spans.items() if seeker.pending else ():
                pointer = write_pointer(path)
                for run in cut_runs(opened, span, str(path[-1])):
                    if not seeker.pending:
                        break
                    seeker.look(parse_json(b"{" + run.text + b"}", name), pointer, str(path[-1]))
    except InputError:  # listed when the file was read
        return [[Place(name, key="/")] for _ in sought]
    all_places = [[Place(name, key=pointer) for pointer in pointers] for pointers in seeker.pointers]
    return [places or [Place(name, key=f"{seeker.above}/dataSets")] for places in limit_places(sought, all_places)]


class ArrayLocator:
    """Searches the arrays of datasets after the listed values."""

    def __init__(self, outline: dict[str, Any], sought: Sequence[SoughtValues]) -> None:
        inner = outline.get("data")
        self.data: dict[str, Any] = inner if isinstance(inner, dict) else outline
        self.above = "/data" if isinstance(inner, dict) else ""
        self.sought = sought
        self.pointers: list[list[str]] = [[] for _ in sought]
        self.pending: dict[Slot, dict[str, list[int]]] = {}
        for number, target in enumerate(sought):
            value = target.where.get(target.component) if len(target.where) == 1 else None
            if value is None:
                continue
            self.pointers[number] = list(find_listed_values(self.data, self.above, target.component, value))[
                : target.most
            ]
            if not self.pointers[number]:
                self._await(number, target.component, value)
        self.look(self.data.get("dataSets"), f"{self.above}/dataSets", "")

    def _await(self, number: int, component: str, value: str) -> None:
        for member in ("structures", "structure"):
            for level, index in find_slots(self.data.get(member), component):
                numbers = self.pending.setdefault((level == "observation", index), {}).setdefault(value, [])
                if number not in numbers:
                    numbers.append(number)

    def look(self, part: Any, pointer: str, name: str) -> None:
        for place, kind, array in find_arrays(part, pointer, name):
            for (is_observation, index), values in list(self.pending.items()):
                if is_observation == (kind == "observations") and len(array) > index:
                    cell = array[index]
                    for number in values.get(str(cell), ()) if type(cell) is not bool else ():
                        self._take(number, f"{place}/{index}")

    def _take(self, number: int, pointer: str) -> None:
        self.pointers[number].append(pointer)
        if len(self.pointers[number]) < self.sought[number].most:
            return
        for slot, values in list(self.pending.items()):
            remaining = {
                value: [other_number for other_number in numbers if other_number != number]
                for value, numbers in values.items()
            }
            self.pending[slot] = {value: numbers for value, numbers in remaining.items() if numbers}
            if not self.pending[slot]:
                del self.pending[slot]


def find_slots(structures: Any, component: str) -> set[tuple[str, int]]:
    """Return levels and array positions of a component; in version 1.0, the measure is first in observations."""
    slots = set()
    for structure in structures if isinstance(structures, list) else [structures]:
        holders = structure if isinstance(structure, dict) else {}
        levels = [("measure", name, components) for name, components in list_component_lists(holders.get("measures"))]
        measure_count = sum(len(components) for _, _, components in levels) or 1
        levels += [
            ("attribute", name, components) for name, components in list_component_lists(holders.get("attributes"))
        ]
        for role, level, listed in levels:
            for index, entry in enumerate(listed):
                if isinstance(entry, dict) and entry.get("id") == component:
                    moved = index + measure_count if role == "attribute" and level == "observation" else index
                    slots.add((level, moved))
        if (
            holders
            and "measures" not in holders
            and not any(part.get("id") == component for _, part in iterate_objects(holders, ""))
        ):
            slots.add(("observation", 0))
    return slots


def list_component_lists(levels: Any) -> list[tuple[str, list[Any]]]:
    return (
        [(name, components) for name, components in levels.items() if isinstance(components, list)]
        if isinstance(levels, dict)
        else []
    )


def find_arrays(value: Any, pointer: str, name: str = "") -> Iterator[tuple[str, str, list[Any]]]:
    if isinstance(value, list) and name in ARRAY_MEMBERS:
        yield pointer, name, value
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from find_arrays(element, f"{pointer}/{index}", name)
    elif isinstance(value, dict):
        for key, element in value.items():
            yield from find_arrays(element, f"{pointer}/{escape_json_name(key)}", name if key[:1].isdigit() else key)


def find_listed_values(data: dict[str, Any], above: str, component: str, value: str) -> Iterator[str]:
    for member in ("structures", "structure"):
        for pointer, part in iterate_objects(data.get(member), f"{above}/{member}"):
            values = part.get("values")
            if part.get("id") == component and isinstance(values, list):
                for index, entry in enumerate(values):
                    names = [entry.get(name) for name in NAME_MEMBERS] if isinstance(entry, dict) else [entry]
                    if any(str(name) == value for name in names if name is not None):
                        yield f"{pointer}/values/{index}"


def iterate_objects(value: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting = [(pointer, value)]
    while waiting:
        at, part = waiting.pop()
        if isinstance(part, dict):
            yield at, part
            waiting += [(f"{at}/{escape_json_name(name)}", inner) for name, inner in part.items()]
        elif isinstance(part, list):
            waiting += [(f"{at}/{index}", inner) for index, inner in enumerate(part)]
