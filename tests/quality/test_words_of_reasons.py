"""Why something could not be tested reads in six languages: every reason that a rule can give has its row."""

from __future__ import annotations

import ast
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from case_tables import cases_from
from folders import ROOT

from sdmxmig.catalogue.folders import read_word_table
from sdmxmig.quality.rules.words import (
    AND,
    COMMA,
    FLOWS_REASON,
    OR,
    SEMICOLON_JOIN,
    build_reason,
    join_all,
    join_any,
    list_names,
    write_reason,
)
from sdmxmig.quality.rules.words import translate_reason as in_words
from sdmxmig.quality.validation import build_verdict
from sdmxmig.reporting.outputs import findings_json, findings_lines
from sdmxmig.sdmx.model.findings import Findings, Verdict

BETWEEN = {AND, OR, COMMA, SEMICOLON_JOIN, FLOWS_REASON}
"""What stands between names, which no rule says by itself."""


MAKERS = ("build_reason", "build_untestable_error", "report_not_tested")
"""The functions that take a message with its values."""


def modules_with(*names: str) -> Iterator[tuple[Path, ast.Module]]:
    """The modules in which one of these names occurs; the others need not be parsed."""
    for path in sorted((ROOT / "sdmxmig").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if any(name in source for name in names):
            yield path, ast.parse(source)


def calls(module: ast.Module, name: str) -> list[ast.Call]:
    """The calls of a function or record of this name."""
    nodes = (node for node in ast.walk(module) if isinstance(node, ast.Call))
    return [call for call in nodes if isinstance(call.func, ast.Name) and call.func.id == name]


def reasons_in(module: ast.Module) -> list[ast.Call]:
    """The calls that word a reason, without those that pass on a message."""
    return [call for name in MAKERS for call in calls(module, name) if ast.unparse(call.args[0]) != "message"]


def message_of(call: ast.Call, module: str) -> str:
    """The message that a call names, by itself or by a constant of its module; nothing else can be looked up."""
    message = call.args[0]
    if isinstance(message, ast.Name):
        return str(getattr(importlib.import_module(module), message.id))
    assert isinstance(message, ast.Constant), f"{module}:{call.lineno} makes its message: name it, with {{names}} in it"
    return str(message.value)


@pytest.fixture(scope="module")
def reasons() -> list[tuple[str, ast.Call, str]]:
    found = [(python_name(path), call) for path, tree in modules_with(*MAKERS) for call in reasons_in(tree)]
    return [(name, call, message_of(call, name)) for name, call in found]


def python_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_every_reason_has_a_row_and_every_row_a_reason(reasons: list[tuple[str, ast.Call, str]]) -> None:
    assert {message for _, _, message in reasons} | BETWEEN == set(read_word_table("reasons")["en"])
    assert len(reasons) > 150, "the reasons are seen"


def test_reason_has_a_value_for_every_placeholder(reasons: list[tuple[str, ast.Call, str]]) -> None:
    for module, call, message in reasons:
        listed = {word.arg for word in call.keywords}
        if None not in listed:  # else they come in a table
            assert listed == set(re.findall(r"\{(\w+)\}", message)), f"{module}:{call.lineno}"


@cases_from("quality/cases/names_are_listed_as_the_language_lists_them.csv")
def test_names_are_joined_in_the_style_of_the_language(language: str, both: str, either: str, listed: str) -> None:
    names = ["SEX", "AGE"]
    assert [words(names)(language) for words in (join_all, join_any, list_names)] == [both, either, listed]


def test_nested_reason_is_translated() -> None:
    inner = build_reason("{codes} are not reported", codes=join_all(["F", "M"]))
    reason = build_reason(
        "{count} totals by {dimensions}: {reason}",
        count=2,
        dimensions="SEX",
        reason=lambda language: in_words(inner, language),
    )
    assert in_words(reason, "en") == "2 totals by SEX: F and M are not reported"
    assert in_words(reason, "fr-CA") == "2 totaux par SEX : F et M ne sont pas déclarés"
    assert in_words(reason, "zh") == "2 个按 SEX 分的总计：没有报告 F 和 M"


def test_reason_is_stored_with_message_and_values() -> None:
    reason = build_reason(
        "{flow} is not broken down by {dimensions}", flow="DF_POP", dimensions=join_all(["SEX", "AGE"])
    )
    findings = Findings((), (build_verdict("R", "DF_POP", "not testable", [reason, reason]),))
    (record,) = json.loads(findings_json.render(findings))["verdicts"]
    assert record["reason"] == "DF_POP is not broken down by SEX and AGE"
    (kept,) = record["reasons"]
    assert kept["message"] == "{flow} is not broken down by {dimensions}"
    assert kept["parameters"]["dimensions"] == "SEX and AGE"
    assert kept["parameters"]["dimensions@fr"] == "SEX et AGE"
    assert findings_lines.read(findings_lines.render(findings)) == findings


def test_old_store_has_only_the_english_sentence() -> None:
    verdict = Verdict("R", "F", outcome="not testable", reason="no age")
    store = findings_lines.render(Findings((), (verdict,)))
    assert b"reasons" not in store
    assert write_reason(findings_lines.read(store).verdicts[0], "ar") == "no age"
