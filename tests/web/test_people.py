"""Several people in one workspace: roles, comments, second approval before sealing, and authors of changes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from case_tables import cases_from
from console import Console
from small_validation import NOW, SOUND, workspace

from sdmxmig.cli import run
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.workspace.tasks.approvals import read_people
from sdmxmig.workspace.tasks.history import (
    HISTORY,
    KEPT,
    LAST_FILE,
    Step,
    find_tampered_line,
    read_history,
    record_changes,
    settle,
    undo,
)
from sdmxmig.workspace.tasks.session import open_session

PEOPLE = """
[people]
statistician = ["answers"]
reviewer = ["reviews", "sends"]
"dali@office" = ["answers", "reviews"]
sender = ["sends"]
guest = []
"""


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("people") / "ws", SOUND)
    (folder / "people.toml").write_text(PEOPLE)
    settle(folder, NOW)
    assert done("validate", folder) == 0
    return folder


@pytest.fixture
def place(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once, tmp_path / "ws"))


def done(command: str, folder: Path, *words: str) -> int:
    """How a command ends."""
    return run([command, str(folder), *words, "--now", NOW])


def changed_by(folder: Path, name: str, women: int) -> None:
    """Somebody writes another figure, and the total with it, and the data are validated again."""
    table = folder / "tables" / "office.csv"
    with record_changes(folder, Step(what="correct", command="", at=NOW, by=name)):
        table.write_text(SOUND.replace("2020,1000,600,400", f"2020,{600 + women},600,{women}"))
    validate_again(folder)


def validate_again(folder: Path) -> None:
    assert done("convert", folder) == 0
    assert done("validate", folder) == 0


def read_state(folder: Path) -> str:
    """The hash of what would be sealed now."""
    return open_session(folder, None, NOW).results.state("submission")


def sealed(folder: Path) -> int:
    """How many submissions were sealed."""
    root = folder / "out" / "submission"
    return sum(path.is_dir() for path in root.iterdir()) if root.is_dir() else 0


def test_workspace_without_people_seals_without_approval(place: Path) -> None:
    (place / "people.toml").unlink()
    assert done("package", place) == 0
    assert sealed(place) == 1
    assert not (place / "approvals.toml").exists()


def test_unapproved_submission_is_not_sealed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert done("package", place, "--by", "reviewer") == 2
    assert "requires two people: No reviewer has approved" in capsys.readouterr().err
    assert done("package", place, "--check") == 1
    assert "✕ Approved by" in capsys.readouterr().out
    assert sealed(place) == 0


def test_approved_submission_is_sealed_by_a_sender(place: Path) -> None:
    changed_by(place, "statistician", 401)
    assert done("approve", place, "--by", "reviewer") == 0
    assert done("package", place, "--check") == 0
    assert [done("package", place, *by) for by in ([], ["--by", "statistician"], ["--by", "nobody"])] == [2, 2, 2]
    assert done("package", place, "--by", "reviewer") == 0
    assert [(step.what, step.by) for step in read_history(place)[-2:]] == [
        ("approve", "reviewer"),
        ("seal", "reviewer"),
    ]


@pytest.mark.parametrize("name", ["statistician", "guest", "stranger", ""])
def test_only_a_reviewer_can_approve(place: Path, name: str) -> None:
    assert done("approve", place, "--by", name) == 2
    assert not (place / "approvals.toml").exists()


def test_sole_author_cannot_approve(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed_by(place, "dali@office", 401)
    assert done("approve", place, "--by", "dali@office") == 2
    assert "Only “dali@office” has changed it" in capsys.readouterr().err


def test_two_authors_require_the_approval_of_each_other(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed_by(place, "dali@office", 401)
    changed_by(place, "statistician", 402)
    assert done("approve", place, "--by", "dali@office") == 0
    capsys.readouterr()
    assert done("package", place, "--by", "reviewer") == 2
    assert "dali@office has changed it (step 2), and nobody else has approved it" in capsys.readouterr().err
    assert done("approve", place, "--by", "reviewer") == 0
    assert done("package", place, "--by", "reviewer") == 0


def test_approval_lapses_after_any_change_even_if_undone(place: Path) -> None:
    assert done("approve", place, "--by", "reviewer") == 0
    changed_by(place, "statistician", 401)
    assert done("package", place, "--by", "reviewer") == 2
    assert done("history", place, "--undo", "3", "--by", "statistician") == 0
    validate_again(place)
    assert done("package", place, "--by", "reviewer") == 2
    assert done("approve", place, "--by", "reviewer") == 0
    assert done("package", place, "--by", "reviewer") == 0


def test_figures_changed_after_an_approval_are_not_sealed(place: Path) -> None:
    assert done("approve", place, "--by", "reviewer") == 0
    path = place / "out" / "data" / "DF_POP.csv"
    path.write_text(path.read_text().replace("1030", "1031"))
    assert done("package", place, "--by", "reviewer") == 2
    assert sealed(place) == 0


def test_changes_sealed_earlier_require_no_new_approval(place: Path) -> None:
    changed_by(place, "dali@office", 401)
    assert done("approve", place, "--by", "reviewer") == 0
    assert done("package", place, "--by", "reviewer") == 0
    changed_by(place, "statistician", 402)
    assert done("approve", place, "--by", "dali@office") == 0, "the change of dali was sealed already"
    assert done("package", place, "--by", "reviewer") == 0


def test_approval_can_be_withdrawn_but_not_undone(place: Path) -> None:
    assert done("approve", place, "--by", "reviewer") == 0
    number = read_history(place)[-1].number
    with pytest.raises(SdmxmigError, match=r"changed approvals\.toml, which is not undone"):
        undo(place, number, NOW, by="statistician")
    assert done("approve", place, "--by", "reviewer", "--withdraw") == 0
    assert done("approve", place, "--by", "reviewer", "--withdraw") == 2
    assert done("package", place, "--by", "reviewer") == 2


def test_approval_written_by_hand_is_invalid(place: Path) -> None:
    assert done("approve", place, "--by", "reviewer") == 0
    approvals = place / "approvals.toml"
    given_once = approvals.read_bytes()
    assert done("approve", place, "--by", "reviewer", "--withdraw") == 0
    approvals.write_bytes(given_once)
    assert done("package", place, "--by", "reviewer") == 2
    assert done("approve", place, "--by", "reviewer") == 0
    assert done("package", place, "--by", "reviewer") == 0


def test_approval_with_an_edited_state_does_not_count(place: Path) -> None:
    assert done("approve", place, "--by", "reviewer") == 0
    approvals = place / "approvals.toml"
    before = read_state(place)
    changed_by(place, "dali@office", 401)
    approvals.write_text(approvals.read_text().replace(before, read_state(place)))
    assert done("package", place, "--by", "reviewer") == 2
    assert sealed(place) == 0


def test_edited_approval_file_does_not_extend_the_approval(place: Path) -> None:
    assert done("approve", place, "--by", "reviewer") == 0
    assert done("package", place, "--by", "reviewer") == 0
    changed_by(place, "dali@office", 401)
    approvals = place / "approvals.toml"
    approvals.write_text(re.sub(r"step = \d+", "step = 999", approvals.read_text()))
    assert done("approve", place, "--by", "dali@office") == 2, "dali alone has changed it"


def test_submission_sealed_without_people_toml_is_not_sent(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people, country = place / "people.toml", place / "country.toml"
    country.write_text(country.read_text() + '[receiver.delivery]\ntransport = "folder"\naddress = "outbox"\n')
    validate_again(place)
    people.unlink()
    assert done("package", place) == 0
    assert "people.toml" in read_history(place)[-1].before
    people.write_text(PEOPLE)
    assert done("send", place, "--by", "reviewer") == 2
    assert "was sealed without the approval" in capsys.readouterr().err
    assert not (place / "outbox").exists()
    assert done("approve", place, "--by", "reviewer") == 0
    assert done("package", place, "--by", "dali@office") == 2, "who does not send does not seal"
    assert done("package", place, "--by", "sender") == 0
    assert done("send", place, "--by", "reviewer") == 0
    assert list((place / "outbox").iterdir())
    capsys.readouterr()
    done("status", place, "--format", "json")
    sent = json.loads(capsys.readouterr().out)[0]["id"]
    settle = ["--settle", sent, "--as", "accepted", "--because", "A letter."]
    assert [done("status", place, *settle, *by) for by in ((), ("--by", "statistician"))] == [2, 2]
    assert done("withdraw", place, sent, "--because", "Too late.") == 2
    assert "This needs the role sends" in capsys.readouterr().err
    assert not (place / "accepted").exists()
    assert done("status", place, *settle, "--by", "reviewer") == 0
    assert (place / "accepted").is_dir()


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_unusable_people_file_blocks_sealing(place: Path, make: Callable[[Path], None]) -> None:
    (place / "people.toml").unlink()
    make(place / "people.toml")
    assert done("package", place) == 2
    assert sealed(place) == 0


def test_approval_lapses_with_the_role(place: Path) -> None:
    assert done("approve", place, "--by", "reviewer") == 0
    (place / "people.toml").write_text(PEOPLE.replace('["reviews", "sends"]', '["sends"]'))
    assert done("package", place, "--by", "reviewer") == 2


def test_roles_are_not_undone(place: Path) -> None:
    (place / "people.toml").write_text(PEOPLE.replace('statistician = ["answers"]', "statistician = []"))
    settle(place, NOW)
    with pytest.raises(SdmxmigError, match=r"people\.toml, which is not undone"):
        undo(place, read_history(place)[-1].number, NOW)


def test_pipeline_continues_without_sealing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done("run", place, "--by", "statistician", "--quiet")
    assert "No submission is sealed yet. This needs the role sends" in capsys.readouterr().err
    assert (place / "out" / "assessment.json").is_file(), "the assessment follows the submission"
    assert sealed(place) == 0


def test_people_file_of_parent_folder_applies(place: Path) -> None:
    (place / "people.toml").rename(place.parent / "people.toml")
    assert read_people(place).roles["statistician"] == {"answers"}  # type: ignore[union-attr]
    assert done("package", place, "--by", "reviewer") == 2


@cases_from("web/cases/a_file_of_people_that_cannot_be_is_refused.csv")
def test_invalid_people_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "people.toml").write_text(content)
    with pytest.raises(DeclarationError, match=message):
        read_people(tmp_path)


def test_comments_are_saved_with_author_and_time(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert done("comment", place, "--on", "items.A01", "--text", "Which law?", "--by", "reviewer") == 0
    assert done("comment", place, "--on", "items.A01.answer", "--text", "That of 2009.", "--by", "statistician") == 0
    capsys.readouterr()
    assert done("comment", place, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["about"], each["by"], each["text"]) for each in told] == [
        ("items.A01", "reviewer", "Which law?"),
        ("items.A01", "statistician", "That of 2009."),
    ]
    assert {each["at"] for each in told} == {NOW}
    assert [(step.what, step.by) for step in read_history(place)[-2:]] == [
        ("comment", "reviewer"),
        ("comment", "statistician"),
    ]


@pytest.mark.parametrize("about", ["items.Z99", "0123456789abcdef", "../x", "items", ""])
def test_comment_on_an_unknown_subject_is_refused(place: Path, about: str) -> None:
    assert done("comment", place, "--on", about, "--text", "What?") == 2
    assert not (place / "comments.toml").exists()


def test_comment_does_not_make_results_outdated(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert done("approve", place, "--by", "reviewer") == 0
    assert done("comment", place, "--on", "items.A01", "--text", "Which law?", "--by", "reviewer") == 0
    assert done("package", place, "--by", "reviewer") == 0, capsys.readouterr().err


def test_history_records_the_author_of_commands(place: Path) -> None:
    assert done("correct", place, "office.csv!B2", "--to", "1001", "--by", "statistician") == 0
    assert run(["profile", "answer", str(place), "items.A01.answer=Y", "--by", "dali@office", "--now", NOW]) == 0
    assert done("history", place, "--undo", "2", "--by", "dali@office") == 0
    assert [(step.what, step.by) for step in read_history(place)[1:]] == [
        ("correct", "statistician"),
        ("answer", "dali@office"),
        ("undo", "dali@office"),
    ]


CHANGES = {
    "correct": ["office.csv!B2", "--to", "1001"],
    "justify": ["0123456789abcdef", "--text", "It is so."],
    "style": ["--accent", "#7a1f5c"],
    "history": ["--undo", "1"],
    "comment": ["--on", "items.A01", "--text", "Which law?"],
}


@pytest.mark.parametrize("name", ["", "guest", "stranger", "reviewer"])
@pytest.mark.parametrize("command", sorted(CHANGES))
def test_command_and_page_require_equal_roles(place: Path, command: str, name: str, console: Console) -> None:
    words = [*CHANGES[command], *(["--by", name] if name else [])]
    words = ["0123456789abcdef", str(place), *words[1:]] if command == "justify" else [str(place), *words]
    before = len(read_history(place))
    is_allowed = (command, name) == ("comment", "reviewer")
    assert run([command, *words, *(["--now", NOW] if command != "history" else [])]) == (0 if is_allowed else 2)
    told = console.readouterr().err
    assert is_allowed or ("--by NAME" in told if not name else "This needs the role" in told)
    assert len(read_history(place)) == before + is_allowed


def test_change_by_an_unknown_author_needs_two_approvals(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "people.toml").write_text(PEOPLE.replace("[people]", '[people]\ndirector = ["reviews", "sends"]'))
    changed_by(place, "", 401)
    capsys.readouterr()
    assert done("approve", place, "--by", "reviewer") == 0
    assert "Further conditions are open: the author of step" in capsys.readouterr().err
    assert done("package", place, "--by", "reviewer") == 2
    assert "no person other than “reviewer” has checked it" in capsys.readouterr().err
    assert done("package", place, "--by", "director") == 0, "who seals it is another person than who approves"


def test_second_approval_replaces_the_missing_author(place: Path) -> None:
    changed_by(place, "", 401)
    assert done("approve", place, "--by", "reviewer") == 0
    assert done("approve", place, "--by", "dali@office") == 0
    assert done("package", place, "--by", "reviewer") == 0


def changed(folder: Path, number: int) -> None:
    """Make a step."""
    with record_changes(folder, Step(what="write", command="", at=NOW, by="statistician")):
        (folder / "mappings" / "notes.toml").write_text(f"a = {number}\n")


@pytest.mark.parametrize("line", [1, 2, 3])
def test_changed_line_of_the_history_is_named(place: Path, line: int) -> None:
    for number in range(3):
        changed(place, number)
    assert find_tampered_line(place) == 0
    path = place / HISTORY
    lines = path.read_text().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace('"at": "2026', '"at": "2025')
    path.write_text("".join(lines))
    assert find_tampered_line(place) == line
    assert done("history", place) == 1
    assert done("approve", place, "--by", "reviewer") in (0, 2)
    assert done("package", place, "--by", "reviewer") == 2


def test_removed_line_of_the_history_is_detected(place: Path) -> None:
    for number in range(3):
        changed(place, number)
    path = place / HISTORY
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], *lines[3:]]))
    assert find_tampered_line(place) == 2


@pytest.mark.parametrize("cut", [1, 2, 99])
def test_truncated_history_is_detected_after_further_steps(place: Path, cut: int) -> None:
    changed_by(place, "reviewer", 401)
    path = place / HISTORY
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-cut]))
    assert find_tampered_line(place) > 0
    assert done("approve", place, "--by", "reviewer") == 2
    changed_by(place, "dali@office", 402)
    assert find_tampered_line(place) > 0
    assert done("history", place) == 1
    assert done("approve", place, "--by", "reviewer") == 2
    assert done("package", place, "--by", "reviewer") == 2


def test_incomplete_last_line_counts_as_truncated_history(place: Path) -> None:
    changed_by(place, "reviewer", 401)
    path = place / HISTORY
    path.write_bytes(path.read_bytes()[:-20])
    assert find_tampered_line(place) > 0


def test_approval_is_invalid_without_its_history(place: Path) -> None:
    changed_by(place, "dali@office", 401)
    assert done("approve", place, "--by", "reviewer") == 0
    (place / HISTORY).unlink()
    settle(place, NOW)
    assert done("package", place, "--by", "reviewer") == 2, "nobody knows any more who changed it"


def test_steps_of_an_earlier_version_do_not_count_as_altered(place: Path) -> None:
    path = place / HISTORY
    steps = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({k: v for k, v in step.items() if k != "previous"}) + "\n" for step in steps))
    (place / KEPT / LAST_FILE).unlink()  # which none of them kept
    changed(place, 1)
    assert find_tampered_line(place) == 0
