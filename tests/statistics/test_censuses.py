"""Census totals that are published are used: beside the yearly figures, never in their place."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from assessed import georgia
from case_tables import text_from
from lxml import etree
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.reporting.sections.composition import tabulate_migrants
from sdmxmig.reporting.sections.consistency import find_population
from sdmxmig.reporting.sections.key_figures import choose_leading_figures
from sdmxmig.reporting.sections.quantities import build_label, find_newest
from sdmxmig.reporting.sections.trends import draw_population
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.calculations.alignment import compare_count
from sdmxmig.statistics.calculations.availability import list_breakdowns
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.timelines import build_timelines
from sdmxmig.statistics.model.assessment import Point

EN = Wording("en")
STATUS = ("BIRTH_STATUS", "CTZ_STATUS")
TOPIC = text_from("statistics/cases/censuses_topic.csv")


def figures(table: str) -> Figures:
    return Figures(datasets(table, CATALOGUE.flows), "GE")


def test_census_is_a_series_without_gaps() -> None:
    series = {one.id: one for one in build_timelines(figures(TOPIC), {})}
    assert series["CENSUS"].points == (
        Point("2014", Decimal(2789205), status="A", kind="census"),
        Point("2024", Decimal(2409200), status="A", kind="census"),
    )
    assert [point.value for point in series["POP"].points] == [2423300, 2381300]


def test_final_census_total_precedes_a_preliminary_count() -> None:
    series = {one.id: one for one in build_timelines(figures(f"{TOPIC}DF_POP,A10,2024,_T,2411000,OTH,CEN,\n"), {})}
    assert [point.value for point in series["CENSUS"].points] == [2789205, 2411000]
    assert [point.value for point in series["POP"].points] == [2423300, 2381300]
    assert str(series["POP"].note) == "1 January"


@pytest.mark.parametrize(("day", "months_later"), [("D0101", 6), ("D0701", 0)])
def test_population_chart_notes_mid_year_censuses(day: str, months_later: int) -> None:
    series = build_timelines(figures(TOPIC.replace("D0101", day)), {})
    figure = draw_population(series[0], replace(georgia(), series=series), EN)
    assert any("2,789,205 (2014); 2,409,200 (2024)" in note for note in figure.notes)
    assert "census of 2024" in figure.svg
    circles = etree.fromstring(figure.svg.encode()).iter("{http://www.w3.org/2000/svg}circle")
    first, second, census = (float(circle.get("cx", "")) for circle in circles)
    assert (census - first) / (second - first) * 12 == pytest.approx(months_later, abs=0.1)


def test_migrant_share_in_a_census_uses_its_own_total() -> None:
    (table,) = tabulate_migrants(replace(georgia(), breakdowns=list_breakdowns(figures(TOPIC))), EN)
    # 106 700 / 2 409 200
    assert [cell.text for cell in table.rows[0].cells] == ["2024", "106,700", "2,409,200", "4.4%"]


def test_comment_on_a_count_is_shown_with_count_and_share() -> None:
    lines = [f"{line}," for line in TOPIC.strip().splitlines()]
    comment = "The office counts usual residents."
    table = "\n".join([f"{lines[0]}COMMENT_OBS", *lines[1:-1], f"{lines[-1]}{comment}"])
    known = replace(georgia(), breakdowns=list_breakdowns(figures(table)))
    (found,) = tabulate_migrants(known, EN)
    assert [cell.text for cell in found.rows[0].cells[1:]] == ["106,700", "2,409,200", "4.4%", comment]
    figure = next(figure for figure in choose_leading_figures(known, EN) if figure.label == "Foreign-born")
    assert figure.note == "2024 (census); 4.4% of 2,409,200 persons; the office counts usual residents"


def test_population_of_page_1_is_labelled_as_census() -> None:
    lines = [f"{line}," for line in TOPIC.replace("D0101,,", "OTH,EXP,").strip().splitlines()]
    table = "\n".join([f"{lines[0]}COMMENT_OBS", *lines[1:4], f"{lines[4]}Counted on 8 April 2024.", *lines[5:]])
    figure = choose_leading_figures(replace(georgia(), series=build_timelines(figures(table), {}), breakdowns=()), EN)[
        0
    ]
    assert (figure.value, figure.note) == ("2,409,200", "2024, census, counted on 8 April 2024")


@pytest.mark.parametrize(
    ("status", "source", "residents"),
    [("F", "", 2409200), ("E", "", 2381300), ("E", "EXP", 2409200), ("", "EXP", 2409200)],
)
def test_recent_census_precedes_projections_and_models(status: str, source: str, residents: int) -> None:
    table = TOPIC.replace("SRC_TYPE", "OBS_STATUS,SRC_TYPE").replace("OTH,CEN", "OTH,,CEN")
    table = table.replace("D0101,,", f"D0101,{status},{source},")
    known = replace(georgia(), series=build_timelines(figures(table), {}))
    point = find_newest(find_population(known))
    assert point.value == residents


@pytest.mark.parametrize(("source", "said"), [("EXP", "model estimate, projection"), ("", "projection")])
def test_model_projection_is_labelled_as_projection(source: str, said: str) -> None:
    table = f"TIME_PERIOD,OBS_VALUE,OBS_STATUS,STOCK_METHOD,SRC_TYPE\n2024,19764771,F,ACC,{source}"
    (population,) = build_timelines(figures(table), {})
    assert build_label(population.points, EN) == said


@pytest.mark.parametrize(("source", "differences"), [("EXP", 0), ("ADM", 1)])
def test_census_is_not_compared_with_model_estimates(source: str, differences: int) -> None:
    (probe,) = [probe for probe in CATALOGUE.study.effects if not probe.items]
    table = f"""
