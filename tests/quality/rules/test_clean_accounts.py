"""Accounts that are exact before rounding give no error, whatever their rounding and breakdown.

The accounts are that of the worked example of the four groups by birth and citizenship, scaled at random and split by
sex; every margin is rounded by itself, as offices do.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE
from worked_account import accounts

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.statistics.demography.amounts import compute_amounts

NOT_OF_ACCOUNTS = {"MIG-1-024", "MIG-1-402", "MIG-2-111"}
"""Digits, sexes and sources are no matter of accounts, whose leaves are drawn at will: round ones, or of one sex."""
RULES = tuple(rule.id for rule in CATALOGUE.rules.values() if rule.level in (1, 2) and rule.id not in NOT_OF_ACCOUNTS)
GROUPS = (("NB", "NC"), ("NB", "FC"), ("FB", "NC"), ("FB", "FC"))
SEXES = ("F", "M")
# Item: sign by group, and the persons of the worked example by group.
ITEMS = {
    "POP_BEG": ((1, 1, 1, 1), (9_000_000, 60_000, 200_000, 740_000)),
    "LBIRTH": ((1, 1, 0, 0), (100_000, 4_000, 0, 0)),
    "DEATH": ((-1, -1, -1, -1), (80_000, 100, 2_000, 3_000)),
    "FLW_IMM": ((1, 1, 1, 1), (12_000, 800, 3_000, 90_000)),
    "FLW_EMI": ((-1, -1, -1, -1), (40_000, 1_200, 4_000, 35_000)),
    "CTZ_ACQ": ((1, -1, 1, -1), (1_500, 1_500, 9_000, 9_000)),
    "CTZ_LOSS": ((-1, 1, -1, 1), (200, 200, 100, 100)),
}
TRANSFERS = ("CTZ_ACQ", "CTZ_LOSS")
BASES = (1, 3, 5, 10, 100)
EVENTS = ("DF_BIRTHS", "DF_DEATHS", "DF_IMM", "DF_EMI")
HEAD = "flow,ACC_ITEM,BIRTH_STATUS,CTZ_STATUS,SEX,UNIT_MULT,OBS_VALUE"

Cells = dict[tuple[str, str, str, str], int]


@st.composite
def leaves(draw: st.DrawFn) -> Cells:
    """An account by group and sex in true persons, which closes in every leaf."""
    cells: Cells = {}
    for item, (_, sizes) in ITEMS.items():
        scale = draw(st.floats(1 if item == "POP_BEG" else 0.01, 5))  # nobody leaves who is not there
        for number, (group, size) in enumerate(zip(GROUPS, sizes, strict=True)):
            women = draw(st.floats(0.3, 0.7)) if item not in TRANSFERS or number % 2 == 0 else None
            whole = round(size * scale)
            for sex in SEXES:
                if women is None:  # who gains citizenship leaves the foreigners of the same birth status
                    cells[item, *group, sex] = cells[item, *GROUPS[number - 1], sex]
                else:
                    cells[item, *group, sex] = round(whole * women) if sex == "F" else whole - round(whole * women)
    for number, group in enumerate(GROUPS):
        for sex in SEXES:
            end = sum(signs[number] * cells[item, *group, sex] for item, (signs, _) in ITEMS.items())
            cells["POP_END", *group, sex] = end
    return cells


def margins(cells: Cells) -> Cells:
    """Every leaf and every margin by birth, citizenship and sex; transfers have none over citizenship."""
    sums: Cells = {}
    for (item, birth, citizenship, sex), value in cells.items():
        for codes in product((birth, "_T"), (citizenship, "_T"), (sex, "_T")):
            if item not in TRANSFERS or codes[1] != "_T":
                sums[item, *codes] = sums.get((item, *codes), 0) + value
    return sums


def judged(cells: Cells, base: int, mult: int) -> Findings:
    rows = [HEAD]
    for codes, value in margins(cells).items():
        steps = (Decimal(value) / base).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        printed = (steps * base).scaleb(-mult)
        rows.append(",".join(("DF_ACCOUNT", *codes, str(mult), f"{printed:.1f}" if mult else f"{printed}")))
    (dataset,) = datasets("\n".join(rows), CATALOGUE.flows)
    return validate(switched_on(dataset, *RULES), AS_LISTED)


closing = leaves().filter(lambda cells: min(cells.values()) >= 0)


@settings(max_examples=15)
@given(closing, st.sampled_from([(base, 0) for base in BASES] + [(100, 3)]))
def test_clean_account_has_no_error_at_any_rounding(cells: Cells, rounding: tuple[int, int]) -> None:
    findings = judged(cells, *rounding)
    assert [item.sentence() for item in findings.items if item.severity == "error"] == []
    if rounding[0] == 1:
        assert [item.sentence() for item in findings.items if item.severity != "information"] == []
    tested = {verdict.rule for verdict in findings.verdicts if verdict.outcome == "pass"}
    assert {"MIG-1-101", "MIG-1-103", "MIG-1-104", "MIG-1-117", "MIG-2-001", "MIG-2-002", "MIG-2-003"} <= tested


@settings(max_examples=15)
@given(closing, st.sampled_from(BASES), st.sampled_from(SEXES))
def test_difference_beyond_rounding_is_an_error_at_any_base(cells: Cells, base: int, sex: str) -> None:
    cells = {**cells}
    whole = margins(cells)
    faulty = {**whole, ("DEATH", "_T", "_T", sex): whole["DEATH", "_T", "_T", sex] + 10 * base}
    rows = [HEAD]
    for codes, value in faulty.items():
        printed = (Decimal(value) / base).quantize(Decimal(1), rounding=ROUND_HALF_UP) * base
        rows.append(",".join(("DF_ACCOUNT", *codes, "0", f"{printed}")))
    (dataset,) = datasets("\n".join(rows), CATALOGUE.flows)
    findings = validate(switched_on(dataset, "MIG-1-101", "MIG-1-103"), AS_LISTED)
    row = list(faulty).index(("DEATH", "_T", "_T", sex)) + 1
    named = {
        place.cell
        for item in findings.items
        if item.severity == "error"
        for place in (item.place, *item.related)
        if place
    }
    assert f"A{row}" in named


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        ((3, 6, 9, 12, 15, 18, 21, 24), 3),
        ((5, 10, 15, 20, 25, 30, 35, 40), 5),
        ((5, 10, 15, 20, 25, 30, 35), 1),  # too few to tell
        ((0, 5, 10, 15, 20, 25, 30, 35), 1),  # zero is a multiple of anything
        ((5, 5, 5, 5, 10, 10, 10, 10, 15, 20), 1),  # too few different ones
        ((10, 20, 30, 40, 50, 60, 70, 80, 90, 101), 10),  # one mistyped cell
        ((10, 20, 30, 40, 50, 60, 70, 80, 91, 101), 1),
        ((0, 0, 0, 0, 0, 0, 0, 0, 0, 7), 1),
    ],
)
def test_rounding_base_is_inferred_from_the_values(values: tuple[int, ...], unit: int) -> None:
    rows = [f"{1900 + number},{value}" for number, value in enumerate(values)]
    (dataset,) = datasets("\n".join(["TIME_PERIOD,OBS_VALUE", *rows]), CATALOGUE.flows)
    assert compute_amounts(dataset).frame.get_column("printed_step").unique().to_list() == [unit]


# Population at the start of 2018 to 2023; births, deaths and moves always add 1,000.
YEARS = ("1000000", "1001000", "1002000", "1003000", "1004000", "1005000")


@pytest.mark.parametrize(
    ("known", "severity"), [(2, "information"), (3, "information"), (4, "warning"), (5, "warning")]
)
def test_open_year_among_closed_ones_is_a_warning(known: int, severity: str) -> None:
    rows = ["flow,TIME_PERIOD,OBS_VALUE"]
    rows += [f"DF_POP,{2018 + number},{value}" for number, value in enumerate(YEARS[: known + 1])]
    for year in range(2018, 2018 + known):
        births = 10_300 if year == 2018 else 10_000  # 300 too many: within 0.05 % of the population
        events = (("DF_BIRTHS", births), ("DF_DEATHS", 9_500), ("DF_IMM", 900), ("DF_EMI", 400))
        rows += [f"{flow},{year},{value}" for flow, value in events]
    dataset, *others = datasets("\n".join(rows), CATALOGUE.flows)
    (item,) = validate(switched_on(dataset, "MIG-2-001"), AS_LISTED, others).items
    assert item.severity == severity
    assert f"Other years that close within rounding: {known - 1} of {known - 1}." in item.sentence()
    assert "data.xlsx › DF_BIRTHS › A1" in [str(place) for place in item.related]
    assert {account.outcome for account in accounts((dataset, *others), CATALOGUE.identities)} == {
        "BALANCED",
        "TOLERATED",
    }


def test_open_years_are_information_if_most_are_open() -> None:
    rows = ["flow,TIME_PERIOD,OBS_VALUE", "DF_POP,2016,999003"]
    rows += [f"DF_POP,{2017 + number},{1_000_003 + 1_000 * number}" for number in range(8)]
    for year in range(2016, 2024):
        births = 10_300 if year < 2021 else 10_000  # five years 300 too many, three years exact
        events = (("DF_BIRTHS", births), ("DF_DEATHS", 9_500), ("DF_IMM", 900), ("DF_EMI", 400))
        rows += [f"{flow},{year},{value}" for flow, value in events]
    dataset, *others = datasets("\n".join(rows), CATALOGUE.flows)
    items = validate(switched_on(dataset, "MIG-2-001"), AS_LISTED, others).items
    assert [item.severity for item in items] == ["information"] * 5
    assert "Other years that close within rounding: 3 of 7." in items[0].sentence()


@pytest.mark.parametrize(("adjustment", "severities"), [("50", []), ("350", ["information"])])
def test_adjustment_within_rounding_is_not_reported(adjustment: str, severities: list[str]) -> None:
    head = "flow,ACC_ITEM,UNIT_MULT,OBS_VALUE"
    items = (("POP_BEG", 3, "3000.0"), ("LBIRTH", 0, "500"), ("DEATH", 0, "400"), ("FLW_IMM", 0, "0"))
    items += (("FLW_EMI", 0, "0"), ("ADJ", 0, adjustment), ("POP_END", 3, "3000.1" if adjustment == "50" else "3000.5"))
    rows = [head, *(f"DF_ACCOUNT,{item},{mult},{value}" for item, mult, value in items)]
    (dataset,) = datasets("\n".join(rows), CATALOGUE.flows)
    findings = validate(switched_on(dataset, "MIG-2-007"), AS_LISTED)
    assert [item.severity for item in findings.items] == severities
    assert all("adjustment of +350, 0.01%" in item.sentence() for item in findings.items)
    assert all(len(item.related) == 6 for item in findings.items)


def test_repeated_labels_are_both_named() -> None:
    """Two rows say 2022: beside the values, the findings name the two labels that are alike, not the shared header."""
    (dataset,) = datasets("TIME_PERIOD,OBS_VALUE\n2022,10\n2022,11", CATALOGUE.flows)
    cells = [(0, "TIME_PERIOD", 1, 9), (1, "TIME_PERIOD", 2, 9), (0, "SEX", 1, 7), (1, "SEX", 1, 7)]
    labels = [(n, component, "data.xlsx", "DF_POP", row, column) for n, component, row, column in cells]
    origins = pl.concat([dataset.origins, pl.DataFrame(labels, schema=dataset.origins.schema, orient="row")])
    (item,) = validate(switched_on(replace(dataset, origins=origins), "MIG-1-007"), AS_LISTED).items
    assert [place.cell for place in (item.place, *item.related) if place] == ["A2", "A1", "I2", "I1"]


MESSAGES = {
    "en": "Live births, 2022: the total 42,391 differs from 42,319, the sum of its parts by citizenship status. "
    "Difference: 72; tolerance for rounding: 0. Parts: Foreign citizens 20,422 + Citizens of the country 21,897.",
    "fr": "Naissances vivantes, 2022 : le total 42\u202f391 n’est pas la somme de ses parties (statut de "
    "citoyenneté), 42\u202f319 ; l’écart est de 72, l’arrondi admet 0. "
    "Parties : Citoyens étrangers 20\u202f422 + Citoyens du pays 21\u202f897.",
    "es": "Nacidos vivos, 2022: el total 42.391 no es la suma de sus partes (condición de ciudadanía), 42.319; "
    "la diferencia es 72, el redondeo admite 0. Partes: Ciudadanos extranjeros 20.422 + Ciudadanos del país 21.897.",
}


@pytest.mark.parametrize("language", MESSAGES)
def test_messages_use_names_and_numbers_of_their_language(language: str) -> None:
    table = "flow,CTZ_STATUS,OBS_VALUE\nDF_BIRTHS,_T,42391\nDF_BIRTHS,NC,21897\nDF_BIRTHS,FC,20422"
    (dataset,) = datasets(table, CATALOGUE.flows)
    (item,) = validate(switched_on(dataset, "MIG-1-103"), AS_LISTED).items
    assert item.sentence(language) == MESSAGES[language]
    assert item.observed == "42391"


def test_rounding_may_exceed_the_tolerated_share() -> None:
    """Of 100,000 persons 0.05 % are 50; populations printed to 100 persons can be 100 apart by rounding alone."""
    rows = ["flow,TIME_PERIOD,UNIT_MULT,OBS_VALUE", "DF_POP,2022,3,100.0", "DF_POP,2023,3,100.1"]
    rows += [f"{flow},2022,0,{value}" for flow, value in zip(EVENTS, (900, 900, 5, 0), strict=True)]
    dataset, *others = datasets("\n".join(rows), CATALOGUE.flows)
    assert validate(switched_on(dataset, "MIG-2-001"), AS_LISTED, others).items == ()
    (account,) = (account for account in accounts((dataset, *others), CATALOGUE.identities) if account.period == "2022")
    assert (account.outcome, account.tolerance) == ("ROUNDING", 100)


def test_unknown_sex_has_no_account() -> None:
    rows = ["flow,TIME_PERIOD,SEX,OBS_VALUE"]
    rows += [f"DF_POP,{year},{sex},{value}" for year in (2022, 2023) for sex, value in (("F", 1000), ("_U", 90 + year))]
    rows += [f"{flow},2022,{sex},0" for flow in EVENTS for sex in ("F", "_U")]
    dataset, *others = datasets("\n".join(rows), CATALOGUE.flows)
    every_account = accounts((dataset, *others), CATALOGUE.identities)
    assert [dict(account.population).get("SEX") for account in every_account if account.outcome != "NOT_TESTABLE"] == [
        "F"
    ]
    assert validate(switched_on(dataset, "MIG-2-002"), AS_LISTED, others).items == ()
