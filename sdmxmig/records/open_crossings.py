"""Effect of open crossings on residents, limited to one person.

Adjustments prevent weights below 0 or above 1; certainty overrides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import nw
from sdmxmig.records.counting import CERTAIN
from sdmxmig.records.ordered import Order, arranged, highest, last_seen, previous, running
from sdmxmig.records.outcomes import OPEN_SPELL
from sdmxmig.records.rows import whole
from sdmxmig.records.spells import CROSSING, START

if TYPE_CHECKING:
    from sdmxmig.records.rows import Rows

COLUMNS = ("person", "turned", "origin", "own", "open", "settled")
CHANGES = ("person", "turned", "weight", "adjusts", "open")


def opened_in(events: Rows, states: Rows, *, lying: bool) -> Rows:
    order = Order(("turned", "origin"), lying)
    inward, undecided = nw.col("direction") == "I", nw.col("outcome") == OPEN_SPELL
    own = nw.when(~undecided).then(whole(0)).when(inward).then(nw.col("weight")).otherwise(-nw.col("weight"))
    crossings = events.filter(nw.col("open") == 1).with_columns(
        turned=nw.col("at"), origin=whole(CROSSING + 1), own=own, settled=whole(None)
    )
    theirs = states.join(crossings.select("person").unique(), on="person", how="inner").with_columns(
        turned=nw.when(nw.col("origin") <= START).then(nw.col("begin") - 1).otherwise(nw.col("begin")),
        own=whole(0),
        open=whole(0),
    )
    rows = arranged(nw.concat([part.select(*COLUMNS) for part in (theirs, crossings)], how="vertical"), order)
    rows = since_certain(rows, order)
    rows = rows.with_columns(weight=nw.col("beyond") - previous("beyond", order).fill_null(0))
    changed = rows.with_columns(adjusts=nw.col("weight") - nw.col("own"))
    return changed.filter((nw.col("open") == 1) | (nw.col("weight") != 0)).select(*CHANGES)


def since_certain(rows: Rows, order: Order) -> Rows:
    """The rows with the weight `beyond` the last certain residence: between none and one person in all."""
    known = ~nw.col("settled").is_null()
    rows = rows.with_columns(
        total=running("own", order),
        home=last_seen("settled", order),
        stretch=nw.when(known | previous("turned", order).is_null()).then(whole(1)).otherwise(whole(0)),
    )
    base = nw.when(nw.col("stretch") == 1).then(nw.col("total") - nw.col("own"))
    rows = rows.with_columns(base=base).with_columns(base=last_seen("base", order), stretch=running("stretch", order))
    away = nw.when(nw.col("home") == 1).then(whole(-1)).otherwise(whole(1))
    rows = rows.with_columns(away=away, gone=away * (nw.col("total") - nw.col("base")))
    rows = rows.with_columns(back=nw.max_horizontal(-nw.col("gone"), whole(0)))
    rows = rows.with_columns(block=nw.col("stretch")) if order.lying else rows
    most = highest("back", Order(order.by, order.lying, within=("person", "stretch")))
    return rows.with_columns(back=most).with_columns(
        beyond=nw.col("away") * nw.min_horizontal(nw.col("gone") + nw.col("back"), whole(CERTAIN))
    )
