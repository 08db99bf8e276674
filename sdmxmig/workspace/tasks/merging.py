"""Taking one change of a text back and keeping the later ones, line by line."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from sdmxmig.io.publishing.proposals import is_untouched, signed, unsigned

MOST_PAIRS = 4_000_000
"""So many pairs of like lines are compared at most: a table of very many like lines would take for ever."""
Change = tuple[int, int, list[str]]
"""Which lines of a text, from one up to another, become which."""


class NotMergeable(Exception):  # noqa: N818 - the name says what is the matter
    """Two changes are about the same lines, or the files are no text."""


def without_signed_step(before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    """A file as it is now, but for one change; the sign of one that sdmxmig wrote each time is made anew.

    Every change of such a file changes the sign, so that no step but the last one could be taken back otherwise.
    """
    contents = [content for content in (before, after, present) if content is not None]
    if len(contents) < 3 or not all(map(is_untouched, contents)):
        return without_step(before, after, present)
    return signed(without_step(*map(unsigned, contents)))


def without_step(before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    r"""A file as it is now, but for one change that was made of it: from `before` to `after`.

    Raises `NotMergeable` if lines of that change were changed again since, the file is none of lines, or it has too
    many lines that are alike. Where lines side by side were changed, only a TOML file is merged, and only if every
    other key says what it says now.

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
    """The lines of a text, with their ends."""
    if content is None or b"\0" in content:
        raise NotMergeable
    try:
        return content.decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        raise NotMergeable from None


def changes_between(first: list[str], second: list[str]) -> list[Change]:
    """What has to be changed in one text to get another; raises `NotMergeable` if it would take too long to say."""
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
    """Whether two changes are about the same lines, or about lines side by side."""
    return change[0] <= other[1] and other[0] <= change[1]


def overlap(change: Change, other: Change) -> bool:
    """Whether two changes are about the same lines, or put something in at the same place."""
    are_put_in = change[0] == change[1] and other[0] == other[1]
    return change[0] == other[0] if are_put_in else change[0] < other[1] and other[0] < change[1]


def is_same_but_for(back: list[str], base: list[str], later: list[str], merged: list[str]) -> bool:
    """Whether a TOML file says what it says now but for one change, key by key; False for what is no TOML.

    Lines side by side may belong to each other: a key stands below the heading before it.
    """
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
    """What a TOML file says, by key; a table of a list is known by what it says, and by how often."""
    return dict(leaves("", tomllib.loads(text)))


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The values below a key."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(f"{path}\0{key}", inner)
    elif isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value):
        texts = [json.dumps(entry, sort_keys=True, default=str) for entry in value]
        yield from ((f"{path}\0{text}", texts.count(text)) for text in texts)
    else:
        yield path, value
