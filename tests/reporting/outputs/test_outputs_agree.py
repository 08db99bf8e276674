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
import typst
from assessed import georgia
from case_tables import cases_from
from lxml import html

from sdmxmig.reporting.outputs import Page
from sdmxmig.reporting.sections import compose, write

HEADINGS = "//h1 | //h2 | //h3"
YEAR = re.compile(r"(?:19|20)\d\d")


@pytest.fixture(scope="module", params=["en", "ar"])
def page(request: pytest.FixtureRequest) -> Page:
    return compose(georgia(), language=request.param)


@pytest.fixture(scope="module")
def tree(page: Page) -> Any:
    return html.document_fromstring(page.html)


@pytest.fixture(scope="module")
def printed(page: Page) -> Any:
    """The printed report without its annexes."""
    return html.document_fromstring(page.on_paper)


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


def test_headings_are_equal_in_all_formats(page: Page, word: bytes, tree: Any, printed: Any) -> None:
    styles = {"Title": "h1", "Heading 1": "h2", "Heading 2": "h3"}
    paragraphs = [paragraph for paragraph in docx.Document(BytesIO(word)).paragraphs if paragraph.style.name in styles]
    assert [(styles[paragraph.style.name], plain(paragraph.text)) for paragraph in paragraphs] == [
        (heading.tag, plain(heading.text_content())) for heading in printed.xpath(HEADINGS)
    ]
    markdown = write(page, "md").decode()
    assert [plain(line) for line in markdown.splitlines() if re.match("#{1,3} ", line)] == [
        plain(heading.text_content()) for heading in tree.xpath(HEADINGS)
    ]


def in_cells(tree: Any) -> Counter[str]:
    """The numbers in the columns of numbers of all tables."""
    return sum((numbers(cell.text_content()) for cell in tree.xpath("//table//td[@class='number']")), Counter())


def test_word_and_markdown_keep_all_numbers_of_tables(page: Page, word: bytes, tree: Any, printed: Any) -> None:
    assert len(in_cells(tree)) > 30
    assert in_cells(printed)
    assert not in_cells(printed) - numbers(tables_of_word(word))
    assert not in_cells(tree) - numbers(write(page, "md").decode())


def test_paper_and_annexes_have_every_number_of_the_screen(page: Page, tree: Any, printed: Any) -> None:
    annexes = compose(georgia(), document="annexes", language=page.language)
    assert not in_cells(tree) - in_cells(printed) - in_cells(html.document_fromstring(annexes.html))


def test_workbook_stores_all_numbers_as_numbers(page: Page, tree: Any) -> None:
    workbook = openpyxl.load_workbook(BytesIO(write(page, "xlsx")))
    places = [(sheet, table.ref) for sheet in workbook.worksheets for table in sheet.tables.values()]
    tables = tree.xpath("//table[not(@id='data-decade' or @id='table-account-recent')]")
    for table, (sheet, ref) in zip(tables, places, strict=True):
        texts = ["".join(cell.xpath("./text() | ./data/text()")) for cell in table.xpath(".//td[@class='number']")]
        wanted = [text for text in texts if numbers(text).total() == 1]  # not “1 of 2”
        others = table.xpath(".//td[not(contains(@class, 'number'))] | .//tbody//th")
        years = [cell for cell in others if YEAR.fullmatch("".join(cell.xpath("./text()")).strip())]
        as_numbers = [cell for row in sheet[ref][1:] for cell in row if isinstance(cell.value, int | float)]
        assert len(as_numbers) == len(wanted) + len(years)


@pytest.fixture(scope="module")
def pdf(page: Page) -> bytes:
    return write(page, "pdf")


def test_pdf_contains_every_heading_and_number(pdf: bytes, printed: Any) -> None:
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert [plain(title) for title in titles(reader.outline)] == [
        plain(heading.text_content()) for heading in printed.xpath(HEADINGS)
    ]
    text = plain("".join(page.extract_text() for page in reader.pages))
    texts = [cell.xpath("string(text())") for cell in printed.xpath("//table//td[@class='number']")]
    cells = {plain(text) for text in texts if numbers(text).total() == 1}  # “1 of 2” has another order in Arabic
    assert not [cell for cell in cells if cell not in text]


def test_pdf_passes_the_pdf_ua_check(pdf: bytes) -> None:
    assert pdf_ua.failures(pdf) == []


@pytest.mark.parametrize("document", ["brief", "annexes"])
def test_brief_and_annexes_pass_the_pdf_ua_check(document: str) -> None:
    assert pdf_ua.failures(write(compose(georgia(), document=document), "pdf")) == []


@cases_from("reporting/cases/the_judge_of_tagged_files_finds_what_is_wrong.csv")
def test_pdf_ua_check_finds_planted_faults(markup: str, failure: str) -> None:
    assert failure in {found[:6] for found in pdf_ua.failures(typst.compile(markup.encode()))}
