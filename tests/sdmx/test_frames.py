"""Frames of text: values are not guessed or lost, and each keeps its cell."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sdmxmig.sdmx.frames import build_origins, build_text_frame, is_distinct, list_values, stack


def test_equal_rows_are_kept_once_with_first_origin() -> None:
    frame = build_text_frame(["SEX", "OBS_VALUE"], [{"SEX": "M", "OBS_VALUE": "1"}, {"SEX": "F"}])
    origins = build_origins([(0, "OBS_VALUE", "a.xlsx", "T", 2, 2), (1, "OBS_VALUE", "a.xlsx", "T", 3, 2)])
    more = build_text_frame(["SEX", "OBS_VALUE"], [{"SEX": "F"}, {"SEX": "F", "OBS_VALUE": "2"}])
    elsewhere = build_origins([(0, "OBS_VALUE", "b.xlsx", "T", 2, 2), (1, "OBS_VALUE", "b.xlsx", "T", 3, 2)])
    observations, made = stack([frame, more], lambda: [origins, elsewhere])
    found = made()
    assert observations.rows() == [("M", "1"), ("F", None), ("F", "2")]
    assert found.select("observation", "file", "row").rows() == [(0, "a.xlsx", 2), (1, "a.xlsx", 3), (2, "b.xlsx", 3)]
    assert_frame_equal(found.clear(), build_origins())


def test_distinctness_of_keys_is_independent_of_row_order() -> None:
    def keys(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
        return pl.DataFrame(rows, schema={"SEX": pl.String, "TIME": pl.String}, orient="row")

    def distinct(*rows: tuple[str | None, str | None]) -> bool:
        return is_distinct(keys(*rows), ["SEX", "TIME"])

    assert distinct(("F", "2020"), ("F", "2021"), ("M", "2020"), ("M", "2021"))
    assert distinct(("F", "2021"), ("F", "2020"), ("M", "2021"))
    assert distinct(("F", "2020"), ("M", "2020"), ("F", "2021"))
    assert distinct((None, None), (None, "2020"), ("F", None))
    assert not distinct(("F", "2020"), ("F", "2021"), ("F", "2020"))
    assert not distinct(("F", "2020"), ("M", "2020"), ("F", "2020"))
    assert not distinct(("F", "2020"), ("M", "2019"), ("F", "2021"), ("F", "2020"))
    assert not distinct((None, None), (None, None))


@given(
    st.lists(st.sampled_from(["F", "M", None]), min_size=1, max_size=5),
    st.integers(1, 4000),
    st.lists(st.sampled_from(["F", "_U", "", None]), max_size=3),
    st.sampled_from([1, 7_000]),
)
def test_unique_values_keep_their_order(first: list[str | None], times: int, last: list[str | None], run: int) -> None:
    texts = [text for text in first for _ in range(run)] * max(1, times // run) + last
    texts = texts * (1 + 12_000 // len(texts)) + ["X", *last]
    frame = pl.DataFrame({"SEX": pl.Series(texts, dtype=pl.String)})
    assert list_values(frame, "SEX").to_list() == list(dict.fromkeys(texts))
