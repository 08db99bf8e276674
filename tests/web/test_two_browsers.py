"""Two browsers and a spreadsheet program change one workspace at random: every conflict is shown, no change is lost.

Changes go through forms as browsers send them; the expected state comes from the files. A unit is the part that one
form changes: a cell, an answer of the profile, the reason of a warning, an answer about a table to map.
"""

from __future__ import annotations

import csv
import random
import tomllib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from small_validation import NOW, TABLE, workspace
from starlette.testclient import TestClient
from workbenches import OURS, desk, stranger

from sdmxmig.cli import run
from sdmxmig.web.desk import Desk
from sdmxmig.workspace.tasks.history import find_last_state, hash_own_files, read_history, settle

PEOPLE = "Population by sex on 1 January\nYear,Total,Men,Women\n2020,1000,600,400\n2021,1010,600,410\n"
PROFILE = 'area = "GE"\nyear = "2024"\nsigned_off = ""\n\n[items.A01]\nanswer = "Y"\n'
ASKED = {"file": "people.csv", "flow": "DF_POP"}
DRAFT = "drafts/people.DF_POP.toml"
STEPS = [pytest.param(30, id="sample"), pytest.param(2_000, id="all", marks=pytest.mark.long)]
SEED = 20260131
OUTCOMES = {f"{kind} {status}" for kind in ("answer", "cell", "line") for status in (303, 409)} | {
    "reason 303",
    "undo 303",
}
"""They occur in every run, which goes on until the rarest, the same question answered twice, has occurred."""
Unit = tuple[str, str]
Truth = dict[Unit, str]


@pytest.fixture
def bench(tmp_path: Path) -> Desk:
    folder = workspace(tmp_path / "ws", TABLE.replace("398c", "390"))
    run(["validate", str(folder), "--now", NOW])
    (folder / "tables" / "people.csv").write_text(PEOPLE)
    (folder / "profile.toml").write_text(PROFILE)
    settle(folder, NOW)
    return desk(folder)


def truth(folder: Path) -> Truth:
    with (folder / "tables" / "office.csv").open(newline="") as file:
        units = {
            ("cell", f"office.csv!{letter}{row}"): text
            for row, texts in enumerate(csv.reader(file), 1)
            for letter, text in zip("ABCD", texts, strict=True)
        }
    profile = tomllib.loads((folder / "profile.toml").read_text())
    units |= {("answer", item): said["answer"] for item, said in profile.get("items", {}).items() if "answer" in said}
    reasons = folder / "justifications.toml"
    listed = tomllib.loads(reasons.read_text())["justification"] if reasons.is_file() else []
    units |= {("reason", reason["fingerprint"]): reason["text"] for reason in listed}
    draft = folder / DRAFT
    if draft.is_file():
        units |= {("line", name): text for name, text in flat(tomllib.loads(draft.read_text()))}
    return units


def flat(table: Any, name: str = "") -> list[tuple[str, str]]:
    """Everything that a file of TOML says, by its path there."""
    if isinstance(table, dict):
        return [pair for key, value in table.items() for pair in flat(value, f"{name}.{key}")]
    if isinstance(table, list):
        named = [
            (str(value.get("label", "")) + str(value.get("part", "")), value)
            if isinstance(value, dict)
            else (str(at), value)
            for at, value in enumerate(table)
        ]
        return [pair for key, value in named for pair in flat(value, f"{name}.{key}")]
    return [(name, str(table))]


@dataclass
class Page:
    facts: dict[str, Any]
    seen: Truth


@dataclass
class Browser:
    """Somebody with a page of each screen open, perhaps since long ago."""

    client: TestClient
    folder: Path
    pages: dict[str, Page] = field(default_factory=dict)

    def open(self, kind: str) -> None:
        path = {
            "cell": "/findings.json",
            "reason": "/findings.json?severity=warning",
            "answer": "/profile.json?module=A",
            "line": "/mapping.json?file=people.csv&flow=DF_POP",
        }[kind]
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        self.pages[kind] = Page(answer.json(), truth(self.folder))


