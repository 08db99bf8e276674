"""Validation: a fault planted in clean data is found by its rule, at its cell, and by no other rule than expected."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import polars as pl
import pytest
from case_tables import cases_from
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place
from sdmxmig.quality.confidential import ConfidentialFigures
from sdmxmig.quality.rules import Check
from sdmxmig.quality.validation import collect, validate
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Fault, Finding, FindingCollector
from sdmxmig.statistics.demography.ledger import open_books

RULES = tuple(rule.id for rule in CATALOGUE.rules.values() if rule.level in (1, 2))
SUMS = {"MIG-1-101", "MIG-1-102", "MIG-1-103", "MIG-1-104", "MIG-1-117"}
LEAVES = {
    "BIRTH_STATUS": ("NB", "FB"),
    "CTZ_STATUS": ("NC", "FC"),
    "SEX": ("F", "M"),
    "AGE": ("Y0T14", "Y15T64", "Y_GE65"),
}


def clean() -> tuple[Dataset, ...]:
    """A population by all its groups at two dates, 97 and 101 in each leaf (primes: nothing looks rounded), and flows.

    There are 24 leaves: 24 · 97 + 106 − 8 + 5 − 7 = 24 · 101.
    """
    rows = ["flow,TIME_PERIOD,BIRTH_STATUS,CTZ_STATUS,SEX,AGE,SRC_TYPE,OBS_VALUE"]
    for year, codes in product((2022, 2023), product(*(("_T", *leaves) for leaves in LEAVES.values()))):
        size = 97 if year == 2022 else 101
        for code, leaves in zip(codes, LEAVES.values(), strict=True):
            size *= len(leaves) if code == "_T" else 1
        rows.append(f"DF_POP,{year},{','.join(codes)},REG,{size}")
    for flow, value in (("DF_BIRTHS", 106), ("DF_DEATHS", 8), ("DF_IMM", 5), ("DF_EMI", 7)):
        rows.append(f"{flow},2022,_T,_T,_T,_T,REG,{value}")
    return datasets("\n".join(rows), CATALOGUE.flows)


def planted(where: dict[str, str], **changes: str | None) -> tuple[Dataset, ...]:
    """The clean data with one observation of 2023 changed."""
    population, *others = clean()
    frame = population.observations.with_row_index("n")
    for component, code in {"TIME_PERIOD": "2023", **dict.fromkeys(LEAVES, "_T"), **where}.items():
        frame = frame.filter(pl.col(component) == code)
    ((row,),) = frame.select("n").rows()
    this = pl.int_range(pl.len()) == row
    changed = population.observations.with_columns(
        pl.when(this).then(pl.lit(value, dtype=pl.String)).otherwise(pl.col(name)).alias(name)
        for name, value in changes.items()
    )
    key = population.flow.structure.series_key
    series = changed.select(key).unique().join(population.series.drop(key).unique(), how="cross")
    return replace(population, observations=changed, series=series), *others


def fired(parts: tuple[Dataset, ...]) -> tuple[set[str], tuple[Finding, ...]]:
    dataset, *others = parts
    items = validate(switched_on(dataset, *RULES), AS_LISTED, others).items
    return {finding.rule for finding in items}, items


LEAF = {"BIRTH_STATUS": "NB", "CTZ_STATUS": "FC", "SEX": "F", "AGE": "Y15T64"}
MUTATIONS = [
    ({**LEAF}, {"SEX": None}, {"MIG-1-002", "MIG-1-353"}),
    ({**LEAF}, {"SEX": "Frau"}, {"MIG-1-003", "MIG-1-353"}),
    ({**LEAF}, {"OBS_STATUS": "x"}, {"MIG-1-003"}),
    ({**LEAF}, {"OBS_STATUS": None}, {"MIG-1-008"}),
    ({**LEAF}, {"OBS_VALUE": "1 00"}, {"MIG-1-010"}),
    ({**LEAF}, {"OBS_VALUE": "-101"}, {"MIG-1-011", "MIG-1-028", "MIG-1-113", *SUMS}),
    ({**LEAF}, {"OBS_VALUE": "101.5"}, {"MIG-1-012", *SUMS}),
    ({**LEAF}, {"LOWER_BOUND": "12x4"}, {"MIG-1-025"}),
    ({**LEAF}, {"UPPER_BOUND": "-7"}, {"MIG-1-011"}),
    ({**LEAF}, {"TIME_PERIOD": "2023-Q1"}, {"MIG-1-015", "MIG-1-353"}),
    ({**LEAF}, {"FREQ": "_U"}, {"MIG-1-015", "MIG-1-353"}),
    ({**LEAF}, {"TIME_PERIOD": "2023-01-01/P9M"}, {"MIG-1-015", "MIG-1-353"}),
    ({**LEAF}, {"TIME_PERIOD": "2023-07-01/P1Y"}, {"MIG-1-353"}),
    ({**LEAF}, {"OBS_VALUE": None}, {"MIG-1-017"}),
    ({**LEAF}, {"OBS_STATUS": "Q"}, {"MIG-1-017"}),
    ({**LEAF}, {"TIME_PERIOD": "2022", "OBS_VALUE": "97"}, {"MIG-1-006", "MIG-1-353"}),
    ({**LEAF}, {"OBS_VALUE": "102"}, SUMS),
    ({**LEAF}, {"OBS_VALUE": "203"}, {*SUMS, "MIG-1-109", "MIG-2-116"}),
    ({"SEX": "F"}, {"OBS_VALUE": "1211"}, SUMS),
    ({}, {"OBS_VALUE": "2426"}, {*SUMS, "MIG-2-001"}),
    ({}, {"UNIT_MULT": "3"}, {*SUMS, "MIG-1-014", "MIG-2-001", "MIG-2-101", "MIG-2-116"}),
]


def test_clean_data_have_no_findings() -> None:
    rules, items = fired(clean())
    assert items == ()
    assert rules == set()


@pytest.mark.parametrize(("where", "changes", "rules"), MUTATIONS, ids=lambda value: str(sorted(value))[:40])
def test_planted_fault_fires_only_its_rule_and_companions(
    where: dict[str, str], changes: dict[str, str | None], rules: set[str]
) -> None:
    assert fired(planted(where, **changes))[0] == rules


def finding(table: str, rule: str, language: str = "en") -> tuple[str, str]:
    """The sentence and the remedy of the only finding of a rule in a small table."""
    dataset, *others = datasets(table, CATALOGUE.flows)
    (item,) = validate(switched_on(dataset, rule), AS_LISTED, others).items
    return item.sentence(language), item.remedy(language)


def test_nearest_code_or_name_is_suggested_for_unknown_code() -> None:
    assert finding("SEX\nFemales", "MIG-1-003") == (
        "“Females” is not a code of CL_SEX (Sex).",
        "Did you mean F (Female)? Map the text to a code under “codes” in the mapping file, or correct the cell.",
    )
    assert "Did you mean RU (" in finding("flow,C_CITIZEN\nDF_IMM,Russia", "MIG-1-003")[1]
    assert "Did you mean Y0T14 (" in finding("AGE\n0-14 years", "MIG-1-003")[1]
    assert "Did you mean Y0T14 (0 to 14 years)?" in finding("AGE\nY_LT15", "MIG-1-003")[1]
    assert "Did you mean _T, " in finding("CTZ_STATUS\nqqq", "MIG-1-003")[1]


@cases_from("quality/cases/ages_that_overlap_are_not_called_skipped.csv")
def test_overlapping_ages_are_not_reported_as_skipped(classes: str, remedy: str) -> None:
    assert finding("\n".join(["AGE", *classes.split()]), "MIG-1-023")[1] == remedy


def test_parts_of_a_total_are_named_in_the_unit_of_the_table() -> None:
    sentence, _ = finding("SEX,UNIT_MULT,OBS_VALUE\n_T,3,3736.9\nM,3,1793.8\nF,3,1942.5", "MIG-1-101")
    assert sentence == (
        "Resident population by birth and citizenship status, 2022: the total 3,736.9 differs from 3,736.3, the "
        "sum of its parts by sex. Difference: 0.6; tolerance for rounding: 0.15. Parts: Female 1,942.5 + Male 1,793.8."
    )


def test_georgia_2023_by_sex_differs_only_by_rounding() -> None:
    dataset = datasets("SEX,UNIT_MULT,OBS_VALUE\n_T,3,3736.4\nM,3,1793.8\nF,3,1942.5", CATALOGUE.flows)[0]
    assert validate(switched_on(dataset, "MIG-1-101"), AS_LISTED).items == ()


def test_georgia_2025_rounded_total_of_exact_parts_passes() -> None:
    table = "TIME_PERIOD,SEX,UNIT_MULT,OBS_VALUE\n2024,_T,3,3694.6\n2024,M,3,1774.5\n2024,F,3,1920.1\n"
    table += "2025,_T,3,3704.5\n2025,M,3,1780.575\n2025,F,3,1923.931"
    dataset = datasets(table, CATALOGUE.flows)[0]
    assert validate(switched_on(dataset, "MIG-1-101"), AS_LISTED).items == ()


@pytest.mark.parametrize(
    ("published", "severity", "residual"),
    [("1004000", "", 0), ("1004001", "information", 1), ("1004501", "warning", 501), ("1009001", "error", 5001)],
)
def test_account_is_tested_with_rounding_and_tolerance(published: str, severity: str, residual: int) -> None:
    table = f"flow,TIME_PERIOD,OBS_VALUE\nDF_POP,2022,1000000\nDF_POP,2023,{published}\nDF_BIRTHS,2022,10000\n"
    table += "DF_DEATHS,2022,8000\nDF_IMM,2022,3000\nDF_EMI,2022,1000"
    dataset, *others = datasets(table, CATALOGUE.flows)
    items = validate(switched_on(dataset, "MIG-2-001"), AS_LISTED, others).items
    assert [item.severity for item in items] == [severity] * bool(severity)
    for item in items:
        parameters = dict(item.parameters)
        assert parameters["residual"] == f"+{residual:,}"
        assert parameters["terms"] == (
            "Population at the beginning of the period 1,000,000 + Live births 10,000 − Deaths 8,000 "
            "+ Immigration 3,000 − Emigration 1,000"
        )
        assert parameters["terms@fr"].endswith("− Émigration 1\u202f000")
        assert str(item.place) == "data.xlsx › DF_POP › A2"
        assert [str(place) for place in item.related] == [
            "data.xlsx › DF_POP › A1",
            "data.xlsx › DF_BIRTHS › A1",
            "data.xlsx › DF_DEATHS › A1",
            "data.xlsx › DF_IMM › A1",
            "data.xlsx › DF_EMI › A1",
        ]


def test_wrong_digit_in_georgian_births_of_2021_is_found() -> None:
    """One secondary table prints 46 946 births where the office has 45 946."""
    table = "flow,TIME_PERIOD,UNIT_MULT,OBS_VALUE\nDF_POP,2021,3,3728.6\nDF_POP,2022,3,3688.6\nDF_BIRTHS,2021,0,46946\n"
    table += "DF_DEATHS,2021,0,59906\nDF_IMM,2021,0,74008\nDF_EMI,2021,0,99974"
    sentence, _ = finding(table, "MIG-2-001")
    assert "Residual: −1,074; rounding explains 100; tolerance: 1,864.3." in sentence


def test_partly_testable_verdict_has_a_reason() -> None:
    table = "TIME_PERIOD,SEX,OBS_VALUE\n2022,_T,3\n2022,F,1\n2022,M,2\n2023,_T,3\n2023,F,1"
    dataset = datasets(table, CATALOGUE.flows)[0]
    (verdict,) = validate(switched_on(dataset, "MIG-1-101"), AS_LISTED).verdicts
    assert (verdict.outcome, verdict.reason) == ("pass", "1 total by SEX: M is not reported")


def test_finding_points_to_the_header_cell_of_the_code() -> None:
    dataset = datasets("SEX,TIME_PERIOD\nMen,2022\nMen,2023\nF,2022", CATALOGUE.flows)[0]
    header = pl.DataFrame(
        [(0, "SEX", "data.xlsx", "DF_POP", 1, 28), (1, "SEX", "data.xlsx", "DF_POP", 1, 28)],
        schema=dataset.origins.schema,
        orient="row",
    )
    dataset = replace(dataset, origins=pl.concat([dataset.origins, header]))
    (item,) = validate(switched_on(dataset, "MIG-1-003"), AS_LISTED).items
    assert (item.place, item.others, item.observations) == (Place("data.xlsx", "DF_POP", cell="AB1"), (), 2)
    assert dict(item.key)["SEX"] == "Men"


def test_findings_are_ordered_and_have_fingerprints() -> None:
    rows = "\n".join(f"x{n},A" for n in range(12)) + "\nM,\nM,y"
    dataset = datasets("SEX,OBS_STATUS\n" + rows, CATALOGUE.flows)[0]
    items = validate(switched_on(dataset, *RULES), AS_LISTED).items
    cells = [item.place.cell for item in items if item.rule == "MIG-1-003" and item.place]
    assert cells == [f"A{n}" for n in (*range(1, 13), 14)]
    assert len({item.fingerprint for item in items}) == len(items)
    again = validate(switched_on(dataset, *RULES), AS_LISTED).items
    assert again == items


def test_data_without_origins_are_validated() -> None:
    dataset = datasets("SEX\nMen", CATALOGUE.flows)[0]
    (item,) = validate(switched_on(replace(dataset, origins=dataset.origins.clear()), "MIG-1-003"), AS_LISTED).items
    assert item.place is None


def test_unknown_rule_or_kind_is_refused_and_nearest_suggested() -> None:
    dataset = datasets("SEX\nM", CATALOGUE.flows)[0]
    with pytest.raises(DeclarationError, match="MIG-1-999") as caught:
        validate(switched_on(dataset, "MIG-1-999"), AS_LISTED)
    assert "Did you mean" in caught.value.hint
    rules = {"MIG-1-003": replace(CATALOGUE.rules["MIG-1-003"], kind="CODE-IN-LISTS")}
    with pytest.raises(DeclarationError) as caught:
        validate(switched_on(dataset, "MIG-1-003"), replace(AS_LISTED, rules=rules))
    assert caught.value.hint == "Did you mean “CODE-IN-LIST”?"
    rules = {"MIG-1-003": replace(CATALOGUE.rules["MIG-1-003"], parameters={"lits": "x"})}
    with pytest.raises(DeclarationError, match="lits"):
        validate(switched_on(dataset, "MIG-1-003"), replace(AS_LISTED, rules=rules))


@pytest.mark.parametrize("flow", CATALOGUE.flows)
@pytest.mark.sampled(8)
def test_flows_run_all_rules_despite_missing_columns(flow: str) -> None:
    """Data read from a message may lack any column: that is for rules to say, not a reason to stop."""
    dataset = datasets("OBS_VALUE\n1\n2", CATALOGUE.flows, flow)[0]
    measure = dataset.flow.structure.measure.id
    bare = replace(dataset, observations=dataset.observations.select(measure), series=pl.DataFrame())
    findings = validate(switched_on(bare, *RULES), AS_LISTED)
    assert {verdict.rule for verdict in findings.verdicts} == set(RULES)
    assert any(item.rule == "MIG-1-002" for item in findings.items)


@cases_from("quality/cases/a_repeated_observation_names_what_differs_and_only_that.csv")
def test_repeated_observation_names_only_what_differs(table: str, components: str, cell: str) -> None:
    (dataset,) = datasets(table, CATALOGUE.flows)
    (item,) = validate(switched_on(dataset, "MIG-1-007"), AS_LISTED).items
    assert dict(item.parameters)["components"] == components
    assert item.place.cell == cell


AT = ("data.xlsx › DF_POP › A1", "data.xlsx › DF_POP › A2")
LINE = Place("pop.toml", key="block[1].fixed")


def collected(check: Check, fault: Fault, said: dict[str, Place]) -> list[Finding]:
    """The findings that one fault of a rule gives."""
    collector = FindingCollector(check.dataset.flow.id, CATALOGUE.rules)
    collect(check, [fault], said, collector, figures=ConfidentialFigures(check.dataset, check.others))
    return collector.findings


@pytest.mark.parametrize(
    ("rows", "component", "related", "places", "beside"),
    [
        ((0,), "OBS_VALUE", (), [AT[0]], []),
        ((0, 1), "OBS_VALUE", (), [*AT], []),
        ((0,), "OBS_VALUE", (1,), [AT[0]], [AT[1]]),
        ((0,), "OBS_VALUE", (0, 1), [AT[0]], [AT[1]]),
        ((1,), "REF_DATE", (), [AT[1]], []),
        ((), "OBS_VALUE", (), ["data.xlsx"], []),
        ((), "OBS_VALUE", (1,), ["data.xlsx"], [AT[1]]),
        ((), "REF_DATE", (), [str(LINE)], ["data.xlsx"]),
        ((), "REF_DATE", (1,), [str(LINE)], [AT[1], "data.xlsx"]),
        ((), "", (), ["data.xlsx"], []),
        ((2,), "OBS_VALUE", (), ["data.xlsx"], []),
        ((0, 2), "OBS_VALUE", (), [AT[0]], []),
    ],
)
def test_fault_is_located_at_its_rows_or_its_declaration(
    rows: tuple[int, ...], component: str, related: tuple[int, ...], places: list[str], beside: list[str]
) -> None:
    (dataset,) = datasets("SEX,OBS_VALUE\nM,1\nF,2\n_T,4", CATALOGUE.flows)
    dataset = replace(dataset, origins=dataset.origins.head(2))  # the third is from no cell
    check = Check(CATALOGUE.rules["MIG-1-007"], dataset, books=open_books((dataset,)))
    (finding,) = collected(check, Fault(rows, component, parameters={}, related=related), {"": LINE})
    assert [str(place) for place in (finding.place, *finding.others)] == places
    assert [str(place) for place in finding.related] == beside
    assert finding.observations == len(rows)


def test_dataset_attribute_is_located_only_at_its_cell() -> None:
    (dataset,) = datasets("SEX,OBS_VALUE\nM,1\nF,2", CATALOGUE.flows)
    cell = dataset.origins.head(1).with_columns(
        component=pl.lit("REF_DATE"), row=pl.lit(7, pl.Int32), observation=pl.lit(None, pl.UInt32)
    )
    given = replace(dataset, origins=pl.concat([dataset.origins, cell]))
    check = Check(CATALOGUE.rules["MIG-1-007"], given, books=open_books((given,)))
    (finding,) = collected(check, Fault((), "REF_DATE", parameters={}), {"": LINE, "REF_DATE": LINE})
    assert [str(place) for place in (finding.place, *finding.others)] == ["data.xlsx › DF_POP › A7"]
    assert finding.related == ()
