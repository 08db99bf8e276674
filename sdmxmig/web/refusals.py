"""Error answers outside screens, in the browser's language."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from sdmxmig.primitives import text
from sdmxmig.web.languages import preferred_language, web_words

HTML, PLAIN = "text/html; charset=utf-8", "text/plain; charset=utf-8"


def refusal(reason: str, headers: Mapping[str, str]) -> tuple[bytes, str]:
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
