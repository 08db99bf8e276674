"""Upper bounds of backtracking."""

from __future__ import annotations

from typing import Any

from sdmxmig.primitives.patterns.program import MAXREPEAT

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
