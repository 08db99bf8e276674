"""Population account section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain, groupby

from sdmxmig.reporting.sections.blocks import (
    CitedSentence,
    ReportCell,
    ReportColumn,
    ReportRow,
    ReportTable,
    build_row,
)
from sdmxmig.reporting.sections.columns import choose_number_columns, tabulate
from sdmxmig.reporting.sections.consistency import (
    ADJUSTMENT_ITEM,
    CLOSED_OUTCOMES,
    TESTED_OUTCOMES,
    assess_account,
    compare_residual_with_net,
    describe_closed_years,
    describe_register_limit,
    find_term_value,
    lacks_only_correction,
    list_adjustments,
    list_conflicting_counts,
    list_whole_population,
)
from sdmxmig.reporting.sections.intercensal import tabulate_differences
from sdmxmig.reporting.sections.key_figures import quote_remarks
from sdmxmig.reporting.sections.series import list_source_keys, list_years, state_not_final
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import START_ITEM, Wording, capitalise, lower_first_letter
from sdmxmig.statistics.model.assessment import Account, Assessment

SHOWN_GROUPS = ("A03", "A04", "A05", "A06", "A10", "A11")
"""The accounts of the four groups by birth and citizenship, of the foreign-born, and of foreign citizens."""
BREAK, OTHER_DEFINITIONS = "series break", "different definitions"
RECENT_YEARS = 10
SPLIT_DIMENSIONS = ("SEX", "AGE")
ACCOUNT_FLOW = "DF_ACCOUNT"


@VIEWS.add("account")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    testable = [account for account in list_whole_population(assessment) if account.outcome in TESTED_OUTCOMES]
    account_tables, idle = build_tables(assessment, wording)
    if not is_testable(assessment):
        return {}
    return {
        "label": wording.say("Population account"),
        "heading": write_heading(assessment, wording),
        "recent": tabulate_recent(assessment, wording),
        "gaps": list_years_between(assessment, wording),
        "years": describe_years(assessment, wording),
        "sources": list_sources_by_year(assessment),
        "tables": account_tables,
        "idle": idle,
        "making": describe_computation(assessment, wording),
        "residuals": " ".join(
            filter(None, (describe_residuals(testable, assessment, wording), *list_remarks(assessment, wording)))
        ),
        "differences": tabulate_differences(list_conflicting_counts(assessment), assessment, wording),
        "groups": describe_groups(assessment, wording),
        "identities": tabulate_identities(assessment, wording),
    }


def is_testable(assessment: Assessment) -> bool:
    """Check whether the data test the account for any year; otherwise it has no section."""
    return bool(split_recent_accounts(assessment)[0])


def tabulate_identities(assessment: Assessment, wording: Wording) -> ReportTable | None:
    tested = [identity_result for identity_result in assessment.identities if identity_result.tests]
    heads = ("Identity", "Tests", "Main result")
    rows = (
        (
            ReportCell(
                wording.reference(assessment, "ACCOUNTS", identity_result.identity), note=identity_result.identity
            ),
            ReportCell(wording.number(identity_result.tests)),
            ReportCell(wording.say_code("identity", identity_result.outcome)),
        )
        for identity_result in tested
    )
    return tabulate(
        "table-identities",
        wording.say("Accounting identities and limits that the data can test"),
        heads,
        rows,
        wording,
        numbers=(1,),
    )


def write_heading(assessment: Assessment, wording: Wording) -> str:
    if not assess_account(assessment).tested:
        return wording.say(
            "Births, deaths and migration cannot be compared with the change of the population in any year"
        )
    return capitalise(describe_closed_years(assessment, wording))


def describe_computation(assessment: Assessment, wording: Wording) -> str:
    accounts = [account for account in list_whole_population(assessment) if account.outcome in TESTED_OUTCOMES]
    if not accounts:
        return ""
    standing = assess_account(assessment)
    if standing.is_by_construction:
        return wording.say(
            "According to the data, the population is carried forward from the year before with births, deaths and "
            "migration. Its account then closes by construction and does not show whether these are complete."
        )
    if not standing.is_declared:
        return wording.say(
            "The data do not state how the population was computed. If it was computed from the same "
            "births, deaths and migration, its account closes by construction and is not a test."
        )
    codes = dict.fromkeys(account.stock_method for account in accounts)
    names = [lower_first_letter(wording.reference(assessment, "CL_STOCK_METHOD", code)) for code in codes]
    return wording.say("Method of the population figures: {methods}.", methods=wording.join_with_semicolons(names))


def describe_groups(assessment: Assessment, wording: Wording) -> str:
    names = [
        lower_first_letter(wording.reference(assessment, "ACCOUNTS", result.identity))
        for result in assessment.identities
        if result.identity in SHOWN_GROUPS and result.tests
    ]
    if not names:
        return ""
    return wording.say(
        "Accounts by birth and citizenship that the data test: {names}.", names=wording.join_with_semicolons(names)
    )


def describe_residuals(testable: Sequence[Account], assessment: Assessment, wording: Wording) -> str:
    with_residual = [account for account in testable if account.residual is not None]
    if not with_residual:
        return ""
    largest = max(with_residual, key=lambda account: abs(account.residual or Decimal(0)))
    if not largest.residual:
        return ""
    sentence = wording.say(
        "The largest residual is {residual} persons, in {year}.",
        residual=wording.write_signed(largest.residual),
        year=largest.period,
    )
    return " ".join(
        filter(None, (count_outcomes(with_residual, wording), sentence, explain_residual(largest, assessment, wording)))
    )


def list_remarks(assessment: Assessment, wording: Wording) -> list[str]:
    phrases = (*list_adjustments(assessment, wording), *describe_register_limit(assessment, wording))
    return [wording.say("{sentence}.", sentence=capitalise(phrase)) for phrase in phrases]


def count_outcomes(accounts: Sequence[Account], wording: Wording) -> str:
    counts = Counter(account.outcome for account in accounts)
    exact, rounding, _, open_years = (counts[outcome] for outcome in TESTED_OUTCOMES)
    phrases_with_counts = (
        (wording.count("{n} closes exactly", "{n} close exactly", exact), exact),
        (wording.count("{n} closes within rounding", "{n} close within rounding", rounding), rounding),
        (wording.count("{n} does not close", "{n} do not close", open_years), open_years),
    )
    phrases = [phrase for phrase, n in phrases_with_counts if n]
    if not phrases or len(accounts) == max(exact, rounding, open_years):
        return ""
    return wording.count(
        "Of {n} year that can be tested, {phrases}.",
        "Of {n} years that can be tested, {phrases}.",
        len(accounts),
        phrases=wording.series(phrases),
    )


def explain_residual(account: Account, assessment: Assessment, wording: Wording) -> str:
    """Name the rounded figures that explain a residual, or else give its share of net migration."""
    units = {term.item: term.unit for term in account.terms if term.value is not None} | {END_ITEM: account.end_unit}
    coarse = max(units.values())
    if account.outcome == "ROUNDING" and coarse > 1:
        names = [lower_first_letter(wording.item(assessment, item)) for item, unit in units.items() if unit == coarse]
        return wording.say(
            "It is within rounding to {unit} persons: {figures}.",
            unit=wording.number(coarse),
            figures=wording.join_with_commas(names),
        )
    share = compare_residual_with_net(account)
    return wording.say("It is {share} of net migration.", share=wording.write_percent(share)) if share else ""


def build_tables(assessment: Assessment, wording: Wording) -> tuple[list[ReportTable], list[str]]:
    account_tables: list[ReportTable] = []
    idle: list[Account] = []
    ordered = sorted(assessment.accounts, key=lambda account: (_list_group(account), account.period))
    for number, (key, members) in enumerate(groupby(ordered, key=_list_group), start=1):
        accounts = list(members)
        if any(account.residual is not None for account in accounts):
            name = _name_population(key[1], key[2], assessment, wording)
            account_tables.append(
                tabulate_accounts(
                    f"table-account-{number}", name, accounts=accounts, assessment=assessment, wording=wording
                )
            )
        else:
            idle.extend(accounts)
    return account_tables, list_untested(idle, assessment, wording)


def split_recent_accounts(assessment: Assessment) -> tuple[list[Account], list[Account]]:
    ordered = sorted(assessment.accounts, key=lambda account: (_list_group(account), account.period))
    accounts = [account for account in ordered if _list_group(account) == _list_group(ordered[0])]
    shown = [account for account in accounts if account.outcome in TESTED_OUTCOMES or lacks_only_correction(account)][
        -RECENT_YEARS:
    ]
    return shown, [account for account in accounts if account not in shown]


def tabulate_recent(assessment: Assessment, wording: Wording) -> ReportTable | None:
    shown, _ = split_recent_accounts(assessment)
    if not shown:
        return None
    _, identity, population = _list_group(shown[0])
    name = _name_population(identity, population, assessment, wording)
    return tabulate_accounts("table-account-recent", name, accounts=shown, assessment=assessment, wording=wording)


def list_sources_by_year(assessment: Assessment) -> list[tuple[str, tuple[str, ...]]]:
    """List the sources of each year shown, since its figures may come from several publications."""
    shown, _ = split_recent_accounts(assessment)
    cited = ((account.period, list_source_keys("; ".join(account.sources), assessment)) for account in shown)
    return [(year, keys) for year, keys in cited if keys]


def list_years_between(assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    """List the years that lack a figure between those that are shown, and the remarks that explain it."""
    shown, _ = split_recent_accounts(assessment)
    years = [int(account.period) for account in shown if account.period.isdecimal()]
    between = [str(year) for year in range(min(years, default=0), max(years, default=0)) if year not in years]
    if not between:
        return []
    message = "Years in between that are not tested: {years}."
    remarks = [quote_remarks(ACCOUNT_FLOW, year, assessment, wording) for year in between]
    return [CitedSentence(wording.say(message, years=list_years(between, wording))), *chain(*remarks)]


def describe_years(assessment: Assessment, wording: Wording) -> str:
    """List the years omitted from the table, and those without the office's correction item."""
    shown, others = split_recent_accounts(assessment)
    early = [account.period for account in others if account.outcome in TESTED_OUTCOMES]
    uncorrected = [account.period for account in shown if lacks_only_correction(account)]
    years_by_sentence = {
        "Testable years listed only in the annexes: {years}.": early,
        "Years for which the correction item of the office was not found, so that their residual cannot be judged: "
        "{years}.": uncorrected,
    }
    return " ".join(
        wording.say(sentence, years=list_years(years, wording))
        for sentence, years in years_by_sentence.items()
        if years
    )


