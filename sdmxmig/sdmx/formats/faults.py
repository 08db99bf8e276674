"""The reading policy of all formats: how faults are treated, and by which reader.

Messages from other systems deviate from the standard. Readers classify each fault, and `Faults` applies the policy:

=============  ===========================================  =========  ========  ========
fault          meaning                                      tolerant   strict    lenient
=============  ===========================================  =========  ========  ========
`Deviation`    the meaning is clear, content is kept        reported   refused   reported
`Surplus`      unknown to the standard, left out            reported   refused   reported
other          ambiguous or unreadable                      refused    refused   left out
=============  ===========================================  =========  ========  ========

Control characters and noncharacters are forbidden in messages. Wrong values are located only when they are reported.

A run holds whole series, observations or records. The fast reader returns None for a run that it cannot prove regular;
the careful reader locates faults. Both give the same result. The careful readers alone take three to nine times
as long.
"""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place

FAULT_LIMIT = 10_000
"""Maximum number of faults of a message; beyond it the message is rejected."""
ALIKE_LIMIT = 100
"""Maximum number of identical faults listed with their places; further ones are only counted."""

TOLERANT, STRICT, LENIENT = "tolerant", "strict", "lenient"
"""Policies; the first is the default for messages of others."""

Source = TypeVar("Source")
Parsed = TypeVar("Parsed")


class Deviation(InputError):  # noqa: N818 - the name says what it is
    """A deviation from the standard whose meaning is clear; it is accepted."""


class Surplus(Deviation):
    """Content unknown to the standard, which is skipped because no other content needs it."""


class Faults:
    """The faults of a message in the order found, and the policy for them.

    Given a `Faults`, a reader records each fault, leaves out the smallest unreadable part (attribute, observation,
    series, artefact) and continues; without one it raises the same `InputError` at once. `listed` are the faults;
    `counted` counts each message, also beyond the list. `said` are notes of the sender.
    """

    def __init__(self, policy: str = LENIENT) -> None:
        self.policy = policy
        self.listed: list[InputError] = []
        self.said: list[str] = []
        self.counted: Counter[str] = Counter()
        self._listed_at: set[tuple[str, Place | None]] = set()

    def note(self, fault: InputError) -> None:
        """Record a fault, once per place; raise it if the policy refuses it or there are too many."""
        if self.policy == STRICT or (self.policy == TOLERANT and not isinstance(fault, Deviation)):
            raise fault
        if (fault.message, fault.place) in self._listed_at:
            return
        if len(self.listed) >= FAULT_LIMIT:
            hint = "The file is too damaged for a lenient reading. Correct its first faults."
            raise InputError(f"There are more than {FAULT_LIMIT:,} faults.", fault.place, hint)
        self.counted[fault.message] += 1
        if self.counted[fault.message] <= ALIKE_LIMIT:
            self.listed.append(fault)
            self._listed_at.add((fault.message, fault.place))

    def add(self, others: Faults) -> None:
        self.listed += others.listed
        self.said += others.said
        self.counted += others.counted
        self._listed_at |= others._listed_at

    def say(self, sentence: str) -> None:
        self.said += [] if sentence in self.said else [sentence]

    @classmethod
    def by(cls, *, lenient: bool = False, strict: bool = False) -> Faults:
        if lenient and strict:
            raise SdmxmigError("Reading cannot be both strict and lenient.", hint="Choose one of them.")
        return cls(STRICT if strict else LENIENT if lenient else TOLERANT)

    @property
    def left_out(self) -> list[InputError]:
        return [fault for fault in self.listed if not is_read(fault)]

    @property
    def unlisted(self) -> dict[str, int]:
        return {message: number - ALIKE_LIMIT for message, number in self.counted.items() if number > ALIKE_LIMIT}


def is_read(fault: InputError) -> bool:
    return isinstance(fault, Deviation) and not isinstance(fault, Surplus)


def report_fault(faults: Faults | None, error: InputError) -> None:
    if faults is None:
        raise error
    faults.note(error)


def convert_to_surplus(error: InputError) -> Surplus:
    return Surplus(error.message, error.place, error.hint)


def attempt(
    faults: Faults | None, read: Callable[[Source], Parsed], source: Source, *, is_aside: bool = False
) -> Parsed | None:
    """Read a part of a message, or None with a recorded fault; parts `is_aside` count as surplus."""
    if faults is None:
        return read(source)
    try:
        return read(source)
    except InputError as error:
        faults.note(convert_to_surplus(error) if is_aside else error)
        return None


def attempt_each(
    faults: Faults | None, read: Callable[[Source], Parsed], sources: Iterable[Source], *, is_aside: bool = False
) -> Iterator[Parsed]:
    if faults is None:
        return map(read, sources)
    return (parsed for source in sources if (parsed := attempt(faults, read, source, is_aside=is_aside)) is not None)


FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""Characters that XML 1.0 cannot contain, even as references (section 2.2); also lone surrogates."""

_FORBIDDEN = re.compile(f"{FORBIDDEN[:-1]}\ud800-\udfff]")


def check_characters(text: str, title: str, place: Place | None = None) -> str:
    match = _FORBIDDEN.search(text)
    if match:
        raise SdmxmigError(
            f"{title} contains the character U+{ord(match.group()):04X}, which XML does not allow.",
            place,
            "Remove it at its source.",
        )
    return text


def build_character_error(character: str, place: Place) -> InputError:
    message = f"The character U+{ord(character):04X} is not allowed in text."
    return InputError(message, place, "Remove it at its source; a lenient reading puts a blank in its place.")


def check_column_characters(column: pl.Series, title: str) -> pl.Series:
    bad = column.str.contains(FORBIDDEN)
    if bad.any():
        check_characters(column.filter(bad)[0], title)
    return column


MAX_PLACES = 100


@dataclass(frozen=True, slots=True)
class SoughtValues:
    """Values to locate, by component (None: absent).

    The place is that of `component`; without values, that of the dataset. If a value occurs several times, the first
    `skipped` occurrences are correct; at most `most` others are reported.
    """

    component: str
    where: Mapping[str, str | None]
    skipped: int = 0
    most: int = MAX_PLACES


def limit_places(sought: Sequence[SoughtValues], all_places: Sequence[Sequence[Place]]) -> list[list[Place]]:
    return [
        list(places[target.skipped : target.skipped + target.most])
        for target, places in zip(sought, all_places, strict=True)
    ]


@contextmanager
def use_no_collector() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
