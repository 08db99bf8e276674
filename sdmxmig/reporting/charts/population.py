"""Bar chart of population over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.reporting.charts import ChartLabels
from sdmxmig.reporting.charts.svg import WIDTH, finish, gaps, size_axis, years_axis

HEIGHT = 250


@dataclass(frozen=True, slots=True)
class PopulationYear:
    """The population of one period; None is a gap."""

    period: str
    value: Decimal | None
    _: KW_ONLY
    is_projected: bool = False
    label: str = ""

    @property
    def written_period(self) -> str:
        return self.label or self.period


def draw(years: Sequence[PopulationYear], labels: ChartLabels) -> str:
    """Draw the years in order; `labels.words` has ``axis`` and ``missing``."""
    rows = [
        {
            "period": year.written_period,
            "value": None if year.value is None else float(year.value),
            "missing": year.value is None,
            "projected": year.is_projected,
        }
        for year in years
    ]
    period = years_axis([year.written_period for year in years], labels)
    height = {"field": "value", "type": "quantitative", "title": labels.words["axis"], "scale": {"zero": True}}
    height["axis"] = size_axis(labels, 4)
    theme = labels.theme
    fill = {"condition": {"test": "datum.projected", "value": theme.light}, "value": theme.accent}
    layers = [
        {"mark": {"type": "bar"}, "encoding": {"x": period, "y": height, "color": fill}},
        gaps(period, labels, "datum.missing"),
    ]
    return finish({"data": {"values": rows}, "layer": layers, "width": WIDTH + 70, "height": HEIGHT}, labels)