def list_untested(accounts: Sequence[Account], assessment: Assessment, wording: Wording) -> list[str]:
    alike: dict[tuple[str, ...], list[str]] = {}
    for identity, members in groupby(
        sorted(accounts, key=lambda account: account.identity), key=lambda account: account.identity
    ):
        group_accounts = list(members)
        terms = dict.fromkeys(
            [START_ITEM, *(term.item for account in group_accounts for term in account.terms), END_ITEM]
        )
        lacking = {item for account in group_accounts for item in account.missing}
        parts = dict.fromkeys(_format_population(account.population, assessment, wording) for account in group_accounts)
        name, whose = wording.reference(assessment, "ACCOUNTS", identity), wording.join_with_commas(parts)
        alike.setdefault(tuple(item for item in terms if item in lacking), []).append(
            f"{name} ({whose})" if whose else name
        )
    return [
        wording.say(
            "{accounts}: missing terms in at least one year: {terms}.",
            accounts=wording.join_with_semicolons(names),
            terms=wording.join_with_commas(lower_first_letter(wording.item(assessment, item)) for item in lacking),
        )
        for lacking, names in alike.items()
    ]


def _name_population(
    identity: str, population: tuple[tuple[str, str], ...], assessment: Assessment, wording: Wording
) -> str:
    name = wording.reference(assessment, "ACCOUNTS", identity)
    part = _format_population(population, assessment, wording)
    return wording.pair(name, part) if part else name


