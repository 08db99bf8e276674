"""The population account, year by year, and the latest year that can be tested as a waterfall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from sdmxmig import text
from sdmxmig.charts import Labels
from sdmxmig.charts.waterfall import Step, draw
from sdmxmig.demography.accounts import share_tested
from sdmxmig.model.assessment import Account, Assessment
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Cell, Column, Figure, Row, Table, drawn, row
from sdmxmig.reporting.series import PERSONS, sources
from sdmxmig.reporting.summary import CLOSED, TESTED, whole
from sdmxmig.reporting.wording import OUTCOMES, START, Wording, lowered

END = "POP_END"
HOLDS = {
    "BALANCED": "holds exactly",
    "ROUNDING": "holds within rounding",
    "TOLERATED": "holds within the tolerance",
    "UNBALANCED": "does not hold",
}
ADJUSTMENT = "ADJ"
SPLIT = ("SEX", "AGE")
"""What divides the population of one identity; whose account it is says the name of the identity."""


@VIEWS.add("account")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """The tables of all accounts and the figure of the latest testable one."""
    testable = [account for account in whole(assessment) if account.outcome in TESTED]
    latest = max(testable, key=lambda account: account.period, default=None)
    shown, idle = tables(assessment, wording)
    return {
        "label": wording.say("Population account"),
        "heading": heading(assessment, wording),
        "tables": shown,
        "idle": idle,
        "figure": figure(latest, assessment, wording) if latest else None,
        "residuals": residuals(testable, wording),
        "tested": share(assessment, wording),
        "identities": identities(assessment, wording),
    }


def share(assessment: Assessment, wording: Wording) -> str:
    """How many accounting identities the data can test, as a sentence."""
    if not assessment.identities:
        return ""
    return wording.say(
        "These data can test {tested} of {all} accounting identities, {share}.",
        tested=wording.number(sum(bool(one.tests) for one in assessment.identities)),
        all=wording.number(len(assessment.identities)),
        share=wording.percent(share_tested(assessment.identities), 0),
    )


def identities(assessment: Assessment, wording: Wording) -> Table | None:
    """Every accounting identity that some data test, with the weightiest outcome of its tests."""
    made = [one for one in assessment.identities if one.tests]
    if not made:
        return None
    columns = (
        Column(wording.say("Identity")),
        Column(wording.say("Tests"), is_number=True),
        Column(wording.say("Weightiest result")),
    )
    rows = tuple(
        row(
            (
                Cell(wording.reference(assessment, "ACCOUNTS", one.identity), note=one.identity),
                Cell(wording.number(one.tests)),
                Cell(wording.label(HOLDS, one.outcome)),
            )
        )
        for one in made
    )
    return Table("table-identities", wording.say("Accounting identities that the data can test"), columns, rows)


def heading(assessment: Assessment, wording: Wording) -> str:
    """In how many of the testable years births, deaths and migration explain the population at the end."""
    accounts = whole(assessment)
    tested = [account for account in accounts if account.outcome in TESTED]
    if not tested:
        return wording.say("The population account cannot be tested: terms are missing in every year")
    closed = [account for account in tested if account.outcome in CLOSED]
    adjusted = any(_value(account, ADJUSTMENT) for account in tested)
    subject = "Births, deaths, migration and adjustments" if adjusted else "Births, deaths and migration"
    if len(closed) == len(tested):
        return wording.count(
            "{subject} explain the population at the end of the one testable year",
            "{subject} explain the population at the end of all {n} testable years",
            len(tested),
            subject=wording.say(subject),
        )
    return wording.say(
        "{subject} explain the population at the end of {closed} of {tested} testable years",
        subject=wording.say(subject),
        closed=wording.number(len(closed)),
        tested=wording.number(len(tested)),
    )


def residuals(testable: Sequence[Account], wording: Wording) -> str:
    """The largest residual of the years shown, as a sentence."""
    known = [account for account in testable if account.residual is not None]
    if not known:
        return ""
    largest = max(known, key=lambda account: abs(account.residual or Decimal(0)))
    if not largest.residual:
        return wording.say("The residual is zero in every year that can be tested.")
    coarse = max((term.unit for account in known for term in account.terms), default=Decimal(1))
    sentence = wording.say(
        "The largest residual is {residual} persons, in {year}.",
        residual=wording.signed(largest.residual or 0),
        year=largest.period,
    )
    if coarse > 1:
        sentence += " " + wording.say(
            "Populations are printed to the nearest {unit} persons, so that a residual of about that size is rounding.",
            unit=wording.number(coarse),
        )
    return sentence


def tables(assessment: Assessment, wording: Wording) -> tuple[list[Table], list[str]]:
    """One table an identity and population that some year can test; the first one, of everybody, stands always.

    Those that no year can test are named in sentences, those together that lack the same.
    """
    found: list[Table] = []
    idle: list[Account] = []
    ordered = sorted(assessment.accounts, key=lambda account: (_group(account), account.period))
    for number, (key, members) in enumerate(groupby(ordered, key=_group), start=1):
        accounts = list(members)
        if number == 1 or any(account.outcome in TESTED for account in accounts):
            name = _name(key[1], key[2], assessment, wording)
            found.append(table(f"table-account-{number}", name, accounts, assessment, wording))
        else:
            idle.extend(accounts)
    return found, untested(idle, assessment, wording)


def untested(accounts: Sequence[Account], assessment: Assessment, wording: Wording) -> list[str]:
    """One sentence about all identities that lack the same terms: whose accounts they are, and what they lack."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for identity, members in groupby(sorted(accounts, key=lambda account: account.identity), key=lambda a: a.identity):
        own = list(members)
        terms = dict.fromkeys([START, *(term.item for one in own for term in one.terms), END])
        lacking = {item for one in own for item in one.missing}
        parts = filter(None, dict.fromkeys(_part(one.population, assessment, wording) for one in own))
        name, whose = wording.reference(assessment, "ACCOUNTS", identity), ", ".join(parts)
        alike.setdefault(tuple(item for item in terms if item in lacking), []).append(
            f"{name} ({whose})" if whose else name
        )
    return [
        wording.say(
            "{accounts}: missing in one year or more: {terms}.",
            accounts="; ".join(names),
            terms=", ".join(lowered(wording.item(assessment, item)) for item in lacking),
        )
        for lacking, names in alike.items()
    ]


