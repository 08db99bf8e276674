"""Movements derived from documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.records import MOVEMENTS

if TYPE_CHECKING:
    from pathlib import Path


def of_persons(movements: Path, documents: Path) -> Path:
    """Replace documents by persons; unknown or shared documents stay."""
    target = movements.with_name("movements_of_persons.parquet")
    holders = pl.scan_parquet(documents).select("document", holder="person").unique("document", keep="none")
    scan = pl.scan_parquet(movements)
    joined = scan.join(holders, left_on="person", right_on="document", how="left", maintain_order="left")
    named = joined.with_columns(person=pl.coalesce("holder", "person"))
    named.select(column.name for column in MOVEMENTS.columns).sink_parquet(target)
    return target
