"""Undo of text changes, keeping later ones.

Undo of cell changes, keeping later ones.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from sdmxmig.conversion.tables import read
from sdmxmig.io.publishing.files import is_untouched, signed, unsigned
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.reporting.outputs.patched_workbook import patch
from sdmxmig.workspace.tasks.sheet_views import changed_cells, texts_among

MOST_PAIRS = 4_000_000
Change = tuple[int, int, list[str]]
"""Which lines of a text, from one up to another, become which."""


class NotMergeable(Exception):  # noqa: N818 - the name says what is the matter
    """Changes overlap, or files are not text."""


def without_signed_step(before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    contents = [content for content in (before, after, present) if content is not None]
    if len(contents) < 3 or not all(map(is_untouched, contents)):
        return without_step(before, after, present)
    return signed(without_step(*map(unsigned, contents)))


def without_step(before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    r"""Undo a change between `before` and `after`.

    Raises `NotMergeable` for overlaps; adjacent lines only in TOML with equal other keys.

    >>> without_step(b"a\nb\nc\nd\n", b"a\nB\nc\nd\n", b"a\nB\nc\nD\n")
    b'a\nb\nc\nD\n'
    """
    texts = [lines_of(content) for content in (after, before, present)]
    base, back, later = texts
    changes = changes_between(base, back)
    others = changes_between(base, later)
    if len(changes) * len(others) > MOST_PAIRS:
        raise NotMergeable
    pairs = [(change, other) for change in changes for other in others if change != other]
    if any(overlap(change, other) for change, other in pairs):
        raise NotMergeable
    merged, at = [], 0
    for start, end, lines in sorted([*changes, *(other for other in others if other not in changes)]):
        merged += [*base[at:start], *lines]
        at = end
    merged += base[at:]
    if any(touch(change, other) for change, other in pairs) and not is_same_but_for(back, texts[0], later, merged):
        raise NotMergeable
    return "".join(merged).encode()


def lines_of(content: bytes | None) -> list[str]:
    if content is None or b"\0" in content:
        raise NotMergeable
    try:
        return content.decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        raise NotMergeable from None


def changes_between(first: list[str], second: list[str]) -> list[Change]:
    most = min(len(first), len(second))
    ahead = next((at for at in range(most) if first[at] != second[at]), most)
    behind = next((at for at in range(most - ahead) if first[-1 - at] != second[-1 - at]), most - ahead)
    middle, other = first[ahead : len(first) - behind], second[ahead : len(second) - behind]
    counts = Counter(other)
    if sum(counts[line] for line in middle) > MOST_PAIRS:
        raise NotMergeable
    opcodes = SequenceMatcher(None, middle, other, autojunk=False).get_opcodes()
    return [(ahead + start, ahead + end, other[from_:to]) for tag, start, end, from_, to in opcodes if tag != "equal"]


def touch(change: Change, other: Change) -> bool:
    return change[0] <= other[1] and other[0] <= change[1]


def overlap(change: Change, other: Change) -> bool:
    are_put_in = change[0] == change[1] and other[0] == other[1]
    return change[0] == other[0] if are_put_in else change[0] < other[1] and other[0] < change[1]


def is_same_but_for(back: list[str], base: list[str], later: list[str], merged: list[str]) -> bool:
    try:
        before, after, present, result = (said_in("".join(lines)) for lines in (back, base, later, merged))
    except (ValueError, RecursionError):
        return False
    wanted = dict(present)
    for key in before.keys() | after.keys():
        if before.get(key) == after.get(key):
            continue
        if present.get(key) != after.get(key):
            return False
        wanted.pop(key, None)
        if key in before:
            wanted[key] = before[key]
    return result == wanted


def said_in(text: str) -> dict[str, Any]:
    return dict(leaves("", tomllib.loads(text)))


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(f"{path}\0{key}", inner)
    elif isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value):
        texts = [json.dumps(entry, sort_keys=True, default=str) for entry in value]
        yield from ((f"{path}\0{text}", texts.count(text)) for text in texts)
    else:
        yield path, value


MOST_CELLS = 1_000


def without_corrected_cells(name: str, before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    """Restore cells that still have the written text.

    Raises `NotMergeable` for other files and later changes of these cells.
    """
    if before is None or after is None or present is None or not name.lower().endswith(".xlsx"):
        raise NotMergeable
    try:
        then = read(name, before)
        changes = changed_cells(then, read(name, after))
        cells = {at: was for at, (was, _) in changes.items()}
        now = read(name, present)
        since = changed_cells(read(name, after), now)
        if not 0 < len(cells) <= MOST_CELLS or cells.keys() & since.keys():
            raise NotMergeable
        patched = patch(name, present, cells, kept_as_text=texts_among(then, cells))
        merged = changed_cells(now, read(name, patched.content))
    except SdmxmigError:
        raise NotMergeable from None
    if patched.formulas or {at: text for at, (_, text) in merged.items()} != cells:
        raise NotMergeable
    return patched.content
