"""Accounting identities other than the population account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial

from sdmxmig.primitives import text
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.balance import checked, fault_of, in_runs, item_name, persons, shortened
from sdmxmig.quality.rules.words import FIRST, Named, Worded, because, in_languages, name_of, side_by_side
from sdmxmig.sdmx.model.accounts import AccountTerm
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.accounts import NOT_TESTABLE, TracedAccount, trace

MOST_LACKING = 6
"""How many missing terms a reason names before it only counts them."""
AREA = "REF_AREA"


@KINDS.add("IDENTITY-HOLDS")
def identity_holds(check: Check) -> Iterable[Fault | NotTestable]:
    """Accounting identities hold wherever all their terms are reported.

    The rule's identities determine which; none of them is the account of a resident population. Rounding of the printed
    figures explains half a printed unit for each of them. Beyond that, up to the tolerance of the identity, it is an
    information (nothing, if the rule is one); beyond the tolerance it has the severity of the rule. Parameters: `item`
    and `share`, where a share of one of its terms is tolerated if that is more; `error_times`, so many times what is
    possible is an error, if it is so many persons more (`error_least`), such as a cohort that doubles.
    """
    declared = check.parameters
    item, share = declared.text("item", ""), Decimal(declared.text("share", "0"))
    error_times, error_least = Decimal(declared.text("error_times", "0")), declared.integer("error_least", 0)
    declared.close()
    flow_id = check.dataset.flow.id
    tests = [tolerated(test, item, share) for test in trace(check.books, checked(check))]
    ours = [test for test in tests if test.flow == flow_id]
    outcomes = ("UNBALANCED",) if check.rule.severity == "information" else ("TOLERATED", "UNBALANCED")
    for test in without_repeated(ours, outcomes):
        if test.account.outcome in outcomes:
            severity = "information" if test.account.outcome == "TOLERATED" else ""
            if error_times and is_too_many(test, error_times, error_least):
                severity = "error"
            parameters = in_languages(check.rule, partial(identity_parameters, check, test))
            expected = shortened(test.account.computed_end)
            yield fault_of(check, test, parameters, expected=expected, severity=severity)
    tested = any(test.account.outcome != NOT_TESTABLE for test in ours)
    yield from lacking(check, ours or tests, some=tested)


def without_repeated(tests: Iterable[TracedAccount], outcomes: Collection[str]) -> Iterator[TracedAccount]:
    wrong_figures: dict[tuple[object, ...], str] = {}
    for test in tests:
        account = test.account
        figure = (account.area, account.period, account.population, test.left, account.published_end)
        if account.outcome not in outcomes or wrong_figures.setdefault(figure, account.identity) == account.identity:
            yield test


def is_too_many(test: TracedAccount, times: Decimal, least: int) -> bool:
    published, computed = test.account.published_end, test.account.computed_end
    if test.account.outcome != "UNBALANCED" or published is None or computed is None:
        return False
    return published >= times * computed and published - computed >= least


def tolerated(test: TracedAccount, item: str, share: Decimal) -> TracedAccount:
    account = test.account
    sizes = [abs(term.value) for term in account.terms if term.item == item and term.value is not None]
    if not sizes or account.tolerance is None or account.residual is None:
        return test
    tolerance = max(account.tolerance, share * max(sizes))
    is_within = account.outcome == "UNBALANCED" and abs(account.residual) <= tolerance
    outcome = "TOLERATED" if is_within else account.outcome
    return replace(test, account=replace(account, tolerance=tolerance, outcome=outcome))


def identity_parameters(check: Check, test: TracedAccount, language: str) -> dict[str, str]:
    """A test in words and numbers: the identity with its equation, for whom, both sides, and the terms."""
    account = test.account
    identity = next(identity for identity in check.identities if identity.id == account.identity)
    return {
        "identity": account.identity,
        "name": identity.name.in_language(language),
        "equation": test.equation.replace(" - ", " − "),
        "period": account.period,
        "population": whose(check, test, language),
        "left": term_name(check, test, test.left, language),
        "published": persons(account.published_end, language),
        "computed": persons(shortened(account.computed_end), language),
        "residual": persons(shortened(account.residual), language, signed=True),
        "tolerance": persons(shortened(account.tolerance), language),
        "terms": "; ".join(term_with_value(check, test, term, language) for term in (*account.terms, *test.divisor)),
    }


def whose(check: Check, test: TracedAccount, language: str) -> str:
    codes = ((AREA, test.account.area), *test.account.population)
    return text.listed((name_of(check.dataset.flow, dimension, code, language) for dimension, code in codes), language)


def term_with_value(check: Check, test: TracedAccount, term: AccountTerm, language: str) -> str:
    return f"{term_name(check, test, term.item, language)} {persons(term.value, language)}"


def term_name(check: Check, test: TracedAccount, term: str, language: str) -> str:
    item, bracket, key = term.partition("[")
    return f"{item_name(check, test.account, item, language)}{f' [{key}' if bracket else ''}"


def lacking(check: Check, tests: Iterable[TracedAccount], *, some: bool) -> Iterable[NotTestable]:
    missing: dict[str, dict[str, Worded]] = {}
    years: dict[str, set[int]] = {}
    for test in tests:
        if test.account.outcome == NOT_TESTABLE:
            names = {
                term_name(check, test, term, FIRST): partial(term_name, check, test, term)
                for term in test.account.missing
            }
            missing.setdefault(test.account.identity, {}).update(names)
            years.setdefault(test.account.identity, set()).add(int(test.account.period))
    for identity, lacked in missing.items():
        first, further = side_by_side(list(lacked.values())[:MOST_LACKING]), len(lacked) - MOST_LACKING
        about: dict[str, Named] = {
            "identity": identity,
            "years": side_by_side(in_runs(years[identity])),
            "terms": first,
        }
        few = because("{identity}, {years}: missing {terms}", **about)
        many = because("{identity}, {years}: missing {terms} and {count} more", **about, count=further)
        yield NotTestable(many if further > 0 else few, some)
    if not some and not missing:
        yield NotTestable(
            because(
                "nothing is reported that {identities} could compare", identities=side_by_side(check.rule.identities)
            )
        )
