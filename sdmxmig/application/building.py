"""Building the structure messages of a workspace, in every version of SDMX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sdmxmig import catalogue
from sdmxmig.application.session import Session
from sdmxmig.errors import counted
from sdmxmig.formats import FORMATS
from sdmxmig.formats.fitting import fitting
from sdmxmig.outputs.markdown import literal

if TYPE_CHECKING:
    from sdmxmig.formats.fitting import Fitted
    from sdmxmig.model.metadata import MetadataSet

STRUCTURE_FORMATS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")
LEFT_OUT = "left-out.md"


def build(session: Session, flows: Sequence[str] = ()) -> list[dict[str, str]]:
    """Write codelists and structures as messages of every version: all of them, or those that some dataflows need.

    Reference metadata about them follow as metadata messages. Gives one row a file. What a version cannot hold is left
    out of its message, is said, and stands in a file beside the messages.
    """
    sets = catalogue.metadata_about(session.catalogue, flows)
    artefacts = (
        catalogue.structures_for(session.catalogue, flows, sets)
        if flows
        else catalogue.structures_of(session.catalogue)
    )
    header = session.header("STRUCTURES")
    fitted = {name: fitting(FORMATS[name], artefacts, header) for name in STRUCTURE_FORMATS}
    files = {f"structures.{name}{FORMATS[name].suffix}": message.content for name, message in fitted.items()}
    files |= metadata_files(session, sets)
    rows = [
        {"format": file.split(".", 1)[1].rpartition(".")[0], "file": str(session.out / "structures" / file)}
        for file in files
    ]
    if any(message.left_out for message in fitted.values()):
        files[LEFT_OUT] = left_out({FORMATS[name].name: message for name, message in fitted.items()}).encode()
    session.put("structures", files)
    summary = f"{counted(len(artefacts), 'artefact')} in {counted(len(fitted), 'structure message')}"
    session.stage("build", f"{summary}, {counted(len(sets), 'metadata set')}" if sets else summary)
    for name, message in fitted.items():
        if message.left_out:
            ids = ", ".join(ref.id for ref, _ in message.left_out)
            session.say(f"  {FORMATS[name].name} cannot hold {ids}; why stands in {LEFT_OUT}.")
    return rows


def metadata_files(session: Session, sets: Sequence[MetadataSet]) -> dict[str, bytes]:
    """Reference metadata as a message of every version; none where there are no sets."""
    header = session.header("METADATA")
    forms = [FORMATS[name] for name in STRUCTURE_FORMATS if sets]
    return {
        f"metadata.{form.id}{form.suffix}": form.write_metadata(sets, header) for form in forms if form.write_metadata
    }


def left_out(fitted: Mapping[str, Fitted]) -> str:
    """A text in Markdown on what each message lacks, and why."""
    lines = ["# Left out", "", "What a version of SDMX cannot hold is not in its message; the others have it."]
    for name, message in fitted.items():
        if message.left_out:
            lines += [
                "",
                f"## {name}",
                "",
                *(f"- `{ref}`: {literal(reason)}" for ref, reason in message.left_out),
            ]
    return "\n".join(lines) + "\n"
