"""Page one of a regional study can be read without knowledge of codes or terms, in six languages."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from assessed_examples import example
from case_tables import cases_from, listed
from compared import assessment, silent, study
from lxml import html
from shipped import CATALOGUE

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.sections import compose, region
from sdmxmig.reporting.sections.region.comparable_series import build_plot, draw_comparable_series
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment, Gap, GapReason, Point
from sdmxmig.statistics.model.availability import Bounds, Breakdown
from sdmxmig.statistics.model.indicator_results import IndicatorResult, IndicatorValue, SubjectAnswer
from sdmxmig.statistics.model.region import RegionalStudy, StudyStatement

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
CODES = re.compile(r"\b(?:[A-L]\d{2}|[A-Z]{2,}_[A-Z_]+|MI \d|DF_\w+)\b")


def gap(name: str, *subjects: str) -> Gap:
    reasons = tuple(GapReason(subject) for subject in subjects or (name,))
    return Gap(name, Text.of(en=f"Statement {name}"), action=Text.of(en="Do it."), reasons=reasons)


@pytest.fixture(scope="module")
def three() -> RegionalStudy:
    """Georgia and Sweden count alike, Moldova does not; four gaps are shared and one is Moldova's alone."""
    shared = tuple(gap(name) for name in ("B01", "B02", "B05", "B06"))
    return study(
        assessment("GE", gaps=shared),
        assessment("SE", gaps=shared),
        assessment("MD", "R12", gaps=(gap("B01"), gap("D05"))),
    )


def page_one(study: RegionalStudy, language: str = "en") -> Any:
    return html.document_fromstring(region.compose(study, language=language).html).get_element_by_id("overview")


def items(section: Any, title: str) -> list[str]:
    """The points below a title, as they read."""
    points = section.xpath(f".//h3[.='{title}']/following-sibling::*[self::ul or self::ol][1]/li")
    return [" ".join(" ".join(point.itertext()).split()) for point in points]


def said(area: str, *comments: str) -> Assessment:
    """A country whose population and flows each say something of themselves."""
    known = assessment(area)
    rules = tuple(
        replace(flow_rule, comments=(Text.of(en=comment),) if comment else ())
        for flow_rule, comment in zip(known.flow_rules, comments, strict=True)
    )
    return replace(known, flow_rules=rules)


def test_commonly_excluded_territory_is_named_once() -> None:
    found = study(
        said("GE", "Without the north. Carried on from 2014.", "Without the north.", "Without the north. Rounded."),
        said("MD", "Without the left bank.", "", ""),
        assessment("SE"),
    )
    tree = html.document_fromstring(region.compose(found).html)
    compared = " ".join(tree.get_element_by_id("compared").itertext())
    assert compared.count("“Without the north.”") == 1
    assert "Carried on" not in compared
    assert "Moldova: “" not in compared  # one of three dataflows says so
    own = dict(region.build_country_pages(found))
    assert "“Without the north.”" in own["GE"].html
    assert own["GE"].html.count("“Without the north.”") == 1


def comparability(study: RegionalStudy) -> tuple[str, str]:
    """The heading and all words of the section."""
    (section,) = html.document_fromstring(region.compose(study).html).xpath("//section[@id='comparability']")
    return str(section.xpath("string(h2)")), " ".join(section.itertext())


def test_first_step_of_each_country_is_listed_after_one_joint_step() -> None:
    steps = {"GE": ("ACCOUNTS", "COVERAGE_STUDY", "ONE_TOTAL"), "MD": ("COVERAGE_STUDY",), "SE": ("ONE_TOTAL",)}
    words = SubjectAnswer("O01", "", label=Text(), practice=Text.of(en="Do it."), sources=("S1",), evidence="PUBLIC")
    countries = [
        assessment(
            area,
            about=dict.fromkeys(of, (words,)),
            labels={f"CL_ROADMAP_ACTION.{action}": Text.of(en=action) for action in of},
        )
        for area, of in steps.items()
    ]
    known = study(*countries)
    assert proposed(known) == [[country, "Do it."] for country in ("Georgia", "Moldova", "Sweden")]
    joint = StudyStatement(Text.of(en="Do it together."), ("GE", "MD"), actions=("ACCOUNTS", "COVERAGE_STUDY"))
    together = [["Georgia and Moldova", "Do it together."], ["Georgia", "Do it."], ["Sweden", "Do it."]]
    assert proposed(replace(known, steps=(joint,))) == together
    assert proposed(replace(known, steps=(joint, joint)))[2:] == [["Sweden", "Do it."]]


