"""Disclosure of withheld figures through the sums that the rules on totals use."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Vintage
from sdmxmig.sdmx.model.findings import Findings, RuleProfile

AUDIT, LINES = "MIG-1-204", "MIG-1-203"
HEAD = "OBS_VALUE,OBS_STATUS,CONF_STATUS"
EXACTLY = "to an interval of width 0 (0: exactly known);"


def judged(rule: str, table: str, previous: str = "", flow: str = "DF_POP") -> Findings:
    dataset, *others = datasets(table, CATALOGUE.flows, flow)
    of_flows = {one.flow.id: one for one in datasets(previous, CATALOGUE.flows, flow)} if previous else {}
    vintages = (
        [Vintage(datasets=of_flows, name="earlier.csv", prepared="2024-03-01T12:00:00+00:00")] if previous else []
    )
    return validate(switched_on(dataset, rule), AS_LISTED, others, previous=vintages)


def outcome(findings: Findings) -> tuple[str, str]:
    (verdict,) = findings.verdicts
    return verdict.outcome, verdict.reason


def told_exactly(findings: Findings) -> list[str]:
    """The cells of the figures that can be worked out exactly."""
    return [str(finding.place and finding.place.cell) for finding in findings.items if EXACTLY in finding.sentence()]


def test_unreported_total_discloses_a_withheld_figure() -> None:
    """Women from Armenia are what all from Armenia and Azerbaijan leave, since the women of both together are known.

    No reported sum has a single withheld figure: the total of all people, 30, is not reported.
    """
    table = f"""SEX,C_CITIZEN,{HEAD}
_T,AM,20,A,
_T,_O,10,A,
M,_T,14,A,
F,_T,,Q,A
"""
    assert outcome(judged(LINES, table))[0] == "pass"
    assert told_exactly(judged(AUDIT, table)) == ["A4"]  # 20 + 10 - 14


def test_suppressed_figure_needs_an_interval_whatever_its_status() -> None:
    table = f"SEX,{HEAD}\n_T,20,A,\nM,,Q,\nF,12,A,\n"
    assert [finding.expected for finding in judged(AUDIT, table).items] == ["an interval of at least 1"]


@pytest.mark.parametrize(("foreign", "cells"), [("FC,,Q,D", []), ("FC,18,A,", ["A4"])])
def test_groups_disclose_their_parts(foreign: str, cells: list[str]) -> None:
    table = f"""CTZ_STATUS,{HEAD}
_T,,Q,D
NC,82,A,
{foreign}
STLS,,Q,A
FC_CTZ,16,A,
UNDET,0,A,
"""
    assert told_exactly(judged(AUDIT, table)) == cells


def test_linked_table_discloses_a_withheld_figure() -> None:
    table = f"""flow,SEX,POP_BASE,C_CITIZEN,{HEAD}
DF_POP,_T,,AM,20,A,
DF_POP,M,,AM,,Q,A
DF_POP,F,,AM,,Q,D
DF_POP_TOPIC,_T,RES,AM,20,A,
DF_POP_TOPIC,F,RES,AM,18,A,
"""
    assert outcome(judged(LINES, table))[0] == "pass"
    assert told_exactly(judged(AUDIT, table)) == ["A2"]


def test_sum_over_two_breakdowns_discloses_a_withheld_figure() -> None:
    """The groups by birth and citizenship add up to the population, whichever single totals are withheld."""
    table = f"""SEX,AGE,BIRTH_STATUS,CTZ_STATUS,{HEAD}
