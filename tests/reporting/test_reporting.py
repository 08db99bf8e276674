"""Content of the report, compared with numbers calculated by hand."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from assessed import georgia, report
from folders import ROOT
from lxml import html

from sdmxmig.reporting.sections.blocks import ReportTable
from sdmxmig.reporting.sections.page import list_section_files
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import Assessment, IdentityResult, Point, Series
from sdmxmig.statistics.model.indicator_results import Feasibility

FOLDER = ROOT / "templates" / "report"


def view(name: str, assessment: Assessment | None = None) -> dict[str, Any]:
    return dict(VIEWS[name](assessment or georgia(), Wording("en")))


def texts(table: ReportTable) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def tree(**more: Any) -> Any:
    return html.document_fromstring(report(georgia(), **more).decode())


def test_every_section_has_a_view() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: no module in sdmxmig/reporting/sections registers a view “{name}”."
        for path in sorted(FOLDER.glob("[0-9]*.j2"))
        if (name := path.name.removesuffix(".html.j2").partition("-")[2]) not in VIEWS
    ]
    assert not wrong, "\n".join(wrong)


def test_sections_are_found_in_the_order_of_their_numbers() -> None:
    names = [name for *_, name in list_section_files([FOLDER])]
    numbered = sorted(path.name.removesuffix(".html.j2").split("-") for path in FOLDER.glob("[0-9]*.j2"))
    assert names == [name for _, name in numbered]
    assert (names[0], names[-1]) == ("summary", "method")
    shown = [section.get("id") for section in tree().xpath("//section")]
    assert shown == [name for name in names if name in shown]


def test_sections_are_numbered_and_annexes_have_letters() -> None:
    labels = [label.text_content() for label in tree().xpath("//section/p[@class='label']")]
    assert labels[0] == "1 · Summary"
    chapters = tree().xpath("//section[not(@data-annex)]")
    annexes = [label.split(" · ") for label in labels[len(chapters) :]]
    assert [label.split(" · ")[0] for label in labels[: len(chapters)]] == [str(n + 1) for n in range(len(chapters))]
    assert [number for number, _ in annexes] == [f"Annex {letter}" for letter in "ABCDEFGH"[: len(annexes)]]
    assert annexes[-1][1] == "Method"
    contents = [" · ".join(link.text_content().split(" ", 1)) for link in tree().xpath("//nav[@class='contents']//a")]
    assert contents[: len(chapters)] == labels[: len(chapters)]


def test_headline_agrees_with_the_numbers() -> None:
    assert view("summary")["heading"] == "Immigration was 205,857 and emigration 245,064 in 2023."
    accounts = tuple(replace(account, stock_method="REG") for account in georgia().accounts)
    first, *_ = view("summary", replace(georgia(), accounts=accounts))["quality"]
    assert "2021–2023" in first.sentence


def test_headline_names_the_provisional_flow() -> None:
    series = tuple(
        replace(
            each, points=tuple(replace(point, status="P") if point.period == "2023" else point for point in each.points)
        )
        if each.id == "IMM"
        else each
        for each in georgia().series
    )
    heading = view("summary", replace(georgia(), series=series))["heading"]
    assert "in 2023 (immigration: provisional)" in heading


def test_headline_does_not_deny_gaps_if_few_questions_are_rated() -> None:
    first, *others = georgia().scores
    scores = (first, *(replace(score, answer="", practice=()) for score in others))
    few = replace(georgia(), scores=scores, series=(), breakdowns=(), gaps=(), indicators=())
    assert "no gap is known" not in view("summary", few)["heading"].lower()


def test_unbalanced_account_is_reported() -> None:
    counted = [replace(account, stock_method="REG") for account in georgia().accounts]
    accounts = (*counted[:2], replace(counted[2], outcome="UNBALANCED"))
    first, *_ = view("summary", replace(georgia(), accounts=accounts))["quality"]
    assert "2 of the 3 years" in first.sentence


def test_page_1_does_not_repeat_figures_of_its_heading() -> None:
    summary = view("summary")
    assert "205,857" in summary["heading"]
    assert [(figure.label, figure.value) for figure in summary["figures"]] == [("Population", "3,704,500")]


def test_whole_gaps_precede_partial_gaps() -> None:
    confirmed = tuple(replace(score, evidence="CONFIRMED") for score in georgia().scores)
    summary = view("summary", replace(georgia(), scores=confirmed))
    assert [point.subject for point in summary["gaps"]] == ["D05", "B07"]


def test_account_shows_terms_totals_and_residual() -> None:
    account = view("account")
    table = account["tables"][0]
    assert [column.label for column in table.columns] == [
        "Year",
        "Population at start",
        "Live births",
        "Deaths",
        "Immigration",
        "Emigration",
        "Computed end",
        "Published end",
        "Residual",
    ]
    rows = texts(table)
    assert rows[1][-3:] == ["3,736,310", "3,736,400", "+90"]
    assert rows[2][-3:] == ["3,694,651", "3,694,600", "−51"]
    assert rows[3][4:] == ["–", "–", "–", "3,704,500", "–"]
    closes = [line.cells[0].note for line in table.rows]
    assert closes[1:] == ["closes within rounding", "closes within rounding", "cannot be tested"]
    assert "+90 persons" in account["residuals"]


def test_only_rounded_figures_are_labelled_as_rounded() -> None:
    first = georgia().accounts[0]
    start, *terms = first.terms
    exact = replace(first, terms=(replace(start, unit=Decimal(100)), *terms), end_unit=Decimal(1), outcome="ROUNDING")
    residuals = view("account", replace(georgia(), accounts=(exact,)))["residuals"]
    assert "population at start" in residuals
    assert "published end" not in residuals


def test_residual_beyond_rounding_is_not_labelled_rounding() -> None:
    first, second, *rest = georgia().accounts
    large = replace(second, outcome="UNBALANCED", residual=Decimal(-2800), tolerance=Decimal(2000))
    residuals = view("account", replace(georgia(), accounts=(first, large, *rest)))["residuals"]
    assert all(fact in residuals for fact in ("1 does not close", "−2,800", "5.1%"))
    assert "Rounded to" not in residuals


def test_testable_identities_are_listed() -> None:
    results = (
        IdentityResult("A01", "ROUNDING", tests=3),
        IdentityResult("A12", "UNBALANCED", tests=1),
        IdentityResult("A17", "NOT_TESTABLE", tests=0, missing=("EMP_BEG",)),
    )
    account = view("account", replace(georgia(), identities=results))
    assert [cells[1:] for cells in texts(account["identities"])] == [
        ["3", "holds within rounding"],
        ["1", "does not hold"],
    ]
    assert view("account", replace(georgia(), identities=results[2:]))["identities"] is None


def test_adjustment_that_balances_the_account_is_named() -> None:
    first = replace(georgia().accounts[0], stock_method="CEN")
    terms = (*first.terms[:-1], replace(first.terms[-1], value=Decimal(-74)))
    closed = replace(
        first, terms=terms, computed_end=first.published_end, residual=Decimal(0), tolerance=None, outcome="BALANCED"
    )
    account = view("account", replace(georgia(), accounts=(closed,)))
    year = first.period
    assert account["heading"].endswith(f"correction closes the population account, in persons: {year} (−74)")


def test_report_shows_ten_years_and_names_earlier_ones() -> None:
    closed, open_year = georgia().accounts[0], georgia().accounts[3]
    accounts = (
        *(replace(open_year, period=str(year)) for year in (2006, 2007, 2009)),
        *(replace(closed, period=str(year)) for year in range(2010, 2022)),
    )
    account = view("account", replace(georgia(), accounts=accounts))
    assert [cells[0] for cells in texts(account["recent"])] == [str(year) for year in range(2012, 2022)]
    assert "2010–2011" in account["years"]
    assert len(account["tables"][0].rows) == 15


def test_account_names_untestable_years_in_between() -> None:
    closed = georgia().accounts[0]
    accounts = [replace(closed, period=year) for year in ("2016", "2017", "2019")]
    (between,) = view("account", replace(georgia(), accounts=accounts))["gaps"]
    assert between.sentence.endswith(": 2018.")


def test_account_section_requires_a_testable_year() -> None:
    known = georgia().accounts[3]
    untested = replace(georgia(), accounts=[replace(known, missing=(*known.missing, "POP_BEG", "POP_END"))])
    assert view("account", untested) == {}


def test_women_and_men_are_shown_together_if_published() -> None:
    assert view("production")["parts"] is None
    women = Series(
        "POP_F",
        Text.of(en="Resident population"),
        unit="PS",
        points=(Point("2024", Decimal(1920100)),),
        source="",
        note=Text(),
    )
    women = replace(women, codes=(("SEX", "F"),))
    parts = view("production", replace(georgia(), series=(*georgia().series, women)))["parts"]
    assert [(column.label, column.unit) for column in parts.columns] == [("Year", ""), ("Resident population", "Women")]
    assert texts(parts) == [["2024", "1,920,100"]]


def test_net_migration_is_the_difference_and_keeps_gaps() -> None:
    flows = view("production")
    assert texts(flows["flows"]) == [
        ["2021", "74,008", "99,974", "−25,966"],
        ["2022", "179,778", "125,269", "+54,509"],
        ["2023", "205,857", "245,064", "−39,207"],
    ]
    assert texts(flows["rates"])[:2] == [["2022", "+14.7"], ["2023", "−10.6"]]


def test_listed_sources_are_cited_by_key() -> None:
    cited = "; ".join(f"Geostat, in a text [{key}]" for key in ("G45", "G2", "G10"))
    series = tuple(replace(one_series, source=cited) for one_series in georgia().series)
    listed = view("production", replace(georgia(), series=series))
    assert (listed["population"].source, listed["population"].cited) == ("Sources:", ("G2", "G10", "G45"))
    assert [row.cells[0].sources for row in listed["flows"].rows] == [("G2", "G10", "G45")] * 3
    assert "Source: Geostat, as quoted by Civil.ge." in view("production")["flows"].notes


def test_populations_across_a_break_are_not_compared() -> None:
    figure = view("production")["population"]
    assert figure.title == "The population was 3,704,500 (2025), 24,100 fewer than in 2016"
    assert "The line begins in 2016: break." in figure.notes
    assert figure.data.rows[0].cells[0].text == "2016"


def test_core_and_additional_indicators_are_separate() -> None:
    core, additional = view("indicators")["tiers"]
    assert [row[0] for row in texts(core["matrix"])] == ["Measuring migration", "Immigration rate"]
    assert [row[0] for row in texts(additional["matrix"])][1:] == ["Return migrants"]


def test_tier_without_information_has_no_table() -> None:
    unknown = replace(georgia(), indicators=(georgia().indicators[1],))
    assert view("indicators", unknown)["tiers"] == []


def test_feasible_indicator_keeps_its_row() -> None:
    share = georgia().indicators[1]
    carried = replace(share, feasibility=Feasibility(least="F2", most="F3"))
    (core,) = view("indicators", replace(georgia(), indicators=(carried,)))["tiers"]
    assert [row[0] for row in texts(core["matrix"])][1:] == ["Share of the foreign-born"]
    feasible = core["matrix"].rows[-1].cells[-1]
    assert (feasible.text, feasible.note) == ("unanswered", "")


def test_parts_of_the_framework_are_counted_separately() -> None:
    results = georgia().indicators
    services = replace(
        results[1], declared="3", indicator=replace(results[1].indicator, id="POV_50_MEDIAN", un_number="4.1", part="B")
    )
    mixed = replace(georgia(), indicators=(*results, services))
    assert [tier["matrix"].caption for tier in view("indicators", mixed)["tiers"]] == [
        "Core migration indicators by policy area",
        "Core indicators of other fields by policy area",
        "Additional migration indicators by policy area",
    ]


def test_candidate_texts_are_marked() -> None:
    core = view("indicators")["tiers"][0]
    marks = {row.cells[0].text: row.cells[0].mark for row in core["matrix"].rows[1:]}
    assert marks == {"Immigration rate": "UN text not included"}
    assert texts(core["matrix"])[1][2] == "55.4 per 1,000 population (2023)"
    last = view("values")["table"].rows[-1]
    assert [cell.text for cell in last.cells[:4]] == ["Total", "2023", "55.4", "per 1,000 population"]
    assert (last.cells[4].text, last.cells[4].note) == (
        "1,000 × DF_IMM / ((DF_POP + DF_POP) / 2)",
        "A.GE.I (migration.xlsx › Table 1 › C14)",
    )


def test_values_by_topic_without_total_count_as_data() -> None:
    rate = georgia().indicators[0]
    by_sex = tuple(replace(value, codes=(("SEX", sex),)) for value in rate.values for sex in ("F", "M"))
    without_total = replace(rate, values=(), parts=by_sex, topics=(("AGE", False), ("SEX", False)))
    (core,) = view("indicators", replace(georgia(), indicators=(without_total,)))["tiers"]
    latest, topics = core["matrix"].rows[-1].cells[2:4]
    assert (latest.text, latest.note) == ("values by topic in the data: Sex", "")
    assert topics.note.startswith("breakdowns of the values: sex")


def test_country_without_data_gets_an_assessment_report() -> None:
    empty = replace(
        georgia(), scores=(), indicators=(), accounts=(), series=(), gaps=(), findings=(), sources={}, provenance=()
    )
    page = html.document_fromstring(report(empty).decode())
    assert "no answers yet, and no figures" in page.xpath("//h2")[0].text_content()


def test_workspace_may_add_and_replace_sections(tmp_path: Path) -> None:
    templates = tmp_path / "report"
    templates.mkdir()
    (templates / "15-context.html.j2").write_text("<p>{{ w.of(assessment.country) }} in brief</p>", encoding="utf-8")
    (templates / "65-gaps.html.j2").write_text("<p>Discussed elsewhere.</p>", encoding="utf-8")
    page = tree(templates=(tmp_path,))
    assert [section.get("id") for section in page.xpath("//section")][:3] == ["summary", "context", "definitions"]
    assert "Georgia in brief" in page.text_content()
    assert "Discussed elsewhere." in page.text_content()


def test_template_reads_only_from_its_folders(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    templates = tmp_path / "report"
    templates.mkdir()
    (templates / "15-context.html.j2").write_text('{% include "../secret.txt" %}', encoding="utf-8")
    with pytest.raises(Exception, match="secret"):
        report(georgia(), templates=(tmp_path,))


def test_report_bytes_are_equal_in_another_process() -> None:
    code = "import hashlib, assessed; print(hashlib.sha256(assessed.report(assessed.georgia())).hexdigest())"
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    there = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths},
    ).stdout
    assert there.strip() == hashlib.sha256(report(georgia())).hexdigest()
