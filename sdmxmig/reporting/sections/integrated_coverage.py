"""Coverage by group."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sdmxmig.primitives.text import isolated
from sdmxmig.reporting.charts.intervals import Estimated
from sdmxmig.reporting.charts.intervals import draw as draw_intervals
from sdmxmig.reporting.sections.blocks import ReportCell, ReportFigure, ReportTable, figure_of, row
from sdmxmig.reporting.sections.columns import number_columns, text_columns
from sdmxmig.reporting.sections.estimates import between, share_cell
from sdmxmig.reporting.sections.integrated_words import words_of
from sdmxmig.reporting.sections.series import labels_of
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.integration import CoverageGroup, IntegrationRecord

LEAST, MOST = 2, 20
"""A drawing of one estimate shows nothing, and of more than so many nobody sees anything."""


def named(group: CoverageGroup, assessment: Assessment, wording: Wording) -> str:
    if group.is_rest:
        return wording.say("combined groups")
    if not group.codes:
        return wording.say("everybody")
    return wording.commas(wording.reference(assessment, f"CL_{name}", code) for name, code in group.codes)


def chart(
    groups: Sequence[CoverageGroup], simulated: bool, assessment: Assessment, wording: Wording
) -> ReportFigure | None:
    """The estimated population of each group for 100 persons in the register, with intervals."""
    shown = [(group, group.population) for group in groups if group.population and group.registered]
    if not LEAST <= len(shown) <= MOST:
        return None
    estimates = []
    for group, estimate in shown:
        base = group.registered or Decimal(1)
        value, low, high = (
            None if end is None else end / base for end in (estimate.value, estimate.low, estimate.high)
        )
        ends = (
            wording.say("{low} to {high}", low=wording.number(100 * low, 1), high=wording.number(100 * high, 1))
            if low is not None and high is not None
            else ""
        )
        number = wording.number(100 * (value or Decimal(0)), 1)
        estimates.append(
            Estimated(
                named(group, assessment, wording),
                float(value or 0),
                low=None if low is None else float(low),
                high=None if high is None else float(high),
                written=wording.say("{value} ({interval})", value=number, interval=ends) if ends else number,
            )
        )
    title = wording.say("Estimated residents per 100 persons in the register, with 95% intervals")
    described = wording.semicolons(wording.pair(each.name, each.written) for each in estimates)
    words = {"level": wording.say("register = 100")}
    described = wording.say("{sentence}.", sentence=described)
    labels = labels_of("figure-integrated", title, described, words=words, wording=wording)
    data = ReportTable(
        "data-integrated",
        wording.say("Data of this figure: {title}", title=title),
        columns=(*text_columns(("Group",), wording), *number_columns(("Residents per 100 registered",), wording)),
        rows=tuple(row((each.name, each.written)) for each in estimates),
    )
    source = wording.say("Source: sdmxmig coverage.")
    if simulated:
        source = f"{source} {wording.say('Simulated records.')}"
    return figure_of(labels, draw_intervals, estimates, data=data, source=source)


def groups_table(
    groups: Sequence[CoverageGroup], records: Sequence[IntegrationRecord], assessment: Assessment, wording: Wording
) -> ReportTable | None:
    """The register and the estimated population of each group, with intervals, and why groups are hard to count."""
    if not groups:
        return None
    heads = ("In the register", "Left the country", "Estimated residents", "Interval of 95%")
    columns = (
        *text_columns(("Group",), wording),
        *number_columns(heads, wording),
        *text_columns(("Reasons why a group is hard to count",), wording),
    )
    rows = tuple(
        row(
            (
                ReportCell(named(group, assessment, wording), note=group.method),
                wording.absent() if group.registered is None else wording.number(group.registered),
                share_cell(group.over, wording),
                ReportCell("—", note=group.refused)
                if group.population is None
                else ReportCell(wording.number(group.population.value)),
                between(group.population, wording, is_share=False) or "—" if group.population else "—",
                wording.commas(wording.label(words_of("hard"), reason) for reason in group.hard) or "—",
            )
        )
        for group in groups
    )
    days = dict.fromkeys(record.day for record in records if record.day)
    caption = wording.say(
        "Coverage of the register on {days}", days=wording.commas(isolated(day, wording.language) for day in days)
    )
    note = wording.say("Register counts are rounded.")
    return ReportTable("table-coverage", caption, columns=columns, rows=rows, notes=(note,), stacked=True)
