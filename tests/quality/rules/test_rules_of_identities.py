"""Every accounting identity is checked where its items are reported, and a sound account passes all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE
from worked_account import GROUPS, TOTAL_ONLY, WORKED

from sdmxmig.catalogue.accounting import check_identity_rules
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.quality.rules.balance import format_persons
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.findings import Finding


def account(**changes: int) -> str:
    rows = ["flow,ACC_ITEM,BIRTH_STATUS,CTZ_STATUS,OBS_VALUE"]
    for item, values in WORKED.items():
        for number, ((birth, citizenship), value) in enumerate(zip(GROUPS, values, strict=True), start=1):
            rows.append(f"DF_ACCOUNT,{item},{birth},{citizenship},{value + changes.pop(f'{item}_{number}', 0)}")
    rows += [f"DF_ACCOUNT,{item},_T,_T,{value}" for item, value in TOTAL_ONLY.items()]
    assert not changes
    return "\n".join(rows)


def faults(table: str) -> list[Finding]:
    (dataset,) = datasets(table, CATALOGUE.flows)
    items = [item for item in validate(dataset, CATALOGUE).items if item.severity != "information"]
    return [item for item in items if item.rule != "MIG-1-402"]  # which is about what is said beside them


def test_every_identity_has_an_active_rule() -> None:
    for identity in CATALOGUE.identities:
        rules = {rule.id for rule in CATALOGUE.rules.values() if identity.id in rule.identities}
        on = {flow for flow in identity.flows if rules & set(CATALOGUE.flows[flow].dataflow.rules)}
        assert on, identity.id


def test_worked_account_with_negative_net_items_passes() -> None:
    assert [item.sentence() for item in faults(account())] == []


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"NET_MIG_1": 1_000}, {"MIG-1-117", "MIG-2-008"}),
        ({"CTZ_ACQ_4": -500}, {"MIG-2-003", "MIG-2-051"}),
        ({"LBIRTH_3": 900, "LBIRTH_1": -900}, {"MIG-2-005"}),
    ],
    ids=["net migration", "citizenship", "births"],
)
def test_error_is_found_by_all_identities_containing_its_term(changes: dict[str, int], rules: set[str]) -> None:
    assert {item.rule for item in faults(account(**changes))} == rules


def test_finding_names_identity_and_terms_in_the_language() -> None:
    item = next(finding for finding in faults(account(NET_MIG_4=1_000)) if finding.rule == "MIG-2-008")
    assert item.sentence() == (
        "Net migration (A12), 2022, Georgia, Foreign-born, Foreign citizens: Net migration = Immigration − Emigration "
        "gives 55,000 for Net migration, but 56,000 is reported. Difference: +1,000; tolerance: 150. "
        "Terms: Immigration 90,000; Emigration 35,000."
    )
    assert item.sentence("fr").startswith("Migration nette (A12), 2022, Géorgie")
    assert {place.cell for place in item.related} == {"A19", "A24"}


def test_total_of_all_countries_is_not_compared_as_a_corridor() -> None:
    """Immigration from everywhere is not compared with the emigration of a country called “total”."""
    dataset, *others = datasets("flow,C_RESIDENCE,OBS_VALUE\nDF_EMI,_T,10\nDF_IMM,_T,12", CATALOGUE.flows)
    verdicts: Iterable[tuple[str, str]] = (
        (verdict.rule, verdict.reason) for verdict in validate(dataset, CATALOGUE, others).verdicts
    )
    assert ("MIG-2-053", "no reported figures can be compared by A18") in verdicts


def test_rules_name_only_existing_identities() -> None:
    rule = replace(CATALOGUE.rules["MIG-2-008"], identities=("A12", "A99"))
    with pytest.raises(DeclarationError, match=r"no accounting identity .A99."):
        check_identity_rules({rule.id: rule}, CATALOGUE.identities)


def test_missing_terms_are_listed_by_year_earliest_first() -> None:
    events = {"DF_BIRTHS": (2022,), "DF_DEATHS": (2020, 2021)}
    events |= dict.fromkeys(("DF_IMM", "DF_EMI"), (2020, 2021, 2022))
    rows = [f"DF_POP,{year},1000" for year in (2020, 2021, 2022, 2023)]
    rows += [f"{flow},{year},10" for flow, years in events.items() for year in years]
    dataset, *others = datasets("\n".join(["flow,TIME_PERIOD,OBS_VALUE", *rows]), CATALOGUE.flows)
    (verdict,) = validate(switched_on(dataset, "MIG-2-001"), AS_LISTED, others).verdicts
    assert verdict.reason == "2020–2021: live births missing; 2022: deaths missing"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.5", "+0.5"), ("1", "+1"), ("1234", "+1,234"), ("0", "0"), ("-0.5", "−0.5"), ("-1", "−1"), (None, "")],
)
def test_residual_is_shown_with_its_sign(value: str | None, shown: str) -> None:
    residual = None if value is None else Decimal(value)
    assert format_persons(residual, "en", signed=True) == shown
    assert format_persons(residual, "en") == shown.removeprefix("+")
