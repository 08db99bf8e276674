"""Labels with a known word among others: the other words are not lost."""

from __future__ import annotations

from case_tables import cases_from, listed
from proposed import asked_text, proposed

from sdmxmig.conversion.suggestion import Proposal


def table(title: str, labels: tuple[str, ...], *heads: str) -> str:
    """A table with these labels beside its rows, the first over them, and heads over its figures."""
    rows = "".join(
        f"| {label} | {' | '.join(str(100 + 10 * at + column) for column in range(len(heads)))} |\n"
        for at, label in enumerate(labels[1:])
    )
    return f"## Sheet S\n| {title} |\n| {labels[0]} | {' | '.join(heads)} |\n{rows}"


def by_age(*heads: str, flow: str = "DF_POP", area: str = "KE") -> Proposal:
    text = table("Population", ("Age", "0-14", "15-64", "65+"), *heads).replace("Sheet S", "Sheet 2020")
    return proposed(text, flow, area)


@cases_from("conversion/cases/further_words_in_labels_are_asked_about.csv", heads=listed)
def test_further_words_in_labels_are_asked_about(heads: tuple[str, ...], word: str) -> None:
    assert word in asked_text(by_age(*heads))


@cases_from("conversion/cases/words_in_labels_without_a_limit_raise_no_question.csv", heads=listed)
def test_words_in_labels_without_a_limit_raise_no_question(heads: tuple[str, ...]) -> None:
    assert asked_text(by_age(*heads)) == ""


@cases_from("conversion/cases/group_named_by_all_labels_is_of_the_whole_table.csv", heads=listed)
def test_group_named_by_all_labels_is_of_the_whole_table(heads: tuple[str, ...], component: str, code: str) -> None:
    assert dict(by_age(*heads).mapping.blocks[0].fixed)[component] == code


def test_label_may_name_two_groups() -> None:
    proposal = by_age("Foreign men", "Foreign women", "National men", "National women")
    read = {
        component_map.component: dict(component_map.codes) for component_map in proposal.mapping.blocks[0].components
    }
    assert [read["SEX"][head] for head in read["SEX"]] == ["M", "F", "M", "F"]
    assert [read["CTZ_STATUS"][head] for head in read["CTZ_STATUS"]] == ["FC", "FC", "NC", "NC"]
    assert asked_text(proposal) == ""


@cases_from("conversion/cases/an_age_that_all_labels_name_is_asked_about.csv", heads=listed)
def test_age_named_by_all_labels_is_asked_about(heads: tuple[str, ...], component: str, word: str) -> None:
    text = table("Population, 2020", ("Country of birth", "Uganda", "Ghana", "Chad"), *heads)
    open_ = [question for question in proposed(text, "DF_POP", "KE").open if question.component == "AGE"]
    assert [question.component for question in open_] == ([component] if component else [])
    assert all(word in question.chosen.reason for question in open_)


def test_year_named_by_all_labels_is_the_period() -> None:
    text = table("Population", ("Country of birth", "Uganda", "Ghana", "Chad"), "Men 2019", "Women 2019")
    assert dict(proposed(text, "DF_POP", "KE").mapping.blocks[0].fixed)["TIME_PERIOD"] == "2019"


@cases_from("conversion/cases/a_group_inside_a_word_for_what_is_counted_is_asked_about.csv")
def test_group_within_a_compound_word_is_asked_about(title: str) -> None:
    rows = "| Sex | 2020 | 2021 |\n| Males | 14 | 25 |\n| Females | 12 | 23 |\n| Total | 26 | 48 |\n"
    proposal = proposed(f"\n## Sheet A\n| {title} | | |\n{rows}", "DF_POP_TOPIC", "OM")
    assert [question.chosen.code for question in proposal.open if question.part == "fixed CTZ_STATUS"] == ["FC"]
