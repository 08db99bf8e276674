"""``sdmxmig map`` on quarters and half-years in many languages below their year, and on what only looks like them."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import observations, proposed


def below(labels: list[str], year: str = "2023", *, wrong: int = 0) -> str:
    """A table of immigrants with these parts of a year below it, the last of them with the sum of the others."""
    parts = len(labels) - 1
    wide = " | ".join([year, *["<"] * parts])
    rows = (f"| {sex} | {' | '.join(map(str, (*own, sum(own) + wrong)))} |\n" for sex, own in both(parts))
    return f"## Sheet S\n| Immigrants by sex | |\n| Sex | {wide} |\n| ^ | {' | '.join(labels)} |\n{''.join(rows)}"


def both(parts: int) -> list[tuple[str, list[int]]]:
    """The figures of men and women."""
    longer = range(parts)
    return [("Male", [120 + 10 * at for at in longer]), ("Female", [220 + 10 * at for at in longer])]


def read(text: str) -> dict[str, str]:
    """The value for men of each period."""
    return {key[0]: value for key, value in observations(text, proposed(text, "DF_IMM")).items() if key[1] == "M"}


def asked(text: str) -> list[str]:
    parts = ("codes TIME_PERIOD", "fixed TIME_PERIOD", "fixed FREQ", "line header 1", "line header 2")
    return [question.label or question.part for question in proposed(text, "DF_IMM").open if question.part in parts]


@cases_from("conversion/cases/quarters_below_a_year_with_their_sum_are_recognised_labels.csv", labels=listed)
@pytest.mark.parametrize("year", ["2023", "2023."])
@pytest.mark.sampled(6)
def test_quarters_below_a_year_with_their_sum_are_recognised(labels: tuple[str, ...], year: str) -> None:
    text = below(list(labels), year)
    assert asked(text) == []
    assert read(text) == {"2023-Q1": "120", "2023-Q2": "130", "2023-Q3": "140", "2023-Q4": "150", "2023": "540"}


@cases_from("conversion/cases/half_years_below_a_year_with_their_sum_are_recognised.csv", labels=listed)
def test_half_years_below_a_year_with_their_sum_are_recognised(labels: tuple[str, ...]) -> None:
    text = below(list(labels))
    assert asked(text) == []
    assert read(text) == {"2023-S1": "120", "2023-S2": "130", "2023": "250"}


@cases_from("conversion/cases/year_equal_to_the_sum_of_its_halves_is_recognised_labels.csv", labels=listed)
@pytest.mark.parametrize("title", ["Immigrants by sex", "Immigrants by sex, 2023"])
def test_year_equal_to_the_sum_of_its_halves_is_recognised(labels: tuple[str, ...], title: str) -> None:
    rows = "| Male | 120 | 130 | 250 |\n| Female | 9 | 8 | 17 |\n"
    text = f"## Sheet S\n| {title} | |\n| Sex | {' | '.join(labels)} |\n{rows}"
    assert asked(text) == []
    assert read(text) == {"2023-S1": "120", "2023-S2": "130", "2023": "250"}


def test_twelve_roman_numbers_below_a_year_are_months() -> None:
    labels = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "Razem"]
    text = below(labels)
    assert asked(text) == []
    assert read(text)["2023-12"] == "230"
    assert read(text)["2023"] == str(sum(range(120, 231, 10)))


@pytest.mark.parametrize("head", ["Month", "Mois", "Monat", "Месяц"])
def test_numbers_below_a_header_for_months_are_months(head: str) -> None:
    rows = "".join(f"| 2023 | {at} | {100 + at} | {200 + at} |\n" for at in range(1, 13))
    text = f"## Sheet S\n| Immigrants by sex | | | |\n| Year | {head} | Male | Female |\n{rows}"
    assert asked(text) == []
    assert read(text) == {f"2023-{at:02}": f"{100 + at}" for at in range(1, 13)}


@cases_from("conversion/cases/labels_resembling_parts_of_a_year_are_asked_about.csv", labels=listed)
def test_labels_resembling_parts_of_a_year_are_asked_about(labels: tuple[str, ...]) -> None:
    text = below(list(labels))
    assert asked(text)
    assert not any("Q" in period or "S" in period for period in read_or_none(text))


def read_or_none(text: str) -> dict[str, str]:
    """The value for men of each period, none where a dimension is still open."""
    mapped = {
        component_map.component
        for block in proposed(text, "DF_IMM").mapping.blocks
        for component_map in block.components
    }
    return read(text) if "TIME_PERIOD" in mapped else {}


@pytest.mark.parametrize(
    "labels", [("Trim. I", "Trim. II", "Trim. III", "Trim. IV", "Total"), ("I", "II", "III", "IV", "Ukupno")]
)
def test_total_differing_from_its_quarters_is_not_the_year(labels: tuple[str, ...]) -> None:
    assert "2023" not in read(below(list(labels), wrong=1))


@pytest.mark.parametrize("label", ["Q{} 2023", "T{} 2023", "{}T 2023p"])
def test_labels_with_own_year_ignore_the_year_of_the_title(label: str) -> None:
    heads = " | ".join(label.format(number) for number in (1, 2, 3, 4))
    text = (
        f"## Sheet S\n| Immigrants by sex, published 2024 | |\n| Sex | {heads} |\n"
        "| Male | 120 | 130 | 140 | 150 |\n| Female | 220 | 230 | 240 | 250 |\n"
    )
    assert read(text) == {"2023-Q1": "120", "2023-Q2": "130", "2023-Q3": "140", "2023-Q4": "150"}


def test_sheets_of_equal_quarters_in_two_years_are_proposed() -> None:
    heads = "| Sex | Trim. I | Trim. II | Trim. III | Trim. IV |\n"
    heads += "| Male | 11 | 12 | 13 | 14 |\n| Female | 21 | 22 | 23 | 24 |\n"
    text = "\n".join(f"## Sheet S{year}\n| Immigrants by sex, {year} | |\n{heads}" for year in (2022, 2023))
    assert [block.sheet for block in proposed(text, "DF_IMM").mapping.blocks] == ["S2022", "S2023"]
