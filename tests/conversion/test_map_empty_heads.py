"""Empty cells in a table head: no column gets the code of its neighbour without a question."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import asked, observations, proposed, tried
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion.answers import check_decision, interpret_answer
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER

BY_SEX = {"M": 60, "F": 40, "_T": 100}


def table(heads: str, sexes: tuple[str, ...]) -> str:
    rows = "".join(
        f"| {year} | {' | '.join(str(BY_SEX[sex] * (at + 7)) for sex in sexes)} |\n"
        for at, year in enumerate((2020, 2021))
    )
    return f"## Sheet S\n| Immigrations by sex |\n{heads}{rows}"


@cases_from("conversion/cases/column_with_an_empty_head_is_a_total_or_asked_about.csv", sexes=listed)
def test_column_with_empty_header_is_a_total_or_asked_about(heads: str, sexes: tuple[str, ...]) -> None:
    text = table(heads, sexes)
    trial = tried(text)
    expected = {
        (str(year), sex): str(BY_SEX[sex] * (at + 7))
        for at, year in enumerate((2020, 2021))
        for sex in ("M", "F", "_T")
    }
    read = {key[:2]: value for key, value in observations(text, trial.proposal).items()}
    assert {key: read[key] for key in read if key in expected} == {
        key: expected[key] for key in read if key in expected
    }
    assert read.items() <= expected.items()
    assert read == expected or asked(trial)


def test_total_in_another_header_row_is_proposed() -> None:
    (question,) = asked(tried(table("|  |  |  | Total |\n| Year | Men | Women |  |\n", ("M", "F", "_T"))))
    assert question.chosen.code == "_T"


GROUPS = """## Sheet S
| Immigrations by citizenship and sex |
{heads}| Ghana | 11 | 12 | 13 | 14 |
| Chad | 21 | 22 | 23 | 24 |
| Uganda | 31 | 32 | 33 | 34 |
"""


def test_empty_headers_belong_to_the_header_on_the_left() -> None:
    text = GROUPS.format(heads="|  | 2021 |  | 2022 |  |\n| Citizenship | Men | Women | Men | Women |\n")
    trial = tried(text)
    assert asked(trial) == []
    assert observations(text, trial.proposal)["2022", "F", "_T", "_T", "GH"] == "14"


@cases_from("conversion/cases/heads_that_may_be_shifted_against_the_figures_are_asked_about.csv")
def test_possibly_shifted_headers_are_asked_about(heads: str) -> None:
    assert any(question.part.startswith("codes") for question in asked(tried(GROUPS.format(heads=heads))))


EVEN = "|  | Men |  | Women |  |\n| Citizenship | 2021 | 2022 | 2021 | 2023 |\n"


def test_confirmed_left_header_is_used() -> None:
    text = GROUPS.format(heads=EVEN)
    (question,) = asked(proposed(text, "DF_IMM", "KE"))
    flow = CATALOGUE.flows["DF_IMM"]
    answer = interpret_answer(question.part, "The header on its left applies", flow)
    check_decision(question.part, answer, flow, Place("review.xlsx"), label=question.label)
    assert answer == AS_IT_IS
    answered = proposed(text, "DF_IMM", "KE", {(question.sheet, question.part, question.label): AS_IT_IS})
    assert asked(answered) == []
    assert observations(text, answered)["2023", "F", "_T", "_T", "GH"] == "14"


@pytest.mark.parametrize(
    "heads", [EVEN, EVEN.replace("| Men |  ", "|  | Men "), EVEN.replace("2021 | 2023", "2021 | Total")]
)
def test_omitted_columns_need_no_further_confirmation(heads: str) -> None:
    text = GROUPS.format(heads=heads)
    questions = asked(proposed(text, "DF_IMM", "KE"))
    decisions = {(question.sheet, question.part, question.label): LEAVE_OUT for question in questions}
    answered = proposed(text, "DF_IMM", "KE", decisions)
    assert asked(answered) == []
    assert {skip.reason for block in answered.mapping.blocks for skip in block.skip_columns} == {LEFT_OUT_BY_ANSWER}


def test_merged_headers_do_not_apply_to_columns_beside() -> None:
    heads = "|  | Men | < | Women |  |\n| Citizenship | 2021 | 2022 | 2021 | 2022 |\n"
    assert asked(tried(GROUPS.format(heads=heads)))


YEARS = " 2021 | 2022 | 2023 | 2021 | 2022 | 2023 |\n"
CENTRED = [
    f"|  |  | Men |  |  | Women |  |\n| Citizenship |{YEARS}",
    f"| Citizenship |  | Men |  |  | Women |  |\n|  |{YEARS}",
    f"|  |  | ذكور |  |  | إناث |  |\n|  |  | Men |  |  | Women |  |\n| Citizenship |{YEARS}",
]
SIX = """## Sheet S
| Immigrations |
{heads}| Ghana | 11 | 12 | 13 | 14 | 15 | 16 |
| Chad | 21 | 22 | 23 | 24 | 25 | 26 |
"""


@pytest.mark.parametrize("heads", CENTRED)
def test_header_within_each_group_belongs_to_its_group(heads: str) -> None:
    text = SIX.format(heads=heads)
    trial = tried(text)
    assert asked(trial) == []
    read = observations(text, trial.proposal)
    assert (read["2021", "M", "_T", "_T", "GH"], read["2021", "F", "_T", "_T", "GH"]) == ("11", "14")
    assert read["2023", "M", "_T", "_T", "TD"] == "23"


def test_left_header_is_offered_only_if_present() -> None:
    text = SIX.format(heads=CENTRED[0].replace("2021 | 2022 | 2023 |\n", "2021 | 2023 | 2024 |\n"))
    (question,) = asked(proposed(text, "DF_IMM", "KE"))
    assert AS_IT_IS not in {other.code for other in question.others}
