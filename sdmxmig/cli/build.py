"""``sdmxmig build``: the structure messages."""

from __future__ import annotations

import click

from sdmxmig.cli.publishing import publish
from sdmxmig.cli.session import Session, in_workspace
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, show_list, stage

STRUCTURE_FORMATS = ("sdmx-ml-2.1", "sdmx-ml-3.0")


def build(session: Session) -> list[dict[str, str]]:
    """Write all artefacts as structure messages; gives one row a file."""
    from sdmxmig.catalogue import structures_of
    from sdmxmig.formats import FORMATS, structure_bytes

    artefacts = structures_of(session.catalogue)
    files = {}
    for name in STRUCTURE_FORMATS:
        form = FORMATS[name]
        files[f"structures.{name}{form.suffix}"] = structure_bytes(form, artefacts, session.header("STRUCTURES"))
    folder = session.out / "structures"
    publish(folder, files)
    stage("build", f"{len(artefacts)} artefacts in {len(files)} structure messages")
    return [{"format": name, "file": str(folder / file)} for name, file in zip(STRUCTURE_FORMATS, files, strict=True)]


@click.command("build")
@in_workspace
@FORMAT_OPTION
def build_command(session: Session, output: str) -> None:
    """Write codelists, concepts, data structures and dataflows as SDMX-ML 2.1 and 3.0.

    \b
    Examples:
      sdmxmig build mycountry
      sdmxmig build mycountry --out result
      sdmxmig build mycountry --format json
    """
    show_list(build(session), output)
    next_step("sdmxmig convert", session.workspace.folder)
