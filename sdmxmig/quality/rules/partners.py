"""Migration to the same country."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.reasons import because
from sdmxmig.sdmx.model.findings import Fault, NotTestable

AREA = "REF_AREA"


@KINDS.add("PARTNER-ABROAD")
def partner_abroad(check: Check) -> Iterable[Fault | NotTestable]:
    """The partner is another country. Parameter `pair`: tables with `partner` and, where it matters, `when` codes."""
    parameters = check.parameters
    pairs = [(pair.text("partner"), pair.table("when").pairs()) for pair in parameters.tables("pair")]
    parameters.close()
    structure, frame = check.dataset.flow.structure, check.frame
    present = [(partner, when) for partner, when in pairs if all(name in structure for name in (partner, AREA, *when))]
    if not present:
        yield NotTestable(because("{flow} has no partner countries", flow=check.dataset.flow.id))
    for partner, when in present:
        same = frame.filter(pl.col(partner) == pl.col(AREA))
        for dimension, code in when.items():
            same = same.filter(pl.col(dimension) == code)
        for area, rows in same.group_by(partner, maintain_order=True).agg("row").iter_rows():
            words = {"value": area, "component": partner}
            yield Fault(tuple(rows), partner, parameters=words, observed=area, expected="another country")
