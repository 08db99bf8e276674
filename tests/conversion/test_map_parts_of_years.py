"""``sdmxmig map`` on parts of years: months, quarters and half-years are recognised or asked about."""

from __future__ import annotations

import pytest
from case_tables import as_list, as_set, cases_from, listed
from proposed import observations, proposed

pytestmark = pytest.mark.sampled(4)

ARRIVALS = "Arrivals of migrants by country of previous residence"


def under(head: str, labels: list[str], *, top: str = "Year") -> str:
    """A table of arrivals with two years in the first column, and these labels below a head in the second."""
    rows = [
        f"| {year if not at else ''} | {label} | {10 + at} | {20 + at} |"
        for year in (2020, 2021)
        for at, label in enumerate(labels)
    ]
    return "\n".join([f"\n## Sheet A\n| {ARRIVALS} | | | |", f"| {top} | {head} | Fiji | Tonga |", *rows, ""])


def across(labels: list[str], *, head: str = "Country of previous residence") -> str:
    """A table of arrivals with two years over labels in the header."""
    wide = " | ".join(["<"] * (len(labels) - 1))
    cells = " | ".join([*labels, *labels])
    figures = " | ".join(str(10 + at) for at in range(2 * len(labels)))
    return (
        f"\n## Sheet A\n| {ARRIVALS} | |\n| {head} | 2020 | {wide} | 2021 | {wide} |\n"
        f"| ^ | {cells} |\n| Fiji | {figures} |\n| Tonga | {figures} |\n"
    )


def column(head: str, labels: list[str]) -> str:
    """A table of arrivals with months and their years in one column."""
    rows = [f"| {label} | {10 + at} | {20 + at} |" for at, label in enumerate(labels)]
    return "\n".join([f"\n## Sheet A\n| {ARRIVALS} | | |", f"| {head} | Fiji | Tonga |", *rows, ""])


def asked(text: str, part: str, flow: str = "DF_IMM") -> list[str]:
    return [
        code
        for question in proposed(text, flow).open
        if question.part == part
        for code in (question.chosen.code, *(candidate.code for candidate in question.others))
    ]


def periods(text: str, flow: str = "DF_IMM", freq: str = "") -> set[str]:
    """The periods that a proposal gives, or that with an answer about the frequency."""
    decisions = {("A", "fixed FREQ", ""): freq} if freq else None
    return {key[0] for key in observations(text, proposed(text, flow, decisions=decisions))}


ENDS = ["Mar", "Jun", "Sep", "Dec"]
SPANISH_ENDS = ["marzo", "junio", "septiembre", "diciembre"]
OPEN = {
    "below “Quarter”": (under("Quarter", ENDS), ["Q", "M"]),
    "below “Quarter”, all months": (under("Quarter", ["Jan", "Feb", "Mar", "Apr"]), ["M", "Q"]),
    "below “Half-year”": (under("Half-year", ["June", "December"]), ["S", "M"]),
    "three months apart, no head": (across(ENDS), ["Q", "M"]),
    "six months apart, no head": (across(["Jun", "Dec"]), ["S", "M"]),
    "middle months": (across(["Feb", "May", "Aug", "Nov"]), ["M", "Q"]),
    "with their years, below “Quarter”": (column("Quarter", ["Mar 2021", "Jun 2021", "Sep 2021"]), ["Q", "M"]),
    "with their years, below “Year ended”": (column("Year ended", ["Jun 2020", "Jun 2021"]), ["A", "M"]),
    "with their years, three apart": (column("Period", ["Mar 2021", "Jun 2021", "Sep 2021"]), ["Q", "M"]),
}


@pytest.mark.parametrize(("text", "codes"), OPEN.values(), ids=OPEN)
def test_months_that_may_be_longer_periods_are_asked_about(text: str, codes: list[str]) -> None:
    assert asked(text, "fixed FREQ") == codes


