"""An answer about one label of a new table, and its effects."""

from __future__ import annotations

import datetime as dt

import pytest
from case_tables import cases_from
from proposed import ALWAYS, WORDS, tried
from shipped import CATALOGUE
from unseen import unseen

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion import Decisions, FlowKnowledge, Question, suggest
from sdmxmig.conversion.suggestion.answers import check_decision, list_choices
from sdmxmig.conversion.suggestion.wording import describe_answer_code, parse_answer
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import spell_date
from sdmxmig.workspace.proposals import TriedProposal


def periods_and_values(name: str, column: str, decisions: Decisions) -> dict[tuple[str, str], str]:
    """The values by period and one component that a table gives after these answers."""
    case = unseen(name)
    flow, tables = CATALOGUE.flows[case.flow], read(case.file, case.content)
    proposal = suggest(tables, FlowKnowledge(flow, WORDS), case.area, decisions)
    mapping = load("t.toml", write(proposal.mapping).encode(), CATALOGUE.flows)
    frame = convert(tables, mapping, flow, CATALOGUE.rules).dataset.observations
    return {row[:2]: row[2] for row in frame.select("TIME_PERIOD", column, "OBS_VALUE").fill_null("").iter_rows()}


def test_start_of_one_year_applies_to_all_years() -> None:
    found = periods_and_values("fiscal_years", "C_BIRTH", {("1", "codes TIME_PERIOD", "2019-20"): "2019-07-01/P1Y"})
    assert sorted({period for period, _ in found}) == ["2019-07-01/P1Y", "2020-07-01/P1Y", "2021-07-01/P1Y"]


def test_one_answer_dates_all_years_of_another_calendar() -> None:
    found = periods_and_values("th_buddhist_only", "C_CITIZEN", {("1", "codes TIME_PERIOD", "2563"): "2020"})
    assert sorted({period for period, _ in found}) == ["2020", "2021", "2022"]


def test_letters_for_both_sexes_are_known_unless_overridden() -> None:
    decisions = {("Quadro", "codes SEX", "H"): "leave out", ("Quadro", "codes SEX", "M"): "M"}
    assert {sex for _, sex in periods_and_values("pt_ine", "SEX", {})} == {"_T", "M", "F"}
    assert {sex for _, sex in periods_and_values("pt_ine", "SEX", decisions)} == {"_T", "M"}


@pytest.mark.parametrize("code", ["UA", "_T"])
def test_answered_country_of_a_title_is_used(code: str) -> None:
    found = periods_and_values("country_in_title", "C_RESIDENCE", {("1", "fixed C_RESIDENCE", ""): code})
    assert {country for _, country in found} == {code}


@pytest.mark.parametrize(
    ("answer", "is_taken"),
    [
        ("2019-07-01/P1Y", True),
        ("2019", True),
        ("2019-01-01/P4M", True),
        ("mid 2019", False),
        ("2019-T1", False),  # the list of frequencies has no thirds of a year
    ],
)
def test_answer_about_a_year_must_be_a_period(answer: str, is_taken: bool) -> None:
    flow, place = CATALOGUE.flows["DF_IMM"], Place("review.xlsx", "Confirm", cell="H2")
    if is_taken:
        check_decision("codes TIME_PERIOD", answer, flow, place)
    else:
        with pytest.raises(InputError, match="is not a period"):
            check_decision("codes TIME_PERIOD", answer, flow, place)


def test_answered_status_of_a_sign_with_a_letter_is_used() -> None:
    case = unseen("eurostat_tsv")
    decisions = {("", "values", "the sign “: c”"): "M"}
    proposal = suggest(read(case.file, case.content), FlowKnowledge(CATALOGUE.flows[case.flow], WORDS), "", decisions)
    assert dict(proposal.mapping.blocks[0].values.missing)[": c"] == (("OBS_STATUS", "M"),)
    assert load("t.toml", write(proposal.mapping).encode(), CATALOGUE.flows) == proposal.mapping


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh"])
def test_period_may_be_answered_by_its_days(language: str) -> None:
    flow, code = CATALOGUE.flows["DF_IMM"], "2019-07-01/P1Y"
    question = Question("1", "codes TIME_PERIOD", label="2019-20", chosen=Candidate("", 0.0, reason=""))
    words = describe_answer_code(code, question, flow, language)
    assert spell_date(dt.date(2020, 6, 30), language) in words
    assert parse_answer("codes TIME_PERIOD", words, flow, language) == code


SECTIONS = """
## Sheet S
| Status and sex | 2021 | 2022 |
| {total} | 60 | 66 |
| Men | 28 | 30 |
| Women | 32 | 36 |
| {citizens} | 40 | 44 |
| Men | 18 | 20 |
| Women | 22 | 24 |
| {residents} | 20 | 22 |
| Men | 10 | 10 |
| Women | 10 | 12 |
"""
LINE = "Status and sex: {total}, {citizens}, {residents}"


