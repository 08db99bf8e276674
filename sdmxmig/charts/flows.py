"""Immigration above the axis, emigration below it, net migration as a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sdmxmig.charts import ACCENT, ACCENT_LIGHT, CHARTS, INK, SECONDARY, Labels
from sdmxmig.charts.svg import SIZE, WIDTH, altair, finish

HEIGHT = 330


@dataclass(frozen=True, slots=True)
class FlowYear:
    """The flows of one period; None is a gap. `is_break` says that the series before it is not comparable."""

    period: str
    immigration: Decimal | None
    emigration: Decimal | None
    net: Decimal | None
    is_break: bool = False


def ends(years: Sequence[FlowYear], labels: Labels) -> list[dict[str, object]]:
    """The words at the end of the series, each at the height of what it names and never upon another."""
    last = next(
        (year for year in reversed(years) if year.immigration is not None and year.emigration is not None), None
    )
    if last is None or last.immigration is None or last.emigration is None:
        return []
    largest = max(max(year.immigration or 0, year.emigration or 0) for year in years)
    room = float(largest) * 2 / HEIGHT * (SIZE + 5)
    net = float(last.net) if last.net is not None else float(last.immigration - last.emigration)
    words = labels.words
    return [
        {"y": max(float(last.immigration) / 2, net + room), "word": words["immigration"], "look": "I"},
        {"y": net, "word": words["net"], "look": "N"},
        {"y": min(-float(last.emigration) / 2, net - room), "word": words["emigration"], "look": "E"},
    ]


def values(years: Sequence[FlowYear]) -> list[dict[str, object]]:
    """The numbers as they are drawn: emigration downwards, gaps as nothing."""
    return [
        {
            "period": year.period,
            "immigration": None if year.immigration is None else float(year.immigration),
            "emigration": None if year.emigration is None else -float(year.emigration),
            "net": None if year.net is None else float(year.net),
            "missing": year.immigration is None and year.emigration is None,
            "break": year.is_break,
        }
        for year in years
    ]


@CHARTS.add("flows")
def draw(years: Sequence[FlowYear], labels: Labels) -> str:
    """Draw the years in order; `labels.words` has ``immigration``, ``emigration``, ``net``, ``missing``, ``break``."""
    alt = altair()
    mirrored = labels.direction == "rtl"
    order = [year.period for year in years]
    base = alt.Chart(alt.InlineData(values=values(years)))
    period = alt.X(
        "period:O",
        title=None,
        scale=alt.Scale(domain=order, reverse=mirrored, paddingInner=0.25, paddingOuter=0.1),
        axis=alt.Axis(
            labelAngle=0, domain=False, ticks=False, labelPadding=8, labelOverlap="parity", labelSeparation=8
        ),
    )
    size = alt.Axis(format=",d", domain=False, ticks=False, tickCount=6, orient="right" if mirrored else "left")

    def upright(column: str) -> Any:
        return alt.Y(f"{column}:Q", title=labels.words["axis"], axis=size)

    layers = [
        base.mark_bar(color=ACCENT).encode(x=period, y=upright("immigration")),
        base.mark_bar(color=ACCENT_LIGHT).encode(x=period, y=upright("emigration")),
        base.mark_rule(color=INK, strokeWidth=1).encode(y=alt.datum(0)),
        base.mark_line(color="#ffffff", strokeWidth=5, invalid="break-paths-show-domains").encode(
            x=period, y=upright("net")
        ),
        base.mark_line(color=INK, strokeWidth=2.2, invalid="break-paths-show-domains").encode(
            x=period, y=upright("net")
        ),
        base.mark_point(color=INK, fill="#ffffff", size=44, strokeWidth=2, opacity=1, invalid="filter").encode(
            x=period, y=upright("net")
        ),
        base.transform_filter("datum.missing && !isValid(datum.net)")
        .mark_text(angle=270, align="left", dx=6, fontSize=SIZE - 1, color=SECONDARY)
        .encode(x=period, y=alt.datum(0), text=alt.value(labels.words["missing"])),
        *breaks(alt, base, period, labels),
        named_ends(alt, ends(years, labels), mirrored=mirrored),
    ]
    return finish(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT), labels)


def named_ends(alt: Any, words: list[dict[str, object]], *, mirrored: bool) -> Any:
    """The words at the end of the series, in the colours of what they name."""
    colours = alt.Scale(domain=["I", "N", "E"], range=[ACCENT, INK, "#3f7fa8"])
    named = alt.Chart(alt.InlineData(values=words))
    return named.mark_text(align="right" if mirrored else "left", fontSize=SIZE, fontWeight="bold").encode(
        x=alt.value(-8 if mirrored else WIDTH + 8),
        y=alt.Y("y:Q"),
        text="word:N",
        color=alt.Color("look:N", legend=None, scale=colours),
    )


def breaks(alt: Any, base: Any, period: Any, labels: Labels) -> list[Any]:
    """A dashed line, with a word, before each period where a series breaks."""
    before = period.copy()
    before["bandPosition"] = 0
    marked = base.transform_filter("datum.break")
    return [
        marked.mark_rule(color=SECONDARY, strokeDash=[4, 3], xOffset=-3).encode(x=before),
        marked.mark_text(align="left", baseline="top", dx=3, dy=-12, fontSize=SIZE - 1, color=SECONDARY).encode(
            x=before, y=alt.value(0), text=alt.value(labels.words["break"])
        ),
    ]
