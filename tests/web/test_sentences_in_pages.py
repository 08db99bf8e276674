"""Common errors are shown in the user's language, others in English."""

from __future__ import annotations

import ast
import re
from html import unescape
from pathlib import Path

import pytest
from case_tables import cases_from
from folders import ROOT
from small_validation import TABLE, workspace
from workbenches import visitor, workbench

from sdmxmig import catalogue
from sdmxmig.primitives.text import BLANK, find_values
from sdmxmig.web.guidance import (
    find_remedy_in_browser,
    list_messages,
    mark_sentence,
    rephrase_for_browser,
    translate_sentence,
)
from sdmxmig.web.workbench import Workbench

OTHERS = ("fr", "es", "ar", "ru", "zh")


FETCHING = (
    "transmission/retrieval",
    "workspace/tasks/getting.py",
    "workspace/tasks/published_comparisons.py",
    "cli/get.py",
)
REFUSALS = {"SdmxmigError", "ServiceUnavailable"}


def written(node: ast.expr | None) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def refused_texts(path: Path) -> set[str]:
    """The messages of the errors that a module raises."""
    functions = [each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.FunctionDef)]
    texts = set()
    for function in functions:
        nodes = [*ast.walk(function)]
        for node in nodes:
            if isinstance(node, ast.Assign) and [each.id for each in node.targets if isinstance(each, ast.Name)] == [
                "message"
            ]:
                texts.add(written(node.value))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
                texts.add(written(node.args[0] if node.args else None))
    return texts - {""}


def test_remedies_in_the_browser_need_no_editor_or_terminal() -> None:
    written = re.compile(r"mapping file|skip_(rows|columns)|\[\w|\.toml|sdmxmig \w|rule profile|parameters\.|--\w")
    hints = [rule.hint.in_language("en") for rule in catalogue.load().rules.values()]
    shown = [find_remedy_in_browser(hint)[0] or hint for hint in hints]
    assert [hint for hint in shown if written.search(hint)] == []


def test_fetch_errors_are_translated() -> None:
    paths = [path for name in FETCHING for path in sorted((ROOT / "sdmxmig").glob(f"{name}/*.py"))]
    paths += [ROOT / "sdmxmig" / name for name in FETCHING if name.endswith(".py")]
    texts = {text for path in paths for text in refused_texts(path)}
    assert len(texts) > 20
    assert texts - {BLANK.sub("{}", message) for message in list_messages()} == set()


def test_hints_in_the_browser_name_no_mapping_section() -> None:
    paths = [ROOT / "sdmxmig" / "io" / "encodings.py", *(ROOT / "sdmxmig" / "conversion" / "tables").rglob("*.py")]
    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    hints = [text for text in texts if re.fullmatch(r"[A-Z][^\n]*\[[a-z]+\][^\n]*", text)]
    assert [rephrase_for_browser(hint) for hint in hints if rephrase_for_browser(hint) == hint] == []


@cases_from("web/cases/hint_naming_a_command_leads_to_its_screen.csv")
def test_hint_naming_a_command_leads_to_its_screen(hint: str, path: str) -> None:
    shown = str(mark_sentence(hint, "en"))
    assert f'<a href="{path}">' in shown
    assert "sdmxmig" not in shown


@pytest.mark.parametrize("language", ["en", *OTHERS])
@cases_from("web/cases/no_hint_asks_for_a_text_editor_or_a_terminal_in_the_browser_hint.csv")
def test_hints_in_the_browser_name_no_editor_or_terminal(hint: str, language: str) -> None:
    shown = translate_sentence(hint, language)
    assert shown.language == ""
    assert not re.search(r"toml|receiver\.|private =|keyring|sdmxmig", shown.text)


def test_messages_are_recognised_unambiguously() -> None:
    for message in list_messages():
        text = BLANK.sub("x1", message)
        assert next(other for other in list_messages() if find_values(other, text) is not None) == message


def test_inserted_values_are_kept_in_translated_sentences() -> None:
    hint = "Did you mean “Georgia”? Names in any language are known, and codes such as GE."
    assert "Georgia" in translate_sentence(hint, "ru").text
    assert not re.search("mean|Names|codes", translate_sentence(hint, "ru").text)


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return workbench(workspace(tmp_path / "ws", TABLE))


REFUSED = {
    "a file of another kind": ("/data/do/add", {}, {"table": ("new.xlsx", b"%PDF-1.7 and more")}),
    "no file": ("/data/do/add", {}, {}),
    "a table that is there": ("/data/do/add", {}, {"table": ("office.csv", TABLE.encode())}),
    "an empty field": ("/findings/do/justify", {"fingerprint": ""}, {}),
    "no step": ("/home/do/undo", {"step": "99"}, {}),
    "a cell that changed": ("/findings/do/correct", {"cell": "office.csv!D3", "to": "1", "was": "9"}, {}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_common_refusals_are_translated(bench: Workbench, name: str) -> None:
    path, form, files = REFUSED[name]
    client = visitor(bench)
    for language in ("ar", "ru"):
        client.headers["accept-language"] = language
        answer = client.post(path, data=form, files=files or None)
        assert answer.status_code in (409, 422)
        alert = re.search(r'role="alert">(.*?)</p>', answer.text, re.DOTALL)
        assert alert
        assert 'lang="en"' not in alert[1], unescape(alert[1])


def test_reports_are_written_in_the_page_language(bench: Workbench) -> None:
    client = visitor(bench)
    client.headers["accept-language"] = "es"
    assert client.get("/report.json").json()["language"] == "es"
    number = client.post("/home/do/start", data={"command": "run"}, follow_redirects=False).headers["location"]
    assert "--language es" in client.get(number.replace("/job?", "/job.json?")).json()["command"]
