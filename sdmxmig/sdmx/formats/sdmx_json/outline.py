"""The outline of a data message: everything except series and observations, whose positions are recorded.

Members may come in any order and later ones are needed to read observations, so the message is scanned once first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.seekable_input import SeekableInput
from sdmxmig.sdmx.formats.sdmx_json.walk import Lost, Path, Span, Walk

SPANS = ("series", "observations")
REST = 1 << 16
ENDS = "Its end is missing; what stands before is read."


@dataclass(frozen=True, slots=True)
class Outline:
    """A message without its series and observations, and their positions by path."""

    root: Node
    spans: dict[Path, Span]


def outline_of(opened: SeekableInput, faults: Faults | None, check: Callable[[Path, Span], None]) -> Outline:
    """Scan a message; `check` rejects malformed spans.

    Lenient reading records a truncated message. Raises `InputError` with line and column or JSON pointer.
    """
    walk = Walk(opened, of_dataset)
    try:
        walk.value()
        if walk.goes_on():
            raise Lost
    except Lost:
        if faults is not None and walk.ends_in_span():
            faults.note(InputError("The JSON is not well formed: it ends too early.", opened.place(walk.offset), ENDS))
            walk.retained += b"".join(reversed(walk.open))
        else:
            walk.go_on(REST)
    try:
        root = parse_json(bytes(walk.retained), opened.name)
    except InputError as error:
        raise refusal(error, walk, check) from error
    return Outline(Node(root, opened.name).of(dict, "A message"), walk.spans)


def walked(opened: SeekableInput) -> Walk:
    walk = Walk(opened, of_dataset)
    try:
        walk.value()
    except Lost:
        walk.go_on(REST)
    return walk


def refusal(error: InputError, walk: Walk, check: Callable[[Path, Span], None]) -> InputError:
    if error.place is None or not error.place.line:
        return error
    offset = walk.source(offset_of(bytes(walk.retained), error.place))
    for path, span in sorted(walk.spans.items(), key=lambda pair: pair[1].start):
        if span.start < offset:
            check(path, span)
    return InputError(error.message, walk.opened.place(offset), error.hint)


def offset_of(content: bytes, place: Place) -> int:
    start = 0
    for _ in range(place.line - 1):
        start = content.index(b"\n", start) + 1
    return start + place.column - 1


def of_dataset(path: Path) -> str:
    inside = path[1:] if path[:1] == ("data",) else path
    if len(inside) == 3 and inside[0] == "dataSets" and inside[2] in SPANS:
        return "span"
    return "way" if inside in ((), ("dataSets",)) or (len(inside) == 2 and inside[0] == "dataSets") else ""
