"""The PDF carries the notice on every page, is tagged, and says what the HTML says."""

from __future__ import annotations

import builtins
import re
from io import BytesIO
from typing import Any

import pypdf
import pytest
from assessed import georgia
from lxml import html

from sdmxmig.errors import MissingLibrary
from sdmxmig.reporting import report
from sdmxmig.text import NOTICE


def engine_is_there() -> bool:
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


needs_engine = pytest.mark.skipif(not engine_is_there(), reason="WeasyPrint or Pango is not installed")


@pytest.fixture(scope="module")
def pdf() -> Any:
    return pypdf.PdfReader(BytesIO(report(georgia(), output="pdf")))


def folded(text: str) -> str:
    return re.sub(r"\s+", "", text)


@needs_engine
def test_the_notice_the_country_and_the_page_number_are_on_every_page(pdf: Any) -> None:
    for number, page in enumerate(pdf.pages, start=1):
        text = folded(page.extract_text())
        assert folded(NOTICE) in text
        assert "Georgia" in text
        assert f"{number}of{len(pdf.pages)}" in text


@needs_engine
def test_headings_and_numbers_are_those_of_the_html(pdf: Any) -> None:
    tree = html.document_fromstring(report(georgia()).decode())
    text = folded("".join(page.extract_text() for page in pdf.pages))
    for heading in tree.xpath("//h1 | //h2 | //h3"):
        assert folded(heading.text_content()) in text
    for number in ("3,694,651", "−51", "+14.7", "55.4", "205,857", "−245,064"):
        assert number in text


@needs_engine
def test_it_is_tagged_and_has_title_and_language(pdf: Any) -> None:
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en"
    assert pdf.metadata.title.startswith("Georgia 2024")
    assert "pdfuaid" in root["/Metadata"].get_data().decode()


@needs_engine
def test_bookmarks_lead_to_all_headings(pdf: Any) -> None:
    def titles(outline: Any) -> list[str]:
        return [t for one in outline for t in (titles(one) if isinstance(one, list) else [folded(one.title)])]

    tree = html.document_fromstring(report(georgia()).decode())
    assert titles(pdf.outline) == [folded(heading.text_content()) for heading in tree.xpath("//h1 | //h2 | //h3")]


@needs_engine
def test_the_running_head_names_the_section_that_goes_on(pdf: Any) -> None:
    heads = [page.extract_text() for page in pdf.pages]
    assert "Georgia · " not in heads[0]
    assert all("Georgia · " in head for head in heads[1:])


@needs_engine
def test_the_same_report_is_the_same_bytes() -> None:
    assert report(georgia(), output="pdf") == report(georgia(), output="pdf")


def test_without_the_engine_the_error_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingLibrary, match="Pango") as caught:
        report(georgia(), output="pdf")
    assert "./install-debian-packages" in caught.value.hint