def form_of(kind: str, page: Page, dice: random.Random, value: str) -> tuple[str, Unit, dict[str, str], str]:
    facts = page.facts["proposal"] if kind == "line" else page.facts
    made_from = {f"made-from:{name}": sha for name, sha in facts.get("made_from", {}).items()}
    if kind == "cell":
        finding = dice.choice([each for each in facts["findings"] if each["cell"] and each["excerpt"]])
        form = {"cell": finding["cell"], "to": value, "was": finding["excerpt"]["said"]}
        return "/findings/do/correct", ("cell", finding["cell"]), form, value
    if kind == "reason":
        finding = dice.choice(facts["findings"])
        form = {"fingerprint": finding["fingerprint"], "text": f"Because {value}.", **made_from}
        return "/findings/do/justify", ("reason", finding["fingerprint"]), form, f"Because {value}."
    if kind == "answer":
        questions = [each for each in facts["sheet"]["questions"] if each["codes"]]
        fields = {f"text:{each['key']}.answer": each["answer"] for each in questions}
        question = dice.choice(questions[:4])
        code = dice.choice([each["code"] for each in question["codes"]])
        stated = {f"text:{question['key']}.answer": code, f"text:{question['key']}.evidence": "CONFIRMED"}
        fields |= {"module": "A", **stated, **made_from}
        return "/profile/do/save", ("answer", question["id"]), fields, code
    answers = {each["id"]: codes_for(each, facts["codes"]) for each in facts["lines"]}
    line = dice.choice([each for each in facts["lines"] if len(answers[each["id"]]) > 1][:4])
    code = dice.choice(answers[line["id"]])
    return "/mapping/do/save", ("line", line["id"]), {**ASKED, **made_from, f"answer:{line['id']}": code}, code


def codes_for(line: dict[str, Any], codes: dict[str, list[dict[str, str]]]) -> list[str]:
    offered = [*line["choices"], *codes.get(line["offered"], [])]
    return list(dict.fromkeys(each["code"] for each in offered if each["code"]))


@dataclass
class Office:
    """Two browsers and a spreadsheet program at one workspace."""

    bench: Desk
    dice: random.Random
    outcomes: Counter[str] = field(default_factory=Counter)
    number: int = 1000

    def __post_init__(self) -> None:
        self.folder = self.bench.folder
        self.browsers = [Browser(entered(self.bench), self.folder) for _ in range(2)]
        for browser in self.browsers:
            for kind in ("cell", "reason", "answer", "line"):
                browser.open(kind)

    def step(self) -> None:
        """Somebody does something."""
        act: Callable[[], None] = self.dice.choice([self.look, *[self.send] * 4, self.undo, self.elsewhere])
        act()
        settle(self.folder, NOW)
        steps = read_history(self.folder)
        assert find_last_state(steps) == hash_own_files(self.folder)
        assert [step.number for step in steps] == list(range(1, len(steps) + 1))

    def look(self) -> None:
        self.dice.choice(self.browsers).open(self.dice.choice(["cell", "reason", "answer", "line"]))

    def send(self) -> None:
        """A form that is done changes its unit alone, and only as it was seen; one that is not changes nothing."""
        kind = self.dice.choice(["cell", "reason", "answer", "line"])
        browser, before = self.dice.choice(self.browsers), truth(self.folder)
        self.number += 1
        page = browser.pages[kind]
        path, unit, form, value = form_of(kind, page, self.dice, str(self.number))
        answer = browser.client.post(path, data=form)
        after = truth(self.folder)
        others = {each for each in before.keys() | after.keys() if each != unit and each[0] != "line"}
        assert all(before.get(each) == after.get(each) for each in others), (unit, before, after)
        self.outcomes[f"{kind} {answer.status_code}"] += 1
        if answer.status_code != 303:
            assert after == before
            self.check_conflict(unit, page, answer, before, value)
            return
        browser.open(kind)
        if kind == "line":
            lines = {each["id"]: each["answer"] for each in browser.pages[kind].facts["proposal"]["lines"]}
            assert lines.get(unit[1], value) == value
            assert before == after or of_kind(before, kind) == of_kind(page.seen, kind)
        elif value == page.seen.get(unit):
            assert after == before, "a form that leaves an answer as its page showed it does not change it"
        else:
            assert after[unit] == value
            assert before.get(unit) in (page.seen.get(unit), value), "what nobody has seen is not overwritten"

    def check_conflict(self, unit: Unit, page: Page, answer: Response, before: Truth, value: str) -> None:
        kind, text = unit[0], unescape(answer.text)
        assert answer.status_code in (409, 422), text
        if kind == "line":
            assert (
                of_kind(before, kind) != of_kind(page.seen, kind) or "contradict" in text or answer.status_code == 422
            )
            return
        assert before.get(unit) != page.seen.get(unit), text
        if before.get(unit):
            assert before[unit] in text
        if kind != "cell":
            assert value in text

    def undo(self) -> None:
        """A step that is taken back changes what it changed, and nothing else."""
        step, before = self.dice.choice(read_history(self.folder)), truth(self.folder)
        answer = self.dice.choice(self.browsers).client.post("/home/do/undo", data={"step": str(step.number)})
        after = truth(self.folder)
        self.outcomes[f"undo {answer.status_code}"] += 1
        assert answer.status_code in (303, 422), answer.text
        if answer.status_code == 422:
            assert after == before
            return
        kinds = {"tables": "cell", "profile.toml": "answer", "justifications.toml": "reason", "drafts": "line"}
        touched = {kinds.get(name.partition("/")[0]) for name in step.files}
        changed = {unit for unit in before.keys() | after.keys() if before.get(unit) != after.get(unit)}
        assert {kind for kind, _ in changed} <= touched
        assert touched & {"line"} or len(changed) <= 1, "a step of ours changes one unit"

    def elsewhere(self) -> None:
        """A spreadsheet program writes a cell."""
        path = self.folder / "tables" / "office.csv"
        self.number += 1
        lines = path.read_text().splitlines(keepends=True)
        row = self.dice.randrange(1, len(lines))
        cells = lines[row].rstrip("\n").split(",")
        cells[self.dice.choice([1, 3])] = str(self.number)
        lines[row] = ",".join(cells) + "\n"
        path.write_text("".join(lines))
        self.outcomes["elsewhere"] += 1


