"""The report: from an assessment to files that one can read, print and hand on.

One file in ``templates/report/`` is one section, in the order of their numbers; the module of the same name here
prepares what the section shows. Templates place text, they do not compute. The sections make three documents
(`sdmxmig.reporting.sections.documents`): a brief, the report, and its annexes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sdmxmig.catalogue.folders import shipped
from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, did_you_mean
from sdmxmig.primitives.text import tag
from sdmxmig.reporting.outputs import OUTPUTS, Page
from sdmxmig.reporting.outputs.side_by_side import press
from sdmxmig.reporting.sections.documents import DOCUMENTS, EVERY_DOCUMENT, REPORT, Download
from sdmxmig.reporting.sections.page import compose as composed
from sdmxmig.reporting.sections.page import known_output
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.model.assessment import Assessment

ALL = DOCUMENTS[REPORT]
"""What a report comes as, in the order in which it is told."""


def report(
    assessment: Assessment,
    *,
    document: str = REPORT,
    language: str = "en",
    output: str = "html",
    templates: Sequence[Path] = (),
) -> bytes:
    """Make the report of a country in a language, as a file of the kind that `output` names.

    `document` is ``report``, ``brief`` (two pages) or ``annexes``; `output` is ``html``, ``pdf``, ``docx``, ``xlsx`` or
    ``md``. `templates` are folders whose own ``report/`` folder comes before the shipped one: a file of the same name
    replaces a section, a new number adds one. The same assessment gives the same bytes. Raises `SdmxmigError` for a
    document, language or output that does not exist, `MissingLibrary` if an output needs what is not installed.
    """
    return write(compose(assessment, document=document, language=language, templates=templates), output)


def compose(
    assessment: Assessment, *, document: str = REPORT, language: str = "en", templates: Sequence[Path] = ()
) -> Page:
    """Compose one document once, for all outputs that `write` makes of it.

    Without the library that draws, the page has the data of its figures but no drawings.
    """
    if document not in DOCUMENTS:
        raise unknown_document(document, list(DOCUMENTS))
    return compose_documents(assessment, documents=[document], language=language, templates=templates)[document]


def compose_documents(
    assessment: Assessment,
    *,
    documents: Sequence[str] = tuple(DOCUMENTS),
    language: str = "en",
    templates: Sequence[Path] = (),
    downloads: Sequence[Download] = (),
) -> dict[str, Page]:
    """Compose documents of one country from the same sections, by their names; the report links to the `downloads`."""
    folders = (*templates, shipped("templates"))
    return composed(assessment, Wording(tag(language)), folders, documents=documents, downloads=downloads)


def chosen_documents(document: str) -> list[str]:
    """The documents that a name stands for; raises `SdmxmigError` with the nearest name if there is none."""
    if document == EVERY_DOCUMENT:
        return list(DOCUMENTS)
    if document in DOCUMENTS:
        return [document]
    raise unknown_document(document, [*DOCUMENTS, EVERY_DOCUMENT])


def unknown_document(document: str, known: Sequence[str]) -> SdmxmigError:
    """What is said of a document that does not exist."""
    return SdmxmigError(f"There is no document “{document}”.", hint=did_you_mean(document, known))


def write(page: Page, output: str) -> bytes:
    """Make a file of the kind that `output` names from a composed page."""
    return OUTPUTS[known_output(output)](page)


WriteAll = Callable[[Mapping[str, Page]], Iterator[tuple[str, str, bytes | MissingLibrary]]]


@contextmanager
def writing() -> Iterator[WriteAll]:
    """Make all files of composed documents side by side, each by document and kind.

    A library that is missing is named instead. Begin before the pages are composed: what prints takes time to get
    ready.
    """
    with press() as ready:
        yield lambda pages: ready.write_all(pages, DOCUMENTS)
