"""Columns or rows with another characteristic beside their neighbours’: one question leaves out the whole block."""

from __future__ import annotations

import polars as pl
import pytest
from case_tables import cases_from
from proposed import asked, codes, observations, proposed, tried

from sdmxmig.conversion.suggestion import Proposal
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT

ABOUT_BLOCK = ("S", "blocks header 2", "Período de llegada")
ARRIVALS = (
    "## Sheet S\n| Población nacida en el extranjero por sexo y período de llegada, Censo 2011 |\n"
    "| País de nacimiento | Total | Sexo | < | Período de llegada | < | < |\n"
    "| ^ | ^ | Hombres | Mujeres | Antes de 2000 | 2000-2011 | Ignorado |\n"
    "| Nicaragua | 50 | 20 | 30 | 25 | 21 | 4 |\n| Colombia | 30 | 12 | 18 | 20 | 9 | 1 |\n"
    "| Perú | 7 | 3 | 4 | 2 | 2 | 3 |\n"
)


def questions_about_labels(proposal: Proposal) -> list[str]:
    return [question.label for question in asked(proposal) if question.part.startswith(("codes", "blocks", "line"))]


@cases_from("conversion/cases/a_block_of_another_characteristic_is_asked_about_once.csv")
def test_block_of_another_characteristic_is_asked_about_once(
    title: str, country: str, total: str, sex: str, sexes: str, other: str, labels: str, countries: str
) -> None:
    men, women = sexes.split("; ")
    listed = labels.split("; ")
    heads = f"| {country} | {total} | {sex} | < | {other} |{' < |' * (len(listed) - 1)}\n"
    heads += f"| ^ | ^ | {men} | {women} | {' | '.join(listed)} |\n"
    rows = "".join(f"| {name} | 10 | 4 | 6 |{' 2 |' * len(listed)}\n" for name in countries.split("; "))
    proposal = proposed(f"## Sheet S\n| {title} |\n{heads}{rows}", "DF_POP")
    assert questions_about_labels(proposal) == [other]
    assert codes(proposal, "SEX") == {total: "_T", men: "M", women: "F"}


@pytest.mark.parametrize(
    ("sex", "men", "women", "other", "labels"),
    [
        ("Sexo", "Hombres", "Mujeres", "Período de llegada", ("Antes de 2000", "2000-2011", "Ignorado")),
        ("Sex", "Male", "Female", "Marital status", ("Single", "Married", "Not stated")),
        ("Sexe", "Hommes", "Femmes", "Niveau d’instruction", ("Primaire", "Supérieur", "Non déclaré")),
        ("Пол", "мужчины", "женщины", "Образование", ("высшее", "среднее", "не указано")),
        ("Geschlecht", "männlich", "weiblich", "Familienstand", ("ledig", "verheiratet", "unbekannt")),
    ],
)
def test_rows_of_another_characteristic_are_asked_about_once(
    sex: str, men: str, women: str, other: str, labels: tuple[str, ...]
) -> None:
    rows = "".join(f"| {label} | 10 | 6 | 4 |\n" for label in labels)
    text = (
        "## Sheet S\n| Population by country of birth, 1 January 2011 |\n| | Total | India | Italy |\n"
        f"| Total | 30 | 18 | 12 |\n| {sex} |\n| {men} | 10 | 6 | 4 |\n| {women} | 20 | 12 | 8 |\n| {other} |\n{rows}"
    )
    proposal = proposed(text, "DF_POP", "GB")
    assert questions_about_labels(proposal) == [other]
    assert codes(proposal, "SEX") == {"Total": "_T", men: "M", women: "F"}
    assert sum(map(int, observations(text, proposal).values())) == (30 + 10 + 20) * 2


@pytest.mark.parametrize("answer", [LEAVE_OUT, AS_IT_IS])
def test_answer_leaves_out_the_block_or_asks_about_each_label(answer: str) -> None:
    proposal = proposed(ARRIVALS, "DF_POP", decisions={ABOUT_BLOCK: answer})
    labels = [] if answer == LEAVE_OUT else ["Antes de 2000", "2000-2011"]
    assert [question.label for question in asked(proposal) if question.part == "codes SEX"] == labels
    assert not [question for question in asked(proposal) if question.part.startswith("blocks")]


