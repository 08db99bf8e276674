"""A population computed from its own terms closes by construction, which is stated and not praised."""

from __future__ import annotations

from dataclasses import replace

import pytest
from assessed import georgia
from case_tables import as_list, cases_from, listed, text_from
from reported import datasets
from shipped import CATALOGUE
from small_country import assessed as assessed_here
from small_country import dataset
from worked_account import accounts

from sdmxmig.reporting.sections.account import (
    describe_computation,
    tabulate_accounts,
    tabulate_recent,
    write_heading,
)
from sdmxmig.reporting.sections.account import view as account_view
from sdmxmig.reporting.sections.consistency import assess_account, list_quality_findings
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Account, Assessment

EN = Wording("en")
# 2021: 3 726 400 + 53 293 − 47 822 + 83 239 − 85 451 = 3 729 659; 2022: 3 729 600 + 51 138 − 46 524 + 88 152 − 98 935
YEARS = text_from("statistics/cases/accounts_by_construction_years.csv")


def assessed(method: str, last: int = 3723431, *, years: str = YEARS) -> Assessment:
    data = datasets(years.format(method=method, last=last), CATALOGUE.flows)
    found = accounts(data, CATALOGUE.identities, ("GE",))
    labels = {**georgia().labels, "CL_STOCK_METHOD.REG": CATALOGUE.item_scheme("CL_STOCK_METHOD")["REG"].name}
    return replace(georgia(), accounts=tuple(one for one in found if one.identity == "A01"), labels=labels, quality=())


def account(method: str, year: str = "2021") -> Account:
    return next(one for one in assessed(method).accounts if one.period == year)


def test_account_knows_method_of_its_final_population() -> None:
    assert account("ACC").is_by_construction
    assert not account("REG").is_by_construction
    assert account("").stock_method == ""


def in_brief(assessment: Assessment, wording: Wording) -> str:
    """The sentence on quality of page one, without the subjects of other tests."""
    findings = list_quality_findings(replace(assessment, quality=(), alignment=(), net_tests=()), wording)
    return " ".join(finding.sentence for finding in findings)


def test_counted_population_is_tested_by_its_account() -> None:
    # The first year leaves −59 of tolerated 0.0005 × 3 726 400 = 1 863, the second nothing.
    assert write_heading(assessed("REG"), EN).endswith("residuals of the population account: 2021 (−59)")
    assert in_brief(assessed("REG"), EN).startswith(write_heading(assessed("REG"), EN))


@pytest.mark.parametrize("method", ["", "_U"])
def test_headline_omits_balance_if_method_is_unknown(method: str) -> None:
    assert in_brief(assessed(method), EN) == ""
    assert write_heading(assessed(method), EN).endswith("residuals of the population account: 2021 (−59)")


def adjusted(*years: str) -> Assessment:
    """Two years of an account that closes, with a published adjustment in some of them."""
    terms = (
        ("DF_POP", "2022", "1000", {}),
        ("DF_POP", "2023", "1012", {}),
        ("DF_POP", "2024", "1024", {}),
        *((flow, year, value, codes) for year in ("2022", "2023") for flow, value, codes in EVENTS),
    )
    rows: dict[str, list[dict[str, str]]] = {}
    for flow, year, value, codes in terms:
        rows.setdefault(flow, []).append({"TIME_PERIOD": year, "OBS_VALUE": value, **codes})
    item = {"ACC_ITEM": "ADJ", "UNIT_MEASURE": "PS", "OBS_VALUE": "2"}
    if years:
        rows["DF_ACCOUNT"] = [{**item, "TIME_PERIOD": year} for year in years]
    return assessed_here("", *(dataset(flow, *of_flow, REF_DATE="D0101") for flow, of_flow in rows.items()))


EVENTS = (
    ("DF_BIRTHS", "9", {"EVENT": "LBIRTH"}),
    ("DF_DEATHS", "7", {"EVENT": "DEATH"}),
    ("DF_IMM", "38", {}),
    ("DF_EMI", "30", {}),
)


