"""Rules have texts in six languages; those that code reports by id are declared, or refused."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from case_tables import cases_from
from folders import ROOT, write_files
from shipped import CATALOGUE

from sdmxmig.catalogue import load
from sdmxmig.primitives.errors import DeclarationError

ID = re.compile(r"MIG-\d-\d{3}")
LANGUAGES = {"en", "fr", "es", "ar", "ru", "zh"}
PLACEHOLDER = re.compile(r"\{(?!kind\b)\w+\}")
"""The place of a value in a sentence; `kind` is an English word, which other languages say in words of their own."""


def own_rules(workspace: Path, file: str, old: str, new: str) -> Path:
    """A workspace with a file of rules of its own, which hides the shipped one of its name and differs in one text."""
    text = (ROOT / "structures" / "rules" / file).read_text(encoding="utf-8")
    assert old in text
    return write_files(workspace, {f"structures/rules/{file}": text.replace(old, new, 1)})


@cases_from("catalogue/cases/declarations_without_a_rule_that_code_reports_by_are_refused.csv")
def test_declarations_missing_a_rule_used_in_code_are_refused(tmp_path: Path, file: str, rule_id: str) -> None:
    workspace = own_rules(tmp_path, file, f'id = "{rule_id}"', 'id = "OWN-1-001"')
    with pytest.raises(DeclarationError) as caught:
        load(workspace)
    assert caught.value.message.endswith(f"are not declared: {rule_id}.")
    assert str(caught.value.place) == "structures/rules"
    assert "replaces the whole shipped file" in caught.value.hint


def test_all_missing_rules_are_named_together(tmp_path: Path) -> None:
    write_files(tmp_path, {"structures/rules/questionnaires.toml": ""})
    with pytest.raises(DeclarationError) as caught:
        load(tmp_path)
    assert ID.findall(caught.value.message) == [f"MIG-0-{number}" for number in range(201, 212)]


def test_workspace_may_set_the_severity_of_a_reading_rule(tmp_path: Path) -> None:
    shipped = 'id = "MIG-0-101"\nversion = "1"\nkind = "CONVERSION"\nlevel = 0\nseverity = "warning"'
    workspace = own_rules(tmp_path, "level-0.toml", shipped, shipped.replace("warning", "information"))
    severities = {catalogue.rules["MIG-0-101"].severity for catalogue in (CATALOGUE, load(workspace))}
    assert severities == {"warning", "information"}


@pytest.mark.parametrize("path", sorted((ROOT / "structures" / "rules").glob("*.toml")), ids=lambda path: path.stem)
def test_rule_texts_have_equal_placeholders_in_six_languages(path: Path) -> None:
    rules = tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
    texts = {(rule["id"], field): text for rule in rules for field, text in rule.items() if isinstance(text, dict)}
    spoken = {place: text for place, text in texts.items() if "en" in text}
    assert {field for _, field in spoken} >= {"name", "message", "hint"}
    assert [place for place, text in spoken.items() if set(text) != LANGUAGES or not all(text.values())] == []
    for place, text in spoken.items():
        values = {language: sorted(PLACEHOLDER.findall(words)) for language, words in text.items()}
        assert all(same == values["en"] for same in values.values()), place
