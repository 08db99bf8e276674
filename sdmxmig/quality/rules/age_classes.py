"""Age classes: complete from 0 to an open class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from sdmxmig.catalogue.ages import OPEN_END, interval, partitions
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.words import TOTAL, because, in_languages, name_of
from sdmxmig.sdmx.model.findings import Fault, NotTestable

AGE = "AGE"
ROW = 4
NAMED = 12
"""So many age classes a message names before it only counts them."""


@KINDS.add("AGES-WITHOUT-HOLE")
def ages_without_hole(check: Check) -> Iterable[Fault | NotTestable]:
    """Age classes that reach from 0 to an open class leave no age out and count none twice.

    Looked at are all classes of an area, item and period together: that one is not reported of a small group, where it
    has nobody, is no hole. Classes that do not begin at 0 or have no open end are of a part of the
    population, and are not judged.
    """
    check.parameters.close()
    dimension, structure = AGE, check.dataset.flow.structure
    if dimension not in structure.series_key:
        yield NotTestable(
            because("{flow} is not broken down by {dimensions}", flow=check.dataset.flow.id, dimensions=dimension)
        )
        return
    codes = [code for code in check.frame[dimension].unique().drop_nulls() if interval(code)]
    kept = [name for name in structure.key if name != dimension and not has_total(check, name)]
    frame = check.frame.filter(pl.col(dimension).is_in(codes)).group_by(kept, maintain_order=True).agg(dimension, "row")
    sets = frame.group_by(pl.col(dimension).list.unique().list.sort(), maintain_order=True).agg(
        pl.col("row").list.explode(keep_nulls=False, empty_as_null=False)
    )
    tested = False
    for classes, rows in sets.iter_rows():
        ages = hole(tuple(classes))
        tested = tested or ages is not None
        if ages:
            yield fault(check, dimension, classes, rows)
    if not tested:
        yield NotTestable(because("no age classes reach from 0 to an open class"))


def has_total(check: Check, dimension: str) -> bool:
    codelist = check.dataset.flow.codelist(dimension)
    return codelist is not None and TOTAL in codelist


@lru_cache(maxsize=1024)
def hole(classes: tuple[str, ...]) -> tuple[int, ...] | None:
    """The ages at which age classes fail to follow each other; None if they do not claim to cover all ages.

    >>> hole(("Y0T14", "Y15T64", "Y_GE65")), hole(("Y0T14", "Y20T64", "Y_GE65")), hole(("Y15T64", "Y_GE65"))
    ((), (15,), None)
    >>> hole(("Y0T14", "Y0T4", "Y5T9", "Y10T14", "Y15T64", "Y15T19", "Y20T24", "Y30T34", "Y_GE65"))
    (25,)
    """
    spans = [span for code in classes if (span := interval(code))]
    if len(spans) < 2 or not any(start == 0 for start, _ in spans) or not any(end == OPEN_END for _, end in spans):
        return None
    return partitions(classes)[1] or tuple(left_out(spans)[:1])


def left_out(spans: Sequence[tuple[int, int]]) -> list[int]:
    """The ages at which a single class is lacking among others of the same width, whatever broader ones there are.

    Classes of which some are divided and others not are no such row: only where the next class begins just one width
    later, and nothing else fills the place, one was left out.

    >>> left_out([(0, 5), (5, 10), (10, 15), (20, 25), (0, 15), (15, 65), (65, 1000)])
    [15]
    >>> left_out([(0, 5), (5, 10), (10, 15), (0, 15), (15, 65), (20, 65), (65, 1000)])
    []
    >>> left_out([(0, 5), (5, 10), (10, 15), (15, 16), (16, 20), (20, 25), (25, 65), (65, 1000)])
    []
    """
    classes = set(spans)
    widths = Counter(end - start for start, end in classes)
    lacking = []
    for start, end in sorted(classes):
        after = 2 * end - start
        goes_on = bool({(after, after + end - start), (after, OPEN_END)} & classes)
        is_filled = any(end <= other and other_end <= after for other, other_end in classes)
        if widths[end - start] >= ROW and goes_on and not is_filled:
            lacking.append(end)
    return lacking


def fault(check: Check, dimension: str, classes: Sequence[str], rows: Sequence[int]) -> Fault:
    """The fault of a set of age classes, with all rows that have it."""
    ordered = sorted(classes, key=lambda code: interval(code) or (0, 0))

    def words_in(language: str) -> dict[str, str]:
        names = [name_of(check.dataset.flow, dimension, code, language) for code in ordered]
        more = f"… (+ {len(names) - NAMED})"
        listed = names if len(names) <= NAMED else [*names[:NAMED], more]
        return {"classes": ", ".join(listed), "reached": reached(ordered)}

    words = in_languages(check.rule, words_in)
    return Fault(
        tuple(sorted(rows)), dimension, parameters=words, observed=" ".join(ordered), expected="every age once"
    )


def reached(classes: Sequence[str]) -> str:
    """The ages at which the classes from 0 on come to an end without another one that follows.

    >>> reached(["Y0T14", "Y20T64", "Y_GE65"])
    '15'
    """
    return ", ".join(map(str, hole(tuple(classes)) or ()))
