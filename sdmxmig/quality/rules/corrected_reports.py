"""Mirror reports corrected by factors of both countries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.reports import EPSILON, places_to_tell
from sdmxmig.quality.rules.series import decimal, decimals
from sdmxmig.quality.rules.sides import AREA, SidePair, fault_beside, none_to_compare, paired, plain, read_sides
from sdmxmig.quality.rules.words import because, number
from sdmxmig.sdmx.model.findings import Fault, NotTestable

DIRECTION = "DIRECTION"


@KINDS.add("CORRECTED-REPORTS-AGREE")
def corrected_reports_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """Both reports of a flow are alike, once what differs by definition and coverage is corrected by factors.

    The distance is that of their logarithms. Parameters: as those of REPORTS-IN-RATIO to `pair`, whose sides name a
    direction; `partner`, the dimension of the dataset that names the other country; `most`, the largest distance;
    `least`, the corrected figure from which on it matters.
    """
    parameters = check.parameters
    comparison, pairs, outside = read_sides(check, parameters)
    partner, most, least = parameters.text("partner"), decimal(parameters, "most"), parameters.integer("least")
    parameters.close()
    if not outside:
        yield none_to_compare(comparison.domains)
        return
    tested = False
    for pair in pairs:
        both = corrected(check, paired(check, comparison, pair, outside), pair, partner)
        both = both.filter(pl.max_horizontal("own_corrected", "other_corrected") >= least)
        tested = tested or not both.is_empty()
        wrong = both.filter(pl.col("distance") > most + EPSILON)
        for row in wrong.iter_rows(named=True):

            def words_in(language: str, row: Mapping[str, Any] = row) -> dict[str, str]:
                figures = {name: number(plain(row[name], 0), language) for name in ("own_corrected", "other_corrected")}
                places = places_to_tell([row["distance"], most])
                limits = {"distance": row["distance"], "limit": most}
                return {**{name: decimals(value, language, places) for name, value in limits.items()}, **figures}

            expected = f"about {plain(row['other_corrected'] / row['own_factor'], 0)}"
            yield fault_beside(check, row, outside[row["report"]], words_in, expected=expected)
    if not tested:
        yield NotTestable(
            because("there are no correction factors of both countries for a flow of at least {least}", least=least)
        )


def corrected(check: Check, both: pl.DataFrame, pair: SidePair, partner: str) -> pl.DataFrame:
    """The pairs of which both countries have a factor, with corrected figures and their distance."""
    factors = pl.DataFrame(
        [(factor.area, factor.direction, factor.factor) for factor in check.outside.factors],
        schema={"area": pl.String, DIRECTION: pl.String, "factor": pl.Float64},
        orient="row",
    ).unique(["area", DIRECTION], keep="last", maintain_order=True)
    if AREA not in both.columns or partner not in both.columns:
        return both.with_columns(
            pl.lit(0.0).alias(name) for name in ("own_corrected", "other_corrected", "distance")
        ).clear()
    for name, area, side in (("own_factor", AREA, pair.own), ("other_factor", partner, pair.other)):
        of_side = factors.filter(pl.col(DIRECTION) == side.codes[DIRECTION]).select(
            pl.col("area").alias(area), factor="factor"
        )
        both = both.join(of_side.rename({"factor": name}), on=area, how="inner", maintain_order="left")
    both = both.with_columns(
        own_corrected=pl.col("value") * pl.col("own_factor"), other_corrected=pl.col("other") * pl.col("other_factor")
    )
    return both.with_columns(distance=(pl.col("own_corrected") / pl.col("other_corrected")).log().abs())
