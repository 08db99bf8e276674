"""The PDF carries the notice on every page, is tagged, and is the same each time."""

from __future__ import annotations

import builtins
import re
from decimal import Decimal
from io import BytesIO
from typing import Any

import pypdf
import pytest
from assessed import georgia
from printing import needs_engine

from sdmxmig.primitives.errors import MissingLibrary
from sdmxmig.primitives.text import NOTICE
from sdmxmig.reporting.charts import CHARTS, ChartLabels
from sdmxmig.reporting.charts.groups import StatusGroup
from sdmxmig.reporting.outputs import OUTPUTS, Page
from sdmxmig.reporting.outputs.paper import with_pictures
from sdmxmig.reporting.sections import report


@pytest.fixture(scope="module")
def content() -> bytes:
    return report(georgia(), output="pdf")


@pytest.fixture(scope="module")
def pdf(content: bytes) -> Any:
    return pypdf.PdfReader(BytesIO(content))


def folded(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.sampled(3)
@needs_engine
def test_the_notice_the_country_and_the_page_number_are_on_every_page(pdf: Any) -> None:
    for number, page in enumerate(pdf.pages, start=1):
        text = folded(page.extract_text())
        assert folded(NOTICE) in text
        assert "Georgia" in text
        assert f"{number}of{len(pdf.pages)}" in text


@needs_engine
def test_it_is_tagged_and_has_title_and_language(pdf: Any) -> None:
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en"
    assert pdf.metadata.title.startswith("Georgia 2024")
    assert "pdfuaid" in root["/Metadata"].get_data().decode()


@needs_engine
def test_the_running_head_names_the_section_that_goes_on(pdf: Any) -> None:
    heads = [page.extract_text() for page in pdf.pages]
    assert "Georgia · " not in heads[0]
    assert all("Georgia · " in head for head in heads[1:])


@pytest.mark.sampled(3)
@needs_engine
def test_the_second_page_has_the_contents_with_the_page_on_which_each_section_begins(pdf: Any) -> None:
    texts = [page.extract_text() for page in pdf.pages]
    listed = re.findall(r"^(?:\d+|[A-Z]) ([^.\n]+?)\.{3,} ?(\d+)$", texts[1], re.MULTILINE)
    assert len(listed) > 10
    for name, number in listed:
        assert folded(f"· {name}") in folded(texts[int(number) - 1])


@needs_engine
@pytest.mark.sampled(3)
def test_the_same_report_is_the_same_bytes(content: bytes) -> None:
    assert report(georgia(), output="pdf") == content


def test_missing_engine_is_reported_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingLibrary, match="Pango") as caught:
        report(georgia(), output="pdf")
    assert "Install sdmxmig" in caught.value.hint


@needs_engine
def test_a_figure_from_right_to_left_is_a_picture_since_its_words_would_fall_apart() -> None:
    labels = ChartLabels("figure-1", "عنوان", description='ما "يظهر" هنا', direction="rtl")
    drawn = CHARTS["groups"]([StatusGroup("FB_FC", "مواطنون أجانب", value=Decimal(9), written="9")], labels)
    html = f'<html lang="ar" dir="rtl"><title>عنوان</title><body><div class="drawing">{drawn}</div></body></html>'
    printed = with_pictures(html, drawn_here=True)
    assert 'alt="ما &quot;يظهر&quot; هنا" src="data:image/png;base64,' in printed
    assert "<svg" not in printed
    page = Page(
        html, "عنوان", language="ar", direction="rtl", running="", notice="", page_of="", identifier="1", figures={}
    )
    (only,) = pypdf.PdfReader(BytesIO(OUTPUTS["pdf"](page))).pages
    assert len(only.images) == 1


def saying(text: str, language: str = "en") -> Page:
    """A page that says no more than this."""
    html = f"<!doctype html><html lang={language}><title>t</title><p>{text}"
    return Page(html, ".", language=language, direction="ltr", running=".")


@needs_engine
@pytest.mark.parametrize("text", ["\U00020000", "Georgia \ue000\U00020000"])
def test_letters_that_no_font_has_are_named_and_not_printed_as_boxes(text: str) -> None:
    with pytest.raises(MissingLibrary, match="needs a font with the letters \U00020000"):
        OUTPUTS["pdf"](saying(text))


@needs_engine
def test_signs_that_no_font_has_do_not_keep_a_report_from_being_printed() -> None:
    assert OUTPUTS["pdf"](saying("Georgia \ue000")).startswith(b"%PDF")


WORDS = {"en": "Migration", "fr": "à l’œuvre", "es": "España", "ar": "الهجرة", "ru": "миграция", "zh": "国际移徙统计"}


@needs_engine
@pytest.mark.parametrize("language", WORDS)
def test_the_fonts_that_are_installed_have_the_letters_of_every_language(language: str) -> None:
    assert OUTPUTS["pdf"](saying(WORDS[language], language)).startswith(b"%PDF")
