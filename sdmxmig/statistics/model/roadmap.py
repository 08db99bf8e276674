"""Roadmaps: actions that close a country's gaps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sdmxmig.primitives.periods import parse, shift
from sdmxmig.sdmx.model.artefacts import Text

NO_ACTION = "NONE"
"""The action type (CL_SCALE_ACTION_TYPE) for gaps that a country leaves open."""


@dataclass(frozen=True, slots=True)
class Priority:
    """Feasibility points of the core indicators that an action closes, divided by its cost; 0 without any."""

    points: tuple[tuple[str, str, Decimal], ...]
    cost: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action of a roadmap.

    `is_whole`: the gaps of all its parts are open, or the country named it. `unknown` are unanswered prerequisites.
    `first` and `last` are months, 1 the first after the assessment; `dated`: set by the country; `early`: prerequisites
    that end too late. `decided` are answered items of module R; others are proposals.
    """

    id: str
    name: Text
    type: str
    phase: str
    horizon: str
    cost: str
    closes: tuple[str, ...]
    unlocks: tuple[str, ...]
    after: tuple[str, ...]
    first: int
    last: int
    priority: Priority
    is_whole: bool = True
    unknown: tuple[str, ...] = ()
    responsible: Text = Text()
    partners: Text = Text()
    output: Text = Text()
    verification: Text = Text()
    risk: Text = Text()
    dated: bool = False
    early: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    status: str = "candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAction:
    id: str
    reason: Text
    leaves: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roadmap:
    """The actions of a country by start and priority; `start` is month 1.

    `decisions` are gaps left open; `idle` are named actions that close no known gap.
    """

    start: str = ""
    actions: tuple[Action, ...] = ()
    decisions: tuple[NoAction, ...] = ()
    idle: tuple[tuple[str, Text], ...] = ()

    def month(self, number: int) -> str:
        start = parse(self.start)
        return str(shift(start, number - 1)) if start else ""

    def closing(self, subject: str) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if subject in action.closes)

    def decision(self, subject: str) -> NoAction | None:
        return next((no_action for no_action in self.decisions if subject in no_action.leaves), None)
