"""A language as people type it (FR, Fr, fr_FR) is the same language everywhere: file name, tag and choice of texts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from assessed import georgia, report
from findings_pages import page_of

import sdmxmig
from sdmxmig.catalogue.folders import read_words_in
from sdmxmig.cli import run
from sdmxmig.primitives import text
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Findings

TYPED = ("FR", "Fr", "fR")


@cache
def in_french() -> bytes:
    return report(georgia(), language="fr")


@pytest.mark.parametrize("language", TYPED)
def test_language_tag_in_capitals_selects_the_report_language(language: str) -> None:
    assert report(georgia(), language=language) == in_french()


@pytest.mark.parametrize("language", ["fr_FR", "fr-FR", "FR_fr", "fr_fr"])
def test_report_for_a_country_uses_texts_of_its_language(language: str) -> None:
    plain, regional = in_french().decode(), report(georgia(), language=language).decode()
    assert re.findall(r'<html[^>]* lang="([^"]+)"', regional) == ["fr-FR"]
    assert re.findall("<h2.*?</h2>", regional) == re.findall("<h2.*?</h2>", plain)


def test_regional_english_has_no_untranslated_texts() -> None:
    from sdmxmig.reporting.sections import compose

    assert not compose(georgia(), language="en_GB").untranslated


@pytest.mark.parametrize("language", [*TYPED, "fr_FR", "fr-CA"])
def test_text_is_found_for_any_form_of_language_tag(language: str) -> None:
    words = Text.of(en="Women", fr="Femmes")
    assert words.in_language(text.normalise_tag(language)) == "Femmes"
    assert words.has(text.normalise_tag(language))


def test_regional_text_precedes_general_text() -> None:
    words = Text((("pt", "todos"), ("pt-BR", "do Brasil")))
    assert [words.in_language(tag) for tag in ("pt-BR", "pt-PT", "pt")] == ["do Brasil", "todos", "todos"]


@pytest.mark.parametrize("language", TYPED)
def test_language_tag_in_capitals_selects_findings_language(language: str) -> None:
    first, second = [page_of(Findings(), language=tag) for tag in (language, "fr")]
    assert first == second
    assert read_words_in("findings", language) == read_words_in("findings", "fr")


@pytest.mark.parametrize("language", [pytest.param(tag, marks=pytest.mark.long) for tag in ("Fr", "FR", "fR", "fr_FR")])
def test_forms_and_site_are_translated(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = "make DF_POP --area GE --years 2024"
    for tag in (language, "fr"):
        assert run(["questionnaire", *asked.split(), "--language", tag, "-o", f"q-{tag}.xlsx"]) == 0
        assert run(["profile", "form", "--area", "GE", "--language", tag, "-o", f"p-{tag}.xlsx"]) == 0
    assert (tmp_path / f"q-{language}.xlsx").read_bytes() == (tmp_path / "q-fr.xlsx").read_bytes()
    assert (tmp_path / f"p-{language}.xlsx").read_bytes() == (tmp_path / "p-fr.xlsx").read_bytes()
    sdmxmig.write_docs(tmp_path / "site", languages=[language, "fr"])
    assert [folder.name for folder in (tmp_path / "site").iterdir() if folder.is_dir() and len(folder.name) < 6] == [
        "fr"
    ]


@pytest.mark.parametrize("language", ["xx-YY-ZZ-", "klingon", "f", "", "fr__FR"])
def test_unknown_language_is_refused(language: str) -> None:
    with pytest.raises(SdmxmigError, match="is not a language that sdmxmig knows"):
        text.normalise_tag(language)
