"""Documents that stand in the column of the personal number: other records of the person have them as documents."""

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
    """Prepared records with documents where they belong, and the rows in which one stood as the number of the person.

    A number is a document if another record has it as one, and has the same day of birth or a part of the name: short
    numbers of two persons may be the same. It is no number of the person any more if that record has another number;
    else it stays one too, as where identity cards have the number of their person.
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