@pytest.mark.parametrize(
    ("text", "freq", "expected"),
    [
        (under("Quarter", ENDS), "", {f"{year}-Q{at}" for year in (2020, 2021) for at in (1, 2, 3, 4)}),
        (under("Quarter", ENDS), "M", {f"{year}-{at}" for year in (2020, 2021) for at in ("03", "06", "09", "12")}),
        (
            under("Quarter", ["Jan", "Feb", "Mar"]),
            "",
            {f"{year}-{at}" for year in (2020, 2021) for at in ("01", "02", "03")},
        ),
        (across(["Jun", "Dec"]), "S", {"2020-S1", "2020-S2", "2021-S1", "2021-S2"}),
        (column("Year ended", ["Jun 2020", "Jun 2021"]), "", {"2019-07-01/P1Y", "2020-07-01/P1Y"}),
        (column("Period", ["YE Jun 2021", "YE Dec 2021"]), "", {"2020-07-01/P1Y", "2021"}),
        (column("Year ended", ["Dec 2020", "Dec 2021"]), "A", {"2020", "2021"}),
    ],
)
def test_answered_frequency_decides_the_meaning_of_months(text: str, freq: str, expected: set[str]) -> None:
    assert periods(text, freq=freq) == expected


@pytest.mark.parametrize(
    "text",
    [
        under("Month", ENDS),
        under("Mois", ["janvier", "février", "mars"], top="Année"),
        under("Trimestre", ["1 trimestre", "2 trimestre"], top="Año"),
        across(["Jan", "Feb", "Mar"]),
        column("Month", ["Mar 2021", "Jun 2021", "Sep 2021"]),
        column("Year", ["2020", "2021", "2022"]),
    ],
)
def test_evident_months_are_not_asked_about(text: str) -> None:
    assert not asked(text, "fixed FREQ")


TOTALS = ["Total", "TOTAL", "All months", "Ensemble", "Всего", "Summe", "Not stated", "Other", "Annual total", "Sum"]


@pytest.mark.parametrize("total", TOTALS)
@pytest.mark.parametrize("is_across", [False, True])
def test_total_among_months_is_not_read_as_a_period(total: str, *, is_across: bool) -> None:
    labels = ["Jan", "Feb", "Mar", total]
    text = across(labels) if is_across else under("Month", labels)
    proposal = proposed(text, "DF_IMM")
    skips = {skip.match for block in proposal.mapping.blocks for skip in (*block.skip_rows, *block.skip_columns)}
    assert total in skips
    assert periods(text) == {f"{year}-0{month}" for year in (2020, 2021) for month in (1, 2, 3)}


@cases_from(
    "conversion/cases/the_first_days_of_months_are_asked_about_once_as_months.csv", labels=as_list, months=as_set
)
def test_first_days_of_months_are_asked_about_once_as_months(labels: list[str], months: set[str]) -> None:
    text = column("Date", labels)
    assert periods(text) == months
    assert asked(text, "fixed FREQ") == ["M", "D"]
    assert not asked(text, "codes TIME_PERIOD")


@pytest.mark.parametrize(
    "labels", [["2021-01-01", "2021-01-08", "2021-01-15"], ["2021-01-01", "2021-02-02"], ["2020-01-01", "2021-01-01"]]
)
def test_other_days_are_not_read_as_months(labels: list[str]) -> None:
    text = column("Date", labels)
    assert not asked(text, "fixed FREQ")
    assert asked(text, "codes TIME_PERIOD")


def marks(text: str) -> dict[str, str]:
    """The marks that are asked about, with what is proposed for each."""
    return {
        question.label: question.chosen.code for question in proposed(text, "DF_IMM").open if question.part == "values"
    }


@pytest.mark.parametrize(
    "text",
    [
        across(["janv.", "févr.", "mars"]),
        under("Month", ["Jan", "Feb", "Mar", "Total"]),
        under("Monat", ["Jan.", "Feb.", "März"], top="Jahr"),
        under("Quarter", ["Q1", "Q2", "Q3"]),
        column("Period", ["2020 mai", "2020 juin", "2020 août"]),
        column("Period", ["2020 (Jan)", "2020 (Feb)", "2020 (Mar)"]),
    ],
)
def test_names_of_months_are_not_read_as_marks(text: str) -> None:
    assert not marks(text)


@pytest.mark.parametrize(
    ("text", "mark", "code"),
    [
        (across(["Jan", "Feb"]).replace("| 2021 |", "| 2021p |"), "the mark “p”", "P"),
        (across(["Jan", "Feb"]).replace("| 2021 |", "| 2021* |"), "the mark “*”", ""),
        (under("Quarter", ["Q1", "Q2"]).replace("| 2021 |", "| 2021e |"), "the mark “e”", "E"),
        (column("Year", ["2019", "2020", "2021r"]), "the mark “r”", ""),
    ],
)
def test_marks_after_years_are_asked_about_beside_months(text: str, mark: str, code: str) -> None:
    assert marks(text) == {mark: code}


