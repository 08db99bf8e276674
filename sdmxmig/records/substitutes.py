"""Movements made of other records: of crossings that name documents instead of persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.records import MOVEMENTS

if TYPE_CHECKING:
    from pathlib import Path


def of_persons(movements: Path, documents: Path) -> Path:
    """Crossings by the persons who travel with the documents that they name, in a file beside them.

    `person` of the crossings is a document. One that the table of documents lacks, or
    gives to several persons, stays what it is: a person of its own. Rows stay in their order.
    """
    target = movements.with_name("movements_of_persons.parquet")
    holders = pl.scan_parquet(documents).select("document", holder="person").unique("document", keep="none")
    scan = pl.scan_parquet(movements)
    joined = scan.join(holders, left_on="person", right_on="document", how="left", maintain_order="left")
    named = joined.with_columns(person=pl.coalesce("holder", "person"))
    named.select(column.name for column in MOVEMENTS.columns).sink_parquet(target)
    return target
