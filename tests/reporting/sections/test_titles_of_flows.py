"""The title of a figure of flows names only flows with data."""

from __future__ import annotations

import pytest
from small_country import assessed, dataset

from sdmxmig.reporting.sections.blocks import ReportFigure
from sdmxmig.reporting.sections.module_answers import title_with_names
from sdmxmig.reporting.sections.production import view
from sdmxmig.reporting.sections.summary import draw_decade
from sdmxmig.reporting.sections.wording import Wording

COMING, LATER = {"TIME_PERIOD": "2022", "OBS_VALUE": "30"}, {"TIME_PERIOD": "2023", "OBS_VALUE": "20"}
IMM, EMI = dataset("DF_IMM", COMING), dataset("DF_EMI", LATER)


def figure(*flows: object, language: str = "en") -> ReportFigure:
    shown = draw_decade(assessed("", *flows), Wording(language))  # type: ignore[arg-type]
    assert shown is not None
    return shown


def test_title_of_immigration_alone_omits_net_migration() -> None:
    shown = figure(IMM)
    assert shown.title == "Immigration, 2022"
    assert "igration nette" not in figure(IMM, language="fr").title


def test_flows_of_different_years_have_no_net_migration() -> None:
    assert figure(IMM, EMI).title == "Immigration and emigration, 2022–2023"


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        ([("2022", "30", "10"), ("2023", "20", "25")], "Net migration was −5 in 2023, after +20 in 2022"),
        ([("2021", "9", "1"), ("2023", "20", "25")], "Data of this report: 4 values"),
        ([("2022", "30", ""), ("2023", "20", "25")], "Data of this report: 3 values"),
        ([("2023", "20", "25")], "Data of this report: 2 values"),
    ],
)
def test_production_section_leads_with_two_year_net_migration(rows: list[tuple[str, str, str]], heading: str) -> None:
    flows = [
        dataset(flow, *({"TIME_PERIOD": row[0], "OBS_VALUE": row[at]} for row in rows if row[at]))
        for flow, at in (("DF_IMM", 1), ("DF_EMI", 2))
    ]
    assert str(view(assessed("", *flows), Wording("en"))["heading"]).startswith(heading)


@pytest.mark.parametrize(
    ("names", "title"),
    [
        ([], "Integrated products"),
        (["Yearly population"], "Integrated products: Yearly population"),
        (["A", "B", "C"], "Integrated products: A, B and C"),
        (["A", "B", "C", "D"], "Integrated products"),
    ],
)
def test_title_names_few_subjects(names: list[str], title: str) -> None:
    assert title_with_names("Integrated products", names, Wording("en")) == title
