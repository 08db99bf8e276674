"""Forms of the profile: made in six languages, filled in, damaged as people damage workbooks, and read back."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from case_tables import cases_from
from edited_workbooks import put, save_edited
from openpyxl import Workbook, load_workbook
from shipped import CATALOGUE
from small_profile import SMALL

from benchmarks import profile_damage
from sdmxmig.catalogue.benchmarking import Answer, Profile
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.conversion import tables
from sdmxmig.forms.profiles.dataset import report_missing
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.reading import read_file, read_form
from sdmxmig.forms.profiles.writing import write_form
from sdmxmig.forms.questionnaires import is_questionnaire
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Finding, Findings
from sdmxmig.sdmx.words import read_words

WORDS = read_words((find_shipped_folder("templates") / "profile" / "words.csv").read_text(encoding="utf-8"))
ASKED = read_questions(CATALOGUE)
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
EMPTY = Profile("GE", "2026", answers={}, about={}, sources={})
A, B, SOURCES, COVER = "A Governance and law", "B Concepts and definitions", "Sources", "Instructions"
SIGN_OFF, INDICATORS = "Sign-off", "L Indicators"


@lru_cache
def whole() -> bytes:
    """The form with everything, begun by a small profile."""
    return write_form(SMALL, CATALOGUE, WORDS)


@lru_cache
def short(language: str = "en") -> bytes:
    """The short form, empty."""
    return write_form(EMPTY, CATALOGUE, WORDS, language=language, short=True)


def back(content: bytes) -> tuple[Profile, Findings]:
    profile, findings, _ = read_form(tables.read("p.xlsx", content), ASKED)
    return profile, findings


def found(findings: Findings) -> list[tuple[str, str]]:
    return [(finding.rule, str(finding.place).removeprefix("p.xlsx").removeprefix(" › ")) for finding in findings.items]


def filled(*edits: Callable[[Workbook], object]) -> tuple[Profile, list[tuple[str, str]]]:
    profile, findings = back(save_edited(short(), *edits))
    return profile, found(findings)


def test_profile_survives_a_round_trip_through_its_form() -> None:
    profile, findings = back(whole())
    assert profile == SMALL
    assert findings.items == ()


def test_form_contains_every_question() -> None:
    workbook = load_workbook(io.BytesIO(whole()))
    rows = [row[1].value for sheet in workbook.worksheets for row in sheet.iter_rows(min_row=5, max_col=3, min_col=2)]
    for item in CATALOGUE.items:
        assert rows.count(item) >= 1
    assert rows.count("L01") == rows.count("L08") == rows.count("L06_COST") == len(CATALOGUE.indicators)
    assert rows.count("S16") == 20
    assert [sheet.title for sheet in workbook.worksheets][:5] == [COVER, SIGN_OFF, SOURCES, A, B]


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_empty_form_is_read_as_an_empty_profile(language: str) -> None:
    profile, findings = back(short(language))
    assert profile == EMPTY
    assert findings.items == ()
    sheets = load_workbook(io.BytesIO(short(language)), read_only=False).worksheets
    assert all(sheet.sheet_view.rightToLeft == (language == "ar") for sheet in sheets)


def test_only_yellow_cells_are_unlocked_and_headers_frozen() -> None:
    sheet: Any = load_workbook(io.BytesIO(short()))[A]
    assert sheet.protection.sheet
    open_cells = {name for name in "BCDEFGHIJKLM" if not sheet[f"{name}5"].protection.locked}
    assert open_cells == {"I", "J", "K", "L", "M"}
    assert sheet.freeze_panes == "F5"
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.row_dimensions[1].hidden
    assert sheet.column_dimensions["A"].hidden


def test_answer_codes_are_listed_in_the_form_language() -> None:
    workbook: Any = load_workbook(io.BytesIO(short("fr")))
    sheet = workbook["A Gouvernance et droit"]
    rule = next(rule for rule in sheet.data_validations.dataValidation if "I5" in rule.sqref)
    letter, first, last = rule.formula1.split("$")[1], *(part.split(":")[0] for part in rule.formula1.split("$")[2::2])
    offered = [workbook["lists"][f"{letter}{row}"].value for row in range(int(first), int(last) + 1)]
    assert offered == ["Y – Oui", "P – En partie", "N – Non", "NA – Sans objet", "DK – Non connu"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_translated(language: str) -> None:
    asked = [*CATALOGUE.items.values(), *CATALOGUE.questions.values()]
    texts = [text for item in asked for text in (item.name, item.recommendation, item.number) if text]
    assert [str(text) for text in texts if not text.has(language)] == []


def test_cover_counts_answers_by_formulas() -> None:
    sheet: Any = load_workbook(io.BytesIO(short()))[COVER]
    rows = {str(row[1].value): [cell.value for cell in row[2:7]] for row in sheet.iter_rows(min_row=14, max_col=7)}
    asked, answered, core, core_answered, share = rows["A Governance and law"]
    assert (asked, core) == (3, 3)
    assert answered == f"=COUNTIF('{A}'!$B$5:$B$7,\"✓\")"
    assert core_answered == f"=COUNTIFS('{A}'!$D$5:$D$7,\"●\",'{A}'!$B$5:$B$7,\"✓\")"
    assert share.startswith("=IF(")


def test_answers_are_read_by_code_or_label_in_any_language() -> None:
    typed = put(A, I5="Y – Yes", I6="en partie", I7="n", K5="A law.", M5="G1, G1")
    classes = put(A, J5="PUBLIC – Stated in a public source", J6="confirmed", J7="CONFIRMED – Confirmé par l’office")
    profile, wrong = filled(typed, classes, put(SOURCES, B5="G1", C5="Law of 2023"))
    assert wrong == []
    assert [answer.answer for answer in profile.answers.values()] == ["Y", "P", "N"]
    assert profile.answers["A01"] == Answer(
        "A01", "Y", practice=Text.of(en="A law."), sources=("G1",), evidence="PUBLIC"
    )


def test_texts_without_tag_are_in_the_language_of_the_form() -> None:
    content = save_edited(
        short("fr"), put("A Gouvernance et droit", K5="Une loi.", K6="[en] None.\n[fr] Aucun.", L5="Depuis quand ?")
    )
    answers = back(content)[0].answers
    assert (answers["A01"].practice, answers["A01"].question) == (Text.of(fr="Une loi."), Text.of(fr="Depuis quand ?"))
    assert answers["A02"].practice == Text.of(en="None.", fr="Aucun.")


def test_every_error_of_a_form_is_reported_with_its_cell() -> None:
    wrong = (
        put(A, I6="maybe", I7="Y", M7="G9", J7="C", K9="an answer in its own row"),
        put(SOURCES, B5="G1", C6="A law", B7="G3", C7="One", B8="G3", C8="Two"),
        put(SIGN_OFF, C5=None, C6="last year"),
        put(B, C5="B02", I6="=1/0", A8="item;B03", C8="B03", I7="3", I8="2", J8="CONFIRMED"),
        put(INDICATORS, I6="7"),
    )
    assert sorted(filled(*wrong)[1]) == [
        ("MIG-0-301", f"{A} › I6"),
        ("MIG-0-301", f"{INDICATORS} › I6"),
        ("MIG-0-302", f"{A} › M7"),
        ("MIG-0-303", f"{A} › J7"),
        ("MIG-0-308", f"{B} › I8"),
        ("MIG-0-308", f"{SOURCES} › B8"),
        ("MIG-0-309", f"{SOURCES} › B6"),
        ("MIG-0-309", f"{SOURCES} › C5"),
        ("MIG-0-310", f"{SIGN_OFF} › C5"),
        ("MIG-0-310", f"{SIGN_OFF} › C6"),
        ("MIG-0-312", B),
        ("MIG-0-313", f"{B} › C5"),
        ("MIG-0-314", f"{A} › K9"),
        ("MIG-0-315", f"{B} › I6"),
    ]


def test_invalid_or_missing_action_name_is_reported_at_its_cell() -> None:
    profile, findings = back(save_edited(whole(), put("R Roadmap", C5="two words", K24="Link the registers.")))
    assert found(findings) == [("MIG-0-307", "R Roadmap › C5"), ("MIG-0-307", "R Roadmap › C23")]
    assert "NEW_REGISTER" not in profile.about


def deleted_row(workbook: Workbook) -> None:
    workbook[A].delete_rows(6)


def deleted_column(workbook: Workbook) -> None:
    workbook[A].delete_cols(10)


def deleted_keys(workbook: Workbook) -> None:
    workbook[A].delete_cols(1)


def deleted_sheet(workbook: Workbook) -> None:
    workbook.remove(workbook[A])


def copied_sheet(workbook: Workbook) -> None:
    workbook.copy_worksheet(workbook[A])


def deleted_control(workbook: Workbook) -> None:
    workbook.remove(workbook["sdmxmig-profile"])


@pytest.mark.parametrize(
    ("damage", "place", "expected"),
    [
        (deleted_row, A, "A02"),
        (deleted_column, A, "evidence"),
        (deleted_keys, "", "A"),
        (deleted_sheet, "", "A"),
        (copied_sheet, f"{A} Copy › A1", f"{A} Copy"),
        (deleted_control, "", "control"),
    ],
)
def test_missing_or_repeated_parts_of_a_form_are_reported(
    damage: Callable[[Workbook], None], place: str, expected: str
) -> None:
    finding = next(finding for finding in back(save_edited(short(), damage))[1].items if finding.rule == "MIG-0-312")
    assert (str(finding.place).removeprefix("p.xlsx").removeprefix(" › "), finding.observed) == (place, expected)


def test_answers_of_a_damaged_form_are_right_or_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_damage, "load", lambda: CATALOGUE)
    reader = profile_damage.Reader()
    for case in profile_damage.cases(20):
        assert reader.outcome(case) in ("read", "found"), case.id


def moved(workbook: Workbook) -> None:
    sheet = workbook[A]
    sheet.insert_rows(5, 3)
    sheet.title = "Gouvernance"
    workbook.move_sheet(sheet, 3)


def test_moved_rows_and_renamed_sheets_are_recognised_by_keys() -> None:
    profile, wrong = filled(put(A, I5="Y", I7="N", J7="CONFIRMED"), moved)
    assert {item: answer.answer for item, answer in profile.answers.items()} == {"A01": "Y", "A03": "N"}
    assert wrong == []


def test_other_workbooks_and_questionnaires_are_refused() -> None:
    stream = io.BytesIO()
    Workbook().save(stream)
    with pytest.raises(InputError, match="not a profile form"):
        back(stream.getvalue())
    assert not is_questionnaire(tables.read("p.xlsx", short()))
    with pytest.raises(SdmxmigError, match="not translated into “de”"):
        write_form(EMPTY, CATALOGUE, WORDS, language="de")


def test_unanswered_core_items_are_listed_with_their_cells() -> None:
    profile, _, cells = read_form(tables.read("p.xlsx", save_edited(short(), put(A, I5="Y", M5=""))), ASKED)
    findings = report_missing(profile, CATALOGUE, cells)
    (open_items,) = [finding for finding in findings.items if finding.rule == "MIG-0-316" and "A02" in finding.observed]
    assert places(open_items) == [f"p.xlsx › {A} › I6", f"p.xlsx › {A} › I7"]
    assert open_items.sentence("fr") == "Gouvernance et droit : 2 points de base sans réponse : A02, A03."
    (bare,) = [finding for finding in findings.items if finding.rule == "MIG-0-317"]
    assert (bare.observed, places(bare)) == ("A01", [f"p.xlsx › {A} › I5"])


def places(finding: Finding) -> list[str]:
    return [str(place) for place in (finding.place, *finding.others)]


def test_every_error_of_a_profile_is_reported_with_its_key() -> None:
    content = """
