"""``sdmxmig map`` asks one question per decision, and none that the table answers itself."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import ALWAYS, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.suggestion import Decisions
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError

pytestmark = pytest.mark.sampled(4)

SINCE = "Arrivals of migrants by country of previous residence"


def table(*rows: str, title: str = SINCE, head: str = "Country of previous residence", notes: str = "") -> str:
    """A table by country and two years, with these rows."""
    lines = "\n".join(f"| {row} |" for row in rows)
    below = f"\n\n| {notes} | | |" if notes else ""
    return f"\n## Sheet A\n| {title} | | |\n| {head} | 2020 | 2021 |\n{lines}{below}\n"


def asked(text: str, flow: str = "DF_IMM", decisions: Decisions | None = None) -> list[tuple[str, str]]:
    """The part and the label of each question that a proposal leaves open."""
    listed = proposed(text, flow, decisions=decisions).open
    return [(question.part, question.label) for question in listed if question.part not in ALWAYS]


def codes(text: str, component: str, flow: str = "DF_IMM") -> dict[str, str]:
    """The codes that a proposal gives to labels."""
    blocks = proposed(text, flow).mapping.blocks
    return {
        text: code
        for component_map in blocks[0].components
        if component_map.component == component
        for text, code in component_map.codes
    }


def values(text: str, decisions: Decisions | None = None) -> list[str]:
    """The values that a proposal gives, in their order; no two of them have one key."""
    mapping = proposed(text, "DF_IMM", decisions=decisions).mapping
    flow = CATALOGUE.flows["DF_IMM"]
    frame = convert(read("t.xlsx", workbook(text)), mapping, flow, CATALOGUE.rules).dataset.observations
    assert frame.select(flow.structure.key).n_unique() == frame.height
    return frame["OBS_VALUE"].to_list()


@cases_from("conversion/cases/a_label_in_three_languages_or_with_its_total_is_known.csv")
def test_label_in_three_languages_is_recognised(label: str, code: str) -> None:
    text = table("Tonga | 1 | 2", "Samoa | 3 | 4", "Niue | 3 | 4", f"{label} | 7 | 10")
    assert codes(text, "C_RESIDENCE")[label] == code


@pytest.mark.parametrize("label", ["Serbia-Kosovo", "Syria-Idlib", "T.C.-Turkish citizens", "Non-Albanian"])
def test_name_joined_to_another_or_unknown_word_is_asked_about(label: str) -> None:
    text = table("Tonga | 1 | 2", "Samoa | 3 | 4", "Niue | 3 | 4", f"{label} | 7 | 10")
    assert ("codes C_RESIDENCE", label) in asked(text)


NAMED = "Arrivals from Fiji, Tonga and Samoa by country of previous residence"


def test_total_of_countries_in_the_title_is_not_the_world() -> None:
    rows = ("Fiji | 1 | 2", "Tonga | 3 | 4", "Samoa | 3 | 4", "Total | 7 | 10")
    assert ("codes C_RESIDENCE", "Total") in asked(table(*rows, title=NAMED))
    assert ("codes C_RESIDENCE", "Total") not in asked(table(*rows))
    assert ("codes C_RESIDENCE", "Total") not in asked(table(*rows[:3], "Niue | 3 | 4", rows[3], title=NAMED))


@pytest.mark.parametrize(
    ("label", "code"),
    [("Foreign citizenships", "FC"), ("Foreigners", "FC"), ("of which foreigners", "FC"), ("Étrangers", "FC")],
)
def test_group_among_citizenships_is_a_group_total(label: str, code: str) -> None:
    rows = ("Kenya | 1 | 2", "Fiji | 3 | 4", "Tonga | 3 | 4", f"{label} | 7 | 10", "Total | 17 | 20")
    text = table(*rows, head="Country of citizenship", title="Immigrants by country of citizenship")
    assert codes(text, "CTZ_STATUS") == {label: code}
    assert codes(text, "C_CITIZEN")[label] == "_T"
    assert ("codes C_CITIZEN", label) not in asked(text)
    assert len(values(text)) == 2 * len(rows)


@pytest.mark.parametrize("numbers", ["A | 1 | 2", "А | 1 | 2", "a | 1 | 2", "1 | 2 | 3"])
def test_row_of_column_numbers_is_not_read_as_figures(numbers: str) -> None:
    text = table(numbers, "Fiji | 10 | 20", "Tonga | 30 | 40", "Samoa | 30 | 40")
    assert asked(text) == []
    assert len(values(text)) == 6


@pytest.mark.parametrize("row", ["Niue | 1 | 2", "Niue | 2 | 3"])
def test_first_row_of_small_figures_is_kept(row: str) -> None:
    text = table(row, "Fiji | 10 | 20", "Tonga | 30 | 40")
    assert len(values(text)) == 6


@pytest.mark.parametrize("words", ["of which:", "в том числе:", "darunter", "dont", "其中"])
def test_row_with_of_which_is_not_read_as_labels(words: str) -> None:
    text = table("Total | 77 | 88", f"{words} | |", "Fiji | 10 | 20", "Tonga | 30 | 40")
    assert not [part for part, _ in asked(text) if part.startswith("line")]


@pytest.mark.parametrize("head", ["Code", "Kod", "Kode", "رمز"])
def test_codes_beside_most_names_are_redundant(head: str) -> None:
    rows = ["Total | | 9 | 9", "Fiji | 242 | 1 | 2", "Tonga | 776 | 3 | 4", "Samoa | 882 | 3 | 4", "Others | | 2 | 3"]
    lines = "\n".join(f"| {row} |" for row in rows)
    text = f"\n## Sheet A\n| {SINCE} | | | |\n| Country of previous residence | {head} | 2020 | 2021 |\n{lines}\n"
    assert not [part for part, _ in asked(text) if part.startswith(("line", "keys"))]


@pytest.mark.parametrize("head", ["Source", "Fonte", "Fuente", "Источник", "来源"])
def test_source_column_does_not_separate_figures(head: str) -> None:
    rows = "\n".join(f"| {name} | {at} | {source} |" for at, (name, source) in enumerate(SOURCES, start=10))
    text = f"\n## Sheet A\n| {SINCE}, 2020 | | |\n| Country of previous residence | Persons | {head} |\n{rows}\n"
    assert not [part for part, _ in asked(text) if part.startswith("line")]


SOURCES = (("Fiji", "Register"), ("Tonga", "Survey"), ("Samoa", "Register"), ("Niue", "Survey"))
LEGEND = "r revised; p – preliminary; n.a. not available"


def test_legend_of_a_mark_applies_only_to_marked_figures() -> None:
    marked = table("Fiji | 10 p | n.a.", "Tonga | 30 | 40 r", "Samoa | 30 | 40", notes=LEGEND)
    assert not [label for part, label in asked(marked) if part == "title"]
    unmarked = table("Fiji | 10 | 11", "Tonga | 30 | 40", "Samoa | 30 | 40", notes="All figures are preliminary")
    assert "fixed OBS_STATUS" in [part for part, _ in asked(unmarked)]


def test_equivalent_phrases_are_asked_about_once() -> None:
    text = table("Fiji | 10 | 11", "Tonga | 30 | 40", title=f"Workers – Travailleurs. {SINCE}")
    assert [label for part, label in asked(text) if part == "title"] == ["Workers; Travailleurs"]


def test_words_that_may_limit_figures_are_asked_about_once() -> None:
    text = table("Fiji | 10 | 11", "Tonga | 30 | 40", title=f"Documented {SINCE} and zorblaxed frobs (students)")
    assert len([label for part, label in asked(text) if part == "title"]) == 1


@pytest.mark.parametrize("title", ["Long-term immigration by country of previous residence", SINCE])
def test_length_of_stay_in_a_title_is_not_read_as_a_group(title: str) -> None:
    assert asked(table("Fiji | 10 | 11", "Tonga | 30 | 40", title=title)) == []


def test_periods_with_stated_year_end_are_not_asked_about() -> None:
    lines = "| Fiji | 10 | 11 |\n| Tonga | 30 | 40 |"
    heads = "| Country of previous residence | YE Jun 22 | YE Jun 23 |"
    text = f"\n## Sheet A\n| {SINCE}, year ending June 2022 to year ending June 2023 | | |\n{heads}\n{lines}\n"
    assert asked(text) == []


def test_confirmed_proposal_keeps_names_of_regions() -> None:
    rows = ("Kenya | 40 | 52", "Nakuru | 10 | 11", "Turkana | 30 | 40")
    text = table(*rows, title="Immigrants by county", head="County")
    decisions = {("A", "line column 1", ""): "REGION"}
    assert [label for part, label in asked(text, "DF_IMM_TOPIC", decisions) if part == "codes REGION"] == ["Kenya"]


def test_unknown_words_are_asked_about_once() -> None:
    text = table("Fiji | 10 | 11", "Tonga | 30 | 40", title=f"Zorblax {SINCE} and quuxified frobs")
    assert [label for part, label in asked(text) if part == "title"] == ["Zorblax quuxified frobs"]


SIDE_BY_SIDE = f"""
## Sheet A
| {SINCE}, 2020 | | |
| Country of previous residence | Wuggles | Boggles |
| Fiji | 10 | 20 |
| Tonga | 30 | 40 |
"""


def test_single_column_can_be_chosen_for_reading() -> None:
    question = next(question for question in proposed(SIDE_BY_SIDE, "DF_IMM").open if question.part == "line header 1")
    assert "only Wuggles" in {candidate.code for candidate in question.others}
    decisions = {("A", "line header 1", question.label): "only Boggles", ("A", "fixed TIME_PERIOD", ""): "2020"}
    assert values(SIDE_BY_SIDE, decisions) == ["20", "40"]


def test_two_lines_for_the_same_dimension_are_refused() -> None:
    lines = "\n".join(f"| Fiji | wug {question} | bog {two} | 1 |" for question in "xyz" for two in "uvw")
    text = f"\n## Sheet A\n| {SINCE}, 2020 | | | |\n| Country of previous residence | Foo | Bar | Persons |\n{lines}\n"
    listed = [question for question in proposed(text, "DF_IMM").open if question.part.startswith("line column")]
    decisions = {("A", question.part, question.label): "CTZ_STATUS" for question in listed}
    with pytest.raises(InputError, match="Two lines of labels give CTZ_STATUS"):
        proposed(text, "DF_IMM", decisions=decisions)


def test_answer_for_a_label_applies_to_another_kind_of_origin() -> None:
    text = table("Fiji | 1 | 2", "Tonga | 3 | 4", "Samoa | 5 | 6", "Atlantis | 7 | 8", head="Country", title="Migrants")
    decisions = {("A", "codes C_BIRTH", "Atlantis"): "_O", ("A", "line column 1", ""): "C_RESIDENCE"}
    assert not [label for part, label in asked(text, decisions=decisions) if part.startswith("codes")]


@pytest.mark.parametrize("whole", ["Total nacional", "Total for the republic"])
def test_total_among_regions_is_not_read_as_a_region(whole: str) -> None:
    text = table(f"{whole} | 50 | 60", "Nakuru | 10 | 11", "Turkana | 30 | 40", title="Immigrants", head="County")
    decisions = {("A", "line column 1", ""): "REGION"}
    assert [label for part, label in asked(text, "DF_IMM_TOPIC", decisions) if part == "codes REGION"] == [whole]


def test_unknown_label_may_be_the_remainder_or_unknown() -> None:
    text = table("Fiji | 1 | 2", "Tonga | 3 | 4", "Qwrtpl | 5 | 6", title=f"{SINCE}, 2020")
    (question,) = (each for each in proposed(text, "DF_IMM").open if each.label == "Qwrtpl")
    assert [candidate.code for candidate in question.others] == ["_O", "_U", "leave out"]