def proposed(study: RegionalStudy) -> list[list[str]]:
    table: Any = REGION_VIEWS["overview"](study, Wording("en"))["proposed"]
    return [[cell.text or cell.links[0][1] for cell in row.cells] for row in table.rows]


def counting(area: str, rule: str, *, bounds: bool = False) -> Assessment:
    """A country with 80 foreign-born among 1,000 residents in 2024, or with bounds only."""
    number = Decimal(80)
    count = Breakdown(
        "DF_POP",
        "2024",
        by=("BIRTH_STATUS", "CTZ_STATUS"),
        figures=() if bounds else ((("FB", "_T"), number),),
        bounds=((("FB", "_T"), Bounds(None, number)),) if bounds else (),
        whole=Decimal(1000),
    )
    share = IndicatorValue("FB", Text.of(en="Foreign-born"), period="2024", value=Decimal(8), unit="PT", formula="")
    indicator = CATALOGUE.indicators["MIG_SHARE"]
    result = IndicatorResult(indicator, "", practice=Text(), values=(share,), missing=())
    return assessment(area, rule, breakdowns=(count,), indicators=(result,))


def national(found: RegionalStudy) -> Any:
    """The table of national figures."""
    view: Any = REGION_VIEWS["compared"](found, Wording("en"))
    return view["tables"][0]


def before(area: str, year: str) -> Assessment:
    """A country whose only series is immigration in a year."""
    known = assessment(area)
    points = (Point(year, Decimal(5)),)
    return replace(known, series=tuple(replace(one, points=points) for one in known.series if one.id == "IMM"))


def counted(found: RegionalStudy, figure: str) -> list[tuple[str, str]]:
    """The cells of a figure after its name."""
    return next(
        [(cell.text, cell.note) for cell in row.cells[1:]]
        for row in national(found).rows
        if figure in row.cells[0].text
    )


@pytest.mark.parametrize(
    ("countries", "compared"),
    [
        ((counting("GE", "R6"), assessment("SE", "R6")), "Georgia and Sweden (2023)"),
        ((counting("GE", "R6"), assessment("SE", "R12")), "not comparable: residence rules differ"),
        (
            (counting("GE", "_U"), assessment("SE", "R12")),
            "not comparable: residence rules differ or are not confirmed",
        ),
        ((counting("GE", "R6"), before("SE", "1999")), "not comparable: years or sources differ"),
    ],
)
def test_each_figure_names_compared_countries_or_a_reason(countries: tuple[Assessment, ...], compared: str) -> None:
    found = study(*countries)
    assert counted(found, "Immigration")[0] == ("205,857", "2023")
    line, notes = counted(found, "Immigration"), national(found).notes
    sentence = compared.capitalize() if "not comparable" in compared else f"Comparability: {compared}"
    assert line[-1] == (compared, "") or notes[0] == f"{sentence}."
    assert ("differ or are not confirmed</h2>" in region.compose(found).html) is ("not comparable" in compared)


@pytest.mark.parametrize(
    ("second", "is_apart"),
    [(counting("SE", "R6"), False), (counting("SE", "R12"), True), (counting("SE", "R6", bounds=True), True)],
)
def test_national_counts_are_compared_only_under_one_rule(second: Assessment, *, is_apart: bool) -> None:
    found = study(counting("GE", "R6"), second)
    heading = "Migrants are counted by national definitions in 2 of 2 countries (2024)"
    assert page_one(found).xpath("string(h2)") == heading
    shares = [text for text, _ in counted(found, "Foreign-born")[:2]]
    assert (shares != ["8.0%", "8.0%"]) is is_apart  # compared are shares, the others are counts


