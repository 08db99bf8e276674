"""Progress of a profile: answered, unknown, not applicable, started, unanswered."""

from __future__ import annotations

import json
from pathlib import Path

from case_tables import cases_from
from console import Console
from shipped import CATALOGUE
from small_validation import workspace

from sdmxmig.cli import run
from sdmxmig.forms.profiles.plan import plan, read_questions
from sdmxmig.workspace.tasks.answering import read_state
from sdmxmig.workspace.tasks.questionnaires import compute_progress, list_questions

ASKED = read_questions(CATALOGUE)
HEAD = 'area = "GE"\nyear = "2024"\nsigned_off = ""\n'


@cases_from("forms/cases/each_question_is_in_one_state.csv")
def test_each_question_has_exactly_one_state(written: str, state: str) -> None:
    profile = read_state(f"{HEAD}[items.A01]\n{written}\n".encode(), ASKED).profile
    sheet = next(sheet for sheet in plan(CATALOGUE, ASKED, profile) if sheet.id == "A")
    progress = compute_progress(list_questions(sheet), ASKED)
    unanswered = {"unanswered": progress.asked - (state != "unanswered")}
    assert {name: count for name, count in progress.states.items() if count} == {**unanswered, state: 1} | (
        unanswered if state == "unanswered" else {}
    )
    assert progress.done == (state not in ("begun", "unanswered"))


def test_command_lists_modules_questions_and_contradictions(tmp_path: Path, console: Console) -> None:
    folder = workspace(tmp_path / "ws")
    answers = "".join(
        f'[items.{item}]\nanswer = "{code}"\nevidence = "CONFIRMED"\n' for item, code in (("C01", "0"), ("C03", "2"))
    )
    (folder / "profile.toml").write_text(HEAD + answers, encoding="utf-8")
    console.readouterr()
    assert run(["profile", "progress", str(folder), "--format", "json"]) == 0
    listed = {line["id"]: line for line in json.loads(console.readouterr().out)}
    assert (listed["C"]["done"], listed["A"]["done"]) == (2, 0)
    assert "C01" not in listed["C"]["open"]
    out = console.output("profile", "progress", folder, "--module", "C")
    assert "○ C02" in out
    assert "1 contradiction:" in out
    assert "There is no module “CC”" in console.errors("profile", "progress", folder, "--module", "CC")


def test_progress_is_zero_without_a_profile(tmp_path: Path, console: Console) -> None:
    folder = workspace(tmp_path / "ws")
    (folder / "profile.toml").unlink(missing_ok=True)
    console.readouterr()
    modules = json.loads(console.output("profile", "progress", folder, "--format", "json"))
    assert [line["done"] for line in modules] == [0] * len(modules)
    (folder / "profile.toml").write_text(HEAD + '[items.C01]\nanswer = "maybe"\n', encoding="utf-8")
    assert "maybe" in console.errors("profile", "progress", folder, code=0)
