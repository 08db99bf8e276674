"""Figures as rules of sums compare them: each observation once, with what rounding can hide in it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from sdmxmig.quality.rules import Check
from sdmxmig.quality.rules.values import taking_part_once
from sdmxmig.quality.rules.words import TOTAL, name_of, number

FIGURE = ("row", "amount", "slack", "power", "text")
"""The columns of a figure: its row and amount, twice what rounding hides, its multiplier and how it is written."""


def figures(check: Check, *only: pl.Expr) -> pl.DataFrame:
    """The observations that a rule looks at, each key once: the columns of the key and those of `FIGURE`.

    `only` says which of them are needed, so that a rule which asks for few of many does not sort them all out.

    `slack` is the printed unit, or nothing for whole persons, as rules of totals count it.
    """
    structure = check.dataset.flow.structure
    unit = 10**check.amounts.scale
    slack = pl.when(pl.col("printed_step") == unit).then(0).otherwise(pl.col("printed_step")).alias("slack")
    text = pl.col(structure.measure.id).alias("text")
    figures = taking_part_once(check).select([*structure.key, "row", "amount", slack, "power", text])
    return figures.filter(*only) if only else figures


def with_codes(frame: pl.DataFrame, codes: Mapping[str, str]) -> pl.DataFrame:
    """The figures that have these codes, without the columns of their dimensions."""
    for dimension, code in codes.items():
        frame = frame.filter(pl.col(dimension) == code)
    return frame.drop(list(codes))


def margins_only(check: Check, frame: pl.DataFrame, but: str = "") -> pl.DataFrame:
    """The figures that are at the total of every breakdown which the frame still has, but one."""
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
    """What several codes are called together; totals are not named beside others."""
    named = {dimension: code for dimension, code in codes.items() if code != TOTAL} or dict(list(codes.items())[:1])
    return " × ".join(name_of(check.dataset.flow, dimension, code, language) for dimension, code in named.items())


def half(check: Check, slack: int, power: int) -> str:
    """Half of the printed units of several figures, as far as rounding can move their sum, in the unit of a cell."""
    return check.amounts.printed(slack * 5, power + 1)


def exact(check: Check, row: Mapping[str, Any], column: str) -> Decimal:
    """An amount of a row in units, such as persons."""
    return check.amounts.exact(row[column])
