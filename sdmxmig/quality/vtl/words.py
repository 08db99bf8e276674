"""The words around VTL in all languages: names of artefacts, and why rules are not in the program."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sdmxmig.catalogue.folders import shipped
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.words import FILE, read_words


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """The words around VTL, by language and English message."""
    return read_words((shipped("templates") / "vtl" / FILE).read_text(encoding="utf-8-sig"))


def worded(message: str, **names: str) -> Text:
    """A message in all languages, with names in its braces."""
    return Text.of({language: words[message].format(**names) for language, words in table().items()})
