"""Plausible days of birth.

Documents entered as personal numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.linkage.preparation import SOURCE, UNIT, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sdmxmig.records.linkage.declaration import Unknown


OF_BIRTH = (
    *("birth", "birth_year", "birth_month", "birth_day"),
    *("birth_month_day", "birth_turned", "birth_sure", "new_year"),
)
"""The columns of records that are made of the day of birth."""


def possible_births(frames: Iterable[pl.DataFrame], unknown: Unknown, day: date | None) -> tuple[str, str]:
    """Return the possible range of births as YYYYMMDD.

    From the day of records, or the span containing most births.
    """
    if day:
        return f"{max(0, day.year - unknown.oldest):04}{day:%m%d}", f"{day.year:04}{day:%m%d}"
    born = pl.concat([frame.select("birth_year") for frame in frames])["birth_year"].drop_nulls()
    years = born.filter(born.is_between(unknown.first_year, unknown.last_year)).value_counts().sort("birth_year").rows()
    if not years:
        return f"{unknown.first_year:04}0101", f"{unknown.last_year:04}1231"
    held = {first: sum(count for year, count in years if first <= year <= first + unknown.oldest) for first, _ in years}
    first = max(held, key=lambda year: (held[year], -year))
    return f"{first:04}0101", f"{min(first + unknown.oldest, unknown.last_year):04}1231"


def without_impossible_births(frame: pl.DataFrame, possible: tuple[str, str]) -> tuple[pl.DataFrame, list[int]]:
    wrong = (~frame["birth"].is_between(*possible)).fill_null(value=False)
    kept = frame.with_columns(pl.when(~wrong).then(pl.col(name)).alias(name) for name in OF_BIRTH)
    return kept, frame.filter(wrong)["row"].sort().to_list()


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
