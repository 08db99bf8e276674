"""Rules that look back from a day: equal to reckoning night by night, for every person and every day asked."""

from __future__ import annotations

import pytest
from compared_nights import LOOKING_BACK, people_looked_at, statuses_by_nights, statuses_by_rule


@pytest.mark.parametrize("name", LOOKING_BACK)
def test_statuses_equal_those_of_a_night_by_night_count(name: str) -> None:
    people = people_looked_at(23, 90)
    statuses = statuses_by_rule(people, LOOKING_BACK[name])
    assert statuses == statuses_by_nights(people, LOOKING_BACK[name])
    assert len({status for *_, status in statuses}) >= 3
