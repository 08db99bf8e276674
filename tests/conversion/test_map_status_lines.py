"""``sdmxmig map`` on rows and columns that say of some figures only that they are provisional."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed, text_from
from test_map_period_statuses import asked, by_year, read_back, tried

pytestmark = pytest.mark.sampled(6)

WIDE = """## Sheet T
| Population by nationality | | | |

{over}| Nationality | 2021 | 2022 | 2023 |
{below}| Uganda | 10 | 11 | 12 |
| India | 20 | 21 | 22 |
| Chad | 30 | 31 | 32 |
"""


def wide(over: str = "", below: str = "") -> str:
    return WIDE.format(over=f"{over}\n" if over else "", below=f"{below}\n" if below else "")


@cases_from("conversion/cases/a_row_of_statuses_holds_for_the_years_at_which_it_stands.csv")
@pytest.mark.parametrize("row", ["| | | | {} |", "| | Final | Final | {} |"])
@pytest.mark.parametrize("place", ["over", "below"])
@pytest.mark.sampled(6)
def test_row_of_statuses_applies_to_its_years(word: str, row: str, place: str) -> None:
    text = wide(**{place: row.format(word)})
    trial = tried(text)
    assert asked(trial) == []
    assert by_year(text, trial.proposal.mapping) == {"2021": {"A"}, "2022": {"A"}, "2023": {"P"}}


def test_status_row_applies_only_to_the_year_above() -> None:
    text = wide(below="| | | provisional | |")
    trial = tried(text)
    assert asked(trial) == []
    assert by_year(text, trial.proposal.mapping) == {"2021": {"A"}, "2022": {"P"}, "2023": {"A"}}


@cases_from("conversion/cases/status_with_unclear_years_is_asked_about_once.csv")
def test_status_with_unclear_years_is_asked_about_once(place: str, row: str) -> None:
    trial = tried(wide(**{place: row}))
    assert [(part, label) for part, label in asked(trial) if label == ""] == asked(trial)
    (question,) = [question for question in trial.open if (question.part, question.label) == asked(trial)[0]]
    assert question.chosen.code == "OBS_STATUS"
    assert len(asked(trial)) == 1


DEEP = text_from("conversion/cases/map_status_lines_deep.md")


@cases_from("conversion/cases/status_at_the_first_column_applies_to_the_year.csv")
def test_status_at_the_first_column_applies_to_the_year(statuses: str, earlier: str, later: str) -> None:
    text = DEEP.format(first="2022", second="2023", statuses=statuses)
    trial = tried(text)
    assert asked(trial) == []
    assert by_year(text, trial.proposal.mapping) == {"2022": {earlier}, "2023": {later}}


def test_status_extending_past_its_year_is_asked_about() -> None:
    trial = tried(DEEP.format(first="2022", second="2023", statuses="| provisional | | |"))
    assert [part for part, _ in asked(trial)] == ["line header 2"]


@pytest.mark.parametrize(
    "years", [("2022", "2023 (provisional)"), ("2022", "Provisional 2023"), ("Final 2022", "Prel. 2023")]
)
def test_status_in_the_upper_header_row_applies_to_all_below(years: tuple[str, str]) -> None:
    text = DEEP.replace("| {statuses} |\n", "").format(first=years[0], second=years[1])
    trial = tried(text)
    assert asked(trial) == []
    assert by_year(text, trial.proposal.mapping) == {"2022": {"A"}, "2023": {"P"}}


LONG = """## Sheet T
| Population by sex | | | |

| {heads} |
| {first} |
| {second} |
| {third} |
"""


@cases_from("conversion/cases/a_column_beside_the_years_says_the_status_of_its_rows.csv", rows=listed)
def test_column_beside_the_years_states_status_of_rows(heads: str, rows: tuple[str, str, str]) -> None:
    text = LONG.format(heads=heads, first=rows[0], second=rows[1], third=rows[2])
    trial = tried(text)
    assert asked(trial) == []
    assert by_year(text, trial.proposal.mapping) == {"2021": {"A"}, "2022": {"A"}, "2023": {"P"}}


@cases_from("conversion/cases/a_status_among_remarks_is_asked_about_once.csv", rows=listed)
def test_status_among_remarks_is_asked_about_once(heads: str, rows: tuple[str, str, str]) -> None:
    trial = tried(LONG.format(heads=heads, first=rows[0], second=rows[1], third=rows[2]))
    assert [part for part, _ in asked(trial)] == ["unread status"]


def test_column_of_other_remarks_is_reported_and_not_read() -> None:
    rows = "| France | 12 | 13 | with Monaco |\n| Italy | 22 | 23 | see text |\n| Spain | 32 | 33 | |\n"
    text = f"## Sheet S\n| Immigration by citizenship |\n| Citizenship | 2019 | 2020 | Comment |\n{rows}"
    named = [(each.label, each.is_open) for each in tried(text).questions if "remark" in each.part]
    assert named == [("Comment", False)]


def test_word_within_a_column_applies_only_to_its_row() -> None:
    rows = [f"| {year} | {'provisional' if year in (2014, 2019) else ''} | {year} | 5 |" for year in range(2010, 2020)]
    text = "\n".join(["## Sheet T", "| Population by sex | | | |", "", "| Year | Status | Male | Female |", *rows, ""])
    trial = tried(text)
    assert asked(trial) == []
    statuses = by_year(text, trial.proposal.mapping)
    assert {year for year, codes in statuses.items() if codes == {"P"}} == {"2014", "2019"}


def test_status_right_of_a_year_applies_only_to_its_row() -> None:
    text = LONG.format(
        heads="Year | | Male | Female",
        first="2021 | final | 10 | 20",
        second="2022 | provisional | 11 | 21",
        third="2023 | | 12 | 22",
    )
    statuses = read_back(text, tried(text).proposal.mapping)
    assert {status for (year, _), status in statuses.items() if year == "2022"} == {"P"}
    assert {status for (year, _), status in statuses.items() if year != "2022"} == {"A"}


@pytest.mark.parametrize(
    "row", ["| | Total | Total | Total |", "| | persons | persons | persons |", "| | (1) | (2) | (3) |"]
)
def test_rows_of_other_words_are_not_read_as_statuses(row: str) -> None:
    text = wide(below=row)
    mapping = tried(text).proposal.mapping
    assert "OBS_STATUS" not in {
        component_map.component for block in mapping.blocks for component_map in block.components
    }


@pytest.mark.parametrize("word", ["provisional", "final"])
def test_word_over_all_years_is_the_status_of_all(word: str) -> None:
    text = wide(below=f"| | {word} | {word} | {word} |")
    assert set().union(*by_year(text, tried(text).proposal.mapping).values()) == {"P" if word == "provisional" else "A"}
