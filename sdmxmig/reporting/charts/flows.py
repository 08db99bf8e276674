"""Chart of immigration, emigration and net migration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import Any

from sdmxmig.reporting.charts import ChartLabels
from sdmxmig.reporting.charts.svg import SIZE, WIDTH, breaks, finish, gaps, labelled_breaks, size_axis, years_axis

HEIGHT = 330


@dataclass(frozen=True, slots=True)
class FlowYear:
    """The flows of a period; None is missing. `is_break`: earlier values are not comparable."""

    period: str
    immigration: Decimal | None
    _: KW_ONLY
    emigration: Decimal | None
    net: Decimal | None
    is_break: bool = False
    label: str = ""

    @property
    def written_period(self) -> str:
        return self.label or self.period


def ends(years: Sequence[FlowYear], labels: ChartLabels) -> list[dict[str, object]]:
    """Place the words at the end of each series without overlap."""
    last_year = next(
        (year for year in reversed(years) if year.immigration is not None and year.emigration is not None), None
    )
    if last_year is None or last_year.immigration is None or last_year.emigration is None:
        return []
    largest = max(max(year.immigration or 0, year.emigration or 0) for year in years)
    room = float(largest) * 2 / HEIGHT * (SIZE + 5)
    net = float(last_year.net) if last_year.net is not None else float(last_year.immigration - last_year.emigration)
    words = labels.words
    return [
        {"y": max(float(last_year.immigration) / 2, net + room), "word": words["immigration"], "look": "I"},
        {"y": net, "word": words["net"], "look": "N"},
        {"y": min(-float(last_year.emigration) / 2, net - room), "word": words["emigration"], "look": "E"},
    ]


def values(years: Sequence[FlowYear]) -> list[dict[str, object]]:
    labelled = labelled_breaks([year.is_break for year in years])
    return [
        {
            "period": year.written_period,
            "immigration": None if year.immigration is None else float(year.immigration),
            "emigration": None if year.emigration is None else -float(year.emigration),
            "net": None if year.net is None else float(year.net),
            "break": year.is_break,
            "labelled": labelled[number],
            "part": sum(earlier.is_break for earlier in years[: number + 1]),
        }
        for number, year in enumerate(years)
    ]


def draw(years: Sequence[FlowYear], labels: ChartLabels) -> str:
    """Draw the years in order; `labels.words` has ``immigration``, ``emigration``, ``net``, ``missing``, ``break``."""
    period = years_axis([year.written_period for year in years], labels)
    axis, theme = size_axis(labels, 6), labels.theme

    def layer(column: str, kind: str, **look: object) -> dict[str, Any]:
        upright = {"field": column, "type": "quantitative", "title": labels.words["axis"], "axis": axis}
        parts = {"detail": {"field": "part", "type": "nominal"}} if kind == "line" else {}
        return {"mark": {"type": kind, **look}, "encoding": {"x": period, "y": upright, **parts}}

    line_breaks = {"invalid": "break-paths-show-domains"}
    beside_net = [
        gaps(period, labels, f"!isValid(datum.{missing})", start=f"{outer}(datum.net || 0, 0)", is_below=is_below)
        for missing, outer, is_below in (("immigration", "max", False), ("emigration", "min", True))
        if any(getattr(year, missing) for year in years)
    ]
    layers = [
        layer("immigration", "bar", color=theme.accent),
        layer("emigration", "bar", color=theme.light),
        {"mark": {"type": "rule", "color": theme.ink, "strokeWidth": 1}, "encoding": {"y": {"datum": 0}}},
        layer("net", "line", color="#ffffff", strokeWidth=5, **line_breaks),
        layer("net", "line", color=theme.ink, strokeWidth=2.2, **line_breaks),
        layer("net", "point", color=theme.ink, fill="#ffffff", size=44, strokeWidth=2, opacity=1, invalid="filter"),
        *beside_net,
        *breaks(period, labels),
        named_ends(ends(years, labels), labels),
    ]
    return finish({"data": {"values": values(years)}, "layer": layers, "width": WIDTH, "height": HEIGHT}, labels)


def named_ends(words: list[dict[str, object]], labels: ChartLabels) -> dict[str, Any]:
    """Draw the words at the end of each series in its colour."""
    theme = labels.theme
    colours = {"domain": ["I", "N", "E"], "range": [theme.accent, theme.ink, theme.light_text]}
    mirrored = labels.direction == "rtl"
    align = "right" if mirrored else "left"
    return {
        "data": {"values": words},
        "mark": {"type": "text", "align": align, "fontSize": SIZE, "fontWeight": "bold"},
        "encoding": {
            "x": {"value": -8 if mirrored else WIDTH + 8},
            "y": {"field": "y", "type": "quantitative"},
            "text": {"field": "word", "type": "nominal"},
            "color": {"field": "look", "type": "nominal", "legend": None, "scale": colours},
        },
    }
