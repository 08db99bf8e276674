"""Labels of another component among those of a line are asked about."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import codes, proposed

from sdmxmig.conversion.suggestion import Proposal

WITH_GIRLS = ((1000, 600, 400, 300), (1100, 640, 460, 310), (1200, 690, 510, 450))
"""Men and women are the total; the last column is some of both."""


def table(*heads: str, rows: tuple[tuple[int, ...], ...] = WITH_GIRLS, title: str = "", note: str = "") -> str:
    """A table of three years with these columns, a title above it and a note below."""
    body = "".join(
        f"| {year} | {' | '.join(map(str, row[: len(heads)]))} |\n"
        for year, row in zip((2021, 2022, 2023), rows, strict=True)
    )
    above = f"| {title} |\n" if title else ""
    below = f"\n| {note} |\n" if note else ""
    return f"\n## Sheet A\n{above}| Year | {' | '.join(heads)} |\n{body}{below}"


def said(proposal: Proposal, label: str) -> dict[str, str]:
    block = proposal.mapping.blocks[0]
    if label in {skip.match for skip in block.skip_columns}:
        return {}
    told = {
        component_map.component: dict(component_map.codes).get(label, "_T")
        for component_map in block.components
        if str(component_map.source) == "header 1"
    }
    return {name: code for name, code in told.items() if code != "_T"} or {"": "_T"}


def asked(proposal: Proposal) -> set[str]:
    """The labels that are asked about, and the lines."""
    return {
        question.label or question.part for question in proposal.open if question.part.startswith(("codes", "line"))
    }


SEXES = ("Total", "Men", "Women")


@cases_from("conversion/cases/label_of_others_among_sexes_is_asked_about.csv")
def test_label_of_others_among_sexes_is_asked_about(label: str) -> None:
    proposal = proposed(table(*SEXES, label), "DF_POP")
    assert said(proposal, label) == {}
    assert label in asked(proposal)


@pytest.mark.parametrize("label", ["of which foreigners", "Foreign citizens", "od tega tujci", "dont étrangers"])
def test_total_of_other_breakdown_is_offered_first(label: str) -> None:
    proposal = proposed(table(*SEXES, label), "DF_POP")
    questions = {(q.part, q.label): q.others for q in proposal.open if q.label}
    assert questions["codes SEX", label][0].code == "_T"
    of_men = questions.get(("codes CTZ_STATUS", "Men"))  # “of which” tells that men are of every citizenship
    assert of_men[0].code == "_T" if of_men else said(proposal, "Men") == {"SEX": "M"}


GROWN = tuple((first + second, first, second) for first, second in ((700, 300), (800, 200), (900, 100)))


@pytest.mark.parametrize(
    ("adults", "minors"),
    [("Adults", "Minors"), ("Adults", "Children under 15"), ("Adultos", "Menores"), ("Adults", "Young people")],
)
def test_adults_beside_other_ages_are_asked_about(adults: str, minors: str) -> None:
    proposal = proposed(table("Total", adults, minors, rows=GROWN), "DF_BORDER")
    assert said(proposal, adults) == {}
    assert proposal.open


@pytest.mark.parametrize(("first", "is_read"), [("Immigrants", True), ("Foreigners", False), ("Refugees", False)])
def test_sum_of_men_and_women_is_their_total(first: str, *, is_read: bool) -> None:
    proposal = proposed(table(first, "Men", "Women", title="Immigrants"), "DF_IMM")
    assert (first not in asked(proposal)) == is_read


def test_first_column_differing_from_both_sexes_is_asked_about() -> None:
    rows = tuple((row[0] + 9, *row[1:]) for row in WITH_GIRLS)
    proposal = proposed(table("Immigrants", "Men", "Women", rows=rows, title="Immigrants"), "DF_IMM")
    assert "Immigrants" in asked(proposal)


def test_nationals_without_status_map_to_the_reporting_country() -> None:
    rows = tuple((first, second, total) for total, first, second, _ in WITH_GIRLS)
    proposal = proposed(table("Nacionais", "Estrangeiros", "Total", rows=rows), "DF_BORDER", "MZ")
    assert said(proposal, "Nacionais") == {"C_CITIZEN": "MZ"}
    assert said(proposal, "Estrangeiros") == {}
    assert asked(proposal) == {"Estrangeiros"}


@pytest.mark.parametrize("heads", [("Nacionais", "Residentes", "Total"), ("Nacionais", "Outros", "Total")])
def test_citizens_beside_other_labels_are_asked_about(heads: tuple[str, ...]) -> None:
    proposal = proposed(table(*heads, rows=WITH_GIRLS), "DF_BORDER", "MZ")
    assert said(proposal, heads[0]) == {} or asked(proposal)


@cases_from("conversion/cases/the_component_that_labels_fit_is_offered_first.csv", heads=listed)
def test_component_that_labels_fit_is_offered_first(flow: str, heads: tuple[str, ...], offered: str) -> None:
    rows = tuple((*row, 7)[: len(heads)] for row in WITH_GIRLS)
    proposal = proposed(table(*heads, rows=rows), flow)
    (question,) = [question for question in proposal.open if question.part == "line header 1"]
    assert (question.chosen.code or question.others[0].code) == offered


@pytest.mark.parametrize("titles", [("North Province", "South Province"), ("Vlaams Gewest", "Waals Gewest")])
def test_uncoded_component_is_offered_first_for_regions(titles: tuple[str, str]) -> None:
    parts = "".join(f"| {title} |\n| Men | 1 | 2 |\n| Women | 3 | 4 |\n" for title in titles)
    proposal = proposed(f"\n## Sheet A\n| Sex | 2019 | 2020 |\n{parts}", "DF_POP_TOPIC")
    (question,) = [question for question in proposal.open if question.part == "line section"]
    assert (question.chosen.code or question.others[0].code) == "REGION"


def test_sexes_as_titles_between_rows_are_kept() -> None:
    parts = "".join(f"| {title} |\n| 0-14 | 1 | 2 |\n| 15+ | 3 | 4 |\n" for title in ("Men", "Women"))
    proposal = proposed(f"\n## Sheet A\n| Age | 2019 | 2020 |\n{parts}", "DF_POP")
    assert codes(proposal, "SEX") == {"Men": "M", "Women": "F"}


def test_labels_of_several_years_are_asked_about_once() -> None:
    heads = [f"{year} {kind}" for year in (2019, 2020) for kind in ("Work", "Study", "Blue cards")]
    rows = "".join(f"| {name} | 1 | 2 | 3 | 4 | 5 | 6 |\n" for name in ("Kenya", "Uganda", "Chad"))
    text = f"\n## Sheet A\n| Country of citizenship | {' | '.join(heads)} |\n{rows}"
    proposal = proposed(text, "DF_PERMIT")
    assert (
        sum(question.label.endswith("Blue cards") for question in proposal.open if question.part == "codes REASON") <= 1
    )


@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("Immigrants", "Total immigrants"),
        ("Immigrants", "Total des immigrants"),
        ("Inmigrantes", "Total de inmigrantes"),
        ("Immigrati", "Totale immigrati"),
    ],
)
def test_total_that_names_the_counted_item_is_the_total(title: str, head: str) -> None:
    rows = "| Uganda | 10 | 4 | 6 |\n| Somalia | 20 | 11 | 9 |\n"
    proposal = proposed(f"## Sheet A\n| {title}, 2022 |\n| Country of birth | {head} | Men | Women |\n{rows}", "DF_IMM")
    assert not asked(proposal)
    codes = {source.component: dict(source.codes) for source in proposal.mapping.blocks[0].components}
    assert codes["SEX"] == {head: "_T", "Men": "M", "Women": "F"}


@pytest.mark.parametrize("head", ["Total emigrants", "Total foreigners", "Total refugees"])
def test_total_of_others_is_not_the_total(head: str) -> None:
    rows = "| Uganda | 10 | 4 | 6 |\n| Somalia | 20 | 11 | 9 |\n"
    proposal = proposed(
        f"## Sheet A\n| Immigrants, 2022 |\n| Country of birth | {head} | Men | Women |\n{rows}", "DF_IMM"
    )
    codes = [dict(source.codes) for source in proposal.mapping.blocks[0].components if source.component == "SEX"]
    assert all(head not in listed for listed in codes)
