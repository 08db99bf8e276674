"""Documents entered as personal numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.preparation import SOURCE, UNIT, together

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBER, DOCUMENTS = "number", "documents"


def with_documents_in_place(
    sources: Mapping[str, pl.DataFrame],
) -> tuple[dict[str, pl.DataFrame], dict[str, list[int]]]:
    """Move documents out of the number column, and list rows.

    Requires a matching document with the same birth or name part.
    """
    records = together(sources).select([UNIT, SOURCE, "row", NUMBER, DOCUMENTS, "birth", "parts"])
    held = records.explode(DOCUMENTS).drop_nulls(DOCUMENTS)
    both = records.drop_nulls(NUMBER).join(held, left_on=NUMBER, right_on=DOCUMENTS, suffix="_of")
    agrees = (pl.col("birth") == pl.col("birth_of")).fill_null(value=False) | (
        pl.col("parts").list.set_intersection("parts_of").list.len() > 0
    ).fill_null(value=False)
    both = both.filter(agrees)
    shared = both[UNIT].unique().implode()
    # In the join the number of the left record is the document of the right one, whose own number is number_of.
    wrong = both.filter(pl.col(f"{NUMBER}_of") != pl.col(NUMBER))
    moved = wrong.select(UNIT, SOURCE, "row").unique().sort(UNIT)
    with_it = pl.col(DOCUMENTS).fill_null([]).list.concat(pl.concat_list(NUMBER)).list.unique().list.sort()
    placed = records.with_columns(
        pl.when(pl.col(UNIT).is_in(shared)).then(with_it).otherwise(DOCUMENTS).alias(DOCUMENTS),
        pl.when(~pl.col(UNIT).is_in(moved[UNIT].implode())).then(NUMBER).alias(NUMBER),
    )
    frames = {
        source: frame.with_columns(placed.filter(pl.col(SOURCE) == source).select(NUMBER, DOCUMENTS).get_columns())
        for source, frame in sources.items()
    }
    return frames, {source: moved.filter(pl.col(SOURCE) == source)["row"].sort().to_list() for source in sources}
