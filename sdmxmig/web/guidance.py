"""Help, tour and languages of the workbench; a cookie holds the tour step."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from html import escape
from typing import Any

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives import text
from sdmxmig.primitives.text import parse_whole_number
from sdmxmig.sdmx.words import FILE, Words, read_words

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


def find_standing(step: int, token: str) -> str:
    return f"{step}.{token}"


def read_step(cookie: str, token: str) -> int:
    """Return the tour step of a browser in this workspace; 0 outside a tour.

    >>> (read_step(find_standing(3, "ab"), "ab"), read_step(find_standing(3, "ab"), "cd"),
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
    """Return the chosen language, else the browser's first supported one, else English.

    >>> choose_preferred_language("pt-BR,es;q=0.8,en;q=0.5"), choose_preferred_language("fr", chosen="ar")
    ('es', 'ar')
    """
    preferred = [part.split(";")[0].strip() for part in accepted.split(",")[:MAX_TAGS]]
    for tag in (chosen, *preferred):
        language = text.choose_language(tag, LANGUAGES) if tag else ""
        if language:
            return language
    return "en"
