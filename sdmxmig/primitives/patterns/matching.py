"""Linear matching: each step at each position once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from sdmxmig.primitives.patterns.program import (
    Ahead,
    Begin,
    Fits,
    Fork,
    Jump,
    Literal,
    Never,
    OneSign,
    Program,
    Progress,
    Remember,
    Spot,
)

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
