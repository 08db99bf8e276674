"""The questionnaire in the workbench: the same answers as with commands, evidence beside them, and no lost answers."""

from __future__ import annotations

import shutil
from html import unescape
from itertools import product
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest
from case_tables import text_from
from openpyxl import load_workbook
from small_validation import TABLE, workspace
from starlette.testclient import TestClient
from workbenches import NOW, visitor, workbench

from sdmxmig.cli import run
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.tasks.history import read_history

QUOTED = "G1, article 5: “of arrivals”"
WRITTEN = text_from("web/cases/profile_written.toml")


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    folder = workspace(tmp_path / "ws", TABLE.replace("398c", "410").replace("427", "410"))
    (folder / "profile.toml").write_text(WRITTEN, encoding="utf-8")
    return workbench(folder)


def form(client: TestClient, module: str, **texts: str) -> dict[str, str]:
    """The form of a module as the browser has it now, with some of its fields filled in."""
    facts = client.get("/profile.json", params={"module": module}).json()
    fields = {f"made-from:{name}": sha for name, sha in facts["made_from"].items()} | {"module": module}
    for question in facts["sheet"]["questions"] if facts["sheet"] else ():
        key = question["key"]
        parts = {"answer": "answer", "sources": "sources", "evidence": "evidence_class"}
        fields |= {f"text:{key}.{part}": question[name] for part, name in parts.items()}
        for part, name in {"practice": "practice", "question": "open_question"}.items():
            fields |= {f"text:{key}.{part}.{each['language']}": each["text"] for each in question[name]}
    return fields | {f"text:{key.replace('__', '.')}": text for key, text in texts.items()}


def profile_of(bench: Workbench) -> str:
    return (bench.folder / "profile.toml").read_text(encoding="utf-8")


def question_in(client: TestClient, module: str, item: str) -> dict[str, Any]:
    facts = client.get("/profile.json", params={"module": module}).json()
    return next(question for question in facts["sheet"]["questions"] if question["id"] == item)


def test_modules_show_progress_with_core_questions_first(bench: Workbench) -> None:
    client = visitor(bench)
    facts = client.get("/profile.json").json()
    by_id = {module["id"]: module for module in facts["modules"]}
    assert list(by_id)[:3] == ["A", "B", "C"]
    assert (by_id["A"]["done"], by_id["B"]["done"], by_id["B"]["states"]["unanswered"]) == (1, 0, by_id["B"]["asked"])
    questions = client.get("/profile.json?module=B").json()["sheet"]["questions"]
    core = [question["is_core"] for question in questions]
    assert core == sorted(core, reverse=True)
    assert any(core)


def test_page_and_json_show_equal_questions_and_escape_text(bench: Workbench) -> None:
    client = visitor(bench)
    page, facts = client.get("/profile?module=A").text, client.get("/profile.json?module=A").json()
    for question in facts["sheet"]["questions"]:
        assert question["question"] in unescape(page)
        for part in ("evidence", "practice.en", "question.en"):
            assert f'name="text:{question["key"]}.{part}"' in page
    assert "A &lt;b&gt;law&lt;/b&gt;." in page


@pytest.mark.parametrize(
    ("code", "state", "sign"),
    [("", "unanswered", "○"), ("N", "answered", "✓"), ("DK", "unknown", "?"), ("NA", "not applicable", "—")],
)
def test_unanswered_question_differs_from_zero(bench: Workbench, code: str, state: str, sign: str) -> None:
    client = visitor(bench)
    client.post("/profile/do/save", data=form(client, "A", items__A02__answer=code, items__A02__evidence="CONFIRMED"))
    assert question_in(client, "A", "A02")["state"] == state
    assert sign in client.get("/profile?module=A").text
    module = client.get("/profile.json").json()["modules"][0]
    assert module["states"]["answered"] == (2 if code == "N" else 1)


