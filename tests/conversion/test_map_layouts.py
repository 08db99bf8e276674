"""``sdmxmig map`` proposes a correct mapping for layouts of many offices, or asks."""

from __future__ import annotations

import pytest
from case_tables import cases_from, text_from
from markdown_workbooks import workbook
from proposed import ALWAYS, WORDS, observations, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion.regions import find_region
from sdmxmig.conversion.suggestion.title_values import find_nearest_codes
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

BILINGUAL = """
## Sheet A
| Country of birth | 2021 | 2022 | بلد الميلاد |
| Iraq | 200 | 220 | العراق |
| Syria | 100 | 110 | سوريا |
"""
STACKED_BY_YEAR = text_from("conversion/cases/map_layouts_stacked_by_year.md")
STACKED_UNKNOWN = text_from("conversion/cases/map_layouts_stacked_unknown.md")
SECTIONS_UNKNOWN = text_from("conversion/cases/map_layouts_sections_unknown.md")
SUMS_AMONG_YEARS = """
## Sheet 1
| Country of citizenship | 2020 | 2021p | 2020-2021 | Change (%) |
| Poland | 6 | 8 | 14 | 33.3 |
| India | 4 | 6 | 10 | 50.0 |
"""
TWICE_THE_SAME_LABELS = """
## Sheet 1
| Country of birth | 2021 | 2022 |
| Poland | 6 | 8 |
| India | 4 | 6 |
| Poland | 60 | 80 |
| Nepal | 3 | 5 |
"""
OTHERS_OF_A_REGION = text_from("conversion/cases/map_layouts_others_of_a_region.md")
OTHERS_BY_INDENT = """
## Sheet 1
| Country of birth | 2021 | 2022 |
| Europe | 60 | 66 |
| '  Germany | 40 | 44 |
| '  France | 10 | 11 |
| '  Other countries | 10 | 11 |
"""


def two_by_two(values: list[str], years: tuple[str, str] = ("2021", "2022")) -> dict[tuple[str, ...], str]:
    """The observations of males and females born in Armenia and Turkey: by sex, country, then year."""
    keys = [(year, sex, "_T", country, "_T") for sex in ("M", "F") for country in ("AM", "TR") for year in years]
    return dict(zip(keys, values, strict=True))


def test_labels_in_two_languages_on_both_sides_are_parsed() -> None:
    proposal = proposed(BILINGUAL, "DF_POP")
    values = observations(BILINGUAL, proposal)
    assert values["2021", "_T", "_T", "IQ", "_T"] == "200"
    assert values["2022", "_T", "_T", "SY", "_T"] == "110"
    assert not [question for question in proposal.open if question.part.startswith("line column")]


@cases_from("conversion/cases/a_title_is_no_header_be_it_apart_from_the_table_or_not.csv", top=int)
def test_title_is_not_read_as_a_header(titles: str, top: int) -> None:
    text = f"\n## Sheet 1\n{titles}| Year | Men | Women |\n| 2021 | 1 | 2 |\n| 2022 | 3 | 4 |\n"
    (table,) = read("t.xlsx", workbook(text))
    region = find_region(table, WORDS.vocabulary)
    assert (region.top, region.first, region.last, len(region.titles)) == (top, top + 1, top + 2, titles.count("| | |"))


@pytest.mark.parametrize(("empty", "top"), [(1, 1), (2, 1), (3, 5), (5, 7)])
def test_texts_far_above_a_table_are_not_its_header(empty: int, top: int) -> None:
    rows = "| Year | Men | Women |\n| 2021 | 1 | 2 |\n| 2022 | 3 | 4 |\n"
    text = "\n## Sheet 1\n| Office | Department | Unit |\n" + "\n" * empty + rows
    (table,) = read("t.xlsx", workbook(text))
    region = find_region(table, WORDS.vocabulary)
    assert region.top == top


@pytest.mark.parametrize("titles", [(), ("",), ("???",)])
def test_missing_titles_yield_no_nearest_names(titles: tuple[str, ...]) -> None:
    assert find_nearest_codes("SEX", CATALOGUE.flows["DF_POP"], titles) == ()


def test_nearest_three_codes_of_a_title_are_listed() -> None:
    near = find_nearest_codes("SEX", CATALOGUE.flows["DF_POP"], ("Population, females",))
    assert near[0].code == "F"
    assert len(near) <= 3
    assert all(0 < candidate.confidence <= 0.5 for candidate in near)


