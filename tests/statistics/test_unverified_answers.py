"""Unverified answers do not count in an assessment; their questions are listed for the office."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shipped import CATALOGUE
from small_country import GEORGIA

from sdmxmig.catalogue.benchmarking import CONFIRMED, EVIDENCE_ORDER, NOT_VERIFIED, Answer, Profile
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.statistics.assessment import assess
from sdmxmig.statistics.model.assessment import Assessment

COUNTRY = {"A01": "N", "A03": "Y", "C01": "2", "C02": "4", "K01": "Y"}
INDICATORS = {"IMM_RATE": {"L01": "0", "L02": "NONE"}, "EMI_RATE": {"L01": "4", "L04": "M_LE6"}}
SOURCES = {"H06": {"S08": "N", "S11": "Y"}}


def profile(evidence: str, practice: str = "Practice", quoted: str = "G1, article 3: yes") -> Profile:
    """Gaps and scores of a country, its indicators and sources, all of one class of evidence."""

    def answers(codes: dict[str, str], subject: str = "_Z") -> dict[str, Answer]:
        return {
            item: Answer(
                item,
                code,
                practice=Text.of(en=f"{practice} {item}."),
                sources=("G1",),
                evidence=evidence,
                quoted=quoted,
                question=Text.of(en=f"Is it so: {item}?"),
                subject=subject,
            )
            for item, code in codes.items()
        }

    about = {subject: answers(codes, subject) for subject, codes in {**INDICATORS, **SOURCES}.items()}
    return Profile("GE", "2024", answers=answers(COUNTRY), about=about, sources={"G1": "Law of 2023"})


def assessed(given: Profile) -> Assessment:
    return assess(GEORGIA, CATALOGUE, datasets=[], findings=Findings(), profile=given)


@pytest.mark.parametrize("evidence", ["", NOT_VERIFIED], ids=["no class", "not verified"])
def test_unverified_answers_yield_no_gap_or_score(evidence: str) -> None:
    assessment = assessed(profile(evidence))
    assert assessment.gaps == ()
    assert assessment.roadmap.actions == ()
    assert {score.points for score in assessment.scores} == {None}
    assert {(module.answered, module.score.value) for module in assessment.modules} == {(0, None)}
    assert all(module.unknown == module.asked for module in assessment.modules)
    assert {area.counts.produced for area in assessment.areas} == {0}
    assert not any(str(one.practice) or one.sources for one in (*assessment.scores, *assessment.indicators))


@pytest.mark.parametrize("evidence", [code for code in EVIDENCE_ORDER if code != NOT_VERIFIED])
def test_answers_with_evidence_yield_gaps_and_scores(evidence: str) -> None:
    assessment = assessed(profile(evidence))
    assert {gap.subject for gap in assessment.gaps} == {"A01", "C01", "IMM_RATE"}
    assert {module.module: module.answered for module in assessment.modules if module.answered} == {
        "A": 2,
        "C": 2,
        "K": 1,
    }


def test_gap_names_its_evidence_quotation_and_sources() -> None:
    gap = next(gap for gap in assessed(profile("PUBLIC")).gaps if gap.subject == "A01")
    (reason,) = gap.reasons
    assert (reason.evidence, str(reason.practice), reason.sources) == ("PUBLIC", "Practice A01.", ("G1",))


def test_sign_off_confirms_answers_without_evidence_class() -> None:
    confirmed, signed = assessed(profile(CONFIRMED)), replace(profile(""), signed_off="Head of department")
    assert [gap.subject for gap in assessed(signed).gaps] == [gap.subject for gap in confirmed.gaps]
    assert assessed(replace(profile(NOT_VERIFIED), signed_off="Head of department")).gaps == ()


def test_statements_about_the_country_require_no_evidence() -> None:
    own = {"LINK": ("R01", "Link the registers."), "A01": ("O01", "We disagree."), "NSO": ("W01", "Our office")}
    about = {
        subject: {item: Answer(item, practice=Text.of(en=text), subject=subject)}
        for subject, (item, text) in own.items()
    }
    kept = assessed(replace(profile(""), about=about)).about
    assert {subject: str(answers[0].practice) for subject, answers in kept.items()} == {
        subject: text for subject, (_, text) in own.items()
    }


@pytest.mark.parametrize("evidence", ["", NOT_VERIFIED, CONFIRMED], ids=["no class", "not verified", "confirmed"])
def test_every_question_to_confirm_is_listed_in_the_annex(evidence: str) -> None:
    shown = VIEWS["confirm"](assessed(profile(evidence)), Wording("en"))
    assert (shown["label"], shown["heading"]) == ("To confirm with the office", "11 questions for the office")
    rows = [(row.cells[0].text, row.cells[0].note) for row in shown["table"].rows]  # type: ignore[attr-defined]
    assert rows == [
        ("Governance and law", ""),
        ("Is it so: A01?", "A01"),
        ("Is it so: A03?", "A03"),
        ("Stocks", ""),
        ("Is it so: C01?", "C01"),
        ("Is it so: C02?", "C02"),
        ("Dissemination and exchange", ""),
        ("Is it so: K01?", "K01"),
        ("Immigration rate", ""),
        ("Is it so: L01?", "IMM_RATE L01"),
        ("Is it so: L02?", "IMM_RATE L02"),
        ("Emigration rate", ""),
        ("Is it so: L01?", "EMI_RATE L01"),
        ("Is it so: L04?", "EMI_RATE L04"),
        ("Border records", ""),
        ("Is it so: S08?", "H06 S08"),
        ("Is it so: S11?", "H06 S11"),
    ]


def test_annex_of_questions_is_omitted_without_questions() -> None:
    silent = Profile("GE", "2024", answers={}, about={}, sources={})
    assert not VIEWS["confirm"](assessed(silent), Wording("en"))


def test_annex_lists_the_other_unanswered_questions_below() -> None:
    shown = VIEWS["confirm"](assessed(profile(CONFIRMED)), Wording("en"))
    others = {row.cells[0].note for row in shown["others"].rows}  # type: ignore[attr-defined]
    assert "A02" in others
    assert not others & {"A01", "A03", "C01"}
