"""The Word document is Word's own: headings, tables with repeated heads, pictures with words, a header that tells."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import docx
import pytest
from assessed import georgia, report
from assessed_in_full import in_full
from lxml import html

from sdmxmig.primitives.text import ILLUSTRATION_NOTICE
from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections import compose, write

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def content() -> bytes:
    return report(georgia(), output="docx")


@pytest.fixture(scope="module")
def document(content: bytes) -> Any:
    return docx.Document(BytesIO(content))


@pytest.fixture(scope="module")
def page() -> Any:
    """The printed part of the page."""
    return html.document_fromstring(compose(georgia()).on_paper)


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_headings_equal_html_and_use_styles_of_word(document: Any, page: Any) -> None:
    styles = {"h1": "Title", "h2": "Heading 1", "h3": "Heading 2"}
    wanted = [(styles[heading.tag], folded(heading.text_content())) for heading in page.xpath("//h1 | //h2 | //h3")]
    headings = [
        (paragraph.style.name, folded(paragraph.text))
        for paragraph in document.paragraphs
        if paragraph.style.name in styles.values()
    ]
    assert headings == wanted


def test_figures_are_pictures_with_alternative_text(document: Any, page: Any) -> None:
    described = [element.text_content() for element in page.xpath("//*[local-name()='desc']")]
    descriptions = [element.get("descr") for element in document.element.body.iter("{*}docPr")]
    assert descriptions == described
    assert all(descriptions)
    assert len(document.inline_shapes) == len(described) >= 2


def test_header_has_the_notice_and_footer_the_page_number(document: Any) -> None:
    section = document.sections[0]
    assert ILLUSTRATION_NOTICE in section.header.paragraphs[0].text
    assert "Georgia" in section.header.paragraphs[0].text
    fields = [element.text for element in section.footer._element.iter(f"{W}instrText")]
    assert fields == ["PAGE", "NUMPAGES"]
    signed = docx.Document(BytesIO(report(georgia("Geostat, 1 March 2026"), output="docx")))
    assert ILLUSTRATION_NOTICE not in signed.sections[0].header.paragraphs[0].text


def test_contents_are_a_field_that_lists_the_sections(document: Any, page: Any) -> None:
    entries = [paragraph for paragraph in document.paragraphs if paragraph.style.name == "toc 1"]
    names = [folded(name.text_content()) for name in page.xpath("//section/p[@class='label']")]
    assert [folded(link.text) for entry in entries for link in entry.hyperlinks] == names
    assert [link.fragment for entry in entries for link in entry.hyperlinks] == page.xpath("//section/@id")
    listed = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Report section"]
    assert [folded(name) for name in listed] == names
    instructions = [element.text for entry in entries for element in entry._p.iter(f"{W}instrText")]
    assert instructions == ['TOC \\h \\z \\t "Report section,1"']
    signs = [sign.get(f"{W}fldCharType") for entry in entries for sign in entry._p.iter(f"{W}fldChar")]
    assert signs.count("begin") == signs.count("separate") == signs.count("end") == len(instructions)


def test_every_internal_link_of_the_document_resolves() -> None:
    body = docx.Document(BytesIO(report(in_full(), output="docx"))).element.body
    places = {element.get(f"{W}name") for element in body.iter(f"{W}bookmarkStart")}
    links = {element.get(f"{W}anchor") for element in body.iter(f"{W}hyperlink")} - {None}
    assert links
    assert links <= places


def test_document_has_its_language(document: Any) -> None:
    assert document.styles.element.find(f".//{W}docDefaults//{W}lang").get(f"{W}val") == "en"
    arabic = docx.Document(BytesIO(report(georgia(), language="ar", output="docx")))
    assert all(table._tbl.tblPr.find(f"{W}bidiVisual") is not None for table in arabic.tables)


@pytest.mark.parametrize(("columns", "is_smaller"), [(3, False), (9, True)])
def test_table_with_long_words_has_smaller_letters(columns: int, is_smaller: bool) -> None:
    cells = "".join(f"<th>Adjustments {number}</th>" for number in range(columns))
    page = f"<main><section><table><thead><tr>{cells}</tr></thead></table></section></main>"
    written = docx.Document(
        BytesIO(write(Page(html=page, title="", language="en", direction="ltr", running=""), "docx"))
    )
    sizes = {run.font.size for row in written.tables[0].rows for cell in row.cells for run in cell.paragraphs[0].runs}
    assert all(size is not None and size.pt < 8 for size in sizes) is is_smaller


@pytest.mark.parametrize(
    ("note", "rows", "text", "kept"),
    [
        ("", 3, "row", [True, True, False]),
        ("<p class=note>note", 3, "row", [True, True, True]),
        ("", 13, "row", [False] * 11 + [True, False]),
        ("<p class=note>note", 3, "long " * 200, [False, True, True]),
    ],
)
def test_short_table_and_the_end_of_a_long_one_are_kept_together(
    note: str, rows: int, text: str, kept: list[bool]
) -> None:
    lines = "".join(f"<tr><th>{number}<td>{text}" for number in range(rows))
    page = f"<main><div class=frame><table><tbody>{lines}</table></div>{note}</main>"
    content = write(Page(html=page, title="", language="en", direction="ltr", running=""), "docx")
    (table,) = docx.Document(BytesIO(content)).tables
    assert [bool(row.cells[0].paragraphs[0].paragraph_format.keep_with_next) for row in table.rows] == kept


def written(body: str, language: str = "en") -> Any:
    direction = "rtl" if language == "ar" else "ltr"
    page = Page(
        f"<body>{body}", "T", single=("summary",), language=language, direction=direction, running="T", page_of="{page}"
    )
    return docx.Document(BytesIO(write(page, "docx")))


def test_text_of_a_brief_is_smaller_if_its_table_needs_the_room() -> None:
    body = f"<section id=summary><h2>T</h2>{'<p>Line</p>' * 45}"
    without, with_table = (
        written(f"{body}<table>{'<tr><td>A' * rows}</table></section>").styles["Normal"].font.size for rows in (0, 9)
    )
    assert with_table < without


def test_lines_of_a_signature_are_on_one_page() -> None:
    document = written("<dl class=signature><dt>Name</dt><dd></dd><dt>Date</dt><dd></dd></dl><p>Next")
    kept = {line.text[:4]: line.paragraph_format.keep_with_next for line in document.paragraphs}
    assert (kept["Name"], kept["Date"], kept["Next"]) == (True, True, None)


def test_latin_sources_keep_their_order_in_arabic_document() -> None:
    document = written("<ol class=sources><li>DANE (2018).<li>الأمم المتحدة (2020).</ol>", "ar")
    found = {
        line.text: [element.get(f"{W}val") for element in line._p.iter(f"{W}bidi")] for line in document.paragraphs
    }
    assert found == {"DANE (2018).": ["0"], "الأمم المتحدة (2020).": []}
