"""Age classes with nobody in them: which are known to be empty, and which only have nobody who is known to be in them.

Where a figure is given by age, every class is, so that no age is left out. A class is known to be empty if nobody who
is counted, and nobody of whom it is not known whether to count them, may be of it: all have another age or sex. Else
its zero says of how many persons that is not known.
"""

from __future__ import annotations

from sdmxmig.primitives.errors import counted
from sdmxmig.primitives.lazily import pl
from sdmxmig.records.counting import CERTAIN, LOW_RELIABILITY, OPEN_WEIGHT, WEIGHT, Row
from sdmxmig.records.people import AGE_GROUPS, TOTAL, UNKNOWN

SEX, AGE, POSSIBLE = "SEX", "AGE", "possible"
"""Columns of sums; the last one has of how many persons it is not known whether they are of the class."""


def with_empty_classes(sums: pl.DataFrame, unjudged: pl.DataFrame | None = None) -> pl.DataFrame:
    """Sums by sex and age with the classes that nobody counted is of, and for these how many may be (`possible`).

    `sums` is as `totals_of` gives them; `unjudged`, with the same columns, are persons of whom it is not known whether
    to count them. Of each sex that has any age class all are given. Sums without ages stay as they are.
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
    """Sums in which what is not known may be any of the codes."""
    unknown = pl.col(column) == UNKNOWN
    may_be = pl.when(unknown).then(pl.lit([*codes])).otherwise(pl.concat_list(pl.col(column)))
    return sums.with_columns(may_be.alias(column)).explode(column)


def said_of_nobody(possible: int) -> Row:
    """What the zero of a class says of itself if it is not known whether nobody is in it; nothing where that is known.

    >>> said_of_nobody(0), said_of_nobody(2)["COMMENT_OBS"]
    ({}, 'none known; of 2 persons it is not known whether they are to be counted here')
    """
    if not possible:
        return {}
    comment = f"none known; of {counted(possible, 'person')} it is not known whether they are to be counted here"
    return {"OBS_STATUS": LOW_RELIABILITY, "COMMENT_OBS": comment}
