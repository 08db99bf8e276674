"""Population accounts: published years of Georgia and Sweden, four groups by hand, and what cannot be tested."""

from __future__ import annotations

from decimal import Decimal

import pytest
from case_tables import cases_from
from reported import datasets
from shipped import CATALOGUE
from worked_account import accounts

from sdmxmig.catalogue.accounting import parse_identities
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.statistics.demography.accounts import Account, compute_rounding

EVENTS = ("DF_BIRTHS", "DF_DEATHS", "DF_IMM", "DF_EMI")

# National Statistics Office of Georgia, as quoted in its releases: population on 1 January in thousands with one
# decimal; live births, deaths, immigrants and emigrants in persons; and the residual in thousands.
GEORGIA = {
    "2017": ("3726.4", "53293", "47822", "83239", "85451", "-0.059"),
    "2018": ("3729.6", "51138", "46524", "88152", "98935", "0.069"),
    "2019": ("3723.5", "48296", "46659", "96864", "105107", "0.006"),
    "2020": ("3716.9", "46520", "50537", "89996", "74264", "-0.015"),
    "2021": ("3728.6", "45946", "59906", "74008", "99974", "-0.074"),
    "2022": ("3688.6", "42319", "49118", "179778", "125269", "0.090"),
    "2023": ("3736.4", "40214", "42756", "205857", "245064", "-0.051"),
    "2024": ("3694.6", "39483", "43971", "135811", "121425", "0.002"),
    "2025": ("3704.5", "", "", "", "", ""),
}
# Statistics Sweden: population on 31 December of the year before and of the year, births, deaths, moves, and the
# adjustment item that it prints.
SWEDEN = {
    "2021": ("10379295", "114263", "91958", "90631", "48284", "8379", "10452326"),
    "2022": ("10452326", "104734", "94737", "102436", "50592", "7389", "10521556"),
    "2024": ("10551707", "98451", "91268", "116197", "86449", "-928", "10587710"),
}
ITEMS = ("POP_BEG", "LBIRTH", "DEATH", "FLW_IMM", "FLW_EMI", "ADJ", "POP_END")


def made(*rows: str, head: str = "flow,TIME_PERIOD,UNIT_MULT,OBS_VALUE") -> dict[tuple[str, str], Account]:
    """The accounts of a table, by identity and year."""
    found = accounts(datasets("\n".join([head, *rows]), CATALOGUE.flows), CATALOGUE.identities)
    return {(one.identity, one.period): one for one in found}


def georgia() -> dict[tuple[str, str], Account]:
    rows = [f"DF_POP,{year},3,{figures[0]}" for year, figures in GEORGIA.items()]
    for year, figures in GEORGIA.items():
        rows += [f"{flow},{year},0,{value}" for flow, value in zip(EVENTS, figures[1:5], strict=True) if value]
    return made(*rows)


@pytest.mark.parametrize("year", [year for year, figures in GEORGIA.items() if figures[-1]])
def test_account_of_georgia_balances_within_rounding_every_year(year: str) -> None:
    account = georgia()["A01", year]
    assert account.residual == Decimal(GEORGIA[year][-1]) * 1000
    assert account.outcome == "ROUNDING"
    assert compute_rounding(account) == 100  # half of 100 persons at the start and as much at the end


def test_account_of_georgia_2022_equals_hand_calculation() -> None:
    account = georgia()["A01", "2022"]
    assert [(term.item, term.sign, term.value) for term in account.terms] == [
        ("POP_BEG", 1, Decimal("3688600")),
        ("LBIRTH", 1, Decimal(42319)),
        ("DEATH", -1, Decimal(49118)),
        ("FLW_IMM", 1, Decimal(179778)),
        ("FLW_EMI", -1, Decimal(125269)),
    ]
    assert (account.computed_end, account.published_end) == (Decimal(3736310), Decimal(3736400))
    assert (account.residual, account.tolerance) == (Decimal(90), Decimal("1844.3"))
    assert [term.unit for term in account.terms] == [100, 1, 1, 1, 1]


@cases_from("statistics/demography/cases/only_figures_that_are_printed_rounded_allow_for_rounding.csv", allowed=int)
def test_only_rounded_figures_allow_for_rounding(start: str, end: str, allowed: int) -> None:
    rows = [f"DF_POP,2022,{start}", f"DF_POP,2023,{end}"]
    events = [f"{flow},2022,0,{value}" for flow, value in zip(EVENTS, GEORGIA["2022"][1:5], strict=True)]
    assert compute_rounding(made(*rows, *events)["A01", "2022"]) == allowed


