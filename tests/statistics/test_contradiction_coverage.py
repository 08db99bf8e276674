"""Every question of the profile that figures can answer: figures against a no are one contradiction, and no gap."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE
from small_country import assessed, dataset

from sdmxmig.catalogue.benchmarking import INDICATOR_FIELDS, Probe
from sdmxmig.catalogue.indicators import CODE_JOINER, TermSelection
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations import CALCULATIONS, list_optional_terms
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import count_by_status

STUDY = CATALOGUE.study
INDICATORS = CATALOGUE.indicators
YEARS = ("2021", "2022", "2023", "2024")
PROBES = [probe for probe in STUDY.probes if probe.kind not in (*INDICATOR_FIELDS, "findings")]
DIRECTIONS = {"DF_IMM_TOPIC": "I", "DF_EMI_TOPIC": "E"}
VALUES = {"population": "1000", "denominator": "1000"}
ALSO_GIVEN = {"NET_RATE": {"IMM_RATE", "EMI_RATE"}}
"""Indicators that the figures of another one give as well."""
NOT_COMPILED = "\n".join(f'indicators.{name}.L01.answer = "1"' for name in INDICATORS)


def data_of(terms: dict[str, TermSelection]) -> list[Dataset]:
    """The figures of some terms for four years, one dataset a dataflow."""
    rows: dict[str, list[dict[str, str]]] = {}
    for name, term in terms.items():
        codes = {dimension: code.split(CODE_JOINER)[0] for dimension, code in term.codes}
        if term.flow in DIRECTIONS:
            codes["DIRECTION"] = DIRECTIONS[term.flow]
        rows.setdefault(term.flow, []).extend(
            {"TIME_PERIOD": year, "OBS_VALUE": VALUES.get(name, "20"), **codes} for year in YEARS
        )
    return [dataset(flow, *of_flow, RES_RULE="R12", REF_DATE="D0101") for flow, of_flow in rows.items()]


def data_for(indicator: str) -> list[Dataset]:
    """The least figures from which an indicator is computed for its first population."""
    declared = INDICATORS[indicator]
    optional = list_optional_terms(CALCULATIONS[declared.calculation])
    return data_of({name: term for name, term in declared.variants[0].terms.items() if name not in optional})


def questioned(assessment: Assessment) -> list[tuple[str, str]]:
    return [(each.subject, each.item) for each in assessment.contradictions]


def opened(assessment: Assessment) -> set[str]:
    """All gaps, and all items that an action would close."""
    gaps = {subject for gap in assessment.gaps for subject in gap.subjects}
    return gaps.union(*(action.closes for action in assessment.roadmap.actions))


@pytest.mark.parametrize("name", INDICATORS)
def test_data_contradict_answer_that_indicator_is_not_compiled(name: str) -> None:
    assessment = assessed(NOT_COMPILED, *data_for(name))
    given = {name, *ALSO_GIVEN.get(name, ())}
    assert sorted(questioned(assessment)) == sorted((other, "L01") for other in given)
    core = {other for other, indicator in INDICATORS.items() if indicator.tier == "core"}
    assert opened(assessment) == core - given
    (result,) = [result for result in assessment.indicators if result.indicator.id == name]
    counts = count_by_status([result])
    produced = 0 if INDICATORS[name].is_proxy else 1  # a proxy is no proof: the question stays open
    assert (result.contradicted, counts.produced, counts.unknown) == (("L01",), produced, 1 - produced)


@pytest.mark.parametrize(
    ("answer", "contradicts"), [("0", True), ("1", True), ("NA", True), ("2", False), ("3", False)]
)
def test_figures_contradict_answers_that_deny_availability(answer: str, contradicts: bool) -> None:
    assessment = assessed(f'indicators.IMM_RATE.L01.answer = "{answer}"', *data_for("IMM_RATE"))
    assert bool(assessment.contradictions) == contradicts


@pytest.mark.parametrize(("answer", "contradicts"), [("0", True), ("1", False)])
def test_partner_figures_do_not_prove_own_compilation(answer: str, contradicts: bool) -> None:
    data = data_of(dict(INDICATORS["EMI_STOCK_RATIO"].variants[0].otherwise))
    assessment = assessed(f'indicators.EMI_STOCK_RATIO.L01.answer = "{answer}"', *data)
    assert bool(assessment.contradictions) == contradicts
    assert ("EMI_STOCK_RATIO" in opened(assessment)) != contradicts


def test_census_indicator_is_open_until_the_office_confirms() -> None:
    data = data_of(dict(INDICATORS["MIG_SHARE"].variants[0].otherwise))
    assessment = assessed('indicators.MIG_SHARE.L01.answer = "1"', *data)
    assert questioned(assessment) == [("MIG_SHARE", "L01")]
    assert "MIG_SHARE" not in opened(assessment)
    counts = count_by_status(assessment.of("A", "core"))
    assert (counts.produced, counts.unknown) == (0, counts.total)


def test_topics_shown_by_data_cause_no_gap_despite_answer() -> None:
    answers = 'indicators.IMM_RATE.L02.answer = "NONE"'
    immigration, population = data_for("IMM_RATE")
    without = assessed(answers, immigration, population)
    assert (questioned(without), opened(without)) == ([], {"IMM_RATE"})
    total = [{"TIME_PERIOD": year, "OBS_VALUE": "20"} for year in YEARS]
    by_sex = dataset("DF_IMM", *total, *(row | {"SEX": "F", "OBS_VALUE": "9"} for row in total), RES_RULE="R12")
    shown = assessed(answers, by_sex, population)
    assert (questioned(shown), opened(shown)) == ([("IMM_RATE", "L02")], set())


def rows_of(probe: Probe, flow: str) -> list[dict[str, str]]:
    """Observations in which a look finds what it looks for."""
    codes = {dimension: alternatives.split(CODE_JOINER)[0] for dimension, alternatives in probe.of.items()}
    structure = CATALOGUE.flow(flow)
    for dimension in probe.by:
        codelist = structure.codelist(dimension)
        known = [code for code in codelist.ids if code not in ("_T", "_U")] if codelist else ["North"]
        parts = [code for code in ("FB", "NC", "F", "Y15T24", "UA") if code in known]
        codes[dimension] = "_U" if probe.kind == "unknown" else (parts or known)[0]
    if probe.kind == "code":
        codes[probe.attribute] = probe.codes[0]
    return [{"TIME_PERIOD": year, "OBS_VALUE": "10", **codes} for year in YEARS]


def data_seen_by(probe: Probe) -> list[Dataset]:
    """The least data in which a look finds something."""
    needed = {*probe.by, *probe.of}
    if probe.kind == "same":
        return [dataset(flow, {"TIME_PERIOD": "2024", "OBS_VALUE": "10"}, RES_RULE="R12") for flow in probe.flows]
    flows = [flow for flow in probe.flows if flow.startswith("DF_") and needed <= columns_of(flow)]
    if probe.kind == "attribute":
        said = {probe.attribute: next(iter(probe.contradicts))}
        return [dataset(flows[0], {"TIME_PERIOD": "2024", "OBS_VALUE": "10"}, **said)]
    flow = "DF_POP" if "DF_POP" in flows else flows[0]
    return [dataset(flow, *rows_of(probe, flow))]


def columns_of(flow: str) -> set[str]:
    return {component.id for component in CATALOGUE.flow(flow).structure.components}


def named(probe: Probe) -> str:
    return "-".join([probe.item, probe.kind, *probe.by, *probe.of.values(), *probe.codes[:1]])


@pytest.mark.parametrize("probe", PROBES, ids=named)
def test_data_contradict_a_denying_answer_once(probe: Probe) -> None:
    for answer in next(iter(probe.contradicts.values())):
        assessment = assessed(f'items.{probe.item}.answer = "{answer}"', *data_seen_by(probe))
        assert questioned(assessment) == [("_Z", probe.item)]
        assert probe.item not in opened(assessment)
        (score,) = [score for score in assessment.scores if score.item.id == probe.item]
        assert (score.is_contradicted, score.points) == (True, None)


def test_every_question_is_checked_or_has_a_reason_why_not() -> None:
    asked = {*CATALOGUE.items, *(item.id for item in CATALOGUE.questions.values() if item.of == "indicator")}
    looked_at = {probe.item for probe in STUDY.probes}
    assert looked_at | STUDY.unseen.keys() == asked
    assert looked_at & STUDY.unseen.keys() == set()
    assert all(reason.endswith(".") for reason in STUDY.unseen.values())


def test_every_code_named_by_a_probe_exists() -> None:
    for probe in PROBES:
        codes = [(dimension, code) for dimension, several in probe.of.items() for code in several.split(CODE_JOINER)]
        codes += [(probe.attribute, code) for code in probe.codes]
        for component, code in codes:
            flows = [CATALOGUE.flow(flow) for flow in probe.flows if component in columns_of(flow)]
            codelists = [codelist for flow in flows if (codelist := flow.codelist(component)) is not None]
            assert any(code in codelist for codelist in codelists), (probe.item, component, code)


def test_partner_figures_do_not_prove_own_publication() -> None:
    for source, contradicts in (("EXP", False), ("MIR", False), ("REG", True)):
        row = {"TIME_PERIOD": "2024", "OBS_VALUE": "10", "BIRTH_STATUS": "FB", "SRC_TYPE": source}
        assert bool(assessed('items.C01.answer = "1"', dataset("DF_POP", row)).contradictions) == contradicts


def test_figures_of_organizations_do_not_prove_national_source() -> None:
    rows = {"TIME_PERIOD": "2024", "OBS_VALUE": "10", "SRC_TYPE": "ASY"}
    assert assessed('items.H09.answer = "N"', dataset("DF_UNHCR_POP", rows)).contradictions == ()
    assert questioned(assessed('items.H09.answer = "N"', dataset("DF_PROTECTION", rows))) == [("_Z", "H09")]
