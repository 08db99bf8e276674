"""Records of several sources by linked person.

Rejects records of two persons; unlinked records are their own persons; conflicting values are unknown. Both are
reported by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.doubtful import Doubt
from sdmxmig.records.reading import Check, check_rows
from sdmxmig.records.row_numbers import RowNumbers
from sdmxmig.records.rows import ROW
from sdmxmig.sdmx.model.records import LINKS, PERSONS
from sdmxmig.sdmx.model.rule_ids import RuleId

if TYPE_CHECKING:
    from pathlib import Path

PROBABLE, AGREEING = "PROB", "DET"
APART = "\x1f"
AT_ONCE = ("sex", "birth_date", "c_birth", "c_mother", "c_citizen")


@dataclass(frozen=True, slots=True)
class Linked:
    """Tables by linked persons, how they were linked (of `CL_INTEG_METHOD`), and what is doubtful in them."""

    paths: Mapping[str, Path]
    method: str
    _: KW_ONLY
    doubtful: tuple[Doubt, ...]


def linked(taken: Mapping[str, Path], sources: Mapping[str, str], numbers: RowNumbers) -> Linked:
    """Replace records by persons in tables.

    Rows keep order and `ROW`; the table of persons has one row each. Raises `InputError` for a record with two persons,
    `SdmxmigError` for an unlinked source.
    """
    links = pl.scan_parquet(taken[LINKS.name])
    check_links(links, numbers)
    known = links.select(pl.col("source").unique().sort()).collect()["source"].to_list()
    for source in sources.values():
        if source not in known:
            hint = did_you_mean(source, known) or f"The links have: {', '.join(known)}."
            raise SdmxmigError(f"No link is of a source “{source}”.", hint=hint)
    used = links.filter(pl.col("source").is_in(list(sources.values())))
    methods = used.select(pl.col("method").unique()).collect()["method"].to_list()
    paths: dict[str, Path] = dict(taken)
    doubtful: list[Doubt] = []
    for table, source in sources.items():
        target = taken[table].with_name(f"{table}_linked.parquet")
        mine = links.filter(pl.col("source") == source).select("record", holder="person").unique()
        rows = pl.scan_parquet(taken[table]).with_row_index(ROW, 1)
        joined = rows.join(mine, left_on="person", right_on="record", how="left", maintain_order="left")
        unlinked = joined.filter(pl.col("holder").is_null()).select(ROW)
        doubtful.append(Doubt(RuleId.UNLINKED, table, rows=unlinked.collect()[ROW], column="person"))
        own = pl.lit(source + APART) + pl.col("person")
        by_person = joined.with_columns(person=pl.coalesce("holder", own)).drop("holder")
        if table == PERSONS.name:
            doubtful.append(Doubt(RuleId.DIFFERENT_RECORDS, table, rows=differing(by_person).collect()[ROW]))
            by_person = one_each(by_person)
        by_person.sink_parquet(target)
        paths[table] = target
    return Linked(paths, PROBABLE if PROBABLE in methods else AGREEING, doubtful=tuple(doubtful))


def check_links(links: pl.LazyFrame, numbers: RowNumbers) -> None:
    other = pl.col("person") != pl.col("person").first().over("source", "record", order_by=ROW)
    what, hint = "A record that is linked to another person further up stands again", "Link the sources anew."
    contradicted = Check(other, what, hint=hint)
    check_rows(links.with_row_index(ROW, 1), [contradicted], numbers)


def certain(column: str) -> pl.Expr:
    values = pl.col(column).drop_nulls().unique()
    return pl.when(values.len() == 1).then(values.first()).alias(column)


def one_each(rows: pl.LazyFrame) -> pl.LazyFrame:
    together = rows.group_by("person", maintain_order=True).agg(
        pl.col(ROW).first(),
        *(certain(name) for name in AT_ONCE),
        pl.col("death_date").min(),
        pl.col("resident").max(),
    )
    return together.select(ROW, *(column.name for column in PERSONS.columns))


def differing(rows: pl.LazyFrame) -> pl.LazyFrame:
    names = (*AT_ONCE, "death_date")
    several = [pl.col(name).drop_nulls().n_unique().over("person") > 1 for name in names]
    return rows.filter(pl.any_horizontal(several)).select(ROW)