def test_dropped_trailing_zero_does_not_change_rounding_unit() -> None:
    rows = [f"DF_POP,{year},3,{value}" for year, value in (("2021", "3728.6"), ("2022", "3688"), ("2023", "3736.4"))]
    events = [f"{flow},2022,0,{value}" for flow, value in zip(EVENTS, GEORGIA["2022"][1:5], strict=True)]
    account = made(*rows, *events)["A01", "2022"]
    assert account.terms[0].unit == 100


@pytest.mark.parametrize("year", SWEDEN)
def test_account_of_sweden_balances_exactly_with_adjustment(year: str) -> None:
    head = "flow,REF_AREA,TIME_PERIOD,ACC_ITEM,OBS_VALUE"
    rows = [f"DF_ACCOUNT,SE,{year},{item},{value}" for item, value in zip(ITEMS, SWEDEN[year], strict=True)]
    account = made(*rows, head=head)["A01", year]
    assert (account.area, account.residual, account.outcome) == ("SE", 0, "BALANCED")
    without = made(*[row for row in rows if ",ADJ," not in row], head=head)["A01", year]
    assert without.residual == Decimal(SWEDEN[year][5])


def test_population_of_31_december_starts_the_next_year() -> None:
    rows = ["DF_POP,D1231,2020,10379295", "DF_POP,D1231,2021,10452326"]
    values = ("114263", "91958", "90631", "48284")
    rows += [f"{flow},,2021,{value}" for flow, value in zip(EVENTS, values, strict=True)]
    account = made(*rows, head="flow,REF_DATE,TIME_PERIOD,OBS_VALUE")["A01", "2021"]
    assert (account.terms[0].value, account.published_end) == (Decimal(10379295), Decimal(10452326))
    assert (account.residual, account.outcome) == (Decimal(8379), "UNBALANCED")


@pytest.mark.parametrize("order", [1, -1], ids=["parts first", "total first"])
def test_part_of_the_population_does_not_replace_the_total(order: int) -> None:
    head = "flow,TIME_PERIOD,C_BIRTH,C_CITIZEN,OBS_VALUE"
    rows = [f"DF_POP,{year},{whose}" for year in (2021, 2022) for whose in ("AM,_T,6", "_T,AM,7", "_T,_T,100")]
    rows += [f"{flow},2021,_T,_T,5" for flow in EVENTS]
    account = made(*rows[::order], head=head)["A01", "2021"]
    assert (account.terms[0].value, account.published_end, account.residual) == (100, 100, 0)


def test_account_takes_missing_items_from_flows() -> None:
    head = "flow,REF_DATE,TIME_PERIOD,ACC_ITEM,OBS_VALUE"
    rows = ["DF_POP,D1231,2020,,10379295", "DF_POP,D1231,2021,,10452326", "DF_ACCOUNT,,2021,ADJ,8379"]
    values = ("114263", "91958", "90631", "48284")
    rows += [f"{flow},,2021,,{value}" for flow, value in zip(EVENTS, values, strict=True)]
    assert made(*rows, head=head)["A01", "2021"].outcome == "BALANCED"


def test_observed_figures_precede_modelled_ones() -> None:
    head = "flow,TIME_PERIOD,ACC_ITEM,SRC_TYPE,OBS_VALUE"
    rows = ["DF_BIRTHS,2019,,CRVS,210188", "DF_ACCOUNT,2019,LBIRTH,EXP,210016", "DF_ACCOUNT,2019,DEATH,EXP,124016"]
    births, deaths = [term for term in made(*rows, head=head)["A01", "2019"].terms if term.value is not None]
    assert (births.value, births.is_modelled) == (210188, False)
    assert (deaths.value, deaths.is_modelled) == (124016, True)
    registered = [row.replace("EXP", "REG") for row in rows]
    assert made(*registered, head=head)["A01", "2019"].terms[1].value == 210016


