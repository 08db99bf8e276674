"""“Abroad” in a line of countries is all others together: foreign-born, or foreign citizens."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import asked, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.tables import read
from sdmxmig.quality.validation import validate

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
@cases_from("conversion/cases/all_others_together_are_a_status.csv")
def test_all_others_together_are_a_status(component: str, own: str, label: str, area: str) -> None:
    assert group(component, own, label, area) == FOR[component][2]


@pytest.mark.parametrize("label", ["Born outside Kenya", "Born outside Canada"])
def test_people_born_outside_the_reporter_are_foreign_born(label: str) -> None:
    assert group("C_BIRTH", "Born in Kenya", label, "KE") == ("FB" if "Kenya" in label else "")


@pytest.mark.parametrize("component", FOR)
@pytest.mark.parametrize(
    "label", ["Other countries abroad", "Abroad, not stated", "Non-Uganda", "Refugees abroad", "Rest of Africa"]
)
def test_part_of_the_others_does_not_mean_all_others(component: str, label: str) -> None:
    assert group(component, "Kenya", label, "KE") == ""


def code_of(label: str, flow: str, head: str, status: str) -> tuple[str, str]:
    """The code of a label in the line of countries, and its status; empty where it is asked about."""
    rows = f"| {label} | 60 |\n| Chad | 30 |\n| Ghana | 20 |\n| Other countries | 10 |\n"
    block = proposed(f"## Sheet 2020\n| Figures of 2020 |\n| {head} | Persons |\n{rows}", flow, "FI").mapping.blocks[0]
    codes = [dict(each.codes) for each in block.components if each.component.startswith("C_")]
    groups = [dict(each.codes) for each in block.components if each.component == status]
    return codes[0].get(label, ""), groups[0].get(label, "") if groups else ""


@cases_from("conversion/cases/total_abroad_among_countries_of_residence_is_the_total.csv")
def test_total_abroad_among_countries_of_residence_is_the_total(label: str, code: str) -> None:
    assert code_of(label, "DF_IMM", "Country of previous residence", "")[0] == code


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Undetermined citizenship", ("UNDET", "")),
        ("Неопределённое гражданство", ("UNDET", "")),
        ("Stateless", ("STLS", "")),
        ("Unknown citizenship", ("_U", "")),
        ("Undetermined", ("_U", "")),
        ("Total abroad", ("_T", "FC")),
    ],
)
def test_undetermined_citizenship_has_its_own_code(label: str, expected: tuple[str, str]) -> None:
    assert code_of(label, "DF_POP", "Country of citizenship", "CTZ_STATUS") == expected


@cases_from("conversion/cases/non_citizens_may_be_undetermined_or_foreign.csv")
def test_non_citizens_may_be_undetermined_or_foreign(label: str, area: str) -> None:
    rows = f"| Latvia | 150 |\n| {label} | 50 |\n| Chad | 30 |\n| Ghana | 20 |\n| Total | 250 |\n"
    text = f"## Sheet 2020\n| Population, 2020 |\n| Country of citizenship | Persons |\n{rows}"
    [question] = [each for each in asked(proposed(text, "DF_POP", area)) if each.part != "fixed CTZ_STATUS"]
    assert [other.code for other in question.others] == ["UNDET", "_O", "leave out"]


@pytest.mark.parametrize(("other", "status"), [("", "FB"), ("| Chad | 30 |\n", "")])
def test_other_countries_beside_the_reporter_mean_all_others(other: str, status: str) -> None:
    rows = f"| Argentina | 200 |\n{other}| Otro país | 50 |\n| Total | 250 |\n"
    text = f"## Sheet 2022\n| Población, 2022 |\n| Lugar de nacimiento | Personas |\n{rows}"
    block = proposed(text, "DF_POP", "AR").mapping.blocks[0]
    codes = [dict(each.codes) for each in block.components if each.component == "BIRTH_STATUS"]
    assert (codes[0].get("Otro país", "") if codes else "") == status


@cases_from("conversion/cases/unknown_country_stays_unknown.csv")
def test_unknown_country_stays_unknown(title: str, component: str, label: str, code: str) -> None:
    head = FOR[component][0]
    rows = f"| Total | 60 |\n| Chad | 30 |\n| Ghana | 20 |\n| {label} | 10 |\n"
    block = proposed(f"## Sheet 2020\n| {title} |\n| {head} | Persons |\n{rows}", "DF_POP", "FI").mapping.blocks[0]
    assert dict(block.components[0].codes)[label] == code


def test_other_and_unknown_countries_stay_separate() -> None:
    rows = "| Country | Persons |\n| Total | 70 |\n| Chad | 30 |\n| Ghana | 20 |\n| Other | 15 |\n| Unknown | 5 |\n"
    text = f"## Sheet 2020\n| Foreign citizens by country of citizenship, 2020 |\n{rows}"
    mapping = proposed(text, "DF_POP", "FI").mapping
    dataset = convert(read("t.xlsx", workbook(text)), mapping, CATALOGUE.flows["DF_POP"], CATALOGUE.rules).dataset
    values = {row["C_CITIZEN"]: (row["CTZ_STATUS"], row["OBS_VALUE"]) for row in dataset.observations.to_dicts()}
    assert (values["_O"], values["_U"]) == (("FC", "15"), ("FC", "5"))
    found = {finding.rule for finding in validate(dataset, CATALOGUE).items if finding.severity == "error"}
    assert found.isdisjoint({"MIG-1-130", "MIG-1-004"})


def test_answered_code_of_an_unknown_country_is_kept() -> None:
    rows = "| Country | Persons |\n| Chad | 30 |\n| Ghana | 20 |\n| Unknown | 10 |\n"
    text = f"## Sheet 2020\n| Foreign citizens by country of citizenship, 2020 |\n{rows}"
    decisions = {("2020", "codes C_CITIZEN", "Unknown"): "UNDET"}
    codes = dict(proposed(text, "DF_POP", "FI", decisions).mapping.blocks[0].components[0].codes)
    assert codes["Unknown"] == "UNDET"
