"""“Abroad” in a line of countries is all others together: foreign-born, or foreign citizens."""

from __future__ import annotations

import pytest
from proposed import proposed

FOR = {
    "C_BIRTH": ("Country of birth", "BIRTH_STATUS", "FB"),
    "C_CITIZEN": ("Country of citizenship", "CTZ_STATUS", "FC"),
}


def group(component: str, own: str, label: str, area: str) -> str:
    """The status that the label of all others is read as, empty if it is asked about."""
    head, status, _ = FOR[component]
    rows = f"| Total | 250 |\n| {own} | 200 |\n| {label} | 50 |\n| Chad | 30 |\n| Ghana | 20 |\n"
    block = proposed(
        f"## Sheet 2020\n| Population, 2020 |\n| {head} | Persons |\n{rows}", "DF_POP", area
    ).mapping.blocks[0]
    codes = [dict(component_map.codes) for component_map in block.components if component_map.component == status]
    return codes[0].get(label, "") if codes else ""


@pytest.mark.parametrize("component", FOR)
@pytest.mark.parametrize(
    ("own", "label", "area"),
    [
        ("Kenya", "Abroad", "KE"),
        ("Nederland", "Buitenland", "NL"),
        ("Deutschland", "Ausland", "DE"),
        ("France", "Étranger", "FR"),
        ("España", "Extranjero", "ES"),
        ("Sverige", "Utlandet", "SE"),
        ("Polska", "Zagranica", "PL"),
        ("中国", "国外", "CN"),
        ("Österreich", "Nicht-Österreich", "AT"),
        ("Kenya", "Non-Kenya", "KE"),
    ],
)
def test_all_others_together_are_a_status(component: str, own: str, label: str, area: str) -> None:
    assert group(component, own, label, area) == FOR[component][2]


@pytest.mark.parametrize("component", FOR)
@pytest.mark.parametrize(
    "label", ["Other countries abroad", "Abroad, not stated", "Non-Uganda", "Refugees abroad", "Rest of Africa"]
)
def test_a_part_of_the_others_is_none(component: str, label: str) -> None:
    assert group(component, "Kenya", label, "KE") == ""
