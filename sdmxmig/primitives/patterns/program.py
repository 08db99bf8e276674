"""Programs of regular expressions."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from re import _constants, _parser  # type: ignore[attr-defined]  # there is no other way to the parts
from typing import Any

LONGEST = 20_000
"""How many characters an expression may have."""
LARGEST = 50_000
"""How many steps its program may have; ``a{100}{100}`` would have more."""
WIDEST = 200_000
MAXREPEAT = int(_constants.MAXREPEAT)

SignTest = Callable[[str, int], object]
"""Whether the sign at a position fits, or the position itself."""


class ExpressionError(ValueError):
    """An unsupported regular expression."""


@dataclass(frozen=True, slots=True)
class Literal:
    signs: str


@dataclass(frozen=True, slots=True)
class OneSign:
    fits: SignTest


@dataclass(frozen=True, slots=True)
class Spot:
    """A step: the place itself passes a test, such as that of being the edge of a word."""

    fits: SignTest


@dataclass(slots=True)
class Fork:
    """A step: two ways lead on, of which the first is tried first."""

    first: int = 0
    second: int = 0


@dataclass(slots=True)
class Jump:
    """A step: the way leads on elsewhere."""

    to: int = 0


@dataclass(frozen=True, slots=True)
class Begin:
    """A step: a repetition begins that may be empty."""

    bit: int


@dataclass(slots=True)
class Progress:
    bit: int
    otherwise: int = 0


@dataclass(frozen=True, slots=True)
class Remember:
    """A step: a group begins or ends at the place."""

    slot: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step: a program of its own fits from here on, or from so many signs before, or does not."""

    program: Program
    number: int
    _: KW_ONLY
    back: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class Never:
    """A step: nothing fits."""


@dataclass(frozen=True, slots=True)
class Fits:
    """The last step: the expression fits."""


Step = Literal | OneSign | Spot | Fork | Jump | Begin | Progress | Remember | Ahead | Never | Fits
Program = list[Step]

CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
SPOTS = {
    "AT_BEGINNING": "^",
    "AT_BEGINNING_STRING": r"\A",
    "AT_BOUNDARY": r"\b",
    "AT_NON_BOUNDARY": r"\B",
    "AT_END": "$",
    "AT_END_STRING": r"\Z",
}
REFUSED = {
    "GROUPREF": "a group is referred to again (\\1); write out what it may hold",
    "GROUPREF_EXISTS": "a condition on a group; write both cases with |",
    "ATOMIC_GROUP": "an atomic group (?>…); write (?:…), which takes no longer here",
    "POSSESSIVE_REPEAT": "a possessive repetition such as .*+; write .*, which takes no longer here",
}


@contextmanager
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parsed(written: str) -> Any:
    """Parse with Python's own parser; raises `ExpressionError`."""
    if len(written) > LONGEST:
        raise ExpressionError(f"it has {len(written):,} characters, and {LONGEST:,} are the limit")
    try:
        with quiet():
            return _parser.parse(written)
    except (re.error, OverflowError) as error:
        raise ExpressionError(str(error)) from None
    except RecursionError:
        raise ExpressionError("its parentheses are nested too deep") from None