def test_share_is_shown_beside_the_count_of_its_year() -> None:
    cells = counted(study(counting("GE", "R6"), counting("SE", "R12")), "Foreign-born")
    assert cells[:2] == [("80", "2024; 8.0% of 1,000 persons")] * 2


def test_sources_are_compared_by_country() -> None:
    census = CATALOGUE.items["H01"]
    georgia, moldova = (
        replace(known, scores=tuple(replace(score, item=census, answer=answer) for score in known.scores[:1]))
        for known, answer in ((assessment("GE"), "Y"), (silent("MD"), ""))
    )
    found = study(georgia, moldova)
    tree = html.document_fromstring(region.compose(found).html)
    lines = [" ".join(row.text_content().split()) for row in tree.xpath("//table[@id='table-sources']/tbody/tr")]
    assert "Population census ●Yes ?unanswered" in lines


@cases_from("reporting/cases/heading_on_flows_counts_the_residence_rules.csv", rules=listed)
def test_heading_on_flows_counts_the_residence_rules(rules: tuple[str, str], heading: str) -> None:
    bases = ("_U" if rules[1] == "_U" else "ACT",)
    found = study(assessment("GE", rules[0]), assessment("SE", rules[1], *bases))
    assert comparability(found)[0] == heading


def test_three_shared_gaps_follow_the_order_of_the_table(three: RegionalStudy) -> None:
    tree = html.document_fromstring(region.compose(three).html)
    named = items(tree.get_element_by_id("overview"), "Gaps shared by countries")
    assert ["Moldova" in words for words in named] == [True, False, False]
    assert named[1].startswith("Statement B02"), "for which no plain words are written"
    table = [" ".join(cell.itertext()).split() for cell in tree.xpath("//table[@id='table-gaps']/tbody/tr/th")]
    assert [words[1] for words in table] == ["B01", "B02", "B05", "B06"]


def test_countries_are_named_with_their_missing_part() -> None:
    known = study(
        assessment("GE", gaps=(gap("IMMIGRATION", "D04"),)),
        assessment("MD", gaps=(gap("IMMIGRATION", "D03"),)),
        assessment("SE", gaps=(gap("IMMIGRATION", "D04"),)),
    )
    (words,) = items(page_one(known), "Gaps shared by countries")
    first, _, second = words.partition("; ")
    assert first.endswith("(Georgia and Sweden)")
    assert "(Moldova)" in second


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_1_has_equal_parts_and_no_codes_in_every_language(three: RegionalStudy, language: str) -> None:
    section, english = page_one(three, language), page_one(three)
    words = " ".join(" ".join(part.itertext()) for part in section.xpath(".//p|.//h2|.//h3|.//figcaption"))
    assert not CODES.findall(words)
    for part in ("h3", "li", "figure", "table"):
        assert len(section.xpath(f".//{part}")) == len(english.xpath(f".//{part}")), part
    assert len(section.xpath(".//figure")) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_study_is_fully_translated(three: RegionalStudy, language: str) -> None:
    ours = {"Do it.", "Test", *(f"Statement {name}" for name in ("B01", "B02", "B05", "B06", "D05"))}
    untranslated = {words for words in region.compose(three, language=language).untranslated if words not in ours}
    assert not {words for words in untranslated if "figure" in words or "countr" in words or "{" in words}


def course(area: str, rule: str, *points: Point) -> Assessment:
    known = assessment(area, rule)
    return replace(known, series=tuple(replace(series, points=points) for series in known.series if series.id == "CNR"))


def test_chart_draws_comparable_countries_and_names_others() -> None:
    known = three_courses("R6")
    figure = draw_comparable_series(known, Wording("en"))
    assert figure is not None
    assert figure.title.endswith("Georgia and Sweden")
    assert [note for note in figure.notes if "Moldova" in note] == ["Not drawn: Moldova."]
    assert [[cell.text for cell in row.cells] for row in figure.data.rows] == [
        ["2022", "+14.7", "not calculated"],
        ["2023", "−10.6", "+2.8"],
    ]


