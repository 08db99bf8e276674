"""Estimates with intervals as cells."""

from __future__ import annotations

from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.integration import Interval


def share_cell(interval: Interval | None, wording: Wording) -> ReportCell:
    if interval is None:
        return ReportCell("—")
    return ReportCell(wording.percent(interval.value), note=between(interval, wording, is_share=True))


def between(interval: Interval, wording: Wording, *, is_share: bool) -> str:
    if interval.low is None or interval.high is None:
        return ""
    low, high = (wording.percent(end) if is_share else wording.number(end) for end in (interval.low, interval.high))
    return wording.say("{low} to {high}", low=low, high=high)