def _name(identity: str, population: tuple[tuple[str, str], ...], assessment: Assessment, wording: Wording) -> str:
    """Whose account it is."""
    name = wording.reference(assessment, "ACCOUNTS", identity)
    part = _part(population, assessment, wording)
    return f"{name}: {part}" if part else name


def _part(population: tuple[tuple[str, str], ...], assessment: Assessment, wording: Wording) -> str:
    """Which sex and age of the population of an identity; empty for all of it."""
    parts = [(split, code) for split, code in population if split in SPLIT and code != "_T"]
    return ", ".join(lowered(wording.reference(assessment, f"CL_{split}", code)) for split, code in parts)


def _group(account: Account) -> tuple[bool, str, tuple[tuple[str, str], ...]]:
    """What one table holds: accounts of one identity and one population; those of everybody sort first."""
    is_part = any(name in SPLIT and code != "_T" for name, code in account.population)
    return is_part, account.identity, account.population


def table(table_id: str, caption: str, accounts: Sequence[Account], assessment: Assessment, wording: Wording) -> Table:
    """One row a period; a term that no period reports has no column."""
    items = [
        item
        for item in dict.fromkeys(term.item for account in accounts for term in account.terms)
        if item == START or any(_value(account, item) is not None for account in accounts)
    ]
    heads = [wording.item(assessment, item) for item in items if item != END]
    columns = (
        Column(wording.say("Year")),
        *(Column(head, is_number=True) for head in heads),
        Column(wording.say("End by account"), is_number=True),
        Column(wording.say("Published end"), is_number=True),
        Column(wording.say("Residual"), is_number=True),
        Column(wording.say("Result")),
    )
    shown = [item for item in items if item != END]
    rows = tuple(_row(account, shown, assessment, wording) for account in accounts)
    notes = (
        wording.say("In persons. Residual = published end − end by account."),
        wording.say("“Not known” means that the figure was not found or not reported; it is never counted as zero."),
    )
    return Table(table_id, caption, columns, rows, notes)


