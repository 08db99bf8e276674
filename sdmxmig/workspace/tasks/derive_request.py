"""Requests for deriving statistics from records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from pathlib import Path

from sdmxmig.records.crossing_rules import ACTUAL, GRANTED, INTENDED, MIXED
from sdmxmig.records.engines import POLARS
from sdmxmig.records.observation import DELIVERY, MOTHER

YEARLY, LAST_MONTH = "A", 12
MONTHS = {YEARLY: 12, "Q": 3, "M": 1}
"""How many months the periods of a frequency have, by the codes of `CL_FREQ`."""
FREQUENCIES = {"year": "A", "quarter": "Q", "month": "M"}
"""The codes of `CL_FREQ` by what periods are called."""
BASES, BIRTH_PLACES = (ACTUAL, INTENDED, GRANTED, MIXED), (MOTHER, DELIVERY)
TEMPORARY, RETURN, OVERSTAYS = "temporary", "return", "overstays"
CIRCULAR, REVISIONS = "circular", "revisions"
FURTHER = (TEMPORARY, RETURN, OVERSTAYS, CIRCULAR)


@dataclass(frozen=True, slots=True)
class DeriveRequest:
    """A derivation request.

    `first` and `last` bound complete records; `years` default to all complete ones. `every`: A, Q, M. `changes`
    override rule parameters. `birth_place` is from `CL_BIRTH_PLACE`, `source_type` from `CL_SRC_TYPE`. `bridged` nights
    fill gaps. `linked` gives sources of tables. `also` are from `FURTHER`. `earlier` is a day for revisions.
    """

    area: str
    rule: str
    _: KW_ONLY
    files: Mapping[str, Path]
    first: date | None = None
    last: date | None = None
    years: tuple[int, ...] = ()
    every: str = YEARLY
    year_ends: int = LAST_MONTH
    basis: str = ACTUAL
    birth_place: str = MOTHER
    bridged: int = 0
    source_type: str = ""
    linked: Mapping[str, str] = field(default_factory=dict)
    linkage: Path | None = None
    changes: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()
    earlier: date | None = None
    engine: str = POLARS
    memory: str = "4GB"
    master: str = "local[2]"
