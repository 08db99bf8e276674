"""Accounting identities: a worked account satisfies all of them, and an error fails exactly those that contain it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from case_tables import cases_from
from folders import ROOT
from reported import datasets
from shipped import CATALOGUE
from worked_account import GROUPS, TOTAL_ONLY, WORKED

from sdmxmig.catalogue.accounting import EquationNames, Identity, check_identity, parse_equation, parse_identities
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.accounts import TracedAccount, compute_tested_share, count_outcomes, trace
from sdmxmig.statistics.demography.ledger import open_books

RATES = {"IMM_RATE": "10.557", "EMI_RATE": "8.002", "NET_RATE": "2.554"}
TESTED = {*(f"A{number:02d}" for number in (*range(1, 10), 12, 13, 14, 15)), *("G01", "G02", "G03", "G06")}
HEAD = "flow,ACC_ITEM,INDICATOR,UNIT_MEASURE,BIRTH_STATUS,CTZ_STATUS,OBS_VALUE"


def account(**changes: int) -> str:
    """The worked account; a change is named ITEM_group, with the number of the group from 1, and added."""
    rows = [HEAD]
    for item, values in WORKED.items():
        for number, ((birth, citizenship), value) in enumerate(zip(GROUPS, values, strict=True), start=1):
            changed = value + changes.pop(f"{item}_{number}", 0)
            rows.append(f"DF_ACCOUNT,{item},,PS,{birth},{citizenship},{changed}")
    rows += [f"DF_ACCOUNT,{item},,PS,_T,_T,{value}" for item, value in TOTAL_ONLY.items()]
    rows += [f"DF_INDICATOR,,{item},PER_1000_POP,_T,_T,{value}" for item, value in RATES.items()]
    assert not changes
    return "\n".join(rows)


def checked(table: str, *ids: str) -> tuple[TracedAccount, ...]:
    """All tests of a table, or those of some identities."""
    chosen = [identity for identity in CATALOGUE.identities if not ids or identity.id in ids]
    return trace(open_books(datasets(table, CATALOGUE.flows)), chosen)


def with_outcome(tests: Iterable[TracedAccount], *outcomes: str) -> set[str]:
    """The identities with a test that came out so."""
    return {test.account.identity for test in tests if test.account.outcome in outcomes}


def test_worked_account_satisfies_every_testable_identity() -> None:
    tests = checked(account())
    assert with_outcome(tests, "BALANCED", "ROUNDING") == TESTED
    assert with_outcome(tests, "TOLERATED", "UNBALANCED") == set()
    assert with_outcome(tests, "ROUNDING") == {"A14"}, "rates are printed with three decimals"


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({"POP_END_2": 5_000}, ["A02", "A04"]),
        ({"LBIRTH_4": 900, "LBIRTH_5": 900}, ["A02", "A07", "A13", "A15"]),
        ({"CTZ_ACQ_4": -9_000}, ["A06", "A08", "A09"]),
        ({"NET_MIG_1": 1_000}, ["A12"]),
        ({"FLW_EMI_5": 100_000}, ["A01", "A02", "A12", "A14"]),
        ({"DEATH_2": -2_000}, ["A02", "A04", "G01"]),
        ({"FLW_EMI_3": 200_000}, ["A02", "A05", "A12", "G03"]),
    ],
    ids=str,
)
def test_error_fails_exactly_the_identities_containing_its_term(change: dict[str, int], failing: list[str]) -> None:
    assert with_outcome(checked(account(**change)), "UNBALANCED") == set(failing)


def test_missing_terms_are_named() -> None:
    table = account().replace("DF_ACCOUNT,POP_END,,PS,FB,NC", "DF_ACCOUNT,POP_END,,PS,FB,_U")
    found = {test.equation: test.account.missing for test in checked(table, "A02", "A05") if test.account.missing}
    assert found == {
        "POP_END[TOTAL] = POP_END[GROUPS]": ("POP_END[BIRTH_STATUS=FB, CTZ_STATUS=NC]",),
        "POP_END = POP_BEG - DEATH + FLW_IMM - FLW_EMI + CTZ_ACQ - CTZ_LOSS? + ADJ?": ("POP_END",),
    }


def test_share_of_testable_identities_is_computed() -> None:
    outcomes = count_outcomes(checked(account(FLW_EMI_5=100_000)), CATALOGUE.identities, "GE")
    assert compute_tested_share(outcomes) == Decimal(17) / 36
    by_id = {outcome.identity: outcome for outcome in outcomes}
    assert (by_id["A12"].outcome, by_id["A03"].outcome, by_id["A14"].outcome) == (
        "UNBALANCED",
        "BALANCED",
        "UNBALANCED",
    )
    assert by_id["A12"].tests == 6, "five populations, and the sum of the groups"
    assert (by_id["A17"].outcome, by_id["A17"].missing[0]) == ("NOT_TESTABLE", "EMP_BEG")
    assert (by_id["A26"].outcome, by_id["A26"].missing) == ("NOT_TESTABLE", ()), "nothing is reported"
    assert compute_tested_share(()) == 0


def test_parts_with_unknown_add_up_to_the_total() -> None:
    rows = ["flow,SEX,AGE,C_BIRTH,BIRTH_STATUS,OBS_VALUE"]
    rows += [f"DF_POP,{sex},_T,_T,_T,{value}" for sex, value in (("_T", 100), ("F", 51), ("M", 48), ("_U", 1))]
    ages = {"Y0T14": 20, "Y15T64": 60, "Y_GE65": 19, "_U": 1, "Y15T24": 9}
    rows += [f"DF_POP,_T,{age},_T,_T,{value}" for age, value in ages.items()]
    countries = {("GE", "NB"): 90, ("AM", "FB"): 6, ("_O", "FB"): 3, ("_U", "_U"): 1}
    rows += [f"DF_POP,_T,_T,{country},{birth},{value}" for (country, birth), value in countries.items()]
    tests = [test for test in checked("\n".join(rows), "A23") if test.account.residual is not None]
    assert [(test.equation[:12], test.account.outcome) for test in tests] == [
        ("POP_BEG[SEX=", "BALANCED"),
        ("POP_BEG[AGE=", "BALANCED"),
        ("POP_BEG[C_BI", "BALANCED"),
    ]
    few = "\n".join(row for row in rows if "_O" not in row and "_U,_U" not in row)
    short = [one for one in checked(few, "A23") if "C_BIRTH" in one.equation]
    assert [test.account.missing for test in short] == [("POP_BEG[C_BIRTH=_O]",)], "some countries only"


@pytest.mark.parametrize(
    ("georgia", "missing"), [(94, ()), (93, ("POP_BEG[C_BIRTH=_O]",)), (90, ("POP_BEG[C_BIRTH=_O]",)), (95, ())]
)
def test_countries_are_complete_only_if_they_add_up(georgia: int, missing: tuple[str, ...]) -> None:
    rows = ["DF_POP,_T,_T,100", f"DF_POP,GE,NB,{georgia}", "DF_POP,AM,FB,6"]
    tests = checked("\n".join(["flow,C_BIRTH,BIRTH_STATUS,OBS_VALUE", *rows]), "A23")
    assert [test.account.missing for test in tests if "C_BIRTH" in test.equation] == [missing]


def test_missing_counts_of_a_day_are_named() -> None:
    tests = checked("flow,ACC_ITEM,OBS_VALUE\nDF_ACCOUNT,PRES_BEG,1010", "A20")
    assert [(test.account.outcome, test.account.missing) for test in tests] == [
        ("NOT_TESTABLE", ("POP_BEG", "ABS_BEG", "TMP_BEG"))
    ]


def test_flow_must_have_equal_totals_in_all_tables() -> None:
    rows = ["flow,C_BIRTH,C_CITIZEN,C_RESIDENCE,BIRTH_STATUS,CTZ_STATUS,OBS_VALUE"]
    rows += ["DF_IMM,AM,_T,_T,FB,_T,60", "DF_IMM,_O,_T,_T,FB,_T,40"]
    rows += ["DF_IMM,_T,AM,_T,_T,FC,70", "DF_IMM,_T,GE,_T,_T,NC,30"]
    rows += ["DF_IMM,_T,_T,AM,_T,_T,90", "DF_IMM,_T,_T,_O,_T,_T,15"]
    tests = checked("\n".join(rows), "A24")
    assert [(test.account.residual, test.account.outcome) for test in tests] == [(0, "BALANCED"), (-5, "UNBALANCED")]


def test_emigration_to_a_country_equals_its_immigration() -> None:
    rows = ["flow,REF_AREA,C_RESIDENCE,OBS_VALUE"]
    rows += ["DF_EMI,GE,AM,1000", "DF_EMI,GE,_T,5000", "DF_EMI,AM,GE,70", "DF_IMM,AM,GE,970", "DF_IMM,GE,AM,700"]
    rows += ["DF_IMM,GE,SE,8"]
    tests = {
        (t.account.area, dict(t.account.population)["C_RESIDENCE"]): t.account for t in checked("\n".join(rows), "A18")
    }
    assert {corridor: test.outcome for corridor, test in tests.items()} == {
        ("GE", "AM"): "TOLERATED",
        ("AM", "GE"): "UNBALANCED",
        ("SE", "GE"): "NOT_TESTABLE",
    }
    assert tests["GE", "AM"].residual == 30


def test_mirror_dataset_contains_both_reports() -> None:
    rows = ["flow,COUNTERPART_AREA,DIRECTION,REPORTED_BY,OBS_VALUE"]
    rows += ["DF_MIRROR,AM,E,OWN,100", "DF_MIRROR,AM,E,PARTNER,150", "DF_MIRROR,AM,I,OWN,5", "DF_MIRROR,AM,I,PARTNER,5"]
    tests = checked("\n".join(rows), "A18")
    assert [(t.equation[:20], t.account.residual) for t in tests] == [
        ("MIR_OWN[DIRECTION=I]", 0),
        ("MIR_OWN[DIRECTION=E]", -50),
    ]


def test_cohorts_grow_a_year_older() -> None:
    rows = ["flow,ACC_ITEM,AGE,OBS_VALUE"]
    cells = {
        "POP_BEG": {"Y0": 100, "Y1": 90, "_T": 190},
        "POP_END": {"Y0": 112, "Y1": 101, "Y2": 80, "_T": 293},
        "LBIRTH": {"_T": 110},
        "DEATH": {"Y0": 1, "Y1": 2, "Y2": 0, "_T": 3},
        "FLW_IMM": {"Y0": 4, "Y1": 5, "Y2": 0, "_T": 9},
        "FLW_EMI": {"Y0": 1, "Y1": 2, "Y2": 1, "_T": 4},
    }
    rows += [f"DF_ACCOUNT,{item},{age},{value}" for item, by_age in cells.items() for age, value in by_age.items()]
    tests = checked("\n".join(rows), "A22")
    found = {dict(t.account.population).get("AGE", "Y0"): (t.account.residual, t.account.outcome) for t in tests}
    assert found == {"Y0": (0, "BALANCED"), "Y1": (0, "BALANCED"), "Y2": (-9, "UNBALANCED")}


def test_cohort_with_break_at_its_end_is_not_testable() -> None:
    cells = {"POP_BEG,Y1,A": 90, "POP_END,Y2,B": 80, "DEATH,Y2,A": 0, "FLW_IMM,Y2,A": 0, "FLW_EMI,Y2,A": 1}
    rows = [f"DF_ACCOUNT,{cell},{value}" for cell, value in cells.items()]
    accounts = [test.account for test in checked("\n".join(["flow,ACC_ITEM,AGE,OBS_STATUS,OBS_VALUE", *rows]), "A22")]
    assert [(one.outcome, one.missing) for one in accounts if dict(one.population).get("AGE") == "Y2"] == [
        ("NOT_TESTABLE", ("series break",))
    ]


@pytest.mark.parametrize(
    ("rate", "outcome"), [("11", "ROUNDING"), ("10.6", "ROUNDING"), ("10", "UNBALANCED"), ("10.4", "UNBALANCED")]
)
def test_tolerance_of_a_rate_follows_its_printed_decimals(rate: str, outcome: str) -> None:
    items = {item: values[-1] for item, values in WORKED.items() if item in ("POP_BEG", "POP_END", "FLW_IMM")}
    rows = [f"DF_ACCOUNT,{item},,PS,{value}" for item, value in items.items()]
    table = "\n".join(
        ["flow,ACC_ITEM,INDICATOR,UNIT_MEASURE,OBS_VALUE", *rows, f"DF_INDICATOR,,IMM_RATE,PER_1000_POP,{rate}"]
    )
    outcomes = [test.account.outcome for test in checked(table, "A14") if test.left == "IMM_RATE"]
    assert outcomes == [outcome]


def test_other_accounts_have_their_own_items() -> None:
    items = {
        "A16": {"IMP_BEG": 50, "IMP_FIRST": 9, "IMP_RETURN": 2, "IMP_EMI": 4, "IMP_DEATH": 1, "IMP_END": 56},
        "A17": {"EMP_BEG": 70, "FLW_EMI": 8, "EMP_RETURN": 3, "EMP_DEATH": 2, "EMP_END": 73},
        "A21": {"TMP_BEG": 20, "TMP_ARR": 90, "TMP_DEP": 85, "TMP_RES": 4, "TMP_DEATH": 1, "TMP_END": 20},
        "A20": {"PRES_BEG": 1010, "POP_BEG": 1000, "ABS_BEG": 10},
        "A19": {"BRD_ENTRY": 140, "BRD_EXIT": 121, "FLW_IMM": 12, "ABS_RETURN": 30, "ABS_DEP": 20},
    }
    rows = [f"DF_ACCOUNT,{item},{value}" for held in items.values() for item, value in held.items()]
    tests = checked("\n".join(["flow,ACC_ITEM,OBS_VALUE", *rows]), *items)
    assert {
        test.account.identity: test.account.outcome for test in tests if test.account.period == "2022"
    } == dict.fromkeys(items, "BALANCED")


def test_asylum_account_counts_at_the_end_of_the_year() -> None:
    rows = ["flow,PROT_ITEM,DECISION_STAGE,TIME_PERIOD,OBS_VALUE"]
    rows += ["DF_PROTECTION,PENDING,_T,2021,40", "DF_PROTECTION,PENDING,_T,2022,55"]
    rows += ["DF_PROTECTION,APPLIED,_T,2022,30", "DF_PROTECTION,DECIDED,FINAL,2022,10"]
    rows += ["DF_PROTECTION,WITHDRAWN,_T,2022,4"]
    tests = [test for test in checked("\n".join(rows), "A26") if test.account.period == "2022"]
    assert [(test.account.residual, test.account.outcome) for test in tests] == [(-1, "UNBALANCED")]


def test_permits_must_cover_the_foreign_residents() -> None:
    head = "flow,ACC_ITEM,ADM_ITEM,CTZ_STATUS,REF_DATE,OBS_VALUE"
    rows = ["DF_PERMIT,,PERMIT_VALID,,,80", "DF_ACCOUNT,PERMIT_EXEMPT,,_T,,15", "DF_ACCOUNT,IRR_STOCK,,_T,,10"]
    enough = checked("\n".join([head, *rows, "DF_ACCOUNT,POP_END,,FC,,100"]), "A25")
    assert [(test.account.residual, test.account.outcome) for test in enough] == [(5, "BALANCED")]
    short = checked("\n".join([head, *rows, "DF_ACCOUNT,POP_END,,FC,,130"]), "A25")
    assert [(test.account.residual, test.account.outcome) for test in short] == [(-25, "UNBALANCED")]


GROUP_NAMES = {
    "NB": "native-born",
    "FB": "foreign-born",
    "NC": "citizens",
    "FC": "foreign citizens",
    "NB NC": "native-born citizens",
    "NB FC": "native-born foreigners",
    "FB NC": "foreign-born citizens",
    "FB FC": "foreign-born foreigners",
}


def for_whom(identity: Identity) -> str:
    """The population of an identity by birth and citizenship, in the words of the manual."""
    if identity.each:
        return "; ".join(GROUP_NAMES[code] for _, codes in identity.each for code in codes)
    codes = [code for dimension, code in identity.population if dimension in ("BIRTH_STATUS", "CTZ_STATUS")]
    group = " ".join(code for code in codes if code != "_T")
    return GROUP_NAMES[group] if group else "whole population" if len(codes) == 2 else "whole, and every group"


def ages(identity: Identity) -> str:
    """For which ages an identity is tested, as the manual says it."""
    if any(one.years for one in identity.equations):
        return "cohorts"
    return "all ages together" if "AGE" in dict(identity.population) else "all, and every age"


def test_manual_lists_every_identity_with_its_groups() -> None:
    page = (ROOT / "docs" / "reference" / "account-identities.md").read_text(encoding="utf-8")
    listed = [tuple(map(str.strip, row.strip("|").split("|"))) for row in page.splitlines() if row.startswith("| `")]
    identities = {row[0].strip("`"): row[1:] for row in listed if re.fullmatch(r"`[AG]\d\d`", row[0])}
    assert identities == {
        one.id: (one.name.in_language("en"), for_whom(one), ages(one)) for one in CATALOGUE.identities
    }


@cases_from("statistics/cases/a_term_that_is_found_nowhere_is_refused.csv")
def test_unknown_term_is_refused(declared: str, message: str) -> None:
    content = f'{declared}\n[[identity]]\nid = "X"\nname.en = "X"\nequation = "POP_BEG >= 0"\n'
    (identity,) = parse_identities("accounts.toml", content.encode())
    with pytest.raises(DeclarationError, match=message):
        check_identity(identity, CATALOGUE.flows)


@cases_from("statistics/cases/an_equation_names_what_exists.csv")
def test_unknown_item_in_equation_is_refused(written: str, message: str) -> None:
    items = "[item.POP_BEG]\n[item.POP_MID]\n"
    content = f'account = "DF_ACCOUNT"\n{items}[[identity]]\nid = "X"\nname.en = "X"\nequation = "{written}"\n'
    (identity,) = parse_identities("accounts.toml", content.encode())
    with pytest.raises(DeclarationError, match=message):
        check_identity(identity, CATALOGUE.flows)


def test_both_sides_of_an_equation_may_have_several_terms() -> None:
    found = parse_equation("A - B = 2 C + D[SEX=F+_U?]?", EquationNames({}, {}), Place(""))
    assert [(term.item, term.factor, term.optional) for term in found.terms] == [
        ("C", 2, False),
        ("D", 1, True),
        ("B", 1, False),
    ]
    assert (found.terms[1].key[0].codes, found.terms[1].key[0].optional) == (("F", "_U"), ("_U",))


def without(dataset: Dataset, dimension: str) -> Dataset:
    """The totals of a dataset, in a structure that does not know a dimension."""
    structure = dataset.flow.structure
    known = tuple(component for component in structure.components if component.id != dimension)
    totals = dataset.observations.filter(pl.col(dimension) == "_T").drop(dimension)
    flow = replace(dataset.flow, structure=replace(structure, components=known))
    series = dataset.series.filter(pl.col(dimension) == "_T").drop(dimension)
    return replace(dataset, flow=flow, observations=totals, series=series)


PERMITS = "\n".join(
    ["flow,ACC_ITEM,CTZ_STATUS,OBS_VALUE", "DF_ACCOUNT,POP_END,_T,1000", "DF_ACCOUNT,POP_END,FC,100"]
    + [f"DF_ACCOUNT,{item},_T,80" for item in ("PERMIT_VALID", "PERMIT_EXEMPT", "IRR_STOCK")]
)


@pytest.mark.parametrize(
    ("table", "dimension", "identity"),
    [
        (PERMITS, "CTZ_STATUS", "A25"),
        (account(), "CTZ_STATUS", "A08"),
        (account(), "BIRTH_STATUS", "A09"),
        (account(), "CTZ_STATUS", "G01"),
        (account(), "BIRTH_STATUS", "A07"),
    ],
)
def test_total_does_not_replace_an_unknown_group(table: str, dimension: str, identity: str) -> None:
    dataset, *_ = datasets(table, CATALOGUE.flows)
    chosen = [one for one in CATALOGUE.identities if one.id == identity]

    def tested(data: Dataset) -> list[str]:
        groups = [
            test
            for test in trace(open_books([data]), chosen)
            if dimension in f"{test.account.population}{test.equation}"
        ]
        return [group.account.outcome for group in groups if group.account.outcome != "NOT_TESTABLE"]

    assert tested(dataset)
    assert tested(without(dataset, dimension)) == []


@pytest.mark.parametrize(("entries", "tolerance"), [(150, "0.075"), (1, "0.0005"), (0, "0")])
def test_tolerance_without_population_uses_the_left_side(entries: int, tolerance: str) -> None:
    items = dict.fromkeys(("FLW_IMM", "FLW_EMI", "ABS_RETURN", "ABS_DEP", "TMP_ARR", "TMP_DEP"), 0)
    rows = [f"DF_ACCOUNT,{item},,PS,{value}" for item, value in items.items()]
    border = [f"DF_BORDER,,ENTRY,EVENT,{entries}", "DF_BORDER,,EXIT,EVENT,90"]
    (test,) = checked("\n".join(["flow,ACC_ITEM,ADM_ITEM,UNIT_MEASURE,OBS_VALUE", *border, *rows]), "A19")
    assert (test.account.outcome, test.account.tolerance) == ("UNBALANCED", Decimal(tolerance))
