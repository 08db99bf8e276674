"""Shared roadmap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sdmxmig.sdmx.model.region import Country, SharedAction
from sdmxmig.sdmx.model.roadmap import Action
from sdmxmig.statistics.calculations.roadmap import direct
from sdmxmig.statistics.calculations.schedule import all_before


def shared_actions(countries: Sequence[Country]) -> tuple[SharedAction, ...]:
    actions_by_id: dict[str, dict[str, Action]] = {}
    needs: dict[str, set[str]] = {}
    for country in countries:
        actions = country.assessment.roadmap.actions
        before = all_before({action.id: action.after for action in actions})
        for action in actions:
            actions_by_id.setdefault(action.id, {})[country.area] = action
            needs.setdefault(action.id, set()).update(before[action.id])
    common = {name: by_country for name, by_country in actions_by_id.items() if len(by_country) > 1}
    after = direct({name: tuple(sorted(needs[name] & common.keys())) for name in common})
    shared = [shared_action(name, by_country, after[name]) for name, by_country in common.items()]
    return in_order(
        sorted(shared, key=lambda shared_action: (-len(shared_action.areas), -shared_action.priority, shared_action.id))
    )


def shared_action(name: str, action_by_country: dict[str, Action], after: tuple[str, ...]) -> SharedAction:
    """One action with all countries that need it; its name and class are those of the first of them."""
    first_action = next(iter(action_by_country.values()))
    actions = list(action_by_country.values())
    return SharedAction(
        name,
        first_action.name,
        phase=first_action.phase,
        cost=first_action.cost,
        areas=tuple(action_by_country),
        closes=united(action.closes for action in actions),
        unlocks=united(action.unlocks for action in actions),
        after=after,
        priority=sum((action.priority.value for action in actions), Decimal(0)),
    )


def united(several: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for names in several for name in names}))


def in_order(actions: Sequence[SharedAction]) -> tuple[SharedAction, ...]:
    """The actions in their order, but each after those it rests on; of a circle the first goes first."""
    waiting = {shared_action.id: shared_action for shared_action in actions}
    ordered: list[SharedAction] = []
    while waiting:
        startable = (
            shared_action
            for shared_action in waiting.values()
            if not any(predecessor in waiting for predecessor in shared_action.after)
        )
        next_action = next(startable, next(iter(waiting.values())))
        ordered.append(waiting.pop(next_action.id))
    return tuple(ordered)
