"""The outline of a data message: everything but its series and observations, and where these stand.

Members of a message may come in any order, and what stands after the observations is needed to read them. A message
is therefore walked through once without holding it; its series and observations are passed over, the rest is parsed.
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
    """A message without its series and observations, and where these stand, by their paths."""

    root: Node
    spans: dict[Path, Span]


def outline_of(opened: SeekableInput, faults: Faults | None, check: Callable[[Path, Span], None]) -> Outline:
    """Walk through a message; `check` refuses a span that is not well formed.

    Read leniently, a message that ends among its observations is noted, and ends there.

    Raises `InputError` with line and column, or with a JSON pointer, as `parse_json` does.
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
    """A walk through a message to its end, or to where it is no JSON: parsing what it kept says so."""
    walk = Walk(opened, of_dataset)
    try:
        walk.value()
    except Lost:
        walk.go_on(REST)
    return walk


def refusal(error: InputError, walk: Walk, check: Callable[[Path, Span], None]) -> InputError:
    """The error for the first place of a message that is not well formed, which may lie in a span."""
    if error.place is None or not error.place.line:
        return error
    offset = walk.source(offset_of(bytes(walk.retained), error.place))
    for path, span in sorted(walk.spans.items(), key=lambda pair: pair[1].start):
        if span.start < offset:
            check(path, span)
    return InputError(error.message, walk.opened.place(offset), error.hint)


def offset_of(content: bytes, place: Place) -> int:
    """The offset of a line and column."""
    start = 0
    for _ in range(place.line - 1):
        start = content.index(b"\n", start) + 1
    return start + place.column - 1


def of_dataset(path: Path) -> str:
    """What stands at a place of a data message: a span, a way to one, or something else."""
    inside = path[1:] if path[:1] == ("data",) else path
    if len(inside) == 3 and inside[0] == "dataSets" and inside[2] in SPANS:
        return "span"
    return "way" if inside in ((), ("dataSets",)) or (len(inside) == 2 and inside[0] == "dataSets") else ""
