"""“First” and “renewed” permits are of the kind that the title names."""

from __future__ import annotations

import pytest
from case_tables import cases_from, pairs
from proposed import proposed

ROWS = "| Citizenship | أول مرة | تجديد | Persons |\n| Uganda | 940 | 30 | 970 |\n| Chad | 41 | 10 | 51 |\n"


@cases_from("conversion/cases/first_and_renewed_mean_permits_only_below_their_title.csv", codes=pairs)
def test_first_and_renewed_mean_permits_only_below_their_title(title: str, codes: dict[str, str]) -> None:
    proposal = proposed(f"## Sheet S\n| {title} |\n{ROWS}", "DF_PERMIT", "EG")
    lines = [dict(each.codes) for block in proposal.mapping.blocks for each in block.components]
    assert {label: code for line in lines for label, code in line.items() if label in ("أول مرة", "تجديد")} == codes


VISAS = "| Year | Nationality | Visas granted |\n| 2023 | Uganda | 940 |\n| 2023 | Chad | 41 |\n| 2024 | Chad | 43 |\n"


def test_visas_for_work_are_not_all_visas() -> None:
    proposal = proposed(f"## Sheet S\n| Work visas granted by nationality |\n{VISAS}", "DF_PERMIT", "KE")
    assert ("REASON", "EMP") in proposal.mapping.blocks[0].fixed


def test_title_item_that_differs_from_header_is_asked_about() -> None:
    proposal = proposed(f"## Sheet S\n| Work permits by nationality |\n{VISAS}", "DF_PERMIT", "KE")
    assert "fixed ADM_ITEM" in [question.part for question in proposal.open]


@cases_from("conversion/cases/kinds_of_permits_and_their_total_have_codes.csv", codes=pairs)
def test_kinds_of_permits_and_their_total_have_codes(title: str, area: str, codes: dict[str, str]) -> None:
    heads = " | ".join(codes)
    text = f"## Sheet S\n| {title} |\n| Citizenship | {heads} |\n| Uganda | 940 | 30 | 970 |\n| Chad | 41 | 10 | 51 |\n"
    proposal = proposed(text, "DF_PERMIT", area)
    lines = [dict(each.codes) for block in proposal.mapping.blocks for each in block.components]
    assert codes in lines
    assert "line header 1" not in [question.part for question in proposal.open]


def test_length_of_permits_in_the_title_is_asked_about_once() -> None:
    text = "## Sheet S\n| Temporary residence permits valid, end of 2021 |\n| Citizenship | Persons |\n| Chad | 4 |\n"
    proposal = proposed(text, "DF_PERMIT", "EG")
    about = [question for question in proposal.open if "Temporary" in f"{question.label} {question.chosen.reason}"]
    assert [(question.part, question.chosen.code) for question in about] == [("fixed DURATION", "TEMP")]


@pytest.mark.parametrize("label", ["Work, less than 3 months", "Seasonal workers, less than 3 months"])
def test_reason_with_a_length_that_has_no_code_offers_the_reason(label: str) -> None:
    rows = f"| Reason | Persons |\n| {label} | 5 |\n| Study | 3 |\n| Family | 2 |\n"
    text = f"## Sheet S\n| First residence permits, 2021 |\n{rows}"
    [question] = [each for each in proposed(text, "DF_PERMIT", "AM").open if each.part == "codes REASON"]
    assert [other.code for other in question.others] == ["EMP", "leave out"]


def test_day_beside_a_kind_of_permit_dates_the_figures() -> None:
    rows = "| Nacionalidad | Personas |\n| Colombia | 5 |\n| China | 3 |\n| Resto de los países | 2 |\n| Total | 10 |\n"
    text = f"## Sheet S\n| Permisos de residencia vigentes, 31 de diciembre de 2024 |\n{rows}"
    parts = {each.part: each.chosen.code for each in proposed(text, "DF_PERMIT", "ES").open}
    assert parts.get("fixed TIME_PERIOD", "2024") == "2024"
    assert "codes C_CITIZEN" not in parts


def test_month_of_a_law_is_not_that_of_the_figures() -> None:
    titles = "| First residence permits by citizenship, 2023 |\n| Act of 12 June 2019 on aliens |"
    rows = "| Citizenship | Persons |\n| Uganda | 5 |\n| Chad | 3 |\n"
    [period] = [
        each.chosen.code
        for each in proposed(f"## Sheet S\n{titles}\n{rows}", "DF_PERMIT", "AU").open
        if each.part == "fixed TIME_PERIOD"
    ]
    assert period == "2023"


@cases_from("conversion/cases/valid_work_permits_are_not_read_as_issued.csv")
def test_valid_work_permits_are_not_read_as_issued(title: str) -> None:
    text = f"## Sheet S\n| {title} |\n| Country of citizenship | 2022 | 2023 |\n| India | 5 | 6 |\n| Kenya | 9 | 8 |\n"
    assert dict(proposed(text, "DF_PERMIT").mapping.blocks[0].fixed)["ADM_ITEM"] == "WORK_VALID"


@pytest.mark.parametrize(
    ("title", "heads", "items"),
    [
        ("Work permits issued", "Total | Type | Type | Sex | Sex", ["WORK_PERMIT", "WORK_FIRST", "WORK_RENEWED"]),
        ("Titres de séjour", "Total | dont | dont | Sexe | Sexe", ["PERMIT_ISSUED", "PERMIT_FIRST", "PERMIT_RENEWED"]),
    ],
)
def test_sexes_beside_first_and_renewed_permits_are_of_all_permits(title: str, heads: str, items: list[str]) -> None:
    rows = "| China | 600 | 420 | 180 | 360 | 240 |\n| Chad | 400 | 280 | 120 | 240 | 160 |\n"
    head = f"| Citizenship | {heads} |\n| | | First | Renewed | Men | Women |\n"
    proposal = proposed(f"## Sheet S\n| {title} by citizenship, 2023 |\n{head}{rows}", "DF_PERMIT", "KE")
    read = {each.component: dict(each.codes) for block in proposal.mapping.blocks for each in block.components}
    labels = ("First", "Renewed", "Men", "Women")
    assert [read["ADM_ITEM"][label] for label in labels] == [*items[1:], items[0], items[0]]
    assert [read["SEX"][label] for label in labels] == ["_T", "_T", "M", "F"]