def test_stays_that_look_like_ages_are_not_read_as_ages() -> None:
    stays = ARRIVALS.replace("Período de llegada |", "Duración de residencia |")
    stays = stays.replace("Antes de 2000 | 2000-2011", "0-4 años | 5-9 años")
    proposal = proposed(stays, "DF_POP")
    assert questions_about_labels(proposal) == ["Duración de residencia"]
    assert ("AGE", "_T") in proposal.mapping.blocks[0].fixed


def beside_sexes(sexes: str, other: str, labels: str, *, in_rows: bool = False) -> str:
    sex, men, women = sexes.split("; ")
    listed = labels.split("; ")
    title = "## Sheet S\n| First residence permits issued by citizenship, 2023 |\n"
    if in_rows:
        rows = "".join(f"| {label} | {at} | {at} |\n" for at, label in enumerate(listed, start=1))
        sexes = f"| {sex} |\n| {men} | 12 | 6 |\n| {women} | 18 | 7 |\n"
        return f"{title}| Citizenship | India | Italy |\n| Total | 30 | 13 |\n{sexes}| {other} |\n{rows}"
    figures = " | ".join(str(at) for at, _ in enumerate(listed, start=1))
    heads = f"| Citizenship | Total | {sex} | < | {other} |{' < |' * (len(listed) - 1)}\n"
    heads += f"| ^ | ^ | {men} | {women} | {' | '.join(listed)} |\n"
    return f"{title}{heads}| India | 30 | 12 | 18 | {figures} |\n| Italy | 13 | 6 | 7 | {figures} |\n"


@cases_from("conversion/cases/sexes_beside_reasons_are_read_as_both_sexes.csv")
@pytest.mark.parametrize("in_rows", [False, True], ids=["columns", "rows"])
def test_sexes_beside_reasons_are_read_as_both(sexes: str, reason: str, labels: str, *, in_rows: bool) -> None:
    text = beside_sexes(sexes, reason, labels, in_rows=in_rows)
    answered = tried(text, "DF_PERMIT", "MT", decisions={("S", "fixed UNIT_MEASURE", ""): "PS"})
    assert not [question for question in asked(answered) if question.label]
    observations = answered.conversion.dataset.observations.filter(C_CITIZEN="IN")
    men_women = {("_T", "_T", "30"), ("M", "_T", "12"), ("F", "_T", "18")}
    reasons = {("_T", "EMP", "1"), ("_T", "FAM", "2"), ("_T", "EDU", "3"), ("_T", "OTH", "4")}
    assert {*observations.select("SEX", "REASON", "OBS_VALUE").rows()} == men_women | reasons


@cases_from("conversion/cases/stays_in_months_are_asked_about_and_not_ages_sexes.csv")
@pytest.mark.parametrize("flow", ["DF_PERMIT", "DF_IMM"])
def test_stays_in_months_are_asked_about(sexes: str, duration: str, labels: str, flow: str) -> None:
    text = beside_sexes(sexes, duration, labels)
    proposal = proposed(text, flow, "MT")
    assert questions_about_labels(proposal) == [duration]
    assert not codes(proposal, "AGE")
    _, men, women = sexes.split("; ")
    assert codes(proposal, "SEX") == {"Total": "_T", men: "M", women: "F"}


def test_answered_stays_in_months_are_read_as_durations() -> None:
    text = beside_sexes("Sex; Male; Female", "Duration", "3 to 5 months; 6 to 11 months; 12 months or more")
    proposal = proposed(text, "DF_PERMIT", "MT", decisions={("S", "blocks header 2", "Duration"): AS_IT_IS})
    assert not questions_about_labels(proposal)
    assert {*codes(proposal, "DURATION").values()} == {"_T", "M3T5", "M6T11", "M_GE12"}
    assert {*codes(proposal, "SEX").values()} == {"_T", "M", "F"}


def test_open_characteristic_is_left_out_by_one_proposal() -> None:
    proposal = proposed(beside_sexes("Sex; Male; Female", "Grounds", "Work; Family; Other"), "DF_PERMIT", "MT")
    assert questions_about_labels(proposal) == ["Grounds"]
    assert codes(proposal, "SEX") == {"Total": "_T", "Male": "M", "Female": "F"}


def test_labels_of_one_dimension_are_one_characteristic() -> None:
    text = (
        "## Sheet S\n| First permits by citizenship and reason, 2022 |\n"
        "| Citizenship | Work | < | Family reasons | < |\n| ^ | Work | Seasonal work | Blah | Humbug |\n"
        "| India | 4 | 5 | 6 | 7 |\n| Italy | 1 | 2 | 3 | 4 |\n"
    )
    assert not [each for each in proposed(text, "DF_PERMIT").open if each.part.startswith("blocks")]


