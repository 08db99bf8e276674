"""The title of a figure of flows names only flows with data."""

from __future__ import annotations

from small_country import assessed, dataset

from sdmxmig.reporting.sections.blocks import ReportFigure
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