@dataclass(slots=True)
class ProgramWriter:
    """Writes the program of an expression; `ExpressionError` for what cannot be matched in bounded time."""

    program: Program = field(default_factory=list)
    size: int = 0
    _: KW_ONLY
    width: int = 0
    empties: int = 0
    aheads: int = 0
    known: dict[tuple[str, int], SignTest] = field(default_factory=dict)

    def whole(self, tree: Any) -> Program:
        try:
            self.sequence(tree, tree.state.flags)
        except RecursionError:
            raise ExpressionError("its parentheses are nested too deep") from None
        self.add(Fits())
        return self.program

    def add(self, step: Step) -> int:
        self.grow()
        self.program.append(step)
        return len(self.program) - 1

    def grow(self) -> None:
        self.size += 1
        if self.size > LARGEST:
            raise ExpressionError("it is too large, its repetitions written out")

    def sequence(self, parts: Any, flags: int) -> None:
        run = ""
        for op, value in parts:
            if op.name == "LITERAL" and not flags & re.IGNORECASE:
                run += chr(value)
                continue
            if run:
                self.add(Literal(run))
                run = ""
            self.part(op.name, value, flags)
        if run:
            self.add(Literal(run))

    def part(self, name: str, value: Any, flags: int) -> None:
        """One part of an expression, by its kind."""
        if name in REFUSED:
            raise ExpressionError(REFUSED[name])
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            self.widen(name, value, flags)
            self.add(OneSign(self.look("".join(class_of(name, value)), flags)))
        elif name == "AT":
            self.add(Spot(self.look(SPOTS[value.name], flags)))
        elif name == "BRANCH":
            self.branches(value[1], flags)
        elif name == "SUBPATTERN":
            number, added, removed, inner = value
            self.group(number, inner, (flags | added) & ~removed)
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            self.repeated(value, flags, is_greedy=name == "MAX_REPEAT")
        elif name in ("ASSERT", "ASSERT_NOT"):
            self.ahead(value, flags, wanted=name == "ASSERT")
        else:
            self.add(Never())  # FAILURE, an alternative that nothing fits

    def widen(self, name: str, value: Any, flags: int) -> None:
        if name == "IN" and flags & re.IGNORECASE:
            self.width += sum(bounds[1] - bounds[0] + 1 for op, bounds in value if op.name == "RANGE")
        if self.width > WIDEST:
            raise ExpressionError("its classes name too many signs for (?i)")

    def look(self, written: str, flags: int) -> SignTest:
        flags &= re.IGNORECASE | re.MULTILINE | re.DOTALL | re.ASCII
        if (written, flags) not in self.known:
            self.known[written, flags] = re.compile(written, flags).match
        return self.known[written, flags]

    def group(self, number: int | None, inner: Any, flags: int) -> None:
        if number is not None:
            self.add(Remember(2 * number))
        self.sequence(inner, flags)
        if number is not None:
            self.add(Remember(2 * number + 1))

    def branches(self, branches: Sequence[Any], flags: int) -> None:
        """Several ways, the first one first."""
        ends = []
        for branch in branches[:-1]:
            split = Fork()
            split.first = self.add(split) + 1
            self.sequence(branch, flags)
            ends.append(jump := Jump())
            split.second = self.add(jump) + 1
        self.sequence(branches[-1], flags)
        for jump in ends:
            jump.to = len(self.program)

    def repeated(self, turns: Any, flags: int, *, is_greedy: bool) -> None:
        """A part several times: those that have to be, then a loop or those that may be."""
        least, most, inner = turns
        for _ in range(int(least)):
            self.grow()
            self.sequence(inner, flags)
        endless = int(most) == MAXREPEAT
        exits: list[tuple[Fork, Progress | None]] = []
        for _ in range(1 if endless else int(most) - int(least)):
            exits.append(self.once(inner, flags, is_greedy=is_greedy, again=endless))
        for split, progress in exits:
            if is_greedy:
                split.second = len(self.program)
            else:
                split.first = len(self.program)
            if progress is not None:
                progress.otherwise = len(self.program)

    def once(self, inner: Any, flags: int, *, is_greedy: bool, again: bool) -> tuple[Fork, Progress | None]:
        split, progress = Fork(), None
        start = self.add(split)
        if inner.getwidth()[0] == 0:
            progress = Progress(1 << self.empties)
            self.empties += 1
            self.add(Begin(progress.bit))
        if is_greedy:
            split.first = start + 1
        else:
            split.second = start + 1
        self.sequence(inner, flags)
        if progress is not None:
            self.add(progress)
        if again:
            self.add(Jump(start))
        return split, progress

    def ahead(self, looked_at: Any, flags: int, *, wanted: bool) -> None:
        direction, inner = looked_at
        low, high = inner.getwidth()
        if direction < 0 and low != high:
            raise ExpressionError("look-behind needs a fixed width")
        program, self.program = self.program, []
        self.sequence(inner, flags)
        self.add(Fits())
        inside, self.program = self.program, program
        self.add(Ahead(inside, self.aheads, back=low if direction < 0 else 0, wanted=wanted))
        self.aheads += 1


def class_of(name: str, value: Any) -> Iterator[str]:
    """One sign or a class of signs as an expression."""
    if name == "ANY":
        yield "."
        return
    if name != "IN":
        yield f"[{'^' if name == 'NOT_LITERAL' else ''}{escaped(value)}]"
        return
    yield "["
    for op, operand in value:
        if op.name == "NEGATE":
            yield "^"
        elif op.name == "RANGE":
            yield f"{escaped(operand[0])}-{escaped(operand[1])}"
        else:
            yield CATEGORIES[operand.name] if op.name == "CATEGORY" else escaped(operand)
    yield "]"


def escaped(number: int) -> str:
    return f"\\U{number:08x}"
