"""Figures for rules of sums: each observation once, with rounding."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from sdmxmig.quality.rules import Check
from sdmxmig.quality.rules.values import taking_part_once
from sdmxmig.quality.rules.words import TOTAL, name_of, number

FIGURE = ("row", "amount", "slack", "power", "text")


def figures(check: Check, *only: pl.Expr) -> pl.DataFrame:
    """Select the figures of a rule, each key once: key and `FIGURE` columns.

    `only` limits them. `slack` is the printed unit, zero for whole persons.
    """
    structure = check.dataset.flow.structure
    unit = 10**check.amounts.scale
    slack = pl.when(pl.col("printed_step") == unit).then(0).otherwise(pl.col("printed_step")).alias("slack")
    text = pl.col(structure.measure.id).alias("text")
    figures = taking_part_once(check).select([*structure.key, "row", "amount", slack, "power", text])
    return figures.filter(*only) if only else figures


def with_codes(frame: pl.DataFrame, codes: Mapping[str, str]) -> pl.DataFrame:
    for dimension, code in codes.items():
        frame = frame.filter(pl.col(dimension) == code)
    return frame.drop(list(codes))


def margins_only(check: Check, frame: pl.DataFrame, but: str = "") -> pl.DataFrame:
    for dimension in check.dataset.flow.structure.series_key:
        codelist = check.dataset.flow.codelist(dimension)
        if dimension in frame.columns and dimension != but and codelist is not None and TOTAL in codelist:
            frame = frame.filter(pl.col(dimension) == TOTAL)
    return frame


def per_cent(share: Decimal, language: str) -> str:
    """A share in per cent with at most one decimal, as a language writes it.

    >>> per_cent(Decimal("0.0512"), "fr"), per_cent(Decimal("0.05"), "fr")
    ('5,1', '5')
    """
    text = f"{(share * 100).quantize(Decimal('0.1')):f}"
    return number(text.removesuffix(".0"), language)


def names_of(check: Check, codes: Mapping[str, str], language: str) -> str:
    named = {dimension: code for dimension, code in codes.items() if code != TOTAL} or dict(list(codes.items())[:1])
    return " × ".join(name_of(check.dataset.flow, dimension, code, language) for dimension, code in named.items())


def half(check: Check, slack: int, power: int) -> str:
    return check.amounts.printed(slack * 5, power + 1)


def exact(check: Check, row: Mapping[str, Any], column: str) -> Decimal:
    return check.amounts.exact(row[column])