def _value(account: Account, item: str) -> Decimal | None:
    return next((term.value for term in account.terms if term.item == item), None)


def _row(account: Account, items: Sequence[str], assessment: Assessment, wording: Wording) -> Row:
    def number(value: Decimal | None, *, signed: bool = False) -> Cell:
        if value is None:
            return wording.absent()
        return Cell(wording.signed(value) if signed else wording.number(value))

    hidden = [lowered(wording.item(assessment, item)) for item in account.missing if item not in (*items, END)]
    return row(
        (
            Cell(account.period),
            *(number(_value(account, item), signed=item == ADJUSTMENT) for item in items),
            number(account.computed_end),
            number(account.published_end),
            number(account.residual, signed=True),
            Cell(
                wording.label(OUTCOMES, account.outcome),
                note=wording.say("also missing: {terms}", terms=", ".join(hidden)) if hidden else "",
            ),
        )
    )


def figure(account: Account, assessment: Assessment, wording: Wording) -> Figure:
    """The account of one year as steps, with the residual as a step of its own."""
    steps = _steps(account, assessment, wording)
    changes = wording.series([f"{step.name} {step.written}" for step in steps if step.kind == "change"])
    start, computed, residual, end = steps[0], steps[-3], steps[-2], steps[-1]
    title = wording.say(
        "In {year} the account ends at {computed}; the published population is {end}, a residual of {residual}",
        year=account.period,
        computed=computed.written,
        end=end.written,
        residual=residual.written,
    )
    description = wording.say(
        "Waterfall of the population account of {year}: from {start} at the start, by {changes}, to {computed} by "
        "account. The residual to the published end of {end} is {residual}.",
        year=account.period,
        start=start.written,
        changes=changes,
        computed=computed.written,
        end=end.written,
        residual=residual.written,
    )
    source, cited = sources(
        [one for one in assessment.series if one.unit == PERSONS and not one.codes], assessment, wording
    )
    columns = (Column(wording.say("Step")), Column(wording.say("Persons"), is_number=True))
    data = Table(
        "data-waterfall",
        wording.say("Data of this figure: account of {year}", year=account.period),
        columns,
        tuple(row((step.name, step.written), "total" if step.kind == "total" else "") for step in steps),
    )
    labels = Labels(
        "figure-waterfall",
        title,
        description,
        {"axis": wording.say("Change since the start of the year, persons")},
        text.separators(wording.language),
        text.direction(wording.language),
    )
    return Figure("figure-waterfall", title, drawn(draw, steps, labels), description, data, source, cited)


def _steps(account: Account, assessment: Assessment, wording: Wording) -> list[Step]:
    """From the population at start to the published one; only terms that are reported are steps."""
    computed, published = account.computed_end or Decimal(0), account.published_end or Decimal(0)
    flows = [term for term in account.terms if term.item not in (START, END) and term.value is not None]
    changes = sum((term.sign * (term.value or 0) for term in flows), Decimal(0))
    start = computed - changes
    residual = published - computed
    return [
        Step(wording.item(assessment, START), "start", start, wording.number(start)),
        *(
            Step(
                wording.item(assessment, term.item),
                "change",
                term.sign * (term.value or Decimal(0)),
                wording.signed(term.sign * (term.value or Decimal(0))),
            )
            for term in flows
        ),
        Step(wording.say("End by account"), "total", computed, wording.number(computed)),
        Step(wording.say("Residual"), "residual", residual, wording.signed(residual)),
        Step(wording.say("Published end"), "total", published, wording.number(published)),
    ]
