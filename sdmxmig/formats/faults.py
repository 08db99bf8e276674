"""Strict or lenient: whether the first fault of a message stops its reading, or faults are listed and passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from sdmxmig.errors import InputError
from sdmxmig.places import Place

FAULT_LIMIT = 10_000
"""More faults than this are not listed: such a message is refused."""
ALIKE_LIMIT = 100
"""So many faults that say the same are listed with their places; further ones are counted."""

Part = TypeVar("Part")
Made = TypeVar("Made")


class Faults:
    """What is wrong with a message that is read leniently, in the order in which it was found.

    A reader that is given one notes a fault, leaves out the smallest part that cannot be read (an attribute, an
    observation, a series, an artefact) and goes on; without one it raises the same `InputError` at once. `found` are
    the faults, `counted` says how often each message came, also where it was not listed any more.
    """

    def __init__(self) -> None:
        self.found: list[InputError] = []
        self.counted: Counter[str] = Counter()
        self._told: set[tuple[str, Place | None]] = set()

    def note(self, fault: InputError) -> None:
        """Keep a fault, once at each place; raises `InputError` if there are too many."""
        if (fault.message, fault.place) in self._told:
            return
        if len(self.found) >= FAULT_LIMIT:
            hint = "The file is too broken to be read leniently; mend its first faults."
            raise InputError(f"There are more than {FAULT_LIMIT:,} faults.", fault.place, hint)
        self.counted[fault.message] += 1
        if self.counted[fault.message] <= ALIKE_LIMIT:
            self.found.append(fault)
            self._told.add((fault.message, fault.place))

    def add(self, others: Faults) -> None:
        """Keep all faults of another reading, with their counts."""
        self.found += others.found
        self.counted += others.counted
        self._told |= others._told

    @property
    def unlisted(self) -> dict[str, int]:
        """How often each message came beyond those that are listed."""
        return {message: number - ALIKE_LIMIT for message, number in self.counted.items() if number > ALIKE_LIMIT}


def fault(faults: Faults | None, error: InputError) -> None:
    """Note a fault, or raise it if the reading is strict."""
    if faults is None:
        raise error
    faults.note(error)


def attempt(faults: Faults | None, read: Callable[[Part], Made], part: Part) -> Made | None:
    """What `read` makes of a part; None if the fault that it met was noted, so that the part is left out."""
    if faults is None:
        return read(part)
    try:
        return read(part)
    except InputError as error:
        faults.note(error)
        return None


def each(faults: Faults | None, read: Callable[[Part], Made], parts: Iterable[Part]) -> Iterator[Made]:
    """What `read` makes of each part; those whose fault was noted are left out."""
    if faults is None:
        return map(read, parts)
    return (parsed for part in parts if (parsed := attempt(faults, read, part)) is not None)
