"""Movements made of other records: of permits, and of crossings that name documents instead of persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.lazily import pl
from sdmxmig.model.records import MOVEMENTS
from sdmxmig.records.reading import type_of

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


def of_permits(permits: Path) -> Path:
    """An entry where permits of a person begin and an exit where they end, in a file beside them.

    Permits that overlap or follow each other without a gap are one. What is allowed is known ahead: permits that hold
    beyond the end of the observation are no open stays if it is said to last as long as they do.
    """
    target = permits.with_name("movements_of_permits.parquet")
    spans = pl.scan_parquet(permits).filter(pl.col("end") > pl.col("begin")).sort("person", "begin", "end")
    reached = pl.col("end").cum_max().shift(1).over("person")
    apart = spans.with_columns(first=(reached.is_null() | (pl.col("begin") > reached)).cast(pl.Int64))
    joined = (
        apart.with_columns(span=pl.col("first").cum_sum().over("person"))
        .group_by("person", "span")
        .agg(pl.col("begin").min(), pl.col("end").max())
    )
    others = {
        column.name: pl.lit(None, dtype=type_of(column))
        for column in MOVEMENTS.columns
        if column.name not in ("person", "date", "direction")
    }
    sides = [
        joined.select("person", pl.col(name).alias("date"), pl.lit(direction).alias("direction"))
        for name, direction in (("begin", "ENTRY"), ("end", "EXIT"))
    ]
    rows = pl.concat(sides).with_columns(**others).sort("person", "date", "direction")
    rows.select(column.name for column in MOVEMENTS.columns).sink_parquet(target)
    return target
