"""The tables of words below `templates/`: complete, in the letters of each language, and with the same values."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from folders import ROOT

from sdmxmig.sdmx.words import read_words

LETTERS = {"ar": r"[\u0600-\u06ff]", "ru": r"[\u0400-\u04ff]", "zh": r"[\u4e00-\u9fff]"}
"""The letters of the languages that are not written with those of English."""
ONE_WORD = ("zero", "one", "two")
"""Forms in which a language may say the number by the noun alone."""
TABLES = sorted((ROOT / "templates").rglob("words.csv"))
each_table = pytest.mark.parametrize("path", TABLES, ids=[path.parent.name for path in TABLES])


def values(words: str) -> list[str]:
    return sorted(set(re.findall(r"\{\w+\}", words)))


@each_table
def test_translations_use_the_placeholders_of_their_messages(path: Path) -> None:
    for language, table in read_words(path.read_text(encoding="utf-8")).items():
        for key, words in table.items():
            message, _, form = key.partition("\0")
            if form in ONE_WORD:
                assert set(values(words)) <= set(values(message)), (language, key)
            else:
                assert values(words) == values(message), (language, key)


@each_table
@pytest.mark.parametrize("language", LETTERS)
def test_translations_use_the_script_of_their_language(path: Path, language: str) -> None:
    for key, words in read_words(path.read_text(encoding="utf-8"))[language].items():
        is_latin = re.search("[a-z]{2}", re.sub(r"\{\w+\}", "", words))
        assert not is_latin or re.search(LETTERS[language], words), key
