"""Matrices of flows between countries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.reasons import because
from sdmxmig.quality.rules.reports import EPSILON, moves_of_all
from sdmxmig.quality.rules.series import decimal, decimals
from sdmxmig.quality.rules.sides import AREA, none_to_compare, plain, read_sides
from sdmxmig.quality.rules.words import in_languages, number
from sdmxmig.sdmx.model.findings import Fault, NotTestable

ROUNDS = 100
"""So often rows and columns are fitted in turn; small matrices of flows need about ten."""


@KINDS.add("MATRIX-FITS")
def matrix_fits(check: Check) -> Iterable[Fault | NotTestable]:
    """No flow is far from what the matrix of all flows between the countries lets expect.

    The matrix begins with the mean of both reports of each flow and is fitted to what each country reports of all
    flows from it, and to it (iterative proportional fitting; both totals are first made equal). Every flow between the
    countries must be reported by both. Parameters: as those of REPORTS-IN-RATIO to `pair`; `partner`, the dimension of
    the dataset that names the other country; `countries`, how many are needed; `share`, by which a flow may differ from
    the fitted one; `least`, the flow from which on it matters.
    """
    parameters = check.parameters
    comparison, pairs, outside = read_sides(check, parameters)
    partner, needed, least = parameters.text("partner"), parameters.integer("countries"), parameters.integer("least")
    share = decimal(parameters, "share")
    parameters.close()
    if not outside:
        yield none_to_compare(comparison.domains)
        return
    tested = False
    for pair in pairs:
        cells = complete(moves_of_all(check, comparison, pair, outside), check.books[0].time, partner, needed)
        if cells.is_empty() or cells.get_column("row").null_count() == cells.height:
            continue
        tested = True
        cells = fitted(cells, check.books[0].time, partner).drop_nulls("row")
        off = (pl.col("cell") / pl.col("value") - 1).abs() > share + EPSILON
        for cell in cells.filter(off, pl.max_horizontal("value", "cell") >= least).iter_rows(named=True):
            yield out_of_matrix(check, cell, share)
    if not tested:
        yield NotTestable(
            because("in no year are all flows between {needed} countries reported by both sides", needed=needed)
        )


def complete(cells: pl.DataFrame, time: str, partner: str, needed: int) -> pl.DataFrame:
    counted = cells.with_columns(
        countries=pl.col(AREA).n_unique().over(time),
        partners=pl.col(partner).n_unique().over(time),
        flows=pl.len().over(time),
    )
    is_whole = pl.col("flows") == pl.col("countries") * (pl.col("countries") - 1)
    return counted.filter(is_whole, pl.col("countries") == pl.col("partners"), pl.col("countries") >= needed)


def fitted(cells: pl.DataFrame, time: str, partner: str) -> pl.DataFrame:
    """The flows with their fitted size, `cell`: rows and columns add up to what the countries report of them."""
    value, other = pl.col("value"), pl.col("other")
    whole = (value.sum().over(time) + other.sum().over(time)) / 2
    cells = cells.with_columns(
        cell=(value + other) / 2,
        of_area=value.sum().over(time, AREA) * whole / value.sum().over(time),
        of_partner=other.sum().over(time, partner) * whole / other.sum().over(time),
    )
    for _ in range(ROUNDS):
        for name, margin in ((AREA, "of_area"), (partner, "of_partner")):
            factor = pl.col(margin) / pl.col("cell").sum().over(time, name)
            cells = cells.with_columns(cell=(pl.col("cell") * factor).fill_nan(0.0))
    return cells


def out_of_matrix(check: Check, cell: Mapping[str, Any], share: float) -> Fault:
    """The fault of a flow that is far from the fitted one."""

    def words_in(language: str) -> dict[str, str]:
        return {
            "value": number(plain(cell["value"]), language),
            "other": number(plain(cell["other"]), language),
            "fitted": number(plain(cell["cell"], 0), language),
            "count": number(str(cell["countries"]), language),
            "limit": decimals(share * 100, language, 0),
        }

    return Fault(
        (cell["row"],),
        check.dataset.flow.structure.measure.id,
        parameters=in_languages(check.rule, words_in),
        observed=plain(cell["value"]),
        expected=f"about {plain(cell['cell'], 0)}",
    )
