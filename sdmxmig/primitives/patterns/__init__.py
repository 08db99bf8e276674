"""Untrusted regular expressions, matched in linear time.

Python's engine may take years for ``(a+)+$``. Cheap expressions use Python, others a step engine; backreferences are
rejected.

Upper bounds of backtracking. Linear matching: each step at each position once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.patterns.program import (
    MAXREPEAT,
    Ahead,
    Begin,
    ExpressionError,
    Fits,
    Fork,
    Jump,
    Literal,
    Never,
    OneSign,
    Program,
    ProgramWriter,
    Progress,
    Remember,
    Spot,
    parsed,
    quiet,
)

__all__ = ["ExpressionError", "Match", "Pattern", "pattern", "short"]


FEW = 5_000
"""Below this number of ways, Python's engine takes under a tenth of a millisecond."""
PER_STEP = 100
MOST = 10_000_000
"""This number of ways may take a tenth of a second, during which it cannot be stopped."""
QUOTED = 60
GROUP = re.compile(r"\\([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class Match:
    """A match in a text."""

    text: str
    places: tuple[tuple[int, int], ...]
    _: KW_ONLY
    names: dict[str, int]

    @property
    def end(self) -> int:
        return self.places[0][1]

    def __getitem__(self, group: int | str) -> str | None:
        begin, end = self.places[self.names[group] if isinstance(group, str) else group]
        return self.text[begin:end] if begin >= 0 else None

    def groups(self) -> tuple[str | None, ...]:
        return tuple(self[number] for number in range(1, len(self.places)))

    def expanded(self, written: str) -> str:
        return GROUP.sub(lambda name: self._group_or(name[0], int(name[1])), written)

    def _group_or(self, written: str, number: int) -> str:
        return self[number] or "" if number < len(self.places) else written

    def named(self) -> dict[str, str | None]:
        return {name: self[name] for name in self.names}


@dataclass(frozen=True, eq=False)
class Pattern:
    """An untrusted regular expression; raises `InputError` after about two seconds."""

    written: str
    tree: Any
    _: KW_ONLY
    program: Program

    @property
    def groups(self) -> int:
        return int(self.tree.state.groups) - 1

    @property
    def names(self) -> dict[str, int]:
        return dict(self.tree.state.groupdict)

    @cached_property
    def _quick(self) -> re.Pattern[str]:
        with quiet():
            return re.compile(self.written)

    @cached_property
    def _begins_at_the_beginning(self) -> bool:
        return not self.tree.state.flags & re.MULTILINE and begins_at_the_beginning(self.tree)

    @cached_property
    def _ways(self) -> dict[int, int]:
        return {}

    def search(self, text: str) -> Match | None:
        begins = 1 if self._begins_at_the_beginning else len(text) + 1
        if self._is_quick(text, begins):
            return self._match(text, self._quick.search(text))
        return self._run(text, range(begins), to_end=False)

    def match(self, text: str) -> Match | None:
        if self._is_quick(text, 1):
            return self._match(text, self._quick.match(text))
        return self._run(text, range(1), to_end=False)

    def fullmatch(self, text: str) -> Match | None:
        if self._is_quick(text, 1):
            return self._match(text, self._quick.fullmatch(text))
        return self._run(text, range(1), to_end=True)

    def ends(self, text: str) -> bool:
        return self._run(text, range(len(text) + 1), to_end=True) is not None

    def _is_quick(self, text: str, begins: int) -> bool:
        length = len(text)
        if length not in self._ways:
            self._ways[length] = ways(self.tree, length)
        steps = len(self.program) * (length + 1)
        return self._ways[length] * begins <= min(max(FEW, PER_STEP * steps), MOST)

    def _match(self, text: str, match: re.Match[str] | None) -> Match | None:
        return Match(text, match.regs, names=self.names) if match else None

    def _run(self, text: str, begins: range, *, to_end: bool) -> Match | None:
        try:
            groups = Search(text).first(self.program, begins, to_end=to_end)
        except TooLongError:
            hint = "Write it with fewer repetitions and alternatives, or begin it with ^."
            on = f"a text of {len(text):,} characters, “{short(text)}”"
            raise InputError(f"The pattern “{short(self.written)}” takes too long on {on}.", hint=hint) from None
        if groups is None:
            return None
        return Match(text, tuple(_places(groups, self.groups)), names=self.names)


def _places(groups: dict[int, int], count: int) -> Iterator[tuple[int, int]]:
    for number in range(count + 1):
        end = groups.get(2 * number + 1, -1)
        yield (groups[2 * number], end) if end >= 0 else (-1, -1)


def short(text: str) -> str:
    """A text as it is quoted in a message.

    >>> short("a" * 100) == "a" * 60 + "…"
    True
    """
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"


@lru_cache(maxsize=1024)
def pattern(written: str) -> Pattern:
    r"""Compile an expression; raises `ExpressionError`.

    >>> found = pattern(r"\((\d{4})\)").search("Table 3 (2019)")
    >>> found[1] if found else ""
    '2019'
    >>> pattern("(a+)+$").search("a" * 40 + "b") is None
    True
    """
    tree = parsed(written)
    return Pattern(written, tree, program=ProgramWriter().whole(tree))


MANY = 1 << 40
"""No number beyond is counted on."""


def ways(tree: Any, length: int) -> int:
    """Bound the ways to match a text of this length.

    Only nested repetition exceeds a power of the length.
    """
    count = 1
    for op, value in tree:
        count = min(MANY, count * _of_part(op.name, value, length))
    return count


def _of_part(name: str, value: Any, length: int) -> int:
    if name == "BRANCH":
        return sum(ways(branch, length) for branch in value[1])
    if name == "SUBPATTERN":
        return ways(value[3], length)
    if name in ("ASSERT", "ASSERT_NOT"):
        return 1 + ways(value[1], length)
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        return _of_turns(int(value[0]), int(value[1]), ways(value[2], length), length)
    return 1


def _of_turns(least: int, most: int, ways_of_one: int, length: int) -> int:
    most = length + least if most == MAXREPEAT else most
    if ways_of_one == 1:
        return min(MANY, most - least + 1)
    return min(MANY, int(ways_of_one ** min(most + 1, 41)))


def begins_at_the_beginning(tree: Any) -> bool:
    if not tree:
        return False
    op, value = tree[0]
    if op.name == "SUBPATTERN":
        return begins_at_the_beginning(value[3])
    return op.name == "AT" and value.name in ("AT_BEGINNING", "AT_BEGINNING_STRING")


STEPS = 2_000_000
"""Maximum steps of a search, about two seconds."""
ALL = -1
"""All repetitions have taken something."""
GroupPlaces = dict[int, int]
"""Where groups begin (2n) and end (2n + 1); 0 and 1 are the whole."""
Way = tuple[int, int, int, GroupPlaces]
"""The next step, the position, which repetitions have taken something, and the groups so far."""


class TooLongError(Exception):
    """A search exceeded its steps."""


@dataclass(slots=True)
class Search:
    """A search with its step counter."""

    text: str
    steps: int = 0
    _: KW_ONLY
    ways: list[Way] = field(default_factory=list)
    failed: dict[int, set[tuple[int, int, int]]] = field(default_factory=dict)
    looked: dict[tuple[int, int], GroupPlaces | None] = field(default_factory=dict)

    def first(self, program: Program, begins: Iterable[int], *, to_end: bool) -> GroupPlaces | None:
        if to_end:
            program = [*program[:-1], Spot(lambda text, position: position == len(text) or None), Fits()]
        for begin in begins:
            groups = self.fits(program, -1, begin)
            if groups is not None:
                return {**groups, 0: begin}
        return None

    def fits(self, program: Program, number: int, begin: int) -> GroupPlaces | None:
        """The groups if the program fits from a position on; `number` is that of what looks ahead, else -1."""
        failed = self.failed.setdefault(number, set())
        outer, self.ways = self.ways, [(0, begin, ALL, {})]
        tried = []
        groups: GroupPlaces | None = None
        while self.ways and groups is None:
            way: Way | None = self.ways.pop()
            while way is not None:
                state = way[:3]
                if state in failed:
                    break
                failed.add(state)
                tried.append(state)
                self.steps += 1
                if self.steps > STEPS:
                    raise TooLongError
                step = program[way[0]]
                if isinstance(step, Fits):
                    groups = {**way[3], 1: way[1]}
                    break
                way = MOVES[type(step)](self, step, way)
        if groups is not None:
            failed.difference_update(tried)
        self.ways = outer
        return groups


def _text(run: Search, step: Literal, way: Way) -> Way | None:
    at, position, _, groups = way
    return (at + 1, position + len(step.signs), ALL, groups) if run.text.startswith(step.signs, position) else None


def _sign(run: Search, step: OneSign, way: Way) -> Way | None:
    at, position, _, groups = way
    return (at + 1, position + 1, ALL, groups) if step.fits(run.text, position) is not None else None


def _spot(run: Search, step: Spot, way: Way) -> Way | None:
    at, position, repetitions, groups = way
    return (at + 1, position, repetitions, groups) if step.fits(run.text, position) is not None else None


def _split(run: Search, step: Fork, way: Way) -> Way:
    _, position, repetitions, groups = way
    run.ways.append((step.second, position, repetitions, groups))
    return step.first, position, repetitions, groups


def _jump(_: Search, step: Jump, way: Way) -> Way:
    return step.to, *way[1:]


def _begin(_: Search, step: Begin, way: Way) -> Way:
    at, position, repetitions, groups = way
    return at + 1, position, repetitions & ~step.bit, groups


def _progress(_: Search, step: Progress, way: Way) -> Way:
    at, position, repetitions, groups = way
    return at + 1 if repetitions & step.bit else step.otherwise, position, repetitions, groups


def _remember(_: Search, step: Remember, way: Way) -> Way:
    at, position, repetitions, groups = way
    return at + 1, position, repetitions, {**groups, step.slot: position}


def _ahead(run: Search, step: Ahead, way: Way) -> Way | None:
    at, position, repetitions, groups = way
    state = (step.number, position)
    if state not in run.looked:
        begin = position - step.back
        run.looked[state] = run.fits(step.program, step.number, begin) if begin >= 0 else None
    inside = run.looked[state]
    if (inside is not None) is not step.wanted:
        return None
    more = {slot: place for slot, place in (inside or {}).items() if slot > 1}
    return at + 1, position, repetitions, {**groups, **more}


def _never(_: Search, __: Never, ___: Way) -> None:
    return None


MOVES: dict[type, Callable[[Search, Any, Way], Way | None]] = {
    Literal: _text,
    OneSign: _sign,
    Spot: _spot,
    Fork: _split,
    Jump: _jump,
    Begin: _begin,
    Progress: _progress,
    Remember: _remember,
    Ahead: _ahead,
    Never: _never,
}
