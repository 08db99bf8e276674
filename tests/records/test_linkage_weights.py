"""Levels of agreement and weights equal those of conditions evaluated pair by pair in Python."""

from __future__ import annotations

import datetime as dt
from math import log2
from pathlib import Path

import polars as pl
import pytest
from case_tables import cases_from
from made_identities import two_files
from rapidfuzz.distance import Levenshtein
from test_linkage_names import RULES, ready, records

from sdmxmig.records.linkage.declaration import Comparison, Condition
from sdmxmig.records.linkage.preparation import concatenate_records
from sdmxmig.records.linkage.probabilities import (
    OTHER_LEVEL,
    Share,
    build_blocking_keys,
    compute_threshold,
    decide_links,
    open_duckdb,
    raise_likelihood_by_third,
    weigh_pairs,
)
from sdmxmig.records.linkage.stages import link_by_stages

NUMBERLESS = pl.DataFrame(schema={"person": pl.Int64, "number": pl.Int64})

Record = dict[str, object]
NOBODY = pl.DataFrame(schema={"unit_l": pl.Int64, "unit_r": pl.Int64})
SHARES = tuple(
    Share(comparison.name, level, m=round(0.9 / (place + 1), 3), u=round(0.01 * (place + 1) ** 2, 4))
    for comparison in RULES.comparisons
    for place, level in enumerate([*(level.label for level in comparison.levels), OTHER_LEVEL])
)


def holds(condition: Condition, left: Record, right: Record) -> bool:
    """A condition, as its sentence reads."""
    mine, theirs = left[condition.left], right[condition.right]
    if condition.kind == "either":
        return bool(mine) or bool(theirs)
    if mine is None or theirs is None:
        return False
    if condition.kind == "=":
        return mine == theirs
    if condition.kind == "shares":
        return bool(set(mine) & set(theirs))  # type: ignore[call-overload]
    if condition.kind == "within":
        return abs(mine - theirs) <= condition.most  # type: ignore[operator]
    assert condition.kind == "edits"
    edits = Levenshtein.distance(mine, theirs)  # type: ignore[arg-type]
    return edits <= condition.most and 2 * edits < min(len(str(mine)), len(str(theirs)))


def level_of(comparison: Comparison, left: Record, right: Record) -> str | None:
    """The first level that holds; none where one side lacks each of the columns."""
    if all(left[name] is None or right[name] is None for name in comparison.compares):
        return None
    for level in comparison.levels:
        if any(all(holds(condition, left, right) for condition in way) for way in level.ways):
            return level.label
    return OTHER_LEVEL


def pair(first: Record, second: Record) -> tuple[Record, Record]:
    rows = records(first, second).sort("record").rows(named=True)
    return rows[0], rows[1]


def reached(name: str, first: Record, second: Record) -> str | None:
    comparison = next(comparison for comparison in RULES.comparisons if comparison.name == name)
    return level_of(comparison, *pair(first, second))


@pytest.mark.parametrize(
    ("first", "second", "level"),
    [
        (("Maria", "Silva"), ("MARÍA", "da Silva"), "the same"),
        (("Ahmed", "Benali"), ("Benali", "Ahmed"), "exchanged"),
        (("Юлия", "Шевченко"), ("Yulia", "Chevchenko"), "the same sounds"),
        (("Yusuf", "Khan"), ("Han", "Youssef"), "the same sounds"),
        (("Ana", "García López"), ("Ana", "García"), "the same sounds of one, parts or letters of the other"),
        (("Ana Maria", "Silva"), ("Maria Ana", "Silva"), "the same sounds of one, parts or letters of the other"),
        (("Anna", "Kowalska"), ("Anna", "Kovalskaya"), "the same sounds"),
        (("Jose Luis", "Perez Gomez"), ("Luis", "Perez"), "parts or letters of both"),
        (("Anna", "Kowalska"), ("Anna", "Nowak"), "the same given name"),
        (("Anna", "Nowak"), ("Ewelina", "Nowak"), "the same family name"),
        (("Li", "Wu"), ("Xu", "Ma"), OTHER_LEVEL),
        ((None, None), ("Xu", "Ma"), None),
    ],
)
def test_similarity_of_names_has_levels(first: tuple[str, str], second: tuple[str, str], level: str | None) -> None:
    names = ("given_name", "family_name")
    assert reached("names", dict(zip(names, first, strict=True)), dict(zip(names, second, strict=True))) == level


@cases_from("records/cases/levels_of_birth.csv")
def test_similarity_of_births_has_levels(first: str, second: str, level: str) -> None:
    days = [{"birth_date": dt.date.fromisoformat(text)} for text in (first, second)]
    assert reached("birth", days[0], days[1]) == level


