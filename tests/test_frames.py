"""Frames of text: nothing is guessed, nothing lost, every value keeps its cell."""

from __future__ import annotations

import polars as pl
from polars.testing import assert_frame_equal

from sdmxmig.frames import origins_frame, stack, text_frame


def test_codes_stay_text_and_what_is_not_sent_is_null() -> None:
    frame = text_frame(["REF_AREA", "OBS_VALUE"], [{"REF_AREA": "NA", "OBS_VALUE": "01.50"}, {"OBS_VALUE": "1"}])
    assert frame.rows() == [("NA", "01.50"), (None, "1")]
    assert text_frame(["SEX"], []).schema == {"SEX": pl.String}


def test_equal_rows_are_kept_once_with_the_origin_of_the_first() -> None:
    frame = text_frame(["SEX", "OBS_VALUE"], [{"SEX": "M", "OBS_VALUE": "1"}, {"SEX": "F"}])
    origins = origins_frame([(0, "OBS_VALUE", "a.xlsx", "T", 2, 2), (1, "OBS_VALUE", "a.xlsx", "T", 3, 2)])
    more = text_frame(["SEX", "OBS_VALUE"], [{"SEX": "F"}, {"SEX": "F", "OBS_VALUE": "2"}])
    elsewhere = origins_frame([(0, "OBS_VALUE", "b.xlsx", "T", 2, 2), (1, "OBS_VALUE", "b.xlsx", "T", 3, 2)])
    observations, found = stack([frame, more], [origins, elsewhere])
    assert observations.rows() == [("M", "1"), ("F", None), ("F", "2")]
    assert found.select("observation", "file", "row").rows() == [(0, "a.xlsx", 2), (1, "a.xlsx", 3), (2, "b.xlsx", 3)]
    assert_frame_equal(found.clear(), origins_frame())
