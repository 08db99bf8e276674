"""The report as a tagged PDF (PDF/UA-1), made from the same HTML by WeasyPrint."""

from __future__ import annotations

from typing import Any

from sdmxmig.errors import MissingLibrary, OutputError
from sdmxmig.outputs import OUTPUTS, Page


def engine() -> Any:
    """WeasyPrint; raises `MissingLibrary` with what to install if it, or the Pango library below it, is not there."""
    try:
        import weasyprint
    except ImportError as error:
        raise MissingLibrary(
            "The PDF needs WeasyPrint, which is not installed.",
            hint="Install it: pip install sdmxmig[report]. HTML and Word come out without it.",
        ) from error
    except OSError as error:  # WeasyPrint is there, Pango is not
        raise MissingLibrary(
            "The PDF needs the Pango library, which is not installed.",
            hint="On Debian run ./install-debian-packages, or: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0 fonts-noto-core. HTML and Word come out without it.",
        ) from error
    return weasyprint


@OUTPUTS.add("pdf")
def write(page: Page) -> bytes:
    """Print the page; nothing is fetched, and neither clock nor chance enters the file."""
    document = engine().HTML(string=page.html, url_fetcher=nothing)
    content = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=page.identifier.encode() or None)
    return bytes(content)


def nothing(url: str, **_options: Any) -> Any:
    """Refuse every request: a report carries all that it shows, so that any request is a mistake."""
    raise OutputError(f"The report asked for {url}, but a report carries all that it shows.")
