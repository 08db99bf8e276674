"""Names in regional reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from sdmxmig.primitives import text
from sdmxmig.reporting.sections.blocks import ReportCell
from sdmxmig.reporting.sections.items import CODES_IN_BRACKETS
from sdmxmig.reporting.sections.wording import Wording, lower_first_letter
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import CountryFigure
from sdmxmig.statistics.model.availability import Codes
from sdmxmig.statistics.model.region import (
    UNSTATED,
    Comparison,
    Definition,
    OneSourceComparison,
    PeerGroup,
    RegionalStudy,
)

COUNTRIES_WORD = "countries"
MAX_NAMED = 4
SENTENCE_END = re.compile(r"(?<=[.!?؟]) +|(?<=。)(?=.) *")


def name_file(study: RegionalStudy, language: str) -> str:
    return f"region{'-draft' if study.is_draft else ''}.{language}"


def name_study(study: RegionalStudy, wording: Wording) -> str:
    if study.name:
        return wording.of(study.name)
    if len(study.countries) <= MAX_NAMED:
        return join_country_names(study, study.areas, wording)
    return wording.count("{n} country", "{n} countries", len(study.countries))


def name_country(study: RegionalStudy, area: str, wording: Wording) -> str:
    return wording.of(study.country(area).assessment.country) or area


def join_country_names(study: RegionalStudy, areas: Iterable[str], wording: Wording) -> str:
    return wording.series([name_country(study, area, wording) for area in areas])


def name_areas(study: RegionalStudy, areas: Sequence[str], wording: Wording) -> str:
    if len(areas) <= MAX_NAMED:
        return join_country_names(study, areas, wording)
    counted = wording.count("{n} country", "{n} countries", len(areas))
    return wording.pair(counted, wording.join_with_commas(areas))


def name_group(group: PeerGroup, wording: Wording) -> str:
    if group.kind == "all":
        return wording.say("All countries of the study")
    name = wording.of(group.name)
    if group.kind == "rule":
        return wording.say("Migration flows under one rule: {rule}", rule=lower_first_letter(name))
    if group.kind == "source":
        return wording.say("Migration flows from one kind of source: {source}", source=lower_first_letter(name))
    return wording.say("{area} (M49)", area=name) if group.kind == "area" else name


def join_code_names(pairs: Codes, wording: Wording) -> str:
    names = [wording.of(name) for code, name in pairs if code != UNSTATED]
    if names and len(names) < len(pairs):
        names.append(wording.say("partly not stated"))
    return wording.join_with_semicolons(names) if names else wording.say("not stated with the data")


def translate_source(source: str, study: RegionalStudy, wording: Wording) -> str:
    translation = study.translations.get(source)
    return wording.of(translation) if translation else source


def quote_comment(comment: str, areas: Iterable[str], study: RegionalStudy, wording: Wording) -> str:
    if comment in study.translations:
        return wording.of(study.translations[comment])
    return quote_text(comment, sorted({study.country(area).language for area in areas} - {""}), wording)


def describe_practice(words: Text, wording: Wording) -> str:
    if words.has(wording.language):
        return CODES_IN_BRACKETS.sub("", wording.of(words))
    languages = [language for language, translation in words.values if translation == str(words)]
    return quote_text(CODES_IN_BRACKETS.sub("", str(words)), languages[:1], wording)


def quote_text(words: str, languages: Sequence[str], wording: Wording) -> str:
    if [text.find_base_language(language) for language in languages] == [text.find_base_language(wording.language)]:
        return words
    names = [
        text.find_locale(language).get_language_name(text.find_base_language(wording.language)) or language
        for language in languages
    ]
    quoted_words = wording.say("“{words}”", words=text.isolate_english(words, wording.language))
    return (
        wording.say("{first} ({second})", first=quoted_words, second=wording.join_with_commas(names))
        if names
        else quoted_words
    )


def write_comments(comparison: OneSourceComparison, study: RegionalStudy, wording: Wording) -> list[str]:
    areas_by_sentence: dict[str, list[str]] = {}
    for value in comparison.values:
        for comment in value.comments:
            said = quote_comment(comment, [value.area], study, wording)
            is_quotation = comment not in study.translations and said != comment
            for sentence in [said] if is_quotation else filter(None, SENTENCE_END.split(said)):
                areas_by_sentence.setdefault(sentence, []).append(value.area)
    sentences: dict[tuple[str, ...], list[str]] = {}
    for sentence, areas in areas_by_sentence.items():
        sentences.setdefault(tuple(areas), []).append(sentence)
    return [
        " ".join(said) if areas == study.areas else wording.pair(name_areas(study, areas, wording), " ".join(said))
        for areas, said in sentences.items()
    ]


def list_sources(comparisons: Iterable[OneSourceComparison], study: RegionalStudy, wording: Wording) -> Iterator[str]:
    texts = dict.fromkeys(translate_source(of.source, study, wording).rstrip(".") for of in comparisons)
    if texts:
        sentence = "Sources: {sources}." if len(texts) > 1 else "Source: {sources}."
        yield wording.say(sentence, sources=wording.join_with_semicolons(texts))


def name_definition(definition: Definition, wording: Wording) -> str:
    return wording.say(
        "residence rule: {rule}; type of stay: {basis}",
        rule=lower_first_letter(join_code_names(definition.rules, wording)),
        basis=lower_first_letter(join_code_names(definition.bases, wording)),
    )


def write_figure_value(figure: CountryFigure, comparison: Comparison, wording: Wording) -> str:
    if comparison.unit == "PT":
        return wording.write_percent(figure.value / 100)
    decimals = 0 if comparison.unit == "PS" else 1
    if comparison.figure.is_balance:
        return wording.write_signed(figure.value, decimals)
    return wording.number(figure.value, decimals)


def write_date(day: Text, year: str, remark: str, wording: Wording) -> str:
    """Write the day in a year, or else the year, with a remark."""
    date = wording.day(day, year)
    return (
        wording.say("{first} ({second})", first=date, second=remark)
        if date and remark
        else date or wording.year(year, remark)
    )


def count_decimals(value: Decimal) -> int:
    return 0 if value == value.to_integral() else 1


def name_country_file(area: str, language: str) -> str:
    return f"{COUNTRIES_WORD}/{area}.{language}.html"


def build_country_link(study: RegionalStudy, area: str, wording: Wording) -> ReportCell:
    return ReportCell(links=((name_country_file(area, wording.language), name_country(study, area, wording)),))
