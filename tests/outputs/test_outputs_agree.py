"""All outputs of one report hold the same headings and the same numbers, also from right to left."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO
from typing import Any

import docx
import openpyxl
import pdf_ua
import pypdf
import pytest
from assessed import georgia
from lxml import html

from sdmxmig.errors import MissingLibrary
from sdmxmig.outputs import Page
from sdmxmig.reporting import compose, write

HEADINGS = "//h1 | //h2 | //h3"


@pytest.fixture(scope="module", params=["en", "ar"])
def page(request: pytest.FixtureRequest) -> Page:
    return compose(georgia(), language=request.param)


@pytest.fixture(scope="module")
def tree(page: Page) -> Any:
    return html.document_fromstring(page.html)


def plain(text: str) -> str:
    """A text without spaces, marks of direction and the signs of Markdown."""
    return re.sub(r"[\s\\*_|#\u200e\u200f\u2066-\u2069]+", "", text)


def numbers(text: str) -> Counter[str]:
    """The numbers in a text as the language writes them."""
    return Counter(re.findall(r"[+−]?\d+(?:[.,\u00a0\u202f]\d+)*", text))


def tables_of_word(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    return " ".join(" ".join(run.text or "" for run in table._tbl.iter("{*}t")) for table in document.tables)


def titles(outline: Any) -> list[str]:
    """The bookmarks of a PDF in their order."""
    return [title for entry in outline for title in (titles(entry) if isinstance(entry, list) else [entry.title])]


@pytest.fixture(scope="module")
def word(page: Page) -> bytes:
    return write(page, "docx")


def test_headings_are_the_same_in_word_and_markdown(page: Page, word: bytes, tree: Any) -> None:
    wanted = [plain(heading.text_content()) for heading in tree.xpath(HEADINGS)]
    styles = ("Title", "Heading 1", "Heading 2")
    document = docx.Document(BytesIO(word))
    assert [plain(paragraph.text) for paragraph in document.paragraphs if paragraph.style.name in styles] == wanted
    markdown = write(page, "md").decode()
    assert [plain(line) for line in markdown.splitlines() if re.match("#{1,3} ", line)] == wanted


def test_no_number_of_a_table_is_lost_or_changed_in_word_and_markdown(page: Page, word: bytes, tree: Any) -> None:
    wanted = sum((numbers(cell.text_content()) for cell in tree.xpath("//table//td[@class='number']")), Counter())
    assert len(wanted) > 30
    assert not wanted - numbers(tables_of_word(word))
    assert not wanted - numbers(write(page, "md").decode())


def test_the_workbook_holds_all_numbers_as_numbers(page: Page, tree: Any) -> None:
    workbook = openpyxl.load_workbook(BytesIO(write(page, "xlsx")))
    for table, sheet in zip(tree.xpath("//table"), workbook.worksheets[2:], strict=True):
        texts = ["".join(cell.xpath("./text()")) for cell in table.xpath(".//td[@class='number']")]
        wanted = [text for text in texts if numbers(text)]
        as_numbers = [cell for row in sheet.iter_rows(min_row=5) for cell in row if isinstance(cell.value, int | float)]
        assert len(as_numbers) == len(wanted)


@pytest.fixture(scope="module")
def pdf(page: Page) -> bytes:
    try:
        return write(page, "pdf")
    except MissingLibrary:
        pytest.skip("WeasyPrint or Pango is not installed")


def test_the_pdf_says_every_heading_and_every_number(pdf: bytes, tree: Any) -> None:
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert [plain(title) for title in titles(reader.outline)] == [
        plain(heading.text_content()) for heading in tree.xpath(HEADINGS)
    ]
    text = plain("".join(page.extract_text() for page in reader.pages))
    cells = {plain(cell.xpath("string(text())")) for cell in tree.xpath("//table//td[@class='number']")}
    assert not [cell for cell in cells if cell not in text]


def test_the_pdf_passes_the_judge_of_tagged_files(pdf: bytes) -> None:
    assert pdf_ua.failures(pdf) == []


def test_the_judge_of_tagged_files_finds_what_is_wrong() -> None:
    weasyprint = pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))
    pages = "<p>No title</p><table><tr><td>No head</table><dl><div><dt>No list</dl><h3>Too deep</h3>"
    bare = pdf_ua.failures(weasyprint.HTML(string=pages).write_pdf())
    assert bare == ["01-005 there is no structure tree"]
    failures = {failure[:6] for failure in pdf_ua.failures(weasyprint.HTML(string=pages).write_pdf(pdf_tags=True))}
    assert {"06-002", "06-003", "11-006", "09-005", "14-002", "15-005"} <= failures
