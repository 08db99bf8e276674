"""The accounts of a country: classes, residuals, missing terms, the residual method, and balancing, by hand."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from case_tables import cases_from, text_from
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.statistics.demography.balanced_accounts import BalancedAccounts, balance_accounts
from sdmxmig.statistics.demography.closing import (
    AccountResult,
    ClosedAccounts,
    ResidualMigration,
    StatedError,
    close_accounts,
    list_equal_errors,
    list_residual_migration,
    parse_variances,
)
from sdmxmig.statistics.demography.ledger import open_books

ITEMS = {item: source for one in CATALOGUE.identities for item, source in one.item_sources.items()}
# 1000 + 20 - 10 + 50 - 30 = 1030 at the end of 2021; 20 more are counted.
ONE_YEAR = text_from("statistics/cases/account_study_one_year.csv")
STATED = text_from("statistics/cases/account_study_stated.toml")


def stated(text: str = STATED) -> tuple[StatedError, ...]:
    return parse_variances("variances.toml", text.encode(), ITEMS)


def closed(table: str, *identities: str, errors: tuple[StatedError, ...] = ()) -> ClosedAccounts:
    chosen = [one for one in CATALOGUE.identities if not identities or one.id in identities]
    return close_accounts(open_books(datasets(table, CATALOGUE.flows)), chosen, "GE", errors)


def only(accounts: ClosedAccounts) -> AccountResult:
    (result,) = [one for one in accounts.results if one.result_class != "NOT_TESTABLE"]
    return result


def changed(**values: str) -> str:
    """The table of one year with other values of some flows."""
    rows = (row.split(",") for row in ONE_YEAR.strip().splitlines())
    return "\n".join(",".join([flow, year, values.get(flow, value), source]) for flow, year, value, source in rows)


@cases_from("statistics/demography/cases/the_class_of_an_account.csv")
def test_account_is_classified_by_residual_and_errors(emigrants: str, errors: str, expected: str) -> None:
    (result,) = closed(changed(DF_EMI=emigrants), "A01", errors=stated(errors) if errors else ()).results
    assert result.result_class == expected
    assert result.test.account.missing == (() if emigrants else ("FLW_EMI",))


def test_residual_has_its_standard_error() -> None:
    """The variances of those who came and left are 100 and 300, all else is fixed."""
    result = only(closed(ONE_YEAR, "A01", errors=stated()))
    assert (result.test.account.residual, result.allowed) == (20, 0)
    assert result.error == pytest.approx(20, abs=1e-6)
    assert result.in_errors == pytest.approx(1, abs=1e-6)
    assert result.probability == pytest.approx(0.3173, abs=1e-4)


def test_rounding_adds_its_variance_to_stated_errors() -> None:
    """A population printed to 100 persons has the variance 100²/12 more, at both ends."""
    table = """
