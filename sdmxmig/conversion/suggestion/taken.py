"""Statements of a table that the proposal uses, and doubts about others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sdmxmig.conversion.suggestion.lines import Fit
from sdmxmig.sdmx.model.data import Attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A doubtful phrase, its place and question.

    `component_code` would express it; if it `may_be_place`, the answer may be another area.
    """

    about: str
    phrase: str
    who_says: str
    asks: str
    component_code: tuple[str, str] = ("", "")
    may_be_place: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUp:
    """Components used, fixed or left out.

    `settled` have a confirmed code.
    """

    read: frozenset[str]
    fixed: Attributes
    left_out: bool
    settled: frozenset[str] = frozenset()

    def code(self, component: str) -> str:
        return dict(self.fixed).get(component, "")


def taken_up(fits: Iterable[Fit], fixed: Attributes, settled: Iterable[str], *, left_out: bool) -> TakenUp:
    read = frozenset(fit.component for fit in fits)
    return TakenUp(read=read, fixed=fixed, left_out=left_out, settled=frozenset(settled))
