"""English texts of a profile are translated by the office, or by sdmxmig for it, in a table of words."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from assessed import georgia
from folders import ROOT
from lxml import html

from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections import compose
from sdmxmig.sdmx.words import read_words

EXAMPLES = ROOT / "examples"
TRANSLATED = sorted(table.parents[2].name for table in EXAMPLES.glob("*/templates/report/words.csv"))
LANGUAGES = ("ar", "es", "fr", "ru", "zh")
UNSEEN = "# Unofficial translations by sdmxmig; the office has not seen them.\n"
FRENCH = "en,form,fr\nPublished each April.,,Publié chaque mois d’avril.\n"
SAID = {
    "en": "Texts of the country profile were translated by sdmxmig",
    "es": "sdmxmig ha traducido textos del perfil del país",
    "fr": "Des textes du profil du pays ont été traduits par sdmxmig",
}
CODES = re.compile(r"\[[A-Z][A-Z0-9_, …]*\]$")
SCALES = {
    **dict.fromkeys(("thousand", "milliers", "millier", "miles", "mil ", "тыс.", "ألف", "آلاف", "千"), 1000),
    **dict.fromkeys(("万", "多万"), 10_000),
    **dict.fromkeys(("million", "millón", "millones", "млн", "مليون"), 1_000_000),
}
"""What stands after a number that is not written out, in the languages of the reports."""
BETWEEN = r"(?:[.,]|\s(?=\d{3}(?!\d)))"
"""What stands between the digits of a number; a space only before three of them, as in “law 2335 2023” it parts two."""
SCALED = re.compile(rf"(\d+(?:{BETWEEN}\d+)*)\s?({'|'.join(sorted(map(re.escape, SCALES), key=len, reverse=True))})")


def report(folder: Path, words: str, language: str) -> Page:
    """The report of a profile that says “Published each April.”, with a table of words of its office."""
    (folder / "report").mkdir()
    (folder / "report" / "words.csv").write_text(words, encoding="utf-8")
    return compose(georgia(), language=language, templates=(folder,))


def method(page: Page) -> str:
    """The section on the method of the report."""
    (section,) = html.document_fromstring(page.html).xpath("//section[@id='method']")
    return str(section.text_content())


def test_own_translations_of_sdmxmig_are_marked_once(tmp_path: Path) -> None:
    page = report(tmp_path, UNSEEN + FRENCH, "fr")
    assert "Publié chaque mois d’avril." in page.html
    assert method(page).count(SAID["fr"]) == page.html.count(SAID["fr"]) == 1


def test_foreign_text_of_the_data_is_shown_with_english() -> None:
    table = read_words("en,form,fr,text\n31 December,,31 décembre,31 de diciembre\nMen,,Hommes\n", partly=True)
    assert table["en"] == {"31 de diciembre": "31 December", "Men": "Men"}
    assert table["fr"] == {"31 de diciembre": "31 décembre", "Men": "Hommes"}


@pytest.mark.parametrize(
    ("words", "language"),
    [
        pytest.param(FRENCH, "fr", id="the office translated it"),
        pytest.param(UNSEEN + FRENCH, "en", id="the report is in English"),
        pytest.param(UNSEEN + FRENCH, "es", id="no row is in the language"),
        pytest.param(UNSEEN + "en,form,fr\nNobody says this.,,Personne ne le dit.\n", "fr", id="no row is used"),
    ],
)
def test_report_without_own_translations_has_no_mark(tmp_path: Path, words: str, language: str) -> None:
    assert SAID[language] not in report(tmp_path, words, language).html


@cache
def words_of(name: str) -> dict[str, dict[str, str]]:
    """The table of words of an example, by language and English text."""
    content = (EXAMPLES / name / "templates" / "report" / "words.csv").read_text(encoding="utf-8")
    return {language: dict(words) for language, words in read_words(content, partly=True).items()}


def texts(declared: object) -> Iterator[str]:
    """All texts of a TOML document."""
    if isinstance(declared, str):
        yield declared
    parts = declared.values() if isinstance(declared, dict) else declared if isinstance(declared, list) else ()
    for part in parts:
        yield from texts(part)


def to_translate(profile: object, language: str) -> Iterator[str]:
    """The English texts of a profile that are not declared in a language; months and ids are the same in all."""
    if isinstance(profile, dict):
        if "en" in profile and language not in profile and re.search("[a-z]", profile["en"]):
            yield profile["en"]
        for part in profile.values():
            yield from to_translate(part, language)


def read(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def written_out(scaled: re.Match[str]) -> str:
    """A number such as “1.2 million” in digits; one or two digits after its last sign are decimals."""
    digits, decimals = re.sub(r"\D", "", scaled[1]), re.search(r"[.,](\d{1,2})$", scaled[1])
    return f"{int(digits) * SCALES[scaled[2]] // 10 ** len(decimals[1] if decimals else '')} "


def figures(words: str) -> list[str]:
    """The numbers of three digits and more, without the signs between their digits; months are words in English."""
    return sorted(re.findall(r"\d{3,}", re.sub(rf"(?<=\d){BETWEEN}(?=\d)", "", words)))


def figures_in_full(words: str) -> list[str]:
    """The numbers of three digits and more, thousands and millions in digits."""
    return figures(SCALED.sub(written_out, words))


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("1.2 million of 126,014,024", ["1200000", "126014024"]),
        ("3.914 miles", ["3914000"]),
        ("489 тыс.", ["489000"]),
        ("16.7 مليون", ["16700000"]),
        ("20多万份", ["200000"]),
        ("21.325", ["21325"]),
        ("законе 2335 2023 года", ["2023", "2335"]),
    ],
)
def test_numbers_are_recognised_in_the_notation_of_any_language(words: str, numbers: list[str]) -> None:
    assert figures_in_full(words) == numbers


@pytest.mark.parametrize("name", TRANSLATED)
def test_texts_of_example_profiles_are_declared_or_translated(name: str) -> None:
    profile = read(EXAMPLES / name / "profile.toml")
    declared = {language: set(to_translate(profile, language)) for language in LANGUAGES}
    assert any(declared.values())
    missing = {language: declared[language] - words_of(name)[language].keys() for language in LANGUAGES}
    assert missing == {language: set() for language in LANGUAGES}


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_translation_matches_a_text_of_the_example(name: str) -> None:
    standing = {text for path in (EXAMPLES / name).rglob("*.toml") for text in texts(read(path))}
    assert words_of(name)["en"].keys() - standing == set()


@pytest.mark.parametrize("name", TRANSLATED)
def test_translation_keeps_figures_and_codes_of_its_text(name: str) -> None:
    # either reading will do: a translation may write out a thousand, or say “in thousands” once before several numbers
    changed = [
        (language, english)
        for language in LANGUAGES
        for english, words in words_of(name)[language].items()
        if (figures(english) != figures(words) and figures_in_full(english) != figures_in_full(words))
        or CODES.findall(english) != CODES.findall(words)
    ]
    assert changed == []


@pytest.mark.parametrize("name", [name for name in TRANSLATED if name != "fictional"])
def test_example_translations_are_marked_as_unseen_by_office(name: str) -> None:
    with (EXAMPLES / name / "templates" / "report" / "words.csv").open(encoding="utf-8", newline="") as table:
        assert table.readline() == UNSEEN
        assert next(csv.reader(table))[:7] == ["en", "form", "fr", "es", "ar", "ru", "zh"]
