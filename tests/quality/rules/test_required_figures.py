"""Figures required by a rule profile: absent ones are reported; a missing value with a status counts as present."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from case_tables import text_from
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.catalogue.rules import read_rule_profile
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Findings

PROFILE = text_from("quality/cases/required_figures_profile.toml")
CELLS = [
    f"{year},{sex},{country},{place + 3}"
    for place, (year, sex, country) in enumerate(
        product(("2020", "2021", "2022"), ("_T", "F", "M"), ("_T", "AM", "AZ"))
    )
]


def said(rule: str, cells: list[str], profile: str = PROFILE) -> Findings:
    setting = next(
        one for one in read_rule_profile(Declared.parse("p.toml", profile.encode())).settings if one.rule == rule
    )
    required = replace(AS_LISTED.rules[rule], parameters={**AS_LISTED.rules[rule].parameters, **setting.parameters})
    (dataset,) = datasets("\n".join(["TIME_PERIOD,SEX,C_CITIZEN,OBS_VALUE", *cells]), CATALOGUE.flows)
    return validate(switched_on(dataset, rule), replace(AS_LISTED, rules={**AS_LISTED.rules, rule: required}))


@pytest.mark.parametrize("rule", ["MIG-1-351", "MIG-1-353"])
def test_complete_required_figures_pass(rule: str) -> None:
    findings = said(rule, CELLS)
    assert findings.items == ()
    assert findings.verdicts[0].outcome == "pass"


def test_missing_small_required_cell_is_named_by_its_key() -> None:
    left = [cell for cell in CELLS if not cell.startswith("2021,F,AZ,")]
    (finding,) = said("MIG-1-353", left).items
    codes = {"TIME_PERIOD": "2021", "SEX": "F", "C_CITIZEN": "AZ", "AGE": "_T", "REF_AREA": "GE"}
    assert codes.items() <= dict(finding.key).items()
    assert finding.sentence() == (
        "Resident population by birth and citizenship status, 2021, Female, Azerbaijan: "
        "no figure for “Azerbaijan”; the rule profile requires it."
    )


def test_missing_required_period_is_reported_once() -> None:
    left = [cell for cell in CELLS if not cell.startswith("2021,")]
    (finding,) = said("MIG-1-351", left).items
    assert finding.key == (("TIME_PERIOD", "2021"),)
    assert finding.sentence() == (
        "Resident population by birth and citizenship status, 2021: no figures for 2021; "
        "the rule profile requires them."
    )
    assert said("MIG-1-353", left).items == ()


def test_required_cell_without_value_counts_as_present() -> None:
    cells = [",".join([*cell.split(",")[:3], ""]) if cell.startswith("2021,F,AZ") else cell for cell in CELLS]
    assert said("MIG-1-353", cells).items == ()
    assert said("MIG-1-351", cells).items == ()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ('codes = { SEXES = ["F"] }', "“SEXES”"),
        (f"codes = {{ SEX = {['F'] * 3000}, AGE = {['Y0'] * 3000} }}", "More than 5,000,000 cells"),
    ],
)
def test_impossible_required_table_is_refused(wrong: str, message: str) -> None:
    *lines, _ = PROFILE.strip().splitlines()
    with pytest.raises(DeclarationError, match=message) as refused:
        said("MIG-1-353", CELLS, "\n".join([*lines, wrong]))
    assert "required[1]" in refused.value.place.key


def test_country_with_only_zeros_is_reported() -> None:
    cells = [
        f"{year},{sex},{age},{country},{0 if country == 'AZ' and year == '2022' else 10 + place % 7}"
        for place, (year, sex, age, country) in enumerate(
            product(("2021", "2022"), ("F", "M"), ("Y0T14", "Y15T29", "Y30T44", "Y45T64", "Y_GE65"), ("AM", "AZ"))
        )
    ]
    (dataset,) = datasets("\n".join(["TIME_PERIOD,SEX,AGE,C_CITIZEN,OBS_VALUE", *cells]), CATALOGUE.flows)
    (finding,) = validate(switched_on(dataset, "MIG-1-019"), AS_LISTED).items
    assert finding.observations == 10
    assert dict(finding.key).items() >= {"C_CITIZEN": "AZ", "TIME_PERIOD": "2022"}.items()
    fewer = [cell for cell in cells if not cell.startswith("2022,F,Y_GE65,AZ")]
    (dataset,) = datasets("\n".join(["TIME_PERIOD,SEX,AGE,C_CITIZEN,OBS_VALUE", *fewer]), CATALOGUE.flows)
    assert validate(switched_on(dataset, "MIG-1-019"), AS_LISTED).items == ()


def test_vanished_former_citizenship_is_reported_like_a_country() -> None:
    cells = ["2021,_T,900", "2021,AM,500", "2021,AZ,400", "2022,_T,410", "2022,AZ,410"]
    header = "TIME_PERIOD,C_FORMER,OBS_VALUE"
    (dataset,) = datasets("\n".join([header, *cells]), CATALOGUE.flows, "DF_CITIZENSHIP")
    (finding,) = validate(switched_on(dataset, "MIG-1-356"), AS_LISTED).items
    assert dict(finding.key)["C_FORMER"] == "AM"