# Worked by hand: item, native-born citizens, native-born foreigners, foreign-born citizens, foreign-born foreigners.
GROUPS = (("NB", "NC"), ("NB", "FC"), ("FB", "NC"), ("FB", "FC"))
BY_GROUP = {
    "POP_BEG": ("9000000", "60000", "200000", "740000"),
    "LBIRTH": ("100000", "4000", "", ""),
    "DEATH": ("80000", "100", "2000", "3000"),
    "FLW_IMM": ("12000", "800", "3000", "90000"),
    "FLW_EMI": ("40000", "1200", "4000", "35000"),
    "CTZ_ACQ": ("1500", "1500", "9000", "9000"),
    "CTZ_LOSS": ("200", "200", "100", "100"),
    "POP_END": ("8993300", "62200", "205900", "783100"),
}
TOTALS = {
    "POP_BEG": "10000000",
    "LBIRTH": "104000",
    "DEATH": "85100",
    "FLW_IMM": "105800",
    "FLW_EMI": "80200",
    "POP_END": "10044500",
}


def test_four_groups_balance_with_changes_of_citizenship() -> None:
    head = "flow,BIRTH_STATUS,CTZ_STATUS,ACC_ITEM,OBS_VALUE"
    rows = [
        f"DF_ACCOUNT,{birth},{citizenship},{item},{value}"
        for item, values in BY_GROUP.items()
        for (birth, citizenship), value in zip(GROUPS, values, strict=True)
        if value
    ]
    rows += [f"DF_ACCOUNT,_T,_T,{item},{value}" for item, value in TOTALS.items()]
    found = made(*rows, head=head)
    assert {identity: account.outcome for (identity, _), account in found.items()} == dict.fromkeys(
        ("A01", "A03", "A04", "A05", "A06"), "BALANCED"
    )
    assert found["A05", "2022"].population == (("BIRTH_STATUS", "FB"), ("CTZ_STATUS", "NC"))
    assert found["A04", "2022"].published_end == 62200


def test_missing_terms_are_named() -> None:
    found = made("DF_POP,2022,0,1000", "DF_BIRTHS,2022,0,10", "DF_DEATHS,2022,0,8", "DF_IMM,2022,0,5")
    account = found["A01", "2022"]
    assert (account.outcome, account.missing) == ("NOT_TESTABLE", ("FLW_EMI", "POP_END"))
    assert account.computed_end is account.residual is None


def test_account_requires_flows_and_ends_at_a_break() -> None:
    assert made("DF_POP,2022,0,1000") == {}
    rows = ["DF_POP,2022,A,1000", "DF_POP,2023,B,500", "DF_BIRTHS,2022,A,10", "DF_DEATHS,2022,A,8"]
    rows += ["DF_IMM,2022,A,5", "DF_EMI,2022,A,7"]
    account = made(*rows, head="flow,TIME_PERIOD,OBS_STATUS,OBS_VALUE")["A01", "2022"]
    assert (account.outcome, account.missing, account.residual) == ("NOT_TESTABLE", ("series break",), Decimal(-500))


def test_accounts_exist_for_each_sex_but_not_for_age_groups() -> None:
    head = "flow,SEX,AGE,TIME_PERIOD,OBS_VALUE"
    rows = [f"DF_POP,{sex},{age},{year},100" for sex in "FM" for age in ("_T", "Y0T14") for year in (2022, 2023)]
    rows += [f"{flow},{sex},{age},2022,5" for flow in EVENTS for sex in "FM" for age in ("_T", "Y0T14")]
    found = accounts(datasets("\n".join([head, *rows]), CATALOGUE.flows), CATALOGUE.identities)
    assert [(account.population, account.outcome) for account in found] == [
        ((("SEX", "F"),), "BALANCED"),
        ((("SEX", "M"),), "BALANCED"),
    ]


@cases_from("statistics/demography/cases/a_wrong_identity_is_named_with_its_key.csv")
def test_wrong_identity_is_refused_with_its_key(change: str, message: str) -> None:
    with pytest.raises(DeclarationError, match=message.replace("“", ".").replace("”", ".")) as caught:
        parse_identities("accounts.toml", f"[[identity]]\n{change}\n".encode())
    assert isinstance(caught.value, SdmxmigError)
    assert str(caught.value.place).startswith("accounts.toml")


def test_next_year_events_do_not_replace_the_final_population() -> None:
    years = [f"{flow},{year},0,7" for flow in EVENTS for year in (2022, 2023)]
    found = made("DF_POP,2022,0,1000", *years)
    assert [
        (account.period, account.outcome, account.published_end, account.missing) for account in found.values()
    ] == [("2022", "NOT_TESTABLE", None, ("POP_END",)), ("2023", "NOT_TESTABLE", None, ("POP_BEG", "POP_END"))]
    assert found["A01", "2022"].computed_end == 1000