def of_kind(units: Truth, kind: str) -> Truth:
    return {unit: text for unit, text in units.items() if unit[0] == kind}


def entered(bench: Desk) -> TestClient:
    """A browser that has come in."""
    client = stranger(bench)
    client.cookies.set(bench.door.cookie, bench.door.session)
    client.headers.update(OURS)
    return client


@pytest.mark.parametrize("steps", STEPS)
def test_nobody_loses_or_overwrites_anything(bench: Desk, steps: int) -> None:
    office = Office(bench, random.Random(SEED))
    for number in range(10 * steps):
        if number >= steps and office.outcomes.keys() >= OUTCOMES:
            return
        office.step()
    pytest.fail(f"{OUTCOMES - office.outcomes.keys()} did not occur")


@pytest.mark.sampled(3)
def test_forms_that_come_at_the_same_time_are_done_one_after_another(bench: Desk) -> None:
    folder = bench.folder
    browsers = [Browser(entered(bench), folder) for _ in range(6)]
    for browser in browsers:
        for kind in ("cell", "answer", "line"):
            browser.open(kind)
    steps = len(read_history(folder))

    def work(at: int) -> list[tuple[Unit, str]]:
        done, dice = [], random.Random(at)
        for number in range(4):
            kind = ("cell", "answer", "line")[(at + number) % 3]
            path, unit, form, value = form_of(kind, browsers[at].pages[kind], dice, str(1000 + 100 * at + number))
            answer = browsers[at].client.post(path, data=form)
            assert answer.status_code in (303, 409, 422), answer.text
            if answer.status_code == 303:
                done.append((unit, value))
            browsers[at].open(kind)
        return done

    with ThreadPoolExecutor(len(browsers)) as pool:
        written = [pair for done in pool.map(work, range(len(browsers))) for pair in done]
    settle(folder, NOW)
    history = read_history(folder)
    assert find_last_state(history) == hash_own_files(folder)
    assert not any(step.what == "outside" for step in history)
    assert len(history) - steps <= len(written)
    now = truth(folder)
    for kind in ("cell", "answer"):
        for unit in {unit for unit, _ in written if unit[0] == kind}:
            assert (unit, now[unit]) in written
    cells = [step for step in history[steps:] if step.what == "correct"]
    assert len(cells) == sum(unit[0] == "cell" for unit, _ in written), "each cell that was corrected has its own step"
