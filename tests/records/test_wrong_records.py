"""Persons on lists who are not residents, estimated for each list from a sample of known persons."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from sdmxmig.records.coverage_release import combine_wrong_records
from sdmxmig.records.group_estimates import WrongRecords
from sdmxmig.records.register_coverage import estimate_absent_spread, estimate_wrong_records
from sdmxmig.statistics.demography.signs_of_life import SampleGroup, estimate_over_coverages

Person = tuple[int, bool | None, bool]


def persons(*rows: tuple[int, Person]) -> pl.DataFrame:
    """So many persons with a history, their result in the sample, and whether an exit was registered."""
    people = [person for number, person in rows for _ in range(number)]
    return pl.DataFrame(people, schema={"history": pl.Int64, "resident": pl.Boolean, "left": pl.Boolean}, orient="row")


LISTED = persons(
    (30, (1, False, False)), (10, (3, False, False)), (100, (1, True, False)), (300, (3, None, False)),
    (100, (1, None, False)), (9, (2, True, False)), (50, (2, None, False)), (2, (2, False, True)), (6, (2, None, True)),
)  # fmt: skip
"""Of the absent persons of the sample a fourth is on both lists; of the exits in it all are of persons who left."""


def of(rows: pl.DataFrame, absent: int) -> WrongRecords:
    """The wrong records of a group in which so many are called absent besides the forty of the sample."""
    registered = rows.filter(pl.col("history") % 2 == 1).height
    (over,) = estimate_over_coverages([SampleGroup(registered, absent, known_residents=100, known_absent=40)])
    return estimate_wrong_records(rows, over, estimate_absent_spread(LISTED, 2))


def test_absent_persons_are_listed_at_the_rate_of_the_sample() -> None:
    wrong = of(LISTED, 80)
    assert wrong.number.tolist() == pytest.approx([0, 30 + 60, 2 + 6, 10 + 20])
    assert len(wrong.moved) == 4, "two rates of the index, the share on both lists, and that of exits"


def test_class_with_few_sampled_persons_has_no_estimate() -> None:
    """Nine persons of the other list without an exit are too few; with a tenth who is none, a tenth is gone."""
    assert (2, False) not in estimate_absent_spread(LISTED, 2).others
    told = estimate_absent_spread(pl.concat([LISTED, persons((1, (2, False, False)))]), 2)
    assert told.others[2, False].value == pytest.approx(0.1)


def test_removals_do_not_exceed_the_persons_of_a_list() -> None:
    """Twenty should be removed from both lists, and three have an unknown state: the others are on the register."""
    wrong = of(LISTED.filter((pl.col("history") != 3) | pl.col("resident").eq_missing(other=False)), 80)
    assert wrong.number.tolist() == pytest.approx([0, 30 + 80, 8, 10])


def test_errors_of_groups_combine_by_chance_and_by_rate() -> None:
    wrong = of(LISTED, 80)
    two = combine_wrong_records([wrong, wrong])
    assert two.number.tolist() == pytest.approx((2 * wrong.number).tolist())
    for name, times in (("moved", 2.0), ("chance", np.sqrt(2))):
        for both, single in zip(getattr(two, name), getattr(wrong, name), strict=True):
            assert both.tolist() == pytest.approx((times * single).tolist())