def _format_population(population: tuple[tuple[str, str], ...], assessment: Assessment, wording: Wording) -> str:
    parts = [(split, code) for split, code in population if split in SPLIT_DIMENSIONS and code != "_T"]
    return wording.join_with_commas(
        lower_first_letter(wording.reference(assessment, f"CL_{split}", code)) for split, code in parts
    )


def _list_group(account: Account) -> tuple[bool, str, tuple[tuple[str, str], ...]]:
    is_part = any(name in SPLIT_DIMENSIONS and code != "_T" for name, code in account.population)
    return is_part, account.identity, account.population


def tabulate_accounts(
    table_id: str, caption: str, accounts: Sequence[Account], assessment: Assessment, wording: Wording
) -> ReportTable:
    items = [
        item
        for item in dict.fromkeys(term.item for account in accounts for term in account.terms)
        if item == START_ITEM or any(find_term_value(account, item) is not None for account in accounts)
    ]
    heads = [wording.item(assessment, item) for item in items if item != END_ITEM]
    columns = (
        ReportColumn(wording.say("Year")),
        *(ReportColumn(head, is_number=True) for head in heads),
        *choose_number_columns(("Computed end", "Published end", "Residual"), wording),
    )
    shown_items = [item for item in items if item != END_ITEM]
    rows = tuple(_build_account_row(account, shown_items, assessment, wording) for account in accounts)
    notes = (wording.say("In persons. Residual = published population − computed population at the end of the year."),)
    return ReportTable(table_id, caption, columns=columns, rows=rows, notes=notes)


