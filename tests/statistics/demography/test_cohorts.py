"""Cohorts in groups of ages: exact tests, untestable cases with their reason, and certain contradictions."""

from __future__ import annotations

from decimal import Decimal

from reported import datasets
from shipped import CATALOGUE

from sdmxmig.statistics.demography.accounts import TracedAccount, trace
from sdmxmig.statistics.demography.closing import close_accounts, list_residual_migration
from sdmxmig.statistics.demography.ledger import open_books

HEAD = "flow,AGE,TIME_PERIOD,OBS_VALUE,AGEDEF"


def traced(rows: str, *ids: str) -> tuple[TracedAccount, ...]:
    """The tests of these identities on a table with the columns of HEAD; blanks between rows."""
    table = "\n".join([HEAD, *(f"{row}," for row in rows.split())])
    return trace(open_books(datasets(table, CATALOGUE.flows)), [one for one in CATALOGUE.identities if one.id in ids])


def by_age(rows: str, identity: str = "A22") -> dict[tuple[str, str], tuple[Decimal | None, str]]:
    """Residual and outcome of each test by its end year and its age at the end."""
    accounts = [test.account for test in traced(rows, identity)]
    return {(a.period, dict(a.population)["AGE"]): (a.residual, a.outcome) for a in accounts if a.published_end}


# 100 at 0 to 4 on 1 January 2015 are 5 to 9 on 1 January 2020. Their deaths stand at the ages 1-5 in 2015, 2-6 in 2016,
# 3-7 in 2017, 4-8 in 2018 and 5-9 in 2019: one each year, at 3, 4, 5, 6 and 7 years. Deaths at 9 in 2015 and at 0 in
# 2019 are of others. Nobody came but two of 5 years in 2016, and one of 8 years left in 2019: 100 - 5 + 2 - 1 = 96.
FIVE_YEARS = """
DF_POP,Y0T4,2015,100 DF_POP,Y5T9,2020,96 DF_POP,Y0T4,2020,90
DF_DEATHS,Y3,2015,1 DF_DEATHS,Y4,2016,1 DF_DEATHS,Y5,2017,1 DF_DEATHS,Y6,2018,1 DF_DEATHS,Y7,2019,1
DF_DEATHS,Y9,2015,7 DF_DEATHS,Y0,2019,8
DF_IMM,Y5,2016,2 DF_EMI,Y8,2019,1
"""


def filled(rows: str) -> str:
    """The table with zeros for the missing single years of age from 0 to 9 in 2015 to 2019."""
    reported = {tuple(row.split(",")[:3]) for row in rows.split()}
    cells = [
        (f, f"Y{a}", str(y)) for f in ("DF_DEATHS", "DF_IMM", "DF_EMI") for a in range(10) for y in range(2015, 2020)
    ]
    return rows + " ".join(f"{','.join(cell)},0" for cell in cells if cell not in reported)


def test_cohort_is_followed_over_five_years_by_age() -> None:
    assert by_age(filled(FIVE_YEARS))["2019", "Y5T9"] == (0, "BALANCED")


def test_one_missing_person_leaves_a_residual_of_minus_1() -> None:
    rows = filled(FIVE_YEARS).replace("DF_POP,Y5T9,2020,96", "DF_POP,Y5T9,2020,95")
    assert by_age(rows)["2019", "Y5T9"] == (-1, "UNBALANCED")


def test_observations_of_each_year_are_named() -> None:
    (test,) = [t for t in traced(filled(FIVE_YEARS), "A22") if dict(t.account.population).get("AGE") == "Y5T9"]
    deaths = next(term for term in test.cells if term.item == "DEATH")
    assert (deaths.written, deaths.factor, len(deaths.observations)) == ("DEATH[AGE=AGE-5]", -1, 25)
    assert [(t.item, t.value) for t in test.account.terms if t.value] == [
        ("POP_BEG[AGE=AGE-5]", 100),
        ("DEATH[AGE=AGE-5]", 5),
        ("FLW_IMM[AGE=AGE-5]", 2),
        ("FLW_EMI[AGE=AGE-5]", 1),
    ]


def test_undivided_events_name_the_missing_ages() -> None:
    rows = "DF_POP,Y0T4,2015,100 DF_POP,Y5T9,2020,96 " + " ".join(
        f"{flow},{age},{year},5"
        for flow in ("DF_DEATHS", "DF_IMM", "DF_EMI")
        for age in ("Y0T4", "Y5T9")
        for year in range(2015, 2020)
    )
    (test,) = [t for t in traced(rows, "A22") if t.account.published_end == 96]
    assert test.account.outcome == "NOT_TESTABLE"
    # in the last of the five years the cohort is the printed group
    assert [name for name in test.account.missing if "DEATH" in name] == [
        f"DEATH[AGE=Y{age}T{age + 4}, TIME_PERIOD={year}]" for age, year in ((1, 2015), (2, 2016), (3, 2017), (4, 2018))
    ]


