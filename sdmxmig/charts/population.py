"""The size of a population over time, as bars from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sdmxmig.charts import ACCENT, CHARTS, SECONDARY, Labels
from sdmxmig.charts.flows import breaks
from sdmxmig.charts.svg import SIZE, WIDTH, altair, finish

HEIGHT = 250


@dataclass(frozen=True, slots=True)
class PopulationYear:
    """The population of one period and its short written form; None is a gap."""

    period: str
    value: Decimal | None
    written: str = ""
    is_break: bool = False


@CHARTS.add("population")
def draw(years: Sequence[PopulationYear], labels: Labels) -> str:
    """Draw the years in order; `labels.words` has ``axis``, ``missing``, ``break``."""
    alt = altair()
    mirrored = labels.direction == "rtl"
    data = [
        {
            "period": year.period,
            "value": None if year.value is None else float(year.value),
            "written": year.written,
            "missing": year.value is None,
            "break": year.is_break,
        }
        for year in years
    ]
    base = alt.Chart(alt.InlineData(values=data))
    period = alt.X(
        "period:O",
        title=None,
        scale=alt.Scale(domain=[year.period for year in years], reverse=mirrored, paddingInner=0.25, paddingOuter=0.1),
        axis=alt.Axis(
            labelAngle=0, domain=False, ticks=False, labelPadding=8, labelOverlap="parity", labelSeparation=8
        ),
    )
    height = alt.Y(
        "value:Q",
        title=labels.words["axis"],
        scale=alt.Scale(zero=True),
        axis=alt.Axis(format=",d", domain=False, ticks=False, tickCount=4, orient="right" if mirrored else "left"),
    )
    layers = [
        base.mark_bar(color=ACCENT).encode(x=period, y=height),
        base.mark_text(angle=270, align="right", dx=-8, fontSize=SIZE - 1, color="#ffffff").encode(
            x=period, y=height, text="written:N"
        ),
        base.transform_filter("datum.missing")
        .mark_text(angle=270, align="left", dx=6, fontSize=SIZE - 1, color=SECONDARY)
        .encode(x=period, y=alt.datum(0), text=alt.value(labels.words["missing"])),
        *breaks(alt, base, period, labels),
    ]
    return finish(alt.layer(*layers).properties(width=WIDTH + 70, height=HEIGHT), labels)