def _build_account_row(account: Account, items: Sequence[str], assessment: Assessment, wording: Wording) -> ReportRow:
    def number(value: Decimal | None, *, signed: bool = False, note: str = "") -> ReportCell:
        if value is None:
            return wording.absent()
        return ReportCell(wording.write_signed(value) if signed else wording.number(value), note=note)

    modelled = {term.item for term in account.terms if term.is_modelled}
    shown = (*items, END_ITEM, BREAK, OTHER_DEFINITIONS)
    hidden = [lower_first_letter(wording.item(assessment, item)) for item in account.missing if item not in shown]
    broken = wording.say("the series breaks") if BREAK in account.missing else ""
    if OTHER_DEFINITIONS in account.missing:
        broken = wording.say("the figures follow different definitions, such as residence rules")
    missing_too = wording.say("also missing: {terms}", terms=wording.join_with_commas(hidden)) if hidden else ""
    provisional = state_not_final(account.statuses, wording)
    notes = filter(None, (provisional, describe_outcome(account, assessment, wording), broken, missing_too))
    return build_row(
        (
            ReportCell(account.period, note=wording.qualified(notes)),
            *(
                number(
                    find_term_value(account, item),
                    signed=item == ADJUSTMENT_ITEM,
                    note=wording.say("model estimate") if item in modelled else "",
                )
                for item in items
            ),
            number(account.computed_end),
            number(account.published_end),
            number(account.residual, signed=True),
        )
    )


def describe_outcome(account: Account, assessment: Assessment, wording: Wording) -> str:
    """State how a year closes if the residual and adjustment do not show it."""
    is_told = account.outcome == "BALANCED" or lacks_only_correction(account)
    closes = "" if is_told else wording.say_code("account", account.outcome)
    is_qualified = account.is_by_construction and not assess_account(assessment).is_by_construction
    possibly = wording.say("possibly by construction") if is_qualified and account.outcome in CLOSED_OUTCOMES else ""
    return wording.qualified((closes, possibly))


END_ITEM = "POP_END"
