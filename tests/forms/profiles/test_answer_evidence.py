"""An answer that makes a gap or a deviation needs the office's confirmation or the words of a source."""

from __future__ import annotations

import csv
import io
from itertools import cycle

import pytest
from assessed_examples import example
from case_tables import cases_from, text_from, truth
from edited_workbooks import put, save_edited
from openpyxl import load_workbook
from shipped import CATALOGUE

from sdmxmig.catalogue.benchmarking import Profile
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.conversion import tables
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.reading import read_file, read_form, read_profile
from sdmxmig.forms.profiles.writing import write_form
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.sections.evidence import list_claims
from sdmxmig.reporting.sections.summary import list_steps
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.words import read_words
from sdmxmig.statistics.assessment import assess
from sdmxmig.statistics.country import Country

ASKED = read_questions(CATALOGUE)
GOVERNANCE = "A Governance and law"
WITHOUT_EVIDENCE = "MIG-0-318"
YES_PARTLY_NO = [item.id for item in CATALOGUE.items.values() if item.scale == "YNP"]

PARTLY = 'answer = "P"\n'
"""An answer that says less than the best one of its scale."""
SOURCES = 'sources = ["G1"]\n'
QUOTED = 'quoted = "G1, article 3: flows of migrants"\n'
PRACTICE = 'practice.en = "The law names flows only."\n'


def profile_text(*parts: str, signed_off: str = "", table: str = "items.A02") -> bytes:
    """A profile with one source and one answer."""
    facts = f'area = "GE"\nyear = "2026"\nsigned_off = "{signed_off}"\n[sources]\nG1 = "Law of 2023"\n'
    return f"{facts}[{table}]\n{''.join(parts)}".encode()


def found(content: bytes) -> list[tuple[str, str]]:
    """The rules that find something in a profile, each with the key of the file."""
    findings = read_file("p.toml", content, ASKED)[1]
    return [(finding.rule, finding.place.key if finding.place else "") for finding in findings.items]


def test_partly_without_evidence_is_refused_with_its_key() -> None:
    content = profile_text(PARTLY, PRACTICE)
    profile, findings = read_file("p.toml", content, ASKED)
    (finding,) = findings.items
    assert (finding.rule, finding.severity, str(finding.place)) == (
        WITHOUT_EVIDENCE,
        "error",
        "p.toml › items.A02.answer",
    )
    assert finding.sentence() == "“P” (A02) states a gap or a deviation, but no evidence supports it."
    assert "CONFIRMED if the office states it" in finding.remedy()
    answer = profile.of("A02")
    assert (answer.answer, answer.is_refused, answer.is_verified) == ("P", True, False)
    with pytest.raises(DeclarationError, match="no evidence supports it"):
        read_profile("p.toml", content, ASKED)


def test_partly_without_evidence_is_refused_with_its_cell() -> None:
    words = read_words((find_shipped_folder("templates") / "profile" / "words.csv").read_text(encoding="utf-8"))
    form = write_form(Profile("GE", "2026", answers={}, about={}, sources={}), CATALOGUE, words, short=True)
    row = next(
        cells[0].row
        for cells in load_workbook(io.BytesIO(form))[GOVERNANCE].iter_rows(max_col=1)
        if cells[0].value == "item;A02"
    )
    for evidence, refused in ((None, [(WITHOUT_EVIDENCE, f"p.xlsx › {GOVERNANCE} › I{row}")]), ("CONFIRMED", [])):
        answered = save_edited(form, put(GOVERNANCE, **{f"I{row}": "P – Partly", f"J{row}": evidence}))
        profile, findings, _ = read_form(tables.read("p.xlsx", answered), ASKED)
        assert [(finding.rule, str(finding.place)) for finding in findings.items] == refused
        assert profile.of("A02").is_refused == bool(refused)


@pytest.mark.parametrize(
    "parts",
    [
        ['evidence = "CONFIRMED"\n'],
        ['evidence = "PUBLIC"\n', QUOTED, SOURCES],
        ['evidence = "REPORTED"\n', QUOTED, SOURCES],
        ['evidence = "INFERRED"\n', QUOTED, SOURCES],
    ],
    ids=["confirmed", "public with words", "reported with words", "inferred with words"],
)
def test_partly_with_evidence_is_accepted(parts: list[str]) -> None:
    profile, findings = read_file("p.toml", profile_text(PARTLY, *parts), ASKED)
    assert findings.items == ()
    assert profile.of("A02").answer == "P"


@pytest.mark.parametrize(
    "parts",
    [
        ['evidence = "PUBLIC"\n', PRACTICE, QUOTED],
        ['evidence = "REPORTED"\n', PRACTICE, SOURCES],
        ['evidence = "NOT_VERIFIED"\n', PRACTICE, QUOTED, SOURCES],
        [PRACTICE, SOURCES],
    ],
    ids=["public without source", "reported without words", "not verified", "no class"],
)
def test_partly_with_incomplete_evidence_is_refused(parts: list[str]) -> None:
    assert found(profile_text(PARTLY, *parts)) == [(WITHOUT_EVIDENCE, "items.A02.answer")]


def test_unlisted_source_is_not_accepted_as_evidence() -> None:
    content = profile_text(PARTLY, 'evidence = "PUBLIC"\nsources = ["G9"]\n', QUOTED)
    assert found(content) == [("MIG-0-302", "items.A02.sources"), (WITHOUT_EVIDENCE, "items.A02.answer")]


