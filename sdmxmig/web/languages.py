"""Languages of the workbench."""

from __future__ import annotations

from functools import lru_cache

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives import text
from sdmxmig.sdmx.words import FILE, Words, read_words

LANGUAGES = {"en": "English", "fr": "Français", "es": "Español", "ar": "العربية", "ru": "Русский", "zh": "中文"}
"""The languages of the workbench, each by its own name."""
MOST_TAGS = 9
"""So many languages of what a browser prefers are looked at."""


@lru_cache(maxsize=len(LANGUAGES))
def web_words(language: str) -> Words:
    table = read_words((shipped("templates") / "web" / FILE).read_text(encoding="utf-8-sig"))
    return Words(language, table[language])


def preferred_language(accepted: str, chosen: str = "") -> str:
    """The language that was chosen, else the first of ours among those that a browser prefers, else English.

    >>> preferred_language("pt-BR,es;q=0.8,en;q=0.5"), preferred_language("fr", chosen="ar"), preferred_language("")
    ('es', 'ar', 'en')
    """
    preferred = [part.split(";")[0].strip() for part in accepted.split(",")[:MOST_TAGS]]
    for tag in (chosen, *preferred):
        language = text.translated_into(tag, LANGUAGES) if tag else ""
        if language:
            return language
    return "en"
