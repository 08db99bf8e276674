"""Linkage conditions in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.records.engines import DUCKDB, SPARK

if TYPE_CHECKING:
    from sdmxmig.records.linkage.declaration import Condition

INITIAL, SHORTEST_BEGINNING = 1, 3
"""So many letters of a name may stand for it."""
SHARES = {DUCKDB: "list_has_any", SPARK: "arrays_overlap"}


def condition_sql(condition: Condition, engine: str) -> str:
    held = held_sql(condition, engine)
    return f"not ({held})" if condition.denied else held


def held_sql(condition: Condition, engine: str) -> str:
    left, right = f"{condition.left}_l", f"{condition.right}_r"
    if condition.kind == "=":
        return f"{left} = {right}"
    if condition.kind == "shares":
        return f"{SHARES[engine]}({left}, {right})"
    if condition.kind == "edits":
        edits = f"levenshtein({left}, {right})"
        return f"({edits} <= {condition.most} and 2 * {edits} < least(length({left}), length({right})))"
    if condition.kind == "begins":
        shorter = f"least(length({left}), length({right}))"
        long = f"{shorter} = {INITIAL} or {shorter} >= {SHORTEST_BEGINNING}"
        return f"(({long}) and left({left}, {shorter}) = left({right}, {shorter}))"
    if condition.kind == "within":
        return f"abs({left} - {right}) <= {condition.most}"
    word = " or " if condition.kind == "either" else " and "
    return f"({left}{word}{right})"