area = "GE"
year = 2026
[items.A01]
answer = "maybe"
[items.A99]
answer = "Y"
[items.A02]
answer = "N"
sources = "G1"
[indicators.IMM.L01]
answer = "3"
[items.A03]
answer = "Y"
"""
    profile, findings = read_file("p.toml", content.encode(), ASKED)
    assert sorted((finding.rule, finding.place.key if finding.place else "") for finding in findings.items) == [
        ("MIG-0-301", "items.A01.answer"),
        ("MIG-0-305", "items.A99"),
        ("MIG-0-306", "indicators.IMM"),
        ("MIG-0-310", "year"),
        ("MIG-0-311", "items.A02.sources"),
        ("MIG-0-311", "year"),
    ]
    assert list(profile.answers) == ["A03"]
    remedies = {finding.rule: finding.remedy() for finding in findings.items}
    assert remedies["MIG-0-305"] == "Did you mean “A19”?"


@cases_from("forms/cases/a_profile_is_signed_off_by_a_name_and_not_by_a_yes_or_a_no.csv")
def test_sign_off_requires_a_name(said: str, signed_off: str) -> None:
    content = f'area = "GE"\nyear = "2026"\nsigned_off = "{said}"\n'
    profile, findings = read_file("p.toml", content.encode(), ASKED)
    assert profile.signed_off == signed_off
    assert [finding.rule for finding in findings.items] == ["MIG-0-310"] * (not signed_off and bool(said.strip()))
