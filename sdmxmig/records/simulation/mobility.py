"""Temporary mobility of residents, emigrants and visitors."""

from __future__ import annotations

import csv
import io
from dataclasses import KW_ONLY, dataclass
from functools import cache

from sdmxmig.catalogue.folders import shipped

RESIDENTS, EMIGRANTS, VISITORS, IMMIGRANTS = "residents", "emigrants", "visitors", "immigrants"


@dataclass(frozen=True, slots=True)
class Mobility:
    """A kind of journey: persons, purpose, yearly share and nights; `granted` days, `repeats` every year."""

    who: str
    purpose: str
    _: KW_ONLY
    share: float
    shortest: int
    longest: int
    granted: int | None
    repeats: bool


@cache
def mobilities() -> tuple[Mobility, ...]:
    """All kinds of journeys, as ``structures/simulation/mobility.csv`` declares them."""
    text = (shipped("structures") / "simulation" / "mobility.csv").read_text(encoding="utf-8")
    return tuple(
        Mobility(
            row["who"],
            row["purpose"],
            share=float(row["share"]),
            shortest=int(row["shortest"] or 0),
            longest=int(row["longest"] or 0),
            granted=int(row["granted"]) if row["granted"] else None,
            repeats=row["repeats"] == "1",
        )
        for row in csv.DictReader(io.StringIO(text, newline=""))
    )


def mobilities_of(who: str) -> tuple[Mobility, ...]:
    return tuple(mobility for mobility in mobilities() if mobility.who == who)