@cases_from("conversion/cases/sexes_and_ages_beside_each_other_are_read_as_both.csv")
@pytest.mark.parametrize("in_rows", [False, True], ids=["columns", "rows"])
def test_sexes_and_ages_beside_each_other_are_read_as_both(
    sex: str, men: str, women: str, age: str, ages: str, unknown: str, *, in_rows: bool
) -> None:
    labels = [*ages.split("; "), unknown]
    text = (
        "## Sheet S\n| Population by citizenship, 1 January 2022 |\n"
        f"| Citizenship | Total | {sex} | < | {age} | < | < | < |\n| ^ | ^ | {men} | {women} | {' | '.join(labels)} |\n"
        "| India | 30 | 12 | 18 | 9 | 11 | 8 | 2 |\n| Italy | 13 | 6 | 7 | 5 | 4 | 3 | 1 |\n"
    )
    if in_rows:
        listed = "".join(f"| {label} | {at} | {at} |\n" for at, label in zip((9, 11, 8, 2), labels, strict=True))
        text = (
            "## Sheet S\n| Population by citizenship, 1 January 2022 |\n| Citizenship | India | Italy |\n"
            f"| Total | 30 | 13 |\n| {sex} |\n| {men} | 12 | 6 |\n| {women} | 18 | 7 |\n| {age} |\n{listed}"
        )
    figures = observations(text, proposed(text, "DF_POP", "GB"))
    of_india = {key[1:3]: value for key, value in figures.items() if key[-1] == "IN"}
    by_age = {("_T", "Y0T14"): "9", ("_T", "Y15T64"): "11", ("_T", "Y_GE65"): "8", ("_T", "_U"): "2"}
    assert of_india == {("_T", "_T"): "30", ("M", "_T"): "12", ("F", "_T"): "18", **by_age}


@cases_from("conversion/cases/own_people_and_others_beside_sexes_are_read_as_both.csv")
def test_own_people_and_others_beside_sexes_are_read_as_both(area: str, title: str, sexes: str, second: str) -> None:
    (sex, *labels), (other, *kinds) = sexes.split("; "), second.split("; ")
    heads = f"| | {sex} | < | {other} | < |\n| | {' | '.join((*labels, *kinds))} |\n"
    text = f"## Sheet S\n| {title} |\n{heads}| 2021 | 11 | 12 | 13 | 10 |\n| 2022 | 21 | 22 | 23 | 20 |\n"
    answered = tried(text, "DF_IMM", area)
    assert not [question for question in answered.open if question.component not in ("REF_AREA", "RES_RULE")]
    figures = answered.conversion.dataset.observations.filter(TIME_PERIOD="2021")
    own, foreign = ("NB", "FB") if area == "DK" else ("NC", "FC")
    status = "BIRTH_STATUS" if area == "DK" else "CTZ_STATUS"
    assert {*figures.select("SEX", status, "OBS_VALUE").rows()} == {
        ("M", "_T", "11"),
        ("F", "_T", "12"),
        ("_T", own, "13"),
        ("_T", foreign, "10"),
    }


@cases_from("conversion/cases/rows_by_sex_then_age_then_country_are_read_as_all_three.csv")
def test_rows_by_sex_then_age_then_country_are_read_as_all_three(
    sex: str, sexes: str, age: str, ages: str, citizenship: str, countries: str
) -> None:
    figures = iter(range(11, 90))
    blocks = ((sex, sexes), (age, ages), (citizenship, countries))
    rows = "".join(
        f"| {head} |\n" + "".join(f"| {label} | {next(figures)} | {next(figures)} |\n" for label in labels.split("; "))
        for head, labels in blocks
    )
    text = f"## Sheet S\n| Immigrants |\n| | 2021 | 2022 |\n| Total | 100 | 99 |\n{rows}"
    proposal = proposed(text, "DF_IMM", "GB")
    assert not [question for question in asked(proposal) if question.component != "CTZ_STATUS"]
    of_year = {key[1:]: value for key, value in observations(text, proposal).items() if key[0] == "2021"}
    assert of_year[("_T", "_T", "_T", "_T")] == "100"
    assert of_year[("F", "_T", "_T", "_T")] == "13"
    assert of_year[("_T", "Y_GE15", "_T", "_T")] == "17"
    assert of_year[("_T", "_T", "_T", "RO")] == "19"
    assert len(of_year) == 1 + 2 + 2 + len(countries.split("; "))