def test_page_command_and_workbook_save_equal_answers(bench: Workbench, tmp_path: Path) -> None:
    commanded, filled = tmp_path / "commanded", tmp_path / "filled"
    for folder in (commanded, filled):
        shutil.copytree(bench.folder, folder)
    client = visitor(bench)
    parts = {"answer": "N", "evidence": "PUBLIC", "practice__en": "No law.\r\nNone.", "sources": "G1", "quoted": QUOTED}
    texts = {f"items__A02__{part}": text for part, text in parts.items()}
    answer = client.post("/profile/do/save", data=form(client, "A", **texts))
    assert (answer.status_code, answer.headers["location"]) == (303, "/profile?module=A&done=The+answers+are+saved.")
    step = read_history(bench.folder)[-1]
    assert (step.what, step.files) == ("answer", ("profile.toml",))
    words = ["answer=N", "evidence=PUBLIC", "practice.en=No law.\nNone.", "sources=G1", f"quoted={QUOTED}"]
    assert run(["profile", "answer", str(commanded), *(f"items.A02.{word}" for word in words), "--now", NOW]) == 0
    workbook = tmp_path / "form.xlsx"
    assert run(["profile", "form", "--from", str(filled), "-o", str(workbook)]) == 0
    fill_in(workbook, "A02", {"I": "N", "J": "PUBLIC", "K": "No law.\nNone.", "M": "G1", "N": QUOTED})
    assert run(["profile", "read", str(workbook), "-o", str(filled), "--update"]) == 0
    contents = {(folder / "profile.toml").read_bytes() for folder in (bench.folder, commanded, filled)}
    assert len(contents) == 1
    assert profile_of(bench).startswith("# Ours; do not send before May.\n")
    assert 'answer = "P"   # as in 2020\n' in profile_of(bench)


def fill_in(file: Path, item: str, texts: dict[str, str]) -> None:
    workbook = load_workbook(file)
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows(min_col=1, max_col=1):
            if row[0].value == f"item;{item}":
                for column, text in texts.items():
                    sheet[f"{column}{row[0].row}"].value = text
    workbook.save(file)


def test_missing_profile_is_created(bench: Workbench) -> None:
    (bench.folder / "profile.toml").unlink()
    client = visitor(bench)
    assert client.post("/profile/do/save", data=form(client, "A", items__A01__answer="Y")).status_code == 303
    assert 'area = "GE"\nyear = "2023"' in profile_of(bench)
    assert '[items.A01]\nanswer = "Y"\n' in profile_of(bench)


def test_answers_of_two_browsers_to_two_modules_are_kept(bench: Workbench) -> None:
    first, second = visitor(bench), visitor(workbench(bench.folder))
    forms = (
        form(first, "A", items__A02__answer="N", items__A02__evidence="CONFIRMED"),
        form(second, "B", items__B01__answer="2", items__B01__evidence="CONFIRMED"),
    )
    assert first.post("/profile/do/save", data=forms[0]).status_code == 303
    answer = second.post("/profile/do/save", data=forms[1])
    assert "Answers+that+others+saved+in+the+meantime+are+kept" in answer.headers["location"]
    assert '[items.A02]\nanswer = "N"\n' in profile_of(bench)
    assert '[items.B01]\nanswer = "2"\n' in profile_of(bench)


def test_conflicting_answers_are_shown_for_a_choice(bench: Workbench) -> None:
    first, second = visitor(bench), visitor(workbench(bench.folder))
    forms = [form(each, "A", items__A01__answer=code) for each, code in ((first, "Y"), (second, "N"))]
    forms[1] |= {"text:items.A03.answer": "Y", "text:items.A01.practice.en": "Mine."}
    assert first.post("/profile/do/save", data=forms[0]).status_code == 303
    before = profile_of(bench)
    met = second.post("/profile/do/save", data=forms[1])
    assert met.status_code == 409
    assert profile_of(bench) == before
    page = unescape(met.text)
    for shown in ("Your text", "Current content", "A <b>law</b>.", "Mine.", "N – No", "Y – Yes"):
        assert shown in page
    chosen = form(second, "A", items__A01__answer="N", items__A03__answer="Y", items__A01__practice__en="Mine.")
    assert second.post("/profile/do/save", data=chosen | {"choice:items.A01": "theirs"}).status_code == 303
    assert 'answer = "Y"   # as in 2020\nevidence = "CONFIRMED"\npractice.en = "A <b>law</b>."' in profile_of(bench)
    assert '[items.A03]\nanswer = "Y"\n' in profile_of(bench)
    assert second.post("/profile/do/save", data=chosen | form(second, "A", items__A01__answer="N")).status_code == 303
    assert 'answer = "N"   # as in 2020\n' in profile_of(bench)


