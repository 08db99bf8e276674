"""The sentences of the reports in the six languages of the United Nations: whole, used, and with the same values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import lxml.html
import pytest
import said
from assessed import georgia
from assessed_examples import example
from assessed_in_full import in_full
from case_tables import cases_from

from sdmxmig.catalogue.folders import read_word_table
from sdmxmig.primitives import text
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.reporting.sections import compose, write
from sdmxmig.reporting.sections.latest_values import translate_reasons
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.words import choose_form, list_untranslated, read_words
from sdmxmig.statistics.model.assessment import Assessment

LANGUAGES = ("ar", "es", "fr", "ru", "zh")
COUNTS = range(1000)
TWICE = re.compile(r"\b([^\W\d_]+)\b[ .]* \1\b|年 ?年|人 ?人")
"""A word and the same word after it, and the units that Chinese writes without spaces."""


def test_every_sentence_of_code_and_templates_is_translated() -> None:
    missing: dict[str, list[str]] = {}
    counted = said.counted()
    for language in LANGUAGES:
        words = read_word_table("report")[language]
        forms = {text.find_plural_form(number, language) for number in COUNTS}
        for message in said.literally():
            if message not in words:
                missing.setdefault(message, []).append(language)
        for message in counted:
            missing.setdefault(message, []).extend(
                f"{language}, {form}" for form in forms if choose_form(message, form) not in words
            )
    lines = [
        f"{said.files_with(message)}: “{message}” has no row in words.csv ({', '.join(languages)})."
        for message, languages in missing.items()
        if languages
    ]
    assert not lines, "\n".join(lines)


def test_sentences_chosen_at_run_time_are_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    say = Wording.say

    def remember(self: Wording, message: str, **values: object) -> str:
        asked.add(message)
        return say(self, message, **values)

    monkeypatch.setattr(Wording, "say", remember)
    compose(georgia(), language="fr")
    assert len(asked) > 100
    assert not {message for message in asked if message and message not in read_word_table("report")["fr"]}


@cases_from("reporting/cases/numbers_of_things_take_the_form_of_their_language.csv", counted=int)
def test_counted_nouns_have_plural_forms_of_their_language(language: str, counted: int, expected: str) -> None:
    assert Wording(language).count("{n} known gap", "{n} known gaps", counted) == expected


def test_missing_translation_stays_english_and_is_recorded() -> None:
    wording = Wording("fr")
    assert wording.say("There are {n} ships.", n=3) == "There are 3 ships."
    assert wording.count("{n} ship", "{n} ships", 2) == "2 ships"
    assert list_untranslated(wording.untranslated, "fr") == "en,form,fr\nThere are {n} ships.,,\n{n} ships,other,\n"


def test_translation_of_an_office_overrides_the_shipped_text() -> None:
    words = read_words("en,form,fr\nYear,,Exercice\n{n} ship,one,{n} navire\n{n} ships,,\n", partly=True)["fr"]
    assert Wording("fr", words).say("Year") == "Exercice"
    assert Wording("fr").say("Year") == "Année"


def test_text_with_a_blank_before_its_percent_sign_is_translated() -> None:
    words = read_words("en,form,fr\nOmite el 7 % del total.,,Omet 7 % du total.\n")["fr"]
    assert Wording("fr", words).of(Text.of(es="Omite el 7 % del total.")) == "Omet 7\u00a0% du total."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("en,fr\nYear,\n", "words.csv:2: “Year” is not translated."),
        ("# remark\nen,fr\nYear,An\nYear,An\n", "words.csv:4: “Year” occurs twice."),
        ("fr\nAn\n", "words.csv:1: The column “en” is missing"),
    ],
)
def test_incomplete_table_of_words_is_refused_with_its_line(content: str, message: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(message)):
        read_words(content)


def test_reasons_use_names_of_codes() -> None:
    labels = {
        "BIRTH_STATUS": Text.of({"en": "Birth status", "fr": "Statut de naissance"}),
        "CL_BIRTH_STATUS.NB": Text.of({"en": "Native-born", "fr": "Personnes nées dans le pays"}),
        "DATAFLOWS.DF_ADMIN": Text.of({"en": "Events by kind", "fr": "Événements selon le type"}),
    }
    assessment = replace(georgia(), labels=labels)
    english = ["no immigration (birth status: native-born) for 2012–2020", "no data for events", "nothing fits"]
    assert translate_reasons(english, assessment, Wording("en")) == english
    assert translate_reasons(english, assessment, Wording("fr")) == [
        "pas de chiffre pour 2012–2020\xa0: immigration (statut de naissance\xa0: personnes nées dans le pays)",
        "pas de données\xa0: événements selon le type",
        "nothing fits",
    ]


def test_english_needs_no_table() -> None:
    assert compose(georgia()).untranslated == ()


@pytest.mark.sampled(5)
@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize(
    "assessed", [in_full, partial(example, "norway"), partial(example, "chile")], ids=["in full", "norway", "chile"]
)
def test_reports_do_not_repeat_a_word_in_a_row(assessed: Callable[[], Assessment], language: str) -> None:
    page = lxml.html.fromstring(write(compose(assessed(), document="report", language=language), "html"))
    texts = [text for text in page.xpath("//body//text()[not(ancestor::script or ancestor::style)]") if text.strip()]
    assert [text for text in texts if TWICE.search(text)] == []


def test_report_has_equal_parts_in_every_language() -> None:
    parts = ("<section", "<h2", "<h3", "<table", "<tr", "<figure", "<li")
    english = compose(georgia()).html
    for language in LANGUAGES:
        page = compose(georgia(), language=language)
        assert [page.html.count(part) for part in parts] == [english.count(part) for part in parts], language
        assert page.direction == ("rtl" if language == "ar" else "ltr")


@cases_from("reporting/cases/lists_and_qualifications_are_joined_as_their_language_does.csv")
def test_lists_are_joined_in_the_style_of_the_language(language: str, series: str, qualified: str) -> None:
    wording = Wording(language)
    assert wording.series(["a", "b", "c"]) == series
    assert wording.qualified(["a", "b", "c"]) == qualified
