"""Taking one change of a text back keeps all later ones: also in lines side by side, where that can be known."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_validation import NOW, TABLE, workspace

from sdmxmig.cli import run
from sdmxmig.io.publishing.files import add_signature, is_untouched
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.workspace.tasks.history import (
    MergeConflict,
    read_history,
    settle,
    undo,
    undo_change,
    undo_change_with_signature,
)


def undone(before: str, after: str, present: str) -> str:
    """Return the text after undo, or a hyphen if undo is refused."""
    try:
        return undo_change(before.encode(), after.encode(), present.encode()).decode()
    except MergeConflict:
        return "-"


A, B, C = (f"[{letter}]\nx = 1\n" for letter in "abc")
FIRST, SECOND, THIRD = (f'[[said]]\ntext = "{number}"\n' for number in range(3))


@pytest.mark.parametrize(
    ("before", "after", "present", "left"),
    [
        ("a = 1\nb = 1\n", "a = 2\nb = 1\n", "a = 2\nb = 2\n", "a = 1\nb = 2\n"),
        ("a = 1\nb = 1\n", "a = 1\nb = 2\n", "a = 2\nb = 2\n", "a = 2\nb = 1\n"),
        ("a = 1\n", "a = 1\nb = 1\n", "a = 1\nb = 1\nc = 1\n", "a = 1\nc = 1\n"),
        (A, f"{B}{A}", f"{C}{B}{A}", f"{C}{A}"),
        (A, f"{A}{B}", f"{A}{B}{C}", f"{A}{C}"),
        (FIRST, f"{FIRST}{SECOND}", f"{FIRST}{SECOND}{THIRD}", f"{FIRST}{THIRD}"),
    ],
    ids=["line above", "line below", "behind what was added", "table before", "next table", "next of a list"],
)
def test_adjacent_changes_of_a_toml_file_are_separated(before: str, after: str, present: str, left: str) -> None:
    assert undone(before, after, present) == left


@pytest.mark.parametrize(
    ("before", "after", "present"),
    [
        ("[a]\nx = 1\n", "[a]\nx = 1\n[b]\n", "[a]\nx = 1\n[b]\ny = 1\n"),
        ("a = 1\n", "a = 2\n", "a = 3\n"),
        ("a = 1\nb = 1\n", "b = 1\n", "c = 1\nb = 1\n"),
        ("1,2\n3,4\n", "1,9\n3,4\n", "1,9\n3,8\n"),
        ('t = """\nx\ny\n"""\n', 't = """\nz\ny\n"""\n', 't = """\nz\nw\n"""\n'),
        ("a = 1\nb = 1\n", "a = 2\nb = 1\n", f"a = 2\nb = {'1' * 5_000}\n"),
    ],
    ids=["a key of the heading", "the same line", "the same place", "no TOML", "the same text", "a very long number"],
)
def test_undo_that_would_remove_a_later_change_is_refused(before: str, after: str, present: str) -> None:
    assert undone(before, after, present) == "-"


def test_signature_of_a_generated_file_does_not_block_undo() -> None:
    before, after, present = (
        add_signature(text.encode()) for text in ("a = 1\nb = 1\n", "a = 2\nb = 1\n", "a = 2\nb = 2\n")
    )
    left = undo_change_with_signature(before, after, present)
    assert left == add_signature(b"a = 1\nb = 2\n")
    assert is_untouched(left)


@pytest.mark.parametrize(("first", "second"), [("A01", "A02"), ("A01", "B01"), ("A02", "A01"), ("B01", "A05")])
def test_undo_removes_one_answer_and_keeps_other_answers(tmp_path: Path, first: str, second: str) -> None:
    folder = workspace(tmp_path, TABLE)
    settle(folder, NOW)
    for item in ("A09", first, second):
        assert run(["profile", "answer", str(folder), f"items.{item}.practice.en=What {item} says."]) == 0
    number = next(step.number for step in read_history(folder) if f"items.{first}." in step.command)
    try:
        undo(folder, number, NOW)
    except SdmxmigError:
        pytest.fail("the answers stand apart from each other")
    profile = (folder / "profile.toml").read_text()
    assert f"What {first} says." not in profile
    assert f"What {second} says." in profile
    assert "What A09 says." in profile
    assert is_untouched(profile.encode())
