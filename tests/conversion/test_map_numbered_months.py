"""Numbers beside a year are months if the labels prove it; otherwise they are asked about."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from proposed import codes, proposed

from sdmxmig.conversion.suggestion import Proposal

ALL = range(1, 13)


def of(labels: Iterable[str], said: dict[str, str] | None = None) -> Proposal:
    rows = "".join(f"| '{label} | {100 + 7 * at} |\n" for at, label in enumerate(labels))
    decisions = {("S", "codes TIME_PERIOD", label): code for label, code in (said or {}).items()}
    return proposed(f"## Sheet S\n| Immigrants |\n| Period | Persons |\n{rows}", "DF_IMM", "GB", decisions)


def pattern(proposal: Proposal) -> str:
    (block,) = proposal.mapping.blocks
    (time,) = (component_map for component_map in block.components if component_map.component == "TIME_PERIOD")
    return " ".join(time.periods.patterns if time.periods else ())


def freq(proposal: Proposal) -> str:
    return next((dict(block.fixed).get("FREQ", "") for block in proposal.mapping.blocks), "")


def asked(proposal: Proposal) -> dict[str, list[str]]:
    return {
        question.label: [near.code for near in question.others]
        for question in proposal.open
        if question.part == "codes TIME_PERIOD"
    }


@pytest.mark.parametrize(
    ("labels", "read"),
    [
        ([f"{number}/2018" for number in ALL], "M/yyyy"),
        ([f"{number}-2018" for number in ALL], "M-yyyy"),
        ([f"{number}.2018" for number in ALL], "M.yyyy"),
        ([f"2018/{number}" for number in ALL], "yyyy/M"),
        ([f"2018-{number}" for number in ALL], "yyyy-M"),
        ([f"2018.{number:02}" for number in ALL], "yyyy.MM"),
        (["11/2018", "12/2018", "1/2019", "2/2019"], "M/yyyy"),
        ([*(f"{number}/2018" for number in ALL), "3/2020", "7/2020"], "M/yyyy"),
    ],
)
def test_numbers_that_only_months_can_have_are_months(labels: list[str], read: str) -> None:
    proposal = of(labels)
    assert (pattern(proposal), freq(proposal), asked(proposal)) == (read, "M", {})


MONTH, QUARTER, HALF = "2018-01", "2018-Q1", "2018-S1"


@pytest.mark.parametrize(
    ("labels", "near"),
    [
        ([f"{number}/2018" for number in range(1, 5)], [MONTH, QUARTER]),
        ([f"{number}.2018" for number in range(1, 5)], [MONTH, QUARTER]),
        ([f"{number}/{year}" for year in (2018, 2019) for number in range(1, 5)], [MONTH, QUARTER]),
        ([f"{number}/{year}" for year in (2018, 2019) for number in range(1, 3)], [MONTH, QUARTER, HALF]),
        ([f"{number}/{year}" for year in (2018, 2019) for number in range(1, 7)], [MONTH]),
        ([f"2018/{number:02}" for number in range(1, 4)], [MONTH, QUARTER]),
    ],
)
def test_ambiguous_part_year_numbers_are_asked_about_once(labels: list[str], near: list[str]) -> None:
    proposal = of(labels)
    assert asked(proposal) == {labels[0]: near}
    assert codes(proposal, "TIME_PERIOD") == {}


@pytest.mark.parametrize(("answer", "last"), [(MONTH, "2019-02"), (QUARTER, "2019-Q2"), (HALF, "2019-S2")])
def test_one_answer_dates_all_numbered_periods(answer: str, last: str) -> None:
    proposal = of(["1/2018", "2/2018", "1/2019", "2/2019"], {"1/2018": answer})
    assert codes(proposal, "TIME_PERIOD") == {
        "1/2018": answer,
        "2/2018": answer[:-1] + "2",
        "1/2019": f"2019{answer[4:]}",
        "2/2019": last,
    }
    assert (freq(proposal), asked(proposal)) == (last[5] if last[5].isalpha() else "M", {})


@pytest.mark.parametrize(
    "labels",
    [
        [f"{number}/2018" for number in range(1, 15)],
        ["0/2018", *(f"{number}/2018" for number in ALL)],
        [*(f"{number}/2018" for number in range(1, 7)), *(f"{number}-2018" for number in range(7, 13))],
        [f"{number}/18" for number in ALL],
        [f"{number}/3018" for number in ALL],
        [f"2018.{number}" for number in range(1, 13)],
        [f"B {number}/2018" for number in ALL],
        [f"{number}/{2018 + number}" for number in range(30, 34)],
    ],
)
def test_other_numbers_are_not_read_as_months(labels: list[str]) -> None:
    proposal = of(labels)
    assert not any(
        code.startswith(("2018-0", "2018-10", "2018-11")) and "/P" not in code
        for code in codes(proposal, "TIME_PERIOD").values()
    )
    assert "M" not in freq(proposal)


@pytest.mark.parametrize(
    "labels",
    [
        ["2009/10", "2010/11", "2011/12"],
        [f"{year}/{year % 100 + 1:02}" for year in range(2000, 2012)],
        ["1998/99", "1999/00", "2000/01"],
    ],
)
def test_split_years_are_not_read_as_months(labels: list[str]) -> None:
    assert freq(of(labels))[:1] == "A"
