"""Content of a regional report in every output."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pdf_ua
import pytest
from assessed import georgia
from case_tables import cases_from
from compared import assessment, moved, silent, study
from lxml import html
from shipped import CATALOGUE

from sdmxmig.reporting.sections import region, write
from sdmxmig.reporting.sections.region.naming import name_file
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.comparison import compare
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import ExplainedNumber, ModuleScore
from sdmxmig.statistics.model.region import Country, PeerGroup, RegionalStudy, StudyRequest

DATA = {
    "GE": [moved("DF_EMI", "GE", [("SE", "2022", "90"), ("MD", "2023", "80")])],
    "SE": [moved("DF_IMM", "SE", [("GE", "2022", "120")])],
}


@pytest.fixture(scope="module")
def four() -> RegionalStudy:
    """Georgia with data; Sweden under another rule; Armenia of unknown rule; Moldova without information."""
    return study(assessment("GE"), assessment("SE", "R12"), assessment("AM", "_U"), silent("MD"), datasets=DATA)


@pytest.fixture(scope="module")
def tree(four: RegionalStudy) -> Any:
    return html.document_fromstring(region.compose(four).html)


def rows(tree: Any, table: str) -> list[list[str]]:
    """The rows of a table as their cells read, without the head."""
    elements = tree.xpath(f"//table[@id='{table}']/tbody/tr")
    return [[" ".join(" ".join(cell.itertext()).split()) for cell in row] for row in elements]


def heading(tree: Any, section: str) -> str:
    return str(tree.xpath(f"string(//section[@id='{section}']/h2)"))


def test_page_1_links_every_country_to_its_page(tree: Any) -> None:
    links = tree.xpath("//section[@id='overview']//a/@href")
    assert links == [f"countries/{area}.en.html" for area in ("AM", "GE", "MD", "SE")]


def test_national_figures_are_shown_side_by_side(tree: Any) -> None:
    cells = next(row for row in rows(tree, "table-national") if row[0] == "Immigration")
    assert [cell.split()[0] for cell in cells[1:]] == ["205,857", "205,857", "–", "205,857"]
    assert "2023" in cells[1]


def test_countries_with_one_rule_are_named_beside_figures() -> None:
    three = study(assessment("GE"), assessment("SE"), assessment("MD", "R12"))
    tree = html.document_fromstring(region.compose(three).html)
    assert tree.xpath("//section/@id")[:3] == ["overview", "compared", "comparability"]
    assert "data-courses" in tree.xpath("//section[@id='compared']//table/@id")
    immigration = next(row for row in rows(tree, "table-national") if row[0] == "Immigration")
    assert immigration[-1] == "Georgia and Sweden (2023)"


def test_many_countries_are_shown_in_rows() -> None:
    many = study(*(assessment(area) for area in ("AM", "AT", "BE", "GE", "MD", "SE", "TR")))
    table = rows(html.document_fromstring(region.compose(many).html), "table-national")
    assert [row[0] for row in table][:7] == ["Armenia", "AT", "BE", "Georgia", "Moldova", "Sweden", "TR"]


@cases_from("reporting/cases/warning_occurs_once_per_section.csv")
def test_warning_occurs_once_per_section(four: RegionalStudy, sentence: str) -> None:
    tree = html.document_fromstring(region.compose(four).html)
    for section in ("overview", "compared"):
        words = " ".join(tree.xpath(f"string(//section[@id='{section}'])").split())
        assert words.count(sentence) <= 1
    assert sum(" ".join(words.split()).count(sentence) for words in tree.xpath("//section/h2/text()")) == 0


def test_core_and_additional_indicators_have_separate_tables(tree: Any) -> None:
    assert not [row for row in rows(tree, "table-core-a") if "Return migrants" in row[0]]
    assert [row[0] for row in rows(tree, "table-additional-a")][1] == "Return migrants UN text not included"


def test_undeclared_values_are_distinguished_from_declared_ones() -> None:
    shown = replace(georgia().indicators[0], declared="")
    three_countries = study(assessment("GE", indicators=(shown,)), assessment("MD"), assessment("SE"))
    tree = html.document_fromstring(region.compose(three_countries).html)
    assert rows(tree, "table-core-a")[1][1] == "¶ values, not rated in the profile"


def test_identical_peer_groups_are_shown_once() -> None:
    both = (PeerGroup("CHOSEN.1", "chosen", name=Text.of(en="Neighbours"), areas=("GE", "SE")),)
    countries = [Country(assessment, assessment.area) for assessment in (assessment("GE"), assessment("SE"))]
    two_countries = compare(countries, StudyRequest(Text.of(en="Two"), groups=both), CATALOGUE)
    tree = html.document_fromstring(region.compose(two_countries).html)
    assert tree.xpath("//section[@id='peers']//table/@id") == ["table-peers-all"]
    notes = " ".join(tree.xpath("//section[@id='peers']//p[@class='note']/text()"))
    assert "Same countries as in: All countries of the study." in notes


def test_pairs_of_countries_without_data_stay_unknown(tree: Any) -> None:
    cells = {row[0]: row[1:] for row in rows(tree, "table-mirror")}
    assert cells["from Georgia"] == [
        "? not found",
        "— the same country",
        "◑ reported by the origin",
        "● both, ratio 0.75",
    ]
    assert cells["from Sweden"] == ["? not found", "? not found", "? not found", "— the same country"]
    assert re.findall(r"\d+", heading(tree, "mirror")) == ["12", "1", "1", "10"]


def test_ratio_across_two_rules_names_both(tree: Any) -> None:
    (first, *_) = rows(tree, "table-corridors")
    assert first[:5] == ["Georgia to Sweden", "2022", "90", "120", "0.75"]
    assert first[5].startswith("not comparable")
    assert ["most of the last 12 months" in words for words in first[5].split("|")] == [True, False]


def test_peers_are_shown_with_distances_but_without_ranks(tree: Any) -> None:
    table = rows(tree, "table-peers-all")
    assert [row[0] for row in table] == ["Armenia", "Georgia", "Moldova", "Sweden", "Median"]
    assert table[1][1] == "1 of 2 to the reference documents: 1, of which 1 not rated; to the median: 0"
    assert table[2][1] == "too few answers 0 of 2 answered"
    assert table[4][1] == "1 n = 3"


def test_country_page_names_study_and_comparable_countries(four: RegionalStudy) -> None:
    pages = dict(region.build_country_pages(four))
    assert list(pages) == ["AM", "GE", "MD", "SE"]
    tree = html.document_fromstring(pages["GE"].html)
    assert tree.xpath("//section/@id") == ["summary", "among"]
    assert tree.xpath("//section[@id='among']//a/@href") == ["../region-draft.en.html"]
    immigration = next(row for row in rows(tree, "table-national") if row[0] == "Immigration")
    assert immigration[2].startswith("205,857 2023")


def test_text_of_a_profile_is_escaped(tree: Any) -> None:
    assert "<script>alert('practice')</script>" in " ".join(tree.xpath("//table[@id='table-practices']//td/text()"))


def test_items_unanswered_by_all_countries_are_left_out() -> None:
    two_countries = study(silent("GE"), silent("MD"))
    tree = html.document_fromstring(region.compose(two_countries).html)
    assert not tree.xpath("//table[starts-with(@id, 'table-core')]")
    assert not tree.xpath("//section[@id='availability']")
    assert not tree.xpath("//section//h3[not(following-sibling::*)]")


def test_descriptions_and_not_applicable_are_not_ratings() -> None:
    described = replace(
        silent("GE"),
        indicators=tuple(replace(result, practice=Text.of(en="From permits.")) for result in silent("GE").indicators),
        scores=tuple(replace(score, answer="NA") for score in silent("GE").scores),
    )
    tree = html.document_fromstring(region.compose(study(described, silent("MD"))).html)
    assert not tree.xpath("//section[@id='availability'] | //section[@id='modules']")


def test_described_definition_does_not_count_as_unanswered() -> None:
    def country(area: str) -> Assessment:
        known = assessment(area)
        scores = tuple(
            replace(score, answer="", practice=Text.of(en="Six months.")) if score.item.id == "B01" else score
            for score in known.scores
        )
        return replace(known, scores=scores)

    found = study(country("GE"), assessment("MD"), assessment("SE"))
    tree = html.document_fromstring(region.compose(found).html)
    assert ["Georgia", "Six months. [G45]"] in rows(tree, "table-practices")
    alignment = {row[0]: row[1:] for row in rows(tree, "table-alignment")}
    assert alignment["Residence rule"][0] == "¶ described, not rated"


@pytest.mark.parametrize(
    ("answered", "not_applicable", "value", "words"),
    [
        (0, 5, None, "too few answers 0 of 5"),
        (2, 5, "1", "too few answers 2 of 5"),
        (3, 5, "1", "100% 3 of 5"),
        (0, 10, None, "not applicable"),
        (4, 0, "1", "too few answers 4 of 10"),
        (5, 0, "0.5", "50% 5 of 10"),
    ],
)
def test_not_applicable_answers_do_not_affect_other_questions(
    answered: int, not_applicable: int, value: str | None, words: str
) -> None:
    """Three modules of 10 questions; another country has answered all, so that their lines are there."""

    def country(area: str, answered: int, not_applicable: int, value: str | None) -> Assessment:
        score = ModuleScore(
            "C",
            10,
            answered=answered,
            not_applicable=not_applicable,
            unknown=10 - answered - not_applicable,
            gaps=0,
            partial=0,
            score=ExplainedNumber(Decimal(value) if value else None),
        )
        return replace(assessment(area), modules=tuple(replace(score, module=module) for module in "CDE"))

    found = study(country("GE", answered, not_applicable, value), country("SE", 10, 0, "1"))
    tree = html.document_fromstring(region.compose(found).html)
    assert [re.sub(r"^\W+", "", line[1]) for line in rows(tree, "table-modules")] == [words] * 3


def test_peers_with_few_answers_are_not_compared() -> None:
    tree = html.document_fromstring(region.compose(study(silent("GE"), silent("MD"))).html)
    assert not tree.xpath("//section[@id='peers']")


def test_every_anchor_resolves(four: RegionalStudy) -> None:
    for page in (region.compose(four), *(page for _, page in region.build_country_pages(four))):
        tree = html.document_fromstring(page.html)
        wanted = {link[1:] for link in tree.xpath("//a/@href") if link.startswith("#")}
        assert wanted <= set(tree.xpath("//@id"))


def test_study_with_signed_profiles_is_not_marked_as_draft() -> None:
    countries = [
        Country(assessment(area, signed_off="Head of office, 2026-01-01"), f"{area}.json") for area in ("GE", "SE")
    ]
    signed_off = compare(countries, StudyRequest(Text()), CATALOGUE)
    assert name_file(signed_off, "en") == "region.en"
    assert "Draft" not in region.compose(signed_off).html
    assert region.compose(signed_off).title.startswith("Georgia and Sweden: ")


def test_tables_of_many_countries_fit_the_page() -> None:
    areas = sorted(item.id for item in CATALOGUE.item_scheme("SDMX:CL_AREA(2.0)") if len(item.id) == 2)[:20]
    countries = [Country(assessment(area, country=Text.of(en=f"Land {area}"))) for area in areas]
    many = compare(countries, StudyRequest(Text.of(en="Many")), CATALOGUE)
    tree = html.document_fromstring(region.compose(many).html)
    heads = [tree.xpath(f"//table[@id='table-core-a-{part}']/thead/tr/th/text()")[1:] for part in (1, 2)]
    assert heads == [areas[:10], areas[10:]]
    assert f"{areas[0]} Land {areas[0]};" in "".join(tree.xpath("//p[@class='note']/text()"))


@pytest.mark.parametrize("output", ["html", "md", "docx", "xlsx"])
def test_equal_studies_have_identical_bytes(four: RegionalStudy, output: str) -> None:
    assert write(region.compose(four), output) == write(region.compose(four), output)


def test_markdown_has_equal_numbers_and_headings(four: RegionalStudy, tree: Any) -> None:
    text = write(region.compose(four), "md").decode()
    for title in tree.xpath("//h2/text()|//h3/text()"):
        assert f" {title}\n" in text
    assert set(re.findall(r"\d+,\d{3}", "".join(tree.itertext()))) == set(re.findall(r"\d+,\d{3}", text))


@pytest.mark.parametrize("language", ["fr", "es", "ar", "ru", "zh"])
def test_every_language_has_equal_tables_and_numbers(four: RegionalStudy, tree: Any, language: str) -> None:
    page = region.compose(four, language=language)
    other = html.document_fromstring(page.html)
    assert page.direction == ("rtl" if language == "ar" else "ltr")
    for table in tree.xpath("//table/@id"):
        assert [len(row) for row in rows(other, table)] == [len(row) for row in rows(tree, table)]
    assert other.xpath("count(//section)") == tree.xpath("count(//section)")


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.long), "ar"])
def test_pdf_of_a_region_passes_the_pdf_ua_check(four: RegionalStudy, language: str) -> None:
    assert pdf_ua.failures(write(region.compose(four, language=language), "pdf")) == []
