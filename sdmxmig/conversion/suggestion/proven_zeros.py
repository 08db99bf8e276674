"""Dashes proven to be zero by totals.

Complete rows or columns of dashes prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.questions import Question
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.tables import Table

TOTAL = "_T"
SIGN = re.compile("the sign “(.*)”")
"""How the question about a sign is called."""
ENOUGH = 3
"""So many totals have to be sums; fewer may be so by chance."""
TELLING = 2
"""How many parts that are not zero such a sum has at least."""
PRECISION = 38, 6
"""Digits of the numbers that are added up, and how many of them are decimals."""


def without_proven_zeros(
    questions: Sequence[Question], dataset: Dataset, tables: Sequence[Table]
) -> tuple[Question, ...]:
    """Settle questions about proven zeros."""
    match_by_label = {
        question.label: SIGN.fullmatch(question.label)
        for question in questions
        if question.part == "values" and question.is_open
    }
    signs = {label: match[1] for label, match in match_by_label.items() if match}
    proven = proven_zeros(dataset, tables, [*signs.values()]) if signs else frozenset()
    certain = Candidate("0", 1.0, reason="the totals of the table fit only so")
    return tuple(
        replace(question, chosen=certain)
        if question.part == "values"
        and question.chosen.code == "0"
        and all((sheet, signs.get(question.label, "")) in proven for sheet in question.sheets or (question.sheet,))
        else question
        for question in questions
    )


def proven_zeros(dataset: Dataset, tables: Sequence[Table], signs: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Find proven zero symbols by sheet.

    `dataset` reads the symbol as zero.
    """
    measure = dataset.flow.structure.measure.id
    places = dataset.origins.filter(pl.col("component") == measure).select(
        "observation", pl.col("sheet").cast(pl.String), "row", "column"
    )
    cells = [table.cells.select("row", "column", "text").with_columns(sheet=pl.lit(table.sheet)) for table in tables]
    placed = places.join(pl.concat(cells), on=["sheet", "row", "column"], how="inner")
    figures = dataset.observations.with_row_index("observation").join(placed, on="observation", how="inner")
    figures = figures.with_columns(
        amount=pl.col(measure).cast(pl.Decimal(*PRECISION), strict=False), text=pl.col("text").str.strip_chars()
    )
    proven = set()
    for sign in signs:
        for (sheet,), alone in figures.group_by("sheet", maintain_order=True):
            marked = alone.with_columns(is_sign=pl.col("text") == sign)
            if is_scattered(marked) and is_proven(marked, dataset.flow.structure.key):
                proven.add((str(sheet), sign))
    return frozenset(proven)


def is_scattered(figures: pl.DataFrame) -> bool:
    return all(
        figures.group_by(line).agg(pl.col("is_sign").all())["is_sign"].any() is False for line in ("row", "column")
    )


def is_proven(figures: pl.DataFrame, key: Sequence[str]) -> bool:
    for sums in sums_by_breakdown(figures, key):
        signs = sums.filter("has_sign")
        fit = signs.height and signs["is_sum"].all()
        if fit and (signs.height >= ENOUGH or (sums.height >= ENOUGH and sums["is_sum"].all())):
            return True
    return False


def sums_by_breakdown(figures: pl.DataFrame, key: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Whether each total is the sum of its parts and a sign is among these, for each breakdown without regions."""
    for name in key:
        codes = figures[name].unique().drop_nulls().to_list()
        if TOTAL not in codes or len(codes) <= TELLING or any(code.isdecimal() for code in codes):
            continue
        other_dimensions = [dimension for dimension in key if dimension != name]
        parts = (
            figures.filter(pl.col(name) != TOTAL)
            .group_by(other_dimensions)
            .agg(
                sum=pl.col("amount").sum(),
                has_sign=pl.col("is_sign").any(),
                known=(pl.col("amount") != 0).sum(),
            )
        )
        totals = figures.filter(pl.col(name) == TOTAL).group_by(other_dimensions).agg(total=pl.col("amount").first())
        sums = parts.filter(pl.col("known") >= TELLING).join(totals, on=other_dimensions, nulls_equal=True)
        yield sums.drop_nulls("total").with_columns(is_sum=pl.col("sum") == pl.col("total"))