flow,TIME_PERIOD,OBS_VALUE,UNIT_MULT,SRC_TYPE
DF_POP,2021,1.0,3,CEN
DF_POP,2022,1.1,3,CEN
DF_BIRTHS,2021,20,0,CRVS
DF_DEATHS,2021,10,0,CRVS
DF_IMM,2021,50,0,REG
DF_EMI,2021,30,0,BOR
"""
    result = only(closed(table, "A01", errors=stated()))
    assert (result.result_class, result.allowed) == ("ROUNDING", 100)
    assert result.error == pytest.approx(math.sqrt(100 + 300 + 2 * 100**2 / 12))


def test_impossible_figures_contradict_without_standard_errors() -> None:
    """Births do not add to the foreign-born in the country, and populations are not negative."""
    born_abroad = "flow,BIRTH_STATUS,CTZ_STATUS,OBS_VALUE\nDF_BIRTHS,FB,FC,3\nDF_BIRTHS,NB,NC,5"
    assert [one.result_class for one in closed(born_abroad, "A07").results] == ["CONTRADICTED"]
    negative = closed("TIME_PERIOD,OBS_VALUE\n2021,-5", "G01").results
    assert {one.result_class for one in negative} == {"CONTRADICTED"}


def residual(table: str, *identities: str, errors: tuple[StatedError, ...] = ()) -> list[ResidualMigration]:
    return list(list_residual_migration(closed(table, *identities, errors=errors)))


def test_net_migration_is_change_less_natural_increase() -> None:
    """1050 - 1000 - 20 + 10 = 40; measured are 50 - 30 = 20."""
    (one,) = residual(ONE_YEAR, "A01")
    assert (one.net, one.measured, one.discrepancy) == (40, 20, 20)
    assert (one.error, one.low, one.missing) == (None, None, ())


def test_net_migration_has_the_error_of_its_account() -> None:
    """Standard errors of 3, 4, 0 and 0 make 5; 90 % are within 1.645 of them. Migration does not matter."""
    text = """
    [[variance]]
    item = "POP_BEG"
    codes = { TIME_PERIOD = "2021" }
    error = "3"
    source = "made up"
    [[variance]]
    item = "POP_END"
    codes = { TIME_PERIOD = "2022" }
    error = "4"
    source = "made up"
    [[variance]]
    items = ["LBIRTH", "DEATH"]
    fixed = true
    source = "made up"
    """
    (one,) = residual(ONE_YEAR, "A01", errors=stated(text))
    assert one.error == pytest.approx(5)
    assert (one.low, one.high) == (pytest.approx(40 - 8.2243, abs=1e-4), pytest.approx(40 + 8.2243, abs=1e-4))


def test_residual_method_works_without_migration_figures() -> None:
    table = "\n".join(row for row in ONE_YEAR.strip().splitlines() if "DF_IMM" not in row and "DF_EMI" not in row)
    (one,) = residual(table, "A01")
    assert (one.net, one.measured, one.discrepancy, one.missing) == (40, None, None, ())


def test_missing_term_of_net_migration_is_named() -> None:
    (one,) = residual(changed(DF_DEATHS=""), "A01")
    assert (one.net, one.missing) == (None, ("DEATH",))


def test_changes_of_citizenship_are_not_counted_as_migration() -> None:
    """Foreign citizens: 110 - 100 - 4 + 1 = 7 without them; 6 acquired citizenship, so 13 came."""
    table = """
flow,BIRTH_STATUS,CTZ_STATUS,TIME_PERIOD,OBS_VALUE
DF_POP,_T,FC,2021,100
DF_POP,_T,FC,2022,110
DF_BIRTHS,_T,FC,2021,4
DF_DEATHS,_T,FC,2021,1
DF_CTZ_ACQ,_T,_T,2021,6
DF_ACCOUNT,_T,FC,2021,6
"""
    rows = [row + (",CTZ_ACQ" if row.startswith("DF_ACCOUNT") else ",") for row in table.strip().splitlines()[1:]]
    accounts = residual("\n".join([f"{table.strip().splitlines()[0]},ACC_ITEM", *rows]), "A11")
    assert [one.net for one in accounts] == [13]


def test_net_migration_is_not_computed_across_a_break() -> None:
    table = """
flow,TIME_PERIOD,OBS_VALUE,OBS_STATUS
DF_POP,2021,1000,A
DF_POP,2022,1100,B
DF_BIRTHS,2021,20,A
DF_DEATHS,2021,10,A
"""
    (broken,) = [one for one in residual(table, "A01") if one.test.account.period == "2021"]
    assert (broken.net, broken.missing) == (None, ("series break",))
    (whole,) = [one for one in residual(table.replace(",B", ",A"), "A01") if one.test.account.period == "2021"]
    assert whole.net == 90


def test_cohort_has_its_own_net_migration() -> None:
    """Persons who turned 21 in 2021: 95 of 90, one died, so 6 came; births have no part in it."""
    table = """