@pytest.mark.parametrize("above", ["| 2022 | | |\n", "\n| 2022 | | |\n"], ids=["title alone", "empty row and title"])
def test_stacked_table_may_have_its_columns_in_another_order(above: str) -> None:
    first, _, second = STACKED_BY_YEAR.partition("| 2022 | | |\n")
    turned = second.replace("Hommes | Femmes", "Femmes | Hommes")
    for before, after in (("10 | 11", ""), ("30 | 31", "31 | 30"), ("40 | 41", "41 | 40")):
        turned = turned.replace(before, after or before)
    text = first + above + turned
    assert "| Femmes | Hommes |\n| Arménie | 31 | 30 |" in text
    assert observations(text, proposed(text, "DF_POP")) == two_by_two(["10", "30", "20", "40", "11", "31", "21", "41"])


def test_stacked_tables_with_unknown_titles_are_asked_about() -> None:
    proposal = proposed(STACKED_UNKNOWN, "DF_POP")
    asked = [question for question in proposal.open if question.part == "sheet"]
    assert "Panel B" in " ".join(question.label for question in asked)
    assert len(observations(STACKED_UNKNOWN, proposal)) <= 4


def test_answers_distinguish_stacked_tables() -> None:
    asked = {
        question.sheet for question in proposed(STACKED_UNKNOWN, "DF_POP").questions if question.part == "fixed SEX"
    }
    assert asked == {"1 A4", "1 A9"}
    decisions = {("1 A4", "fixed SEX", ""): "M", ("1 A9", "fixed SEX", ""): "F"}
    proposal = proposed(STACKED_UNKNOWN, "DF_POP", decisions=decisions)
    assert observations(STACKED_UNKNOWN, proposal) == two_by_two(["10", "11", "20", "21", "30", "31", "40", "41"])
    assert not [question for question in proposal.open if question.part == "sheet"]


def test_unknown_section_titles_are_asked_about() -> None:
    proposal = proposed(SECTIONS_UNKNOWN, "DF_POP")
    asked = [question for question in proposal.open if question.part == "line section"]
    assert "Upper valley" in asked[0].label
    skipped = {skip.match for skip in proposal.mapping.blocks[0].skip_rows}
    assert skipped == {"0-14 years", "15 years and over"}


STACKED_SEXES = text_from("conversion/cases/map_layouts_stacked_sexes.md")


@pytest.mark.parametrize("first", ["Total", "All", "Both sexes", "Totals"])
def test_first_of_stacked_parts_may_be_the_total(first: str) -> None:
    text = STACKED_SEXES.format(first=first, years="2020-2021")
    values = observations(text, proposed(text, "DF_POP"))
    assert {key[1] for key in values} == {"_T", "M"}
    assert len(values) == 8


def test_figures_over_the_first_title_of_a_part_are_asked_about() -> None:
    text = STACKED_SEXES.format(first="", years="2020-2021").replace(
        "| Men", "| Women | | |\n| Armenia | 20 | 22 |\n| Men"
    )
    tried = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="GE")
    assert ("keys", "SEX") in {(question.part, question.label) for question in tried.open}


def test_sums_of_years_and_shares_are_not_taken_for_years() -> None:
    proposal = proposed(SUMS_AMONG_YEARS, "DF_IMM")
    values = observations(SUMS_AMONG_YEARS, proposal)
    assert sorted({key[0] for key in values}) == ["2020", "2021"]
    assert [question.label for question in proposal.open if question.part == "codes TIME_PERIOD"] == ["2020-2021"]


MAIN_FIRST = text_from("conversion/cases/map_layouts_main_first.md")


@pytest.mark.parametrize(("first", "all_"), [("", ""), ("| Main countries: | |\n", "| All countries: | |\n")])
def test_repeated_rows_count_once(first: str, all_: str) -> None:
    text = MAIN_FIRST.format(first=first, all=all_)
    proposal = proposed(text, "DF_IMM")
    assert [question.part for question in proposal.open if question.part not in ALWAYS] == ["fixed CTZ_STATUS"]
    assert sorted(observations(text, proposal).values()) == ["100", "250", "300", "650"]
    other = propose(read("t.xlsx", workbook(text.replace("250", "25", 1))), "DF_IMM", CATALOGUE, WORDS, area="GE")
    assert {"rows", "line section", "keys"} & {question.part for question in other.open}


