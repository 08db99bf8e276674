"""The order of attributes or values in regular messages, learned from the message."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from graphlib import CycleError, TopologicalSorter

BLANK = r"[ \t\r\n]*"
PLAIN = r'[^"<>&\x00-\x1F\x{FFFE}\x{FFFF}]*'
TEXT = r'(?:[^"<>&\x00-\x1F\x{FFFE}\x{FFFF}]|&(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)*'
"""A quoted value that needs no normalisation: spaces only, no brackets, complete references."""
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]+)|#x([0-9A-Fa-f]+));")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


@dataclass(frozen=True, slots=True)
class Sequence:
    """Names in order; those in `always` are never omitted.

    Values of `referring` names may contain references such as ``&amp;``.
    """

    names: tuple[str, ...] = ()
    always: frozenset[str] = frozenset()
    _: KW_ONLY
    referring: frozenset[str] = frozenset()

    def value(self, name: str) -> str:
        return TEXT if name in self.referring else PLAIN

    @property
    def firm(self) -> int:
        return next((index for index, name in enumerate(self.names) if name not in self.always), len(self.names))

    def slots(self, index: int) -> range:
        return range(sum(name in self.always for name in self.names[:index]), index + 1)


def merged(old: Sequence | None, samples: Iterable[tuple[tuple[str, str], ...]]) -> Sequence | None:
    """Merge samples into a common order; None if absent or names repeat.

    An ampersand after a name marks a value with a reference.
    """
    listed = sorted(set(samples))
    sequences = [tuple(name for name, _ in names) for names in listed]
    if any(len(set(names)) < len(names) for names in sequences):
        return None
    above: dict[str, set[str]] = {}
    for names in [old.names, *sequences] if old else sequences:
        for index, name in enumerate(names):
            above.setdefault(name, set()).update(names[max(index - 1, 0) : index])
    try:
        order = tuple(
            TopologicalSorter({name: sorted(predecessors) for name, predecessors in above.items()}).static_order()
        )
    except CycleError:
        return None
    common = [set(names) for names in sequences] + ([set(old.always)] if old else [])
    referring = {name for names in listed for name, reference in names if reference}
    referring |= old.referring if old else set()
    return Sequence(
        order, frozenset(set.intersection(*common)) if common else frozenset(), referring=frozenset(referring)
    )


def decoded(text: str) -> str | None:
    """Replace references in a value; None for invalid characters.

    >>> decoded("a &lt; &#233; &#x41;")
    'a < é A'
    """
    wrong = False

    def character(match: re.Match[str]) -> str:
        nonlocal wrong
        name, decimal, hexadecimal = match.groups()
        if name:
            return NAMED[name]
        point = int(decimal or hexadecimal, 10 if decimal else 16)
        fine = (
            point in (9, 10, 13) or 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or 0x10000 <= point <= 0x10FFFF
        )
        wrong |= not fine
        return chr(point) if fine else ""

    text = REFERENCE.sub(character, text)
    return None if wrong else text
