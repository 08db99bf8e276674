"""Estimates with their intervals, as the cells of tables have them."""

from __future__ import annotations

from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.integration import Interval


def share_cell(interval: Interval | None, wording: Wording) -> ReportCell:
    """A share with its interval; a dash where none is measured, since there is nothing before the first source."""
    if interval is None:
        return ReportCell("—")
    return ReportCell(wording.percent(interval.value), note=between(interval, wording, is_share=True))


def between(interval: Interval, wording: Wording, *, is_share: bool) -> str:
    """The interval of 95 % in words; empty where there is none."""
    if interval.low is None or interval.high is None:
        return ""
    low, high = (wording.percent(end) if is_share else wording.number(end) for end in (interval.low, interval.high))
    return wording.say("{low} to {high}", low=low, high=high)