flow,AGE,TIME_PERIOD,OBS_VALUE
DF_POP,Y20,2021,90
DF_POP,Y21,2022,95
DF_DEATHS,Y21,2021,1
"""
    cohort = [one for one in residual(table, "A22") if one.net is not None]
    assert [(one.net, one.test.account.population) for one in cohort] == [(6, (("AGE", "Y21"),))]


def balanced(table: str, errors: tuple[StatedError, ...], *identities: str) -> tuple[BalancedAccounts, ...]:
    return balance_accounts(closed(table, *identities, errors=errors))


def after(group: BalancedAccounts) -> dict[tuple[str, str], float]:
    """Balanced figures by item and year."""
    years = {name: dict(figure.codes)["TIME_PERIOD"] for name, figure in group.figures.items()}
    return {
        (group.figures[one.name].item, years[one.name]): one.balanced
        for one in group.balance.figures
        if one.name in group.figures
    }


def test_only_unfixed_figures_are_adjusted_by_variance() -> None:
    (group,) = balanced(ONE_YEAR, stated())
    figures = after(group)
    assert figures["FLW_IMM", "2021"] == pytest.approx(55)
    assert figures["FLW_EMI", "2021"] == pytest.approx(15)
    assert figures["POP_BEG", "2022"] == 1050
    assert (group.balance.degrees, group.balance.contradicts) == (1, False)


ROUND_YEARS = "\n".join(f"DF_POP,{year},{year - 2000}000,{{d}},CEN" for year in range(2010, 2021))
ROUND = f"""
flow,TIME_PERIOD,OBS_VALUE,DECIMALS,SRC_TYPE
{ROUND_YEARS}
DF_POP,2021,21000,{{d}},CEN
DF_POP,2022,22000,{{d}},CEN
DF_BIRTHS,2021,20,{{d}},CRVS
DF_DEATHS,2021,10,{{d}},CRVS
DF_IMM,2021,50,{{d}},REG
DF_EMI,2021,30,{{d}},BOR
"""


@pytest.mark.parametrize("decimals", ["", "0"])
def test_fixed_figure_ending_in_zeros_is_not_adjusted(decimals: str) -> None:
    """21,000 + 20 - 10 + 50 - 30 = 21,030, and 22,000 are counted: 970 go to migration, by variances of 100 and 300."""
    (group,) = balanced(ROUND.format(d=decimals), stated())
    figures = after(group)
    assert (figures["POP_BEG", "2021"], figures["POP_BEG", "2022"]) == (21_000, 22_000)
    assert figures["FLW_IMM", "2021"] == pytest.approx(50 + 970 / 4)
    assert figures["FLW_EMI", "2021"] == pytest.approx(30 - 970 * 3 / 4)


@cases_from("statistics/demography/cases/stated_rounding_overrides_trailing_zeros.csv", variance=float)
def test_stated_rounding_overrides_trailing_zeros(decimals: str, more: str, variance: float) -> None:
    text = f'[[variance]]\nitem = "POP_BEG"\nerror = "5"\n{more}\nsource = "counted"'
    figures = closed(ROUND.format(d=decimals), "A01", errors=stated(text)).figures.values()
    (of_population,) = {figure.variance for figure in figures if figure.item == "POP_BEG"}
    assert of_population == pytest.approx(variance)


def test_successive_accounts_are_balanced_together() -> None:
    """All errors are equal, and the population between two years is off by 12: residuals of +12 and -12.

    Each year has six figures, of which one is in both with opposite signs. The normal equations are
    6 a - b = 12 and 6 b - a = -12, so that a = 12/7 = -b: all figures move by that, the one between by twice as much.
    """
    table = """
