"""Census figures: the share of migrants without yearly figures, and their distance from its count."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from assessed_examples import example
from compared import observed, study
from shipped import CATALOGUE

from sdmxmig.reporting.sections.views import REGION_VIEWS, VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations.indicator_values import compute
from sdmxmig.statistics.model.indicator_results import IndicatorResult

SHARE = CATALOGUE.indicators["MIG_SHARE"]


def counted(flow_id: str, rows: Sequence[tuple[str, str, str]], **codes: str) -> Dataset:
    """Residents of Georgia: year, citizenship status, persons."""
    flow = CATALOGUE.flow(flow_id)
    fixed = {"REF_AREA": "GE", "FREQ": "A", **codes}
    listed = [("CTZ_STATUS", status, year, value) for year, status, value in rows]
    return observed(flow, fixed, listed, REF_DATE="OTH")


def census(*rows: tuple[str, str, str]) -> Dataset:
    return counted("DF_POP_TOPIC", rows, FREQ="A10", POP_BASE="RES")


def values(*datasets: Dataset) -> list[tuple[str, str, Decimal, str]]:
    computed = compute(SHARE, datasets).values
    return [(value.variant, value.period, round(value.value, 2), str(value.basis)) for value in computed]


CENSUS = census(("2014", "FC", "22131"), ("2024", "_T", "3929581"), ("2024", "FC", "257000"))


def test_census_supplies_share_missing_in_yearly_figures() -> None:
    # 100 × 257,000 / 3,929,581; of the census of 2014 the total is not there
    assert values(CENSUS) == [("FC", "2024", Decimal("6.54"), "census")]
    assert values(CENSUS, counted("DF_POP", [("2024", "_T", "3694600")])) == values(CENSUS)


def test_census_with_the_share_supplies_its_breakdowns() -> None:
    rows = [("2024", "_T", "2000000"), ("2024", "FC", "120000")]
    women = counted("DF_POP_TOPIC", rows, FREQ="A10", POP_BASE="RES", SEX="F")
    parts = compute(SHARE, [CENSUS, women]).parts
    # 100 × 120,000 / 2,000,000
    assert [(part.codes, part.value, str(part.basis)) for part in parts] == [((("SEX", "F"),), Decimal(6), "census")]


def test_missing_part_of_a_census_is_reported() -> None:
    missing = dict(compute(SHARE, [census(("2024", "FC", "257000"))]).missing)
    assert missing["FC"] == "no resident population (frequency: decennial)"
    assert missing["FB"] == "no data for DF_POP"


def test_emigrants_counted_abroad_are_separate_from_own_counts() -> None:
    ratio = CATALOGUE.indicators["EMI_STOCK_RATIO"]
    codes = {"REF_AREA": "GE", "FREQ": "A", "ID_CRITERION": "CBR", "COUNTERPART_AREA": "_T"}
    flow = CATALOGUE.flow("DF_EMISTOCK")
    of_partners = observed(flow, {**codes, "REPORTED_BY": "PARTNER"}, [("SEX", "_T", "2020", "50")], REF_DATE="D0701")
    of_the_country = observed(flow, {**codes, "REPORTED_BY": "OWN"}, [("SEX", "_T", "2020", "40")], REF_DATE="D0701")
    population = counted("DF_POP", [("2020", "_T", "1000")])
    mirrored, own = (compute(ratio, [population, emigrants]) for emigrants in (of_partners, of_the_country))
    basis = "international figures"
    assert [(value.value, str(value.basis)) for value in mirrored.values] == [(Decimal(5), basis)]  # 100 × 50 / 1,000
    assert [(value.value, str(value.basis)) for value in own.values] == [(Decimal(4), "")]
    both = compute(ratio, [population, of_partners, of_the_country]).values
    assert [value.value for value in both] == [Decimal(4)]


def test_yearly_figures_precede_census_figures() -> None:
    yearly = counted(
        "DF_POP", [("2023", "_T", "200"), ("2023", "FC", "10"), ("2024", "_T", "200"), ("2024", "FC", "20")]
    )
    assert values(yearly, CENSUS) == [("FC", "2023", Decimal("5.00"), ""), ("FC", "2024", Decimal("10.00"), "")]


def test_census_alone_does_not_make_an_indicator_produced() -> None:
    computed = compute(SHARE, [CENSUS])
    result = IndicatorResult(SHARE, "", practice=SHARE.note, values=computed.values, missing=computed.missing)
    assert (result.is_shown, result.is_produced) == (True, False)


def test_all_reports_state_equal_figures_of_georgia() -> None:
    # Of the count of 2024 there are bounds; the exact share is of 2014: 22 131 of 3 713 804.
    assessment = example("georgia")
    known = study(assessment, example("sweden"))
    page = VIEWS["summary"](assessment, Wording("en"))
    figure: Any = next(figure for figure in page["figures"] if figure.label == "Foreign citizens")  # type: ignore[attr-defined]
    year = "2024 (census, preliminary count); at most 6.6% of 3,914 thousand persons; "
    year += "22,131 in 2014 (census)"
    assert (figure.value, figure.note) == ("at most 257,000", year)
    indicators: Any = VIEWS["indicators"](assessment, Wording("en"))
    share = next(row for row in indicators["tiers"][0]["matrix"].rows if row.cells[0].note == "MI 1.1")
    foreign = "Foreign citizens: at most 6.6% (2024, census, preliminary count), 0.6% (2014, census)"
    assert share.cells[2].text.startswith(foreign)
    core = indicators["core"][0].rows[1].cells[2].text
    assert core.startswith(foreign.replace("0.6%", "0.6% of 3,713,804 persons"))
    assert "estimated by" not in core, "a model of the United Nations stands beside no national figure"
    assert indicators["core"][0].notes[-1].startswith("If the census of 2024 is right")
    assert indicators["core"][0].rows[1].cells[1].text.startswith("The censuses of 2014 and 2024 (preliminary) count")
    view: Any = REGION_VIEWS["compared"](known, Wording("en"))
    table = view["tables"][0]
    cells = {row.cells[0].text: (row.cells[1].text, row.cells[1].note) for row in table.rows}
    remark = "2024 (census, preliminary count); at most 6.6% of 3,914 thousand persons"
    assert cells["Foreign citizens"] == ("at most 257,000", remark)


def test_region_warns_of_population_contradicted_by_census() -> None:
    known = study(example("georgia"), example("moldova"))
    view: Any = REGION_VIEWS["compared"](known, Wording("en"))
    table = view["tables"][0]
    assert table.rows[0].cells[1].note == "1 January 2025; 2024 (census): 3,929,581"


@pytest.mark.parametrize("name", ["summary", "quality"])
def test_gap_to_census_of_georgia_is_on_page_1_and_an_issue(name: str) -> None:
    section = VIEWS[name](example("georgia"), Wording("en"))
    words = "3,929,581 persons in the census" if name == "quality" else "225,075 more persons (6.1%) than"
    assert words in str(section)


def test_ratings_of_few_indicators_are_left_out() -> None:
    assert not REGION_VIEWS["availability"](study(example("georgia"), example("sweden")), Wording("en"))