def test_provisional_values_and_breaks_are_drawn_distinctly() -> None:
    known = three_courses("R6")
    assert known.courses is not None
    drawn = build_plot(known.courses.panels[0], known.courses, known, Wording("en"))
    assert [(point.year, point.is_final, point.is_break) for line in drawn.courses for point in line.points] == [
        (2022, True, False),
        (2023, False, False),
        (2023, True, True),
    ]
    # From −10.6 to +14.7 in steps of ten.
    assert [written for _, written in drawn.ticks] == ["−20", "−10", "0", "+10", "+20"]


def three_courses(rule: str) -> RegionalStudy:
    """Net migration rates of Georgia and Sweden under one rule, and of Moldova under another."""
    georgia = (Point("2022", Decimal("14.7")), Point("2023", Decimal("-10.6"), status="P"))
    return study(
        course("GE", rule, *georgia),
        course("SE", rule, Point("2023", Decimal("2.8"), status="B")),
        course("MD", "R12", Point("2023", Decimal("-24.2"))),
    )


def test_type_of_stay_alone_does_not_state_a_residence_rule() -> None:
    found = study(assessment("GE", "_U", "ACT"), assessment("SE", "R12", "INT"))
    heading = REGION_VIEWS["comparability"](found, Wording("en"))["heading"]
    assert "not compared" in heading
    one = document(assessment("GE", "_U", "ACT"))
    assert "Residence rule of the yearly figures on" not in one
    assert "Residence rule of the yearly figures on" in document(assessment("GE", "R12", "ACT"))


def document(assessed: Assessment) -> str:
    return str(html.document_fromstring(compose(assessed).html).xpath("string(//main)"))


def test_figures_cite_their_sources() -> None:
    found = study(*map(example, ("moldova", "sweden")))
    cells = [cell for line in national(found).rows for cell in line.cells[1:3] if not cell.is_absent]
    assert not [cell for cell in cells if not cell.sources]
    shown = {cell.text: (cell.sources, cell.note) for cell in cells}
    assert shown["−32,100"] == (("M8",), "2024 (inferred by this report)")
    assert shown["+29,748"] == (("S10",), "2024; immigration: 116,197; emigration: 86,449")
    listed: Any = REGION_VIEWS["references"](found, Wording("en"))
    assert {"M8", "S10"} <= {source["key"] for source in listed["sources"]}


def test_page_1_sums_national_net_migration_with_its_doubts() -> None:
    overview: Any = REGION_VIEWS["overview"](study(*map(example, ("georgia", "moldova", "sweden"))), Wording("en"))
    assert overview["heading"] == (
        "Net migration in 2015–2024: Sweden\u00a0+626,700; "
        "Georgia\u00a0−13,200 (in question since the census of 2024, 2023: in doubt); "
        "Republic of Moldova\u00a0−404,400 (2023: provisional, 2024: inferred by this report)"
    )


def test_heading_of_a_study_replaces_that_of_its_section() -> None:
    found = study(example("georgia"), example("sweden"))
    own = {"comparability": Text.of(en="Sweden counts 12 months")}
    assert comparability(replace(found, headings=own))[0] == "Sweden counts 12 months"
    with pytest.raises(DeclarationError, match="comparability"):
        region.compose(replace(found, headings={"comparabilty": Text.of(en="Misspelt")}))


def test_study_lists_findings_and_steps_without_codes() -> None:
    finding = StudyStatement(Text.of(en="It gained."), ("SE",), sources=("S10",))
    step = StudyStatement(Text.of(en="Measure it."), ("CL",))
    compared = replace(study(example("chile"), example("sweden")), findings=(finding,), steps=(step,))
    page = region.compose(compared, language="en").html
    said = [" ".join(row.text_content().split()) for row in html.document_fromstring(page).xpath("//tr|//li")]
    starts = ("Sweden: It gained. [S10]", "Chile Measure it.", "[S10] SCB")
    assert all(any(text.startswith(start) for text in said) for start in starts)
    assert "[R12]" not in page
