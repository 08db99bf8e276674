"""Texts of one language for pages and workbooks, and texts with a language."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sdmxmig.primitives import text
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import fill_message, shield_formula, unshield_formula
from sdmxmig.sdmx.model.artefacts import Text

FILE = "words.csv"
REMARK_MARK = "#"
FORM, TEXT = "form", "text"
"""The column of the plural form (Unicode CLDR), or empty."""


@dataclass(frozen=True, slots=True)
class LanguageText:
    """A displayed text; `language` is set if it differs from its context."""

    text: str
    language: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def direction(self) -> str:
        return text.find_direction(self.language) if self.language else ""


NOTHING = LanguageText("")


@dataclass(frozen=True, slots=True)
class Words:
    """Texts in one language: a table of messages, and multilingual declarations."""

    language: str
    table: Mapping[str, str]

    def say(self, message: str, **values: object) -> str:
        if message not in self.table:
            raise DeclarationError(f"“{message}” has no row.", Place(FILE), did_you_mean(message, self.table))
        template = self.table[message]
        return fill_message(template, values) if values else template

    def noun(self, singular: str, many: str, number: int) -> str:
        word = self.table.get(choose_form(many, text.find_plural_form(number, self.language)), many)
        return (singular if number == 1 else many) if word == many else word

    def of(self, translations: Text) -> LanguageText:
        shown = translations.in_language(self.language)
        if not shown or translations.has(self.language):
            return LanguageText(shown)
        return LanguageText(shown, "en" if translations.has("en") else next(iter(translations))[0])

    def english(self, words: str) -> LanguageText:
        return LanguageText(words, "" if self.language == "en" or not words else "en")

    @property
    def direction(self) -> str:
        return text.find_direction(self.language)


def choose_form(message: str, form: str) -> str:
    return f"{message}\0{form}" if form else message


def read_words(content: str, *, partly: bool = False) -> Mapping[str, Mapping[str, str]]:
    """Read a table of messages by language and key.

    Countable messages have a row per plural form (`choose_form`). The key is the English message, or the column “text”
    for a text of the data that is not in English. A first line starting with ``#`` is a comment. Raises
    `DeclarationError` with the line for duplicates and, unless `partly`, missing languages.
    """
    remark = content.startswith(REMARK_MARK)
    reader = csv.DictReader(io.StringIO(content.partition("\n")[2] if remark else content, newline=""), restval="")
    languages = [column for column in reader.fieldnames or () if column and column not in (FORM, TEXT)]
    if "en" not in languages:
        raise DeclarationError("The column “en” is missing; it contains the English messages.", Place(FILE, line=1))
    messages_by_language: dict[str, dict[str, str]] = {language: {} for language in languages}
    for row in _read_rows(reader):
        place = Place(FILE, line=reader.line_num + remark)
        key = choose_form(row.get(TEXT) or row["en"], row.get(FORM, ""))
        if key in messages_by_language["en"]:
            raise DeclarationError(f"“{row['en']}” occurs twice.", place)
        for language in languages:
            if row[language]:
                messages_by_language[language][key] = row[language]
            elif not partly and not row.get(FORM):
                raise DeclarationError(f"“{row['en']}” is not translated.", place)
    return messages_by_language


def _read_rows(reader: csv.DictReader[str]) -> Iterator[dict[str, str]]:
    try:
        for row in reader:
            yield {name: unshield_formula(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
    except csv.Error as error:
        raise DeclarationError(f"This is not a table of words: {error}.", Place(FILE, line=reader.line_num)) from None


def list_untranslated(keys: Iterable[str], language: str) -> str:
    """Write a table for translation, with formulas escaped for spreadsheets; `read_words` reverts this."""
    output = io.StringIO(newline="")
    keys_and_forms = [key.partition("\0") for key in keys]
    rows = csv.writer(output, lineterminator="\n")
    if any("\r" in message for message, _, _ in keys_and_forms):  # it would end a row unless quoted
        rows = csv.writer(output, lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows.writerow(("en", FORM, language))
    rows.writerows((shield_formula(message), form, "") for message, _, form in keys_and_forms)
    return output.getvalue()
