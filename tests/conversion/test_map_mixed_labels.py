"""Lines whose labels name things of several components: read where words and figures leave no doubt, else asked."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import proposed

from sdmxmig.conversion.suggestion import Decisions, Proposal

WITH_GIRLS = ((1000, 600, 400, 300), (1100, 640, 460, 310), (1200, 690, 510, 450))
"""Men and women are the total; the last column is some of both."""
APART = ((1000, 400, 300, 300), (1100, 440, 350, 310), (1200, 490, 260, 450))
"""All three columns together are the total."""


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
PROTECTION = "Asylum applications"
READ = [
    ("DF_IMM", "", "of whom children under 18", {"AGE": "Y0T17"}),
    ("DF_IMM", "", "Children under 15 years", {"AGE": "Y0T14"}),
    ("DF_IMM", "", "Minors (0-17)", {"AGE": "Y0T17"}),
    ("DF_IMM", "", "dont mineurs de moins de 18 ans", {"AGE": "Y0T17"}),
    ("DF_IMM", "", "Menores de 18 años", {"AGE": "Y0T17"}),
    ("DF_IMM", "", "darunter Kinder unter 15 Jahren", {"AGE": "Y0T14"}),
    ("DF_IMM", "", "65 years and over", {"AGE": "Y_GE65"}),
    ("DF_IMM", "", "65+", {"AGE": "Y_GE65"}),
    ("DF_IMM", "", "Foreign citizens", {"CTZ_STATUS": "FC"}),
    ("DF_POP", "", "Foreign-born", {"BIRTH_STATUS": "FB"}),
    ("DF_POP", "", "Foreign women", {"CTZ_STATUS": "FC", "SEX": "F"}),
    ("DF_PROTECTION", PROTECTION, "of whom unaccompanied minors", {"ACCOMPANIED": "UAM"}),
    ("DF_PROTECTION", PROTECTION, "Unaccompanied minors", {"ACCOMPANIED": "UAM"}),
    ("DF_PROTECTION", PROTECTION, "Decisions", {"PROT_ITEM": "DECIDED"}),
    ("DF_PROTECTION", PROTECTION, "Rejected", {"PROT_ITEM": "DECIDED", "DECISION_ACTION": "REJECT"}),
]


@pytest.mark.parametrize(("flow", "title", "label", "codes"), READ)
def test_known_label_among_sexes_gets_its_own_codes(flow: str, title: str, label: str, codes: dict[str, str]) -> None:
    proposal = proposed(table(*SEXES, label, title=title), flow)
    own = {name: code for name, code in said(proposal, label).items() if (name, code) != ("PROT_ITEM", "APPLIED")}
    assert own == codes
    assert not asked(proposal)
    assert said(proposal, "Women")["SEX"] == "F"
    assert "AGE" not in said(proposal, "Women")


DECIDED = {"PROT_ITEM": "DECIDED"}
GRANTED, REFUSED = {**DECIDED, "DECISION_ACTION": "GRANT"}, {**DECIDED, "DECISION_ACTION": "REJECT"}
AT_LAST = {**REFUSED, "DECISION_STAGE": "FINAL"}
ITEMS = [
    (PROTECTION, {"Total": {"PROT_ITEM": "APPLIED"}, "Withdrawn": {"PROT_ITEM": "WITHDRAWN"}, "Recognised": GRANTED}),
    (PROTECTION, {"Total": {"PROT_ITEM": "APPLIED"}, "Rejected on appeal": AT_LAST, "Granted": GRANTED}),
    (PROTECTION, {"Total": {"PROT_ITEM": "APPLIED"}, "Rejected": REFUSED, "Total decisions": DECIDED}),
    (PROTECTION, {"Refusals": REFUSED, "Positive decisions": GRANTED, "Rejected on appeal": AT_LAST}),
    ("Refugees", {"Refusals": REFUSED, "Positive decisions": GRANTED, "Rejected on appeal": AT_LAST}),
]


@pytest.mark.parametrize(("title", "codes"), ITEMS)
def test_a_way_of_deciding_is_a_decision_whatever_the_others_count(
    title: str, codes: dict[str, dict[str, str]]
) -> None:
    rows = ((1681, 979, 702), (1695, 986, 709), (1707, 992, 715))
    proposal = proposed(table(*codes, rows=rows, title=title), "DF_PROTECTION")
    assert {label: said(proposal, label) for label in codes} == codes


LEFT = [
    ("of whom married", WITH_GIRLS),
    ("Women and children under 18", WITH_GIRLS),
    ("Women, children under 18", WITH_GIRLS),
    ("Women/children under 18", WITH_GIRLS),
    ("Non-foreign women", WITH_GIRLS),
    ("EU women", WITH_GIRLS),
    ("Children", WITH_GIRLS),
    ("Minors under 21 years", WITH_GIRLS),
    ("Minors (up to 18)", WITH_GIRLS),
    ("of whom with permits", WITH_GIRLS),
    ("0-17", WITH_GIRLS),
    ("Women aged 0 to 6", WITH_GIRLS),
    ("Rooms 0-17", WITH_GIRLS),
    ("of whom students", WITH_GIRLS),
    ("Women from abroad 2019", WITH_GIRLS),
    ("Children under 18", APART),
    ("Children under 18", tuple((total, men, women - 1, total - men - women) for total, men, women, _ in APART)),
    ("Children under 18", tuple((total, men, women, total + 1) for total, men, women, _ in WITH_GIRLS)),
    ("of whom foreign citizens", tuple((*row[:3], 90) for row in WITH_GIRLS)),
]


@pytest.mark.parametrize(("label", "rows"), LEFT)
def test_a_label_that_says_more_or_may_count_others_is_asked_about(
    label: str, rows: tuple[tuple[int, ...], ...]
) -> None:
    proposal = proposed(table(*SEXES, label, rows=rows), "DF_POP")
    assert said(proposal, label) == {}
    assert label in asked(proposal)


@pytest.mark.parametrize("heads", [("Men", "Women", "Children under 18"), ("Women", "Men", "Minors (0-17)")])
def test_children_beside_sexes_without_a_total_are_asked_about(heads: tuple[str, ...]) -> None:
    proposal = proposed(table(*heads), "DF_IMM")
    assert said(proposal, heads[2]) == {}
    assert heads[2] in asked(proposal)


def test_part_larger_than_the_label_before_is_part_of_the_total() -> None:
    larger = tuple((*row[:3], 520) for row in WITH_GIRLS)
    proposal = proposed(table(*SEXES, "of whom foreign citizens", rows=larger), "DF_POP")
    assert said(proposal, "of whom foreign citizens") == {"CTZ_STATUS": "FC"}


def test_two_labels_that_would_say_the_same_are_asked_about() -> None:
    rows = tuple((*row, row[3]) for row in WITH_GIRLS)
    proposal = proposed(table(*SEXES, "Children under 18", "Minors under 18", rows=rows), "DF_IMM")
    assert {"Children under 18", "Minors under 18"} <= asked(proposal)


@pytest.mark.parametrize("title", ["Immigrants aged 15 years and over", "Immigrants, minors", "Unaccompanied minors"])
def test_where_a_title_limits_the_ages_a_label_does_not_say_them(title: str) -> None:
    proposal = proposed(table(*SEXES, "Children under 18", title=title), "DF_IMM")
    assert "Children under 18" in asked(proposal)


def test_the_age_of_minors_is_asked_once_with_the_usual_one() -> None:
    text = table(*SEXES, "of whom minors")
    first = proposed(text, "DF_IMM")
    (question,) = [question for question in first.open if question.label == "of whom minors"]
    assert (question.part, [candidate.code for candidate in question.others]) == ("codes AGE", ["Y0T17", "leave out"])
    assert said(first, "of whom minors") == {}
    answer: Decisions = {(question.sheet, question.part, question.label): "Y0T17"}
    second = proposed(text, "DF_IMM", decisions=answer)
    assert said(second, "of whom minors") == {"AGE": "Y0T17"}
    assert not asked(second)


@pytest.mark.parametrize("note", ["Minors are persons under 18 years", "Minors: under 18 years of age"])
def test_a_note_says_the_age_of_minors(note: str) -> None:
    proposal = proposed(table(*SEXES, "of whom minors", note=note), "DF_IMM")
    assert said(proposal, "of whom minors") == {"AGE": "Y0T17"}
    assert not asked(proposal)


@pytest.mark.parametrize("note", ["Minors are persons under 16 years", "Minors and women under 18 years"])
def test_a_note_that_says_less_or_more_of_minors_leaves_their_age_open(note: str) -> None:
    proposal = proposed(table(*SEXES, "of whom minors", note=note), "DF_IMM")
    assert note.endswith("women under 18 years") or "of whom minors" in asked(proposal)


GROWN = tuple((first + second, first, second) for first, second in ((700, 300), (800, 200), (900, 100)))


@cases_from("conversion/cases/adults_beside_minors_are_those_who_are_no_minors.csv")
def test_adults_beside_minors_are_those_who_are_no_minors(adults: str, minors: str) -> None:
    proposal = proposed(table("Total", adults, minors, rows=GROWN), "DF_BORDER")
    assert (said(proposal, adults), said(proposal, minors)) == ({"AGE": "Y_GE18"}, {"AGE": "Y0T17"})
    assert not asked(proposal)


@pytest.mark.parametrize(
    ("adults", "minors"),
    [("Adults", "Minors"), ("Adults", "Children under 15"), ("Adultos", "Menores"), ("Adults", "Young people")],
)
def test_adults_beside_others_than_those_under_18_are_asked_about(adults: str, minors: str) -> None:
    proposal = proposed(table("Total", adults, minors, rows=GROWN), "DF_BORDER")
    assert said(proposal, adults) == {}
    assert proposal.open


def test_a_total_of_what_the_titles_count_is_a_total() -> None:
    heads = ("Total returns", "Enforced returns", "Voluntary returns [note 2]")
    proposal = proposed(table(*heads, rows=GROWN, title="Returns"), "DF_RETURN")
    assert [said(proposal, head) for head in heads[1:]] == [{"RETURN_TYPE": "FORCED"}, {"RETURN_TYPE": "VOL"}]
    assert not asked(proposal)


@pytest.mark.parametrize(("first", "is_read"), [("Immigrants", True), ("Foreigners", False), ("Refugees", False)])
def test_the_sum_of_men_and_women_is_their_total_if_it_says_no_more(first: str, *, is_read: bool) -> None:
    proposal = proposed(table(first, "Men", "Women", title="Immigrants"), "DF_IMM")
    assert (first not in asked(proposal)) == is_read


def test_a_first_column_that_is_no_sum_of_men_and_women_is_asked_about() -> None:
    rows = tuple((row[0] + 9, *row[1:]) for row in WITH_GIRLS)
    proposal = proposed(table("Immigrants", "Men", "Women", rows=rows, title="Immigrants"), "DF_IMM")
    assert "Immigrants" in asked(proposal)


def test_nationals_map_to_the_reporting_country_without_a_status_component() -> None:
    rows = tuple((first, second, total) for total, first, second, _ in WITH_GIRLS)
    proposal = proposed(table("Nacionais", "Estrangeiros", "Total", rows=rows), "DF_BORDER", "MZ")
    assert said(proposal, "Nacionais") == {"C_CITIZEN": "MZ"}
    assert said(proposal, "Estrangeiros") == {}
    assert asked(proposal) == {"Estrangeiros"}


@pytest.mark.parametrize("heads", [("Nacionais", "Residentes", "Total"), ("Nacionais", "Outros", "Total")])
def test_citizens_beside_what_is_no_status_are_asked_about(heads: tuple[str, ...]) -> None:
    proposal = proposed(table(*heads, rows=WITH_GIRLS), "DF_BORDER", "MZ")
    assert said(proposal, heads[0]) == {} or asked(proposal)


@cases_from("conversion/cases/the_component_that_labels_fit_is_offered_first.csv", heads=listed)
def test_the_component_that_labels_fit_is_offered_first(flow: str, heads: tuple[str, ...], offered: str) -> None:
    rows = tuple((*row, 7)[: len(heads)] for row in WITH_GIRLS)
    proposal = proposed(table(*heads, rows=rows), flow)
    (question,) = [question for question in proposal.open if question.part == "line header 1"]
    assert (question.chosen.code or question.others[0].code) == offered


@pytest.mark.parametrize("titles", [("North Province", "South Province"), ("Vlaams Gewest", "Waals Gewest")])
def test_a_component_without_codes_is_offered_first_for_parts_of_the_country(titles: tuple[str, str]) -> None:
    parts = "".join(f"| {title} |\n| Men | 1 | 2 |\n| Women | 3 | 4 |\n" for title in titles)
    proposal = proposed(f"\n## Sheet A\n| Sex | 2019 | 2020 |\n{parts}", "DF_POP_TOPIC")
    (question,) = [question for question in proposal.open if question.part == "line section"]
    assert (question.chosen.code or question.others[0].code) == "REGION"


def test_titles_between_rows_that_are_the_sexes_stay_so() -> None:
    parts = "".join(f"| {title} |\n| 0-14 | 1 | 2 |\n| 15+ | 3 | 4 |\n" for title in ("Men", "Women"))
    proposal = proposed(f"\n## Sheet A\n| Age | 2019 | 2020 |\n{parts}", "DF_POP")
    (section,) = [
        component_map for component_map in proposal.mapping.blocks[0].components if component_map.component == "SEX"
    ]
    assert dict(section.codes) == {"Men": "M", "Women": "F"}


def test_labels_of_several_years_are_asked_about_once() -> None:
    heads = [f"{year} {kind}" for year in (2019, 2020) for kind in ("Work", "Study", "Blue cards")]
    rows = "".join(f"| {name} | 1 | 2 | 3 | 4 | 5 | 6 |\n" for name in ("Kenya", "Uganda", "Chad"))
    text = f"\n## Sheet A\n| Country of citizenship | {' | '.join(heads)} |\n{rows}"
    proposal = proposed(text, "DF_PERMIT")
    assert (
        sum(question.label.endswith("Blue cards") for question in proposal.open if question.part == "codes REASON") <= 1
    )


@pytest.mark.parametrize(
    "head", ["Total immigrants", "Total des immigrants", "Total de inmigrantes", "Totale immigrati"]
)
def test_total_that_names_what_is_counted_is_the_total(head: str) -> None:
    rows = "| Uganda | 10 | 4 | 6 |\n| Somalia | 20 | 11 | 9 |\n"
    proposal = proposed(
        f"## Sheet A\n| Immigrants, 2022 |\n| Country of birth | {head} | Men | Women |\n{rows}", "DF_IMM"
    )
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
