"""``sdmxmig map`` on layouts of office workbooks: months with their year, shares beside counts, other digits."""

from __future__ import annotations

import pytest
from proposed import WORDS, observations, proposed

from sdmxmig.recognition.mentions import read_title
from sdmxmig.suggestion.other_measures import SHARES

ARRIVALS = "Arrivals of migrants by country of previous residence"
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

    from sdmxmig.conversion import convert
    from sdmxmig.tables import read

    found = proposed(text, flow)
    result = convert(read("t.xlsx", workbook(text)), found.mapping, CATALOGUE.flows[flow], CATALOGUE.rules)
    return dict(result.dataset.observations.select("TIME_PERIOD", "FREQ").iter_rows())


@pytest.mark.parametrize("total", ["Total", "TOTAL", "Ensemble", "Всего", "Summe 2023", "Sum 2023", "Total 2023"])
def test_a_total_that_is_the_sum_of_twelve_months_is_the_year(total: str) -> None:
    assert periods(by_month(total)) == {f"2023-{at:02}": "M" for at in range(1, 13)} | {"2023": "A"}


@pytest.mark.parametrize(("parts", "period", "freq"), [(3, "2023-Q1", "Q"), (6, "2023-S1", "S"), (12, "2023", "A")])
def test_a_sum_of_some_months_is_the_quarter_or_half_year_that_they_are(parts: int, period: str, freq: str) -> None:
    found = periods(by_month(fiji=sum(FIJI[:parts]), tonga=sum(TONGA[:parts]), parts=parts))
    assert found == {f"2023-{at:02}": "M" for at in range(1, parts + 1)} | {period: freq}


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
def test_what_is_no_sum_of_a_period_is_not_read_as_one(text: str) -> None:
    assert set(periods(text).values()) == {"M"}


def test_a_total_of_months_with_a_year_beside_each_row_is_read_where_it_is_the_sum() -> None:
    rows = [("Year", *MONTHS, "Total"), (2021, *FIJI, sum(FIJI)), (2022, *TONGA, sum(TONGA))]
    body = "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)
    found = periods(f"\n## Sheet A\n| Arrivals of migrants by month | |\n{body}")
    assert {period for period, freq in found.items() if freq == "A"} == {"2021", "2022"}


def test_the_total_of_a_year_of_which_months_lack_is_asked_about() -> None:
    rows = [
        ("Year", *MONTHS, "Total"),
        (2021, *FIJI, sum(FIJI)),
        (2022, *TONGA[:9], "..", "..", "..", sum(TONGA[:9])),
    ]
    text = "\n## Sheet A\n| Arrivals of migrants by month | |\n" + "".join(
        f"| {' | '.join(map(str, row))} |\n" for row in rows
    )
    asked = [one.label for one in proposed(text, "DF_IMM").open if one.part == "codes TIME_PERIOD"]
    assert asked == ["2022 Total"]
    assert "2022" not in periods(text)


def test_sums_of_women_and_men_are_compared_with_their_like() -> None:
    head = " | ".join(f"{month} | {month}" for month in (*MONTHS, "Total"))
    sexes = " | ".join(["Male | Female"] * 13)
    figures = [value for pair in zip(FIJI, TONGA, strict=True) for value in pair]
    row = " | ".join(map(str, [*figures, sum(FIJI), sum(TONGA)]))
    other = " | ".join(map(str, [*figures, sum(FIJI) + 1, sum(TONGA) - 1]))
    title = f"\n## Sheet A\n| {ARRIVALS} and sex, 2023 | |\n| Country of previous residence | {head} |\n| | {sexes} |\n"
    assert periods(f"{title}| Fiji | {row} |\n| Samoa | {row} |\n")["2023"] == "A"
    assert "2023" not in periods(f"{title}| Fiji | {row} |\n| Samoa | {other} |\n")


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        ("Valori percentuali", False),
        ("Valeurs en pourcentage", False),
        ("In percent", False),
        ("Per cent", False),
        ("Absolute values", True),
    ],
)
def test_columns_below_a_head_of_shares_stay_out(head: str, kept: bool) -> None:
    text = f"""
## Sheet A
| {ARRIVALS} and sex, 2023 | | | | |
| Country of previous residence | Numbers | Numbers | {head} | {head} |
| | Male | Female | Male | Female |
| Fiji | 10 | 30 | 25 | 75 |
| Tonga | 20 | 20 | 50 | 50 |
"""
    skips = [one for block in proposed(text, "DF_IMM").mapping.blocks for one in block.skip_columns]
    assert [one.match for one in skips if one.reason == SHARES] == ([] if kept else [head])


@pytest.mark.parametrize(
    ("fiji", "tonga", "expected"),
    [
        ("۱٬۲۳۴", "۹۸۷", ["1234", "987"]),
        ("١٬٢٣٤", "٩٨٧", ["1234", "987"]),
        ("۱٬۲۳۴٬۵۶۷", "۹۸۷", ["1234567", "987"]),
        ("१२३४", "९८७", ["1234", "987"]),
        ("๑๒๓๔", "๙๘๗", ["1234", "987"]),
    ],
)
def test_figures_in_digits_of_other_scripts_are_read(fiji: str, tonga: str, expected: list[str]) -> None:
    text = f"""
## Sheet A
| Immigrants by country of citizenship, 2023 | |
| Country of citizenship | Persons |
| Fiji | {fiji} |
| Tonga | {tonga} |
"""
    assert list(observations(text, proposed(text, "DF_IMM")).values()) == expected


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Population, 27th June 2021", ()),
        ("Population, June 27th, 2021", ()),
        ("Population au 1er septembre 2024", ()),
        ("Population of the 27th", ("27th",)),
        ("Population of the 1st district", ("1st",)),
    ],
)
def test_the_day_of_a_month_in_a_title_is_no_word_to_ask_about(title: str, words: tuple[str, ...]) -> None:
    assert tuple(word for word in read_title(title, WORDS).unexplained if word[0].isdigit()) == words


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("Išankstiniai duomenys", "P"),
        ("Patikslinti duomenys", "REV"),
        ("Esialgsed andmed", "P"),
        ("Előzetes adatok", "P"),
        ("Предварителни данни", "P"),
        ("Προσωρινά στοιχεία", "P"),
        ("Angka sementara", "P"),
        ("Revidirani podatki", "REV"),
        ("Number of persons", ""),
        ("Duomenys", ""),
    ],
)
def test_what_a_mark_behind_a_year_means_is_known_in_many_languages(note: str, code: str) -> None:
    text = f"""
## Sheet A
| {ARRIVALS} | | |
| Country of previous residence | 2022 | 2023* |
| Fiji | 10 | 11 |
| Tonga | 20 | 22 |

| * {note} | | |
"""
    found = {one.label: one.chosen.code for one in proposed(text, "DF_IMM").questions if one.part == "values"}
    assert found == {"the mark “*”": code}


def test_what_is_said_of_regions_holds_when_the_line_turns_out_to_give_another_component() -> None:
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
    asked = [one for one in proposed(text, "DF_POP").open if one.part.startswith("regions ")]
    assert [one.part for one in asked] == ["regions C_BIRTH"]
    said = {(asked[0].sheet, asked[0].part, asked[0].label): "as it is", ("A", "line column 1", ""): "C_CITIZEN"}
    tried = proposed(text, "DF_POP", decisions=said)
    assert [one.part for one in tried.open if one.part.startswith(("regions ", "line "))] == []
    codes = {text: code for one in tried.mapping.blocks[0].components for text, code in one.codes}
    assert (codes["Europe"], codes["Asia"]) == ("150", "142")
