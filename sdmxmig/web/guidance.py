"""Help, tour, languages and error messages of the workbench.

A cookie holds the tour step. Common errors are in `templates/troubles/words.csv`; others stay English and are marked.
`templates/troubles/in_browser.csv` replaces command-line hints.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from html import escape
from typing import Any

from markupsafe import Markup

from sdmxmig.catalogue.folders import PACKAGE, find_shipped_folder, read_word_table
from sdmxmig.primitives import text
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import BLANK, fill_message, find_values, parse_whole_number, read_csv_rows
from sdmxmig.sdmx.words import FILE, LanguageText, Words, read_words

LABEL = re.compile(r"\[([^\[\]]+)\]")
"""A label of a screen in a help text."""


@cache
def index_help_texts() -> Mapping[str, Mapping[str, Any]]:
    return read("help.toml")


@cache
def list_tour_steps() -> tuple[Mapping[str, str], ...]:
    return tuple(read("tour.toml")["step"])


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((find_shipped_folder("templates") / "web" / name).read_text(encoding="utf-8"))


def mark_labels(text: str, say: Callable[[str], str]) -> str:
    """Mark labels in a help text, in the screen's language.

    >>> mark_labels("Choose [Save] & go on.", str.upper)
    'Choose <b>SAVE</b> &amp; go on.'
    """
    parts = LABEL.split(text)
    return "".join(f"<b>{escape(say(part))}</b>" if at % 2 else escape(part) for at, part in enumerate(parts))


def describe_help(screen: str) -> dict[str, Any] | None:
    texts = index_help_texts().get(screen)
    return {"screen": screen, "purpose": texts["purpose"], "ways": texts["ways"]} if texts else None


def format_tour_state(step: int, token: str) -> str:
    return f"{step}.{token}"


def read_step(cookie: str, token: str) -> int:
    """Return the tour step in this workspace from a cookie; 0 outside a tour.

    >>> (read_step(format_tour_state(3, "ab"), "ab"), read_step(format_tour_state(3, "ab"), "cd"),
    ...  read_step("99.ab", "ab"), read_step("", ""))
    (3, 0, 0, 0)
    """
    number, _, workspace = cookie.partition(".")
    step = parse_whole_number(number, digits=2) or 0
    return step if workspace == token and step <= len(list_tour_steps()) else 0


def collect_tour_facts(step: int, here: str) -> dict[str, Any] | None:
    steps = list_tour_steps()
    if not step:
        return None
    return {
        **steps[step - 1],
        "number": step,
        "count": len(steps),
        "is_here": steps[step - 1]["screen"] == here,
        "next": steps[step]["screen"] if step < len(steps) else "",
    }


LANGUAGES = {"en": "English", "fr": "Français", "es": "Español", "ar": "العربية", "ru": "Русский", "zh": "中文"}
MAX_TAGS = 9
"""Maximum number of languages read from a browser’s preferences."""


@lru_cache(maxsize=len(LANGUAGES))
def load_web_words(language: str) -> Words:
    table = read_words((find_shipped_folder("templates") / "web" / FILE).read_text(encoding="utf-8-sig"))
    return Words(language, table[language])


def choose_preferred_language(accepted: str, chosen: str = "") -> str:
    """Return the chosen language, or the browser's first supported language, or English.

    >>> choose_preferred_language("pt-BR,es;q=0.8,en;q=0.5"), choose_preferred_language("fr", chosen="ar")
    ('es', 'ar')
    """
    preferred = [part.split(";")[0].strip() for part in accepted.split(",")[:MAX_TAGS]]
    for tag in (chosen, *preferred):
        language = text.choose_language(tag, LANGUAGES) if tag else ""
        if language:
            return language
    return "en"


BROWSER_HINTS_FILE = "in_browser.csv"
COMMAND = re.compile(r"\bsdmxmig ([a-z]+)\b")
SHELL_COMMANDS = {row["command"]: row for row in read_csv_rows(PACKAGE / "cli" / "commands.csv")}
"""The commands; `screen` does the same in the browser, and `results` are the screens that show what one has made."""
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
    """Rephrase a sentence for users without a command line or text editor.

    >>> rephrase_for_browser("Wait until it is done, or name another folder with -o FOLDER.")
    'Wait until it is done, and try again.'
    """
    for hint, in_browser in load_browser_hints().items():
        values = find_values(hint, sentence)
        if values is not None and values.get("option", "-").startswith("-"):
            return fill_message(in_browser, values)
    return sentence


def translate_sentence(sentence: str, language: str) -> LanguageText:
    """Translate a sentence for browser users; untranslated sentences stay English and are marked.

    >>> translate_sentence("There is no sheet “3”.", "fr").text
    'Il n’y a pas de feuille « 3 ».'
    >>> translate_sentence("Nobody has translated this.", "fr").language
    'en'
    """
    whole = rephrase_for_browser(sentence)
    shown = translate_message(whole, language)
    if whole != sentence or shown != LanguageText(sentence, "" if language == "en" else "en"):
        return shown
    parts = [translate_message(rephrase_for_browser(part), language) for part in SENTENCE_END.split(sentence)]
    return LanguageText(" ".join(part.text for part in parts), max(part.language for part in parts))


def translate_error(error: SdmxmigError, language: str) -> None:
    """Translate an error of a command; sentences without a translation stay English."""
    error.message, error.hint = (
        " ".join(translate_message(sentence, language).text for sentence in split_sentences(text, language))
        for text in (error.message, error.hint)
    )


def split_sentences(text: str, language: str) -> list[str]:
    """Split a text into sentences if only these are translated."""
    return [text] if translate_message(text, language).language != "en" else SENTENCE_END.split(text)


def translate_message(sentence: str, language: str) -> LanguageText:
    """Translate a sentence; untranslated sentences stay English and are marked."""
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
    """Return the remedy of a finding for browser users and its screen; empty if the English hint applies.

    >>> find_remedy_in_browser("Write as_shown = true in [block.values] of the mapping file.")[1]
    'mapping'
    """
    return next((told for written, told in REMEDIES.items() if re.search(written, hint)), ("", ""))


def find_screen(sentence: str) -> str:
    """Return the screen for a command in a sentence, or an empty text.

    >>> find_screen("Run first: sdmxmig assess georgia"), find_screen("These data were not made by sdmxmig.")
    ('report', '')
    """
    command = COMMAND.search(rephrase_for_browser(sentence))
    return SHELL_COMMANDS[command[1]]["screen"] if command and command[1] in SHELL_COMMANDS else ""


def find_screen_for_place(place: str) -> str:
    """Return the screen for changing the file of an error; empty for other files.

    >>> (find_screen_for_place("country.toml › country.area"),
    ...  find_screen_for_place("pop.xlsx › Sheet1 › B5"), find_screen_for_place(""))
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
