"""What can be asked of records: the country, the rule, the files, the years, and what besides flows and stocks."""

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
"""What durations may rest on, and by what a place of birth is told."""
TEMPORARY, RETURN, OVERSTAYS = "temporary", "return", "overstays"
CIRCULAR, REVISIONS = "circular", "revisions"
FURTHER = (TEMPORARY, RETURN, OVERSTAYS, CIRCULAR)
"""What can be asked besides flows and stocks."""


@dataclass(frozen=True, slots=True)
class DeriveRequest:
    """What is to be derived: the country, the rule, files by the name of their table, and options.

    `first` and `last` are the days over which the records are complete (None: the first and the last movement);
    `years` those that are asked for (none: all that are whole within these days). `every` is the frequency: A, Q or M;
    `year_ends` the month with which years end. `changes` set parameters of the rule otherwise than declared.
    `birth_place` is a code of `CL_BIRTH_PLACE`. Gaps of up to `bridged` nights in traces, between nights on the same
    side of the border, count as nights there. `source_type` is a code of `CL_SRC_TYPE` (empty: that of the files).
    With `links` among the files, `linked` says of which source the records of each of the other tables are.
    `linkage` has the errors of the linkage that documents or links come from. `also` names what is asked besides flows
    and stocks, out of `FURTHER`. With `earlier`, what is known is compared with what was known on that day.
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
