"""Labels of rows and columns that are values of a dimension, in the words of offices of many countries."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.recognition.labels import choose_best, plain
from sdmxmig.conversion.suggestion.lines import find_meanings
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

FLOWS = {
    "REASON": "DF_PERMIT",
    "ADM_ITEM": "DF_PERMIT",
    "MOB_TYPE": "DF_TEMPMOB",
    "TMP_ITEM": "DF_TEMPMOB",
    "TMP_LAB": "DF_TEMPMOB",
    "LF_STATUS": "DF_POP_TOPIC",
    "EMP_STATUS": "DF_POP_TOPIC",
    "ACTIVITY": "DF_POP_TOPIC",
    "OCCUPATION": "DF_POP_TOPIC",
    "BORDER_TYPE": "DF_BORDER",
    "RETURN_TYPE": "DF_RETURN",
    "ASSISTANCE": "DF_RETURN",
    "PROT_ITEM": "DF_PROTECTION",
    "PROT_STATUS": "DF_PROTECTION",
    "DECISION_ACTION": "DF_PROTECTION",
    "DECISION_STAGE": "DF_PROTECTION",
    "ACCOMPANIED": "DF_PROTECTION",
    "ACC_ITEM": "DF_ACCOUNT",
    "GROUND": "DF_IRREGULAR",
    "PLACE": "DF_IRREGULAR",
    "DURATION": "DF_PERMIT",
    "STAY_DUR": "DF_TEMPMOB",
    "EDUCATION_LEV": "DF_POP_TOPIC",
    "CTZ_ITEM": "DF_CITIZENSHIP",
    "CTZ_MODE": "DF_CITIZENSHIP",
    "CTZ_STATUS": "DF_POP",
    "BIRTH_STATUS": "DF_POP",
}
"""A dataflow that has each dimension."""
ROWS = [
    line.split("\t")
    for line in Path("codelists/aliases/VALUES.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if not line.startswith("AROUND\t")
]


def meant(dimension: str, *labels: str) -> list[str]:
    """The code that each label surely means, empty where it is asked about."""
    flow = CATALOGUE.flows[FLOWS[dimension]]
    meanings = find_meanings(labels, dimension, flow, WORDS)
    surest = [choose_best(meanings[label]) for label in labels]
    return [candidate.code if candidate and candidate.is_applied else "" for candidate in surest]


@cases_from("conversion/words_of_values.csv")
def test_labels_have_the_codes_of_the_table_or_are_asked_about(dimension: str, labels: str, codes: str) -> None:
    """A label without a code is of two values or of none."""
    assert meant(dimension, *labels.split(" | ")) == codes.split(" ")


@pytest.mark.parametrize("dimension", sorted(FLOWS))
def test_names_in_the_six_languages_of_a_list_are_known(dimension: str) -> None:
    flow = CATALOGUE.flows[FLOWS[dimension]]
    items = flow.codelist(dimension) or ()
    names = {(plain(name), item.id): name for item in items for _, name in item.name}
    several = {word for word, code in names if sum(word == other for other, _ in names) > 1}
    decisions = {(word, code): name for (word, code), name in names.items() if word not in several}
    assert [name for (_, code), name in decisions.items() if meant(dimension, name) != [code]] == []


def test_every_word_belongs_to_a_code_of_its_dimension() -> None:
    known = {name: {item.id for item in CATALOGUE.flows[flow].codelist(name) or ()} for name, flow in FLOWS.items()}
    assert [row for row in ROWS if row[1] not in known[row[0]]] == []


def test_words_have_one_code_per_dimension() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for dimension, code, alias, *_ in ROWS:
        found.setdefault((dimension, plain(alias)), set()).add(code)
    assert {word: codes for word, codes in found.items() if len(codes) > 1} == {}


TABLE = """## Sheet S

| {title} | | | |

| Nationality | {labels} |
| Ukraine | 202 | 303 | 505 |
| India | 200 | 100 | 300 |
"""


def tried(title: str, labels: str, flow: str = "DF_PERMIT") -> TriedProposal:
    text = TABLE.format(title=title, labels=labels)
    return propose(read("t.xlsx", workbook(text)), flow, CATALOGUE, WORDS, area="DK")


def test_permits_by_reason_raise_only_the_question_on_unit() -> None:
    parts = {
        question.part
        for question in tried("First residence permits by reason, 2022", "Erhverv | Studie mv. | I alt").open
    }
    assert parts == {"fixed UNIT_MEASURE"}


@pytest.mark.parametrize("unit", ["DOC", "CASE", "EVENT", "STAY", "NUMBER", "PS"])
def test_table_in_each_unit_of_counts_is_mapped(unit: str) -> None:
    text = TABLE.format(title="First residence permits by reason, 2022", labels="Erhverv | Studie mv. | I alt")
    decisions = {("*", "fixed UNIT_MEASURE", ""): unit}
    proposed = propose(read("t.xlsx", workbook(text)), "DF_PERMIT", CATALOGUE, WORDS, area="DK", decisions=decisions)
    (block,) = proposed.proposal.mapping.blocks
    assert dict(block.fixed)["UNIT_MEASURE"] == unit


LENGTHS = "3-5 months | 6-11 months | 12 months and over"


@pytest.mark.parametrize("answer", ["by length of validity", "par durée de validité", "nach Gültigkeitsdauer"])
def test_lengths_of_permits_named_in_a_title_raise_no_question(answer: str) -> None:
    asked = tried(f"First residence permits {answer}, 2022", LENGTHS).open
    assert not [question for question in asked if question.part.startswith(("line", "codes"))]


@pytest.mark.parametrize(
    "answer", ["by age", "by waiting time", "by time since arrival", "by age of child", "by duration of stay", ""]
)
def test_ambiguous_month_labels_are_asked_about(answer: str) -> None:
    asked = tried(f"First residence permits {answer}, 2022", LENGTHS).open
    assert [question.chosen.code for question in asked if question.part.startswith("line")] == ["DURATION"]


def test_two_labels_of_equal_value_are_reported() -> None:
    asked = tried("First residence permits, 2022", "Family | Dependants | Total").open
    assert [question.label for question in asked if question.part == "sums REASON"] == ["Family; Dependants"]


@pytest.mark.parametrize("word", ["seasonal", "unemployed", "zaměstnaní", "töötud", "airport", "bezrobotni"])
def test_words_for_values_limit_the_figures_in_a_title(word: str) -> None:
    asked = tried(f"First residence permits, {word}, 2022", "Work | Study | Total").open
    assert any(word in f"{question.label} {question.chosen.reason}" for question in asked)


def test_english_word_on_is_not_read_as_preliminary() -> None:
    text = TABLE.format(title="Decisions on asylum, 2022", labels="Bifall | Avslag | Totalt")
    asked = propose(read("t.xlsx", workbook(text)), "DF_PROTECTION", CATALOGUE, WORDS, area="SE").open
    assert [question.part for question in asked if question.part == "fixed OBS_STATUS"] == []
