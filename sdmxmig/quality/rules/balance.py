"""Population accounts and other accounting identities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from sdmxmig.catalogue.accounting import Identity
from sdmxmig.primitives import text
from sdmxmig.primitives.places import describe_spans
from sdmxmig.primitives.text import join_texts, write_shortest
from sdmxmig.quality.rules import KINDS, Check, report_not_tested
from sdmxmig.quality.rules.words import (
    FIRST_LANGUAGE,
    Named,
    Worded,
    build_reason,
    find_code_name,
    list_names,
    name_account_term,
    name_equation,
    translate_parameters,
    write_number,
)
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.accounts import (
    NOT_TESTABLE,
    OTHER_DEFINITIONS,
    SERIES_BREAK,
    TracedAccount,
    compute_rounding,
    trace_once,
)
from sdmxmig.statistics.demography.ledger import ITEM
from sdmxmig.statistics.model.assessment import Account, AccountTerm

ADJUSTMENT = "ADJ"
SIGNS = {1: "+", -1: "−"}
CLOSED_OUTCOMES = ("BALANCED", "ROUNDING")
PRECISION = Decimal("0.001")
MIN_YEARS = 3


@KINDS.add("ACCOUNT-BALANCES")
def accounts_balance(check: Check) -> Iterable[Fault | NotTestable]:
    """Population at the end = population at the start + births − deaths + immigration − emigration + adjustment.

    The rule's identities determine the accounts. Parameter `by_sex`: accounts of women and men, or of both sexes.

    Rounding explains a residual of half a printed unit per rounded figure. A larger residual is an information, or has
    the severity of the rule if the account closes by rounding in most other years. Beyond 0.05% of the population it
    always has that severity; beyond ten times that it is an error.
    """
    with check.parameters as parameters:
        by_sex = parameters.flag("by_sex", default=False)
    accounts = trace_accounts(check, by_sex=by_sex)
    for traced in accounts:
        if traced.account.outcome in ("TOLERATED", "UNBALANCED"):
            yield build_residual_fault(
                check, traced, [other.account for other in accounts if is_other_year(other, traced)]
            )
    yield from report_skipped_accounts(check, accounts)


@KINDS.add("ADJUSTMENT-SMALL")
def adjustment_is_small(check: Check) -> Iterable[Fault | NotTestable]:
    """An adjustment item is small, since it may hide uncounted departures.

    Parameter `share`: share of the start population above which the rule's severity applies; below, an account that
    closes only with its adjustment is an information.
    """
    with check.parameters as parameters:
        share = Decimal(parameters.text("share"))
    tested = False
    for traced in trace_accounts(check, by_sex=False):
        account, start = traced.account, traced.account.terms[0].value
        adjustment = next((term.value for term in account.terms if term.item == ADJUSTMENT and term.value), None)
        if account.residual is None or not start:
            continue
        tested = True
        if adjustment is not None and abs(account.residual + adjustment) > compute_rounding(account):
            severity = "" if abs(adjustment) > share * start else "information"
            row, words = find_adjusted_row(check, traced), partial(build_adjustment_parameters, account)
            observed = format_sent(check, row)
            related, elsewhere = find_related(check, traced)
            yield check.fault((row,), words, observed=observed, severity=severity, related=related, elsewhere=elsewhere)
    if not tested:
        yield report_not_tested("no account is complete")


def trace_accounts(check: Check, *, by_sex: bool) -> list[TracedAccount]:
    identities = list_chosen_identities(check)
    flow_id = check.flow.id
    populations = {identity.start.flow for identity in identities if identity.start}
    stocks = populations & {book.flow for book in check.books}
    accounts = []
    for traced in trace_once(check.books, identities):
        ours = traced.flow == flow_id if traced.flow else flow_id in (stocks or {flow_id})
        if ours and ("SEX" in dict(traced.account.population)) == by_sex:
            accounts.append(traced)
    return accounts


def list_chosen_identities(check: Check) -> list[Identity]:
    return [identity for identity in check.identities if identity.id in check.rule.identities]


def is_other_year(other: TracedAccount, traced: TracedAccount) -> bool:
    first, second = other.account, traced.account
    same = (first.identity, first.area, first.population) == (second.identity, second.area, second.population)
    return same and first.period != second.period and first.outcome != "NOT_TESTABLE"


def build_residual_fault(check: Check, traced: TracedAccount, others: Sequence[Account]) -> Fault:
    account = traced.account
    gap, tolerance = account.residual or Decimal(0), account.tolerance or Decimal(0)
    closing = sum(other.outcome in CLOSED_OUTCOMES for other in others)
    stands_out = closing >= MIN_YEARS and 2 * closing > len(others)
    severity = "error" if abs(gap) > 10 * tolerance else ""
    if account.outcome == "TOLERATED" and not stands_out:
        severity = "information"
    parameters = translate_parameters(check.rule, partial(build_account_parameters, check, account))
    parameters |= {"closing": str(closing), "testable": str(len(others))}
    return build_fault(check, traced, parameters, expected=account.computed_end, severity=severity)


def build_fault(
    check: Check, traced: TracedAccount, words: Mapping[str, str], *, expected: Decimal | None, severity: str
) -> Fault:
    """Build the fault of an account's end; `expected` is in persons, shown in the unit sent."""
    published = format_plain(convert_to_sent_unit(check, traced.row, traced.account.published_end))
    related, elsewhere = find_related(check, traced)
    return check.fault(
        (traced.row,),
        words,
        observed=published if len(traced.ends) > 1 else format_sent(check, traced.row),
        expected=format_plain(convert_to_sent_unit(check, traced.row, expected)),
        severity=severity,
        difference=format_plain(convert_to_sent_unit(check, traced.row, round_decimals(traced.account.residual))),
        tolerance=format_plain(convert_to_sent_unit(check, traced.row, round_decimals(traced.account.tolerance))),
        related=related,
        elsewhere=elsewhere,
    )


