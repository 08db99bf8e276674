"""Waterfall of one year."""

from __future__ import annotations

from decimal import Decimal

from sdmxmig.reporting.charts.waterfall import AccountStep, draw
from sdmxmig.reporting.sections.blocks import ReportColumn, ReportFigure, ReportTable, figure_of, row
from sdmxmig.reporting.sections.provisional import year_in_words
from sdmxmig.reporting.sections.series import PERSONS, labels_of, sources
from sdmxmig.reporting.sections.wording import START, Wording
from sdmxmig.sdmx.model.accounts import Account
from sdmxmig.sdmx.model.assessment import Assessment

END = "POP_END"


def figure(account: Account, assessment: Assessment, wording: Wording) -> ReportFigure:
    """The account of one year as steps, with the residual as a step of its own."""
    steps = _steps(account, assessment, wording)
    changes = wording.series([f"{step.name} {step.written}" for step in steps if step.kind == "change"])
    start, computed, residual, end = steps[0], steps[-3], steps[-2], steps[-1]
    title = wording.say(
        "In {year} the computed population is {computed}, the published population {end}, and the residual {residual}",
        year=year_in_words(account.period, account.statuses, wording),
        computed=computed.written,
        end=end.written,
        residual=residual.written,
    )
    description = wording.say(
        "Waterfall chart of the population account of {year}: {start} at the start, {changes}, {computed} "
        "computed. The published population at the end is {end}. The residual is {residual}.",
        year=account.period,
        start=start.written,
        changes=changes,
        computed=computed.written,
        end=end.written,
        residual=residual.written,
    )
    source, cited = sources(
        [column for column in assessment.series if column.unit == PERSONS and not column.codes], assessment, wording
    )
    columns = (ReportColumn(wording.say("Step")), ReportColumn(wording.say("Persons"), is_number=True))
    figure_data = ReportTable(
        "data-waterfall",
        wording.say("Data of this figure: account of {year}", year=account.period),
        columns=columns,
        rows=tuple(row((step.name, step.written), "total" if step.kind == "total" else "") for step in steps),
    )
    words = {"axis": wording.say("Change since the start of the year, persons")}
    labels = labels_of("figure-waterfall", title, description=description, words=words, wording=wording)
    return figure_of(labels, draw, steps, data=figure_data, source=source, cited=cited)


def _steps(account: Account, assessment: Assessment, wording: Wording) -> list[AccountStep]:
    """From the population at start to the published one; only terms that are reported are steps."""
    computed, published = account.computed_end or Decimal(0), account.published_end or Decimal(0)
    flows = [term for term in account.terms if term.item not in (START, END) and term.value is not None]
    changes = sum((term.sign * (term.value or 0) for term in flows), Decimal(0))
    start = computed - changes
    residual = published - computed
    return [
        AccountStep(wording.item(assessment, START), "start", value=start, written=wording.number(start)),
        *(
            AccountStep(
                wording.item(assessment, term.item),
                "change",
                value=term.sign * (term.value or Decimal(0)),
                written=wording.signed(term.sign * (term.value or Decimal(0))),
            )
            for term in flows
        ),
        AccountStep(wording.say("Computed end"), "total", value=computed, written=wording.number(computed)),
        AccountStep(wording.say("Residual"), "residual", value=residual, written=wording.signed(residual)),
        AccountStep(wording.say("Published end"), "total", value=published, written=wording.number(published)),
    ]
