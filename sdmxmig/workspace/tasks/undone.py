"""Undo state of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.workspace.tasks.history import Step

UNDO, REDO = "undo", "redo"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a step: subject, `is_undo`, `taken_back`, `offers`."""

    of: int
    _: KW_ONLY
    is_undo: bool = False
    taken_back: int = 0
    offers: str = ""


def standings(steps: Sequence[Step]) -> Mapping[int, Standing]:
    about: dict[int, tuple[int, bool]] = {}
    last: dict[int, Step] = {}
    for step in steps:
        origin, was_undo = about.get(step.undoes, (step.number, True))
        about[step.number] = (origin, not was_undo)
        last[origin] = step
    return {step.number: standing(step, about, last) for step in steps}


def standing(step: Step, about: Mapping[int, tuple[int, bool]], last: Mapping[int, Step]) -> Standing:
    origin, is_undo = about[step.number]
    latest = last[origin].number
    is_gone = about[latest][1]
    is_own = origin == step.number
    offers = ""
    if step.number > 1 and (latest == step.number or (is_own and not is_gone)):
        offers = REDO if is_undo else UNDO
    return Standing(origin, is_undo=is_undo, taken_back=latest if is_own and is_gone else 0, offers=offers)
