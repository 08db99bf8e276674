"""The population account: does the population at the end follow from that at the start and what happened between?

P(t+1) = P(t) + births − deaths + immigration − emigration + adjustment, for the whole population and, with changes of
citizenship where they matter, for its groups by birth and citizenship. The identities are declared in
`structures/accounts.toml`; a term that is not reported makes an account not testable, and is named.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sdmxmig.demography.identities import Identity, IdentityTerm, parse_identities
from sdmxmig.demography.ledger import TOTAL, Book, Entry, Ledger, Population
from sdmxmig.model.assessment import Account, Term
from sdmxmig.model.data import Dataset

__all__ = ["Identity", "IdentityTerm", "Traced", "accounts", "parse_identities", "rounding", "trace"]

TOLERATED_SHARE = Decimal("0.0005")
"""A residual below this share of the population is tolerated even if rounding does not explain it."""
BREAK = "B"
"""Observation status of the first value after a break in the series: the account up to it cannot close."""
UNKNOWN = "_U"
"""Nobody can be followed in the group of those of whom something is not known."""
SERIES_BREAK = "series break"


@dataclass(frozen=True, slots=True)
class Traced:
    """An account, and the observation that is its published end: the flow and the row in its dataset, -1 for none.

    `parts` are the observations of its terms: item, flow and row of each.
    """

    account: Account
    flow: str = ""
    row: int = -1
    parts: tuple[tuple[str, str, int], ...] = ()


def accounts(
    datasets: Sequence[Dataset], identities: Sequence[Identity], areas: Collection[str] = ()
) -> tuple[Account, ...]:
    """The population accounts of these areas (of all, if none is named), by area, identity, population and year.

    Items are taken from the flow of the account where it reports them, else from the flows of the single items. All
    values are in persons. An account by sex is made where populations and events are reported by sex; none is made by
    age, since people grow older during the year. Residual = published end − computed end.
    """
    return tuple(one.account for one in trace(datasets, identities, areas))


def trace(
    datasets: Sequence[Dataset], identities: Sequence[Identity], areas: Collection[str] = ()
) -> tuple[Traced, ...]:
    """The population accounts as `accounts` gives them, with the observation of each published end."""
    flows = {term.flow for identity in identities for term in identity.all_terms}
    flows |= {identity.account for identity in identities}
    books = [Book(dataset) for dataset in datasets if dataset.flow.id in flows]
    found: list[tuple[str, int, Population, str, Traced]] = []
    for number, identity in enumerate(identities):
        ledger = Ledger(identity, books)
        for area, year, population in sorted(balances(identity, ledger)):
            if (not areas or area in areas) and UNKNOWN not in dict(population).values():
                found.append((area, number, population, str(year), balance(identity, ledger, area, year, population)))
    return tuple(one[-1] for one in sorted(found, key=lambda one: one[:-1]))


def balances(identity: Identity, ledger: Ledger) -> set[tuple[str, int, Population]]:
    """For whom there is an account: both populations are reported, or something that happened between them."""
    between = {term.item for term in identity.terms}
    found = {(area, year, population) for item, area, year, population in ledger.entries if item in between}
    for item, area, year, population in ledger.entries:
        if item == identity.start.item and (identity.end.item, area, year, population) in ledger.entries:
            found.add((area, year, population))
    return found


def balance(identity: Identity, ledger: Ledger, area: str, year: int, population: Population) -> Traced:
    """One account."""

    def entry(term: IdentityTerm) -> Entry | None:
        return ledger.entries.get((term.item, area, year, population))

    terms = tuple(
        Term(term.item, term.sign, found.value if found else None, found.unit if found else Decimal(1))
        for term in (identity.start, *identity.terms)
        if (found := entry(term)) or not term.optional
    )
    end = entry(identity.end)
    published = end.value if end else None
    missing = [term.item for term in terms if term.value is None]
    computed = None if missing else sum((t.sign * t.value for t in terms if t.value is not None), Decimal(0))
    missing += [identity.end.item] if published is None else []
    residual = published - computed if published is not None and computed is not None else None
    if not missing and end and end.status == BREAK:
        missing = [SERIES_BREAK]
    account = Account(
        identity.id,
        area,
        str(year),
        terms,
        published,
        end.unit if end else Decimal(1),
        computed,
        residual,
        None,
        "NOT_TESTABLE",
        tuple(missing),
        tuple((dimension, code) for dimension, code in population if code != TOTAL),
    )
    found_terms = ((term.item, entry(term)) for term in (identity.start, *identity.terms))
    parts = tuple((item, found.flow, found.row) for item, found in found_terms if found)
    return Traced(judged(account), end.flow if end else "", end.row if end else -1, parts)


def judged(account: Account) -> Account:
    """The account with its tolerance and outcome.

    Within half a printed unit for each rounded figure, rounding alone explains the residual. The tolerance is that or
    0.05 % of the population at the start, whichever is more.
    """
    start = account.terms[0].value if account.terms else None
    if account.residual is None or start is None:
        return account
    bound = rounding(account)
    tolerance = max(bound, TOLERATED_SHARE * start)
    if account.missing:
        return replace(account, tolerance=tolerance)
    gap = abs(account.residual)
    steps = (("BALANCED", Decimal(0)), ("ROUNDING", bound), ("TOLERATED", tolerance))
    outcome = next((name for name, limit in steps if gap <= limit), "UNBALANCED")
    return replace(account, tolerance=tolerance, outcome=outcome)


def rounding(account: Account) -> Decimal:
    """How far rounding of the printed figures alone can move the residual: half a printed unit for each of them.

    Whole persons are exact and add nothing.
    """
    units = [term.unit for term in account.terms if term.value is not None]
    units += [account.end_unit] if account.published_end is not None else []
    return sum((unit / 2 for unit in units if unit != 1), Decimal(0))
