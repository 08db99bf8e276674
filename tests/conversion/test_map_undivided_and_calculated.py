"""Columns that a lower header row does not divide, columns calculated from others, and short stays."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import asked_labels, asked_text, codes, observations, proposed, tried
from shipped import CATALOGUE, words

from sdmxmig.conversion.recognition.ages import recognise_age
from sdmxmig.conversion.recognition.times import moment
from sdmxmig.conversion.suggestion.table_subjects import ask_about_table_subject
from sdmxmig.conversion.tables import read

WORDS = words()
BY_SEX = "## Sheet S\n| Population by country of birth and sex, 2020 |\n"
MOVES = ((420, 200, 130, 70), (515, 300, 260, 120), (390, 150, 405, 200), (610, 310, 220, 100))


@cases_from("conversion/cases/figures_that_a_lower_head_does_not_divide_are_totals.csv")
def test_figures_undivided_by_lower_header_are_totals(into: str, out: str, net: str, title: str) -> None:
    rows = "".join(
        f"| {2019 + at} | {came} | {women_in} | {left} | {women_out} | {came - left} |\n"
        for at, (came, women_in, left, women_out) in enumerate(MOVES)
    )
    heads = f"| Year | {into} | < | {out} | < | {net} |\n| ^ | Total | Women | Total | Women | ^ |\n"
    text = f"## Sheet S\n| {title} |\n{heads}{rows}"
    proposal = proposed(text, "DF_ACCOUNT", "KE")
    assert net not in asked_labels(proposal)
    assert codes(proposal, "SEX")[net] == "_T"
    assert codes(proposal, "ACC_ITEM")[net] == "NET_MIG"
    assert "290" in observations(text, proposal).values()


def test_group_spanning_both_header_rows_is_asked_about() -> None:
    rows = "| Chad | 30 | 10 | 20 |\n| Ghana | 50 | 30 | 20 |\n"
    heads = "| Country of birth | Students | Sex | < |\n| ^ | ^ | Men | Women |\n"
    text = f"## Sheet S\n| Population by country of birth, 2020 |\n{heads}{rows}"
    assert "students" in asked_text(proposed(text, "DF_POP", "KE"))


@cases_from("conversion/cases/a_column_calculated_from_others_stays_out.csv", results=listed)
def test_column_calculated_from_others_is_left_out(head: str, results: tuple[str, ...]) -> None:
    figures = ((1716, 1564), (2103, 2461), (1315, 2154), (2001, 1573))
    rows = "".join(
        f"| {country} | {men} | {women} | {result} |\n"
        for country, (men, women), result in zip(("Chad", "Ghana", "Uganda", "Togo"), figures, results, strict=True)
    )
    text = f"{BY_SEX}| Country of birth | Men | Women | {head} |\n{rows}"
    proposal = proposed(text, "DF_POP", "KE")
    assert head not in asked_labels(proposal)
    assert set(observations(text, proposal).values()) == {str(figure) for pair in figures for figure in pair}


def test_women_as_total_less_men_are_people() -> None:
    rows = "| Chad | 3200 | 1700 | 1500 |\n| Ghana | 4500 | 2100 | 2400 |\n| Togo | 3400 | 1300 | 2100 |\n"
    text = f"{BY_SEX}| Country of birth | Total | Men | Women |\n{rows}"
    assert "2400" in observations(text, proposed(text, "DF_POP", "KE")).values()


@cases_from("conversion/cases/a_short_stay_is_offered_as_a_temporary_one.csv")
def test_short_stay_is_offered_as_temporary_stay(title: str) -> None:
    table = f"{title}\nSex;2022;2023\nMen;10;20\nWomen;30;40\n"
    question = ask_about_table_subject(read("t.csv", table.encode()), CATALOGUE.flows, WORDS, CATALOGUE.counted)
    assert not question.flow
    assert "DF_TEMPMOB" in {option.flow for option in question.options}


@pytest.mark.parametrize("stay", ["less than 3 months", "menos de 90 días", "moins de trois mois", "90일 미만"])
def test_length_of_stay_is_not_read_as_age(stay: str) -> None:
    rows = "| Sex | 2022 | 2023 |\n| Men | 1000 | 1200 |\n| Women | 1100 | 1300 |\n"
    text = f"## Sheet S\n| Visitor arrivals, stays of {stay} |\n{rows}"
    proposal = proposed(text, "DF_TEMPMOB", "KE")
    assert "AGE" not in asked_text(proposal).upper()


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("less than 90 days", "M_LT3"),
        ("moins de trois mois", "M_LT3"),
        ("90 days or more", "M_GE3"),
        ("three", ""),
        ("20 days", ""),
    ],
)
def test_numbers_of_months_and_days_may_be_written_in_words(label: str, code: str) -> None:
    assert next((candidate.code for candidate in recognise_age(label, WORDS.vocabulary)), "") == code


def test_share_beside_total_and_part_raises_no_question() -> None:
    rows = "".join(
        f"| {2019 + at} | {came} | {women} | {100 * women / came:.1f} |\n" for at, (came, women, *_) in enumerate(MOVES)
    )
    heads = "| Year | Total | of which: foreigners | Share of foreigners in % |\n"
    trial = tried(f"## Sheet S\n| Immigration |\n{heads}{rows}")
    assert "totals" not in {question.part for question in trial.open}


@pytest.mark.parametrize("note", ["Q: ZORBLAX. Erstellt am 28.05.2024.", "Zorblax 2024-05-28"])
def test_later_day_below_a_table_raises_no_question(note: str) -> None:
    text = f"## Sheet S\n| Immigration 2023 |\n| Sex | Persons |\n| Men | 1000 |\n| Women | 1100 |\n| {note} |\n"
    assert "fixed TIME_PERIOD" not in {question.part for question in proposed(text, "DF_IMM", "AT").open}


def test_legend_above_a_table_explains_headers_and_signs() -> None:
    heads = "| Citizenship | Total | WV | SV |\n"
    legend = "| WV = Work | SV = Study | | |\n| Key to symbols: - nil; * fewer than 5; ... not available |\n"
    text = (
        f"## Sheet S\n| Residence permits, 2015 |\n{legend}{heads}| Chad | 90 | 40 | 50 |\n| Ghana | 70 | 50 | 20 |\n"
    )
    proposal = proposed(text, "DF_PERMIT", "KE")
    assert {"WV": "EMP", "SV": "EDU"}.items() <= codes(proposal, "REASON").items()
    assert "fixed OBS_STATUS" not in {question.part for question in proposal.open}


@pytest.mark.parametrize("label", ["2023T2", "2T2023"])
def test_quarter_joined_to_its_year_is_a_period(label: str) -> None:
    read_moment = moment(label, WORDS.vocabulary)
    assert read_moment.period == "2023-Q2"


@pytest.mark.parametrize(
    ("title", "head", "names"),
    [
        ("Zu- und Fortzüge über die Grenzen", "Jahr", "2019; 2020; 2021"),
        ("Wanderungen mit dem Ausland nach Staatsangehörigkeit", "Staatsangehörigkeit", "Chad; Ghana; Togo"),
    ],
)
def test_arrivals_departures_and_balance_are_an_account(title: str, head: str, names: str) -> None:
    rows = "\n".join(f"{name};{500 + at};{300 - at};{200 + 2 * at}" for at, name in enumerate(names.split("; ")))
    table = f"{title}\n{head};Zuzüge;Fortzüge;Wanderungssaldo\n{rows}\n"
    question = ask_about_table_subject(read("t.csv", table.encode()), CATALOGUE.flows, WORDS, CATALOGUE.counted)
    assert question.flow == "DF_ACCOUNT"


def test_sum_of_the_others_that_repeats_the_title_is_the_total() -> None:
    rows = "| Chad | 3200 | 1700 | 1500 |\n| Ghana | 4500 | 2100 | 2400 |\n"
    heads = "| Country of birth | Total population born abroad | Men | Women |\n"
    text = f"## Sheet S\n| Total population born abroad by country of birth and sex, 2020 |\n{heads}{rows}"
    assert codes(proposed(text, "DF_POP", "KE"), "SEX")["Total population born abroad"] == "_T"


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("Lecture : en 2022, 1 000 ménages d’hommes et 1 100 ménages de femmes.", False),
        ("Champ : 1 000 ménages, sauf 3 communes.", True),
    ],
)
def test_note_that_quotes_figures_of_the_table_is_an_example(note: str, *, is_asked: bool) -> None:
    rows = "| Sexe | 2022 | 2023 |\n| Hommes | 1000 | 1200 |\n| Femmes | 1100 | 1300 |\n"
    proposal = proposed(f"## Sheet S\n| Population par sexe |\n{rows}| {note} |\n", "DF_POP", "FR")
    assert ("title" in {question.part for question in proposal.open}) is is_asked


@pytest.mark.parametrize("title", ["Imigracje na pobyt stały", "Permanent arrivals", "Immigration permanente"])
def test_permanent_stays_are_asked_about(title: str) -> None:
    rows = "| Year | Male | Female |\n| 2022 | 1000 | 1200 |\n| 2023 | 1100 | 1300 |\n"
    proposal = proposed(f"## Sheet S\n| {title} |\n{rows}", "DF_IMM", "PL")
    assert "title" in {question.part for question in proposal.open}


def test_events_beside_rates_and_a_balance_are_mapped() -> None:
    rows = "".join(
        f"| {2019 + at} | {9000 + 37 * at} | {came} | {left} | {came - left} | {1000 * came / (9000 + 37 * at):.1f} |\n"
        for at, (came, _, left, _) in enumerate(MOVES)
    )
    heads = "| Year | Population 1 January | Migration | < | < | Per 1 000 population |\n"
    below = "| ^ | ^ | In-migration | Out-migration | Net in-migration | In-migration |\n"
    trial = tried(f"## Sheet S\n| Population changes |\n{heads}{below}{rows}", "DF_ACCOUNT")
    assert trial.proposal.mapping.blocks


def test_estimates_beside_standard_errors_are_kept() -> None:
    heads = "| Sex | 2022 | < | 2023 | < |\n| ^ | Estimate | Standard error | Estimate | Standard error |\n"
    text = f"## Sheet S\n| Immigration |\n{heads}| Men | 1000 | 20 | 1200 | 30 |\n| Women | 1100 | 25 | 1300 | 35 |\n"
    assert set(observations(text, proposed(text, "DF_IMM", "NZ")).values()) == {"1000", "1100", "1200", "1300"}


@pytest.mark.parametrize(
    "title",
    [
        "Foreign population with a duration of stay of less than 1 year, 31 December",
        "Ausländische Bevölkerung mit einer Aufenthaltsdauer unter 1 Jahr am 31.12.",
        "Population étrangère, durée de séjour de moins de 5 ans, 31 décembre",
    ],
)
def test_length_of_stay_in_years_is_read_as_a_limit(title: str) -> None:
    rows = "| Year | Male | Female |\n| 2022 | 1000 | 1200 |\n| 2023 | 1100 | 1300 |\n"
    parts = {question.part for question in proposed(f"## Sheet S\n| {title} |\n{rows}", "DF_POP", "AT").open}
    assert "title" in parts
    assert "fixed AGE" not in parts


@pytest.mark.parametrize(("answer", "read_years"), [("leave out", {"2020", "2021"}), ("1990-01-01/P10Y", None)])
def test_spans_of_years_among_years_are_asked_about_once(answer: str, read_years: set[str] | None) -> None:
    rows = "| 1990-1999 | 800 | 900 |\n| 2000-2009 | 700 | 600 |\n| 2020 | 20 | 30 |\n| 2021 | 25 | 35 |\n"
    text = f"## Sheet S\n| Immigration |\n| Period of immigration | Men | Women |\n{rows}"
    first = proposed(text, "DF_IMM", "IL")
    (question,) = [each for each in first.open if each.part == "codes TIME_PERIOD"]
    answered = proposed(text, "DF_IMM", "IL", {(question.sheet, question.part, question.label): answer})
    assert "codes TIME_PERIOD" not in {each.part for each in answered.open}
    periods = {key[0] for key in observations(text, answered)}
    assert periods == (read_years or {"1990-01-01/P10Y", "2000-01-01/P10Y", "2020", "2021"})