M,Y_GE65,_T,_T,105,A,
M,Y_GE65,NB,NC,60,A,
M,Y_GE65,NB,FC,10,A,
M,Y_GE65,FB,NC,10,A,
M,Y_GE65,FB,FC,,Q,D
M,Y_GE65,_U,_U,5,A,
M,Y_GE65,NB,_T,,Q,D
M,Y_GE65,FB,_T,,Q,D
M,Y_GE65,_T,FC,,Q,D
M,Y_GE65,_T,NC,,Q,D
"""
    (finding, *_) = judged(LINES, table).items
    assert finding.place.cell == "A5"
    assert "its sum by birth status × citizenship status" in finding.sentence()


@pytest.mark.parametrize(
    ("rule", "table"),
    [
        ("MIG-1-205", f"flow,POP_BASE,SEX,{HEAD}\nDF_POP_TOPIC,RES,F,20,A,\nDF_POP,,F,,Q,A"),
        ("MIG-1-203", f"flow,SEX,{HEAD}\nDF_POP,_T,30,A,\nDF_POP,M,10,A,\nDF_POP,F,,Q,A"),
    ],
)
def test_audit_uses_sums_although_a_profile_omits_their_rules(rule: str, table: str) -> None:
    """An office may omit rules on totals and margins; readers of its data add up anyway."""
    profile = RuleProfile(id="OFFICE", name=Text.of(en="Only this rule"), only=(rule,))
    declared = replace(CATALOGUE, rule_profiles={"OFFICE": profile}).apply_profile("OFFICE")
    dataset, *others = datasets(table, declared.flows)
    assert [(verdict.rule, verdict.outcome) for verdict in validate(dataset, declared, others).verdicts] == [
        (rule, "fail")
    ]


def test_withheld_quarter_is_disclosed_by_the_year_total() -> None:
    quarters = "".join(f"Q,2022-Q{n},AM,{value}\n" for n, value in enumerate(("5,A,", ",Q,A", "7,A,", "9,A,"), start=1))
    table = f"FREQ,TIME_PERIOD,C_CITIZEN,{HEAD}\nA,2022,AM,23,A,\n{quarters}"
    assert told_exactly(judged(AUDIT, table, flow="DF_IMM")) == ["A3"]


def test_account_discloses_its_withheld_items() -> None:
    """130 at the end = 100 at the start + 20 births - 5 deaths + immigration - 10 emigration: 25 immigrants."""
    items = "POP_BEG,100,A,\nPOP_END,130,A,\nLBIRTH,20,A,\nDEATH,5,A,\nFLW_IMM,,Q,A\nFLW_EMI,10,A,\nADJ,0,A,\n"
    assert told_exactly(judged(AUDIT, f"ACC_ITEM,{HEAD}\n{items}", flow="DF_ACCOUNT")) == ["A5"]


def test_earlier_release_discloses_a_withheld_figure() -> None:
    table = f"SEX,{HEAD}\n_T,20,A,\nM,,Q,A\nF,,Q,D\n"
    assert outcome(judged(AUDIT, table)) == ("pass", "")
    assert told_exactly(judged(AUDIT, table, previous="SEX,OBS_VALUE\nF,18\n")) == ["A2"]


def test_revised_totals_do_not_protect_published_figures() -> None:
    """The former figures contradict the new total, so that neither disclosure nor safety is certain."""
    table = f"SEX,{HEAD}\n_T,40,A,\nM,,Q,A\nF,,Q,D\n"
    findings = judged(AUDIT, table, previous="SEX,OBS_VALUE\nM,2\nF,18\n")
    assert outcome(findings) == ("pass", "2 suppressed figures were published in an earlier release")


def test_parts_complete_in_another_year_are_taken_as_complete() -> None:
    """Whether a list of two countries is all there is, nothing declares; in 2021 it was."""
    table = f"C_CITIZEN,TIME_PERIOD,{HEAD}\n_T,2022,20,A,\nAM,2022,,Q,A\nAZ,2022,18,A,\n"
    other_year = "_T,2021,30,A,\nAM,2021,12,A,\nAZ,2021,18,A,\n"
    assert outcome(judged(LINES, table))[0] == "not testable"
    (finding,) = judged(LINES, table + other_year).items
    assert finding.place.cell == "A2"


def test_rounding_can_protect_a_withheld_figure() -> None:
    """Thousands with one decimal: two figures within 50 people leave 200 where whole persons leave nothing."""
    rows = "_T,20.5,A,\nM,,Q,A\nF,18.0,A,\n"
    table = f"UNIT_MULT,DECIMALS,SEX,{HEAD}\n" + "".join(f"3,1,{row}\n" for row in rows.splitlines())
    assert outcome(judged(LINES, table))[0] == "pass"
    assert outcome(judged(AUDIT, table)) == ("pass", "")


def test_contradictory_sums_are_reported() -> None:
    table = f"""SEX,C_CITIZEN,{HEAD}
_T,_T,10,A,
M,_T,8,A,
F,_T,,Q,A
_T,AM,1,A,
_T,_O,9,A,
F,AM,7,A,
F,_O,,Q,D
M,AM,,Q,D
M,_O,,Q,D
"""
    verdict, reason = outcome(judged(AUDIT, table))
    assert (verdict, reason) == ("not testable", "for 1 suppressed figures the sums around them contradict each other")


@pytest.mark.parametrize("rule", [f"MIG-1-{number}" for number in (201, 202, 203, 204, 205, 206, 207, 211, 212)])
def test_findings_never_show_a_confidential_figure(rule: str) -> None:
    """The confidential figure is 1.7 million, whose digits stand nowhere else."""
    table = f"""SEX,CTZ_STATUS,C_CITIZEN,{HEAD}
_T,_T,AM,5000000,A,
M,_T,AM,1734561,A,A
F,_T,AM,3265439,A,
_T,FC,AM,,Q,A
_T,_T,AZ,2,A,
"""
    for finding in judged(rule, table).items:
        texts = (*(finding.sentence(language) for language, _ in finding.message), finding.observed, finding.expected)
        assert not any("734" in text or "265" in text for text in texts)


def test_small_counts_are_queried_once_unless_stated() -> None:
    rule, small = "MIG-1-213", "MIG-1-201"
    table = "flow,OBS_VALUE\nDF_IMM,1\nDF_EMI,2"
    immigration, emigration = (switched_on(dataset, rule) for dataset in datasets(table, CATALOGUE.flows))
    asked = [validate(emigration, AS_LISTED, [immigration]), validate(immigration, AS_LISTED, [emigration])]
    assert [len(findings.items) for findings in asked] == [1, 0]
    stated = replace(AS_LISTED.rules[small], parameters={**AS_LISTED.rules[small].parameters, "always": True})
    catalogue = replace(AS_LISTED, rules={**AS_LISTED.rules, small: stated})
    assert validate(emigration, catalogue, [immigration]).items == ()
