"""``sdmxmig map`` on layouts of office workbooks: months with their year, shares beside counts, other digits."""

from __future__ import annotations

import pytest
from case_tables import as_set, cases_from, listed, truth
from proposed import WORDS, codes, observations, proposed

from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.sdmx.model.data import NO_COUNTS

ARRIVALS = "Arrivals of migrants by country of previous residence"
SURE_IN_A_LINE = 0.8
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FIJI, TONGA = tuple(range(10, 22)), tuple(range(30, 42))


def by_month(total: str = "Total", fiji: int = sum(FIJI), tonga: int = sum(TONGA), *, parts: int = 12) -> str:
    """A table of two countries by month of 2023, with a last column."""
    rows = [
        ("Country of previous residence", *MONTHS[:parts], total),
        ("Fiji", *FIJI[:parts], fiji),
        ("Tonga", *TONGA[:parts], tonga),
    ]
    return f"\n## Sheet A\n| {ARRIVALS}, 2023 | |\n" + "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)


def periods(text: str, flow: str = "DF_IMM") -> dict[str, str]:
    """The frequency of each period that a proposal reads."""
    from markdown_workbooks import workbook
    from shipped import CATALOGUE

    from sdmxmig.conversion.convert import convert
    from sdmxmig.conversion.tables import read

    proposal = proposed(text, flow)
    conversion = convert(read("t.xlsx", workbook(text)), proposal.mapping, CATALOGUE.flows[flow], CATALOGUE.rules)
    return dict(conversion.dataset.observations.select("TIME_PERIOD", "FREQ").iter_rows())


@pytest.mark.parametrize("total", ["Total", "TOTAL", "Ensemble", "Всего", "Summe 2023", "Sum 2023", "Total 2023"])
def test_total_of_twelve_months_is_read_as_the_year(total: str) -> None:
    assert periods(by_month(total)) == {f"2023-{at:02}": "M" for at in range(1, 13)} | {"2023": "A"}


@pytest.mark.parametrize(("parts", "period", "freq"), [(3, "2023-Q1", "Q"), (6, "2023-S1", "S"), (12, "2023", "A")])
def test_sum_of_months_is_their_quarter_or_half_year(parts: int, period: str, freq: str) -> None:
    values = periods(by_month(fiji=sum(FIJI[:parts]), tonga=sum(TONGA[:parts]), parts=parts))
    assert values == {f"2023-{at:02}": "M" for at in range(1, parts + 1)} | {period: freq}


