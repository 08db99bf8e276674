"""Sentences of an assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sdmxmig.primitives import text
from sdmxmig.primitives.text import fill_message
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.evidence import Statement

MAX_DECIMALS = 2


def render_statement(statement: Statement, sentences: Mapping[str, Text], language: str = "en") -> str:
    """Render a statement in a language, with at most two decimals.

    >>> women, men = Text.of(en="Women", fr="Femmes"), Text.of(en="Men", fr="Hommes")
    >>> shares = Statement("share", (("what", (women, men)),), numbers=(("share", Decimal("12.50")),))
    >>> render_statement(shares, {"share": Text.of(en="{what}: {share}%", fr="{what} : {share} %")}, "fr")
    'Femmes, Hommes : 12,5 %'
    """
    template = sentences.get(statement.id, Text()).in_language(language)
    words = {place: join_texts(several, language) for place, several in statement.words}
    numbers = {place: write_number(value, language) for place, value in statement.numbers}
    return fill_message(template, words | numbers)


def join_texts(several: Sequence[Text], language: str) -> str:
    """Join texts with the separator of a language.

    >>> join_texts([Text.of(en="sex", zh="性别"), Text.of(en="age", zh="年龄")], "zh")
    '性别、年龄'
    """
    pattern = text.find_locale(language).list_patterns["standard"]["middle"]
    between = str(pattern).removeprefix("{0}").removesuffix("{1}")
    return between.join(title.in_language(language) for title in several)


def write_number(value: Decimal, language: str) -> str:
    rounded = round(value, MAX_DECIMALS)
    digits = f"{rounded:f}".rstrip("0").partition(".")[2] if "." in f"{rounded:f}" else ""
    return text.format_number(value, language, len(digits))
