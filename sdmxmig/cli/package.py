"""``sdmxmig package``: sealed submissions."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, takes
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.stopping import FINDINGS, OK
from sdmxmig.cli.talk import next_step, show, show_json, show_list, stage
from sdmxmig.workspace.requests.line import PackageRequest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from sdmxmig.workspace.tasks.preflight import Condition
    from sdmxmig.workspace.tasks.session import Session


@click.command("package")
@in_workspace
@click.option("--check", is_flag=True, help="Seal nothing; list the conditions and the obstacles.")
@takes(PackageRequest)
@click.option("--zip", "archive", type=click.Path(path_type=Path), metavar="FILE", help="Also pack it into one file.")
@FORMAT_OPTION
def package_command(
    session: Session, request: PackageRequest, *, check: bool, archive: Path | None, listing_format: str
) -> int:
    """Seal the submission: data, structures and findings with header, manifest and the SHA-256 of each part.

    Formats, file names and codes are those of the receiver (structures/agencies/). Only validated data are sealed. Each
    submission has its own folder and is never replaced; the file submission/newest names the latest. With --check, the
    exit code is 1 if something prevents sealing.

    Errors prevent sealing. So do warnings without a reason (sdmxmig justify), figures that the receiver would refuse,
    and values without a code at the receiver, unless --override gives a reason. Manifest and letter state the reason.

    Create a key with: ssh-keygen -t ed25519 -f office-key. A passphrase is read from the variable
    SDMXMIG_KEY_PASSPHRASE. The same submission always gives the same archive.

    With a people.toml, a person with the role “sends” seals the submission after approval by a second person (sdmxmig
    approve).

    The cover letter is signed by --by NAME and by those who approved the submission. Without an approval, it is a draft
    with lines to sign and does not speak for the office.

    \b
    Examples:
      sdmxmig package mycountry
      sdmxmig package mycountry --check
      sdmxmig package mycountry --format json
      sdmxmig package mycountry --override "The office is closed until the deadline"
      sdmxmig package mycountry --key ~/office-key --zip submission.zip
      sdmxmig package mycountry --by reviewer
      sdmxmig package mycountry --now 2026-01-31T12:00:00
    """
    from sdmxmig.io.publishing.files import check_new
    from sdmxmig.workspace.tasks.approvals import remember_seal
    from sdmxmig.workspace.tasks.packaging import Sealing, package

    if check:
        return show_conditions(session, listing_format)
    if archive:
        check_new(archive, "--zip FILE")
    sealing = Sealing(
        by=request.by, override=request.override, key=private_key_in(Path(request.key)) if request.key else None
    )
    submission = package(session, sealing)
    remember_seal(session, submission.id, request.by)
    if archive:
        pack_into(session, submission.id, archive)
    parts = submission.parts
    show_list([{"part": part.name, "size": part.size, "sha256": part.sha256} for part in parts], listing_format)
    next_step("sdmxmig assess", session.workspace.folder)
    return OK


def private_key_in(path: Path) -> Ed25519PrivateKey:
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.transmission.sealing import PASSPHRASE, private_key

    return private_key(read_bytes(path), str(path), os.environ.get(PASSPHRASE, ""))


def pack_into(session: Session, name: str, archive: Path) -> None:
    from sdmxmig.io.publishing.files import staged
    from sdmxmig.workspace.results import SUBMISSION
    from sdmxmig.workspace.tasks.sealed_submissions import submission_in, write_archive

    with staged(archive, "--zip FILE") as file:
        write_archive(submission_in(session.out / SUBMISSION / name, name), file)
    stage("packed", str(archive))


def show_conditions(session: Session, listing_format: str) -> int:
    from sdmxmig.workspace.tasks.preflight import is_ready, preflight

    conditions = preflight(session)
    say_who_receives(session)
    if listing_format == "json":
        show_json([{**asdict(condition), "label": condition.label} for condition in conditions])
    else:
        show(*map(condition_line, conditions))
    return OK if is_ready(conditions) else FINDINGS


def condition_line(condition: Condition) -> str:
    """Write a condition, how often it is not met, and why.

    >>> from sdmxmig.workspace.tasks.preflight import BLOCKS, Condition
    >>> condition_line(Condition(name="errors", state=BLOCKS, count=2))
    '✕ No errors left (2)'
    """
    from sdmxmig.workspace.tasks.preflight import BLOCKS, MET, OPEN

    sign = {MET: "✓", OPEN: "!", BLOCKS: "✕"}[condition.state]
    number = f" ({condition.count:,})" if condition.count else ""
    reasons = f": {'; '.join(condition.reasons)}" if condition.reasons else ""
    return f"{sign} {condition.label}{number}{reasons}"


def say_who_receives(session: Session) -> None:
    agency = session.catalogue.agencies.get(session.workspace.receiver)
    if agency is None:  # this is one of the conditions
        return
    kinds = {"structures": agency.structure_format, "metadata": agency.metadata_format}
    taken = [f"data in {', '.join(agency.formats)}", *(f"{kind} in {name}" for kind, name in kinds.items() if name)]
    stage("receiver", f"{agency.id}: {agency.name} ({agency.status}: {agency.source})", done=False)
    stage("takes", "; ".join(taken), done=False)
    for transport in agency.transports:
        stage("by", f"{transport.kind}: {transport.note}", done=False)