@pytest.mark.parametrize(
    ("first", "second", "level"),
    [
        (("XA", "XA"), ("XA", "XB; XA"), "country of birth and a citizenship"),
        (("XA", "XA"), ("XA", "XB"), "country of birth, and the citizenship changed"),
        ((None, "XA"), ("XA", "XA"), "a citizenship"),
        (("XC", "XA"), ("XB", "XB"), OTHER_LEVEL),
        ((None, None), ("XB", "XB"), None),
    ],
)
def test_similarity_of_origins_has_levels(first: tuple[str, str], second: tuple[str, str], level: str | None) -> None:
    names = ("c_birth", "c_citizen")
    assert reached("origin", dict(zip(names, first, strict=True)), dict(zip(names, second, strict=True))) == level


def test_common_document_supports_a_link() -> None:
    assert reached("documents", {"document": "A1;B2"}, {"document": "b2"}) == "one in common"
    assert reached("documents", {"document": "A1"}, {"document": "b2"}) == OTHER_LEVEL


def test_weights_of_pairs_are_sums_over_levels(tmp_path: Path) -> None:
    first, second, _ = two_files(200, seed=3)
    everybody = concatenate_records({name: ready(file) for name, file in (("a", first), ("b", second))})
    linked, _, _ = link_by_stages(everybody, RULES, NOBODY)
    closed = {*linked["unit_l"], *linked["unit_r"]}
    everybody = everybody.with_columns(open=~pl.col("unit").is_in(list(closed)), fresh=pl.lit(value=True))
    rows = {row["unit"]: row for row in everybody.rows(named=True)}
    everybody.write_parquet(tmp_path / "records.parquet")
    build_blocking_keys(everybody, RULES, 1)[0].write_parquet(tmp_path / "keys.parquet")
    with open_duckdb(tmp_path, "1GB") as session:
        pairs = weigh_pairs(session, tmp_path / "records.parquet", tmp_path / "keys.parquet", RULES, SHARES)
    by_level = {(share.comparison, share.level): log2(share.m / share.u) for share in SHARES}
    expected = {
        (left, right): sum(
            by_level[comparison.name, level]
            for comparison in RULES.comparisons
            if (level := level_of(comparison, rows[left], rows[right])) is not None
        )
        for left in rows
        for right in rows
        if left < right and compared(rows[left], rows[right])
    }
    assert len(expected) > 15
    assert {(left, right): weight for left, right, weight in pairs.rows()} == pytest.approx(expected, abs=0.0011)


def compared(left: Record, right: Record) -> bool:
    """Whether two records are compared: they agree in a block, and stages have not settled it."""
    same = left["source"] == right["source"]
    unsettled = (left["open"] or right["open"]) if same else (left["open"] and right["open"])
    return bool(unsettled) and any(
        agree(one, other, columns)
        for block in RULES.blocks
        for one, other in ((left, right), (right, left))
        for columns in [list(zip(block.equal, block.other, strict=True))]
    )


def agree(one: Record, other: Record, columns: list[tuple[str, str]]) -> bool:
    def same(mine: object, theirs: object) -> bool:
        if mine is None or theirs is None:
            return False
        return bool(set(mine) & set(theirs)) if isinstance(mine, list) and isinstance(theirs, list) else mine == theirs

    return all(same(one[mine], other[theirs]) for mine, theirs in columns)


def test_only_one_of_several_candidates_is_linked() -> None:
    pairs = pl.DataFrame({"unit_l": [1, 1, 2], "unit_r": [11, 12, 13], "weight": [30.0, 30.0, 30.0]})
    result = decide_links(pairs, 10**6, 1000, RULES, exclusive=True)[0]
    assert result["likely"].to_list() == pytest.approx([0.5, 0.5, 1.0], abs=1e-4)
    assert result["linked"].to_list() == [False, False, True]


def test_threshold_limits_expected_false_links() -> None:
    likely = pl.Series([0.999] * 50 + [0.95] * 5 + [0.6] * 20 + [0.3])
    for target in (0.7, 0.9, 0.99, 0.995):
        least = compute_threshold(likely, target)
        assert likely.filter(likely >= least).mean() >= target  # type: ignore[operator]
    assert compute_threshold(likely, 0.7) == 0.6


def test_records_linked_to_a_common_third_form_one_person() -> None:
    between = pl.DataFrame({"unit_l": [1, 1, 2, 2], "unit_r": [11, 12, 13, 14], "weight": [30.0, 30.0, 30.0, 12.0]})
    within = pl.DataFrame({"unit_l": [11, 13], "unit_r": [12, 14], "weight": [15.0, 15.0]})
    alone = decide_links(between, 10**6, 1000, RULES, exclusive=False)[0]
    pairs = decide_links(raise_likelihood_by_third(within, alone, NUMBERLESS), 10**9, 10, RULES, exclusive=False)[0]
    assert pairs["linked"].to_list() == [True, False]
    assert decide_links(within, 10**9, 10, RULES, exclusive=False)[0]["linked"].to_list() == [False, False]
