"""A rate names the population of its denominator, and a value has its caveats."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from assessed import georgia
from case_tables import text_from
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.reporting.sections.composition import tabulate_migrants
from sdmxmig.reporting.sections.latest_values import build_latest_values_cell
from sdmxmig.reporting.sections.quantities import list_different_rules
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.calculations.indicator_values import IndicatorValues, compute
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import Breakdown, FlowRule
from sdmxmig.statistics.model.evidence import render_statement
from sdmxmig.statistics.model.indicator_results import IndicatorResult
from sdmxmig.workspace.tasks.computing import build_indicator_rows

EN = Wording("en")
SENTENCES = CATALOGUE.study.sentences
# Foreign citizens are 200 000, then 240 000 of 4 000 000 residents; 11 000 of them come in 2022.
RATES = text_from("statistics/cases/comparability_rates.csv")


def computed(indicator: str, table: str) -> IndicatorValues:
    return compute(CATALOGUE.indicators[indicator], datasets(table, CATALOGUE.flows), "GE")


def rows(indicator: str, table: str) -> list[dict[str, str]]:
    return build_indicator_rows(CATALOGUE.indicators[indicator], datasets(table, CATALOGUE.flows), "GE", SENTENCES)[0]


def said(indicator: str, table: str, variant: str) -> list[str]:
    value = next(one for one in computed(indicator, table).values if one.variant == variant)
    return [render_statement(caveat, SENTENCES) for caveat in value.caveats]


def result(indicator: str, table: str) -> IndicatorResult:
    values = computed(indicator, table)
    return IndicatorResult(
        CATALOGUE.indicators[indicator],
        "",
        practice=Text(),
        values=values.values,
        missing=(),
        group_rates=values.group_rates,
    )


def assessment() -> Assessment:
    return replace(georgia(), sentences={**georgia().sentences, **SENTENCES})


def test_rate_of_a_group_names_both_populations() -> None:
    shown = [(row["variant"], row["part"], row["denominator"], row["value"]) for row in rows("IMM_RATE", RATES)]
    assert shown == [
        ("_T", "_T", "DF_POP", "7.500"),  # 1 000 × 30 000 / 4 000 000
        ("FC", "_T", "DF_POP", "2.750"),  # 1 000 × 11 000 / 4 000 000
        ("FC", "_T", "DF_POP CTZ_STATUS=FC", "50"),  # 1 000 × 11 000 / ((200 000 + 240 000) / 2)
        ("_T", "SEX=F", "DF_POP SEX=F", "5"),  # 1 000 × 10 000 / 2 000 000
        ("FC", "SEX=F", "DF_POP SEX=F", "2.500"),  # 1 000 × 5 000 / 2 000 000
    ]


def test_report_states_both_rates_of_a_group() -> None:
    text = build_latest_values_cell(result("IMM_RATE", RATES), assessment(), EN).text
    assert re.findall(r"\d+\.\d", text) == ["7.5", "2.8", "50.0"]
    assert text.endswith("of the group itself (2022)")


def test_group_of_unknown_population_has_reason_but_no_rate() -> None:
    table = "\n".join(line for line in RATES.splitlines() if not line.startswith("DF_POP,2023,FC"))
    assert computed("IMM_RATE", table).group_rates == ()
    assert dict(computed("IMM_RATE", table).no_group_rates)["FC"].startswith("no resident population")
    text = build_latest_values_cell(result("IMM_RATE", table), assessment(), EN).text
    assert text.endswith("2.8 per 1,000 of the total population (2022)")


def test_figures_under_one_rule_and_day_have_no_caveat() -> None:
    assert said("IMM_RATE", RATES, "_T") == []


def test_different_residence_rules_are_marked() -> None:
    table = RATES.replace("30000,R12", "30000,R6").replace("11000,R12", "11000,R6")
    (caveat,) = said("IMM_RATE", table, "_T")
    assert caveat.endswith("At least 12 months, Most of the last 12 months")
    assert rows("IMM_RATE", table)[0]["caveats"] == caveat
    assert caveat in build_latest_values_cell(result("IMM_RATE", table), assessment(), EN).note


def test_unknown_rule_of_a_part_is_marked() -> None:
    (caveat,) = said("IMM_RATE", RATES.replace("30000,R12", "30000,_U"), "_T")
    assert caveat.startswith("the residence rule of some of its figures is unknown: Immigration")


# 70 of 100 residents have a known birth status: 60 native-born, 10 foreign-born.
UNKNOWN_BIRTH = """
TIME_PERIOD,BIRTH_STATUS,OBS_VALUE
2024,_T,100
2024,NB,60
2024,FB,10
2024,_U,30
"""


def test_large_unknown_share_is_marked_even_if_implicit() -> None:
    (caveat,) = said("MIG_SHARE", UNKNOWN_BIRTH, "FB")
    assert "Birth status, 30%" in caveat
    left_over = UNKNOWN_BIRTH.replace("2024,_U,30\n", "")
    assert said("MIG_SHARE", left_over, "FB") == said("MIG_SHARE", UNKNOWN_BIRTH, "FB")


def test_unknown_share_of_5_percent_is_not_marked() -> None:
    few = UNKNOWN_BIRTH.replace("NB,60", "NB,85").replace("_U,30", "_U,5")
    assert said("MIG_SHARE", few, "FB") == []


EMIGRANTS = """
flow,TIME_PERIOD,OBS_VALUE,REF_DATE,ID_CRITERION,COUNTERPART_AREA,RES_RULE
DF_POP,2020,4000000,D0101,,,R12
DF_EMISTOCK,2020,860000,D0701,CBR,_T,R12
"""


def test_proxy_and_other_reference_day_are_marked() -> None:
    days, proxy = said("EMI_STOCK_RATIO", EMIGRANTS, "_T")
    assert days.endswith("1 January, 1 July")
    assert proxy.endswith("Country of birth")


def counted(**figures: int) -> Breakdown:
    whole = figures.pop("whole")
    codes = tuple(((code, "_T"), Decimal(value)) for code, value in figures.items())
    return Breakdown("DF_POP_TOPIC", "2024", by=("BIRTH_STATUS", "CTZ_STATUS"), figures=codes, whole=Decimal(whole))


def test_table_of_migrants_states_share_of_unknown_birth() -> None:
    (table,) = tabulate_migrants(replace(georgia(), breakdowns=(counted(NB=60, FB=10, whole=100),)), EN)
    assert any("country of birth: 30.0% (2024)" in note for note in table.notes)
    (table,) = tabulate_migrants(replace(georgia(), breakdowns=(counted(NB=87, FB=10, whole=100),)), EN)
    assert not any("unknown" in note for note in table.notes)


def ruled(**rules: str) -> Assessment:
    flow_rules = tuple(FlowRule(flow, Text(), rules=((code, Text.of(en=code)),)) for flow, code in rules.items())
    return replace(georgia(), flow_rules=flow_rules)


def test_flows_under_different_rules_have_a_caveat() -> None:
    flows = ("DF_IMM", "DF_EMI")
    assert list_different_rules(flows, ruled(DF_IMM="R12", DF_EMI="R12"), EN) == ()
    assert len(list_different_rules(flows, ruled(DF_IMM="R12", DF_EMI="R6"), EN)) == 1
    assert list_different_rules(flows, ruled(DF_IMM="R12", DF_EMI="_U"), EN) == ()
    assert list_different_rules(flows, ruled(DF_IMM="_U", DF_EMI="_U"), EN) == ()