def build_account_parameters(check: Check, account: Account, language: str) -> dict[str, str]:
    start, *others = account.terms
    signed = [
        f"{SIGNS[term.sign]} {name_item(check, account, term.item, language)} {format_persons(term.value, language)}"
        for term in others
    ]
    return {
        "period": account.period,
        "published": format_persons(account.published_end, language),
        "computed": format_persons(account.computed_end, language),
        "residual": format_persons(account.residual, language, signed=True),
        "tolerance": format_persons(account.tolerance, language),
        "rounding": format_persons(compute_rounding(account), language),
        "terms": " ".join(
            [f"{name_item(check, account, start.item, language)} {format_persons(start.value, language)}", *signed]
        ),
        "population": join_texts(
            (
                find_code_name(check.flow, dimension, code, language)
                for dimension, code in (("REF_AREA", account.area), *account.population)
            ),
            language,
        ),
    }


def build_adjustment_parameters(account: Account, language: str) -> dict[str, str]:
    value = next(term.value for term in account.terms if term.item == ADJUSTMENT) or Decimal(0)
    share = 100 * value / (account.terms[0].value or Decimal(1))
    return {
        "period": account.period,
        "adjustment": format_persons(value, language, signed=True),
        "share": text.format_number(share, language, 2),
    }


def format_persons(value: Decimal | None, language: str, *, signed: bool = False) -> str:
    digits = write_number(format_plain(value), language)
    return f"+{digits}" if signed and value and value > 0 else digits


def name_item(check: Check, account: Account, item: str, language: str) -> str:
    return find_code_name(list_account_flows(check, account)[0], ITEM, item, language)


def list_account_flows(check: Check, account: Account) -> list[Flow]:
    """Return the dataflow of an account first, then the others."""
    of_account = {identity.account for identity in check.identities if identity.id == account.identity}
    own = [check.flows[flow] for flow in sorted(of_account) if flow in check.flows]
    return [*own, *check.flows.values()] or [check.flow]


