"""Scores of modules, policy areas and indicators equal those computed by hand from the answers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from case_tables import text_from
from folders import ROOT
from shipped import CATALOGUE
from small_country import assessed

from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.evidence import ExplainedNumber, render_statement

GEORGIA = ROOT / "examples" / "georgia" / "profile.toml"
FROZEN = text_from("statistics/cases/assessment_scores_frozen.toml")


@pytest.fixture(scope="module")
def frozen() -> Assessment:
    return assessed(FROZEN)


def near(value: Decimal | None, exact: Fraction) -> bool:
    return value is not None and abs(Fraction(value) - exact) < Fraction(1, 10**20)


def test_module_counts_unknown_and_not_applicable_apart(frozen: Assessment) -> None:
    governance = frozen.modules[0]
    # A01 yes, A02 partly, A03 no; A04 not applicable; A05 not known and fifteen without an answer.
    assert (governance.asked, governance.answered, governance.not_applicable, governance.unknown) == (20, 3, 1, 16)
    assert (governance.gaps, governance.partial) == (1, 1)
    # One and a half of three points.
    assert governance.score.value == Decimal("0.5")
    assert governance.score.inputs == (("A01", "1 × 1 / 1"), ("A02", "1 × 0.5 / 1"), ("A03", "1 × 0 / 1"))


def test_unanswered_module_is_listed_without_score(frozen: Assessment) -> None:
    modules = {module.module: module for module in frozen.modules}
    assert list(modules) == list("ABCDEFGHIJK")
    assert all(module.asked == module.answered + module.not_applicable + module.unknown for module in modules.values())
    # (3 + 1 + 0) of 9 points
    assert near(modules["B"].score.value, Fraction(4, 9))
    assert modules["C"].score.value is None
    assert modules["E"].score.value == 0


def test_temporary_mobility_does_not_lower_core_scores(frozen: Assessment) -> None:
    better = assessed(FROZEN.replace('E01.answer = "0"', 'E01.answer = "4"'))
    assert better.modules[4].score != frozen.modules[4].score
    assert [module for module in better.modules if module.module != "E"] == [
        module for module in frozen.modules if module.module != "E"
    ]
    assert better.areas == frozen.areas


def test_policy_area_counts_its_tiers_apart(frozen: Assessment) -> None:
    areas = {(area_score.area, area_score.tier): area_score.counts for area_score in frozen.areas}
    core = areas["PA1", "core"]
    # Five: IMM_RATE is published, EMI_RATE has a source, MIG_SHARE does not apply, two have no answer.
    assert (core.total, core.produced, core.complete, core.not_applicable, core.unknown) == (5, 1, 0, 1, 2)
    # The sources have all that EMI_RATE and NET_RATE need; the office rates EMI_RATE only.
    assert core.soon == 0
    rated = assessed(FROZEN.replace("[inventory]", 'EMI_RATE.L06.answer = "F3"\n[inventory]'))
    assert next(one.counts.soon for one in rated.areas if (one.area, one.tier) == ("PA1", "core")) == 1
    assert areas["PA1", "additional"].total == 4
    assert sum(area_score.total for area_score in areas.values()) == len(CATALOGUE.indicators)


def test_complete_indicator_requires_production_and_all_topics() -> None:
    whole = FROZEN.replace('IMM_RATE.L01.answer = "3"', 'IMM_RATE.L01.answer = "4"')
    by_topics = FROZEN.replace('"SOME"', '"ALL"')
    for content in (whole, by_topics):
        assert assessed(content).areas[0].counts.complete == 1


def test_scores_of_georgia_equal_hand_calculation() -> None:
    found = {
        module.module: module
        for module in assessed(GEORGIA.read_text(encoding="utf-8").replace('area = "GE"\nyear = "2024"\n', "")).modules
    }
    by_hand: Mapping[str, Fraction | None] = {
        "A": None,
        "B": None,  # B27 is described, not rated
        "C": None,
        "D": None,  # three are published regularly, by topics that the office has to confirm
        "E": None,
        "F": None,
        "G": Fraction(1),  # G13
        "H": Fraction(1),  # H01, H06
        "I": None,
        "J": None,
        "K": Fraction(1),  # K01
    }
    for module, share in by_hand.items():
        value = found[module].score.value
        assert (value is None) if share is None else near(value, share), module
    counted = {module: (one.asked, one.answered, one.unknown) for module, one in found.items()}
    assert counted["A"] == (20, 0, 20)
    assert counted["B"] == (29, 0, 29)
    assert counted["D"] == (19, 3, 16)


def test_indicators_of_georgia_follow_the_answers() -> None:
    assessment = assessed(GEORGIA.read_text(encoding="utf-8").replace('area = "GE"\nyear = "2024"\n', ""))
    # Published regularly, by topics to be confirmed: no points for availability.
    assert [one.indicator.id for one in assessment.indicators if one.declared == "R"] == [
        "IMM_RATE",
        "EMI_RATE",
        "NET_RATE",
    ]
    counts = next(
        area_score.counts for area_score in assessment.areas if (area_score.area, area_score.tier) == ("PA1", "core")
    )
    # Three are published regularly, by topics that are not known; of the other two nobody says how available they are.
    assert (counts.total, counts.produced, counts.complete, counts.unknown, counts.soon) == (5, 3, 0, 2, 0)


def test_empty_profile_has_no_scores() -> None:
    assessment = assessed("")
    assert {module.score.value for module in assessment.modules} == {None}
    assert assessment.contradictions == ()
    assert all(area_score.counts.produced == area_score.counts.soon == 0 for area_score in assessment.areas)
    assert assessment.tested_years == ExplainedNumber(None, "formula.tested_years")


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh"])
def test_every_sentence_is_translated(frozen: Assessment, language: str) -> None:
    said = [definition.untold for definition in frozen.alignment if definition.untold]
    said += [reason for indicator in frozen.indicators for reason in indicator.feasibility.reasons]
    for statement in said:
        assert frozen.sentences[statement.id].has(language)
        sentence = render_statement(statement, frozen.sentences, language)
        assert sentence
        assert "{" not in sentence
