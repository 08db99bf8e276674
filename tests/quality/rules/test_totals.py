"""Sums: rounding of true figures never looks like a fault, and what rounding cannot explain always does."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from case_tables import as_list, as_set, cases_from, listed
from hypothesis import given
from hypothesis import strategies as st
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.data import LEFT_OUT_BY_ANSWER
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.tasks.data_folder import UNUSED_COLUMNS

AGES = ("Y0T14", "Y15T64", "Y_GE65")
STEPS = {0: (0, 0), 100: (3, 1), 1000: (3, 0)}
"""Rounding base in persons: UNIT_MULT and decimals that print it."""


def judged(rule: str, table: str) -> Findings:
    dataset, *others = datasets(table, CATALOGUE.flows)
    return validate(switched_on(dataset, rule), AS_LISTED, others)


def printed(persons: int, base: int, rounding: str) -> str:
    mult, decimals = STEPS[base]
    return str((Decimal(persons).scaleb(-mult)).quantize(Decimal(1).scaleb(-decimals), rounding=rounding))


def table(total: str, parts: list[str], base: int) -> str:
    rows = [f"{age},{STEPS[base][0]},{value}" for age, value in zip(("_T", *AGES), (total, *parts), strict=True)]
    return "\n".join(["AGE,UNIT_MULT,OBS_VALUE", *rows])


people = st.lists(st.integers(0, 10**8), min_size=3, max_size=3)


@given(people, st.sampled_from(sorted(STEPS)), st.sampled_from([ROUND_HALF_EVEN, ROUND_HALF_UP]))
def test_correctly_rounded_figures_are_never_reported(parts: list[int], base: int, rounding: str) -> None:
    texts = [printed(part, base, rounding) for part in parts]
    findings = judged("MIG-1-102", table(printed(sum(parts), base, rounding), texts, base))
    assert findings.items == ()
    assert findings.verdicts[0].outcome == "pass"


@given(people, st.sampled_from(sorted(STEPS)), st.integers(1, 10**6), st.sampled_from([-1, 1]))
def test_difference_beyond_rounding_is_always_a_finding(parts: list[int], base: int, more: int, sign: int) -> None:
    exact = [part - part % (base or 1) for part in parts]
    total = sum(exact) + sign * (2 * base + more * (base or 1))
    texts = [printed(part, base, ROUND_HALF_UP) for part in exact]
    (item,) = judged("MIG-1-102", table(printed(total, base, ROUND_HALF_UP), texts, base)).items
    assert Decimal(dict(item.parameters)["difference"].replace(",", "")) == abs(total - sum(exact)) / Decimal(
        10 ** STEPS[base][0]
    )


@cases_from("quality/cases/which_parts_make_a_total.csv", rows=as_list)
def test_total_is_tested_only_with_suitable_parts(rule: str, rows: list[str], outcome: str, reason: str) -> None:
    dimension = {"MIG-1-101": "SEX", "MIG-1-102": "AGE", "MIG-1-103": "CTZ_STATUS"}[rule]
    lines = [",".join(row.split(" ")) for row in rows]
    (verdict,) = judged(rule, "\n".join([f"{dimension},OBS_VALUE", *lines])).verdicts
    assert verdict.outcome == outcome
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("unknown", "outcome"),
    [(["_T 2"], "pass"), (["_T 2", "F ", "M "], "pass"), (["_T 3"], "fail"), (["_T 2", "F 1", "M 1"], "fail")],
)
def test_total_may_exceed_parts_by_undivided_categories(unknown: list[str], outcome: str) -> None:
    rows = ["_T _T 12", "_T F 4", "_T M 6", "XK _T 10", "XK F 4", "XK M 6", *(f"_U {row}" for row in unknown)]
    table = "\n".join(["C_CITIZEN,SEX,OBS_VALUE", *(row.replace(" ", ",") for row in rows)])
    assert judged("MIG-1-101", table).verdicts[0].outcome == outcome


def test_invalid_value_of_total_is_located_at_its_cell() -> None:
    rows = ["SEX,TIME_PERIOD,OBS_VALUE", "F,2021,20", "M,2021,40", "_T,2022,79 000x", "F,2022,20", "M,2022,40"]
    places = {item.component: item.place and item.place.cell for item in judged("MIG-1-112", "\n".join(rows)).items}
    assert places == {"OBS_VALUE": "A3", "SEX": "A1"}


@pytest.mark.parametrize(("armenians", "outcome"), [("9811", "pass"), ("12000", "fail")])
def test_foreigners_of_one_country_cannot_exceed_all_people(armenians: str, outcome: str) -> None:
    rows = ["flow,CTZ_STATUS,C_CITIZEN,OBS_VALUE", "DF_IMM,_T,_T,9811", f"DF_IMM,FC,AM,{armenians}"]
    (verdict,) = judged("MIG-1-109", "\n".join(rows)).verdicts
    assert verdict.outcome == outcome


def test_stateless_foreigners_are_not_counted_twice() -> None:
    rows = ["flow,CTZ_STATUS,C_CITIZEN,OBS_VALUE", "DF_IMM,_T,_T,100", "DF_IMM,FC,AM,50", "DF_IMM,FC,STLS,50"]
    (verdict,) = judged("MIG-1-110", "\n".join([*rows, "DF_IMM,STLS,STLS,50"])).verdicts
    assert verdict.outcome == "pass"


def test_thousands_and_persons_may_be_mixed_in_a_table() -> None:
    rows = ["SEX,UNIT_MULT,OBS_VALUE", "_T,3,3704.5", "M,0,1780575", "F,0,1923931"]
    assert judged("MIG-1-101", "\n".join(rows)).items == ()
    rows[-1] = "F,0,1924031"
    (item,) = judged("MIG-1-101", "\n".join(rows)).items
    assert dict(item.parameters)["sum"] == "3,704.606"
    assert dict(item.parameters)["parts"] == "Female 1,924.031 + Male 1,780.575"
    assert [place.cell for place in item.related] == ["A3", "A2"]


def test_part_in_persons_is_compared_with_its_total_in_persons() -> None:
    rows = ["SEX,UNIT_MULT,OBS_VALUE", "_T,3,3704.5", "M,0,3705000"]
    (item,) = judged("MIG-1-109", "\n".join(rows)).items
    words = dict(item.parameters)
    assert (words["value"], words["total"]) == ("3,705,000", "3,704,500")


def test_declared_decimals_precede_observed_ones() -> None:
    rows = ["SEX,UNIT_MULT,DECIMALS,OBS_VALUE", "_T,3,1,10", "M,3,1,5", "F,3,1,5.2"]
    (item,) = judged("MIG-1-101", "\n".join(rows)).items
    assert dict(item.parameters)["tolerance"] == "0.15"


@pytest.mark.parametrize(("part", "outcome"), [("5.1", "pass"), ("5.2", "fail")])
def test_incomplete_parts_may_exceed_total_only_by_rounding(part: str, outcome: str) -> None:
    rows = ["AGE,UNIT_MULT,OBS_VALUE", "_T,3,10.0", "Y0T14,3,5.0", f"Y15T64,3,{part}"]
    (verdict,) = judged("MIG-1-110", "\n".join(rows)).verdicts
    assert verdict.outcome == outcome


@cases_from(
    "quality/rules/cases/parts_of_a_status_without_its_own_total_are_not_more_than_all.csv",
    rows=as_list,
    outcomes=as_set,
)
def test_parts_of_status_without_total_cannot_exceed_all(rows: list[str], outcomes: set[str]) -> None:
    head = ["CTZ_STATUS,BIRTH_STATUS,C_CITIZEN,C_BIRTH,OBS_VALUE", "_T,_T,_T,_T,100"]
    verdicts = judged("MIG-1-110", "\n".join([*head, *rows])).verdicts
    assert {verdict.outcome for verdict in verdicts} == outcomes


@cases_from(
    "quality/rules/cases/wrong_total_is_reported_once_by_the_most_specific_rule.csv", beside=listed, expected=as_set
)
def test_wrong_total_is_reported_once_by_most_specific_rule(beside: tuple[str, ...], expected: set[str]) -> None:
    (dataset,) = datasets("SEX,OBS_VALUE\n_T,100\nF,50\nM,60", CATALOGUE.flows)
    findings = validate(switched_on(dataset, *beside, "MIG-1-132"), AS_LISTED)
    assert {finding.rule for finding in findings.items} == expected


EXACTLY, AT_LEAST, AT_MOST = ("60.3", "59.7"), ("59.7",), ("60.3",)
"""Totals of 10.0, 20.0 and 30.0 that four half units do not explain: of a whole, of some parts, of what was read."""


@pytest.mark.parametrize("total", ["59.7", "59.8", "60.2", "60.3"])
@pytest.mark.parametrize(
    ("rule", "codes", "wrong"),
    [
        ("MIG-1-101", "SEX F M _U", EXACTLY),
        ("MIG-1-102", "AGE Y0T14 Y15T64 Y_GE65", EXACTLY),
        ("MIG-1-110", "C_BIRTH AM PL UA", AT_LEAST),
        ("MIG-1-128", "C_CITIZEN AM PL _O", EXACTLY),
        ("MIG-1-132", "C_BIRTH AM PL _O", EXACTLY),
        ("MIG-1-132", "C_BIRTH AM PL UA", AT_LEAST),
        ("MIG-1-134", "C_BIRTH AM PL UA", AT_MOST),
    ],
)
def test_rounding_explains_half_a_unit_per_figure(rule: str, codes: str, wrong: tuple[str, ...], total: str) -> None:
    dimension, *parts = codes.split()
    rows = [f"{code},3,{value}" for code, value in zip(("_T", *parts), (total, "10.0", "20.0", "30.0"), strict=True)]
    flow = "DF_POP" if dimension != "C_CITIZEN" else "DF_IMM"
    (dataset,) = datasets("\n".join([f"{dimension},UNIT_MULT,OBS_VALUE", *rows]), CATALOGUE.flows, flow)
    left = pl.DataFrame(
        [("data.xlsx", flow, 6, 1, "skipped", "not asked for", "")], schema=UNUSED_COLUMNS, orient="row"
    )
    findings = validate(switched_on(dataset, rule), AS_LISTED, unused_cells=left)
    assert findings.verdicts[0].outcome == ("fail" if total in wrong else "pass")
    assert [item.observed for item in findings.items if item.component == "OBS_VALUE"] == [total] * (total in wrong)


@pytest.mark.parametrize(("dimension", "count"), [("FREQ", 1), ("SEX", 1), ("C_BIRTH", 0)])
@pytest.mark.parametrize("rule", ["MIG-1-132", "MIG-1-134"])
def test_dimension_without_codelist_has_no_totals(rule: str, dimension: str, count: int) -> None:
    (dataset,) = datasets("C_BIRTH,OBS_VALUE\n_T,10\nAM,5\nPL,4\n_O,0", CATALOGUE.flows)
    lists = {name: codelist for name, codelist in dataset.flow.codelists.items() if name != dimension}
    dataset = replace(dataset, flow=replace(dataset.flow, codelists=lists))
    left = pl.DataFrame(
        [("data.xlsx", "DF_POP", 6, 1, "skipped", "not asked for", "")], schema=UNUSED_COLUMNS, orient="row"
    )
    assert len(validate(switched_on(dataset, rule), AS_LISTED, unused_cells=left).items) == count


def test_total_of_one_part_is_not_blamed_on_omitted_figures() -> None:
    left = pl.DataFrame(
        [("data.xlsx", "DF_POP", 6, 1, "skipped", "not asked for", "")], schema=UNUSED_COLUMNS, orient="row"
    )
    for part, count in (("\nPL,M,3", 1), ("\nPL,M,", 0), ("", 0)):
        (dataset,) = datasets(f"C_BIRTH,OBS_STATUS,OBS_VALUE\n_T,A,10\nAM,A,5{part}", CATALOGUE.flows)
        found = validate(switched_on(dataset, "MIG-1-134"), AS_LISTED, unused_cells=left).items
        assert sum(item.rule == "MIG-1-134" for item in found) == count


LEFT_BY_ANSWER = [("data.xlsx", "DF_IMM", 40, 1, "skipped", LEFT_OUT_BY_ANSWER, "")]
THREE, THREE_IN_TWO = ([(*LEFT_BY_ANSWER[0][:6], value) for value in values] for values in (["3"], ["1", "2"]))
SHORT, FITTING, FAR = (f"\n{{year}},_T,{total}\n{{year}},AM,5\n{{year}},_O,4" for total in (12, 9, 120))
"""Totals that are 3 more than their parts, equal to them, and much more, as after a typing error."""


@pytest.mark.parametrize(
    ("years", "left", "rules"),
    [
        ((SHORT, SHORT), LEFT_BY_ANSWER, {"MIG-1-134"}),
        ((SHORT, FITTING), LEFT_BY_ANSWER, {"MIG-1-128", "MIG-1-134"}),
        ((SHORT, SHORT), [(*LEFT_BY_ANSWER[0][:5], "not asked for", "3")], {"MIG-1-128", "MIG-1-134"}),
        ((SHORT, SHORT), THREE, {"MIG-1-134"}),
        ((SHORT, FITTING), THREE, {"MIG-1-134"}),
        ((SHORT, SHORT, FAR), THREE, {"MIG-1-128", "MIG-1-134"}),
        ((SHORT, SHORT, FAR), THREE_IN_TWO, {"MIG-1-128", "MIG-1-134"}),
        ((SHORT, SHORT), THREE_IN_TWO, {"MIG-1-134"}),
        ((SHORT, SHORT), [], {"MIG-1-128"}),
    ],
)
def test_totals_explained_by_an_omitted_answer_are_a_warning(
    years: tuple[str, ...], left: list[tuple[str, str, int, int, str, str, str]], rules: set[str]
) -> None:
    rows = "".join(row.format(year=2020 + at) for at, row in enumerate(years))
    (dataset,) = datasets(f"TIME_PERIOD,C_CITIZEN,OBS_VALUE{rows}", CATALOGUE.flows, "DF_IMM")
    dataset = switched_on(dataset, "MIG-1-128", "MIG-1-134")
    unused = pl.DataFrame(left, schema=UNUSED_COLUMNS, orient="row")
    assert {item.rule for item in validate(dataset, AS_LISTED, unused_cells=unused).items} == rules


@pytest.mark.parametrize("unit", ["CASE", "EVENT", "DOC", "PS"])
def test_decisions_beside_an_omitted_column_are_a_warning(unit: str) -> None:
    header = "flow,PROT_ITEM,DECISION_ACTION,UNIT_MEASURE,OBS_VALUE"
    rows = [f"DF_PROTECTION,DECIDED,{part},{unit},{value}" for part, value in (("_T", 12), ("GRANT", 5), ("REJECT", 4))]
    (dataset,) = datasets("\n".join([header, *rows]), CATALOGUE.flows)
    left = [("data.xlsx", "DF_PROTECTION", 6, 1, "skipped", LEFT_OUT_BY_ANSWER, "3")]
    unused = pl.DataFrame(left, schema=UNUSED_COLUMNS, orient="row")
    found = validate(switched_on(dataset, "MIG-1-134"), AS_LISTED, unused_cells=unused).items
    assert [item.observed for item in found if item.rule == "MIG-1-134"] == ["12"]


@pytest.mark.parametrize(("totals", "wrong"), [((9, 9, 90), ["90"]), ((9, 90, 91), []), ((9, 9, 9), [])])
def test_total_above_parts_complete_in_other_years_is_an_error(totals: tuple[int, ...], wrong: list[str]) -> None:
    rows = [
        f"{2020 + at},{code},{value}"
        for at, total in enumerate(totals)
        for code, value in (("_T", total), ("142", 5), ("150", 4))
    ]
    (dataset,) = datasets("\n".join(["TIME_PERIOD,C_CITIZEN,OBS_VALUE", *rows]), CATALOGUE.flows, "DF_IMM")
    found = validate(switched_on(dataset, "MIG-1-128"), AS_LISTED).items
    assert [item.observed for item in found if item.rule == "MIG-1-128"] == wrong


def test_total_unexplained_by_omissions_is_reported_apart() -> None:
    rows = "".join(row.format(year=2020 + at) for at, row in enumerate((SHORT, SHORT, FAR)))
    (dataset,) = datasets(f"TIME_PERIOD,C_CITIZEN,OBS_VALUE{rows}", CATALOGUE.flows, "DF_IMM")
    unused = pl.DataFrame(THREE, schema=UNUSED_COLUMNS, orient="row")
    found = validate(switched_on(dataset, "MIG-1-134"), AS_LISTED, unused_cells=unused).items
    assert [item.observed for item in found if item.rule == "MIG-1-134"] == ["12", "120"]


@pytest.mark.parametrize(
    ("total", "closed", "rules"),
    [
        (100, "CLOSED", {"MIG-1-134"}),
        (100, "WITHDRAWN", {"MIG-1-134"}),
        (190, "CLOSED", {"MIG-1-121", "MIG-1-134"}),
        (100, "APPLIED", {"MIG-1-121"}),
        (80, "CLOSED", {"MIG-1-121"}),
    ],
)
def test_decisions_short_by_closed_cases_are_a_warning(total: int, closed: str, rules: set[str]) -> None:
    items = f"DECIDED,_T,{total}\nDECIDED,GRANT,40\nDECIDED,REJECT,50\n{closed},_Z,10"
    rows = "\n".join(f"DF_PROTECTION,{row}" for row in items.split())
    (dataset,) = datasets(f"flow,PROT_ITEM,DECISION_ACTION,OBS_VALUE\n{rows}", CATALOGUE.flows)
    dataset = switched_on(dataset, "MIG-1-121", "MIG-1-134")
    unused = pl.DataFrame([], schema=UNUSED_COLUMNS, orient="row")
    assert {item.rule for item in validate(dataset, AS_LISTED, unused_cells=unused).items} == rules


def test_closed_cases_of_men_do_not_explain_those_of_women() -> None:
    of_men = "DECIDED,_T,M,100\nDECIDED,GRANT,M,40\nDECIDED,REJECT,M,50\nCLOSED,_Z,M,10"
    of_women = "DECIDED,_T,F,70\nDECIDED,GRANT,F,30\nDECIDED,REJECT,F,30\nCLOSED,_Z,F,5"
    rows = "\n".join(f"DF_PROTECTION,{row}" for row in f"{of_men}\n{of_women}".split())
    (dataset,) = datasets(f"flow,PROT_ITEM,DECISION_ACTION,SEX,OBS_VALUE\n{rows}", CATALOGUE.flows)
    unused = pl.DataFrame([], schema=UNUSED_COLUMNS, orient="row")
    found = validate(switched_on(dataset, "MIG-1-121"), AS_LISTED, unused_cells=unused).items
    assert [item.observed for item in found if item.rule == "MIG-1-121"] == ["70"]


@pytest.mark.parametrize(
    ("totals", "outcome", "observed"),
    [
        ((30, 40, 50, 160), "fail", ["160"]),
        ((30, 40, 50, 60), "pass", []),
        ((30, 40, 51, 61), "not testable", []),
        ((30, 160), "not testable", []),
    ],
)
def test_parts_complete_in_most_years_are_checked(totals: tuple[int, ...], outcome: str, observed: list[str]) -> None:
    """The sums of the parts are 30, 40, 50 and 60 persons; other countries are not reported."""
    rows = [
        f"{country},{2019 + year},{value}"
        for year, total in enumerate(totals)
        for country, value in (("_T", total), ("UA", 10), ("TR", 20 + 10 * year))
    ]
    findings = judged("MIG-1-128", "\n".join(["C_CITIZEN,TIME_PERIOD,OBS_VALUE", *rows]))
    assert [item.observed for item in findings.items] == observed
    assert findings.verdicts[0].outcome == outcome
