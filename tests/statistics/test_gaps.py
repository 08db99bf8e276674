"""Gaps: requests for one thing are one gap, and problems found in the data lead to an action."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest
from shipped import CATALOGUE

from sdmxmig.catalogue.benchmarking import SharedGap
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.calculations.gaps import list_difference_gaps, merge_same_gaps
from sdmxmig.statistics.calculations.roadmap import list_open_gaps
from sdmxmig.statistics.model.assessment import Gap, GapReason
from sdmxmig.statistics.model.evidence import QualityIssue, Statement

SAME = (
    SharedGap(
        "GROUPS", ("C03", "C01", "SHARE"), name=Text.of(en="Residents by group"), action=Text.of(en="Publish them.")
    ),
    SharedGap("SERIES", ("CENSUS", "J07")),
    SharedGap("TOTALS", ("TOTAL", "J07")),
)


def gap(name: str, *, partial: bool = False) -> Gap:
    reasons = (GapReason(name, Text.of(en="No")),)
    return Gap(name, Text.of(en=name), action=Text.of(en=f"Close {name}."), reasons=reasons, is_partial=partial)


def once(*gaps: Gap) -> list[tuple[str, tuple[str, ...], str, bool]]:
    return [
        (joint.id, joint.subjects, f"{joint.statement}: {joint.action}", joint.is_partial)
        for joint in merge_same_gaps(gaps, SAME)
    ]


def test_equivalent_questions_and_indicator_form_one_gap() -> None:
    assert once(gap("C01", partial=True), gap("D05"), gap("SHARE")) == [
        ("GROUPS", ("C01", "SHARE"), "Residents by group: Publish them.", True),
        ("D05", ("D05",), "D05: Close D05.", False),
    ]


def test_single_gap_keeps_its_text_unless_joint_gap_is_named() -> None:
    assert once(gap("SHARE"), gap("J07")) == [
        ("GROUPS", ("SHARE",), "Residents by group: Publish them.", False),
        ("J07", ("J07",), "J07: Close J07.", False),
    ]


def test_answer_on_consistency_joins_the_first_difference() -> None:
    assert once(gap("J07"), gap("CENSUS"), gap("TOTAL")) == [
        ("SERIES", ("CENSUS", "J07"), "CENSUS: Close CENSUS.", False),
        ("TOTAL", ("TOTAL",), "TOTAL: Close TOTAL.", False),
    ]


def test_only_items_on_consistency_are_in_two_gaps() -> None:
    subjects = [subject for same in CATALOGUE.study.same_gaps for subject in same.subjects]
    assert {subject for subject in subjects if subjects.count(subject) > 1} == {"J07"}


def of_issue(name: str, state: str) -> QualityIssue:
    sign = Statement("effect.two_counts", numbers=(("first", Decimal(3929581)), ("second", Decimal(3704500))))
    return QualityIssue(name, state, signs=(sign,) if state != "not found" else ())


def shown(issues: Iterable[QualityIssue]) -> list[Gap]:
    return list(list_difference_gaps(issues, CATALOGUE.study.differences))


def test_differing_census_requires_a_revised_series() -> None:
    difference, *others = shown([of_issue("Q25", "found"), of_issue("Q06", "not found")])
    assert not others
    assert (difference.id, difference.is_partial) == ("CENSUS_DIFFERS", True)
    assert [reason.shown[0].id for reason in difference.reasons] == ["effect.two_counts"]
    actions = [proposal.id for proposal in CATALOGUE.plan.proposals if difference.id in proposal.closes]
    assert actions == ["REBASE_SERIES"]


@pytest.mark.parametrize(("later_years", "gaps"), [(0, []), (1, []), (2, []), (3, ["CENSUS_DIFFERS"])])
def test_yearly_figures_before_final_count_cause_no_gap(later_years: int, gaps: list[str]) -> None:
    sign = Statement("effect.two_counts", numbers=(("later_years", Decimal(later_years)),))
    assert [gap.id for gap in shown([QualityIssue("Q25", "found", signs=(sign,))])] == gaps


def test_action_must_close_the_difference_in_a_joint_gap() -> None:
    joint = merge_same_gaps([gap("J07"), *shown([of_issue("Q25", "found")])], CATALOGUE.study.same_gaps)
    assert [list_open_gaps(each) for each in joint] == [("CENSUS_DIFFERS",)]
    assert joint[0].subjects == ("CENSUS_DIFFERS", "J07")


@pytest.mark.parametrize("texts", ["name", "action"])
def test_joint_gaps_and_differences_have_six_languages(texts: str) -> None:
    declared = [getattr(entry, texts) for entry in (*CATALOGUE.study.same_gaps, *CATALOGUE.study.differences)]
    assert {len(text.values) for text in declared if text} == {6}
