"""Observation: days and country of records."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

MOTHER, DELIVERY = "MOTHER", "DELIVERY"


@dataclass(frozen=True, slots=True)
class Observation:
    """The observed country and days, `first` to before `until`.

    Later information is ignored, for comparability. `birth_place` is from `CL_BIRTH_PLACE`.
    """

    area: str
    first: int
    _: KW_ONLY
    until: int
    birth_place: str = MOTHER
