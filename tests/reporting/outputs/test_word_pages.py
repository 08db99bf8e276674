"""The Word document of a brief has one or two pages in LibreOffice, in every language."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import docx
import pypdf
import pytest
from assessed import georgia, report
from assessed_examples import EXAMPLES, example
from docx.oxml.ns import qn

from sdmxmig.reporting.sections import compose, write

OFFICE = shutil.which("soffice")
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
COUNTRIES = sorted(path.parent.name for path in EXAMPLES.glob("*/profile.toml"))
CASES = [
    ("georgia", ("en", "ar", "ru")),
    ("norway", ("en", "ru")),
    *(pytest.param(name, LANGUAGES, marks=pytest.mark.long) for name in COUNTRIES),
]


def letters_by_page(documents: list[Path], folder: Path) -> dict[str, list[int]]:
    """Count the letters on each page that LibreOffice makes of documents, by their names."""
    assert OFFICE is not None
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [OFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, documents)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    made = {document.stem: pypdf.PdfReader(folder / f"{document.stem}.pdf").pages for document in documents}
    return {name: [len(page.extract_text()) for page in pages] for name, pages in made.items()}


@pytest.mark.skipif(OFFICE is None, reason="there is no LibreOffice")
@pytest.mark.parametrize(("name", "languages"), CASES)
def test_brief_has_one_page_or_two_full_pages_in_word(name: str, languages: tuple[str, ...], tmp_path: Path) -> None:
    documents = []
    for language in languages:
        documents.append(tmp_path / f"{language}.docx")
        brief = compose(example(name), document="brief", language=language, templates=[EXAMPLES / name / "templates"])
        documents[-1].write_bytes(write(brief, "docx"))
    for language, letters in letters_by_page(documents, tmp_path).items():
        assert len(letters) <= 2, language
        assert min(letters) > 500, language


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_every_style_has_one_size_for_both_directions(language: str) -> None:
    document = docx.Document(BytesIO(report(georgia(), output="docx", language=language)))
    sizes = {
        style.name: [float(size.get(qn("w:val"))) / 2 for size in style.element.iter(qn("w:sz"), qn("w:szCs"))]
        for style in document.styles
        if style.name in ("Normal", "Title", "Heading 1", "Heading 2", "Caption", "Report note", "Report cell")
    }
    assert len(sizes) == 7
    assert all(size == of_both for size, of_both in sizes.values())


def test_arabic_lines_have_equal_height_except_pictures() -> None:
    document = docx.Document(BytesIO(report(georgia(), output="docx", language="ar")))
    heights = {style.name: style.paragraph_format.line_spacing for style in document.styles if style.type == 1}
    assert heights["Normal"].pt == 13.5  # 9 × 1.5
    assert heights["Title"].pt == 27
    assert heights["Report figure"] == 1.0
