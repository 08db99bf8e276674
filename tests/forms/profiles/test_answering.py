"""Single answers are written into a profile that people have written: comments, order and all else stay."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from case_tables import text_from
from console import Console
from folders import ROOT
from openpyxl import load_workbook
from shipped import CATALOGUE
from small_validation import NOW, workspace

from sdmxmig.cli import run
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.texts import (
    Key,
    apply_changes,
    edit_texts,
    find_changes,
    index_texts,
    parse_key,
    write_profile,
)
from sdmxmig.io.publishing.files import add_signature, is_untouched
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.tasks.answering import change_profile, find_conflicts, read_state, sort_changes
from sdmxmig.workspace.tasks.history import read_history

ASKED = read_questions(CATALOGUE)
EXAMPLES = sorted((ROOT / "examples").glob("*/profile.toml"))
WRITTEN = text_from("forms/cases/answering_written.toml")


def corrected(changes: dict[str, str], content: str = WRITTEN) -> str:
    """The file after some answers, by the keys as people write them."""
    keyed = {parse_key(key): text for key, text in changes.items()}
    return change_profile(read_state(content.encode(), ASKED), keyed, ASKED).decode()


def test_answer_changes_only_its_line() -> None:
    assert corrected({"items.A01.answer": "Y"}) == WRITTEN.replace('answer = "P" ', 'answer = "Y" ')


def test_new_answer_is_inserted_at_its_question() -> None:
    new = '\n[items.A02]\nanswer = "N"\nevidence = "PUBLIC"\n'
    new += 'quoted = "G1, p. 2: non"\npractice.fr = "Non."\nsources = ["G1"]\n'
    before = "with # signs.'''\n"
    changes = {"evidence": "PUBLIC", "sources": "G1", "practice.fr": "Non.", "answer": "N"}
    changes["quoted"] = "G1, p. 2: non"
    assert corrected({f"items.A02.{part}": text for part, text in changes.items()}) == WRITTEN.replace(
        before, before + new
    )


def test_cleared_answer_is_removed_and_its_comment_kept() -> None:
    after = corrected({"items.A01.answer": "", "indicators.IMM_RATE.L01.answer": ""})
    assert "# as in 2020\nevidence" in after
    assert "IMM_RATE" not in after
    assert read_state(after.encode(), ASKED).profile.of("A01").answer == ""


def test_untagged_text_becomes_english_beside_another() -> None:
    after = corrected({"items.A03.practice.fr": "En français."})
    assert 'practice.en = "In English."\npractice.fr = "En français."\n# The indicators' in after


def test_lists_over_several_lines_and_citations_are_written() -> None:
    after = corrected({"sources.G2": 'A "quoted" name\nof two lines', "items.A03.sources": "G1; G2"})
    assert 'sources = ["G1", "G2"]\npractice = "In English."' in after
    assert read_state(after.encode(), ASKED).profile.sources["G2"] == 'A "quoted" name\nof two lines'


def test_windows_line_ends_and_byte_order_mark_are_kept() -> None:
    content = b"\xef\xbb\xbf" + WRITTEN.replace("\n", "\r\n").encode()
    after = change_profile(read_state(content, ASKED), {("items", "A02", "answer"): "Y"}, ASKED)
    assert after.startswith(b"\xef\xbb\xbf# Ours")
    assert after.count(b"\n") == after.count(b"\r\n") == content.count(b"\n") + 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items.A01.answer": "Q"}, "is not an answer on the scale YNP"),
        ({"items.A01.sources": "G9"}, "The list of sources has no “G9”"),
        ({"items.A01.evidence": "C"}, "“C”"),
        ({"items.Z99.answer": "Y"}, "Z99"),
        ({"area": "Georgia"}, "Georgia"),
    ],
)
def test_invalid_answer_is_refused_with_explanation(changes: dict[str, str], message: str) -> None:
    with pytest.raises(SdmxmigError, match=message):
        corrected(changes)


def test_inline_table_of_answers_is_refused() -> None:
    with pytest.raises(SdmxmigError, match="does not allow changes here"):
        corrected({"items.B01.answer": "2"}, WRITTEN + '[items]\nB01 = {answer = "3"}\n')


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_profile_written_by_sdmxmig_keeps_its_layout(path: Path) -> None:
    profile = read_state(path.read_bytes(), ASKED).profile
    before = read_state(add_signature(write_profile(profile, ASKED)), ASKED)
    after = change_profile(
        before,
        {("items", "K01", "answer"): "N", ("items", "K01", "evidence"): "CONFIRMED", ("items", "A05", "answer"): "Y"},
        ASKED,
    )
    assert is_untouched(after)
    assert after == add_signature(write_profile(read_state(after, ASKED).profile, ASKED))


@pytest.mark.parametrize("path", EXAMPLES[-2:], ids=lambda path: path.parent.name)
def test_emptied_profile_filled_again_equals_the_original(path: Path) -> None:
    profile = read_state(path.read_bytes(), ASKED).profile
    texts = index_texts(profile, ASKED)
    empty = write_profile(replace(profile, answers={}, about={}, sources={}), ASKED)
    state = read_state(empty, ASKED)
    changes = sort_changes(find_changes(state.texts, texts), state)
    assert index_texts(read_state(edit_texts(empty, changes, ASKED), ASKED).profile, ASKED) == texts


G1: Key = ("sources", "G1")
A01: Key = ("items", "A01", "answer")
A02: Key = ("items", "A02", "answer")


def test_only_differing_changes_of_two_people_are_a_clash() -> None:
    base = {A01: "Y", G1: "A"}
    assert not find_conflicts(base, {A01: "N"}, {**base, A02: "Y"}), "another answer is another matter"
    assert not find_conflicts(base, {A01: "N"}, {A01: "N", G1: "A"}), "both say the same"
    (clash,) = find_conflicts(base, {A01: "N"}, apply_changes(base, {("items", "A01", "evidence"): "PUBLIC"}))
    assert (dict(clash.mine), dict(clash.theirs)) == ({A01: "N"}, {A01: "Y", ("items", "A01", "evidence"): "PUBLIC"})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = workspace(tmp_path / "ws")
    (folder / "profile.toml").write_text(WRITTEN, encoding="utf-8")
    return folder


def test_answer_command_writes_one_undoable_step(place: Path) -> None:
    answers = ["items.A01.answer=Y", "items.A02.answer=N", "items.A02.evidence=CONFIRMED"]
    assert run(["profile", "answer", str(place), *answers, "--now", NOW]) == 0
    step = read_history(place)[-1]
    assert (step.what, step.files) == ("answer", ("profile.toml",))
    assert " ".join(answers) in step.command
    assert run(["history", str(place), "--undo", str(step.number), "--now", NOW]) == 0
    assert (place / "profile.toml").read_text(encoding="utf-8") == WRITTEN


@pytest.mark.parametrize("words", [["items.A01"], ["item.A01.answer=Y"], ["items.A01.answr=Y"], ["items.A99.answer=Y"]])
def test_unknown_key_is_refused_with_a_hint(place: Path, words: list[str], console: Console) -> None:
    assert "hint:" in console.errors("profile", "answer", place, *words)
    assert (place / "profile.toml").read_text(encoding="utf-8") == WRITTEN


def test_workbook_form_and_single_answers_write_equal_files(place: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(place, other)
    form = tmp_path / "form.xlsx"
    assert run(["profile", "form", "--from", str(place), "-o", str(form)]) == 0
    workbook = load_workbook(form)
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows(min_col=1, max_col=1):
            if row[0].value == "item;A02":
                sheet[f"I{row[0].row}"].value = "N"
                sheet[f"J{row[0].row}"].value = "CONFIRMED"
                sheet[f"K{row[0].row}"].value = "No law."
                sheet[f"L{row[0].row}"].value = "Is a law planned?"
    workbook.save(form)
    assert run(["profile", "read", str(form), "-o", str(place), "--update"]) == 0
    parts = ["answer=N", "evidence=CONFIRMED", "practice.en=No law.", "question.en=Is a law planned?"]
    answers = [f"items.A02.{part}" for part in parts]
    assert read_history(place)[-1].command.endswith(shlex.join(answers))
    assert run(["profile", "answer", str(other), *answers]) == 0
    assert (place / "profile.toml").read_bytes() == (other / "profile.toml").read_bytes()
    assert b"# Ours; do not send before May." in (place / "profile.toml").read_bytes()


def test_first_answer_takes_the_year_of_the_data(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ge")
    answer = ["items.A01.answer=Y", "items.A01.evidence=CONFIRMED"]
    assert run(["profile", "answer", str(folder), *answer, "--now", "2031-05-01"]) == 0
    assert 'year = "2023"' in (folder / "profile.toml").read_text(encoding="utf-8")
