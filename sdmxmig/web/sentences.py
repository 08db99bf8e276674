"""Localised errors.

Common ones are in `templates/troubles/words.csv`; others stay English and are marked.
`templates/troubles/in_browser.csv` replaces command-line hints.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache

from markupsafe import Markup

from sdmxmig.catalogue.folders import find_shipped_folder, read_word_table
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import BLANK, fill_message, find_values
from sdmxmig.sdmx.words import LanguageText
from sdmxmig.web.guidance import load_web_words

BROWSER_HINTS_FILE = "in_browser.csv"
COMMAND = re.compile(r"\bsdmxmig ([a-z]+)\b")
SCREENS_BY_COMMAND = {
    "home": ("run", "convert", "build", "validate", "history"),
    "data": ("table",),
    "mapping": ("map", "mapping"),
    "findings": ("justify",),
    "accounts": ("accounts", "protect", "trace"),
    "profile": ("profile",),
    "report": ("assess", "report", "style"),
    "submission": ("package", "verify", "send", "status", "approve", "receipts"),
    "catalogue": ("show", "docs"),
    "start": ("init", "open"),
}
"""The commands that hints name, by the screen that does the same."""
SCREEN_OF_COMMAND = {command: screen for screen, commands in SCREENS_BY_COMMAND.items() for command in commands}
STATED_REMEDY = "Answer it on the Mapping screen."
REMAPPED_REMEDY = "Correct the table, or change its mapping. You can also remove the mapping and map the sheet again."
REMEDIES = {
    r"^State .*in Mapping": (STATED_REMEDY, "mapping"),
    r"mapping file|\[block\.": (REMAPPED_REMEDY, "mapping"),
    r"sdmxmig protect": ("Suppress further figures of this table, or publish it in less detail.", "accounts"),
    r"sdmxmig verify": ("Use an intact copy of the submission.", "submission"),
    r"rule profile": ("If it has one, enter it when you protect small cells. If not, no step is needed.", "accounts"),
    r"--[a-z]": ("Ask the person who made these data from records to check the period and the sources.", ""),
}
"""Remedies in the browser for findings whose English hint names a file or a command, with their screens."""
SCREENS_OF_PLACES = {
    r"\bcountry\.toml\b": "settings",
    r"\bprofile\.toml\b": "profile",
    r"\bmappings/|\.toml\b": "mapping",
    r"\.[A-Za-z]{2,4}\b": "data",
}
"""Patterns of places of errors, with the screens that change these files."""
MAX_LENGTH = 2_000
SENTENCE_KINDS = ("hint", "reason")
SENTENCE_END = re.compile(r"(?<=[.?!”]) (?=[A-Z“])")


@cache
def list_messages() -> tuple[str, ...]:
    return tuple(sorted(read_word_table("troubles")["en"], key=lambda message: -len(BLANK.sub("", message))))


@cache
def load_browser_hints() -> Mapping[str, str]:
    lines = (
        (find_shipped_folder("templates") / "troubles" / BROWSER_HINTS_FILE).read_text(encoding="utf-8").splitlines()
    )
    return {row["hint"]: row["in_browser"] for row in csv.DictReader(line for line in lines if line[:1] != "#")}


def rephrase_for_browser(sentence: str) -> str:
    """Rephrase a sentence for users without command line and text editor.

    >>> rephrase_for_browser("Wait until it is done, or name another folder with -o FOLDER.")
    'Wait until it is done, and try again.'
    """
    for hint, in_browser in load_browser_hints().items():
        values = find_values(hint, sentence)
        if values is not None and values.get("option", "-").startswith("-"):
            return fill_message(in_browser, values)
    return sentence


def translate_sentence(sentence: str, language: str) -> LanguageText:
    """Translate a sentence for users of the browser; untranslated ones stay English and are marked.

    >>> translate_sentence("There is no sheet “3”.", "fr").text
    'Il n’y a pas de feuille « 3 ».'
    >>> translate_sentence("Nobody has translated this.", "fr").language
    'en'
    """
    return translate_message(rephrase_for_browser(sentence), language)


def translate_error(error: SdmxmigError, language: str) -> None:
    """Put an error of a command into a language, as far as it is translated."""
    error.message, error.hint = (
        " ".join(translate_message(sentence, language).text for sentence in split_sentences(text, language))
        for text in (error.message, error.hint)
    )


def split_sentences(text: str, language: str) -> list[str]:
    """Return a text in its sentences if only these are translated."""
    return [text] if translate_message(text, language).language != "en" else SENTENCE_END.split(text)


def translate_message(sentence: str, language: str) -> LanguageText:
    """Translate a sentence as it is; untranslated ones stay English and are marked."""
    if language == "en" or not sentence:
        return LanguageText(sentence)
    for message in list_messages() if len(sentence) <= MAX_LENGTH else ():
        values = find_values(message, sentence)
        if values is not None:
            inner = {name: translate_message(values[name], language) for name in SENTENCE_KINDS if name in values}
            translated = read_word_table("troubles")[language][message]
            shown = fill_message(translated, values | {name: part.text for name, part in inner.items()})
            return LanguageText(shown)
    return LanguageText(sentence, "en")


def find_remedy_in_browser(hint: str) -> tuple[str, str]:
    """Return the remedy of a finding for browser users, with its screen; empty if its English hint works there.

    >>> find_remedy_in_browser("Write as_shown = true in [block.values] of the mapping file.")[1]
    'mapping'
    """
    return next((told for written, told in REMEDIES.items() if re.search(written, hint)), ("", ""))


def find_screen(sentence: str) -> str:
    """Return the screen that does the same as a command in a sentence; empty if absent.

    >>> find_screen("Run first: sdmxmig assess georgia"), find_screen("These data were not made by sdmxmig.")
    ('report', '')
    """
    command = COMMAND.search(rephrase_for_browser(sentence))
    return SCREEN_OF_COMMAND.get(command[1], "") if command else ""


def find_screen_of_place(place: str) -> str:
    """Return the screen that changes the file of an error, empty for other files.

    >>> (find_screen_of_place("country.toml › country.area"),
    ...  find_screen_of_place("pop.xlsx › Sheet1 › B5"), find_screen_of_place(""))
    ('settings', 'data', '')
    """
    return next((screen for pattern, screen in SCREENS_OF_PLACES.items() if re.search(pattern, place)), "")


def mark_sentence(sentence: str, language: str) -> Markup:
    screen = find_screen(sentence)
    if screen:
        say = load_web_words(language).say
        link = Markup('<a href="/{}">{}</a>').format(screen if screen != "home" else "", say(screen.capitalize()))
        return Markup('<span dir="auto">{}</span>').format(Markup(say("Continue on: {screen}", screen=link)))  # noqa: S704
    shown = translate_sentence(sentence, language)
    of_language = Markup(' lang="en"') if shown.language else Markup()
    return Markup('<span{} dir="auto">{}</span>').format(of_language, shown.text)
