"""Contradictory pairs: twins, parent and child, foreign documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.errors import MissingLibrary
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.engines import DUCKDB
from sdmxmig.records.linkage.conditions import condition_sql
from sdmxmig.records.linkage.declaration import LISTS, Condition
from sdmxmig.records.linkage.names import MISSING
from sdmxmig.records.linkage.preparation import ONE, OTHER, UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from sdmxmig.records.linkage.declaration import Apart, Block

UNLESS = "not coalesce(%s, false)"


def apart_sql(apart: Sequence[Apart]) -> str:
    rules = (
        all_sql(rule.conditions) + (f" and {UNLESS % all_sql(rule.unless)}" if rule.unless else "") for rule in apart
    )
    return " or ".join(f"({rule})" for rule in rules) or "false"


def all_sql(conditions: Iterable[Condition]) -> str:
    return " and ".join(condition_sql(condition, DUCKDB) for condition in conditions)


def contradicting(records: pl.DataFrame, pairs: pl.DataFrame, apart: Sequence[Apart]) -> pl.DataFrame:
    conditions = [condition for rule in apart for condition in (*rule.conditions, *rule.unless)]
    return pairs_where(records, pairs, apart_sql(apart), columns_of(conditions))


def columns_of(conditions: Iterable[Condition]) -> set[str]:
    return {name for condition in conditions for name in (condition.left, condition.right)}


def pairs_where(records: pl.DataFrame, pairs: pl.DataFrame, where: str, columns: set[str]) -> pl.DataFrame:
    """Those of pairs of records (`unit_l`, `unit_r`) of which a condition in SQL holds, in their order."""
    if not pairs.height:
        return pairs.select(ONE, OTHER)
    names = sorted(columns)
    sides = [
        records.select(pl.col(UNIT).alias(side), *(pl.col(name).alias(f"{name}{end}") for name in names))
        for side, end in ((ONE, "_l"), (OTHER, "_r"))
    ]
    units = pl.concat([pairs[ONE], pairs[OTHER]]).unique().implode()
    asked, left, right = (
        pairs.select(ONE, OTHER),
        *(side.filter(pl.col(side.columns[0]).is_in(units)) for side in sides),
    )
    with session_of_its_own() as session:
        for name, frame in (("asked", asked), ("l", left), ("r", right)):
            session.register(name, frame.to_arrow())
        query = f"select {ONE}, {OTHER} from asked join l using ({ONE}) join r using ({OTHER}) where {where}"  # noqa: S608
        answer: pl.DataFrame = session.sql(query).pl()
    return answer.unique().sort(ONE, OTHER)


def session_of_its_own() -> Any:
    try:
        import duckdb
    except ImportError:
        raise MissingLibrary("DuckDB is not installed.", hint=MISSING) from None
    return duckdb.connect()


def without_contradictions(records: pl.DataFrame, pairs: pl.DataFrame, apart: Sequence[Apart]) -> pl.DataFrame:
    return pairs.join(contradicting(records, pairs, apart), on=[ONE, OTHER], how="anti", maintain_order="left")


def agreeing_sql(blocks: Sequence[Block]) -> tuple[str, set[str]]:
    """Whether two records agree in a block, in SQL, and the columns that it looks at."""
    ways, columns = [], set()
    for block in blocks:
        for mine, theirs in ((block.equal, block.other), (block.other, block.equal)):
            held = [
                Condition("shares" if left in LISTS else "=", left, right=right)
                for left, right in zip(mine, theirs, strict=True)
            ]
            ways.append(" and ".join(f"coalesce({condition_sql(condition, DUCKDB)}, false)" for condition in held))
            columns |= columns_of(held)
    return " or ".join(f"({way})" for way in ways), columns
