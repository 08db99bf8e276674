"""What is said around findings, on their page and in the marked workbook, in six languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from sdmxmig import text
from sdmxmig.catalogue.folders import shipped
from sdmxmig.model.findings import SEVERITIES, Findings
from sdmxmig.outputs.finding_reports.listing import COLUMNS
from sdmxmig.outputs.findings_html import LEVELS, render
from sdmxmig.outputs.findings_sheet import LABELS
from sdmxmig.outputs.findings_words import finding_words
from sdmxmig.words import read_words

ROOT = Path(__file__).parents[1]
FOLDER = shipped("templates") / "findings"
TABLE = read_words((FOLDER / "words.csv").read_text(encoding="utf-8"))
ASKED = re.compile(r'_\(("[^"]*")')


def test_every_message_has_a_row_and_every_row_a_message() -> None:
    asked = {ast.literal_eval(one) for one in ASKED.findall((FOLDER / "page.html.j2").read_text(encoding="utf-8"))}
    heads = {head for head, _ in COLUMNS.values()} | set(LABELS.values())
    said_by_lists = asked_in(ROOT / "sdmxmig" / "outputs" / "finding_reports" / "listing.py")
    levels = set(LEVELS.values())
    assert set(TABLE["en"]) == asked | heads | levels | said_by_lists | set(SEVERITIES) | {text.NOTICE, text.MADE_UP}


def asked_in(path: Path) -> set[str]:
    """The messages that a module asks for by `say`."""
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    says = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "say")
    return {call.args[0].value for call in says if isinstance(call.args[0], ast.Constant)}


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh"])
def test_translations_keep_their_values(language: str) -> None:
    for message, words in TABLE[language].items():
        assert re.findall(r"\{\w+\}", message) == re.findall(r"\{\w+\}", words)


def test_the_page_of_findings_is_in_the_language_of_the_office() -> None:
    page = render(Findings((), ()), title="x", created="2024-01-01T00:00:00Z", language="ar", notice=text.NOTICE)
    assert 'dir="rtl"' in page.decode()
    assert "لم تُنفذ أي قاعدة." in page.decode()


def test_a_language_without_a_translation_reads_english() -> None:
    assert finding_words("de").say("Severity") == "Severity"
    assert finding_words("fr-CA").say("Severity") == "Gravité"
