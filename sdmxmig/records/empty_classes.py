"""Empty age classes: known to be empty, or unknown.

All classes are given where any is. Zeros state how many unknown persons there may be.
"""

from __future__ import annotations

from sdmxmig.primitives.errors import counted
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.counting import CERTAIN, LOW_RELIABILITY, OPEN_WEIGHT, WEIGHT, Row
from sdmxmig.records.people import AGE_GROUPS, TOTAL, UNKNOWN

SEX, AGE, POSSIBLE = "SEX", "AGE", "possible"


def with_empty_classes(sums: pl.DataFrame, unjudged: pl.DataFrame | None = None) -> pl.DataFrame:
    """Add empty classes with `possible` persons.

    `unjudged` are persons not known to count.
    """
    if not {SEX, AGE} <= set(sums.columns):
        return sums.with_columns(pl.lit(0, dtype=pl.Int64).alias(POSSIBLE))
    others = [name for name in sums.columns if name not in (SEX, AGE, WEIGHT, OPEN_WEIGHT)]
    aged = sums.filter(~pl.col(AGE).is_in([TOTAL, UNKNOWN]))
    blocks = aged.select(*others, SEX).unique(maintain_order=True)
    classes = blocks.join(pl.DataFrame({AGE: AGE_GROUPS}), how="cross")
    empty = classes.join(aged, on=[*others, SEX, AGE], how="anti", maintain_order="left")
    possible = pl.concat([sums, *([] if unjudged is None else [unjudged.select(sums.columns)])])
    possible = every(every(possible.filter(pl.col(AGE) != TOTAL), SEX, blocks[SEX].unique().to_list()), AGE, AGE_GROUPS)
    persons = (pl.max_horizontal(pl.col(WEIGHT).abs(), pl.col(OPEN_WEIGHT) * CERTAIN).sum() / CERTAIN).ceil()
    counts = possible.group_by(*others, SEX, AGE).agg(persons.cast(pl.Int64).alias(POSSIBLE))
    nobody = empty.join(counts, on=[*others, SEX, AGE], how="left", maintain_order="left").with_columns(
        pl.col(POSSIBLE).fill_null(0),
        pl.lit(0, dtype=pl.Int64).alias(WEIGHT),
        pl.lit(0).cast(pl.Int64).alias(OPEN_WEIGHT),
    )
    table = sums.with_columns(pl.lit(0, dtype=pl.Int64).alias(POSSIBLE))
    return pl.concat([table, nobody.select(table.columns)]).sort(sums.columns)


def every(sums: pl.DataFrame, column: str, codes: list[str]) -> pl.DataFrame:
    unknown = pl.col(column) == UNKNOWN
    may_be = pl.when(unknown).then(pl.lit([*codes])).otherwise(pl.concat_list(pl.col(column)))
    return sums.with_columns(may_be.alias(column)).explode(column)


def said_of_nobody(possible: int) -> Row:
    """What the zero of a class says of itself if it is unknown whether nobody is in it; nothing where that is known.

    >>> said_of_nobody(0), said_of_nobody(2)["COMMENT_OBS"]
    ({}, 'none known; of 2 persons it is not known whether they are to be counted here')
    """
    if not possible:
        return {}
    comment = f"none known; of {counted(possible, 'person')} it is not known whether they are to be counted here"
    return {"OBS_STATUS": LOW_RELIABILITY, "COMMENT_OBS": comment}
