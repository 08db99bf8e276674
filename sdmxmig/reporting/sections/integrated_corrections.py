"""Integration rules, fits, corrections, residuals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import ReportCell, ReportTable, row
from sdmxmig.reporting.sections.columns import number_columns, text_columns
from sdmxmig.reporting.sections.integrated_words import words_of
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.integration import ConflictRule, IntegrationRecord

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def rules_table(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    """For each variable which source wins, and of how many persons the sources say different things."""
    conflicts = [conflict for record in records for conflict in record.conflicts]
    if not conflicts:
        return None
    columns = (
        *text_columns(("Variable", "Sources in their order"), wording),
        *number_columns(("Persons with differing records", "Share"), wording),
    )
    rows = tuple(
        row(
            (
                conflict.variable,
                ReportCell(wording.semicolons(conflict.order), note=wording.label(words_of("rule"), conflict.rule)),
                *differing(conflict, wording),
            )
        )
        for conflict in conflicts
    )
    return ReportTable("table-conflicts", wording.say("Rules for differing sources"), columns=columns, rows=rows)


def differing(conflict: ConflictRule, wording: Wording) -> tuple[str, str]:
    """Return persons with differing values; withheld if few."""
    if conflict.differing is None:
        return wording.say("suppressed"), "—"
    share = wording.percent(Decimal(conflict.differing) / conflict.persons) if conflict.persons else "—"
    return wording.number(conflict.differing), share


def reached_table(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    """How near fitted tables and calibrated weights came to their totals."""
    reached = [each for record in records for each in record.reached]
    if not reached:
        return None
    columns = (
        *text_columns(("Step", "Target totals"), wording),
        *number_columns(("Largest error, as a share of the largest total",), wording),
    )
    rows = tuple(
        row(
            (
                ReportCell(each.step, note=wording.label(words_of("step"), each.kind)),
                wording.semicolons(each.totals),
                written(each.error),
            )
        )
        for each in reached
    )
    return ReportTable("table-reached", wording.say("Agreement with known totals"), columns=columns, rows=rows)


def written(error: Decimal) -> str:
    digits, _, power = f"{error:.0E}".partition("E")
    return f"{digits} · 10{power.lstrip('+').translate(RAISED)}" if error else "0"


def corrections_table(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    counts: dict[tuple[str, str], int] = {}
    for correction in (correction for record in records for correction in record.corrections):
        what = (correction.kind, correction.table)
        counts[what] = counts.get(what, 0) + correction.count
    if not counts:
        return None
    columns = (
        *text_columns(("Findings in the records", "Table"), wording),
        *number_columns(("Number",), wording),
    )
    rows = tuple(
        row((wording.label(words_of("correction"), kind), table, wording.number(count)))
        for (kind, table), count in counts.items()
    )
    caption = wording.say("Corrections and unknown values")
    return ReportTable("table-corrections", caption, columns=columns, rows=rows)


def residuals_table(records: Sequence[IntegrationRecord], wording: Wording) -> ReportTable | None:
    residuals = [residual for record in records for residual in record.residuals]
    if not residuals:
        return None
    columns = (
        *text_columns(("Period",), wording),
        *number_columns(("Residual", "Population at the end", "Share"), wording),
    )
    rows = tuple(
        row(
            (
                residual.period,
                wording.signed(residual.value),
                wording.number(residual.population),
                wording.percent(abs(residual.value) / residual.population, 2) if residual.population else "—",
            )
        )
        for residual in residuals
    )
    note = wording.say(
        "The residual counts changes in confirmed residence without a recorded date of return or departure."
    )
    caption = wording.say("Unexplained change in the account")
    return ReportTable("table-residuals", caption, columns=columns, rows=rows, notes=(note,))
