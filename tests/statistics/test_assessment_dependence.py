"""Changing one answer or one figure changes exactly the numbers that depend on it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from folders import ROOT
from shipped import CATALOGUE
from small_country import GEORGIA, assessed, dataset, profile

from benchmarks.changed_answers import Answers, Change, answered, unexplained
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.model.assessment import Assessment

PROFILE = ROOT / "examples" / "georgia" / "profile.toml"
HEAD = 'area = "GE"\nyear = "2024"\n'


def data(immigrants: str = "40") -> tuple[Dataset, ...]:
    """Populations and flows of three years; `immigrants` are those of 2023."""
    years = ("2022", "2023", "2024")
    return (
        dataset("DF_POP", *({"TIME_PERIOD": year, "OBS_VALUE": "1000"} for year in years), REF_DATE="D0101"),
        dataset(
            "DF_IMM",
            {"TIME_PERIOD": "2022", "OBS_VALUE": "35"},
            {"TIME_PERIOD": "2023", "OBS_VALUE": immigrants},
            {"TIME_PERIOD": "2023", "OBS_VALUE": "30", "CTZ_STATUS": "NC"},
        ),
        dataset("DF_EMI", *({"TIME_PERIOD": year, "OBS_VALUE": "30"} for year in years[:2])),
        dataset("DF_BIRTHS", *({"TIME_PERIOD": year, "OBS_VALUE": "9", "EVENT": "LBIRTH"} for year in years[:2])),
        dataset("DF_DEATHS", *({"TIME_PERIOD": year, "OBS_VALUE": "8", "EVENT": "DEATH"} for year in years[:2])),
    )


def rates(assessment: Assessment) -> dict[str, list[tuple[str, str]]]:
    """The crude rates by series: period and value."""
    return {
        one.id: [(point.period, str(point.value)) for point in one.points]
        for one in assessment.series
        if one.unit == "PER_1000_POP"
    }


def test_count_of_another_day_leaves_rates_unchanged() -> None:
    census = dataset("DF_POP", {"TIME_PERIOD": "2021", "OBS_VALUE": "1200"}, REF_DATE="OTH")
    known = rates(assessed("", *data()))
    assert [period for period, _ in known["CIR"]] == ["2022", "2023"]
    assert rates(assessed("", *data(), census)) == known


def test_rates_require_populations_of_the_right_day() -> None:
    flows = [dataset for dataset in data() if dataset.flow.id != "DF_POP"]
    census = dataset("DF_POP", {"TIME_PERIOD": "2022", "OBS_VALUE": "1200"}, REF_DATE="OTH")
    assessment = assessed("", *flows, census)
    assert not rates(assessment)
    reasons = {
        reason
        for indicator in assessment.indicators
        if indicator.indicator.id == "IMM_RATE"
        for _, reason in indicator.missing
    }
    assert any("the population does not refer to 1 January" in reason for reason in reasons)


@pytest.fixture(scope="module")
def answers() -> Answers:
    written = PROFILE.read_text(encoding="utf-8").replace(HEAD, "")
    signed = replace(profile(written), signed_off="Head of department")  # so that what is answered anew is confirmed
    return Answers(GEORGIA, CATALOGUE, data(), signed)


@pytest.mark.parametrize(
    "case",
    [
        Change("A01", "N"),
        Change("E01", "0"),
        Change("B05", "1"),
        Change("H06", "N"),
        Change("L01", "0", subject="IMM_RATE"),
        Change("L02", "ALL", subject="EMI_RATE"),
        Change("L06_SOURCE", "2", subject="RETURNED"),
        Change("S11", "N", subject="H06"),
        Change("S15", "A", subject="H06"),
    ],
    ids=lambda case: case.id,
)
@pytest.mark.sampled(4)
def test_changed_answer_affects_only_dependent_results(case: Change, answers: Answers) -> None:
    assert answers.outcome(case) == "equal"


def test_dependence_on_another_answer_is_found(answers: Answers) -> None:
    after = answers.assessed(answered(answers.profile, "H06", "N"))
    found = unexplained(answers.before, after, "A01")
    assert {"score H06", "module H", "formula of H"} <= set(found)


def values(assessment: Assessment) -> dict[tuple[str, str, str, str], tuple[object, set[str]]]:
    """Every value of an indicator by indicator, variant, period and part, with the figures that went in."""
    return {
        (result.indicator.id, value.variant, value.period, str(value.codes)): (
            value.value,
            {key for key, _ in value.terms},
        )
        for result in assessment.indicators
        for value in (*result.values, *result.parts)
    }


def test_changed_figure_affects_exactly_dependent_numbers() -> None:
    before, after = assessed("", *data()), assessed("", *data(immigrants="41"))
    old, new = values(before), values(after)
    assert old.keys() == new.keys()
    changed = {name for name in old if old[name][0] != new[name][0]}
    assert changed == {name for name, (_, terms) in old.items() if "DF_IMM 2023" in terms}
    assert {name[0] for name in changed} == {"IMM_RATE", "NET_RATE", "RETURN_SHARE"}
    moved = [a.period for a, b in zip(before.accounts, after.accounts, strict=True) if a != b]
    assert set(moved) == {"2023"}
    for name in ("alignment", "scores", "modules", "areas", "about", "challenges", "contradictions", "gaps"):
        assert getattr(before, name) == getattr(after, name), name


def test_order_of_figures_does_not_change_the_assessment() -> None:
    plain = [replace(each, origins=pl.DataFrame()) for each in data()]
    turned = [replace(each, observations=each.observations.reverse()) for each in plain]
    assert assessed("", *turned) == assessed("", *plain)
