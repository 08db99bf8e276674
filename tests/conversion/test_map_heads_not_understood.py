"""A header of countries with unknown words: the title does not decide its meaning."""

from __future__ import annotations

import pytest
from case_tables import as_set, cases_from
from proposed import proposed

from sdmxmig.conversion.suggestion.questions import LEAVE_OUT

BODY = "| Kenya | 120 | 130 |\n| Ghana | 45 | 47 |\n| Chad | 33 | 31 |\n"
TABLE = "## Sheet S\n| {title} |\n| {head} | 2021 | 2022 |\n" + BODY


def is_open(title: str, head: str) -> bool:
    questions = proposed(TABLE.format(title=title, head=head), "DF_EMI").questions
    return any(question.is_open and question.part == "line column 1" for question in questions)


@pytest.mark.parametrize(
    "head",
    ["Country", "Countries", "Country of citizenship", "Citizenship", "Pays", "País", "Land", "Страна", "Kraj", ""],
)
def test_known_header_leaves_the_question_to_the_title(head: str) -> None:
    assert not is_open("Emigrants by citizenship", head)


@cases_from("conversion/cases/ages_in_words_are_asked_with_the_ages_that_offices_mean_label.csv", offered=as_set)
@pytest.mark.parametrize("flow", ["DF_IMM", "DF_IMM_TOPIC"])
def test_ages_in_words_are_asked_about_with_usual_ages(label: str, offered: set[str], flow: str) -> None:
    rows = f"| {label} | 1 | 2 |\n| Working age | 3 | 4 |\n| Total | 5 | 6 |\n"
    text = f"## Sheet S\n| Immigration in 2022 |\n| Age | Men | Women |\n{rows}"
    questions = {question.label: question for question in proposed(text, flow).open if question.part == "codes AGE"}
    assert {other.code for other in questions[label].others} == offered | {LEAVE_OUT}


@pytest.mark.parametrize(
    ("head", "component"),
    [("外僑居留人數（按國籍分）", "C_CITIZEN"), ("外国人（按国籍分）", "C_CITIZEN"), ("按出生國分", "C_BIRTH")],
)
def test_breakdown_written_without_blanks_is_recognised(head: str, component: str) -> None:
    text = f"## Sheet S\n| {head} | 2021 | 2022 |\n| 越南 | 1 | 2 |\n| 印尼 | 3 | 4 |\n| 菲律賓 | 5 | 6 |\n"
    components = [each.component for each in proposed(text, "DF_POP", "TW").mapping.blocks[0].components]
    assert component in components


KINDS = [
    (
        "JP",
        "在留外国人数（国籍・在留資格別）2023年12月末現在",
        ("国籍", "中国", "韓国"),
        ("総数", "永住者", "技能実習"),
    ),
]


def by_kind(title: str, rows: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    corner, *countries = rows
    figures = (f"| {name} | {' | '.join(str(90 * at + 7) for at in range(1, len(kinds) + 1))} |" for name in countries)
    return "\n".join(["## Sheet T", f"| {title} |", f"| {corner} | {' | '.join(kinds)} |", *figures])


@pytest.mark.parametrize(("area", "title", "rows", "kinds"), KINDS)
def test_unknown_kinds_are_asked_about_and_get_a_comment(
    area: str, title: str, rows: tuple[str, ...], kinds: tuple[str, ...]
) -> None:
    text = by_kind(title, rows, kinds)
    flow = "DF_POP"
    question = next(each for each in proposed(text, flow, area).open if each.part == "line header 1")
    assert not question.chosen.code  # no figures are left out without an answer
    assert f"only {kinds[0]}" in {each.code for each in question.others}
    for label, comment in ((kinds[0], None), (kinds[1], kinds[1])):
        answered = proposed(text, flow, area, {("T", "line header 1", question.label): f"only {label}"})
        assert dict(answered.mapping.blocks[0].fixed).get("COMMENT_OBS") == comment


REGIONS = [
    ("PT", "Imigrantes por NUTS II", "NUTS II", "Portugal; Norte; Centro; Algarve; Alentejo"),
    ("IT", "Immigrati dall’estero per regione", "Regione", "Italia; Piemonte; Liguria; Lombardia; Veneto"),
    ("UA", "Кількість іммігрантів за регіонами", "Регіон", "Україна; Вінницька; Волинська; Одеська; Харківська"),
]


@pytest.mark.parametrize(("area", "title", "head", "labels"), REGIONS, ids=[case[0] for case in REGIONS])
def test_country_above_its_regions_can_be_the_only_row(area: str, title: str, head: str, labels: str) -> None:
    names, figures = labels.split("; "), (2648, 1201, 733, 415, 299)
    rows = "".join(f"| {name} | {figure} |\n" for name, figure in zip(names, figures, strict=True))
    table = f"## Sheet T\n| {title} |\n| {head} | 2021 |\n{rows}"
    (question,) = [each for each in proposed(table, "DF_IMM", area).open if each.part.startswith("line")]
    assert not question.chosen.code
    assert f"only {names[0]}" in {each.code for each in question.others}
    answered = proposed(table, "DF_IMM", area, {("T", question.part, question.label): "REF_AREA"})
    regions = [each for each in answered.open if each.part == "codes REF_AREA"]
    assert [each.label for each in regions] == names[1:]
    assert {other.code for each in regions for other in each.others} == {"leave out"}
