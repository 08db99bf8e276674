"""Tagged PDF (PDF/UA-1) by WeasyPrint."""

from __future__ import annotations

from typing import Any

from sdmxmig.primitives.errors import MissingLibrary, OutputError, pip_install
from sdmxmig.reporting.outputs import OUTPUTS, Page
from sdmxmig.reporting.outputs.drawings import with_pictures
from sdmxmig.reporting.outputs.fitting import fitted, section_ids
from sdmxmig.reporting.outputs.paper import on_paper

VARIANT = "pdf/ua-1"
SHOWN = 10
"""So many of the letters that no font has are named."""


def engine() -> Any:
    """Import WeasyPrint; raises `MissingLibrary` with instructions if it or Pango is missing."""
    try:
        import weasyprint
    except ImportError as error:
        raise MissingLibrary(
            "The PDF needs WeasyPrint, which is not installed.",
            hint=f"HTML and Word come out without it. Install it: {pip_install('report')}",
        ) from error
    except OSError as error:  # WeasyPrint is there, Pango is not
        raise MissingLibrary(
            "The PDF needs the Pango library, which is not installed.",
            hint="HTML and Word come out without it. Install the system packages for Pango and fonts: see the page "
            "“Install sdmxmig” of the manual.",
        ) from error
    return weasyprint


def check_letters(document: Any, _: object) -> None:
    codes = {code for font in document.fonts.values() for code in getattr(font, "missing", ())}
    letters = "".join(sorted(filter(str.isalpha, map(chr, codes))))
    if letters:
        raise MissingLibrary(
            f"The PDF needs a font with the letters {letters[:SHOWN]}, which is not installed.",
            hint="HTML and Word come out without it. Install the Noto fonts, for Chinese Noto Sans SC: see the page "
            "“Install sdmxmig” of the manual.",
        )


def lay_out(page: Page) -> Any:
    """Lay the page out on sheets of paper, as a document of WeasyPrint; only its own pictures are loaded."""
    weasyprint = engine()
    inside = weasyprint.urls.URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    # WeasyPrint draws the words of SVG letter by letter, which takes joined letters apart and turns their order round.
    html = with_pictures(page.on_paper, drawn_here=page.direction == "rtl")

    def laid_out(page_html: str) -> Any:
        return weasyprint.HTML(string=page_html, url_fetcher=inside).render(pdf_variant=VARIANT)

    printed = on_paper(html)
    try:
        if page.single:
            if section_ids(printed) == page.single and len((whole := laid_out(printed)).pages) == len(page.single):
                return whole  # each section fits its page as it is
            printed = fitted(printed, page.single, lambda section: len(laid_out(section).pages))
        return laid_out(printed)
    except weasyprint.urls.FatalURLFetchingError as error:
        raise OutputError(f"{error}, but a report carries all that it shows.") from error


@OUTPUTS.add("pdf")
def write(page: Page) -> bytes:
    """Print the page; neither clock nor chance enters the file."""
    identifier = page.identifier.encode() or None
    content = lay_out(page).write_pdf(finisher=check_letters, pdf_variant=VARIANT, pdf_identifier=identifier)
    return bytes(content)