def test_form_based_on_an_unknown_version_is_a_conflict(bench: Workbench) -> None:
    client = visitor(bench)
    fields = form(client, "A", items__A01__answer="Y") | {"made-from:profile.toml": "0" * 64}
    answer = client.post("/profile/do/save", data=fields)
    assert (answer.status_code, "was changed in the meantime" in answer.text) == (409, True)


def test_form_based_on_a_damaged_kept_version_is_a_conflict(bench: Workbench) -> None:
    client = visitor(bench)
    fields = form(client, "A", items__A01__answer="Y")
    kept = bench.folder / ".history" / fields["made-from:profile.toml"]
    kept.write_text(WRITTEN.replace('"P"', '"Y"'), encoding="utf-8")
    assert client.post("/profile/do/save", data=fields).status_code == 409
    assert profile_of(bench) == WRITTEN


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("text:items.A02.sources", "G9", "The list of sources has no “G9”"),
        ("text:items.A02.answer", "Q", "is not an answer on the scale"),
        ("text:items.A02.answer", "N", "“N” (A02) states a gap or a deviation, but no evidence supports it."),
        ("text:items.A02.practice.en", "x" * 30_000, "at most 20,000 characters"),
        ("text:items.Z99.answer", "Y", "There is no item “Z99”"),
        ("text:nothing.A01", "Y", "is not a key of a profile"),
        ("text:items.A02.practice.<script>", "x", "“<script>”"),
    ],
)
def test_invalid_answer_is_refused_with_typed_text_kept(bench: Workbench, field: str, text: str, told: str) -> None:
    client = visitor(bench)
    fields = form(client, "A", items__A03__practice__en="Typed at length.") | {field: text}
    answer = client.post("/profile/do/save", data=fields)
    assert answer.status_code == 422
    assert "<script>" not in answer.text.replace("<script src", "")
    assert profile_of(bench) == WRITTEN
    assert told.partition("<")[0] in unescape(answer.text)
    assert ('href="/profile?module=sign-off" target' in answer.text) == field.endswith(".sources")
    if "is not a key" not in answer.text:  # which no form of ours says
        assert "Typed at length." in answer.text


def test_answers_of_two_windows_starting_a_profile_are_kept(bench: Workbench) -> None:
    (bench.folder / "profile.toml").unlink()
    client = visitor(bench)
    answers = form(client, "A", items__A01__answer="Y", items__A01__sources="Law 2023")
    sources = form(client, "sign-off") | {"new-key:1": "Law 2023", "new-text:1": "Law of 2023"}
    assert client.post("/profile/do/save", data=sources).status_code == 303
    assert client.post("/profile/do/save", data=answers).status_code == 303
    assert 'answer = "Y"' in profile_of(bench)
    other = form(visitor(workbench(bench.folder)), "A", items__A01__answer="N", items__A01__evidence="CONFIRMED") | {
        "made-from:profile.toml": ""
    }
    assert client.post("/profile/do/save", data=other).status_code == 409, "what both answer is asked about"


def test_surplus_form_fields_are_refused_quickly(bench: Workbench) -> None:
    client = visitor(bench)
    more = {
        f"text:items.A01.practice.{first}{second}{third}": "x"
        for first, second, third in product(ascii_lowercase[:13], repeat=3)
    }
    answer = client.post("/profile/do/save", data=form(client, "A") | more)
    assert (answer.status_code, "at once" in answer.text) == (422, True)
    assert profile_of(bench) == WRITTEN


def test_refused_form_does_not_hide_answers_saved_meanwhile(bench: Workbench) -> None:
    first, second = visitor(bench), visitor(workbench(bench.folder))
    forms = [form(each, "A", items__A01__answer=code) for each, code in ((first, "Y"), (second, "N"))]
    assert first.post("/profile/do/save", data=forms[0]).status_code == 303
    met = second.post("/profile/do/save", data=forms[1] | {"text:items.A99.answer": "Y"})
    assert met.status_code == 409
    assert "Current content" in met.text
    assert "There is no item “A99”" in unescape(met.text)