def test_births_form_the_youngest_group() -> None:
    """10 + 11 + 12 + 13 + 14 were born in the five years, and one died at 0 in the first: 59."""
    births = " ".join(f"DF_BIRTHS,_T,{2015 + n},{10 + n}" for n in range(5))
    rows = filled(f"DF_POP,Y0T4,2015,100 DF_POP,Y0T4,2020,59 {births} DF_DEATHS,Y0,2015,1 ")
    assert by_age(rows)["2019", "Y0T4"] == (0, "BALANCED")
    missing = [t for t in traced(rows.replace("DF_BIRTHS,_T,2017,12", ""), "A22") if t.account.published_end == 59]
    assert [test.account.missing for test in missing] == [("LBIRTH[AGE=_T, TIME_PERIOD=2017]",)]


def test_open_group_includes_people_who_reach_its_age() -> None:
    """30 of 84 and 50 of 85 and more at the start; 9 of those who reach 85 or more in the year died: 71."""
    rows = """
    DF_POP,Y84,2021,30 DF_POP,Y_GE85,2021,50 DF_POP,Y_GE85,2022,71
    DF_DEATHS,Y_GE85,2021,9 DF_IMM,Y_GE85,2021,1 DF_EMI,Y_GE85,2021,1
    """
    assert by_age(rows)["2021", "Y_GE85"] == (0, "BALANCED")


def test_ages_may_be_differences_of_open_groups() -> None:
    """At the start 40 are 4 and more, 15 of them 9 and more: 25 are 4 to 8. Likewise 3 - 1 = 2 deaths at 5 to 9."""
    rows = """
    DF_POP,Y_GE4,2021,40 DF_POP,Y_GE9,2021,15 DF_POP,Y5T9,2022,23
    DF_DEATHS,Y_GE5,2021,3 DF_DEATHS,Y_GE10,2021,1 DF_IMM,Y5T9,2021,0 DF_EMI,Y5T9,2021,0
    """
    (test,) = [t for t in traced(rows, "A22") if t.account.published_end == 23]
    assert (test.account.residual, test.account.outcome) == (0, "BALANCED")
    assert [(t.item, t.factor, len(t.observations)) for t in test.cells if t.item == "DEATH"] == [
        ("DEATH", -1, 1),
        ("DEATH", 1, 1),
    ]


GROUPS_OVER_A_YEAR = """
DF_POP,Y0T4,2021,100 DF_POP,Y5T9,2021,120 DF_POP,Y_GE10,2021,500 DF_POP,Y5T9,2022,{end}
DF_DEATHS,Y0T4,2021,2 DF_DEATHS,Y5T9,2021,3 DF_DEATHS,Y_GE10,2021,30
DF_IMM,Y0T4,2021,6 DF_IMM,Y5T9,2021,7 DF_IMM,Y_GE10,2021,40
DF_EMI,Y0T4,2021,5 DF_EMI,Y5T9,2021,4 DF_EMI,Y_GE10,2021,20
"""


def bounds(end: int) -> list[tuple[str, Decimal | None, str]]:
    rows = GROUPS_OVER_A_YEAR.format(end=end)
    found = [test for test in traced(rows, "G04") if test.account.published_end == end]
    return [(test.equation[:10], test.account.residual, test.account.outcome) for test in found]


def test_groups_followed_over_one_year_yield_only_bounds() -> None:
    """Persons of 5 to 9 at the end were 4 to 8 at the start: at most 100 + 120. Events at 5 to 9 are the cohort's own.

    So 220 - 3 + 7 - 4 = 220 are the most. No person is certain to have been there at the start: the least is 0.
    """
    rows = GROUPS_OVER_A_YEAR.format(end=118)
    exact = {
        dict(t.account.population)["AGE"]: t.account.missing for t in traced(rows, "A22") if t.account.published_end
    }
    assert exact["Y5T9"] == ("POP_BEG[AGE=Y4T8, TIME_PERIOD=2021]",)
    assert bounds(118) == [("POP_END <=", -102, "BALANCED"), ("POP_END >=", 118, "BALANCED")]
    assert bounds(220)[0] == ("POP_END <=", 0, "BALANCED")
    assert bounds(221)[0] == ("POP_END <=", 1, "UNBALANCED")