@pytest.mark.parametrize(
    "text",
    {
        "one row is not the sum": by_month(tonga=sum(TONGA) + 1),
        "a mean": by_month(fiji=sum(FIJI) // 12, tonga=sum(TONGA) // 12),
        "the stock at the end": by_month(fiji=FIJI[-1], tonga=TONGA[-1]),
        "nine months": by_month(fiji=sum(FIJI[:9]), tonga=sum(TONGA[:9]), parts=9),
        "four months": by_month(fiji=sum(FIJI[:4]), tonga=sum(TONGA[:4]), parts=4),
        "not stated": by_month("Not stated"),
        "others": by_month("Other"),
    }.values(),
    ids=lambda text: text.splitlines()[3][-14:],
)
def test_total_that_differs_from_its_months_is_not_the_year(text: str) -> None:
    assert set(periods(text).values()) == {"M"}


def test_total_equal_to_the_sum_of_months_is_the_year_of_its_row() -> None:
    rows = [("Year", *MONTHS, "Total"), (2021, *FIJI, sum(FIJI)), (2022, *TONGA, sum(TONGA))]
    body = "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)
    values = periods(f"\n## Sheet A\n| Arrivals of migrants by month | |\n{body}")
    assert {period for period, freq in values.items() if freq == "A"} == {"2021", "2022"}


def test_yearly_total_with_missing_months_is_asked_about() -> None:
    rows = [("Year", *MONTHS, "Total"), (2021, *FIJI, sum(FIJI)), (2022, *TONGA[:9], "..", "..", "..", sum(TONGA[:9]))]
    text = "\n## Sheet A\n| Arrivals of migrants by month | |\n" + "".join(
        f"| {' | '.join(map(str, row))} |\n" for row in rows
    )
    asked = [question.label for question in proposed(text, "DF_IMM").open if question.part == "codes TIME_PERIOD"]
    assert asked == ["2022 Total"]
    assert "2022" not in periods(text)


def test_sums_of_women_and_men_are_compared_separately() -> None:
    head = " | ".join(f"{month} | {month}" for month in (*MONTHS, "Total"))
    sexes = " | ".join(["Male | Female"] * 13)
    figures = [value for pair in zip(FIJI, TONGA, strict=True) for value in pair]
    row = " | ".join(map(str, [*figures, sum(FIJI), sum(TONGA)]))
    other = " | ".join(map(str, [*figures, sum(FIJI) + 1, sum(TONGA) - 1]))
    title = f"\n## Sheet A\n| {ARRIVALS} and sex, 2023 | |\n| Country of previous residence | {head} |\n| | {sexes} |\n"
    assert periods(f"{title}| Fiji | {row} |\n| Samoa | {row} |\n")["2023"] == "A"
    assert "2023" not in periods(f"{title}| Fiji | {row} |\n| Samoa | {other} |\n")


@cases_from("conversion/cases/columns_below_a_head_of_shares_stay_out.csv", kept=truth)
def test_columns_of_shares_are_left_out(head: str, kept: bool) -> None:
    text = f"""
## Sheet A
| {ARRIVALS} and sex, 2023 | | | | |
| Country of previous residence | Numbers | Numbers | {head} | {head} |
| | Male | Female | Male | Female |
| Fiji | 10 | 30 | 25 | 75 |
| Tonga | 20 | 20 | 50 | 50 |
"""
    skips = [skip for block in proposed(text, "DF_IMM").mapping.blocks for skip in block.skip_columns]
    assert [skip.match for skip in skips if skip.reason == NO_COUNTS] == ([] if kept else [head])


@cases_from("conversion/cases/digits_of_other_scripts_are_parsed.csv", expected=listed)
def test_digits_of_other_scripts_are_parsed(fiji: str, tonga: str, expected: tuple[str, ...]) -> None:
    text = f"""
## Sheet A
| Immigrants by country of citizenship, 2023 | |
| Country of citizenship | Persons |
| Fiji | {fiji} |
| Tonga | {tonga} |
"""
    assert list(observations(text, proposed(text, "DF_IMM")).values()) == [*expected]


@cases_from("conversion/cases/the_day_of_a_month_in_a_title_is_no_word_to_ask_about.csv", words=listed)
def test_day_in_a_title_is_not_asked_about(title: str, words: tuple[str, ...]) -> None:
    assert tuple(read_title(title, WORDS).unexplained) == words


@cases_from("conversion/cases/mark_after_a_year_is_explained_by_a_note_in_many_languages.csv")
def test_note_explains_mark_after_a_year_in_many_languages(note: str, code: str) -> None:
    text = f"""
## Sheet A
| {ARRIVALS} | | |
| Country of previous residence | 2022 | 2023* |
| Fiji | 10 | 11 |
| Tonga | 20 | 22 |

| * {note} | | |
"""
    questions = {
        question.label: question.chosen.code
        for question in proposed(text, "DF_IMM").questions
        if question.part == "values"
    }
    assert questions == {"the mark “*”": code}


def test_answer_on_regions_applies_to_other_components() -> None:
    text = """
## Sheet A
| Population by country, 1 January 2023 | |
| Country | Persons |
| Europe | 30 |
| France | 10 |
| Italy | 20 |
| Asia | 40 |
| India | 40 |
"""
    asked = [question for question in proposed(text, "DF_POP").open if question.part.startswith("regions ")]
    assert [question.part for question in asked] == ["regions C_BIRTH"]
    decisions = {(asked[0].sheet, asked[0].part, asked[0].label): "as it is", ("A", "line column 1", ""): "C_CITIZEN"}
    tried = proposed(text, "DF_POP", decisions=decisions)
    assert [question.part for question in tried.open if question.part.startswith(("regions ", "line "))] == []
    codes = {text: code for question in tried.mapping.blocks[0].components for text, code in question.codes}
    assert (codes["Europe"], codes["Asia"]) == ("150", "142")


def shares_below(title: str, last: str = "") -> str:
    """A table of two countries, with a title and two rows below, and perhaps another title and row."""
    more = f"| {last} | | |\n| Fiji | 3 | 4 |\n" if last else ""
    return f"""
## Sheet A
| {ARRIVALS} | | |
| Country of previous residence | 2022 | 2023 |
| Fiji | 10 | 11 |
| Tonga | 20 | 22 |
| {title} | | |
| Fiji | 33.3 | 33.3 |
| Tonga | 66.7 | 66.7 |
{more}"""


@pytest.mark.parametrize(
    "title", ["Per cent", "Percentage distribution", "In %", "En pourcentage", "Valori percentuali"]
)
def test_rows_of_shares_are_left_out_by_one_question(title: str) -> None:
    proposal = proposed(shares_below(title), "DF_IMM")
    assert [block.fixed for block in proposal.mapping.blocks if len(proposal.mapping.blocks) > 1] == []
    assert [question.chosen.reason for question in proposal.open if question.part == "sheet"] == [
        f"not proposed: {NO_COUNTS}"
    ]
    assert not [question for question in proposal.open if question.part == "rows"]


@pytest.mark.parametrize(
    "text", [shares_below("Women"), shares_below("Per cent", "Women"), shares_below("Other years")]
)
def test_rows_below_other_titles_are_asked_about(text: str) -> None:
    assert [question.part for question in proposed(text, "DF_IMM").open if question.part in ("rows", "line section")]


def by_region(whole: str, figures: tuple[int, ...] = (3700, 4100)) -> str:
    return f"""
## Sheet A
| Immigrants by district and sex, 2022 | | |
| District | Male | Female |
| {whole} | {figures[0]} | {figures[1]} |
| Norddistrikt | 1500 | 2000 |
| Süddistrikt | 1200 | 1100 |
| Ostdistrikt | 1000 | 1000 |
"""


@pytest.mark.parametrize("whole", ["Kingdom", "Whole republic", "المملكة", "Territory in all", "Land"])
def test_region_equal_to_all_others_is_the_total(whole: str) -> None:
    for decisions in (None, {("*", "line column 1", ""): "REGION"}):
        proposal = proposed(by_region(whole), "DF_IMM_TOPIC", decisions=decisions).mapping.blocks[0]
        codes = next(
            dict(component_map.codes) for component_map in proposal.components if component_map.component == "REGION"
        )
        assert codes == {whole: "_T"}


@pytest.mark.parametrize("figures", [(3700, 4101), (3701, 4100), (1000, 1000), (37, 41)])
def test_region_that_differs_from_the_sum_is_not_the_total(figures: tuple[int, ...]) -> None:
    decided = {("*", "line column 1", ""): "REGION"}
    tried = proposed(by_region("Land", figures), "DF_IMM_TOPIC", decisions=decided)
    assert "Land" in [question.label for question in tried.open if question.part == "codes REGION"]


@cases_from("conversion/cases/years_in_two_calendars_are_one_question.csv", expected=as_set)
def test_years_in_two_calendars_are_asked_about_once(head: str, choice: str, expected: set[str]) -> None:
    text = f"""
## Sheet A
| {ARRIVALS} | | |
| Country of previous residence | {head} |
| Fiji | 10 | 11 |
| Tonga | 20 | 22 |
"""
    asked = [question for question in proposed(text, "DF_IMM").open if question.part == "codes TIME_PERIOD"]
    assert [question.label for question in asked] == [head.partition(" | ")[0]]
    decisions = {("A", asked[0].part, asked[0].label): choice}
    answered = proposed(text, "DF_IMM", decisions=decisions)
    assert set(codes(answered, "TIME_PERIOD").values()) == expected


@cases_from("conversion/cases/america_among_continents_is_the_americas.csv", labels=listed)
def test_america_among_continents_is_the_americas(labels: tuple[str, ...], expected: str) -> None:
    from sdmxmig.conversion.recognition.lists import recognise_list

    many = recognise_list(labels, "PARTNER", WORDS)[labels[-1]]
    assert ([candidate.code for candidate in many if candidate.is_applied] or [""])[0] == expected


@cases_from("conversion/cases/open_ages_with_a_dash_are_known.csv")
def test_open_ages_with_a_dash_are_known(label: str, code: str) -> None:
    candidates = [
        candidate.code for candidate in WORDS.candidates(label, "AGE") if candidate.confidence >= SURE_IN_A_LINE
    ]
    assert (candidates or [""])[0] == code


@cases_from("conversion/cases/the_year_of_months_is_certain_where_a_title_names_them.csv", is_asked=truth)
def test_year_of_months_is_certain_if_a_title_names_the_year(title: str, is_asked: bool) -> None:
    text = f"""
## Sheet A
| {title} | | | |
| Country of previous residence | Jan | Feb | Mar |
| Fiji | 10 | 11 | 12 |
| Tonga | 20 | 22 | 25 |
"""
    assert (
        bool([question for question in proposed(text, "DF_IMM").open if question.part == "line header 1"]) is is_asked
    )


def test_counted_item_is_asked_once_as_a_fixed_code() -> None:
    text = """
## Sheet A
| Work permits by citizenship, 2022 and 2023 | | |
| Country of citizenship | 2022 | 2023 |
| Fiji | 10 | 11 |
| Tonga | 20 | 22 |
"""
    asked = [(question.part, question.label) for question in proposed(text, "DF_PERMIT").open]
    assert ("fixed ADM_ITEM", "") in asked
    assert "title" not in [part for part, _ in asked]


@pytest.mark.parametrize("unit", ["CASE", "EVENT", "NUMBER", "PS"])
def test_table_of_cases_or_events_is_read_as_counts(unit: str) -> None:
    text = """
## Sheet A
| Asylum applications by citizenship (number of cases) | | |
| Country of citizenship | 2022 | 2023 |
| Fiji | 10 | 11 |
| Tonga | 20 | 22 |
"""
    tried = proposed(text, "DF_PROTECTION", decisions={("*", "fixed UNIT_MEASURE", ""): unit})
    assert len(tried.mapping.blocks) == 1


@pytest.mark.parametrize("other", ["Of which unaccompanied", "Herav enslige mindreårige", "Q1 total", "Women", "2022"])
def test_column_beside_months_is_asked_about_and_months_are_used(other: str) -> None:
    text = by_month(other, fiji=7, tonga=9)
    assert periods(text) == {f"2023-{at:02}": "M" for at in range(1, 13)}
    asked = [question.label for question in proposed(text, "DF_IMM").open if question.part == "codes TIME_PERIOD"]
    assert asked == [other]


@pytest.mark.parametrize("other", ["Of which unaccompanied", "Women"])
def test_other_column_beside_months_is_asked_about(other: str) -> None:
    text = by_month(other, fiji=7, tonga=9, parts=5)
    assert [
        question
        for question in proposed(text, "DF_IMM").open
        if question.part == "line header 1" and not question.chosen.code
    ]


@cases_from(
    "conversion/cases/total_beside_years_is_asked_about_but_not_the_years.csv",
    labels=listed,
    is_sure=truth,
)
def test_total_beside_years_is_asked_about_but_not_the_years(labels: tuple[str, ...], is_sure: bool) -> None:
    cells = " | ".join(labels)
    text = f"""
## Sheet A
| {ARRIVALS} | | | | |
| Country of previous residence | {cells} |
| Fiji | 10 | 11 | 12 | 33 |
| Tonga | 20 | 22 | 25 | 67 |
"""
    asked = {(question.part, question.label) for question in proposed(text, "DF_IMM").open}
    assert (("line header 1", "") not in asked) is is_sure
    assert ("codes TIME_PERIOD", labels[-1]) in asked


@cases_from("conversion/cases/years_labelled_as_buddhist_are_converted.csv", labels=listed, expected=as_set)
def test_years_labelled_as_buddhist_are_converted(labels: tuple[str, str], expected: set[str]) -> None:
    text = f"""
## Sheet A
| {ARRIVALS} | | |
| Country of previous residence | {labels[0]} | {labels[1]} |
| Fiji | 10 | 11 |
| Tonga | 20 | 22 |
"""
    assert set(codes(proposed(text, "DF_IMM"), "TIME_PERIOD").values()) == expected


@cases_from("conversion/cases/brackets_distinguish_two_countries_of_one_name.csv", codes=listed)
def test_brackets_distinguish_countries_of_equal_name(label: str, codes: tuple[str, ...]) -> None:
    assert [candidate.code for candidate in WORDS.candidates(label, "PARTNER")] == [*codes]
