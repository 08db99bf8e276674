"""From the sections to one page: templates are found, filled, put in order, and given head, contents and style."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from sdmxmig import text
from sdmxmig.errors import DeclarationError, SdmxmigError, did_you_mean
from sdmxmig.model.assessment import Assessment
from sdmxmig.outputs import OUTPUTS, Page
from sdmxmig.outputs.templating import Templates, style_hash
from sdmxmig.reporting import VIEWS
from sdmxmig.reporting.blocks import Figure
from sdmxmig.reporting.wording import Wording

SECTION = re.compile(r"^(\d\d)-([a-z][a-z0-9_-]*)\.html\.j2$")

NO_DRAWINGS = "no drawings: the charts need vl-convert; install it: pip install vl-convert-python"


def known_output(output: str) -> str:
    """The name of an output that exists; `SdmxmigError` with the nearest one if it does not."""
    if output in OUTPUTS:
        return output
    raise SdmxmigError(f"There is no report as “{output}”.", hint=did_you_mean(output, OUTPUTS))


def compose(assessment: Assessment, wording: Wording, templates: Sequence[Path]) -> Page:
    """Fill all sections and put them on one page.

    `templates` are folders that hold a ``report/`` folder; the first that has a file of a name wins.
    """
    folders = [folder / "report" for folder in templates if (folder / "report").is_dir()]
    filled = Templates(folders, words={"_": wording.say}, filters={"described": described})
    style = filled.source("style.css")
    figures: dict[str, str] = {}
    undrawn = False
    sections = []
    for file, name in section_files(folders):
        view = VIEWS[name](assessment, wording) if name in VIEWS else {"heading": name, "label": name}
        shown = [block for block in view.values() if isinstance(block, Figure)]
        figures.update({figure.id: figure.svg for figure in shown if figure.svg})
        undrawn |= any(not figure.svg for figure in shown)
        body = filled.fill(file, assessment=assessment, w=wording, **view)
        sections.append({"id": name, "label": view["label"], "heading": view["heading"], "body": body})
    frame = _frame(assessment, wording)
    html = filled.fill(
        "_page.html.j2", frame=frame, sections=sections, style=style, style_hash=style_hash(style), w=wording
    )
    return Page(
        html=html,
        title=str(frame["title"]),
        language=wording.language,
        direction=str(frame["direction"]),
        running=str(frame["country"]),
        notice=str(frame["notice"]),
        page_of=wording.say("{page} of {pages}"),
        identifier=hashlib.sha256(html.encode()).hexdigest()[:32],
        figures=figures,
        lacking=NO_DRAWINGS if undrawn else "",
    )


def section_files(folders: Sequence[Path]) -> list[tuple[str, str]]:
    """The sections in their order, as file name and section name; `DeclarationError` if there are none."""
    found = {
        path.name: match.group(2)
        for folder in folders
        for path in folder.iterdir()
        if (match := SECTION.match(path.name))
    }
    if not found:
        raise DeclarationError(
            "There is no section for the report.",
            hint="Sections are files such as templates/report/10-summary.html.j2.",
        )
    return sorted(found.items())


def described(figure: Figure) -> Figure:
    """A figure that says in words what it shows; `ValueError` if it does not."""
    if not figure.description.strip():
        raise ValueError(f"The figure “{figure.id}” has no description.")
    return figure


def _frame(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    """What stands around the sections."""
    country = wording.of(assessment.country) or assessment.area
    subject = wording.say("International migration and temporary mobility statistics")
    return {
        "country": country,
        "office": wording.of(assessment.office),
        "year": assessment.year,
        "is_draft": assessment.is_draft,
        "state": wording.say("Draft") if assessment.is_draft else wording.say("Reviewed"),
        "signed_off": assessment.signed_off,
        "notice": wording.say(text.NOTICE) if assessment.is_draft else "",
        "subject": subject,
        "title": f"{country} {assessment.year}: {subject[:1].lower()}{subject[1:]}",
        "language": wording.language,
        "direction": text.direction(wording.language),
    }
