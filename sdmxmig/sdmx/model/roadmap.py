"""Roadmaps: what would close the gaps of a country, in which order, by whom and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.primitives.periods import parse, shift
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text

NO_ACTION = "NONE"
"""The type of action (CL_SCALE_ACTION_TYPE) by which a country decides that it will not close some gaps."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A standard action: what to do, which items and indicators it closes, what comes before it, who usually does it.

    `type`, `phase` and `cost` are codes of ACTION_TYPE, PHASE and COST, `months` is how long it usually takes.
    `closes` are ids of items and differences, `unlocks` ids of indicators that become possible, `details` of those that
    get some of the `topics` (components) which they lack, `after` ids of actions that come first if they are needed.
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
    """How long an action takes, as a class: up to so many months (None: no end), and how feasible that makes it."""

    id: str
    up_to: int | None
    _: KW_ONLY
    points: Decimal


@dataclass(frozen=True, slots=True)
class RoadmapPlan:
    """All standard actions, and what puts them in order: the points of feasibility and cost, the pace of new ones.

    `horizons` are in their order, `feasibility` are points by code of FEAS, `costs` by code of COST. At most `pace`
    proposed actions begin in a quarter.
    """

    proposals: tuple[Proposal, ...] = ()
    horizons: tuple[Horizon, ...] = ()
    _: KW_ONLY
    feasibility: Mapping[str, Decimal] = field(default_factory=dict)
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    pace: int = 1


@dataclass(frozen=True, slots=True)
class Priority:
    """How urgent an action is: the points of feasibility of the core indicators whose gap it closes, by its cost.

    `points` are those of each core indicator with the code of feasibility or of length they come from, `cost` is what
    divides their sum. An action that closes the gap of no core indicator has the value 0.
    """

    points: tuple[tuple[str, str, Decimal], ...]
    cost: Decimal
    _: KW_ONLY
    value: Decimal


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a country's roadmap, with the gaps that it closes there.

    `closes` are the items, indicators and differences that are gaps today, `unlocks` the indicators among them.
    `settled` are those that it would close too and that are in place already: its name then says more than is open.
    `after` are the actions of the roadmap that come before it, `unknown` the items on which it rests that have no
    answer yet. `first` and `last` are months counted from the start of the roadmap, which is 1; `dated` says that the
    country has given its dates, `early` are the actions it needs that by these dates have not ended when it begins.
    `decided` are the items of module R that the country has answered, the others are our proposal; `cost` and
    `partners` are empty where it has not.
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
    """A decision of the country not to close some gaps, and why."""

    id: str
    reason: Text
    _: KW_ONLY
    leaves: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roadmap:
    """The actions of a country in the order in which they begin, of several the most urgent first; `start` is month 1.

    `decisions` are the gaps that the country decided to leave open. `idle` are actions that the country names and that
    close no gap which is known; they are not in the roadmap.
    """

    start: str = ""
    actions: tuple[Action, ...] = ()
    _: KW_ONLY
    decisions: tuple[NoAction, ...] = ()
    idle: tuple[tuple[str, Text], ...] = ()

    def month(self, number: int) -> str:
        """A month of the roadmap as a date, such as 2026-03; empty without a start."""
        start = parse(self.start)
        return str(shift(start, number - 1)) if start else ""

    def closing(self, subject: str) -> tuple[Action, ...]:
        """The actions that close a gap."""
        return tuple(action for action in self.actions if subject in action.closes)

    def decision(self, subject: str) -> NoAction | None:
        """The decision to leave a gap open; None if there is none."""
        return next((no_action for no_action in self.decisions if subject in no_action.leaves), None)
