"""Published data are compared with sent data: by key and period, in value and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_service import dataset, small_flow

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.transmission.retrieval.addresses import DataQuery, build_data_query
from sdmxmig.transmission.retrieval.round_trip import RoundTrip, round_trip

Row = tuple[str | None, ...]
SENT: tuple[Row, ...] = (
    ("A", "GE", "F", "2019", "10", "A"),
    ("A", "GE", "F", "2020", "11.0", "E"),
    ("A", "GE", "M", "2020", "9.5", "A"),
)

MANY = "9.500000000000000000001"


def data(*rows: Row, action: str = "R", **changed: object) -> Dataset:
    changed = {"series": pl.DataFrame(), "attributes": {}, "partial": {}, "action": action, **changed}
    return dataset(rows, **changed)


def query(key: str = "", start: str = "", end: str = "") -> DataQuery:
    return build_data_query("XX", "DF", key, start=start, end=end)


def in_lines(result: RoundTrip) -> list[str]:
    """Each difference in a line: its kind, key and component, and both sides."""
    return [
        f"{kind}: {'.'.join(key)} {component} {sent}|{there}"
        for kind, *key, component, sent, there in result.differences.iter_rows()
    ]


def compared(there: Sequence[Row], *, sent: Sequence[Row] = SENT, asked: DataQuery | None = None) -> RoundTrip:
    return round_trip([data(*sent)], [data(*there)], asked or query())


def test_trailing_zeros_and_order_make_no_difference() -> None:
    result = compared(
        [
            ("A", "GE", "M", "2020", "9.50", "A"),
            ("A", "GE", "F", "2020", "11", "E"),
            ("A", "GE", "F", "2019", "1e1", "A"),
        ]
    )
    assert (result.is_equal, result.sent, result.there, result.equal) == (True, 3, 3, 3)
    assert (result.outside, result.of_others, result.added, result.counts) == (0, 0, (), {})


DIFFERENCES = {
    "another value": ((2, 4, "9.4"), ["other value: A.GE.M.2020 OBS_VALUE 9.5|9.4"]),
    "a digit more": ((2, 4, MANY), [f"other value: A.GE.M.2020 OBS_VALUE 9.5|{MANY}"]),
    "no value": ((2, 4, None), ["other value: A.GE.M.2020 OBS_VALUE 9.5|"]),
    "a missing one": ((2, 4, "NaN"), ["other value: A.GE.M.2020 OBS_VALUE 9.5|NaN"]),
    "another attribute": ((2, 5, "P"), ["other attribute: A.GE.M.2020 OBS_STATUS A|P"]),
    "no attribute": ((2, 5, None), ["other attribute: A.GE.M.2020 OBS_STATUS A|"]),
    "another period": (
        (2, 3, "2021"),
        ["not published: A.GE.M.2020 OBS_VALUE 9.5|", "not sent: A.GE.M.2021 OBS_VALUE |9.5"],
    ),
    "a code more": (
        (2, 2, "_T"),
        ["not published: A.GE.M.2020 OBS_VALUE 9.5|", "not sent: A.GE._T.2020 OBS_VALUE |9.5"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DIFFERENCES)
def test_difference_names_its_key_and_both_values(what: str) -> None:
    (row, column, text), lines = DIFFERENCES[what]
    there = [list(each) for each in SENT]
    there[row][column] = text
    result = compared([tuple(each) for each in there])
    assert in_lines(result) == lines
    assert (result.equal, result.is_equal) == (2, False)


def test_only_requested_observations_are_expected() -> None:
    there = [row for row in SENT if row[2] == "F" and row[3] == "2020"]
    result = compared(there, asked=query("A.GE.F", "2020", "2020"))
    assert (result.is_equal, result.sent, result.outside) == (True, 1, 2)
    assert not compared(there).is_equal


@pytest.mark.parametrize(
    ("start", "end", "count"), [("2020", "", 2), ("", "2019", 1), ("2019-Q1", "2020-12", 3), ("2020-02", "", 0)]
)
def test_requested_period_includes_all_contained_periods(start: str, end: str, count: int) -> None:
    assert compared([], asked=query(start=start, end=end)).sent == count


def test_key_of_another_structure_is_refused() -> None:
    with pytest.raises(SdmxmigError, match="2 parts, but DF has 3 dimensions: FREQ, REF_AREA, SEX"):
        compared(SENT, asked=query("A.GE"))


def test_other_countries_are_counted_separately() -> None:
    result = compared([*SENT, ("A", "AM", "F", "2020", "5", "A")])
    assert (result.is_equal, result.there, result.of_others) == (True, 3, 1)


def test_removed_observation_differs_from_never_published_one() -> None:
    result = round_trip([data(*SENT)], [data(SENT[0])], query(), earlier=[data(*SENT[:2])])
    assert in_lines(result) == [
        "no longer published: A.GE.F.2020 OBS_VALUE 11.0|",
        "not published: A.GE.M.2020 OBS_VALUE 9.5|",
    ]


def test_deletion_is_expected_to_have_taken_effect() -> None:
    whole_series: Row = ("A", "GE", "F", None, None, None)
    sent = [data(SENT[2]), data(whole_series, action="D")]
    gone = round_trip(sent, [data(SENT[2])], query(), earlier=[data(*SENT)])
    assert (gone.is_equal, gone.deleted) == (True, 2)
    still = round_trip(sent, [data(*SENT)], query())
    assert in_lines(still) == [
        "still published: A.GE.F.2019 OBS_VALUE |10",
        "still published: A.GE.F.2020 OBS_VALUE |11.0",
    ]


def test_dropped_observation_is_expected_to_be_gone() -> None:
    now, before = [data(*SENT[:2])], [data(*SENT)]
    assert round_trip(now, [data(*SENT[:2])], query(), sent_before=before).deleted == 1
    still = round_trip(now, [data(*SENT)], query(), sent_before=before)
    assert (in_lines(still), still.deleted) == (["still published: A.GE.M.2020 OBS_VALUE |9.5"], 0)


def test_attributes_are_compared_at_any_attachment() -> None:
    mine = dataset(SENT)
    assert round_trip([mine], [dataset(SENT)], query()).is_equal
    other_unit = dataset(SENT, series=mine.series.with_columns(UNIT=pl.lit("HH")))
    assert round_trip([mine], [other_unit], query()).counts == {"other attribute": 3}
    other_note = dataset(SENT, partial={("REF_AREA",): pl.DataFrame({"REF_AREA": ["GE"], "NOTE": ["Otherwise"]})})
    result = round_trip([mine], [other_note], query())
    assert in_lines(result)[0] == "other attribute: A.GE.F.2019 NOTE Note on GE|Otherwise"
    assert result.counts == {"other attribute": 3}


def test_unpublished_attribute_is_one_difference() -> None:
    mine, theirs = dataset(SENT, attributes={}), dataset(SENT, partial={})
    result = round_trip([mine], [theirs], query())
    assert in_lines(result) == ["attribute not published: ... NOTE in 3 observations|"]
    assert (result.added, result.equal) == (("TITLE",), 3)


def test_structures_with_other_dimensions_are_not_compared() -> None:
    flow = small_flow()
    fewer = [component for component in flow.structure.components if component.id != "SEX"]
    other = replace(data(*SENT), flow=replace(flow, structure=replace(flow.structure, components=tuple(fewer))))
    with pytest.raises(SdmxmigError, match="The dimensions of"):
        round_trip([data(*SENT)], [other], query())


def test_observation_with_two_values_is_not_compared() -> None:
    with pytest.raises(SdmxmigError, match="with differences: 1"):
        compared([*SENT, ("A", "GE", "F", "2019", "1", "A")])
    assert compared([*SENT, SENT[0]]).is_equal


KEYS = st.tuples(st.just("A"), st.just("GE"), st.sampled_from("FM"), st.sampled_from(["2019", "2020", "2021"]))
SIDE = st.dictionaries(KEYS, st.tuples(st.sampled_from(["1", "1.0", "2", "02", "-1", "NaN"]), st.sampled_from("AE")))
SAME = {"1.0": "1", "02": "2"}


@given(SIDE, SIDE)
def test_counts_equal_those_of_comparison_by_key(
    mine: dict[tuple[str, ...], tuple[str, str]], theirs: dict[tuple[str, ...], tuple[str, str]]
) -> None:
    result = compared(
        [(*key, *said) for key, said in theirs.items()], sent=[(*key, *said) for key, said in mine.items()]
    )
    both = mine.keys() & theirs.keys()
    values = {key for key in both if SAME.get(mine[key][0], mine[key][0]) != SAME.get(theirs[key][0], theirs[key][0])}
    statuses = {key for key in both if mine[key][1] != theirs[key][1]}
    expected = {
        "other value": len(values),
        "other attribute": len(statuses),
        "not published": len(mine.keys() - theirs.keys()),
        "not sent": len(theirs.keys() - mine.keys()),
    }
    counts = {kind: number for kind, number in result.counts.items() if kind != "attribute not published"}
    assert counts == {kind: number for kind, number in expected.items() if number}
    assert result.equal == len(both - values - statuses)
