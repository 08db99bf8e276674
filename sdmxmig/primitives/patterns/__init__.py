"""Untrusted regular expressions, matched in linear time.

Python's engine may take years for ``(a+)+$``. Cheap expressions use Python, others a step engine; backreferences are
rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cached_property, lru_cache
from typing import Any

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.patterns.cost import begins_at_the_beginning, ways
from sdmxmig.primitives.patterns.matching import Search, TooLongError
from sdmxmig.primitives.patterns.program import ExpressionError, Program, ProgramWriter, parsed, quiet

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


__all__ = ["ExpressionError", "Match", "Pattern", "pattern", "short"]
