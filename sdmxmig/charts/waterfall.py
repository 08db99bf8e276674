"""The population account of one period as steps from the population at start to the population at end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sdmxmig.charts import ACCENT, ACCENT_LIGHT, ATTENTION, CHARTS, INK, PEER, SECONDARY, Labels
from sdmxmig.charts.svg import SIZE, altair, finish

ROW = 31
PLOT = 286


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, its number as written, and how far it goes.

    `kind` is ``start`` (the population at start, which is the zero line), ``change`` (a flow with its sign), ``total``
    (a population at end) or ``residual`` (published end − computed end). `value` is the change or, of start and
    totals, the population itself.
    """

    name: str
    kind: str
    value: Decimal
    written: str


def rows(steps: Sequence[Step]) -> list[dict[str, object]]:
    """Where each step begins and ends, counted from the population at start, which is zero."""
    start = next((step.value for step in steps if step.kind == "start"), Decimal(0))
    reached = Decimal(0)
    found: list[dict[str, object]] = []
    for step in steps:
        begin = reached
        if step.kind == "total":
            begin, reached = Decimal(0), step.value - start
        elif step.kind != "start":
            reached += step.value
        found.append(
            {
                "step": step.name,
                "written": step.written,
                "begin": float(begin),
                "end": float(reached),
                "look": "up" if step.kind == "change" and step.value >= 0 else step.kind,
            }
        )
    for row, following in pairwise(found):
        row["next"] = following["step"]
    return found


@CHARTS.add("waterfall")
def draw(steps: Sequence[Step], labels: Labels) -> str:
    """Draw the steps from top to bottom, each bar beginning where the one above it ended.

    The zero line is the population at start, so that bars of changes are not dwarfed by the population itself and
    still begin at zero. `labels.words` has ``axis``.
    """
    alt = altair()
    mirrored = labels.direction == "rtl"
    steps_axis = named_steps(alt, [step.name for step in steps], mirrored=mirrored)
    change = alt.X(
        "begin:Q",
        title=labels.words["axis"],
        scale=alt.Scale(reverse=mirrored, nice=True),
        axis=alt.Axis(format=",d", tickCount=4, domain=False, ticks=False, labelOverlap="parity", labelSeparation=12),
    )
    look = alt.Color(
        "look:N",
        legend=None,
        scale=alt.Scale(
            domain=["start", "up", "change", "total", "residual"],
            range=[PEER, ACCENT, ACCENT_LIGHT, SECONDARY, ATTENTION],
        ),
    )
    base = alt.Chart(alt.InlineData(values=rows(steps)))
    layers = [
        base.transform_filter("isValid(datum.next)")
        .mark_rule(color=PEER, strokeWidth=1)
        .encode(x=alt.X("end:Q"), y=steps_axis, y2=alt.Y2("next:N")),
        base.mark_bar().encode(x=change, x2=alt.X2("end:Q"), y=steps_axis, color=look),
        base.transform_filter("datum.look == 'start'")
        .mark_tick(thickness=3, size=22)
        .encode(x=alt.X("end:Q"), y=steps_axis, color=look),
        # A residual of a few persons is no wider than a hair: a diamond shows where it is.
        base.transform_filter("datum.look == 'residual'")
        .mark_point(shape="diamond", size=90, filled=True, opacity=1)
        .encode(x=alt.X("end:Q"), y=steps_axis, color=look),
        base.mark_text(align="left" if mirrored else "right", fontSize=SIZE).encode(
            x=alt.value(-90 if mirrored else PLOT + 90), y=steps_axis, text="written:N"
        ),
    ]
    return finish(alt.layer(*layers).properties(width=PLOT, height=ROW * len(steps)), labels)


def named_steps(alt: Any, names: Sequence[str], *, mirrored: bool) -> Any:
    """The axis of the steps by name, in their order from top to bottom; at the right where text begins there."""
    return alt.Y(
        "step:N",
        sort=names,
        title=None,
        scale=alt.Scale(domain=names, paddingInner=0.34, paddingOuter=0.2),
        axis=alt.Axis(
            ticks=False,
            domain=False,
            labelColor=INK,
            labelLimit=190,
            labelPadding=8,
            orient="right" if mirrored else "left",
        ),
    )
