"""Commands for submissions and deliveries: package, verify, send, status, receipts and withdraw."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION, add_request_options, pass_reading_session, pass_session
from sdmxmig.cli.terminal import FINDINGS, OK, next_step, say, show, show_json, show_list, stage
from sdmxmig.workspace.requests.tasks import PackageRequest, SendRequest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from sdmxmig.workspace.tasks.preflight import Condition
    from sdmxmig.workspace.tasks.revising import AcceptedComparison
    from sdmxmig.workspace.tasks.session import Session
    from sdmxmig.workspace.tasks.verifying import Verification


@click.command("package")
@pass_session
@click.option("--check", is_flag=True, help="List the conditions and the obstacles without sealing.")
@add_request_options(PackageRequest)
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
    and values without a code at the receiver, unless --override gives a reason. Both the manifest and the letter state
    this reason.

    Create a key with: ssh-keygen -t ed25519 -f office-key. A passphrase is read from the variable
    SDMXMIG_KEY_PASSPHRASE. The same submission always gives the same archive.

    With a people.toml, a person with the role “sends” seals the submission after approval by a second person (sdmxmig
    approve).

    The cover letter is signed by --by NAME and by those who approved the submission. Without an approval, it is a draft
    with signature lines and does not represent the office.

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
    from sdmxmig.workspace.tasks.approvals import record_seal
    from sdmxmig.workspace.tasks.packaging import package

    if check:
        return show_conditions(session, listing_format)
    if archive:
        check_new(archive, "--zip FILE")
    submission = package(session, request, key=read_private_key(Path(request.key)) if request.key else None)
    record_seal(session, submission.id, request.by)
    if archive:
        pack_into(session, submission.id, archive)
    parts = submission.parts
    show_list([{"part": part.name, "size": part.size, "sha256": part.sha256} for part in parts], listing_format)
    if session.workspace.way:
        next_step("sdmxmig send", session.workspace.folder)
    else:
        next_step("open", session.path("submission") / submission.id)
    return OK


def read_private_key(path: Path) -> Ed25519PrivateKey:
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.transmission.sealing import PASSPHRASE, read_private_key

    return read_private_key(read_bytes(path), str(path), os.environ.get(PASSPHRASE, ""))


def pack_into(session: Session, name: str, archive: Path) -> None:
    from sdmxmig.io.publishing.files import stage_file
    from sdmxmig.workspace.results import SUBMISSION
    from sdmxmig.workspace.tasks.sealed_submissions import find_submission, write_archive

    with stage_file(archive, "--zip FILE") as file:
        write_archive(find_submission(session.out / SUBMISSION / name, name), file)
    stage("packed", str(archive))


def show_conditions(session: Session, listing_format: str) -> int:
    from sdmxmig.workspace.tasks.preflight import is_ready, list_requirements

    conditions = list_requirements(session)
    show_receiver(session)
    if listing_format == "json":
        show_json([{**asdict(condition), "label": condition.label} for condition in conditions])
    else:
        show(*map(write_condition, conditions))
    return OK if is_ready(conditions) else FINDINGS


def write_condition(condition: Condition) -> str:
    """Write a requirement with the number of failures and their reasons.

    >>> from sdmxmig.workspace.tasks.preflight import BLOCKS, Condition
    >>> write_condition(Condition(name="errors", state=BLOCKS, count=2))
    '✕ No errors left (2)'
    """
    from sdmxmig.workspace.tasks.preflight import BLOCKS, MET, OPEN

    sign = {MET: "✓", OPEN: "!", BLOCKS: "✕"}[condition.state]
    number = f" ({condition.count:,})" if condition.count else ""
    reasons = f": {'; '.join(condition.reasons)}" if condition.reasons else ""
    return f"{sign} {condition.label}{number}{reasons}"


def show_receiver(session: Session) -> None:
    agency = session.catalogue.agencies.get(session.workspace.receiver)
    if agency is None:  # this is one of the conditions
        return
    kinds = {"structures": agency.structure_format, "metadata": agency.metadata_format}
    taken = [f"data in {', '.join(agency.formats)}", *(f"{kind} in {name}" for kind, name in kinds.items() if name)]
    stage("receiver", f"{agency.id}: {agency.name} ({agency.status}: {agency.source})", done=False)
    stage("takes", "; ".join(taken), done=False)
    for transport in agency.transports:
        stage("by", f"{transport.kind}: {transport.note}", done=False)


@click.command("verify")
@click.argument("submission", type=click.Path(path_type=Path))
@click.option(
    "--id", "announced", default=None, help="The announced id.  [default: the name of the folder, if it is an id]"
)
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="The public key of the sender.")
@FORMAT_OPTION
def verify_command(submission: Path, announced: str | None, key: Path | None, listing_format: str) -> int:
    """Check that SUBMISSION, a folder or its archive, is unchanged since it was sealed: manifest, checksums and parts.

    Exit code 0: unchanged. 1: something was changed, added, removed or renamed. 2: this is not a submission.

    If the folder has another name, give the expected id with --id. Without --id, the content is
    only compared with its own manifest. If the folder is named after another submission, verification fails.

    The id contains the first digits of the hash of the manifest, and the manifest contains the hashes of all parts. A
    person who changes the manifest can also compute new checksums and rename the folder. To detect this, give an id or
    a public key that you received separately (--id, --key).

    \b
    Examples:
      sdmxmig verify mycountry/out/submission/GE-UNSD-0123456789abcdef0123
      sdmxmig verify received.zip --key office-key.pub
      sdmxmig verify received --id GE-UNSD-0123456789abcdef0123
      sdmxmig verify received --format json
    """
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.transmission.sealing import read_public_key
    from sdmxmig.workspace.tasks.verifying import verify

    if announced == "":  # as from an unset variable: any id would be accepted
        raise click.UsageError("--id is empty: name the id that was announced, or leave it out.")
    verification = verify(submission, announced or "", key=read_public_key(read_bytes(key), str(key)) if key else None)
    differences, expected = verification.differences, verification.expected
    if listing_format == "json":
        show_list([{"difference": difference} for difference in differences], listing_format)
    else:
        show(*differences)
    if differences:
        say(f"✕ not intact: {len(differences)} {'difference' if len(differences) == 1 else 'differences'}")
        if expected and not announced:
            say(
                f"The expected id {expected} is the folder name. If the folder was renamed, add the announced id: --id."
            )
        return FINDINGS
    stage("intact", f"{verification.id}: {verification.parts} parts")
    state_certainty(submission, verification)
    return OK


def state_certainty(submission: Path, verification: Verification) -> None:
    signed_by = verification.signed_by
    if signed_by and verification.is_checked:
        say(f"It is signed with the key {signed_by}, which matches --key.")
    elif signed_by:
        say(f"It states a signature with the key {signed_by}. To verify it, add --key with the public key.")
    if verification.has_other_packing:
        say("The archive was packed by another program, or something other than its files was changed.")
        say("The files themselves have not changed since they were sealed.")
    if not verification.expected and not verification.is_checked:
        say(
            f"The folder name {submission.resolve().name} is not an id. The content matches its own manifest,"
            " but that does not show who made it."
        )
        say("Compare this id with the announced id, or give the announced id with --id.")


@click.command("send")
@pass_reading_session
@add_request_options(SendRequest)
@click.option("--dry-run", is_flag=True, help="Show the messages and the changes at the receiver without sending.")
@click.option("--resume", is_flag=True, help="Send to a paused receiver again, once the cause is corrected.")
@FORMAT_OPTION
def send_command(session: Session, request: SendRequest, *, dry_run: bool, resume: bool, listing_format: str) -> int:
    """Queue the newest sealed submission for its receiver, and send everything that is ready.

    A queued submission is kept in deliveries/ of the workspace, and this command resumes it after any interruption.
    Each submission is sent once. If its arrival is uncertain, it is not sent again until the receiver, or you,
    confirm that it is missing.

    The command first lists the differences from the data that the receiver has accepted; --dry-run lists each
    observation. With --action, the receiver gets all data (replace), new observations (append), new and changed
    observations (merge), or deletions (delete; confirm their number with --deletions). Only delete removes data.
    structures/agencies/ declares the actions that a receiver accepts.

    Data older than the accepted or queued data need --older; withdrawn submissions need --again.

    country.toml declares the delivery under [receiver.delivery]. The exit code is 1 if a delivery waits for you or has
    not arrived yet.

    \b
    Examples:
      sdmxmig send mycountry --dry-run
      sdmxmig send mycountry
      sdmxmig send mycountry --action merge
      sdmxmig send mycountry --action delete --deletions 3
      sdmxmig send mycountry --submission GE-UNSD-0123456789abcdef0123
      sdmxmig send mycountry --submission GE-UNSD-0123456789abcdef0123 --older
      sdmxmig send mycountry --resume
    """
    from sdmxmig.sdmx.model.delivery import READY
    from sdmxmig.workspace.tasks import delivering, delivery_setup, dispatch_confirmations
    from sdmxmig.workspace.tasks.revising import DELETED, build_change_rows

    if dry_run:
        delivery_setup.check_route(session)
        way, chosen = delivery_setup.find_route(session), delivering.choose_delivery(session, request.submission)
        how = f" ({request.action})" if request.action else ""
        stage("would send", f"{chosen.id} to {chosen.receiver}: {way.transport}, {way.address}{how}", done=False)
        comparison = report_changes(session, request)
        report_unconfirmed(session, request, comparison)
        show_list(list(build_change_rows(comparison)) if comparison.since else [], listing_format)
        return OK
    if resume:
        delivering.resume(session, by=request.by)
    comparison = report_changes(session, request)
    if request.older or request.again:
        report_unconfirmed(session, request, comparison)
    if request.action == "delete":
        show_list(list(build_change_rows(comparison, [DELETED])), listing_format)
    for promised in delivering.queue_submission(session, request, comparison):
        parcel = promised.parcel
        sentence = f"{parcel.name.removesuffix('.zip')} to {parcel.target}, as {promised.id[:12]}"
        if promised.state == READY:
            stage("queued", sentence)
        else:
            stage(promised.state, f"{sentence}: not queued again", done=False)
    for dispatch in delivering.deliver(session):
        stage(dispatch.state, f"{dispatch.id[:12]} {dispatch.reason}".rstrip(), done=dispatch.state in delivering.THERE)
    dispatch_confirmations.keep_accepted(session)
    standing = delivering.read_delivery_status(session)
    if standing.paused:
        say(f"! Sending to {session.workspace.receiver} is paused: {standing.paused}")
        next_step("sdmxmig send --resume", session.workspace.folder)
        return FINDINGS
    if any(dispatch.state in delivering.OPEN_STATES for dispatch in standing.dispatches):
        next_step("sdmxmig status", session.workspace.folder)
        return FINDINGS
    return OK


def report_changes(session: Session, request: SendRequest) -> AcceptedComparison:
    from sdmxmig.workspace.tasks import delivering
    from sdmxmig.workspace.tasks.revising import compare_with_accepted, describe_differences

    comparison = compare_with_accepted(session, delivering.choose_delivery(session, request.submission))
    since = f"since {comparison.since}" if comparison.since else "no data were accepted before"
    for sentence in describe_differences(comparison):
        stage("compared", f"{sentence} ({since})", done=False)
    if comparison.deleted and request.action != "delete":
        say(f"! Removed figures stay at the receiver ({comparison.deleted:,}). Delete them with --action delete.")
    return comparison


def report_unconfirmed(session: Session, request: SendRequest, comparison: AcceptedComparison) -> None:
    from sdmxmig.workspace.tasks import delivering
    from sdmxmig.workspace.tasks.dispatch_confirmations import describe_newer_data, describe_withdrawal, list_withdrawn

    submission = delivering.choose_delivery(session, request.submission)
    if newer := delivering.find_newer_data(session, request, comparison):
        say(f"! {describe_newer_data(submission, newer)}")
    for withdrawn in list_withdrawn(submission, delivering.list_sent_before(session, submission)):
        say(f"! {describe_withdrawal(withdrawn)}")


MAX_BYTES = 10_000_000


@click.command("status")
@pass_reading_session
@click.option("--settle", metavar="ID", help="Record the result of this delivery.")
@click.option(
    "--as",
    "state",
    type=click.Choice(["received", "accepted", "rejected", "ready"]),
    help="Received, accepted, rejected, or missing (then it is sent again).",
)
@click.option("--because", default="", metavar="TEXT", help="The source of the result.")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The answer of the receiver; it is kept unchanged.",
)
@click.option("--reconcile", is_flag=True, help="Ask the receiver for its data and list the differences.")
@BY_OPTION
@FORMAT_OPTION
def status_command(
    session: Session,
    *,
    settle: str | None,
    state: str | None,
    because: str,
    receipt: Path | None,
    reconcile: bool,
    by: str,
    listing_format: str,
) -> int:
    """Show the state of each delivery of a workspace, and which deliveries wait for you.

    ready: will be sent with the next sdmxmig send. waiting: in uploads/, for delivery by hand. sent: being processed by
    the receiver. received: at the receiver. accepted, rejected: the decision of the receiver. uncertain: arrival
    unknown. dead: all attempts used. The exit code is 1 if a delivery waits for you, or if the journal was altered.

    Many receivers answer by letter only: record the answer with --settle. Accepted submissions are copied to accepted/
    of the workspace; later data are compared with them.

    With --reconcile, the receiver is asked for everything that was sent to it and, for a folder or SFTP, for anything
    else there. The answer settles uncertain deliveries. Other differences are listed: missing submissions, and files
    that were not sent from here. The exit code is then 1.

    \b
    Examples:
      sdmxmig status mycountry
      sdmxmig status mycountry --reconcile
      sdmxmig status mycountry --format json
      sdmxmig status mycountry --settle 0123abcd --as received --because "Their portal lists it."
      sdmxmig status mycountry --settle 0123abcd --as received --because "Uploaded." --receipt page.pdf
      sdmxmig status mycountry --settle 0123abcd --as accepted --because "Their letter of 3 March."
    """
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks import delivering, dispatch_confirmations
    from sdmxmig.workspace.tasks.sealed_submissions import list_submissions

    if receipt and settle is None:
        raise click.UsageError("--receipt needs --settle.")
    if settle is not None:
        if state is None or not because:
            raise click.UsageError("--settle needs --as and --because.")
        content = read_bytes(receipt, limit=MAX_BYTES) if receipt else b""
        settled = delivering.settle(session, settle, state=state, reason=because, receipt=content, by=by)
        stage("settled", f"{settled.id[:12]} is {settled.state}")
    if reconcile:
        return show_reconciled(session, listing_format)
    dispatch_confirmations.keep_accepted(session)
    standing = delivering.read_delivery_status(session)
    for dispatch in standing.cut:
        say(f"! {dispatch.id[:12]} is uncertain: {dispatch.reason} sdmxmig send continues after its waiting time.")
    show_list([delivering.build_row(dispatch) for dispatch in standing.dispatches], listing_format)
    if not standing.dispatches:
        say("There are no deliveries yet.")
        next_step("sdmxmig send" if list_submissions(session) else "sdmxmig package", session.workspace.folder)
    if standing.paused:
        say(f"! Sending to {session.workspace.receiver} is paused: {standing.paused}")
    if standing.altered_line:
        say(f"! The journal of deliveries was changed, starting at line {standing.altered_line}.")
    waits = any(dispatch.needs_person for dispatch in standing.dispatches)
    return FINDINGS if waits or standing.cut or standing.paused or standing.altered_line else OK


def show_reconciled(session: Session, listing_format: str) -> int:
    from sdmxmig.transmission.delivery.sending import UNEXPECTED_RESULTS
    from sdmxmig.workspace.tasks import delivering, dispatch_confirmations

    reconciled = delivering.reconcile(session)
    dispatch_confirmations.keep_accepted(session)
    show_list([delivering.build_reconciled_row(each) for each in reconciled], listing_format)
    return FINDINGS if any(each.verdict in UNEXPECTED_RESULTS for each in reconciled) else OK


@click.command("receipts")
@pass_reading_session
@click.option("--of", "name", default="", metavar="ID", help="The answer to this delivery.")
@click.option("--to", type=click.Path(path_type=Path), default=Path("-"), metavar="FILE", help="The file to write.")
@FORMAT_OPTION
def receipts_command(session: Session, *, name: str, to: Path, listing_format: str) -> None:
    """List the answers of receivers with their SHA-256; with --of, show one answer.

    Answers are kept unchanged and are never replaced.

    \b
    Examples:
      sdmxmig receipts mycountry
      sdmxmig receipts mycountry --of 0123abcd
      sdmxmig receipts mycountry --of 0123abcd --to receipt.xml
    """
    from sdmxmig.io.publishing.files import open_result
    from sdmxmig.workspace.tasks import delivering

    if name:
        with open_result(to, "", "--to FILE") as file:
            file.write(delivering.find_receipt(session, name))
        return
    answered = [dispatch for dispatch in delivering.read_delivery_status(session).dispatches if dispatch.receipt]
    show_list([delivering.build_row(dispatch) | {"sha256": dispatch.receipt} for dispatch in answered], listing_format)


@click.command("withdraw")
@pass_reading_session
@click.argument("dispatch", metavar="DELIVERY")
@click.option("--because", required=True, metavar="TEXT", help="The reason; it is kept in the journal.")
@BY_OPTION
def withdraw_command(session: Session, dispatch: str, because: str, by: str) -> None:
    """Cancel a delivery that has not been sent yet, or whose arrival is unknown.

    Data at the receiver can only be replaced by another submission, or withdrawn there.

    \b
    Examples:
      sdmxmig withdraw mycountry 0123abcd --because "The figures of 2024 are revised first."
      sdmxmig withdraw mycountry 0123abcd --because "Sent by mistake."
      sdmxmig withdraw . 0123abcd --because "Another submission takes its place."
      sdmxmig withdraw mycountry 0123abcd --because "Sent by mistake." --by reviewer
    """
    from sdmxmig.workspace.tasks import delivering

    withdrawn = delivering.withdraw(session, dispatch, because, by=by)
    stage("withdrawn", withdrawn.id[:12])
