"""The PDF carries the notice on every page, is tagged, and is the same each time."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from html import escape
from io import BytesIO
from typing import Any

import pdf_ua
import pypdf
import pytest
from assessed import georgia, report
from case_tables import cases_from
from page_layout import HEIGHT, MARGIN, WIDTH, needs_pdftotext, printed_lines

from sdmxmig.primitives.errors import MissingLibrary
from sdmxmig.primitives.text import ILLUSTRATION_NOTICE, find_direction
from sdmxmig.reporting.charts import ChartLabels
from sdmxmig.reporting.charts.bars import StatusGroup, draw_groups
from sdmxmig.reporting.outputs import OUTPUTS, Page


@pytest.fixture(scope="module")
def content() -> bytes:
    return report(georgia(), output="pdf")


@pytest.fixture(scope="module")
def pdf(content: bytes) -> Any:
    return pypdf.PdfReader(BytesIO(content))


def folded(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_page_has_notice_country_and_page_number(pdf: Any) -> None:
    for number, page in enumerate(pdf.pages, start=1):
        text = folded(page.extract_text())
        assert text.startswith("Georgia")
        assert folded(ILLUSTRATION_NOTICE) in text
        assert f"{number}of{len(pdf.pages)}" in text


def test_pdf_has_title_and_language(pdf: Any) -> None:
    assert str(pdf.trailer["/Root"]["/Lang"]) == "en"
    assert pdf.metadata.title.startswith("Georgia 2024")


def test_contents_name_the_first_page_of_each_section(pdf: Any) -> None:
    texts = [page.extract_text() for page in pdf.pages]
    listed = re.findall(r"^(?:\d+|[A-Z]) ([^.\n]+?)\.{3,} ?(\d+)$", "\n".join(texts[:2]), re.MULTILINE)
    assert listed
    for name, number in listed:
        assert folded(f"· {name}") in folded(texts[int(number) - 1])


def test_equal_reports_have_identical_bytes(content: bytes) -> None:
    assert report(georgia(), output="pdf") == content


def test_missing_engine_is_reported_with_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingLibrary, match="Typst") as caught:
        report(georgia(), output="pdf")
    assert "pip install" in caught.value.hint


def test_right_to_left_words_of_a_chart_keep_their_order() -> None:
    labels = ChartLabels("figure-1", "عنوان", description='ما "يظهر" هنا', direction="rtl")
    drawn = draw_groups([StatusGroup("FB_FC", "مواطنون أجانب", value=Decimal(9), written="9")], labels)
    content = OUTPUTS["pdf"](saying(f'<figure><div class="drawing">{drawn}</div></figure>', "ar"))
    root: Any = pypdf.PdfReader(BytesIO(content)).trailer["/Root"]
    figures = [element["/Alt"] for element in pdf_ua.walk(root["/StructTreeRoot"]) if "/Alt" in element]
    assert figures == ['ما "يظهر" هنا']


@pytest.mark.parametrize("name", ["فنزويلا (جمهورية", "فنزويلا…", "بيرو Peru"])
def test_arabic_words_beside_symbols_are_drawn(name: str) -> None:
    labels = ChartLabels("figure-1", "عنوان", description="وصف", direction="rtl")
    drawn = draw_groups([StatusGroup("VE", name, value=Decimal(9), written="9")], labels)
    page = saying(f'<figure><div class="drawing">{drawn}</div></figure>', "ar")
    assert OUTPUTS["pdf"](page).startswith(b"%PDF")


HOSTILE = ["#panic()", '"); #read("/etc/passwd") #("', "$x$ *b* _i_ `raw` <label> @reference // c", r"\ \u{41} #[]"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_printed_literally(text: str) -> None:
    (page,) = pypdf.PdfReader(BytesIO(OUTPUTS["pdf"](saying(escape(text))))).pages
    assert folded(text) in folded(page.extract_text())


@cases_from("reporting/outputs/cases/markup_of_an_office_is_printed_with_all_its_words.csv")
def test_all_words_of_office_markup_are_printed(body: str) -> None:
    content = OUTPUTS["pdf"](saying(f"<h1>Title</h1>{body}"))
    text = folded("".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages))
    assert not set(re.findall(r"\b[A-I]\b", re.sub(r"<text>A", "", body))) - set(text)
    assert not [failure for failure in pdf_ua.failures(content) if not failure.startswith("13")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<table><thead><tr><th>A<th>B<tbody><tr><th>A<td>", "</table>"),
        (f"<table><thead><tr>{'<th>Subject' * 8}<tbody><tr><th>A{'<td>A' * 6}<td>", "</table>"),
        ("<ul class=plain><li>", "</ul>"),
        ("<ol class=sources><li>", "</ol>"),
        ("<figure><div class=drawing><svg width='9' height='9'></svg></div><p class=note>", "</figure>"),
    ],
)
@needs_pdftotext
@pytest.mark.parametrize("count", [150, 300, 600, 3000])
def test_words_that_fill_more_than_a_page_are_printed_whole(before: str, after: str, count: int) -> None:
    words = [f"word{number}" for number in range(count)]
    content = OUTPUTS["pdf"](saying(f"{before}{' '.join(words)}{after}"))
    printed = [word for sheet in printed_lines(content) for line in sheet for word in line if "word" in word.text]
    assert {*words} <= {word.text for word in printed}
    assert max(word.bottom for word in printed) < HEIGHT - MARGIN + 5


@needs_pdftotext
@pytest.mark.parametrize("spare", range(28, 49, 2))
@pytest.mark.parametrize("group", ["", "<tr class=group><th colspan=2>Group"])
@pytest.mark.parametrize("note", ["", "<p class=note>note"])
def test_last_rows_of_a_table_and_notes_are_on_one_page(spare: int, group: str, note: str) -> None:
    rows = "".join(f"<tr><th>{number}<td>row{number}" for number in range(20))
    head = f"<h1>Title</h1><p>{'<br>'.join(['line'] * spare)}<div class=frame><table><thead><tr><th>A<th>B<tbody>"
    content = OUTPUTS["pdf"](saying(f"{head}{group}{rows}</table></div>{note}<p>Next"))
    sheets = [{word.text for line in sheet for word in line} for sheet in printed_lines(content)]
    last = {"row18", "row19", *(["note"] if note else [])}
    assert [last & words for words in sheets if last & words] == [last]
    assert all("Group" in words for words in sheets if "row19" in words or "row0" in words) or not group
    assert not [failure for failure in pdf_ua.failures(content) if not failure.startswith("13")]


@needs_pdftotext
@pytest.mark.parametrize("spare", range(28, 49, 2))
def test_last_group_of_one_row_is_on_the_page_of_the_row_before(spare: int) -> None:
    rows = [f"<tr><th>{number}<td>row{number}" for number in range(20)]
    rows.insert(19, "<tr class=group><th colspan=2>Last")
    head = f"<h1>Title</h1><p>{'<br>'.join(['line'] * spare)}<div class=frame><table><thead><tr><th>A<th>B<tbody>"
    content = OUTPUTS["pdf"](saying(f"{head}<tr class=group><th colspan=2>Group{''.join(rows)}</table></div><p>Next"))
    sheets = [{word.text for line in sheet for word in line} for sheet in printed_lines(content)]
    last = {"row18", "Last", "row19"}
    assert [last & words for words in sheets if last & words] == [last]
    assert not [failure for failure in pdf_ua.failures(content) if not failure.startswith("13")]


@needs_pdftotext
@pytest.mark.parametrize("spare", range(30, 47, 2))
def test_heading_and_short_text_are_on_the_page_of_their_table(spare: int) -> None:
    rows = "".join(f"<tr><th>{number}<td>row{number}" for number in range(9))
    body = f"<h2>Title</h2><p>short</p><div class=frame><table><thead><tr><th>A<th>B<tbody>{rows}</table></div>"
    content = OUTPUTS["pdf"](saying(f"<h1>Whole</h1><p>{'<br>'.join(['line'] * spare)}{body}"))
    sheets = [{word.text for line in sheet for word in line} for sheet in printed_lines(content)]
    assert any({"Title", "short", "row0"} <= words for words in sheets)


@needs_pdftotext
@pytest.mark.parametrize("count", [1, 4, 60, 300])
@pytest.mark.parametrize("spare", [1, 30, 43])
def test_sources_fill_the_columns_of_each_page_in_order(spare: int, count: int) -> None:
    items = "".join(f"<li>S{number} {'Title of a source. ' * (number % 4 + 1)}" for number in range(count))
    body = f"<h2>Sources</h2><ol class=sources>{items}</ol>"
    content = OUTPUTS["pdf"](saying(f"<h1>Whole</h1><p>{'<br>'.join(['line'] * spare)}{body}"))
    placed = [
        (number, word.left > WIDTH / 2, word.top, word.text)
        for number, sheet in enumerate(printed_lines(content))
        for line in sheet
        for word in line
        if re.fullmatch(r"S\d+|Sources", word.text)
    ]
    assert [text for *_, text in sorted(placed)] == ["Sources", *(f"S{number}" for number in range(count))]
    assert placed[0][0] == placed[1][0]


def saying(text: str, language: str = "en") -> Page:
    """A page that says no more than this."""
    html = f"<!doctype html><html lang={language}><title>t</title><p>{text}"
    return Page(html, ".", language=language, direction=find_direction(language), running=".")


@pytest.mark.parametrize("text", ["\U00020000", "Georgia \ue000\U00020000"])
def test_missing_font_is_reported_with_its_letters(text: str) -> None:
    with pytest.raises(MissingLibrary, match="needs a font with the letters \U00020000"):
        OUTPUTS["pdf"](saying(text))


def test_missing_symbols_do_not_prevent_printing() -> None:
    assert OUTPUTS["pdf"](saying("Georgia \ue000")).startswith(b"%PDF")


WORDS = {"en": "Migration", "fr": "à l’œuvre", "es": "España", "ar": "الهجرة", "ru": "миграция", "zh": "国际移徙统计"}


@pytest.mark.parametrize("language", WORDS)
def test_installed_fonts_cover_every_language(language: str) -> None:
    assert OUTPUTS["pdf"](saying(WORDS[language], language)).startswith(b"%PDF")


DRAWING = "<figure><figcaption>Chart</figcaption><div class=drawing><svg width='540' height='280'></svg></div></figure>"


def print_words(body: str) -> list[set[str]]:
    content = OUTPUTS["pdf"](saying(body))
    assert not [failure for failure in pdf_ua.failures(content) if not failure.startswith("13")]
    return [{word.text for line in sheet for word in line} for sheet in printed_lines(content)]


@needs_pdftotext
@pytest.mark.parametrize("spare", [30, 45])
def test_text_after_a_drawing_without_room_fills_the_page(spare: int) -> None:
    sheets = print_words(f"<h1>Title</h1><p>{'<br>'.join(['line'] * spare)}</p>{DRAWING}<p>Next")
    assert "Next" in sheets[0]
    assert ["Chart" in words for words in sheets] == ([True] if spare == 30 else [False, True])


@needs_pdftotext
def test_heading_is_on_the_page_of_its_drawing_if_no_text_fits_between() -> None:
    text = f"<p>{'<br>'.join(['line'] * 45)}</p>"
    sheets = print_words(
        f"<h1>Title</h1>{text}<h3>Countries</h3>{DRAWING}<div style='break-inside: avoid'>{text}</div>"
    )
    assert ["Countries" in words for words in sheets] == ["Chart" in words for words in sheets]
