"""Words around findings on their page and in the marked workbook, in six languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from case_tables import cases_from
from folders import ROOT

from sdmxmig.catalogue.folders import find_shipped_folder, read_words_in
from sdmxmig.primitives import text
from sdmxmig.reporting.outputs.finding_reports.listing import COLUMNS
from sdmxmig.reporting.outputs.finding_reports.pages import LEVELS, NOUNS
from sdmxmig.reporting.outputs.findings_text import EXPECTATION_TEXTS, translate_expected
from sdmxmig.reporting.outputs.marked_workbook import (
    ABOUT_TEXT,
    LOSS_TEXTS,
    NEXT_STEP,
    RELATED_TEXT,
    SHEET_TITLE,
    SUMMARIES,
)
from sdmxmig.sdmx.model.findings import SEVERITIES
from sdmxmig.sdmx.words import choose_form, read_words

FOLDER = find_shipped_folder("templates") / "findings"
TABLE = read_words((FOLDER / "words.csv").read_text(encoding="utf-8"))
COUNTED = re.compile(r'noun\("([^"]*)", "([^"]*)"')
ASKED = re.compile(r'_\(("[^"]*")')


def test_every_message_has_a_row_and_every_row_a_message() -> None:
    asked = {ast.literal_eval(one) for one in ASKED.findall((FOLDER / "page.html.j2").read_text(encoding="utf-8"))}
    heads = {head for head, _ in COLUMNS.values()}
    heads |= {SHEET_TITLE, ABOUT_TEXT, NEXT_STEP, RELATED_TEXT, *SUMMARIES.values(), *LOSS_TEXTS.values()}
    outputs = ROOT / "sdmxmig" / "reporting" / "outputs"
    writers = ("finding_reports/listing.py", "marked_workbook.py", "findings_text.py")
    said_by_lists = {words for writer in writers for words in asked_in(outputs / writer)}
    levels = set(LEVELS.values())
    counted = set(COUNTED.findall((FOLDER / "page.html.j2").read_text(encoding="utf-8")))
    of_numbers = {key.partition("\0")[0] for key in TABLE["en"] if "\0" in key}
    assert of_numbers == {many for _, many in {*counted, *NOUNS.values()}}
    plain = (
        asked
        | heads
        | levels
        | said_by_lists
        | expected_phrases()
        | {*SEVERITIES, text.ILLUSTRATION_NOTICE, text.DRAFT_NOTICE, text.MADE_UP_NOTICE}
    )
    plain |= set(EXPECTATION_TEXTS)
    assert {key for key in TABLE["en"] if "\0" not in key} == plain


def expected_phrases() -> set[str]:
    calls = (
        node
        for path in (ROOT / "sdmxmig" / "quality" / "rules").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    )
    values = (word.value for call in calls for word in call.keywords if word.arg == "expected")
    phrases = {value.value for value in values if isinstance(value, ast.Constant)}
    return {phrase for phrase in phrases if re.search("[a-z]{2}", phrase)}


def filled_phrases() -> set[tuple[str, ...]]:
    phrases = (
        node
        for path in (ROOT / "sdmxmig" / "quality" / "rules").glob("*.py")
        for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if is_about_expected(statement)
        for node in ast.walk(statement.value)
        if isinstance(node, ast.JoinedStr)
    )
    words = {tuple(part.value for part in phrase.values if isinstance(part, ast.Constant)) for phrase in phrases}
    return {parts for parts in words if re.search("[a-z]{2}", "".join(map(str, parts)))}


def is_about_expected(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg == "expected"
    names = (name for target in getattr(node, "targets", ()) for name in ast.walk(target))
    return isinstance(node, ast.Assign) and any(getattr(name, "id", "") == "expected" for name in names)


def test_every_phrase_of_expected_values_has_a_row() -> None:
    between = {tuple(filter(None, re.split(r"\{\w+\}", phrase))) for phrase in EXPECTATION_TEXTS}
    assert filled_phrases() <= between | {(prefix,) for prefix in ("DECIMALS = ",)}
    assert len(filled_phrases()) >= 20, "the phrases are seen"


@pytest.mark.parametrize(
    ("expected", "language", "words"),
    [
        ("about 206", "ru", "около 206"),
        ("about 1.98 times the previous figure", "fr", "environ 1,98 fois le chiffre précédent"),
        ("154.4 to 6174", "ru", "от 154,4 до 6\u00a0174"),
        ("an observation for 2021", "ru", "наблюдение за 2021"),
        ("figures of 2014, 2015", "zh", "2014, 2015 的数字"),
        ("a code of SDMX:CL_SEX(2.1)", "ar", "رمز من SDMX:CL_SEX(2.1)"),
        ("about 206", "en", "about 206"),
        ("about five people of the village", "ru", "about five people of the village"),
    ],
)
def test_expected_value_is_translated_around_its_figures(expected: str, language: str, words: str) -> None:
    assert translate_expected(expected, language) == words


def asked_in(path: Path) -> set[str]:
    """The messages that a module asks for by `say`."""
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    says = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "say")
    return {call.args[0].value for call in says if isinstance(call.args[0], ast.Constant)}


@cases_from("quality/cases/counted_noun_has_the_form_of_its_number.csv", number=int)
def test_counted_noun_has_the_plural_form_of_its_number(language: str, number: int, word: str) -> None:
    assert read_words_in("findings", language).noun("error", "errors", number) == word


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh"])
def test_every_plural_form_is_translated(language: str) -> None:
    forms = {text.find_plural_form(number, language) for number in range(1000)}
    messages = {key.partition("\0")[0] for key in TABLE["en"] if "\0" in key}
    assert not [(many, form) for many in messages for form in forms if choose_form(many, form) not in TABLE[language]]
