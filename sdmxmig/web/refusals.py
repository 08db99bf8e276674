"""Answers outside of any screen: who may not come in, or asks for what is not there, reads why in one sentence.

Browsers get a page in the language that they prefer; anything else gets the sentence in plain text. No style sheet is
named there, since whoever is not let in cannot load one.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from sdmxmig.primitives import text
from sdmxmig.web.languages import preferred_language, web_words

HTML, PLAIN = "text/html; charset=utf-8", "text/plain; charset=utf-8"


def refusal(reason: str, headers: Mapping[str, str]) -> tuple[bytes, str]:
    """What is answered to a request with these headers, by their small letters; and the media type of that."""
    if "text/html" not in headers.get("accept", ""):
        return f"{reason}\n".encode(), PLAIN
    language = preferred_language(headers.get("accept-language", ""))
    translated = web_words(language).table.get(reason, "")
    if not translated:
        language, translated = "en", reason
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    html = (
        f'<!doctype html>\n<html lang="{language}" dir="{text.direction(language)}">\n<head>{head}'
        f'<meta name="color-scheme" content="light dark"><title>sdmxmig</title></head>\n'
        f"<body><main><h1>sdmxmig</h1><p>{escape(translated)}</p></main></body>\n</html>\n"
    )
    return html.encode(), HTML