flow,FREQ,TIME_PERIOD,OBS_VALUE,REF_DATE,SRC_TYPE,POP_BASE
DF_POP,A,2024,19764771,D0701,{source},
DF_POP_TOPIC,A10,2024,18480432,OTH,CEN,RES
"""
    assert len(list(compare_count(probe, figures(table)))) == differences


def test_census_total_among_yearly_populations_is_found() -> None:
    table = TOPIC.replace("DF_POP_TOPIC,A10,2024,_T,2409200,OTH,CEN,RES", "DF_POP,A10,2024,_T,2409200,OTH,CEN,")
    # The first row of a flow says of which day its dataset is, so the census has its own dataset here.
    yearly = "\n".join(line for line in table.splitlines() if "DF_POP,A10" not in line)
    header = TOPIC.strip().splitlines()[0]
    census = next(line for line in table.splitlines() if "DF_POP,A10" in line)
    data = (*datasets(yearly, CATALOGUE.flows), *datasets(f"{header}\n{census}", CATALOGUE.flows))
    found = Figures(data, "GE")
    (breakdown,) = [one for one in list_breakdowns(found) if (one.flow, one.by) == ("DF_POP_TOPIC", STATUS)]
    assert breakdown.whole == 2409200
    assert [point.period for one in build_timelines(found, {}) if one.id == "CENSUS" for point in one.points] == [
        "2014",
        "2024",
    ]


def test_count_of_another_day_is_left_out_of_yearly_series() -> None:
    header = "TIME_PERIOD,OBS_VALUE,REF_DATE"
    yearly = datasets(f"{header}\n2024,2423300,D0101\n2025,2381300,D0101", CATALOGUE.flows)
    census = datasets(f"{header}\n2024,2409200,OTH\n2014,2789205,OTH", CATALOGUE.flows)
    for order in ((*yearly, *census), (*census, *yearly)):
        (population,) = [one for one in build_timelines(Figures(order, "GE"), {}) if one.id == "POP"]
        values = {point.period: point.value for point in population.points if point.value is not None}
        assert values == {"2024": 2423300, "2025": 2381300}
