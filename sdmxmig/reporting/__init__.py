"""The report: from an assessment to a file that one can read, print and hand on.

One file in ``templates/report/`` is one section, in the order of their numbers; the module of the same name here
prepares what the section shows. Templates place text, they do not compute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sdmxmig.catalogue.folders import shipped
from sdmxmig.errors import MissingLibrary
from sdmxmig.model.assessment import Assessment
from sdmxmig.outputs import OUTPUTS, Page
from sdmxmig.outputs.side_by_side import press
from sdmxmig.reporting.page import compose as composed
from sdmxmig.reporting.page import known_output
from sdmxmig.reporting.wording import Wording
from sdmxmig.text import tag

ALL = ("html", "pdf", "docx", "xlsx", "md")
"""What a report comes as, in the order in which it is told."""


def report(
    assessment: Assessment,
    *,
    language: str = "en",
    output: str = "html",
    templates: Sequence[Path] = (),
) -> bytes:
    """Make the report of a country in a language, as a file of the kind that `output` names.

    `output` is ``html``, ``pdf``, ``docx``, ``xlsx`` or ``md``. `templates` are folders whose own ``report/`` folder
    comes before the shipped one: a file of the same name replaces a section, a new number adds one. The same assessment
    gives the same bytes. Raises `SdmxmigError` for a language or output that does not exist, `MissingLibrary` if an
    output needs what is not installed.
    """
    return write(compose(assessment, language=language, templates=templates), output)


def compose(assessment: Assessment, *, language: str = "en", templates: Sequence[Path] = ()) -> Page:
    """Compose the report once, for all outputs that `write` makes of it.

    Without the library that draws, the page has the data of its figures but no drawings.
    """
    return composed(assessment, Wording(tag(language)), (*templates, shipped("templates")))


def write(page: Page, output: str) -> bytes:
    """Make a file of the kind that `output` names from a composed page."""
    return OUTPUTS[known_output(output)](page)


@contextmanager
def writing() -> Iterator[Callable[[Page], Iterator[tuple[str, bytes | MissingLibrary]]]]:
    """Make all files of a composed page side by side, each by its kind; a library that is missing is named instead.

    Begin before the page is composed: what prints takes time to get ready.
    """
    with press() as ready:
        yield lambda page: ready.write_all(page, ALL)
