"""Time periods as SDMX and as national tables write them."""

from __future__ import annotations

import datetime as dt

import pytest
from case_tables import cases_from, optional
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.primitives.periods import (
    PatternError,
    check_pattern,
    find_period,
    is_period,
    parse,
    parse_by_pattern,
    shift,
)


@cases_from("primitives/cases/neighbours_and_frequency.csv")
def test_adjacent_periods_are_found_by_shifting(earlier: str, later: str, freq: str) -> None:
    before, after = parse(earlier), parse(later)
    assert before is not None
    assert after is not None
    assert (shift(before, 1), shift(after, -1)) == (after, before)
    assert is_period(earlier, freq)
    assert not any(is_period(earlier, other) for other in "ASTQMWD" if other != freq)


@cases_from("primitives/cases/text_that_is_not_a_period_gives_none.csv")
def test_text_other_than_a_period_is_parsed_as_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("reporting", "plain"), [("2024-A1", "2024"), ("2024-M05", "2024-05"), ("2024-D366", "2024-12-31")]
)
def test_reporting_periods_equal_calendar_periods(reporting: str, plain: str) -> None:
    assert parse(reporting) == parse(plain)


@cases_from("primitives/cases/date_patterns.csv", period=optional)
def test_dates_are_parsed_by_pattern(text: str, pattern: str, freq: str, period: str | None) -> None:
    assert parse_by_pattern(text, pattern, freq) == period


@pytest.mark.parametrize("pattern", ["", "MM", "year", "yyyy-yyyy", "dd.mm.yyyy", "y", "'yyyy"])
def test_meaningless_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        check_pattern(pattern)


DAYS = st.dates(dt.date(1, 1, 8), dt.date(9999, 12, 24))


@given(DAYS, st.sampled_from("ASTQMWD"))
def test_day_lies_in_its_period_and_text_survives(day: dt.date, freq: str) -> None:
    period = find_period(day, freq)
    assert parse(str(period)) == period
    assert period.first_day <= day
    assert shift(period, 1) > period
    if day.year < 9999:
        assert day < shift(period, 1).first_day


@given(DAYS)
def test_weeks_follow_iso_8601(day: dt.date) -> None:
    iso = day.isocalendar()
    assert str(find_period(day, "W")) == f"{iso.year:04}-W{iso.week:02}"


@given(st.text())
@pytest.mark.sampled(3)
def test_any_text_is_parsed_as_period_or_none(text: str) -> None:
    period = parse(text)
    assert period is None or parse(str(period)) == period


@cases_from("primitives/cases/a_period_belongs_to_the_year_that_it_names.csv")
def test_period_belongs_to_the_year_in_its_name(text: str) -> None:
    period = parse(text)
    assert f"{period.year:04}" == text[:4]
    assert str(period) == text


@cases_from("primitives/cases/a_period_begins_on_its_first_day_and_a_week_on_monday.csv")
def test_first_day_of_each_period_is_found(text: str, day: str) -> None:
    period = parse(text)
    assert period.first_day.isoformat() == day