def find_adjusted_row(check: Check, traced: TracedAccount) -> int:
    flow_id = check.flow.id
    return next((row for item, flow, row in traced.parts if (item, flow) == (ADJUSTMENT, flow_id)), traced.row)


def find_related(check: Check, traced: TracedAccount) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
    """Return the rows of this dataflow in an account, and the rows of other dataflows."""
    flow_id = check.flow.id
    observations = (*((flow, row) for _, flow, row in traced.parts), *traced.ends[1:])
    related = (*(row for flow, row in observations if flow == flow_id), traced.row)
    return related, tuple((flow, row) for flow, row in observations if flow != flow_id)


def report_skipped_accounts(check: Check, accounts: list[TracedAccount]) -> Iterable[NotTestable]:
    if not accounts:
        yield report_not_tested(
            "no account can be made: populations and the changes between them are not both reported"
        )
    open_ones: list[Account] = [traced.account for traced in accounts if traced.account.outcome == "NOT_TESTABLE"]
    years: dict[tuple[str, ...], set[int]] = {}
    missing_items: dict[tuple[str, ...], list[Worded]] = {}
    for account in open_ones:
        names = tuple(name_item(check, account, item, FIRST_LANGUAGE).lower() for item in account.missing)
        years.setdefault(names, set()).add(int(account.period))
        missing_items[names] = [partial(name_in_sentence, check, account, item) for item in account.missing]
    for missing, untested_years in sorted(years.items(), key=lambda pair: (min(pair[1]), pair[0])):
        runs, items = list_names(describe_spans(sorted(untested_years), dash="–")), list_names(missing_items[missing])
        reason = build_reason("{years}: {items} missing", years=runs, items=items)
        if missing == (SERIES_BREAK,):
            reason = build_reason("{years}: series break", years=runs)
        elif missing == (OTHER_DEFINITIONS,):
            reason = build_reason(
                "{years}: the figures follow different definitions, such as residence rules", years=runs
            )
        yield NotTestable(reason, partial=len(open_ones) < len(accounts))


def name_in_sentence(check: Check, account: Account, item: str, language: str) -> str:
    return name_item(check, account, item, language).lower()


def format_sent(check: Check, row: int) -> str:
    return str(check.amounts.frame.get_column(check.measure)[row])


def convert_to_sent_unit(check: Check, row: int, value: Decimal | None) -> Decimal | None:
    power = int(check.amounts.frame.get_column("power")[row])
    return None if value is None else value.scaleb(-power)


def round_decimals(value: Decimal | None) -> Decimal | None:
    """Round a number to at most three decimals.

    >>> round_decimals(Decimal(2) / 3), round_decimals(Decimal("1.5"))
    (Decimal('0.667'), Decimal('1.5'))
    """
    if value is None or value == value.quantize(PRECISION):
        return value
    return value.quantize(PRECISION, ROUND_HALF_UP)


def format_plain(value: Decimal | None) -> str:
    return "" if value is None else write_shortest(value)


MAX_LACKING = 6
AREA = "REF_AREA"


@KINDS.add("IDENTITY-HOLDS")
def identities_hold(check: Check) -> Iterable[Fault | NotTestable]:
    """Accounting identities hold wherever all their terms are reported.

    The rule's identities determine which, except accounts of a resident population. Rounding explains half a printed
    unit per figure. Beyond that, up to the identity's tolerance, it is an information (nothing if the rule is one);
    beyond the tolerance the rule's severity applies. Parameters: `item` and `share`: tolerated share of a term, if
    larger; `error_times` and `error_least`: an error above so many times the possible value and so many persons, such
    as a cohort that doubles.
    """
    declared = check.parameters
    item, share = declared.text("item", ""), Decimal(declared.text("share", "0"))
    error_times, error_least = Decimal(declared.text("error_times", "0")), declared.integer("error_least", 0)
    declared.close()
    flow_id = check.flow.id
    tests = trace_once(check.books, list_chosen_identities(check))
    ours = [apply_tolerance(test, item, share) for test in tests if test.flow == flow_id]
    outcomes = ("UNBALANCED",) if check.rule.severity == "information" else ("TOLERATED", "UNBALANCED")
    for test in drop_repeated_tests(ours, outcomes):
        if test.account.outcome in outcomes:
            severity = "information" if test.account.outcome == "TOLERATED" else ""
            if error_times and is_too_many(test, error_times, error_least):
                severity = "error"
            parameters = translate_parameters(check.rule, partial(build_identity_parameters, check, test))
            expected = round_decimals(test.account.computed_end)
            yield build_fault(check, test, parameters, expected=expected, severity=severity)
    tested = any(test.account.outcome != NOT_TESTABLE for test in ours)
    yield from report_missing_terms(check, ours or tests, some=tested)