def test_signed_profile_may_answer_partly_without_evidence() -> None:
    assert found(profile_text(PARTLY, signed_off="Head of department, 1 May 2026")) == []
    assert found(profile_text(PARTLY, signed_off="  ")) == [(WITHOUT_EVIDENCE, "items.A02.answer")]


def test_sign_off_does_not_verify_unverified_answers() -> None:
    content = profile_text(PARTLY, 'evidence = "NOT_VERIFIED"\n', signed_off="Head of department, 1 May 2026")
    assert found(content) == [(WITHOUT_EVIDENCE, "items.A02.answer")]


@cases_from("forms/profiles/cases/only_what_is_less_than_the_best_answer_needs_evidence.csv", needs_evidence=truth)
def test_only_answers_below_the_best_require_evidence(table: str, answer: str, needs_evidence: bool) -> None:
    expected = [(WITHOUT_EVIDENCE, f"{table}.answer")] if needs_evidence else []
    assert found(profile_text(f'answer = "{answer}"\n', table=table)) == expected


NOT_READ = {
    "en": "The decree was not read.",
    "fr": "Le décret n’a pas été lu.",
    "es": "El decreto no se leyó.",
    "ar": "لم نقرأ المرسوم.",
    "ru": "Постановление не прочитано.",
    "zh": "未阅读该法令。",
}


@pytest.mark.parametrize("evidence", ["PUBLIC", "REPORTED", "INFERRED"])
def test_text_without_quotation_causes_no_gap(evidence: str) -> None:
    practice = "".join(f'practice.{language} = "{text}"\n' for language, text in NOT_READ.items())
    parts = f'answer = "N"\nevidence = "{evidence}"\n{practice}{SOURCES}'
    answers = "".join(f"[items.{item}]\n{parts}" for item in YES_PARTLY_NO)
    facts = 'area = "GE"\nyear = "2026"\n[sources]\nG1 = "Law of 2023"\n'
    profile, findings = read_file("p.toml", f"{facts}{answers}".encode(), ASKED)
    assert [finding.rule for finding in findings.items] == [WITHOUT_EVIDENCE] * len(YES_PARTLY_NO)
    assert {answer.is_verified for answer in profile.answers.values()} == {False}
    country = Country("GE", name=Text.of(en="Georgia"), office=Text.of(en="Geostat"))
    assert assess(country, CATALOGUE, datasets=[], findings=Findings(), profile=profile).gaps == ()


UNREAD = list(csv.DictReader(text_from("forms/cases/unread_sources.csv").splitlines()))
COMMENTED = ("DF_POP", "DF_IMM", "COVERAGE_STUDY", "FLOWS_TOTAL")


@pytest.mark.parametrize("evidence", ["", "NOT_VERIFIED"])
def test_unread_sources_support_no_claim(evidence: str) -> None:
    answers = zip(cycle(YES_PARTLY_NO), UNREAD, strict=False)
    tables = {f"items.{item}": ('answer = "Y"\n', words) for item, words in answers}
    tables |= {f"comments.{subject}.O01": ("", words) for subject, words in zip(COMMENTED, UNREAD[::15], strict=True)}
    facts = 'area = "GE"\nyear = "2026"\n[sources]\nG1 = "Law of 2023"\n'
    written = (
        f'[{table}]\n{answer}evidence = "{evidence}"\npractice.{words["language"]} = "{words["text"]}"\n{SOURCES}'
        for table, (answer, words) in tables.items()
    )
    profile = read_profile("p.toml", "".join([facts, *written]).encode(), ASKED)
    country = Country("GE", name=Text.of(en="Georgia"), office=Text.of(en="Geostat"))
    assessment = assess(country, CATALOGUE, datasets=[], findings=Findings(), profile=profile)
    assert [claim.kind for claim in list_claims(assessment)] == ["headline"]
    assert list_steps(assessment, Wording("en")) == []


@cases_from("forms/cases/a_passage_without_source_place_or_words_is_no_evidence.csv")
def test_incomplete_passage_is_not_evidence(quoted: str) -> None:
    content = profile_text(PARTLY, 'evidence = "PUBLIC"\n', f'quoted = "{quoted}"\n', SOURCES)
    assert found(content) == [(WITHOUT_EVIDENCE, "items.A02.answer")]


def test_claims_show_the_words_of_the_source() -> None:
    content = profile_text(PARTLY, 'evidence = "PUBLIC"\n', QUOTED, SOURCES)
    profile = read_profile("p.toml", content, ASKED)
    country = Country("GE", name=Text.of(en="Georgia"), office=Text.of(en="Geostat"))
    made = list_claims(assess(country, CATALOGUE, datasets=[], findings=Findings(), profile=profile))
    (gap,) = (claim for claim in made if claim.kind == "gap")
    assert "G1, article 3: flows of migrants" in gap.support[0]


def test_claims_include_the_steps_and_facts_of_a_report() -> None:
    made = {claim.kind: claim for claim in list_claims(example("sweden"))}
    assert "adjustment" in made["step"].statement
    assert "45,890" in made["fact"].statement


@pytest.mark.parametrize("name", ["georgia", "mexico", "moldova", "norway", "peru", "sweden"])
def test_headline_cites_the_sources_of_its_figures(name: str) -> None:
    headline = next(iter(list_claims(example(name))))
    assert headline.kind == "headline"
    assert headline.support


def test_best_answer_may_mention_unread_sources() -> None:
    assert found(profile_text('answer = "Y"\npractice.en = "The second decree was not read."\n')) == []
