"""Reliability of flows.

Unrecorded exits make immigrants and visitors look alike; above a declared share, unjudged crossings make flows
unreliable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import counted
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.counting import CERTAIN, LOW_RELIABILITY, NORMAL, OF_PERSONS, WEIGHT, Row
from sdmxmig.records.days import PERIOD
from sdmxmig.records.doubtful import Doubt
from sdmxmig.records.people import TOTAL
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.rule_ids import RuleId

FILE = "derivation.toml"
MAX_SHOWN = 12
"""Maximum number of periods named."""
PARTS = ("C_RESIDENCE", "COUNTERPART_AREA", "MOB_TYPE", "STAY_DUR", *(name for names in OF_PERSONS for name in names))
WHOLES = (TOTAL, "TMP")
"""The codes of totals; temporary mobility has its own."""
CROSSING, PERSON = "more crossing", "more person"
UNJUDGED = "unjudged"
"""1 for crossings that could not be judged."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Unjudged and counted crossings; `limit` is the declared share."""

    unjudged: int
    counted: Decimal
    limit: str = "unjudged_percent"
    comment: str = "unknown whether they are migration: {}"
    noun: str = CROSSING

    @property
    def is_low(self) -> bool:
        both = self.unjudged + self.counted
        return self.unjudged > both * read_max_undecided(self.limit) / 100

    def status_of(self, row: Row) -> Row:
        return {**row, "OBS_STATUS": LOW_RELIABILITY} if self.is_low and row["OBS_STATUS"] == NORMAL else row

    def said_of(self, row: Row) -> Row:
        if not (self.is_low and all(row.get(name, TOTAL) in WHOLES for name in PARTS)):
            return self.status_of(row)
        comments = [row.get("COMMENT_OBS", ""), self.comment.format(counted(self.unjudged, self.noun))]
        return {**self.status_of(row), "COMMENT_OBS": "; ".join(filter(None, comments))}


KNOWN = Reliability(0, Decimal(0))
Flows = Mapping[tuple[str, str], Reliability]
"""Reliability by direction and period."""


@cache
def read_max_undecided(limit: str) -> Decimal:
    declared = Declared.parse(FILE, (find_shipped_folder("structures") / FILE).read_bytes()).table("reliability")
    return Decimal(declared.integer(limit))


def estimate_reliability(finest: pl.DataFrame) -> Flows:
    of_each = finest.group_by("direction", PERIOD, maintain_order=True).agg(
        lost=pl.col(WEIGHT).filter(pl.col(UNJUDGED) == 1).sum(),
        counted=pl.col(WEIGHT).filter(pl.col(UNJUDGED) == 0).sum(),
    )
    return {
        (direction, period): Reliability(lost // CERTAIN, Decimal(counted) / CERTAIN)
        for direction, period, lost, counted in of_each.select("direction", PERIOD, "lost", "counted").rows()
    }


def find_unreliable_flows(flows: Flows, names: Mapping[str, str], table: str) -> Iterator[Doubt]:
    for direction, flow in names.items():
        low = {
            period: flows[of, period] for of, period in sorted(flows) if of == direction and flows[of, period].is_low
        }
        if low:
            certain = sum((each.counted for each in low.values()), start=Decimal(0))
            parameters = {
                "flow": flow,
                "periods": ", ".join([*low][:MAX_SHOWN]) + (" …" if len(low) > MAX_SHOWN else ""),
                "unjudged": f"{sum(each.unjudged for each in low.values()):,}",
                "counted": f"{certain.normalize():,f}",
            }
            yield Doubt(RuleId.UNRELIABLE_FLOW, table, rows=None, parameters=parameters)