@pytest.mark.parametrize("answer", ["leave out", ""])
@pytest.mark.parametrize(
    ("total", "citizens", "residents"), [("Jumlah", "Warganegara", "Penduduk tetap"), ("Всего", "Своё", "Постоянные")]
)
def test_rows_of_an_omitted_section_are_left_out(total: str, citizens: str, residents: str, answer: str) -> None:
    labels = {"total": total, "citizens": citizens, "residents": residents}
    text = SECTIONS.format(**labels)
    decisions = {("S", "line section", LINE.format(**labels)): "CTZ_STATUS", ("S", "codes CTZ_STATUS", citizens): "NC"}
    decisions |= {("S", "codes CTZ_STATUS", residents): answer} if answer else {}
    trial = tried(text, "DF_POP", "BN", decisions)
    assert set(trial.conversion.dataset.observations["OBS_VALUE"]) == {
        "60",
        "66",
        "28",
        "30",
        "32",
        "36",
        "40",
        "44",
        "18",
        "20",
        "22",
        "24",
    }


ONE_CODE = (
    ("Population by country of citizenship", "Country of citizenship", "Unknown; Not stated", "_U", ""),
    ("Population par pays de nationalité", "Pays de nationalité", "Inconnu; Non déclaré", "_U", ""),
    ("Población por país de nacionalidad", "País de nacionalidad", "Ignorado; No declarado", "_U", ""),
    ("Население по гражданству", "Гражданство", "Неизвестно; Не указано", "_U", ""),
    ("Bevölkerung nach Staatsangehörigkeit", "Staatsangehörigkeit", "Serbien; Kosovo", "RS", "Kosovo"),
)


def sums_of(title: str, head: str, labels: str, answered: str, answer: str = "") -> TriedProposal:
    """A table of which two labels have one code, perhaps by an answer, with an answer about their sum."""
    first, second = labels.split("; ")
    rows = f"| {first} | 100 | 110 |\n| {second} | 5* | 6 |\n| India | 9 | 8 |"
    text = f"## Sheet S\n| {title} |\n| {head} | 2022 | 2023 |\n{rows}\n\n| * Provisional |\n"
    decisions = {("S", "codes C_CITIZEN", answered): "RS"} if answered else {}
    decisions |= {("S", "sums C_CITIZEN", labels): answer} if answer else {}
    return tried(text, "DF_POP", "GE", {**decisions, ("S", "values", "the mark “*”"): "P"})


@pytest.mark.parametrize(("title", "head", "labels", "code", "answered"), ONE_CODE)
def test_sum_of_labels_with_one_code_is_asked_once(
    title: str, head: str, labels: str, code: str, answered: str
) -> None:
    first, second = labels.split("; ")
    (question,) = [each for each in sums_of(title, head, labels, answered).open if each.part not in ALWAYS]
    offers = ["add up", f"only {first}", f"only {second}", "leave out"]
    assert (question.part, question.label) == ("sums C_CITIZEN", labels)
    assert list(list_choices(question, CATALOGUE.flows["DF_POP"])) == offers

    def figures(answer: str) -> list[tuple[str, str, str]]:
        trial = sums_of(title, head, labels, answered, answer)
        assert [each for each in trial.open if each.part not in ALWAYS] == []
        rows = trial.conversion.dataset.observations.filter(C_CITIZEN=code)
        return rows.select("TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").rows()

    assert [figures(answer) for answer in offers] == [
        [("2022", "105", "P"), ("2023", "116", "A")],
        [("2022", "100", "A"), ("2023", "110", "A")],
        [("2022", "5", "P"), ("2023", "6", "A")],
        [],
    ]


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh"])
def test_sum_is_answered_in_words(language: str) -> None:
    *table, _, answered = ONE_CODE[0]
    (question,) = [each for each in sums_of(*table, answered).open if each.part not in ALWAYS]
    flow = CATALOGUE.flows["DF_POP"]
    words = [describe_answer_code(code, question, flow, language) for code in list_choices(question, flow)]
    assert [parse_answer(question.part, each, flow, language) for each in words] == [*list_choices(question, flow)]


def test_answer_to_sum_names_a_label_or_codes() -> None:
    flow, place = CATALOGUE.flows["DF_POP"], Place("review.xlsx")
    for answer in ("CD; CG", "only Congo", "add up", "leave out"):
        check_decision("sums C_BIRTH", answer, flow, place, label="Congo; Congo (Rep.)")
    for answer in ("only Kongo", "CD; CG; CD", "as it is"):
        with pytest.raises(InputError):
            check_decision("sums C_BIRTH", answer, flow, place, label="Congo; Congo (Rep.)")


@cases_from("conversion/cases/answer_in_words_of_the_table_means_their_code.csv")
def test_answer_in_words_of_the_table_means_their_code(flow: str, part: str, words: str, code: str) -> None:
    assert parse_answer(part, words, CATALOGUE.flow(flow), "en") == code