flow,TIME_PERIOD,OBS_VALUE
DF_POP,2020,1000
DF_POP,2021,1042
DF_POP,2022,1060
DF_BIRTHS,2020,20
DF_DEATHS,2020,10
DF_IMM,2020,50
DF_EMI,2020,30
DF_BIRTHS,2021,20
DF_DEATHS,2021,10
DF_IMM,2021,50
DF_EMI,2021,30
"""
    text = "\n".join(
        f'[[variance]]\nitem = "{item}"\nerror = "5"\nsource = "made up"'
        for item in ("POP_BEG", "LBIRTH", "DEATH", "FLW_IMM", "FLW_EMI")
    )
    (group,) = balanced(table, stated(text))
    figures = after(group)
    assert figures["POP_BEG", "2021"] == pytest.approx(1042 - 2 * 12 / 7)
    assert figures["POP_BEG", "2020"] == pytest.approx(1000 + 12 / 7)
    assert figures["FLW_IMM", "2020"] == pytest.approx(50 + 12 / 7)
    assert figures["FLW_IMM", "2021"] == pytest.approx(50 - 12 / 7)
    assert group.balance.statistic == pytest.approx(2 * 12 * (12 / 7) / 25)
    assert group.balance.degrees == 2


def test_year_end_and_next_start_are_balanced_as_one_count() -> None:
    """An account that prints both: 1050 and 1056 become one number, whichever standard errors they have."""
    values = {"POP_BEG": 1000, "LBIRTH": 20, "DEATH": 10, "FLW_IMM": 70, "FLW_EMI": 30, "POP_END": 1050}
    rows = ["flow,ACC_ITEM,TIME_PERIOD,OBS_VALUE"]
    rows += [f"DF_ACCOUNT,{item},2021,{value}" for item, value in values.items()]
    rows += [f"DF_ACCOUNT,{item},2022,{value + 56 * item.startswith('POP')}" for item, value in values.items()]
    (group,) = balanced("\n".join(rows), list_equal_errors(Decimal("0.01"), ITEMS))
    ends = [one.balanced for one in group.balance.figures if group.figures[one.name].value in (1050, 1056)]
    assert len(ends) == 2
    assert ends[0] == pytest.approx(ends[1], abs=1e-6)
    assert 1050 < ends[0] < 1056
    assert group.balance.degrees == 3


def test_missing_term_is_estimated_from_account_and_named() -> None:
    (group,) = balanced(changed(DF_EMI=""), stated())
    (missing,) = [one for one in group.balance.figures if one.reported is None]
    assert group.missing[missing.name].written == "FLW_EMI"
    assert (missing.balanced, missing.balanced_error) == (pytest.approx(10), pytest.approx(10))
    assert group.balance.probability is None


def test_groups_by_sex_are_balanced_with_their_total() -> None:
    """Women and men have accounts of their own; afterwards they still add up to all."""
    rows = ["flow,SEX,TIME_PERIOD,OBS_VALUE"]
    for sex, part in (("_T", 2), ("F", 1), ("M", 1)):
        values = {"DF_BIRTHS": 20, "DF_DEATHS": 10, "DF_IMM": 50, "DF_EMI": 30}
        rows += [f"DF_POP,{sex},2021,{1000 * part}", f"DF_POP,{sex},2022,{1030 * part + (9 if sex == 'F' else 0)}"]
        rows += [f"{flow},{sex},2021,{value * part}" for flow, value in values.items()]
    (group,) = balanced("\n".join(rows), list_equal_errors(Decimal("0.01"), ITEMS))
    by_sex: dict[tuple[str, str], dict[str, float]] = {}
    for one in group.balance.figures:
        codes = dict(group.figures[one.name].codes)
        item = (group.figures[one.name].item, codes["TIME_PERIOD"])
        by_sex.setdefault(item, {})[codes["SEX"]] = one.balanced
    assert len(by_sex) == 6
    for parts in by_sex.values():
        assert parts["F"] + parts["M"] == pytest.approx(parts["_T"], abs=1e-6)


def test_missing_standard_error_is_requested_by_item_and_source() -> None:
    without = tuple(one for one in stated() if one.item != "FLW_EMI")
    with pytest.raises(SdmxmigError, match="stated for FLW_EMI in DF_EMI from BOR") as caught:
        balanced(ONE_YEAR, without)
    assert "variances.toml" in caught.value.hint
    assert "--equal-errors" in caught.value.hint


def test_last_matching_standard_error_of_a_source_is_used() -> None:
    text = """
    [[variance]]
    item = "FLW_EMI"
    relative = "0.5"
    source = "in general"
    [[variance]]
    item = "FLW_EMI"
    source_type = "BOR"
    relative = "0.1"
    source = "at the border"
    [[variance]]
    item = "FLW_EMI"
    source_type = "REG"
    relative = "0.9"
    source = "in the register"
    """
    figures = closed(ONE_YEAR, "A01", errors=stated(text)).figures.values()
    (emigration,) = [figure for figure in figures if figure.item == "FLW_EMI"]
    assert emigration.variance == pytest.approx(9)
    assert emigration.stated.source == "at the border"


@cases_from("statistics/demography/cases/statements_that_cannot_be_read_are_refused_with_their_place.csv")
def test_unreadable_statements_are_refused_with_their_place(text: str, message: str) -> None:
    with pytest.raises(DeclarationError, match=message) as caught:
        stated(text)
    assert "variances.toml" in str(caught.value.place)
