"""Waterfall of a population account."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sdmxmig.reporting.charts import ATTENTION, PEER, ChartLabels
from sdmxmig.reporting.charts.canvas import lines
from sdmxmig.reporting.charts.svg import SIZE, finish

ROW = 31
PLOT = 286
NAMES = 190


@dataclass(frozen=True, slots=True)
class AccountStep:
    """A step: name, text and value.

    `kind`: ``start`` (zero line), ``change``, ``total`` or ``residual`` (published − computed end).
    """

    name: str
    kind: str
    _: KW_ONLY
    value: Decimal
    written: str


def rows(steps: Sequence[AccountStep]) -> list[dict[str, object]]:
    """Compute begin and end of each step; zero is the population at start."""
    start = next((step.value for step in steps if step.kind == "start"), Decimal(0))
    reached = Decimal(0)
    drawn_rows: list[dict[str, object]] = []
    for step in steps:
        begin = reached
        if step.kind == "total":
            begin, reached = Decimal(0), step.value - start
        elif step.kind != "start":
            reached += step.value
        drawn_rows.append(
            {
                "step": step.name,
                "written": step.written,
                "begin": float(begin),
                "end": float(reached),
                "look": "up" if step.kind == "change" and step.value >= 0 else step.kind,
            }
        )
    for row, following in pairwise(drawn_rows):
        row["next"] = following["step"]
    return drawn_rows


def draw(steps: Sequence[AccountStep], labels: ChartLabels) -> str:
    """Draw the steps from top to bottom.

    Zero is the population at start, so that changes remain visible. `labels.words` has ``axis``.
    """
    mirrored = labels.direction == "rtl"
    step = named_steps([step.name for step in steps], labels)
    axis = {"format": ",d", "tickCount": 4, "domain": False, "ticks": False}
    axis |= {"labelOverlap": "parity", "labelSeparation": 12}
    scale = {"reverse": mirrored, "nice": True}
    begin = {"field": "begin", "type": "quantitative", "title": labels.words["axis"], "scale": scale, "axis": axis}
    end = {"field": "end", "type": "quantitative"}
    theme = labels.theme
    colours = {"start": PEER, "up": theme.accent, "change": theme.light}
    colours |= {"total": theme.secondary, "residual": ATTENTION}
    colour_scale = {"domain": list(colours), "range": list(colours.values())}
    look = {"field": "look", "type": "nominal", "legend": None, "scale": colour_scale}
    at_end = {"x": end, "y": step, "color": look}
    label = {
        "x": {"value": -90 if mirrored else PLOT + 90},
        "y": step,
        "text": {"field": "written", "type": "nominal"},
    }
    layers = [
        {
            "transform": [{"filter": "isValid(datum.next)"}],
            "mark": {"type": "rule", "color": PEER, "strokeWidth": 1},
            "encoding": {"x": end, "y": step, "y2": {"field": "next"}},
        },
        {"mark": {"type": "bar"}, "encoding": {"x": begin, "x2": {"field": "end"}, "y": step, "color": look}},
        {
            "transform": [{"filter": "datum.look == 'start'"}],
            "mark": {"type": "tick", "thickness": 3, "size": 22},
            "encoding": at_end,
        },
        {  # a residual of a few persons is as thin as a hair: a diamond marks it
            "transform": [{"filter": "datum.look == 'residual'"}],
            "mark": {"type": "point", "shape": "diamond", "size": 90, "filled": True, "opacity": 1},
            "encoding": at_end,
        },
        {"mark": {"type": "text", "align": "left" if mirrored else "right", "fontSize": SIZE}, "encoding": label},
    ]
    chart = {"data": {"values": rows(steps)}, "layer": layers, "width": PLOT, "height": ROW * len(steps)}
    return finish(chart, labels)


def named_steps(names: Sequence[str], labels: ChartLabels) -> dict[str, Any]:
    in_lines = json.dumps({name: lines(name, NAMES, SIZE) for name in names}, ensure_ascii=False)
    axis = {"ticks": False, "domain": False, "labelColor": labels.theme.ink, "labelPadding": 8, "labelLimit": 0}
    axis |= {"labelExpr": f"({in_lines})[datum.value]"}
    scale = {"domain": list(names), "paddingInner": 0.34, "paddingOuter": 0.2}
    axis["orient"] = "right" if labels.direction == "rtl" else "left"
    return {"field": "step", "type": "nominal", "sort": list(names), "title": None, "scale": scale, "axis": axis}
