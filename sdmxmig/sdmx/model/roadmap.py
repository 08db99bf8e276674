"""Roadmaps: actions that close a country's gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.primitives.periods import parse, shift
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text

NO_ACTION = "NONE"
"""The action type (CL_SCALE_ACTION_TYPE) for gaps that a country leaves open."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A standard action.

    `type`, `phase` and `cost` are codes of ACTION_TYPE, PHASE and COST; `months` its usual duration. `closes` are items
    and differences, `unlocks` indicators, `details` indicators that gain `topics`, `after` prerequisites.
    """

    id: str
    name: Text
    _: KW_ONLY
    type: str
    phase: str
    cost: str
    months: int
    closes: tuple[str, ...]
    unlocks: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    responsible: Text = Text()
    partners: tuple[Text, ...] = ()
    output: Text = Text()
    verification: Text = Text()
    risk: Text = Text()
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Horizon:
    """A duration class: up to so many months (None: open), and its feasibility."""

    id: str
    up_to: int | None
    _: KW_ONLY
    points: Decimal


@dataclass(frozen=True, slots=True)
class RoadmapPlan:
    """All standard actions with the parameters of their order.

    At most `pace` proposed actions begin in a quarter.
    """

    proposals: tuple[Proposal, ...] = ()
    horizons: tuple[Horizon, ...] = ()
    _: KW_ONLY
    feasibility: Mapping[str, Decimal] = field(default_factory=dict)
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    pace: int = 1


@dataclass(frozen=True, slots=True)
class Priority:
    """The priority of an action: feasibility points of the core indicators it closes, divided by cost.

    0 without core indicators.
    """

    points: tuple[tuple[str, str, Decimal], ...]
    cost: Decimal
    _: KW_ONLY
    value: Decimal


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a roadmap.

    `settled` are items already in place; `unknown` are unanswered prerequisites. `first` and `last` are months from 1;
    `dated`: set by the country; `early`: prerequisites that end too late. `decided` are answered items of module R;
    others are proposals.
    """

    id: str
    name: Text
    _: KW_ONLY
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
    settled: tuple[str, ...] = ()
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


@dataclass(frozen=True, slots=True)
class NoAction:
    """A country's decision to leave gaps open, with the reason."""

    id: str
    reason: Text
    _: KW_ONLY
    leaves: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roadmap:
    """The actions of a country by start and priority; `start` is month 1.

    `decisions` are gaps left open; `idle` are named actions that close no known gap.
    """

    start: str = ""
    actions: tuple[Action, ...] = ()
    _: KW_ONLY
    decisions: tuple[NoAction, ...] = ()
    idle: tuple[tuple[str, Text], ...] = ()

    def month(self, number: int) -> str:
        start = parse(self.start)
        return str(shift(start, number - 1)) if start else ""

    def closing(self, subject: str) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if subject in action.closes)

    def decision(self, subject: str) -> NoAction | None:
        return next((no_action for no_action in self.decisions if subject in no_action.leaves), None)
