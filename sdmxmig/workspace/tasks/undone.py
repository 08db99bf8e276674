"""Which changes of a workspace hold: each may be undone, and what was undone may be done again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.workspace.tasks.history import Step

UNDO, REDO = "undo", "redo"
"""What may be done with a step: take its change back, or, where it took one back, make that change again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a step stands: the step whose change it is about, its own where it takes nothing back.

    `is_undo` says that it takes this change back, `taken_back` is the step by which its own change does not hold any
    more, 0 if it holds; `offers` is what may be done with it, empty where a later step about the same change may be.
    """

    of: int
    _: KW_ONLY
    is_undo: bool = False
    taken_back: int = 0
    offers: str = ""


def standings(steps: Sequence[Step]) -> Mapping[int, Standing]:
    """How each step stands, by its number; nothing is offered of the first one, which is the beginning.

    A step that takes back one that took back a change makes that change again.
    """
    about: dict[int, tuple[int, bool]] = {}
    last: dict[int, Step] = {}
    for step in steps:
        origin, was_undo = about.get(step.undoes, (step.number, True))
        about[step.number] = (origin, not was_undo)
        last[origin] = step
    return {step.number: standing(step, about, last) for step in steps}


def standing(step: Step, about: Mapping[int, tuple[int, bool]], last: Mapping[int, Step]) -> Standing:
    """How one step stands; `about` says of each which change it is about and whether it takes that back."""
    origin, is_undo = about[step.number]
    latest = last[origin].number
    is_gone = about[latest][1]
    is_own = origin == step.number
    offers = ""
    if step.number > 1 and (latest == step.number or (is_own and not is_gone)):
        offers = REDO if is_undo else UNDO
    return Standing(origin, is_undo=is_undo, taken_back=latest if is_own and is_gone else 0, offers=offers)