def test_certain_fault_is_reported_as_contradiction() -> None:
    table = "\n".join([HEAD, *(f"{row}," for row in GROUPS_OVER_A_YEAR.format(end=221).split())])
    identities = [one for one in CATALOGUE.identities if one.id == "G04"]
    closed = close_accounts(open_books(datasets(table, CATALOGUE.flows)), identities)
    assert [r.result_class for r in closed.results if r.test.account.published_end == 221] == [
        "CONTRADICTED",
        "BALANCED",
    ]


def test_exactly_tested_cohort_is_not_tested_by_bounds() -> None:
    assert [test for test in traced(filled(FIVE_YEARS), "G04") if test.account.published_end == 96] == []


def test_single_years_are_not_tested_again_in_groups() -> None:
    single = " ".join(f"DF_POP,Y{age},2021,10 DF_POP,Y{age},2022,10 DF_DEATHS,Y{age},2021,0" for age in range(6))
    rows = f"{single} DF_POP,Y1T5,2022,50 DF_POP,Y0T4,2021,50"
    followed = {dict(test.account.population).get("AGE") for test in traced(rows, "A22") if test.account.published_end}
    assert followed == {"Y1", "Y2", "Y3", "Y4", "Y5", None}


def test_cohort_counted_in_between_is_followed_in_steps() -> None:
    rows = "DF_POP,Y0T4,2010,100 DF_POP,Y5T9,2015,98 DF_POP,Y10T14,2020,97"
    spans = {
        (t.account.period, t.equation.partition("AGE-")[2][:1]) for t in traced(rows, "A22") if t.account.published_end
    }
    assert spans == {("2014", "5"), ("2019", "5")}
    rows = "DF_POP,Y0T9,2010,100 DF_POP,Y10T19,2020,97"
    (test,) = [t for t in traced(rows, "A22") if t.account.published_end == 97]
    assert "POP_BEG[AGE=AGE-10]" in test.equation


def test_events_by_completed_years_yield_no_cohort() -> None:
    rows = filled(FIVE_YEARS)
    table = "\n".join([HEAD, *(f"{row},{'COMPLET' if 'DEATHS' in row else ''}" for row in rows.split())])
    found = trace(
        open_books(datasets(table, CATALOGUE.flows)), [one for one in CATALOGUE.identities if one.id == "A22"]
    )
    (test,) = [t for t in found if dict(t.account.population).get("AGE") == "Y5T9"]
    assert test.account.outcome == "NOT_TESTABLE"
    assert all(name.startswith("DEATH") for name in test.account.missing)


def test_events_of_unknown_age_prevent_the_test() -> None:
    rows = filled(FIVE_YEARS) + " DF_DEATHS,_U,2017,1"
    (test,) = [t for t in traced(rows, "A22") if dict(t.account.population).get("AGE") == "Y5T9"]
    assert test.account.missing == ("DEATH[AGE=_U, TIME_PERIOD=2017]",)
    none = filled(FIVE_YEARS) + " DF_DEATHS,_U,2017,0"
    assert by_age(none)["2019", "Y5T9"] == (0, "BALANCED")


def test_break_in_between_ends_the_cohort() -> None:
    table = "\n".join(
        [
            "flow,AGE,TIME_PERIOD,OBS_VALUE,OBS_STATUS",
            *(f"{row},A" for row in filled(FIVE_YEARS).split()),
            "DF_POP,Y0T4,2018,90,B",
        ]
    )
    found = trace(
        open_books(datasets(table, CATALOGUE.flows)), [one for one in CATALOGUE.identities if one.id == "A22"]
    )
    (test,) = [t for t in found if dict(t.account.population).get("AGE") == "Y5T9" and t.account.period == "2019"]
    assert test.account.missing == ("series break",)


def test_cohort_net_migration_is_change_less_deaths() -> None:
    """100 became 96 and 5 died: one came net; neither those who came nor those who left need be reported by age."""
    rows = " ".join(row for row in filled(FIVE_YEARS).split() if not row.startswith(("DF_IMM", "DF_EMI")))
    table = "\n".join([HEAD, *(f"{row}," for row in rows.split())])
    identities = [one for one in CATALOGUE.identities if one.id == "A22"]
    nets = list_residual_migration(close_accounts(open_books(datasets(table, CATALOGUE.flows)), identities))
    assert [(one.net, one.test.account.period) for one in nets if one.net is not None] == [(1, "2019")]
