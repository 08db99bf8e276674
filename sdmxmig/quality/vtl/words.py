"""Words for VTL in all languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sdmxmig.catalogue.folders import shipped
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.words import FILE, read_words


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    return read_words((shipped("templates") / "vtl" / FILE).read_text(encoding="utf-8-sig"))


def worded(message: str, **names: str) -> Text:
    return Text.of({language: words[message].format(**names) for language, words in table().items()})
