"""The roadmap that countries share: actions that two or more of them need, none before what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sdmxmig.model.region import Country, SharedAction
from sdmxmig.model.roadmap import Action


def shared_actions(countries: Sequence[Country]) -> tuple[SharedAction, ...]:
    """The actions that stand in the roadmaps of two countries or more.

    Those of most countries come first, then those that are worth most; an action never comes before one that it rests
    on in any of the countries.
    """
    given: dict[str, dict[str, Action]] = {}
    for country in countries:
        for action in country.assessment.roadmap.actions:
            given.setdefault(action.id, {})[country.area] = action
    common = {name: of for name, of in given.items() if len(of) > 1}
    shared = [shared_action(name, of, common) for name, of in common.items()]
    return in_order(
        sorted(shared, key=lambda shared_action: (-len(shared_action.areas), -shared_action.priority, shared_action.id))
    )


def shared_action(name: str, of: dict[str, Action], known: Iterable[str]) -> SharedAction:
    """One action with all countries that need it; its name and class are those of the first of them."""
    first = next(iter(of.values()))
    actions = list(of.values())
    return SharedAction(
        name,
        first.name,
        phase=first.phase,
        cost=first.cost,
        areas=tuple(of),
        closes=united(action.closes for action in actions),
        unlocks=united(action.unlocks for action in actions),
        after=tuple(one for one in united(action.after for action in actions) if one in known),
        priority=sum((action.priority.value for action in actions), Decimal(0)),
    )


def united(several: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """All names of several lists, each once, in alphabetical order."""
    return tuple(sorted({name for names in several for name in names}))


def in_order(actions: Sequence[SharedAction]) -> tuple[SharedAction, ...]:
    """The actions in their order, but each after those it rests on; of a circle the first goes first."""
    waiting = {shared_action.id: shared_action for shared_action in actions}
    found: list[SharedAction] = []
    while waiting:
        ready = (
            shared_action
            for shared_action in waiting.values()
            if not any(before in waiting for before in shared_action.after)
        )
        chosen = next(ready, next(iter(waiting.values())))
        found.append(waiting.pop(chosen.id))
    return tuple(found)