@cases_from(
    "statistics/cases/missing_adjustment_is_not_zero_if_others_have_one.csv",
    years=listed,
    outcomes=as_list,
)
def test_missing_adjustment_is_not_zero_beside_stated_ones(years: tuple[str, ...], outcomes: list[str]) -> None:
    found = [one for one in adjusted(*years).accounts if one.identity == "A01" and one.published_end is not None]
    tested = [one for one in found if one.period in ("2022", "2023")]
    assert [one.outcome for one in tested] == outcomes
    assert [one.missing for one in tested] == [("ADJ",) if outcome == "NOT_TESTABLE" else () for outcome in outcomes]


def test_heading_names_years_and_amounts_of_correction() -> None:
    found, both = adjusted("2022"), adjusted("2022", "2023")
    assert str(account_view(found, EN)["heading"]).endswith("closes the population account, in persons: 2022 (+2)")
    assert str(account_view(both, EN)["heading"]).endswith("2022 (+2), 2023 (+2)")
    assert in_brief(found, EN) == ""


def test_residual_without_usual_correction_has_no_verdict() -> None:
    shown = tabulate_recent(adjusted("2022"), EN)
    residuals = {line.cells[0].text: (line.cells[-1].text, line.cells[0].note) for line in shown.rows}
    assert residuals == {"2022": ("0", ""), "2023": ("+2", "")}


def test_each_year_of_an_account_names_its_sources() -> None:
    sources = ["National yearbook [N1]", "UN estimates [U1]"]
    births, deaths = ({"TIME_PERIOD": "2022", "OBS_VALUE": "9", **codes} for _, _, codes in EVENTS[:2])
    data = (
        dataset("DF_BIRTHS", {**births, "SOURCE_DETAIL": sources[0]}),
        dataset("DF_DEATHS", {**deaths, "SOURCE_DETAIL": sources[1]}),
    )
    account = next(one for one in assessed_here("", *data).accounts if (one.identity, one.period) == ("A01", "2022"))
    assert sorted(account.sources) == sources


def test_unbalanced_account_is_a_headline() -> None:
    # 2022: 3 733 431 are published, 10 000 more than the account gives, and the tolerance is 1 865.
    assert "in 1 of the 2 years" in in_brief(assessed("REG", last=3733431), EN)


def test_headline_omits_balance_by_construction() -> None:
    assert in_brief(assessed("ACC"), EN) == ""
    assert write_heading(assessed("ACC"), EN).endswith("residuals of the population account: 2021 (−59)")


def test_unbalanced_computed_account_is_reported_but_untested() -> None:
    # 3 723 431 by account, 3 733 431 published: 10 000 apart.
    sentence = write_heading(assessed("ACC", last=3733431), EN)
    assert sentence.endswith("differs from the result (2022)")
    assert in_brief(assessed("ACC", last=3733431), EN) == f"{sentence}."


def test_report_states_population_method_or_its_absence() -> None:
    assert describe_computation(assessed("REG"), EN).endswith("counted in a register.")
    for unknown in ("", "_U"):
        assert "do not state" in describe_computation(assessed(unknown), EN)


def test_account_is_assessed_by_years_not_computed() -> None:
    first, second = assessed("ACC", last=3733431).accounts
    mixed = replace(assessed("ACC"), accounts=(first, replace(second, stock_method="CEN")))
    assert (assess_account(mixed).tested, assess_account(mixed).closed) == (1, 0)
    assert not assess_account(mixed).is_by_construction


def test_each_year_explains_its_balance_unless_all_agree() -> None:
    assessment = assessed("ACC")
    shown = tabulate_accounts("t", "Account", assessment.accounts, assessment, EN)
    year, residual = shown.rows[0].cells[0], shown.rows[0].cells[-1]
    assert (year.note, residual.text) == ("residual larger than rounding", "−59")
    first, second = assessment.accounts
    mixed = replace(assessment, accounts=(first, replace(second, stock_method="CEN")))
    assert (
        tabulate_accounts("t", "Account", mixed.accounts, mixed, EN)
        .rows[0]
        .cells[0]
        .note.endswith("possibly by construction")
    )
