"""Over which days, and of which country, records speak."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

MOTHER, DELIVERY = "MOTHER", "DELIVERY"
"""Codes of `CL_BIRTH_PLACE`: who is born abroad counts by the residence of the mother, or by the place of delivery."""


@dataclass(frozen=True, slots=True)
class Observation:
    """The country and the days over which its records are complete, as numbers: from `first` to before `until`.

    What happens before `first` or from `until` on is not known, whatever records say of it: so figures of today can be
    compared with those that the same records gave earlier. `birth_place` is a code of `CL_BIRTH_PLACE`.
    """

    area: str
    first: int
    _: KW_ONLY
    until: int
    birth_place: str = MOTHER
