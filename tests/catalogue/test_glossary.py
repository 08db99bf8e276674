"""One word for one thing: the terms of the glossary are used in each language, and the words beside them are not."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from folders import ROOT

from sdmxmig.primitives.text import ARABIC_MONTHS, spell_date

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
TITLES_OF_OTHERS = ("CL_SDG_MIG", "CL_GCM_OBJECTIVE", "CL_MIG_POLICY", "DF_SDG", "DF_ILO")
"""Lists and dataflows whose names are titles that others gave in these languages."""


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a table, after its remark if it has one."""
    content = path.read_text(encoding="utf-8-sig")
    remark = content.startswith("#")
    return list(csv.DictReader(io.StringIO(content.partition("\n")[2] if remark else content, newline=""), restval=""))


OTHER_SPELLINGS = "يونيو يوليو إبريل ابريل اغسطس اكتوبر جانفي فيفري أفريل جوان جويلية أوت غشت شتنبر نونبر دجنبر"
MONTHS = [*OTHER_SPELLINGS.split(), *(name for pair in ARABIC_MONTHS for name in pair.split("/"))]
NAME_OF_A_MONTH = re.compile(rf"\b[وفبلك]?({'|'.join(MONTHS)})\b")
"""Any one name of a month in Arabic, also behind a letter that is written together with it."""
GLOSSARY = table(ROOT / "templates" / "glossary.csv")


def our_files(folder: str, suffix: str) -> Iterator[Path]:
    """The files of a folder whose words are ours."""
    for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
        if not path.name.startswith(TITLES_OF_OTHERS):
            yield path


def strings(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """The texts of a file in TOML, each with the name of its field."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from strings(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, name)
    elif isinstance(value, str):
        yield name, value


@cache
def texts(language: str) -> tuple[tuple[str, str], ...]:
    """Texts of words, declarations and lists in a language, each with its file."""
    found = []
    for path in our_files("templates", "words.csv"):
        found += [(path.name, row[language]) for row in table(path)]
    for path in our_files("structures", ".toml"):
        found += [(path.name, text) for name, text in strings(tomllib.loads(path.read_text())) if name == language]
    for path in our_files("codelists/SDMXMIG", ".csv"):
        rows = table(path)
        columns = [column for column in (rows[0] if rows else ()) if column.lower().endswith(f"_{language}")]
        found += [(path.name, row[column]) for row in rows for column in columns]
    return tuple((name, text) for name, text in found if text)


def test_every_concept_has_a_term_in_each_language() -> None:
    concepts = dict.fromkeys(row["concept"] for row in GLOSSARY)
    assert [(row["concept"], row["language"]) for row in GLOSSARY] == [
        (concept, language) for concept in concepts for language in LANGUAGES
    ]


def test_verified_terms_name_a_source_and_others_are_our_own() -> None:
    wrong = [row for row in GLOSSARY if (row["status"] == "verified") == (row["source"] == "sdmxmig")]
    assert not wrong
    assert {row["status"] for row in GLOSSARY} == {"verified", "candidate"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_used_that_the_glossary_excludes(language: str) -> None:
    excluded = [word for row in GLOSSARY if row["language"] == language for word in row["not_to_be_used"].split("|")]
    found = [
        (word, name, text) for word in excluded if word for name, text in texts(language) if word in text.casefold()
    ]
    assert not found


def arabic() -> Iterator[tuple[str, str]]:
    """Arabic texts, including those of the examples."""
    yield from texts("ar")
    for path in our_files("examples", ".csv"):
        if path.parts[-3] == "templates":
            yield from ((str(path.relative_to(ROOT)), row["ar"]) for row in table(path))
    for path in our_files("examples", ".toml"):
        said = strings(tomllib.loads(path.read_text(encoding="utf-8")))
        yield from ((str(path.relative_to(ROOT)), text) for name, text in said if name == "ar")


def alone(text: str) -> list[str]:
    """The names of months that stand without their other name."""
    for pair in ARABIC_MONTHS:
        text = text.replace(pair, "")
    return [match[0] for match in NAME_OF_A_MONTH.finditer(text)]


@pytest.mark.sampled(3)
def test_a_month_has_both_its_names_in_arabic() -> None:
    written = [(name, text) for name, text in arabic() if any(pair in text for pair in ARABIC_MONTHS)]
    assert len({name for name, _ in written}) > 9  # of the framework and of all countries with dates
    assert [(name, months) for name, text in arabic() if (months := alone(text))] == []
    assert all(not alone(spell_date(dt.date(2024, month, 1), "ar")) for month in range(1, 13))
