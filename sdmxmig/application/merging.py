"""Taking one change of a text back and keeping the later ones, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher

Change = tuple[int, int, list[str]]
"""Which lines of a text, from one up to another, become which."""


class NotMergeable(Exception):  # noqa: N818 - the name says what is the matter
    """Two changes are about the same lines, or the files are no text."""


def without_step(before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    r"""A file as it is now, but for one change that was made of it: from `before` to `after`.

    Raises `NotMergeable` if lines of that change were changed again since, or the file is none of lines.

    >>> without_step(b"a\nb\nc\nd\n", b"a\nB\nc\nd\n", b"a\nB\nc\nD\n")
    b'a\nb\nc\nD\n'
    """
    texts = [lines_of(content) for content in (after, before, present)]
    base, back, later = texts
    changes = changes_between(base, back)
    others = changes_between(base, later)
    if any(touch(change, other) for change in changes for other in others if change != other):
        raise NotMergeable
    merged, at = [], 0
    for start, end, lines in sorted([*changes, *(other for other in others if other not in changes)]):
        merged += [*base[at:start], *lines]
        at = end
    return "".join([*merged, *base[at:]]).encode()


def lines_of(content: bytes | None) -> list[str]:
    """The lines of a text, with their ends."""
    if content is None or b"\0" in content:
        raise NotMergeable
    try:
        return content.decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        raise NotMergeable from None


def changes_between(first: list[str], second: list[str]) -> list[Change]:
    """What has to be changed in one text to get another."""
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return [(start, end, second[from_:to]) for tag, start, end, from_, to in matcher.get_opcodes() if tag != "equal"]


def touch(change: Change, other: Change) -> bool:
    """Whether two changes are about the same lines, or about lines side by side."""
    return change[0] <= other[1] and other[0] <= change[1]
