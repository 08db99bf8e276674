"""The report: from an assessment to a file that one can read, print and hand on.

One file in ``templates/report/`` is one section, in the order of their numbers; the module of the same name here
prepares what the section shows. Templates place text, they do not compute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sdmxmig.catalogue.folders import shipped
from sdmxmig.model.assessment import Assessment
from sdmxmig.outputs import OUTPUTS
from sdmxmig.plugins import Kind
from sdmxmig.reporting.wording import Wording

View = Callable[[Assessment, Wording], Mapping[str, object]]
VIEWS: Kind[View] = Kind("sdmxmig.reporting")


def report(
    assessment: Assessment,
    *,
    language: str = "en",
    output: str = "html",
    templates: Sequence[Path] = (),
) -> bytes:
    """Make the report of a country in a language, as a file of the kind that `output` names.

    `output` is ``html``, ``pdf`` or ``docx``. `templates` are folders whose own ``report/`` folder comes before the
    shipped one: a file of the same name replaces a section, a new number adds one. The same assessment gives the same
    bytes. Raises `SdmxmigError` for a language or output that does not exist, `MissingLibrary` if an output needs
    what is not installed.
    """
    from sdmxmig.reporting.page import compose, known_output

    write = OUTPUTS[known_output(output)]
    return write(compose(assessment, Wording(language), (*templates, shipped("templates"))))