def test_contradictions_are_shown_before_and_after_saving(bench: Workbench) -> None:
    client = visitor(bench)
    codes = {"C01": "0", "C03": "2"}
    answers = {f"items__{item}__answer": code for item, code in codes.items()}
    fields = form(client, "C", **answers, **{f"items__{item}__evidence": "CONFIRMED" for item in codes})
    looked = client.post("/profile/do/look", data=fields)
    assert looked.status_code == 200
    assert "Contradictions: 1" in looked.text
    assert profile_of(bench) == WRITTEN
    client.post("/profile/do/save", data=fields)
    facts = client.get("/profile.json").json()
    (line,) = facts["contradictions"]
    assert (line["query"], line["is_of_data"]) == ({"module": "C"}, False)
    assert question_in(client, "C", line["item"])["against"][0]["sentence"] == line["sentence"]


def test_evidence_from_data_contradicts_the_answer(bench: Workbench) -> None:
    mapping = bench.folder / "mappings" / "pop.toml"
    mapping.write_text(mapping.read_text().replace('BIRTH_STATUS = "_T"', 'BIRTH_STATUS = "FB"'))
    run(["convert", str(bench.folder), "--now", NOW, "--quiet"])
    client = visitor(bench)
    assert client.get("/profile.json").json()["has_data"]
    evidence = {
        question["id"]: question["evidence"]
        for question in client.get("/profile.json?module=C").json()["sheet"]["questions"]
        if question["evidence"]
    }
    assert evidence, "there is a population by place of birth"
    item, pieces = next(iter(evidence.items()))
    place = pieces[0]["places"][0]
    assert place["text"].startswith("office.csv")
    assert client.get("/data", params=place["query"]).status_code == 200
    client.post(
        "/profile/do/save",
        data=form(client, "C", **{f"items__{item}__answer": "0", f"items__{item}__evidence": "CONFIRMED"}),
    )
    assert any(line["is_of_data"] for line in client.get("/profile.json").json()["contradictions"])


def test_indicators_are_answered_separately(bench: Workbench) -> None:
    client = visitor(bench)
    facts = client.get("/profile.json?module=L").json()["sheet"]
    assert len(facts["subjects"]) > 20
    assert {question["key"].split(".")[1] for question in facts["questions"]} == {facts["subject"]}
    product = client.get("/profile.json?module=P&subject=NEW_REGISTER").json()["sheet"]
    key = product["questions"][0]["key"]
    assert key.startswith("products.NEW_REGISTER.")
    fields = form(client, "P") | {"subject": "NEW_REGISTER", f"text:{key}.practice.en": "A register."}
    answer = client.post("/profile/do/save", data=fields)
    assert answer.headers["location"].startswith("/profile?module=P&subject=NEW_REGISTER")
    assert f'[{key}]\npractice.en = "A register."\n' in profile_of(bench)


def test_sources_and_sign_off_have_a_page(bench: Workbench) -> None:
    client = visitor(bench)
    fields = form(client, "sign-off") | {"new-key:1": "G2", "new-text:1": "Census", "text:signed_off": "Head, 1 May"}
    assert client.post("/profile/do/save", data=fields).status_code == 303
    assert 'G1 = "Law of 2023"   # official\nG2 = "Census"\n' in profile_of(bench)
    assert client.get("/profile.json").json()["signed_off"] == "Head, 1 May"


@pytest.mark.parametrize("path", ["/profile?module=ZZ", "/profile?module=L&subject=NONE"])
def test_unknown_module_or_question_is_refused(bench: Workbench, path: str) -> None:
    assert visitor(bench).get(path).status_code == 422


@pytest.mark.parametrize(
    ("module", "label"),
    [("P", "Short name of the new product"), ("R", "Short name of the new action"), ("W", "New abbreviation")],
)
def test_field_for_a_new_subject_is_labelled_by_its_kind(bench: Workbench, module: str, label: str) -> None:
    assert label in visitor(bench).get(f"/profile?module={module}").text
