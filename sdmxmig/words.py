"""The words of one language for pages and workbooks, and texts that say in which language they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from sdmxmig import text
from sdmxmig.errors import DeclarationError, did_you_mean
from sdmxmig.model.artefacts import Text
from sdmxmig.places import Place

FILE = "words.csv"


@dataclass(frozen=True, slots=True)
class Said:
    """A text to be shown. `language` is its own where that is not the language of what is around it, else empty."""

    text: str
    language: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def direction(self) -> str:
        """In which direction a text in another language runs."""
        return text.direction(self.language) if self.language else ""


NOTHING = Said("")


@dataclass(frozen=True, slots=True)
class Words:
    """How one language says things: the messages of a table of words, and what declarations say in several."""

    language: str
    table: Mapping[str, str]

    def say(self, message: str, **values: object) -> str:
        """A message with its values; `DeclarationError` if the table of words does not have it."""
        if message not in self.table:
            raise DeclarationError(f"“{message}” has no row.", Place(FILE), did_you_mean(message, self.table))
        said = self.table[message]
        return said.format(**values) if values else said

    def of(self, translations: Text) -> Said:
        """What is declared in several languages, in this one, else in the first that it has."""
        said = translations.in_language(self.language)
        if not said or translations.has(self.language):
            return Said(said)
        return Said(said, "en" if translations.has("en") else next(iter(translations))[0])

    def english(self, words: str) -> Said:
        """A text that is only there in English."""
        return Said(words, "" if self.language == "en" or not words else "en")

    @property
    def direction(self) -> str:
        """In which direction the language is written."""
        return text.direction(self.language)


def read_words(content: str) -> Mapping[str, Mapping[str, str]]:
    """The table of messages: by language, then by the English message, which is its key.

    Raises `DeclarationError` with the line if a message lacks a language.
    """
    reader = csv.DictReader(io.StringIO(content, newline=""), restval="")
    languages = [one for one in reader.fieldnames or () if one]
    found: dict[str, dict[str, str]] = {language: {} for language in languages}
    for row in reader:
        for language in languages:
            if not row[language]:
                raise DeclarationError(f"“{row['en']}” is not translated.", Place(FILE, line=reader.line_num))
            found[language][row["en"]] = row[language]
    return found
