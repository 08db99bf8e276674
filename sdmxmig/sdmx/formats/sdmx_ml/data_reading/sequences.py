"""The order in which attributes or values follow each other in regular messages, learnt from the message itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from graphlib import CycleError, TopologicalSorter

BLANK = r"[ \t\r\n]*"
PLAIN = r'[^"<>&\x00-\x1F\x{FFFE}\x{FFFF}]*'
TEXT = r'(?:[^"<>&\x00-\x1F\x{FFFE}\x{FFFF}]|&(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)*'
"""A value between quotation marks that needs no normalising: no blank but the space, no bracket, whole references."""
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]+)|#x([0-9A-Fa-f]+));")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


@dataclass(frozen=True, slots=True)
class Sequence:
    """Names in the order in which they come; those in `always` are never left out.

    The values of those in `referring` may hold references such as ``&amp;``.
    """

    names: tuple[str, ...] = ()
    always: frozenset[str] = frozenset()
    _: KW_ONLY
    referring: frozenset[str] = frozenset()

    def value(self, name: str) -> str:
        """What a value looks like, as a regular expression."""
        return TEXT if name in self.referring else PLAIN

    @property
    def firm(self) -> int:
        """How many names at the beginning are never left out."""
        return next((index for index, name in enumerate(self.names) if name not in self.always), len(self.names))

    def slots(self, index: int) -> range:
        """At which places a name may come, given that others before it may be left out."""
        return range(sum(name in self.always for name in self.names[:index]), index + 1)


def merged(old: Sequence | None, samples: Iterable[tuple[tuple[str, str], ...]]) -> Sequence | None:
    """A sequence that all that was seen fits in; None if there is none, or a name comes twice.

    What is seen are names, each with an ampersand if its value has a reference.
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
    """A value with its references replaced; None if one stands for no character of XML.

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