def test_unknown_below_two_characteristics_is_asked_about() -> None:
    text = (
        "## Sheet S\n| Population by citizenship, 1 January 2022 |\n| Citizenship | Sex | < | < | Age | < | < |\n"
        "| ^ | Men | Women | Unknown | 0-14 | 15+ | Unknown |\n| India | 12 | 18 | 1 | 9 | 11 | 2 |\n"
        "| Italy | 6 | 7 | 2 | 5 | 4 | 1 |\n"
    )
    proposal = proposed(text, "DF_POP", "GB")
    assert {question.part for question in asked(proposal) if question.label == "Unknown"} == {"codes SEX", "codes AGE"}
    assert len(observations(text, proposal)) == 4 * 2


def test_shares_beside_another_characteristic_are_left_out() -> None:
    shares = ARRIVALS.replace("| Total |", "| Total | % |").replace("| ^ | ^ |", "| ^ | ^ | ^ |")
    shares = (
        shares.replace("| 50 |", "| 50 | 58.1 |").replace("| 30 | 12", "| 30 | 34.9 | 12").replace("| 7 |", "| 7 | 8 |")
    )
    proposal = proposed(shares, "DF_POP")
    assert questions_about_labels(proposal) == ["Período de llegada"]
    assert len(observations(shares, proposal)) == 3 * 3


@cases_from("conversion/cases/women_among_foreigners_have_both_codes.csv")
def test_women_among_foreigners_have_both_codes(area: str, labels: str) -> None:
    rows = "| India | 100 | 60 | 40 | 18 |\n| Peru | 50 | 20 | 30 | 14 |\n"
    text = f"## Sheet S\n| Immigrants, 2022 |\n| Country of birth | {labels} |\n{rows}"
    women = labels.rpartition(" | ")[2]
    (question,) = [each for each in proposed(text, "DF_IMM", area).open if each.part.startswith(("codes", "line"))]
    assert (question.part, question.label) == ("codes CTZ_STATUS", women)
    assert {"_T", "FC"} <= {each.code for each in (question.chosen, *question.others)}
    answered = tried(text, "DF_IMM", area, decisions={(question.sheet, question.part, women): "FC"}).conversion
    figures = answered.dataset.observations.filter(C_BIRTH="IN").select("CTZ_STATUS", "SEX", "OBS_VALUE").rows()
    assert {*figures} == {("_T", "_T", "100"), ("NC", "_T", "60"), ("FC", "_T", "40"), ("FC", "F", "18")}


SIDE_BY_SIDE = [
    ("DF_IMM", "Immigrants by sex and age", {"SEX": "Men; Women", "AGE": "0-14; 15-64; 65+"}),
    ("DF_IMM_TOPIC", "Immigrants by sex and reason", {"SEX": "Men; Women", "REASON": "Work; Family"}),
    ("DF_IMM", "Inmigrantes por sexo y edad", {"SEX": "Hombres; Mujeres", "AGE": "0-14 años; 15+ años"}),
]


@pytest.mark.parametrize("is_equal", [True, False], ids=["equal sums", "unequal sums"])
@pytest.mark.parametrize(("flow", "title", "groups"), SIDE_BY_SIDE)
def test_characteristics_side_by_side_require_equal_sums(
    flow: str, title: str, groups: dict[str, str], *, is_equal: bool
) -> None:
    rows = ["| Total | 1000 | 1000 |"]
    for labels in groups.values():
        *first, last = labels.split("; ")
        rest = 1000 - 150 * len(first)
        rows += [*(f"| {label} | 150 | 150 |" for label in first), f"| {last} | {rest} | {rest} |"]
    rows[-1] = rows[-1] if is_equal else rows[-1].replace("0 |", "7 |")
    mapped = tried("\n".join(["## Sheet S", f"| {title} |", "|  | 2021 | 2022 |", *rows, ""]), flow)
    assert mapped.conversion is not None
    questions = [each for each in mapped.open if each.part.startswith(("line", "codes", "totals"))]
    assert bool(questions) is not is_equal
    for name, labels in groups.items() if is_equal else ():
        read = mapped.conversion.dataset.observations.filter(pl.col(name) != "_T")
        assert read.height == 2 * len(labels.split("; "))