def test_mark_after_a_year_applies_to_its_months() -> None:
    from markdown_workbooks import workbook
    from shipped import CATALOGUE

    from sdmxmig.conversion.convert import convert
    from sdmxmig.conversion.tables import read

    text = across(["Jan", "Feb"]).replace("| 2021 |", "| 2021p |")
    mapping = proposed(text, "DF_IMM").mapping
    conversion = convert(read("t.xlsx", workbook(text)), mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)
    rows = conversion.dataset.observations.select("TIME_PERIOD", "OBS_STATUS").iter_rows()
    assert {(period, status or "A") for period, status in rows} == {
        ("2020-01", "A"),
        ("2020-02", "A"),
        ("2021-01", "P"),
        ("2021-02", "P"),
    }


def years(last: str) -> str:
    return f"""
## Sheet A
| {ARRIVALS} | | |
| Country of previous residence | 2021 | {last} |
| Fiji | 10 | 11 |
| Tonga | 20 | 22 |
"""


@cases_from("conversion/cases/a_period_that_a_person_names_keeps_the_status_of_its_label.csv")
def test_answered_period_keeps_the_status_of_its_label(label: str, status: str) -> None:
    from markdown_workbooks import workbook
    from shipped import CATALOGUE

    from sdmxmig.conversion.convert import convert
    from sdmxmig.conversion.tables import read

    text = years(label)
    decisions = {("*", "codes TIME_PERIOD", label): "2022"}
    mapping = proposed(text, "DF_IMM", decisions=decisions).mapping
    conversion = convert(read("t.xlsx", workbook(text)), mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)
    rows = conversion.dataset.observations.select("TIME_PERIOD", "OBS_STATUS").iter_rows()
    assert {(period, row or "A") for period, row in rows} == {("2021", "A"), ("2022", status)}


def titled(title: str, labels: list[str], head: str = "Country of previous residence") -> str:
    """A table of arrivals with these labels in the header, and a title."""
    cells, figures = " | ".join(labels), " | ".join(str(110 + 7 * at) for at in range(len(labels)))
    return f"\n## Sheet A\n| {title} | |\n| {head} | {cells} |\n| Fiji | {figures} |\n| Tonga | {figures} |\n"


MONTHS_OF_A_YEAR = {
    "English": (f"{ARRIVALS}, 2023", ["JAN", "FEB", "MAR"], {"2023-01", "2023-02", "2023-03"}),
    "French": (f"{ARRIVALS} en 2022", ["janvier", "février"], {"2022-01", "2022-02"}),
    "Russian": (f"{ARRIVALS}, 2020", ["январь", "февраль"], {"2020-01", "2020-02"}),
    "Arabic": (f"{ARRIVALS} 2020", ["يناير", "فبراير"], {"2020-01", "2020-02"}),
    "Chinese": (f"{ARRIVALS} 2020", ["1月", "2月"], {"2020-01", "2020-02"}),
    "with a total": (f"{ARRIVALS}, 2023", ["Jan", "Feb", "Total"], {"2023-01", "2023-02"}),
    "quarters": (f"{ARRIVALS}, 2023", ["Q1", "Q2", "Q3"], {f"2023-Q{at}" for at in (1, 2, 3)}),
    "a publication": ("Yearbook of immigration, 2023", ["Q1", "Q2", "Q3", "Q4"], {f"2023-Q{at}" for at in range(1, 5)}),
    "since then": (f"{ARRIVALS} since 2023", ["Q1", "Q2", "Q3", "Q4"], {f"2023-Q{at}" for at in range(1, 5)}),
}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WHOLE_YEARS = {
    "quarters": (f"{ARRIVALS}, 2023", ["Q1", "Q2", "Q3", "Q4"]),
    "Roman quarters": (f"{ARRIVALS}, 2023", ["I", "II", "III", "IV"]),
    "months": (f"{ARRIVALS} in 2020", MONTHS),
}


@pytest.mark.parametrize(("title", "labels"), WHOLE_YEARS.values(), ids=WHOLE_YEARS)
def test_months_dated_by_a_title_are_certain(title: str, labels: list[str]) -> None:
    text = titled(title, labels)
    assert asked(text, "line header 1") == []
    assert len(periods(text)) == len(labels)


