"""``sdmxmig package``: the submission folder."""

from __future__ import annotations

import click

from sdmxmig import __version__
from sdmxmig.cli.publishing import publish
from sdmxmig.cli.session import Session, in_workspace
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, show_list, stage
from sdmxmig.errors import SdmxmigError
from sdmxmig.model.submission import Part
from sdmxmig.places import Place

MANIFEST, CHECKSUMS = "manifest.json", "SHA256SUMS"


def package(session: Session) -> list[dict[str, object]]:
    """Seal data, structures and findings into a submission folder; gives one row a part."""
    from sdmxmig.cli.data_folder import read_findings
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.submission import checksums, manifest, part_of, submit

    report = session.out / "findings" / "findings.json"
    if not report.is_file():
        hint = f"Run first: sdmxmig validate {session.workspace.folder}"
        raise SdmxmigError("The data have not been validated.", Place(str(report.parent)), hint)
    parts = [
        *data_parts(session),
        structure_part(session),
        part_of(report.name, "application/json", read_bytes(report)),
    ]
    submission = submit(
        parts,
        read_findings(report),
        session.header(f"{session.workspace.area}_SUBMISSION"),
        area=session.workspace.area,
        agency=session.workspace.receiver,
        versions={"sdmxmig": __version__},
    )
    files = {f"{submission.id}/{part.name}": part.content for part in submission.parts}
    files[f"{submission.id}/{MANIFEST}"] = manifest(submission)
    files[f"{submission.id}/{CHECKSUMS}"] = checksums(submission)
    publish(session.out / "submission", files)
    stage("package", f"{submission.id}: {len(parts)} parts, verdict “{submission.verdict}”")
    return [{"part": part.name, "size": part.size, "sha256": part.sha256} for part in submission.parts]


def data_parts(session: Session) -> list[Part]:
    """The data messages that ``convert`` wrote, in the formats and by the names that the agency wants."""
    from sdmxmig.blanks import filled
    from sdmxmig.cli.data_folder import data_name, flows_on_disk
    from sdmxmig.formats import FORMATS
    from sdmxmig.intake.files import read_bytes
    from sdmxmig.submission import part_of

    agency = session.catalogue.agency(session.workspace.receiver)
    parts = []
    for name in agency.formats:
        form = FORMATS[name]
        for flow in flows_on_disk(session):
            content = read_bytes(session.out / "data" / data_name(flow, name))
            named = {
                "flow": flow,
                "area": session.workspace.area,
                "prepared": f"{session.now:%Y%m%d}",
                "suffix": data_name("", name).removeprefix("."),
            }
            file = filled(agency.file_name, named)
            parts.append(part_of(f"data/{file}", form.data_media_type, content))
    return parts


def structure_part(session: Session) -> Part:
    """The structures of the data as one message: only our own, since others' lists are their owners' to send."""
    from sdmxmig.catalogue import structures_for
    from sdmxmig.cli.data_folder import flows_on_disk
    from sdmxmig.formats import FORMATS, structure_bytes
    from sdmxmig.submission import part_of

    needed = structures_for(session.catalogue, flows_on_disk(session))
    own = [one for one in needed if one.ref.agency == "SDMXMIG"]
    form = FORMATS["sdmx-ml-3.0"]
    content = structure_bytes(form, own, session.header("STRUCTURES"))
    return part_of(f"structures.sdmx-ml-3.0{form.suffix}", form.structure_media_type, content)


@click.command("package")
@in_workspace
@FORMAT_OPTION
def package_command(session: Session, output: str) -> None:
    """Seal the submission: data, structures and findings with header, manifest and SHA-256 of every part.

    \b
    Examples:
      sdmxmig package mycountry
      sdmxmig package mycountry --format json
      sdmxmig package mycountry --now 2026-01-31T12:00:00
    """
    show_list(package(session), output)
    next_step("sdmxmig assess", session.workspace.folder)
