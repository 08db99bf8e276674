"""Accounts: the population at the end follows from that at the start and from what happened between them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sdmxmig.demography.accounts import Traced, rounding, trace
from sdmxmig.model.assessment import Account
from sdmxmig.model.findings import Fault, NotTestable
from sdmxmig.rules import KINDS, Check

ADJUSTMENT = "ADJ"
SIGNS = {1: "+", -1: "−"}


@KINDS.add("ACCOUNT-BALANCES")
def account_balances(check: Check) -> Iterable[Fault | NotTestable]:
    """Population at the end = population at the start + births − deaths + immigration − emigration + adjustment.

    Parameters: `identities`, their ids; `by_sex`, true for the accounts of women and men, false for those of both.
    Rounding explains a residual of half a printed unit for each rounded figure. Beyond that it is an information;
    beyond 0.05 % of the population it has the severity of the rule; at ten times that it is an error.
    """
    found, accounts = [], traced(check)
    for one in accounts:
        if one.account.outcome in ("TOLERATED", "UNBALANCED"):
            found.append(residual(check, one))
    yield from found
    yield from untested(accounts)


@KINDS.add("ADJUSTMENT-SMALL")
def adjustment_small(check: Check) -> Iterable[Fault | NotTestable]:
    """An adjustment item is small: it may hide people who left without being counted.

    Parameters: `identities`; `share`, of the population at the start, beyond which the severity is that of the rule;
    below it an account that closes only with its adjustment is an information.
    """
    parameters = check.parameters
    share = Decimal(parameters.text("share"))
    parameters.strings("identities", None)
    parameters.close()
    tested = False
    for one in traced(check, close=False):
        account, start = one.account, one.account.terms[0].value
        adjustment = next((term.value for term in account.terms if term.item == ADJUSTMENT and term.value), None)
        if account.residual is None or not start:
            continue
        tested = True
        if adjustment is not None and abs(account.residual + adjustment) > rounding(account):
            told = {
                "period": account.period,
                "adjustment": plain(adjustment),
                "share": f"{100 * adjustment / start:.2f}",
            }
            severity = "" if abs(adjustment) > share * start else "information"
            yield Fault((one.row,), measure_of(check), told, as_sent(check, one.row), "", severity)
    if not tested:
        yield NotTestable("no account is complete")


def traced(check: Check, *, close: bool = True) -> list[Traced]:
    """The accounts whose published end is an observation of this dataset.

    Those without a published end are the business of the populations, if there are any.
    """
    parameters = check.parameters
    wanted = parameters.strings("identities", None)
    by_sex = parameters.flag("by_sex", default=False)
    if close:
        parameters.close()
    identities = [identity for identity in check.identities if identity.id in wanted]
    own, datasets = check.dataset.flow.id, (check.dataset, *check.others)
    stocks = {identity.start.flow for identity in identities} & {dataset.flow.id for dataset in datasets}
    found = []
    for one in trace(datasets, identities):
        ours = one.flow == own if one.flow else own in (stocks or {own})
        if ours and ("SEX" in dict(one.account.population)) == by_sex:
            found.append(one)
    return found


def residual(check: Check, one: Traced) -> Fault:
    """What is said of an account that does not close."""
    account = one.account
    gap, tolerance = account.residual or Decimal(0), account.tolerance or Decimal(0)
    start, *others = account.terms
    signed = [f"{SIGNS[term.sign]} {plain(term.value)} {term.item}" for term in others]
    told = {
        "period": account.period,
        "published": plain(account.published_end),
        "computed": plain(account.computed_end),
        "residual": plain(gap),
        "size": plain(abs(gap)),
        "tolerance": plain(tolerance),
        "rounding": plain(rounding(account)),
        "terms": " ".join([plain(start.value), *signed]),
        "population": ", ".join([account.area, *(f"{dimension}={code}" for dimension, code in account.population)]),
    }
    told |= {term.item: plain(term.value) for term in account.terms}
    severity = "information" if account.outcome == "TOLERATED" else "error" if abs(gap) > 10 * tolerance else ""
    return Fault((one.row,), measure_of(check), told, as_sent(check, one.row), told["computed"], severity)


def untested(accounts: list[Traced]) -> Iterable[NotTestable]:
    """Why accounts could not be tested, by what is missing."""
    if not accounts:
        yield NotTestable("no account can be made: populations and what happened between them are not both reported")
    open_ones: list[Account] = [one.account for one in accounts if one.account.outcome == "NOT_TESTABLE"]
    years: dict[str, set[int]] = {}
    for account in open_ones:
        years.setdefault(", ".join(account.missing), set()).add(int(account.period))
    for missing, found in sorted(years.items()):
        yield NotTestable(f"{in_runs(found)}: {missing} missing", partial=len(open_ones) < len(accounts))


def in_runs(years: Iterable[int]) -> str:
    """Years in short, runs of them as ranges.

    >>> in_runs([2015, 2017, 2018, 2019])
    '2015, 2017–2019'
    """
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and runs[-1][-1] == year - 1:
            runs[-1] = [runs[-1][0], year]
        else:
            runs.append([year])
    return ", ".join("–".join(str(year) for year in run) for run in runs)


def measure_of(check: Check) -> str:
    """The component whose cell the finding points at."""
    return check.dataset.flow.structure.measures[0].id


def as_sent(check: Check, row: int) -> str:
    """The text of a value as it was sent."""
    return str(check.amounts.frame.get_column(measure_of(check))[row])


def plain(value: Decimal | None) -> str:
    """A number of persons without needless zeros; empty if there is none."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
