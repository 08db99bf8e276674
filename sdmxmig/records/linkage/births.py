"""Plausible days of birth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl

if TYPE_CHECKING:
    from collections.abc import Iterable
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
