"""Texts alone in their rows: years and population groups start a part of the table; “of which” does not."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import asked, codes, observations, proposed, tried
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion.answers import list_choices
from sdmxmig.conversion.suggestion.questions import ABOVE, LEAVE_OUT
from sdmxmig.conversion.suggestion.wording import describe_answer_code

ROWS = "".join(
    f"| {label} | {figures} |\n"
    for label, figures in (
        ("Whole population", "1032 | 519 | 513"),
        ("Swedish citizens", "938 | 471 | 467"),
        ("Foreign citizens", "94 | 48 | 46"),
    )
)


@pytest.mark.parametrize("flow", ["DF_IMM", "DF_EMI", "DF_POP"])
def test_titles_between_rows_are_parsed_for_any_dataflow(flow: str) -> None:
    heads = "| Birth and citizenship | Persons | < | < |\n| ^ | Both sexes | Men | Women |\n"
    proposal = proposed(f"## Sheet S\n{heads}| 2019 |\n{ROWS}| 2020 |\n{ROWS}", flow, "SE")
    assert proposal.open


@pytest.mark.parametrize(
    "year", ["{}", "{} год", "{} г.", "{} year", "{} Jahr", "{} ano", "{} rok", "Année {}", "{}年"]
)
def test_first_year_below_the_headers_begins_a_section(year: str) -> None:
    rows = "| Total | 30 | 20 | 10 |\n| Kenya | 20 | 15 | 5 |\n| Ghana | 10 | 5 | 5 |\n"
    heads = "| Citizenship | Total | Men | Women |\n"
    table = f"{heads}| {year.format(2021)} |\n{rows}| {year.format(2022)} |\n{rows}"
    proposal = proposed(f"## Sheet S\n| Emigrants by citizenship and sex |\n{table}", "DF_EMI", "SE")
    sources = {each.component: str(each.source) for block in proposal.mapping.blocks for each in block.components}
    assert sources["TIME_PERIOD"] == "section"
    assert not [question for question in proposal.open if question.part in ("rows", "codes C_CITIZEN")]


PARTS = ("| 0-14 | 300 |\n| 15+ | 700 |\n", "| 0-14 | 160 |\n| 15+ | 340 |\n", "| 0-14 | 140 |\n| 15+ | 360 |\n")


@pytest.mark.parametrize(
    ("everyone", "men", "women"),
    [
        ("Persons", "Males", "Females"),
        ("People", "Men", "Women"),
        ("Personas", "Hombres", "Mujeres"),
        ("Personnes", "Hommes", "Femmes"),
        ("Personen", "Männer", "Frauen"),
    ],
)
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0)], ids=["first", "last"])
def test_people_beside_both_sexes_are_their_total(everyone: str, men: str, women: str, order: tuple[int, ...]) -> None:
    titles = (everyone, men, women)
    rows = "".join(f"| {titles[at]} |\n{PARTS[at]}" for at in order)
    proposal = proposed(f"## Sheet S\n| Population, 1 January |\n| Age | 2021 |\n{rows}", "DF_POP")
    assert codes(proposal, "SEX") == {everyone: "_T", men: "M", women: "F"}
    assert asked(proposal) == []


@cases_from("conversion/cases/rows_below_of_which_belong_to_the_title_above.csv")
def test_rows_below_of_which_belong_to_the_title_above(
    title: str, head: str, sexes: str, total: str, of_which: str, countries: str
) -> None:
    def rows(first: int) -> str:
        listed = "".join(f"| {country} | {first * at} |\n" for at, country in enumerate(countries.split("; "), start=1))
        return f"| {total} | {first * 9} |\n| {of_which} |\n{listed}"

    both, men, women = sexes.split("; ")
    body = f"| {both} |\n{rows(5)}| {men} |\n{rows(2)}| {women} |\n{rows(3)}"
    text = f"## Sheet S\n| {title} |\n| {head} | 2021 |\n{body}"
    proposal = proposed(text, "DF_IMM")
    assert not [question for question in asked(proposal) if question.component != "CTZ_STATUS"]
    figures = observations(text, proposal)
    assert [figures["2021", sex, "_T", "_T", "RO"] for sex in ("_T", "M", "F")] == ["10", "4", "6"]


@pytest.mark.parametrize("of_which", ["ebből:", "of which", "davon:", "из них:", "其中", "ebből / of which"])
def test_sexes_below_of_which_belong_to_the_country_above(of_which: str) -> None:
    rows = "".join(
        f"| {country} | {number * 5} |\n| {of_which} |\n| Men | {number * 2} |\n| Women | {number * 3} |\n"
        for country, number in (("Total", 6), ("Germany", 1), ("Romania", 2), ("Ukraine", 3))
    )
    text = f"## Sheet S\n| Immigrants by citizenship and sex |\n| Citizenship | 2021 |\n{rows}"
    figures = observations(text, proposed(text, "DF_IMM"))
    assert [figures["2021", sex, "_T", "_T", "RO"] for sex in ("_T", "M", "F")] == ["10", "4", "6"]


@pytest.mark.parametrize(
    "title", ["of which by citizenship:", "ebből állampolgárság szerint", "dont par nationalité :"]
)
def test_announcement_may_name_the_labels_below(title: str) -> None:
    rows = "".join(
        f"| {sex} |\n| Total | {number * 6} |\n| {title} |\n| Italy | {number} |\n| Romania | {number * 5} |\n"
        for sex, number in (("Total", 3), ("Men", 1), ("Women", 2))
    )
    text = f"## Sheet S\n| Immigrants by citizenship and sex |\n| Citizenship | 2021 |\n{rows}"
    figures = observations(text, proposed(text, "DF_IMM"))
    assert [figures["2021", sex, "_T", "_T", "RO"] for sex in ("_T", "M", "F")] == ["15", "5", "10"]


@pytest.mark.parametrize("of_which", ["of which", "davon:", "ebből:", "из них:"])
@pytest.mark.parametrize("gap", ["^", ""], ids=["merged", "empty"])
def test_announcement_in_a_separate_column_gets_no_code(of_which: str, gap: str) -> None:
    rows = f"| Total | | 60 |\n| {of_which} | Italy | 10 |\n| {gap} | Romania | 20 |\n| {gap} | Ukraine | 30 |\n"
    text = f"## Sheet S\n| Immigrants by citizenship |\n| Citizenship | < | 2021 |\n{rows}"
    proposal = proposed(text, "DF_IMM")
    assert not [question for question in asked(proposal) if question.component != "CTZ_STATUS"]
    assert [value for key, value in observations(text, proposal).items() if key[-1] == "RO"] == ["20"]
    assert len(observations(text, proposal)) == 4


def people(number: int) -> str:
    labels = {"Germany": number, "Romania": number * 2, "Ukraine": number * 3}
    countries = "".join(f"| {label} | {figure} | {figure} | {figure} |\n" for label, figure in labels.items())
    return f"| Total | {number * 6} | {number * 6} | {number * 6} |\n| Citizens of: |\n{countries}"


NOT_UNDERSTOOD = (
    "## Sheet S\n| Immigrants by citizenship and sex |\n| Citizenship | 2021 | 2022 | 2023 |\n"
    f"| Persons |\n{people(5)}| Men |\n{people(2)}| Women |\n{people(3)}"
)
ABOUT_TITLE = ("S", "codes SEX", "Citizens of:")


def test_unknown_title_may_belong_to_the_title_above() -> None:
    (question,) = [each for each in asked(proposed(NOT_UNDERSTOOD, "DF_IMM")) if each.component == "SEX"]
    flow = CATALOGUE.flows["DF_IMM"]
    offers = {describe_answer_code(code, question, flow) for code in list_choices(question, flow)}
    assert offers >= {"Unknown (_U)", "Its rows belong to the title above", "Leave out the rows below it"}
    figures = observations(NOT_UNDERSTOOD, proposed(NOT_UNDERSTOOD, "DF_IMM", decisions={ABOUT_TITLE: ABOVE}))
    assert [figures["2021", sex, "_T", "_T", "RO"] for sex in ("_T", "M", "F")] == ["10", "4", "6"]


def test_answer_omitting_most_figures_is_reported_with_rows() -> None:
    proposal = tried(NOT_UNDERSTOOD, decisions={ABOUT_TITLE: LEAVE_OUT})
    said = "Answers leave out 27 of 36 figures of “S”, in rows 6-8, 12-14, 18-20."
    assert said in [finding.sentence() for finding in proposal.conversion.findings.items]
    assert any(said in question.chosen.reason for question in proposal.open)


@pytest.mark.parametrize(
    ("title", "head", "groups"),
    [
        ("Immigrants by citizenship", "Citizenship", ("EU-27", "Third countries")),
        ("Inmigrantes según país de nacionalidad", "País de nacionalidad", ("UE-27", "Terceros países")),
        ("Einwanderer nach Staatsangehörigkeit", "Staatsangehörigkeit", ("EU-27", "Drittstaaten")),
    ],
)
def test_omitted_labels_are_not_asked_about_again(title: str, head: str, groups: tuple[str, str]) -> None:
    rows = "".join(f"| {label} | 600 | 700 | 800 | 900 | 950 |\n" for label in (*groups, "Italia", "Kenya", "Ghana"))
    many = "".join(f"| {group} {number} | 10 | 20 | 30 | 40 | 50 |\n" for group in groups for number in (1, 2, 3))
    text = f"## Sheet S\n| {title} |\n| {head} | 2021 | 2022 | 2023 | 2024 | 2025 |\n{rows}{many}"
    groups_asked = [each for each in asked(proposed(text, "DF_IMM")) if each.component == "C_CITIZEN"]
    decisions = {(each.sheet, each.part, each.label): LEAVE_OUT for each in groups_asked}
    answered = tried(text, decisions=decisions)
    assert "Answers leave out" in " ".join(finding.sentence() for finding in answered.conversion.findings.items)
    assert not [each for each in answered.open if each.part == "formulas"]