def drop_repeated_tests(tests: Iterable[TracedAccount], outcomes: Collection[str]) -> Iterator[TracedAccount]:
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


def apply_tolerance(test: TracedAccount, item: str, share: Decimal) -> TracedAccount:
    account = test.account
    sizes = [abs(term.value) for term in account.terms if term.item == item and term.value is not None]
    if not sizes or account.tolerance is None or account.residual is None:
        return test
    tolerance = max(account.tolerance, share * max(sizes))
    is_within = account.outcome == "UNBALANCED" and abs(account.residual) <= tolerance
    outcome = "TOLERATED" if is_within else account.outcome
    return replace(test, account=replace(account, tolerance=tolerance, outcome=outcome))


def build_identity_parameters(check: Check, test: TracedAccount, language: str) -> dict[str, str]:
    account = test.account
    identity = next(identity for identity in check.identities if identity.id == account.identity)
    return {
        "identity": account.identity,
        "name": identity.name.in_language(language),
        "equation": name_equation(test.equation, list_account_flows(check, account), language),
        "period": account.period,
        "population": name_account(check, test, language),
        "left": name_term(check, test, test.left, language),
        "published": format_persons(account.published_end, language),
        "computed": format_persons(round_decimals(account.computed_end), language),
        "residual": format_persons(round_decimals(account.residual), language, signed=True),
        "tolerance": format_persons(round_decimals(account.tolerance), language),
        "terms": "; ".join(
            write_term_with_value(check, test, term, language) for term in (*account.terms, *test.divisor)
        ),
    }


def name_account(check: Check, test: TracedAccount, language: str) -> str:
    codes = ((AREA, test.account.area), *test.account.population)
    return text.join_texts(
        (find_code_name(check.flow, dimension, code, language) for dimension, code in codes), language
    )


def write_term_with_value(check: Check, test: TracedAccount, term: AccountTerm, language: str) -> str:
    return f"{name_term(check, test, term.item, language)} {format_persons(term.value, language)}"


def name_term(check: Check, test: TracedAccount, term: str, language: str) -> str:
    return name_account_term(term, list_account_flows(check, test.account), language)


def report_missing_terms(check: Check, tests: Iterable[TracedAccount], *, some: bool) -> Iterable[NotTestable]:
    missing: dict[str, dict[str, Worded]] = {}
    years: dict[str, set[int]] = {}
    for test in tests:
        if test.account.outcome == NOT_TESTABLE:
            names = {
                name_term(check, test, term, FIRST_LANGUAGE): partial(name_term, check, test, term)
                for term in test.account.missing
            }
            missing.setdefault(test.account.identity, {}).update(names)
            years.setdefault(test.account.identity, set()).add(int(test.account.period))
    for identity, lacked in missing.items():
        first, further = list_names(list(lacked.values())[:MAX_LACKING]), len(lacked) - MAX_LACKING
        about: dict[str, Named] = {
            "identity": identity,
            "years": list_names(describe_spans(sorted(years[identity]), dash="–")),
            "terms": first,
        }
        few = build_reason("{identity}, {years}: missing {terms}", **about)
        many = build_reason("{identity}, {years}: missing {terms} and {count} more", **about, count=further)
        yield NotTestable(many if further > 0 else few, some)
    if not some and not missing:
        yield report_not_tested(
            "no reported figures can be compared by {identities}", identities=list_names(check.rule.identities)
        )