def test_rows_with_one_label_are_asked_about_and_left_out() -> None:
    proposal = proposed(TWICE_THE_SAME_LABELS, "DF_POP")
    assert [question.label for question in proposal.open if question.part == "rows"] == ["Poland"]
    assert {key[3] for key in observations(TWICE_THE_SAME_LABELS, proposal)} == {"IN", "NP"}


@pytest.mark.parametrize("text", [OTHERS_OF_A_REGION, OTHERS_BY_INDENT], ids=["between regions", "by indent"])
def test_other_countries_below_a_region_belong_to_the_region(text: str) -> None:
    proposal = proposed(text, "DF_POP")
    assert "Other countries" in [question.label for question in proposal.open]
    assert "_O" not in {key[3] for key in observations(text, proposal)}


def test_sexes_below_each_country_are_not_country_groups() -> None:
    """“Totalt” and “män”, the Isle of Man, may be areas; the cells below each country are empty."""
    countries = ("Samtliga", "Sverige", "Syrien", "Indien", "Polen", "Övriga länder")
    rows = [(country, 100 + at, 60 + at) for at, country in enumerate(countries)]
    text = "## Sheet A\n| Invandringar efter födelseland och kön | | | |\n| Födelseland | Kön | 2022 | 2023 |\n"
    for country, total, men in rows:
        text += f"| {country} | totalt | {total} | {total} |\n| | män | {men} | {men} |\n| | kvinnor | 40 | 40 |\n"
    components = {component.component for component in proposed(text, "DF_IMM", "SE").mapping.blocks[0].components}
    assert components == {"C_BIRTH", "SEX", "TIME_PERIOD"}


TWO_LISTS = """
## Sheet S
| {title} | | | |
| {over} | {over_right} |
| {head} | {number} | {head} | {number} |
| Kenya | 120 | {first} | 40 |
| Ghana | 110 | {second} | 35 |
| Chad | 90 | {third} | 30 |
"""
HEADS = [("Country", "Number"), ("Država", "Broj"), ("País", "Total"), ("Staatsangehörigkeit", "Anzahl")]


@pytest.mark.parametrize(("head", "number"), HEADS)
def test_list_continued_on_the_right_is_parsed(head: str, number: str) -> None:
    names = {"first": "India", "second": "Togo", "third": "Mali", "over": " | ", "over_right": " | "}
    text = TWO_LISTS.format(title="Immigrants by citizenship, 2023", head=head, number=number, **names)
    values = observations(text, proposed(text, "DF_IMM"))
    assert {(key[-1], value) for key, value in values.items()} == {
        ("KE", "120"), ("GH", "110"), ("TD", "90"), ("IN", "40"), ("TG", "35"), ("ML", "30")
    }  # fmt: skip


@pytest.mark.parametrize(("head", "number"), HEADS)
def test_lists_side_by_side_have_their_own_year(head: str, number: str) -> None:
    names = {"first": "Ghana", "second": "Kenya", "third": "Mali", "over": "2022 | ", "over_right": "2023 | "}
    text = TWO_LISTS.format(title="Immigrants by citizenship", head=head, number=number, **names)
    values = observations(text, proposed(text, "DF_IMM"))
    assert {(key[0], key[-1], value) for key, value in values.items()} == {
        ("2022", "KE", "120"), ("2022", "GH", "110"), ("2022", "TD", "90"),
        ("2023", "GH", "40"), ("2023", "KE", "35"), ("2023", "ML", "30"),
    }  # fmt: skip


def test_two_columns_of_countries_form_one_list() -> None:
    heads = "| Country of birth | Country of citizenship | Number |\n"
    rows = "| Kenya | Kenya | 120 |\n| Kenya | Ghana | 3 |\n| Chad | Chad | 110 |\n"
    text = f"## Sheet S\n| Immigrants, 2023 | | |\n{heads}{rows}"
    assert len(observations(text, proposed(text, "DF_IMM"))) == 3


@pytest.mark.parametrize(
    ("total", "label"), [("Spolu", "Štátna príslušnosť"), ("Total", "Country"), ("Ukupno", "Država")]
)
def test_column_of_totals_is_not_read_as_labels(total: str, label: str) -> None:
    rows = f"| {total} | 90 | 60 | 30 |\n| Kenya | 50 | 30 | 20 |\n| Ghana | 40 | 30 | 10 |\n"
    text = f"## Sheet S\n| Immigrants by citizenship and kind, 2023 |\n| {label} | {total} | A | B |\n{rows}"
    (block,) = proposed(text, "DF_IMM").mapping.blocks
    assert block.header_columns == 1
