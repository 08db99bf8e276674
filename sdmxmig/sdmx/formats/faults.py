"""Strict or lenient: whether the first fault of a message stops its reading, or faults are listed and passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

FAULT_LIMIT = 10_000
"""More faults than this are not listed: such a message is refused."""
ALIKE_LIMIT = 100
"""So many faults that say the same are listed with their places; further ones are counted."""

Source = TypeVar("Source")
Parsed = TypeVar("Parsed")


class Faults:
    """What is wrong with a message that is read leniently, in the order in which it was found.

    A reader that is given one notes a fault, leaves out the smallest part that cannot be read (an attribute, an
    observation, a series, an artefact) and goes on; without one it raises the same `InputError` at once. `listed` are
    the faults, `counted` says how often each message came, also where it was not listed any more.
    """

    def __init__(self) -> None:
        self.listed: list[InputError] = []
        self.counted: Counter[str] = Counter()
        self._listed_at: set[tuple[str, Place | None]] = set()

    def note(self, fault: InputError) -> None:
        """Keep a fault, once at each place; raises `InputError` if there are too many."""
        if (fault.message, fault.place) in self._listed_at:
            return
        if len(self.listed) >= FAULT_LIMIT:
            hint = "The file is too broken to be read leniently; mend its first faults."
            raise InputError(f"There are more than {FAULT_LIMIT:,} faults.", fault.place, hint)
        self.counted[fault.message] += 1
        if self.counted[fault.message] <= ALIKE_LIMIT:
            self.listed.append(fault)
            self._listed_at.add((fault.message, fault.place))

    def add(self, others: Faults) -> None:
        """Keep all faults of another reading, with their counts."""
        self.listed += others.listed
        self.counted += others.counted
        self._listed_at |= others._listed_at

    @property
    def unlisted(self) -> dict[str, int]:
        """How often each message came beyond those that are listed."""
        return {message: number - ALIKE_LIMIT for message, number in self.counted.items() if number > ALIKE_LIMIT}


def fault(faults: Faults | None, error: InputError) -> None:
    """Note a fault, or raise it if the reading is strict."""
    if faults is None:
        raise error
    faults.note(error)


def attempt(faults: Faults | None, read: Callable[[Source], Parsed], source: Source) -> Parsed | None:
    """What `read` makes of a part of a message; None if its fault was noted, so that this part is left out."""
    if faults is None:
        return read(source)
    try:
        return read(source)
    except InputError as error:
        faults.note(error)
        return None


def each(faults: Faults | None, read: Callable[[Source], Parsed], sources: Iterable[Source]) -> Iterator[Parsed]:
    """What `read` makes of each part of a message; those whose fault was noted are left out."""
    if faults is None:
        return map(read, sources)
    return (parsed for source in sources if (parsed := attempt(faults, read, source)) is not None)