@pytest.mark.parametrize(("title", "labels", "expected"), MONTHS_OF_A_YEAR.values(), ids=MONTHS_OF_A_YEAR)
def test_year_of_a_title_is_proposed_for_months_and_asked(title: str, labels: list[str], expected: set[str]) -> None:
    text = titled(title, labels)
    assert asked(text, "line header 1") == ["TIME_PERIOD"]
    assert periods(text) == expected


def test_year_of_a_title_with_months_is_a_required_text() -> None:
    block = proposed(titled(f"{ARRIVALS}, 2023", ["Jan", "Feb"]), "DF_IMM").mapping.blocks[0]
    assert any("2023" in text for text in block.required_texts)


@pytest.mark.parametrize("title", [ARRIVALS, f"{ARRIVALS}, 2021–2023", f"{ARRIVALS}, 2022 and 2023"])
def test_months_without_a_single_year_are_not_periods(title: str) -> None:
    text = titled(title, ["Jan", "Feb", "Mar"])
    assert asked(text, "line header 1")[:1] == [""]
    assert "TIME_PERIOD" not in dict(proposed(text, "DF_IMM").mapping.blocks[0].fixed)


@cases_from("conversion/cases/months_with_two_digit_years_are_recognised.csv", labels=as_list, expected=as_set)
def test_months_with_two_digit_years_are_recognised(labels: list[str], expected: set[str]) -> None:
    assert periods(titled(ARRIVALS, labels)) == expected


@cases_from("conversion/cases/days_of_months_are_no_months_of_years.csv", labels=listed)
def test_days_are_not_read_as_months_of_years(labels: tuple[str, ...]) -> None:
    assert "TIME_PERIOD" not in {
        component_map.component
        for component_map in proposed(titled(ARRIVALS, labels), "DF_IMM").mapping.blocks[0].components
    }


@cases_from("conversion/cases/dates_that_begin_months_are_asked_about.csv", labels=as_list, expected=as_set)
def test_dates_that_begin_months_are_asked_about(labels: list[str], freq: str, expected: set[str]) -> None:
    text = column("Date", labels)
    assert asked(text, "fixed FREQ") == ["M", "D"]
    assert periods(text, freq=freq) == expected


def test_year_column_beside_dates_is_redundant() -> None:
    rows = "\n".join(f"| {year}/{month:02}/01 | {year} | 1{month} |" for year in (2008, 2009) for month in (1, 2, 3))
    text = f"\n## Sheet A\n| Date | Year | Arrivals |\n{rows}\n"
    assert not [question for question in proposed(text, "DF_IMM").open if question.part.startswith("line ")]
    assert len(periods(text)) == 6


def test_answered_period_sets_the_frequency() -> None:
    text = "\n## Sheet A\n| Immigrants by sex, report 2022 | |\n| Sex | Persons |\n| Male | 10 |\n| Female | 11 |\n"
    assert not asked(text, "fixed FREQ")
    assert asked(text, "fixed TIME_PERIOD") == ["2022"]
    decisions = {("A", "fixed TIME_PERIOD", ""): "2022-03"}
    tried = proposed(text, "DF_IMM", decisions=decisions)
    assert dict(tried.mapping.blocks[0].fixed)["FREQ"] == "M"


@cases_from(
    "conversion/cases/year_word_or_one_in_names_of_quarters_is_read.csv",
    labels=as_list,
    expected=as_set,
)
def test_quarter_names_with_a_word_for_year_are_parsed(labels: list[str], expected: set[str]) -> None:
    text = column("Period", labels)
    assert periods(text, freq="S" if "S" in next(iter(expected)) else "Q") == expected


@pytest.mark.parametrize("flow", ["DF_UNSD_F01", "DF_UNSD_F02"])
def test_quarters_in_a_dataflow_of_years_are_asked_about(flow: str) -> None:
    heads = "\n## Sheet A\n| Migrants | |\n| Direction | 2023-Q1 | 2023-Q2 |\n"
    quarters = f"{heads}| Immigration | 4 | 5 |\n| Emigration | 2 | 3 |\n"
    assert asked(quarters, "fixed FREQ", flow)[:1] == ["Q"]
    assert asked(quarters.replace("2023-Q", "202"), "fixed FREQ", flow) == []
