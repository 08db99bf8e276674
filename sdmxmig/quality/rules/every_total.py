"""Totals that no other rule checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import polars as pl

from sdmxmig.quality.rules import KINDS, Check, compares_figures
from sdmxmig.quality.rules.totals import above, added_up, breakdown, fault, first_of_groups, in_words, split_by
from sdmxmig.quality.rules.words import TOTAL, because
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.findings import Fault, NotTestable, Rule

AGES, REST = "CL_AGE", "_O"
NO_PARTS = frozenset({TOTAL, "_Z", "_U", "_X"})
OF_TOTALS = ("TOTAL-IS-SUM", "TOTALS-ARE-SUMS", "PART-WITHIN-TOTAL", "PARTS-WITHIN-TOTAL")


@KINDS.add("EVERY-TOTAL-FITS")
@compares_figures
def every_total_fits(check: Check) -> Iterable[Fault | NotTestable]:
    """A total is the sum of its parts if these are complete by codelist, and never less than their sum.

    Covers one-dimensional breakdowns without another rule on totals. Parameters: `units`: those of counts; `except`:
    codes by dimension. Tolerance as for TOTAL-IS-SUM.
    """
    parameters = check.parameters
    parameters.strings("units")
    parameters.table("except")
    parameters.close()
    measure = check.dataset.flow.structure.measure.id
    tested = False
    for dimension, codelist in free_breakdowns(check):
        of = breakdown(check.dataset.flow, [dimension], TOTAL, (), by_age=codelist.ref.id == AGES)
        split = split_by(check, of)
        sums = added_up(split, split.whole)
        more = (pl.col("sum") - pl.col("amount")) * 2 > pl.col("slack")
        less = (pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack")
        for row in in_words(check, split, split.whole, first_of_groups(sums.filter(more | less))):
            if row["sum"] > row["amount"] or of.by_age or is_complete(tuple(row["codes"]), codelist):
                yield fault(check, of, measure, row)
        tested = tested or not sums.is_empty()
    if not tested:
        yield NotTestable(because("no total is reported with its parts in a breakdown that no other rule looks at"))


def free_breakdowns(check: Check) -> list[tuple[str, ItemScheme]]:
    """Return dimensions with a total and parts that no other rule checks, with codelists."""
    flow = check.dataset.flow
    checked_elsewhere = {name for rule in check.beside if rule.kind in OF_TOTALS for name in dimensions_of(rule)}
    free = []
    for name in flow.structure.series_key:
        codelist = flow.codelist(name)
        if name in checked_elsewhere or codelist is None or TOTAL not in codelist:
            continue
        codes = check.books[0].numbers.present(name)
        if len(codes) > 1 and TOTAL in codes:
            free.append((name, codelist))
    return free


def dimensions_of(rule: Rule) -> Sequence[str]:
    listed = rule.parameters.get("dimensions")
    names = [str(name) for name in listed] if isinstance(listed, list) else []
    return names if rule.kind != "TOTAL-IS-SUM" or len(names) == 1 else []


@lru_cache(maxsize=1024)
def is_complete(codes: tuple[str, ...], codelist: ItemScheme) -> bool:
    present = set(codes)
    parents = {item.id: item.parent for item in codelist.items if item.parent}
    reached = {ancestor for code in present for ancestor in above(code, parents)}
    return REST in present or all(
        code in NO_PARTS or code in reached or above(code, parents) & present for code in codelist.ids
    )
