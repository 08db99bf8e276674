"""Frequent faults and unknown shares of a workspace, from findings and data."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from shipped import CATALOGUE
from small_country import assessed, dataset, population, row

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Finding, Findings, Justification, Verdict
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import QualityIssue, render_statement


def issue(assessment: Assessment, name: str) -> QualityIssue:
    return next(issue_found for issue_found in assessment.quality if issue_found.issue == name)


def trouble(rule: str, severity: str = "error", flow: str = "DF_POP") -> Finding:
    return Finding(rule, "1", severity=severity, level=1, flow=flow, message=Text.of(en="Trouble"), hint=Text())


def mirror(own: str, partner: str, direction: str = "E") -> Dataset:
    reports = [("2023", "OWN", "1"), ("2023", "PARTNER", "9"), ("2024", "OWN", own), ("2024", "PARTNER", partner)]
    codes = {"DIRECTION": direction, "COUNTERPART_AREA": "SE"}
    return dataset("DF_MIRROR", *(row(year, value, REPORTED_BY=by, **codes) for year, by, value in reports))


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ([mirror("1021", "946")], "not found"),
        ([mirror("100", "105")], "not found"),
        ([mirror("946", "1021", "I")], "not testable"),
        ([], "not testable"),
    ],
)
def test_emigration_is_understated_only_if_partners_count_more(data: list[Dataset], state: str) -> None:
    assert issue(assessed("", *data), "Q05").state == state


def test_every_issue_is_listed_and_untestable_without_data() -> None:
    assessment = assessed("")
    assert [issue_found.issue for issue_found in assessment.quality] == list(
        CATALOGUE.item_scheme("CL_QUALITY_ISSUE").ids
    )
    assert {issue_found.state for issue_found in assessment.quality} == {"not testable"}


def test_issues_count_their_findings() -> None:
    verdicts = (
        Verdict("MIG-1-007", "DF_POP", outcome="fail", findings=2),
        Verdict("MIG-1-017", "DF_POP", outcome="pass"),
    )
    findings = Findings((trouble("MIG-1-007"), trouble("MIG-1-007")), verdicts)
    assessment = assessed("", population(row("2024", "1")), findings=findings)
    assert (issue(assessment, "Q04").state, issue(assessment, "Q04").rules) == ("found", (("MIG-1-007", 2),))
    assert issue(assessment, "Q11").state == "not found"
    assert issue(assessment, "Q12").state == "not testable"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("Q03", [population(row("2024", "1"), RES_RULE="R12"), dataset("DF_IMM", row("2024", "1"), RES_RULE="R6")], ""),
        (
            "Q18",
            [population(row("2024", "1", OBS_STATUS="U"))],
            "“Low reliability”: Resident population by birth and citizenship status (2024)",
        ),
        (
            "Q09",
            [population(row("2024", "1", OBS_STATUS="B"), row("2023", "1"))],
            "comparable (break in the series): Resident population by birth and citizenship status (2024)",
        ),
        ("Q05", [mirror("946", "1021")], "countries in 2024: 946 by figures of the country, 1,021 by theirs"),
        ("Q24", [population(row("2014", "9"), row("2014", "1", BIRTH_STATUS="FB"))], "more than 5 years older"),
        ("Q24", [population(row("2024", "9"), row("2018", "1", CTZ_STATUS="FC"))], "Citizenship status (2018)"),
        ("Q24", [population(row("2024", "9")), dataset("DF_IMM", row("2003", "9", C_RESIDENCE="SE"))], "(2003)"),
    ],
)
def test_issue_is_found_by_signs_in_the_data(name: str, data: list[Dataset], said: str) -> None:
    assessment = assessed("", *data)
    assert issue(assessment, name).state == "found"
    assert said in render_statement(issue(assessment, name).signs[0], assessment.sentences)


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (("B", "A"), "(2020)."),
        (("A", "", "B", ""), "(2022)."),
        (("B", "B", ""), "(2020, 2021)."),
        (("A", "E"), ""),
        (("", ""), ""),
    ],
)
def test_breaks_are_named_by_year_and_untestable_unmarked(statuses: tuple[str, ...], said: str) -> None:
    stock = population(*(row(str(2020 + number), "1", OBS_STATUS=status) for number, status in enumerate(statuses)))
    sent = stock.observations.with_columns(pl.col("OBS_STATUS").replace("", None))
    assessment = assessed("", replace(stock, observations=sent))
    assert issue(assessment, "Q09").state == ("found" if said else "not testable")
    if said:
        assert said in render_statement(issue(assessment, "Q09").signs[0], assessment.sentences)


def test_provisional_figure_is_revised_only_by_a_second_value() -> None:
    provisional = population(row("2023", "1", OBS_STATUS="P"))
    assert issue(assessed("", provisional), "Q07").state == "not testable"
    verdicts = (Verdict("MIG-2-201", "DF_POP", outcome="fail", findings=1),)
    revised = Findings((trouble("MIG-2-201", "warning"),), verdicts)
    assert issue(assessed("", provisional, findings=revised), "Q07").state == "found"


def test_statuses_name_the_marked_datasets() -> None:
    arrivals = dataset("DF_IMM", *(row(year, "1", OBS_STATUS="A") for year in ("2021", "2022", "2023")))
    stock = population(row("2023", "1", OBS_STATUS="B"), row("2024", "1", OBS_STATUS="B"))
    for data in ((stock, arrivals), (arrivals, stock)):
        assessment = assessed("", *data)
        said = render_statement(issue(assessment, "Q09").signs[0], assessment.sentences)
        assert said.endswith("Resident population by birth and citizenship status (2023, 2024).")
    foreign = population(row("2023", "1", OBS_STATUS="B", CTZ_STATUS="FC"))
    (sign,) = issue(assessed("", foreign), "Q09").signs
    assert render_statement(sign, assessment.sentences).endswith("citizenship status – Foreign citizens (2023).")


@pytest.mark.parametrize(
    ("latest", "state"),
    [("2017", "found"), ("2018", "found"), ("2019", "not found"), ("2020", "not found"), ("2024", "not found")],
)
def test_values_are_late_only_after_five_years(latest: str, state: str) -> None:
    stock = population(row(latest, "9"), row(latest, "1", BIRTH_STATUS="FB"))
    assert issue(assessed("", stock), "Q24").state == state


EVENTS = (
    dataset("DF_BIRTHS", row("2023", "9", EVENT="LBIRTH")),
    dataset("DF_DEATHS", row("2023", "8", EVENT="DEATH")),
    dataset("DF_IMM", row("2023", "40")),
    dataset("DF_EMI", row("2023", "30")),
)


def test_unbalanced_account_is_reported_as_issue() -> None:
    assessment = assessed("", population(row("2023", "1000"), row("2024", "1200")), *EVENTS)
    assert issue(assessment, "Q06").state == "found"
    assert "Population account" in render_statement(issue(assessment, "Q06").signs[0], assessment.sentences)
    closing = assessed("", population(row("2023", "1000"), row("2024", "1011")), *EVENTS)
    assert issue(closing, "Q06").state == "not testable"
    assert render_statement(issue(closing, "Q06").signs[0], closing.sentences) == "accounts tested: 1 of 7"


def test_account_balanced_by_construction_does_not_test_data() -> None:
    stocks = population(row("2023", "1000"), row("2024", "1011"), STOCK_METHOD="ACC")
    assessment = assessed("", stocks, *EVENTS)
    assert issue(assessment, "Q06").state == "not testable"
    assert "may be computed from the other terms" in render_statement(
        issue(assessment, "Q06").signs[0], assessment.sentences
    )


def test_share_of_unknown_is_given_by_dataflow_and_dimension() -> None:
    stock = population(
        row("2023", "1000"),
        row("2024", "2000"),
        row("2023", "300", BIRTH_STATUS="_U"),
        row("2024", "150", BIRTH_STATUS="_U"),
        row("2024", "10", CTZ_STATUS="_U", C_CITIZEN="_U"),
    )
    assessment = assessed("", stock)
    shares = {unknown_share.dimension: unknown_share for unknown_share in assessment.unknown_shares}
    assert set(shares) == {"BIRTH_STATUS", "C_CITIZEN"}
    birth = shares["BIRTH_STATUS"]
    # 150 of 2 000 in 2024
    assert (birth.period, birth.unknown, birth.total, birth.share) == ("2024", 150, 2000, Decimal("0.075"))
    assert [str(place) for place in birth.places] == ["tables.xlsx › DF_POP › A4", "tables.xlsx › DF_POP › A2"]
    assert shares["C_CITIZEN"].share == Decimal("0.005")
    # Above five per cent it is an issue: that of birth only.
    assert len(issue(assessment, "Q08").signs) == 1
    assert "7.5% unknown in 2024" in render_statement(issue(assessment, "Q08").signs[0], assessment.sentences)


def test_unknown_citizenship_alone_is_counted() -> None:
    """Data on protection have a country of citizenship and no status that it would fix."""
    applications = {"PROT_ITEM": "APPLIED", "PROT_STATUS": "_T", "UNIT_MEASURE": "PS", "TIME_PERIOD": "2024"}
    assessment = assessed(
        "",
        dataset(
            "DF_UNHCR_APP", {**applications, "OBS_VALUE": "400"}, {**applications, "OBS_VALUE": "30", "C_CITIZEN": "_U"}
        ),
    )
    # 30 of 400 applications
    assert [(share.dimension, share.share) for share in assessment.unknown_shares] == [("C_CITIZEN", Decimal("0.075"))]


def test_findings_are_counted_by_rule_errors_first_without_accounts() -> None:
    of_account = trouble("MIG-2-001", "warning")
    findings = Findings((trouble("MIG-2-101", "warning"), trouble("MIG-1-007"), of_account))
    rules = assessed("", findings=findings).rules
    assert [(finding.rule, finding.severity, finding.findings) for finding in rules] == [
        ("MIG-1-007", "error", 1),
        ("MIG-2-101", "warning", 1),
    ]


def test_figure_found_by_two_rules_is_listed_once_by_its_item() -> None:
    key = (("PROT_ITEM", "APPLIED"), ("TIME_PERIOD", "2022"))
    subject = ("subject", f"{CATALOGUE.flows['DF_PROTECTION'].dataflow.name}, 2022, Applicants")
    found = [
        replace(
            trouble(rule, "warning", "DF_PROTECTION"),
            key=key,
            message=Text.of(en="{subject}: 9"),
            parameters=(subject,),
        )
        for rule in ("MIG-2-101", "MIG-2-102")
    ]
    rules = assessed("", findings=Findings(tuple(found))).rules
    assert [[str(figure.sentence) for figure in counted.figures] for counted in rules] == [["Applicants, 2022: 9"], []]


def test_reasons_for_warnings_are_listed_once_per_rule() -> None:
    warning, other = trouble("MIG-2-101", "warning"), trouble("MIG-2-101", "warning")
    given = Justification(fingerprint="f1", text="War in Ukraine.")
    found = (replace(warning, justification=given), replace(other, justification=given), other)
    (rule,) = assessed("", findings=Findings(found)).rules
    assert (rule.findings, rule.reasons) == (3, ("War in Ukraine.",))


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ([("MIG-1-101", "pass", "")], "not found"),
        ([("MIG-1-101", "pass", ""), ("MIG-1-101", "not testable", "no parts by SEX")], "not testable"),
        ([("MIG-1-101", "pass", "3 totals by SEX: F is not reported")], "not testable"),
    ],
)
def test_issue_is_ruled_out_only_by_complete_checks(verdicts: list[tuple[str, str, str]], state: str) -> None:
    made = tuple(Verdict(rule, "DF_POP", outcome=outcome, reason=reason) for rule, outcome, reason in verdicts)
    assessment = assessed("", population(row("2024", "1")), findings=Findings((), made))
    assert issue(assessment, "Q23").state == state


def test_issue_with_one_of_two_rules_passed_is_unchecked() -> None:
    findings = Findings((), (Verdict("MIG-1-130", "DF_POP", outcome="pass"),))
    seen = issue(assessed("", population(row("2024", "1")), findings=findings), "Q17")
    assert seen.state == "not testable"


def test_unstated_definitions_are_not_consistent() -> None:
    data = (
        population(row("2024", "1"), RES_RULE="R12"),
        dataset("DF_IMM", row("2024", "1"), RES_RULE="R12"),
        dataset("DF_EMI", row("2024", "1")),
    )
    answers = "\n".join(f'items.{item}.answer = "3"' for item in ("B02", "B03", "B04", "B05", "B06", "B07"))
    for profile in ("", answers):
        seen = issue(assessed(profile, *data), "Q03")
        assert seen.state == "not testable"
    assert "stated in 2 of 3 datasets" in render_statement(seen.signs[0], assessed("", *data).sentences)


@pytest.mark.parametrize(("evidence", "is_of_country"), [("CONFIRMED", True), ("PUBLIC", False), ("REPORTED", False)])
def test_findings_on_partner_data_are_not_issues_of_country(evidence: str, is_of_country: bool) -> None:
    doubles = (Verdict(rule, "DF_POP", outcome="pass") for rule in ("MIG-1-006", "MIG-1-007"))
    verdicts = (Verdict("MIG-1-352", "DF_POP", outcome="fail", findings=1), *doubles)
    collected = [trouble(rule, "warning") for rule in ("MIG-1-111", "MIG-1-352", "MIG-1-402", "MIG-1-407")]
    collected.append(trouble("MIG-2-101", "warning", "DF_UNHCR_POP"))
    findings = Findings((*collected, trouble("MIG-1-101", "warning")), verdicts)
    assessment = assessed(
        f'[items.A02]\nanswer = "Y"\nevidence = "{evidence}"\n', population(row("2014", "9")), findings=findings
    )
    state = "found" if is_of_country else "not testable"
    assert [issue(assessment, name).state for name in ("Q04", "Q22", "Q24")] == [state] * 3
    of_collection = [finding.rule for finding in collected] if is_of_country else []
    assert [counted.rule for counted in assessment.rules] == ["MIG-1-101", *of_collection]
    assert dict(assessment.findings)["warning"] == 1 + len(of_collection)
    assert assessment.other_findings == len(collected) - len(of_collection)


def test_testable_share_of_account_and_years_is_stated() -> None:
    data = (
        population(row("2022", "990"), row("2023", "1000"), row("2024", "1011")),
        dataset("DF_BIRTHS", row("2022", "7", EVENT="LBIRTH"), row("2023", "9", EVENT="LBIRTH")),
        dataset("DF_DEATHS", row("2023", "8", EVENT="DEATH")),
        dataset("DF_IMM", row("2023", "40")),
        dataset("DF_EMI", row("2023", "30")),
    )
    assessment = assessed("", *data)
    tests = dict(assessment.tested.inputs)
    assert len(tests) == 30
    assert assessment.tested.value == Decimal(sum(count != "0" for count in tests.values())) / 30
    assert tests["A01"] == "1"
    # Deaths and flows of 2022 are not there: one of two years.
    assert assessment.tested_years.value == Decimal("0.5")
    assert assessment.tested_years.inputs == (("A01 2022", "NOT_TESTABLE"), ("A01 2023", "BALANCED"))


@pytest.mark.parametrize(("evidence", "gaps"), [("CONFIRMED", ["ACCOUNT_OPEN"]), ("PUBLIC", []), ("REPORTED", [])])
def test_data_collected_by_others_cause_no_gap_of_the_office(evidence: str, gaps: list[str]) -> None:
    data = (
        population(row("2023", "1000"), row("2024", "1200")),
        dataset("DF_BIRTHS", row("2023", "9", EVENT="LBIRTH")),
        dataset("DF_DEATHS", row("2023", "8", EVENT="DEATH")),
        dataset("DF_IMM", row("2023", "40")),
        dataset("DF_EMI", row("2023", "30")),
    )
    assessment = assessed(f'[items.A02]\nanswer = "Y"\nevidence = "{evidence}"\n', *data)
    assert issue(assessment, "Q06").state == "found"
    assert [gap.id for gap in assessment.gaps] == gaps


def test_code_shared_by_all_figures_does_not_count_as_topic() -> None:
    foreign = {"CTZ_STATUS": "FC", "OBS_VALUE": "9"}
    totals = dataset("DF_IMM", {"TIME_PERIOD": "2023", **foreign}, {"TIME_PERIOD": "2024", **foreign})
    by_sex = dataset("DF_EMI", *({"TIME_PERIOD": "2024", "SEX": sex, **foreign} for sex in ("_T", "F", "M")))
    topics = {each.flow: [topic.dimension for topic in each.topics] for each in assessed("", totals, by_sex).holdings}
    assert topics == {"DF_IMM": [], "DF_EMI": ["SEX"]}
