"""Reports from assessments.

Each file in ``templates/report/`` is a section, prepared by the view of its name. Documents: brief, report,
annexes (`sdmxmig.reporting.sections.documents`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.text import normalise_tag
from sdmxmig.reporting.outputs import OUTPUTS, Page
from sdmxmig.reporting.sections.documents import ANNEXES, DOCUMENTS, EVERY_DOCUMENT, REPORT, Download
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.statistics.model.assessment import Assessment

if TYPE_CHECKING:
    from sdmxmig.reporting.sections import page as composing
else:
    composing = import_lazily("sdmxmig.reporting.sections.page")

REPORT_FORMATS = DOCUMENTS[REPORT]


def compose(
    assessment: Assessment, *, document: str = REPORT, language: str = "en", templates: Sequence[Path] = ()
) -> Page:
    """Compose a document for all outputs; without the drawing library, figures have data only."""
    if document not in DOCUMENTS:
        raise build_unknown_document_error(document, list(DOCUMENTS))
    return compose_documents(assessment, documents=[document], language=language, templates=templates)[document]


def compose_documents(
    assessment: Assessment,
    *,
    documents: Collection[str] = tuple(DOCUMENTS),
    language: str = "en",
    templates: Sequence[Path] = (),
    downloads: Sequence[Download] = (),
) -> dict[str, Page]:
    folders = (*templates, find_shipped_folder("templates"))
    return composing.compose(
        assessment, Wording(normalise_tag(language)), folders, documents=documents, downloads=downloads
    )


def choose_documents(document: str) -> dict[str, Sequence[str]]:
    """Return the outputs of each document; annexes, which are for paper, only on request."""
    if document == EVERY_DOCUMENT:
        return {**DOCUMENTS, ANNEXES: DOCUMENTS[ANNEXES][:1]}
    if document in DOCUMENTS:
        return {document: DOCUMENTS[document]}
    raise build_unknown_document_error(document, [*DOCUMENTS, EVERY_DOCUMENT])


def build_unknown_document_error(document: str, known: Sequence[str]) -> SdmxmigError:
    return SdmxmigError(f"There is no document “{document}”.", hint=did_you_mean(document, known))


def write(page: Page, output: str) -> bytes:
    return OUTPUTS[composing.find_known_output(output)](page)


def write_all(
    pages: Mapping[str, Page], documents: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str, bytes | MissingLibrary]]:
    """Write composed documents in the given outputs; the error of a missing library replaces its file."""
    for name, page in pages.items():
        for output in documents[name]:
            made: bytes | MissingLibrary
            try:
                made = write(page, output)
            except MissingLibrary as error:
                made = error
            yield name, output, made
